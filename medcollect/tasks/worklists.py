"""The denial worklist: what payers refused, in order of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.experience import judging
from medcollect.codes.tables import reasons, remarks
from medcollect.denials import UNKNOWN_CODE, Assessment, DenialFacts
from medcollect.denials.rejection import RejectionFacts
from medcollect.denials.rules import findings
from medcollect.ids import name
from medcollect.ledger.coordination import RESENT
from medcollect.model.casework import DENIED, KINDS, REJECTED, SILENT, STATES, UNDERPAID
from medcollect.model.policies import DenialPolicies
from medcollect.money import format_cents
from medcollect.store.engine import Store
from medcollect.store.tables import (
    denials,
)
from medcollect.tasks.denial_order import judged_row, wait_json, why_of_row
from medcollect.tasks.denial_queries import (
    DenialFilter,
    Totals,
    in_order,
    reading_ranked,
    totals,
    with_cases,
)
from medcollect.tasks.exception_list import insist
from medcollect.tasks.figures import text_of
from medcollect.tasks.judgments import judgment
from medcollect.tasks.waiting import waits_of_claims

Row = dict[str, Any]

#: What became of an amount, in the worklist's words (ledger: ``DenialItem``); ``all`` besides.
STATUSES: Final = ("open", "notice", "resent", "settled", "written_off", "withdrawn")


def categories() -> list[str]:
    """Every kind of denial that a code can give, that the desk finds itself, and ``rejected``."""
    given = {known.category for known in reasons().values() if known.denial != "no"}
    named = {known.category for known in remarks().values()}
    found = {row["category"] for row in findings().values()}
    return sorted(given | named | found | {UNKNOWN_CODE, REJECTED})


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

    What can be worked on the day comes first, what waits for somebody after it; ``to_work`` and
    ``waiting`` count both. Of what is settled, written off or withdrawn nothing is at stake: it is
    in ``count`` and ``amount`` and in neither of the two.

    Of rejected claims, silent denials and underpayments in it nothing is denied: they add nothing
    to ``amount``; each kind has its own sums, and ``at_stake`` is that of all. ``work`` are the
    filters of ``DenialFilter`` about who works it and where it stands. Raises BadRequest for a
    filter that can match nothing.
    """
    if category is not None:
        insist(category, categories(), "category of denials")
    insist(status, (*STATUSES, "all"), "status of denials")
    insist(work.get("state"), STATES, "state of denials")
    insist(work.get("kind"), KINDS, "kind of cases")
    day = today or dates.today()
    named: Row = {"payer": payer, "category": category, "status": status, "minimum": minimum}
    wanted = DenialFilter.on(day, **named, **work)
    with reading_ranked(store, day) as (connection, stands):
        found = in_order(connection, wanted, day, stands, limit=limit, after=after)
        whole = totals(store, connection, wanted, day, stands)
        rows = _denials(connection, found[:limit], day, stands.policies)
    answer = {
        "denials": rows,
        "count": whole.cases,
        "amount": format_cents(whole.cents),
        "at_stake": format_cents(whole.to_work[1] + whole.waiting[1]),
        "denied": _apart(whole, DENIED),
        "rejected": _apart(whole, REJECTED),
        "silent_denials": _apart(whole, SILENT),
        "underpayments": _apart(whole, UNDERPAID),
        "to_work": _counted(whole.to_work),
        "waiting": _counted(whole.waiting),
        "notices": [_TO_BE_SEARCHED] if stands.to_be_searched else [],
    }
    if limit is None:
        return answer
    return {**answer, "next": rows[-1]["id"] if rows and len(found) > limit else None}


_TO_BE_SEARCHED: Final = {
    "code": "desk-to-be-searched",
    "message": "This book is of an earlier version: silent denials and underpayments in it are not "
    "on the desk yet.",
    "action": "Look for them once: medcollect repost --reason 'first search'.",
}


def _apart(whole: Totals, kind: str) -> Row:
    """Count and money at stake of one kind of cases."""
    return _counted(whole.kinds.get(kind, (0, 0)))


def _counted(part: tuple[int, int]) -> Row:
    """A part of the list: how many cases, and what is at stake in them."""
    return {"count": part[0], "open": format_cents(part[1])}


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
        **wait_json(row, today),
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
