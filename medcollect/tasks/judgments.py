"""A judgment of the denial desk as the contract gives it: the same keys for every kind of case."""

from __future__ import annotations

from typing import Any

from medcollect.denials import Assessment
from medcollect.money import format_cents
from medcollect.tasks.figures import text_of


def judgment(judged: Assessment) -> dict[str, Any]:
    """What kind of no it is, why, who could have prevented it, what to do, and by when."""
    return {
        "category": judged.category,
        "refusal": judged.refusal,
        "cause": judged.cause,
        "root_cause": judged.root_cause,
        "preventable": judged.preventable,
        "prevented_by": judged.prevented_by,
        "prevention": judged.prevention,
        "appealable": judged.appealable,
        "next_action": judged.next_action,
        "steps": list(judged.steps),
        "deadline": text_of(judged.deadline),
        "deadline_rule": judged.deadline_rule,
        "days_left": judged.days_left,
        "expected_value": format_cents(judged.expected_value_cents),
        "priority": judged.priority,
        "explanation": judged.explanation,
        "evidence": list(judged.evidence),
        "rules": list(judged.rules),
    }
