"""BAI2 (Cash Management Balance Reporting, version 2): a bank's report of an account's activity.

Records 01, 02, 03, 16, 49, 98, 99, continued by 88. Every control total and record count must
hold. Of the details (16) those with a credit's type code (101-399) are deposits; items of a
lockbox deposit (116) belong to the deposit before them (115) and do not count again; deposited
items and ACH credits that came back (555, 557) are negative. Other debits are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime

import msgspec

from medcollect.bank.problems import left_aside, problem
from medcollect.bank.trace import Trace, find_trace
from medcollect.findings import Finding
from medcollect.model.deposit import Deposit, DepositItem

_LOCKBOX, _LOCKBOX_ITEM = "115", "116"
_RETURNS = frozenset({"555", "557"})

#: What the type codes of payers' and patients' money say; every other credit is ``other``.
_KINDS: dict[str, str] = {
    **dict.fromkeys(("115", "116", "118"), "lockbox"),
    **dict.fromkeys(("121", "122", "142", "143", "145", "164", "165", "166", "169"), "ach"),
    **dict.fromkeys(("147",), "card"),
    **dict.fromkeys(("158", "191", "195", "196", "206"), "wire"),
    **dict.fromkeys(("171", "172", "173", "174", "175", "176", "301"), "check"),
    **dict.fromkeys(("366",), "cash"),
    **dict.fromkeys(_RETURNS, "returned"),
}

#: Group status (02): 1 update, 2 deletion, 3 correction, 4 test only.
_GROUPS_TAKEN = frozenset({"1", "3", ""})

#: How banks introduce the payer's name in a detail's text, and what follows it.
_NAME = re.compile(
    r"(?:ORIG(?:INATOR)?\s*CO(?:MPANY)?\s*NAME|CO(?:MPANY)?\s*NAME|ORIGINATOR|ORIG|REMITTER|FROM)"
    r"\s*[:=]\s*([^:;=/*]{2,40}?)\s*"
    r"(?=$|[;:/*]|\s{2}|\s(?:CO\s+|ORIG\s+)?(?:ENTRY|DESC\w*|ID|SEC|TRACE|TRN|EED|IND|DATE|REF)\b)",
    re.IGNORECASE,
)


class _Record(msgspec.Struct):
    """A logical record: its lines joined, without the terminators."""

    code: str
    line: int
    fields: list[str]
    lines: int


class _Sum(msgspec.Struct):
    """What a level of the file adds up to so far."""

    line: int
    cents: int = 0
    records: int = 1
    children: int = 0


def read_bai2(text: str) -> tuple[list[Deposit], list[Finding]]:
    """Deposits of a BAI2 file and everything that is wrong with it."""
    reader = _Reader()
    for record in _records(text):
        reader.take(record)
    return reader.finish()


def _records(text: str) -> Iterator[_Record]:
    """Logical records: a record with its continuations (88)."""
    current: _Record | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line == "\x1a":
            continue
        code, _, rest = line.partition(",")
        code = code.strip()
        body = rest.removesuffix("/")
        if code == "88" and current is not None:
            _continue(current, body)
        else:
            if current is not None:
                yield current
            current = _Record(code, number, body.split(","), 1)
    if current is not None:
        yield current


def _continue(record: _Record, body: str) -> None:
    """Add a continuation: to the text of a detail that has begun, else as further fields."""
    record.lines += 1
    if record.code == "16" and len(record.fields) >= _text_field(record) + 1:
        record.fields[-1] += f"\n{body}"
        return
    if record.code == "03":  # some banks leave the last, empty field of a summary out
        record.fields += [""] * (-len(_summaries(record.fields[2:])[-1]) % 4)
    record.fields += body.split(",")


def _text_field(record: _Record) -> int:
    """Where the text of a detail stands: behind type, amount, funds, two references."""
    return 5 + _availability(_field(record, 2), record.fields[3:])


def _summaries(fields: list[str]) -> list[list[str]]:
    """Summaries of an account: type, amount, item count, funds; the last one may be cut short."""
    found: list[list[str]] = [[]]
    while fields:
        found.append(fields[:4])
        kind = fields[3].strip() if len(fields) > 3 else ""
        fields = fields[4 + _availability(kind, fields[4:]) :]
    return found


class _Reader:
    """Walks the records with a sum for the file, the group and the account that are open."""

    def __init__(self) -> None:
        self.deposits: list[Deposit] = []
        self.findings: list[Finding] = []
        self.levels: list[_Sum] = []
        self.day: date | None = None
        self.taken = True
        self.ending = ""
        self.debits = 0
        self.ended = False
        self.takers: dict[str, tuple[int, Callable[[_Record], None]]] = {
            "01": (0, self._file),
            "02": (1, self._group),
            "03": (2, self._account),
            "16": (3, self._detail),
            "49": (3, self._account_end),
            "98": (2, self._group_end),
            "99": (1, self._file_end),
        }

    def take(self, record: _Record) -> None:
        """Take one record where its kind may stand."""
        depth, taker = self.takers.get(record.code, (-1, self._file))
        if depth < 0:
            self._say("bank-record-unknown", record.line)
        elif len(self.levels) != depth or self.ended:
            self._say("bank-record-misplaced", record.line, f"record {record.code}")
        else:
            for level in self.levels:
                level.records += record.lines
            taker(record)

    def finish(self) -> tuple[list[Deposit], list[Finding]]:
        """The deposits, once the file has come to its end."""
        if not self.ended:
            self._say("bank-file-cut-off", None, "trailer (record 99)")
        if self.debits:
            self.findings.append(left_aside(self.debits))
        return self.deposits, self.findings

    def _say(self, code: str, line: int | None, where: str = "") -> None:
        self.findings.append(problem(code, line, where))

    def _open(self, record: _Record) -> None:
        self.levels.append(_Sum(record.line, records=record.lines))

    def _file(self, record: _Record) -> None:
        self._open(record)
        if _field(record, 7) != "2":
            self._say("bank-version-unknown", record.line)

    def _group(self, record: _Record) -> None:
        self._open(record)
        self.taken = _field(record, 2) in _GROUPS_TAKEN
        if not self.taken:
            self._say("bank-group-not-final", record.line)
        self.day = _day(_field(record, 3))
        if self.day is None:
            self._say("bank-record-unreadable", record.line, "as-of date of the group")
        self._currency(record, _field(record, 5))

    def _currency(self, record: _Record, currency: str) -> None:
        if currency.upper() not in {"", "USD"}:
            self._say("bank-currency-foreign", record.line)

    def _account(self, record: _Record) -> None:
        self._open(record)
        self._currency(record, _field(record, 1))
        self.ending = re.sub(r"\W", "", _field(record, 0))[-4:]
        for amount in self._summary_amounts(record):
            self.levels[-1].cents += amount

    def _summary_amounts(self, record: _Record) -> Iterator[int]:
        """Amounts of the account's summary: type, amount, item count, funds, availability."""
        for summary in _summaries(record.fields[2:]):
            text = summary[1] if len(summary) > 1 else ""
            amount = _cents(text)
            if text.strip() and amount is None:
                self._say("bank-record-unreadable", record.line, "amount of a summary")
            yield amount or 0

    def _detail(self, record: _Record) -> None:
        code, amount = _field(record, 0), _cents(_field(record, 1))
        if not re.fullmatch(r"\d{3}", code) or amount is None:
            where = "type code or the amount of a transaction"
            self._say("bank-record-unreadable", record.line, where)
            return
        self.levels[-1].cents += amount
        if not self.taken or self.day is None or not amount:
            return
        if not (100 < int(code) < 400 or code in _RETURNS):
            self.debits += 1
            return
        self._keep(record, code, amount)

    def _keep(self, record: _Record, code: str, amount: int) -> None:
        """A detail as a deposit, or as a check of the lockbox deposit before it."""
        at = _text_field(record)
        bank, customer = _field(record, at - 2), _field(record, at - 1)
        raw = ",".join(record.fields[at:]).strip()
        text = raw.replace("\n", " ")
        trace = find_trace(raw.replace("\n", "")) or find_trace(text) or Trace(customer, "")
        name = _name(text)
        last = self.deposits[-1] if self.deposits else None
        if code == _LOCKBOX_ITEM and last is not None and last.kind == "lockbox":
            item = DepositItem(record.line, amount, trace.number or bank, name)
            self.deposits[-1] = msgspec.structs.replace(last, items=(*last.items, item))
            return
        assert self.day is not None  # noqa: S101 - the caller looked
        self.deposits.append(
            Deposit(
                line=record.line,
                deposit_date=self.day,
                amount_cents=-amount if code in _RETURNS else amount,
                kind=_KINDS.get(code, "other"),
                trace_number=trace.number,
                payer_trace_id=trace.payer_id,
                payer_name=name,
                reference=bank,
                account_ending=self.ending,
                description=text,
            )
        )

    def _end(self, record: _Record, what: str, counts: tuple[str, ...]) -> None:
        """Close a level: its total, its members and its records must be what the trailer says."""
        level = self.levels.pop()
        found = {"control total": level.cents, "count of records": level.records}
        for place, name in enumerate(counts):
            if _cents(_field(record, place)) != found.get(name, level.children):
                self._say("bank-total-differs", record.line, f"{name} of the {what}")
        if self.levels:
            self.levels[-1].cents += level.cents
            self.levels[-1].children += 1

    def _account_end(self, record: _Record) -> None:
        self._end(record, "account", ("control total", "count of records"))

    def _group_end(self, record: _Record) -> None:
        totals = ("control total", "count of accounts", "count of records")
        self._end(record, "group", totals)

    def _file_end(self, record: _Record) -> None:
        totals = ("control total", "count of groups", "count of records")
        self._end(record, "file", totals)
        self.ended = True


def _field(record: _Record, index: int) -> str:
    """A field of a record, empty where the record is shorter."""
    return record.fields[index].strip() if index < len(record.fields) else ""


def _cents(text: str) -> int | None:
    """An amount or a count: digits with an optional sign, no decimal point."""
    match = re.fullmatch(r"([+-]?)(\d{1,16})", text.strip())
    return None if match is None else int(match[1] + match[2])


def _day(text: str) -> date | None:
    """A date as YYMMDD."""
    try:
        return datetime.strptime(text, "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _availability(kind: str, rest: list[str]) -> int:
    """How many fields tell when the money is available, by the kind of funds."""
    if kind.upper() == "D":
        count = _cents(rest[0]) if rest else 0
        return 1 + 2 * (count or 0)
    return {"S": 3, "V": 2}.get(kind.upper(), 0)


def _name(text: str) -> str:
    """The payer's name where the text announces it."""
    match = _NAME.search(text)
    return match[1].strip() if match else ""
