"""ISA, GS, ST and their trailers: who sent a transaction, and whether all of it is there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from medcollect.model.common import Delimiters, Envelope, Transaction
from medcollect.x12.problems import problem
from medcollect.x12.values import BLANKS, parse_date

if TYPE_CHECKING:
    from medcollect.findings import Finding

#: What stands in a version -> the form of an 837 (guides of claims, of predetermination and of
#: reporting; 4010 and 5010).
FORMS: Final = {
    "X098": "P", "X222": "P", "X291": "P", "X298": "P",
    "X096": "I", "X223": "I", "X292": "I", "X299": "I",
    "X097": "D", "X224": "D", "X300": "D",
}  # fmt: skip
_REMITTANCE_VERSIONS: Final = ("X221", "X091")


@lru_cache(maxsize=256)
def form_of(version: str) -> str:
    """``P``, ``I`` or ``D`` of an 837 by its version, empty when the version does not say."""
    return next((form for mark, form in FORMS.items() if mark in version), "")


@lru_cache(maxsize=256)
def is_known(kind: str, version: str) -> bool:
    """Whether this is a version of an 835 or 837 whose guide we read by."""
    if kind == "837":
        return bool(form_of(version))
    return any(mark in version for mark in _REMITTANCE_VERSIONS)


class _Level:
    """One open envelope: its control number, where it stood, how many it holds."""

    __slots__ = ("control", "count", "segment")

    def __init__(self, control: str, segment: int) -> None:
        self.control = control
        self.segment = segment
        self.count = 0


class EnvelopeTracker:
    """Follows the envelope segments of a file and reports what does not fit."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings
        self._delimiters = Delimiters()
        self._envelope = Envelope(Delimiters())
        self._interchange: _Level | None = None
        self._group: _Level | None = None
        self._missing_told: set[str] = set()
        self.transactions = 0

    def use(self, delimiters: Delimiters) -> None:
        """Separators that hold from here on."""
        if delimiters != self._delimiters:
            self._delimiters = delimiters
            self._envelope = msgspec.structs.replace(self._envelope, delimiters=delimiters)

    @property
    def inside_interchange(self) -> bool:
        """Whether an interchange or a group is open."""
        return self._interchange is not None or self._group is not None

    def _report(self, code: str, segment: int | None, where: str = "") -> None:
        self._findings.append(problem(code, segment, None, where))

    def open_interchange(self, segment: str, number: int) -> None:
        """ISA."""
        self.close_interchange(None, number)
        e = [text.strip() for text in segment.split(self._delimiters.element)] + list(BLANKS)
        self._interchange = _Level(e[13], number)
        self._envelope = Envelope(
            delimiters=self._delimiters,
            sender_id=e[6],
            receiver_id=e[8],
            interchange_date=parse_date(e[9]),
            interchange_control_number=e[13],
            usage=e[15],
        )

    def open_group(self, segment: str, number: int) -> None:
        """GS."""
        self.close_group(None, number)
        if self._interchange is None:
            self._tell_missing("ISA", number)
        else:
            self._interchange.count += 1
        e = [text.strip() for text in segment.split(self._delimiters.element)] + list(BLANKS)
        self._group = _Level(e[6], number)
        self._envelope = msgspec.structs.replace(
            self._envelope,
            functional_code=e[1],
            group_date=parse_date(e[4]),
            group_control_number=e[6],
            version=e[8],
        )

    def open_transaction(self, segment: str, number: int) -> Transaction:
        """ST."""
        if self._interchange is None and self._group is None:
            self._tell_missing("ISA", number)
        if self._group is None:
            self._tell_missing("GS", number)
        else:
            self._group.count += 1
        self.transactions += 1
        e = [text.strip() for text in segment.split(self._delimiters.element)] + list(BLANKS)
        version = e[3] or self._envelope.version
        kind = e[1]
        if kind in {"835", "837"} and not is_known(kind, version):
            self._findings.append(problem("version-unknown", number, self.transactions))
        implementation = kind + (form_of(version) if kind == "837" else "")
        return Transaction(
            kind, implementation, self.transactions, number, e[2], version, self._envelope
        )

    def _tell_missing(self, where: str, number: int) -> None:
        """Say once per file that an envelope is missing."""
        if where not in self._missing_told:
            self._missing_told.add(where)
            self._report("envelope-missing", number, where)

    def close_group(self, segment: str | None, number: int) -> None:
        """GE, or ``None`` where the group ends without one."""
        group, self._group = self._group, None
        if group is None:
            if segment is not None:
                self._report("segment-outside-transaction", number)
            return
        self._close(group, segment, ("GS", "GE"), number)
        self._envelope = msgspec.structs.replace(
            self._envelope, functional_code="", group_date=None, group_control_number="", version=""
        )

    def close_interchange(self, segment: str | None, number: int) -> None:
        """IEA, or ``None`` where the interchange ends without one."""
        self.close_group(None, number)
        interchange, self._interchange = self._interchange, None
        if interchange is not None:
            self._close(interchange, segment, ("ISA", "IEA"), number)
        elif segment is not None:
            self._report("segment-outside-transaction", number)
        self._envelope = Envelope(self._delimiters)

    def _close(
        self, level: _Level, segment: str | None, names: tuple[str, str], number: int
    ) -> None:
        if segment is None:
            self._report("envelope-not-closed", level.segment, f"{names[1]} of this {names[0]}")
            return
        e = segment.split(self._delimiters.element) + list(BLANKS)
        if not _same_number(e[1], str(level.count)):
            self._report("envelope-count-differs", number, f"{names[1]}01")
        if not _same_number(e[2], level.control):
            self._report("control-number-differs", number, f"{names[1]}02")


#: Transactions that :func:`medcollect.x12.life_documents` reads.
LIFE_KINDS: Final = frozenset({"999", "997", "277", "276", "271", "270"})


def _same_number(first: str, second: str) -> bool:
    """Whether two numbers agree but for leading zeros and spaces."""
    return first == second or first.strip().lstrip("0") == second.strip().lstrip("0")


def check_trailer(
    transaction: Transaction, segment: str, number: int, findings: list[Finding]
) -> None:
    """SE: its count includes ST and SE, its control number repeats ST02."""
    e = segment.split(transaction.envelope.delimiters.element) + list(BLANKS)
    if not _same_number(e[1], str(number - transaction.segment + 1)):
        findings.append(problem("segment-count-differs", number, transaction.index))
    if e[2].strip() != transaction.control_number:
        findings.append(problem("control-number-differs", number, transaction.index, "SE02"))
