"""``account``: whose claims are one patient's, said by hand."""

from __future__ import annotations

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from medcollect.cli.command import Door, command
from medcollect.cli.desk import REASON, USER, show_entry
from medcollect.cli.guard import DONE
from medcollect.errors import BadRequest


class Action(StrEnum):
    """What to do with accounts."""

    MERGE = "merge"
    SPLIT = "split"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "account",
        "merge accounts of one patient, or split an account of two",
        "medcollect account merge A000012 A000031 --reason 'one patient, name misspelled'",
        "medcollect account merge A000012 A000031 --although-different --reason 'birth date wrong'",
        "medcollect account split A000012 --claims C000003,C000004 --reason 'father and son'",
        "medcollect account split A000012 --claims CH1004 --payments M000002 --reason 'mixed up'",
        hint="Later files of either patient land on the right account, and a number that is no "
        "longer used leads to the account where its claims are. 'medcollect undo' takes it back.",
    )(account)


def account(
    door: Door,
    action: Annotated[Action, typer.Argument(metavar="merge|split", help="What to do.")],
    accounts: Annotated[
        list[str],
        typer.Argument(metavar="ACCOUNT...", help="Accounts (A...), or a claim's number of each."),
    ],
    claims: Annotated[
        str,
        typer.Option(metavar="CLAIM,...", help="With split: the claims of the other patient."),
    ] = "",
    payments: Annotated[
        str, typer.Option(metavar="PAYMENT,...", help="With split: payments (M...) of theirs.")
    ] = "",
    although_different: Annotated[
        bool,
        typer.Option("--although-different", help="With merge: birth dates or names differ."),
    ] = False,
    reason: REASON = "",
    user: USER = None,
) -> int:
    """Say whose claims are one patient's, where the files say otherwise."""
    who = {"reason": reason, "user": user or getpass.getuser()}
    with door.book() as book:
        if action is Action.MERGE:
            if claims or payments:
                raise BadRequest("Claims and payments are split.", "Merge names accounts alone.")
            answer = book.merge_accounts(accounts, although_different=although_different, **who)
        else:
            if len(accounts) != 1 or although_different:
                raise BadRequest("One account is split.", "Name it, and its --claims.")
            answer = book.split_account(
                accounts[0], _listed(claims), payments=_listed(payments), **who
            )
    return door.answer(answer, show_entry, DONE)


def _listed(text: str) -> list[str]:
    """The numbers of a list with commas."""
    return [one.strip() for one in text.split(",") if one.strip()]
