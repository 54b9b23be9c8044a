"""276, 270 and TA1 that we write: envelope, counts, and that we read back what we asked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from medcollect.errors import BadRequest
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.common import Delimiters, Envelope, Party
from medcollect.model.eligibility import EligibilityInquiry, EligibilityReport, Period
from medcollect.model.status import StatusInquiry, StatusReport
from medcollect.x12 import write_270, write_276, write_ta1
from tests.unit.x12_life.support import codes, only, read_all

CREATED = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
ENVELOPE = Envelope(Delimiters(), "BEISPIELCLINIC", "MUSTERPAYER", usage="T")
PAYER = Party("PR", "MUSTER PLAN", id="99999")
CLINIC = Party("85", "BEISPIEL CLINIC", id="1234567893")
SENDER = Party("41", "BEISPIEL CLINIC", id="S1")
ANNA = Party("IL", "MUSTER", "ANNA", id="W1", birth_date=date(1980, 1, 2), gender="F")
BEN = Party("QC", "MUSTER", "BEN", birth_date=date(2015, 3, 4), gender="M")
STATUS = StatusInquiry(
    PAYER, SENDER, CLINIC, ANNA, "ASK1", patient_control_number="PCN1",
    payer_claim_control_number="ICN1", bill_type="111", charge_cents=851380,
    service_from=date(2025, 2, 1), service_to=date(2025, 2, 3),
)  # fmt: skip
OF_BEN = StatusInquiry(
    PAYER, SENDER, CLINIC, ANNA, "ASK2", patient=BEN, charge_cents=15000,
    service_from=date(2025, 2, 1),
)  # fmt: skip
COVERAGE = EligibilityInquiry(PAYER, CLINIC, ANNA, "ASK3", service_from=date(2026, 1, 5))
COVERAGE_OF_BEN = EligibilityInquiry(
    PAYER, CLINIC, ANNA, "ASK4", dependent=BEN, service_types=("30", "98")
)


def ask_270(*inquiries: EligibilityInquiry) -> str:
    return write_270(inquiries, ENVELOPE, CREATED, 8, trace_origin="1123456789")


def test_a_276_reads_back_as_it_was_asked() -> None:
    found = read_all(write_276([STATUS, OF_BEN], ENVELOPE, CREATED, 7))
    report = only(found, StatusReport)
    first, second = report.claims

    assert codes(found) == []
    assert (report.form, report.transaction.version) == ("276", "005010X212")
    assert (first.trace_number, first.patient_control_number) == ("ASK1", "PCN1")
    assert (first.payer_claim_control_number, first.charge_cents) == ("ICN1", 851380)
    assert (first.service_from, first.service_to) == (date(2025, 2, 1), date(2025, 2, 3))
    assert (first.patient.birth_date, first.provider.id) == (date(1980, 1, 2), "1234567893")
    assert (second.patient.first_name, second.subscriber.id) == ("BEN", "W1")
    assert (second.verdict, second.charge_cents) == ("asked", 15000)


def test_a_276_shares_levels_and_closes_its_counts() -> None:
    lines = write_276([STATUS, OF_BEN], ENVELOPE, CREATED, 7).split("~\n")[:-1]

    assert [line for line in lines if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*22*0", "HL*5*3*22*1", "HL*6*5*23",
    ]  # fmt: skip
    assert len(lines[0]) == 105
    assert lines[1] == "GS*HR*BEISPIELCLINIC*MUSTERPAYER*20260105*1230*7*X*005010X212"
    assert lines[-3:] == [f"SE*{len(lines) - 4}*0001", "GE*1*7", "IEA*1*000000007"]
    assert "AMT*T3*8513.8" in lines


def test_another_payer_gets_levels_of_its_own() -> None:
    other = msgspec.structs.replace(STATUS, payer=Party("PR", "OTHER", id="5"), trace_number="B")
    report = only(read_all(write_276([STATUS, other], ENVELOPE, CREATED, 7)), StatusReport)

    assert [c.payer.id for c in report.claims] == ["99999", "5"]
    assert [level.level for level in report.levels] == ["20", "21", "19", "20", "21", "19"]


def test_a_270_reads_back_as_it_was_asked() -> None:
    found = read_all(ask_270(COVERAGE, COVERAGE_OF_BEN))
    report = only(found, EligibilityReport)
    first, second = report.members

    assert codes(found) == []
    assert (report.form, report.transaction.version) == ("270", "005010X279A1")
    assert (first.relationship, first.trace_numbers) == ("subscriber", ("ASK3",))
    assert first.inquired_service_types == ("30",)
    assert first.periods == (Period("291", date(2026, 1, 5), date(2026, 1, 5)),)
    assert first.plan_from is None
    assert (second.relationship, second.party.first_name) == ("dependent", "BEN")
    assert (second.subscriber.id, second.inquired_service_types) == ("W1", ("30", "98"))


def test_a_ta1_goes_back_to_the_sender() -> None:
    received = Envelope(Delimiters(), "MUSTERPAYER", "BEISPIELCLINIC", usage="P")
    answer = InterchangeAcknowledgement(
        received, 1, "50", date(2026, 1, 4), "1159", "rejected", "R", "023"
    )
    text = write_ta1([answer, answer], CREATED, 9)
    found = read_all(text)

    assert codes(found) == []
    (first, second) = found
    assert isinstance(first, InterchangeAcknowledgement)
    assert isinstance(second, InterchangeAcknowledgement)
    assert (first.envelope.sender_id, first.envelope.receiver_id) == (
        "BEISPIELCLINIC", "MUSTERPAYER",
    )  # fmt: skip
    assert (first.control_number, first.verdict, first.note) == ("000000050", "rejected", "023")
    assert second.envelope.interchange_control_number == "000000010"


def test_separators_in_a_name_do_not_break_the_file() -> None:
    name = "MUS*TER~PLAN:^"
    odd = msgspec.structs.replace(COVERAGE, payer=Party("PR", name, id="99999"))
    found = read_all(ask_270(odd))
    assert codes(found) == []
    assert only(found, EligibilityReport).payer.last_name == "MUS TER PLAN"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"trace_number": ""}, "trace_number"),
        ({"payer": Party()}, "payer.id"),
        ({"provider": Party("85", "X")}, "provider.id"),
        ({"subscriber": Party("IL", "X")}, "subscriber.id"),
    ],
)
def test_a_276_that_nobody_could_answer_is_refused(changes: dict[str, object], named: str) -> None:
    with pytest.raises(BadRequest, match=named):
        write_276([msgspec.structs.replace(STATUS, **changes)], ENVELOPE, CREATED, 7)


def test_an_envelope_that_cannot_be_delivered_is_refused() -> None:
    with pytest.raises(BadRequest, match="sender_id"):
        write_276([STATUS], Envelope(Delimiters(), "", "R"), CREATED, 7)
    with pytest.raises(BadRequest, match="receiver_id"):
        write_276([STATUS], Envelope(Delimiters(), "S", "R" * 16), CREATED, 7)
    with pytest.raises(BadRequest, match="control number"):
        write_276([STATUS], ENVELOPE, CREATED, 0)
    with pytest.raises(BadRequest, match="nothing to ask"):
        write_276([], ENVELOPE, CREATED, 7)
    with pytest.raises(BadRequest, match="trace_origin"):
        write_270([COVERAGE], ENVELOPE, CREATED, 8, trace_origin="1")


def test_a_ta1_needs_the_note_that_goes_with_its_code() -> None:
    answer = InterchangeAcknowledgement(
        ENVELOPE, 1, "50", date(2026, 1, 4), "1159", "accepted", "A", "023"
    )
    with pytest.raises(BadRequest, match="TA1"):
        write_ta1([answer], CREATED, 9)
