"""What payers refuse too often, for a terminal: ``denials patterns``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from medcollect.cli.command import Document, Door
from medcollect.cli.exporting import export
from medcollect.cli.output import console, counted, indent, money
from medcollect.errors import BadRequest
from medcollect.reports.listings import patterns_report

#: What of the filters of ``denials`` narrows patterns; the others are of no use there.
_FILTERS: Final = ("payer", "minimum")


def list_patterns(
    door: Door, wanted: Document, limit: int | None, csv: Path | None, xlsx: Path | None
) -> int:
    """List what payers refuse too often, narrowed by the filters of ``denials`` that fit."""
    others = (value for key, value in wanted.items() if key not in _FILTERS)
    if any(value not in {None, "open"} for value in others):
        message = "Patterns are narrowed by --payer, --minimum and --limit only."
        raise BadRequest(message, "Leave the other options out.")
    told = {key: wanted[key] for key in _FILTERS if wanted[key]}
    with door.book() as book:
        answer = book.denial_patterns(**told, limit=limit)
    export(patterns_report, answer, csv, xlsx)
    return door.answer(answer, show_patterns)


def show_patterns(answer: Document) -> None:
    """Each pattern: its bounds and its money, below it how far from usual, and its cases."""
    for item in answer["patterns"]:
        console().print(_head(item), style="bold")
        indent(_told(item))
        action = item["next_action"].replace("_", " ")
        open_ones = counted(len(item["denials"]), "open denial")
        indent(f"{open_ones} of {counted(len(item['cases']), 'case')}. To do: {action}.")
        indent(" ".join(item["denials"]), "dim")
    count = counted(answer["count"], "pattern")
    shown = len(answer["patterns"])
    rest = "" if shown == answer["count"] else f" The first {shown} are shown."
    lines = f"{answer['lines']:,} answered lines of two years"
    console().print(f"{count} in {lines}, {money(answer['open'])} open.{rest}", style="bold")
    if answer.get("searched_at"):
        console().print(f"Searched {answer['searched_at']}.", style="dim")


def _head(item: dict[str, Any]) -> str:
    bounds = (item["code"], item["payer"], item["procedure"])
    provider = f"provider {item['provider']}" if item["provider"] else ""
    amounts = f"{money(item['open'])} open of {money(item['amount'])}"
    return "  ".join(filter(None, (item["id"], *bounds, provider, amounts)))


_KINDS = {
    "stands_out": "Refused oftener than usual",
    "jump": "Refused oftener since {since}",
    "new_code": "Never refused so before {since}",
}


def _told(item: dict[str, Any]) -> str:
    """How often, how often would be usual, how sure."""
    kind = _KINDS[item["kind"]].format(since=item["since"])
    often = f"{item['refused']} of {counted(item['lines'], 'line')} ({item['rate_percent']}%)"
    usual = f"usual would be {item['expected']} ({item['expected_percent']}%)"
    meaning = f"{item['meaning'].rstrip('.')}. " if item["meaning"] else ""
    return f"{meaning}{kind}: {often}, {usual}; {item['confidence_percent']}% sure."
