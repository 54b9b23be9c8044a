"""Turn a group of matched documents into the case that the ledger posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from medcollect import codes
from medcollect.balancing import claim_payment_proves
from medcollect.bookkeeping.deaths import tells_death
from medcollect.ledger import (
    Answer,
    Charged,
    ClaimCase,
    ClaimLine,
    DecidedWriteOff,
    ExpectedPayer,
    SentAgain,
)
from medcollect.matching.docs import (
    ClaimDoc,
    Group,
    PaymentDoc,
    reports_patient_paid,
    sent_documents,
)
from medcollect.matching.keys import name_key
from medcollect.matching.lines import billed, pair_lines
from medcollect.model.claim import Claim, OtherPayer
from medcollect.model.common import Party
from medcollect.model.opening import RANK_CODES
from medcollect.model.policies import Policies
from medcollect.model.posting import CHARGE, REPLACED, VOIDED
from medcollect.model.remittance import ClaimPayment, ServicePayment

_DEFAULTS = Policies()
_VOID = "8"
_SPLIT_REMARK = "MA15"


def payer_key(payer: Party, trace_id: str = "") -> str:
    """How one payer is told from another: by name, else by its id in the trace."""
    return name_key(payer.last_name, payer.first_name) or trace_id.strip()


def claim_lines(claim: Claim) -> tuple[ClaimLine, ...]:
    """The billed lines of a claim with the diagnoses that each points to."""
    codes_of_claim = tuple([diagnosis.code for diagnosis in claim.diagnoses])
    lines = []
    for number, line in enumerate(claim.lines, start=1):
        lines.append(
            ClaimLine(
                number,
                line.procedure.code,
                line.charge_cents,
                line.procedure.modifiers,
                line.revenue_code,
                line.service_from or claim.service_from,
                line.service_to or claim.service_to,
                line.line_control_number,
                line.number,
                _pointed(codes_of_claim, line.diagnosis_pointers),
            )
        )
    return tuple(lines)


@lru_cache(maxsize=4096)
def _pointed(found: tuple[str, ...], pointers: tuple[str, ...]) -> tuple[str, ...]:
    """The diagnoses that a line points to by position; the claim's where it has no pointers."""
    places = [int(p) for p in pointers if p.isascii() and p.isdigit()]
    pointed = [found[p - 1] for p in places if 0 < p <= len(found)]
    return tuple(dict.fromkeys(pointed or (() if pointers else found)))


def service_lines(services: Sequence[ServicePayment], start: int = 1) -> list[ClaimLine]:
    """Claim lines as an answer shows them, for a claim that is known from its remittance only."""
    return [
        ClaimLine(
            position=number,
            procedure_code=billed(service).code,
            charge_cents=service.charge_cents,
            modifiers=billed(service).modifiers,
            revenue_code=service.revenue_code,
            service_from=service.service_from,
            service_to=service.service_to,
            line_control_number=service.line_control_number,
            number=str(number),
        )
        for number, service in enumerate(services, start=start)
    ]


def opened_lines(openers: Sequence[PaymentDoc]) -> tuple[int, tuple[ClaimLine, ...]]:
    """Charge and lines of a claim opened from remittances.

    The first answer gives them. A further answer adds its own lines where they are all new and it
    is of the same payment, or the payer says that it split the claim (MA15); without lines only
    MA15 tells. A correction or a repeated answer adds nothing.
    """
    first, *others = sorted(openers, key=lambda p: p.order)
    charge = first.payment.charge_cents
    lines = service_lines(first.payment.services)
    numbers = {first.payment.payer_claim_control_number}
    for other in others:
        same_payment = other.remittance == first.remittance
        if not _is_part(other.payment, lines, numbers, same_payment=same_payment):
            continue
        numbers.add(other.payment.payer_claim_control_number)
        charge += other.payment.charge_cents
        lines += service_lines(other.payment.services, start=len(lines) + 1)
    return charge, tuple(lines)


def _is_part(
    payment: ClaimPayment, lines: Sequence[ClaimLine], numbers: set[str], *, same_payment: bool
) -> bool:
    """Whether an answer shows another part of the claim than the lines known so far."""
    says_so = _SPLIT_REMARK in payment.remarks
    if payment.services and lines:
        return (says_so or same_payment) and not any(pair_lines(payment.services, lines))
    return says_so and payment.payer_claim_control_number not in numbers


