"""What people enter by hand: ``coverage`` and ``move``."""

from __future__ import annotations

import getpass
from enum import StrEnum
from typing import Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE
from medcollect.cli.output import console, indent, is_zero, money
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest

USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who enters it; else your login name.")
]
REASON = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")]


class Action(StrEnum):
    """What to do with a coverage."""

    add = "add"
    correct = "correct"
    end = "end"


class To(StrEnum):
    """To whom money is moved."""

    patient = "patient"
    payer = "payer"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "coverage",
        "enter, correct or end a patient's coverage",
        "medcollect coverage add A000012 --payer 'STONEBRIDGE TRUST' --rank 2 --member-id S77 \\\n"
        "    --payer-id SBT03 --plan CI --from 2026-01-01 --reason 'card seen'",
        "medcollect coverage correct E000001 --member-id S78 --reason 'typed wrong'",
        "medcollect coverage end E000001 --to 2026-03-31 --reason 'left the job'",
        "medcollect coverage end CH1003 --payer 'STONEBRIDGE TRUST' --reason 'never had it'",
        hint="Claims then wait for the right payer, and the patient owes only what all payers "
        "leave. Of an account: all its claims, later ones too. 'medcollect undo' takes it back.",
    )(coverage)
    command(
        app,
        "move",
        "move a balance between payers and the patient",
        "medcollect move CH4005 80.00 --to patient --reason 'patient agreed in writing' --billable",
        "medcollect move CH1002 118.00 --to payer --payer 'STONEBRIDGE TRUST' --reason 'crossover'",
        hint="It counts until a payer answers on a later day. What goes to the patient may be "
        "billed only where you say --billable, and never where the law forbids it.",
    )(move)
    command(
        app,
        "deceased",
        "a patient has died: who is written to",
        "medcollect deceased A000012 --date 2026-02-03 --reason 'the daughter called'",
        "medcollect deceased A000012 --representative 'J. HALE, EXECUTOR' --reason 'letter of 3/9'",
        hint="What the patient owes is a claim against the estate. It may not be billed until it "
        "is known who acts for the estate, and then only to that person.",
    )(deceased)


def deceased(
    door: Door,
    target: Annotated[
        str, typer.Argument(metavar="ACCOUNT|CLAIM", help="An account, or a claim's number.")
    ],
    died_on: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day, if it is known.")
    ] = None,
    representative: Annotated[
        str, typer.Option(metavar="NAME", help="Who acts for the estate, if that is known.")
    ] = "",
    reason: REASON = "",
    user: USER = None,
) -> int:
    """Say that a patient has died: nothing is billed until somebody acts for the estate."""
    with door.book() as book:
        answer = book.enter_deceased(
            target,
            died_on=day_of("--date", died_on),
            representative=representative,
            reason=reason,
            user=user or getpass.getuser(),
        )
    return door.answer(answer, show_entry, DONE)


def coverage(
    door: Door,
    action: Annotated[Action, typer.Argument(metavar="add|correct|end", help="What to do.")],
    target: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT|CLAIM|ENTRY", help="An account, a claim, an entry (E...)."),
    ],
    payer: Annotated[str, typer.Option(metavar="NAME", help="The payer's name.")] = "",
    rank: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="1 pays first, 2 second ... 11.")
    ] = None,
    payer_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The payer's id on claims (NM109).")
    ] = None,
    member_id: Annotated[str | None, typer.Option(metavar="ID", help="The member's id.")] = None,
    group_number: Annotated[str | None, typer.Option(metavar="ID", help="The group.")] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="CODE", help="Kind of plan (SBR09): CI, 12, MB, MC ...")
    ] = None,
    valid_from: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of service.")
    ] = None,
    valid_to: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day of service.")
    ] = None,
    reason: REASON = "",
    user: USER = None,
) -> int:
    """Say which payers a patient has: for all claims of an account, or for one claim."""
    first, last = day_of("--from", valid_from), day_of("--to", valid_to)
    given = {
        "payer": payer or None,
        "payer_rank": rank,
        "payer_id": payer_id,
        "member_id": member_id,
        "group_number": group_number,
        "filing_indicator": plan,
        "valid_from": first,
        "valid_to": last,
    }
    told: Document = {key: value for key, value in given.items() if value is not None}
    who: Document = {"reason": reason, "user": user or getpass.getuser()}
    with door.book() as book:
        if action is Action.end:
            answer = book.end_coverage(target, payer=payer, last_day=last, **who)
        elif action is Action.correct:
            answer = book.correct_coverage(target, **told, **who)
        else:
            if not payer or rank is None:
                raise BadRequest("A coverage has a payer and a rank.", "Give --payer and --rank.")
            answer = book.add_coverage(target, **told, **who)
    return door.answer(answer, show_entry, DONE)


