"""People's decisions on exceptions: where a payment belongs, what posts anyway, what is given up.

A decision is a fact like a file: recorded with user and reason, followed whenever the payment is
judged, and undoable.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.closure import WRITE_OFF_DECISION
from medcollect.bookkeeping.decisions import (
    HOLD,
    RELEASE,
    add_decision,
    apply_decision,
)
from medcollect.bookkeeping.holds import HELD_BY_POLICY
from medcollect.bookkeeping.patient_payments import COUNTS_BESIDES, TO_CLAIM
from medcollect.bookkeeping.questions import NO_WRITE_OFF, actions_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.matching.keys import number_key
from medcollect.model.policies import WRITE_OFF_KINDS
from medcollect.model.posting import PATIENT_CASH, PATIENT_UNAPPLIED, PAYER_CASH, UNAPPLIED
from medcollect.money import format_cents, format_dollars
from medcollect.store.engine import Store, last_id
from medcollect.store.policies import newest
from medcollect.store.tables import claims, exceptions, journal_entries, postings

_WAYS: Final = "--to CLAIM, --open-claim, --hold, --write-off KIND or --post-anyway"

_REVERSALS: Final = frozenset({"reversal_differs", "reversal_without_original"})


class Wish(msgspec.Struct, frozen=True):
    """What a person wants done with an exception: one of these; ``until`` goes with hold."""

    to: str | None = None
    open_claim: bool = False
    post_anyway: bool = False
    hold: bool = False
    write_off: str | None = None
    until: date | None = None

    @property
    def action(self) -> str:
        """The one action asked for; raises BadRequest when it is none or several."""
        asked = [
            action
            for action in ("to", "open_claim", "post_anyway", "hold", "write_off")
            if getattr(self, action)
        ]
        if len(asked) != 1:
            raise BadRequest("Say exactly one thing to do.", f"Use {_WAYS}.")
        if self.until is not None and asked != ["hold"]:
            raise BadRequest("Only a hold has a last day.", "Use --until with --hold.")
        if self.write_off is not None and self.write_off not in WRITE_OFF_KINDS:
            kinds = ", ".join(WRITE_OFF_KINDS)
            raise BadRequest("There is no such kind of write-off.", f"There are: {kinds}.")
        return asked[0]


def resolve(
    store: Store,
    exception_id: str,
    wish: Wish,
    *,
    reason: str,
    user: str,
    today: date | None = None,
) -> dict[str, Any]:
    """Settle an exception by a person's decision, on record and undoable.

    Raises NotFound, NotAllowed (the action does not fit the exception, or exceeds the policy's
    limit), BadRequest.
    """
    day = today or dates.today()
    action = wish.action
    if not reason.strip():
        raise BadRequest("A decision needs its reason on record.", "Say it with --reason.")
    with store.writing() as connection:
        row = _open_exception(connection, exception_id)
        _insist_on_fit(connection, action, row)
        claim = _claim_of(connection, row, wish)
        _insist_on_change(row, wish, claim)
        before = _open_exceptions(connection)
        decision = add_decision(
            connection,
            kind=_decision_kind(action, row, wish),
            exception_id=row.id,
            reason=reason,
            user=user,
            claim_payment_id=row.claim_payment_id,
            remittance_id=row.remittance_id if row.claim_payment_id is None else None,
            patient_payment_id=row.patient_payment_id,
            claim_id=claim,
            amount_cents=row.amount_cents if action == "write_off" else 0,
            until=wish.until,
        )
        last_entry = last_id(connection, journal_entries)
        apply_decision(connection, decision, day)
        posted = _applied_since(connection, last_entry)
        after = _open_exceptions(connection)
    return {
        "decision": name("D", decision["id"]),
        "exception": name("X", row.id),
        "action": action,
        "posted": format_cents(posted),
        "written_off": format_cents(decision["amount_cents"]),
        "settled": [name("X", number) for number in sorted(before - after)],
        "opened": [name("X", number) for number in sorted(after - before)],
    }


def _insist_on_fit(connection: sa.Connection, action: str, row: Any) -> None:
    """Refuse an action that the exception does not allow, or more than the policy's limit."""
    allowed = actions_of(row.kind, row.amount_cents)
    if action not in allowed:
        why = NO_WRITE_OFF.get(row.kind, "") if action == "write_off" else ""
        raise NotAllowed(
            f"This kind of exception ({row.kind}) cannot be settled that way.{why}",
            f"What it allows: {', '.join(allowed)}.",
        )
    limit = newest(connection).policies.write_off_limit_cents
    if action == "write_off" and row.amount_cents > limit:
        raise NotAllowed(
            f"The policy write_off.limit allows {format_dollars(limit)} per decision; this is "
            f"{format_dollars(row.amount_cents)}.",
            "Settle it another way, or raise the limit in medcollect.toml and repost.",
        )


