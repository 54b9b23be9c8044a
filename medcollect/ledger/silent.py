"""Silent denials: money that a payer took back without saying what it decides instead.

Two ways (claim_rules.md 3.2 and 3.3). A *reversal* (CLP02 22) that no answer of the same payer
follows: the correction belongs into the same 835, so one that comes later ends what was silent
until then. And a *recovery* among the provider adjustments that names the claim while the payer's
answers on it give no reason for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from medcollect.ledger.case import Answer
from medcollect.ledger.chains import RECOVERY, Chain
from medcollect.ledger.reversals import Reversed, pair_reversals
from medcollect.ledger.slots import answers_with_money, only_echoes


class Said(msgspec.Struct, frozen=True):
    """That a payer answered, on which lines of the claim; none: on the claim as a whole."""

    id: int
    payer_key: str
    remittance: int | None
    order: tuple[date, int, int, int, str]
    lines: frozenset[int] = frozenset()

    def overlaps(self, lines: frozenset[int]) -> bool:
        """Whether it is about any of these lines."""
        return not self.lines or not lines or not self.lines.isdisjoint(lines)


class Silence(msgspec.Struct, frozen=True):
    """Money taken back by a reversal that was silent; ``is_open`` while no answer has come."""

    pair: Reversed
    is_open: bool

    @property
    def cents(self) -> int:
        """What was taken back."""
        return -self.pair.reversal.payment.paid_cents


def silent_reversals(answers: Sequence[Answer], held: Iterable[Said] = ()) -> list[Silence]:
    """The reversals of a claim that took money and came without their correction.

    ``held`` are answers that do not post: the payer has answered by them all the same.
    """
    usable, _ = answers_with_money(answers)
    pairs, standing, _ = pair_reversals(sorted(usable, key=lambda a: a.order))
    originals = [a for a in usable if not a.payment.is_reversal and not only_echoes(a)]
    said = [*map(said_by, originals), *held]
    stands = {answer.id for answer in standing}
    return [found for pair in pairs if (found := _silence(pair, said, stands)) is not None]


def said_by(answer: Answer) -> Said:
    """What of an answer counts here."""
    lines = frozenset() if 0 in answer.pairs else frozenset(answer.pairs)
    return Said(answer.id, answer.payer_key, answer.remittance, answer.order, lines)


def _silence(pair: Reversed, said: Iterable[Said], stands: set[int]) -> Silence | None:
    """A reversal that was silent for a time; none where it never was, or took nothing."""
    reversal, original = pair.reversal, said_by(pair.original)
    if reversal.payment.paid_cents >= 0:
        return None
    others = [
        one
        for one in said
        if one.id != original.id
        and one.payer_key == original.payer_key
        and one.overlaps(original.lines)
    ]
    beside = (one.remittance == reversal.remittance for one in others)
    before = (one.id in stands and one.order < reversal.order for one in others)
    if any(beside) or any(before):
        return None
    return Silence(pair, is_open=not any(one.order > reversal.order for one in others))


class Recovery(msgspec.Struct, frozen=True):
    """Money that a payer took from a check, naming a claim, and that its answers do not explain.

    ``since`` is the day on which it was taken, ``open_cents`` what is unexplained by now.
    """

    chain: Chain
    since: date | None
    cents: int
    open_cents: int


def silent_recovery(chain: Chain, answers: Sequence[Answer]) -> Recovery | None:
    """What a chain of recoveries took from a claim without a reason; none where it never did.

    ``answers`` are those of the same payer on the claim.
    """
    taken = _taken(chain)
    if chain.kind != RECOVERY or taken is None:
        return None
    since, most = taken
    ordered = sorted((a for a in answers if not only_echoes(a)), key=lambda a: a.order)
    then = [a for a in ordered if (a.payment_date or date.min) <= since]
    at_once = unexplained_cents(most, since, then)
    by_now = unexplained_cents(max(chain.balance, 0), since, ordered)
    if not at_once and not by_now:
        return None
    return Recovery(chain, since if since > date.min else None, max(at_once, by_now), by_now)


def _taken(chain: Chain) -> tuple[date, int] | None:
    """The day on which the payer first held more than it gave, and the most that it held."""
    by_day: dict[date, int] = defaultdict(int)
    for step in chain.steps:
        by_day[step.day or date.min] += step.cents
    total, most, since = 0, 0, None
    for day in sorted(by_day):
        total += by_day[day]
        since = day if since is None and total > 0 else since
        most = max(most, total)
    return None if since is None else (since, most)


def unexplained_cents(taken: int, since: date, answers: Sequence[Answer]) -> int:
    """What of the money taken the payer's answers do not account for; they come in order.

    They do as far as they went down by themselves (a reversal, with or without a correction), and
    where a later answer says that the payer owes no more than it has left.
    """
    paid = peak = 0
    for answer in answers:
        paid += answer.payment.paid_cents
        peak = max(peak, paid)
    judged = [a for a in answers if not a.payment.is_reversal]
    later = [a for a in judged[1:] if (a.payment_date or date.min) >= since]
    owed = later[-1].payment.paid_cents if later else paid
    return max(0, min(taken, owed - paid + taken) - (peak - paid))
