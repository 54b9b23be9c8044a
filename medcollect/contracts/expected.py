"""The allowed amount that a contract promises for each line of one patient's day, with its steps.

In this order: the row's amount for each unit (or its percent of a fee schedule, or of the charge),
percents of modifiers, the place among several procedures of the day, then the charge as the upper
limit. Cents are rounded once, at the end, half up. What the terms do not say is not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

import msgspec

from medcollect.contracts.lines import PricedLine
from medcollect.contracts.terms import (
    CHARGE,
    Contract,
    Term,
    covers,
    number_of_text,
    percent_of,
    rounded_cents,
)
from medcollect.contracts.versions import NoTerms, Versions
from medcollect.ids import name
from medcollect.money import format_cents

#: Modifiers that change a price, so that a row or a percent must speak of them: reduced or
#: discontinued, parts of a service, bilateral, several surgeons, assistants, anesthesia teams,
#: therapy assistants. Our own selection from payers' published policies; other modifiers inform.
PRICING_MODIFIERS: Final = frozenset(
    {
        *("22", "26", "50", "52", "53", "54", "55", "56", "62", "66", "73", "74", "78"),
        *("80", "81", "82", "AD", "AS", "CO", "CQ", "QK", "QX", "QY", "TC"),
    }
)

_DECIMALS: Final = Context(prec=9)

#: The modifier that says: one of several procedures; the ranking speaks of it.
_MULTIPLE: Final = "51"


class Expected(msgspec.Struct, frozen=True, gc=False):
    """What is to be allowed for a line, or why that cannot be said.

    ``steps`` are the arithmetic in words. ``contract`` is the version that spoke, if one did.
    """

    cents: int | None
    why_not: str = ""
    steps: tuple[str, ...] = ()
    contract: Contract | None = None
    row: int = 0
    any_contract: bool = True


class _Price(msgspec.Struct):
    """A line's price in the making, in fractions of a cent."""

    line: PricedLine
    contract: Contract
    term: Term
    cents: Fraction
    steps: list[str]

    @property
    def is_ranked(self) -> bool:
        """Whether the contract ranks the procedure among those of its day."""
        return is_ranked(self.contract, self.line.procedure)

    @property
    def places(self) -> int:
        """How many places it takes among the day's procedures: one for each whole unit."""
        units = self.line.units or Fraction(1)
        whole = units.denominator == 1 and units > 0 and self.term.per == "unit"
        return int(units) if whole else 1


def expected_amounts(lines: Sequence[PricedLine], versions: Versions) -> list[Expected]:
    """What each line of one visit should be allowed; lines in the order of the answer."""
    found = [_price(line, versions) for line in lines]
    _rank(lines, found)
    return [_finished(one) if isinstance(one, _Price) else one for one in found]


def is_ranked(contract: Contract, procedure: str) -> bool:
    """Whether several procedures of a day lower the price of this one."""
    ranking = contract.terms.ranking
    return bool(ranking.percents) and any(covers(p, procedure) for p in ranking.procedures)


def _price(line: PricedLine, versions: Versions) -> _Price | Expected:
    """A line's price before the ranking, or why there is none."""
    if line.day is None:
        return Expected(None, "The day of service is not known.")
    contract = versions.contract(line.payer, line.plan, line.day)
    if isinstance(contract, NoTerms):
        return Expected(None, contract.why, any_contract=contract.contract)
    modifiers = frozenset(line.modifiers)
    term = versions.term(contract, line.procedure, modifiers, line.place)
    if term is None:
        return Expected(None, _no_row(contract, line), contract=contract)
    consumed = set(term.modifiers)
    base = _base(line, contract, term, versions, consumed)
    if isinstance(base, str):
        return Expected(None, base, contract=contract, row=term.row)
    price = _Price(line, contract, term, *base)
    problem = _by_modifiers(price, consumed)
    return Expected(None, problem, contract=contract, row=term.row) if problem else price


def _no_row(contract: Contract, line: PricedLine) -> str:
    where = f" in place {line.place}" if line.place else ""
    return f"{_named(contract)} has no row for {line.procedure or 'a line without a code'}{where}."


def _named(contract: Contract) -> str:
    """A version as people find it again."""
    return f"{contract.name} ({name('T', contract.id)}, from {contract.valid_from})"


