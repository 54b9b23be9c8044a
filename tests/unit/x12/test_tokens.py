"""Bytes to segments: separators, line breaks, encodings, damage."""

from __future__ import annotations

import io

import pytest

from medcollect.findings import Finding
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.x12 import PROBLEMS, Limits, documents
from tests.unit.x12.support import (
    CLM,
    CLP,
    ERA_HEAD,
    ISA,
    claims,
    codes,
    era,
    everything,
    interchange,
    records,
    text,
    transaction,
)

GOOD = text(era())


def paid(data: bytes) -> list[int]:
    return [c.paid_cents for c in records(data, ClaimPayment)]


def test_a_well_formed_file_has_no_findings() -> None:
    assert codes(GOOD) == []
    assert codes(text(claims())) == []


@pytest.mark.parametrize(
    "end", ["~", "~\n", "~\r\n", "\n", "\r\n", "\r", "~\n\n\n", "~\n   ", "~\t", "\x1d"]
)
def test_line_breaks_blank_lines_and_indentation_change_nothing(end: str) -> None:
    data = text(era(), end)
    assert codes(data) == []
    assert paid(data) == [8000]
    assert (
        records(data, RemittanceEnd)[0].fingerprint == records(GOOD, RemittanceEnd)[0].fingerprint
    )


@pytest.mark.parametrize(
    ("element", "component", "terminator"),
    [
        ("|", "!", "~"),
        ("~", "^", "_"),
        ("*", ">", "\n"),
        ("\x1d", "\x1f", "\x1c"),
        ("\t", ":", "\n"),
    ],
)
def test_separators_come_from_the_isa_whatever_they_are(
    element: str, component: str, terminator: str
) -> None:
    plain = "~".join(era()).replace("^", "%") + "~"
    swapped = plain.translate(str.maketrans("*:~", element + component + terminator))
    (found,) = records(swapped.encode(), ClaimPayment)
    assert found.services[0].procedure.code == "99213"
    assert found.services[0].procedure.modifiers == ("25",)
    assert records(swapped.encode(), RemittanceEnd)[0].fingerprint == (
        records(GOOD, RemittanceEnd)[0].fingerprint
    )


def test_a_bom_and_blank_lines_before_the_isa_are_passed_over() -> None:
    data = b"\xef\xbb\xbf\r\n\r\n  " + GOOD
    assert paid(data) == [8000]
    assert codes(data) == []


def test_text_before_the_isa_is_reported_and_passed_over() -> None:
    assert codes(b"Content-Type: text/plain\n\n" + GOOD) == ["text-before-interchange"]
    assert paid(b"x" * 100_000 + b"\n" + GOOD) == [8000]


@pytest.mark.parametrize("tail", [b"\x1a", b"\0\0\0\0", b"\r\n\x1a\r\n", b"   \n"])
def test_padding_after_the_iea_is_no_finding(tail: bytes) -> None:
    assert codes(GOOD + tail) == []


def test_text_after_the_iea_is_reported_once() -> None:
    assert codes(GOOD + b"-- end of report --\nbye~bye~") == ["text-after-interchange"]


def test_an_isa_without_its_padding_is_read() -> None:
    squeezed = "*".join(part.strip() for part in ISA.split("*"))
    data = text([squeezed, *era()[1:]])
    assert codes(data) == ["isa-width"]
    assert paid(data) == [8000]


def test_an_isa_broken_over_two_lines_with_lines_as_terminators_is_read() -> None:
    data = text(era(), "\n").replace(b"MUSTERPAYER ", b"MUSTERPAYER\n ", 1)
    assert paid(data) == [8000]
    (header,) = records(data, RemittanceHeader)
    assert header.transaction.envelope.sender_id == "MUSTERPAYER"
    assert header.transaction.envelope.delimiters.terminator == "\n"


def test_lines_wrapped_at_eighty_columns_are_joined() -> None:
    flat = "".join(segment + "~" for segment in era())
    wrapped = "\r\n".join(flat[i : i + 80] for i in range(0, len(flat), 80))
    data = wrapped.encode()
    assert codes(data) == ["isa-width"]
    assert paid(data) == [8000]
    assert (
        records(data, RemittanceEnd)[0].fingerprint == records(GOOD, RemittanceEnd)[0].fingerprint
    )


def test_an_isa_with_elements_missing_is_reported_and_the_rest_read() -> None:
    data = text(["ISA*00**00**ZZ*MUSTERPAYER*ZZ*BEISPIEL*250301*1200", *era()[1:]])
    assert "isa-incomplete" in codes(data)
    assert paid(data) == [8000]


def test_every_interchange_has_its_own_separators() -> None:
    other = "".join(s + "\n" for s in era()).replace("*", "|").replace(":", ">").encode()
    data = GOOD + other + GOOD
    assert paid(data) == [8000, 8000, 8000]
    procedures = [c.services[0].procedure.code for c in records(data, ClaimPayment)]
    assert procedures == ["99213"] * 3
    assert codes(data) == []


def test_the_letters_isa_inside_a_name_start_nothing() -> None:
    segments = [s.replace("ANNA", "LUISA") for s in era()]
    segments = [s.replace("MUSTER*", "ISA*") for s in segments]
    assert paid(text(segments)) == [8000]
    assert codes(text(segments)) == []


