"""A claim taken apart for changing: its levels, its head, its payers, its lines, in segments.

Whoever changes a claim changes its segments and leaves the rest as it was sent: what no record has
a field for goes along. A payer looks the same here wherever it stands, so that the payer a claim
is sent to (2000B) and another payer (2320) can change places (claim_rules.md 5.1 and 5.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from medcollect.errors import BadRequest
from medcollect.x12.write import COMPONENT, Segment, party_segments
from medcollect.x12.write837 import (
    PATIENT,
    SELF,
    SUBSCRIBER,
    VERSIONS,
    cut_loop,
    read_claims,
    sbr_segment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medcollect.model.claim import Claim, Coverage

#: SBR01 in the order of payers.
RANKS: Final = "PSTABCDEFGH"
#: REF of 2010BB and 2330B that say who the payer is; others are its numbers for the provider.
_PAYER_IDENTIFIERS: Final = frozenset(("2U", "EI", "FY", "NF"))
#: REF that stand at the claim for the payer it is sent to, and in 2330B for any other.
_PAYER_NUMBERS: Final = frozenset(("G1", "9F"))
#: REF of the insured that 2330A knows.
_INSURED_IDENTIFIERS: Final = frozenset(("SY",))
#: Segments of loop 2300 that stand behind the REF of the claim.
_BEHIND_REFERENCES: Final = frozenset(
    ("K3", "NTE", "CR1", "CR2", "CR3", "CRC", "HI", "HCP", "NM1", "SBR", "LX")
)
#: PAT has more to say than the relationship: death, weight, pregnancy.
_PAT_FACTS: Final = 5


class Parts(msgspec.Struct):
    """One claim: its HL levels, loops 2300 and 2310, each loop 2320, each loop 2400."""

    form: str
    levels: list[list[Segment]]
    head: list[Segment]
    payers: list[list[Segment]]
    lines: list[list[Segment]]

    def loop(self) -> list[Segment]:
        """The CLM loop in its order."""
        return [*self.head, *flat(self.payers), *flat(self.lines)]

    def copy(self) -> Parts:
        """A copy whose segments may be changed."""
        levels, payers, lines = (
            [[[*segment] for segment in part] for part in parts]
            for parts in (self.levels, self.payers, self.lines)
        )
        return Parts(self.form, levels, [[*segment] for segment in self.head], payers, lines)

    def read(self) -> Claim:
        """The claim that these segments are read as; raises BadRequest where they are none."""
        found = read_claims(VERSIONS[self.form], self.levels, self.loop())
        if len(found) != 1 or len(found[0].lines) != len(self.lines):
            raise BadRequest(
                "The stored claim cannot be written again: its segments are out of order.",
                "Write the claim anew where it was made.",
            )
        return found[0]


def parts_of(form: str, levels: list[list[Segment]], loop: list[Segment]) -> Parts:
    """A claim's levels and CLM loop as parts."""
    head, payers, lines = cut_loop(loop)
    return Parts(form, levels, head, payers, lines)


def flat(loops: Iterable[Sequence[Segment]]) -> list[Segment]:
    """Loops one behind the other."""
    return [segment for loop in loops for segment in loop]


def element(segment: Sequence[str | None], place: int) -> str:
    """An element of a segment, empty where it has none."""
    return (segment[place] or "") if place < len(segment) else ""


def put(segment: Segment, place: int, value: str) -> None:
    """Set an element of a segment that may be shorter."""
    segment += [""] * (place + 1 - len(segment))
    segment[place] = value


def component(text: str, place: int) -> str:
    """A component of an element, counted from 1."""
    return [*text.split(COMPONENT), *[""] * place][place - 1]


def after_references(head: Sequence[Segment]) -> int:
    """Where a further REF of the claim belongs."""
    places = (i for i, segment in enumerate(head) if segment[0] in _BEHIND_REFERENCES)
    return next(places, len(head))


# -- payers --------------------------------------------------------------------------------------


