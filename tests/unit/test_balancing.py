"""The balancing proofs: what proves, what does not, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from medcollect.balancing import (
    Proof,
    RemittanceTotals,
    claim_payment_findings,
    claim_payment_proves,
    proof_findings,
    prove_claim_payment,
    remittance_findings,
    settle_group,
)
from medcollect.model.common import Adjustment, Delimiters, Envelope, Procedure, Transaction
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)

TRANSACTION = Transaction(
    "835", "835", 1, 3, "0001", "005010X221A1", Envelope(Delimiters(), version="005010X221A1")
)


def adjust(*triplets: tuple[str, str, int]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(*t) for t in triplets)


def line(charge: int, paid: int, *triplets: tuple[str, str, int], position: int = 1) -> Any:
    return ServicePayment(
        position, 10 + position, Procedure("HC", "99213"), charge, paid,
        adjustments=adjust(*triplets),
    )  # fmt: skip


def claim(charge: int, paid: int, *lines: ServicePayment, **more: Any) -> ClaimPayment:
    more.setdefault("status", "1")
    return ClaimPayment(1, 10, "PCN1", more.pop("status"), charge, paid, services=lines, **more)


def totals(
    *claims: ClaimPayment,
    payment: int | None,
    plb: tuple[int, ...] = (),
    credit_or_debit: str = "C",
    unreadable: int = 0,
) -> RemittanceTotals:
    gathered = RemittanceTotals()
    for one in claims:
        gathered.add(one)
    adjustments = tuple(ProviderAdjustment(1, 20, "N", None, "WO", "R", cents) for cents in plb)
    gathered.finish(
        RemittanceHeader(TRANSACTION, payment_cents=payment, credit_or_debit=credit_or_debit),
        RemittanceEnd(TRANSACTION, adjustments, "f", True, 9, unreadable),
    )
    return gathered


def failed(claim_payment: ClaimPayment) -> list[tuple[str, int | None, int]]:
    """What does not prove; the findings tell the same, and nothing where all proves."""
    proofs = prove_claim_payment(claim_payment)
    assert claim_payment_findings(claim_payment, 1) == proof_findings(proofs, 1)
    return [(p.rule, p.declared_cents, p.calculated_cents) for p in proofs if not p.proves]


GOOD_LINE = line(10000, 8000, ("CO", "45", 1500), ("PR", "2", 500))


def test_a_claim_whose_lines_and_sums_agree_proves() -> None:
    good = claim(10000, 8000, GOOD_LINE, patient_responsibility_cents=500)

    assert failed(good) == []
    assert claim_payment_proves(good)
    assert [p.rule for p in prove_claim_payment(good)] == [
        "line", "claim", "patient_responsibility", "line_charges",
    ]  # fmt: skip


def test_a_line_that_does_not_prove_holds_the_claim_even_where_the_claim_proves() -> None:
    high = line(5000, 4100, ("CO", "45", 1000), position=1)
    low = line(5000, 3900, ("CO", "45", 1000), position=2)
    odd = claim(10000, 8000, high, low)

    assert failed(odd) == [("line", 4100, 4000), ("line", 3900, 4000)]
    assert not claim_payment_proves(odd)


def test_claim_level_adjustments_count_in_the_claim_and_not_in_the_lines() -> None:
    good = claim(10000, 7500, GOOD_LINE, adjustments=adjust(("CO", "253", 500)),
                 patient_responsibility_cents=500)  # fmt: skip

    assert failed(good) == []


def test_a_claim_without_lines_is_proved_by_its_own_adjustments() -> None:
    assert failed(claim(10000, 8000, adjustments=adjust(("CO", "45", 2000)))) == []
    assert failed(claim(10000, 8000)) == [("claim", 8000, 10000)]


def test_a_negative_adjustment_raises_the_payment() -> None:
    assert failed(claim(10000, 10500, line(10000, 10500, ("CO", "94", -500)))) == []


def test_patient_responsibility_that_differs_is_a_warning_and_holds_nothing() -> None:
    odd = claim(10000, 8000, GOOD_LINE, patient_responsibility_cents=700)

    assert failed(odd) == [("patient_responsibility", 700, 500)]
    assert claim_payment_proves(odd)
    (finding,) = proof_findings(prove_claim_payment(odd), 1)
    assert (finding.code, finding.severity) == ("patient-responsibility-differs", "warning")


def test_absent_patient_responsibility_with_pr_adjustments_is_a_warning() -> None:
    assert failed(claim(10000, 8000, GOOD_LINE)) == [("patient_responsibility", None, 500)]


def test_a_reversal_is_not_asked_for_its_patient_responsibility() -> None:
    back = line(-10000, -8000, ("CO", "45", -1500), ("PR", "2", -500))
    reversal = claim(-10000, -8000, back, status="22", patient_responsibility_cents=0)

    assert failed(reversal) == []


def test_lines_that_do_not_add_up_to_the_charge_are_a_warning() -> None:
    odd = claim(12000, 10000, GOOD_LINE, patient_responsibility_cents=500)

    assert failed(odd) == [("line_charges", 12000, 10000)]
    assert claim_payment_proves(odd)


def test_an_unreadable_amount_holds_the_claim_even_where_the_sums_prove() -> None:
    assert not claim_payment_proves(claim(0, 0, unreadable=1))


def test_a_finding_states_both_figures_the_difference_and_the_place() -> None:
    odd = claim(10000, 8100, line(10000, 8100, ("CO", "45", 2000)))

    first, second = proof_findings(prove_claim_payment(odd), 4)

    assert (first.code, first.severity) == ("line-does-not-balance", "error")
    assert (first.segment, first.transaction) == (11, 4)
    assert first.message.startswith("Claim payment 1, line 1: ")
    assert "is 81.00" in first.message
    assert "gives 80.00: a difference of 1.00." in first.message
    assert second.code == "claim-does-not-balance"


def test_a_payment_is_the_claims_less_provider_adjustments() -> None:
    good = claim(10000, 8000, GOOD_LINE, patient_responsibility_cents=500)

    assert totals(good, payment=7000, plb=(1500, -500)).balanced
    off = totals(good, payment=8000, plb=(1000,))
    assert not off.proves
    (finding,) = remittance_findings(off, 2)
    assert finding.code == "remittance-does-not-balance"
    assert (finding.segment, finding.transaction) == (4, 2)
    assert "(BPR02) is 80.00" in finding.message
    assert "gives 70.00: a difference of 10.00." in finding.message


def test_totals_gather_what_the_file_states() -> None:
    back = claim(-100, -80, adjustments=adjust(("CO", "45", -20)), status="22")
    gathered = totals(
        claim(10000, 8000, GOOD_LINE, patient_responsibility_cents=600),
        claim(5000, 1, status="4"), back, payment=0,
    )  # fmt: skip

    assert (gathered.claim_payments, gathered.service_payments, gathered.reversals) == (3, 1, 1)
    assert (gathered.charge_cents, gathered.paid_cents) == (14900, 7921)
    assert gathered.patient_responsibility_cents == 600
    assert gathered.patient_responsibility_cas_cents == 500
    assert gathered.claim_status == {"1": 1, "4": 1, "22": 1}
    assert (gathered.claims_out_of_balance, gathered.lines_out_of_balance) == (1, 0)


@pytest.mark.parametrize(
    "unreadable",
    [totals(payment=None), totals(payment=0, unreadable=1)],
    ids=["BPR02", "PLB"],
)
def test_an_unreadable_figure_never_proves_even_as_zero(unreadable: RemittanceTotals) -> None:
    assert unreadable.payment_cents == 0
    assert not unreadable.proves


def test_a_debit_is_proved_by_no_rule() -> None:
    good = claim(10000, 8000, GOOD_LINE, patient_responsibility_cents=500)
    debit = totals(good, payment=8000, credit_or_debit="D")

    assert debit.transaction_proof.proves
    assert not debit.proves
    assert [f.code for f in remittance_findings(debit, 1)] == ["debit-payment"]
    assert totals(payment=0, credit_or_debit="D").proves


def test_parts_of_a_payment_that_prove_alone_each_count_their_own() -> None:
    paid = [claim(cents, cents) for cents in (3000, 4000)]

    assert settle_group([totals(paid[0], payment=3000), totals(paid[1], payment=4000)]) == [
        3000, 4000,
    ]  # fmt: skip


def test_parts_that_repeat_one_payment_count_it_once_where_their_sum_proves() -> None:
    first = totals(claim(3000, 3000), payment=6500)
    second = totals(claim(4000, 4000), payment=6500, plb=(500,))

    assert settle_group([first, second]) == [3000, 3500]


def test_parts_that_prove_neither_alone_nor_together_are_held() -> None:
    first = totals(claim(3000, 3000), payment=6500)

    assert settle_group([first, totals(claim(4000, 4000), payment=6500)]) is None
    assert settle_group([first, totals(claim(3500, 3500), payment=3500)]) is None
    assert settle_group([first, totals(claim(3500, 3500), payment=None)]) is None
    assert settle_group([first]) is None


def test_only_lines_claims_and_transactions_are_required() -> None:
    required = {
        rule: Proof(rule, 1, 2, 3).required  # type: ignore[arg-type]
        for rule in ("line", "claim", "transaction", "patient_responsibility", "line_charges")
    }

    assert [rule for rule, holds in required.items() if holds] == ["line", "claim", "transaction"]
