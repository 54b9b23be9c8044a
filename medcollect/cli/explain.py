"""Where the money of a claim or an account stands, and why: ``claim`` and ``balance``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from medcollect.cli.case_text import denial_head, show_grounds
from medcollect.cli.command import Document, Door, command, write_json
from medcollect.cli.guard import DONE, NOTHING_DONE
from medcollect.cli.life import show_chain, show_coverage, show_filing
from medcollect.cli.output import add_row, console, counted, indent, is_zero, money, table
from medcollect.cli.recoveries import show_case
from medcollect.cli.worklists import show_exception
from medcollect.reports.cells import plain

NUMBER = Annotated[
    str,
    typer.Argument(metavar="NUMBER", help="The patient control number, or our claim id (C000001)."),
]
ACCOUNT = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT", help="Our account (A000001), the practice's, or a claim's number of it."
    ),
]

#: The sides of the equation that holds for every claim and account (DESIGN 8.1).
_EQUATION = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "claim",
        "one claim, explained step by step",
        "medcollect claim PCN-1001  # everything on one claim, step by step",
        "medcollect claim C000007  # by our id, where several carry the number",
        "medcollect claim PCN-1001 --fhir > claim.json  # as FHIR R4B resources",
    )(claim)
    command(
        app,
        "balance",
        "what a patient owes, and why",
        "medcollect balance A000001  # what this patient owes, and why",
        "medcollect balance PCN-1001  # the account that this claim belongs to",
        "medcollect balance A000001 --json  # the same figures for a script",
    )(balance)


def claim(
    door: Door,
    number: NUMBER,
    fhir: Annotated[bool, typer.Option("--fhir", help="As a FHIR R4B bundle, on stdout.")] = False,
) -> int:
    """Explain one claim: the charge, each payer's answer, what is left and with whom."""
    with door.book() as book:
        answer = book.fhir(number) if fhir else book.claim(number)
    if fhir:
        write_json(answer)
        return DONE
    code = NOTHING_DONE if answer.get("ambiguous") else DONE
    return door.answer(answer, show_claim, code)


def balance(door: Door, account: ACCOUNT) -> int:
    """Show what a patient owes over all claims, what may be billed now, and why not the rest."""
    with door.book() as book:
        answer = book.balance(account)
    return door.answer(answer, show_balance)


def show_claim(answer: Document) -> None:
    """One claim for a terminal; where several carry the number, the choice."""
    if answer.get("ambiguous"):
        _show_choice(answer)
        return
    out = console()
    dates = " to ".join(dict.fromkeys(filter(None, map(answer.get, _DATES))))
    head = [f"Claim {answer['patient_control_number']}", answer.get("id"), dates]
    out.print("  ".join(part for part in head if part), style="bold")
    _show_state(answer)
    _show_walk(answer)
    _show_sums(answer)
    _show_lines(answer)
    _show_answers(answer)
    show_chain(answer)
    show_filing(answer)
    _show_written(answer)
    _show_work(answer)


_DATES = ("service_from", "service_to")


def _show_choice(answer: Document) -> None:
    """Several claims carry one number: list them and ask for one."""
    rows = table(
        "Several claims carry this number",
        [
            ("id", "text"),
            ("payer", "wide"),
            ("from", "text"),
            ("to", "text"),
            ("charge", "money"),
            ("state", "wide"),
        ],
    )
    for item in answer["claims"]:
        cells = [item["id"], item.get("payer"), *map(item.get, _DATES)]
        add_row(rows, [*cells, money(item.get("charge")), item.get("state")])
    out = console()
    out.print(rows)
    out.print(f"Ask for one by its id: medcollect claim {answer['claims'][0]['id']}")


def _show_state(answer: Document) -> None:
    """With whom the balance is, and why."""
    state = plain(answer["state"]).replace("_", " ")
    reason = plain(answer.get("state_reason"))
    console().print(f"{state}{f': {reason}' if reason else ''}", style="cyan")
    _show_wait(answer.get("waiting"))


