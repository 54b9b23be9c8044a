"""Open balances from another system: ``open-balances``."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.bank import MAPPING
from medcollect.cli.command import Document, Door, command
from medcollect.cli.files import has_errors, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, money, table
from medcollect.cli.report import day_of

_ROWS_SHOWN = 30
_FIGURES = ("charge", "insurance_paid", "written_off", "patient_paid", "insurance_open",
            "patient_due")  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "open-balances",
        "take open balances in: CSV, XLSX",
        "medcollect open-balances old.csv --mapping old.toml --preview  # how columns are read",
        "medcollect open-balances old.xlsx --dry-run  # what would post; keep nothing",
        "medcollect open-balances old.xlsx --expect-count 412 --expect-total 38210.55",
        "medcollect undo I000001  # take it back",
        hint="One table of claims, a workbook with the sheets patients, claims, lines and "
        "payments, or a folder with such files. docs/open-balances.md tells the columns.",
    )(open_balances)
    command(
        app,
        "export-balances",
        "write open balances out: CSV, XLSX",
        "medcollect export-balances --output open.xlsx  # sheets patients, claims, lines, payments",
        "medcollect export-balances --output open/  # a folder with a CSV for each",
        "medcollect export-balances --output open.csv  # one flat table, a row for each claim",
        hint="What 'open-balances' reads: an empty book that takes it in has the same balances.",
    )(export_balances)


PATH = Annotated[
    str, typer.Argument(metavar="PATH", help="A CSV or XLSX file, a folder, or - for stdin.")
]
AS_OF = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="The day they were drawn up for; else today."),
]
PREVIEW = Annotated[
    bool, typer.Option("--preview", help="Show how the columns are read, and first rows.")
]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Do everything, then keep nothing.")]
COUNT = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Refuse the table with other claims.")
]
TOTAL = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="... with another sum open, of both below.")
]
CHARGES = Annotated[str | None, typer.Option(metavar="AMOUNT", help="... with other charges.")]
INSURANCE = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="... with another sum open with payers.")
]
PATIENT = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help="... with another sum due by patients, less credits."),
]
USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who brings them; else your login name.")
]


def open_balances(
    door: Door,
    path: PATH,
    mapping: MAPPING = None,
    as_of: AS_OF = None,
    preview: PREVIEW = False,
    dry_run: DRY_RUN = False,
    expect_count: COUNT = None,
    expect_total: TOTAL = None,
    expect_charges: CHARGES = None,
    expect_insurance: INSURANCE = None,
    expect_patient: PATIENT = None,
    user: USER = None,
) -> int:
    """Take in what is open in another system, for a practice that cannot send its 837s.

    A claim that does not add up is held with its row; the others are taken in, each once: bring
    the corrected table again. An 837 or 835 that comes later takes the place of what it tells.
    """
    if preview:
        return _preview(door, path, mapping)
    with door.book(make=True) as book:
        answer = book.import_balances(
            path,
            mapping=mapping,
            as_of=day_of("--as-of", as_of),
            expected={
                "count": expect_count,
                "total": expect_total,
                "charges": expect_charges,
                "insurance": expect_insurance,
                "patient": expect_patient,
            },
            dry_run=dry_run,
            user=user or getpass.getuser(),
        )
    errors = has_errors(answer["files"])
    return door.answer(answer, show_balances, DONE_WITH_ERRORS if errors else DONE)


def export_balances(
    door: Door,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE|FOLDER", help="Where to: .xlsx, .csv.")
    ],
    closed: Annotated[
        bool, typer.Option("--closed", help="With claims on which nothing is open.")
    ] = False,
) -> int:
    """Write what is open as tables: patients, claims, lines, payments and credits."""
    with door.book() as book:
        answer = book.export_balances(output, closed=closed)
    return door.answer(answer, show_export)


def show_export(answer: Document) -> None:
    """What was written, and the control totals for the other side."""
    out = console()
    for path in answer["written"]:
        out.print(f"Written to {path}.", style="green", highlight=False)
    totals = answer["totals"]
    told = f"{counted(answer['claims'], 'claim')}, {counted(answer['credits'], 'credit')}"
    out.print(f"{told}; open in all {money(totals['total'])}.", style="bold")
    for note in answer["notes"]:
        out.print(note, style="yellow")
    options = f"--expect-count {answer['claims']} --expect-total {totals['total']}"
    out.print(f"To prove it: medcollect open-balances {answer['written'][0]} {options}")


def _preview(door: Door, path: str, mapping: Any) -> int:
    """Show how a table is read; no book is opened."""
    from medcollect.tasks.mapping_files import load_mapping
    from medcollect.tasks.preview_balances import preview_balances

    chosen = load_mapping(mapping) or door.office().mappings.get("open_balances")
    answer = preview_balances(path, mapping=chosen)
    errors = has_errors([answer])
    return door.answer(answer, show_preview, DONE_WITH_ERRORS if errors else DONE)


def show_preview(answer: Document) -> None:
    """Which column is what, the first rows, and the sums."""
    out = console()
    for one in answer["tables"]:
        firsts = [(f"row {row['line']}", "text") for row in one["rows"][:2]]
        columns = table(one["table"], [("heading", "wide"), ("is our", "wide"), *firsts])
        for column in one["columns"]:
            cells = [row["cells"].get(column["column"], "") for row in one["rows"][:2]]
            add_row(columns, [column["heading"], column["column"], *cells])
        out.print(columns)
        if one["not_read"]:
            out.print(f"Not read: {', '.join(one['not_read'])}.", style="yellow")
    show_findings([{"path": "", "findings": answer["findings"]}])
    _show_totals(answer["claims"], answer["totals"])


def _show_totals(claims: int, totals: Document) -> None:
    """The sums to hold against the other system's."""
    out = console()
    out.print(f"{counted(claims, 'claim')}:", style="bold")
    for figure in _FIGURES:
        out.print(f"  {figure.replace('_', ' '):<16}{money(totals[figure]):>16}", highlight=False)


def show_balances(answer: Document) -> None:
    """What a table brought in, for a terminal: claim by claim, then the totals."""
    show_findings(answer["files"])
    rows = table("", [("claim", "text"), ("number", "text"), ("service", "text"),
                      ("charge", "money"), ("insurance open", "money"), ("patient due", "money"),
                      ("state", "text")])  # fmt: skip
    for item in answer["rows"][:_ROWS_SHOWN]:
        cells = [item["id"], item["patient_control_number"], item["service_from"]]
        amounts = [money(item[key]) for key in ("charge", "insurance_open", "patient_due")]
        add_row(rows, [*cells, *amounts, item["state"].replace("_", " ")])
    out = console()
    if answer["rows"]:
        out.print(rows)
    if len(answer["rows"]) > _ROWS_SHOWN:
        out.print(f"... and {len(answer['rows']) - _ROWS_SHOWN} more; --json shows all.")
    _show_totals(answer["claims"], answer["totals"])
    told = [f"{answer[key]} {word}" for key, word in _COUNTS if answer[key]]
    if told:
        out.print(f"Beside them: {', '.join(told)}.", style="yellow")
    if answer.get("import") and (answer["claims"] or answer["credits"]):
        out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")


_COUNTS = (
    ("known", "on file before"),
    ("held_claims", "held: correct their rows and bring the table again"),
    ("credits", "credits of patients without a claim"),
)