class Payer(msgspec.Struct):
    """One payer of a claim, wherever it stands.

    ``sbr`` always holds the relationship. ``benefits``, ``signature`` and ``release`` are what the
    claim states for this payer (CLM08, CLM10, CLM09, or OI03, OI04, OI06), ``None`` where nothing
    is. ``numbers`` are its authorization and referral; ``money`` (CAS, AMT), ``remarks`` (MIA,
    MOA), ``dates`` (DTP) and ``number`` (REF*F8) its answer; ``rest`` whatever else stands in 2330.
    """

    sbr: Segment
    insured: list[Segment]
    payer: list[Segment]
    benefits: str | None = None
    signature: str | None = None
    release: str | None = None
    numbers: list[Segment] = []
    money: list[Segment] = []
    remarks: list[Segment] = []
    dates: list[Segment] = []
    number: str = ""
    rest: list[Segment] = []

    @property
    def id(self) -> str:
        """NM109 of the payer."""
        return element(self.payer[0], 9) if self.payer else ""

    @property
    def name(self) -> str:
        """NM103 of the payer."""
        return element(self.payer[0], 3) if self.payer else ""

    @property
    def rank(self) -> str:
        """SBR01."""
        return element(self.sbr, 1)

    @property
    def relationship(self) -> str:
        """SBR02, or PAT01 where the patient is a dependent."""
        return element(self.sbr, 2) or SELF


def payers_of(parts: Parts) -> list[Payer]:
    """Every payer of a claim: the one it is sent to, then those of its loops 2320."""
    return [destination(parts), *(_other(loop) for loop in parts.payers)]


def destination(parts: Parts) -> Payer:
    """The payer that a claim is sent to."""
    level = _level(parts, SUBSCRIBER)
    if level is None:
        raise BadRequest(
            "The stored claim has no subscriber loop above it.",
            "Write the claim anew where it was made.",
        )
    dependent = _level(parts, PATIENT)
    parties = _parties(level)
    sbr = [*next((s for s in level if s[0] == "SBR"), ["SBR"])]
    if dependent is not None:
        pat = next((s for s in dependent if s[0] == "PAT"), ["PAT"])
        put(sbr, 2, element(pat, 1))
    put(sbr, 2, element(sbr, 2) or SELF)
    clm = parts.head[0]
    return Payer(
        sbr=sbr,
        insured=parties.get("IL", []),
        payer=[
            s for s in parties.get("PR", []) if s[0] != "REF" or element(s, 1) in _PAYER_IDENTIFIERS
        ],
        benefits=element(clm, 8),
        signature=element(clm, 10),
        release=element(clm, 9),
        numbers=[s for s in parts.head if s[0] == "REF" and element(s, 1) in _PAYER_NUMBERS],
        number=next((element(s, 2) for s in parts.head if s[:2] == ["REF", "F8"]), ""),
    )


def _level(parts: Parts, code: str) -> list[Segment] | None:
    """The HL loop of this kind."""
    return next((level for level in parts.levels if element(level[0], 3) == code), None)


def _parties(segments: Sequence[Segment]) -> dict[str, list[Segment]]:
    """NM1 loops by their role."""
    found: dict[str, list[Segment]] = {}
    open_loop: list[Segment] | None = None
    for segment in segments:
        if segment[0] == "NM1":
            open_loop = found.setdefault(element(segment, 1), [])
        if open_loop is not None:
            open_loop.append(segment)
    return found


def _other(loop: Sequence[Segment]) -> Payer:
    """A payer of loop 2320."""
    cut = next((i for i, s in enumerate(loop) if s[0] == "NM1"), len(loop))
    own, parties = loop[1:cut], _parties(loop[cut:])
    insured, payer = parties.pop("IL", []), parties.pop("PR", [])
    oi = next((s for s in own if s[0] == "OI"), None)
    references = [s for s in payer if s[0] == "REF"]
    by_kind = {
        kind: [s for s in references if element(s, 1) in kind]
        for kind in (_PAYER_IDENTIFIERS, _PAYER_NUMBERS)
    }
    sbr = [*loop[0]]
    put(sbr, 2, element(sbr, 2) or SELF)
    return Payer(
        sbr=sbr,
        insured=insured,
        payer=[s for s in payer if s[0] in {"NM1", "N3", "N4"}] + by_kind[_PAYER_IDENTIFIERS],
        benefits=None if oi is None else element(oi, 3),
        signature=None if oi is None else element(oi, 4),
        release=None if oi is None else element(oi, 6),
        numbers=by_kind[_PAYER_NUMBERS],
        money=[s for s in own if s[0] in {"CAS", "AMT"}],
        remarks=[s for s in own if s[0] in {"MIA", "MOA"}],
        dates=[s for s in payer if s[0] == "DTP"],
        number=next((element(s, 2) for s in references if element(s, 1) == "F8"), ""),
        rest=[s for s in references if element(s, 1) == "T4"] + flat(parties.values()),
    )


