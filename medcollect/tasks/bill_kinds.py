"""The claims that billing makes: which document, for which payer, and why it may not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from medcollect.errors import BadRequest, NotAllowed
from medcollect.ledger.coordination import transfer_failed
from medcollect.ledger.slots import Slot
from medcollect.matching.docs import ClaimDoc
from medcollect.model.claim import Claim, Coverage
from medcollect.model.common import Party
from medcollect.tasks.bill_facts import (
    BillFacts,
    parts_from,
    payer_number,
    place_of,
    refuse_waiting,
    remarks_of,
)
from medcollect.tasks.originals import OriginalClaim
from medcollect.x12.amend837 import again
from medcollect.x12.edit837 import with_fields
from medcollect.x12.next837 import CORRECTIONS, Answered, bill_to, prove
from medcollect.x12.parts837 import RANKS, Parts, Payer, element, payer_from, payers_of
from medcollect.x12.write837 import SELF

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"

_FORWARDED: Final = frozenset({"19", "20", "21"})
_FORWARDED_REMARKS: Final = frozenset({"MA07", "MA18"})
#: Remarks with which a payer asks for a new claim, not a replacement.
_NEW_CLAIM_REMARKS: Final = frozenset({"N142", "N517"})
_MEDICARE_PART_B: Final = "MB"
_MEDICARE: Final = frozenset({"MA", "MB"})
_COVERAGE_NEEDS: Final = ("payer", "payer_id", "member_id", "filing_indicator")
_COVERAGE_KEYS: Final = (
    *_COVERAGE_NEEDS, "relationship", "group_number", "group_name", "last_name", "first_name",
)  # fmt: skip


class BillOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for.

    ``fields`` are changes (``{"line.2.modifiers": "25"}``), ``coverage`` a next payer that the
    claim does not name; ``payer`` chooses among the payers the claim was sent to, by SBR01 or a
    part of the name; ``payer_number`` is that payer's own number of the claim where no answer on
    file brings it. ``not_received``: the next payer never got what an earlier one forwarded.
    ``confirmed``: it goes out even where nothing differs from what was sent last.
    """

    kind: str
    fields: dict[str, str] = {}
    coverage: dict[str, str] = {}
    payer: str = ""
    payer_number: str = ""
    not_received: bool = False
    confirmed: bool = False
    sender: str = ""
    receiver: str = ""
    control_number: int | None = None
    reason: str = ""
    user: str = ""


class Prepared(msgspec.Struct):
    """A claim ready to be written, beside what it was made from; ``before`` is that in segments."""

    source: ClaimDoc
    original: OriginalClaim
    before: Parts
    parts: Parts
    claim: Claim
    notes: list[str]


def prepared(facts: BillFacts, order: BillOrder) -> Prepared:
    """Make the claim that is asked for; NotAllowed or BadRequest say why it cannot be right."""
    return KINDS[order.kind](facts, order)


# -- again: replacement, void, the same once more ------------------------------------------------


def _replacement(facts: BillFacts, order: BillOrder) -> Prepared:
    document, slot = _document(facts, order.payer)
    _refuse_void(facts)
    number = _payers_number(facts, document, slot, order)
    if remarks_of(slot) & _NEW_CLAIM_REMARKS and not order.payer_number:
        raise NotAllowed(
            "The payer asks for a new claim, not for a replacement (N142 or N517).",
            "Use --again with the corrections.",
        )
    made = _once_more(facts, order, document, REPLACEMENT, number)
    _insist_on_change(made, order, "Sent so already, it would be refused as a duplicate.")
    return made


def _void(facts: BillFacts, order: BillOrder) -> Prepared:
    document, slot = _document(facts, order.payer)
    _refuse_void(facts)
    if order.fields:
        raise BadRequest("A void changes nothing.", "Leave --set out, or use --replace.")
    number = _payers_number(facts, document, slot, order)
    return _once_more(facts, order, document, VOID, number)


