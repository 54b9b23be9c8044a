"""277CA (005010X214), 277 (005010X212) and 276: where every claim and line stands.

The HL levels are payer (20), receiver (21), provider (19), subscriber (22), dependent (23) or, in a
277CA, patient (PT). A claim is a TRN under a person; some senders leave the TRN out, so whatever
speaks of a claim opens one. The order of the file decides who belongs to whom.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from medcollect.model.common import Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.status import (
    ClaimStatus,
    ClaimVerdict,
    LineStatus,
    Status,
    StatusLevel,
    StatusReport,
)
from medcollect.x12.life_values import Elements, Person, Whole
from medcollect.x12.stc import overall, read_stc
from medcollect.x12.values import parse_procedure

_PERSONS: Final = frozenset({"22", "23", "PT"})
#: Levels from the top; a new one closes those below it.
_ORDER: Final = ("20", "21", "19", "22", "23")
_SERVICE_DATES: Final = frozenset({"472", "232", "233", "434"})


class _Line:
    """An SVC loop being read."""

    def __init__(self, number: int, elements: Elements) -> None:
        self.number = number
        self.elements = elements
        self.statuses: list[Status] = []
        self.references: list[Reference] = []
        self.days: tuple[date | None, date | None] = (None, None)
        self.unmodelled: list[RawSegment] = []


class _Claim:
    """A TRN loop being read."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.trace = ""
        self.statuses: list[Status] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.days: tuple[date | None, date | None] = (None, None)
        self.lines: list[_Line] = []
        self.segments: list[str] = []
        self.unmodelled: list[RawSegment] = []


class _Level:
    """An HL being read."""

    def __init__(self, number: int, elements: Elements, whole: Whole) -> None:
        self.number = number
        self.code = elements[3]
        self.person = Person(whole)
        self.trace = ""
        self.statuses: list[Status] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.quantities: list[Quantity] = []
        self.dates: dict[str, date | None] = {}
        self.claims: list[_Claim] = []

    @property
    def is_person(self) -> bool:
        return self.code in _PERSONS


