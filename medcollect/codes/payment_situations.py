"""Traps of claim payments: what an 835 says correctly in form, and means otherwise.

Rules: claim_rules.md sections 2.1 to 2.3, 3.2, 3.3, 4.2 and 7; combinations of reasons and remarks
as the tables prescribe them (``rarc_required``, ``refines_carc``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from medcollect.codes.forms import is_npi
from medcollect.codes.situations import Hit, situation
from medcollect.codes.tables import filing_indicator, provider_adjustment_code, reason, remark
from medcollect.findings import Finding
from medcollect.model.common import Adjustment, Party
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)

_PATIENT_UNKNOWN: Final = "4"
_FORWARDED: Final = frozenset({"19", "20", "21"})
_NOT_FIRST: Final = frozenset({"2", "3", "20", "21"})
#: Remarks that tell of a Qualified Medicare Beneficiary, who owes no cost sharing.
_PROTECTED: Final = frozenset({"N781", "N782", "N783", "N935"})
#: Reason 31 and its kin, which CLP02 4 is for.
_UNKNOWN_PATIENT_REASONS: Final = frozenset({"31", "26", "27", "140", "200"})
#: Groups under which the provider bears the amount.
_PROVIDERS: Final = frozenset({"CO", "PI", "OA"})
_REMEMBERED_MAX: Final = 1_000_000


class RemittanceSituations:
    """Judges one 835 transaction as it streams by; it remembers hashes of its claim payments."""

    def __init__(self, header: RemittanceHeader) -> None:
        self._header = header
        self._index = header.transaction.index
        self._claims = 0
        self._seen: set[int] = set()
        self._interest_at = 0

    def header(self) -> list[Finding]:
        """What is odd about the payment itself."""
        return self._told(_payment(self._header))

    def claim_payment(self, payment: ClaimPayment) -> list[Finding]:
        """What is odd about one claim payment."""
        self._claims += 1
        hits = [hit for rule in _CLAIM_RULES for hit in rule(payment)]
        hits += _future(payment, self._header)
        key = hash((payment.patient_control_number, payment.charge_cents, payment.status))
        if key in self._seen:
            hits.append(Hit("claim-payment-repeated", payment.segment))
        elif len(self._seen) < _REMEMBERED_MAX:
            self._seen.add(key)
        if not self._interest_at and any(a.qualifier == "I" for a in payment.amounts):
            self._interest_at = payment.segment
        return [*self._told(hits), *_npi(payment, self._index)]

    def end(self, end: RemittanceEnd) -> list[Finding]:
        """What is odd about the provider adjustments."""
        hits = [hit for adjustment in end.provider_adjustments for hit in _provider(adjustment)]
        if end.provider_adjustments and not self._claims:
            hits.append(Hit("provider-adjustments-only", end.provider_adjustments[0].segment))
        if self._interest_at and not any(a.code == "L6" for a in end.provider_adjustments):
            hits.append(Hit("interest-without-payment", self._interest_at))
        return self._told(hits)

    def _told(self, hits: Iterator[Hit] | Sequence[Hit]) -> list[Finding]:
        """Tell each code once for its place."""
        return [situation(hit, self._index) for hit in dict.fromkeys(hits)]


def _payment(header: RemittanceHeader) -> Iterator[Hit]:
    """BPR and TRN."""
    transaction = header.transaction
    separator = transaction.envelope.delimiters.element
    at = transaction.segment + 1
    if transaction.version.startswith("004"):
        yield Hit("transaction-4010", transaction.segment)
    if (header.payment_cents or 0) < 0:
        yield Hit("payment-negative", at)
    if header.payment_method == "NON" and header.payment_cents:
        yield Hit("payment-method-contradicts", at)
    if not header.trace_number:
        yield Hit("trace-number-missing", at + 1)
    bpr = next((s.split(separator) for s in header.segments if s.startswith("BPR")), [])
    payer = bpr[10] if len(bpr) > 10 else ""
    if payer and header.payer_trace_id and payer != header.payer_trace_id:
        yield Hit("payer-id-differs", at + 1)


def _status(payment: ClaimPayment) -> Iterator[Hit]:
    """CLP02 against what the claim payment shows."""
    adjustments = payment.all_adjustments()
    if payment.status == _PATIENT_UNKNOWN and (
        payment.paid_cents or not any(a.reason in _UNKNOWN_PATIENT_REASONS for a in adjustments)
    ):
        yield Hit("status-denied-misused", payment.segment)
    crossover = payment.party("TT") is not None
    if payment.status in _FORWARDED and not crossover:
        yield Hit("forwarded-without-payer", payment.segment)
    if crossover and payment.status in {"1", "2", "3", "4"}:
        yield Hit("forwarding-not-stated", payment.segment)
    if (
        payment.status in _NOT_FIRST
        and adjustments
        and not any(a.reason == "23" for a in adjustments)
    ):
        yield Hit("prior-payer-not-stated", payment.segment)
    if payment.filing_indicator and filing_indicator(payment.filing_indicator) is None:
        yield Hit("filing-indicator-unknown", payment.segment, "CLP06")


def _signs(payment: ClaimPayment) -> Iterator[Hit]:
    """Reversals are negative, nothing else is."""
    if payment.is_reversal:
        if payment.charge_cents > 0:
            yield Hit("reversal-not-negative", payment.segment)
        if not payment.payer_claim_control_number and not payment.reference("F8"):
            yield Hit("reversal-without-original", payment.segment)
        return
    if payment.paid_cents < 0:
        yield Hit("payment-negative-on-claim", payment.segment)
    if any(a.cents < 0 for a in payment.all_adjustments()) and payment.charge_cents >= 0:
        yield Hit("adjustment-negative", payment.segment)


def _patient(payment: ClaimPayment) -> Iterator[Hit]:
    """Amounts under PR that may not be the patient's."""
    owed = [a for a in payment.all_adjustments() if a.group == "PR" and a.cents > 0]
    if payment.is_reversal or not owed:
        return
    if payment.paid_cents == 0 and {a.reason for a in owed} == {"3"}:
        yield Hit("copayment-takes-all", payment.segment)
    if any(a.reason == "45" for a in owed):
        yield Hit("patient-billed-contractual", payment.segment)
    remarks = {*payment.remarks, *(r for s in payment.services for r in s.remarks)}
    if remarks & _PROTECTED:
        yield Hit("patient-protected", payment.segment)
    if payment.filing_indicator == "MC":
        yield Hit("medicaid-patient-responsibility", payment.segment)


