"""999, 997 and TA1: the verdict on each transaction, group and interchange, and its reasons."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from medcollect.model.acknowledgement import (
    Acknowledgement,
    ElementError,
    ErrorContext,
    InterchangeAcknowledgement,
)
from medcollect.x12 import documents
from medcollect.x12.acknowledge import write_999
from medcollect.x12.opened import Document
from tests.unit.x12_life.support import ISA, body_of, codes, interchange, only, read_all

VERSION = "005010X231A1"
REJECTION = (
    "AK1*HC*17456*005010X222A1",
    "AK2*837*0001*005010X222A1",
    "IK5*A",
    "AK2*837*0002*005010X222A1",
    "IK3*CLM*22*2300*8",
    "CTX*CLM01:PCN7",
    "IK4*5:3*1325*7*X",
    "CTX*SITUATIONAL TRIGGER*CLM*22*2300*5:3*C023:1325",
    "IK5*R*5*I6",
    "AK9*P*2*2*1*3",
)


def test_each_transaction_has_its_own_verdict_with_the_place_of_every_error() -> None:
    text = interchange("999", VERSION, *REJECTION)
    found = read_all(text)
    record = only(found, Acknowledgement)

    assert codes(found) == []
    assert (record.functional_code, record.group_control_number) == ("HC", "17456")
    assert (record.verdict, record.code, record.codes) == ("partially_accepted", "P", ("3",))
    assert (record.included, record.received, record.accepted) == (2, 2, 1)
    first, second = record.transactions
    assert (first.control_number, first.verdict, first.errors) == ("0001", "accepted", ())
    assert (second.control_number, second.verdict) == ("0002", "rejected")
    assert second.codes == ("5", "I6")
    assert second.patient_control_numbers == ("PCN7",)
    (error,) = second.errors
    assert (error.segment_id, error.position, error.loop, error.code) == ("CLM", "22", "2300", "8")
    trigger = ErrorContext("SITUATIONAL TRIGGER", "", "CLM", "22", "2300", "5:3")
    assert error.elements == (ElementError(10, "5:3", "1325", "7", "X", (trigger,)),)
    assert record.segments == body_of(text)


def test_a_997_says_the_same_with_other_segments() -> None:
    segments = [s.replace("IK", "AK") for s in REJECTION if not s.startswith("CTX")]
    record = only(read_all(interchange("997", "005010X230", *segments)), Acknowledgement)

    assert [a.verdict for a in record.transactions] == ["accepted", "rejected"]
    assert record.transactions[1].errors[0].elements[0].code == "7"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("A", "accepted"),
        ("E", "accepted_with_errors"),
        ("R", "rejected"),
        ("M", "rejected"),
        ("W", "rejected"),
        ("X", "rejected"),
    ],
)
def test_every_code_of_the_standard_has_its_word(code: str, verdict: str) -> None:
    accepted = int(verdict != "rejected")
    segments = ("AK1*HC*1", "AK2*837*1", f"IK5*{code}", f"AK9*{code}*1*1*{accepted}")
    found = read_all(interchange("999", VERSION, *segments))
    record = only(found, Acknowledgement)

    assert codes(found) == []
    assert (record.verdict, record.transactions[0].verdict) == (verdict, verdict)


def test_a_transaction_that_is_not_named_follows_its_group() -> None:
    def group(code: str) -> Acknowledgement:
        text = interchange("997", "004010", "AK1*HC*1", f"AK9*{code}*2*2*1")
        return only(read_all(text), Acknowledgement)

    assert group("A").verdict_of("0001") == "accepted"
    assert group("R").verdict_of("0001") == "rejected"
    assert group("P").verdict_of("0001") == "unknown"
    named = only(read_all(interchange("999", VERSION, *REJECTION)), Acknowledgement)
    assert named.verdict_of("0002") == "rejected"


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("AK1*HC*1", "AK2*837*1", "IK5*A"), [("verdict-missing", 3)]),
        (("AK1*HC*1", "AK2*837*1", "AK9*A*1*1*1"), [("verdict-missing", 5)]),
        (("AK1*HC*1", "AK9*Q*1*1*1"), [("verdict-unknown", 5)]),
        (("AK1*HC*1", "AK2*837*1", "IK5*P", "AK9*A*1*1*1"), [("verdict-unknown", 6)]),
        (("AK9*A*1*1*1",), [("loop-missing", 3)]),
        (("AK1*HC*1", "IK5*A", "AK9*A*1*1*1"), [("segment-unexpected", 5)]),
        (("AK1*HC*1", "AK2*837*1", "IK5*R", "AK9*A*1*1*0"), [("verdict-contradicted", 7)]),
        (("AK1*HC*1", "AK2*837*1", "IK5*A", "AK9*A*1*0*1"), [("answer-count-differs", 7)]),
        (("AK1*HC*1", "AK2*837*1", "IK5*A", "AK9*A*1*1*x"), [("figure-unreadable", 7)]),
    ],
)
def test_what_does_not_fit_is_a_finding(
    segments: tuple[str, ...], expected: list[tuple[str, int]]
) -> None:
    found = read_all(interchange("999", VERSION, *segments))

    assert [c for c in codes(found) if c[0] != "answer-count-differs" or c in expected] == expected
    assert only(found, Acknowledgement).segments == segments


def test_a_ta1_tells_of_the_interchange_it_answers() -> None:
    text = f"{ISA}~TA1*000000050*250228*1159*R*023~IEA*0*000000007~"
    found = read_all(text)
    record = only(found, InterchangeAcknowledgement)

    assert codes(found) == []
    assert (record.control_number, record.verdict, record.note) == ("000000050", "rejected", "023")
    assert (record.interchange_date, record.interchange_time) == (date(2025, 2, 28), "1159")
    assert record.envelope.sender_id == "MUSTERPAYER"
    assert record.text == "TA1*000000050*250228*1159*R*023"


def test_a_ta1_without_a_verdict_is_unknown_and_a_finding() -> None:
    found = read_all(f"{ISA}~TA1*000000050*xx*1159**~IEA*0*000000007~")

    assert only(found, InterchangeAcknowledgement).verdict == "unknown"
    assert codes(found) == [("date-unreadable", 2), ("verdict-missing", 2)]


def test_the_999_that_we_write_is_read_back() -> None:
    """One 837 in good order: accepted, under the group's and the transaction's numbers."""
    text = interchange("837", "005010X222A1", "BHT*0019*00*B*20250301*1200*CH")
    sent: list[Document] = list(documents(io.BytesIO(text.encode())))
    transactions = [d.transaction for d in sent if type(d).__name__ == "ClaimsEnd"]  # type: ignore[union-attr]
    written = write_999(transactions, [], {}, datetime(2026, 1, 5, tzinfo=UTC))
    record = only(read_all(written), Acknowledgement)

    assert (record.verdict, record.group_control_number) == ("accepted", "7")
    assert record.verdict_of("0001") == "accepted"
