"""Claims written from records are read as the same claims, by us and by others."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from medcollect.errors import BadRequest
from medcollect.model.claim import Claim
from medcollect.x12.amend837 import replacement, void
from medcollect.x12.write import facts_of
from medcollect.x12.write837 import write_837
from tests.unit.x12_write.support import (
    ENVELOPE,
    SAMPLES,
    claims,
    findings_of,
    guide_errors,
    header_of,
    names,
    sample,
)

FILES = sorted(SAMPLES.glob("*837*.edi"))
#: What pyx12 has a guide for.
WITH_GUIDE = [p for p in FILES if "837d" not in p.name]


def only_fields(claim: Claim) -> Claim:
    """The record as one would build it from data: without any raw segment."""
    lines = tuple(replace(line, unmodelled=()) for line in claim.lines)
    return replace(claim, segments=(), parent_segments=(), unmodelled=(), lines=lines)


def changed(claim: Claim) -> Claim:
    """The record as read, with one field changed."""
    return replace(claim, patient_control_number=claim.patient_control_number + "X")


MAKERS = pytest.mark.parametrize(
    "make", [lambda c: c, only_fields, changed], ids=["read", "data", "edit"]
)


@MAKERS
@pytest.mark.parametrize("name", names(FILES))
def test_a_sample_comes_back(name: str, make: object) -> None:
    data = (SAMPLES / name).read_bytes()
    given = [make(c) for c in claims(data)]  # type: ignore[operator]
    text = write_837(given, ENVELOPE, header_of(data))
    assert [facts_of(c) for c in claims(text.encode())] == [facts_of(c) for c in given]
    assert findings_of(text) == []


@MAKERS
@pytest.mark.parametrize("name", names(WITH_GUIDE))
def test_a_sample_is_valid(name: str, make: object) -> None:
    given = [make(c) for c in claims((SAMPLES / name).read_bytes())]  # type: ignore[operator]
    assert guide_errors(write_837(given, ENVELOPE)) == []


@pytest.mark.parametrize("name", names(FILES))
def test_what_was_read_keeps_every_segment(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    given = claims(data)
    read = claims(write_837(given, ENVELOPE, header_of(data)).encode())
    assert [c.segments for c in read] == [c.segments for c in given]
    assert [above(c) for c in read] == [above(c) for c in given]
    assert [c.unmodelled for c in given if c.unmodelled] or not any(c.unmodelled for c in read)


def above(claim: Claim) -> list[str]:
    """The loops above a claim; HL numbers belong to the file."""
    return [s if not s.startswith("HL") else s.split("*")[3] for s in claim.parent_segments]


def test_levels_are_shared_and_numbered() -> None:
    given = claims(sample("01"))
    text = write_837([*given[:2], given[0]], ENVELOPE)
    levels = [line.split("*") for line in text.splitlines() if line.startswith("HL")]
    assert [level[1] for level in levels] == [str(n) for n in range(1, len(levels) + 1)]
    assert sum(level[3] == "20" for level in levels) == 1
    twice = write_837([given[0], changed(given[0])], ENVELOPE)
    assert sum(line.startswith("HL") for line in twice.splitlines()) == len(above_levels(given[0]))


def above_levels(claim: Claim) -> list[str]:
    return [segment for segment in claim.parent_segments if segment.startswith("HL")]


def test_forms_stand_in_groups_of_their_own() -> None:
    given = [c for n in ("01", "03", "04") for c in claims(sample(n))[:1]]
    text = write_837(given, ENVELOPE)
    assert [line.split("*")[6] for line in text.splitlines() if line[:3] == "GS*"] == [
        "41", "42", "43"
    ]  # fmt: skip
    assert "IEA*3*000000041~" in text
    assert [c.form for c in claims(text.encode())] == ["P", "I", "D"]
    assert findings_of(text) == []


@pytest.mark.parametrize("make", [replacement, void])
@pytest.mark.parametrize("number", ["01", "03", "04"])
def test_a_replacement_and_a_void_name_the_payers_number(number: str, make: object) -> None:
    given = claims(sample(number))[0]
    for claim in (given, only_fields(given)):
        made = make(claim, "PAYER77", ENVELOPE.statements)  # type: ignore[operator]
        text = write_837([made], ENVELOPE)
        (read,) = claims(text.encode())
        assert read.frequency == {"replacement": "7", "void": "8"}[make.__name__]  # type: ignore[attr-defined]
        assert read.reference("F8") == "PAYER77"
        same = replace(read, frequency=given.frequency, references=given.references)
        assert facts_of(same) == facts_of(given)
        assert findings_of(text) == []
        assert number == "04" or guide_errors(text) == []


def test_a_second_replacement_names_only_the_latest_number() -> None:
    given = claims(sample("01"))[0]
    made = replacement(replacement(given, "OLD1"), "NEW2")
    assert [r.value for r in made.references if r.qualifier == "F8"] == ["NEW2"]


def test_signatures_and_consents_are_never_made_up() -> None:
    """A claim that was not read from a file is refused until its sender states them."""
    given = only_fields(claims(sample("01"))[0])
    silent = replace(ENVELOPE, statements=None)
    with pytest.raises(BadRequest, match="states no signature"):
        write_837([given], silent)
    with pytest.raises(BadRequest, match="states no signature"):
        replacement(given, "PAYER77")
    assert "CLM*" in write_837(claims(sample("01")), silent)


def test_no_admission_and_no_phone_are_left_out() -> None:
    """What nobody states does not stand in the file."""
    statements = replace(ENVELOPE.statements, admission_type="", admission_source="")
    statements = replace(statements, patient_status="")
    bare = replace(ENVELOPE, statements=statements, contact_phone="")
    text = write_837([only_fields(claims(sample("03"))[0])], bare)
    assert "CL1*" not in text
    assert "PER*IC*BILLING OFFICE~" in text