def _again(facts: BillFacts, order: BillOrder) -> Prepared:
    document, slot = _document(facts, order.payer)
    made = _once_more(facts, order, document, _first_frequency(facts), "")
    if facts.rejected:
        _insist_on_change(made, order, "It was rejected as it is, and would be again.")
    if slot is not None and slot.paid_cents() > 0:
        made.notes.append(
            "The payer paid on this claim: a second first claim is often refused as a duplicate; "
            "--replace corrects what it paid on."
        )
    return made


def _insist_on_change(made: Prepared, order: BillOrder, why: str) -> None:
    """Refuse to send what was sent last, unless a person says that it is meant."""
    if made.parts != made.before:
        return
    if not order.confirmed:
        raise NotAllowed(
            f"Nothing differs from what was sent last. {why}",
            "Correct a field (--set), or confirm that it goes out unchanged (--yes).",
        )
    made.notes.append(f"Nothing differs from what was sent last, as confirmed. {why}")


def _first_frequency(facts: BillFacts) -> str:
    """What the claim said of itself before it was corrected: 1, or a hospital's 2, 3, ..."""
    said = (d.claim.frequency for d in reversed(facts.documents))
    return next((f for f in said if f and f not in CORRECTIONS), ORIGINAL)


def _once_more(
    facts: BillFacts, order: BillOrder, document: ClaimDoc, frequency: str, number: str
) -> Prepared:
    """A document with its changes, and what earlier payers answered as it stands now."""
    original = facts.original(document)
    before = parts_from(original)
    parts = with_fields(before, order.fields) if order.fields else before
    told = _told(facts, parts)
    told.pop(0, None)
    if told:
        refuse_waiting(facts)
        parts = bill_to(parts, 0, told)
    parts = again(parts, frequency, number)
    return Prepared(document, original, before, parts, parts.read(), _notes(told))


def _document(facts: BillFacts, payer: str) -> tuple[ClaimDoc, Slot | None]:
    """The latest document to the payer that is meant, and that payer's standing answers."""
    by_payer: dict[tuple[str, str], ClaimDoc] = {}
    for document in facts.documents:
        if document.claim.frequency != VOID or len(facts.documents) == 1:
            coverage = document.claim.coverage
            by_payer[coverage.rank_code, coverage.payer.last_name] = document
    wanted = {key: d for key, d in by_payer.items() if not payer or _named(key, payer)}
    if len(wanted) != 1:
        told = "; ".join(f"{rank}: {named}" for rank, named in by_payer)
        raise NotAllowed(
            "The claim was sent to several payers." if wanted else "It was not sent to this payer.",
            f"Choose one with --payer ({told}).",
        )
    ((_, document),) = wanted.items()
    places = [payer_from(document.claim.coverage)]
    slots = (slot for slot in facts.slots if not slot.reported)
    return document, next((s for s in slots if place_of(s, places, set()) == 0), None)


def _named(key: tuple[str, str], payer: str) -> bool:
    rank, named = key
    return payer.upper() == rank or (len(payer) > 1 and payer.upper() in named.upper())


def _refuse_void(facts: BillFacts) -> None:
    if facts.voided:
        raise NotAllowed(
            "The claim is void: its latest document takes it back.",
            "Send it as a new claim with --again.",
        )


def _payers_number(
    facts: BillFacts, document: ClaimDoc, slot: Slot | None, order: BillOrder
) -> str:
    """The payer's own number of the claim, which it knows the claim by."""
    kind = order.kind
    coverage = document.claim.coverage
    if document.claim.form == "P" and coverage.filing_indicator == _MEDICARE_PART_B:
        raise NotAllowed(
            f"Medicare Part B takes no {kind} claims (frequency 7 and 8).",
            "Ask for a reopening, or send a claim that was rejected as a new one with --again.",
        )
    if slot is None and facts.rejected and not order.payer_number:
        raise NotAllowed(
            f"The claim was rejected before it was judged: there is nothing for a {kind}.",
            "Correct it with --set, and send it with --again.",
        )
    number = order.payer_number or payer_number(slot)
    if not number and len({d.claim.coverage.payer.id for d in facts.documents}) == 1:
        number = facts.status_number()
    if number:
        return number
    if slot is None:
        raise NotAllowed(
            f"No answer of {coverage.payer.last_name or 'the payer'} is on file, and so no number "
            f"of its own for the claim: a {kind} must name it.",
            "Import its 835 or 277CA, give the number with --payer-number, or send a claim that it "
            "never took in with --again.",
        )
    raise NotAllowed(
        f"The payer's answer has no number of its own for the claim (CLP07): a {kind} must name "
        "it.",
        "Ask the payer, then give it with --payer-number.",
    )


