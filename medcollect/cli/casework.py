"""One denial after the other: ``denial``."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.case_text import (
    show_attachment,
    show_attachments,
    show_bulk,
    show_denial,
    show_step,
)
from medcollect.cli.command import Door, command
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.report import day_of
from medcollect.cli.worklists import (
    CATEGORY,
    CODE,
    DUE_BEFORE,
    MAXIMUM,
    MINIMUM,
    OLDER_THAN,
    PAYER,
    PROCEDURE,
    REMARK,
    STATE,
    filters_of,
)
from medcollect.cli.worklists import KIND as KIND_OF_CASE
from medcollect.errors import BadRequest
from medcollect.ids import number_of

OWN_NAME = "Who does it; else your login name."


class Step(StrEnum):
    """What to do about a denial; ``show`` and ``attachments`` only look."""

    show = "show"
    attachments = "attachments"
    take = "take"
    release = "release"
    assign = "assign"
    note = "note"
    wait = "wait"
    correct = "correct"
    appeal = "appeal"
    outcome = "outcome"
    write_off = "write-off"
    reopen = "reopen"


class Result(StrEnum):
    """What came of it."""

    won = "won"
    part = "part"
    lost = "lost"
    closed = "closed"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "denial",
        "everything on one denial, and working it",
        "medcollect denial N000012  # why, every limit, what happened, where it stands",
        "medcollect denial N000012 take  # 'denials --next' takes the first that is free",
        "medcollect denial N000012 note --reason 'called, reference 4711' --follow-up 2026-12-10",
        "medcollect denial N000012 wait --for payer --until 2026-12-15 --reason 'in review'",
        "medcollect denial N000012 correct --reference corrected.837",
        "medcollect denial N000012 appeal --level 1 --attach letter.pdf",
        "medcollect denial N000012 attachments  # 'attachment ID --save PATH' fetches one",
        "medcollect denial N000012 outcome --result lost --reason 'upheld, letter of 2026-12-01'",
        "medcollect denial N000012 write-off --reason 'limit passed' --amount 85.00",
        "medcollect undo W000003  # takes a step back",
        "medcollect denial N000012 N000015 N000019 take --dry-run  # many: looked at first",
        "medcollect denial G2876543210 appeal  # all behind a pattern, as one unit",
        "medcollect denial --payer plainfield --category cob take --dry-run  # by filters",
        "medcollect undo J000004  # takes back what was done at once",
        hint="The id may be that of any amount of the case. What payers answer moves the case by "
        "itself; nothing has to be typed again. See docs/denials.md.",
    )(denial)
    command(
        app,
        "attachment",
        "a file that was kept with a denial",
        "medcollect attachment W000003-1  # its name, type, size and SHA-256",
        "medcollect attachment W000003-1 --save records.pdf",
        "medcollect attachment W000003-1 --save folder/  # under its own name",
        "medcollect denial N000012 attachments  # which there are, with their ids",
        hint="'denial ID note --attach FILE' keeps a file, as other steps and 'letter sent' do.",
    )(attachment)


WORDS = Annotated[
    list[str],
    typer.Argument(
        metavar="DENIAL",
        help="Ids (N000012), or a pattern's (G...); the last word: take, release, assign, note, "
        "wait, correct, appeal, outcome, write-off or reopen; or attachments, which lists files.",
    ),
]
REASON = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")]
USER = Annotated[str | None, typer.Option(metavar="NAME", help=OWN_NAME)]
OWNER = Annotated[
    str,
    typer.Option(metavar="NAME", help="With assign: to whom; else only those this person has."),
]
ONLY_STATUS = Annotated[
    str | None, typer.Option("--status", metavar="STATUS", help="As of 'denials'; else open.")
]
WAITING_FOR = Annotated[
    str, typer.Option("--for", metavar="WHOM", help="With wait: payer, patient, clinician ...")
]
UNTIL = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="With wait: to this day.")]
FOLLOW_UP = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="When to look at it again.")
]
LEVEL = Annotated[
    int, typer.Option(min=0, max=5, metavar="NUMBER", help="With appeal: 1 first, 2 next ...")
]
REFERENCE = Annotated[
    str, typer.Option(metavar="TEXT", help="A letter, a call, a file: what was sent.")
]
RESULT = Annotated[Result | None, typer.Option(help="With outcome: what came of it.")]
AMOUNT = Annotated[
    str, typer.Option(metavar="AMOUNT", help="What was won in part, or is written off.")
]
KIND = Annotated[
    str, typer.Option(metavar="KIND", help="With write-off: denial, administrative ...")
]
DAY = Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="When it was done.")]
ATTACH = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="A file to keep with the step.")
]
MINUTES = Annotated[
    int, typer.Option(min=0, metavar="NUMBER", help="What it took; for 'report overturns'.")
]
VERSION = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="Refuse if somebody changed it since this version."),
]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
SEEN = Annotated[
    str,
    typer.Option(metavar="TEXT", help="What --dry-run said: refuse if any changed since."),
]


def denial(
    door: Door,
    words: WORDS,
    payer: PAYER = None,
    category: CATEGORY = None,
    status: ONLY_STATUS = None,
    minimum: MINIMUM = None,
    maximum: MAXIMUM = None,
    state: STATE = None,
    due_before: DUE_BEFORE = None,
    of_kind: KIND_OF_CASE = None,
    code: CODE = None,
    remark: REMARK = None,
    procedure: PROCEDURE = None,
    older_than: OLDER_THAN = None,
    reason: REASON = "",
    user: USER = None,
    owner: OWNER = "",
    waiting_for: WAITING_FOR = "",
    until: UNTIL = None,
    follow_up: FOLLOW_UP = None,
    level: LEVEL = 0,
    reference: REFERENCE = "",
    result: RESULT = None,
    amount: AMOUNT = "",
    kind: KIND = "denial",
    day: DAY = None,
    attach: ATTACH = None,
    minutes: MINUTES = 0,
    version: VERSION = None,
    dry_run: DRY_RUN = False,
    seen: SEEN = "",
) -> int:
    """Show one denial with everything on record, or enter what is done about it.

    Every step keeps its user, day and reason and can be taken back. A step on many denials is one
    unit: those that do not take it are listed with the reason, and it is undone by one id.
    """
    assigned = words[-1] == Step.assign.value
    given = filters_of({**locals(), "owner": None if assigned else owner or None})
    among = {key: value for key, value in given.items() if value is not None}
    targets, step = _parted(words, filtered=bool(among))
    told = _said({**locals(), "owner": owner if assigned else ""})
    how: dict[str, Any] = {"among": among or None, "dry_run": dry_run, "seen": seen}
    return _done(door, targets, step, told, how)


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with a step among the command's arguments, as the book knows it."""
    as_they_are = (
        "reason",
        "owner",
        "waiting_for",
        "level",
        "reference",
        "amount",
        "minutes",
        "version",
    )
    result = given["result"]
    return {
        **{name: given[name] for name in as_they_are},
        "user": given["user"] or getpass.getuser(),
        "until": day_of("--until", given["until"]),
        "follow_up": day_of("--follow-up", given["follow_up"]),
        "result": result.value if result is not None else "",
        "write_off": given["kind"],
        "day": day_of("--date", given["day"]),
        "attachments": given["attach"] or [],
    }


