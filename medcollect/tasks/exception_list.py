"""What waits for a person: exceptions, oldest first, with the money at stake."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.decisions import HOLD
from medcollect.bookkeeping.letter_questions import LETTER_QUESTIONS
from medcollect.bookkeeping.questions import ACTIONS, UNMATCHED_REASONS, actions_of
from medcollect.bookkeeping.remittances import HOLD_REASONS
from medcollect.errors import BadRequest
from medcollect.ids import name, number_of
from medcollect.money import format_cents
from medcollect.store.engine import Store
from medcollect.store.tables import (
    claim_payments,
    correspondence,
    decisions,
    exceptions,
    patient_payments,
    remittances,
)
from medcollect.tasks.candidates import candidates_json, stated_json
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

#: Kinds of exceptions that posting and people bring up, besides those of matching and holding.
_KINDS_OF_POSTING: Final = (
    "claim_payment_does_not_balance",
    "denial_exceeds_open",
    "earlier_payer_unknown",
    "earlier_payers_differ",
    "patient_responsibility_exceeds_open",
    "provider_adjustment",
    "second_answer",
    "second_primary",
    "status_without_rule",
    "taken_back",
    "undecided_adjustment",
    "waiting_for_earlier_payer",
    "write_off_exceeds_open",
)


def kinds() -> list[str]:
    """Every kind of exception."""
    known = {*ACTIONS, *UNMATCHED_REASONS, *HOLD_REASONS, *_KINDS_OF_POSTING, *LETTER_QUESTIONS}
    return sorted(known)


def insist(value: str | None, known: Collection[str], what: str) -> None:
    """Refuse a filter that can match nothing: a typo must not read as "nothing to work"."""
    if value is not None and value not in known:
        raise BadRequest(f"There is no such {what}.", f"There are: {', '.join(known)}.")


def list_exceptions(
    store: Store,
    *,
    kind: str | None = None,
    held: bool = False,
    limit: int | None = None,
    after: str | None = None,
    today: date | None = None,
) -> Row:
    """What waits for a person, oldest first, and the money at stake.

    What a person holds until a day that has not come, or for good, is left out and counted apart;
    with ``held`` only that is listed. Raises BadRequest for a kind that there is not.
    """
    insist(kind, kinds(), "kind of exceptions")
    wanted = exceptions.c.status == "open"
    if kind:
        wanted &= exceptions.c.kind == kind
    is_held = _is_held(today or dates.today())
    set_aside = _sums().where(wanted, is_held)
    wanted &= is_held if held else ~is_held
    total = _sums().where(wanted)
    query = exception_query().where(wanted).order_by(exceptions.c.id)
    if after is not None:
        number = number_of(after, "X")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        query = query.where(exceptions.c.id > number)
    if limit is not None:
        query = query.limit(limit + 1)
    with store.reading() as connection:
        whole = _summed(connection.execute(total).one())
        aside = _summed(connection.execute(set_aside).one())
        found = [dict(row._mapping) for row in connection.execute(query)]
        page = [exception_json(connection, row) for row in found[:limit]]
    answer = {"exceptions": page, **whole, "held": aside}
    if limit is None:
        return answer
    return {**answer, "next": page[-1]["id"] if len(found) > limit else None}


def _sums() -> sa.Select[Any]:
    """How many exceptions, and their money by sign."""
    cents = exceptions.c.amount_cents
    signs = (sa.case((cents > 0, cents), else_=0), sa.case((cents < 0, cents), else_=0))
    figures: list[sa.ColumnElement[Any]] = [sa.func.count(), *map(sa.func.sum, signs)]
    return sa.select(*figures)


def _summed(row: Any) -> Row:
    """These sums: ``amount`` is the net, ``at_stake`` what has to be decided on either way."""
    count, plus, minus = (int(figure or 0) for figure in row)
    at_stake = {"positive": plus, "negative": minus, "amount": plus - minus}
    return {
        "count": count,
        "amount": format_cents(plus + minus),
        "at_stake": {key: format_cents(cents) for key, cents in at_stake.items()},
    }


def _is_held(today: date) -> sa.ColumnElement[bool]:
    """Whether a standing decision lets an exception wait on."""
    return sa.exists().where(
        decisions.c.exception_id == exceptions.c.id,
        decisions.c.kind == HOLD,
        decisions.c.status == "active",
        decisions.c.until.is_(None) | (decisions.c.until >= today),
    )


def _hold_on(connection: sa.Connection, exception: int) -> Row | None:
    """The standing hold of an exception, with its decision: who, why, until when."""
    query = (
        sa.select(decisions)
        .where(
            decisions.c.exception_id == exception,
            decisions.c.kind == HOLD,
            decisions.c.status == "active",
        )
        .order_by(decisions.c.id.desc())
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return {
        "decision": name("D", row.id),
        "until": text_of(row.until),
        "reason": row.reason,
        "user": row.user_name,
    }


def exception_query() -> sa.Select[Any]:
    """Exceptions with what their remittance and claim payment, or their 277 or 999, say."""
    number = claim_payments.c.patient_control_number
    return (
        sa.select(
            exceptions,
            sa.func.coalesce(remittances.c.payer_name, correspondence.c.payer_name).label(
                "payer_name"
            ),
            remittances.c.trace_number,
            remittances.c.payment_date,
            sa.func.coalesce(
                number, correspondence.c.patient_control_number, patient_payments.c.named
            ).label("patient_control_number"),
            patient_payments.c.received_on,
        )
        .outerjoin(patient_payments, patient_payments.c.id == exceptions.c.patient_payment_id)
        .outerjoin(correspondence, correspondence.c.id == exceptions.c.correspondence_id)
        .outerjoin(remittances, remittances.c.id == exceptions.c.remittance_id)
        .outerjoin(claim_payments, claim_payments.c.id == exceptions.c.claim_payment_id)
    )


def exception_json(connection: sa.Connection, row: Row) -> Row:
    """One exception of :func:`exception_query` as the contract gives it."""
    payment, letter = row["claim_payment_id"], row["correspondence_id"]
    patient = row["patient_payment_id"]
    candidates = candidates_json(connection, row["candidates"])
    answer = {
        "id": name("X", row["id"]),
        "kind": row["kind"],
        "import": name("I", row["import_id"]) if row["import_id"] else None,
        "remittance": name("R", row["remittance_id"]) if row["remittance_id"] else None,
        "claim_payment": name("P", payment) if payment is not None else None,
        "correspondence": name("L", letter) if letter is not None else None,
        "patient_payment": name("M", patient) if patient is not None else None,
        "claim": name("C", row["claim_id"]) if row["claim_id"] else None,
        "patient_control_number": row["patient_control_number"],
        "payer": row["payer_name"],
        "trace_number": row["trace_number"],
        "payment_date": text_of(row["payment_date"] or row["received_on"]),
        "amount": format_cents(row["amount_cents"]),
        "reason": row["reason"] + _earlier_copy(connection, row),
        "candidates": candidates,
        "actions": actions_of(row["kind"], row["amount_cents"]),
        "hold": _hold_on(connection, row["id"]),
    }
    if candidates and payment is not None:
        answer["states"] = stated_json(connection, payment)
    return answer


def _earlier_copy(connection: sa.Connection, row: Row) -> str:
    """Where a re-issued payment's earlier copy posts nothing, the way out; else nothing."""
    if row["kind"] != "reissued_payment":
        return ""
    this = sa.select(remittances.c.payment_key).where(remittances.c.id == row["remittance_id"])
    query = sa.select(remittances.c.id).where(
        remittances.c.payment_key == this.scalar_subquery(),
        remittances.c.status == "active",
        remittances.c.held != "",
    )
    earlier = connection.execute(query).scalar()
    if earlier is None:
        return ""
    first = name("R", earlier)
    return f" The earlier copy, {first}, posts nothing: undo {first} lets this one stand."
