"""What waits for a person: ``denials``, ``exceptions`` and ``resolve``."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.candidates import at_stake, show_candidates
from medcollect.cli.case_text import show_bulk_steps, show_denial, show_denials
from medcollect.cli.command import Document, Door, command
from medcollect.cli.exporting import export
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import at_a_terminal, console, counted, cut, indent, is_zero, money
from medcollect.cli.patterns import list_patterns
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest
from medcollect.money import format_cents, parse_cents
from medcollect.reports.cells import plain
from medcollect.reports.listings import denials_report

EXCEPTION = Annotated[
    str, typer.Argument(metavar="EXCEPTION", help="An exception, such as X000001.")
]


#: The kinds of denials, for --help; the book refuses any other (``tasks.worklists.categories``).
CATEGORIES = (
    "administrative, authorization, benefit_maximum, bundling, capitation, cob, coding_modifier, "
    "contractual, demographic, documentation, duplicate, eligibility_coverage, "
    "interest_or_penalty, medical_necessity, missing_information, non_covered, "
    "patient_liability_other, provider_enrollment, rejected, silent_denial, timely_filing, "
    "underpayment, unknown_code"
)


#: Where the work on a denial can stand, for --help; the book refuses any other.
CASE_STATES = (
    "new, in_work, waiting, corrected, appealed, overturned, overturned_in_part, upheld, "
    "written_off, closed"
)

#: What can have become of an amount, for --help; the book refuses any other.
STATUSES = (
    "open, resent (the payer has the claim again), notice (the patient signed a notice and owes "
    "it), settled, written_off, withdrawn (a later answer replaced it)"
)

#: The kinds of write-off, for --help; the book refuses any other.
WRITE_OFFS = "administrative, bad_debt, charity, contractual, denial, settlement, small_balance"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "denials",
        "what payers refused, in order of work",
        "medcollect denials --limit 20  # what to work first",
        "medcollect denials --payer medicare --minimum 100  # one payer, worth the effort",
        "medcollect denials --category authorization  # one kind of denial",
        "medcollect denials --xlsx denials.xlsx  # for a spreadsheet: real numbers and dates",
        "medcollect denials --owner kim --due-before 2026-12-01  # whose turn it is",
        "medcollect denials --next --payer medicare  # take the first that nobody has",
        "medcollect denials --code CO-197 --procedure 70553 --older-than 30",
        "medcollect denials patterns --minimum 500  # refused too often: one fix serves many",
        "medcollect denials bulk  # what was done to many at once, and whether it was undone",
        hint=f"Kinds: {CATEGORIES}. States: {CASE_STATES}. Status: {STATUSES}.",
    )(denials)
    command(
        app,
        "exceptions",
        "what waits for a person",
        "medcollect exceptions  # everything that waits, and the money at stake",
        "medcollect exceptions --kind no_claim  # one kind",
        "medcollect exceptions --held  # what somebody decided to let wait",
        "medcollect exceptions --json  # every candidate with its score and why-nots",
        hint="Exit code 1 while something waits, 0 when nothing does.",
    )(exceptions)
    command(
        app,
        "resolve",
        "decide an exception",
        "medcollect resolve X000001 --to C000007 --reason 'same visit'  # it belongs there",
        "medcollect resolve X000002 --open-claim --reason 'no 837'  # open a claim from it",
        "medcollect resolve X000003 --post-anyway --reason 'called payer'  # post, gap shown",
        "medcollect resolve X000004 --hold --until 2026-12-31 --reason 'payer will resend'",
        "medcollect resolve X000005 --write-off administrative --reason 'not worth a call'",
        "medcollect undo D000001  # take the decision back",
        hint=f"Kinds of write-off: {WRITE_OFFS}. How much one decision may write off is the "
        "setting write_off.limit.",
    )(resolve)


PAYER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only this payer (part of its name).")
]
CATEGORY = Annotated[
    str | None, typer.Option(metavar="KIND", help="Only this kind of denial (see below).")
]
STATUS = Annotated[
    str,
    typer.Option(metavar="STATUS", help="What became of an amount (see below); or all."),
]
MINIMUM = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="Only amounts of at least this.")
]
MAXIMUM = Annotated[
    str | None, typer.Option(metavar="AMOUNT", help="Only amounts of at most this.")
]
OWNER = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only those this person has; or nobody.")
]
STATE = Annotated[
    str | None, typer.Option(metavar="STATE", help="Only where the work stands so (see below).")
]
DUE_BEFORE = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Only with a limit or look by then.")
]


KIND = Annotated[
    str | None,
    typer.Option(
        "--of-kind",
        metavar="KIND",
        help="Only denied, rejected, silent_denial or underpayment.",
    ),
]
CODE = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only this reason code: 197, or CO-197.")
]
REMARK = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only with this remark code: N290.")
]
PROCEDURE = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only lines of this procedure: 99213.")
]
OLDER_THAN = Annotated[
    int | None,
    typer.Option(min=0, metavar="DAYS", help="Only answered longer ago than so many days."),
]


class What(StrEnum):
    """What to list instead of the worklist."""

    patterns = "patterns"
    bulk = "bulk"


WHAT = Annotated[
    What | None,
    typer.Argument(
        metavar="[patterns|bulk]",
        help="Instead of the worklist: what is refused too often; what was done to many at once.",
    ),
]
NEXT_ONE = Annotated[
    bool, typer.Option("--next", help="Take the first that nobody has, and show it.")
]
NEXT_USER = Annotated[
    str | None, typer.Option(metavar="NAME", help="With --next: who; else your login name.")
]


LIMIT = Annotated[int | None, typer.Option(min=1, metavar="NUMBER", help="At most so many.")]
CSV = Annotated[Path | None, typer.Option(metavar="FILE", help="Write them to this CSV file.")]
XLSX = Annotated[Path | None, typer.Option(metavar="FILE", help="Write them to this spreadsheet.")]


def filters_of(given: Mapping[str, Any]) -> Document:
    """The filters of the worklist among a command's arguments, as the book knows them."""
    as_they_are = ("payer", "category", "status", "owner", "state", "remark", "procedure")
    return {
        **{name: given[name] for name in as_they_are},
        "minimum": amount_of(given["minimum"], "--minimum"),
        "maximum": amount_of(given["maximum"], "--maximum"),
        "due_before": day_of("--due-before", given["due_before"]),
        "older_than": given["older_than"],
        "kind": given["of_kind"],
        "reason": given["code"],
    }