@pytest.mark.parametrize("start", ["GS*", "ST*"])
def test_without_an_isa_separators_are_taken_from_the_text(start: str) -> None:
    segments = era()[1:-1] if start == "GS*" else era()[2:-2]
    data = text(segments).replace(b":", b">")
    assert "envelope-missing" in codes(data)
    (found,) = records(data, ClaimPayment)
    assert found.services[0].procedure.code == "99213"


@pytest.mark.parametrize("end", ["\n", "'\n", "~"])
def test_without_an_isa_any_terminator_is_found(end: str) -> None:
    assert paid(text(era()[2:-2], end)) == [8000]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\0" * 5000, "no-edi"),
        (b"Dear colleague, the remittance is LATEST. Best regards", "no-edi"),
        (bytes(range(256)) * 50, "no-edi"),
        (b"PK\x03\x04" + b"\0" * 50, "file-compressed"),
        (b"\x1f\x8b" + b"\0" * 50, "file-compressed"),
        (GOOD.decode().encode("utf-16"), "encoding-utf16"),
        (GOOD.decode().encode("utf-16-le"), "encoding-utf16"),
        (GOOD.decode().encode("utf-16-be"), "encoding-utf16"),
    ],
)
def test_what_is_no_edi_text_says_so(data: bytes, code: str) -> None:
    found = everything(data)
    assert [f.code for f in found if isinstance(f, Finding)] == [code]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("JOSÉ".encode(), "JOSÉ"),
        ("JOSÉ".encode("cp1252"), "JOSÉ"),
        (b"JOS\x81", "JOS\x81"),
        (b"M\xc3\x9cLLER \xdc", "MÜLLER Ü"),
    ],
)
def test_no_byte_of_a_name_is_lost(raw: bytes, name: str) -> None:
    data = GOOD.replace(b"ANNA", raw)
    for size in (1, 7, 1 << 20):
        found = documents(io.BytesIO(data), limits=Limits(chunk_bytes=size))
        (payment,) = [d for d in found if isinstance(d, ClaimPayment)]
        assert payment.parties[0].first_name == name


def test_a_segment_without_end_is_left_out_and_memory_stays_bounded() -> None:
    """A huge line gives one finding; what comes after its end is read."""
    limits = Limits(chunk_bytes=1000, segment_length_max=5000)
    huge = [*ERA_HEAD, "NTE*" + "x" * 50_000, *CLP]
    found = everything(text(era(*huge)), limits)
    assert "segment-too-long" in [f.code for f in found if isinstance(f, Finding)]
    assert [c.paid_cents for c in found if isinstance(c, ClaimPayment)] == [8000]


def test_a_huge_line_without_any_terminator_ends_with_a_finding() -> None:
    data = (ISA + "~GS*HP*").encode() + b"x" * 200_000
    found = everything(data, Limits(chunk_bytes=4096, segment_length_max=10_000))
    assert "segment-too-long" in [f.code for f in found if isinstance(f, Finding)]


def test_a_loop_that_never_ends_is_cut_with_a_finding() -> None:
    data = text(era(*ERA_HEAD, *CLP, *["REF*EA*1"] * 500))
    found = everything(data, Limits(loop_segments_max=100))
    assert [f.code for f in found if isinstance(f, Finding)].count("loop-too-long") == 1
    (payment,) = [d for d in found if isinstance(d, ClaimPayment)]
    assert len(payment.segments) == 100


def test_835_and_837_stand_in_one_interchange() -> None:
    group = claims()[1:-1]
    data = text([*era()[:-1], *group, "IEA*2*000000007"])
    assert codes(data) == []
    assert len(records(data, ClaimPayment)) == 1
    assert len(records(data, Claim)) == 1


def test_segment_numbers_count_the_segments_of_the_file() -> None:
    segments = era()
    (payment,) = records(text(segments, "~\n\n"), ClaimPayment)
    assert segments[payment.segment - 1] == CLP[0]
    assert segments[payment.services[0].segment - 1] == CLP[2]
    claim_segments = claims()
    (claim,) = records(text(claim_segments), Claim)
    assert claim_segments[claim.segment - 1] == CLM[0]
    assert claim_segments[claim.lines[0].segment - 1] == CLM[2]


def test_findings_name_places_not_patients() -> None:
    """No message may hold what stood in the file."""
    data = text(era(*ERA_HEAD, "CLP*GEHEIM*GEHEIM*GEHEIM*GEHEIM*GEHEIM", "DTM*232*GEHEIM"))
    found = records(data, Finding)
    assert found
    assert not any("GEHEIM" in finding.message + finding.action for finding in found)


def test_every_code_of_the_table_has_a_sentence_and_an_action() -> None:
    for code, row in PROBLEMS.items():
        assert row.message.endswith("."), code
        assert row.action.endswith("."), code
        assert row.severity in {"error", "warning", "info"}


def test_two_transactions_of_one_group_are_both_whole() -> None:
    data = text(
        interchange(
            transaction("835", (*ERA_HEAD, *CLP)), transaction("835", (*ERA_HEAD, *CLP), st02="2")
        )
    )
    assert codes(data) == []
    assert [h.transaction.index for h in records(data, RemittanceHeader)] == [1, 2]
    fingerprints = {e.fingerprint for e in records(data, RemittanceEnd)}
    assert len(fingerprints) == 1
