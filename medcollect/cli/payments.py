"""What patients pay: ``pay``, ``refund``, ``bounce`` and ``payments``."""

from __future__ import annotations

import getpass
from datetime import date
from typing import Annotated, Any

import typer

from medcollect.cli.bank import MAPPING
from medcollect.cli.command import Document, Door, command
from medcollect.cli.desk import show_entry
from medcollect.cli.files import has_errors, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, indent, is_zero, money, table
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest

DAY = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day; else today.")
]
USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who enters it; else your login name.")
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "pay",
        "enter a patient's payment",
        "medcollect pay CH1002 118.00 --method card --reference 004417  # for a claim",
        "medcollect pay A000012 50 --method check --date 2026-03-16 --reference 2041",
        "medcollect undo M000001  # entered by mistake",
        hint="The named claim first; else, and with what is left, the oldest balances that may be "
        "billed; the rest is the patient's credit on the account. Methods: card, check, cash, "
        "other.",
    )(pay)
    command(
        app,
        "refund",
        "give money back to a patient, or to a payer",
        "medcollect refund CH1002 12.00 --method check --reference 3301 --reason 'paid twice'",
        "medcollect refund A000012 30 --method card --reason 'moved away'  # of an account",
        "medcollect refund M000004 5 --method cash --reason 'rounded up'  # of one payment",
        "medcollect refund CH1003 80 --to-payer --method check --reason 'paid twice'  # a payer's",
        "medcollect refund R000012-1 80 --to-payer --method check --reason 'letter'  # no claim",
        hint="No more than the credit that 'balance' and 'claim' show; to a payer, no more than "
        "its credit or what 'provider-adjustments' says it will take. 'medcollect undo' with its "
        "number takes it back.",
    )(refund)
    command(
        app,
        "bounce",
        "a patient's payment, or a refund cheque, came back",
        "medcollect bounce M000007 --reason 'insufficient funds'  # a check",
        "medcollect bounce M000009 --date 2026-04-02 --reason 'chargeback'  # a card",
        "medcollect bounce M000012 --date 2026-04-02 --reason 'moved'  # a patient's refund cheque",
        "medcollect bounce E000003 --date 2026-04-02 --reason 'sent back'  # a cheque to a payer",
        hint="The return is a fact of its own: 'medcollect undo' with its number takes it back.",
    )(bounce)
    command(
        app,
        "payments",
        "take patients' payments in from a CSV",
        "medcollect payments march.csv --mapping desk.toml --dry-run  # see where they would go",
        "medcollect payments march.csv --expect-count 41 --expect-total 1920.50",
        hint="Columns: date, amount, method, reference, claim or account, service_date; others by "
        "a mapping. Taking the same table in again changes nothing.",
    )(payments)


def pay(
    door: Door,
    target: Annotated[
        str, typer.Argument(metavar="ACCOUNT|CLAIM", help="An account (A...), a claim's number.")
    ],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What was paid, such as 25.00.")],
    method: Annotated[str, typer.Option(metavar="METHOD", help="card, check, cash or other.")],
    received_on: DAY = None,
    reference: Annotated[str, typer.Option(metavar="TEXT", help="Check or receipt number.")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="A note, kept on record.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="It is another payment, though it looks the same.")
    ] = False,
    user: USER = None,
) -> int:
    """Enter a payment by card, check or cash, and see which claims it pays.

    What a claim itself reports as paid at the desk (AMT*F5 of the 837) is known: a payment that is
    the same money takes its place, and one that may be waits as an exception.
    """
    with door.book() as book:
        answer = book.pay(
            target,
            amount,
            method=method,
            received_on=_day(received_on),
            reference=reference,
            reason=reason,
            user=user or getpass.getuser(),
            again=again,
        )
    return door.answer(answer, show_payment, DONE_WITH_ERRORS if answer["held"] else DONE)


