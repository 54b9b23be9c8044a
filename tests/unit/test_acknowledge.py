"""The 999 we write: verdicts, counts, places, and that pyx12 finds nothing wrong with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from medcollect.findings import Finding
from medcollect.model.common import Delimiters, Envelope, Transaction
from medcollect.x12.acknowledge import segment_ids, write_999
from medcollect.x12.conformance import guide_findings

CREATED = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)


def transaction(index: int, segment: int, *, group: str = "1", sent: str = "9") -> Transaction:
    envelope = Envelope(
        Delimiters(), "PAYER", "PRACTICE", None, sent, "P", "HP", None, group, "005010X221A1"
    )
    return Transaction("835", "835", index, segment, f"{index:04d}", "005010X221A1", envelope)


def finding(
    code: str, severity: str, message: str = "x", segment: int | None = None, at: int | None = 1
) -> Finding:
    return Finding(code, severity, message, "", segment, at)  # type: ignore[arg-type]


def lines(
    transactions: list[Transaction], findings: list[Finding], names: dict[int, str] | None = None
) -> list[str]:
    return write_999(transactions, findings, names or {}, CREATED).split("~\n")[:-1]


def only(written: list[str], *names: str) -> list[str]:
    return [line for line in written if line.split("*")[0] in names]


def test_transactions_without_findings_are_accepted_and_counted() -> None:
    written = lines([transaction(1, 3), transaction(2, 20)], [])

    assert only(written, "AK1", "AK2", "IK5", "AK9") == [
        "AK1*HP*1*005010X221A1",
        "AK2*835*0001*005010X221A1", "IK5*A",
        "AK2*835*0002*005010X221A1", "IK5*A",
        "AK9*A*2*2*2",
    ]  # fmt: skip
    assert only(written, "ST", "SE") == ["ST*999*0001*005010X231A1", "SE*8*0001"]
    assert only(written, "GE")[0].startswith("GE*1*")


def test_it_goes_back_to_the_sender_in_an_isa_of_full_width() -> None:
    written = lines([transaction(1, 3)], [])

    assert len(written[0]) == 105
    assert written[0].split("*")[6].strip() == "PRACTICE"
    assert written[0].split("*")[8].strip() == "PAYER"
    assert written[-1].split("*")[2] == written[0].split("*")[13]


def test_each_segment_has_its_own_elements_under_its_own_code() -> None:
    """What is wrong in two segments alike is told twice, and IK4 follow the IK3 they belong to."""
    found = [
        finding("date-unreadable", "error", "DTM02 is not a date", 7),
        finding("segment-repeated", "error", "DTM stands too often", 7),
        finding("element-too-long", "error", "DTM01 is too long", 7),
        finding("date-unreadable", "error", "DTM02 is not a date", 9),
        finding("date-unreadable", "error", "DTM02 is not a date", 9),
    ]
    written = lines([transaction(1, 3)], found, {7: "DTM", 9: "DTM"})

    assert only(written, "IK3", "IK4") == [
        "IK3*DTM*5**8", "IK4*2**8", "IK4*1**5", "IK3*DTM*5**5", "IK3*DTM*7**8", "IK4*2**8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("segment-missing", "There is no REF*EI or REF*SY, which the guide requires.", "REF"),
        ("loop-missing", "The BPR is missing.", "BPR"),
        ("guide-segment-missing", "HI (Diagnosis) is required and missing before this.", "HI"),
    ],
)
def test_a_missing_segment_is_named_itself(code: str, message: str, told: str) -> None:
    written = lines([transaction(1, 3)], [finding(code, "error", message, 7)], {7: "NM1"})

    assert only(written, "IK3", "IK4") == [f"IK3*{told}*5**3"]


@pytest.mark.parametrize(
    ("severities", "verdict", "group"),
    [
        (["info"], "A", "AK9*A*2*2*2"),
        (["warning"], "E*5", "AK9*E*2*2*2"),
        (["warning", "error"], "R*5", "AK9*P*2*2*1"),
    ],
)
def test_warnings_are_noted_and_errors_reject(
    severities: list[str], verdict: str, group: str
) -> None:
    found = [finding("date-unreadable", s, "DTM02 is not a date", 7) for s in severities]
    written = lines([transaction(1, 3), transaction(2, 20)], found, {7: "DTM"})

    assert only(written, "IK5") == [f"IK5*{verdict}", "IK5*A"]
    assert only(written, "AK9") == [group]


def test_a_group_with_nothing_accepted_is_rejected() -> None:
    written = lines([transaction(1, 3)], [finding("transaction-not-closed", "error")])

    assert only(written, "IK3", "IK5", "AK9") == ["IK5*R*2", "AK9*R*1*1*0"]


def test_a_finding_names_its_segment_counted_from_st_and_its_element() -> None:
    found = [
        finding("amount-unreadable", "error", "CLP03 is not an amount", 10),
        finding("guide-element-code", "warning", "CLM05-1 (Place) has a value", 12),
        finding("guide-segment-missing", "error", "N1 (Payer) is required and missing", 11),
    ]
    written = lines([transaction(1, 3)], found, {10: "CLP", 11: "LX", 12: "CLM"})

    assert only(written, "IK3", "IK4") == [
        "IK3*CLP*8**8", "IK4*3**6", "IK3*N1*9**3", "IK3*CLM*10**8", "IK4*5:1**7",
    ]  # fmt: skip


def test_a_group_trailer_is_told_to_its_own_group_only() -> None:
    two = [transaction(1, 3), transaction(2, 30, group="2")]
    late = finding("envelope-count-differs", "warning", "GE01 does not state", 40, None)
    early = finding("envelope-not-closed", "warning", "The GE is missing.", 20, None)

    assert only(lines(two, [late]), "AK9") == ["AK9*A*1*1*1", "AK9*E*1*1*1*5"]
    assert only(lines(two, [early]), "AK9") == ["AK9*E*1*1*1*3", "AK9*A*1*1*1"]


def test_each_interchange_gets_its_own_answer() -> None:
    two = [transaction(1, 3), transaction(2, 30, sent="10")]

    written = lines(two, [])

    assert len(only(written, "ISA")) == len(only(written, "IEA")) == 2
    assert len({line.split("*")[13] for line in only(written, "ISA")}) == 2


def test_acknowledgements_are_not_acknowledged() -> None:
    answer = Transaction("999", "999", 1, 3, "1", "", Envelope(Delimiters(), functional_code="FA"))

    assert write_999([answer], [], {}, CREATED) == ""


def test_a_senders_text_cannot_break_out_of_its_element() -> None:
    envelope = Envelope(Delimiters("|"), "A*B~C", "P", None, "1", "P", "HP", None, "7*~", "V")
    odd = Transaction("835", "835", 1, 3, "1~*2", "V", envelope)

    written = lines([odd], [])

    assert only(written, "AK1", "AK2") == ["AK1*HP*7*V", "AK2*835*1  2*V"]
    assert len(written[0]) == 105


def test_segments_are_named_by_their_number_in_the_file() -> None:
    stream = io.BytesIO(b"ISA*1~GS*2~\nST*835*1~BPR*I~SE*3*1~")

    assert segment_ids(stream, [finding("x", "error", segment=4), finding("x", "error")]) == {
        4: "BPR"
    }


def test_the_guide_finds_nothing_wrong_with_our_answer() -> None:
    found = [
        finding("amount-unreadable", "error", "CLP03 is not an amount", 10),
        finding("date-unreadable", "warning", "DTM02 is not a date", 25, 2),
        finding("envelope-count-differs", "warning", "GE01 does not state", 40, None),
    ]
    text = write_999(
        [transaction(1, 3), transaction(2, 20)], found, {10: "CLP", 25: "DTM"}, CREATED
    )

    assert guide_findings(io.BytesIO(text.encode())) == []
