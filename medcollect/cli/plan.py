"""What a dry run of ``import`` would post: the first rows on the terminal, all to a file."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from medcollect.cli.output import add_row, console, indent, is_zero, money, table
from medcollect.money import format_dollars, parse_cents
from medcollect.saving import saving_text

Row = dict[str, Any]

#: Rows of each kind shown one by one; the others are summed up, --details or --json has them all.
ROWS_SHOWN = {"claim_payment": 15, "entry": 5, "opens": 20, "settles": 20}


class Plan:
    """Takes the rows of a dry run as they come: keeps the first ones, writes all of them."""

    def __init__(self, file: Path | None, *, dry_run: bool, complete: bool) -> None:
        self.takes = dry_run and (file is not None or not complete)
        self.first: list[Row] = []
        self._seen: Counter[str] = Counter()
        self._path = file
        self._stream: TextIO | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._path is not None:
            self._stream = self._stack.enter_context(saving_text(self._path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def take(self, row: Row) -> None:
        """Take one row."""
        if self._stream is not None:
            self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        kind = row["row"]
        self._seen[kind] += 1
        if self._seen[kind] <= ROWS_SHOWN[kind]:
            self.first.append(row)

    @property
    def left_out(self) -> int:
        """How many rows were not kept."""
        return self._seen.total() - len(self.first)


def show_plan(would_post: Row) -> None:
    """What would post, for a terminal."""
    out = console()
    out.print("\nWhat would post (nothing was kept)", style="bold")
    for row in would_post.get("rows", []):
        _SHOWN[row["row"]](row)
    left_out = would_post.get("rows_left_out", 0)
    if left_out:
        out.print(f"... and {left_out} more: --details FILE writes all of them.", style="dim")
    sums = table("In all", [("", "text"), ("count", "money"), ("amount", "money")])
    for outcome, found in would_post["claim_payments"].items():
        add_row(sums, [f"claim payments {outcome}", found["count"], money(found["paid"])])
    for what, label in (("opens", "exceptions that open"), ("settles", "exceptions that settle")):
        if would_post[what]["count"]:
            add_row(sums, [label, would_post[what]["count"], money(would_post[what]["amount"])])
    for account, amount in would_post["accounts"].items():
        if not is_zero(amount):
            add_row(sums, [f"account {account}", "", money(amount)])
    out.print(sums)


def _show_payment(row: Row) -> None:
    """One claim payment: where it goes and why, and what it posts."""
    claim = row["claim"] or "no claim"
    new = " (new)" if row["claim_is_new"] else ""
    rule = f"{row['rule']} {row['score']}" if row["rule"] else ""
    head = [
        row["patient_control_number"],
        money(row["paid"]),
        row["outcome"],
        f"{claim}{new}",
        rule,
    ]
    console().print("  ".join(filter(None, head)), style="bold")
    for entry in row["entries"]:
        taken = " taken back" if entry["takes_back"] else ""
        indent(f"{entry['cause'].replace('_', ' ')}{taken}: {_legs(entry)}", "dim")


def _show_entry(row: Row) -> None:
    """An entry that is no claim payment's."""
    what = row["cause"].replace("_", " ")
    head = f"{row['claim'] or row['remittance']}  {what}"
    console().print(head + (" taken back" if row["takes_back"] else ""))
    indent(_legs(row), "dim")


def _show_exception(row: Row) -> None:
    """An exception that would open or settle."""
    number = row["patient_control_number"]
    head = [f"exception {row['row']}", row["kind"], money(row["amount"]), number]
    console().print("  ".join(filter(None, head)), style="yellow")


def _legs(entry: Row) -> str:
    """The postings of an entry in one line, those of an account and detail added up."""
    sums: dict[str, int] = {}
    for leg in entry["postings"]:
        label = f"{leg['account']} {leg['detail']}".strip()
        sums[label] = sums.get(label, 0) + (parse_cents(leg["amount"]) or 0)
    return ", ".join(f"{label} {format_dollars(cents)}" for label, cents in sums.items())


_SHOWN = {
    "claim_payment": _show_payment,
    "entry": _show_entry,
    "opens": _show_exception,
    "settles": _show_exception,
}
