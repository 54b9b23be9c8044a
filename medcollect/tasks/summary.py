"""The answer of an import: DESIGN section 8.1."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.remittances import REISSUED
from medcollect.bookkeeping.scan import Scanned
from medcollect.findings import Finding
from medcollect.ids import import_name
from medcollect.model.posting import INTEREST, PROVIDER_ADJUSTMENT, UNAPPLIED
from medcollect.money import format_cents
from medcollect.store.tables import (
    claim_payments,
    correspondence,
    exceptions,
    postings,
    remittances,
)

#: What acknowledgements, status and eligibility are counted as.
LETTERS = (
    "acknowledgements",
    "claim_statuses",
    "rejected_claims",
    "eligibility_answers",
    "inquiries",
)


class FileOutcome(msgspec.Struct):
    """What became of one file."""

    path: str
    sha256: str
    status: str
    transactions: int
    findings: list[Finding]

    def as_json(self) -> dict[str, Any]:
        """The file's part of the answer."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "status": self.status,
            "transactions": self.transactions,
            "findings": [msgspec.to_builtins(finding) for finding in self.findings],
        }


class Summary:
    """Counts and totals of what an import brought in anew."""

    def __init__(self) -> None:
        self.files: list[FileOutcome] = []
        self.notes: list[tuple[str, Finding]] = []
        self.counts: Counter[str] = Counter()
        self.cents: Counter[str] = Counter()
        self.claim_status: Counter[str] = Counter()
        self.balanced = True

    def add_file(
        self, outcome: FileOutcome, scanned: dict[int, Scanned], plan: dict[int, str]
    ) -> None:
        """Count a file's transactions, each as it was planned."""
        self.files.append(outcome)
        for index, transaction in scanned.items():
            if plan[index] == "duplicate":
                self.counts["duplicates"] += 1
            elif plan[index] == REISSUED:
                self.counts["reissued"] += 1
            else:
                self._add(transaction)

    def add_letters(self, counts: Counter[str]) -> None:
        """Count what a file holds besides remittances and claims."""
        self.counts.update({key: counts[key] for key in (*LETTERS, "duplicates")})

    def _add(self, scanned: Scanned) -> None:
        """Count a new transaction."""
        self.counts["claims"] += scanned.claims
        self.cents["claims_charged"] += scanned.claims_charged_cents
        totals = scanned.totals
        if totals is None:
            return
        self.balanced = self.balanced and scanned.balanced
        self.counts["remittances"] += 1
        self.counts["claim_payments"] += totals.claim_payments
        self.counts["service_payments"] += totals.service_payments
        self.counts["reversals"] += totals.reversals
        self.counts["denied_claims"] += scanned.denied_claims
        self.counts["denied_lines"] += scanned.denied_lines
        self.cents["denied_amount"] += scanned.denied_cents
        self.cents["charged"] += totals.charge_cents
        self.cents["paid"] += totals.paid_cents
        self.cents["patient_responsibility"] += totals.patient_responsibility_cents
        self.cents["provider_adjustments"] += totals.provider_adjustments_cents
        self.cents["payments_total"] += scanned.counted_cents
        self.claim_status.update(totals.claim_status)

    def as_json(self, connection: sa.Connection, import_id: int) -> dict[str, Any]:
        """The whole answer, with what the book says came of it."""
        matched, opened = _matched(connection, import_id)
        unapplied = _unapplied(connection, import_id)
        opened_now = _exceptions(connection, exceptions.c.import_id == import_id, "open")
        settled_here = exceptions.c.settled_by == import_id
        settled = _exceptions(
            connection, settled_here & (exceptions.c.import_id != import_id), "settled"
        )
        count, cents = self.counts, self.cents
        return {
            "import": import_name(import_id),
            "files": [outcome.as_json() for outcome in self.files],
            "notes": [{"path": p, **msgspec.to_builtins(note)} for p, note in self.notes],
            "remittances": count["remittances"],
            "claims": count["claims"],
            "claims_charged": format_cents(cents["claims_charged"]),
            "claim_payments": count["claim_payments"],
            "service_payments": count["service_payments"],
            "charged": format_cents(cents["charged"]),
            "paid": format_cents(cents["paid"]),
            "patient_responsibility": format_cents(cents["patient_responsibility"]),
            "provider_adjustments": format_cents(cents["provider_adjustments"]),
            "payments_total": format_cents(cents["payments_total"]),
            "claim_status": dict(sorted(self.claim_status.items())),
            "denied_claims": count["denied_claims"],
            "denied_lines": count["denied_lines"],
            "denied_amount": format_cents(cents["denied_amount"]),
            "reversals": count["reversals"],
            "matched": matched,
            "opened_from_remittance": opened,
            "exceptions": opened_now[0],
            **{key: count[key] for key in LETTERS},
            "waiting": _waiting(connection, import_id),
            "duplicates": count["duplicates"],
            "reissued": count["reissued"],
            "settled": {"count": settled[0], "amount": format_cents(settled[1])},
            "posted": format_cents(_posted(connection, import_id)),
            "unapplied": format_cents(unapplied),
            "balanced": self.balanced,
        }


def _matched(connection: sa.Connection, import_id: int) -> tuple[int, int]:
    """Claim payments of this import that answer a claim on file, and claims they opened."""
    query = (
        sa.select(claim_payments.c.match_rule, sa.func.count())
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .where(remittances.c.import_id == import_id, claim_payments.c.claim_id.is_not(None))
        .group_by(claim_payments.c.match_rule)
    )
    counts = {str(row[0]): int(row[1]) for row in connection.execute(query)}
    opened = counts.pop("opened", 0)
    return sum(counts.values()), opened


def _waiting(connection: sa.Connection, import_id: int) -> int:
    """Acknowledgements and statuses of this import that belong to nothing on file yet."""
    query = sa.select(sa.func.count()).where(
        correspondence.c.import_id == import_id,
        correspondence.c.outcome == "waiting",
        correspondence.c.status == "active",
    )
    return int(connection.execute(query).scalar() or 0)


def _unapplied(connection: sa.Connection, import_id: int) -> int:
    """Cents of this import's remittances that are not applied."""
    query = (
        sa.select(sa.func.sum(postings.c.cents))
        .join(remittances, remittances.c.id == postings.c.remittance_id)
        .where(remittances.c.import_id == import_id, postings.c.account == UNAPPLIED)
    )
    return -int(connection.execute(query).scalar() or 0)


def _posted(connection: sa.Connection, import_id: int) -> int:
    """Cents of this import's remittances that went to claims, less their provider adjustments."""
    to_claims = (postings.c.account == UNAPPLIED) & postings.c.claim_id.is_not(None)
    kept_back = postings.c.account.in_([PROVIDER_ADJUSTMENT, INTEREST])
    signed = sa.case((to_claims, postings.c.cents), (kept_back, -postings.c.cents), else_=0)
    query = (
        sa.select(sa.func.sum(signed))
        .join(remittances, remittances.c.id == postings.c.remittance_id)
        .where(remittances.c.import_id == import_id)
    )
    return int(connection.execute(query).scalar() or 0)


def _exceptions(
    connection: sa.Connection, condition: sa.ColumnElement[bool], status: str
) -> tuple[int, int]:
    """Count and cents of exceptions."""
    query = sa.select(sa.func.count(), sa.func.sum(exceptions.c.amount_cents)).where(
        condition, exceptions.c.status == status
    )
    row = connection.execute(query).one()
    return int(row[0]), int(row[1] or 0)
