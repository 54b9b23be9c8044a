"""Finds the time limit of a denial and the rule it comes from.

Rules: appeal_deadlines.csv (each row with source and confidence) and appeals.md section 3: counted
from the decision's date in the remittance, months keep the day, what ends on a weekend or holiday
is shown as the workday before, and Medicare's date is the safe one without the days for mail. The
contract (``[[denials.limits]]`` in the settings) beats every row. A row that is not verified never
gives more time than the default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from medcollect.codes import read_table
from medcollect.dates import add_business_days, add_days, add_months, previous_workday
from medcollect.denials.facts import DenialFacts, Route, payers_named
from medcollect.model.policies import TimeLimit

#: How the settings' later limits say what they count from.
DECISION_ON_APPEAL: Final = "decision on the appeal"

#: Which first-level clock a step of the table is. Later levels start from later decisions.
_PURPOSE_OF_STEP: Final = {
    "level1_redetermination": "appeal",
    "nonpar_provider_payment_appeal": "appeal",
    "plan_appeal": "appeal",
    "reconsideration": "appeal",
    "reconsideration_plus_appeal": "appeal",
    "appeal": "appeal",
    "dispute": "appeal",
    "corrected_claim": "corrected_claim",
    "reopening_minor_error": "corrected_claim",
    "timely_filing": "timely_filing",
}

#: The clocks that a route may run on, best first. A corrected claim stops no appeal clock, so
#: where no limit for it is on file the appeal's limit is the safe one.
_PURPOSES: Final[dict[Route, tuple[str, ...]]] = {
    "appeal": ("appeal",),
    "patient_answer": ("appeal",),
    "correct_and_resubmit": ("corrected_claim", "timely_filing", "appeal"),
    "new_claim": ("timely_filing",),
}

_NO_CLOCK: Final[dict[Route, str]] = {
    "other_payer": "The other payer's filing limit counts; it is not known which payer that is.",
    "patient": "No payer's clock runs on what the patient owes.",
    "none": "Nothing is to be sent, so no clock runs.",
}

#: Where rows for a kind of payer stand in the table: payer, line; the first that has a row counts.
_ROWS_OF_KIND: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "medicare": (("Medicare FFS", "A/B"),),
    "medicare_advantage": (("Medicare Advantage", "all"),),
    "medicaid": (("Medicaid", "managed care"), ("Medicaid", "federal ceiling")),
    "tricare": (("TRICARE", "all"),),
    "veterans": (("VA Community Care Network", "all"),),
    "federal_employees": (("Federal Employee Program (BCBS)", "FEP"),),
}

#: The lines of business of a named payer, by the kind of plan.
_LINES_OF_KIND: Final = {
    "commercial": ("commercial", "all"),
    "unknown": ("commercial", "all"),
    "other": ("commercial", "all"),
    "medicare_advantage": ("Medicare", "Medicare Advantage", "all"),
}

#: What stands in for a commercial payer without a rule: the federal minimum for group plans.
_DEFAULT_ROW: Final = ("ERISA group health plan", "self-funded and insured")
_DEFAULT_CAVEAT: Final = (
    "No rule of this payer on file; the usual minimum stands in, your contract may be shorter."
)
_DEFAULT_KINDS: Final = frozenset({"commercial", "unknown", "other"})

#: What the table's row does not say by itself (appeals.md sections 2 and 3).
_CAVEATS: Final = {
    ("Medicare FFS", "appeal"): "This is the safe day, without the 5 days presumed for mail.",
    ("Medicare Advantage", "appeal"): "A contracted provider's contract decides instead.",
}

#: What later steps of the settings count from.
_DECIDED_BEFORE: Final = dict.fromkeys(("second_appeal", "external_review"), DECISION_ON_APPEAL)

_FROM_SERVICE: Final = re.compile(r"^(date|year) of service")

_UNITS: Final[dict[str, Callable[[date, int], date]]] = {
    "days": add_days,
    "days minimum": add_days,
    "business days": add_business_days,
    "months": add_months,
    "year": lambda day, years: add_months(day, 12 * years),
    "years": lambda day, years: add_months(day, 12 * years),
    "31 December of the next year": lambda day, _: date(day.year + 1, 12, 31),
}


class Clock(msgspec.Struct, frozen=True, gc=False):
    """One time limit of the table, or of the settings (``setting`` names it)."""

    payer: str
    line: str
    step: str
    who: str
    purpose: str
    amount: int
    unit: str
    counted_from: str
    condition: str
    source: str
    confidence: str
    setting: str = ""

    @property
    def has_length(self) -> bool:
        """Whether the row says how long the limit is."""
        return self.unit in _UNITS

    def end(self, start: date) -> date:
        """Give the last day, on a workday."""
        return previous_workday(self.last_day(start))

    def last_day(self, start: date) -> date:
        """Give the last day as the rule counts it, whatever day of the week it is."""
        return _UNITS[self.unit](start, self.amount)


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """A due date (``None``: none known) and the sentence that names its rule or the lack of it."""

    due: date | None
    rule: str


def deadline(
    facts: DenialFacts, route: Route, no_appeal: str = "", limits: tuple[TimeLimit, ...] = ()
) -> Deadline:
    """Find by when the route must be taken, and why; ``limits`` are those of the settings."""
    purposes = _PURPOSES.get(route, ())
    if not purposes:
        reason = f"No appeal: {no_appeal}." if no_appeal else ""
        return Deadline(None, reason or _NO_CLOCK[route])
    found = ((p, _clock(facts, p, limits)) for p in purposes if not (no_appeal and p == "appeal"))
    clocks = [clock for _, clock in found if clock is not None]
    if not clocks:
        return Deadline(None, _no_rule(facts, purposes[0]))
    return _deadline(clocks[0], facts)


def was_filed_in_time(facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()) -> bool:
    """Whether the payer took the claim in (277CA), or decided, before its filing limit ended."""
    clock = _clock(facts, "timely_filing", limits)
    start = start_of(clock, facts) if clock is not None else None
    if clock is None or start is None:
        return False
    last = clock.last_day(start)
    return any(day is not None and day <= last for day in (facts.accepted_on, facts.decided_on))


def _deadline(clock: Clock, facts: DenialFacts) -> Deadline:
    start = start_of(clock, facts)
    if start is None:
        missing = "service" if _FROM_SERVICE.match(clock.counted_from) else "decision"
        return Deadline(None, f"The date of {missing} is not known. {in_words(clock, None)}")
    return Deadline(clock.end(start), in_words(clock, start))


def clocks_by_contract(facts: DenialFacts, limits: tuple[TimeLimit, ...]) -> Iterator[Clock]:
    """The limits of the settings that hold for this payer, plan and day, the first of each step."""
    seen: set[str] = set()
    day = facts.decided_on or facts.service_from
    for limit in limits:
        fits = limit.concerns(facts.payer_name, day) and limit.plan in {"", facts.payer_kind}
        if fits and limit.step not in seen:
            seen.add(limit.step)
            yield _by_contract(limit)


def _by_contract(limit: TimeLimit) -> Clock:
    from_decision = _DECIDED_BEFORE.get(limit.step, "decision")
    return Clock(
        payer=limit.payer,
        line=limit.plan.replace("_", " ") or "all",
        step=limit.step,
        who="provider",
        purpose=_PURPOSE_OF_STEP.get(limit.step, "later"),
        amount=limit.amount,
        unit=limit.unit,
        counted_from="date of service" if limit.counted_from == "service" else from_decision,
        condition="",
        source=limit.source or "your settings",
        confidence="your contract",
        setting=limit.name,
    )


def _clock(facts: DenialFacts, purpose: str, limits: tuple[TimeLimit, ...]) -> Clock | None:
    """Pick the contract's limit, else the row for this payer.

    A row that is not verified counts only where it ends no later than the default.
    """
    agreed = (clock for clock in clocks_by_contract(facts, limits) if clock.purpose == purpose)
    return next(agreed, None) or _shipped(facts, purpose)


def _shipped(facts: DenialFacts, purpose: str) -> Clock | None:
    rows = _clocks()
    kept = (rows.get((*place, purpose)) for place in places_of(facts))
    own = next(filter(None, kept), None)
    default = rows.get((*_DEFAULT_ROW, purpose)) if facts.payer_kind in _DEFAULT_KINDS else None
    if own is None or default is None or own.confidence not in {"unverified", "sources disagree"}:
        return own or default
    any_day = date(2000, 1, 1)
    return min(own, default, key=lambda clock: clock.end(any_day))


def places_of(facts: DenialFacts) -> list[tuple[str, str]]:
    """Give the payer and line of the rows that may hold for this payer, the best first."""
    return [*_named_rows(facts), *_ROWS_OF_KIND.get(facts.payer_kind, ())]


def _named_rows(facts: DenialFacts) -> list[tuple[str, str]]:
    """Give the table's rows for a payer that is known by name, for its kind of plan."""
    kind = facts.payer_kind
    if kind == "medicaid":
        return [("Medicaid", line) for line in _medicaid_states(facts.payer_name)]
    return [
        (payer, line)
        for payer, _ in payers_named(facts.payer_name)
        for line in _LINES_OF_KIND.get(kind, ())
    ]


