"""Second pass: write the documents of new transactions and derive what follows from them.

One remittance is one unit of work, and so are all transactions of one payment in a file: the
database transaction is committed only where none of them is half-way.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.balancing import claim_payment_proves
from medcollect.bookkeeping.acknowledgements import keep_sent
from medcollect.bookkeeping.cases import payer_key
from medcollect.bookkeeping.closure import Closure, practice_of
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.later_claims import keep_later_claims
from medcollect.bookkeeping.letters import sent_keys, transaction_columns
from medcollect.bookkeeping.links import NewRows
from medcollect.bookkeeping.remittances import REISSUED, keep_remittances, remittance_row
from medcollect.bookkeeping.scan import Scanned
from medcollect.bookkeeping.takebacks import claims_named, keep_references
from medcollect.findings import Finding
from medcollect.matching.docs import ClaimDoc, PaymentDoc
from medcollect.matching.keys import own_and_loose_keys, payment_keys
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.opening import OPENING_KIND, OPENING_SORT
from medcollect.model.remittance import ClaimPayment
from medcollect.store import facts
from medcollect.store.engine import allocate, bulk_load
from medcollect.store.tables import claim_documents, claim_payments, remittances, transactions


class Intake:
    """Rows of one batch, in memory until they are flushed into one database transaction."""

    def __init__(
        self,
        connection: sa.Connection,
        import_id: int,
        today: date,
        *,
        answers_follow: bool = False,
    ) -> None:
        """``answers_follow``: claims are kept, and judged with their answers (``later_claims``)."""
        self.answers_follow = answers_follow
        self.connection = connection
        self.import_id = import_id
        self.today = today
        self.size = 0
        self.findings: list[Finding] = []
        self._transactions: list[tuple[Any, ...]] = []
        self._remittances: list[dict[str, Any]] = []
        self._payments: list[tuple[Scanned, int, ClaimPayment, str]] = []
        self._claims: list[tuple[int, ClaimsHeader, str, Claim]] = []
        self._sent: list[tuple[int, list[str]]] = []

    def open_transaction(self, scanned: Scanned, file_id: int, status: str) -> int:
        """Note a transaction; returns its id."""
        transaction_id = allocate(self.connection, transactions, 1)
        transaction = scanned.transaction
        columns = transaction_columns(transaction, scanned.sent)
        self._transactions.append(
            (
                transaction_id,
                self.import_id,
                file_id,
                transaction.kind,
                transaction.index,
                transaction.segment,
                scanned.fingerprint,
                status,
                *columns,
            )
        )
        self._sent.append((transaction_id, sent_keys(transaction.kind, columns)))
        return transaction_id

    def open_remittance(self, scanned: Scanned, transaction_id: int, status: str) -> None:
        """Note a remittance with what the first pass found."""
        self._remittances.append(remittance_row(scanned, transaction_id, self.import_id, status))

    def add_payment(
        self, scanned: Scanned, transaction_id: int, payment: ClaimPayment, status: str
    ) -> None:
        """Note a claim payment of an open remittance."""
        self._payments.append((scanned, transaction_id, payment, status))
        self.size += 1

    def add_claim(
        self, header: ClaimsHeader, fingerprint: str, transaction_id: int, claim: Claim
    ) -> None:
        """Note a claim document of an open transaction."""
        self._claims.append((transaction_id, header, fingerprint, claim))
        self.size += 1

    def flush(self) -> None:
        """Write everything noted and derive what follows."""
        bulk_load(self.connection, transactions, self._transactions)
        names = [column.name for column in remittances.columns]
        rows = [tuple(row[n] for n in names) for row in self._remittances]
        bulk_load(self.connection, remittances, rows)
        keep_remittances(self.connection, self._remittances, self.import_id, self.today)
        keep_references(self.connection, self._remittances)
        closure = Closure(self.connection)
        documents: NewRows = {}
        payments: NewRows = {}
        closure.add_claims(keep_sent(self.connection, self._sent, self.import_id))
        closure.add_claims(claims_named(self.connection, self._remittances))
        new_claims = self._number_claims(documents)
        closure.add_payments(self._number_payments(payments))
        if self.answers_follow and documents and not payments and not closure.claims:
            keep_later_claims(self.connection, documents)
            new_claims = []
        closure.add_documents(new_claims)
        if closure.documents or closure.payments or closure.claims or payments:
            closure.complete()
            found = derive(
                self.connection,
                closure,
                import_id=self.import_id,
                today=self.today,
                new_documents=documents,
                new_payments=payments,
            )
            self.findings += found.findings
        self._transactions, self._remittances = [], []
        self._payments, self._claims, self._sent, self.size = [], [], [], 0

    def _number_claims(self, new: NewRows) -> list[ClaimDoc]:
        """Number the claim documents and write their keys."""
        if not self._claims:
            return []
        first = allocate(self.connection, claim_documents, len(self._claims))
        docs = []
        for doc_id, (transaction_id, header, fingerprint, claim) in enumerate(self._claims, first):
            key = sort_key(header, claim, fingerprint)
            own, loose = own_and_loose_keys(claim)
            docs.append(ClaimDoc(doc_id, claim, own, key, None, "", loose))
            new[doc_id] = document_row(doc_id, transaction_id, claim, key)
        keys = [(doc.id, doc.keys) for doc in docs]
        facts.save_keys(self.connection, facts.CLAIM_OWNER, keys)
        return docs

    def _number_payments(self, new: NewRows) -> list[PaymentDoc]:
        """Number the claim payments and write their keys.

        Those of re-issued payments get no keys and do not post.
        """
        if not self._payments:
            return []
        first = allocate(self.connection, claim_payments, len(self._payments))
        docs = []
        for doc_id, (scanned, remittance, payment, status) in enumerate(self._payments, first):
            held = hold_of(payment, scanned.held)
            new[doc_id] = payment_row(doc_id, remittance, payment, held)
            if status != REISSUED:
                docs.append(payment_doc(doc_id, remittance, payment, scanned, held))
        keys = [(doc.id, doc.keys) for doc in docs]
        facts.save_keys(self.connection, facts.PAYMENT_OWNER, keys)
        return docs


def sort_key(header: ClaimsHeader, claim: Claim, fingerprint: str) -> str:
    """The order of claim documents: when made, originals before replacements, then content.

    Opening balances come first: what was sent says more of the claim.
    """
    frequency = claim.frequency if claim.frequency in {"7", "8"} else "0"
    made = f"{facts.iso(header.created_date)}T{header.created_time}"
    if header.transaction.kind == OPENING_KIND:
        made = OPENING_SORT + made
    return f"{made}|{frequency}|{fingerprint[:16]}|{claim.position:06d}"


def hold_of(payment: ClaimPayment, remittance_held: str) -> str:
    """Why a claim payment must not post, else empty text."""
    if remittance_held:
        return f"remittance:{remittance_held}"
    if payment.unreadable:
        return "an amount cannot be read"
    return "" if claim_payment_proves(payment) else "charge less adjustments is not the payment"


def document_row(doc_id: int, transaction_id: int, claim: Claim, key: str) -> dict[str, Any]:
    """A claim document's row before it is grouped."""
    return {
        "id": doc_id,
        "transaction_id": transaction_id,
        "claim_id": None,
        "position": claim.position,
        "segment": claim.segment,
        "patient_control_number": claim.patient_control_number,
        "sort_key": key,
        "charge_cents": claim.charge_cents,
        "document": facts.encode_claim(claim),
    }


