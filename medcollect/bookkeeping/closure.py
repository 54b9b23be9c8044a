"""Everything that new facts touch: the documents that share keys with them, from the book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.letters import decode_status
from medcollect.ids import name
from medcollect.matching.claims import SURE_SCORE
from medcollect.matching.docs import ClaimDoc, PaymentDoc, WriteOff
from medcollect.matching.keys import (
    is_lost,
    is_weak,
    loose_keys,
    may_be_cut,
    number_key,
    own_and_loose_keys,
    patient_name,
    payment_keys,
    service_dates,
)
from medcollect.matching.statuses import StatusDoc
from medcollect.store import facts
from medcollect.store.correspondence import any_status, load_letters, statuses_of_claims
from medcollect.store.policies import newest
from medcollect.store.written import any_written, written_links

#: How the kind of a decision to give money up begins; the kind of write-off follows.
WRITE_OFF_DECISION = "write_off:"

#: Why a payment that a person took back does not post.
TAKEN_BACK = "taken back by a person"

#: A payer's number or a visit shared by more documents than this ties nothing together.
_SHARED_MOST = 200

#: So many documents may carry one patient control number; more wait for a person.
_NUMBER_SHARED_MOST = 5_000


class Closure:
    """The claim documents and claim payments that must be judged together."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.documents: dict[int, ClaimDoc] = {}
        self.payments: dict[int, PaymentDoc] = {}
        #: Claims to be judged anew although no document at hand says so (all of theirs are undone).
        self.claims: set[int] = set()
        #: Numbers that too many documents carry to be judged by rule.
        self.crowded: set[str] = set()
        self._claims_open: set[int] = set()
        self._claims_done: set[int] = set()
        self._keys_done: set[str] = set()
        self._keys_open: set[str] = set()
        self._loose_done: set[str] = set()
        self._loose_open: set[str] = set()
        #: Keys of claim documents at hand: a payment with one of them needs no wider search.
        self._claim_keys: set[str] = set()
        self._weak_open: dict[int, PaymentDoc] = {}
        self._weak_statuses: list[StatusDoc] = []
        self._with_decisions = facts.any_decisions(connection)
        self._with_documents = facts.any_claim_documents(connection)
        #: What 277CA, 277 and 276 say of claims.
        self.statuses: dict[int, StatusDoc] = {}
        self._statuses_open: set[int] = set()
        self._with_statuses = any_status(connection)
        self._with_written = any_written(connection)
        #: What everything in the closure is judged under.
        self.policies = newest(connection).policies

    def add_documents(self, documents: Iterable[ClaimDoc]) -> None:
        """Add claim documents and note their keys."""
        for document in self._linked([*documents]):
            self.documents[document.id] = document
            if document.prior_claim is not None:
                self._claims_open.add(document.prior_claim)
            self._keys_open.update(document.keys)
            self._claim_keys.update(document.keys)
            self._loose_open.update(document.loose or loose_keys(document.claim))

    def _linked(self, documents: list[ClaimDoc]) -> list[ClaimDoc]:
        """The documents with those they were written from, whose numbers are followed too."""
        if not self._with_written:
            return documents
        rows = written_links(self.connection, [d.sort_key for d in documents])
        for row in rows:
            numbers = {row.number_key, row.source_number_key} - {""}
            self._keys_open.update(f"P:{number}" for number in numbers)
        sources = {row.sort_key: row.source_sort_key for row in rows}
        return [
            msgspec.structs.replace(d, same_as=sources[d.sort_key]) if d.sort_key in sources else d
            for d in documents
        ]

    def add_payments(self, payments: Iterable[PaymentDoc]) -> None:
        """Add claim payments and note their keys."""
        for payment in payments:
            self.payments[payment.id] = payment
            if payment.prior_claim is not None:
                self._claims_open.add(payment.prior_claim)
            number = payment.payment.patient_control_number
            own = f"P:{number_key(number)}" if may_be_cut(number) else ""
            self._keys_open.update(k for k in payment.keys if k != own and not k.startswith("D:"))
            if own:
                # other claims' payments may be cut to the same number: those that found theirs stay
                self._loose_open.add(own)
            if is_weak(number):
                self._weak_open[payment.id] = payment

    def add_statuses(self, statuses: Iterable[StatusDoc]) -> None:
        """Add what was said of claims and note its keys."""
        for status in statuses:
            self._with_statuses = True
            self.statuses[status.id] = status
            claims = {status.prior_claim, status.to_claim} - {None}
            self._claims_open.update(claim for claim in claims if claim is not None)
            self._keys_open.update(status.keys)
            if may_be_cut(status.status.patient_control_number):
                self._weak_statuses.append(status)

    def add_claims(self, claims: Sequence[int]) -> None:
        """Add everything that now belongs to these claims."""
        self.claims.update(claims)
        if self._with_statuses:
            self._statuses_open.update(statuses_of_claims(self.connection, claims))
        self._load(
            facts.documents_of_claims(self.connection, claims),
            facts.payments_of_claims(self.connection, claims),
        )

    def load_documents(self, documents: Sequence[int]) -> None:
        """Add claim documents of the book."""
        self._load(documents, [])

    def load_payments(self, payments: Sequence[int]) -> None:
        """Add claim payments of the book."""
        self._load([], payments)

    def add_keys(self, keys: Iterable[str]) -> None:
        """Add everything that shares one of these keys."""
        self._keys_open.update(keys)

    def complete(self) -> None:
        """Follow keys and claims until nothing new turns up: claims are judged whole."""
        while True:
            self._follow_claims()
            self._follow_statuses()
            keys, self._keys_open = self._keys_open - self._keys_done, set()
            loose, self._loose_open = self._loose_open - self._loose_done, set()
            self._keys_done |= keys
            self._loose_done |= loose
            wanted = set(self._sharing(sorted(keys), sorted(loose)))
            if not keys and not loose:
                wanted = set(self._searched_wider())
                if not wanted and not self._statuses_open:
                    return
            documents = {d for owner, d in wanted if owner == facts.CLAIM_OWNER}
            payments = {d for owner, d in wanted if owner == facts.PAYMENT_OWNER}
            self._statuses_open |= {d for owner, d in wanted if owner == facts.STATUS_OWNER}
            self._load(sorted(documents), sorted(payments))

    def _searched_wider(self) -> Iterable[tuple[str, int]]:
        """Claims that payments may mean whose number fails to name one: lost, or cut off.

        Asked only for payments that share no key with a claim at hand.
        """
        weak, self._weak_open = self._weak_open, {}
        statuses, self._weak_statuses = self._weak_statuses, []
        if not self._with_documents:
            return
        found: list[int] = []
        for payment in weak.values():
            if not self._claim_keys.intersection(payment.keys):
                found += self._claims_like(payment)
        for status in statuses:
            if not self._claim_keys.intersection(status.keys):
                number = number_key(status.status.patient_control_number)
                found += self._beginning(f"P:{number}") or ()
        yield from ((facts.CLAIM_OWNER, document) for document in found)

    def _beginning(self, key: str) -> list[int] | None:
        """Claim documents with a key that begins so, unless there are too many."""
        return facts.documents_beginning(self.connection, key, most=_SHARED_MOST)

    def _claims_like(self, payment: PaymentDoc) -> Iterable[int]:
        """Claim documents by the beginning of the number, by member and day, by name and day."""
        number = payment.payment.patient_control_number
        days = {key[2:] for key in payment.keys if key.startswith("D:")}
        beginnings = [f"V:{day}|" for day in sorted(days)]
        if may_be_cut(number):
            beginnings.append(f"P:{number_key(number)}")
        for beginning in beginnings:
            found = self._beginning(beginning)
            if found is None:
                self.crowded.update(key for key in payment.keys if key in beginning)
            yield from found or ()
        name = patient_name(payment.payment)
        if is_lost(number) and name:
            first_day, _ = service_dates(payment.payment)
            yield from facts.documents_of_patient(
                self.connection, f"{payment.practice_key}|{name}|", first_day
            )

    def _sharing(self, keys: Sequence[str], loose: Sequence[str]) -> Iterable[tuple[str, int]]:
        """Documents that share a key, unless too many do; of loose keys, what is not sure yet."""
        found = facts.documents_with_keys(self.connection, keys)
        unsure = facts.unsure_with_keys(self.connection, loose, SURE_SCORE)
        for key, owners in (*found.items(), *unsure.items()):
            if len(owners) <= min(_SHARED_MOST, _NUMBER_SHARED_MOST):  # far below any limit
                yield from owners
                continue
            is_number = key.startswith("P:")
            yield from (pair for pair in owners if pair[0] == facts.STATUS_OWNER)
            sharing = [pair for pair in owners if pair[0] != facts.STATUS_OWNER]
            if len(sharing) <= (_NUMBER_SHARED_MOST if is_number else _SHARED_MOST):
                yield from sharing
            elif is_number:
                self.crowded.add(key)

    def _follow_claims(self) -> None:
        """Add everything that belongs to the claims that members belong to so far."""
        new = self._claims_open - self._claims_done
        self._claims_done |= new
        if new:
            self.add_claims(sorted(new))

    def _follow_statuses(self) -> None:
        """Add what was said of claims under the keys and claims so far."""
        new = sorted(self._statuses_open - self.statuses.keys())
        self._statuses_open = set()
        if new:
            self.add_statuses(map(loaded_status, load_letters(self.connection, new)))
            self._follow_claims()

    def _load(self, documents: Sequence[int], payments: Sequence[int]) -> None:
        """Fetch what is not at hand yet, with people's decisions on it."""
        new_documents = [d for d in documents if d not in self.documents]
        new_payments = [p for p in payments if p not in self.payments]
        rows = facts.load_claim_documents(self.connection, new_documents)
        self.add_documents([_loaded_document(row) for row in rows])
        loaded = [
            loaded_payment(row) for row in facts.load_claim_payments(self.connection, new_payments)
        ]
        self.add_payments(self.decided(loaded))

    def decided(self, payments: Sequence[PaymentDoc]) -> list[PaymentDoc]:
        """The payments with people's decisions on them; target claims join the closure."""
        if not self._with_decisions or not payments:
            return list(payments)
        found = facts.active_decisions(self.connection, [p.id for p in payments])
        result = []
        targets: list[int] = []
        for payment in payments:
            for decision in found.get(payment.id, []):
                payment = _apply(payment, decision)  # noqa: PLW2901
                if decision["claim_id"] is not None:
                    targets.append(decision["claim_id"])
            result.append(payment)
        for payment in result:
            self.payments[payment.id] = payment
        if targets:
            self.add_claims(targets)
        return result


