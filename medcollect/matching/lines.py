"""Pair the services of a claim payment with the lines of a claim: claim_rules.md section 6.2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

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


#: The rules for a line not yet answered, most trusted first.
_RULES: tuple[_Test, ...] = (
    lambda s, x: (
        _same_code(s, x) and _same_modifiers(s, x) and _same_day(s, x) and _same_charge(s, x)
    ),
    lambda s, x: _same_code(s, x) and _same_day(s, x) and _same_charge(s, x),
    lambda s, x: _same_code(s, x) and _same_charge(s, x),
)


def _by_control_number(service: ServicePayment, lines: Sequence[Line]) -> int:
    """The line whose control number the payer returned, 0 when none or not unique.

    Where no line was sent with such a number, a payer's own 1, 2, 3 means the line's LX number.
    """
    number = service.line_control_number
    if not number:
        return 0
    found = [x for x in lines if x.line_control_number == number]
    if not found and not any(x.line_control_number for x in lines):
        found = [x for x in lines if x.number == number and _same_code(service, x)]
    return found[0].position if len(found) == 1 else 0


def pair_lines(services: Sequence[ServicePayment], lines: Sequence[Line]) -> tuple[int, ...]:
    """The position of the claim line that each service payment answers, 0 where none fits.

    By control number; then by code, modifiers, day and charge, weaker step by step, each line
    once and equal lines in order; then several services of one unique code to one line (a split
    or an unbundled line).
    """
    pairs = [_by_control_number(service, lines) for service in services]
    taken = {pair for pair in pairs if pair}
    for rule in _RULES:
        for number, service in enumerate(services):
            if pairs[number]:
                continue
            free = (x for x in lines if x.position not in taken and rule(service, x))
            line = next(free, None)
            if line is not None:
                pairs[number] = line.position
                taken.add(line.position)
    for number, service in enumerate(services):
        if not pairs[number]:
            pairs[number] = _only_line_of_code(service, lines)
    return tuple(pairs)


def _only_line_of_code(service: ServicePayment, lines: Sequence[Line]) -> int:
    """The line of this code when the claim has just one, else 0."""
    same = [x for x in lines if _same_code(service, x)]
    return same[0].position if len(same) == 1 else 0