def _base(
    line: PricedLine, contract: Contract, term: Term, versions: Versions, consumed: set[str]
) -> tuple[Fraction, list[str]] | str:
    """Cents by the row itself with the step in words, or why it gives none."""
    start = f"{_named(contract)} row {term.row}"
    if term.base == CHARGE:
        step = f"{start}: {term.percent}% of the charge {format_cents(line.charge_cents)}"
        return percent_of(term.percent, Fraction(line.charge_cents)), [step]
    if not term.percent:
        return _by_units(line, term, start)
    schedule = versions.schedule(term.base, line.day) if line.day else NoTerms("")
    if isinstance(schedule, NoTerms):
        return schedule.why
    left = frozenset(line.modifiers) - set(term.modifiers)
    row = versions.term(schedule, line.procedure, left, line.place)
    if row is None or not row.amount:
        return f"{_named(schedule)} has no amount for {line.procedure} in place {line.place}."
    consumed.update(row.modifiers)
    found = _by_units(line, row, f"{_named(schedule)} row {row.row}")
    if isinstance(found, str):
        return found
    cents, steps = found
    return percent_of(term.percent, cents), [*steps, f"{start}: {term.percent}% of it"]


def _by_units(line: PricedLine, term: Term, start: str) -> tuple[Fraction, list[str]] | str:
    """A row's amount for the line's units."""
    amount = number_of_text(term.amount)
    if amount is None:
        return f"{start} has no amount."
    if term.per == "line":
        return amount * 100, [f"{start}: {term.amount} for the line"]
    if line.units is None or line.units <= 0:
        return "The number of units cannot be read."
    units = "" if line.units == 1 else f" for each of {_plain(line.units)} units"
    return amount * 100 * line.units, [f"{start}: {term.amount}{units}"]


def _by_modifiers(price: _Price, consumed: set[str]) -> str:
    """Apply the percents of modifiers that the row does not name; why not, where none is known."""
    percents = price.contract.terms.modifiers
    for modifier in price.line.modifiers:
        if modifier in consumed:
            continue
        if modifier in percents:
            price.cents = percent_of(percents[modifier], price.cents)
            price.steps.append(f"modifier {modifier}: {percents[modifier]}%")
        elif modifier in PRICING_MODIFIERS or (modifier == _MULTIPLE and not price.is_ranked):
            named = _named(price.contract)
            return f"Modifier {modifier} changes the price, and {named} does not say how."
    return ""


def _rank(lines: Sequence[PricedLine], found: list[_Price | Expected]) -> None:
    """Lower the price of all but the dearest of a day's ranked procedures.

    Of equal prices the payer's own order counts: more allowed comes first. Where a ranked line has
    no price, the order is not known, and none of them has.
    """
    ranked = [one for one in found if isinstance(one, _Price) and one.is_ranked]
    if not ranked or (len(ranked) == 1 and ranked[0].places == 1 and len(lines) == 1):
        return
    contract = ranked[0].contract
    for line, one in zip(lines, found, strict=True):
        if isinstance(one, Expected) and is_ranked(contract, line.procedure):
            why = f"{line.procedure} of the same day has no price, so the order is not known."
            _withdraw(found, why)
            return
    order = sorted(ranked, key=lambda p: (-p.cents / p.places, -p.line.allowed_cents, p.line.key))
    place = 0
    for price in order:
        if len(order) > 1 or price.places > 1:
            _at_place(price, place)
        place += price.places


def _withdraw(found: list[_Price | Expected], why: str) -> None:
    for number, one in enumerate(found):
        if isinstance(one, _Price) and one.is_ranked:
            found[number] = Expected(None, why, contract=one.contract, row=one.term.row)


def _at_place(price: _Price, place: int) -> None:
    """The price at its place among the day's procedures, each unit at its own."""
    percents = price.contract.terms.ranking.percents
    mine = [percents[min(place + n, len(percents) - 1)] for n in range(price.places)]
    each = price.cents / price.places
    price.cents = sum((percent_of(percent, each) for percent in mine), Fraction(0))
    shown = ", ".join(f"{percent}%" for percent in mine[:6])
    more = " ..." if len(mine) > len(mine[:6]) else ""
    last = f" to {place + price.places}" if price.places > 1 else ""
    price.steps.append(f"procedure {place + 1}{last} of the day: {shown}{more}")


def _finished(price: _Price) -> Expected:
    """The rounded amount, no more than the charge where the contract says so."""
    cents = rounded_cents(price.cents)
    steps = price.steps
    charge = price.line.charge_cents
    if price.contract.terms.lesser_of_charge and charge < cents:
        steps.append(f"{format_cents(cents)} is more than the charge {format_cents(charge)}")
        cents = charge
    return Expected(cents, "", tuple(steps), price.contract, price.term.row)


def _plain(value: Fraction) -> str:
    """A number of units as people write it."""
    top, bottom = map(Decimal, value.as_integer_ratio())
    return str(_DECIMALS.divide(top, bottom))
