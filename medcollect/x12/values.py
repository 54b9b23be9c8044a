"""Elements and composites as values: dates, amounts, procedures, adjustments, parties.

What repeats in every file (dates, amounts, procedure codes, adjustments) is read once and
remembered, because most of a remittance is repetition.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from medcollect.limits import Limits
from medcollect.model.common import Adjustment, Amount, Party, Procedure, Reference, Transaction
from medcollect.money import parse_cents
from medcollect.x12.problems import problem

if TYPE_CHECKING:
    from medcollect.findings import Finding

_LIMITS: Final = Limits()
#: Appended to an element list so that every position of the guides can be looked up.
BLANKS: Final = ("",) * 24
#: A two-digit year from here on belongs to the last century.
_CENTURY_SPLIT: Final = 70
_CAS_TRIPLETS_END: Final = 20
#: So many amounts are remembered at most.
_AMOUNTS_MAX: Final = 1 << 12
#: Longer amounts are left to ``parse_cents``.
_QUICK_DIGITS_MAX: Final = 12


#: Amounts that were read, by their text, for a look before ``read_cents``: most recur.
AMOUNTS: Final[dict[str, int]] = {}


def read_cents(text: str) -> int | None:
    """The same as ``parse_cents``, quick for whole amounts and amounts with two decimals."""
    digits = text[:-3] + text[-2:] if text[-3:-2] == "." else text + "00"
    if text and digits.isdecimal() and digits.isascii() and len(text) <= _QUICK_DIGITS_MAX:
        cents = int(digits)
        if len(AMOUNTS) < _AMOUNTS_MAX:
            AMOUNTS[text] = cents
        return cents
    return parse_cents(text)


@lru_cache(maxsize=1 << 15)
def parse_date(text: str) -> date | None:
    """Read CCYYMMDD, YYMMDD or the date of CCYYMMDDHHMM; ``None`` for anything else."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 6:
        text = ("19" if int(text[:2]) >= _CENTURY_SPLIT else "20") + text
    if len(text) not in {8, 12, 14}:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


@lru_cache(maxsize=1 << 15)
def parse_period(text: str) -> tuple[date | None, date | None]:
    """Read a D8, DT or RD8 value as first and last day (the same day for a single date)."""
    first, _, last = text.partition("-")
    start = parse_date(first)
    return start, parse_date(last) if last else start


@lru_cache(maxsize=1 << 15)
def parse_procedure(text: str, component: str) -> Procedure:
    """Read a medical procedure composite: qualifier, code, up to four modifiers, description."""
    parts = text.split(component)
    if len(parts) == 1:
        return Procedure("", parts[0])
    modifiers = tuple(filter(None, parts[2:6]))
    return Procedure(parts[0], parts[1], modifiers, parts[6] if len(parts) > 6 else "")


@lru_cache(maxsize=1 << 16)
def parse_adjustment(group: str, reason: str, amount: str, quantity: str) -> Adjustment | None:
    """One CAS triplet, or ``None`` when something in it is missing or unreadable."""
    cents = read_cents(amount)
    return (
        Adjustment(group, reason, cents, quantity)
        if group and reason and cents is not None
        else None
    )


@lru_cache(maxsize=1 << 12)
def _amount_problem(text: str) -> str:
    """Why this text is no amount in whole cents: the code of the finding."""
    if not text.strip():
        return "amount-missing"
    whole, point, fraction = text.strip().lstrip("+-").partition(".")
    digits = whole + fraction
    fractional = point and len(fraction) > 2 and digits.isascii() and digits.isdigit()
    return "amount-more-than-cents" if fractional else "amount-unreadable"