def build_case(group: Group, policies: Policies = _DEFAULTS) -> ClaimCase:
    """Everything the ledger needs of a group: charge, lines, payers, answers, policies."""
    claims = [document.claim for document in group.documents]
    current = _current(group.documents)
    if current is None:
        openers = group.openers or group.payments
        charge, lines = opened_lines(openers)
        document, day, sent = openers[0].id, openers[0].payment_date, None
    else:
        charge, lines = current.claim.charge_cents, claim_lines(current.claim)
        document, day = current.id, current.claim.service_from or current.created
        sent = group.documents[-1].created
    paid = reports_patient_paid(group.documents)
    payments = [p for p in group.payments if not p.held]
    return ClaimCase(
        charge_document=document,
        charge_cents=charge,
        charge_date=day,
        billed_date=sent,
        lines=lines,
        charges=_charges(sent_documents(group.documents)),
        sent_again=_sent_again(sent_documents(group.documents)),
        voided=bool(claims) and claims[-1].frequency == _VOID,
        patient_paid_cents=paid.claim.patient_paid_cents or 0 if paid is not None else 0,
        patient_paid_date=day,
        payers=tuple(_payers(claims)),
        answers=tuple(_answers(payments, lines)) if payments else (),
        reported=tuple(_reported(group.documents, lines)),
        policies=policies,
        write_offs=tuple(
            DecidedWriteOff(payment.id, w.issue, w.kind, w.cents, w.decision, w.day, w.refused)
            for payment in group.payments
            for w in payment.write_offs
        ),
        without_estate=tells_death(group.documents, payments),
    )


def _current(documents: Sequence[ClaimDoc]) -> ClaimDoc | None:
    """The document that says what is billed: the latest that is not a void."""
    standing = [d for d in documents if d.claim.frequency != _VOID]
    return (standing or list(documents))[-1] if documents else None


def _charges(documents: Sequence[ClaimDoc]) -> tuple[Charged, ...]:
    """What the documents charged one after the other; a single one needs no telling."""
    found: list[Charged] = []
    for document in documents if len(documents) > 1 else ():
        charged = _charged(document, found[-1] if found else None)
        changes = not found or (charged.cents, charged.lines) != (found[-1].cents, found[-1].lines)
        if changes and (found or charged.cause != VOIDED):
            found.append(charged)
    return tuple(found)


def _sent_again(documents: Sequence[ClaimDoc]) -> SentAgain | None:
    """The latest document, where its payer had the claim before."""
    if len(documents) < 2:
        return None
    *before, last = documents
    key = payer_key(last.claim.coverage.payer)
    if key not in {payer_key(d.claim.coverage.payer) for d in before}:
        return None
    return SentAgain(last.created, key, last.claim.reference("F8"))


def _charged(document: ClaimDoc, before: Charged | None) -> Charged:
    """What a document charges: the first one from the day of service, others when they came."""
    claim = document.claim
    first = before.day if before is not None else None
    days = (claim.service_from, document.created) if before is None else (document.created, first)
    day = next((d for d in days if d is not None), None)
    if day is not None and first is not None:
        day = max(day, first)  # a document made before the day of service changes no earlier day
    if claim.frequency == _VOID:
        return Charged(VOIDED, document.id, day, 0)
    cause = CHARGE if before is None or before.cause == VOIDED else REPLACED
    lines = tuple(line.charge_cents for line in claim.lines)
    return Charged(cause, document.id, day, claim.charge_cents, lines)


def _answers(payments: Sequence[PaymentDoc], lines: Sequence[ClaimLine]) -> Iterable[Answer]:
    """The claim payments as answers; the parts of a split claim share equal lines out."""
    answered: dict[tuple[str, str], set[int]] = defaultdict(set)
    ordered = sorted(payments, key=lambda p: p.order) if len(payments) > 1 else payments
    for payment in ordered:
        taken = answered[payment.payer_key, payment.payment.status]
        answer = build_answer(payment, lines, taken)
        taken.update(answer.pairs)
        yield answer


