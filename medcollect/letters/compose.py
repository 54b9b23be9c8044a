"""Puts a letter together from the facts: who, what, which level, why, what is asked, what is added.

Pure: no file and no database. What the facts do not hold becomes a marked blank; nothing medical is
ever put in (appeals.md section 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from string import ascii_uppercase
from typing import Final, TypeGuard

from medcollect import codes
from medcollect.denials import ANSWERED_AT, DenialFacts, Limit, next_level
from medcollect.denials.facts import TakebackFacts
from medcollect.letters.found import contracts_of, shortfalls_of, taken_back, terms_of
from medcollect.letters.parties import (
    claim_in_brief,
    day_in_words,
    elsewhere,
    in_words,
    lines_of,
    listed,
    patient,
    policies_of,
    practice,
    recipient,
)
from medcollect.letters.records import (
    CodeInWords,
    Enclosure,
    Letter,
    LetterFacts,
    Level,
    Recipient,
    blank,
)
from medcollect.letters.wording import (
    CategoryWords,
    LevelWords,
    ProgrammeWords,
    Wording,
    filled,
)
from medcollect.model.policies import TimeLimit

#: The steps of the table of limits that each level stands for, the best first.
_FIRST: Final = (
    "reconsideration",
    "reconsideration_plus_appeal",
    "nonpar_provider_payment_appeal",
    "dispute",
    "second_review",
    "appeal",
    "appeal_or_filing",
    "plan_appeal",
)
_STEPS: Final[dict[Level, tuple[str, ...]]] = {
    "reconsideration": ("level2_QIC_reconsideration", *_FIRST),
    "redetermination": ("level1_redetermination", *_FIRST),
    "second_level": ("level2_QIC_reconsideration", "second_appeal", "appeal", "arbitration"),
    "external_review": (
        "level3_ALJ_OMHA",
        "state_fair_hearing",
        "independent_bill_review",
        "fee_dispute_resolution",
        "external_review",
        "arbitration",
    ),
}

#: Payers' kinds under which appeals are the patient's right, and a representative needs consent.
_RIGHT_OF_PATIENT: Final = frozenset({"medicaid", "medicare_advantage"})


def first_level(payer_kind: str) -> Level:
    """What the first request is called: Medicare's own is a redetermination."""
    return "redetermination" if payer_kind == "medicare" else "reconsideration"


def level_due(facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()) -> Level | None:
    """The level that comes next: the first, else the one after the appeal that was lost.

    ``None`` where no further level is on file, or the next one goes by no letter.
    """
    number = next_level(facts, limits)
    if number == 1:
        return first_level(facts.payer_kind)
    if number == 2:  # Medicare's second level is called a reconsideration
        return "reconsideration" if facts.payer_kind == "medicare" else "second_level"
    return "external_review" if number == _NUMBERS["external_review"] else None


def level_number(level: Level, payer_kind: str) -> int:
    """Which try a letter is, as cases count appeals: 1 is the first.

    Medicare's first is the redetermination, its second the reconsideration.
    """
    if level == "reconsideration" and payer_kind == "medicare":
        return 2
    return _NUMBERS[level]


_NUMBERS: Final[dict[Level, int]] = {
    "reconsideration": 1,
    "redetermination": 1,
    "second_level": 2,
    "external_review": 3,
}


def steps_before(level: Level, payer_kind: str) -> tuple[str, ...]:
    """The steps whose decision the level answers; none at the first level."""
    return ANSWERED_AT.get(level_number(level, payer_kind) - 1, ())


def limit_at(known: LetterFacts, level: Level) -> Limit | None:
    """The time limit of a level: the first of its steps that has a day, else the first of them.

    A later level's limit counts from the decision before it, never from the first decision.
    """
    later = bool(steps_before(level, known.facts.payer_kind))
    mine = [limit for limit in known.limits if not later or _is_later(limit, known.decided)]
    by_step = {limit.step: limit for limit in mine}
    found = [by_step[step] for step in _STEPS[level] if step in by_step]
    return next((limit for limit in found if limit.due is not None), next(iter(found), None))


def _is_later(limit: Limit, decided: date | None) -> bool:
    """Whether a limit starts with the decision on the level before, known or not."""
    return limit.standing == "waiting" or (decided is not None and limit.start == decided)