def whole_charges_given_up(payment: ClaimPayment, transaction: int) -> list[Finding]:
    """Lines, or the claim, whose whole charge goes by contract: people hear of it with an import.

    What posts is contractual by group and reason (claim_rules.md 7 no. 6); the pay may be lost.
    """
    if payment.paid_cents and all(service.paid_cents for service in payment.services):
        return []
    return [situation(hit, transaction) for hit in _contractual(payment)]


def _contractual(payment: ClaimPayment) -> Iterator[Hit]:
    """Reason 45 of the whole charge."""
    parts: list[tuple[int, int, int, tuple[Adjustment, ...]]] = [
        (s.segment, s.charge_cents, s.paid_cents, s.adjustments) for s in payment.services
    ]
    parts.append((payment.segment, payment.charge_cents, payment.paid_cents, payment.adjustments))
    for segment, charge, paid, adjustments in parts:
        if charge <= 0 or paid:
            continue
        taken = sum(a.cents for a in adjustments if a.reason == "45" and a.group in _PROVIDERS)
        if taken == charge:
            yield Hit("contractual-full-charge", segment)


def _combinations(payment: ClaimPayment) -> Iterator[Hit]:
    """Reasons and remarks that must or do not go together (the idea of CORE's combinations)."""
    of_claim = payment.remarks
    yield from _explained(payment.adjustments, of_claim, (), payment.segment)
    for service in payment.services:
        remarks = (*service.remarks, *service.reject_codes)
        yield from _explained(service.adjustments, remarks, of_claim, service.segment)
        if service.remarks and not service.adjustments and not _all_alerts(service):
            yield Hit("remark-without-adjustment", service.segment)


