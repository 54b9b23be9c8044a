"""A silent denial: how it is judged, and what it says."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from medcollect.denials import assess
from medcollect.denials.facts import TakebackFacts, Taken
from medcollect.model.policies import DenialPolicies, DenialRule

TODAY = date(2026, 3, 2)
FACTS = TakebackFacts(
    group="",
    reason="reversal",
    amount_cents=80_00,
    payer_name="PLAINFIELD MUTUAL HEALTH",
    filing_indicator="CI",
    decided_on=date(2026, 2, 16),
    service_from=date(2026, 1, 12),
    taken=(Taken(80_00, date(2026, 2, 16), "R000003", ""),),
    paid_on=date(2026, 2, 2),
)
RECOVERED = replace(
    FACTS,
    reason="recovery",
    taken=(
        Taken(80_00, date(2026, 2, 16), "R000004", "T4", "WO", "ICN100"),
        Taken(-30_00, date(2026, 2, 20), "R000005", "T5", "WO", "ICN100"),
    ),
)


def test_it_says_who_took_what_and_where_it_shows() -> None:
    judged = assess(FACTS, TODAY)
    assert judged.explanation.startswith(
        "PLAINFIELD MUTUAL HEALTH took $80.00 back on 2026-02-16 for the claim of 2026-01-12: The "
        "payer reversed its payment and sent no correction (CLP02 22 on remittance R000003)."
    )
    assert judged.evidence[:3] == (
        "It had been paid on 2026-02-02.",
        "Remittance R000003 of 2026-02-16 reverses the payment (CLP02 22): $80.00.",
        "No correction by this payer is on file that explains it.",
    )
    assert judged.rules == ("finding reversal",)


def test_a_recovery_names_its_references() -> None:
    judged = assess(RECOVERED, TODAY)
    assert "(PLB WO ICN100 on remittance R000004)" in judged.explanation
    assert judged.evidence[1] == (
        "Remittance R000004 (T4) of 2026-02-16 takes $80.00 by PLB WO (overpayment recovery) with "
        "reference ICN100."
    )
    assert judged.evidence[2].startswith("Remittance R000005 (T5) of 2026-02-20 gives back $30.00")
    assert (
        judged.evidence[3] == "No reversal or correction by this payer is on file that explains it."
    )


def test_its_limit_runs_from_the_day_it_was_taken() -> None:
    judged = assess(FACTS, TODAY)
    assert judged.deadline == date(2026, 8, 14)
    assert "180 days minimum from 2026-02-16" in judged.deadline_rule
    assert (judged.category, judged.next_action, judged.route) == (
        "silent_denial",
        "call_payer",
        "appeal",
    )
    assert (judged.chance_basis_points, judged.appealable) == (5000, True)


def test_of_medicare_the_way_to_stop_a_recovery_is_told() -> None:
    judged = assess(replace(FACTS, filing_indicator="MB", payer_name="MEDICARE"), TODAY)
    assert judged.rules == ("finding reversal", "rule medicare-recovery")
    assert "within 30 days of the demand letter" in judged.explanation


def test_the_offices_own_rule_has_the_last_word() -> None:
    own = DenialRule(name="appeal at once", categories=("silent_denial",), next_action="appeal")
    judged = assess(FACTS, TODAY, DenialPolicies(rules=(own,)))
    assert judged.next_action == "appeal"
    assert judged.rules[-1] == "settings appeal at once"