def compose(known: LetterFacts, level: Level, wording: Wording, today: date) -> Letter:
    """Write the letter of a level; NotAllowed where the wording has no place for it."""
    level_words = wording.level(level, known.facts.payer_kind)
    words = wording.category(known.category)
    values = _values(known)
    limit = limit_at(known, level)
    asked = (filled(text, values) for text in words.asked)
    return Letter(
        date=day_in_words(today),
        level=level,
        level_name=level_words.name,
        title=level_words.title,
        category=known.category,
        category_name=words.name,
        practice=practice(known),
        recipient=_recipient(known, level_words, today),
        patient=patient(known),
        claim=claim_in_brief(known, due_on(known, level, limit)),
        lines=tuple(lines_of(known)),
        codes=tuple(_codes(known)),
        opening=_opening(level_words, words, wording, values),
        timeliness=tuple(_timeliness(known, level, limit, wording, today)),
        reasons=tuple(_reasons(words, level_words, wording, values, known.facts.payer_kind)),
        asked=tuple(asked),
        closing=wording.closing,
        signature=known.office.signature or blank("office", "name, title and signature"),
        enclosures=tuple(_enclosures(known, level, level_words, words, wording)),
        cover_notice=wording.cover_notice,
        shortfalls=tuple(shortfalls_of(known)),
        terms=tuple(terms_of(known)),
        taken=tuple(taken_back(known)),
    )


def due_on(known: LetterFacts, level: Level, limit: Limit | None) -> date | None:
    """The last safe day of a level; at the one that is due now, the worklist's where it leads."""
    if _worklist_leads(known, level, limit):
        return known.deadline
    return limit.due if limit is not None else None


def _worklist_leads(known: LetterFacts, level: Level, limit: Limit | None) -> bool:
    """Whether the worklist's time limit is the one to keep: the only one, or the earlier of two."""
    if level != _due_now(known):
        return False
    if limit is None or limit.due is None:
        return True
    return known.appeal_is_next and known.deadline is not None and known.deadline < limit.due


def _due_now(known: LetterFacts) -> Level:
    """The level that the worklist's time limit is of."""
    return known.level_due or first_level(known.facts.payer_kind)


def rule_of(known: LetterFacts, level: Level) -> str:
    """The rule that the day comes from, with its source; or why there is none."""
    limit = limit_at(known, level)
    if _worklist_leads(known, level, limit):
        return known.deadline_rule
    if limit is not None and limit.due is not None:
        return limit.rule
    return f"{limit.rule} {limit.why_none}".strip() if limit is not None else "No limit is on file."


def _recipient(known: LetterFacts, level_words: LevelWords, today: date) -> Recipient:
    """The payer; from the level on at which others decide, whoever that is."""
    if level_words.recipient:
        return elsewhere(level_words.recipient)
    return recipient(known, today)


def _opening(
    level_words: LevelWords, words: CategoryWords, wording: Wording, values: dict[str, str]
) -> str:
    """What is asked for in a sentence or two; who ``you`` is where it is not who reads it."""
    elsewhere_too = wording.elsewhere if level_words.recipient else ""
    asks = (level_words.asks, words.dispute) if words.dispute else (level_words.opening,)
    said = (*asks, elsewhere_too)
    return " ".join(filled(text, values) for text in said if text)


def _values(known: LetterFacts) -> dict[str, str]:
    """What the names in the wording stand for."""
    facts, claim = known.facts, known.claim
    brief = claim_in_brief(known, None)
    lines = lines_of(known)
    procedures = dict.fromkeys(line.procedure for line in lines if line.disputed and line.procedure)
    authorization = known.payment.reference("G1", "9F")
    return {
        "payer": facts.payer_name,
        "amount": brief.in_dispute,
        "dates": brief.dates,
        "decided_on": brief.decided_on,
        "trace_number": brief.trace_number,
        "claim_number": brief.payer_number,
        "our_number": brief.number,
        "codes": ", ".join(code.code for code in _codes(known)),
        "patient": patient(known).name,
        "authorization": authorization or (claim.reference("G1", "9F") if claim else ""),
        "modifiers": ", ".join(_each(known, "modifiers")),
        "diagnoses": ", ".join(_each(known, "diagnoses")),
        "policies": ", ".join(policies_of(known)),
        "procedures": ", ".join(procedures),
        "proof": known.proof,
        "contracts": contracts_of(known),
        "services": ", ".join(_services(known)),
        "paid_on": listed(day_in_words(f.paid_on) for f in known.amounts if _was_paid(f)),
    }


def _was_paid(facts: DenialFacts) -> TypeGuard[TakebackFacts]:
    return isinstance(facts, TakebackFacts) and facts.paid_on is not None


def _services(known: LetterFacts) -> Iterable[str]:
    """Every procedure of the claim, each once."""
    lines = known.claim.lines if known.claim is not None else known.payment.services
    return filter(None, dict.fromkeys(in_words(line.procedure) for line in lines))


