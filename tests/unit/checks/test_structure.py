"""Structure and sense: what is told where, what is not, and that sound claims pass."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from medcollect.codes.situations import SITUATIONS
from medcollect.model.claim import ClaimsHeader
from medcollect.tasks.check import check
from medcollect.x12 import PROBLEMS, Limits
from medcollect.x12.reader import documents
from medcollect.x12.structure import Structure

EXAMPLES = Path(__file__).parents[3] / "docs" / "findings" / "examples"
REMITTANCE = (EXAMPLES / "835.edi").read_text()
CLAIM = (EXAMPLES / "837p.edi").read_text()
COORDINATED = CLAIM.replace("SBR*P*", "SBR*S*").replace(
    "LX*1~",
    "SBR*P*18*******MB~\nAMT*D*80~\nOI***Y***Y~\nNM1*IL*1*SAMPLE*ANN****MI*M2~\n"
    "NM1*PR*2*OTHER HEALTH*****PI*88888~\nLX*1~",
    1,
).replace("REF*6R*L1~\n", "REF*6R*L1~\nSVD*88888*40*HC:99213**1~\nCAS*PR*2*20~\n"
          "DTP*573*D8*20260104~\n")  # fmt: skip


def told(text: str, **options: Any) -> list[tuple[str, int]]:
    answer = check(["-"], stdin=io.BytesIO(text.encode()), **options)
    findings = answer["files"][0]["findings"]
    return [(f["code"], f["segment"]) for f in findings if f["code"] != "segment-count-differs"]


def test_what_is_missing_is_told_where_its_loop_begins() -> None:
    assert told(REMITTANCE.replace("NM1*QC*1*SAMPLE*ANN****MI*M1~\n", "")) == [
        ("segment-missing", 13)
    ]


def test_what_is_missing_above_a_claim_is_told_once_at_its_first_claim() -> None:
    twice = CLAIM.replace("REF*EI*999999999~\n", "")
    start, end = twice.index("CLM*"), twice.index("SE*")
    twice = twice[:end] + twice[start:end].replace("PCN1", "PCN2") + twice[end:]
    assert told(twice) == [("segment-missing", 20)]


def test_another_order_of_repeated_segments_is_no_fault() -> None:
    more = REMITTANCE.replace("REF*6R*L1~", "REF*LU*11~\nREF*6R*L1~\nAMT*B6*100~")
    assert told(more) == []


def test_a_complete_secondary_claim_has_no_finding() -> None:
    assert told(COORDINATED) == []


def test_what_an_earlier_payer_loop_lacks_is_told_at_that_loop() -> None:
    without = COORDINATED.replace("OI***Y***Y~\n", "")
    assert told(without) == [("segment-missing", 23)]


def test_a_decision_of_another_payer_without_its_date_is_told() -> None:
    without = COORDINATED.replace("DTP*573*D8*20260104~\n", "")
    assert [code for code, _ in told(without)] == ["segment-missing"]


def test_version_4010_is_not_judged_by_the_structure_of_5010() -> None:
    old = REMITTANCE.replace("005010X221A1", "004010X091A1").replace(
        "PER*BL*DESK*TE*5555550100~\n", ""
    )
    assert [code for code, _ in told(old)] == ["transaction-4010"]


def test_the_999_names_structure_faults(tmp_path: Path) -> None:
    file = tmp_path / "a.835"
    file.write_text(
        REMITTANCE.replace("DTM*472*20260102~\nCAS*PR*2*20~", "CAS*PR*2*20~\nDTM*472*20260102~")
    )
    check([file], ack=tmp_path / "a.999")
    text = (tmp_path / "a.999").read_text()
    assert "IK3*DTM*15**7~" in text
    assert "IK5*E*5~" in text


def test_limits_of_the_reader_are_passed_on() -> None:
    codes = [code for code, _ in told(REMITTANCE, limits=Limits(loop_segments_max=3))]
    assert "loop-too-long" in codes


def test_limits_of_the_structure_can_be_set() -> None:
    header = next(d for d in documents(io.BytesIO(CLAIM.encode())) if isinstance(d, ClaimsHeader))
    assert Structure(header.transaction).header(header) == []
    found = told(REMITTANCE, limits=Limits(elements_max=8))
    assert "elements-over-limit" in dict(found)


def test_a_claim_too_many_of_one_patient_is_told_once() -> None:
    start, end = CLAIM.index("CLM*"), CLAIM.index("SE*")
    four = CLAIM[:end] + CLAIM[start:end] * 3 + CLAIM[end:]
    codes = [code for code, _ in told(four, limits=Limits(claims_of_patient_max=2))]
    assert codes == ["repeats-too-often"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CLP*PCN1*1*", "CLP*PCN1*4*"),  # with reason 31 it is what CLP02 4 is for
        ("CLP*PCN1*1*", "CLP*PCN1*19*"),  # with a crossover carrier named
    ],
)
def test_a_status_that_is_borne_out_is_not_told(old: str, new: str) -> None:
    text = REMITTANCE.replace(old, new)
    if "*4*" in new:
        text = text.replace("SVC*HC:99213*100*80", "SVC*HC:99213*100*0")
        text = text.replace("*4*100*80*20*", "*4*100*0**").replace("CAS*PR*2*20", "CAS*CO*31*100")
        text = text.replace("BPR*I*70*", "BPR*I*-10*")
        assert "status-denied-misused" not in dict(told(text))
    else:
        text = text.replace("MI*M1~\n", "MI*M1~\nNM1*TT*2*OTHER*****PI*88888~\n")
        assert told(text) == []


def test_findings_of_the_tables_name_no_value_of_the_file() -> None:
    broken = COORDINATED.replace("SAMPLE", "VERYPRIVATE").replace("SBR*P*18", "SBR*Z*18")
    answer = check(["-"], stdin=io.BytesIO(broken.replace("CLM*PCN1*100", "CLM*PCN1*99").encode()))
    assert len(answer["files"][0]["findings"]) >= 2
    assert "VERYPRIVATE" not in str(answer["files"][0]["findings"])


def test_no_code_stands_in_two_tables() -> None:
    assert not set(PROBLEMS) & set(SITUATIONS)