def payment_row(doc_id: int, remittance: int, payment: ClaimPayment, held: str) -> dict[str, Any]:
    """A claim payment's row before matching."""
    return {
        "id": doc_id,
        "remittance_id": remittance,
        "claim_id": None,
        "position": payment.position,
        "segment": payment.segment,
        "patient_control_number": payment.patient_control_number,
        "status_code": payment.status,
        "charge_cents": payment.charge_cents,
        "paid_cents": payment.paid_cents,
        "held": held,
        "outcome": "held" if held else "exception",
        "match_rule": "",
        "match_score": 0,
        "match_reasons": "{}",
        "document": facts.encode_payment(payment),
    }


def payment_doc(
    doc_id: int, remittance: int, payment: ClaimPayment, scanned: Scanned, held: str
) -> PaymentDoc:
    """A claim payment as matching and posting take it."""
    header = scanned.header
    assert header is not None  # noqa: S101 - claim payments stand in remittances only
    return PaymentDoc(
        id=doc_id,
        remittance=remittance,
        payment=payment,
        keys=tuple(payment_keys(payment)),
        payment_date=header.payment_date,
        place=(scanned.transaction.index, payment.position),
        fingerprint=scanned.fingerprint,
        payer_key=payer_key(header.payer, header.payer_trace_id),
        payer_name=header.payer.last_name,
        practice_key=practice_of(header.payee.id),
        held=held,
    )
