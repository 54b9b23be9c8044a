"""The STC of a 277CA or 277: its codes, and the verdict they amount to."""

from __future__ import annotations

from collections.abc import Iterable

from medcollect.model.status import ClaimVerdict, Status, StatusCode
from medcollect.x12.life_codes import CATEGORIES, CATEGORY_FAMILIES
from medcollect.x12.life_values import Elements, Whole

_ACCEPT, _REJECT = "WQ", "U"
_REFUSALS = frozenset({"rejected", "not_found", "error"})


def read_stc(whole: Whole, elements: Elements, number: int, form: str) -> Status:
    """Read one STC; its action counts in a 277CA only."""
    composites = [elements[position] for position in (1, 10, 11) if elements[position]]
    codes = [StatusCode(*whole.parts(composite)[:4]) for composite in composites]
    return Status(
        segment=number,
        verdict=_verdict(whole, codes, elements[3] if form == "277CA" else "", number),
        codes=tuple(codes),
        effective_date=whole.day(elements[2], number, "STC02"),
        action=elements[3],
        charge_cents=whole.cents(elements[4], number, "STC04"),
        paid_cents=whole.cents(elements[5], number, "STC05"),
        adjudication_date=whole.day(elements[6], number, "STC06"),
        payment_method=elements[7],
        payment_date=whole.day(elements[8], number, "STC08"),
        check_number=elements[9],
        message=elements[12],
    )


def _verdict(whole: Whole, codes: list[StatusCode], action: str, number: int) -> ClaimVerdict:
    """The category decides; where the action refuses what the category accepts, the refusal."""
    category = codes[0].category if codes else ""
    verdict = CATEGORIES.get(category) or CATEGORY_FAMILIES.get(category[:1], "unknown")
    if verdict == "unknown":
        whole.report("status-category-unknown", number, "STC01-1")
        by_action: dict[str, ClaimVerdict] = {_ACCEPT: "accepted", _REJECT: "rejected"}
        return by_action.get(action, "unknown")
    refused = verdict in _REFUSALS
    if (action == _REJECT and not refused) or (action == _ACCEPT and refused):
        whole.report("verdict-contradicted", number, "STC03")
        return verdict if refused else "rejected"
    return verdict


def overall(statuses: Iterable[Status]) -> ClaimVerdict:
    """One verdict of several STC: a rejection counts, else the first."""
    verdicts = [status.verdict for status in statuses]
    return "rejected" if "rejected" in verdicts else (verdicts or ["unknown"])[0]
