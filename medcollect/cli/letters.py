"""Appeal letters: ``letter``."""

from __future__ import annotations

import getpass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE
from medcollect.cli.output import console, indent, money
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest
from medcollect.reports.cells import plain

_SENT, _TEMPLATES = "sent", "templates"

WORDS = Annotated[
    list[str] | None,
    typer.Argument(metavar="[sent|templates] [DENIAL]", help="A denial's id (N000012)."),
]
TO = Annotated[
    Path | None,
    typer.Option("--to", "-o", metavar="FILE|DIR", help="Write it here: .pdf or .docx; a folder."),
]


class Level(StrEnum):
    """How far the appeal has gone."""

    reconsideration = "reconsideration"
    redetermination = "redetermination"
    second_level = "second_level"
    external_review = "external_review"


class By(StrEnum):
    """How a letter goes out."""

    certified_mail = "certified-mail"
    mail = "mail"
    courier = "courier"
    fax = "fax"
    portal = "portal"
    email = "email"
    hand = "hand"


class CaseStep(StrEnum):
    """What a letter that went out is to its case."""

    appeal = "appeal"
    correct = "correct"


class Form(StrEnum):
    """What letters are written as."""

    pdf = "pdf"
    docx = "docx"


LEVEL = Annotated[
    Level | None, typer.Option(help="Which level; else the first one of this kind of payer.")
]
DATE = Annotated[
    str | None,
    typer.Option("--on", metavar="YYYY-MM-DD", help="The letter's day, or when it was sent."),
]


ALL = Annotated[
    bool, typer.Option("--all", help="Letters for every open denial that may be appealed.")
]
PAYER = Annotated[
    str | None, typer.Option(metavar="TEXT", help="With --all: part of the payer's name.")
]
CATEGORY = Annotated[
    str | None, typer.Option(metavar="NAME", help="With --all: one kind of denial.")
]
MINIMUM = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="With --all: only from this amount.")
]
LIMIT = Annotated[int | None, typer.Option(min=1, help="With --all: at most so many.")]
FORM = Annotated[Form, typer.Option("--format", help="With --all: what to write.")]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="With --all: only list them.")]
ANYWAY = Annotated[
    bool, typer.Option("--anyway", help="Also where no appeal exists or another move is due.")
]
TEMPLATES = Annotated[Path | None, typer.Option(metavar="DIR", help="The office's own templates.")]
DECIDED = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="When the payer decided on the level before."),
]
BY = Annotated[By | None, typer.Option(help="With sent: how it went out.")]
TRACKING = Annotated[str, typer.Option(metavar="NUMBER", help="With sent: the proof's number.")]
FILE = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With sent: what was sent; its hash is kept.")
]
ATTACH = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="With sent: the letter or an exhibit, kept with the case."),
]
STEP = Annotated[
    CaseStep,
    typer.Option(help="With sent: an appeal to the case, or the cover of a corrected claim."),
]
FOLLOW_UP = Annotated[
    str | None,
    typer.Option(
        metavar="YYYY-MM-DD", help="With sent: by when the payer should answer; else by settings."
    ),
]
REASON = Annotated[str, typer.Option(metavar="TEXT", help="With sent: a remark.")]
USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="With sent: who; else your login name.")
]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "letter",
        "write appeal letters, and log that they were sent",
        "medcollect letter N000007  # what it says, by when, what is left to fill in",
        "medcollect letter N000007 --to appeal.docx  # to finish in Word",
        "medcollect letter N000007 --to two.pdf --level second_level --decided 2026-05-04",
        "medcollect letter --all --payer plainfield --dry-run  # which letters there would be",
        "medcollect letter --all --category medical_necessity --to letters/",
        "medcollect letter sent N000007 --by certified-mail --tracking 70201290 --on 2026-03-02",
        "medcollect letter templates --to our-letters/  # to edit in Word; docs/letters.md",
        hint="A letter is filled in from the book; what only a person knows is a marked blank and "
        "listed. Read it, sign it, send it, then enter 'letter sent': its case then waits for the "
        "payer.",
    )(letter)


def letter(
    door: Door,
    words: WORDS = None,
    to: TO = None,
    level: LEVEL = None,
    all_: ALL = False,
    payer: PAYER = None,
    category: CATEGORY = None,
    minimum: MINIMUM = None,
    limit: LIMIT = None,
    form: FORM = Form.pdf,
    dry_run: DRY_RUN = False,
    anyway: ANYWAY = False,
    templates: TEMPLATES = None,
    on: DATE = None,
    decided: DECIDED = None,
    by: BY = None,
    tracking: TRACKING = "",
    file: FILE = None,
    attach: ATTACH = None,
    step: STEP = CaseStep.appeal,
    follow_up: FOLLOW_UP = None,
    reason: REASON = "",
    user: USER = None,
) -> int:
    """Write the appeal letter about a denial, with cover sheet and list of enclosures.

    By kind of refusal and level, filled with what the book knows: patient, numbers of both sides,
    lines, the payer's codes, policies it names, amount in dispute, time limit, what is asked for.
    Nothing medical is made up. `sent` enters when and how it went out and what proves it, and
    with it the step on the case; `undo` takes both back. `templates` writes the templates for the
    office to edit.
    """
    said = list(words or [])
    verb = said.pop(0) if said and said[0] in {_SENT, _TEMPLATES} else ""
    if verb == _TEMPLATES:
        return _write_templates(door, to)
    options: Document = {"level": level.value if level else None}
    day = day_of("--on", on)
    if verb == _SENT:
        how: Document = {"means": _means(by), "tracking": tracking, "sent_on": day, "file": file}
        how |= {"attachments": attach or []}
        how |= {"step": step.value, "follow_up": day_of("--follow-up", follow_up)}
        who = {"reason": reason, "user": user or getpass.getuser()}
        return _log(door, _one(said), {**options, **how, **who})
    options |= {"templates": templates, "anyway": anyway, "day": day}
    options["decided"] = day_of("--decided", decided)
    if not all_:
        return _write_one(door, _one(said), to, options)
    if said:
        raise BadRequest("--all writes letters for every denial.", "Leave the ids out, or --all.")
    options |= {"payer": payer, "category": category, "minimum": minimum, "limit": limit}
    return _write_many(door, {**options, "to": to, "form": form.value, "dry_run": dry_run})


