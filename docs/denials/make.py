"""Writes the pages of this folder, one for each category: ``python docs/denials/make.py``.

Everything on them comes from the tables that judge denials (``medcollect/codes/data``) and from the
judgment itself; a test proves that no page is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from medcollect import codes
from medcollect.codes import read_table
from medcollect.denials import UNKNOWN_CODE, Assessment, DenialFacts, assess
from medcollect.denials.facts import ShortfallFacts, TakebackFacts, Taken
from medcollect.denials.rejection import RejectionFacts, assess_rejection
from medcollect.denials.rules import causes, findings

HERE: Final = Path(__file__).parent
DECIDED: Final = date(2026, 3, 2)
SERVED: Final = date(2026, 1, 5)
TODAY: Final = date(2026, 3, 20)

#: Kinds of plan whose limits a page shows: heading, filing indicator, payer's name.
PLANS: Final = (
    ("Medicare", "MB", "GREAT RIVER MEDICARE SERVICES"),
    ("Medicare Advantage", "16", "SOME ADVANTAGE PLAN"),
    ("Medicaid", "MC", "PRAIRIE STATE MEDICAID"),
    ("TRICARE", "CH", "TRICARE"),
    ("Aetna", "CI", "AETNA"),
    ("Cigna", "CI", "CIGNA"),
    ("UnitedHealthcare", "CI", "UNITEDHEALTHCARE"),
    ("any other commercial plan", "CI", "PLAINFIELD MUTUAL HEALTH"),
)
WAYS: Final = {
    "appeal": "appeal",
    "correct_and_resubmit": "corrected claim, no appeal",
    "new_claim": "new claim, no appeal",
    "other_payer": "bill the other payer",
    "patient_answer": "the patient must answer",
    "patient": "the patient's",
    "none": "nothing to send",
}


def pages() -> dict[Path, str]:
    """Every page by its path, the index first."""
    means = {row["category"]: row["means"] for row in read_table("denial_categories")}
    return {
        HERE / "README.md": _index(means),
        **{HERE / f"{name}.md": _page(name, text) for name, text in sorted(means.items())},
    }


def _index(means: dict[str, str]) -> str:
    rows = [f"| [{title(name)}]({name}.md) | {text} |" for name, text in sorted(means.items())]
    head = "# Kinds of denial\n\n"
    what = (
        "What each category means, which codes are in it, who could have prevented it, what to do\n"
        "and by when. `medcollect denials --category NAME` lists the cases.\n\n"
    )
    made = "These pages are written by `python docs/denials/make.py` from the tables.\n"
    return f"{head}{what}| Category | Means |\n|---|---|\n" + "\n".join(rows) + f"\n\n{made}"


def title(category: str) -> str:
    """A category as a heading."""
    return category.replace("_", " ").capitalize()


def facts(reason: str, plan: str = "CI", payer: str = "PLAINFIELD MUTUAL HEALTH") -> DenialFacts:
    """An invented refusal for this reason."""
    return DenialFacts(
        group="CO",
        reason=reason,
        amount_cents=140_00,
        payer_name=payer,
        filing_indicator=plan,
        decided_on=DECIDED,
        service_from=SERVED,
        service_to=SERVED,
        procedure_code="99213",
        claim_frequency="1",
        payer_claim_control_number="PM7001",
        form="P",
    )


def judged(category: str, plan: str = "CI", payer: str = "PLAINFIELD MUTUAL HEALTH") -> Assessment:
    """The judgment of an example of a category."""
    if category == "rejected":
        refused = RejectionFacts("277CA", ("A7:562:85",), DECIDED, 140_00, payer_name=payer)
        given = {"filing_indicator": plan, "service_from": SERVED, "form": "P"}
        return assess_rejection(_with(refused, **given), TODAY)
    if any(row["category"] == category for row in findings().values()):
        return assess(_EXAMPLES[category](plan, payer), TODAY)
    return assess(facts(example_of(category), plan, payer), TODAY)


def taken_back(plan: str, payer: str) -> DenialFacts:
    """An invented payment that a payer took back without a word."""
    known = msgspec.structs.asdict(facts("reversal", plan, payer))
    given = {**known, "group": "", "procedure_code": "", "amount_cents": 80_00}
    taken = Taken(80_00, DECIDED, "R000012", "")
    return TakebackFacts(**given, taken=(taken,), paid_on=date(2026, 2, 2))


def below_contract(plan: str, payer: str) -> DenialFacts:
    """An invented line that was allowed below contract."""
    known = msgspec.structs.asdict(facts("contract", plan, payer))
    why = "80.00 for the unit. Expected 80.00, allowed 62.00; 18.00 missing."
    given = {**known, "group": "", "amount_cents": 18_00, "line_paid_cents": 62_00}
    return ShortfallFacts(
        **given,
        expected_cents=80_00,
        allowed_cents=62_00,
        contract="T000001",
        contract_line=3,
        why=why,
    )


#: What the desk finds by itself, by category: an example of it.
_EXAMPLES: Final = {"silent_denial": taken_back, "underpayment": below_contract}


def _with(refused: RejectionFacts, **given: object) -> RejectionFacts:
    return RejectionFacts(
        **{**{n: getattr(refused, n) for n in refused.__struct_fields__}, **given}
    )


def refusing(category: str) -> list[codes.Reason]:
    """The reasons in use of a category that refuse money, or may."""
    found = codes.reasons().values()
    return [r for r in found if r.category == category and r.denial != "no" and not r.deactivated]


def example_of(category: str) -> str:
    """The reason that stands for a category: the first that refuses, else any."""
    sure = [r.code for r in refusing(category) if r.denial == "yes"] + [
        r.code for r in refusing(category)
    ]
    named = [r.code for r in codes.reasons().values() if r.category == category]
    return next(iter([*sure, *named]), "ZZ9")


def _page(category: str, means: str) -> str:
    return "\n".join(
        [
            f"# {title(category)}",
            "",
            means,
            "",
            *_codes(category),
            *_causes(category),
            *_steps(category),
            *_limits(category),
            *_example(category),
        ]
    )


def _codes(category: str) -> Iterator[str]:
    yield from ("## Codes", "")
    if category == "rejected":
        yield from ("The codes of 277CA, 999 and TA1 that turn a claim away.", "")
        return
    found = [row for row in findings().values() if row["category"] == category]
    if found:
        yield from ("No code says it: the desk finds it.", "", "| Finding | Means |", "|---|---|")
        yield from (f"| {row['code']} | {row['cause']} |" for row in found)
        yield ""
        return
    if category == UNKNOWN_CODE:
        yield from ("Every reason code that our tables lack.", "")
        return
    own = [r for r in codes.reasons().values() if r.category == category and not r.deactivated]
    yield from ("| Reason | In our words | Refuses | As CO, the way is |", "|---|---|---|---|")
    for row in own:
        found = assess(facts(row.code), TODAY)
        way = WAYS[found.route] if row.denial != "no" else "no denial"
        yield f"| {row.code} | {row.label} | {row.denial} | {way} |"
    yield ""
    notes = [r for r in codes.remarks().values() if r.category == category and not r.deactivated]
    if notes:
        yield from ("| Remark | In our words |", "|---|---|")
        yield from (f"| {row.code} | {row.label} |" for row in notes)
        yield ""


def _causes(category: str) -> Iterator[str]:
    yield from ("## Who could have prevented it", "")
    own = {r.code for r in codes.reasons().values() if r.category == category}
    seen = [
        row
        for row in causes()
        if category in row.when.of("categories").codes or row.when.of("reasons").codes & own
    ]
    for row in seen:
        who = row.prevented_by.replace("_", " ")
        asked = ", ".join(sorted(row.when.of("reasons").codes & own))
        named = f" (reasons {asked})" if asked else ""
        yield f"- **{who}**: {row.root_cause}{named} {row.prevention}"
    yield ""


def _steps(category: str) -> Iterator[str]:
    yield from ("## What to do", "")
    ways: dict[tuple[str, str], Assessment] = {}
    for row in refusing(category):
        found = assess(facts(row.code), TODAY)
        ways.setdefault((found.next_action, found.route), found)
    for found in ways.values() or [judged(category)]:
        yield f"### {found.next_action.replace('_', ' ').capitalize()} ({WAYS[found.route]})"
        yield ""
        yield from (f"{n}. {step}" for n, step in enumerate(found.steps, start=1))
        yield ""


def _limits(category: str) -> Iterator[str]:
    yield from ("## Usual limits", "")
    yield (
        f"For the example below, decided on {DECIDED.isoformat()}, service on "
        f"{SERVED.isoformat()}. Your contract beats them (docs/settings.md)."
    )
    yield from ("", "| Plan | Safe last day | Rule and source |", "|---|---|---|")
    for plan, indicator, payer in PLANS:
        found = judged(category, indicator, payer)
        day = found.deadline.isoformat() if found.deadline else "none"
        yield f"| {plan} | {day} | {found.deadline_rule} |"
    yield ""


def _example(category: str) -> Iterator[str]:
    found = judged(category)
    yield from ("## Example", "", found.explanation, "")
    yield from (f"- {fact}" for fact in found.evidence)
    yield ""


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")