class _Reader:
    """A transaction being read: the level, claim and line that are open, and what is finished."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.form = _form(whole)
        self.header: Elements = [""] * 8
        self.level: _Level | None = None
        self.parties: dict[str, Party] = {}
        self.known: set[str] = set()
        self.levels: list[StatusLevel] = []
        self.claims: list[ClaimStatus] = []
        self.unmodelled: list[RawSegment] = []

    # -- where we are --------------------------------------------------------------------------

    def claim(self, number: int) -> _Claim | None:
        """The open claim of a person, opened where nothing opened it; ``None`` above persons."""
        level = self.level
        if level is None or not level.is_person:
            return None
        if not level.claims:
            level.claims.append(_Claim(number))
        return level.claims[-1]

    def line(self) -> _Line | None:
        """The open line."""
        claims = self.level.claims if self.level else []
        return claims[-1].lines[-1] if claims and claims[-1].lines else None

    def close_level(self) -> None:
        """Finish the open level: its claims, or itself where it stands above them."""
        level, self.level = self.level, None
        if level is None:
            return
        self.parties[level.code] = level.person.party()
        if level.is_person:
            for claim in level.claims:
                self.claims.append(self._build_claim(claim, level))
        else:
            self.levels.append(self._build_level(level))

    # -- segments ------------------------------------------------------------------------------

    def bht(self, elements: Elements, _number: int) -> bool:
        """BHT."""
        self.header = elements
        return True

    def hl(self, elements: Elements, number: int) -> bool:
        """HL."""
        self.close_level()
        if elements[2] and elements[2] not in self.known:
            self.whole.report("hierarchy-parent-unknown", number)
        self.known.add(elements[1])
        if elements[3] in _ORDER:
            for below in _ORDER[_ORDER.index(elements[3]) :]:
                self.parties.pop(below, None)
        self.level = _Level(number, elements, self.whole)
        return True

    def nm1(self, elements: Elements, _number: int) -> bool:
        """NM1."""
        return self.level is not None and self.level.person.name(elements)

    def detail(self, elements: Elements, number: int) -> bool:
        """N3, N4 and DMG of the level's party."""
        if self.level is None:
            return False
        self.level.person.detail(elements, number)
        return True

    def trn(self, elements: Elements, number: int) -> bool:
        """TRN: opens a claim under a person."""
        level = self.level
        if level is None:
            return False
        if level.is_person:
            level.claims.append(_Claim(number))
            level.claims[-1].trace = elements[2]
        elif level.trace:
            return False
        level.trace = level.trace or elements[2]
        return True

    def stc(self, elements: Elements, number: int) -> bool:
        """STC of a line, a claim or a level."""
        target = self.line() or self.claim(number) or self.level
        if target is None:
            return False
        target.statuses.append(read_stc(self.whole, elements, number, self.form))
        return True

    def ref(self, elements: Elements, number: int) -> bool:
        """REF of a line, a claim or a level."""
        target = self.line() or self.claim(number) or self.level
        if target is None:
            return False
        target.references.append(Reference(elements[1], elements[2]))
        return True

    def dtp(self, elements: Elements, number: int) -> bool:
        """DTP: service dates of claims and lines; when a level received and processed."""
        service = elements[1] in _SERVICE_DATES
        target = (self.line() or self.claim(number)) if service else None
        if target is not None:
            target.days = self.whole.period(elements, number)
            return True
        if service or self.level is None or self.level.is_person:
            return False
        self.level.dates[elements[1]] = self.whole.period(elements, number)[0]
        return elements[1] in {"050", "009"}

    def amt(self, elements: Elements, number: int) -> bool:
        """AMT of a claim or a level."""
        target = self.claim(number) or self.level
        cents = self.whole.cents(elements[2], number, "AMT02")
        if target is None or cents is None:
            return False
        target.amounts.append(Amount(elements[1], cents))
        return True

    def qty(self, elements: Elements, _number: int) -> bool:
        """QTY of a level."""
        if self.level is None or self.level.is_person:
            return False
        self.level.quantities.append(Quantity(elements[1], elements[2]))
        return True

    def svc(self, elements: Elements, number: int) -> bool:
        """SVC: opens a line."""
        claim = self.claim(number)
        if claim is None:
            return False
        claim.lines.append(_Line(number, elements))
        return True

    def carry(self, raw: RawSegment) -> None:
        """Keep a segment that no field models with what is open."""
        line = self.line()
        if line is not None:
            line.unmodelled.append(raw)
        elif self.level is not None and self.level.claims:
            self.level.claims[-1].unmodelled.append(raw)
        else:
            self.unmodelled.append(raw)

    # -- records -------------------------------------------------------------------------------

    def _build_level(self, level: _Level) -> StatusLevel:
        counts = {q.qualifier: q.value for q in level.quantities}
        amounts = {a.qualifier: a.cents for a in level.amounts}
        number = level.number
        return StatusLevel(
            segment=number,
            level=level.code,
            party=level.person.party(),
            verdict=overall(level.statuses),
            trace_number=level.trace,
            statuses=tuple(level.statuses),
            received_date=level.dates.get("050"),
            processed_date=level.dates.get("009"),
            accepted_count=self.whole.count(
                counts.get("90") or counts.get("QA", ""), number, "QTY02"
            ),
            rejected_count=self.whole.count(
                counts.get("AA") or counts.get("QC", ""), number, "QTY02"
            ),
            accepted_cents=amounts.get("YU"),
            rejected_cents=amounts.get("YY"),
            quantities=tuple(level.quantities),
            amounts=tuple(level.amounts),
            references=tuple(level.references),
        )

    def _build_claim(self, claim: _Claim, level: _Level) -> ClaimStatus:
        lines = tuple(self._build_line(line, i) for i, line in enumerate(claim.lines, 1))
        references = {r.qualifier: r.value for r in reversed(claim.references)}
        own = level.person.party()
        trace_is_ours = self.form == "277CA"
        asked = next((a.cents for a in claim.amounts if a.qualifier == "T3"), None)
        charges = [s.charge_cents for s in claim.statuses if s.charge_cents is not None]
        paid = [s.paid_cents for s in claim.statuses if s.paid_cents is not None]
        return ClaimStatus(
            position=len(self.claims) + 1,
            segment=claim.number,
            verdict="asked" if self.form == "276" else _claim_verdict(claim, lines),
            patient_control_number=references.get("EJ") or (claim.trace if trace_is_ours else ""),
            payer_claim_control_number=references.get("1K", ""),
            clearinghouse_number=references.get("D9", ""),
            trace_number=claim.trace,
            patient=own,
            subscriber=self.parties.get("22", own),
            provider=self.parties.get("19", Party()),
            receiver=self.parties.get("21", Party()),
            payer=self.parties.get("20", Party()),
            charge_cents=charges[0] if charges else asked,
            paid_cents=paid[0] if paid else None,
            service_from=claim.days[0],
            service_to=claim.days[1],
            statuses=tuple(claim.statuses),
            lines=lines,
            amounts=tuple(claim.amounts),
            references=tuple(claim.references),
            segments=tuple(claim.segments),
            unmodelled=tuple(claim.unmodelled),
        )

    def _build_line(self, line: _Line, position: int) -> LineStatus:
        e, number = line.elements, line.number
        references = {r.qualifier: r.value for r in reversed(line.references)}
        return LineStatus(
            position=position,
            segment=number,
            verdict="asked" if self.form == "276" else overall(line.statuses),
            procedure=parse_procedure(e[1], self.whole.delimiters.component or ":"),
            charge_cents=self.whole.cents(e[2], number, "SVC02"),
            paid_cents=self.whole.cents(e[3], number, "SVC03"),
            revenue_code=e[4],
            units=e[7],
            statuses=tuple(line.statuses),
            line_control_number=references.get("FJ") or references.get("6R", ""),
            service_from=line.days[0],
            service_to=line.days[1],
            references=tuple(line.references),
            unmodelled=tuple(line.unmodelled),
        )


