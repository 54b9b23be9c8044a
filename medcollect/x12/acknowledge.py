"""The 999 (005010X231A1): our answer to a sender on the syntax of what came.

One interchange per interchange received, one 999 per functional group: AK1, for each transaction
AK2, IK3 and IK4 for what is wrong in it, IK5 with the verdict; AK9 with the counts. A transaction
with an error is rejected (R), one with warnings accepted with errors noted (E), else accepted (A).
Only findings of envelope, structure and guide belong here: a 999 says nothing on balances.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import BinaryIO, Final

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.common import Envelope, Transaction
from medcollect.x12.tokens import Tokens

VERSION: Final = "005010X231A1"

#: Findings of a transaction as a whole -> IK502. They have no segment of their own to name.
_TRANSACTION_CODES: Final = {
    "version-unknown": "I6",
    "transaction-not-closed": "2",
    "segment-cut-off": "2",
    "control-number-differs": "3",
    "segment-count-differs": "4",
    "guide-transaction-trailer": "4",
}
#: Findings of a segment -> IK304; any other is 8, the segment has data element errors.
_SEGMENT_CODES: Final = {
    "segment-outside-transaction": "2",
    "hierarchy-unexpected": "7",
    "loop-missing": "3",
    "loop-too-long": "4",
    "segment-repeated": "5",
    "segment-missing": "3",
    "segment-misplaced": "7",
    "repeats-too-often": "4",
    "guide-segment-unknown": "2",
    "guide-segment-not-used": "I4",
    "guide-segment-missing": "3",
    "guide-loop-repeated": "4",
    "guide-segment-repeated": "5",
    "guide-hierarchy": "7",
    "guide-line-number": "7",
}
#: Findings of an element -> IK403; any other element finding is 7, a value that is not valid.
_ELEMENT_CODES: Final = {
    "amount-missing": "1",
    "amount-unreadable": "6",
    "amount-more-than-cents": "I12",
    "adjustment-without-amount": "2",
    "adjustment-without-reason": "2",
    "elements-too-many": "3",
    "date-unreadable": "8",
    "claim-number-missing": "1",
    "element-too-long": "5",
    "quantity-unreadable": "6",
    "elements-over-limit": "3",
    "guide-element-missing": "1",
    "guide-elements-too-many": "3",
    "guide-element-length": "5",
    "guide-element-characters": "6",
    "guide-element-date": "8",
    "guide-element-not-used": "I10",
}
#: Findings of a group's GE -> AK905.
_GROUP_CODES: Final = {
    "envelope-not-closed": "3",
    "control-number-differs": "4",
    "envelope-count-differs": "5",
    "guide-group-trailer": "5",
}
_GROUP_TRAILER: Final = re.compile(r"\bGE(?:0[12])?\b|group's trailer")
#: The element a finding names at the start of its sentence: ``CLP03``, ``CLM05-1``.
_ELEMENT: Final = re.compile(r"([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d))?\b")
#: The segment that a finding says is missing: ``There is no HI``, ``The BPR is missing``.
_MISSING: Final = re.compile(r"(?:There is no |The )?([A-Z][A-Z0-9]{1,2})\b")
_MISSING_CODES: Final = frozenset(("segment-missing", "loop-missing", "guide-segment-missing"))
_VERDICT: Final = {"error": "R", "warning": "E"}
_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)

_Group = list[Transaction]


class _Facts:
    """What the file's findings say, by transaction and for the envelope around them."""

    def __init__(
        self,
        transactions: Sequence[Transaction],
        findings: Iterable[Finding],
        names: Mapping[int, str],
    ) -> None:
        self.names = names
        self.by_transaction: dict[int | None, list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.severity in _VERDICT:
                self.by_transaction[finding.transaction].append(finding)
        self._starts = [t.segment for t in transactions]

    def of_trailer(self, last: Transaction) -> list[Finding]:
        """Envelope findings between a group's last transaction and the one after it."""
        after = self._starts[bisect_right(self._starts, last.segment) :]
        end = after[0] if after else sys.maxsize
        return [
            f
            for f in self.by_transaction[None]
            if last.segment <= (f.segment or last.segment) < end
        ]


def write_999(
    transactions: Sequence[Transaction],
    findings: Iterable[Finding],
    segment_ids: Mapping[int, str],
    created: datetime,
) -> str:
    """Write the acknowledgement of a file's transactions, in file order.

    ``segment_ids`` names the segments that findings point at (:func:`segment_ids` reads them).
    Acknowledgements are never acknowledged; a file with nothing else gives empty text.
    """
    facts = _Facts(transactions, findings, segment_ids)
    answered = [t for t in transactions if t.envelope.functional_code != "FA" and t.kind != "999"]
    written: list[str] = []
    number = int(created.timestamp()) % 1_000_000_000
    for _, interchange in groupby(answered, key=lambda t: t.envelope.interchange_control_number):
        groups = [list(g) for _, g in groupby(interchange, key=_group_key)]
        written += _interchange(groups, facts, created, number)
        number = (number + 1) % 1_000_000_000
    return "".join(f"{segment}~\n" for segment in written)


def segment_ids(
    stream: BinaryIO, findings: Iterable[Finding], limits: Limits | None = None
) -> dict[int, str]:
    """Read the identifiers of the segments that findings point at."""
    wanted = {f.segment for f in findings if f.segment is not None}
    found: dict[int, str] = {}
    for batch in Tokens(stream, limits or Limits()).batches():
        for number, segment in enumerate(batch.segments, batch.first):
            if number in wanted:
                found[number] = segment.partition(batch.delimiters.element)[0]
    return found


def _group_key(transaction: Transaction) -> tuple[str, str, str]:
    envelope = transaction.envelope
    return envelope.functional_code, envelope.group_control_number, envelope.version


def _interchange(
    groups: Sequence[_Group], facts: _Facts, created: datetime, number: int
) -> Iterator[str]:
    envelope = groups[0][0].envelope
    control = f"{number:09d}"
    sender, receiver = envelope.receiver_id or "RECEIVER", envelope.sender_id or "SENDER"
    yield _isa(sender, receiver, envelope, created, control)
    yield _join(
        "GS", "FA", sender.strip(), receiver.strip(), f"{created:%Y%m%d}", f"{created:%H%M}",
        str(number), "X", VERSION,
    )  # fmt: skip
    for index, group in enumerate(groups, 1):
        reference = f"{index:04d}"
        body = [_join("ST", "999", reference, VERSION), *_group(group, facts)]
        yield from body
        yield _join("SE", str(len(body) + 1), reference)
    yield _join("GE", str(len(groups)), str(number))
    yield _join("IEA", "1", control)


def _isa(sender: str, receiver: str, envelope: Envelope, created: datetime, control: str) -> str:
    elements = (
        "00", "", "00", "", "ZZ", sender, "ZZ", receiver, f"{created:%y%m%d}", f"{created:%H%M}",
        "^", "00501", control, "0", "T" if envelope.usage == "T" else "P", ":",
    )  # fmt: skip
    sized = [_clean(e).ljust(w)[:w] for e, w in zip(elements, _WIDTHS, strict=True)]
    sized[10], sized[15] = "^", ":"
    return "*".join(["ISA", *sized])


def _group(group: _Group, facts: _Facts) -> Iterator[str]:
    """AK1 to AK9 of one functional group."""
    envelope = group[0].envelope
    yield _join(
        "AK1", envelope.functional_code or _functional_code(group[0]),
        envelope.group_control_number or "0", envelope.version,
    )  # fmt: skip
    verdicts = []
    for transaction in group:
        own = facts.by_transaction[transaction.index]
        verdicts.append(_verdict(own))
        yield _join("AK2", transaction.kind, transaction.control_number or "0", transaction.version)
        details, trouble = _details(transaction, own, facts.names)
        yield from details
        yield _join("IK5", verdicts[-1], *trouble)
    codes = _group_codes(facts.of_trailer(group[-1]))
    accepted = sum(v != "R" for v in verdicts)
    counts = (str(len(group)), str(len(group)), str(accepted))
    yield _join("AK9", _group_verdict(verdicts, codes), *counts, *codes)


def _details(
    transaction: Transaction, findings: Sequence[Finding], names: Mapping[int, str]
) -> tuple[list[str], list[str]]:
    """The IK3 and IK4 of one transaction, and the codes its IK5 gives (five at most)."""
    errors: dict[str, dict[str, None]] = {}
    trouble: dict[str, None] = {}
    for finding in sorted(findings, key=lambda f: f.segment or 0):
        number = finding.segment
        whole = _TRANSACTION_CODES.get(finding.code)
        if whole is None and number is not None and number in names:
            position = str(number - transaction.segment + 1)
            segment, element = _segment_error(finding, names[number], position)
            errors.setdefault(segment, {}).update(dict.fromkeys(element))
            whole = "5"
        trouble[whole or "5"] = None
    segments = [line for segment, elements in errors.items() for line in (segment, *elements)]
    return segments, list(trouble)[:5]


def _segment_error(finding: Finding, name: str, position: str) -> tuple[str, list[str]]:
    """IK3, and IK4 where the finding names an element; what is missing is named itself."""
    code = _SEGMENT_CODES.get(finding.code, "8")
    missing = _MISSING.match(finding.message) if finding.code in _MISSING_CODES else None
    segment = _join("IK3", missing.group(1) if missing else name, position, "", code)
    element = _ELEMENT.match(finding.message) if code == "8" else None
    if element is None or element.group(1) != name:
        return segment, []
    place = str(int(element.group(2))) + (f":{element.group(3)}" if element.group(3) else "")
    return segment, [f"IK4*{place}**{_ELEMENT_CODES.get(finding.code, '7')}"]


def _verdict(findings: Sequence[Finding]) -> str:
    """A, E or R for one transaction."""
    severities = {f.severity for f in findings}
    return next((code for severity, code in _VERDICT.items() if severity in severities), "A")


def _group_verdict(verdicts: Sequence[str], codes: Sequence[str]) -> str:
    """AK901: R none accepted, P some, E all but with errors, A all."""
    if all(v == "R" for v in verdicts):
        return "R"
    if "R" in verdicts:
        return "P"
    return "E" if "E" in verdicts or codes else "A"


def _group_codes(findings: Sequence[Finding]) -> list[str]:
    """AK905 to AK909: what is wrong with the group's own trailer."""
    codes = (
        _GROUP_CODES[f.code]
        for f in findings
        if f.code in _GROUP_CODES and _GROUP_TRAILER.search(f.message)
    )
    return list(dict.fromkeys(codes))[:5]


def _functional_code(transaction: Transaction) -> str:
    """GS01 for a transaction that stands in no group."""
    return {"835": "HP", "837": "HC"}.get(transaction.kind, "")


def _clean(text: str) -> str:
    """Take our own separators out of a sender's text."""
    return re.sub(r"[*~:^\r\n]", " ", text).rstrip()


def _join(*elements: str) -> str:
    return "*".join(_clean(e) for e in elements).rstrip("*")
