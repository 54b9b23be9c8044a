"""Which claim documents are one claim: filed again, to the next payer, replaced, voided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from medcollect.matching.docs import ClaimDoc
from medcollect.matching.keys import name_key, number_key
from medcollect.model.claim import Claim

_SAME_CLAIM_FREQUENCIES = frozenset({"7", "8"})
_NAME_ALIKE_MIN = 85


def group_documents(documents: Iterable[ClaimDoc]) -> list[list[ClaimDoc]]:
    """Gather the documents of one claim: same number, same patient, same days of service.

    A replacement or void (frequency 7, 8) belongs to the only claim of its number and patient
    whatever its days, a document that was written from another to that one's claim whatever it
    says. Documents without a usable number stand alone unless patient, days and charge agree.
    """
    by_number: dict[str, list[list[ClaimDoc]]] = defaultdict(list)
    by_document: dict[str, list[ClaimDoc]] = {}
    found: list[list[ClaimDoc]] = []
    for document in sorted(documents, key=lambda d: (d.sort_key, d.id)):
        groups = by_number[number_key(document.claim.patient_control_number)]
        home = by_document.get(document.same_as) or _home(document.claim, groups)
        if home is None:
            home = []
            found.append(home)
        if not any(home is group for group in groups):
            groups.append(home)
        home.append(document)
        by_document[document.sort_key] = home
    return found


def _home(claim: Claim, groups: Sequence[list[ClaimDoc]]) -> list[ClaimDoc] | None:
    """The claim that a document belongs to: that of its days, else the one it replaces or voids."""
    known = [g for g in groups if _may_belong(claim, g[-1].claim)]
    same_days = [g for g in known if _same_days(claim, g[-1].claim)]
    if same_days:
        return same_days[0]
    replaces = claim.frequency in _SAME_CLAIM_FREQUENCIES
    return known[0] if replaces and len(known) == 1 else None


def _may_belong(claim: Claim, earlier: Claim) -> bool:
    """Whether a document may speak of the same claim as an earlier one of its number."""
    if not _same_patient(claim, earlier):
        return False
    has_number = bool(number_key(claim.patient_control_number))
    return has_number or claim.charge_cents == earlier.charge_cents


def _same_patient(claim: Claim, earlier: Claim) -> bool:
    """Whether name and birth date agree as far as both are known."""
    births = {claim.patient.birth_date, earlier.patient.birth_date} - {None}
    if len(births) > 1:
        return False
    mine = name_key(claim.patient.last_name, claim.patient.first_name)
    theirs = name_key(earlier.patient.last_name, earlier.patient.first_name)
    return not mine or not theirs or fuzz.ratio(mine, theirs) >= _NAME_ALIKE_MIN


def _same_days(claim: Claim, earlier: Claim) -> bool:
    """Whether the days of service overlap, or are unknown."""
    if claim.service_from is None or earlier.service_from is None:
        return True
    last = claim.service_to or claim.service_from
    earlier_last = earlier.service_to or earlier.service_from
    return claim.service_from <= earlier_last and last >= earlier.service_from
