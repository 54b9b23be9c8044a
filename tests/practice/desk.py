"""The desk that knows what really happened: compares a book with the truth, settles exceptions.

It reads the book by plain SQL and decides through the product's own ``resolve``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from medcollect.book import Book
from tests.practice.mail import Item
from tests.practice.practice import Practice
from tests.practice.stories import Truth

#: Exceptions over which claim a payment means; a person says which.
_WHICH_CLAIM = {
    "no_claim",
    "several_claims",
    "claim_not_certain",
    "number_too_common",
    "reversal_differs",
    "reversal_without_original",
}

_DOCUMENTS = """
    SELECT f.label, d.position, d.claim_id FROM claim_documents d
    JOIN transactions t ON t.id = d.transaction_id JOIN files f ON f.id = t.file_id"""

_PAYMENTS = """
    SELECT p.id, r.trace_number, p.position, p.claim_id, p.outcome, p.match_rule
    FROM claim_payments p JOIN remittances r ON r.id = p.remittance_id
    WHERE r.status = 'active'"""

_CLAIMS = """
    SELECT id, patient_control_number, charge_cents, insurance_paid_cents, written_off_cents,
           patient_responsibility_cents, patient_paid_cents, insurance_receivable_cents
    FROM claims WHERE status = 'active'"""


@dataclass
class Matched:
    """How the claim payments found their claims: how many by rule, and which of them wrongly."""

    payments: int = 0
    by_rule: int = 0
    wrong: list[tuple[Any, ...]] = field(default_factory=list)
    waiting: list[tuple[Any, ...]] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Matched by rule, of those that answer a claim of ours."""
        return self.by_rule / self.payments


class Desk:
    """One book beside the practice whose files it took."""

    def __init__(self, book: Book, url: str, practice: Practice) -> None:
        self.book = book
        self.engine = sa.create_engine(url)
        self.practice = practice
        self.items = {check.remit.trace: check.items for check in practice.checks}
        self.settled: Counter[str] = Counter()

    def _rows(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(query)))

    def claims_of_visits(self) -> dict[int, int]:
        """Our claim for each visit; two claims for one visit, or the reverse, are an error."""
        found: dict[int, int] = {}
        for label, position, claim in self._rows(_DOCUMENTS):
            visit = self.practice.sent[Path(label).name][position - 1]
            assert found.setdefault(visit, claim) == claim, f"visit {visit} is two claims"
        assert len(set(found.values())) == len(found), "two visits are one claim"
        return found

    def _payments(self) -> list[tuple[Any, Item]]:
        rows = self._rows(_PAYMENTS)
        return [(row, self.items[row.trace_number][row.position - 1]) for row in rows]

    def matched(self) -> Matched:
        """How every claim payment stands against the truth."""
        claims = self.claims_of_visits()
        ours = set(claims.values())
        found = Matched()
        for row, item in self._payments():
            if not item.claim:
                if row.claim_id in ours:
                    found.wrong.append((*row, "another practice's"))
                continue
            found.payments += 1
            if row.claim_id is None:
                found.waiting.append((*row, item.claim))
            elif row.claim_id == claims[item.claim]:
                found.by_rule += 1
                found.rules[row.match_rule] += 1
            else:
                found.wrong.append((*row, item.claim, claims[item.claim]))
        return found

    def settle(self) -> None:
        """Settle every exception that asks which claim is meant, as the truth says."""
        claims = self.claims_of_visits()
        items = {row.id: item for row, item in self._payments()}
        seen: set[str] = set()
        while waiting := [x for x in self._questions() if x["id"] not in seen]:
            for question in waiting:
                item = items[int(question["claim_payment"][1:])]
                if question["id"] in seen:
                    continue  # settled with another one
                seen.add(question["id"])
                if item.claim:
                    seen.update(self._resolve(question, to=f"C{claims[item.claim]:06d}"))
                elif item.opens:
                    seen.update(self._resolve(question, open_claim=True))

    def _questions(self) -> list[dict[str, Any]]:
        listed = self.book.exceptions()["exceptions"]
        return [x for x in listed if x["kind"] in _WHICH_CLAIM]

    def _resolve(self, question: dict[str, Any], **way: Any) -> list[str]:
        """Decide; says which exceptions are settled by it."""
        done = self.book.resolve(question["id"], **way, reason="looked it up", user="kim")
        self.settled[question["kind"]] += 1
        return list(done["settled"])

    def differences(self) -> list[tuple[str, Any, Any]]:
        """Claims whose figures are not the truth: number, what the book says, what is true."""
        claims = {claim: visit for visit, claim in self.claims_of_visits().items()}
        truths = self.practice.truths()
        found = []
        for claim, number, *figures in self._rows(_CLAIMS):
            if claim not in claims:
                continue
            truth = truths.pop(claims[claim])
            if figures != _figures(truth):
                found.append(
                    (f"C{claim:06d} {number} visit {truth.visit}", figures, _figures(truth))
                )
        found += [(str(visit), None, truth) for visit, truth in truths.items()]
        return found

    def checks_that_differ(self) -> list[tuple[str, Any, Any]]:
        """Checks whose cash or unapplied money is not the truth."""
        rows = {
            row["trace_number"]: (row["payment"], row["unapplied"])
            for row in self.book.report("remittances")["rows"]
            if row["status"] != "reissued_payment" and row["status"] != "reissued"
        }
        found = []
        for check in self.practice.checks:
            true = (_money(check.remit.payment), _money(check.unapplied))
            if rows.get(check.remit.trace) != true:
                found.append((check.remit.trace, rows.get(check.remit.trace), true))
        return found


def _figures(truth: Truth) -> list[int]:
    return [
        truth.charge,
        truth.insurance_paid,
        truth.written_off,
        truth.patient_responsibility,
        truth.patient_paid,
        truth.receivable,
    ]


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
