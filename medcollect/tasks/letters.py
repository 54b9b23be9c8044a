"""Write appeal letters: one, or many with a preview. Software drafts; a person reads and signs.

``medcollect letter``. What is written is a file and nothing else: that it went out is entered with
``letter sent`` (:mod:`medcollect.tasks.letter_log`).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final, cast, get_args

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.experience import standing
from medcollect.errors import BadRequest, MedcollectError, NotAllowed
from medcollect.ids import name
from medcollect.letters import (
    FORMATS,
    LEVELS,
    Format,
    Letter,
    LetterFacts,
    Level,
    compose,
    due_on,
    level_number,
    limit_at,
    read_wording,
    render,
    rule_of,
    steps_before,
    templates_folder,
)
from medcollect.model.casework import cause_of
from medcollect.model.letters import LetterOffice
from medcollect.money import format_cents
from medcollect.saving import save
from medcollect.store.engine import Store
from medcollect.store.tables import denials
from medcollect.tasks.case_load import find_case
from medcollect.tasks.denial_queries import DenialFilter, in_order
from medcollect.tasks.figures import text_of
from medcollect.tasks.letter_facts import Chosen, choose, find_denial, letter_facts
from medcollect.tasks.step_checks import insist_on_right

Row = dict[str, Any]

#: Routes whose next move is another one than an appeal, and what it is.
_OTHER_MOVES: Final = {
    "correct_and_resubmit": "The usual move is a corrected claim (medcollect bill --replace): an "
    "appeal filed where a corrected claim was due is thrown out and uses up days.",
    "new_claim": "The claim counts as never processed: send it as a new one (bill --again).",
    "other_payer": "The usual move is to bill the payer that is responsible.",
    "patient_answer": "The payer waits for the patient's answer, not for a letter of ours.",
    "patient": "The payer left the amount to the patient.",
    "none": "Nothing is usually sent about this refusal; a person decides on it.",
}


class AlreadyAppealed(NotAllowed):
    """A letter of the level went out, and the payer has not answered it."""


class LetterOrder(msgspec.Struct, frozen=True, kw_only=True):
    """How letters are written: at which level, from whom, on which day.

    Without a ``level`` it is the one that comes next: the first, or the one after a lost appeal.

    ``anyway`` writes them where no right of appeal exists, or another move is the usual one.
    ``decided`` is the day of the decision on the level before, which later limits count from; where
    it is ``None`` the outcome on record says it.
    """

    level: str | None = None
    templates: str | None = None
    office: LetterOffice = LetterOffice()
    anyway: bool = False
    day: date | None = None
    decided: date | None = None


class Draft(msgspec.Struct, frozen=True):
    """A letter with what it was made from."""

    chosen: Chosen
    known: LetterFacts
    letter: Letter

    @property
    def level(self) -> Level:
        """Its level."""
        return cast("Level", self.letter.level)


def preview_letter(store: Store, denial: str, order: LetterOrder) -> Row:
    """What the letter about a denial says, to whom, by when, and what is left to fill in.

    Raises NotFound; NotAllowed where no appeal exists; BadRequest for a level that there is not.
    """
    with store.reading() as connection:
        return told(_draft(connection, denial, order))


def letter_file(store: Store, denial: str, form: str, order: LetterOrder) -> bytes:
    """The letter about a denial as ``pdf`` or ``docx``; errors as of :func:`preview_letter`."""
    with store.reading() as connection:
        draft = _draft(connection, denial, order)
    return render(draft.letter, _form(form), _folder(order))


def write_letter(store: Store, denial: str, to: Path, order: LetterOrder) -> Row:
    """Write the letter about a denial; the ending of ``to`` says the format.

    Errors as of :func:`preview_letter`; NotAllowed where the file is there already.
    """
    form = _form(to.suffix.removeprefix("."))
    with store.reading() as connection:
        draft = _draft(connection, denial, order)
    return {**told(draft), "file": _written(draft, to, form, order)}


def write_letters(
    store: Store,
    wanted: DenialFilter,
    order: LetterOrder,
    *,
    to: Path | None = None,
    form: str = "pdf",
    limit: int | None = None,
    dry_run: bool = False,
) -> Row:
    """Letters for every open denial that the filters keep, in order of work.

    Those whose next move is no appeal, that were appealed at this level and wait for the answer,
    and that cannot be written, are listed as skipped, each with its reason; with ``dry_run``
    nothing is written. Raises BadRequest, NotAllowed.
    """
    format_ = _form(form)
    if not dry_run and to is None:
        raise BadRequest("Say where the letters go.", "Give a folder with --to, or --dry-run.")
    if to is not None and to.exists() and not to.is_dir():
        raise NotAllowed(f"{to} is a file.", "Give a folder.")
    drafts, skipped = _drafts(store, wanted, order, limit)
    rows = []
    for draft in drafts:
        file = None
        if to is not None and not dry_run:
            to.mkdir(parents=True, exist_ok=True)
            file = _written(draft, to / file_name(draft, format_), format_, order)
        rows.append({**told(draft), "file": file})
    return {
        "letters": rows,
        "skipped": skipped,
        "count": len(rows),
        "skipped_count": len(skipped),
        "already_appealed": sum(one["already_appealed"] for one in skipped),
        "amount": format_cents(sum(_cents(draft) for draft in drafts)),
        "dry_run": dry_run,
    }


def file_name(draft: Draft, form: str) -> str:
    """``N000012-reconsideration.pdf``: our id only, so that no folder names a patient."""
    return f"{draft.chosen.ids[0]}-{draft.letter.level}.{form}"


def told(draft: Draft) -> Row:
    """A letter as the contract gives it."""
    known, letter, level = draft.known, draft.letter, draft.level
    return {
        "denials": list(draft.chosen.ids),
        "claim": _claim_id(draft),
        "patient_control_number": letter.claim.number,
        "payer_claim_control_number": known.payment.payer_claim_control_number or None,
        "payer": known.facts.payer_name,
        "level": level,
        "title": letter.title,
        "category": letter.category,
        "group": known.facts.group,
        "reason": known.facts.reason,
        "remarks": list(known.facts.remarks),
        "amount": format_cents(_cents(draft)),
        "deadline": text_of(due_on(known, level, limit_at(known, level))),
        "deadline_rule": rule_of(known, level),
        "policies": [p for p in letter.claim.policies.split(", ") if p],
        "asked": list(letter.asked),
        "enclosures": [f"{item.label}. {item.text}" for item in letter.enclosures],
        "blanks": [msgspec.to_builtins(b) for b in letter.blanks()],
        "notes": _notes(draft),
    }


def _draft(connection: sa.Connection, denial: str, order: LetterOrder) -> Draft:
    return _made(connection, choose(connection, find_denial(connection, denial)), order)


def _made(connection: sa.Connection, chosen: Chosen, order: LetterOrder) -> Draft:
    """The letter about these denials, at the level that is asked for."""
    if not order.anyway:
        all_the_same = "; --anyway writes a letter all the same"
        insist_on_right(chosen.ids[0], chosen.no_appeal, all_the_same)
    day = order.day or dates.today()
    level = _level(order.level) or chosen.level_due
    kind = chosen.facts.payer_kind
    decided = _decided_before(connection, chosen, order, steps_before(level, kind))
    known = letter_facts(connection, chosen, order.office, day, decided)
    wording = read_wording(_folder(order))
    return Draft(chosen, known, compose(known, level, wording, day))


def _decided_before(
    connection: sa.Connection, chosen: Chosen, order: LetterOrder, steps: tuple[str, ...]
) -> dict[str, date]:
    """The day of the decision on the level before: as said, else by the outcome on record."""
    if order.decided is not None:
        return dict.fromkeys(steps, order.decided)
    if not steps or chosen.rows[0]["claim_id"] is None:
        return {}
    on_record = find_case(connection, chosen.ids[0]).life.decided
    return {step: on_record[step] for step in steps if step in on_record}


def _drafts(
    store: Store, wanted: DenialFilter, order: LetterOrder, limit: int | None
) -> tuple[list[Draft], list[Row]]:
    """The letters that can be written, and why the others are not."""
    drafts: list[Draft] = []
    skipped: list[Row] = []
    done: set[int] = set()
    told: set[tuple[Any, ...]] = set()
    with store.reading() as connection:
        found = in_order(connection, wanted, dates.today(), standing(connection))
        for row in found:
            if row["id"] in done or (limit is not None and len(drafts) >= limit):
                continue
            try:
                draft = _of_many(connection, row, order)
            except MedcollectError as error:
                waits = isinstance(error, AlreadyAppealed)
                case = (row["claim_id"], row["payer_key"], cause_of(row["kind"], row["reason"]))
                if waits and case in told:
                    continue
                told.update({case} if waits else ())
                skipped.append(_skipped(row, error, appealed=waits))
                continue
            done.update(one["id"] for one in draft.chosen.rows)
            drafts.append(draft)
    return drafts, skipped


def _skipped(row: Row, error: MedcollectError, *, appealed: bool) -> Row:
    """A denial without a letter, and why."""
    why = {"message": error.message, "action": error.action}
    return {"denial": name("N", row["id"]), **why, "already_appealed": appealed}


def _of_many(connection: sa.Connection, row: Row, order: LetterOrder) -> Draft:
    """The letter about one denial of a list, unless another move than an appeal is due."""
    own = {column.name: row[column.name] for column in denials.columns}
    chosen = choose(connection, own)
    _insist_on_none_before(connection, chosen, row, order)
    if chosen.route in _OTHER_MOVES and not order.anyway:
        raise NotAllowed(
            _OTHER_MOVES[chosen.route], "Name it by its id, or add --anyway, to write it."
        )
    return _made(connection, chosen, order)


def _insist_on_none_before(
    connection: sa.Connection, chosen: Chosen, row: Row, order: LetterOrder
) -> None:
    """Refuse a second letter of a level while the first one waits for its answer."""
    if row["state"] != "appealed":
        return
    kind = chosen.facts.payer_kind
    wanted = level_number(_level(order.level) or chosen.level_due, kind)
    life = find_case(connection, chosen.ids[0]).life
    if life.sent is None or life.level < wanted:
        return
    raise AlreadyAppealed(
        f"It was appealed at level {life.level} on {life.sent.day} and waits for the answer.",
        "Name it by its id to write the letter again.",
    )


def _notes(draft: Draft) -> list[str]:
    """What a person should know before it goes out."""
    notes = [_OTHER_MOVES[draft.chosen.route]] if draft.chosen.route in _OTHER_MOVES else []
    known = draft.known
    if steps_before(draft.level, known.facts.payer_kind) and known.decided is None:
        notes.append("Say when the level before was decided (--decided), for the time limit.")
    if known.sent:
        last = known.sent[-1]
        level = last.level.replace("_", " ")
        notes.append(f"A letter ({level}) went out on {last.sent_on.isoformat()} already.")
    own = any(rule.address for rule in known.office.payers)
    if not own and known.header.payer.address and draft.letter.recipient.address:
        notes.append(
            "The address is the one of the remittance: check where this payer takes appeals "
            "([[letters.payers]] in the settings)."
        )
    if draft.level == "redetermination" and known.facts.payer_kind != "medicare":
        notes.append("A redetermination is Medicare's first level; others call it reconsideration.")
    return notes


def _written(draft: Draft, to: Path, form: Format, order: LetterOrder) -> str:
    if to.exists():
        raise NotAllowed(f"{to} is there already.", "Name a file that is not there yet.")
    save(to, render(draft.letter, form, _folder(order)))
    return str(to)


def _folder(order: LetterOrder) -> Path | None:
    return templates_folder(order.templates or order.office.templates)


def _form(text: str) -> Format:
    if text.lower() not in get_args(Format):
        raise BadRequest(
            "A letter is a PDF or a Word file.", f"Use the ending {' or '.join(FORMATS)}."
        )
    return cast("Format", text.lower())


def _level(text: str | None) -> Level | None:
    if text is not None and text not in LEVELS:
        raise BadRequest(f"There is no level {text}.", f"There are: {', '.join(LEVELS)}.")
    return text


def _cents(draft: Draft) -> int:
    return draft.known.disputed_cents


def _claim_id(draft: Draft) -> str | None:
    claim = draft.chosen.rows[0]["claim_id"]
    return name("C", claim) if claim else None