def _explained(
    adjustments: Sequence[Adjustment], remarks: Sequence[str], above: Sequence[str], segment: int
) -> Iterator[Hit]:
    """Judge the reasons of one claim or line with the remarks beside (and above) them."""
    reasons = {a.reason for a in adjustments}
    for code in sorted(reasons):
        known = reason(code)
        if known is not None and known.rarc_required and not remarks and not above:
            yield Hit("reason-without-remark", segment, code)
    for code in remarks if reasons else ():
        refined = remark(code)
        if (
            refined is not None
            and not refined.alert
            and refined.refines_carc
            and not any(refined.refines(r) for r in reasons)
        ):
            yield Hit("remark-unrelated", segment, refined.code)


def _all_alerts(service: ServicePayment) -> bool:
    """Whether every remark only informs, or is not known to us."""
    found = [remark(code) for code in service.remarks]
    return all(one is None or one.alert for one in found)


def _lines(payment: ClaimPayment) -> Iterator[Hit]:
    """Dates of the claim and its lines."""
    if not payment.services:
        yield Hit("claim-payment-without-lines", payment.segment)
    for service in payment.services:
        if service.service_from is None and payment.statement_from is None:
            yield Hit("service-date-missing", service.segment)
        first, last = service.service_from, service.service_to
        if first is not None and last is not None and last < first:
            yield Hit("service-dates-reversed", service.segment)
    first, last = payment.statement_from, payment.statement_to
    if first is not None and last is not None and last < first:
        yield Hit("service-dates-reversed", payment.segment)


def _future(payment: ClaimPayment, header: RemittanceHeader) -> Iterator[Hit]:
    """Services after the day the file was made or the payment is dated, whichever is later."""
    days = (header.payment_date, header.transaction.envelope.group_date)
    latest = max((day for day in days if day is not None), default=None)
    for service in payment.services:
        if latest is not None and (service.service_from or latest) > latest:
            yield Hit("service-in-the-future", service.segment)


def _npi(payment: ClaimPayment, transaction: int) -> Iterator[Finding]:
    """The NPI of the rendering provider."""
    for party in payment.parties:
        if party.id_qualifier == "XX" and not is_npi(party.id):
            yield bad_npi(party, payment.segment, transaction)


def bad_npi(party: Party, segment: int, transaction: int) -> Finding:
    """Tell of a provider identifier whose check digit is wrong."""
    return Finding(
        "npi-check-digit",
        "warning",
        f"The NPI of provider {party.role} is not a valid NPI (check digit).",
        "Correct the provider's NPI in your system, or tell the payer.",
        segment,
        transaction,
    )


_SIGNS: Final = {"positive": 1, "negative": -1}


def _provider(adjustment: ProviderAdjustment) -> Iterator[Hit]:
    """One PLB pair: its code, sign and reference."""
    where = f"PLB adjustment {adjustment.position}"
    known = provider_adjustment_code(adjustment.code)
    if known is None:
        yield Hit("provider-adjustment-code-unknown", adjustment.segment, where)
        return
    if adjustment.cents * _SIGNS.get(known.usual_sign, 0) < 0:
        yield Hit("provider-adjustment-sign", adjustment.segment, where)
    if known.link_to_claim == "yes" and not adjustment.reference:
        yield Hit("provider-adjustment-without-reference", adjustment.segment, where)


_CLAIM_RULES: Final[tuple[Callable[[ClaimPayment], Iterator[Hit]], ...]] = (
    _status, _signs, _patient, _contractual, _combinations, _lines,
)  # fmt: skip
