"""Structure and element form of 835 and 837 loops, from their raw segments (version 5010).

Which segments a loop must have, in which order they stand, how often loops may repeat, how long
elements may be: claim_rules.md sections 2 and 5, order and lengths as public maps of the guides
encode them. Everything is a table; what is carried raw is judged like what is modelled. Only
``check`` looks at this: the reader takes segments in whatever order they come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.common import Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.x12.element_codes import ELEMENT_CODES
from medcollect.x12.problems import problem


class _Loop(NamedTuple):
    """A loop: its segments in their order, what opens another one, what it must have.

    ``required`` names segments, with ``*`` and the first element where that tells them apart, and
    ``|`` between alternatives. ``owner`` is the loop whose requirements its segments meet as well.
    """

    order: tuple[str, ...]
    opens: dict[str, str] = {}  # noqa: RUF012 - never changed
    required: tuple[str, ...] = ()
    owner: str = ""


_PARTY: Final = ("NM1", "PRV", "N2", "N3", "N4", "DMG", "REF", "PER")
_AFTER_CLAIM: Final = {"NM1": "2310", "SBR": "2320", "LX": "2400"}
_AFTER_PAYER: Final = {"NM1": "2330", "SBR": "2320", "LX": "2400"}
_AFTER_LINE: Final = {"LIN": "2410", "NM1": "2420", "SVD": "2430", "LQ": "2440", "LX": "2400"}

_LOOPS: Final[dict[str, _Loop]] = {
    # 835
    "835": _Loop(
        ("BPR", "TRN", "CUR", "REF", "DTM"), {"N1": "1000"}, ("N1*PR", "N1*PE", "PER*BL")
    ),
    "1000": _Loop(("N1", "N2", "N3", "N4", "REF", "PER", "RDM"), {"N1": "1000"}, (), "835"),
    "2100": _Loop(
        ("CLP", "CAS", "NM1", "MIA", "MOA", "REF", "DTM", "PER", "AMT", "QTY"),
        {"SVC": "2110"}, ("NM1*QC",),
    ),
    "2110": _Loop(("SVC", "DTM", "CAS", "REF", "AMT", "QTY", "LQ"), {"SVC": "2110"}),
    # 837 above the claims
    "837": _Loop(("BHT",), {"NM1": "header"}, ("BHT", "NM1*41", "PER*IC", "NM1*40")),
    "header": _Loop(_PARTY, {"NM1": "header"}, (), "837"),
    "HL20": _Loop(
        ("HL", "PRV", "CUR"), {"NM1": "party20"}, ("NM1*85", "N3", "N4", "REF*EI|REF*SY")
    ),
    "HL22": _Loop(("HL", "SBR", "PAT"), {"NM1": "party22"}, ("SBR", "NM1*IL", "NM1*PR")),
    "HL23": _Loop(("HL", "PAT"), {"NM1": "party23"}, ("PAT", "NM1*QC")),
    "party20": _Loop(_PARTY, {"NM1": "party20"}, (), "HL20"),
    "party22": _Loop(_PARTY, {"NM1": "party22"}, (), "HL22"),
    "party23": _Loop(_PARTY, {"NM1": "party23"}, (), "HL23"),
    # 837 claims
    "2300": _Loop(
        ("CLM", "DTP", "CL1", "DN1", "DN2", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2",
         "CRC", "HI", "HCP"), _AFTER_CLAIM,
    ),
    "2310": _Loop(_PARTY, _AFTER_CLAIM),
    "2320": _Loop(
        ("SBR", "CAS", "AMT", "OI", "MIA", "MOA"), _AFTER_PAYER, ("OI", "NM1*IL", "NM1*PR")
    ),
    "2330": _Loop(("NM1", "N2", "N3", "N4", "DTP", "REF"), _AFTER_PAYER, (), "2320"),
    "2400": _Loop(
        ("LX", "SV1", "SV2", "SV3", "SV5", "TOO", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA",
         "CN1", "REF", "AMT", "K3", "NTE", "PS1", "HCP"), _AFTER_LINE,
    ),
    "2410": _Loop(("LIN", "CTP", "REF"), _AFTER_LINE),
    "2420": _Loop(_PARTY, _AFTER_LINE),
    "2430": _Loop(("SVD", "CAS", "DTP", "AMT"), _AFTER_LINE, ("DTP*573",)),
    "2440": _Loop(("LQ", "FRM"), _AFTER_LINE),
}  # fmt: skip

#: What the claim itself must have, by form.
_CLAIM_REQUIRED: Final = {"P": ("HI",), "I": ("DTP*434", "CL1", "HI")}

#: Loops and how often they may stand: segment -> most, by form of the 837 or in an 835.
_REPEATS: Final[dict[str, dict[str, int]]] = {
    "835": {"SVC": 999},
    "P": {"LX": 50, "SBR": 10},
    "I": {"LX": 999, "SBR": 10},
    "D": {"LX": 50, "SBR": 10},
}

#: Segment -> position -> most characters.
_LENGTHS: Final[dict[str, dict[int, int]]] = {
    "BPR": {2: 18},
    "TRN": {2: 50, 3: 10},
    "N1": {2: 60, 4: 80},
    "N3": {1: 55, 2: 55},
    "N4": {1: 30, 2: 2, 3: 15},
    "NM1": {3: 60, 4: 35, 5: 25, 7: 10, 9: 80},
    "REF": {2: 50},
    "CLP": {1: 38, 3: 18, 4: 18, 5: 18, 7: 50},
    "CLM": {1: 38, 2: 18},
    "SBR": {3: 50, 4: 60},
    "CAS": {2: 5, 3: 18},
    "AMT": {2: 18},
    "PLB": {1: 50},
    "LQ": {2: 30},
}

#: Segment -> positions of numbers that are not money.
_NUMBERS: Final[dict[str, tuple[int, ...]]] = {
    "SVC": (5, 7),
    "CAS": (4, 7, 10, 13, 16, 19),
    "QTY": (2,),
    "SV1": (4,),
    "SV2": (5,),
    "SV3": (6,),
    "CTP": (4,),
    "SVD": (5,),
}
_NUMBER: Final = re.compile(r"-?(\d{1,15}(\.\d{0,9})?|\.\d{1,9})")


class _Visit:
    """One pass of a loop: where it began, how far its order has come, what it has."""

    __slots__ = ("first", "has", "name", "rank")

    def __init__(self, name: str, first: int) -> None:
        self.name = name
        self.first = first
        self.rank = 0
        self.has: set[str] = set()


class Structure:
    """Judges one transaction loop by loop."""

    def __init__(self, transaction: Transaction, limits: Limits | None = None) -> None:
        self._transaction = transaction
        self._limits = limits or Limits()
        self._separator = transaction.envelope.delimiters.element
        self._component = transaction.envelope.delimiters.component or ":"
        self._applies = transaction.version.startswith("005010")
        self._levels: list[tuple[str, ...]] = []
        self._patient: tuple[str, ...] = ()
        self._claims_of_patient = 0

    def header(self, header: RemittanceHeader | ClaimsHeader) -> list[Finding]:
        """Judge table 1 of an 835, or what stands before the first HL of an 837."""
        start = "835" if isinstance(header, RemittanceHeader) else "837"
        return self._judge(header.segments, self._transaction.segment + 1, start)

    def claim_payment(self, payment: ClaimPayment) -> list[Finding]:
        """Judge a CLP loop with its lines."""
        found = self._judge(payment.segments, payment.segment, "2100")
        return found + self._repeats(payment.segments, payment.segment, "835")

    def trailer(self, end: RemittanceEnd) -> list[Finding]:
        """Judge the form of what follows the last claim payment."""
        first = next((a.segment for a in end.provider_adjustments), self._transaction.segment)
        return [] if not self._applies else list(self._forms(end.segments, first))

    def claim(self, claim: Claim) -> list[Finding]:
        """Judge the HL loops that are new since the last claim, and the CLM loop."""
        found = self._parents(claim)
        found += self._judge(
            claim.segments, claim.segment, "2300", _CLAIM_REQUIRED.get(claim.form, ())
        )
        return found + self._repeats(claim.segments, claim.segment, claim.form)

    # -- loops ---------------------------------------------------------------------------------

    def _judge(
        self, segments: Sequence[str], first: int, start: str, also: tuple[str, ...] = ()
    ) -> list[Finding]:
        """Walk segments that begin in one loop: order, what is required, form."""
        if not self._applies:
            return []
        found = []
        visits = [_Visit(start, first)]
        latest = {start: visits[0]}
        for number, segment in enumerate(segments, first):
            tag, _, rest = segment.partition(self._separator)
            misplaced = self._walk(visits, number, tag)
            visit = latest[visits[-1].name] = visits[-1]
            seen = (tag, f"{tag}*{rest.partition(self._separator)[0]}")
            visit.has.update(seen)
            owner = _LOOPS[visit.name].owner
            if owner:
                latest[owner].has.update(seen)
            if misplaced:
                found.append(self._problem("segment-misplaced", number, tag))
        for visit in visits:
            required = _LOOPS[visit.name].required + (also if visit is visits[0] else ())
            for names in required:
                if not visit.has.intersection(names.split("|")):
                    where = names.replace("|", " or ")
                    found.append(self._problem("segment-missing", visit.first, where))
        return [*dict.fromkeys(found), *self._forms(segments, first)]

    def _walk(self, visits: list[_Visit], number: int, tag: str) -> bool:
        """Move to the next place of the order, or to the loop that the segment opens."""
        visit = visits[-1]
        loop = _LOOPS[visit.name]
        if tag in loop.opens:
            visits.append(_Visit(loop.opens[tag], number))
            return False
        rank = loop.order.index(tag) if tag in loop.order else -1
        if rank < visit.rank:
            return True
        visit.rank = rank
        return False

    def _parents(self, claim: Claim) -> list[Finding]:
        """Judge the HL loops above a claim, each once; count the claims of one patient."""
        if claim.parent_segments is self._patient:
            self._claims_of_patient += 1
            if self._claims_of_patient == self._limits.claims_of_patient_max + 1:
                where = f"More than {self._limits.claims_of_patient_max} claims of one patient"
                return [self._problem("repeats-too-often", claim.segment, where)]
            return []
        self._patient, self._claims_of_patient = claim.parent_segments, 1
        levels = list(_levels(claim.parent_segments))
        found = []
        for level in levels:
            start = "HL" + "".join(level[0].split(self._separator)[3:4])
            if level not in self._levels and start in _LOOPS:
                found += self._judge(level, claim.segment, start)
        self._levels = levels
        # The segments above a claim carry no numbers: everything is told at the claim.
        return [msgspec.structs.replace(f, segment=claim.segment) for f in found]

    def _repeats(self, segments: Sequence[str], first: int, form: str) -> list[Finding]:
        """Loops that stand more often than they may."""
        if not self._applies or len(segments) <= min(_REPEATS.get(form, {"": 0}).values()):
            return []
        counts = Counter(segment.partition(self._separator)[0] for segment in segments)
        return [
            self._problem("repeats-too-often", first, f"More than {most} {tag} loops in one claim")
            for tag, most in _REPEATS.get(form, {}).items()
            if counts[tag] > most
        ]

    # -- elements ------------------------------------------------------------------------------

    def _forms(self, segments: Sequence[str], first: int) -> Iterator[Finding]:
        """Elements that are too long, no numbers, or none of the values that may stand there."""
        for number, segment in enumerate(segments, first):
            elements = segment.split(self._separator)
            tag = elements[0]
            for position, most in _LENGTHS.get(tag, {}).items():
                if position < len(elements) and len(elements[position]) > most:
                    yield self._problem("element-too-long", number, f"{tag}{position:02d}")
            for position in _NUMBERS.get(tag, ()):
                text = elements[position] if position < len(elements) else ""
                if text and not _NUMBER.fullmatch(text.strip()):
                    yield self._problem("quantity-unreadable", number, f"{tag}{position:02d}")
            for position, known in ELEMENT_CODES.get(tag, {}).items():
                text = elements[position] if position < len(elements) else ""
                if text and text.partition(self._component)[0] not in known:
                    yield self._problem("element-code-unknown", number, f"{tag}{position:02d}")

    def _problem(self, code: str, number: int, where: str) -> Finding:
        return problem(code, number, self._transaction.index, where)


def _levels(segments: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Cut the segments above a claim at their HLs."""
    level: list[str] = []
    for segment in segments:
        if segment.startswith("HL") and level:
            yield tuple(level)
            level = []
        level.append(segment)
    if level:
        yield tuple(level)
