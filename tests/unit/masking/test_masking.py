"""A masked file: the same file, without the people in it, or none at all."""

from __future__ import annotations

import io
import re

import pytest

from medcollect.model.claim import Claim
from medcollect.x12 import documents
from medcollect.x12.mask_rules import SEGMENTS
from medcollect.x12.masking import mask
from tests.unit.test_parse import FILE

IDENTIFYING = (
    "PCN1", "ICN1", "ICN0", "SAMPLE", "ANN", "M1", "INVENTED", "1234567893", "99999", "1999999999",
    "19800101", "20260102", "PRACTICE", "KEPT",
)  # fmt: skip


def masked(text: str, key: str = "key") -> str:
    found = mask(text.encode("latin-1"), key)
    assert not found.findings
    return found.data.decode("latin-1")


def file(*segments: str) -> str:
    """An 837 with these segments in its claim."""
    return FILE.replace("LX*1~SV1", "".join(f"{s}~" for s in segments) + "LX*1~SV1")


def segments(text: str) -> list[list[str]]:
    return [segment.split("*") for segment in text.split("~")]


def test_who_it_is_about_is_gone() -> None:
    tokens = set(re.split(r"[^A-Z0-9]+", masked(FILE)))
    assert not tokens & set(IDENTIFYING)


def test_separators_segments_and_elements_stay() -> None:
    before, after = segments(FILE), segments(masked(FILE))
    assert [(s[0], len(s)) for s in before] == [(s[0], len(s)) for s in after]
    assert len(before[0]) == 17
    assert len(FILE.split("~")[0]) == len(masked(FILE).split("~")[0])


def test_amounts_codes_and_counts_stay() -> None:
    kept = ("BPR*I*50*C*CHK", "CAS*CO*253*5", "CAS*PR*2*15*3", "AMT*B6*100", "LQ*HE*N115",
            "SVC*HC:99213:25:GT*100*85**1.5", "HI*ABK:J020*ABF:E119", "SE*18*0001",
            "SV1*HC:99213:25*100*UN*1***1:2", ":B:1*Y*A*Y*Y", "ISA*00*          *00*")  # fmt: skip
    assert [part for part in kept if part not in masked(FILE)] == []


def test_line_breaks_and_other_separators_stay() -> None:
    other = FILE.replace("~", "'\r\n").replace("*", "+").replace(":", ">")
    assert masked(other) == masked(FILE).replace("~", "'\r\n").replace("*", "+").replace(":", ">")


def test_text_around_the_file_goes_too() -> None:
    assert masked("Dear Anna,\n" + FILE).startswith("XXXX XXXX,\nISA")
    assert "Anna" not in masked(FILE + "\nbest regards, Anna\n")


@pytest.mark.parametrize(
    "segment",
    ["NTE*ADD*ANNA MUSTER FELL", "K3*ANNA MUSTER", "ZZZ*ANNA MUSTER", "N3*ANNA MUSTER",
     "PER*IC*X*EM*ANNA.MUSTER(A)MUSTER.ORG", "NM1*DN*1*MUSTER*ANNA*M", "N4*ANNA*IL*62701",
     "SBR*S*18*MUSTER*ANNA", "CRC*ANNA MUSTER", "AMT*ANNA*MUSTER", "DTP*472*D8*ANNA MUSTER",
     "HCP*00*1*2*MUSTER1*3*ANNA MUSTER", "PWK*OZ*BM***AC*MUSTER1*ANNA", "ANNA MUSTER WAS HERE",
     "CLM*MUSTER9*ANNA***11:MUSTER:1", "PRV*PE*PXC*MUSTER",
     "SVD*99999*1*HC:MUSTER**1", "NM1*DN*1*MUSTER*ANNA*M**ANNA MUSTER*ANNA MUSTER*ANNA"],
)  # fmt: skip
def test_a_name_goes_wherever_it_stands(segment: str) -> None:
    text = masked(file(segment))
    assert "ANNA" not in text
    assert "MUSTER" not in text


def test_names_in_another_encoding_go_whole() -> None:
    for encoding in ("utf-8", "latin-1"):
        text = file("NM1*DN*1*MÜLLER*ZOÉ").encode(encoding)
        found = mask(text, "key")
        assert found.data.isascii()


def test_a_procedure_keeps_its_code_and_loses_its_description() -> None:
    text = masked(file("SVD*99999*1*HC:99213:25:::: SEEN BY ANNA"))
    assert "HC:99213:25::::" in text
    assert "ANNA" not in text


def test_the_claim_is_still_the_one_that_the_payment_answers() -> None:
    era, claims = segments(masked(FILE)), segments(masked(FILE.replace("PCN1", "pcn1")))
    number = next(s[1] for s in era if s[0] == "CLP")
    assert next(s[1] for s in claims if s[0] == "CLM").upper() == number


def test_an_identifier_among_the_codes_stops_it_and_the_place_is_told() -> None:
    found = mask(
        FILE.replace("HC:99213:25:GT", "HC:PCN12:25:GT").replace("PCN1*", "PCN12*").encode(), "k"
    )
    assert (found.data, [f.code for f in found.findings]) == (b"", ["mask-incomplete"])
    assert found.findings[0].segment == 13
    assert "SVC01" in found.findings[0].message
    assert "PCN12" not in found.findings[0].message


def test_a_claim_numbered_like_a_procedure_stops_nothing() -> None:
    text = masked(FILE.replace("PCN1*", "99213*").replace("WO:ICN0", "WO:253"))
    assert "CLP*99213*" not in text
    assert "SVC*HC:99213:25:GT*100" in text


def test_a_long_number_among_the_amounts_stops_it() -> None:
    text = FILE.replace("NM1*QC*1*SAMPLE*ANN****MI*M1", "NM1*QC*1*SAMPLE*ANN****MI*123456789")
    found = mask(text.replace("AMT*B6*100", "AMT*B6*123456789").encode(), "key")
    assert ["AMT02" in f.message for f in found.findings] == [True]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "file-empty"), (b"no EDI here", "no-edi"), (b"PK\x03\x04", "file-compressed"),
     (FILE.encode("utf-16"), "encoding-utf16")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_finding(data: bytes, code: str) -> None:
    assert [f.code for f in mask(data, "key").findings] == [code]


def test_ages_stay() -> None:
    """Birth and service move together."""

    def days(text: str) -> int:
        (claim,) = [d for d in documents(io.BytesIO(text.encode())) if isinstance(d, Claim)]
        assert claim.service_from is not None
        assert claim.patient.birth_date is not None
        return (claim.service_from - claim.patient.birth_date).days

    assert days(masked(FILE)) == days(FILE)


KNOWN = """
    ISA GS ST SE GE IEA BHT HL NM1 N1 N2 N3 N4 PER REF PRV DMG PAT SBR DTM DTP AMT QTY NTE K3 PWK
    CUR BPR TRN RDM LX TS3 TS2 CLP CAS MIA MOA SVC LQ PLB CLM CL1 DN1 DN2 CN1 HI HCP OI CRC CR1
    CR2 CR3 FRM PS1 HSD SV1 SV2 SV3 SV5 SVD TOO LIN CTP MEA
"""


def test_every_segment_of_the_guides_has_its_row() -> None:
    """A segment without one loses everything, its codes too."""
    assert sorted(set(KNOWN.split()) - set(SEGMENTS)) == []
