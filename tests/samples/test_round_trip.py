"""What the builder writes is what the reader reads: every amount, code and name."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

import medcollect
from tests.support.builder import Envelope, build_835, build_837
from tests.support.month import answers
from tests.support.month.answer_files import secondary_claim
from tests.support.month.claims import CLAIMS
from tests.support.month.files import REMITS
from tests.support.specs import Answer, Claim, Remit, Service

SENT = [*(item.claim for item in CLAIMS.values()), secondary_claim()]
ODD = Envelope(element="|", component=">", terminator="\n", newline="", repetition="!")


def read_one(text: str) -> Any:
    findings: list[Any] = []
    (document,) = medcollect.read(io.BytesIO(text.encode("ascii")), findings=findings)
    assert findings == []
    return document


def said_service(service: Service) -> tuple[Any, ...]:
    return (
        service.code or service.revenue,
        service.modifiers,
        service.charge,
        service.paid,
        service.submitted,
        service.control,
        service.remarks,
        service.day,
        service.cas,
    )


def read_service(service: Any) -> tuple[Any, ...]:
    submitted = service.submitted_procedure
    return (
        service.procedure.code,
        service.procedure.modifiers,
        service.charge_cents,
        service.paid_cents,
        submitted.code if submitted else "",
        service.line_control_number,
        service.remarks,
        service.service_from,
        triplets(service.adjustments),
    )


def triplets(adjustments: Any) -> tuple[tuple[str, str, int], ...]:
    return tuple((a.group, a.reason, a.cents) for a in adjustments)


def said_answer(answer: Answer) -> tuple[Any, ...]:
    assert answer.patient is not None
    return (
        answer.number,
        answer.status,
        answer.charge,
        answer.paid,
        answer.responsibility,
        answer.control_number,
        answer.cas,
        answer.remarks,
        (answer.patient.last, answer.patient.first, answer.member_id),
        answer.crossover.name if answer.crossover else "",
        answer.original_reference,
        answer.service_from,
        [said_service(service) for service in answer.services],
    )


def read_answer(payment: Any) -> tuple[Any, ...]:
    patient, carrier = payment.party("QC"), payment.party("TT")
    return (
        payment.patient_control_number,
        payment.status,
        payment.charge_cents,
        payment.paid_cents,
        payment.patient_responsibility_cents,
        payment.payer_claim_control_number,
        triplets(payment.adjustments),
        payment.remarks,
        (patient.last_name, patient.first_name, patient.id),
        carrier.last_name if carrier else "",
        payment.reference("F8"),
        payment.statement_from,
        [read_service(service) for service in payment.services],
    )


@pytest.mark.parametrize("envelope", [Envelope(), ODD], ids=["usual", "odd separators"])
@pytest.mark.parametrize("remit", REMITS, ids=lambda remit: remit.trace)
def test_a_remittance_comes_back_as_written(remit: Remit, envelope: Envelope) -> None:
    document = read_one(build_835([remit], envelope))
    header = document.header
    assert header.payment_cents == remit.payment
    assert (header.trace_number, header.payment_date) == (remit.trace, remit.day)
    assert header.payer.last_name == remit.payer.name
    assert [read_answer(p) for p in document.claim_payments] == [
        said_answer(answer) for answer in remit.answers
    ]
    assert [(p.code, p.reference, p.cents) for p in document.provider_adjustments] == [
        (p.code, p.reference, p.cents) for p in remit.provider_adjustments
    ]
    assert document.end.complete


@pytest.mark.parametrize("envelope", [Envelope(), ODD], ids=["usual", "odd separators"])
@pytest.mark.parametrize("claim", SENT, ids=lambda c: f"{c.number}-{c.coverages[0].rank}")
def test_a_claim_comes_back_as_written(claim: Claim, envelope: Envelope) -> None:
    read = read_one(build_837([claim], envelope))
    assert (read.patient_control_number, read.form) == (claim.number, claim.form)
    assert (read.charge_cents, read.patient_paid_cents or 0) == (claim.charge, claim.patient_paid)
    assert (read.patient.last_name, read.patient.first_name) == (
        claim.patient.last,
        claim.patient.first,
    )
    assert read.patient.birth_date == claim.patient.birth
    assert read.service_from == claim.service_from
    covered = [read.coverage, *(other.coverage for other in read.other_payers)]
    assert [(c.payer.last_name, c.rank_code, c.subscriber.id) for c in covered] == [
        (c.payer.name, c.rank, c.member_id) for c in claim.coverages
    ]
    assert [
        (line.procedure.code, line.procedure.modifiers, line.charge_cents, line.line_control_number)
        for line in read.lines
    ] == [(line.code, line.modifiers, line.charge, line.control) for line in claim.lines]


def test_an_earlier_answer_comes_back_with_the_claim() -> None:
    claim = secondary_claim()
    read = read_one(build_837([claim]))
    (told,), (prior,) = claim.prior, read.other_payers
    assert prior.paid_cents == told.paid
    assert prior.payer_claim_control_number == told.control_number
    (decided,) = read.lines[0].adjudications
    assert (decided.paid_cents, decided.paid_date) == (told.lines[0].paid, told.answered)
    assert triplets(decided.adjustments) == told.lines[0].cas


def test_another_fingerprint_only_for_other_content() -> None:
    """Envelope and separators do not count, a single cent does (DESIGN section 5)."""
    remit = answers.COPAY_AND_DEDUCTIBLE
    usual = read_one(build_835([remit])).end.fingerprint
    other = replace(remit, amount=remit.payment + 1)
    assert read_one(build_835([remit], replace(ODD, control=77))).end.fingerprint == usual
    assert read_one(build_835([other])).end.fingerprint != usual
