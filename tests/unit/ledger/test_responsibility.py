"""Why a patient's part may not be billed: every hold of claim_rules.md 4.2 and 4.3."""

from __future__ import annotations

from typing import Any

import pytest

from medcollect.ledger.case import PatientPart
from medcollect.ledger.posting import post_claim
from medcollect.ledger.responsibility import HOLD_TEXTS
from tests.unit.ledger.support import OTHER_PLAN, billed, books, case, line, pay, reply


def patient_parts(
    text: str, *, plan: str = "12", modifiers: tuple[str, ...] = (), status: str = "1", **more: Any
) -> list[tuple[str, float, str]]:
    """Reason, dollars and hold of what one answer leaves to the patient."""
    service = line("99211", "60", text)
    answer = reply(pay(status, "0", "", service, filing_indicator=plan, **more))
    posted = post_claim(case("100", answer, lines=billed("100", modifiers=modifiers)))
    return [told(part) for part in posted.patient_parts]


def told(part: PatientPart) -> tuple[str, float, str]:
    return part.reason, part.cents / 100, part.hold


def hold(text: str, **more: Any) -> str:
    ((_, _, found),) = patient_parts(f"CO-45 20, {text} 20", **more)
    return found


@pytest.mark.parametrize("reason", ["PR-1", "PR-2", "PR-3", "PR-66"])
@pytest.mark.parametrize("plan", ["12", "15", "HM", "MB", "BL", ""])
def test_deductible_coinsurance_and_copay_may_be_billed(reason: str, plan: str) -> None:
    assert hold(reason, plan=plan) == ""


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("PR-227", {}, "patient_action_needed"),
        ("PR-1", {"remarks": ("N179",)}, "patient_action_needed"),
        ("PR-96", {"remarks": ("N197",)}, "patient_action_needed"),
        ("PR-257", {}, "grace_period"),
        ("PR-277", {}, "grace_period"),
        ("PR-1", {"remarks": ("N615",)}, "grace_period"),
        ("PR-1", {"remarks": ("N618",)}, "grace_period"),
        ("PR-1", {"plan": "MC"}, "medicaid"),
        ("PR-2", {"plan": "MC"}, "medicaid"),
        ("PR-96", {"plan": "MC"}, "medicaid"),
        ("PR-3", {"plan": "MC"}, ""),
        ("PR-142", {"plan": "MC"}, ""),
        ("PR-253", {"plan": "MB"}, "sequestration"),
        ("PR-24", {"plan": "HM"}, "capitation"),
        ("PR-45", {}, "balance_billing"),
        ("PR-ZZ9", {}, "unknown_reason"),
        ("PR-45", {"remarks": ("N882",)}, ""),
        ("PR-45", {"remarks": ("N830",)}, "no_surprises"),
        ("PR-45", {"remarks": ("N869",)}, "no_surprises"),
        ("PR-96", {"remarks": ("N860",)}, "no_surprises"),
        ("PR-1", {"remarks": ("N830",)}, ""),
        ("PR-45", {"remarks": ("N830", "N882")}, ""),
        ("PR-29", {}, "contract"),
        ("PR-197", {}, "contract"),
        ("PR-252", {}, "contract"),
        ("PR-1", {"plan": "WC"}, "compensable"),
        ("PR-1", {"plan": "AM"}, "compensable"),
        ("PR-50", {}, "open_denial"),
        ("PR-204", {}, "open_denial"),
        ("PR-96", {}, "open_denial"),
        ("PR-27", {}, "open_denial"),
        ("PR-50", {"modifiers": ("GA",)}, ""),
        ("PR-204", {"modifiers": ("GY",)}, ""),
        ("PR-96", {"modifiers": ("GX",)}, ""),
        ("PR-50", {"modifiers": ("GZ",)}, "open_denial"),
        ("PR-50", {"modifiers": ("25",)}, "open_denial"),
        ("PR-1", {"status": "19", "remarks": ("MA19",)}, "transfer_failed"),
        ("PR-100", {}, ""),
    ],
)
def test_why_a_part_waits(text: str, more: dict[str, Any], expected: str) -> None:
    assert hold(text, **more) == expected


@pytest.mark.parametrize("shown", ["N192", "N781", "N782", "N783"])
@pytest.mark.parametrize("plan", ["MA", "MB", "16"])
def test_qmb_by_remark_is_written_off(shown: str, plan: str) -> None:
    """4.3: all Medicare and Medicare Advantage providers; nobody is left to ask."""
    assert patient_parts("CO-45 20, PR-1 20", plan=plan, remarks=(shown,)) == []


@pytest.mark.parametrize("shown", ["CO-303", "OA-209"])
def test_qmb_by_reason(shown: str) -> None:
    answer = reply(pay("1", "60", f"PR-2 20, {shown} 20", filing_indicator="MB"))
    posted = post_claim(case("100", answer))
    assert "patient" not in books(posted)
    assert posted.patient_parts == ()


def test_a_remark_of_qmb_under_another_plan_writes_nothing_off() -> None:
    """A commercial plan's own deductible is not Medicare's."""
    assert patient_parts("CO-45 20, PR-1 20", remarks=("N781",)) == [("1", 20, "")]


def test_the_earlier_payers_part_left_by_a_later_one_is_held_for_qmb() -> None:
    """4.2 no. 6: PR-275 of the payer after Medicare."""
    medicare = reply(pay("1", "60", "CO-45 20, PR-2 20", filing_indicator="MB", remarks=("N781",)))
    later = reply(pay("2", "0", "OA-23 80, PR-275 20"), 2, payer_key=OTHER_PLAN)
    posted = post_claim(case("100", medicare, later))
    assert [told(p)[2] for p in posted.patient_parts] == ["qualified_medicare_beneficiary"]


def test_several_parts_wait_each_for_its_own_reason() -> None:
    found = patient_parts("CO-45 5, PR-1 10, PR-45 15, PR-227 10")
    assert found == [
        ("1", 10, ""),
        ("45", 15, "balance_billing"),
        ("227", 10, "patient_action_needed"),
    ]


def test_every_hold_has_words_for_people() -> None:
    assert all(text.endswith(".") and len(text) > 30 for text in HOLD_TEXTS.values())