def refund(
    door: Door,
    target: Annotated[
        str,
        typer.Argument(
            metavar="ACCOUNT|CLAIM|PAYMENT", help="An account, a claim's number, a payment (M...)."
        ),
    ],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="What goes back, such as 12.00.")],
    method: Annotated[str, typer.Option(metavar="METHOD", help="card, check, cash or other.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
    refunded_on: DAY = None,
    reference: Annotated[str, typer.Option(metavar="TEXT", help="Check or receipt number.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="It is another refund, though it looks the same.")
    ] = False,
    to_payer: Annotated[
        bool, typer.Option("--to-payer", help="To the payer of a claim: its overpayment.")
    ] = False,
    payer: Annotated[
        str, typer.Option(metavar="NAME", help="With --to-payer, where several paid: which.")
    ] = "",
    user: USER = None,
) -> int:
    """Enter money given back: out of payments that no claim needs, then of a claim's credit.

    To a payer: what it paid beyond the charge, or what it still means to take back. A recovery that
    it postponed is closed with it; if the payer takes the money all the same, the import says so.
    """
    if payer and not to_payer:
        raise BadRequest("A payer's name goes with --to-payer.", "Add it, or leave --payer out.")
    if to_payer and again:
        raise BadRequest("Credit bounds what goes to a payer.", "Leave --again out.")
    told: Document = {"method": method, "refunded_on": _day(refunded_on), "reference": reference}
    who = {"reason": reason, "user": user or getpass.getuser()}
    with door.book() as book:
        if to_payer:
            sent = book.refund_payer(target, amount, payer=payer, **told, **who)
            return door.answer(sent, show_entry, DONE)
        answer = book.refund(
            target,
            amount,
            method=method,
            refunded_on=_day(refunded_on),
            reference=reference,
            again=again,
            **who,
        )
    return door.answer(answer, show_refund)


def bounce(
    door: Door,
    payment: Annotated[
        str,
        typer.Argument(
            metavar="PAYMENT", help="A payment or refund (M...), a cheque to a payer (E...)."
        ),
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
    received_on: DAY = None,
    user: USER = None,
) -> int:
    """Enter that a check bounced or a card payment was charged back: its claims are open again.

    Or that a refund cheque came back: a patient's is the patient's credit again, and what one to a
    payer had settled, its credit or its recovery, is open again.
    """
    with door.book() as book:
        answer = book.bounce(
            payment,
            received_on=_day(received_on),
            reason=reason,
            user=user or getpass.getuser(),
        )
    return door.answer(answer, show_bounce if "notes" in answer else show_entry, DONE)


def payments(
    door: Door,
    path: Annotated[str, typer.Argument(metavar="FILE", help="A CSV table, or - for stdin.")],
    mapping: MAPPING = None,
    expect_count: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Refuse the table with other rows.")
    ] = None,
    expect_total: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Refuse the table with another sum.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show where each would go, keep nothing.")
    ] = False,
    user: USER = None,
) -> int:
    """Take a table of payments in, all of it or, with an error in a row, nothing.

    A row that is on file already, from another table or a command, counts once.
    """
    with door.book() as book:
        answer = book.import_payments(
            path,
            mapping=mapping,
            expect_count=expect_count,
            expect_total=expect_total,
            dry_run=dry_run,
            user=user or getpass.getuser(),
        )
    errors = has_errors(answer["files"]) or answer["exceptions"] > 0
    return door.answer(answer, show_payments, DONE_WITH_ERRORS if errors else DONE)


def _day(text: str | None) -> date | None:
    return day_of("--date", text)


def show_payment(item: dict[str, Any]) -> None:
    """One payment: where it went, what is left, and how to take it back."""
    out = console()
    head = [item["id"], item["received_on"], money(item["amount"]), item["method"], item["account"]]
    out.print("  ".join(part for part in head if part), style="bold")
    for part in item["applied"]:
        indent(f"{money(part['amount'])} to {part['claim']}")
    if not is_zero(item["unapplied"]):
        indent(f"{money(item['unapplied'])} is not applied: the patient's credit on the account")
    if item["held"]:
        indent(f"waits for you ({item['held']}): {item['held_reason']}", "yellow")
    indent(f"To take it back: medcollect undo {item['id']}", "dim")


def show_refund(answer: Document) -> None:
    """A refund: out of what it was taken, and how to take it back."""
    out = console()
    told = f"{money(answer['amount'])} went back to the patient on {answer['refunded_on']}."
    out.print(told, style="bold")
    for part in answer["refunds"]:
        source = part["payment"] or f"what {part['claim']} reports as paid"
        indent(f"{part['id']}  {money(part['amount'])} of {source}")
    listed = " ".join(part["id"] for part in answer["refunds"])
    indent(f"To take it back: medcollect undo {listed.split()[0]}", "dim")


def show_bounce(answer: Document) -> None:
    """A return, and what it opens again."""
    item = answer["returns"]
    out = console()
    refund = next((r for r in item["refunds"] if _is_return(r, answer)), None)
    back = refund or item
    told = f"{answer['id']}: {back['id']} of {money(back['amount'])} came back."
    out.print(told, style="yellow")
    for note in answer.get("notes") or []:
        indent(note)
    indent(f"To take it back: medcollect undo {answer['id']}", "dim")


def _is_return(refund: Document, answer: Document) -> bool:
    """Whether it is this refund that came back now."""
    return bool((refund["returned"] or {}).get("id") == answer["id"])


_ROWS_SHOWN = 30


def show_payments(answer: Document) -> None:
    """What a table brought in, for a terminal: row by row, then the control totals."""
    show_findings(answer["files"])
    rows = table("", [("payment", "text"), ("day", "text"), ("amount", "money"),
                      ("method", "text"), ("for", "text"), ("goes to", "wide"),
                      ("left", "money")])  # fmt: skip
    for item in answer["rows"][:_ROWS_SHOWN]:
        where = ", ".join(f"{part['claim']} {money(part['amount'])}" for part in item["applied"])
        left = "" if is_zero(item["unapplied"]) else money(item["unapplied"])
        target = item["patient_control_number"] or item["account"]
        cells = [item["id"], item["received_on"], money(item["amount"]), item["method"], target]
        add_row(rows, [*cells, where or item["held"], left])
    out = console()
    if answer["rows"]:
        out.print(rows)
    if len(answer["rows"]) > _ROWS_SHOWN:
        out.print(f"... and {len(answer['rows']) - _ROWS_SHOWN} more; --json shows all.")
    known = f"; {answer['known']} known before" if answer["known"] else ""
    told = counted(answer["payments"], "payment")
    out.print(f"{told}, {money(answer['payments_total'])}{known}.", style="bold")
    if answer["payments"]:
        out.print(f"Applied {money(answer['applied'])}, unapplied {money(answer['unapplied'])}.")
    if answer["exceptions"]:
        waits = f"{counted(answer['exceptions'], 'payment')} of {money(answer['held'])}"
        out.print(f"{waits} waits for you: medcollect exceptions", style="yellow")
    if answer.get("import") and answer["payments"]:
        out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")
