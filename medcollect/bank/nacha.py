"""NACHA files: ACH credits with their addenda (CCD+, CTX) as a bank passes them on.

Fixed lines of 94 characters: file header 1, batch header 5, entry 6, addenda 7, batch control 8,
file control 9. Counts, hashes and totals of the controls must hold. A credit to our account
(transaction codes 22, 32, 42, 52) is a deposit; its amount is field 6, its day the batch's
effective date, its trace the TRN segment in the addenda (CAQH CORE 370). Debits are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import msgspec

from medcollect.bank.problems import left_aside, problem
from medcollect.bank.trace import Trace, find_trace
from medcollect.findings import Finding
from medcollect.model.deposit import Deposit

_WIDTH = 94
_CREDITS = frozenset({"22", "32", "42", "52"})
_CTX = "CTX"
#: The sum of the routing numbers keeps its last ten digits.
_HASH = 10**10


class _Batch(msgspec.Struct):
    """The open batch and what its entries add up to."""

    company: str
    kind: str
    day: date | None
    entries: int = 0
    routing: int = 0
    debits: int = 0
    credits: int = 0


class _Entry(msgspec.Struct):
    """The open entry with its addenda."""

    line: int
    code: str
    cents: int
    trace: str
    ending: str
    addenda: list[str]


def read_nacha(text: str) -> tuple[list[Deposit], list[Finding]]:
    """Deposits of a NACHA file and everything that is wrong with it."""
    reader = _Reader()
    for number, line in enumerate(_lines(text), start=1):
        if line.strip():
            reader.take(number, line)
    return reader.finish()


def _lines(text: str) -> list[str]:
    """The file's records; some banks send them without line ends."""
    lines = text.splitlines()
    if len(lines) == 1 and len(text) > _WIDTH:
        return [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)]
    return lines


class _Reader:
    """Walks the records with the batch and the entry that are open."""

    def __init__(self) -> None:
        self.deposits: list[Deposit] = []
        self.findings: list[Finding] = []
        self.batch: _Batch | None = None
        self.entry: _Entry | None = None
        self.total = _Batch("", "", None)
        self.batches = 0
        self.debits = 0
        self.began = self.ended = False
        self.takers: dict[str, Callable[[int, str], None]] = {
            "1": self._file,
            "5": self._batch_start,
            "6": self._entry_start,
            "7": self._addendum,
            "8": self._batch_end,
            "9": self._file_end,
        }

    def take(self, number: int, line: str) -> None:
        """Take one record; the lines of nines behind the end only fill a block."""
        if self.ended and not line.strip("9 "):
            return
        taker = self.takers.get(line[0])
        if taker is None:
            self._say("bank-record-unknown", number)
        elif len(line.rstrip()) > _WIDTH:
            self._say(
                "bank-record-unreadable", number, "record, which is longer than 94 characters,"
            )
        elif self.ended or self.began == (line[0] == "1"):
            self._say("bank-record-misplaced", number, f"record {line[0]}")
        else:
            taker(number, line.ljust(_WIDTH))

    def finish(self) -> tuple[list[Deposit], list[Finding]]:
        """The deposits, once the file has come to its end."""
        if not self.ended:
            self._say("bank-file-cut-off", None, "file control (record 9)")
        if self.debits:
            self.findings.append(left_aside(self.debits))
        return self.deposits, self.findings

    def _say(self, code: str, line: int | None, where: str = "") -> None:
        self.findings.append(problem(code, line, where))

    def _number(self, number: int, text: str, where: str) -> int:
        """A field of digits; blanks are none."""
        if re.fullmatch(r"\d*", text.strip(), re.ASCII):
            return int(text.strip() or "0")
        self._say("bank-record-unreadable", number, where)
        return 0

    def _file(self, _number: int, _line: str) -> None:
        self.began = True

    def _batch_start(self, number: int, line: str) -> None:
        if self.batch is not None:
            self._say("bank-record-misplaced", number, "batch header (record 5)")
        day = _day(line[69:75])
        if day is None:
            self._say("bank-record-unreadable", number, "effective date of the batch")
        self.batch = _Batch(line[4:20].strip(), line[50:53], day)

    def _entry_start(self, number: int, line: str) -> None:
        self._close_entry()
        if self.batch is None:
            self._say("bank-record-misplaced", number, "entry (record 6)")
            return
        cents = self._number(number, line[29:39], "amount of the entry")
        self.batch.entries += 1
        self.batch.routing += self._number(number, line[3:11], "routing number of the entry")
        code = line[1:3]
        is_credit = code[1:] in {"0", "1", "2", "3", "4"}
        self.batch.credits += cents if is_credit else 0
        self.batch.debits += 0 if is_credit else cents
        self.entry = _Entry(number, code, cents, line[79:94].strip(), line[12:29].strip()[-4:], [])

    def _addendum(self, number: int, line: str) -> None:
        if self.batch is None or self.entry is None:
            self._say("bank-record-misplaced", number, "addendum (record 7)")
            return
        self.batch.entries += 1
        self.entry.addenda.append(line[3:83])

    def _close_entry(self) -> None:
        """Make the open entry a deposit, with the trace of its addenda."""
        entry, self.entry = self.entry, None
        if entry is None or self.batch is None or self.batch.day is None or not entry.cents:
            return
        if entry.code not in _CREDITS:
            self.debits += 1
            return
        # A CTX wraps one X12 transaction over its addenda; elsewhere each stands for itself.
        joint = "" if self.batch.kind == _CTX else " "
        text = joint.join(entry.addenda).strip()
        trace = find_trace(text) or Trace("", "")
        self.deposits.append(
            Deposit(
                line=entry.line,
                deposit_date=self.batch.day,
                amount_cents=entry.cents,
                kind="ach",
                trace_number=trace.number,
                payer_trace_id=trace.payer_id,
                payer_name=self.batch.company,
                reference=entry.trace,
                account_ending=entry.ending,
                description=text if self.batch.kind != _CTX else "",
            )
        )

    def _batch_end(self, number: int, line: str) -> None:
        self._close_entry()
        if self.batch is None:
            self._say("bank-record-misplaced", number, "batch control (record 8)")
            return
        self._compare(
            number, self.batch, (line[4:10], line[10:20], line[20:32], line[32:44]), "batch"
        )
        for name in ("entries", "routing", "debits", "credits"):
            setattr(self.total, name, getattr(self.total, name) + getattr(self.batch, name))
        self.batches += 1
        self.batch = None

    def _file_end(self, number: int, line: str) -> None:
        if self.batch is not None:
            self._say("bank-file-cut-off", number, "batch control (record 8)")
        if self._number(number, line[1:7], "count of batches") != self.batches:
            self._say("bank-total-differs", number, "count of batches")
        self._compare(
            number, self.total, (line[13:21], line[21:31], line[31:43], line[43:55]), "file"
        )
        self.ended = True

    def _compare(self, number: int, found: _Batch, stated: tuple[str, ...], what: str) -> None:
        """Hold a control record against what its entries add up to."""
        sums = {
            "count of entries": found.entries,
            "entry hash": found.routing % _HASH,
            "total of debits": found.debits,
            "total of credits": found.credits,
        }
        for (name, expected), text in zip(sums.items(), stated, strict=True):
            if self._number(number, text, f"{name} of the {what}") != expected:
                self._say("bank-total-differs", number, f"{name} of the {what}")


def _day(text: str) -> date | None:
    """A date as YYMMDD."""
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
