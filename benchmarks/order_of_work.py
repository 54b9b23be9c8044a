"""What the order of the denial worklist recovers: a simulated office over two years.

    python benchmarks/order_of_work.py [--seeds 5] [--picture benchmarks/order_of_work.svg]

Denials arrive every working day: a payer, a reason, an amount, the payer's decision date. Whether
somebody who works one in time wins it, after how many days the payer says so, and how many minutes
the work takes is drawn once, from chances and minutes that are known here and told to nobody. The
office has the same hours under each order, too few to work all:

* **oldest first** and **largest first**, by hand;
* **medcollect**: what ``denials.assess`` makes of each denial (limit, next action, chance), the
  chance corrected by the outcomes of the office's own work so far, ordered by ``denials.worth``.

The true chance of a payer and category is the published start value moved up or down by a factor
(its odds times e to a normal number of deviation 0.8). No order works what is too late.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from medcollect.denials import Assessment, DenialFacts, assess
from medcollect.denials.experience import learned_chance
from medcollect.denials.worth import priority, weight_cents
from medcollect.model.policies import Experience, WorkWeights
from medcollect.money import format_dollars

FIRST_DAY = date(2024, 1, 2)
WORKING_DAYS = 500
A_DAY = 24
#: The median amount in cents and the deviation of its logarithm: lines of a professional practice.
AMOUNT_CENTS, AMOUNT_SPREAD = 180_00, 0.7
CHANCE_SPREAD, MINUTES_SPREAD = 0.8, 0.35
ANSWER_DAYS = (20, 60)
FRIDAY = 4
#: The office's hours as a share of what working everything would take.
SHARES = (0.2, 0.35, 0.5)
#: Filing indicators of the payers: three commercial ones, Medicare, Medicaid, a Blue plan ...
PAYERS = ("CI", "CI", "CI", "MB", "MC", "BL", "HM", "12")
#: Reasons as they come, in percent: authorization, coding, records, coverage, duplicates ...
REASONS = {
    "197": 14, "50": 8, "252": 12, "4": 7, "11": 5, "97": 8, "16": 12, "31": 3, "B7": 3, "27": 10,
    "22": 6, "96": 4, "119": 2, "18": 6,
}  # fmt: skip


class Denial(NamedTuple):
    """A denial and what only the simulation knows of it."""

    facts: DenialFacts
    payer: int
    judged: Assessment
    won: bool
    answer_days: int
    minutes: float


Key = Callable[[Denial, date], float]


def true_chances(rng: random.Random) -> Callable[[int, Assessment], float]:
    """What a payer's refusals of a category are really overturned at; a start value moved."""
    moved: dict[tuple[int, str], float] = {}

    def chance(payer: int, judged: Assessment) -> float:
        start = min(max(judged.chance_basis_points, 1), 9_900) / 10_000
        factor = moved.setdefault((payer, judged.category), math.exp(rng.gauss(0, CHANCE_SPREAD)))
        odds = start / (1 - start) * factor
        return odds / (1 + odds)

    return chance


def history(seed: int) -> list[list[Denial]]:
    """The denials of every working day."""
    rng = random.Random(seed)
    chance = true_chances(rng)
    return [
        [denial(rng, day, chance) for _ in range(max(0, round(rng.gauss(A_DAY, 5))))]
        for day in working_days()
    ]


def denial(rng: random.Random, day: date, chance: Callable[[int, Assessment], float]) -> Denial:
    """One denial that is read on a day, decided some days before."""
    payer = rng.randrange(len(PAYERS))
    decided = day - timedelta(days=rng.randrange(2, 9))
    served = decided - timedelta(days=rng.randrange(15, 60))
    facts = DenialFacts(
        group="CO",
        reason=rng.choices(list(REASONS), list(REASONS.values()))[0],
        amount_cents=round(math.exp(rng.gauss(math.log(AMOUNT_CENTS), AMOUNT_SPREAD))),
        payer_name=f"PAYER {payer}",
        filing_indicator=PAYERS[payer],
        decided_on=decided,
        service_from=served,
        procedure_code="99213",
        form="P",
    )
    judged = assess(facts, day)
    return Denial(
        facts,
        payer,
        judged,
        rng.random() < chance(payer, judged),
        rng.randrange(*ANSWER_DAYS),
        minutes_of(judged) * math.exp(rng.gauss(0, MINUTES_SPREAD)),
    )


def minutes_of(judged: Assessment) -> int:
    """The minutes that the work takes on the average, as the worklist's table has them."""
    return WorkWeights().minutes(judged.next_action)


def working_days() -> Iterator[date]:
    """The days on which the office works."""
    day = FIRST_DAY
    for _ in range(WORKING_DAYS):
        yield day
        day += timedelta(days=3 if day.weekday() == FRIDAY else 1)


