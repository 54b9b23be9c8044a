"""Balancing proofs of the 835: declared figures against those that follow from its parts.

The equations (claim_rules.md section 3.1):

1. line: SVC02 - sum of the line's CAS = SVC03;
2. claim: CLP03 - sum of all CAS of the claim and its lines = CLP04;
3. transaction: BPR02 = sum of CLP04 - sum of PLB amounts.

These three must hold before money posts by rule. Two more are told as warnings: CLP05 against the
sum of PR (not on reversals; the CAS are trusted) and, where lines exist, the sum of SVC02 against
CLP03. AMT and QTY never count. Everything here is pure: facts in, proofs and findings out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal, Protocol

import msgspec

from medcollect.findings import Finding, Severity
from medcollect.model.common import Adjustment
from medcollect.model.remittance import (
    ClaimPayment,
    RemittanceEnd,
    RemittanceHeader,
)
from medcollect.money import format_cents

if TYPE_CHECKING:
    from medcollect.x12.tables835 import ClaimSums

Rule = Literal["line", "claim", "transaction", "patient_responsibility", "line_charges"]

#: The rules that must prove before money posts to a claim; the others are warnings.
REQUIRED_RULES: Final[frozenset[str]] = frozenset({"line", "claim", "transaction"})


class Proof(msgspec.Struct, frozen=True, gc=False):
    """One equation with the figure the file declares and the one its parts give.

    ``declared_cents`` is ``None`` where the file gives no readable figure: then nothing proves.
    ``segment`` is the segment that declares it; ``claim_position`` and ``line_position`` count the
    CLP and SVC loops from 1 and are ``None`` where the rule stands above them.
    """

    rule: Rule
    declared_cents: int | None
    calculated_cents: int
    segment: int
    claim_position: int | None = None
    line_position: int | None = None

    @property
    def proves(self) -> bool:
        """Whether the declared figure is the calculated one, to the cent."""
        return self.declared_cents == self.calculated_cents

    @property
    def difference_cents(self) -> int:
        """Declared less calculated; an absent figure counts as zero."""
        return (self.declared_cents or 0) - self.calculated_cents

    @property
    def required(self) -> bool:
        """Whether money is held when this does not prove."""
        return self.rule in REQUIRED_RULES

    @property
    def position(self) -> str:
        """Where it stands: ``"3"`` is the third claim payment, ``"3/2"`` its second line."""
        return "/".join(str(n) for n in (self.claim_position, self.line_position) if n is not None)


def prove_claim_payment(claim_payment: ClaimPayment) -> list[Proof]:
    """Every proof of one claim payment: lines in file order, the claim, then the two warnings."""
    proofs = [
        Proof(
            rule="line",
            declared_cents=service.paid_cents,
            calculated_cents=service.charge_cents - _sum_cents(service.adjustments),
            segment=service.segment,
            claim_position=claim_payment.position,
            line_position=service.position,
        )
        for service in claim_payment.services
    ]
    calculated = _claim_payment_cents(claim_payment)
    proofs.append(_claim_proof("claim", claim_payment, claim_payment.paid_cents, calculated))
    return proofs + _warning_proofs(claim_payment)


def claim_payment_proves(claim_payment: ClaimPayment) -> bool:
    """Whether every amount is readable and every line and the claim prove: it may be posted."""
    return claim_payment.unreadable == 0 and _out_of_balance(claim_payment) == (0, False)


def patient_responsibility_cents(claim_payment: ClaimPayment) -> int:
    """Sum the PR adjustments of the claim and its lines: the figure that is trusted."""
    return sum([a.cents for a in claim_payment.all_adjustments() if a.group == "PR"])


class RemittanceTotals:
    """The sums of one remittance, gathered while its claim payments stream by.

    ``add`` takes each claim payment, ``finish`` the header and the end; the proof of the
    transaction stands only after ``finish``. ``charge_cents``, ``paid_cents`` and
    ``patient_responsibility_cents`` are the sums of CLP03, CLP04 and CLP05 as the file states them,
    ``patient_responsibility_cas_cents`` the sum of PR; ``payment_cents`` is BPR02, zero when it
    cannot be read (``payment_readable`` says so); ``claim_status`` counts CLP02 codes;
    ``claim_payments_held`` those that do not prove, whatever the cause.
    """

    __slots__ = (
        "charge_cents",
        "claim_payments",
        "claim_payments_held",
        "claim_status",
        "claims_out_of_balance",
        "is_debit",
        "lines_out_of_balance",
        "paid_cents",
        "patient_responsibility_cas_cents",
        "patient_responsibility_cents",
        "payment_cents",
        "payment_readable",
        "payment_segment",
        "provider_adjustments_cents",
        "reversals",
        "service_payments",
        "unreadable",
    )

    def __init__(self) -> None:
        self.claim_payments = self.service_payments = self.reversals = 0
        self.charge_cents = self.paid_cents = 0
        self.patient_responsibility_cents = self.patient_responsibility_cas_cents = 0
        self.provider_adjustments_cents = self.payment_cents = self.payment_segment = 0
        self.claims_out_of_balance = self.lines_out_of_balance = 0
        self.claim_payments_held = self.unreadable = 0
        self.payment_readable = self.is_debit = False
        self.claim_status: dict[str, int] = {}

    def add(self, claim_payment: ClaimPayment) -> None:
        """Count one claim payment in."""
        self.claim_payments += 1
        self.service_payments += len(claim_payment.services)
        self.charge_cents += claim_payment.charge_cents
        self.paid_cents += claim_payment.paid_cents
        self.patient_responsibility_cents += claim_payment.patient_responsibility_cents or 0
        self.patient_responsibility_cas_cents += patient_responsibility_cents(claim_payment)
        self.reversals += claim_payment.is_reversal
        status = claim_payment.status
        self.claim_status[status] = self.claim_status.get(status, 0) + 1
        lines_off, claim_off = _out_of_balance(claim_payment)
        self.lines_out_of_balance += lines_off
        self.claims_out_of_balance += claim_off
        self.claim_payments_held += bool(lines_off or claim_off or claim_payment.unreadable)

    def add_sums(self, sums: ClaimSums) -> None:
        """Count in claim payments added up elsewhere: all that ``balanced`` rests on, no more."""
        self.claim_payments += sums.claim_payments
        self.service_payments += sums.service_payments
        self.charge_cents += sums.charge_cents
        self.paid_cents += sums.paid_cents
        self.patient_responsibility_cents += sums.patient_responsibility_cents
        self.claim_payments_held += sums.held

    def finish(self, header: RemittanceHeader, end: RemittanceEnd) -> None:
        """Take BPR02 from the header and the provider adjustments from the end."""
        self.payment_readable = header.payment_cents is not None
        self.payment_cents = header.payment_cents or 0
        self.payment_segment = header.transaction.segment + 1
        self.is_debit = header.credit_or_debit == "D" and self.payment_cents != 0
        self.provider_adjustments_cents = sum(a.cents for a in end.provider_adjustments)
        self.unreadable = end.unreadable

    @property
    def transaction_proof(self) -> Proof:
        """BPR02 against the sum of CLP04 less the sum of PLB."""
        return Proof(
            rule="transaction",
            declared_cents=self.payment_cents if self.payment_readable else None,
            calculated_cents=self.paid_cents - self.provider_adjustments_cents,
            segment=self.payment_segment,
        )

    @property
    def proves(self) -> bool:
        """Whether the payment is a credit, readable, and the sum of its parts."""
        return self.transaction_proof.proves and not self.is_debit and self.unreadable == 0

    @property
    def balanced(self) -> bool:
        """Whether the transaction and every claim and line in it prove."""
        return self.proves and self.claim_payments_held == 0


class PaymentFigures(Protocol):
    """What a split remittance is judged by; :class:`RemittanceTotals` has it."""

    @property
    def payment_cents(self) -> int:
        """BPR02."""

    @property
    def payment_readable(self) -> bool:
        """Whether BPR02 could be read."""

    @property
    def paid_cents(self) -> int:
        """The sum of CLP04."""

    @property
    def provider_adjustments_cents(self) -> int:
        """The sum of PLB amounts."""


def settle_group(totals: Sequence[PaymentFigures]) -> list[int] | None:
    """How much cash each transaction of one payment (same trace) brings, or ``None``: held.

    Where each proves alone, each counts its own BPR02. Where all repeat one BPR02 and the sum over
    the group equals it, that payment counts once and each brings its own part (claim_rules.md
    section 3.4). Anything else waits for a person.
    """
    if not all(t.payment_readable for t in totals):
        return None
    parts = [t.paid_cents - t.provider_adjustments_cents for t in totals]
    payments = [t.payment_cents for t in totals]
    if parts == payments:
        return payments
    if len(set(payments)) == 1 and sum(parts) == payments[0]:
        return parts
    return None


def claim_payment_findings(claim_payment: ClaimPayment, transaction_index: int) -> list[Finding]:
    """Tell every proof of a claim payment that fails; those that hold money mostly prove."""
    is_sound = _out_of_balance(claim_payment) == (0, False)
    proofs = (_warning_proofs if is_sound else prove_claim_payment)(claim_payment)
    return proof_findings(proofs, transaction_index)


def proof_findings(proofs: Iterable[Proof], transaction_index: int) -> list[Finding]:
    """Tell every proof that fails, with the declared and the calculated figure."""
    return [_proof_finding(p, transaction_index) for p in proofs if not p.proves]


def remittance_findings(totals: RemittanceTotals, transaction_index: int) -> list[Finding]:
    """Tell what is wrong with the payment itself: not balanced, or a debit (BPR03 D)."""
    findings = proof_findings([totals.transaction_proof], transaction_index)
    if totals.is_debit:
        findings.append(
            Finding(
                code="debit-payment",
                severity="error",
                message="The payment is a debit (BPR03 is D): the payer takes money, no rule "
                "proves it.",
                action="Ask the payer what the debit is for, then decide on it by hand.",
                segment=totals.payment_segment,
                transaction=transaction_index,
            )
        )
    return findings


# --- arithmetic -----------------------------------------------------------------------------


def _sum_cents(adjustments: tuple[Adjustment, ...]) -> int:
    return sum([a.cents for a in adjustments])


def _claim_payment_cents(claim_payment: ClaimPayment) -> int:
    """Calculate the claim's payment: charge less all adjustments of the claim and its lines."""
    return claim_payment.charge_cents - sum([a.cents for a in claim_payment.all_adjustments()])