# -- the next payer ------------------------------------------------------------------------------


def _next_payer(facts: BillFacts, order: BillOrder) -> Prepared:
    _refuse_void(facts)
    refuse_waiting(facts)
    document = facts.latest
    original = facts.original(document)
    before = parts_from(original)
    payers = payers_of(before)
    told = _told(facts, before)
    answered = {*told, *(place for place, payer in enumerate(payers) if _has_answered(payer))}
    if not answered:
        raise NotAllowed(
            f"{payers[0].name or 'The payer'} has not answered yet: there is no answer on file to "
            "tell the next payer.",
            "Import its 835; if it never got the claim, use --again.",
        )
    target = _target(facts, order, payers, answered)
    _refuse_forwarded(facts, order)
    parts = again(bill_to(before, target, told), _first_frequency(facts))
    if order.fields:
        parts = with_fields(parts, order.fields)
        prove(parts.read())
    _refuse_without_type(parts)
    notes = _notes(told)
    if any(s[0] == "REF" and element(s, 1) in {"G2", "LU"} for s in before.head):
        notes.append("Providers' numbers that the earlier payer gave out (REF*G2, LU) stay out.")
    return Prepared(document, original, before, parts, parts.read(), notes)


def _told(facts: BillFacts, parts: Parts) -> dict[int, list[Answered]]:
    """The standing answers of the book, by the payer's place on the claim."""
    claim, payers = parts.read(), payers_of(parts)
    told: dict[int, list[Answered]] = {}
    for slot in facts.slots:
        if slot.reported:
            continue
        place = place_of(slot, payers, set(told))
        if place is None:
            raise NotAllowed(
                f"{slot.payer_name or 'A payer'} answered, and the claim names no such payer.",
                "Correct the payers where the claim was made, and import that 837.",
            )
        told[place] = facts.answered(slot, claim)
    return told


def _has_answered(payer: Payer) -> bool:
    return any(segment[:2] == ["AMT", "D"] for segment in payer.money)


def _order(payer: Payer) -> int:
    return RANKS.index(payer.rank) if payer.rank and payer.rank in RANKS else len(RANKS)


def _target(
    facts: BillFacts, order: BillOrder, payers: list[Payer], answered: set[int]
) -> int | Payer:
    """The first payer in order that has not answered, or the coverage that is given."""
    waiting = [place for place in range(len(payers)) if place not in answered]
    waiting.sort(key=lambda place: _order(payers[place]))
    if order.coverage:
        if waiting:
            raise NotAllowed(
                f"The claim names {payers[waiting[0]].name}, which has not answered yet.",
                "Leave --coverage out, or correct the payers where the claim was made.",
            )
        return _given(facts, order.coverage, payers)
    if not waiting and (entered := facts.entered_coverage([payer.name for payer in payers])):
        return _given(facts, entered, payers)
    if not waiting:
        raise NotAllowed(
            "The claim names no further payer: each one has answered.",
            "Give the next one with --coverage payer=..., payer_id=..., member_id=..., "
            "filing_indicator=... (relationship 18 unless you say otherwise).",
        )
    place = waiting[0]
    payer = payers[place]
    if place == 0 or _sent_to(facts, payer):
        raise NotAllowed(
            f"The claim was sent to {payer.name or 'the next payer'} already, which has not "
            "answered yet.",
            "Wait for its answer; if it never got the claim, use --again"
            f"{f' --payer {payer.rank}' if payer.rank else ''}.",
        )
    return place


