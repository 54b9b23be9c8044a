"""Where each denial case stands, kept in step with its steps and with what answers say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.appeal_levels import keep_levels
from medcollect.bookkeeping.derived import DerivedClaim, keys_of
from medcollect.bookkeeping.found_cases import CLOSED, GIVEN_UP, OPEN
from medcollect.bookkeeping.ranking import note_written
from medcollect.bookkeeping.resting import keep_waits
from medcollect.bookkeeping.silent_denials import REVERSAL
from medcollect.denials.kinds import facts_of, limits_rest_on
from medcollect.denials.life import CaseLife, life_of
from medcollect.ledger import Answer
from medcollect.ledger.coordination import RESENT
from medcollect.ledger.effects import adjustments_of, is_duplicate_answer
from medcollect.ledger.refused import refused_amounts
from medcollect.matching.docs import Group, PaymentDoc
from medcollect.matching.keys import number_key
from medcollect.model.casework import (
    DENIED,
    REJECTED,
    SILENT,
    STILL_OPEN,
    UNDERPAID,
    Moment,
    cause_of,
)
from medcollect.model.policies import DenialPolicies, Waiting
from medcollect.store.casework import CaseStep, earliest, steps_with_numbers, write_cases
from medcollect.store.engine import chunks, update_rows
from medcollect.store.tables import claim_payments, denials, remittances

Row = dict[str, Any]

#: A case within a claim: the payer's key and the reason.
CaseKey = tuple[str, str]

#: How a case of a kind of its own begins.
_BEGUN: Final = {REJECTED: "rejected", SILENT: "taken_silently", UNDERPAID: "underpaid"}

#: Statuses by which a payer says that it passed the claim on.
_FORWARDED: Final = frozenset({"19", "20", "21"})
_CORRECTIONS: Final = frozenset({"6", "7", "8"})
_NO_ANSWER: Final = frozenset({"23", "25"})
_DAY_UNKNOWN: Final = date(1900, 1, 1)


class CaseKeeper:
    """Keeps one row for each case that is not simply new."""

    def __init__(
        self, connection: sa.Connection, today: date, waiting: Waiting, policies: DenialPolicies
    ) -> None:
        self.connection = connection
        self.today = today
        self.waiting = waiting
        self.policies = policies

    def keep(self, settled: Sequence[DerivedClaim], priors: Iterable[int]) -> None:
        """Bring the cases of these claims in step."""
        numbers = (number for claim in settled for number in numbers_of(claim.group))
        steps = steps_with_numbers(self.connection, numbers)
        lives: dict[int, dict[CaseKey, CaseLife]] = {}
        moved = [claim for claim in settled if steps or _may_have_moved(claim)]
        amounts = self._amounts([claim.id for claim in moved])
        for claim in moved:
            mine = steps_of(claim.group, steps)
            lives[claim.id] = lives_of(claim.group, claim.case.answers, mine, amounts[claim.id])
        rows = [
            _row(claim, key, life, amounts[claim][key])
            for claim, cases in lives.items()
            for key, life in cases.items()
            if amounts[claim][key] and _is_moved(life)
        ]
        write_cases(self.connection, sorted({*priors, *(c.id for c in settled)}), rows)
        self._give_up(lives, amounts)
        cases = [
            (life, amounts[c][key]) for c, found in lives.items() for key, life in found.items()
        ]
        others = {claim.id for claim in settled} - set(lives)
        keep_levels(self.connection, self.today, cases, self.policies)
        work = self.policies.work
        waits = keep_waits(self.connection, self.today, cases, others, self.waiting, work)
        if rows or steps or waits:
            note_written(self.connection, self.today)

    def _give_up(
        self,
        lives: dict[int, dict[CaseKey, CaseLife]],
        amounts: dict[int, dict[CaseKey, list[Row]]],
    ) -> None:
        """Underpayments that a person gave up leave the open ones; taken back, they return."""
        changed = [
            {"id": row["id"], "status": status}
            for claim, cases in lives.items()
            for key, life in cases.items()
            for row in amounts[claim][key]
            if row["kind"] == UNDERPAID and row["status"] != CLOSED
            if row["status"] != (status := GIVEN_UP if life.state == GIVEN_UP else OPEN)
        ]
        update_rows(self.connection, denials, changed)

    def _amounts(self, claims: Sequence[int]) -> dict[int, dict[CaseKey, list[Row]]]:
        """The refused amounts of these claims by case, the oldest first."""
        found: dict[int, dict[CaseKey, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for some in chunks(list(claims)):
            for row in amounts_of_claims(self.connection, some):
                found[row["claim_id"]][key_of_row(row)].append(row)
        return found


def _may_have_moved(claim: DerivedClaim) -> bool:
    """Whether anything but a first refusal can be told of a claim."""
    several = len(claim.group.payments) > 1 or len(claim.group.documents) > 1
    return several or any(item.status != "open" for item in claim.posted.denials)


def amounts_of_claims(connection: sa.Connection, claims: Sequence[int]) -> list[Row]:
    """The refused amounts of claims that stand or stood; what was undone with its file is none."""
    query = (
        sa.select(denials, remittances.c.payer_key)
        .outerjoin(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .outerjoin(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .where(denials.c.claim_id.in_(claims))
        .where(sa.func.coalesce(claim_payments.c.outcome, "") != "undone")
        .order_by(denials.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def key_of_row(row: Row) -> CaseKey:
    """The case that a row of denials belongs to."""
    return row["payer_key"] or "", cause_of(row["kind"], row["reason"])


def steps_of(group: Group, steps: Sequence[CaseStep]) -> list[CaseStep]:
    """The steps about a claim, by its own number and those that its payers answered for."""
    claim = keys_of(group)
    known = [
        msgspec.structs.replace(claim, number_key=number) for number in sorted(numbers_of(group))
    ]
    return [step for step in steps if any(step.concerns.covers(keys) for keys in known)]


def numbers_of(group: Group) -> set[str]:
    """The numbers, as keys, under which a claim goes."""
    answered = {p.payment.patient_control_number for p in group.payments}
    sent = {document.claim.patient_control_number for document in group.documents}
    return {number_key(number) for number in (*answered, *sent)} - {""}


def lives_of(
    group: Group,
    answers: Iterable[Answer],
    steps: Sequence[CaseStep],
    amounts: dict[CaseKey, list[Row]],
) -> dict[CaseKey, CaseLife]:
    """The life of each case of a claim; ``answers`` are those of the claim's own case."""
    by_case: dict[CaseKey, list[Moment]] = defaultdict(list)
    for step in steps:
        if step.status == "active":
            by_case[step.payer_key, step.cause].append(step.moment)
    for key, moment in _told(group, {answer.id: answer for answer in answers}):
        by_case[key].append(moment)
    for key, rows in amounts.items():
        by_case[key] += _found(rows, group)
        again = any(row["status"] == RESENT for row in rows)
        by_case[key] += _resent(group, by_case[key], again=again)
    return {
        key: life_of(
            by_case[key],
            open_cents=sum(_open_cents(row) for row in rows),
            statuses={row["status"] for row in rows},
        )
        for key, rows in amounts.items()
    }