def _out_of_balance(claim_payment: ClaimPayment) -> tuple[int, bool]:
    """How many lines do not prove, and whether the claim does not: both in one pass."""
    calculated = claim_payment.charge_cents - _sum_cents(claim_payment.adjustments)
    lines = 0
    for service in claim_payment.services:
        adjusted = _sum_cents(service.adjustments)
        calculated -= adjusted
        lines += service.charge_cents - adjusted != service.paid_cents
    return lines, calculated != claim_payment.paid_cents


def _claim_proof(
    rule: Rule, claim_payment: ClaimPayment, declared: int | None, calculated: int
) -> Proof:
    return Proof(
        rule=rule,
        declared_cents=declared,
        calculated_cents=calculated,
        segment=claim_payment.segment,
        claim_position=claim_payment.position,
    )


def _warning_proofs(claim_payment: ClaimPayment) -> list[Proof]:
    """CLP05 against the sum of PR, and CLP03 against the sum of SVC02."""
    proofs = []
    declared = claim_payment.patient_responsibility_cents
    calculated = patient_responsibility_cents(claim_payment)
    if not claim_payment.is_reversal and (declared is not None or calculated):
        proofs.append(_claim_proof("patient_responsibility", claim_payment, declared, calculated))
    if claim_payment.services:
        charges = sum([s.charge_cents for s in claim_payment.services])
        proofs.append(
            _claim_proof("line_charges", claim_payment, claim_payment.charge_cents, charges)
        )
    return proofs


