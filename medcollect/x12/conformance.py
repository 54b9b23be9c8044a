"""The implementation guide's rules, through pyx12: a strict second opinion on a file.

Each functional group is copied, tidied, into a temporary file and judged on its own, because pyx12
stops the whole file at a byte order mark, an unknown version or an ISA of the wrong width. In the
copy the ISA has its full width, an 835 has an ST03 (without it pyx12 4.0 leaves its answer cut
off), and GS08 is the spelling its index knows. Its external code lists are years old: they are
switched off, :mod:`medcollect.codes` judges codes by date.

The sentences are ours and name places only: pyx12 quotes values, so its log is silenced as well.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple, TextIO

from medcollect.findings import Finding, Severity
from medcollect.limits import Limits
from medcollect.model.common import Delimiters
from medcollect.x12.tokens import Tokens

#: Versions that pyx12 has no map for under this spelling, and the guide that governs them.
_GUIDE_OF: Final = {
    "005010X221": "005010X221A1",
    "005010X222": "005010X222A1",
    "005010X222A2": "005010X222A1",
    "005010X223": "005010X223A2",
    "005010X223A1": "005010X223A2",
    "005010X223A3": "005010X223A2",
}

#: pyx12's external code lists, all switched off; the last is named by its maps but never defined.
_STALE_CODES: Final = (
    "claim_status,claim_status_cat,country,currency,entity_id,pos,remark_code,service_type,"
    "states,prov_taxonomy"
)

_ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ISA_DEFAULTS: Final = (
    "00", "", "00", "", "ZZ", "SENDER", "ZZ", "RECEIVER", "250101", "0000", "^", "00501",
    "000000001", "0", "P", ":",
)  # fmt: skip
_ENVELOPE: Final = frozenset({"ISA", "IEA", "TA1"})
_ASK: Final = "Ask the sender to follow the implementation guide; the data was read as it stands."


class _Rule(NamedTuple):
    """One kind of error: our finding code, its severity, the sentence about a place."""

    code: str
    severity: Severity
    sentence: str


#: pyx12's segment error codes (IK304 of the 999, with its own HL, LX and SEG).
_SEGMENT_RULES: Final = {
    "1": _Rule("guide-segment-unknown", "error", "{place} does not belong here."),
    "2": _Rule("guide-segment-not-used", "error", "{place} is not used by the guide."),
    "3": _Rule("guide-segment-missing", "error", "{place} is required and missing before this."),
    "4": _Rule("guide-loop-repeated", "error", "The loop of {place} stands too often."),
    "5": _Rule("guide-segment-repeated", "error", "{place} stands too often."),
    "8": _Rule("guide-segment-invalid", "error", "{place} breaks a rule between its elements."),
    "HL1": _Rule("guide-hierarchy", "error", "The HL numbers are not consecutive."),
    "HL2": _Rule("guide-hierarchy", "error", "The HL names no parent that stands before it."),
    "LX": _Rule("guide-line-number", "warning", "The LX numbers are not consecutive."),
    "SEG1": _Rule("guide-trailing-separator", "warning", "{place} ends with empty elements."),
}

#: pyx12's element error codes (IK403 of the 999).
_ELEMENT_RULES: Final = {
    "1": _Rule("guide-element-missing", "error", "{place} is required and missing."),
    "2": _Rule("guide-element-missing", "error", "{place} is required beside another element."),
    "3": _Rule("guide-elements-too-many", "error", "{place}: there are too many elements."),
    "4": _Rule("guide-element-length", "warning", "{place} is too short."),
    "5": _Rule("guide-element-length", "warning", "{place} is too long."),
    "6": _Rule("guide-element-characters", "warning", "{place} has characters it may not have."),
    "7": _Rule("guide-element-code", "warning", "{place} has a value the guide does not list."),
    "8": _Rule("guide-element-date", "error", "{place} is not a date."),
    "9": _Rule("guide-element-date", "error", "{place} is not a time."),
    "10": _Rule("guide-element-not-used", "warning", "{place} is not used by the guide."),
}
_TRANSACTION_RULE: Final = _Rule(
    "guide-transaction-trailer", "error", "The transaction's trailer is missing or contradicts it."
)
_GROUP_RULE: Final = _Rule(
    "guide-group-trailer", "warning", "The group's trailer is missing or contradicts it."
)


class _Group:
    """The tidied copy of one functional group, with the place of each of its segments."""

    def __init__(self, delimiters: Delimiters, isa: list[str], gs: list[str], number: int) -> None:
        self.delimiters = delimiters
        self.control_number = isa[12]
        self.version = gs[8] if len(gs) > 8 else ""
        self.guide = _GUIDE_OF.get(self.version, self.version)
        self.first = number
        self.numbers = array("q")
        self.transactions = array("q")
        self.file: TextIO = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
        self._write([*isa], number, 0)
        self._write([*gs[:8], *([self.guide] if len(gs) > 8 else [])], number, 0)

    def add(self, segment: str, number: int, transaction: int) -> None:
        """Copy one segment; ST03 is filled or spelled as the guide's index wants it."""
        elements = segment.split(self.delimiters.element)
        if elements[0] == "ST":
            elements = [*[*elements, "", ""][:3], self.guide]
        self._write(elements, number, transaction)

    def close(self) -> None:
        """End the interchange and go back to the start of the copy."""
        self._write(["IEA", "1", self.control_number], self.numbers[-1], 0)
        self.file.seek(0)

    def _write(self, elements: list[str], number: int, transaction: int) -> None:
        self.file.write(self.delimiters.element.join(elements) + self.delimiters.terminator + "\n")
        self.numbers.append(number)
        self.transactions.append(transaction)

    def place(self, line: int) -> tuple[int, int | None]:
        """The segment and transaction in the file that a line of the copy came from."""
        index = min(max(line - 1, 0), len(self.numbers) - 1)
        return self.numbers[index], self.transactions[index] or None