def _write_one(door: Door, denial: str, to: Path | None, options: Document) -> int:
    with door.book() as book:
        answer = book.letter(denial, to, **options)
    return door.answer(answer, show_letter, DONE)


def _write_many(door: Door, options: Document) -> int:
    with door.book() as book:
        answer = book.letters(**options)
    return door.answer(answer, show_letters, DONE)


def _one(said: list[str]) -> str:
    if len(said) != 1:
        raise BadRequest("Name one denial by its id.", "'medcollect denials' lists them (N...).")
    return said[0]


def _means(by: By | None) -> str:
    if by is None:
        raise BadRequest("Say how it was sent.", "Such as --by certified-mail or --by fax.")
    return by.value.replace("-", "_")


def _write_templates(door: Door, to: Path | None) -> int:
    from medcollect.book.letters import write_letter_templates

    if to is None:
        raise BadRequest("Say where the templates go.", "Give a folder with --to.")
    return door.answer(write_letter_templates(to), _show_templates, DONE)


def _log(door: Door, denial: str, mailing: Document) -> int:
    with door.book() as book:
        answer = book.letter_sent(denial, **mailing)
    return door.answer(answer, _show_sent, DONE)


def show_letter(answer: Document) -> None:
    """What the letter says in brief, then what a person has to fill in."""
    out = console()
    _head(answer)
    due = f"by {answer['deadline']}. " if answer["deadline"] else ""
    indent(f"{due}{answer['deadline_rule']}")
    for text in answer["asked"]:
        indent(f"asks: {text}")
    for text in answer["enclosures"]:
        indent(f"encloses {text}", "dim")
    for blank in answer["blanks"]:
        indent(f"to be filled in by the {blank['who']}: {blank['what']}", "yellow")
    for note in answer["notes"]:
        indent(note)
    if answer.get("file"):
        out.print(f"Written to {plain(answer['file'])}.", style="green")
        out.print("Read it, sign it, send it; then: medcollect letter sent ...", style="dim")
    else:
        out.print("Only shown. Add --to appeal.docx or appeal.pdf to write it.", style="yellow")


def show_letters(answer: Document) -> None:
    """Each letter in two lines, then what is skipped and why."""
    out = console()
    for item in answer["letters"]:
        _head(item)
        due = f"by {item['deadline']}; " if item["deadline"] else ""
        indent(f"{due}{len(item['blanks'])} places to be filled in")
        if item["file"]:
            indent(f"written to {item['file']}", "green")
    for item in answer["skipped"]:
        indent(f"skipped {item['denial']}: {item['message']} {item['action']}", "dim")
    done = "would be written" if answer["dry_run"] else "written"
    count = f"{answer['count']} letter{'' if answer['count'] == 1 else 's'}"
    out.print(f"{count} {done}, {money(answer['amount'])} in dispute.", style="bold")
    if answer["skipped_count"]:
        waits = answer["already_appealed"]
        waiting = f", {waits} of them appealed already and waiting for the payer" if waits else ""
        out.print(f"{answer['skipped_count']} left out{waiting}.")


def _head(item: Document) -> None:
    """Who is asked for what."""
    named = [", ".join(item["denials"]), item["patient_control_number"], money(item["amount"])]
    code = "-".join(filter(None, (item["group"], item["reason"])))
    codes = " ".join([code, *item["remarks"]])
    told = [*named, codes, item["payer"], item["title"]]
    console().print("  ".join(map(plain, told)), style="bold")


def _show_sent(answer: Document) -> None:
    out = console()
    how = answer["means"].replace("_", " ")
    proof = f", number {answer['tracking']}" if answer["tracking"] else ", no number of proof"
    level = answer["level"].replace("_", " ")
    what = f"{answer['id']}  {answer['denial']}: {level} sent on {answer['sent_on']}"
    out.print(plain(f"{what} by {how}{proof}."), style="bold")
    _show_case_step(answer["case_step"])
    for note in answer["notes"]:
        indent(note, "yellow")
    indent(f"To take it back: medcollect undo {answer['id']}", "dim")


def _show_case_step(step: Document) -> None:
    """Where the case stands by the letter."""
    if step["step"] is None:
        return
    state = plain(step["state"]).replace("_", " ")
    level = f", level {step['level']}" if step["level"] else ""
    look = f", look again {step['follow_up']}" if step["follow_up"] else ""
    indent(f"{step['denial']} is {state}{level}{look} ({step['step']}).")


def _show_templates(answer: Document) -> None:
    out = console()
    out.print(f"Written to {plain(answer['folder'])}: {', '.join(answer['files'])}.", style="green")
    indent("Use them with --templates, or name the folder in medcollect.toml ([letters]).")
