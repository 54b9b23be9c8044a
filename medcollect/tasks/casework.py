"""Work a denial: take it, wait, correct, appeal, note an outcome, write it off, and back again.

Each step is a fact (W000001) with its user, day and reason; the claim is judged anew, and ``undo``
takes it back. A step says on which version of the case it rests, so that nobody overwrites what
somebody else did meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.closure import WRITE_OFF_DECISION
from medcollect.bookkeeping.decisions import add_decision, take_decision_back
from medcollect.bookkeeping.desk import claims_meant, judge_claims
from medcollect.errors import NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.model.casework import (
    ATTACHMENT_LIMIT_BYTES,
    ENDED,
    REJECTED,
    RESULTS,
    SILENT,
    STEP_KINDS,
    UNDERPAID,
    Moment,
    StepDetails,
)
from medcollect.model.policies import WRITE_OFF_KINDS
from medcollect.money import format_dollars, parse_cents
from medcollect.store.casework import (
    CaseStep,
    save_step,
    step_by_id,
    steps_of_bulk,
    undo_step,
)
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.store.policies import newest
from medcollect.store.tables import decisions
from medcollect.tasks.attachments import NewFile, ReadFile, keep_files, read_files
from medcollect.tasks.case_load import FoundCase, concerns_of, find_case, open_amounts
from medcollect.tasks.case_view import case_json
from medcollect.tasks.step_checks import insist_on_amount, insist_on_appeal, insist_on_days

Row = dict[str, Any]

#: Cases that one step can be taken on at once.
BULK_MOST: Final = 1000

#: Steps that need their reason on record; a note may be a file instead.
_WITH_REASON: Final = frozenset({"note", "wait", "outcome", "write_off", "reopen"})
#: Steps that a case takes that has ended.
_AFTER_THE_END: Final = frozenset({"note", "reopen", "outcome"})


class Wish(msgspec.Struct, frozen=True):
    """What a person wants to enter: the kind of step and what goes with it.

    ``amount`` is what an outcome in part brings or a write-off gives up; ``write_off`` its kind.
    ``version`` is the case's as the person saw it, ``None`` where it does not matter;
    ``minutes`` is what the work took.
    """

    kind: str
    owner: str = ""
    waiting_for: str = ""
    until: date | None = None
    follow_up: date | None = None
    level: int = 0
    reference: str = ""
    result: str = ""
    amount: str = ""
    write_off: str = "denial"
    day: date | None = None
    attachments: tuple[NewFile, ...] = ()
    minutes: int = 0
    version: int | None = None


def work_denial(
    store: Store,
    target: str,
    wish: Wish,
    *,
    reason: str = "",
    user: str,
    today: date | None = None,
    limit_bytes: int = ATTACHMENT_LIMIT_BYTES,
) -> Row:
    """Enter a step on a case; answers with the case as it is then.

    Raises NotFound, NotAllowed (the step does not fit, somebody else was faster, the amount is more
    than is open or than the policy's limit, an attachment has more than ``limit_bytes``),
    NotReadable.
    """
    now = today or dates.today()
    files = read_files(wish.attachments, limit_bytes)
    with store.writing() as connection:
        case = find_case(connection, target)
        return enter_step(connection, case, wish, reason.strip(), user, now, files)


def enter_step(
    connection: sa.Connection,
    case: FoundCase,
    wish: Wish,
    reason: str,
    user: str,
    today: date,
    files: Sequence[ReadFile] = (),
) -> Row:
    """Check a step against the case, keep it, judge the claim anew."""
    check_step(connection, case, wish, reason, user, today)
    moment = moment_of(wish, reason, user, today)
    details = msgspec.structs.replace(moment.details, attachments=keep_files(connection, files))
    keep_step(connection, case, wish, msgspec.structs.replace(moment, details=details))
    judge_claims(connection, [case.claim], today)
    return case_json(connection, find_case(connection, case.id), today)


def check_step(
    connection: sa.Connection, case: FoundCase, wish: Wish, reason: str, user: str, today: date
) -> None:
    """Refuse (NotAllowed) a step that the case does not take; nothing is written."""
    _insist_on_version(case, wish)
    _insist_on_fit(case, wish, reason, today)
    _CHECKS.get(wish.kind, _no_more)(case, wish, user)
    insist_on_days(case, wish.kind, wish.day or today, wish.until)
    if wish.kind == "outcome":
        insist_on_amount(case, _cents(wish.amount) or 0)
    if wish.kind == "appeal":
        insist_on_appeal(connection, case, wish.level)
    if wish.kind == "write_off":
        _given_up(connection, case, wish)


def keep_step(
    connection: sa.Connection, case: FoundCase, wish: Wish, moment: Moment
) -> list[CaseStep]:
    """Keep a step that was checked; its claim is to be judged anew after it."""
    moment = _in_place_of_a_letters(connection, case, moment)
    payer, cause = case.key
    return [
        save_step(connection, step, concerns_of(case), payer_key=payer, cause=cause)
        for step in _as_posted(connection, case, wish, moment)
    ]


def moment_of(wish: Wish, reason: str, user: str, today: date) -> Moment:
    """A wish as the step that it becomes; its files are to be kept."""
    details = StepDetails(
        owner=wish.owner,
        waiting_for=wish.waiting_for,
        until=wish.until,
        follow_up=wish.follow_up,
        level=wish.level,
        reference=wish.reference,
        result=wish.result,
        cents=_cents(wish.amount) or 0,
        minutes=wish.minutes,
    )
    day = wish.day or today
    return Moment(kind=wish.kind, day=day, details=details, user=user, reason=reason)


def _in_place_of_a_letters(connection: sa.Connection, case: FoundCase, moment: Moment) -> Moment:
    """A step that names a letter (E...) whose step is on the case already takes that one's place.

    One letter is one step: it would count as two tries.
    """
    letter = number_of(moment.details.reference, "E")
    mine = [s for s in case.steps if letter and s.moment.details.letter == letter]
    own = next((s for s in mine if s.status == ACTIVE and s.moment.kind == moment.kind), None)
    if own is None:
        return moment
    undo_step(connection, own)
    said, before = moment.details, own.moment.details
    details = msgspec.structs.replace(
        said,
        letter=letter,
        level=said.level or before.level,
        attachments=(*before.attachments, *said.attachments),
    )
    return msgspec.structs.replace(moment, details=details)


def _as_posted(
    connection: sa.Connection, case: FoundCase, wish: Wish, moment: Moment
) -> list[Moment]:
    """The step, a write-off with the decisions by which it posts: one for each answer."""
    if wish.kind != "write_off" or case.speaks["kind"] == UNDERPAID:
        return [moment]  # an underpayment: the books hold the difference as contractual already
    amounts, left = _given_up(connection, case, wish)
    moments = []
    for answer in dict.fromkeys(row["claim_payment_id"] for row in amounts):
        there = sum(r["amount_cents"] for r in amounts if r["claim_payment_id"] == answer)
        cents = min(left, there)
        left -= cents
        if cents:
            decision = add_decision(
                connection,
                kind=f"{WRITE_OFF_DECISION}{wish.write_off}:{case.key[1]}",
                exception_id=0,
                claim_payment_id=answer,
                amount_cents=cents,
                reason=moment.reason,
                user=moment.user,
            )
            details = msgspec.structs.replace(moment.details, cents=cents)
            moments.append(
                msgspec.structs.replace(moment, details=details, decision=decision["id"])
            )
    return moments


def _given_up(connection: sa.Connection, case: FoundCase, wish: Wish) -> tuple[list[Row], int]:
    """The open amounts that a write-off is of, and how much of them it gives up."""
    amounts = open_amounts(case.amounts)
    whole = sum(row["amount_cents"] for row in amounts)
    given_up = _cents(wish.amount) or whole
    limit = newest(connection).policies.write_off_limit_cents
    if not amounts or given_up > whole:
        message = f"Of this denial {format_dollars(whole)} is open with the payer."
        raise NotAllowed(message, "What the patient owes is no loss of a denial; see 'claim'.")
    if given_up > limit:
        message = f"The policy write_off.limit allows {format_dollars(limit)} per decision."
        raise NotAllowed(message, "Write less off, or raise the limit in medcollect.toml.")
    return amounts, given_up


def undo_case_step(connection: sa.Connection, number: int, today: date) -> int:
    """Take a step back; returns how many journal entries that reversed.

    Raises NotFound where there is none, or it is undone; NotAllowed where a letter made it.
    """
    step = step_by_id(connection, number)
    if step is None or step.status != ACTIVE:
        raise NotFound("There is no such step, or it is undone already.", "See 'denial ID'.")
    reversed_entries = _take_back(connection, step, today)
    return reversed_entries + judge_claims(
        connection, claims_meant(connection, step.concerns), today
    )


def undo_bulk(connection: sa.Connection, number: int, today: date) -> int:
    """Take back the steps taken at once that still stand; how many journal entries that reversed.

    Raises NotFound where none does, NotAllowed where a letter made one of them.
    """
    steps = [step for step in steps_of_bulk(connection, number) if step.status == ACTIVE]
    if not steps:
        raise NotFound("There are no such steps, or they are undone already.", "See 'denial ID'.")
    reversed_entries = sum(_take_back(connection, step, today) for step in reversed(steps))
    claims = {claim for step in steps for claim in claims_meant(connection, step.concerns)}
    return reversed_entries + judge_claims(connection, sorted(claims), today)


def _take_back(connection: sa.Connection, step: CaseStep, today: date) -> int:
    """Mark a step undone, and reverse what it posted."""
    if step.moment.details.letter:
        letter = name("E", step.moment.details.letter)
        message = f"{name('W', step.moment.id)} stands for the letter {letter}, which went out."
        raise NotAllowed(message, f"Undo {letter}: that takes the step back as well.")
    undo_step(connection, step)
    if step.moment.decision is None:
        return 0
    query = sa.select(decisions).where(decisions.c.id == step.moment.decision)
    row = dict(connection.execute(query).one()._mapping)
    return take_decision_back(connection, row, today)


# -- what is refused ------------------------------------------------------------------------------


def _insist_on_version(case: FoundCase, wish: Wish) -> None:
    """Refuse a step that rests on what the person can no longer see."""
    if wish.version is not None and wish.version != case.version:
        last = case.steps[-1].moment if case.steps else None
        by = f", last by {last.user} ({last.kind.replace('_', ' ')})" if last else ""
        message = f"Somebody changed {case.id} meanwhile: it is at version {case.version}{by}."
        raise NotAllowed(message, "Look at it again, then decide.")


def _insist_on_fit(case: FoundCase, wish: Wish, reason: str, today: date) -> None:
    """Refuse what no case, or not this one, can take."""
    if wish.kind not in STEP_KINDS:
        raise NotAllowed("There is no such step.", f"There are: {', '.join(STEP_KINDS)}.")
    only_files = wish.kind == "note" and wish.attachments
    if wish.kind in _WITH_REASON and not reason and not only_files:
        said = "text" if wish.kind == "note" else "reason"
        raise NotAllowed(f"This step needs its {said} on record.", "Say it with --reason.")
    if case.life.state in ENDED and wish.kind not in _AFTER_THE_END:
        state = case.life.state.replace("_", " ")
        raise NotAllowed(f"{case.id} has ended: it is {state}.", "Reopen it first.")
    if (wish.day or today) > today:
        raise NotAllowed(f"{wish.day} is still to come.", "Give the day it was done.")
    if wish.amount and _cents(wish.amount) is None:
        raise NotAllowed(f"{wish.amount} is no amount.", "Write it as 100 or 99.50.")


def _cents(amount: str) -> int | None:
    cents = parse_cents(amount.replace(",", "").removeprefix("$"))
    return cents if cents is not None and cents > 0 else None


def _no_more(_case: FoundCase, _wish: Wish, _user: str) -> None:
    """Nothing else is asked of such a step."""


def _check_take(case: FoundCase, _wish: Wish, user: str) -> None:
    if case.life.owner:
        whose = "yours" if case.life.owner == user else f"with {case.life.owner}"
        raise NotAllowed(f"{case.id} is {whose} already.", "Release it, or assign it.")


def _check_release(case: FoundCase, _wish: Wish, _user: str) -> None:
    if not case.life.owner:
        raise NotAllowed(f"Nobody has {case.id}.", "Take it first.")


def _check_assign(_case: FoundCase, wish: Wish, _user: str) -> None:
    if not wish.owner.strip():
        raise NotAllowed("Nobody is named to do it.", "Say --owner NAME.")


def _check_wait(_case: FoundCase, wish: Wish, _user: str) -> None:
    if not wish.waiting_for.strip():
        raise NotAllowed("It is not said who is waited for.", "Say --for: payer, patient ...")


def _check_outcome(_case: FoundCase, wish: Wish, _user: str) -> None:
    if wish.result not in RESULTS:
        raise NotAllowed("There is no such outcome.", f"There are: {', '.join(RESULTS)}.")
    if wish.result == "part" and not wish.amount:
        raise NotAllowed("A part is an amount.", "Say how much with --amount.")


def _check_write_off(case: FoundCase, wish: Wish, _user: str) -> None:
    if case.speaks["kind"] == UNDERPAID and wish.amount:
        raise NotAllowed("An underpayment is given up as a whole.", "Leave --amount out.")
    if case.speaks["kind"] == SILENT:
        message = "The payer took its money back: there is no refusal to write off on."
        raise NotAllowed(message, "Say what came of it ('denial ID outcome'), or note it.")
    if case.key[1] == REJECTED:
        message = "The claim was rejected, not refused: there is no answer to write off on."
        raise NotAllowed(message, "Correct it and send it again, or void it.")
    if wish.write_off not in WRITE_OFF_KINDS:
        kinds = ", ".join(WRITE_OFF_KINDS)
        raise NotAllowed("There is no such kind of write-off.", f"There are: {kinds}.")


def _check_reopen(case: FoundCase, _wish: Wish, _user: str) -> None:
    written = [step for step in case.steps if step.moment.decision and step.status == "active"]
    if written:
        last = name("W", written[-1].moment.id)
        raise NotAllowed(f"{case.id} is written off in the books.", f"Undo {last} instead.")
    if case.life.state not in {*ENDED, "upheld", "overturned_in_part"}:
        raise NotAllowed(f"{case.id} has not ended.", "Work on it as it is.")


_CHECKS: Final[Mapping[str, Callable[[FoundCase, Wish, str], None]]] = MappingProxyType(
    {
        "take": _check_take,
        "release": _check_release,
        "assign": _check_assign,
        "wait": _check_wait,
        "outcome": _check_outcome,
        "write_off": _check_write_off,
        "reopen": _check_reopen,
    }
)