def _sent_to(facts: BillFacts, payer: Payer) -> bool:
    coverages = (d.claim.coverage for d in facts.documents if d.claim.frequency != VOID)
    return any(c.payer.id == payer.id and c.rank_code == payer.rank for c in coverages)


def _given(facts: BillFacts, said: dict[str, str], payers: list[Payer]) -> Payer:
    """A next payer that the claim does not name, as a person gives it."""
    unknown = sorted(set(said) - set(_COVERAGE_KEYS))
    missing = [key for key in _COVERAGE_NEEDS if not said.get(key, "").strip()]
    if unknown or missing:
        what = f"does not know {', '.join(unknown)}" if unknown else f"lacks {', '.join(missing)}"
        raise BadRequest(f"The coverage {what}.", f"It has: {', '.join(_COVERAGE_KEYS)}.")
    relationship = said.get("relationship", SELF)
    patient = facts.latest.claim.patient
    names = {key: said.get(key, "").strip() for key in ("last_name", "first_name")}
    if relationship != SELF and not all(names.values()):
        raise BadRequest(
            "The insured is another person than the patient, and has no name.",
            "Give last_name and first_name of the insured.",
        )
    used = max(_order(payer) for payer in payers)
    if used + 1 >= len(RANKS):
        raise NotAllowed("A claim has at most eleven payers.", "Bill this one on paper.")
    insured = Party(
        role="IL",
        last_name=names["last_name"] or patient.last_name,
        first_name=names["first_name"] or patient.first_name,
        id_qualifier="MI",
        id=said["member_id"].strip(),
    )
    named = said["payer"].strip()
    payer = Party(role="PR", last_name=named, id_qualifier="PI", id=said["payer_id"].strip())
    coverage = Coverage(
        rank_code=RANKS[used + 1],
        relationship=relationship,
        group_number=said.get("group_number", "").strip(),
        group_name=said.get("group_name", "").strip(),
        filing_indicator=said["filing_indicator"].strip(),
        payer=payer,
        subscriber=insured,
    )
    return payer_from(coverage)


def _refuse_forwarded(facts: BillFacts, order: BillOrder) -> None:
    """The last payer passed the claim on: billed again it would be there twice."""
    last = next((slot for slot in reversed(facts.slots) if not slot.reported), None)
    if last is None or order.not_received or transfer_failed(last):
        return
    payments = [answer.payment for answer in last.answers]
    carriers = [p.party("TT") for p in payments]
    crossed = any(p.status in _FORWARDED for p in payments) or any(carriers)
    if crossed or remarks_of(last) & _FORWARDED_REMARKS:
        to = next((c.last_name for c in carriers if c is not None and c.last_name), "")
        raise NotAllowed(
            f"{last.payer_name} forwarded the claim{f' to {to}' if to else ''} (crossover): "
            "billed again it would be there twice.",
            "Wait for the answer. If the next payer says that it never got it, add --not-received.",
        )


def _refuse_without_type(parts: Parts) -> None:
    """Medicare as a later payer asks why it is not the first one (SBR05)."""
    to = payers_of(parts)[0]
    later = to.rank not in {"", "P"}
    if later and element(to.sbr, 9) in _MEDICARE and not element(to.sbr, 5):
        raise NotAllowed(
            "Medicare asks why it is not the first payer (SBR05), and the claim does not say.",
            "Add --set insurance_type=12 (working aged), 13 (kidney disease), 14 (no-fault), "
            "15 (workers' compensation), 43 (disabled) or 47 (liability).",
        )


def _notes(told: dict[int, list[Answered]]) -> list[str]:
    """What a person should know of how the answers are told."""
    if any(len(answers) > 1 for answers in told.values()):
        return ["A payer answered in several parts; they are told together as one answer."]
    return []


KINDS: Final[dict[str, Callable[[BillFacts, BillOrder], Prepared]]] = {
    "replacement": _replacement,
    "void": _void,
    "again": _again,
    "next_payer": _next_payer,
}