def payer_from(coverage: Coverage) -> Payer:
    """A payer that the claim does not name yet, from its record."""
    identifiers = (r for r in coverage.payer.references if r.qualifier in _PAYER_IDENTIFIERS)
    payer = msgspec.structs.replace(coverage.payer, references=tuple(identifiers))
    return Payer(
        sbr=sbr_segment(coverage, coverage.relationship or SELF),
        insured=party_segments(coverage.subscriber),
        payer=party_segments(payer),
    )


def other_loop(payer: Payer, form: str, like: Payer) -> list[Segment]:
    """A payer as loop 2320; consents that it does not state are those of ``like``."""
    benefits, signature, release = (
        mine if mine is not None else theirs or ""
        for mine, theirs in (
            (payer.benefits, like.benefits),
            (payer.signature, like.signature),
            (payer.release, like.release),
        )
    )
    consents: Segment = ["OI", "", "", benefits, signature if form == "P" else "", "", release]
    insured = [
        s
        for s in payer.insured
        if s[0] in {"NM1", "N3", "N4"} or (s[0] == "REF" and element(s, 1) in _INSURED_IDENTIFIERS)
    ]
    named = [s for s in payer.payer if s[0] != "REF"]
    references = [s for s in payer.payer if s[0] == "REF"]
    number: list[Segment] = [["REF", "F8", payer.number]] if payer.number else []
    loops = [payer.money, [consents], payer.remarks, insured, named, payer.dates]
    return [payer.sbr, *flat(loops), *references, *payer.numbers, *number, *payer.rest]


# -- the patient under another payer -------------------------------------------------------------


class Patient(msgspec.Struct):
    """The patient: name, address and birth, and what PAT says beyond the relationship."""

    name: Segment
    person: list[Segment]
    facts: Segment


def patient_of(parts: Parts) -> Patient:
    """The patient, who is the subscriber where no loop 2000C stands."""
    level = _level(parts, PATIENT) or _level(parts, SUBSCRIBER) or []
    parties = _parties(level)
    found = parties.get("QC") or parties.get("IL") or [["NM1"]]
    pat = next((s for s in level if s[0] == "PAT"), ["PAT"])
    return Patient(
        name=[*found[0][:8]],
        person=[s for s in found[1:] if s[0] in {"N3", "N4", "DMG"}],
        facts=["PAT", "", *[element(pat, i) for i in range(2, 10)]],
    )


def levels_to(payer: Payer, patient: Patient) -> list[list[Segment]]:
    """Subscriber and patient loops of a claim that is sent to this payer."""
    own = payer.relationship == SELF
    sbr = [*payer.sbr]
    put(sbr, 2, SELF if own else "")
    level: list[Segment] = [["HL", "", "", SUBSCRIBER, "0" if own else "1"], sbr]
    says_more = any(element(patient.facts, i) for i in range(_PAT_FACTS, 10))
    name, *more = payer.insured or [["NM1", "IL", "1"]]
    if own:
        level += [patient.facts] if says_more else []
        identifiers = [s for s in more if s[0] == "REF"]
        return [[*level, name, *patient.person, *identifiers, *payer.payer]]
    facts = [*patient.facts]
    facts[1] = payer.relationship
    kept = facts if says_more else facts[:2]
    below: list[Segment] = [["HL", "", "", PATIENT, "0"], kept]
    quiet: Segment = ["NM1", "QC", *patient.name[2:]]
    return [[*level, name, *more, *payer.payer], [*below, quiet, *patient.person]]
