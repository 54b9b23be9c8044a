"""First pass over a file: what each transaction is, adds up to, and whether it proves.

Nothing posts before this is known: the fingerprint tells whether the transaction is on file
already, the payment's key whether the payment is, and the proof whether it may post.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Protocol

import msgspec

from medcollect.balancing import (
    RemittanceTotals,
    claim_payment_findings,
    remittance_findings,
    settle_group,
)
from medcollect.bookkeeping.letters import SentHeader
from medcollect.codes import check_claim_codes, check_payment_codes, whole_charges_given_up
from medcollect.findings import Finding
from medcollect.ledger.effects import denied_money, is_denied_claim, is_denied_line
from medcollect.limits import Limits
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.common import Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.store.postgres import storable_text
from medcollect.x12 import Document, documents, life_documents
from medcollect.x12.envelope import LIFE_KINDS

#: Files up to this size are read once and kept; larger ones are read twice, one loop at a time.
_KEPT_BYTES_MAX = 8_000_000

_TA1 = re.compile(rb"(?<![0-9A-Za-z])TA1[^0-9A-Za-z]")
_CHUNK_BYTES = 1 << 20

#: Where an interchange begins, and how its first transaction does when that is a remittance.
_HEAD_BYTES = 4096
_REMITTANCE = re.compile(rb"ST[^0-9A-Za-z]835[^0-9A-Za-z]")

#: Findings of one code that a file lists; the rest is counted.
_LISTED_MAX = 100

#: Currencies (CUR02) that post as they stand; an absent CUR means US dollars.
_CURRENCIES = frozenset({"", "USD"})

Progress = Callable[[int, int, str], None]


class Readable(Protocol):
    """A file that can be opened from its start as often as wanted."""

    @property
    def size(self) -> int:
        """Bytes."""

    def open(self) -> BinaryIO:
        """A stream from the first byte; the caller closes it."""


def begins_with_remittance(file: Readable) -> bool:
    """Whether a file's first transaction is an 835, told from its first bytes alone."""
    try:
        with file.open() as stream:
            return _REMITTANCE.search(stream.read(_HEAD_BYTES)) is not None
    except OSError:
        return False  # what cannot be read is told when its turn comes


class Documents:
    """A file's documents, as often as they are asked for."""

    def __init__(self, file: Readable, limits: Limits | None = None) -> None:
        self._file = file
        self._limits = limits
        self._kept: list[Document] | None = None

    def __iter__(self) -> Iterator[Document]:
        if self._kept is not None:
            return iter(self._kept)
        if self._file.size <= _KEPT_BYTES_MAX:
            with self._file.open() as stream:
                self._kept = list(documents(stream, limits=self._limits))
            return iter(self._kept)
        return self._streamed()

    def hold_ta1(self) -> bool:
        """Whether the file holds a TA1, which stands outside any transaction.

        Only a file whose bytes may hold one is read for it.
        """
        before = b""
        with self._file.open() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                piece = before + chunk
                if b"TA1" in piece and _TA1.search(piece):
                    break
                before = chunk[-4:]
            else:
                return False
        with self._file.open() as stream:
            found = (isinstance(d, InterchangeAcknowledgement) for d in life_documents(stream))
            return any(found)

    def _streamed(self) -> Iterator[Document]:
        with self._file.open() as stream:
            yield from documents(stream, limits=self._limits)


