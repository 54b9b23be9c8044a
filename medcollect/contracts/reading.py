"""Read a table of prices, and the terms that hold for all of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from medcollect.contracts.problems import problem
from medcollect.contracts.terms import CHARGE, Ranking, Term, Terms, number_of_text
from medcollect.errors import BadRequest
from medcollect.findings import Finding
from medcollect.sheets import Mapping, Row, Table

#: The columns of a table of prices.
FIELDS: Final = ("procedure", "modifiers", "place", "amount", "percent", "base", "per")

_PROCEDURE: Final = re.compile(r"[A-Z0-9.]{1,11}|[A-Z0-9]{0,10}\*|[A-Z0-9]{1,7}-[A-Z0-9]{1,7}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PLACE: Final = re.compile(r"[0-9]{2}")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_WIDTH: Final = 2


class _Multiple(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    percents: tuple[str | int, ...]
    procedures: tuple[str, ...] = ("*",)


class _Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms as people write them."""

    lesser_of_charge: bool = False
    sequestration_percent: str | int = ""
    base: str = ""
    multiple_procedures: _Multiple | None = None
    modifiers: dict[str, str | int] = {}


class GivenTerms(msgspec.Struct, frozen=True):
    """Terms for a whole contract, and the base of percents whose row names none."""

    terms: Terms = Terms()
    base: str = ""


_TERMS_HELP: Final = (
    "Terms are lesser_of_charge, sequestration_percent, base, modifiers, and multiple_procedures "
    "with percents and procedures; percents are written as '62.5'."
)


def terms_of(data: dict[str, Any]) -> GivenTerms:
    """The terms of a settings table; raises BadRequest where something in it cannot be."""
    try:
        given = msgspec.convert(data, _Given)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The terms are not understood: {error}.", _TERMS_HELP) from error
    multiple = given.multiple_procedures
    ranking = Ranking()
    if multiple is not None:
        procedures = tuple(code.strip().upper() for code in multiple.procedures)
        ranking = Ranking(tuple(map(str, multiple.percents)), procedures)
    modifiers = {code.upper(): str(percent) for code, percent in given.modifiers.items()}
    kept = str(given.sequestration_percent)
    percents = [*ranking.percents, *modifiers.values(), *([kept] if kept else [])]
    is_sound = (
        all(number_of_text(percent) is not None for percent in percents)
        and all(_MODIFIER.fullmatch(code) for code in modifiers)
        and all(_PROCEDURE.fullmatch(code) for code in ranking.procedures)
        and (multiple is None or bool(ranking.percents))
    )
    if not is_sound:
        message = "The terms hold a percent, modifier or procedure that is none."
        raise BadRequest(message, _TERMS_HELP)
    terms = Terms((), given.lesser_of_charge, kept, ranking, modifiers)
    return GivenTerms(terms, given.base.strip().casefold())


def read_prices(
    data: bytes | str, mapping: Mapping, given: GivenTerms, *, is_schedule: bool
) -> tuple[Terms, list[Finding]]:
    """The rows of a table with the terms that hold for all, and everything that is wrong with it.

    A fee schedule has amounts only.
    """
    table = Table(data, mapping, FIELDS)
    priced = ("amount",) if is_schedule else ("amount", "percent")
    found: list[Term] = []
    if all([table.require("procedure"), table.require(*priced)]):
        rows = [
            _term(table.findings, row, given.base, is_schedule=is_schedule) for row in table.rows()
        ]
        found = _without_repeats([row for row in rows if row is not None], table.findings)
        if not found and not table.findings:
            table.findings.append(problem("contract-without-rows"))
    return msgspec.structs.replace(given.terms, rows=tuple(found)), table.findings


def _term(findings: list[Finding], row: Row, base: str, *, is_schedule: bool) -> Term | None:
    """A row as a price, ``None`` with findings where it is none."""
    cells = {field: cell.strip() for field, cell in row.cells.items()}
    amount, percent = _amount(cells.get("amount", "")), _amount(cells.get("percent", "").strip("%"))
    modifiers = tuple(sorted(re.split(r"[\s,;:/+]+", cells.get("modifiers", "").upper())))
    term = Term(
        row=row.line,
        procedure=cells.get("procedure", "").upper().replace(" ", ""),
        modifiers=tuple(filter(None, modifiers)),
        place=cells.get("place", ""),
        amount=amount,
        percent=percent,
        base=(cells.get("base", "").casefold() or base) if percent else "",
        per="line" if cells.get("per", "").lower() == "line" else "unit",
    )
    told = [
        problem(code, row.line, where)
        for code, where in _faults(term, cells, is_schedule=is_schedule)
    ]
    findings.extend(told)
    return None if told else term


def _faults(term: Term, cells: dict[str, str], *, is_schedule: bool) -> list[tuple[str, str]]:
    """What is wrong with a row: code and column."""
    unreadable = "contract-field-unreadable"
    ends = term.procedure.partition("-")
    is_range_bad = bool(ends[2]) and (len(ends[0]) != len(ends[2]) or ends[0] > ends[2])
    is_one_price = bool(term.amount) != bool(term.percent)
    checks = [
        ("contract-procedure-unreadable", "", not _PROCEDURE.fullmatch(term.procedure)),
        ("contract-procedure-unreadable", "", is_range_bad),
        (unreadable, "modifiers", not all(map(_MODIFIER.fullmatch, term.modifiers))),
        (unreadable, "place", bool(term.place) and not _PLACE.fullmatch(term.place)),
        (unreadable, "amount", bool(term.amount) and number_of_text(term.amount) is None),
        (unreadable, "percent", bool(term.percent) and number_of_text(term.percent) is None),
        (unreadable, "per", cells.get("per", "").lower() not in {"", "unit", "line"}),
        ("contract-price-unclear", "", not is_one_price or (is_schedule and not term.amount)),
        ("contract-price-unclear", "", bool(term.percent) and not term.base),
    ]
    return [(code, where) for code, where, is_so in checks if is_so]


def _amount(text: str) -> str:
    """An amount without its dollar sign and thousands separators."""
    plain = text.replace("$", "").replace(" ", "")
    return plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain


def _without_repeats(terms: Sequence[Term], findings: list[Finding]) -> list[Term]:
    """Rows that say something of their own; another price for the same line is a finding."""
    known: dict[tuple[str, tuple[str, ...], str], Term] = {}
    for term in terms:
        key = (term.procedure, term.modifiers, term.place)
        earlier = known.setdefault(key, term)
        if earlier is not term:
            is_same = msgspec.structs.replace(term, row=earlier.row) == earlier
            code = "contract-row-twice" if is_same else "contract-row-repeated"
            findings.append(problem(code, term.row))
    return list(known.values())


def bases_of(terms: Terms) -> list[str]:
    """The fee schedules that the rows refer to."""
    return sorted({term.base for term in terms.rows if term.base and term.base != CHARGE})