def _show_wait(wait: dict[str, Any] | None) -> None:
    """Since when a payer is waited for, until when, and what to do once that is over."""
    if wait is None or not wait["since"]:
        return
    late = f", {counted(wait['days_overdue'], 'day')} overdue" if wait["overdue"] else ""
    told = f"Waiting since {wait['since']}, until {wait['until']}{late}. {wait['text']}"
    action = "" if wait["action"] == "Wait." else f" {wait['action']}"
    console().print(f"{told}{action}", style="yellow" if wait["overdue"] else "dim")


def _show_walk(answer: Document) -> None:
    """The steps that led to where the money stands, in their order."""
    out = console()
    for step in answer.get("steps") or []:
        head = [plain(step.get("date")), plain(step.get("payer"))]
        out.print("  ".join(filter(None, head)) or "Now", style="bold")
        indent(step.get("text") or step.get("what"))
    out.print()


def _show_sums(answer: Document) -> None:
    """The equation of the claim, then the patient's side of it."""
    rows = table("Where the money is", [("", "text"), ("amount", "money"), ("", "wide")])
    add_row(rows, ["charge", money(answer["charge"]), ""], style="bold")
    for name in _EQUATION:
        add_row(rows, [f"  {name.replace('_', ' ')}", money(answer[name]), ""])
    for name in ("payer_credit",):
        if not is_zero(answer.get(name)):
            add_row(rows, [f"  less {name.replace('_', ' ')}", money(answer[name]), ""])
    add_row(rows, ["patient paid", money(answer["patient_paid"]), ""])
    add_row(rows, ["patient due", money(answer["patient_due"]), ""], style="bold")
    add_row(rows, ["  may be billed now", money(answer["patient_billable"]), ""])
    for item in answer.get("not_billable") or []:
        told = item.get("text") or item.get("reason")
        add_row(rows, ["  not billable", money(item.get("amount")), told])
    if not is_zero(answer.get("credit")):
        due = not is_zero(answer.get("refund_due"))
        told = "to be refunded: no payer is left to answer" if due else "a deposit"
        add_row(rows, ["patient's credit", money(answer["credit"]), told])
    console().print(rows)
    console().print()


def _show_lines(answer: Document) -> None:
    """Line by line: what was billed and what became of it."""
    if not answer.get("lines"):
        return
    columns = [("line", "text"), ("procedure", "text"), ("diagnoses", "wide")]
    columns += [(name, "money") for name in ("charge", "paid", "written off", "patient", "open")]
    rows = table("Lines", [*columns, ("denied", "wide")])
    for line in answer["lines"]:
        add_row(rows, _line_cells(line))
    console().print(rows)
    console().print()


def _show_answers(answer: Document) -> None:
    """The payers' answers by what a call and an undo ask for: their number, our ids."""
    if not answer.get("payments"):
        return
    columns = [("", "text"), ("remittance", "text"), ("date", "text"), ("payer", "wide")]
    columns += [("payer's claim number", "text"), ("paid", "money"), ("", "text")]
    rows = table("Answers", columns)
    for item in answer["payments"]:
        ids = [item.get("id"), item.get("remittance"), item.get("payment_date")]
        number = item.get("payer_claim_control_number")
        add_row(rows, [*ids, item.get("payer"), number, money(item["paid"]), item.get("outcome")])
    console().print(rows)
    for item in answer["payments"]:
        for line in item.get("nothing_paid") or []:
            indent(_nothing_paid(item, line))
    console().print()


def _nothing_paid(payment: dict[str, Any], line: dict[str, Any]) -> str:
    """Why a line was paid with nothing, with the codes that say so."""
    where = f"line {line['line']}" if line["line"] else "the claim"
    by = f" ({', '.join(line['codes'])})" if line["codes"] else ""
    kind = plain(line["kind"]).replace("_", " ")
    return f"{payment['id']} paid nothing on {where}: {kind}{by}. {line['means']}"


