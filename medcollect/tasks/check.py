"""Check files without a book: envelope, structure, balancing proofs, codes, guide, 999.

One pass over each file; of a transaction only its sums and its faults stay in memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from medcollect.balancing import (
    Proof,
    RemittanceTotals,
    proof_findings,
    prove_claim_payment,
    remittance_findings,
    settle_group,
)
from medcollect.codes import check_claim_codes, check_payment_codes
from medcollect.files import FileProblem, InputFile, file_unreadable, find_files
from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.common import Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.money import format_cents
from medcollect.saving import saving_text
from medcollect.tasks.check_deep import DeepChecks, Judged, trace_of_two_payers
from medcollect.x12 import Document, documents, write_ta1
from medcollect.x12.acknowledge import segment_ids, write_999
from medcollect.x12.answer_isa import interchange_answers
from medcollect.x12.conformance import guide_findings

Progress = Callable[[int, int, str], None]

#: Findings, and failed proofs, that one file's answer lists; the rest is counted.
LISTED_MAX: Final = 10_000
_PROGRESS_EVERY: Final = 500
_CONTROL_NUMBERS: Final = 900_000_000


def check(
    paths: Iterable[str | Path],
    *,
    guide: bool = False,
    ack: Path | None = None,
    ta1: Path | None = None,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Read the files and say what is right and wrong with them, as JSON-ready data.

    ``guide`` adds the implementation guide's rules (slow: some hundred claims a second); ``ack``
    and ``ta1`` name the files that get the 999 and the TA1 for everything read; ``limits`` bounds
    what files and archives may ask of us. Raises NotReadable for a path that cannot be read.
    """
    limits = limits or Limits()
    found = list(find_files(paths, stdin=stdin, limits=limits))
    total = sum(f.size for f in found if isinstance(f, InputFile))
    results: list[_FileCheck] = []
    done = 0
    for entry in found:
        result = _FileCheck(entry.label, limits)
        if isinstance(entry, InputFile):
            told = _offset(progress, done, total)
            _check_file(entry, result, guide=guide, answered=bool(ack or ta1), progress=told)
            done += entry.size
        else:
            result.refuse(entry)
        results.append(result)
    if ack is not None:
        with saving_text(ack) as stream:
            stream.writelines(result.acknowledgement for result in results)
    if ta1 is not None:
        now = datetime.now(UTC)
        received = [answer for result in results for answer in result.interchanges]
        with saving_text(ta1) as stream:
            stream.write(write_ta1(received, now, int(now.timestamp()) % _CONTROL_NUMBERS))
    return _answer(results)


def _answer(results: Sequence[_FileCheck]) -> dict[str, Any]:
    severities: Counter[str] = Counter()
    for result in results:
        severities.update(result.severities)
    return {
        "files": [result.as_json() for result in results],
        "balanced": all(result.balanced for result in results),
        "findings": {severity: severities[severity] for severity in ("error", "warning", "info")},
    }