def _open_cents(row: Row) -> int:
    stake = row["amount_cents"] if row["kind"] == DENIED else row["at_stake_cents"]
    return int(stake) if row["status"] in STILL_OPEN else 0


def _told(group: Group, pairs: dict[int, Answer]) -> Iterator[tuple[CaseKey, Moment]]:
    """What the payers' answers say of each case, payer by payer."""
    by_payer: dict[str, list[PaymentDoc]] = defaultdict(list)
    for payment in sorted(group.payments, key=lambda p: p.order):
        if not payment.held and payment.payment.status not in _NO_ANSWER:
            by_payer[payment.payer_key].append(payment)
    for payer, answers in by_payer.items():
        reasons = {item.reason for p in answers for item in refused_amounts(p.id, p.payment)}
        for reason in sorted(reasons):
            for moment in _answers_on(reason, answers, pairs):
                yield (payer, reason), moment


def _answers_on(
    reason: str, answers: Sequence[PaymentDoc], pairs: dict[int, Answer]
) -> Iterator[Moment]:
    """What one payer's answers say of what it refused for one reason, from the first refusal on."""
    lines: set[int] | None = set()
    paid_first: int | None = None
    for doc in answers:
        refused = [i for i in refused_amounts(doc.id, doc.payment) if i.reason == reason]
        if refused and paid_first is None:
            lines = _lines(refused, doc, pairs)
            paid_first = _paid_on(lines, doc, pairs)
        if paid_first is None:
            continue
        won = max(_paid_on(lines, doc, pairs) - paid_first, 0)
        cents = sum(item.cents for item in refused)
        kind = _kind(doc, won=won, refused=cents, touched=_touches(lines, doc, pairs))
        if kind:
            day = doc.payment_date or _DAY_UNKNOWN
            yield Moment(kind, day, claim_payment=doc.id, cents=cents, won_cents=won)


def _kind(doc: PaymentDoc, *, won: int, refused: int, touched: bool) -> str:
    """What an answer says of a case; nothing where it is about other lines."""
    payment = doc.payment
    if payment.is_reversal:
        return "taken_back"
    if refused:
        return "refused"
    if not touched:
        return ""
    reasons = [a for a, _ in adjustments_of(payment) if a.cents]
    if not payment.paid_cents and reasons and all(map(is_duplicate_answer, reasons)):
        return "duplicate"
    if won:
        return "paid"
    return "forwarded" if payment.status in _FORWARDED else "answered"


