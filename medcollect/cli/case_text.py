"""Denials for a terminal: the worklist, one in a line, and with everything on record."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from medcollect.cli.command import Document
from medcollect.cli.output import console, counted, cut, indent, is_zero, money
from medcollect.money import format_cents, parse_cents
from medcollect.reports.cells import plain

#: What became of an amount that can still be worked.
_STILL_OPEN = {"open", "resent", "notice"}

#: The kinds of cases of which nothing is denied, by where the list says how many they are.
_APART = {
    "rejected": "rejected claim",
    "silent_denials": "silent denial",
    "underpayments": "underpayment",
}


def show_denials(answer: Document) -> None:
    """The worklist for a terminal: a line of figures, below it why and what to do."""
    out = console()
    cases = groupby(answer["denials"], key=lambda item: item.get("case") or item["id"])
    for place, (_, found) in enumerate(cases, start=1):
        item, *others = sorted(found, key=_is_over)
        alike = [other for other in others if _is_over(other) == _is_over(item)]
        head = f"{place:>3}. {item['patient_control_number']}  {denial_head(item, alike)}"
        out.print(head, style=_style(item))
        indent(item.get("explanation"))
        indent(_wait(item), "dim")
        indent(why_of(item))
        if item.get("rules"):
            indent(f"Decided by: {'; '.join(item['rules'])}.")
        if others:
            indent(f"The same case: {', '.join(map(line_of, others))}.")
    _show_sums(answer)


def _is_over(item: dict[str, Any]) -> bool:
    """Whether nothing of an amount is open any more."""
    return (item.get("status") or "open") not in _STILL_OPEN


def _style(item: dict[str, Any]) -> str:
    """What waits or is over is dim, what is too late red."""
    if item.get("waits") or _is_over(item):
        return "dim"
    return "bold red" if (item.get("days_left") or 0) < 0 else "bold"


def _wait(item: dict[str, Any]) -> str:
    """What a case that cannot be worked today waits for."""
    if not item.get("waits"):
        return ""
    until = item.get("waits_until")
    state = plain(item.get("state")).replace("_", " ")
    return f"Not before {until}: {state}." if until else f"Its work has ended: {state}."


def _show_sums(answer: Document) -> None:
    """How many cases of which kind there are, and how many of all can be worked today."""
    out = console()
    for notice in answer.get("notices") or ():
        out.print(f"{notice['message']} {notice['action']}", style="yellow")
    apart = {what: answer[key] for key, what in _APART.items() if answer.get(key)}
    count = counted(answer["count"] - sum(sums["count"] for sums in apart.values()), "denial")
    told = f"{count}, {money(answer['amount'])} in all."
    for what, sums in apart.items():
        if sums["count"]:
            told += f" {counted(sums['count'], what)}, {money(sums['open'])} open."
    out.print(told + cut(len(answer["denials"]), answer["count"]), style="bold")
    now, later = answer.get("to_work"), answer.get("waiting")
    if now and later and answer["count"]:
        stake = f"Together {money(answer['at_stake'])} at stake: "
        now_told = f"{now['count']} to work today, {money(now['open'])}"
        over = answer["count"] - now["count"] - later["count"]
        rest = f"; of {over} nothing is open" if over else ""
        out.print(f"{stake}{now_told}; {later['count']} waiting, {money(later['open'])}{rest}.")


def denial_head(item: dict[str, Any], others: Sequence[dict[str, Any]] = ()) -> str:
    """One case in a line: how much, why, what to do, until when, and our id of it.

    ``others`` are the further amounts of the case that are listed with it.
    """
    kind = item.get("kind") or "denied"
    code, of = f"{item.get('group')}-{item.get('reason')}", "amount"
    if kind != "denied":
        code, of = f"{plain(kind).replace('_', ' ')} {item.get('reason')}", "at_stake"
    amount = money(format_cents(sum(parse_cents(one[of]) or 0 for one in (item, *others))))
    if others:
        amount += f" in {1 + len(others)} amounts"
    doing = [plain(item.get("next_action")).replace("_", " "), _limit(item)]
    if _is_over(item):
        doing = [f"{item['status'].replace('_', ' ')}: nothing is open"]
    parts = [amount, code, *doing, item.get("id")]
    return "  ".join(filter(None, parts))


def line_of(item: dict[str, Any]) -> str:
    """A further amount of a case: our id of it, the procedure, how much, whether it is over."""
    over = f"({item['status'].replace('_', ' ')})" if _is_over(item) else ""
    return " ".join(filter(None, (item["id"], item.get("procedure"), money(item["amount"]), over)))


def _limit(item: dict[str, Any]) -> str:
    """By when, and how far off that is; a limit that has passed says so without any colour."""
    deadline, left = item.get("deadline"), item.get("days_left")
    if not deadline:
        return ""
    if left is None:
        return f"by {deadline}"
    if left < 0:
        return f"limit passed {deadline}, {counted(-left, 'day')} ago"
    return f"by {deadline}, {counted(left, 'day')} left"


def show_step(answer: Document) -> None:
    """A case after a step: where it stands, and how to take the step back."""
    console().print(f"{answer['id']}  {_standing(answer)}", style="bold")
    steps = [m["id"] for m in answer["history"] if m["id"] and m["status"] == "active"]
    if steps:
        indent(f"To take it back: medcollect undo {max(steps)}", "dim")


def show_bulk(answer: Document) -> None:
    """One step on many denials: those that take it, those that do not, and the way back."""
    out = console()
    for item in answer["denials"]:
        number, state = item["patient_control_number"], item["state"].replace("_", " ")
        owner = f"owner {item['owner']}" if item["owner"] else "nobody has it"
        out.print(f"{number}  {denial_head(item)}", style="bold")
        indent(f"{state}, {owner} (version {item['version']})  {' '.join(item['taken'])}".rstrip())
    for item in answer["refused"]:
        out.print(f"{item['denial']}  not done", style="yellow")
        indent(f"{item['message']} {item['action'] or ''}".rstrip())
    step = answer["step"].replace("_", " ")
    done = f"{step} on {counted(answer['count'], 'denial')}, {money(answer['amount'])} open"
    refused = f"; {counted(len(answer['refused']), 'denial')} left out" if answer["refused"] else ""
    if answer["dry_run"]:
        out.print(f"Would do: {done}{refused}. Nothing is done yet.", style="bold")
        indent(f"To insist that none changes before it is done: --seen {answer['seen']}", "dim")
    else:
        out.print(f"Done: {done}{refused}.", style="bold")
        indent(f"To take it back: medcollect undo {answer['bulk']}", "dim")


def show_bulk_steps(answer: Document) -> None:
    """What was done to many denials at once, the last first."""
    out = console()
    for item in answer["bulk_steps"]:
        step = item["step"].replace("_", " ")
        what = f"{item['id']}  {item['date']}  {step} on {counted(item['count'], 'denial')}"
        undone = {"no": "", "yes": "  (undone)", "partly": f"  ({item['standing']} still stand)"}
        style = "dim" if item["undone"] == "yes" else "bold"
        out.print(f"{what} by {plain(item['user'])}{undone[item['undone']]}", style=style)
        indent(item["reason"], "dim")
    if not answer["bulk_steps"]:
        out.print("Nothing was done to many at once.", style="yellow")
    elif answer["next"]:
        out.print("There are more: --limit NUMBER.", style="dim")


def show_denial(answer: Document) -> None:
    """Everything on one case."""
    out = console()
    out.print(f"{answer['patient_control_number']}  {denial_head(answer)}", style="bold")
    indent(answer["explanation"])
    indent(why_of(answer))
    show_grounds(answer)
    out.print(f"{answer['id']}  {_standing(answer)}", style="bold")
    figures = [
        f"{money(answer[key])} {what}"
        for key, what in (("refused", "refused"), ("won", "won"), ("open", "open"))
        if not is_zero(answer[key])
    ]
    indent(f"{answer['state_reason']} {', '.join(figures)}".rstrip())
    if answer["duplicate_of"]:
        indent(f"It only repeats {answer['duplicate_of']}: work that one.")
    _show_position(answer["position"])
    if len(answer["amounts"]) > 1:
        out.print("Amounts", style="bold")
        for item in answer["amounts"]:
            indent(denial_head(item))
    _show_limits(answer)
    _show_history(answer["history"])


def why_of(item: dict[str, Any]) -> str:
    """What kind of no it is, what went wrong, and who could have prevented it."""
    if not item.get("root_cause"):
        return ""
    who = plain(item.get("prevented_by")).replace("_", " ")
    kind = plain(item.get("refusal")).replace("_", " ")
    by = "nobody could have prevented it" if who == "nobody" else f"preventable by: {who}"
    return f"{kind.capitalize()}. {item['root_cause'].rstrip('.')}; {by}."


def show_grounds(item: dict[str, Any]) -> None:
    """The facts that a judgment rests on, and the steps of the next action."""
    indent(" ".join(item.get("evidence") or []))
    for place, step in enumerate(item.get("steps") or [], start=1):
        indent(f"{place}. {step}")


def _standing(answer: Document) -> str:
    """Where a case stands, in a line: state, whom it waits for, owner, next look, version."""
    parts = [answer["state"].replace("_", " ")]
    if answer["level"]:
        parts.append(f"level {answer['level']}")
    if answer["waiting_for"]:
        until = f" until {answer['waiting_until']}" if answer["waiting_until"] else ""
        parts.append(f"for {answer['waiting_for']}{until}")
    parts.append(f"owner {answer['owner']}" if answer["owner"] else "nobody has it")
    if answer["follow_up"]:
        parts.append(f"look again {answer['follow_up']}")
    return f"{', '.join(parts)} (version {answer['version']})"


def _show_position(position: dict[str, Any]) -> None:
    if position["place"]:
        indent(f"Place {position['place']} of {position['of']}: {position['why']}")


def _show_limits(answer: Document) -> None:
    console().print("Limits", style="bold")
    for limit in answer["limits"]:
        told = f"by {limit['due']}" if limit["due"] else limit["why_none"]
        indent(f"{limit['step'].replace('_', ' ')}: {told} ({limit['standing']})")
        if limit["due"]:
            indent(limit["rule"], "dim")
    if answer["proof_of_filing"]:
        indent(answer["proof_of_filing"]["text"])


def _show_history(history: list[dict[str, Any]]) -> None:
    console().print("History", style="bold")
    for moment in history:
        by = moment["id"] or moment["claim_payment"] or ""
        undone = "" if moment["status"] == "active" else "  (undone)"
        indent(f"{moment['date']}  {by}  {moment['text']}{undone}")
        if moment["reason"]:
            indent(moment["reason"], "dim")
        for file in moment["attachments"]:
            indent(_file(file), "dim")


def _file(file: dict[str, Any]) -> str:
    """A file that goes with a step, in a line."""
    kept = "" if file["kept"] else ", not kept: too large"
    size = f"{file['size']} bytes, SHA-256 {file['sha256']}"
    return f"{file['id']}  {plain(file['name'])} ({file['content_type']}), {size}{kept}"


def show_attachments(answer: Document) -> None:
    """The files of a case, each with who attached it and when."""
    out = console()
    for file in answer["attachments"]:
        undone = "" if file["status"] == "active" else "  (undone)"
        out.print(_file(file), style="bold")
        what = file["kind"].replace("_", " ")
        indent(f"{file['date']}  {what} by {plain(file['user'])}{undone}  {plain(file['reason'])}")
    if not answer["attachments"]:
        out.print(f"No file is kept with {answer['denial']}.", style="yellow")


def show_attachment(answer: Document) -> None:
    """One file, and where it was written."""
    console().print(_file(answer), style="bold")
    if answer.get("file"):
        console().print(f"Written to {plain(answer['file'])}.", style="green")
    else:
        indent("Only shown. Add --save PATH to write it.", "yellow")
