"""Cash to the bank: ``deposits`` and ``reconcile``."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.exporting import export
from medcollect.cli.files import has_errors, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, indent, is_zero, money, table
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest
from medcollect.reports.cells import plain

PATHS = Annotated[
    list[str], typer.Argument(metavar="PATH...", help="BAI2, NACHA or CSV files, or - for stdin.")
]
MAPPING = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Which column of a CSV is what (TOML or JSON)."),
]
REASON = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")]
USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who decides; else your login name.")
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "deposits",
        "take the bank's deposits in: BAI2, NACHA, CSV",
        "medcollect deposits statement.bai  # the bank's report, or its ACH file with addenda",
        "medcollect deposits august.csv --mapping bank.toml  # a download, by your mapping",
        "medcollect deposits august.csv --mapping bank.toml --dry-run  # see first, keep nothing",
        hint="Taking the same deposits in again changes nothing. 'medcollect undo I000003' takes "
        "a file back.",
    )(deposits)
    command(
        app,
        "reconcile",
        "which deposit brought which remittance's money",
        "medcollect reconcile  # what is missing on either side, and what to do",
        "medcollect reconcile --match B000004 R000017 --reason 'called the bank'",
        "medcollect reconcile --unmatch B000004 R000017 --reason 'another check'",
        "medcollect reconcile --set-aside B000009 --reason 'interest'  # no remittance is due",
        "medcollect reconcile --set-aside E000003 --reason 'cashed 12 March'  # a refund cheque",
        "medcollect reconcile --xlsx august.xlsx  # for a spreadsheet",
        hint="Exit code 1 while something does not reconcile or a refund cheque is outstanding, 0 "
        "when all is done. Decisions are taken back with 'medcollect undo D000001'.",
    )(reconcile)


def deposits(
    door: Door,
    paths: PATHS,
    mapping: MAPPING = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and compare, then keep nothing.")
    ] = False,
) -> int:
    """Read what the bank says came in, and keep it to reconcile it with the remittances.

    The format is told by the file's first bytes. Control totals must hold; a file with an error is
    not taken in at all. A deposit that is on file from another file counts once.
    """
    with door.book(make=True) as book:
        answer = book.import_deposits(paths, mapping=mapping, dry_run=dry_run)
    code = DONE_WITH_ERRORS if has_errors(answer["files"]) else DONE
    return door.answer(answer, show_deposits, code)


def reconcile(
    door: Door,
    match: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="DEPOSIT REMITTANCE", help="They are the same money."),
    ] = None,
    unmatch: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="DEPOSIT REMITTANCE", help="They are not the same money."),
    ] = None,
    set_aside: Annotated[
        str | None,
        typer.Option(metavar="ID", help="No other side is due to it; a refund cheque was cashed."),
    ] = None,
    reason: REASON = "",
    user: USER = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Ages on this day; else today.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show what is matched, too.")] = False,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every row to this CSV file.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every row to this spreadsheet.")
    ] = None,
) -> int:
    """Compare the bank's deposits with the remittances' payments, to the cent.

    They are tied by trace number and amount, else by amount, date and payer, else as the only set
    of checks that adds up to a deposit. What two could fit waits for you.
    """
    asked = [match is not None, unmatch is not None, set_aside is not None]
    if sum(asked) > 1:
        raise BadRequest("Say one of --match, --unmatch and --set-aside.", "Run it once for each.")
    who = user or getpass.getuser()
    with door.book() as book:
        if match is not None or unmatch is not None:
            action, pair = ("match", match) if match is not None else ("unmatch", unmatch)
            assert pair is not None  # noqa: S101 - one of them is given
            answer = book.tie_deposit(action, *pair, reason=reason, user=who)
            return door.answer(answer, show_tie)
        if set_aside is not None:
            answer = book.set_deposit_aside(set_aside, reason=reason, user=who)
            return door.answer(answer, show_tie)
        answer = book.reconcile(as_of=day_of("--as-of", as_of))
    export(_report, answer, csv, xlsx)
    waits = any(answer[key] for key in (*_HEADINGS, "differences"))
    code = DONE_WITH_ERRORS if waits else DONE
    return door.answer(
        answer, lambda found: show_reconciliation(found, everything=everything), code
    )


def _report(answer: Document) -> Document:
    from medcollect.reports.reconciliation import reconciliation_report

    return reconciliation_report(answer)


def show_deposits(answer: Document) -> None:
    """What came in from the bank, for a terminal."""
    rows = table("", [("file", "wide"), ("kind", "text"), ("status", "text"),
                      ("deposits", "money"), ("amount", "money")])  # fmt: skip
    for file in answer["files"]:
        cells = [file["path"], file["format"], file["status"], file["deposits"]]
        add_row(rows, [*cells, money(file["amount"])])
    console().print(rows)
    show_findings(answer["files"])
    out = console()
    told = counted(answer["deposits"], "new deposit")
    known = f"; {answer['known']} known before" if answer["known"] else ""
    out.print(f"{told}, {money(answer['deposits_total'])}{known}.", style="bold")
    if answer.get("import") and answer["deposits"]:
        out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")


def show_tie(answer: Document) -> None:
    """A decision on a deposit."""
    pair = [answer["deposit"], answer["remittance"], answer["refund_cheque"]]
    words = {
        "match": "{} and {} are tied.",
        "unmatch": "{} and {} are kept apart.",
        "set_aside": "{} is set aside.",
    }
    told = words[answer["action"]].format(*filter(None, pair))
    console().print(f"{answer['decision']}: {told}", style="green")
    console().print(f"To take it back: medcollect undo {answer['decision']}", style="dim")


_HEADINGS = {
    "deposits": "Deposits without a remittance",
    "remittances": "Remittances without a deposit",
    "refund_cheques": "Refund cheques that are not known to be cashed",
}


def show_reconciliation(answer: Document, *, everything: bool) -> None:
    """What does not reconcile, with its age and what to do; then the proof in totals."""
    out = console()
    for key, heading in _HEADINGS.items():
        if answer[key]:
            out.print(f"\n{heading}", style="bold")
        for item in answer[key]:
            _show_open(item)
    shown = ["differences", "matched"] if everything else ["differences"]
    for key in shown:
        if answer[key]:
            out.print(f"\n{key.capitalize()}", style="bold")
        for item in answer[key]:
            _show_joined(item)
    if everything:
        _show_cards(answer["card_batches"])
        _show_quiet(answer)
    _show_totals(answer["totals"])


def _show_open(item: dict[str, Any]) -> None:
    """A deposit or a payment that stands alone."""
    console().print(_line(item))
    if item.get("held"):
        indent(f"held ({plain(item['held'])}): {item['held_reason']}", "yellow")
    for candidate in item.get("candidates", []):
        against = plain(candidate["why_not"])
        told = f"{candidate['remittance']}  {money(candidate['amount'])}  {candidate['payer']}"
        indent(
            f"could be {told}: {plain(candidate['why'])}" + (f"; but {against}" if against else "")
        )
    indent(item["action"], "cyan")


_NUMBERS = (("trace", "trace_number"), ("reference", "reference"))


def _line(item: dict[str, Any]) -> str:
    """One side in a line: id, day, amount, payer, trace, kind, age."""
    day = item.get("deposit_date") or item.get("payment_date") or item.get("sent_on")
    told = next((f"{k} {item[key]}" for k, key in _NUMBERS if item.get(key)), None)
    age = item.get("age_days")
    parts = [
        item["id"], day, f"{money(item['amount']):>12}", item.get("payer"), told,
        item.get("kind") or item.get("payment_method") or item.get("to"),
        f"{counted(age, 'day')} old" if age is not None else None,
    ]  # fmt: skip
    return "  ".join(plain(part) for part in parts if part)


def _show_joined(item: dict[str, Any]) -> None:
    """Both sides of a match or of a difference."""
    for side in (*item["deposits"], *item["remittances"]):
        console().print(_line(side))
        if side.get("held"):
            indent(f"held ({plain(side['held'])}): {side['held_reason']}", "yellow")
    gap = "" if is_zero(item["difference"]) else f"; difference {money(item['difference'])}"
    indent(f"{item['why']}{gap}", "dim")
    indent(item.get("action"), "cyan")


def _show_cards(batches: list[Document]) -> None:
    """Deposits of patients' card payments."""
    if batches:
        console().print("\nPatients' cards", style="bold")
    for batch in batches:
        console().print(_line(batch["deposit"]))
        paid = counted(len(batch["patient_payments"]), "card payment")
        indent(f"{paid} of {batch['day']}: {', '.join(batch['patient_payments'])}", "dim")


def _show_quiet(answer: Document) -> None:
    """What is set aside or brings no deposit."""
    for key, heading in (("set_aside", "Set aside"), ("not_expected", "No deposit expected")):
        if answer[key]:
            console().print(f"\n{heading}", style="bold")
        for item in answer[key]:
            console().print(_line(item))


def _show_totals(totals: dict[str, Any]) -> None:
    """Both sides in one table: the parts add up to the total."""
    rows = table("\nThe proof", [("", "text"), ("deposits", "money"), ("remittances", "money")])
    for key in (
        "matched",
        "different",
        "unmatched",
        "patient_cards",
        "set_aside",
        "not_expected",
        "total",
    ):
        pair = [totals[side].get(key) for side in ("deposits", "remittances")]
        if key == "total" or not all(is_zero(cell) for cell in pair):
            cells = [money(cell) if cell is not None else "" for cell in pair]
            add_row(rows, [key.replace("_", " "), *cells], style="bold" if key == "total" else "")
    console().print(rows)
