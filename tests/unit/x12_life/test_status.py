"""277CA, 277 and 276: the verdict on each claim and line, numbers, amounts, totals."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.model.status import ClaimStatus, StatusReport
from tests.unit.x12_life.support import body_of, codes, interchange, only, read_all

HEAD = (
    "BHT*0085*08*ANSWER1*20250301*1200*TH",
    "HL*1**20*1",
    "NM1*PR*2*MUSTER PLAN*****PI*99999",
    "TRN*1*TRACE1",
    "DTP*050*D8*20250227",
    "DTP*009*D8*20250228",
    "HL*2*1*21*1",
    "NM1*41*2*BEISPIEL CLINIC*****46*S1",
    "TRN*2*BATCH1",
    "STC*A1:19:PR*20250228*WQ*300",
    "QTY*90*1",
    "QTY*AA*2",
    "AMT*YU*100",
    "AMT*YY*200",
    "HL*3*2*19*1",
    "NM1*85*2*BEISPIEL CLINIC*****XX*1234567893",
)
PATIENT = ("HL*4*3*PT", "NM1*QC*1*MUSTER*ANNA****MI*W1")


def claim_of(*segments: str, version: str = "005010X214") -> ClaimStatus:
    report = only(read_all(interchange("277", version, *HEAD, *PATIENT, *segments)), StatusReport)
    return report.claims[0]


def test_an_accepted_claim_brings_the_payers_number() -> None:
    text = interchange(
        "277", "005010X214", *HEAD, *PATIENT, "TRN*2*PCN1", "STC*A2:20:PR*20250228*WQ*100",
        "REF*1K*ICN1", "REF*D9*CLEAR1", "DTP*472*RD8*20250201-20250203",
    )  # fmt: skip
    found = read_all(text)
    report = only(found, StatusReport)
    (claim,) = report.claims

    assert codes(found) == []
    assert (report.form, report.reference_id) == ("277CA", "ANSWER1")
    assert (claim.verdict, claim.is_accepted_for_adjudication) == ("accepted", True)
    assert (claim.patient_control_number, claim.payer_claim_control_number) == ("PCN1", "ICN1")
    assert claim.clearinghouse_number == "CLEAR1"
    assert claim.charge_cents == 10000
    assert (claim.service_from, claim.service_to) == (date(2025, 2, 1), date(2025, 2, 3))
    assert (claim.patient.last_name, claim.provider.id) == ("MUSTER", "1234567893")
    assert (claim.payer.id, claim.receiver.id) == ("99999", "S1")
    assert report.segments == body_of(text)


def test_the_totals_of_the_receiver_are_read() -> None:
    report = only(read_all(interchange("277", "005010X214", *HEAD)), StatusReport)
    payer, receiver = report.level("20"), report.level("21")

    assert payer is not None
    assert receiver is not None
    assert (payer.received_date, payer.processed_date) == (date(2025, 2, 27), date(2025, 2, 28))
    assert (receiver.accepted_count, receiver.rejected_count) == (1, 2)
    assert (receiver.accepted_cents, receiver.rejected_cents) == (10000, 20000)
    assert (receiver.verdict, receiver.trace_number) == ("accepted", "BATCH1")


@pytest.mark.parametrize(
    ("category", "action", "verdict"),
    [
        ("A0", "WQ", "accepted"), ("A1", "WQ", "accepted"), ("A2", "WQ", "accepted"),
        ("A5", "WQ", "accepted"), ("A3", "U", "rejected"), ("A4", "U", "not_found"),
        ("A6", "U", "rejected"), ("A7", "U", "rejected"), ("A8", "U", "rejected"),
    ],
)  # fmt: skip
def test_the_category_decides_in_a_277ca(category: str, action: str, verdict: str) -> None:
    assert claim_of("TRN*2*P", f"STC*{category}:20*20250228*{action}*9").verdict == verdict


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("P1", "pending"), ("P5", "pending"), ("F0", "finalized"), ("F1", "paid"),
        ("F2", "denied"), ("F4", "finalized"), ("R3", "information_requested"),
        ("D0", "not_found"), ("E1", "error"), ("A3", "rejected"),
    ],
)  # fmt: skip
def test_the_category_decides_in_a_277(category: str, verdict: str) -> None:
    claim = claim_of("TRN*2*P", f"STC*{category}:20*20250228", version="005010X212")
    assert claim.verdict == verdict


def test_a_rejected_claim_is_not_a_denied_one() -> None:
    rejected = claim_of("TRN*2*P", "STC*A7:21*20250228*U*9******A7:249")
    denied = claim_of("TRN*2*P", "STC*F2:88:QC*20250228**150*0", version="005010X212")

    assert (rejected.verdict, denied.verdict) == ("rejected", "denied")
    assert [c.status for c in rejected.statuses[0].codes] == ["21", "249"]
    assert (denied.charge_cents, denied.paid_cents) == (15000, 0)


def test_a_refusal_counts_where_action_and_category_contradict_each_other() -> None:
    for stc in ("STC*A2:20*20250228*U*9", "STC*A3:20*20250228*WQ*9"):
        found = read_all(interchange("277", "005010X214", *HEAD, *PATIENT, "TRN*2*P", stc))
        assert only(found, StatusReport).claims[0].verdict == "rejected"
        assert codes(found) == [("verdict-contradicted", 23)]


def test_an_unknown_category_leaves_the_word_to_the_action() -> None:
    found = read_all(
        interchange("277", "005010X214", *HEAD, *PATIENT, "TRN*2*P", "STC*X9:9*20250228*U*9")
    )
    assert only(found, StatusReport).claims[0].verdict == "rejected"
    assert codes(found) == [("status-category-unknown", 23)]
    assert claim_of("TRN*2*P", "STC*X9:9*20250228", version="005010X212").verdict == "unknown"


def test_one_rejection_among_several_statuses_rejects() -> None:
    claim = claim_of("TRN*2*P", "STC*A1:20*20250228*WQ*9", "STC*A6:21*20250228*U*9")
    assert claim.verdict == "rejected"
    assert len(claim.statuses) == 2


def test_lines_have_verdicts_numbers_and_amounts_of_their_own() -> None:
    claim = claim_of(
        "TRN*2*P", "STC*A2:20*20250228*WQ*135",
        "SVC*HC:99213:26*35*0*0300***10", "STC*A8:187**U", "REF*FJ*L1", "DTP*472*D8*20250201",
        "SVC*NU:0301*100*****9", "STC*A2:20**WQ", "PER*X",
    )  # fmt: skip
    first, second = claim.lines

    assert claim.verdict == "accepted"
    assert (first.verdict, first.line_control_number) == ("rejected", "L1")
    assert (first.procedure.code, first.procedure.modifiers) == ("99213", ("26",))
    assert (first.charge_cents, first.paid_cents, first.units) == (3500, 0, "10")
    assert (first.revenue_code, first.service_from) == ("0300", date(2025, 2, 1))
    assert (second.verdict, second.unmodelled[0].text) == ("accepted", "PER*X")


def test_lines_speak_for_a_claim_without_a_status() -> None:
    line = ("SVC*HC:99213*35", "STC*F1:65*20250228")
    assert claim_of("TRN*2*P", *line, version="005010X212").verdict == "paid"
    other = ("SVC*HC:99214*35", "STC*F2:65*20250228")
    assert claim_of("TRN*2*P", *line, *other, version="005010X212").verdict == "unknown"


def test_a_dependent_is_the_patient_and_keeps_the_subscriber() -> None:
    text = interchange(
        "277", "005010X212", "BHT*0010*08*R*20250301*1200*DG", *HEAD[1:3],
        "HL*2*1*21*1", "HL*3*2*19*1", "NM1*1P*2*CLINIC*****XX*1", "HL*4*3*22*1",
        "NM1*IL*1*MUSTER*ANNA****MI*W1", "HL*5*4*23", "NM1*QC*1*MUSTER*BEN", "TRN*2*ASK1",
        "STC*P3:317*20250228**50", "REF*EJ*PCN1", "TRN*2*ASK2", "STC*F1:65*20250228**60*40",
    )  # fmt: skip
    found = read_all(text)
    first, second = only(found, StatusReport).claims

    assert codes(found) == []
    assert (first.patient.first_name, first.subscriber.first_name) == ("BEN", "ANNA")
    assert (first.verdict, first.patient_control_number) == ("pending", "PCN1")
    assert (first.trace_number, second.trace_number) == ("ASK1", "ASK2")
    assert (second.verdict, second.paid_cents) == ("paid", 4000)
    assert second.patient_control_number == ""


def test_bad_data_is_a_finding_and_nothing_is_lost() -> None:
    segments = (
        *HEAD, "HL*9*77*PT", "STC*A2:20*x*WQ*y", "REF*1K*ICN", "DTP*472*D8*z", "PWK*OZ",
    )  # fmt: skip
    found = read_all(interchange("277", "005010X214", *segments))
    report = only(found, StatusReport)

    assert codes(found) == [
        ("hierarchy-parent-unknown", 20),
        ("date-unreadable", 21),
        ("figure-unreadable", 21),
        ("date-unreadable", 23),
    ]
    assert report.claims[0].payer_claim_control_number == "ICN"
    assert [raw.text for raw in report.claims[0].unmodelled] == ["PWK*OZ"]
    assert report.segments == segments
