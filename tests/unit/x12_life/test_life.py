"""The stream: order, counting of other transactions, cut-off files, limits, mutations."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.model.acknowledgement import Acknowledgement
from medcollect.model.claim import OtherTransaction
from medcollect.model.remittance import RemittanceEnd
from medcollect.model.status import StatusReport
from medcollect.x12 import LIFE_PROBLEMS, PROBLEMS, Limits, documents
from medcollect.x12.life import fingerprint
from tests.unit.x12_life.support import ISA, codes, interchange, only, read_all
from tests.unit.x12_life.test_acknowledgements import REJECTION
from tests.unit.x12_life.test_eligibility import HEAD as ELIGIBILITY_HEAD
from tests.unit.x12_life.test_eligibility import SUBSCRIBER
from tests.unit.x12_life.test_status import HEAD, PATIENT

ACK = interchange("999", "005010X231A1", *REJECTION)
STATUS = interchange(
    "277", "005010X214", *HEAD, *PATIENT, "TRN*2*PCN1", "STC*A2:20:PR*20250228*WQ*100",
    "REF*1K*ICN1", "SVC*HC:99213*100", "STC*A2:20", "DTP*472*D8*20250201",
)  # fmt: skip
ELIGIBILITY = interchange(
    "271", "005010X279A1", *ELIGIBILITY_HEAD, *SUBSCRIBER, "EB*1**30", "EB*C*IND*30***29*10",
    "LS*2120", "NM1*PRP*2*OTHER", "LE*2120", "MSG*X", "AAA*N**72*C",
)  # fmt: skip


def test_records_come_in_file_order_and_others_are_counted() -> None:
    remittance = interchange("835", "005010X221A1", "BPR*I*0*C*NON", "TRN*1*1*1")
    found = read_all(ACK + remittance + STATUS)

    assert [type(d) for d in found] == [Acknowledgement, OtherTransaction, StatusReport]
    other = only(found, OtherTransaction)
    assert (other.transaction.kind, other.transaction.index, other.segment_count) == ("835", 2, 4)


def test_a_file_that_is_cut_off_keeps_what_was_there() -> None:
    text = STATUS[: STATUS.index("SVC*") + 6]
    found = read_all(text)
    report = only(found, StatusReport)

    assert not report.complete
    assert (report.claims[0].verdict, len(report.claims[0].lines)) == ("accepted", 1)
    assert {code for code, _ in codes(found)} == {
        "segment-cut-off", "transaction-not-closed", "envelope-not-closed",
    }  # fmt: skip


def test_a_transaction_longer_than_the_limit_is_cut_with_a_finding() -> None:
    found = read_all(STATUS, Limits(loop_segments_max=10))
    report = only(found, StatusReport)

    assert len(report.segments) == 10
    assert not report.complete
    assert [code for code, _ in codes(found)] == ["loop-too-long"]


def test_segments_outside_a_transaction_are_told_once() -> None:
    found = read_all(f"{ISA}~ISB*1~ISE*2~{ACK[len(ISA) + 2 :]}")
    assert codes(found) == [("segment-outside-transaction", 2)]


def test_the_fingerprint_ignores_envelope_and_separators() -> None:
    first = only(read_all(ACK), Acknowledgement)
    text = ACK.replace("*0001", "*0009").replace("*0009*005010X222A1", "*0001*005010X222A1")
    again = only(read_all(text.replace("*", "|")), Acknowledgement)
    other = only(read_all(ACK.replace("IK5*R", "IK5*E")), Acknowledgement)

    assert again.transaction.control_number == "0009"
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_the_fingerprint_is_that_of_the_reader_of_remittances() -> None:
    """One rule for the identity of a transaction, whoever reads it."""
    text = interchange("835", "005010X221A1", "BPR*I*0*C*NON", "TRN*1*1*1")
    end = [d for d in documents(io.BytesIO(text.encode())) if isinstance(d, RemittanceEnd)][0]  # noqa: RUF015
    delimiters = end.transaction.envelope.delimiters
    assert fingerprint(["BPR*I*0*C*NON", "TRN*1*1*1"], delimiters) == end.fingerprint


def test_findings_name_places_and_say_what_to_do() -> None:
    assert not LIFE_PROBLEMS.keys() & PROBLEMS.keys()
    for row in LIFE_PROBLEMS.values():
        assert row.message.endswith(".")
        assert row.action.endswith(".")


@given(
    text=st.sampled_from((ACK, STATUS, ELIGIBILITY)),
    cuts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 12)), max_size=6),
    insert=st.text(alphabet="*~:^\n ABEHLSTNMRQ0129.-\x00é", max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_no_mutation_raises(text: str, cuts: list[tuple[int, int]], insert: str) -> None:
    """Bad data is findings, whatever it is; the record still carries its segments."""
    for place, length in cuts:
        at = len(ISA) + 1 + place % (len(text) - len(ISA))
        text = text[:at] + insert + text[at + length :]
    for document in read_all(text):
        if isinstance(document, Acknowledgement | StatusReport):
            assert isinstance(document.segments, tuple)
