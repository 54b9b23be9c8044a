"""What one adjustment does: DESIGN 6.2, for every reason of the code table under every group."""

from __future__ import annotations

import pytest

from medcollect import codes
from medcollect.ledger.effects import (
    Surroundings,
    denied_money,
    effect_of,
    is_denial,
    is_denied_claim,
    is_denied_line,
    is_duplicate_answer,
    is_patient_share,
)
from medcollect.model.common import Adjustment, Procedure
from tests.unit.ledger.support import adjustments, line, pay

ALL = sorted(codes.reasons())
EFFECTS = {"write_off", "patient", "prior_payer", "denial", "undecided"}
PAID = Surroundings(pay("1", "80", "CO-45 20"))


def effect(text: str, around: Surroundings = PAID) -> str:
    group, _, reason = text.partition("-")
    return effect_of(Adjustment(group, reason, 100), around)


@pytest.mark.parametrize("reason", ALL)
def test_every_reason_has_an_effect_under_every_group(reason: str) -> None:
    """PR is always the patient's; CO, PI and OA never are, and agree with one another."""
    assert effect(f"PR-{reason}") == "patient"
    others = {effect(f"{group}-{reason}") for group in ("CO", "PI", "OA")}
    assert len(others) == 1
    assert others <= EFFECTS - {"patient"}


@pytest.mark.parametrize("reason", [r for r in ALL if codes.reasons()[r].denial == "yes"])
def test_a_denial_under_co_is_never_written_off_without_its_reason(reason: str) -> None:
    """DESIGN 6.2: only bundling (97, 236) and capitation (24) may turn a denial; 303 is QMB's."""
    found = effect(f"CO-{reason}")
    assert found == "denial" or reason in {"303", "121", "130", "137", "205", "235", "246"}


BY_SURROUNDINGS = {"24", "120", "97", "236"}


@pytest.mark.parametrize(
    "reason",
    [r for r in ALL if codes.reasons()[r].denial != "yes" and r not in BY_SURROUNDINGS],
)
def test_what_is_no_denial_opens_no_case(reason: str) -> None:
    """Under PR the reason's kind decides: deductible, copay and the like are no denials."""
    assert not is_denial(Adjustment("PR", reason, 100), PAID)
    assert not is_denial(Adjustment("CO", reason, 100), PAID)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CO-45", "write_off"),
        ("PI-45", "write_off"),
        ("OA-45", "write_off"),
        ("CO-253", "write_off"),
        ("CO-94", "write_off"),
        ("OA-94", "write_off"),
        ("OA-23", "prior_payer"),
        ("CO-23", "prior_payer"),
        ("CO-303", "write_off"),
        ("OA-209", "undecided"),
        ("OA-133", "undecided"),
        ("OA-257", "undecided"),
        ("OA-277", "undecided"),
        ("CO-Z99", "denial"),
        ("CO-", "undecided"),
        ("CR-45", "undecided"),
        ("XX-45", "undecided"),
        ("-45", "undecided"),
        ("CO-197", "denial"),
        ("PI-197", "denial"),
        ("OA-197", "denial"),
        ("CO-16", "denial"),
        ("CO-29", "denial"),
        ("CO-50", "denial"),
        ("CO-18", "denial"),
        ("PR-Z99", "patient"),
        ("PR-197", "patient"),
    ],
)
def test_the_effects_that_the_rules_name(text: str, expected: str) -> None:
    assert effect(text) == expected


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        *((plan, "write_off") for plan in ("HM", "12", "16", "")),
        *((plan, "denial") for plan in ("MA", "MB")),
    ],
)
def test_capitation_is_written_off_except_by_medicare(plan: str, expected: str) -> None:
    """CO-24 from Medicare fee-for-service: the patient is in another plan, bill that one."""
    around = Surroundings(pay("1", "0", "CO-24 100", filing_indicator=plan))
    assert effect("CO-24", around) == expected


COMBINED = line("80053", "50", "")


