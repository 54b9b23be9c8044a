"""What a letter that went out does to its case: the step that it means, in one unit with its log.

The step names its letter (``StepDetails.letter``) and is undone with it. What truly went out is
logged whatever the case says; where the case takes no step, the answer says why and what to do.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.desk import judge_claims
from medcollect.errors import NotAllowed, NotFound
from medcollect.ids import name
from medcollect.model.casework import ENDED, Moment, StepDetails
from medcollect.model.desk import SentLetter
from medcollect.store.casework import CaseStep, save_step, steps_with_numbers, undo_step
from medcollect.store.desk import DeskEntry
from medcollect.store.identities import ACTIVE
from medcollect.store.policies import newest
from medcollect.tasks.attachments import ReadFile, keep_files
from medcollect.tasks.case_load import FoundCase, concerns_of, find_case
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

#: What a letter can be to its case: an appeal of its level, or the cover of a corrected claim.
LetterStep: TypeAlias = Literal["appeal", "correct"]
LETTER_STEPS: Final[tuple[LetterStep, ...]] = get_args(LetterStep)


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """A letter on its way to its case.

    ``level`` counts appeals from 1. ``follow_up`` is the day by which the payer should have
    answered; where it is ``None`` the settings' waiting time for the payer gives it.
    """

    entry: DeskEntry
    fact: SentLetter
    kind: LetterStep = "appeal"
    level: int = 0
    follow_up: date | None = None
    exhibits: tuple[ReadFile, ...] = ()

    @property
    def id(self) -> str:
        """The id of its entry."""
        return name("E", self.entry.id)

    @property
    def day(self) -> date:
        """When it went out."""
        return self.fact.sent_on


def move_case(connection: sa.Connection, sending: Sending, today: date) -> Row:
    """Enter the step that a letter means on its case, unless a person has entered it already.

    The answer says which step stands for the letter (``None``: none, and ``notes`` say why).
    Exhibits are kept with that step, else with a note. Raises NotFound, NotAllowed where there are
    exhibits and no case to keep them with.
    """
    denial = name("N", sending.fact.denial)
    try:
        case = find_case(connection, denial)
    except (NotAllowed, NotFound) as refusal:
        if sending.exhibits:
            raise
        return _told(sending, denial, None, "", [f"{denial} was not moved: {refusal}"])
    by_hand = _entered_by_hand(case, sending)
    step: Moment | None
    if by_hand is None and not _had_ended(case, sending.day):
        step = _entered(connection, case, sending, sending.kind).moment
        notes = _of_whom(case, sending)
    else:
        if sending.exhibits:
            _entered(connection, case, sending, "note")
        step = by_hand
        notes = _by_hand(case, sending, step) if step else [_why_not_moved(case, sending)]
    judge_claims(connection, [case.claim], today)
    state = find_case(connection, case.id).life.state
    return _told(sending, case.id, step, state, notes)


def undo_steps_of(connection: sa.Connection, entry: DeskEntry) -> None:
    """Take back the steps that an entry of a letter made."""
    for step in steps_with_numbers(connection, {entry.concerns.number_key}):
        if step.status == ACTIVE and step.moment.details.letter == entry.id:
            undo_step(connection, step)


def _entered(
    connection: sa.Connection, case: FoundCase, sending: Sending, kind: LetterStep | Literal["note"]
) -> CaseStep:
    """Keep a step of the letter: the one it means, or a note with its exhibits."""
    follow_up = sending.follow_up or _usual_answer(connection, sending)
    details = StepDetails(
        level=sending.level if kind == "appeal" else 0,
        reference=sending.id,
        follow_up=follow_up if kind != "note" else None,
        attachments=keep_files(connection, sending.exhibits),
        letter=sending.entry.id,
    )
    moment = Moment(
        kind=kind,
        day=sending.day,
        details=details,
        user=sending.entry.user,
        reason=sending.entry.reason,
    )
    payer, cause = case.key
    return save_step(connection, moment, concerns_of(case), payer_key=payer, cause=cause)


def _usual_answer(connection: sa.Connection, sending: Sending) -> date:
    """The day by which the settings expect this payer's answer."""
    waiting = newest(connection).policies.waiting
    days = waiting.days_for(sending.fact.payer, 1, sending.day)
    return date.fromordinal(sending.day.toordinal() + days)


def _entered_by_hand(case: FoundCase, sending: Sending) -> Moment | None:
    """The step for this letter that a person entered: of its day, or unanswered at its level."""
    mine = [
        moment
        for moment in case.life.moments
        if moment.id and moment.kind == sending.kind and not moment.details.letter
    ]
    unanswered = case.life.sent
    same_level = sending.kind != "appeal" or case.life.level == sending.level
    if unanswered in mine and same_level:
        return unanswered
    return next((moment for moment in mine if moment.day == sending.day), None)


def _by_hand(case: FoundCase, sending: Sending, step: Moment) -> list[str]:
    """That a step by hand stands for the letter."""
    said = f"{name('W', step.id)} by {step.user}"
    note = f"{said} says so already: it stays if {sending.id} is undone."
    return [note, *_of_whom(case, sending)]


def _had_ended(case: FoundCase, day: date) -> bool:
    """Whether nothing of the case was left to do on a day; an end that came later does not count.

    A case that the books closed has no day of its end.
    """
    life = case.life
    if life.state not in ENDED:
        return False
    before = [s for m, s in zip(life.moments, life.states, strict=True) if m.day <= day]
    ended_on_record = bool(life.states) and life.states[-1] in ENDED
    return not (ended_on_record and before and before[-1] not in ENDED)


def _why_not_moved(case: FoundCase, sending: Sending) -> str:
    state = case.life.state.replace("_", " ")
    step = f"medcollect denial {case.id} {sending.kind} --reference {sending.id}"
    return (
        f"{case.id} was not moved: it has ended ({state}). The letter is on record; if the case "
        f"goes on, reopen it, then enter '{step}'."
    )


def _of_whom(case: FoundCase, sending: Sending) -> list[str]:
    """That somebody else works on it: the letter went out all the same, and the case stays theirs.

    A hand that only logs the mail is no owner.
    """
    owner = case.life.owner
    if not owner or owner == sending.entry.user:
        return []
    return [f"{case.id} is with {owner} and stays there: tell {owner} that the letter went out."]


def _told(
    sending: Sending, denial: str, moment: Moment | None, state: str, notes: list[str]
) -> Row:
    """What became of the case, as the contract gives it."""
    step = {
        "denial": denial,
        "step": name("W", moment.id) if moment is not None else None,
        "kind": sending.kind,
        "level": sending.level if sending.kind == "appeal" else 0,
        "state": state or None,
        "follow_up": text_of(moment.details.follow_up) if moment is not None else None,
    }
    return {"case_step": step, "notes": notes}
