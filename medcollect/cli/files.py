"""Files in and out of the book: ``import`` and ``undo``."""

from __future__ import annotations

import getpass
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, indent, is_zero, money, table
from medcollect.cli.plan import Plan, show_plan
from medcollect.cli.progress import bytes_progress
from medcollect.errors import BadRequest
from medcollect.reports.cells import plain

PATHS = Annotated[
    list[str], typer.Argument(metavar="PATH...", help="Files, folders, archives, or - for stdin.")
]

#: Spelled out here, so that help needs not load them; a test holds them against the record.
LIMIT_NAMES = (
    "segment_length_max", "elements_max", "loop_segments_max", "loop_repeats_max", "levels_max",
    "claims_of_patient_max", "transactions_max", "segments_max", "member_bytes_max",
    "archive_bytes_max", "archive_members_max", "archive_depth_max", "archive_ratio_max",
    "chunk_bytes",
)  # fmt: skip
LIMITS = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=NUMBER",
        help="Bound what a file may ask of us, such as elements_max=100; may be repeated "
        "(docs/limits.md). Names: " + ", ".join(LIMIT_NAMES) + ".",
    ),
]

#: Files listed one by one before only those are that were not imported.
FILES_SHOWN = 15
#: Findings shown to a person before the rest is only counted; --json holds them all.
FINDINGS_SHOWN = 20

_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "info": "dim"}
_STATUS_STYLES = {"rejected": "red", "partial": "yellow", "duplicate": "dim"}


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "import",
        "read, match and post remittances, claims and what answers them",
        "medcollect import inbox/  # a folder of 835 and 837 files, in any order",
        "medcollect import era.835 claims.zip  # files and archives",
        "medcollect import inbox/ --dry-run  # see what would post, keep nothing",
        "medcollect import inbox/ --dry-run --details plan.jsonl  # every row of it, to a file",
        "cat era.835 | medcollect import -  # from another program",
        hint="Importing the same file again changes nothing. 'medcollect undo' takes it back.",
    )(import_)
    command(
        app,
        "undo",
        "take an import, payment or decision back",
        "medcollect undo I000003  # a whole import",
        "medcollect undo R000012  # one remittance (a check or an EFT)",
        "medcollect undo P000120  # one claim payment",
        "medcollect undo M000007  # a patient's payment, or its return",
        "medcollect undo D000001  # a decision made with 'resolve'",
        hint="'medcollect report imports' shows the ids of imports, 'report remittances' those of "
        "remittances. Nothing is deleted: counter-entries take the money back to the cent.",
    )(undo)


def import_(
    door: Door,
    paths: PATHS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything, then keep nothing.")
    ] = False,
    details: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --dry-run: every row as JSON lines to this file."),
    ] = None,
    jobs: Annotated[  # noqa: ARG001 - part of the contract; posting is what takes the time
        int,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="Has no effect: an import posts in order, in one process. On PostgreSQL several "
            "imports may run at once.",
        ),
    ] = 1,
    limit: LIMITS = None,
) -> int:
    """Read remittances (835) and claims (837), match, post and keep them in the book.

    Acknowledgements (999, TA1), status (277CA, 277) and eligibility (271) go to the claims and
    accounts that they speak of, before or after those are on file.
    Each remittance is posted whole or not at all. What does not prove, or finds no claim, is
    stored and waits as an exception; its money stands as unapplied until somebody decides.
    """
    from medcollect.limits import Limits

    if details is not None and not dry_run:
        raise BadRequest("--details belongs to --dry-run.", "Add --dry-run, or leave it out.")
    limits = Limits.named(limit or ())
    with (
        Plan(details, dry_run=dry_run, complete=door.as_json) as plan,
        door.book(make=True) as book,
        bytes_progress("Importing") as progress,
    ):
        answer = book.import_files(
            paths,
            dry_run=dry_run,
            progress=progress,
            limits=limits,
            details=plan.take if plan.takes else None,
        )
    if plan.takes and "would_post" in answer:
        answer["would_post"] |= {"rows": plan.first, "rows_left_out": plan.left_out}
    errors = has_errors(answer["files"]) or answer["exceptions"] > 0
    return door.answer(answer, show_import, DONE_WITH_ERRORS if errors else DONE)


def undo(
    door: Door,
    identifier: Annotated[
        str,
        typer.Argument(metavar="IDENTIFIER", help="What to take back, by its id: I000001 ..."),
    ],
    with_decisions: Annotated[
        bool, typer.Option("--with-decisions", help="Take decisions that rest on it along.")
    ] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
) -> int:
    """Take an import, a remittance, a claim payment or a decision back, to the cent.

    Where people's decisions rest on it, nothing happens unless --with-decisions says so.
    """
    with door.book() as book:
        answer = book.undo(
            identifier, with_decisions=with_decisions, reason=reason, user=getpass.getuser()
        )
    return door.answer(answer, show_undo)


def has_errors(files: list[dict[str, Any]]) -> bool:
    """Whether any finding of any file is an error."""
    return any(
        finding["severity"] == "error" for file in files for finding in file.get("findings", [])
    )


def show_import(answer: Document) -> None:
    """What an import brought in, for a terminal."""
    show_files(answer["files"])
    show_findings(answer["files"])
    show_figures(answer)
    if "would_post" in answer:
        show_plan(answer["would_post"])
    if not (answer.get("settings") or {}).get("in_force", True):
        out = console()
        out.print("medcollect.toml says something else than what is in force:", style="yellow")
        out.print("medcollect repost --dry-run shows what it would change.")


