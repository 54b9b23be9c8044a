"""$0 lines are told apart: refused, the patient's, bundled, capitated, or waiting (2.3, 4.3)."""

from __future__ import annotations

import pytest

from medcollect.ledger.nothing_paid import nothing_paid
from medcollect.model.common import Adjustment, Procedure
from medcollect.model.remittance import ClaimPayment, ServicePayment

CHARGE = 100_00


def service(*codes: str, paid: int = 0, code: str = "99213", **more) -> ServicePayment:
    groups = [c.split("-") for c in codes]
    return ServicePayment(
        position=1,
        segment=1,
        procedure=Procedure("HC", code),
        charge_cents=CHARGE,
        paid_cents=paid,
        adjustments=tuple(Adjustment(g, r, CHARGE) for g, r in groups),
        **more,
    )


def answer(*services: ServicePayment, status: str = "1", plan: str = "CI", **more) -> ClaimPayment:
    return ClaimPayment(
        position=1,
        segment=1,
        patient_control_number="A1",
        status=status,
        charge_cents=CHARGE * max(len(services), 1),
        paid_cents=sum(s.paid_cents for s in services),
        filing_indicator=plan,
        services=tuple(services),
        **more,
    )


#: Adjustments, claim status, kind of plan, what it is.
LINES = [
    (("PR-1",), "1", "CI", "deductible"),
    (("PR-2",), "1", "CI", "coinsurance"),
    (("PR-3",), "1", "CI", "copay"),
    (("PR-1",), "19", "MB", "next_payer"),
    (("CO-24",), "1", "HM", "capitation"),
    (("CO-24",), "1", "MB", "denied"),
    (("CO-97",), "1", "CI", "denied"),
    (("CO-50",), "1", "CI", "denied"),
    (("CO-45", "CO-197"), "1", "CI", "denied"),
    (("PR-96",), "1", "CI", "refused_to_patient"),
    (("CO-45",), "1", "CI", "contract"),
    (("OA-23",), "2", "CI", "earlier_payer"),
    (("OA-133",), "1", "CI", "undecided"),
    (("CO-45",), "25", "CI", "predetermination"),
    (("OA-A7",), "23", "CI", "forwarded"),
    (("CO-ZZ9",), "1", "CI", "denied"),
    ((), "1", "CI", "no_reason"),
]


@pytest.mark.parametrize(("codes", "status", "plan", "kind"), LINES)
def test_a_line_without_money_says_what_it_is(codes, status, plan, kind) -> None:
    (found,) = nothing_paid(answer(service(*codes), status=status, plan=plan))
    assert (found.service, found.kind) == (1, kind)
    assert found.means.endswith(".")


def test_a_bundled_line_is_told_from_a_refused_one_by_the_line_that_pays_for_it() -> None:
    """DESIGN 6.2: SVC06 shows the submitted code, the combined code is paid on another line."""
    bundled = service("CO-97", submitted_procedure=Procedure("HC", "82565"), code="80053")
    (found,) = nothing_paid(answer(bundled, service(paid=CHARGE, code="80053")))
    assert (found.kind, found.codes) == ("bundled", ("CO-97",))


def test_a_claim_without_lines_is_told_as_a_whole() -> None:
    (found,) = nothing_paid(answer(adjustments=(Adjustment("PR", "1", CHARGE),)))
    assert (found.service, found.kind, found.codes) == (0, "deductible", ("PR-1",))


def test_what_was_paid_and_what_is_taken_back_is_not_told() -> None:
    assert nothing_paid(answer(service("CO-45", paid=50_00))) == ()
    assert nothing_paid(answer(service("CO-50"), status="22")) == ()