def build_answer(
    payment: PaymentDoc, lines: Sequence[ClaimLine], answered: Collection[int] = ()
) -> Answer:
    """A claim payment as an answer, its services paired with the claim's lines.

    Of equal lines those come first that the payer has not ``answered`` yet.
    """
    return Answer(
        id=payment.id,
        remittance=payment.remittance,
        payment_date=payment.payment_date,
        place=payment.place,
        reissue=payment.reissue,
        fingerprint=payment.fingerprint,
        payer_key=payment.payer_key,
        payer_name=payment.payer_name,
        payment=payment.payment,
        pairs=pair_lines(payment.payment.services, lines, answered),
        post_anyway=payment.post_anyway,
    )


def _rank(code: str) -> int:
    """Payer rank of an SBR01 code, 0 where it says none."""
    known = codes.payer_rank(code)
    return (known.rank or 0) if known is not None else 0


def _payers(claims: Sequence[Claim]) -> list[ExpectedPayer]:
    """Every payer that the claim's documents name with a rank, each rank once."""
    found: dict[int, ExpectedPayer] = {}
    for claim in claims:
        for coverage in (claim.coverage, *(other.coverage for other in claim.other_payers)):
            rank = _rank(coverage.rank_code)
            if rank:
                found[rank] = ExpectedPayer(
                    rank,
                    payer_key(coverage.payer),
                    coverage.payer.last_name,
                    coverage.filing_indicator,
                )
    return [found[rank] for rank in sorted(found)]


def _reported(documents: Sequence[ClaimDoc], lines: Sequence[ClaimLine]) -> list[Answer]:
    """Earlier payers' answers as the claim reports them (2320/2430), where they balance.

    Each earlier payer's answer is taken from the latest document that has it.
    """
    found: dict[int, Answer] = {}
    for document in documents:
        if not document.claim.other_payers:
            continue
        own_rank = _rank(document.claim.coverage.rank_code)
        if document.is_opening:  # it tells of all payers, not of those before its own
            own_rank = len(RANK_CODES) + 1
        for other in document.claim.other_payers:
            rank = _rank(other.coverage.rank_code)
            if other.paid_cents is None or not 0 < rank < own_rank:
                continue
            payment = _reported_payment(document.claim, other, rank)
            if claim_payment_proves(payment):
                found[rank] = _reported_answer(document, other, payment, rank, lines)
    return [found[rank] for rank in sorted(found)]


def _reported_answer(
    document: ClaimDoc,
    other: OtherPayer,
    payment: ClaimPayment,
    rank: int,
    lines: Sequence[ClaimLine],
) -> Answer:
    """An earlier payer's answer as the ledger takes it."""
    return Answer(
        id=-document.id,  # never the id of a claim payment
        remittance=None,
        payment_date=other.paid_date or document.created,
        place=(0, rank),
        fingerprint="",
        payer_key=payer_key(other.coverage.payer),
        payer_name=other.coverage.payer.last_name,
        payment=payment,
        pairs=pair_lines(payment.services, lines),
        rank=rank,
    )


def _reported_payment(claim: Claim, other: OtherPayer, rank: int) -> ClaimPayment:
    """An earlier payer's answer in the form of a claim payment."""
    services = tuple(
        ServicePayment(
            position=number,
            segment=line.segment,
            procedure=line.procedure,
            charge_cents=line.charge_cents,
            paid_cents=adjudication.paid_cents,
            revenue_code=line.revenue_code,
            service_from=line.service_from,
            adjustments=adjudication.adjustments,
            line_control_number=line.line_control_number,
        )
        for number, line in enumerate(claim.lines, start=1)
        for adjudication in line.adjudications
        if adjudication.payer_id == other.coverage.payer.id
    )
    return ClaimPayment(
        position=0,
        segment=claim.segment,
        patient_control_number=claim.patient_control_number,
        status=str(min(rank, 3)),
        charge_cents=claim.charge_cents,
        paid_cents=other.paid_cents or 0,
        filing_indicator=other.coverage.filing_indicator,
        payer_claim_control_number=other.payer_claim_control_number,
        adjustments=other.adjustments,
        services=services,
        remarks=other.remarks,
    )