def _show_written(answer: Document) -> None:
    """What was written from the book, with the id that takes it back."""
    if not answer.get("written"):
        return
    columns = [("", "text"), ("on", "text"), ("payer", "wide"), ("payer's claim number", "text")]
    rows = table("Written", [*columns, ("control number", "text"), ("import", "text")])
    for item in answer["written"]:
        kind = plain(item["kind"]).replace("_", " ")
        day = plain(item["written_at"])[:10]
        gone = " (taken back)" if item["taken_back"] else ""
        what = [kind, day, item["payer"], item["payer_claim_control_number"]]
        add_row(rows, [*what, item["control_number"], f"{item['import']}{gone}"])
    console().print(rows)
    console().print()


def _show_work(answer: Document) -> None:
    """What is still to do about this claim: open denials, and answers that wait for a person."""
    refused = [item for item in answer.get("denials") or [] if item.get("status") == "open"]
    waiting = answer.get("exceptions") or []
    out = console()
    if refused:
        out.print("Denied", style="bold")
    for item in refused:
        indent(denial_head(item))
        show_grounds(item)
    if answer.get("recoveries"):
        out.print("Provider adjustments that name the claim", style="bold")
    for item in answer.get("recoveries") or []:
        show_case(item)
    if waiting:
        out.print("Waits for a person", style="bold")
    for item in waiting:
        show_exception(item)


def _line_cells(line: dict[str, Any]) -> list[object]:
    """The cells of one line of the claim."""
    code = "-".join([str(line.get("procedure") or ""), *map(str, line.get("modifiers") or [])])
    figures = ("charge", "insurance_paid", "written_off", "patient_responsibility")
    amounts = [money(line.get(name)) for name in (*figures, "insurance_open")]
    denials = [
        f"{item.get('group', '')}-{item.get('reason', '')} {money(item.get('amount'))}"
        if isinstance(item, dict)
        else item
        for item in line.get("denials") or []
    ]
    return [line.get("line") or "claim", code, line.get("diagnoses"), *amounts, denials]


def show_balance(answer: Document) -> None:
    """One account for a terminal: the figure, the reasons, the claims behind it."""
    out = console()
    person = answer.get("patient") or {}
    named = ", ".join(filter(None, [person.get("last_name"), person.get("first_name")]))
    born = f"born {person['birth_date']}" if person.get("birth_date") else ""
    account = f"Account {answer.get('account') or answer.get('id') or ''}"
    out.print("  ".join(filter(None, [account, named, born])), style="bold")
    if answer.get("former_accounts"):
        out.print(f"Also asked for as {', '.join(answer['former_accounts'])}: they went into it.")
    due, billable = money(answer["patient_due"]), money(answer["patient_billable"])
    out.print(f"Owes {due}; may be billed now {billable}")
    if not is_zero(answer.get("credit")) and not is_zero(answer["patient_due"]):
        out.print(f"On other claims the patient has a credit of {money(answer['credit'])}.")
    if not is_zero(answer.get("unapplied")):
        out.print(f"Paid and not applied to any claim: {money(answer['unapplied'])} (a credit).")
    _show_sums(answer)
    if answer.get("claims"):
        columns = [("claim", "text"), ("number", "text"), ("from", "text"), ("charge", "money")]
        rows = table(
            "Claims", [*columns, ("due", "money"), ("billable", "money"), ("state", "wide")]
        )
        for item in answer["claims"]:
            what = [item.get("id"), item.get("patient_control_number"), item.get("service_from")]
            figures = [
                money(item.get(name)) for name in ("charge", "patient_due", "patient_billable")
            ]
            add_row(rows, [*what, *figures, plain(item.get("state")).replace("_", " ")])
        out.print(rows)
    show_coverage(answer)
