"""A denial case for people: what was refused, where it stands, every limit, all that happened."""

from __future__ import annotations

from datetime import date
from itertools import zip_longest
from typing import Any, Final

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.experience import judging
from medcollect.denials import Limit, classify, every_limit
from medcollect.denials.kinds import facts_of, limits_rest_on
from medcollect.ids import name
from medcollect.ledger.effects import is_duplicate_reason
from medcollect.model.casework import DENIED, REJECTED, STATES, Moment
from medcollect.model.policies import DenialPolicies
from medcollect.money import format_cents, format_dollars
from medcollect.store.engine import Store
from medcollect.tasks.attachments import attachment_json
from medcollect.tasks.case_load import FoundCase, find_case, open_amounts
from medcollect.tasks.claim_chain import claim_chain
from medcollect.tasks.denial_order import place_in_order
from medcollect.tasks.figures import text_of
from medcollect.tasks.worklists import denial_rows_by_id

Row = dict[str, Any]

#: What a moment is in words, as far as its figures do not say more.
_TOLD: Final = {
    "refused": "The payer refused {cents}.",
    "rejected": "The claim over {cents} was rejected before it was judged.",
    "taken_silently": "The payer took {cents} back and sent no new decision.",
    "underpaid": "The payer allowed {cents} less than its contract says.",
    "paid": "The payer paid {won} of what it had refused.",
    "answered": "The payer judged the claim anew, without refusing for this reason.",
    "taken_back": "The payer took its answer back.",
    "forwarded": "The payer passed the claim on.",
    "duplicate": "The payer only said that it has the claim already.",
    "resent": "The claim was sent again.",
    "take": "{user} took it.",
    "release": "{user} gave it back.",
    "assign": "{user} gave it to {owner}.",
    "note": "{user} noted something.",
    "files": "{user} attached {files}.",
    "wait": "{user} waits for {waiting_for}{until}.",
    "correct": "{user} corrected the claim and sent it again{reference}.",
    "appeal": "{user} sent an appeal{level}{reference}.",
    "outcome": "{user} noted the outcome: {result}{cents_said}.",
    "write_off": "{user} wrote {cents_said} off.",
    "reopen": "{user} opened it again.",
}


def view_denial(store: Store, target: str, *, today: date | None = None) -> Row:
    """Everything on one case; ``target`` is the id of any amount of it (N...).

    Raises NotFound, NotAllowed where its answer belongs to no claim yet.
    """
    with store.reading() as connection:
        return case_json(connection, find_case(connection, target), today or dates.today())


def case_json(connection: sa.Connection, case: FoundCase, today: date) -> Row:
    """A case as the contract gives it."""
    life = case.life
    amounts = denial_rows_by_id(connection, [row["id"] for row in case.amounts], today)
    speaks = next(a for a in amounts if a["id"] == name("N", case.speaks["id"]))
    chain = claim_chain(connection, case.loaded)
    proof = chain["proof_of_filing"]
    judged_by = judging(connection)
    limits = _limits(case, today, proof, judged_by)
    return {
        **speaks,
        "id": case.id,
        "state": life.state,
        "state_reason": life.why or STATES[life.state],
        "owner": life.owner or None,
        "follow_up": text_of(life.follow_up),
        "waiting_for": life.waiting_for or None,
        "waiting_until": text_of(life.waiting_until),
        "due": life.is_due(today),
        "level": life.level,
        "version": case.version,
        "refused": format_cents(life.refused_cents),
        "won": format_cents(life.won_cents),
        "open": format_cents(open_cents(case)),
        "amounts": amounts,
        "limits": [limit_json(limit) for limit in limits],
        "proof_of_filing": proof,
        "history": _history(case),
        "outcomes": [outcome_json(outcome) for outcome in life.outcomes],
        "duplicate_of": _duplicate_of(case),
        "position": place_in_order(connection, case.speaks, today, judged_by),
    }


def open_cents(case: FoundCase) -> int:
    """What is open with the payer; of a case of which nothing was refused, what is at stake."""
    if case.speaks["kind"] != DENIED:
        return sum(row["at_stake_cents"] for row in case.amounts if row["status"] == "open")
    return sum(row["amount_cents"] for row in open_amounts(case.amounts))