def _done(
    door: Door, targets: list[str], step: Step, told: dict[str, Any], how: dict[str, Any]
) -> int:
    """Show a denial, or take the step: on one, or on all that are meant as one unit."""
    is_one = len(targets) == 1 and number_of(targets[0], "G") is None
    verb = step.value.replace("-", "_")
    with door.book() as book:
        if step is Step.show:
            return door.answer(book.denial(targets[0]), show_denial, DONE)
        if step is Step.attachments:
            return door.answer(book.attachments(targets[0]), show_attachments, DONE)
        if is_one and not how["dry_run"] and not how["seen"]:
            return door.answer(book.work_denial(targets[0], verb, **told), show_step, DONE)
        answer = book.work_denials(targets, verb, **told, **how)
    return door.answer(answer, show_bulk, DONE_WITH_ERRORS if answer["refused"] else DONE)


def _parted(words: list[str], *, filtered: bool) -> tuple[list[str], Step]:
    """The ids that were typed, and the step behind them; filters stand for ids."""
    steps = {step.value: step for step in Step}
    last = words[-1]
    targets, step = (words[:-1], steps[last]) if last in steps else (words, Step.show)
    if bool(targets) == filtered:
        raise BadRequest("It is not said which denial.", "Name its id (N000012), or filters.")
    others = [word for word in targets[1:] if number_of(word, "NG") is None]
    if others:
        raise BadRequest(f"There is no step {others[-1]}.", f"There are: {', '.join(steps)}.")
    if step in {Step.show, Step.attachments} and len(targets) != 1:
        raise BadRequest("One denial is shown at a time.", "Name one, or say what to do with them.")
    return targets, step


ATTACHMENT = Annotated[str, typer.Argument(metavar="ATTACHMENT", help="Such as W000003-1.")]
SAVE = Annotated[
    Path | None, typer.Option(metavar="PATH", help="Write it here: a file, or a folder.")
]


def attachment(door: Door, identifier: ATTACHMENT, save: SAVE = None) -> int:
    """Tell what is on record of a file, or write it as it was attached.

    The file is checked against its SHA-256, and only you may read what is written.
    """
    with door.book() as book:
        answer = book.attachment(identifier, save)
    return door.answer(answer, show_attachment, DONE)
