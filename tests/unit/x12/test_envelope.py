"""Envelopes that are missing, unclosed or wrong are findings; what they hold is read."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsEnd, OtherTransaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from tests.unit.x12.support import (
    CLP,
    ERA_HEAD,
    claims,
    codes,
    era,
    interchange,
    records,
    text,
    transaction,
)


def changed(old: str, new: str | None) -> bytes:
    """The good 835 with the first segment that starts with ``old`` replaced or left out."""
    segments = era()
    at = next(i for i, segment in enumerate(segments) if segment.startswith(old))
    segments[at : at + 1] = [new] if new else []
    return text(segments)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*", "SE*99*0001", "segment-count-differs"),
        ("SE*", "SE*18*0002", "control-number-differs"),
        ("SE*", None, "transaction-not-closed"),
        ("GE*", "GE*2*5", "envelope-count-differs"),
        ("GE*", "GE*1*6", "control-number-differs"),
        ("GE*", None, "envelope-not-closed"),
        ("IEA*", "IEA*3*000000007", "envelope-count-differs"),
        ("IEA*", "IEA*1*000000008", "control-number-differs"),
        ("IEA*", None, "envelope-not-closed"),
        ("GS*", None, "envelope-missing"),
        ("GS*", "GS*HP*A*B*20250302*1200*5*X*005010X999", "version-unknown"),
    ],
)
def test_a_broken_envelope_is_a_finding_and_the_claim_is_read(
    old: str, new: str | None, code: str
) -> None:
    data = changed(old, new)
    assert code in codes(data)
    assert [c.paid_cents for c in records(data, ClaimPayment)] == [8000]


def test_leading_zeros_of_control_numbers_do_not_matter() -> None:
    assert codes(changed("IEA*", "IEA*1*7")) == []


def test_a_transaction_without_se_is_not_complete() -> None:
    (end,) = records(changed("SE*", None), RemittanceEnd)
    assert not end.complete
    (whole,) = records(text(era()), RemittanceEnd)
    assert whole.complete
    assert whole.segment_count == len(ERA_HEAD) + len(CLP) + 2


@pytest.mark.parametrize("keep", range(3, len(era()) - 2))
def test_a_remittance_cut_off_anywhere_gives_what_it_holds_and_says_so(keep: int) -> None:
    data = text(era()[:keep])
    assert "transaction-not-closed" in codes(data)
    (end,) = records(data, RemittanceEnd)
    assert not end.complete
    assert len(records(data, RemittanceHeader)) == 1


def test_claims_of_a_cut_off_file_are_still_given() -> None:
    data = text(claims())[:-60].rstrip(b"~\n")
    assert {"transaction-not-closed", "segment-cut-off"} <= set(codes(data))
    assert len(records(data, Claim)) == 1
    assert not records(data, ClaimsEnd)[0].complete


def test_a_segment_outside_any_transaction_is_reported() -> None:
    segments = era()
    segments.insert(1, "BPR*I*1*C*NON")
    found = [f for f in records(text(segments), Finding) if f.code == "segment-outside-transaction"]
    assert [f.segment for f in found] == [2]


def test_a_ta1_between_the_envelopes_is_in_its_place() -> None:
    segments = era()
    segments.insert(1, "TA1*000000001*250301*1200*A*000")
    assert codes(text(segments)) == []


def test_other_transactions_are_counted_and_reading_goes_on() -> None:
    other = transaction("999", ("AK1*HP*5", "AK9*A*1*1*1"))
    data = text(interchange(other, transaction("835", (*ERA_HEAD, *CLP), st02="0002")))
    (found,) = records(data, OtherTransaction)
    assert found.segment_count == 4
    assert found.transaction.kind == "999"
    assert len(records(data, ClaimPayment)) == 1
    assert codes(data) == []


def test_a_kind_that_nothing_reads_is_told() -> None:
    other = transaction("820", ("BPR*C*100*C*ACH",))
    assert codes(text(interchange(other))) == ["transaction-unknown"]


def test_the_envelope_is_on_every_transaction() -> None:
    (header,) = records(text(era()), RemittanceHeader)
    envelope = header.transaction.envelope
    assert envelope.sender_id == "MUSTERPAYER"
    assert envelope.receiver_id == "BEISPIELCLINIC"
    assert envelope.interchange_control_number == "000000007"
    assert envelope.interchange_date == date(2025, 3, 1)
    assert envelope.group_date == date(2025, 3, 2)
    assert envelope.group_control_number == "5"
    assert envelope.usage == "P"
    assert header.transaction.version == "005010X221A1"
    assert header.transaction.implementation == "835"


def test_version_and_form_of_claims_come_from_st03_or_gs08() -> None:
    for version, form in (("005010X222A1", "P"), ("005010X223A2", "I"), ("004010X097A1", "D")):
        (claim,) = records(text(claims(version=version)), Claim)
        assert claim.form == form


def test_where_the_version_says_nothing_the_service_segments_do() -> None:
    data = text(claims(version="005010"))
    (claim,) = records(data, Claim)
    assert claim.form == "P"
    (end,) = records(data, ClaimsEnd)
    assert end.transaction.implementation == "837P"