class FindingList:
    """A file's findings: the first of each code in full, the rest as a number."""

    def __init__(self) -> None:
        self._listed: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self.errors = 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in."""
        for finding in findings:
            self._counts[finding.code] += 1
            self.errors += finding.severity == "error"
            if self._counts[finding.code] <= _LISTED_MAX:
                self._listed.append(finding)

    def add_told_again(self, findings: Iterable[Finding]) -> None:
        """Take the findings of a second pass in, without those that the first one told."""
        told = set(self._listed)
        self.add(finding for finding in findings if finding not in told)

    def as_list(self) -> list[Finding]:
        """The findings, with one line for each code that has more than are listed."""
        more = [
            Finding(
                "more-findings",
                "info",
                f"{count - _LISTED_MAX} more findings of {code} are not listed.",
                "Use check on the file to see every one.",
            )
            for code, count in self._counts.items()
            if count > _LISTED_MAX
        ]
        return [*self._listed, *more]


class Scanned(msgspec.Struct):
    """One transaction of a file after the first pass.

    ``held`` says why nothing of it may post, else empty; ``counted_cents`` is the cash it brings.
    """

    transaction: Transaction
    fingerprint: str = ""
    complete: bool = True
    header: RemittanceHeader | None = None
    end: RemittanceEnd | None = None
    totals: RemittanceTotals | None = None
    claims: int = 0
    claims_charged_cents: int = 0
    denied_claims: int = 0
    denied_lines: int = 0
    denied_cents: int = 0
    held: str = ""
    counted_cents: int = 0
    balanced: bool = True
    sent: SentHeader = SentHeader()

    @property
    def payment_key(self) -> str:
        """TRN03, TRN02 and BPR16: what makes it the same payment; empty without a trace number."""
        header = self.header
        if header is None or not header.trace_number:
            return ""
        day = header.payment_date.isoformat() if header.payment_date else ""
        return storable_text(f"{header.payer_trace_id}|{header.trace_number}|{day}")


class ScannedFile(msgspec.Struct):
    """A file after the first pass.

    ``has_letters``: it holds acknowledgements, status or eligibility, which a pass of their own
    reads; ``others`` counts what nothing reads.
    """

    transactions: dict[int, Scanned]
    findings: FindingList
    others: int = 0
    has_letters: bool = False

    @property
    def transaction_count(self) -> int:
        """How many transactions this pass met, without those of the pass for letters."""
        return len(self.transactions) + self.others

    @property
    def documents(self) -> int:
        """How many claims and claim payments the file holds."""
        found = self.transactions.values()
        return sum(s.claims + (s.totals.claim_payments if s.totals else 0) for s in found)


def scan(source: Documents) -> ScannedFile:
    """Read a file once and judge each of its transactions."""
    scanner = _Scanner()
    scanner.file.has_letters = source.hold_ta1()
    for document in source:
        take = scanner.takers.get(type(document))
        if take is not None:
            take(document)
    return scanner.finish()


class _Scanner:
    """Gathers the sums of one file, document by document."""

    def __init__(self) -> None:
        self.file = ScannedFile({}, FindingList())
        self.current: Scanned | None = None
        self.takers: dict[type, Callable[[Any], None]] = {
            Finding: lambda finding: self.file.findings.add([finding]),
            RemittanceHeader: self._remittance,
            ClaimPayment: self._payment,
            RemittanceEnd: self._remittance_end,
            ClaimsHeader: self._claims,
            Claim: self._claim,
            ClaimsEnd: self._claims_end,
            OtherTransaction: self._other,
        }

    def _start(self, transaction: Transaction) -> Scanned:
        self.current = Scanned(transaction)
        self.file.transactions[transaction.index] = self.current
        return self.current

    def _remittance(self, header: RemittanceHeader) -> None:
        started = self._start(header.transaction)
        started.header = header
        started.totals = RemittanceTotals()

    def _payment(self, payment: ClaimPayment) -> None:
        now = self._now()
        if now.totals is None or now.header is None:
            return
        now.totals.add(payment)
        now.denied_cents += denied_money(payment)
        if not payment.is_reversal:
            now.denied_claims += is_denied_claim(payment)
            now.denied_lines += sum(is_denied_line(s, payment) for s in payment.services)
        index = now.transaction.index
        self.file.findings.add(claim_payment_findings(payment, index))
        version = now.transaction.version
        day = now.header.payment_date
        self.file.findings.add(check_payment_codes(payment, day, index, version=version))
        self.file.findings.add(whole_charges_given_up(payment, index))

    def _now(self) -> Scanned:
        assert self.current is not None  # noqa: S101 - the reader opens before it fills
        return self.current

    def _remittance_end(self, end: RemittanceEnd) -> None:
        now = self._now()
        now.fingerprint, now.complete, now.end = end.fingerprint, end.complete, end
        if now.totals is not None and now.header is not None:
            now.totals.finish(now.header, end)

    def _claims(self, header: ClaimsHeader) -> None:
        started = self._start(header.transaction)
        started.sent = SentHeader(header.reference_id, header.created_date, header.created_time)

    def _claim(self, claim: Claim) -> None:
        now = self._now()
        now.claims += 1
        now.claims_charged_cents += claim.charge_cents
        self.file.findings.add(check_claim_codes(claim, now.transaction.index))

    def _claims_end(self, end: ClaimsEnd) -> None:
        now = self._now()
        now.fingerprint, now.complete = end.fingerprint, end.complete

    def _other(self, other: OtherTransaction) -> None:
        if other.transaction.kind in LIFE_KINDS:
            self.file.has_letters = True
            return
        self.file.others += 1
        kind = other.transaction.kind or "of unknown kind"
        self.file.findings.add(
            [
                Finding(
                    "transaction-not-imported",
                    "info",
                    f"Transaction {kind} is neither a remittance nor a claim nor an answer to "
                    "one; it is not imported.",
                    "Nothing to do; the raw file is kept.",
                    other.transaction.segment,
                    other.transaction.index,
                )
            ]
        )

    def finish(self) -> ScannedFile:
        """Prove each payment, alone or with the other transactions of the same payment."""
        groups: dict[str, list[Scanned]] = defaultdict(list)
        for scanned in self.file.transactions.values():
            if scanned.totals is not None:
                own_key = f"#{scanned.transaction.index}"
                groups[scanned.payment_key or own_key].append(scanned)
        for members in groups.values():
            self._settle(_distinct(members))
        return self.file

    def _settle(self, members: list[Scanned]) -> None:
        """Decide how much cash each transaction of one payment brings, or hold them all."""
        totals = [m.totals for m in members if m.totals is not None]
        cash = settle_group(totals)
        for place, (member, total) in enumerate(zip(members, totals, strict=True)):
            member.counted_cents = cash[place] if cash is not None else total.payment_cents
            if total.is_debit:
                member.held = "debit_payment"
            elif member.header is not None and member.header.currency not in _CURRENCIES:
                member.held = "foreign_currency"
            elif not total.payment_readable or total.unreadable:
                member.held = "payment_unreadable"
            elif cash is None:
                member.held = "remittance_does_not_balance"
            member.balanced = not member.held and total.claim_payments_held == 0
            if member.held == "foreign_currency":
                self.file.findings.add([_foreign_currency(member.transaction)])
            elif member.held:
                found = remittance_findings(total, member.transaction.index)
                self.file.findings.add(found)
        if any(member.held for member in members):
            for member in members:
                member.held = member.held or "remittance_does_not_balance"


def _foreign_currency(transaction: Transaction) -> Finding:
    """A remittance that is not in US dollars (CUR02)."""
    return Finding(
        "foreign-currency",
        "error",
        "The remittance is not in US dollars (CUR); nothing of it is posted.",
        "Post it by hand at the bank's rate.",
        transaction.segment,
        transaction.index,
    )


def _distinct(members: list[Scanned]) -> list[Scanned]:
    """The transactions of one payment without exact repetitions inside the file."""
    return list({member.fingerprint: member for member in reversed(members)}.values())[::-1]
