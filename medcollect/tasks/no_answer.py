"""Claims that payers should have answered by now: after each payer's own usual time.

The usual time is learned from the book: within how many days nine of ten answers of a payer came.
Where it has answered too few claims, the waiting time of the settings stands in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.cases import payer_key
from medcollect.bookkeeping.letters import decode_status
from medcollect.bookkeeping.silent_denials import REVERSAL
from medcollect.denials import DenialFacts, every_limit
from medcollect.errors import NotAllowed
from medcollect.ids import name
from medcollect.model.casework import SILENT
from medcollect.model.claim import Claim
from medcollect.model.common import Party
from medcollect.model.policies import TimeLimit
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.correspondence import load_letters, statuses_of_claims
from medcollect.store.engine import Store
from medcollect.store.policies import newest
from medcollect.store.tables import claim_documents, claim_payments, claims, denials, remittances
from medcollect.tasks.figures import text_of
from medcollect.tasks.ledger_reports import Column
from medcollect.tasks.waiting import claims_with_held_answers

Row = dict[str, Any]

#: So many answers of a payer make its usual time known.
_LEARNED_FROM: Final = 20
#: Of ten answers, how many came within the usual time.
_OF_TEN: Final = 9

#: What is told of a claim by the last that came back on it, by its verdict.
_SAID: Final = {
    "accepted": "acknowledged",
    "accepted_with_errors": "acknowledged",
    "pending": "in process",
    "information_requested": "information wanted",
    "not_found": "not on file there",
    "rejected": "rejected",
}


class UsualTime(msgspec.Struct, frozen=True):
    """Within how many days a payer usually answers, and how many answers say so (0: a setting)."""

    days: int
    answers: int

    @property
    def source(self) -> str:
        """Where it comes from, in words."""
        return f"learned from {self.answers} answers" if self.answers else "by the settings"


def no_answer(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every claim that waits beyond its payer's usual time, the nearest filing limit first.

    Raises NotAllowed for a day that has passed: who waited then is not on record, since an answer
    that came meanwhile has ended its claim's wait.
    """
    columns: list[Column] = [
        ("claim", "text", "our claim"),
        ("patient_control_number", "text", "the practice's number"),
        ("payer", "text", "who has yet to answer"),
        ("rank", "number", "as which payer: 1 first, 2 second ..."),
        ("why", "text", "first_answer, forwarded, resent ...: as in the report waiting"),
        ("since", "date", "since when"),
        ("days_waiting", "number", "days since then"),
        ("usual_days", "number", "within how many days this payer usually answers"),
        ("usual_by", "text", "where that comes from"),
        ("days_overdue", "number", "days beyond that"),
        ("acknowledged", "text", "what came back so far (277CA, 277); nothing: silent"),
        ("acknowledged_on", "date", "when"),
        ("filing_limit", "date", "last day on which the claim can be sent again in time"),
        ("filing_days_left", "number", "days until then"),
        ("insurance_open", "money", "what payers have yet to settle"),
        ("ask", "text", "the command that asks the payer (276)"),
    ]
    day = as_of or dates.today()
    if day < dates.today():
        message = "This report knows who waits today, not who waited on a day that has passed."
        raise NotAllowed(message, "Leave the day out, or give one to come.")
    with store.reading() as connection:
        usual = usual_times(connection, day)
        waiting = newest(connection).policies.waiting
        held = claims_with_held_answers(connection)
        rows = []
        for claim in _waiting_claims(connection, day):
            payer = claim["waiting_payer"] or claim["payer_name"]
            known = usual.get(_key(payer))
            days = waiting.days_for(payer, claim["waiting_rank"], claim["waiting_since"])
            time = known or UsualTime(days, 0)
            if claim["id"] not in held and time.days < (day - claim["waiting_since"]).days:
                rows.append(_row(claim, payer, time, day))
        _add_what_came_back(connection, rows)
        _add_filing_limits(connection, rows, day)
    rows.sort(key=lambda r: (r["filing_limit"] or "9999", -r["days_overdue"], r["claim"]))
    keys = [column for column, _, _ in columns]
    return columns, [{key: row[key] for key in keys} for row in rows]


def usual_times(connection: sa.Connection, day: date) -> dict[str, UsualTime]:
    """Each payer's usual time, by its key, from the answers up to a day; the known ones."""
    took: dict[str, list[int]] = defaultdict(list)
    query = (
        sa.select(
            claims.c.id,
            remittances.c.payer_key,
            sa.func.min(claim_documents.c.sort_key),
            sa.func.min(remittances.c.payment_date),
        )
        .join(claim_documents, claim_documents.c.claim_id == claims.c.id)
        .join(claim_payments, claim_payments.c.claim_id == claims.c.id)
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .where(claims.c.status == "active", claim_payments.c.status_code.in_(("1", "4", "19")))
        .where(remittances.c.status == "active", remittances.c.payment_date <= day)
        .group_by(claims.c.id, remittances.c.payer_key)
    )
    for _, payer, sent, answered in connection.execute(query):
        days = _days_between(sent, answered)
        if days is not None:
            took[payer].append(days)
    return {
        payer: UsualTime(_within(found), len(found))
        for payer, found in took.items()
        if len(found) >= _LEARNED_FROM
    }


