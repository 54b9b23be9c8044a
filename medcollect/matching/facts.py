"""What matching reads of documents: payments, groups of claim documents, opened claims."""

from __future__ import annotations

from collections.abc import Sequence

from medcollect.matching.claims import ClaimFacts, PaymentFacts
from medcollect.matching.docs import ClaimDoc, PaymentDoc
from medcollect.matching.keys import claim_member_ids, member_ids, service_dates
from medcollect.matching.lines import billed


def payment_facts(doc: PaymentDoc) -> PaymentFacts:
    """What matching reads of a claim payment."""
    payment = doc.payment
    patient = payment.party("QC")
    first_day, last_day = service_dates(payment)
    return PaymentFacts(
        patient_control_number=payment.patient_control_number,
        charge_cents=payment.charge_cents,
        payer_numbers=frozenset([k[2:] for k in doc.keys if k.startswith("C:")]),
        member_ids=member_ids(payment),
        last_name=patient.last_name if patient else "",
        first_name=patient.first_name if patient else "",
        service_from=first_day,
        service_to=last_day,
        line_control_numbers=frozenset(
            [s.line_control_number for s in payment.services if s.line_control_number]
        ),
        procedure_codes=frozenset([billed(s).code.upper() for s in payment.services]),
        is_reversal=payment.is_reversal,
    )


def documents_facts(number: int, documents: Sequence[ClaimDoc]) -> ClaimFacts:
    """What matching reads of a group of claim documents; the latest one speaks for charges."""
    claims = [document.claim for document in documents]
    latest = claims[-1]
    lines = latest.lines if len(claims) == 1 else [x for claim in claims for x in claim.lines]
    days = [d for c in claims for d in (c.service_from, c.service_to) if d is not None]
    return ClaimFacts(
        claim=number,
        patient_control_numbers=tuple(dict.fromkeys([c.patient_control_number for c in claims])),
        charge_cents=latest.charge_cents,
        payer_numbers=frozenset([k[2:] for d in documents for k in d.keys if k.startswith("C:")]),
        member_ids=tuple([i for c in claims for i in claim_member_ids(c)]),
        last_name=latest.patient.last_name,
        first_name=latest.patient.first_name,
        service_from=min(days, default=None),
        service_to=max(days, default=None),
        line_control_numbers=frozenset(
            [x.line_control_number for x in lines if x.line_control_number]
        ),
        line_charges=frozenset([x.charge_cents for x in lines]),
        procedure_codes=frozenset([x.procedure.code.upper() for x in lines]),
        earlier_charges=frozenset([c.charge_cents for c in claims[:-1]]),
    )


def opener_facts(number: int, opener: PaymentDoc) -> ClaimFacts:
    """What matching reads of a claim that a payment opened."""
    facts = payment_facts(opener)
    payment = opener.payment
    return ClaimFacts(
        claim=number,
        patient_control_numbers=(payment.patient_control_number,),
        charge_cents=payment.charge_cents,
        payer_numbers=facts.payer_numbers,
        member_ids=facts.member_ids,
        last_name=facts.last_name,
        first_name=facts.first_name,
        service_from=facts.service_from,
        service_to=facts.service_to,
        line_control_numbers=facts.line_control_numbers,
        line_charges=frozenset([s.charge_cents for s in payment.services]),
        procedure_codes=facts.procedure_codes,
    )