def _medicaid_states(payer_name: str) -> list[str]:
    name = payer_name.upper()
    return [line for payer, line, _ in _clocks() if payer == "Medicaid" and line.upper() in name]


def start_of(clock: Clock, facts: DenialFacts) -> date | None:
    """Give the day the limit counts from."""
    if not from_service(clock):
        return facts.limits_from
    return start_of_service(clock, facts)


def from_service(clock: Clock) -> bool:
    """Whether the limit counts from the date of service."""
    return bool(_FROM_SERVICE.match(clock.counted_from))


def start_of_service(clock: Clock, facts: DenialFacts) -> date | None:
    """Give the day of service that the limit counts from; stays count from their end."""
    if facts.form == "I" and (
        "institutional" in clock.counted_from or "inpatient" in clock.counted_from
    ):
        return facts.service_to or facts.service_from
    return facts.service_from or facts.service_to


def in_words(clock: Clock, start: date | None) -> str:
    """Put the rule in words: payer, step, length, start, condition, source, confidence."""
    length = f"{clock.amount} {clock.unit}" if clock.amount else clock.unit
    since = f" from {start.isoformat()}" if start else ""
    given = f"; {clock.condition}" if clock.condition else ""
    step = clock.step.replace("_", " ")
    counted = f"(counted from {clock.counted_from}{given})"
    who = f"Settings ({clock.setting}), " if clock.setting else ""
    sentences = (
        _DEFAULT_CAVEAT if (clock.payer, clock.line) == _DEFAULT_ROW else "",
        f"{who}{clock.payer} ({clock.line}), {step} by the {clock.who}: {length}{since} {counted}.",
        _CAVEATS.get((clock.payer, clock.purpose), ""),
        f"Source: {clock.source}. Confidence: {clock.confidence}.",
    )
    return " ".join(filter(None, sentences))