def _days_between(sent: str, answered: date | str | None) -> int | None:
    """Days from sending to the answer; ``None`` where a day is not known or runs backwards."""
    try:
        first = date.fromisoformat(sent[:10])
        last = date.fromisoformat(answered) if isinstance(answered, str) else answered
    except ValueError:
        return None
    days = (last - first).days if last is not None else -1
    return days if days >= 0 else None


def _within(days: Sequence[int]) -> int:
    """The days within which nine of ten came."""
    place = -(-len(days) * _OF_TEN // 10) - 1
    return sorted(days)[place]


def _key(payer: str) -> str:
    return payer_key(Party(last_name=payer))


def _waiting_claims(connection: sa.Connection, day: date) -> list[Row]:
    """Claims with open money whose payer has yet to answer, and was asked before a day."""
    query = (
        sa.select(claims)
        .where(claims.c.status == "active", claims.c.waiting_rank > 0)
        .where(claims.c.insurance_receivable_cents > 0, claims.c.state != "rejected")
        .where(claims.c.waiting_since <= day, ~_taken_back())
        .order_by(claims.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def _taken_back() -> sa.ColumnElement[bool]:
    """Whether the payer has answered by a reversal alone: a silent denial, on the desk as such."""
    return sa.exists().where(
        denials.c.claim_id == claims.c.id,
        denials.c.kind == SILENT,
        denials.c.reason == REVERSAL,
        denials.c.status == "open",
    )


def _row(claim: Row, payer: str, time: UsualTime, day: date) -> Row:
    since = claim["waiting_since"]
    number = name("C", claim["id"])
    return {
        "id": claim["id"],
        "claim": number,
        "patient_control_number": claim["patient_control_number"],
        "payer": payer or None,
        "rank": claim["waiting_rank"],
        "why": claim["waiting_why"] or "first_answer",
        "since": text_of(since),
        "days_waiting": (day - since).days,
        "usual_days": time.days,
        "usual_by": time.source,
        "days_overdue": (day - since - timedelta(days=time.days)).days,
        "acknowledged": "",
        "acknowledged_on": None,
        "filing_limit": None,
        "filing_days_left": None,
        "insurance_open": format_cents(claim["insurance_receivable_cents"]),
        "ask": f"medcollect inquire {number} -o ask.276",
    }


def _add_what_came_back(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Note the last that was said of each claim since it was sent."""
    by_claim = {row["id"]: row for row in rows}
    letters = load_letters(connection, statuses_of_claims(connection, sorted(by_claim)))
    for letter in sorted(letters, key=lambda one: (one["said_at"], one["id"])):
        row = by_claim[letter["claim_id"]]
        if letter["kind"] in _FROM_PAYERS and letter["said_at"][:10] >= row["since"]:
            verdict = decode_status(letter["document"]).verdict
            row["acknowledged"] = _SAID.get(verdict, verdict)
            row["acknowledged_on"] = letter["said_at"][:10] or None


_FROM_PAYERS: Final = frozenset({"277CA", "277"})


def _add_filing_limits(connection: sa.Connection, rows: Sequence[Row], day: date) -> None:
    """Note until when each claim can be sent again in time, where the payer's limit is known."""
    by_claim = {row["id"]: row for row in rows}
    own = newest(connection).policies.denials.limits
    numbers = facts.documents_of_claims(connection, sorted(by_claim))
    for document in facts.load_claim_documents(connection, numbers):
        row = by_claim[document["claim_id"]]
        limit = _filing_limit(document["claim"], row["payer"] or "", row["rank"], day, own)
        if limit is not None:
            row["filing_limit"] = text_of(limit)
            row["filing_days_left"] = (limit - day).days


def _filing_limit(
    claim: Claim, payer: str, rank: int, day: date, own: tuple[TimeLimit, ...]
) -> date | None:
    """The payer's limit for filing a claim; the kind of plan is known of the claim's own payer.

    ``own`` are the office's limits by contract.
    """
    known = DenialFacts(
        group="",
        reason="",
        amount_cents=0,
        payer_name=payer,
        filing_indicator=claim.coverage.filing_indicator if rank == 1 else "",
        service_from=claim.service_from,
        service_to=claim.service_to,
        form=claim.form,
    )
    limits = (
        limit for limit in every_limit(known, day, limits=own) if limit.step == "timely_filing"
    )
    return next((limit.due for limit in limits), None)
