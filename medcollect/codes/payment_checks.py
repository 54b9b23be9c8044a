"""Checks the codes of a claim payment against the dated tables.

Rules: claim_rules.md section 1 (groups), code_sources.md section 4 (an unknown code is shown and
worked as administrative; a retired one stays valid before its stop date and in reversals; a remark
outside our table is unknown to us). Each problem is told once per claim payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from medcollect.codes.tables import claim_status, group, reason, remark
from medcollect.findings import Finding
from medcollect.model.common import Adjustment
from medcollect.model.remittance import ClaimPayment


def check_payment_codes(
    claim_payment: ClaimPayment, decided_on: date | None, transaction: int, *, version: str = ""
) -> list[Finding]:
    """Find unknown, retired and misplaced codes in one claim payment.

    ``decided_on`` is the payment's date, ``None`` when unknown (then nothing counts as retired);
    ``version`` the implementation, such as ``004010X091A1``, which still allows the group CR.
    """
    day = None if claim_payment.is_reversal else decided_on
    found: dict[tuple[str, str], Finding] = {}
    for finding in _problems(claim_payment, day, transaction, in_4010=version.startswith("004")):
        found.setdefault((finding.code, finding.message), finding)
    return list(found.values())


def _problems(
    claim_payment: ClaimPayment, day: date | None, transaction: int, *, in_4010: bool
) -> Iterator[Finding]:
    """Walk the claim payment's codes in file order."""
    here = (claim_payment.segment, transaction)
    yield from _status(claim_payment.status, here, in_4010=in_4010)
    yield from _adjustments(claim_payment.adjustments, day, here, in_4010=in_4010)
    yield from _remarks(claim_payment.remarks, here)
    for service in claim_payment.services:
        here = (service.segment, transaction)
        yield from _adjustments(service.adjustments, day, here, in_4010=in_4010)
        yield from _remarks(service.remarks, here)


Place = tuple[int, int]


def _status(code: str, here: Place, *, in_4010: bool) -> Iterator[Finding]:
    """CLP02 outside the guide's list."""
    known = claim_status(code)
    if known is None or not (known.in_5010 or in_4010):
        yield Finding(
            "claim-status-unknown",
            "warning",
            f"Claim status {code!r} (CLP02) is not in use.",
            "Read the claim payment's amounts; ask the payer what the status means.",
            *here,
        )


def _adjustments(
    adjustments: tuple[Adjustment, ...], day: date | None, here: Place, *, in_4010: bool
) -> Iterator[Finding]:
    """Check the groups and reasons of CAS segments."""
    for adjustment in adjustments:
        known = group(adjustment.group)
        if known is None or not (known.in_5010 or in_4010):
            yield _bad_group(adjustment.group, here)
        yield from _reason(adjustment, day, here)


def _bad_group(code: str, here: Place) -> Finding:
    return Finding(
        "group-unknown",
        "warning",
        f"Adjustment group {code!r} is none of CO, PR, OA and PI (CR only in version 4010).",
        "Decide who bears the amount; the payer should send one of the four groups.",
        *here,
    )


def _reason(adjustment: Adjustment, day: date | None, here: Place) -> Iterator[Finding]:
    """Check one reason: known, in use on the day, in a group the list prescribes."""
    known = reason(adjustment.reason)
    if known is None:
        yield Finding(
            "reason-unknown",
            "warning",
            f"Adjustment reason {adjustment.reason!r} is not in the code list.",
            "Worked as administrative; look it up at x12.org/codes or ask the payer.",
            *here,
        )
        return
    if day is not None and not known.active_on(day):
        yield Finding(
            "reason-retired",
            "warning",
            f"Adjustment reason {known.code} was retired on {known.stop_date}.",
            f"Read it as before{_replacement(known.replaced_by)}; tell the payer.",
            *here,
        )
    if known.group_mandated and adjustment.group not in known.group_mandated:
        yield Finding(
            "group-unusual",
            "info",
            f"Adjustment reason {known.code} came under group {adjustment.group!r}; the code list "
            f"prescribes {' or '.join(known.group_mandated)}.",
            "Check who bears the amount.",
            *here,
        )


def _replacement(codes: tuple[str, ...]) -> str:
    return f" (today {' or '.join(codes)})" if codes else ""


def _remarks(codes: tuple[str, ...], here: Place) -> Iterator[Finding]:
    """Name remarks outside our table; they may well be valid."""
    for code in codes:
        if remark(code) is None:
            yield Finding(
                "remark-unknown",
                "info",
                f"Remark {code!r} is unknown to us (which does not make it invalid).",
                "Look it up at x12.org/codes.",
                *here,
            )