def _lines(refused: Sequence[Any], doc: PaymentDoc, pairs: dict[int, Answer]) -> set[int] | None:
    """The claim lines that were refused; ``None``: the claim as a whole."""
    answer = pairs.get(doc.id)
    places = {item.service for item in refused}
    if answer is None or not answer.pairs or 0 in places:
        return None
    lines = {answer.pairs[place - 1] for place in places}
    return None if 0 in lines else lines


def _touches(lines: set[int] | None, doc: PaymentDoc, pairs: dict[int, Answer]) -> bool:
    """Whether an answer is about any of the lines."""
    answer = pairs.get(doc.id)
    if lines is None or answer is None or not answer.pairs:
        return True
    return bool(lines.intersection(answer.pairs)) or 0 in answer.pairs


def _paid_on(lines: set[int] | None, doc: PaymentDoc, pairs: dict[int, Answer]) -> int:
    """What an answer paid on these lines; on the claim where it tells no lines apart."""
    answer = pairs.get(doc.id)
    if lines is None or answer is None or not answer.pairs:
        return doc.payment.paid_cents
    both = zip(doc.payment.services, answer.pairs, strict=True)
    return sum(service.paid_cents for service, line in both if line in lines)


def _resent(group: Group, moments: Sequence[Moment], *, again: bool) -> Iterator[Moment]:
    """That a file of ours holds the claim again after it was refused: corrected, or once more."""
    begun = {"refused", _BEGUN[UNDERPAID]}
    refused = min((m.day for m in moments if m.kind in begun), default=None)
    last = group.documents[-1:] if again else []
    corrected = [d for d in group.documents if d.claim.frequency in _CORRECTIONS]
    days = {document.created for document in (*corrected, *last)}
    for day in sorted(day for day in days if day is not None):
        if refused is not None and day >= refused:
            yield Moment("resent", day)


def _found(rows: Sequence[Row], group: Group) -> Iterator[Moment]:
    """What a case of a kind of its own says: how it began, and what the payer answered since."""
    kind = rows[0]["kind"]
    if kind == DENIED:
        return
    known = [facts_of(kind, row["facts"]) for row in rows]
    days = [limits_rest_on(one).decided_on or _DAY_UNKNOWN for one in known]
    yield Moment(_BEGUN[kind], min(days), cents=sum(one.at_stake_cents for one in known))
    for row in rows:
        if kind == SILENT and row["reason"] == REVERSAL:
            yield from _corrected(row["claim_payment_id"], group)
    if kind == UNDERPAID and all(row["status"] == CLOSED for row in rows):
        yield from _made_good(max(row["claim_payment_id"] for row in rows), group)


def _made_good(answer: int, group: Group) -> Iterator[Moment]:
    """The payer's last answer after one that allowed too little, once nothing is missing."""
    by_id = {payment.id: payment for payment in group.payments}
    before = by_id.get(answer)
    later = [
        p
        for p in by_id.values()
        if before is not None and p.payer_key == before.payer_key and p.order > before.order
        if not p.payment.is_reversal
    ]
    if before is not None and later:
        last = max(later, key=lambda p: p.order)
        won = max(last.payment.paid_cents - before.payment.paid_cents, 0)
        day = last.payment_date or _DAY_UNKNOWN
        yield Moment("paid" if won else "answered", day, claim_payment=last.id, won_cents=won)


def _corrected(reversal: int, group: Group) -> Iterator[Moment]:
    """The payer's first answer after a reversal that came without its correction."""
    by_id = {payment.id: payment for payment in group.payments}
    taken = by_id.get(reversal)
    if taken is None:
        return
    later = [
        p
        for p in by_id.values()
        if p.payer_key == taken.payer_key and p.order > taken.order and not p.payment.is_reversal
    ]
    if later:
        first = min(later, key=lambda p: p.order)
        paid = first.payment.paid_cents
        kind, day = "paid" if paid > 0 else "answered", first.payment_date or _DAY_UNKNOWN
        yield Moment(kind, day, claim_payment=first.id, won_cents=max(paid, 0))


def _is_moved(life: CaseLife) -> bool:
    """Whether a case is anything but simply new."""
    return life.state != "new" or bool(life.outcomes) or any(m.id for m in life.moments)


def _row(claim: int, key: CaseKey, life: CaseLife, amounts: Sequence[Row]) -> Row:
    return {
        "claim_id": claim,
        "payer_key": key[0],
        "cause": key[1],
        "denial_id": amounts[0]["id"],
        "state": life.state,
        "owner": life.owner,
        "follow_up": earliest([life.follow_up, life.waiting_until]),
        "refused_cents": life.refused_cents,
        "won_cents": life.won_cents,
        "outcomes": msgspec.json.encode(life.outcomes),
    }
