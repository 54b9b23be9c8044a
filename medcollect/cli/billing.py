"""Claims written from the book: ``bill``."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.files import show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, indent, money, table
from medcollect.errors import BadRequest
from medcollect.reports.cells import plain

CLAIMS = Annotated[
    list[str],
    typer.Argument(metavar="CLAIM...", help="Patient control numbers, or our ids (C000001)."),
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write it here, and into the book."),
]
SET = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Change a field (see below)."),
]
COVERAGE = Annotated[
    list[str] | None,
    typer.Option("--coverage", metavar="KEY=VALUE", help="A next payer the claim does not name."),
]

PAYER = Annotated[
    str, typer.Option(metavar="TEXT", help="Which payer: P, S, T or a part of its name.")
]
PAYER_NUMBER = Annotated[
    str, typer.Option(metavar="NUMBER", help="The payer's claim number, if none is on file.")
]
NOT_RECEIVED = Annotated[
    bool, typer.Option("--not-received", help="The next payer never got the forwarded claim.")
]
YES = Annotated[
    bool, typer.Option("--yes", help="Send it though nothing differs from what was sent last.")
]
CONTROL_NUMBER = Annotated[
    int | None, typer.Option(min=1, metavar="NUMBER", help="Go on from this ISA13.")
]
USER = Annotated[str | None, typer.Option(metavar="NAME", help="Who bills; else your login name.")]

#: The fields of ``--set`` for --help; the book refuses any other.
FIELDS = (
    "number, place, authorization, referral, note, diagnoses, delay_reason, clia, rendering, "
    "referring, attending, member_id, group_number, payer_id, filing_indicator, insurance_type, "
    "patient.last_name, patient.first_name, patient.birth_date, patient.gender, admission_type, "
    "patient_status, line.N (none leaves it out), line.N.procedure, .modifiers, .charge, .units, "
    ".place, .diagnoses, .date, .drug, .note, .revenue_code"
)


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "bill",
        "write a claim again: corrected, void, to the next payer",
        "medcollect bill CH1001 --replace --set line.2.modifiers=25  # shows old and new",
        "medcollect bill CH1001 --replace --set line.2.modifiers=25 -o fix.837  # writes it",
        "medcollect bill CH1001 --void -o void.837  # takes the claim back",
        "medcollect bill CH1001 --again -o again.837  # a first claim once more",
        "medcollect bill CH6001 CH6002 --next-payer -o next.837  # with the answers on file",
        "medcollect undo I000007  # what was written does not go out",
        hint=f"Fields: {FIELDS}. Coverage: payer, payer_id, member_id, filing_indicator, "
        "group_number, relationship. Without --output nothing is written.",
    )(bill)


def bill(
    door: Door,
    claims: CLAIMS,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what the payer has (frequency 7).")
    ] = False,
    void: Annotated[bool, typer.Option("--void", help="Take it back (frequency 8).")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send it as a first claim again (frequency 1).")
    ] = False,
    next_payer: Annotated[
        bool, typer.Option("--next-payer", help="Bill the next payer with the answers on file.")
    ] = False,
    set_: SET = None,
    output: OUTPUT = None,
    coverage: COVERAGE = None,
    payer: PAYER = "",
    payer_number: PAYER_NUMBER = "",
    not_received: NOT_RECEIVED = False,
    yes: YES = False,
    sender: Annotated[str, typer.Option(metavar="ID", help="Another sender than before.")] = "",
    receiver: Annotated[str, typer.Option(metavar="ID", help="Another receiver.")] = "",
    control_number: CONTROL_NUMBER = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with it.")] = "",
    user: USER = None,
) -> int:
    """Write claims of the book as an 837: as a replacement, void, once more, or to the next payer.

    The claim is what was filed, segment by segment; what is changed is shown, old and new. The
    next payer's claim tells every standing answer on file, balanced to the cent. What cannot be
    right (no number of the payer's own, no answer, sums that do not meet) is refused with the
    reason. A written file stands in the book as sent; importing it again changes nothing.
    """
    asked = {"replacement": replace, "void": void, "again": again, "next_payer": next_payer}
    kinds = [kind for kind, wanted in asked.items() if wanted]
    if len(kinds) != 1:
        message = "Say one of --replace, --void, --again and --next-payer."
        raise BadRequest(message, "medcollect bill --help shows examples.")
    fields, given = _pairs("--set", set_), _pairs("--coverage", coverage)
    with door.book() as book:
        answer = book.bill(
            claims,
            kinds[0],
            output=output,
            fields=fields,
            coverage=given,
            payer=payer.strip(),
            payer_number=payer_number.strip(),
            not_received=not_received,
            confirmed=yes,
            sender=sender.strip(),
            receiver=receiver.strip(),
            control_number=control_number,
            reason=reason.strip(),
            user=user or getpass.getuser(),
        )
    wrong = any(found["severity"] == "error" for found in answer["findings"])
    return door.answer(answer, show_bill, DONE_WITH_ERRORS if wrong else DONE)


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """``NAME=VALUE`` as typed."""
    found: dict[str, str] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadRequest(f"{option} {name} has no value.", f"Write {option} {name}=VALUE.")
        found[name.strip()] = value.strip()
    return found


_TITLES = {
    "replacement": "Replacement (7)",
    "void": "Void (8)",
    "again": "Once more (1)",
    "next_payer": "To the next payer",
}


def show_bill(answer: Document) -> None:
    """Each claim with what differs from what was on file, then where it was written."""
    out = console()
    for claim in answer["claims"]:
        _show_claim(answer["kind"], claim)
    named = answer["file"] or "the file"
    show_findings([{"path": named, "findings": answer["findings"]}])
    if not answer["written"]:
        out.print("Only shown: nothing is written. Add --output FILE to write it.", style="yellow")
        return
    told = f"Written to {plain(named)}, control number {answer['control_number']}."
    out.print(told, style="green")
    out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")


def _show_claim(kind: str, claim: dict[str, Any]) -> None:
    """One claim: what it is and to whom, the changes, what to know."""
    number = claim["payer_claim_control_number"]
    head = [_TITLES[kind], claim["patient_control_number"], claim["claim"], money(claim["charge"])]
    to = f"to {claim['payer']} ({claim['rank']})" + (f", its number {number}" if number else "")
    console().print("  ".join([*map(plain, head), plain(to)]), style="bold")
    rows = table("", [("where", "text"), ("element", "text"), ("old", "wide"), ("new", "wide")])
    for change in claim["changes"]:
        add_row(rows, [change[key] for key in ("place", "element", "was", "now")])
    if claim["changes"]:
        console().print(rows)
    else:
        console().print("Nothing differs from what was filed.")
    for note in claim["notes"]:
        indent(note)