def denials(
    door: Door,
    what: WHAT = None,
    payer: PAYER = None,
    category: CATEGORY = None,
    status: STATUS = "open",
    minimum: MINIMUM = None,
    maximum: MAXIMUM = None,
    owner: OWNER = None,
    state: STATE = None,
    due_before: DUE_BEFORE = None,
    of_kind: KIND = None,
    code: CODE = None,
    remark: REMARK = None,
    procedure: PROCEDURE = None,
    older_than: OLDER_THAN = None,
    next_one: NEXT_ONE = False,
    user: NEXT_USER = None,
    limit: LIMIT = None,
    csv: CSV = None,
    xlsx: XLSX = None,
) -> int:
    """Show what payers refused, in the order in which to work it.

    Each line says why it was refused, what to do next and by when. A denied amount stays open
    until a person or a policy decides: it is never written off as contractual by itself.
    """
    wanted = filters_of(locals())
    if what is What.bulk:
        with door.book() as book:
            return door.answer(book.bulk_steps(limit or 50), show_bulk_steps, DONE)
    if what is What.patterns:
        if next_one:
            raise BadRequest("A pattern is not taken.", "Take its denials: 'denial PATTERN take'.")
        return list_patterns(door, wanted, limit, csv, xlsx)
    with door.book() as book:
        if next_one:
            taken = book.take_next_denial(user=user or getpass.getuser(), **wanted)
            return door.answer(taken, show_denial, DONE)
        answer = book.denials(**wanted, limit=limit)
    export(denials_report, answer, csv, xlsx)
    return door.answer(answer, show_denials)


def exceptions(
    door: Door,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only this kind of exception.")
    ] = None,
    held: Annotated[
        bool, typer.Option("--held", help="Those that somebody lets wait, instead of the others.")
    ] = False,
) -> int:
    """Show money and documents that no rule could post, and what a person can do about each."""
    with door.book() as book:
        answer = book.exceptions(kind=kind, held=held)
    return door.answer(answer, show_exceptions, DONE_WITH_ERRORS if answer["count"] else DONE)


def resolve(
    door: Door,
    exception: EXCEPTION,
    to: Annotated[
        str | None, typer.Option(metavar="CLAIM", help="Post it to this claim (C000001).")
    ] = None,
    open_claim: Annotated[
        bool, typer.Option("--open-claim", help="Open a claim from the remittance.")
    ] = False,
    post_anyway: Annotated[
        bool, typer.Option("--post-anyway", help="Post it, its difference on a line of its own.")
    ] = False,
    hold: Annotated[
        bool, typer.Option("--hold", help="Let it wait, out of the daily list but counted.")
    ] = False,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="With --hold: to this day.")
    ] = None,
    write_off: Annotated[
        str | None, typer.Option(metavar="KIND", help="Give its money up, as this kind.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; kept with the decision.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides; else your login name.")
    ] = None,
) -> int:
    """Decide an exception: where its money goes, with your reason on record.

    The decision gets a number (D000001) and can be taken back with 'medcollect undo D000001'.
    """
    asked = (to is not None, open_claim, post_anyway, hold, write_off is not None)
    if asked.count(True) != 1:
        message = f"Say one of {', '.join(_WAYS.values())}."
        raise BadRequest(message, "medcollect exceptions shows what each exception allows.")
    with door.book() as book:
        answer = book.resolve(
            exception,
            to=to,
            open_claim=open_claim,
            post_anyway=post_anyway,
            hold=hold,
            until=day_of("--until", until),
            write_off=write_off,
            reason=_reason(reason, door),
            user=user or getpass.getuser(),
        )
    return door.answer(answer, show_decision, DONE_WITH_ERRORS if answer.get("opened") else DONE)


