"""The claim payments of an 835: a CLP loop (2100) with its SVC loops (2110).

This is where reading a remittance spends its time. One table of functions, one per segment
identifier, says what a segment means; what has none is carried raw. Most segments of a remittance
recur to the letter (``CAS*CO*45*35``, a date, a remark), so what such a text means is remembered
and the function is asked once. Records are filled by position. Positions of elements are those of
claim_rules.md section 2.2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from medcollect.model.common import Adjustment, Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment
from medcollect.x12.values import (
    AMOUNTS,
    BLANKS,
    Context,
    parse_date,
    parse_procedure,
    person_names,
    read_cents,
    remark_codes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

#: CLP02 of 5010, and those of 4010 that old files still carry.
CLAIM_STATUSES: Final = frozenset(
    (
        "1",
        "2",
        "3",
        "4",
        "5",
        "10",
        "13",
        "15",
        "16",
        "17",
        "19",
        "20",
        "21",
        "22",
        "23",
        "25",
        "27",
    )
)


#: What a loop collects, one list per kind; the last holds the segments that are carried raw. A
#: claim has parties where a service line has reject codes.
_Lists: TypeAlias = "list[list[Any]]"
_ADJUSTMENTS, _REFERENCES, _AMOUNTS, _QUANTITIES, _REMARKS, _DATES, _PARTIES, _RAW = range(8)
_REJECTS: Final = _PARTIES

#: What a segment means: into which list what is put. ``None``: its function did all there is to do.
_Meaning: TypeAlias = "tuple[int, Any] | None"
_UNMODELLED: Final[_Meaning] = (_RAW, None)

#: Segments that recur to the letter, and the roles of the parties that do.
_RECURRING: Final = frozenset(("CAS", "AMT", "DTM", "LQ", "QTY", "MIA", "MOA"))
_RECURRING_ROLES: Final = frozenset(("82", "TT", "PR"))
#: So many texts are remembered at most; a full memory starts anew with the next transaction. What
#: recurs shows early, and a memory that keeps changing costs more than it saves.
_REMEMBERED_MAX: Final = 1 << 11

_NO_ELEMENTS: Final = ("",) * 7


@lru_cache(maxsize=8)
def _memories(_element: str, _component: str) -> tuple[dict[str, _Meaning], dict[str, _Meaning]]:
    """What segments of these separators mean in a claim, and in a service line."""
    return {}, {}


class ClaimPayments:
    """Reads the CLP loops of one transaction, one after the other."""

    __slots__ = ("_claim", "_claim_memory", "_context", "_service_memory", "_unreadable")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._claim_memory, self._service_memory = _memories(context.element, context.component)
        for memory in (self._claim_memory, self._service_memory):
            if len(memory) >= _REMEMBERED_MAX:
                memory.clear()
        self._claim: _Lists = []
        self._unreadable = 0

    def read(
        self, segments: list[str], first: int, position: int, before: list[RawSegment]
    ) -> ClaimPayment:
        """One CLP loop; ``first`` is the number of its CLP, ``position`` counts the CLP.

        ``before`` holds the LX, TS3 and TS2 above it, which are carried raw.
        """
        self._unreadable = 0
        claim: _Lists = [[], [], [], [], [], [], [], before]
        self._claim = target = claim
        services: list[ServicePayment] = []
        separator, memory = self._context.element, self._claim_memory
        remembered = memory.get
        service: list[str] = []
        service_number = 0
        clp = segments[0].split(separator)
        if clp[0] != "CLP":
            before.append(RawSegment(first, segments[0]))
        following = enumerate(segments, first)
        next(following)
        for number, segment in following:
            meaning = remembered(segment)
            if meaning is None:
                elements = segment.split(separator)
                tag = elements[0]
                if tag == "REF" and len(elements) == 3:
                    target[_REFERENCES].append(Reference(elements[1], elements[2]))
                    continue
                if tag == "SVC":
                    if service:
                        services.append(
                            self._service(service, service_number, len(services) + 1, target)
                        )
                    service, service_number = elements, number
                    target = [[], [], [], [], [], [], [], []]
                    memory = self._service_memory
                    remembered = memory.get
                    continue
                meaning = self._meaning(elements, segment, number, target)
                if meaning is None:
                    continue
            target[meaning[0]].append(meaning[1])
        if service:
            services.append(self._service(service, service_number, len(services) + 1, target))
        return self._payment(clp, segments, first, position, services)

    def _meaning(self, elements: list[str], segment: str, number: int, target: _Lists) -> _Meaning:
        """Ask the function of a segment; remember what it says where the text will come again."""
        tag = elements[0]
        handler = _SEGMENTS.get(tag)
        meaning = handler(self, elements, number, target) if handler else _UNMODELLED
        if meaning is _UNMODELLED:
            return _RAW, RawSegment(number, segment)
        if meaning is not None and (
            tag in _RECURRING or (tag == "NM1" and elements[1] in _RECURRING_ROLES)
        ):
            memory = self._claim_memory if target is self._claim else self._service_memory
            if len(memory) < _REMEMBERED_MAX:
                memory[segment] = meaning
        return meaning

    def _cents(self, text: str, number: int, where: str) -> int:
        """A required amount; an unreadable one is reported, counted and stands as zero."""
        cents = read_cents(text)
        if cents is None:
            self._context.unreadable_amount(text, number, where)
            self._unreadable += 1
            return 0
        return cents

    def _service(
        self, elements: list[str], number: int, position: int, lists: _Lists
    ) -> ServicePayment:
        """The finished record of an SVC loop; the order is that of ``ServicePayment``."""
        if len(elements) < 8:
            elements += _NO_ELEMENTS
        _, code, charge, paid, revenue, units, submitted, submitted_units, *_ = elements
        adjustments, references, amounts, quantities, remarks, dates, rejects, raw = lists
        component, known = self._context.component, AMOUNTS.get
        procedure = parse_procedure(code, component)
        charge_cents, paid_cents = known(charge), known(paid)
        if charge_cents is None:
            charge_cents = self._cents(charge, number, "SVC02")
        if paid_cents is None:
            paid_cents = self._cents(paid, number, "SVC03")
        start = end = None
        for qualifier, day in dates:
            start = start if qualifier == "151" else day
            end = end if qualifier == "150" else day
        control_number = ""
        for reference in references:
            if reference.qualifier == "6R" and not control_number:
                control_number = reference.value
        return ServicePayment(
            position,
            number,
            procedure,
            charge_cents,
            paid_cents,
            revenue or (procedure.code if procedure.qualifier == "NU" else ""),
            units or "1",
            parse_procedure(submitted, component) if submitted else None,
            submitted_units,
            start,
            end,
            tuple(adjustments),
            control_number,
            tuple(references),
            tuple(amounts),
            tuple(quantities),
            tuple(remarks),
            tuple(rejects),
            tuple(raw),
        )

    def _payment(
        self,
        clp: list[str],
        segments: list[str],
        first: int,
        position: int,
        services: list[ServicePayment],
    ) -> ClaimPayment:
        """The finished record of a CLP loop; the order is that of ``ClaimPayment``."""
        e = clp
        if len(e) < 12:
            e += BLANKS[:12]
        if not e[1] or e[2] not in CLAIM_STATUSES:
            _report_identity(e, first, self._context)
        adjustments, references, amounts, quantities, remarks, dates, parties, raw = self._claim
        day = dict(dates).get if dates else _no_day
        return ClaimPayment(
            position,
            first,
            e[1],
            e[2],
            self._cents(e[3], first, "CLP03"),
            self._cents(e[4], first, "CLP04"),
            self._cents(e[5], first, "CLP05") if e[5] else None,
            e[6],
            e[7],
            e[8],
            e[9],
            tuple(adjustments),
            tuple(services),
            tuple(parties),
            tuple(remarks),
            tuple(references),
            tuple(amounts),
            tuple(quantities),
            day("232"),
            day("233"),
            day("050"),
            day("036"),
            e[11],
            self._unreadable,
            tuple(segments),
            tuple(raw),
        )

    # -- what each segment means ---------------------------------------------------------------

    def _cas(self, elements: list[str], number: int, target: _Lists) -> _Meaning:
        if len(elements) == 4:  # nearly always: one reason, no quantity
            _, group, reason, amount = elements
            cents = read_cents(amount)
            if group and reason and cents is not None:
                return _ADJUSTMENTS, Adjustment(group, reason, cents)
        self._unreadable += self._context.adjustments(elements, number, target[_ADJUSTMENTS])
        return None

    def _nm1(self, elements: list[str], _number: int, target: _Lists) -> _Meaning:
        party = Party(*person_names(elements))
        if target is self._claim:
            return _PARTIES, party
        self._claim[_PARTIES].append(party)
        return None

    def _remarks(self, elements: list[str], _number: int, target: _Lists) -> _Meaning:
        codes = remark_codes(elements)
        if target is self._claim and len(codes) == 1:
            return _REMARKS, codes[0]
        self._claim[_REMARKS] += codes
        return None

    def _ref(self, elements: list[str], _number: int, _target: _Lists) -> _Meaning:
        elements += BLANKS[:2]
        return _REFERENCES, Reference(elements[1], elements[2])

    def _amt(self, elements: list[str], number: int, _target: _Lists) -> _Meaning:
        if len(elements) == 3:
            cents = read_cents(elements[2])
            if cents is not None:
                return _AMOUNTS, Amount(elements[1], cents)
        found: list[Amount] = []
        known = self._context.amount(elements, number, found)
        return (_AMOUNTS, found[0]) if known else _UNMODELLED

    def _qty(self, elements: list[str], _number: int, _target: _Lists) -> _Meaning:
        elements += BLANKS[:2]
        return _QUANTITIES, Quantity(elements[1], elements[2])

    def _dtm(self, elements: list[str], number: int, target: _Lists) -> _Meaning:
        elements += BLANKS[:2]
        qualifier, day = elements[1], parse_date(elements[2])
        if day is None:
            self._context.report("date-unreadable", number, "DTM02")
            return _UNMODELLED
        known = _CLAIM_DATES if target is self._claim else _SERVICE_DATES
        return (_DATES, (qualifier, day)) if qualifier in known else _UNMODELLED

    def _lq(self, elements: list[str], _number: int, target: _Lists) -> _Meaning:
        elements += BLANKS[:2]
        qualifier, code = elements[1], elements[2]
        if qualifier == "HE":
            return _REMARKS, code
        if qualifier == "RX" and target is not self._claim:
            return _REJECTS, code
        return _UNMODELLED


_CLAIM_DATES: Final = frozenset(("232", "233", "050", "036"))
_SERVICE_DATES: Final = frozenset(("472", "150", "151"))

_SEGMENTS: Final[dict[str, Callable[[ClaimPayments, list[str], int, _Lists], _Meaning]]] = {
    "CAS": ClaimPayments._cas,
    "NM1": ClaimPayments._nm1,
    "MIA": ClaimPayments._remarks,
    "MOA": ClaimPayments._remarks,
    "REF": ClaimPayments._ref,
    "AMT": ClaimPayments._amt,
    "QTY": ClaimPayments._qty,
    "DTM": ClaimPayments._dtm,
    "LQ": ClaimPayments._lq,
}


def _no_day(_qualifier: str) -> None:
    """Of a claim without dates."""


def _report_identity(clp: list[str], number: int, context: Context) -> None:
    """CLP01 and CLP02 say which claim and what became of it."""
    if not clp[1]:
        context.report("claim-number-missing", number, "CLP01")
    if clp[2] not in CLAIM_STATUSES:
        context.report("claim-status-unknown", number)
