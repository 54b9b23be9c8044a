"""Writes 999, TA1, 277CA, 277 and 271 as clearinghouses and payers send them: real EDI text.

Plain records say what is meant; nothing of the product is used. Control numbers of what is answered
follow :mod:`tests.support.builder`: file ``n`` has ISA13 ``n``, GS06 ``n1``, BHT03 ``B0000000n``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.support.builder import PRACTICE, Envelope, isa_text, render
from tests.support.specs import Claim, Coverage, Payer, Person
from tests.support.write_segments import Segment, day8, money, organisation, person_name

_FUNCTIONS = {"999": "FA", "997": "FA", "277": "HN", "271": "HB"}


@dataclass(frozen=True)
class Told:
    """What a 277CA or 277 tells of one claim: its STC composite, amounts, the payer's number."""

    claim: Claim
    code: str
    payer_number: str = ""
    paid: str = ""
    trace: str = ""
    number: str | None = None
    with_dates: bool = True

    @property
    def action(self) -> str:
        """STC03 of a 277CA: WQ accepted, U rejected."""
        return "U" if self.code[:2] in {"A3", "A4", "A6", "A7", "A8"} else "WQ"


def build_letter(kind: str, version: str, body: Sequence[Segment], envelope: Envelope) -> str:
    """One interchange with one group and one transaction."""
    control = str(envelope.control * 10 + 1)
    where = [envelope.sender, envelope.receiver, day8(envelope.day), envelope.time]
    segments: list[Segment] = [
        ["GS", _FUNCTIONS[kind], *where, control, "X", version],
        ["ST", kind, "0001", version],
        *body,
        ["SE", str(len(body) + 2), "0001"],
        ["GE", "1", control],
        ["IEA", "1", f"{envelope.control:09d}"],
    ]
    return isa_text(envelope) + render(segments, envelope)


def build_999(
    answered: int, envelope: Envelope, *, rejected: bool = False, named: bool = True
) -> str:
    """A 999 for the 837 file with this control number; a rejection names an NM109."""
    body: list[Segment] = [["AK1", "HC", f"{answered}1", "005010X222A1"]]
    if named:
        body.append(["AK2", "837", "0001", "005010X222A1"])
        if rejected:
            body += [["IK3", "NM1", "8", "", "8"], ["IK4", "9", "67", "1"]]
        body.append(["IK5", "R", "5"] if rejected else ["IK5", "A"])
    body.append(["AK9", "R" if rejected else "A", "1", "1", "0" if rejected else "1"])
    return build_letter("999", "005010X231A1", body, envelope)


def build_ta1(answered: int, sent: date, envelope: Envelope, *, note: str = "000") -> str:
    """A TA1 for the interchange with this control number, sent on this day."""
    verdict = "A" if note == "000" else "R"
    ta1: Segment = ["TA1", f"{answered:09d}", day8(sent)[2:], "0815", verdict, note]
    end: Segment = ["IEA", "0", f"{envelope.control:09d}"]
    return isa_text(envelope) + render([ta1, end], envelope)


def build_277ca(
    payer: Payer, told: Sequence[Told], envelope: Envelope, *, batch: str = "B00000001"
) -> str:
    """A 277CA: the payer's verdicts on the claims of a batch."""
    body = _status_head("0085", "08", payer, envelope, batch)
    body += [["HL", "3", "2", "19", "1"], organisation("85", PRACTICE.name, "XX", PRACTICE.npi)]
    body.append(["TRN", "1", "0"])
    for level, item in enumerate(told, 4):
        body += _told_level(level, item, "PT")
        body.append(["TRN", "2", item.claim.number if item.number is None else item.number])
        stc = [_code(item), day8(envelope.day), item.action, money(item.claim.charge)]
        body.append(["STC", *stc])
        body += _told_references(item)
    return build_letter("277", "005010X214", body, envelope)


def build_277ca_batch(payer: Payer, code: str, envelope: Envelope, *, batch: str) -> str:
    """A 277CA that speaks of a whole batch and names no claim."""
    body = _status_head("0085", "08", payer, envelope, batch)
    body.append(["STC", tuple(code.split(":")), day8(envelope.day), "U"])
    return build_letter("277", "005010X214", body, envelope)


def build_277(payer: Payer, told: Sequence[Told], envelope: Envelope) -> str:
    """A 277: the payer's answers to questions about claims."""
    body = _status_head("0010", "08", payer, envelope, "")
    body += [["HL", "3", "2", "19", "1"], organisation("1P", PRACTICE.name, "XX", PRACTICE.npi)]
    for level, item in enumerate(told, 4):
        body += _told_level(level, item, "22")
        body.append(["TRN", "2", item.trace or f"T{level}"])
        amounts = [money(item.claim.charge), item.paid]
        body.append(["STC", _code(item), day8(envelope.day), "", *amounts])
        references = _told_references(item)
        number = item.claim.number if item.number is None else item.number
        if number:
            references.insert(0, ["REF", "EJ", number])
        body += references
    return build_letter("277", "005010X212", body, envelope)


def _status_head(
    structure: str, purpose: str, payer: Payer, envelope: Envelope, batch: str
) -> list[Segment]:
    reference = f"S{envelope.control:08d}"
    body: list[Segment] = [
        ["BHT", structure, purpose, reference, day8(envelope.day), envelope.time, "TH"],
        ["HL", "1", "", "20", "1"],
        organisation("PR", payer.name, "PI", payer.id),
        ["HL", "2", "1", "21", "1"],
        organisation("41", PRACTICE.name, "46", PRACTICE.tax_id),
    ]
    return [*body, ["TRN", "2", batch]] if batch else body


def _told_level(level: int, item: Told, code: str) -> list[Segment]:
    coverage = item.claim.coverages[0]
    role = "QC" if code == "PT" else "IL"
    patient = item.claim.patient
    return [
        ["HL", str(level), "3", code],
        person_name(role, patient, "MI", coverage.member_id),
    ]


def _told_references(item: Told) -> list[Segment]:
    references: list[Segment] = []
    if item.payer_number:
        references.append(["REF", "1K", item.payer_number])
    if item.with_dates:
        references.append(["DTP", "472", "D8", day8(item.claim.service_from)])
    return references


def _code(item: Told) -> tuple[str, ...]:
    return tuple(item.code.split(":"))


def build_271(
    coverage: Coverage,
    person: Person,
    answers: Sequence[Segment],
    envelope: Envelope,
    *,
    trace: str = "",
) -> str:
    """A 271 about the subscriber; ``answers`` are the EB, REF, DTP, AAA ... of the person."""
    payer = coverage.payer
    body: list[Segment] = [
        ["BHT", "0022", "11", f"E{envelope.control:08d}", day8(envelope.day), envelope.time],
        ["HL", "1", "", "20", "1"],
        organisation("PR", payer.name, "PI", payer.id),
        ["HL", "2", "1", "21", "1"],
        organisation("1P", PRACTICE.name, "XX", PRACTICE.npi),
        ["HL", "3", "2", "22", "0"],
    ]
    if trace:
        body.append(["TRN", "2", trace, "1999123456"])
    body.append(person_name("IL", person, "MI", coverage.member_id))
    body.append(["DMG", "D8", day8(person.birth), person.gender])
    return build_letter("271", "005010X279A1", [*body, *answers], envelope)