# --- words ----------------------------------------------------------------------------------


class _Wording(msgspec.Struct, frozen=True):
    """How a failed rule is told: finding code, severity, the two figures, what to do."""

    code: str
    severity: Severity
    declared: str
    calculated: str
    action: str


_WORDINGS: Final[dict[str, _Wording]] = {
    "line": _Wording(
        "line-does-not-balance",
        "error",
        "the line's payment (SVC03)",
        "its charge less its adjustments",
        "The claim payment is held. Ask the payer for a corrected remittance, or post it anyway "
        "with the difference shown.",
    ),
    "claim": _Wording(
        "claim-does-not-balance",
        "error",
        "the claim's payment (CLP04)",
        "its charge less all adjustments of the claim and its lines",
        "The claim payment is held. Ask the payer for a corrected remittance, or post it anyway "
        "with the difference shown.",
    ),
    "transaction": _Wording(
        "remittance-does-not-balance",
        "error",
        "the payment (BPR02)",
        "the sum of the claim payments less the provider adjustments",
        "The remittance is held. Compare it with the deposit; ask the payer for a corrected one, "
        "or post it anyway with the difference shown.",
    ),
    "patient_responsibility": _Wording(
        "patient-responsibility-differs",
        "warning",
        "patient responsibility (CLP05)",
        "the sum of the PR adjustments",
        "The PR adjustments are used. Tell the payer if it happens often.",
    ),
    "line_charges": _Wording(
        "line-charges-differ",
        "warning",
        "the claim's charge (CLP03)",
        "the sum of its line charges",
        "Check whether the payer left lines out of its answer.",
    ),
}


def _proof_finding(proof: Proof, transaction_index: int) -> Finding:
    wording = _WORDINGS[proof.rule]
    declared = (
        "is missing or cannot be read"
        if proof.declared_cents is None
        else f"is {format_cents(proof.declared_cents)}"
    )
    message = (
        f"{_place(proof)}{wording.declared} {declared}, but {wording.calculated} gives "
        f"{format_cents(proof.calculated_cents)}: a difference of "
        f"{format_cents(proof.difference_cents)}."
    )
    return Finding(
        code=wording.code,
        severity=wording.severity,
        message=message[0].upper() + message[1:],
        action=wording.action,
        segment=proof.segment,
        transaction=transaction_index,
    )


def _place(proof: Proof) -> str:
    if proof.claim_position is None:
        return ""
    if proof.line_position is None:
        return f"Claim payment {proof.claim_position}: "
    return f"Claim payment {proof.claim_position}, line {proof.line_position}: "