def guide_findings(stream: BinaryIO, limits: Limits | None = None) -> list[Finding]:
    """Judge a file by the implementation guides; findings have codes that start with ``guide-``."""
    findings: list[Finding] = []
    for group in _groups(stream, limits or Limits()):
        if isinstance(group, Finding):
            findings.append(group)
            continue
        with group.file:
            findings += _judge(group)
    return findings


# --- the copy -------------------------------------------------------------------------------


def _groups(stream: BinaryIO, limits: Limits) -> Iterator[_Group | Finding]:
    """Cut the file into functional groups; a transaction outside of any cannot be judged."""
    group: _Group | None = None
    isa: list[str] = []
    transaction = 0
    for batch in Tokens(stream, limits).batches():
        for number, segment in enumerate(batch.segments, batch.first):
            name, _, _ = segment.partition(batch.delimiters.element)
            transaction += name == "ST"
            if name in _ENVELOPE or name == "GS":
                yield from _closed(group)
                group = None
            if name == "ISA":
                isa = segment.split(batch.delimiters.element)
            elif name == "GS":
                elements = segment.split(batch.delimiters.element)
                group = _Group(batch.delimiters, _full_isa(isa, batch.delimiters), elements, number)
            elif group is not None:
                group.add(segment, number, transaction)
            elif name == "ST":
                yield _not_checked("transaction", number, "no GS names its guide")
    yield from _closed(group)


def _closed(group: _Group | None) -> Iterator[_Group]:
    if group is not None:
        group.close()
        yield group


def _full_isa(isa: list[str], delimiters: Delimiters) -> list[str]:
    """Rebuild the ISA at its full width of 106 characters; a missing one gets an invented one."""
    elements = isa[1:] if len(isa) == 17 else list(_ISA_DEFAULTS)
    elements[10] = delimiters.repetition if elements[11].strip() != "00401" else elements[10]
    elements[11] = "00401" if elements[11].strip() in {"00400", "00401"} else "00501"
    elements[15] = delimiters.component
    sized = [text.strip().ljust(w)[:w] for text, w in zip(elements, _ISA_WIDTHS, strict=True)]
    return ["ISA", *sized]