def _apply(payment: PaymentDoc, decision: dict[str, Any]) -> PaymentDoc:
    """A payment as a person decided it."""
    kind, claim = decision["kind"], decision["claim_id"]
    if kind.startswith(WRITE_OFF_DECISION):
        given = (*payment.write_offs, _write_off(decision))
        return msgspec.structs.replace(payment, write_offs=given)
    changes: dict[str, dict[str, object]] = {
        "to_claim": {"to_claim": claim, "open_claim": False},
        "open_claim": {"open_claim": True, "to_claim": None},
        "post_anyway": {"post_anyway": True, "held": "", "let_post": True},
        "let_post": {"let_post": True},
        "take_back": {"held": TAKEN_BACK},
    }
    return msgspec.structs.replace(payment, **changes.get(kind, {}))


def _write_off(decision: dict[str, Any]) -> WriteOff:
    """A decision to give money up, as the payment carries it."""
    kind, _, refused = decision["kind"].removeprefix(WRITE_OFF_DECISION).partition(":")
    return WriteOff(
        decision["issue"] or "",
        kind,
        decision["amount_cents"],
        name("D", decision["id"]),
        date.fromisoformat(decision["decided_at"][:10]),
        refused,
    )


def loaded_status(row: dict[str, Any]) -> StatusDoc:
    """A row of correspondence about a claim as matching takes it."""
    return StatusDoc(
        id=row["id"],
        kind=row["kind"],
        status=decode_status(row["document"]),
        batch=row["batch"],
        said_at=row["said_at"],
        prior_claim=row["claim_id"],
        to_claim=row["to_claim"],
    )


def _loaded_document(row: dict[str, Any]) -> ClaimDoc:
    """A claim document's row as matching takes it."""
    claim = row["claim"]
    own, loose = own_and_loose_keys(claim)
    return ClaimDoc(row["id"], claim, own, row["sort_key"], row["claim_id"], "", loose)


def loaded_payment(row: dict[str, Any]) -> PaymentDoc:
    """A claim payment row as matching and posting take it."""
    header = row["header"]
    return PaymentDoc(
        id=row["id"],
        remittance=row["remittance_id"],
        payment=row["payment"],
        keys=tuple(payment_keys(row["payment"])),
        payment_date=row["payment_date"],
        place=(row["place"], row["position"]),
        fingerprint=row["fingerprint"],
        payer_key=row["payer_key"],
        payer_name=row["payer_name"],
        practice_key=practice_of(header.payee.id),
        held=row["held"],
        reissue=row["reissue"],
        prior_claim=row["claim_id"],
    )


def practice_of(identifier: str) -> str:
    """The practice a claim or payment is for, by its NPI or tax id."""
    return number_key(identifier)
