"""``demo``: a tour of the product on an invented practice's month, in under a minute."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

import medcollect
from medcollect.cli.case_text import show_denials
from medcollect.cli.command import Document, Door, book_url, command, write_json
from medcollect.cli.explain import show_balance, show_claim
from medcollect.cli.files import show_figures
from medcollect.cli.guard import DONE
from medcollect.cli.output import console, money
from medcollect.cli.progress import bytes_progress
from medcollect.cli.serve import LOOPBACK, start_server
from medcollect.cli.worklists import show_exceptions
from medcollect.errors import NotAllowed, NotReadable
from medcollect.money import parse_cents

Row = dict[str, Any]

#: A claim of the samples that three payers answered, one after the other.
TELLING_CLAIM = "CH6001"
#: A patient of the samples who owes an amount that may not be billed yet.
TELLING_ACCOUNT = "CH2016"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "demo",
        "a tour on invented samples",
        "medcollect demo  # the tour, on a fresh temporary book",
        "medcollect demo --book demo.db  # keep the book and go on with it",
        "medcollect demo --serve  # then the HTTP API on the same book",
        hint="All people in the samples are invented. Exit code 0 although some samples are bad "
        "on purpose.",
    )(demo)


def demo(
    door: Door,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the book over HTTP afterwards.")
    ] = False,
    port: Annotated[int, typer.Option(metavar="PORT", help="The port for --serve.")] = 8000,
) -> int:
    """Import an invented practice's month and walk through what the product makes of it."""
    samples = samples_folder()
    door = _fresh_book(door)
    story = _tell(door, samples)
    if door.as_json:
        write_json(story)
    else:
        _say_goodbye(door)
    if serve:
        start_server(door, LOOPBACK, port)
    return DONE


def samples_folder() -> Path:
    """Where the samples are: in the installed package, or beside it in a checkout."""
    package = Path(medcollect.__file__).parent
    for folder in (package / "_samples", package.parent / "edi_samples"):
        if folder.is_dir():
            return folder
    message = "The samples are not part of this installation."
    raise NotReadable(message, "Install medcollect from its wheel or its repository.")


def _fresh_book(door: Door) -> Door:
    """A door to a book of the demo's own: never the office's book from MEDCOLLECT_BOOK."""
    if not door.book_named:
        folder = Path(tempfile.mkdtemp(prefix="medcollect-demo-"))
        return Door(book_url(str(folder / "demo.db")), as_json=door.as_json, book_named=True)
    with door.book(make=True) as book:
        if book.imports(limit=1)["imports"]:
            message = f"The book {door.book_url} is in use already; the demo wants a fresh one."
            raise NotAllowed(message, "Name a new file, or leave --book out.")
    return door


def _tell(door: Door, samples: Path) -> Document:
    """The story: each chapter is a document of the book, told to a person as it comes."""
    with door.book(make=True) as book:
        with bytes_progress("Importing the samples") as progress:
            imported = book.import_files([str(samples)], progress=progress)
        remittances = book.report("remittances")["rows"]
        story: Document = {
            "import": imported,
            "remittance": _telling_check(remittances),
            "denials": book.denials(limit=5, as_of=_last_day(remittances)),
            "claim": book.claim(TELLING_CLAIM),
            "balance": book.balance(TELLING_ACCOUNT),
            "exceptions": book.exceptions(limit=5),
        }
    if not door.as_json:
        _show(story, samples)
    return story


def _last_day(remittances: list[Row]) -> date:
    """The day of the latest payment: the tour is told as of then, before its deadlines pass."""
    return max(date.fromisoformat(row["payment_date"]) for row in remittances)


def _show(story: Document, samples: Path) -> None:
    """Tell the chapters on the terminal."""
    chapters: tuple[tuple[str, str, Callable[[Document], None]], ...] = (
        (f"1. Import a month of an invented practice ({samples})", "import", _show_figures),
        ("2. One check, to the cent", "remittance", _show_check),
        ("3. What was denied, what to do first: medcollect denials", "denials", show_denials),
        (f"4. One claim, step by step: medcollect claim {TELLING_CLAIM}", "claim", show_claim),
        (
            f"5. What a patient owes: medcollect balance {TELLING_ACCOUNT}",
            "balance",
            show_balance,
        ),
        ("6. What waits for a person: medcollect exceptions", "exceptions", show_exceptions),
    )
    for title, name, show in chapters:
        console().rule(title, align="left")
        show(story[name])


def _cents(row: Row, name: str) -> int:
    """An amount of a row in cents, nothing where it is missing."""
    return parse_cents(str(row.get(name) or "0")) or 0


def _telling_check(rows: list[Row]) -> Row:
    """A payment from which the payer kept something back, else the largest."""
    return max(rows, key=lambda row: (_cents(row, "provider_adjustments") > 0, _cents(row, "paid")))


def _show_figures(imported: Document) -> None:
    """The files by what became of them, then the figures of the import."""
    counts = Counter(str(file["status"]) for file in imported["files"])
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    console().print(f"{len(imported['files'])} files: {told}.")
    show_figures(imported)


def _show_check(row: Row) -> None:
    """The equation of a payment: what it paid on claims, less what the payer kept, is the check."""
    out = console()
    out.print(f"{row.get('payer')}, payment {row.get('trace_number')} of {row.get('payment_date')}")
    kept = row.get("provider_adjustments")
    out.print(
        f"  paid on claims {money(row.get('paid'))} - kept back by the payer (PLB) {money(kept)}"
        f" = payment {money(row.get('payment'))}"
    )


def _say_goodbye(door: Door) -> None:
    """What to try next, on the same book."""
    out = console()
    out.rule("Next", align="left")
    file = door.book_url.removeprefix("sqlite:///")
    out.print(f"The book of this tour is {file}. Go on with it:")
    out.print(f"  export MEDCOLLECT_BOOK={file}")
    for call in _NEXT:
        out.print(f"  medcollect {call}")


_NEXT = (
    "denials --xlsx denials.xlsx",
    "report patient-balances",
    "exceptions",
    f"claim {TELLING_CLAIM} --json",
    "serve",
)
