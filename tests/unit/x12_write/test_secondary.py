"""The claim to the next payer: filled from the answer, balanced to the cent, or refused."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from medcollect.errors import BadRequest
from medcollect.model.claim import Claim
from medcollect.model.common import Adjustment
from medcollect.model.remittance import ClaimPayment, RemittanceHeader
from medcollect.x12.amend837 import secondary
from medcollect.x12.write837 import write_837
from tests.unit.x12_write.support import (
    ENVELOPE,
    claims,
    findings_of,
    guide_errors,
    remittances,
    sample,
)

NUMBERS = ("CH6001", "CH6002", "CH6003")


def facts(number: str) -> tuple[Claim, ClaimPayment, RemittanceHeader]:
    """The stored claim, its primary answer, and the remittance that brought it."""
    (remittance,) = remittances(sample("15"))
    answer = next(p for p in remittance.claim_payments if p.patient_control_number == number)
    given = next(
        c for n in ("01", "02", "03") for c in claims(sample(n))
        if c.patient_control_number == number
    )  # fmt: skip
    return given, answer, remittance.header


def balanced(claim: Claim) -> bool:
    """CLM02 less every CAS is AMT*D; each line's charge less its CAS is SVD02 (rules 5.6)."""
    (payer,) = [p for p in claim.other_payers if p.paid_cents is not None]
    lines = [(line, d) for line in claim.lines for d in line.adjudications]
    by_line = all(
        line.charge_cents - sum(a.cents for a in d.adjustments) == d.paid_cents for line, d in lines
    )
    taken = sum(a.cents for a in payer.adjustments)
    taken += sum(a.cents for _, d in lines for a in d.adjustments)
    return by_line and claim.charge_cents - taken == payer.paid_cents


@pytest.mark.parametrize("number", NUMBERS)
def test_the_answer_goes_along_unchanged(number: str) -> None:
    given, answer, header = facts(number)
    text = write_837([secondary(given, answer, header)], ENVELOPE)
    (read,) = claims(text.encode())
    assert balanced(read)
    assert findings_of(text) == []
    assert guide_errors(text) == []
    waited = [o.coverage for o in given.other_payers if o.paid_cents is None]
    assert read.coverage.payer.id == waited[0].payer.id
    assert read.coverage.rank_code == waited[0].rank_code
    assert read.coverage.subscriber.id == waited[0].subscriber.id
    told = next(o for o in read.other_payers if o.paid_cents is not None)
    assert told.coverage.payer.id == given.coverage.payer.id
    assert (told.paid_cents, told.adjustments) == (answer.paid_cents, answer.adjustments)
    assert told.payer_claim_control_number == answer.payer_claim_control_number
    decided = [d for line in read.lines for d in line.adjudications]
    assert [d.adjustments for d in decided] == [s.adjustments for s in answer.services]
    assert {d.paid_date for d in decided} == {header.payment_date}
    assert (read.charge_cents, read.patient.last_name, read.diagnoses) == (
        given.charge_cents, given.patient.last_name, given.diagnoses
    )  # fmt: skip


def test_what_does_not_balance_is_refused() -> None:
    given, answer, header = facts("CH6001")
    with pytest.raises(BadRequest, match="not what the payer paid"):
        secondary(given, replace(answer, paid_cents=answer.paid_cents + 1), header)
    service = replace(answer.services[0], paid_cents=answer.services[0].paid_cents + 1)
    with pytest.raises(BadRequest, match="Line 1"):
        secondary(given, replace(answer, services=(service, *answer.services[1:])), header)


def test_what_is_missing_is_refused() -> None:
    given, answer, header = facts("CH6001")
    with pytest.raises(BadRequest, match="no further payer"):
        secondary(replace(given, other_payers=()), answer, header)
    with pytest.raises(BadRequest, match="no date"):
        secondary(given, answer, replace(header, payment_date=None))
    with pytest.raises(BadRequest, match="reversal"):
        secondary(given, replace(answer, status="22"), header)
    other = replace(answer.services[0], line_control_number="", charge_cents=1)
    with pytest.raises(BadRequest, match="no line"):
        secondary(given, replace(answer, services=(other,)), header)


def test_an_answer_without_lines_stays_on_the_claim() -> None:
    given, answer, header = facts("CH6001")
    whole = Adjustment("CO", "45", given.charge_cents - answer.paid_cents)
    made = secondary(given, replace(answer, services=(), adjustments=(whole,)), header)
    assert not any(line.adjudications for line in made.lines)
    told = next(o for o in made.other_payers if o.paid_cents is not None)
    assert (told.adjustments, told.paid_date) == ((whole,), header.payment_date)
    assert guide_errors(write_837([made], ENVELOPE)) == []