def bundled(*others: object, code: str = "80053", submitted: str = "82947") -> Surroundings:
    sent = Procedure("HC", submitted) if submitted else None
    losing = line(code, "0", "CO-97 20", submitted_procedure=sent)
    return Surroundings(pay("1", "0", "", losing, *others), losing)


@pytest.mark.parametrize("reason", ["97", "236"])
def test_bundling_is_written_off_only_where_the_combined_code_is_paid(reason: str) -> None:
    """DESIGN 6.2: SVC06 shows the submitted code and the combined code has money elsewhere."""
    assert effect(f"CO-{reason}", bundled(COMBINED)) == "write_off"
    assert effect(f"CO-{reason}", bundled()) == "denial"
    assert effect(f"CO-{reason}", bundled(line("80053", "0", "CO-197 9"))) == "denial"
    assert effect(f"CO-{reason}", bundled(line("99213", "50"))) == "denial"
    assert effect(f"CO-{reason}", bundled(COMBINED, submitted="")) == "denial"
    assert effect(f"CO-{reason}", Surroundings(pay("1", "0", f"CO-{reason} 20"))) == "denial"


def test_a_refusal_under_pr_is_a_denial_that_falls_to_the_patient() -> None:
    assert is_denial(adjustments("PR-50 10")[0], PAID)
    assert not is_denial(adjustments("PR-1 10")[0], PAID)
    assert is_denial(adjustments("PR-Z99 10")[0], PAID), "nobody knows what it means"


def test_patient_share_is_deductible_coinsurance_and_copay_only() -> None:
    kinds = {text: is_patient_share(adjustments(f"{text} 1")[0]) for text in
             ("PR-1", "PR-2", "PR-3", "PR-66", "CO-1", "PR-45", "PR-50", "PR-Z99")}  # fmt: skip
    assert kinds == {
        "PR-1": True, "PR-2": True, "PR-3": True, "PR-66": True,
        "CO-1": False, "PR-45": False, "PR-50": False, "PR-Z99": False,
    }  # fmt: skip


def test_only_duplicates_say_duplicate() -> None:
    assert is_duplicate_answer(adjustments("CO-18 1")[0])
    assert is_duplicate_answer(adjustments("OA-18 1")[0])
    assert not is_duplicate_answer(adjustments("CO-45 1")[0])
    assert not is_duplicate_answer(adjustments("CO-Z99 1")[0])


# -- denied by the money (claim_rules.md 2.3) ------------------------------------------------


def test_a_line_with_a_contractual_part_and_a_denial_is_denied() -> None:
    service = line("99213", "0", "CO-45 40, CO-97 60")
    assert is_denied_line(service, pay("1", "0", "", service))


def test_a_deductible_of_the_whole_line_is_not_a_denial() -> None:
    service = line("99213", "0", "PR-1 100")
    assert not is_denied_line(service, pay("1", "0", "", service))
    assert not is_denied_claim(pay("1", "0", "", service))


def test_a_partly_paid_line_is_not_a_denied_line_but_its_money_counts() -> None:
    service = line("99213", "50", "CO-197 50")
    payment = pay("1", "0", "", service)
    assert not is_denied_line(service, payment)
    assert not is_denied_claim(payment)
    assert denied_money(payment) == 5000


@pytest.mark.parametrize("status", ["1", "2", "3", "4", "19"])
def test_a_claim_is_denied_by_money_under_any_status(status: str) -> None:
    assert is_denied_claim(pay(status, "0", "CO-29 100"))
    assert not is_denied_claim(pay(status, "0", "CO-45 100"))


def test_a_reversal_is_no_denied_claim_and_takes_denied_money_off() -> None:
    reversed_ = pay("22", "0", "CO-197 -100")
    assert not is_denied_claim(reversed_)
    assert denied_money(reversed_) == -10000


def test_a_denial_of_zero_is_no_denial() -> None:
    service = line("99213", "0", "CO-197 0")
    assert not is_denied_line(service, pay("1", "0", "", service))