def amount_of(text: str | None, option: str) -> str | None:
    """An amount a person typed, checked: ``1,234.5`` becomes ``1234.5``."""
    if text is None:
        return None
    plain_text = text.replace(",", "").removeprefix("$")
    cents = parse_cents(plain_text)
    if cents is None or cents < 0:
        raise BadRequest(f"{option} {text} is no amount.", "Write it as 100 or 99.50.")
    return plain_text


def _reason(reason: str | None, door: Door) -> str:
    """The reason given, or asked for at a terminal; a decision without one is not taken."""
    if reason is None and not door.as_json and at_a_terminal():
        reason = typer.prompt("Why (kept with the decision)", err=True)
    if not reason or not reason.strip():
        raise BadRequest("A decision needs a reason.", "Give it with --reason '...'.")
    return reason.strip()


#: What a person types to take an action that an exception allows.
_WAYS = {
    "to": "--to CLAIM",
    "open_claim": "--open-claim",
    "post_anyway": "--post-anyway",
    "hold": "--hold",
    "write_off": "--write-off KIND",
}


def show_exceptions(answer: Document) -> None:
    """The exceptions for a terminal: what and how much, below it why and what to type."""
    out = console()
    for item in answer["exceptions"]:
        show_exception(item)
    count = counted(answer["count"], "exception")
    rest = cut(len(answer["exceptions"]), answer["count"])
    out.print(f"{count}, {at_stake(answer)}.{rest}", style="bold")
    held = answer.get("held") or {}
    if held.get("count"):
        out.print(f"{counted(held['count'], 'exception')} held, {at_stake(held)}: --held.")
    reissued = _reissued(answer)
    if not is_zero(reissued):
        out.print(f"Of it {money(reissued)} was re-issued: not counted as received, not unapplied.")


def show_exception(item: dict[str, Any]) -> None:
    """One exception: what and how much, where from, why, candidates side by side, what to type."""
    number = item.get("patient_control_number") or ""
    head = [item["id"], money(item["amount"]), item["kind"], number and f"claim {number}"]
    console().print("  ".join(filter(None, head)), style="bold")
    indent(_source(item), "dim")
    indent(item.get("reason"))
    show_candidates(item)
    if item.get("hold"):
        hold = item["hold"]
        until = f"until {hold['until']}" if hold["until"] else "for good"
        indent(f"Held {until} by {hold['user']}: {hold['reason']} ({hold['decision']})")
    actions = item.get("actions") or []
    for action in [a for a in actions if a != "hold"] or actions:
        indent(f"medcollect resolve {item['id']} {_way(item, action)} --reason '...'", "cyan")


def _way(item: dict[str, Any], action: str) -> str:
    """The option for an action; the claim that fits best stands in it where there is one."""
    way = _WAYS.get(action, action)
    candidates = item.get("candidates") or []
    return way.replace("CLAIM", candidates[0]["claim"]) if candidates else way


def _source(item: dict[str, Any]) -> str:
    """Where an exception comes from: payer, payment, and our ids of remittance and import."""
    trace = item.get("trace_number")
    names = [item.get(key) for key in ("remittance", "patient_payment", "import")]
    ids = ", ".join(filter(None, names))
    parts = [item.get("payer"), trace and f"payment {trace}", ids]
    return ", ".join(filter(None, parts))


def _reissued(answer: Document) -> str:
    """Of the money at stake, what was on file already when it came (and is no cash of ours)."""
    found = [item for item in answer["exceptions"] if item["kind"] == "reissued_payment"]
    return format_cents(sum(parse_cents(str(item["amount"])) or 0 for item in found))


def show_decision(answer: Document) -> None:
    """What a decision did."""
    out = console()
    what = f"{money(answer['posted'])} posted"
    if not is_zero(answer.get("written_off")):
        what = f"{money(answer['written_off'])} written off"
    if answer.get("action") == "hold":
        what = "held: see exceptions --held"
    done = f"{answer['decision']}: {answer['exception']} decided, {what}."
    out.print(done, style="green")
    others = [name for name in answer.get("settled") or [] if name != answer["exception"]]
    if others:
        out.print(f"Settled with it: {plain(others)}")
    if answer.get("opened"):
        out.print(f"Now waits for you: {plain(answer['opened'])} (medcollect exceptions)")
    out.print(f"To take it back: medcollect undo {answer['decision']}", style="dim")