def _codes(known: LetterFacts) -> Iterable[CodeInWords]:
    """The payer's codes of what is in dispute, each once, with our own short words."""
    for group, code in dict.fromkeys(_groups_and_reasons(known)):
        reason = codes.reason(code)
        words = reason.label if reason is not None else "a code that is on no list known to us"
        yield CodeInWords(f"{group}-{code}", words)
    for code in _each(known, "remarks"):
        remark = codes.remark(code)
        yield CodeInWords(code, remark.label if remark is not None else "a remark unknown to us")


def _groups_and_reasons(known: LetterFacts) -> Iterable[tuple[str, str]]:
    """What the payer said of what it refused; of a line below contract, all that it said."""
    yield from ((facts.group, facts.reason) for facts in known.amounts if facts.group)
    for answer in known.answers:
        for service in answer.payment.services:
            if service.position in answer.short:
                yield from ((one.group, one.reason) for one in service.adjustments)


def _each(known: LetterFacts, field: str) -> list[str]:
    """What the amounts name under a field, each once."""
    return list(dict.fromkeys(value for facts in known.amounts for value in getattr(facts, field)))


def _timeliness(
    known: LetterFacts, level: Level, limit: Limit | None, wording: Wording, today: date
) -> Iterable[str]:
    """That the request is in time: its day and the day the limit ends, or a blank."""
    due = due_on(known, level, limit)
    if due is None:
        yield blank("office", wording.limit_unknown)
        return
    start = limit.start if limit is not None and limit.due is not None else known.facts.decided_on
    since = f" It counts from {day_in_words(start)}." if start is not None else ""
    ends = "ended" if today > due else "ends"
    yield f"The time limit for this request {ends} on {day_in_words(due)}.{since}"
    if today > due:
        yield blank("office", wording.overdue)


def _reasons(
    words: CategoryWords,
    level_words: LevelWords,
    wording: Wording,
    values: dict[str, str],
    kind: str,
) -> Iterable[str]:
    """Why the decision is wrong: what the book knows, and blanks for what it cannot know."""
    programme = words.programmes.get(kind, ProgrammeWords())
    yield from (filled(text, values) for text in (*words.reasons, *programme.reasons))
    for fact in (*words.evidence, "policies"):
        if values.get(fact):
            yield filled(wording.evidence[fact], values)
    yield from (blank("clinician", filled(text, values)) for text in words.clinician)
    office = (*level_words.office, *words.office, *programme.office)
    yield from (blank("office", filled(text, values)) for text in office)


def _enclosures(
    known: LetterFacts,
    level: Level,
    level_words: LevelWords,
    words: CategoryWords,
    wording: Wording,
) -> Iterable[Enclosure]:
    """The list of exhibits, lettered: what every packet has, then that of level and category."""
    values = _values(known)
    texts = [
        filled(wording.enclosures["remittance"], {"decided_on": day, "trace_number": trace})
        for day, trace in dict.fromkeys(_advices(known))
    ]
    if known.claim is not None:
        texts.append(filled(wording.enclosures["claim"], values))
    if known.proof:
        texts.append(filled(wording.enclosures["proof"], values))
    texts += [
        filled(
            wording.enclosures["earlier"],
            {
                "sent_on": day_in_words(sent.sent_on),
                "level": wording.level(sent.level, known.facts.payer_kind).name.lower(),
                "means": sent.means.replace("_", " "),
                "tracking": f", number {sent.tracking}" if sent.tracking else "",
            },
        )
        for sent in known.sent
    ]
    texts += [filled(text, values) for text in (*level_words.enclosures, *words.enclosures)]
    if _needs_consent(known, level):
        texts.append(wording.enclosures["consent"])
    return (Enclosure(_label(place), text) for place, text in enumerate(texts))


def _advices(known: LetterFacts) -> Iterable[tuple[str, str]]:
    """Day and number of each remittance that the letter rests on, the oldest first."""
    told = [(answer.header.payment_date, answer.header.trace_number) for answer in known.answers]
    told += [(one.day, one.trace_number) for one in known.taken]
    for day, trace in sorted(told, key=lambda one: one[0] or date.max):
        yield day_in_words(day), trace or blank("office", "the number of the payment")


def _label(place: int) -> str:
    """A, B ... Z, then AA, AB ..."""
    before, letter = divmod(place, len(ascii_uppercase))
    return (ascii_uppercase[before - 1] if before else "") + ascii_uppercase[letter]


def _needs_consent(known: LetterFacts, level: Level) -> bool:
    """Whether the right is the patient's, so that the practice acts as a representative."""
    kind = known.facts.payer_kind
    return kind in _RIGHT_OF_PATIENT or (level == "external_review" and kind != "medicare")
