"""What people work through: denials in order of work, exceptions with the money at stake."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.decisions import HOLD
from medcollect.bookkeeping.experience import judging
from medcollect.bookkeeping.letter_questions import LETTER_QUESTIONS
from medcollect.bookkeeping.questions import ACTIONS, UNMATCHED_REASONS, actions_of
from medcollect.bookkeeping.remittances import HOLD_REASONS
from medcollect.codes.tables import reasons, remarks
from medcollect.denials import UNKNOWN_CODE, Assessment, DenialFacts
from medcollect.denials.rejection import RejectionFacts
from medcollect.denials.rules import findings
from medcollect.errors import BadRequest
from medcollect.ids import name, number_of
from medcollect.ledger.coordination import RESENT
from medcollect.model.casework import REJECTED, SILENT, STATES, UNDERPAID
from medcollect.model.policies import DenialPolicies
from medcollect.money import format_cents
from medcollect.store.engine import Store
from medcollect.store.tables import (
    claim_payments,
    correspondence,
    decisions,
    denials,
    exceptions,
    patient_payments,
    remittances,
)
from medcollect.tasks.candidates import candidates_json, stated_json
from medcollect.tasks.denial_order import judged_row, why_of_row
from medcollect.tasks.denial_queries import (
    DenialFilter,
    Totals,
    in_order,
    reading_ranked,
    totals,
    with_cases,
)
from medcollect.tasks.figures import text_of
from medcollect.tasks.judgments import judgment
from medcollect.tasks.waiting import waits_of_claims

Row = dict[str, Any]

#: What a denial's status can be, in the worklist's words (ledger: ``DenialItem``); ``all`` besides.
STATUSES: Final = ("open", "notice", "resent", "settled", "written_off")

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


def categories() -> list[str]:
    """Every kind of denial that a code can give, that the desk finds itself, and ``rejected``."""
    given = {known.category for known in reasons().values() if known.denial != "no"}
    named = {known.category for known in remarks().values()}
    found = {row["category"] for row in findings().values()}
    return sorted(given | named | found | {UNKNOWN_CODE, REJECTED})


def kinds() -> list[str]:
    """Every kind of exception."""
    known = {*ACTIONS, *UNMATCHED_REASONS, *HOLD_REASONS, *_KINDS_OF_POSTING, *LETTER_QUESTIONS}
    return sorted(known)


def _insist(value: str | None, known: Collection[str], what: str) -> None:
    """Refuse a filter that can match nothing: a typo must not read as "nothing to work"."""
    if value is not None and value not in known:
        raise BadRequest(f"There is no such {what}.", f"There are: {', '.join(known)}.")


def list_denials(
    store: Store,
    *,
    payer: str | None = None,
    category: str | None = None,
    status: str | None = "open",
    minimum: str | None = None,
    limit: int | None = None,
    after: str | None = None,
    today: date | None = None,
    **work: Any,
) -> Row:
    """The denial worklist in order of work; count and amount are of all that the filters keep.

    Of rejected claims, silent denials and underpayments in it nothing is denied: they add nothing
    to ``amount`` and have their own sums. ``work`` are the filters of ``DenialFilter`` about who
    works it and where it stands. Raises BadRequest for a filter that can match nothing.
    """
    if category is not None:
        _insist(category, categories(), "category of denials")
    _insist(status, (*STATUSES, "all"), "status of denials")
    _insist(work.get("state"), STATES, "state of denials")
    day = today or dates.today()
    wanted = DenialFilter(payer, category, status, minimum, **work)
    with reading_ranked(store, day) as (connection, stands):
        found = in_order(connection, wanted, day, stands, limit=limit, after=after)
        whole = totals(store, connection, wanted, stands.written)
        rows = _denials(connection, found[:limit], day, stands.policies)
    answer = {
        "denials": rows,
        "count": whole.cases,
        "amount": format_cents(whole.cents),
        "rejected": _apart(whole, REJECTED),
        "silent_denials": _apart(whole, SILENT),
        "underpayments": _apart(whole, UNDERPAID),
    }
    if limit is None:
        return answer
    return {**answer, "next": rows[-1]["id"] if rows and len(found) > limit else None}


def _apart(whole: Totals, kind: str) -> Row:
    """Count and money at stake of a kind of its own, of which nothing is denied."""
    count, cents = whole.apart.get(kind, (0, 0))
    return {"count": count, "open": format_cents(cents)}


def denial_rows(
    connection: sa.Connection,
    *,
    payer: str | None = None,
    category: str | None = None,
    status: str | None = "open",
    minimum: str | None = None,
    kind: str | None = None,
    claim_id: int | None = None,
    today: date | None = None,
) -> list[Row]:
    """Denials and rejections with their judgment as of today, in the order they were opened."""
    wanted = DenialFilter(payer, category, status, minimum, kind, claim_id)
    query = with_cases().where(*wanted.conditions()).order_by(denials.c.id)
    return _asked(connection, query, today or dates.today())


def _asked(connection: sa.Connection, query: sa.Select[Any], today: date) -> list[Row]:
    """The denials that a query over :func:`with_cases` finds, as the contract gives them."""
    rows = [dict(row._mapping) for row in connection.execute(query)]
    return _denials(connection, rows, today, judging(connection))


def _denials(
    connection: sa.Connection, rows: Sequence[Row], today: date, policies: DenialPolicies
) -> list[Row]:
    """Denials as the contract gives them; of those that wait for an answer, until when."""
    resent = {row["claim_id"] for row in rows if row["status"] == RESENT}
    waits = waits_of_claims(connection, resent, today)
    told = [_denial(row, today, policies) for row in rows]
    for row, answer in zip(rows, told, strict=True):
        wait = waits.get(row["claim_id"]) if row["status"] == RESENT else None
        if wait is not None:
            answer["next_action"] = "wait"
            answer["explanation"] = _RESENT.format(**wait) + answer["explanation"]
    return told


_RESENT: Final = (
    "Corrected and resent on {since}, waiting for {payer} until {until}; the time to appeal runs "
    "on meanwhile. Before that: "
)


def denial_rows_by_id(connection: sa.Connection, ids: Collection[int], today: date) -> list[Row]:
    """These amounts with their judgment, in the order they were opened."""
    query = with_cases().where(denials.c.id.in_(ids)).order_by(denials.c.id)
    return _asked(connection, query, today)


def _denial(row: Row, today: date, policies: DenialPolicies) -> Row:
    """One denial or rejection as the contract gives it."""
    judged = judged_row(row, today, policies)
    facts, found = judged
    own = _rejection(facts) if isinstance(facts, RejectionFacts) else _refusal(row, facts)
    return {
        **_work(row, found),
        **own,
        "case": name("N", row["case_id"]),
        "case_at_stake": format_cents(facts.worked_cents),
        "why": why_of_row(row, judged, today, policies),
    }


def _refusal(row: Row, facts: DenialFacts) -> Row:
    """What only a refused amount has."""
    return {
        "line": row["line"],
        "procedure": facts.procedure_code,
        "modifiers": list(facts.modifiers),
        "diagnoses": list(facts.diagnoses),
        "service_from": text_of(facts.service_from),
        "decided_on": text_of(facts.decided_on),
        "at_stake": format_cents(row["at_stake_cents"]),
    }


def _rejection(facts: RejectionFacts) -> Row:
    """A claim that was never judged: nothing is denied, all that is open is at stake."""
    return {
        "line": 0,
        "procedure": "",
        "modifiers": [],
        "diagnoses": [],
        "service_from": text_of(facts.service_from),
        "decided_on": text_of(facts.rejected_on),
        "at_stake": format_cents(facts.open_cents),
    }


def _work(row: Row, judged: Assessment) -> Row:
    """What both have in common."""
    payment, letter = row["claim_payment_id"], row["correspondence_id"]
    return {
        "id": name("N", row["id"]),
        "kind": row["kind"],
        "claim": name("C", row["claim_id"]) if row["claim_id"] else None,
        "claim_payment": name("P", payment) if payment is not None else None,
        "correspondence": name("L", letter) if letter is not None else None,
        "patient_control_number": row["patient_control_number"],
        "payer": row["payer_name"],
        "amount": format_cents(row["amount_cents"]),
        "group": row["group_code"],
        "reason": row["reason"],
        "remarks": row["remarks"].split(),
        **judgment(judged),
        "status": row["status"],
        "state": row["state"],
        "owner": row["owner"] or None,
        "follow_up": text_of(row["follow_up"]),
    }


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
    _insist(kind, kinds(), "kind of exceptions")
    wanted = exceptions.c.status == "open"
    if kind:
        wanted &= exceptions.c.kind == kind
    is_held = _is_held(today or dates.today())
    set_aside = sa.select(sa.func.count(), sa.func.sum(exceptions.c.amount_cents)).where(
        wanted, is_held
    )
    wanted &= is_held if held else ~is_held
    total = sa.select(sa.func.count(), sa.func.sum(exceptions.c.amount_cents)).where(wanted)
    query = exception_query().where(wanted).order_by(exceptions.c.id)
    if after is not None:
        number = number_of(after, "X")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        query = query.where(exceptions.c.id > number)
    if limit is not None:
        query = query.limit(limit + 1)
    with store.reading() as connection:
        count, cents = connection.execute(total).one()
        held_count, held_cents = connection.execute(set_aside).one()
        found = [dict(row._mapping) for row in connection.execute(query)]
        page = [exception_json(connection, row) for row in found[:limit]]
    answer = {
        "exceptions": page,
        "count": int(count),
        "amount": format_cents(int(cents or 0)),
        "held": {"count": int(held_count), "amount": format_cents(int(held_cents or 0))},
    }
    if limit is None:
        return answer
    return {**answer, "next": page[-1]["id"] if len(found) > limit else None}


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
