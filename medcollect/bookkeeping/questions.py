"""Exceptions in the book: what waits for a person, kept in step with the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.closure import TAKEN_BACK, Closure
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.holds import HELD_BY_POLICY, POLICY_HOLD
from medcollect.ledger.patient_payments import NO_CLAIM, PERHAPS_REPORTED, SEVERAL
from medcollect.matching.claims import Candidate
from medcollect.matching.docs import Assignment, PaymentDoc, Unmatched
from medcollect.store.among import among
from medcollect.store.engine import allocate, bulk_load, update_rows
from medcollect.store.tables import exceptions, remittances

UNMATCHED_REASONS = {
    "no_claim": "No claim is on file for this payment, and its status opens none.",
    "number_too_common": "More claims and payments carry this number than can be judged by rule.",
    "several_claims": "Several claims fit this payment equally well.",
    "claim_not_certain": "A claim may be meant, but the evidence is too weak to post by rule.",
    "reversal_without_original": "A payment is taken back that is not on file.",
}

#: What a person can do about each kind of exception.
ACTIONS: dict[str, tuple[str, ...]] = {
    "no_claim": ("to", "open_claim"),
    "number_too_common": ("to", "open_claim"),
    "several_claims": ("to", "open_claim"),
    "claim_not_certain": ("to", "open_claim"),
    "reversal_without_original": ("to",),
    "reversal_differs": ("post_anyway", "to"),
    "claim_payment_does_not_balance": ("post_anyway",),
    "remittance_does_not_balance": ("post_anyway",),
    "payment_unreadable": ("post_anyway",),
    "debit_payment": ("post_anyway",),
    "reissued_payment": ("post_anyway",),
    HELD_BY_POLICY: ("post_anyway", "to"),
    "undecided_adjustment": ("write_off",),
    "earlier_payers_differ": ("write_off",),
    "earlier_payer_unknown": ("write_off",),
    "small_balance": ("write_off",),
    "provider_adjustment": ("write_off",),
    "payment_difference": ("write_off",),
    "second_answer": ("post_anyway",),
    "second_primary": ("post_anyway",),
    "waiting_for_earlier_payer": ("post_anyway",),
    "status_without_claim": ("to",),
    "status_not_certain": ("to",),
    NO_CLAIM: ("to",),
    SEVERAL: ("to",),
    PERHAPS_REPORTED: ("to", "post_anyway"),
}

_PAYERS_MONEY = (
    " It is money that a payer sent: it belongs on a claim or back to the payer, it is no loss."
)
_NOT_IN_THE_BOOKS = " The excess was not taken over: nothing of it is open that could be given up."

#: Why the money of some exceptions cannot honestly be written off.
NO_WRITE_OFF = {
    **dict.fromkeys(UNMATCHED_REASONS, _PAYERS_MONEY),
    **dict.fromkeys(
        (
            "claim_payment_does_not_balance",
            "debit_payment",
            HELD_BY_POLICY,
            "payment_unreadable",
            "reissued_payment",
            "remittance_does_not_balance",
            "reversal_differs",
            "second_answer",
            "second_primary",
            "status_without_rule",
            "taken_back",
            "waiting_for_earlier_payer",
        ),
        _PAYERS_MONEY,
    ),
    **dict.fromkeys(
        (
            "denial_exceeds_open",
            "patient_responsibility_exceeds_open",
            "write_off_exceeds_open",
        ),
        _NOT_IN_THE_BOOKS,
    ),
    "provider_adjustment": " It is money in the practice's favour, no loss.",
    "payment_difference": " The check brought in more than its parts: that is no loss.",
}

#: Kinds whose amount is a loss on one side of zero only: the payer kept it (1), or paid too little.
_LOSS_SIGN = {"provider_adjustment": 1, "payment_difference": -1}


def actions_of(kind: str, cents: int) -> list[str]:
    """What a person can do about an exception; to let it wait is always possible."""
    allowed = list(ACTIONS.get(kind, ()))
    if "write_off" in allowed and cents * _LOSS_SIGN.get(kind, 1) <= 0:
        allowed.remove("write_off")
    return [*allowed, "hold"]


#: Exceptions by kind and claim payment.
Wanted = dict[tuple[str, int], dict[str, Any]]


class QuestionKeeper:
    """Opens and settles the exceptions of claim payments."""

    def __init__(self, connection: sa.Connection, import_id: int | None) -> None:
        self.connection = connection
        self.import_id = import_id

    def keep(
        self, closure: Closure, assignment: Assignment, settled: Sequence[DerivedClaim]
    ) -> None:
        """Bring the exceptions of every payment in the closure in step."""
        wanted: Wanted = {}
        claim_ids = {claim.group.number: claim.id for claim in settled}
        for unmatched in assignment.unmatched:
            self._want_unmatched(wanted, unmatched, claim_ids)
        for claim in settled:
            for issue in claim.posted.issues:
                if issue.answer > 0:
                    _want(wanted, issue.kind, issue.answer, issue.cents, issue.reason, claim.id)
        claim_of = {p.id: claim.id for claim in settled for p in claim.group.payments}
        for payment in closure.payments.values():
            if payment.held and not payment.held.startswith("remittance:"):
                kind, reason = _held_question(payment.held)
                cents = payment.payment.paid_cents
                _want(wanted, kind, payment.id, cents, reason, claim_of.get(payment.id))
        self._write(wanted, closure.payments)

    def _want_unmatched(
        self, wanted: Wanted, unmatched: Unmatched, claim_ids: dict[int, int]
    ) -> None:
        """A payment without a claim; a held one has its own exception already."""
        payment = unmatched.payment
        if payment.held or not _matters(payment):
            return
        reason = UNMATCHED_REASONS[unmatched.kind]
        cents = payment.payment.paid_cents
        _want(wanted, unmatched.kind, payment.id, cents, reason, None)
        wanted[unmatched.kind, payment.id]["candidates"] = encode_candidates(
            unmatched.candidates, claim_ids
        )

    def _write(self, wanted: Wanted, payments: dict[int, PaymentDoc]) -> None:
        """Insert new exceptions, reopen or update known ones, settle the rest."""
        query = sa.select(exceptions).where(among(exceptions.c.claim_payment_id, payments))
        found = [dict(row._mapping) for row in self.connection.execute(query)] if payments else []
        known = {(row["kind"], row["claim_payment_id"]): row for row in found}
        update_rows(self.connection, exceptions, list(self._changes(wanted, known)))
        fresh = [row for key, row in wanted.items() if key not in known]
        if not fresh:
            return
        first = allocate(self.connection, exceptions, len(fresh))
        sources = {row["claim_payment_id"]: payments[row["claim_payment_id"]] for row in fresh}
        imports = self._imports({payment.remittance for payment in sources.values()})
        for place, row in enumerate(fresh):
            remittance = sources[row["claim_payment_id"]].remittance
            row.update(
                id=first + place,
                remittance_id=remittance,
                import_id=self.import_id or imports[remittance],
                settled_by=None,
                correspondence_id=None,
            )
        names = [column.name for column in exceptions.columns]
        bulk_load(self.connection, exceptions, [tuple(row.get(n) for n in names) for row in fresh])

    def _imports(self, wanted: Collection[int]) -> dict[int, int]:
        """The import of each remittance."""
        query = sa.select(remittances.c.id, remittances.c.import_id)
        rows = self.connection.execute(query.where(among(remittances.c.id, wanted)))
        return {row[0]: row[1] for row in rows}

    def _changes(
        self, wanted: Wanted, known: dict[tuple[str, int], dict[str, Any]]
    ) -> Iterable[dict[str, Any]]:
        """Updates of known exceptions, all with the same columns."""
        for key, row in known.items():
            now = wanted.get(key)
            values = now if now is not None else row
            status = "open" if now is not None else "settled"
            settled_by = row["settled_by"] if row["status"] == "settled" else self.import_id
            changed = {
                "amount_cents": values["amount_cents"],
                "reason": values["reason"],
                "candidates": values["candidates"],
                "claim_id": values["claim_id"],
                "status": status,
                "settled_by": settled_by if status == "settled" else None,
            }
            if any(row[name] != value for name, value in changed.items()):
                yield {"id": row["id"], **changed}


def _held_question(held: str) -> tuple[str, str]:
    """Kind and reason of the exception over a claim payment that is held by itself."""
    if held == TAKEN_BACK:
        return "taken_back", "A person took this claim payment back; its money is not applied."
    if held.startswith(POLICY_HOLD):
        return HELD_BY_POLICY, held.removeprefix(POLICY_HOLD)
    return "claim_payment_does_not_balance", f"The claim payment does not prove: {held}."


def _matters(payment: PaymentDoc) -> bool:
    """Whether an unmatched payment needs a person: notices without money do not."""
    return payment.payment.status not in {"23", "25"} or payment.payment.paid_cents != 0


def _want(
    wanted: Wanted, kind: str, payment: int, cents: int, reason: str, claim: int | None
) -> None:
    """Note an exception; several of one kind on one payment add up."""
    row = wanted.get((kind, payment))
    if row is not None:
        row["amount_cents"] += cents
        return
    wanted[kind, payment] = {
        "kind": kind,
        "claim_payment_id": payment,
        "claim_id": claim,
        "amount_cents": cents,
        "reason": reason,
        "candidates": "[]",
        "status": "open",
    }


def encode_candidates(candidates: Sequence[Candidate], claim_ids: dict[int, int]) -> str:
    """Candidates with their reasons as JSON, named by our claim ids."""
    return msgspec.json.encode(
        [
            {
                "claim": f"C{claim_ids[c.claim]:06d}",
                "score": c.score,
                "why": list(c.why),
                "why_not": list(c.why_not),
            }
            for c in candidates
            if c.claim in claim_ids
        ]
    ).decode()