def _insist_on_change(row: Any, wish: Wish, claim: int | None) -> None:
    """Refuse to put a reversal on the claim that it is on: nothing would come of it."""
    if wish.to is not None and claim == row.claim_id and row.kind in _REVERSALS:
        raise NotAllowed(
            "It is on this claim already; saying so again would change nothing.",
            f"What it allows: {', '.join(actions_of(row.kind, row.amount_cents))}.",
        )


def _open_exception(connection: sa.Connection, exception_id: str) -> Any:
    """The exception's row, if it still waits."""
    number = number_of(exception_id, "X")
    query = sa.select(exceptions).where(exceptions.c.id == number, exceptions.c.status == "open")
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such exception, or it is settled already.", "See exceptions.")
    return row


def _decision_kind(action: str, row: Any, wish: Wish) -> str:
    """How the decision is recorded: with what undo and judging need to know of it."""
    if action == "to":
        return "to_claim" if row.patient_payment_id is None else TO_CLAIM
    if action == "hold":
        return HOLD
    if action == "write_off":
        return f"{WRITE_OFF_DECISION}{wish.write_off}"
    if action == "post_anyway" and row.claim_payment_id is None:
        return f"{RELEASE}{row.kind}" if row.patient_payment_id is None else COUNTS_BESIDES
    if action == "post_anyway" and row.kind == HELD_BY_POLICY:
        return "let_post"
    return action


def _claim_of(connection: sa.Connection, row: Any, wish: Wish) -> int | None:
    """The claim that a decision names: the one asked for, or that of an exception over a claim."""
    if wish.to is not None:
        return _claim_id(connection, wish.to)
    ids = (
        row.claim_payment_id,
        row.remittance_id,
        row.correspondence_id,
        row.patient_payment_id,
    )
    return row.claim_id if not any(ids) else None


def _claim_id(connection: sa.Connection, text: str) -> int:
    """The claim a person named, by our id or by its number."""
    by_id = claims.c.id == (number_of(text, "C") or 0)
    found = connection.execute(
        sa.select(claims.c.id).where(claims.c.status == "active", by_id)
    ).all()
    if not found:
        by_number = claims.c.number_key == number_key(text)
        query = sa.select(claims.c.id).where(claims.c.status == "active", by_number)
        found = connection.execute(query).all() if number_key(text) else []
    if not found:
        raise NotFound("There is no such claim.", "Name it by its id, such as C000001.")
    if len(found) > 1:
        raise NotAllowed("Several claims carry this number.", "Name one by its id (C000001).")
    return int(found[0][0])


def _open_exceptions(connection: sa.Connection) -> set[int]:
    query = sa.select(exceptions.c.id).where(exceptions.c.status == "open")
    return {int(row[0]) for row in connection.execute(query)}


_CASH = (PAYER_CASH, UNAPPLIED, PATIENT_CASH, PATIENT_UNAPPLIED)


def _applied_since(connection: sa.Connection, last_entry: int) -> int:
    """Cents that later entries applied: what they brought in less what they left unapplied."""
    query = sa.select(sa.func.sum(postings.c.cents)).where(
        postings.c.entry_id > last_entry, postings.c.account.in_(_CASH)
    )
    return int(connection.execute(query).scalar() or 0)