class Context:
    """What the reading of one transaction shares: separators, findings, limits, where we are."""

    __slots__ = ("component", "element", "findings", "limits", "transaction")

    def __init__(
        self, transaction: Transaction, findings: list[Finding], limits: Limits | None = None
    ) -> None:
        self.transaction = transaction
        self.limits = limits or _LIMITS
        self.element = transaction.envelope.delimiters.element
        self.component = transaction.envelope.delimiters.component
        self.findings = findings

    def report(self, code: str, segment: int, where: str = "") -> None:
        """Add the finding for one row of the problem table."""
        self.findings.append(problem(code, segment, self.transaction.index, where))

    def unreadable_amount(self, text: str, segment: int, where: str) -> None:
        """Report an amount that stands as zero."""
        self.report(_amount_problem(text), segment, where)

    def day(self, text: str, segment: int, where: str) -> date | None:
        """Read an optional date; a bad one is reported and left out."""
        if not text:
            return None
        day = parse_date(text)
        if day is None:
            self.report("date-unreadable", segment, where)
        return day

    def period(self, text: str, segment: int, where: str) -> tuple[date | None, date | None]:
        """Read an optional date or range; a bad one is reported and left out."""
        if not text:
            return None, None
        days = parse_period(text)
        if days[0] is None or days[1] is None:
            self.report("date-unreadable", segment, where)
        return days

    def adjustments(self, elements: list[str], segment: int, found: list[Adjustment]) -> int:
        """Add every triplet of a CAS to ``found``; returns how many amounts stand as zero."""
        group, faulty = elements[1] if len(elements) > 1 else "", 0
        length = len(elements)
        if length > _CAS_TRIPLETS_END and any(elements[_CAS_TRIPLETS_END:]):
            self.report("elements-too-many", segment, "CAS")
        elements = elements[:_CAS_TRIPLETS_END]
        elements += BLANKS[:3]
        for index in range(2, min(length, _CAS_TRIPLETS_END), 3):
            reason, amount, quantity = elements[index : index + 3]
            adjustment = parse_adjustment(group, reason, amount, quantity)
            if adjustment is not None:
                found.append(adjustment)
            elif reason or amount or quantity:
                faulty += self._faulty_adjustment(
                    (group, *elements[index : index + 3]), segment, found
                )
        return faulty

    def _faulty_adjustment(
        self, triplet: tuple[str, ...], segment: int, found: list[Adjustment]
    ) -> int:
        group, reason, amount, quantity = triplet
        cents = parse_cents(amount)
        if reason and not amount.strip():
            self.report("adjustment-without-amount", segment, "CAS")
        elif cents is None:
            self.unreadable_amount(amount, segment, "CAS")
        if not group or not reason:
            self.report("adjustment-without-reason", segment, "CAS")
        found.append(Adjustment(group, reason, cents or 0, quantity))
        return int(cents is None)

    def amount(self, elements: list[str], segment: int, found: list[Amount]) -> bool:
        """Add an AMT to ``found``; false, and reported, when its amount cannot be read."""
        elements += BLANKS[:3]
        cents = read_cents(elements[2])
        if cents is None:
            self.unreadable_amount(elements[2], segment, "AMT02")
            return False
        found.append(Amount(elements[1], cents))
        return True


#: What may follow a party and belongs to it, but for the DMG of a person.
_PARTY_DETAILS: Final = frozenset(("N3", "N4", "REF"))

#: Role, last, first, middle, suffix, identifier qualifier, identifier.
Names: TypeAlias = tuple[str, str, str, str, str, str, str]
NAMELESS: Final[Names] = ("", "", "", "", "", "", "")


class PartyDraft:
    """A party being read: the NM1 or N1 and what follows it."""

    __slots__ = ("address", "birth_date", "gender", "names", "place", "references")

    def __init__(self, names: Names) -> None:
        self.names = names
        self.address: list[str] = []
        self.place: tuple[str, str, str] = ("", "", "")
        self.references: list[Reference] = []
        self.birth_date: date | None = None
        self.gender = ""

    @property
    def role(self) -> str:
        """NM101 or N101."""
        return self.names[0]

    def add(self, elements: list[str], segment: int, context: Context) -> bool:
        """Take an N3, N4, REF or DMG of this party; false for any other segment."""
        if elements[0] != "DMG":
            return self.add_detail(elements)
        elements += BLANKS[:3]
        self.birth_date = context.day(elements[2], segment, "DMG02")
        self.gender = elements[3]
        return True

    def add_detail(self, elements: list[str]) -> bool:
        """Take an N3, N4 or REF of this party; false for any other segment."""
        tag = elements[0]
        if tag not in _PARTY_DETAILS:
            return False
        elements += BLANKS[:3]
        if tag == "N3":
            self.address += filter(None, elements[1:3])
        elif tag == "N4":
            self.place = (elements[1], elements[2], elements[3])
        else:
            self.references.append(Reference(elements[1], elements[2]))
        return True

    def build(self) -> Party:
        """The finished record."""
        return Party(
            *self.names,
            tuple(self.address),
            *self.place,
            self.birth_date,
            self.gender,
            tuple(self.references),
        )


def person_names(elements: list[str]) -> Names:
    """The names of an NM1."""
    if len(elements) < 10:
        elements += BLANKS[:9]
    _, role, _, last, first, middle, _, suffix, qualifier, identifier = elements[:10]
    return role, last, first, middle, suffix, qualifier, identifier


def organisation_names(elements: list[str]) -> Names:
    """The same for an N1, whose identifier stands in N103 and N104."""
    if len(elements) < 5:
        elements += BLANKS[:4]
    return (elements[1], elements[2], "", "", "", elements[3], elements[4])


#: Remark codes: MIA05 and MIA20-23, MOA03-07.
REMARK_POSITIONS: Final = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}


def remark_codes(elements: list[str]) -> list[str]:
    """The remark codes of an MIA or MOA."""
    length = len(elements)
    positions = REMARK_POSITIONS[elements[0]]
    return [elements[i] for i in positions if i < length and elements[i]]
