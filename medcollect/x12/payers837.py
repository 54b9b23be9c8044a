"""The other payers of a claim in an 837: loop 2320 with 2330A and 2330B."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medcollect.model.claim import Coverage, OtherPayer
from medcollect.model.common import Party
from medcollect.x12.values import BLANKS, PartyDraft, person_names, remark_codes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from medcollect.model.common import Adjustment, Amount, Reference
    from medcollect.x12.claim837 import ClaimDraft


class PayerDraft:
    """A 2320 loop being read, with 2330A and 2330B."""

    __slots__ = (
        "adjustments", "amounts", "birth", "paid", "paid_date", "parties", "party", "references",
        "remarks", "sbr",
    )  # fmt: skip

    def __init__(self, sbr: list[str]) -> None:
        self.sbr = sbr
        self.adjustments: list[Adjustment] = []
        self.amounts: list[Amount] = []
        self.birth: PartyDraft | None = None
        self.paid: int | None = None
        self.paid_date: date | None = None
        self.parties: dict[str, PartyDraft] = {}
        self.party: PartyDraft | None = None
        self.references: list[Reference] = []
        self.remarks: list[str] = []


def _payer_adjustment(
    payer: PayerDraft, elements: list[str], number: int, claim: ClaimDraft
) -> bool:
    claim.unreadable += claim.context.adjustments(elements, number, payer.adjustments)
    return True


def _payer_amount(payer: PayerDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    known = claim.context.amount(elements, number, payer.amounts)
    if elements[1] == "D":
        claim.unreadable += not known
        if known:
            payer.paid = payer.amounts[-1].cents
    return known


def _payer_birth(payer: PayerDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    """DMG of 2320 (4010) describes the insured who is named after it."""
    payer.birth = PartyDraft(("",) * 7)
    return payer.birth.add(elements, number, claim.context)


def _payer_remarks(payer: PayerDraft, elements: list[str], _n: int, _claim: ClaimDraft) -> bool:
    payer.remarks += remark_codes(elements)
    return True


def _payer_party(payer: PayerDraft, elements: list[str], _n: int, _claim: ClaimDraft) -> bool:
    payer.party = PartyDraft(person_names(elements))
    kept = payer.parties.setdefault(payer.party.role, payer.party)
    return kept is payer.party and kept.role in {"IL", "PR"}


def _payer_detail(payer: PayerDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    party = payer.party
    known = party is not None and party.add(elements, number, claim.context)
    return known and party is not None and party.role in {"IL", "PR"}


def _payer_date(payer: PayerDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    elements += BLANKS[:4]
    if elements[1] != "573":
        return False
    payer.paid_date = claim.context.period(elements[3], number, "DTP03")[0]
    return True


PAYER: Final[dict[str, Callable[[PayerDraft, list[str], int, ClaimDraft], bool]]] = {
    "CAS": _payer_adjustment,
    "AMT": _payer_amount,
    "DMG": _payer_birth,
    "MIA": _payer_remarks,
    "MOA": _payer_remarks,
    "NM1": _payer_party,
    "N3": _payer_detail,
    "N4": _payer_detail,
    "REF": _payer_detail,
    "DTP": _payer_date,
}


def build_payer(payer: PayerDraft) -> OtherPayer:
    """The finished record."""
    insured = payer.parties.get("IL")
    if insured is not None and payer.birth is not None:
        insured.birth_date, insured.gender = payer.birth.birth_date, payer.birth.gender
    asked = payer.parties["PR"].build() if "PR" in payer.parties else Party()
    coverage = Coverage(
        rank_code=payer.sbr[1],
        relationship=payer.sbr[2],
        group_number=payer.sbr[3],
        group_name=payer.sbr[4],
        filing_indicator=payer.sbr[9],
        payer=asked,
        subscriber=insured.build() if insured is not None else Party(),
    )
    return OtherPayer(
        coverage=coverage,
        adjustments=tuple(payer.adjustments),
        amounts=tuple(payer.amounts),
        paid_cents=payer.paid,
        paid_date=payer.paid_date,
        payer_claim_control_number=asked.reference("F8"),
        remarks=tuple(payer.remarks),
    )