_SEGMENTS: Final[dict[str, Callable[[_Reader, Elements, int], bool]]] = {
    "BHT": _Reader.bht,
    "HL": _Reader.hl,
    "NM1": _Reader.nm1,
    "N3": _Reader.detail,
    "N4": _Reader.detail,
    "DMG": _Reader.detail,
    "TRN": _Reader.trn,
    "STC": _Reader.stc,
    "REF": _Reader.ref,
    "DTP": _Reader.dtp,
    "AMT": _Reader.amt,
    "QTY": _Reader.qty,
    "SVC": _Reader.svc,
}


def read_status(whole: Whole, fingerprint: str, *, complete: bool) -> StatusReport:
    """Read one 277CA, 277 or 276."""
    reader = _Reader(whole)
    for number, elements in whole.rows():
        handler = _SEGMENTS.get(elements[0])
        if handler is None or not handler(reader, elements, number):
            reader.carry(whole.raw(number))
        if reader.level is not None and reader.level.claims:
            reader.level.claims[-1].segments.append(whole.raw(number).text)
    reader.close_level()
    bht, start = reader.header, whole.transaction.segment
    return StatusReport(
        transaction=whole.transaction,
        form=reader.form,
        reference_id=bht[3],
        created_date=whole.day(bht[4], start + 1, "BHT04"),
        created_time=bht[5],
        levels=tuple(reader.levels),
        claims=tuple(reader.claims),
        fingerprint=fingerprint,
        complete=complete,
        segments=tuple(whole.segments),
        unmodelled=tuple(reader.unmodelled),
    )


def _form(whole: Whole) -> str:
    """``277CA`` by the version, or by BHT01 where the version does not say."""
    kind, version = whole.transaction.kind, whole.transaction.version
    if kind == "276":
        return kind
    if "X212" in version or "X213" in version:
        return kind
    acknowledges = "X214" in version or "X364" in version
    bht = next((e for _, e in whole.rows() if e[0] == "BHT"), None)
    return "277CA" if acknowledges or (bht is not None and bht[1] == "0085") else kind


def _claim_verdict(claim: _Claim, lines: tuple[LineStatus, ...]) -> ClaimVerdict:
    """The claim's own status, else that of its lines where they agree."""
    if claim.statuses:
        return overall(claim.statuses)
    verdicts = {line.verdict for line in lines}
    return verdicts.pop() if len(verdicts) == 1 else "unknown"
