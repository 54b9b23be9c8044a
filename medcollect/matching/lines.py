"""Pair the services of a claim payment with the lines of a claim: claim_rules.md section 6.2."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Protocol

import msgspec

from medcollect.model.common import Procedure
from medcollect.model.remittance import ServicePayment


class Line(Protocol):
    """What pairing needs to know of a claim line."""

    @property
    def position(self) -> int:
        """Place on the claim, from 1."""

    @property
    def procedure_code(self) -> str:
        """The code as billed."""

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers as billed."""

    @property
    def charge_cents(self) -> int:
        """The charge."""

    @property
    def revenue_code(self) -> str:
        """The revenue code, else empty."""

    @property
    def service_from(self) -> date | None:
        """The first day of service."""

    @property
    def line_control_number(self) -> str:
        """REF*6R, else empty."""

    @property
    def number(self) -> str:
        """LX01."""


_Test = Callable[[ServicePayment, Line], bool]


def billed(service: ServicePayment) -> Procedure:
    """The procedure as the practice billed it: SVC06 where the payer judged another code."""
    return service.submitted_procedure or service.procedure


def _same_code(service: ServicePayment, line: Line) -> bool:
    """Whether the codes agree: the procedure, or the revenue code of a line without one."""
    code = billed(service).code.upper()
    if line.procedure_code:
        return code == line.procedure_code.upper()
    return bool(line.revenue_code) and line.revenue_code in {code, service.revenue_code}


def _same_charge(service: ServicePayment, line: Line) -> bool:
    return abs(service.charge_cents) == line.charge_cents


def _same_day(service: ServicePayment, line: Line) -> bool:
    days = {service.service_from, line.service_from}
    return None in days or len(days) == 1


def _same_modifiers(service: ServicePayment, line: Line) -> bool:
    return {m.upper() for m in billed(service).modifiers} == {m.upper() for m in line.modifiers}


class LineMatch(msgspec.Struct, frozen=True, gc=False):
    """Which line a service answers (``line`` 0: none), by which rule, how sure out of 100."""

    line: int
    rule: str
    score: int


_NONE = LineMatch(0, "none", 0)

#: The rules for a line not yet answered, most trusted first: name, score, test.
_RULES: tuple[tuple[str, int, _Test], ...] = (
    (
        "code, modifiers, day and charge",
        95,
        lambda s, x: (
            _same_code(s, x) and _same_modifiers(s, x) and _same_day(s, x) and _same_charge(s, x)
        ),
    ),
    (
        "code, day and charge",
        90,
        lambda s, x: _same_code(s, x) and _same_day(s, x) and _same_charge(s, x),
    ),
    ("code and charge", 80, lambda s, x: _same_code(s, x) and _same_charge(s, x)),
)


def _by_control_number(
    service: ServicePayment, lines: Sequence[Line], answered: Collection[int]
) -> LineMatch:
    """The line whose control number the payer returned, if there is just one.

    Where no line was sent with such a number, a payer's own 1, 2, 3 means the line's LX number,
    as far as code, day and charge agree; not of a line that the payer has answered before, since
    such numbers start anew in each part of a split claim.
    """
    number = service.line_control_number
    if not number:
        return _NONE
    found = [x for x in lines if x.line_control_number == number]
    if not found and not any(x.line_control_number for x in lines):
        found = [x for x in lines if x.number == number and x.position not in answered]
        found = [x for x in found if _RULES[1][2](service, x)]
    if len(found) != 1:
        return _NONE
    return LineMatch(found[0].position, "line control number", 99)


def pair_lines(
    services: Sequence[ServicePayment], lines: Sequence[Line], answered: Collection[int] = ()
) -> tuple[int, ...]:
    """The position of the claim line that each service payment answers, 0 where none fits."""
    return tuple([match.line for match in match_lines(services, lines, answered)])


def match_lines(
    services: Sequence[ServicePayment], lines: Sequence[Line], answered: Collection[int] = ()
) -> list[LineMatch]:
    """Match services to lines and say by which rule.

    By control number; then by code, modifiers, day and charge, weaker step by step, each line
    once and equal lines in order, those first that the payer has not ``answered`` yet (a claim
    split into several claim payments); then several services of one unique code to one line (a
    split or an unbundled line); then the one service and the one line of a charge that are left
    (a recoded line whose submitted code the payer does not show).
    """
    found = [_by_control_number(service, lines, answered) for service in services]
    if all(match.line for match in found):
        return found
    taken = {match.line for match in found if match.line}
    for rule, score, fits in _RULES:
        for number, service in enumerate(services):
            if found[number].line:
                continue
            free = [x for x in lines if x.position not in taken and fits(service, x)]
            line = min(free, key=lambda x: (x.position in answered, x.position), default=None)
            if line is not None:
                found[number] = LineMatch(line.position, rule, score)
                taken.add(line.position)
    for number, service in enumerate(services):
        if not found[number].line:
            found[number] = _only_line_of_code(service, lines)
    _pair_what_is_left(found, services, lines)
    return found


def _pair_what_is_left(
    found: list[LineMatch], services: Sequence[ServicePayment], lines: Sequence[Line]
) -> None:
    """Pair a service and a line of one charge where each is the only one that is left."""
    taken = {match.line for match in found}
    free = [x for x in lines if x.position not in taken and x.charge_cents]
    lone = [n for n, match in enumerate(found) if not match.line and services[n].charge_cents]
    for number in lone:
        service = services[number]
        same = [x for x in free if _same_charge(service, x) and _same_day(service, x)]
        rivals = [n for n in lone if _same_charge(services[n], same[0])] if len(same) == 1 else []
        if rivals == [number]:
            found[number] = LineMatch(same[0].position, "only line of the charge", 60)


def _only_line_of_code(service: ServicePayment, lines: Sequence[Line]) -> LineMatch:
    """The line of this code when the claim has just one."""
    same = [x for x in lines if _same_code(service, x)]
    return LineMatch(same[0].position, "only line of the code", 70) if len(same) == 1 else _NONE
