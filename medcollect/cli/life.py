"""For a terminal: the life of a claim beside its money, and the coverage of a patient."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from medcollect.cli.command import Document
from medcollect.cli.output import add_row, console, indent, money, table
from medcollect.reports.cells import plain

#: Verdicts that need somebody, and their colour.
_BAD = frozenset({"rejected", "not_found", "inactive", "error"})


def show_chain(answer: Document) -> None:
    """Every step from the 837 to the 835: when, what, in which file."""
    chain = answer.get("chain") or []
    if not any(step["kind"] not in {"837", "835"} for step in chain):
        return
    out = console()
    out.print("From claim to payment", style="bold")
    for step in chain:
        head = [step.get("date") or "no date", step["kind"], _words(step["verdict"])]
        indent("  ".join(head), "red" if step["verdict"] in _BAD else "")
        indent(f"  {step['text']}")
        for found in step["findings"]:
            indent(f"  {found['code']}: {found['text']}")
        indent(f"  {step['file']}, segment {step['segment']}, {step['import']}", "dim")
    out.print()


def show_filing(answer: Document) -> None:
    """What rejects the claim and by when to send it again; what proves that it was filed."""
    rejection, proof = answer.get("rejection"), answer.get("proof_of_filing")
    out = console()
    if rejection:
        out.print("Rejected, never judged", style="bold red")
        work = rejection.get("work")
        indent(work["explanation"] if work else rejection["text"])
        if work and work.get("deadline"):
            indent(f"File by {work['deadline']}. {work['deadline_rule']}")
    if proof:
        out.print("Proof of timely filing", style="bold")
        indent(proof["text"])
        indent(f"{proof['file']}, segment {proof['segment']}, {proof['import']}", "dim")
    if rejection or proof:
        out.print()


def show_coverage(answer: Document) -> None:
    """What payers say of the patient's coverage, the newest first."""
    found = answer.get("coverage") or []
    if not found:
        return
    out = console()
    out.print("Coverage", style="bold")
    for item in found:
        style = "red" if item["verdict"] in _BAD else ""
        indent(f"{item.get('date') or 'no date'}  {item['text']}", style)
        for reject in item["rejects"]:
            indent(f"  AAA {reject['code']}: {reject['reason']}. {reject['action']}")
        for payer in item["other_payers"]:
            indent(f"  other payer: {plain(payer['name'])} {plain(payer['id'])}".rstrip())
        _show_shares(item["cost_shares"])
        indent(f"  {item['file']}, segment {item['segment']}, {item['import']}", "dim")
    out.print()


def _show_shares(shares: list[dict[str, Any]]) -> None:
    if not shares:
        return
    columns = [("the patient bears", "text"), ("for", "text"), ("network", "text")]
    columns += [("services", "wide"), ("amount", "money"), ("left", "money"), ("per", "text")]
    rows = table("", columns)
    for share in shares:
        amount = money(share["amount"]) if share["amount"] else _percent(share["percent"])
        left = money(share["remaining"]) if share["remaining"] else ""
        what = [_words(share["kind"]), plain(share["level"]), plain(share["network"])]
        services = plain(share["service_types"])
        add_row(rows, [*what, services, amount, left, _words(plain(share["period"]))])
    console().print(rows)


def _percent(text: str | None) -> str:
    """A share as sent (``.2``) as people say it."""
    if not text:
        return ""
    try:
        return f"{(Decimal(text) * 100).normalize():f} %"
    except InvalidOperation:
        return text


def _words(text: str) -> str:
    return text.replace("_", " ")