def _no_rule(facts: DenialFacts, purpose: str) -> str:
    kind = facts.payer_kind.replace("_", " ")
    step = {"appeal": "appeal", "corrected_claim": "corrected claim"}.get(purpose, "filing")
    return f"No {step} limit is on file for this payer ({kind}): contract or state law decides."


@lru_cache(maxsize=1)
def _clocks() -> dict[tuple[str, str, str], Clock]:
    """Read the first-level limits by payer, line and purpose."""
    found: dict[tuple[str, str, str], Clock] = {}
    for row in read_table("appeal_deadlines"):
        clock = _read_clock(row)
        if clock is not None:
            found.setdefault((clock.payer, clock.line, clock.purpose), clock)
    return found


def _read_clock(row: dict[str, str]) -> Clock | None:
    """Read a row; ``None`` where it has no length or starts from a later decision."""
    later_level = row["counted_from"] == "reconsideration decision"
    if row["step"] not in _PURPOSE_OF_STEP or later_level or row["unit"] not in _UNITS:
        return None
    return clock_of(row)


def clock_of(row: dict[str, str]) -> Clock:
    """Read any row, later levels and those without a length too."""
    return Clock(
        payer=row["payer"],
        line=row["line_or_state"],
        step=row["step"],
        who=row["who"],
        purpose=_PURPOSE_OF_STEP.get(row["step"], "later"),
        amount=int(row["amount"] or 0),
        unit=row["unit"],
        counted_from=row["counted_from"],
        condition=row["condition"],
        source=row["source"],
        confidence=row["confidence"],
    )