class Outcomes:
    """What became of the work so far, once the payer has answered."""

    def __init__(self) -> None:
        self._tried: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._due: dict[date, list[Denial]] = defaultdict(list)
        self._known: tuple[Experience, ...] = ()
        self._chances: dict[tuple[str, str, int], int] = {}

    def expect(self, worked: Denial, today: date) -> None:
        """The payer will answer."""
        self._due[today + timedelta(days=worked.answer_days)].append(worked)

    def learn(self, today: date) -> None:
        """Take the answers that have come."""
        for day in [day for day in self._due if day <= today]:
            for answered in self._due.pop(day):
                for payer in ("", answered.facts.payer_name):
                    tried = self._tried[payer, answered.judged.category]
                    tried[0] += 1
                    tried[1] += 10_000 * answered.won
        self._known = tuple(Experience(*key, *tried) for key, tried in self._tried.items())
        self._chances.clear()

    def chance(self, case: Denial) -> int:
        """The chance in basis points: the start value and what was learned."""
        start, category = case.judged.chance_basis_points, case.judged.category
        key = case.facts.payer_name, category, start
        if key not in self._chances:
            self._chances[key] = learned_chance(start, category, case.facts, self._known)
        return self._chances[key]


def oldest_first(_: Outcomes) -> Key:
    """As they came in."""
    return lambda case, _today: -case.facts.decided_on.toordinal()  # type: ignore[union-attr]


def largest_first(_: Outcomes) -> Key:
    """By amount."""
    return lambda case, _today: case.facts.amount_cents


def ours(outcomes: Outcomes) -> Key:
    """As the worklist has them."""

    def key(case: Denial, today: date) -> int:
        limit = case.judged.deadline
        weight = weight_cents(
            case.facts.amount_cents, outcomes.chance(case), case.judged.next_action
        )
        return priority(weight, (limit - today).days if limit else None)

    return key


ORDERS: dict[str, Callable[[Outcomes], Key]] = {
    "oldest first": oldest_first,
    "largest first": largest_first,
    "medcollect": ours,
}


def recovered(
    days: list[list[Denial]], order: Callable[[Outcomes], Key], minutes: float
) -> list[int]:
    """The cents won by the end of each day's work, so many minutes a day."""
    outcomes, waiting, won, curve, left = Outcomes(), [], 0, [], 0.0
    key = order(outcomes)
    for today, fresh in zip(working_days(), days, strict=True):
        outcomes.learn(today)
        waiting = [d for d in waiting + fresh if (d.judged.deadline or today) >= today]
        waiting.sort(key=lambda case: key(case, today))
        left = min(left, 0) + minutes
        while waiting and left > 0:
            case = waiting.pop()
            left -= case.minutes
            won += case.facts.amount_cents * case.won
            outcomes.expect(case, today)
        curve.append(won)
    return curve


def main() -> None:
    """Print the table, and draw the curves of the first seed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--picture", type=Path, help="an SVG to draw the curves into")
    options = parser.parse_args()
    print(
        "| hours for | order | recovered, median | against oldest first | against largest first |"
    )
    print("|---|---|---|---|---|")
    histories = [history(seed) for seed in range(1, options.seeds + 1)]
    for share in SHARES:
        curves = {
            name: [recovered(days, order, share * work_minutes(days)) for days in histories]
            for name, order in ORDERS.items()
        }
        sums = {name: [curve[-1] for curve in found] for name, found in curves.items()}
        for name, found in sums.items():
            ratios = [
                statistics.median(a / b for a, b in zip(found, sums[other], strict=True))
                for other in ("oldest first", "largest first")
            ]
            total = format_dollars(round(statistics.median(found)))
            hours = f"{share:.0%} of the work"
            print(f"| {hours} | {name} | {total} | {ratios[0]:.2f} | {ratios[1]:.2f} |")
        if options.picture and share == SHARES[0]:
            options.picture.write_text(drawn({n: c[0] for n, c in curves.items()}), "utf-8")


WIDTH, HEIGHT, MARGIN = 640, 360, 48
COLOURS = ("#b45309", "#6b7280", "#0f766e")
FRAME = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"
 font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<path d="M{MARGIN} {MARGIN // 2}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="#888"/>
<text x="{MARGIN}" y="{HEIGHT - MARGIN // 3}">working days, 0 to {WORKING_DAYS}</text>
"""


def drawn(curves: dict[str, list[int]]) -> str:
    """The curves as an SVG: dollars recovered over working days."""
    most = max(curve[-1] for curve in curves.values())
    across, up = (WIDTH - 3 * MARGIN) / WORKING_DAYS, (HEIGHT - 1.5 * MARGIN) / most
    label = f"recovered, up to {format_dollars(most)}"
    parts = [FRAME, f'<text x="{MARGIN + 6}" y="{MARGIN // 2 + 8}">{label}</text>']
    for colour, (name, curve) in zip(COLOURS, curves.items(), strict=True):
        steps = [*range(0, len(curve), 5), len(curve) - 1]
        places = [(MARGIN + day * across, HEIGHT - MARGIN - curve[day] * up) for day in steps]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        x, y = places[-1]
        line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        parts += [line, f'<text x="{x + 4:.0f}" y="{y + 4:.0f}" fill="{colour}">{name}</text>']
    return "\n".join([*parts, "</svg>"]) + "\n"


def work_minutes(days: list[list[Denial]]) -> float:
    """The minutes that working every denial would take, a day."""
    return sum(case.minutes for day in days for case in day) / len(days)


if __name__ == "__main__":
    main()