def move(
    door: Door,
    target: Annotated[str, typer.Argument(metavar="CLAIM", help="A claim's number, or our id.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much, such as 80.00.")],
    to: Annotated[To, typer.Option(help="Whose it becomes.")],
    payer: Annotated[str, typer.Option(metavar="NAME", help="With --to payer: which.")] = "",
    billable: Annotated[
        bool, typer.Option("--billable", help="With --to patient: it may be billed.")
    ] = False,
    moved_on: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The day; else today.")
    ] = None,
    reason: REASON = "",
    user: USER = None,
) -> int:
    """Move what is open with payers to the patient, or the patient's part to a payer."""
    with door.book() as book:
        answer = book.move_balance(
            target,
            amount,
            to=to.value,
            payer=payer,
            billable=billable,
            moved_on=day_of("--date", moved_on),
            reason=reason,
            user=user or getpass.getuser(),
        )
    return door.answer(answer, show_entry, DONE)


_FIGURES = (
    ("insurance_open", "open with payers"),
    ("patient_due", "the patient owes"),
    ("credit", "the patient's credit"),
    ("payer_credit", "the payer's credit"),
)


def show_entry(answer: Document) -> None:
    """An entry, and what its claims are now."""
    out = console()
    out.print(f"{answer['id']}  {_told(answer)}", style="bold")
    for claim in answer["claims"]:
        figures = [
            f"{money(claim[key])} {what}" for key, what in _FIGURES if not is_zero(claim[key])
        ]
        named = f"{claim['id']} {claim['patient_control_number']}"
        indent(f"{named}: {', '.join(figures) or 'nothing is left'}. {claim['state_reason']}")
    for note in answer.get("notes") or []:
        indent(note)
    indent(f"To take it back: medcollect undo {answer['id']}", "dim")


#: What is told of entries that need no choice of words.
_SAID = {
    "deceased": "The patient has died. Write to {whom}.",
    "payer_refund": "{amount} went back to {payer} on {moved_on}.",
    "payer_refund_returned": "Refund cheque {returns} of {amount} came back on {moved_on}.",
}


def _told(item: dict[str, Any]) -> str:
    """What was entered, in a line."""
    if item["kind"] in _SAID:
        amount = money(item["amount"]) if item["amount"] else ""
        whom = item["representative"] or "nobody until it is known who acts for the estate"
        return _SAID[item["kind"]].format_map({**item, "amount": amount, "whom": whom})
    if item["kind"] == "account_merge":
        return f"{' and '.join(item['accounts'])} are one patient's: {item['accounts_now'][0]}."
    if item["kind"] == "account_split":
        return f"{item['accounts'][0]} is split: {' and '.join(item['accounts_now'])}."
    if item["kind"] == "move":
        whom = "the patient" if item["to"] == "patient" else item["payer"] or "a payer"
        return f"{money(item['moved'])} moved to {whom}."
    until = f" until {item['valid_to']}" if item["valid_to"] else ""
    if item["kind"] == "coverage_end":
        return f"{item['payer']} covers {until.strip() or 'nothing'}."
    since = f" from {item['valid_from']}" if item["valid_from"] else ""
    return f"{item['payer']} is payer {item['payer_rank']}{since}{until}."
