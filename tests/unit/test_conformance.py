"""The guide's rules through pyx12: places, words, and the traps we step around."""

from __future__ import annotations

import io
import logging

import pytest

from medcollect.findings import Finding
from medcollect.x12.conformance import guide_findings
from tests.unit.test_check import CLAIM, claims, remittance

LOCATED = remittance(CLAIM).replace("PER*BL", "N3*1 ROAD~N4*TOWN*NY*10001~PER*BL")


def judge(text: str | bytes) -> list[Finding]:
    return guide_findings(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def codes(text: str | bytes) -> list[str]:
    return [f.code for f in judge(text)]


def renumbered(text: str) -> str:
    """State the true number of segments in SE01."""
    start, end = text.index("ST*"), text.index("SE*")
    count = text[start:end].count("~") + 1
    return text[:end] + f"SE*{count}*" + text[end:].split("*", 2)[2]


@pytest.fixture
def good() -> str:
    return renumbered(LOCATED)


def test_a_file_that_keeps_the_rules_has_no_finding(good: str) -> None:
    assert codes(good) == []
    assert codes(claims()) == []


def test_a_missing_segment_is_told_at_the_place_where_it_should_stand(good: str) -> None:
    broken = renumbered(good.replace("PER*BL*DESK*TE*5555550100~", ""))

    (finding,) = [f for f in judge(broken) if f.code == "guide-segment-missing"]
    assert (finding.segment, finding.transaction, finding.severity) == (10, 1, "error")


def test_segments_are_counted_over_the_whole_file(good: str) -> None:
    broken = good.replace("DTM*405*20260105", "DTM*405*20261305")
    first = [f.segment for f in judge(broken)]
    later = [f for f in judge(good + broken) if f.code == "guide-element-date"]

    assert first == [6]
    assert [(f.segment, f.transaction) for f in later] == [(good.count("~") + 6, 2)]


def test_blank_lines_and_a_byte_order_mark_move_nothing(good: str) -> None:
    broken = good.replace("DTM*405*20260105", "DTM*405*20261305")
    spread = broken.replace("~", "~\r\n\r\n")

    assert judge(b"\xef\xbb\xbf" + spread.encode()) == judge(broken)


def test_an_isa_of_the_wrong_width_is_judged_all_the_same(good: str) -> None:
    assert codes(good.replace("*ZZ*PAYER          *", "*ZZ*PAYER*")) == []


def test_a_version_without_a_guide_is_told_and_the_next_group_is_judged(good: str) -> None:
    other = claims().replace("005010X222A1", "005010X999")
    found = judge(other + good.replace("DTM*405*20260105", "DTM*405*20261305"))

    assert [f.code for f in found] == ["guide-not-checked", "guide-element-date"]
    assert found[0].severity == "warning"


def test_a_spelling_of_a_version_is_judged_by_its_published_guide() -> None:
    found = judge(claims().replace("005010X222A1", "005010X222"))

    assert [(f.code, f.severity) for f in found] == [("guide-version-spelling", "info")]


def test_a_transaction_outside_of_a_group_is_not_passed_in_silence(good: str) -> None:
    bare = good[good.index("ST*") : good.index("GE*")]

    assert codes(bare) == ["guide-not-checked"]


def test_code_lists_that_are_older_than_ours_say_nothing(good: str) -> None:
    new_remark = renumbered(good.replace("CAS*PR*2*20~", "CAS*PR*2*20~LQ*HE*N907~"))

    assert codes(new_remark) == []


def test_what_stands_in_the_file_is_neither_in_the_findings_nor_in_the_log(
    good: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = claims().replace("DMG*D8*19800101", "DMG*D8*SECRET").replace("NY*100", "SECRET*100")
    with caplog.at_level(logging.DEBUG):
        found = judge(broken)

    assert len(found) >= 2
    assert "SECRET" not in str(found)
    assert "SECRET" not in caplog.text


def test_a_file_without_any_transaction_has_nothing_to_judge() -> None:
    assert judge(b"") == judge(b"hello") == []
