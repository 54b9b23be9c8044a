"""A payer's answer as an ExplanationOfBenefit, its payment as a PaymentReconciliation.

Every CAS triplet becomes one adjudication: the category says what the amount is (deductible,
copay, discount, ...) and which group bears it, the reason is the CARC. Remark codes stand beside
them as adjudications without an amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from medcollect.fhir import systems
from medcollect.fhir.claims import claim_of, claim_type, coverage_from, related
from medcollect.fhir.people import Register, add_coverage, add_organization, party_key
from medcollect.fhir.pieces import (
    Node,
    coding,
    concept,
    filled,
    identifier,
    modifiers,
    money,
    number,
    procedure,
    quantity,
    served,
    when,
)
from medcollect.fhir.reversals import cancelled_answers
from medcollect.fhir.view import AnswerForFhir, ClaimForFhir
from medcollect.model.claim import Claim, ServiceLine
from medcollect.model.common import Adjustment
from medcollect.model.remittance import ClaimPayment, ServicePayment


def add_answer(
    register: Register, view: ClaimForFhir, answer: AnswerForFhir, claim: Node, patient: Node
) -> Node:
    """Enter one payer's answer; gives the reference to it.

    A reversal and the answer it takes back are both ``cancelled``, one that is not posted is a
    ``draft``: what the active ones paid is what the claim was paid.
    """
    payment, document = answer.payment, claim_of(view)
    coverage = add_coverage(register, coverage_from(answer), patient)
    notes = _notes(payment)
    resource = filled(
        resourceType="ExplanationOfBenefit",
        id=answer.id,
        identifier=_payer_number(payment),
        status=_status(view, answer),
        type=claim_type(document),
        use="claim",
        patient=patient,
        billablePeriod=filled(start=payment.statement_from, end=payment.statement_to),
        insurer=add_organization(register, answer.payer),
        provider=add_organization(register, document.billing_provider),
        claim=claim,
        related=related(payment.reference("F8")),
        outcome="complete",
        disposition=systems.STATUSES.get(payment.status, f"Claim status {payment.status}"),
        insurance=[{"focal": True, "coverage": coverage}],
        item=_items(payment, document, notes),
        adjudication=[*_adjustments(payment.adjustments), *_remarks(payment.remarks)],
        total=_totals(payment),
        payment=_payment(answer),
        processNote=[{"number": n, "text": text} for text, n in notes.items()],
        **when("created", answer.payment_date),
    )
    return register.add(f"answer:{answer.id}", resource)


def _status(view: ClaimForFhir, answer: AnswerForFhir) -> str:
    if answer.id in cancelled_answers(view.answers):
        return "cancelled"
    return "active" if answer.posted else "draft"


def _payer_number(payment: ClaimPayment) -> list[Node]:
    number_given = payment.payer_claim_control_number
    return [identifier(number_given)] if number_given else []


def _payment(answer: AnswerForFhir) -> Node:
    trace = identifier(answer.trace_number) if answer.trace_number else None
    amount = money(answer.payment.paid_cents)
    return filled(amount=amount, date=answer.payment_date, identifier=trace)


def _totals(payment: ClaimPayment) -> list[Node]:
    """Charge, payment and patient responsibility as the payer states them (CLP03 to CLP05)."""
    totals = [
        _amount(systems.ADJUDICATION, "submitted", payment.charge_cents),
        _amount(systems.ADJUDICATION, "benefit", payment.paid_cents),
    ]
    owed = payment.patient_responsibility_cents
    if owed is not None:
        totals.append(_amount(systems.CARIN_ADJUDICATION, "memberliability", owed))
    return totals


def _amount(system: str, code: str, cents: int) -> Node:
    return {"category": concept(coding(system, code)), "amount": money(cents)}


def _adjustments(adjustments: Iterable[Adjustment]) -> list[Node]:
    return [_adjustment(adjustment) for adjustment in adjustments]


def _adjustment(adjustment: Adjustment) -> Node:
    key = (adjustment.group, adjustment.reason)
    system, code = systems.AMOUNT_TYPES.get(key, systems.ANY_ADJUSTMENT)
    group = coding(systems.ADJUSTMENT_GROUP, adjustment.group)
    return filled(
        category=concept(coding(system, code), group),
        reason=concept(coding(systems.CARC, adjustment.reason)),
        amount=money(adjustment.cents),
        value=number(adjustment.quantity),
    )


def _remarks(remarks: Iterable[str]) -> list[Node]:
    category = concept(coding(*systems.ANY_ADJUSTMENT))
    return [
        {"category": category, "reason": concept(coding(systems.RARC, code))}
        for code in remarks
        if code.strip()
    ]


def _notes(payment: ClaimPayment) -> dict[str, int]:
    """Give notes by text: where the payer judged another code than the one billed (SVC06)."""
    billed = (s.submitted_procedure for s in payment.services if s.submitted_procedure)
    texts = dict.fromkeys(f"Billed as {procedure.code}" for procedure in billed)
    return {text: n for n, text in enumerate(texts, start=1)}


def _items(payment: ClaimPayment, claim: Claim, notes: dict[str, int]) -> list[Node]:
    """Give the answered lines under the numbers of the claim lines that they answer.

    A line the claim does not have (or has answered already: a split) gets a number of its own.
    """
    free = dict(enumerate(claim.lines, start=1))
    own = count(len(claim.lines) + 1)
    return [
        _item(_take_line(service, free) or next(own), service, notes)
        for service in payment.services
    ]


def _take_line(service: ServicePayment, free: dict[int, ServiceLine]) -> int | None:
    """Give the claim line that a service payment answers; each line is taken once."""
    for same in (_same_number, _same_service):
        found = next((n for n, line in free.items() if same(service, line)), None)
        if found is not None:
            del free[found]
            return found
    return None


def _same_number(service: ServicePayment, line: ServiceLine) -> bool:
    return bool(service.line_control_number) and (
        service.line_control_number == line.line_control_number
    )


def _same_service(service: ServicePayment, line: ServiceLine) -> bool:
    billed = service.submitted_procedure or service.procedure
    ours = (line.procedure.code or line.revenue_code, line.charge_cents)
    return (billed.code or service.revenue_code, abs(service.charge_cents)) == ours


def _item(sequence: int, service: ServicePayment, notes: dict[str, int]) -> Node:
    billed = service.submitted_procedure
    return filled(
        sequence=sequence,
        revenue=service.revenue_code and concept(coding(systems.REVENUE, service.revenue_code)),
        productOrService=procedure(service.procedure),
        modifier=modifiers(service.procedure),
        quantity=quantity(service.units),
        net=money(service.charge_cents),
        noteNumber=[notes[f"Billed as {billed.code}"]] if billed else [],
        adjudication=_line_amounts(service),
        **served(service.service_from, service.service_to),
    )


def _line_amounts(service: ServicePayment) -> list[Node]:
    amounts = [_amount(systems.ADJUDICATION, "submitted", service.charge_cents)]
    allowed = service.amount("B6")
    if allowed is not None:
        amounts.append(_amount(systems.ADJUDICATION, "eligible", allowed))
    amounts.append(_amount(systems.ADJUDICATION, "benefit", service.paid_cents))
    return [*amounts, *_adjustments(service.adjustments), *_remarks(service.remarks)]


def add_payments(
    register: Register, view: ClaimForFhir, claim: Node, responses: dict[str, Node]
) -> None:
    """Enter one PaymentReconciliation per remittance, with the answers to this claim only.

    ``responses`` holds the reference to each answer by its claim payment id.
    """
    by_remittance: dict[str, list[AnswerForFhir]] = {}
    for answer in view.answers:
        by_remittance.setdefault(answer.remittance_id, []).append(answer)
    for remittance_id, answers in by_remittance.items():
        details = [_detail(answer, claim, responses[answer.id]) for answer in answers]
        first = answers[0]
        resource = filled(
            resourceType="PaymentReconciliation",
            id=remittance_id,
            status="active",
            paymentIssuer=_issuer(register, first),
            outcome="complete",
            disposition="Details are of this claim only; the amount is of the whole payment",
            paymentAmount=money(first.payment_cents or 0),
            paymentIdentifier=identifier(first.trace_number) if first.trace_number else None,
            detail=details,
            **when("created", first.payment_date),
            **when("paymentDate", first.payment_date),
        )
        register.add(f"payment:{remittance_id}", resource)


def _issuer(register: Register, answer: AnswerForFhir) -> Node | None:
    return add_organization(register, answer.payer) if party_key(answer.payer) else None


def _detail(answer: AnswerForFhir, claim: Node, response: Node) -> Node:
    kind = "adjustment" if answer.payment.is_reversal else "payment"
    return filled(
        type=concept(coding(systems.PAYMENT_TYPE, kind)),
        request=claim,
        response=response,
        date=answer.payment_date,
        amount=money(answer.payment.paid_cents),
    )