# --- the verdict ----------------------------------------------------------------------------


def _judge(group: _Group) -> list[Finding]:
    verdict, reason = _run_pyx12(group.file)
    if verdict is None:
        version = f" of version {group.version}" if group.version.isalnum() else ""
        return [_not_checked(f"group{version}", group.first, reason)]
    findings: list[Finding] = []
    if group.guide != group.version:
        findings.append(_other_spelling(group))
    for interchange in verdict["interchanges"]:
        for part in interchange["groups"]:
            findings += [_finding(_GROUP_RULE, group, part["cur_line"]) for _ in part["errors"][:1]]
            for transaction in part["transactions"]:
                findings += _transaction_findings(group, transaction)
    return findings


def _run_pyx12(copy: TextIO) -> tuple[dict[str, Any] | None, str]:
    """Run pyx12; its verdict as data, or ``None`` and why there is none."""
    from pyx12 import errors, params, x12n_document  # noqa: PLC0415 - slow to import, rarely wanted

    settings = params.ParamsBase()
    settings.set("exclude_external_codes", _STALE_CODES)
    answer = io.StringIO()
    with _silenced(logging.getLogger("pyx12")):
        try:
            x12n_document.x12n_document(settings, copy, None, None, fd_json=answer)
            return json.loads(answer.getvalue()), ""
        except errors.EngineError as error:
            if str(error).startswith("Map not found"):
                return None, "no guide for this version is at hand"
            return None, "its envelope cannot be followed"
        except Exception:  # whatever pyx12 trips over, our own reading goes on
            return None, "the check itself broke off"


@contextlib.contextmanager
def _silenced(logger: logging.Logger) -> Iterator[None]:
    """Keep a logger quiet: pyx12 logs the values it objects to, and they may be a patient's."""
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _transaction_findings(group: _Group, transaction: dict[str, Any]) -> Iterator[Finding]:
    for _ in transaction["errors"][:1]:
        yield _finding(_TRANSACTION_RULE, group, transaction["cur_line"])
    for segment in transaction["segments"]:
        name = f"{segment['seg_id']} ({segment['name']})"
        for error in segment["errors"]:
            if error["err_cde"] in _SEGMENT_RULES:
                rule = _SEGMENT_RULES[error["err_cde"]]
                yield _finding(rule, group, segment["cur_line"], name)
        for element in segment["elements"]:
            place = _element_place(segment["seg_id"], element)
            for error in element["errors"]:
                rule = _ELEMENT_RULES.get(error["err_cde"], _ELEMENT_RULES["7"])
                yield _finding(rule, group, segment["cur_line"], place)


def _element_place(segment_id: str, element: dict[str, Any]) -> str:
    position = f"{segment_id}{int(element['ele_pos'] or 0):02d}"
    if element["subele_pos"]:
        position += f"-{element['subele_pos']}"
    return f"{position} ({element['name']})"


def _finding(rule: _Rule, group: _Group, line: int, place: str = "") -> Finding:
    segment, transaction = group.place(line)
    message = rule.sentence.format(place=place)
    return Finding(rule.code, rule.severity, message, _ASK, segment, transaction)


def _not_checked(what: str, segment: int, reason: str) -> Finding:
    return Finding(
        "guide-not-checked",
        "warning",
        f"The {what} was not checked against its implementation guide: {reason}.",
        "Nothing to do; envelope, structure, balances and codes were checked all the same.",
        segment,
    )


def _other_spelling(group: _Group) -> Finding:
    return Finding(
        "guide-version-spelling",
        "info",
        f"The group was checked against {group.guide}, the published guide for its version.",
        "Nothing to do.",
        group.first,
    )