def _offset(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Progress of one file as progress of all."""
    if progress is None:
        return None
    return lambda position, _size, label: progress(done + position, total, label)


def _check_file(
    file: InputFile,
    result: _FileCheck,
    *,
    guide: bool,
    answered: bool,
    progress: Progress | None,
) -> None:
    try:
        result.sha256 = file.sha256()
        with file.open() as stream:
            _read(stream, file, result, progress)
        if guide:
            with file.open() as stream:
                result.add_syntax(guide_findings(stream, result.limits))
        if answered:
            with file.open() as stream:
                result.acknowledge(stream)
            with file.open() as stream:
                result.answer_interchanges(stream)
    except OSError as error:  # the medium failed while we read
        result.lose(error)


def _read(stream: BinaryIO, file: InputFile, result: _FileCheck, progress: Progress | None) -> None:
    for count, document in enumerate(documents(stream, limits=result.limits), 1):
        result.take(document)
        if progress is not None and count % _PROGRESS_EVERY == 0:
            progress(stream.tell(), file.size, file.label)
    result.settle_remittances()
    if progress is not None:
        progress(file.size, file.size, file.label)


class _Remittance(msgspec.Struct):
    """A remittance whose verdict waits for the end of the file: it may be part of a split one."""

    header: RemittanceHeader
    totals: RemittanceTotals
    entry: dict[str, Any]

    @property
    def payment_key(self) -> tuple[str, str, date | None]:
        header = self.header
        return header.payer_trace_id, header.trace_number, header.payment_date


class _FileCheck:
    """What is found in one file, gathered document by document."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.sha256: str | None = None
        self.status = "rejected"
        self.balanced = True
        self.severities: Counter[str] = Counter()
        self.acknowledgement = ""
        self.interchanges: list[InterchangeAcknowledgement] = []
        self._findings: list[Finding] = []
        self._syntax: list[Finding] = []
        self._transactions: list[Transaction] = []
        self._entries: list[dict[str, Any]] = []
        self._remittances: list[_Remittance] = []
        self._totals = RemittanceTotals()
        self._header: RemittanceHeader | None = None
        self._deep: DeepChecks | None = None
        self._traces: dict[str, str] = {}
        self._entry: dict[str, Any] = {}
        self._charge_cents = self._lines = self._claims_off = 0

    # -- documents -----------------------------------------------------------------------------

    def take(self, document: Document) -> None:
        """Count one record of the reader in."""
        if isinstance(document, ClaimPayment):
            self._claim_payment(document)
        elif isinstance(document, Claim):
            self._claim(document)
        elif isinstance(document, Finding):
            self.add_syntax([document])
        elif isinstance(document, RemittanceHeader):
            self._open(document.transaction)
            self._header, self._totals = document, RemittanceTotals()
            self._begin(document)
        elif isinstance(document, RemittanceEnd):
            self._end_remittance(document)
        elif isinstance(document, ClaimsHeader):
            self._open(document.transaction)
            self._charge_cents = self._lines = self._claims_off = 0
            self._begin(document)
        elif isinstance(document, ClaimsEnd):
            self._end_claims(document)
        else:
            self._other(document)

    def _open(self, transaction: Transaction) -> None:
        self.status = "read"
        self._transactions.append(transaction)
        self._entry = {
            "kind": transaction.implementation,
            "version": transaction.version,
            "control_number": transaction.control_number,
            "segment": transaction.segment,
        }
        self._entries.append(self._entry)

    def _begin(self, header: RemittanceHeader | ClaimsHeader) -> None:
        """Judge what stands above the claims of a transaction."""
        self._deep = DeepChecks(header, self.limits)
        self._judge_deep(header)
        if isinstance(header, RemittanceHeader) and header.trace_number:
            payer = self._traces.setdefault(header.trace_number, header.payer_trace_id)
            if payer != header.payer_trace_id:
                self.add([trace_of_two_payers(header.transaction)])

    def _judge_deep(self, record: Judged) -> None:
        if self._deep is not None:
            self.add_syntax(self._deep.syntax(record))
            self.add(self._deep.sense(record))

    def _claim_payment(self, claim_payment: ClaimPayment) -> None:
        header = self._header
        transaction = header.transaction if header else self._transactions[-1]
        self._totals.add(claim_payment)
        proofs = [p for p in prove_claim_payment(claim_payment) if not p.proves]
        self._list_proofs(proofs)
        self.add(proof_findings(proofs, transaction.index))
        self._judge_deep(claim_payment)
        decided_on = header.payment_date if header else None
        self.add(
            check_payment_codes(
                claim_payment, decided_on, transaction.index, version=transaction.version
            )
        )

    def _claim(self, claim: Claim) -> None:
        transaction = self._transactions[-1].index
        lines_cents = sum(line.charge_cents for line in claim.lines)
        self._charge_cents += claim.charge_cents
        self._lines += len(claim.lines)
        if claim.lines and lines_cents != claim.charge_cents:
            self._claims_off += 1
            self.add([_charge_differs(claim, lines_cents, transaction)])
        self.add(check_claim_codes(claim, transaction, lookup_icd10=True))
        self._judge_deep(claim)

    def _end_remittance(self, end: RemittanceEnd) -> None:
        if self._header is None:
            return
        totals = self._totals
        totals.finish(self._header, end)
        self._judge_deep(end)
        self._entry |= {
            "claim_payments": totals.claim_payments,
            "service_payments": totals.service_payments,
            "charged": format_cents(totals.charge_cents),
            "paid": format_cents(totals.paid_cents),
            "patient_responsibility": format_cents(totals.patient_responsibility_cents),
            "provider_adjustments": format_cents(totals.provider_adjustments_cents),
            "payments_total": format_cents(totals.payment_cents),
        }
        self._remittances.append(_Remittance(self._header, totals, self._entry))
        self._header = None

    def _end_claims(self, end: ClaimsEnd) -> None:
        balanced = self._claims_off == 0
        self.balanced &= balanced
        self._entry |= {
            "claims": end.claim_count,
            "service_lines": self._lines,
            "charged": format_cents(self._charge_cents),
            "balanced": balanced,
        }

    def _other(self, document: OtherTransaction) -> None:
        self._open(document.transaction)
        self._entry["segments"] = document.segment_count

    # -- verdicts ------------------------------------------------------------------------------

    def settle_remittances(self) -> None:
        """Judge the payments of the file; the parts of a split one are judged together."""
        groups: dict[tuple[str, str, date | None], list[_Remittance]] = defaultdict(list)
        for remittance in self._remittances:
            groups[remittance.payment_key].append(remittance)
        for group in groups.values():
            split = len(group) > 1 and settle_group([r.totals for r in group]) is not None
            for remittance in group:
                self._judge(remittance, split=split)

    def _judge(self, remittance: _Remittance, *, split: bool) -> None:
        totals, entry = remittance.totals, remittance.entry
        findings = remittance_findings(totals, remittance.header.transaction.index)
        if split:  # proved by the group: what is left is a debit, if anything
            findings = [f for f in findings if f.code != "remittance-does-not-balance"]
        self.add(findings)
        proves = totals.proves or (split and not totals.is_debit and totals.unreadable == 0)
        entry["balanced"] = proves and totals.claim_payments_held == 0
        self.balanced &= entry["balanced"]
        if not totals.transaction_proof.proves and not split:
            entry.setdefault("proofs", []).append(_proof_json(totals.transaction_proof))

    def _list_proofs(self, proofs: Sequence[Proof]) -> None:
        if proofs:
            listed = self._entry.setdefault("proofs", [])
            listed.extend(_proof_json(p) for p in proofs[: LISTED_MAX - len(listed)])

    # -- findings ------------------------------------------------------------------------------

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings, and list them as long as the answer stays readable."""
        for finding in findings:
            self.severities[finding.severity] += 1
            if len(self._findings) < LISTED_MAX:
                self._findings.append(finding)

    def add_syntax(self, findings: Sequence[Finding]) -> None:
        """Findings of envelope, structure and guide: those a 999 speaks of."""
        self.add(findings)
        self._syntax.extend(findings[: LISTED_MAX - len(self._syntax)])

    def acknowledge(self, stream: BinaryIO) -> None:
        """Write the 999 of this file."""
        names = segment_ids(stream, self._syntax, self.limits)
        self.acknowledgement = write_999(self._transactions, self._syntax, names, datetime.now(UTC))

    def answer_interchanges(self, stream: BinaryIO) -> None:
        """Judge each interchange of this file for its TA1."""
        self.interchanges = interchange_answers(stream, self._syntax, self.limits)

    def refuse(self, problem: FileProblem) -> None:
        """Take a file that is not read at all, or a folder's note on what was left aside."""
        self.add([problem.finding])
        if problem.finding.severity != "error":
            self.status = "skipped"

    def lose(self, error: OSError) -> None:
        """Give up a file that could not be read to its end."""
        self.add([file_unreadable(error)])

    def as_json(self) -> dict[str, Any]:
        """The file's part of the answer."""
        order = sorted(self._findings, key=lambda f: f.segment or 0)
        answer: dict[str, Any] = {
            "path": self.path,
            "sha256": self.sha256,
            "status": self.status,
            "transactions": self._entries,
            "findings": [_finding_json(f) for f in order],
        }
        left_out = self.severities.total() - len(order)
        if left_out:
            answer["findings_left_out"] = left_out
        return answer


def _charge_differs(claim: Claim, lines_cents: int, transaction: int) -> Finding:
    return Finding(
        "claim-charge-differs",
        "error",
        f"Claim {claim.position}: the charge (CLM02) is {format_cents(claim.charge_cents)}, but "
        f"its lines add up to {format_cents(lines_cents)}: a difference of "
        f"{format_cents(claim.charge_cents - lines_cents)}.",
        "Correct the claim before it is sent: payers refuse it.",
        claim.segment,
        transaction,
    )


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "segment": finding.segment,
        "transaction": finding.transaction,
        "message": finding.message,
        "action": finding.action,
    }


def _proof_json(proof: Proof) -> dict[str, Any]:
    declared = proof.declared_cents
    return {
        "rule": proof.rule,
        "required": proof.required,
        "claim_payment": proof.claim_position,
        "line": proof.line_position,
        "segment": proof.segment,
        "declared": None if declared is None else format_cents(declared),
        "calculated": format_cents(proof.calculated_cents),
        "difference": format_cents(proof.difference_cents),
    }