def _limits(
    case: FoundCase, today: date, proof: Row | None, policies: DenialPolicies
) -> tuple[Limit, ...]:
    """Every time limit of the case, with the decisions and the acceptance on record."""
    row = case.speaks
    accepted = proof["date"] if proof is not None and proof["is_acceptance"] else None
    facts = limits_rest_on(facts_of(row["kind"], row["facts"]))
    judged = row["kind"] != REJECTED
    return every_limit(
        facts,
        today,
        no_appeal=classify(facts, policies).no_appeal if judged else _REJECTED_NO_APPEAL,
        decided=case.life.decided,
        accepted_on=date.fromisoformat(accepted) if accepted else None,
        limits=policies.limits,
    )


_REJECTED_NO_APPEAL: Final = "the claim was never judged"


def limit_json(limit: Limit) -> Row:
    """One time limit as the contract gives it."""
    return {
        "step": limit.step,
        "standing": limit.standing,
        "due": text_of(limit.due),
        "latest": text_of(limit.latest),
        "start": text_of(limit.start),
        "counted_from": limit.counted_from,
        "rule": limit.rule,
        "source": limit.source,
        "confidence": limit.confidence,
        "why_none": limit.why_none,
    }


def outcome_json(outcome: Any) -> Row:
    """One outcome as the contract gives it."""
    return {
        "action": outcome.action,
        "level": outcome.level,
        "result": outcome.result,
        "date": text_of(outcome.day),
        "days": outcome.days,
        "refused": format_cents(outcome.refused_cents),
        "won": format_cents(outcome.won_cents),
        "minutes": outcome.minutes or None,
    }


def _duplicate_of(case: FoundCase) -> str | None:
    """The case that this one only repeats: the payer said that it has the claim already."""
    if not is_duplicate_reason(case.key[1]):
        return None
    earlier = [
        rows[0]["id"]
        for (payer, reason), rows in case.others.items()
        if payer == case.key[0] and not is_duplicate_reason(reason)
    ]
    return name("N", min(earlier)) if earlier else None


def _history(case: FoundCase) -> list[Row]:
    """What happened, in order; steps that were undone come last."""
    pairs = zip_longest(case.life.moments, case.life.states)
    told = [_moment(moment, state, "active") for moment, state in pairs]
    undone = [_moment(s.moment, None, s.status) for s in case.steps if s.status != "active"]
    return told + undone


def _moment(moment: Moment, state: str | None, status: str) -> Row:
    details = moment.details
    payment = moment.claim_payment
    return {
        "id": name("W", moment.id) if moment.id else None,
        "kind": moment.kind,
        "date": text_of(moment.day),
        "text": _told(moment),
        "state": state,
        "reason": moment.reason,
        "user": moment.user or None,
        "recorded_at": moment.recorded_at or None,
        "status": status,
        "claim_payment": name("P", payment) if payment is not None else None,
        "decision": name("D", moment.decision) if moment.decision else None,
        "bulk": name("J", details.bulk) if details.bulk else None,
        "level": details.level,
        "reference": details.reference,
        "minutes": details.minutes or None,
        "follow_up": text_of(details.follow_up),
        "attachments": [
            attachment_json(a, moment.id, place)
            for place, a in enumerate(details.attachments, start=1)
        ],
    }


def _told(moment: Moment) -> str:
    details = moment.details
    only_files = moment.kind == "note" and details.attachments and not moment.reason
    return _TOLD["files" if only_files else moment.kind].format(
        files=f"{len(details.attachments)} file{'s' if len(details.attachments) > 1 else ''}",
        cents=format_dollars(moment.cents),
        won=format_dollars(moment.won_cents),
        user=moment.user,
        owner=details.owner,
        waiting_for=details.waiting_for,
        until=f" until {details.until}" if details.until else "",
        reference=f" ({details.reference})" if details.reference else "",
        level=f" of level {details.level}" if details.level else "",
        result=details.result,
        cents_said=_said(details.cents, moment.kind),
    )


def _said(cents: int, kind: str) -> str:
    if not cents:
        return ""
    return format_dollars(cents) if kind == "write_off" else f", {format_dollars(cents)}"