#: The figures worth a line, each with the key of its count or amount.
_FIGURES = (
    ("remittances (835)", "remittances", "payments_total"),
    ("claims (837)", "claims", "claims_charged"),
    ("claim payments", "claim_payments", "charged"),
    ("  paid", None, "paid"),
    ("  patient responsibility", None, "patient_responsibility"),
    ("provider adjustments (PLB)", None, "provider_adjustments"),
    ("denied claims", "denied_claims", "denied_amount"),
    ("acknowledgements (999, TA1)", "acknowledgements", None),
    ("claim statuses (277CA, 277)", "claim_statuses", None),
    ("  rejected claims", "rejected_claims", None),
    ("eligibility answers (271)", "eligibility_answers", None),
    ("questions asked (276, 270)", "inquiries", None),
    ("  waiting for what they answer", "waiting", None),
    ("matched to a claim", "matched", None),
    ("claims opened from remittances", "opened_from_remittance", None),
    ("known before (duplicates)", "duplicates", None),
    ("re-issued, not posted again", "reissued", None),
    ("posted", None, "posted"),
    ("unapplied (waits for a person)", None, "unapplied"),
    ("exceptions", "exceptions", None),
)


_PROVES = "Every line, claim and payment proves."
_DOES_NOT_PROVE = "Not everything proves: the findings of severity error say what does not."

#: What an import brings into the book; without any of it there is nothing to take back.
_BROUGHT_IN = (
    *("remittances", "claims", "reissued", "duplicates"),
    *("acknowledgements", "claim_statuses", "eligibility_answers", "inquiries"),
)


def show_figures(answer: Document) -> None:
    """The counts and amounts of an import, zeros left out."""
    rows = table("What came in", [("", "text"), ("count", "money"), ("amount", "money")])
    for label, count, amount in _FIGURES:
        counted = answer.get(count) if count else None
        summed = answer.get(amount) if amount else None
        if counted or not is_zero(summed):
            add_row(rows, [label, counted, "" if is_zero(summed) else money(summed)])
    out = console()
    if rows.row_count:
        out.print(rows)
    else:
        out.print("Nothing new.")
    if answer.get("remittances"):
        proves = answer.get("balanced")
        told = _PROVES if proves else _DOES_NOT_PROVE
        out.print(told, style="green" if proves else "yellow")
    if answer.get("import") and any(answer.get(name) for name in _BROUGHT_IN):
        out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")
    if answer.get("exceptions"):
        out.print("What waits for you: medcollect exceptions", style="yellow")


def show_files(files: list[dict[str, Any]]) -> None:
    """Each file with what became of it; of many files only those that need a look."""
    if len(files) > FILES_SHOWN:
        counts = Counter(str(file.get("status")) for file in files)
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        console().print(f"{len(files)} files and folders: {told}.", style="bold")
        files = [file for file in files if file.get("status") != "imported"][:FILES_SHOWN]
    rows = table("", [("file", "wide"), ("status", "text")])
    for file in files:
        style = _STATUS_STYLES.get(str(file.get("status")), "")
        add_row(rows, [file["path"], _status(file)], style=style)
    if files:
        console().print(rows)


def _status(file: dict[str, Any]) -> str:
    """What became of a file; one without anything for the book, and nothing wrong, is set aside."""
    status = str(file.get("status"))
    return "set aside" if status == "rejected" and not has_errors([file]) else status


def show_findings(files: list[dict[str, Any]]) -> None:
    """The gravest findings first, each with its place and what to do; the rest is counted."""
    order = list(_SEVERITY_STYLES)
    found = [(file["path"], item) for file in files for item in file.get("findings", [])]
    found.sort(key=lambda pair: order.index(pair[1]["severity"]))
    if not found:
        return
    out = console()
    out.print("\nFindings", style="bold")
    for path, item in found[:FINDINGS_SHOWN]:
        _show_finding(plain(path).rsplit("/", 1)[-1], item)
    if len(found) > FINDINGS_SHOWN:
        out.print(f"... and {len(found) - FINDINGS_SHOWN} more; --json shows all.", style="dim")
    out.print()


def _show_finding(name: str, item: dict[str, Any]) -> None:
    """One finding: how grave, where, what; below it what to do."""
    from rich.text import Text

    severity = item["severity"]
    places = [f", {kind} {item[kind]}" for kind in ("segment", "line") if item.get(kind)]
    place = "".join(places)
    head = Text.assemble((severity, _SEVERITY_STYLES[severity]), " ", (f"{name}{place}", "bold"))
    console().print(head)
    indent(item["message"])
    indent(item["action"], "dim")


def show_undo(answer: Document) -> None:
    """What was taken back."""
    out = console()
    entries = answer["entries_reversed"]
    out.print(f"{answer['undone']} is undone; journal entries reversed: {entries}.", style="green")
    others = plain(answer.get("stands_from"))
    if others:
        told = f"The same files came with {others} too, and stand from there: undo that as well."
        out.print(told, style="yellow")
    resting = plain(answer.get("entries_by_hand"))
    if resting:
        told = f"Moves and refunds by hand rest on it: {resting}. Look whether they still hold."
        out.print(told, style="yellow")
    taken = plain(answer.get("decisions_taken_along"))
    if taken:
        out.print(f"Decisions taken along: {taken}")
