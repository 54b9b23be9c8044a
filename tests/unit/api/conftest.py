"""A small book that keeps the contract's shapes in memory, and clients of the API over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from medcollect.errors import BadRequest, NotAllowed, NotFound

Document = dict[str, Any]

FIGURES = {
    "charge": "250.00",
    "insurance_paid": "99.90",
    "written_off": "15.00",
    "patient_responsibility": "35.10",
    "patient_paid": "20.00",
    "patient_due": "15.10",
    "patient_billable": "15.10",
    "insurance_open": "100.00",
    "credit": "0.00",
    "payer_credit": "0.00",
}


def claim_summary(number: int) -> Document:
    return {
        "id": f"C{number:06d}",
        "patient_control_number": "PCN1",
        "account": "A000001",
        "payer": "Alpha Health",
        "origin": "claim",
        "service_from": "2026-01-05",
        "service_to": None,
        **FIGURES,
        "denied": "100.00",
        "state": "with_payer",
        "state_reason": "The payer has yet to answer: Alpha Health.",
    }


ATTACHED: Document = {
    "id": "W000003-1",
    "step": "W000003",
    "number": 1,
    "name": 'r\u00e9cord "1".pdf',
    "content_type": "application/pdf",
    "sha256": "0" * 64,
    "size": 8,
    "kept": True,
    "kind": "note",
    "date": "2026-03-02",
    "user": "dana",
    "reason": "",
    "reference": "",
    "status": "active",
}

TERMS: Document = {
    "lesser_of_charge": True,
    "sequestration_percent": "",
    "multiple_procedures": {"percents": [], "procedures": []},
    "modifier_percents": [],
}


def contract(number: int) -> Document:
    return {
        "id": f"T{number:06d}",
        "kind": "contract",
        "name": "PPO",
        "payer": "ALPHA*",
        "plans": [],
        "valid_from": "2026-01-01",
        "valid_to": None,
        "row_count": 0,
        "file": "ppo.csv",
        "sha256": "0" * 64,
        "reason": "",
        "user": "dana",
        "recorded_at": "2026-01-31T08:15:00+00:00",
        "status": "active",
    }


def underpayment(number: int) -> Document:
    return {
        "id": f"U{number:02d}0001",
        "kind": "underpaid",
        "basis": "contract",
        "claim": "C000001",
        "patient_control_number": "PCN1",
        "claim_payment": "P000001",
        "remittance": "R000001",
        "trace_number": "A1",
        "payer": "Alpha Health",
        "payment_date": "2026-01-31",
        "line": 1,
        "service_date": "2026-01-05",
        "procedure": "99213",
        "modifiers": [],
        "place": "11",
        "units": "1",
        "judged_as": None,
        "charge": "200.00",
        "expected": "92.50",
        "allowed": "80.00",
        "difference": "12.50",
        "sequestration": "0.00",
        "expected_sequestration": None,
        "contract": "T000001",
        "contract_line": 2,
        "since": None,
        "explanation": "Row 2: 92.50. Expected 92.50, allowed 80.00; 12.50 missing.",
        "deadline": None,
        "deadline_rule": "",
        "days_left": None,
    }


def import_summary(identifier: str) -> Document:
    return {
        "id": identifier,
        "import": identifier,
        "started_at": "2026-01-31T08:15:00+00:00",
        "status": "running",
        "files": [],
    }


def remittance_summary(identifier: str) -> Document:
    return {
        "id": identifier,
        "import": "I000001",
        "payer": "Alpha Health",
        "trace_number": "EFT-1",
        "payment_date": "2026-01-31",
        "payment_method": "ACH",
        "claim_payments": 0,
        "paid": "99.90",
        "provider_adjustments": "0.00",
        "payment": "99.90",
        "posted": "99.90",
        "unapplied": "0.00",
        "status": "active",
    }


PATIENT = {"last_name": "MARLOWE", "first_name": "JUNIA"}

DENIAL = {
    "id": "N000001",
    "claim": "C000001",
    "claim_payment": "P000001",
    "patient_control_number": "PCN1",
    "payer": "Alpha Health",
    "line": 1,
    "procedure": "99213",
    "modifiers": ["25"],
    "diagnoses": ["E119"],
    "service_from": "2026-01-05",
    "decided_on": "2026-01-31",
    "amount": "100.00",
    "group": "CO",
    "reason": "16",
    "remarks": ["N290"],
    "category": "missing_information",
    "cause": "Claim data missing or wrong",
    "preventable": "yes",
    "appealable": False,
    "next_action": "correct_and_resubmit",
    "deadline": "2026-04-01",
    "deadline_rule": "The contract's filing limit.",
    "days_left": 10,
    "expected_value": "70.00",
    "priority": 100,
    "status": "open",
    "explanation": "Alpha Health refused $100.00.",
    "rules": ["reason 16"],
}

PATTERN = {
    "id": "G2876543210",
    "kind": "jump",
    "payer": "Alpha Health",
    "code": "CO-16 N290",
    "meaning": "Claim data missing or wrong",
    "procedure": "99213",
    "provider": "",
    "since": "2026-01-05",
    "lines": 120,
    "refused": 40,
    "rate_percent": "33.3",
    "expected": 4,
    "expected_percent": "3.3",
    "confidence_percent": 99,
    "amount": "4000.00",
    "open": "100.00",
    "next_action": "correct_and_resubmit",
    "denials": ["N000001"],
    "cases": ["N000001", "N000002"],
}

CASE = {
    **DENIAL,
    "state": "in_work",
    "state_reason": "Somebody works on it.",
    "owner": "dana",
    "follow_up": None,
    "waiting_for": None,
    "waiting_until": None,
    "due": False,
    "level": 0,
    "version": 1,
    "refused": "100.00",
    "won": "0.00",
    "open": "100.00",
    "amounts": [DENIAL],
    "limits": [],
    "proof_of_filing": None,
    "history": [],
    "outcomes": [],
    "duplicate_of": None,
    "position": {"place": 1, "of": 2, "why": "100.00 at stake."},
}

WAITING = {
    "id": "X000001",
    "kind": "no_claim",
    "import": "I000001",
    "remittance": "R000001",
    "claim_payment": "P000001",
    "claim": None,
    "patient_control_number": "PCN9",
    "payer": "Alpha Health",
    "trace_number": "EFT-1",
    "payment_date": "2026-01-31",
    "amount": "50.00",
    "reason": "No claim on file.",
    "candidates": [{"claim": "C000001", "score": 40, "why": [], "why_not": ["dates"]}],
    "actions": ["to", "open_claim"],
}

LISTED: dict[str, Callable[[int], Document]] = {
    "imports": lambda n: import_summary(f"I{n:06d}"),
    "remittances": lambda n: remittance_summary(f"R{n:06d}"),
    "claims": claim_summary,
    "accounts": lambda n: {"id": f"A{n:06d}", "patient": PATIENT, "claims": 1, **FIGURES},
}


def patient_payment(number: int) -> Document:
    return {
        "id": f"M{number:06d}",
        "import": None,
        "account": "A000001",
        "claim": None,
        "patient_control_number": None,
        "received_on": "2026-03-16",
        "amount": "25.00",
        "method": "card",
        "reference": "",
        "applied": [{"claim": "C000001", "amount": "20.00"}],
        "kind": "payment",
        "refunded": "0.00",
        "refunds": [],
        "unapplied": "5.00",
        "status": "active",
        "held": "",
        "held_reason": "",
        "returned": None,
        "user": "kim",
        "recorded_at": "2026-03-16T10:00:00+00:00",
        "reason": "",
    }


def desk_entry(number: int) -> Document:
    fields = ("patient_control_number", "replaces", "payer_id", "member_id", "group_number")
    more = ("filing_indicator", "valid_from", "valid_to", "to", "amount", "moved", "moved_on")
    joined = ("accounts", "split_claims", "although_different", "method", "reference")
    told = {"payer": "STONEBRIDGE TRUST", "payer_rank": 2, "reason": "card", "user": "kim"}
    stood = {"recorded_at": "2026-03-16T10:00:00+00:00", "status": "active", "billable": None}
    id_ = {"id": f"E{number:06d}", "kind": "coverage"}
    return {**id_, **dict.fromkeys((*fields, *more, *joined)), **told, **stood}


def letter(denial: str) -> Document:
    texts = {"title": "Request for reconsideration", "deadline_rule": "180 days from 2026-01-31."}
    numbers = {"patient_control_number": "PCN1", "payer_claim_control_number": "ICN1"}
    lists: Document = {"remarks": [], "policies": [], "asked": [], "enclosures": [], "notes": []}
    return {
        "denials": [denial],
        "claim": "C000001",
        "payer": "Alpha Health",
        "level": "reconsideration",
        "category": "medical_necessity",
        "group": "CO",
        "reason": "50",
        "amount": "100.00",
        "deadline": "2026-07-30",
        "blanks": [{"who": "clinician", "what": "the findings"}],
        **texts,
        **numbers,
        **lists,
    }


class FakeDesk:
    """The bank's and the patients' part of the fake book."""

    def _note(self, name: str, *details: Any) -> None:
        raise NotImplementedError

    def import_deposits(
        self, paths: Any, *, mapping: Any = None, dry_run: bool = False
    ) -> Document:
        self._note("import_deposits", [Path(path).name for path in paths], mapping, dry_run)
        zero = {"deposits": 0, "deposits_total": "0.00", "returned": 0, "known": 0}
        return {"import": None if dry_run else "I000002", "files": [], **zero}

    def reconcile(self, *, as_of: date | None = None) -> Document:
        self._note("reconcile", as_of)
        names = ("deposits", "remittances", "differences", "matched", "set_aside", "not_expected")
        parts = dict.fromkeys(("matched", "different", "unmatched", "total"), "0.00")
        totals = {
            "deposits": {**parts, "set_aside": "0.00"},
            "remittances": {**parts, "not_expected": "0.00"},
            "difference": "0.00",
        }
        return {"as_of": "2026-03-31", **{name: [] for name in names}, "totals": totals}

    def tie_deposit(
        self, action: str, deposit: str, remittance: str, *, reason: str, user: str
    ) -> Document:
        self._note("tie_deposit", action, deposit, remittance, reason, user)
        pair = {"deposit": deposit, "remittance": remittance}
        return {"decision": "D000001", "action": action, **pair, "replaced": []}

    def set_deposit_aside(self, identifier: str, *, reason: str, user: str) -> Document:
        self._note("set_deposit_aside", identifier, reason, user)
        pair = {"deposit": identifier, "remittance": None}
        return {"decision": "D000001", "action": "set_aside", **pair, "replaced": []}

    def pay(self, target: str, amount: str, **told: Any) -> Document:
        self._note("pay", target, amount, told)
        return patient_payment(1)

    def add_coverage(self, target: str, **told: Any) -> Document:
        self._note("add_coverage", target, told)
        return {**desk_entry(1), "claims": []}

    def correct_coverage(self, entry: str, **changes: Any) -> Document:
        self._note("correct_coverage", entry, changes)
        return {**desk_entry(2), "replaces": entry, "claims": []}

    def end_coverage(self, target: str, **told: Any) -> Document:
        self._note("end_coverage", target, told)
        return {**desk_entry(1), "kind": "coverage_end", "claims": []}

    def move_balance(self, target: str, amount: str, **told: Any) -> Document:
        self._note("move_balance", target, amount, told)
        return {**desk_entry(1), "kind": "move", "claims": []}

    def refund_payer(self, target: str, amount: str, **told: Any) -> Document:
        self._note("refund_payer", target, amount, told)
        return {**desk_entry(1), "kind": "payer_refund", "claims": []}

    def enter_deceased(self, target: str, **told: Any) -> Document:
        self._note("enter_deceased", target, told)
        return {**desk_entry(1), "kind": "deceased", "claims": []}

    def merge_accounts(self, accounts: Any, **told: Any) -> Document:
        self._note("merge_accounts", accounts, told)
        now = {"accounts_now": ["A000001"], "notes": list[str]()}
        return {**desk_entry(1), "kind": "account_merge", "claims": [], **now}

    def split_account(self, account: str, claims: Any, **told: Any) -> Document:
        self._note("split_account", account, claims, told)
        now = {"accounts_now": ["A000001", "A000009"], "notes": list[str]()}
        return {**desk_entry(1), "kind": "account_split", "claims": [], **now}

    def entries(self, limit: int, after: str | None) -> Document:
        self._note("entries", limit, after)
        return {"entries": [desk_entry(1)], "next": None}

    def letter(self, denial: str, **options: Any) -> Document:
        self._note("letter", denial, options)
        return letter(denial)

    def letter_file(self, denial: str, form: str = "pdf", **options: Any) -> bytes:
        self._note("letter_file", denial, form, options)
        return b"%PDF-1.7"

    def letters(self, *, dry_run: bool = False, **options: Any) -> Document:
        self._note("letters", dry_run, options)
        skipped = {"denial": "N000002", "message": "Not judged.", "action": "Send it again."}
        skipped |= {"already_appealed": False}
        sums = {"count": 1, "amount": "100.00", "dry_run": dry_run}
        sums |= {"skipped_count": 1, "already_appealed": 0}
        return {"letters": [letter("N000001")], "skipped": [skipped], **sums}

    def letter_sent(self, denial: str, **told: Any) -> Document:
        self._note("letter_sent", denial, told)
        step = {"denial": denial, "step": "W000001", "kind": told["step"], "level": 1}
        step |= {"state": "appealed", "follow_up": "2026-04-01"}
        entry = {**desk_entry(3), "kind": "letter", "denial": denial, "claims": []}
        return {**entry, "case_step": step, "notes": []}

    def import_contract(self, path: Any, **told: Any) -> Document:
        self._note("import_contract", Path(path).name, told)
        done = {"dry_run": False, "status": "imported", "findings": [], "preview": []}
        return {**contract(1), **TERMS, **done}

    def contracts(self, limit: int | None, after: str | None) -> Document:
        self._note("contracts", limit, after)
        return {"contracts": [contract(1)], "next": None}

    def contract(self, identifier: str) -> Document:
        self._note("contract", identifier)
        if identifier != "T000001":
            raise NotFound("Not in the book.")
        return {**contract(1), **TERMS, "rows": []}

    def underpayments(self, **told: Any) -> Document:
        self._note("underpayments", told)
        figures = {"count": 1, "amount": "12.50", "lines": {"underpaid": 1}}
        return {"kind": "underpaid", "underpayments": [underpayment(1)], **figures, "next": None}

    def underpayment(self, identifier: str) -> Document:
        self._note("underpayment", identifier)
        if identifier != "U010001":
            raise NotFound("Not in the book.")
        return underpayment(1)

    def refund(self, target: str, amount: str, **told: Any) -> Document:
        self._note("refund", target, amount, told)
        part = {"id": "M000002", "amount": "12.00", "payment": "M000001", "claim": None}
        told = {"amount": "12.00", "refunded_on": "2026-03-20"}
        return {"refunds": [part], **told, "patient_payments": [patient_payment(1)]}

    def bounce(self, payment: str, **told: Any) -> Document:
        self._note("bounce", payment, told)
        if payment == "E000001":
            returned = {"kind": "payer_refund_returned", "returns": payment}
            return {**desk_entry(2), **returned, "claims": []}
        if payment != "M000001":
            raise NotFound("Not in the book.")
        return {"id": "M000002", "returns": patient_payment(1)}

    def import_payments(self, path: Any, **told: Any) -> Document:
        self._note("import_payments", Path(path).name, told)
        sums = ("payments_total", "applied", "unapplied", "held")
        counts = ("payments", "known", "exceptions")
        figures = {**dict.fromkeys(sums, "0.00"), **dict.fromkeys(counts, 0), "by_method": {}}
        return {"import": None, "files": [], **figures, "rows": []}

    def import_balances(self, path: Any, **told: Any) -> Document:
        self._note("import_balances", Path(path).name, told)
        counts = dict.fromkeys(("claims", "known", "held_claims", "credits"), 0)
        sums = dict.fromkeys(("charge", "insurance_open", "patient_due"), "0.00")
        whole = {**sums, "claims": 0, "credits": 0}
        told = {"import": None, "as_of": "2026-03-31", "files": [], "rows": []}
        return {**told, **counts, "totals": sums, "table": whole}

    def preview_balances(self, path: Any, **told: Any) -> Document:
        self._note("preview_balances", Path(path).name, told)
        sums = dict.fromkeys(("charge", "insurance_open", "patient_due"), "0.00")
        told = {"preview": True, "readable": True, "tables": [], "findings": []}
        return {**told, "claims": 0, "credits": 0, "totals": sums}

    def export_balances(self, *, closed: bool = False) -> Document:
        self._note("export_balances", closed)
        sums = dict.fromkeys(("charge", "insurance_open", "patient_due", "total"), "0.00")
        column = {"name": "claim", "type": "text", "means": "its number"}
        table = {"columns": [column], "rows": [{"claim": "OB1001"}]}
        tables = [{"report": name, **table} for name in ("claims", "flat")]
        told = {"as_of": "2026-03-31", "claims": 1, "credits": 0}
        return {**told, "totals": sums, "tables": tables}

    def patient_payments(self, limit: int, after: str | None) -> Document:
        self._note("patient_payments", limit, after)
        return {"patient_payments": [patient_payment(1)], "next": None}


class FakeBook(FakeDesk):
    """Answers in the shapes of the contract; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.undone: set[str] = set()
        self.imported: set[bytes] = set()
        self.failure: Exception | None = None
        self.opened = 0
        self.closed = 0

    def _note(self, name: str, *details: Any) -> None:
        self.asked.append((name, details))
        if self.failure is not None:
            raise self.failure

    def import_files(self, paths: Any, *, dry_run: bool = False, details: Any = None) -> Document:
        contents = [Path(path).read_bytes() for path in paths]
        self._note("import_files", [Path(path).name for path in paths], contents, dry_run)
        known = [content in self.imported for content in contents]
        if not dry_run:
            self.imported.update(contents)
        files = [
            {
                "path": str(path),
                "sha256": "0" * 64,
                "status": "duplicate" if old else "imported",
                "transactions": 1,
                "findings": list[Document](),
            }
            for path, old in zip(paths, known, strict=True)
        ]
        return {"import": None if dry_run else "I000001", "files": files, "remittances": 1}

    def enter_sheet(self, path: Path, *, user: str, dry_run: bool = False) -> Document:
        self._note("enter_sheet", path.name, path.read_bytes(), user, dry_run)
        file = {"path": path.name, "sha256": "0" * 64, "status": "imported", "transactions": 1}
        return {
            "import": None if dry_run else "I000001",
            "files": [{**file, "findings": list[Document]()}],
        }

    def undo(self, identifier: str, *, with_decisions: bool = False, reason: str = "") -> Document:
        self._note("undo", identifier, with_decisions, reason)
        if identifier in self.undone:
            raise NotAllowed("It is undone already.")
        self.undone.add(identifier)
        return {
            "undone": identifier,
            "kind": "import",
            "entries_reversed": 3,
            "decisions_taken_along": ["D000001"] if with_decisions else [],
        }

    def bill(self, numbers: Any, kind: str, *, keep: bool = False, **options: Any) -> Document:
        self._note("bill", list(numbers), kind, keep, options)
        for number in numbers:
            self._must_be(number, "C000001")
        claim = {
            "claim": "C000001",
            "patient_control_number": "PCN-1",
            "form": "P",
            "frequency": "7",
            "payer": "ACME",
            "payer_id": "A1",
            "rank": "P",
            "payer_claim_control_number": None,
            "charge": "100.00",
            "changes": [{"place": "line 1", "element": "SV101-3", "was": "", "now": "25"}],
            "notes": list[str](),
        }
        return {
            "kind": kind,
            "written": keep,
            "import": "I000002" if keep else None,
            "file": None,
            "sha256": "0" * 64,
            "control_number": "000000001",
            "claims": [claim],
            "findings": list[Document](),
            "edi": "ISA*00~",
        }

    def inquire(self, numbers: Sequence[str], *, keep: bool = False, **options: Any) -> Document:
        self._note("inquire", list(numbers), keep, options)
        return self._asked_payers(keep=keep)

    def eligibility(self, account: str, *, keep: bool = False, **options: Any) -> Document:
        self._note("eligibility", account, keep, options)
        if account not in {"A000001", "PCN1"}:
            raise NotFound("No such account.")
        return self._asked_payers(keep=keep)

    @staticmethod
    def _asked_payers(*, keep: bool) -> Document:
        about = {
            "claim": "C000001", "account": "A000001", "patient_control_number": "PCN1",
            "payer": "Alpha Health", "trace_number": "C000001-000000001",
        }  # fmt: skip
        return {
            "asked": [about], "written": keep, "import": "I000002" if keep else None,
            "file": None, "edi": "ISA*00~",
        }  # fmt: skip

    def denial(self, identifier: str) -> Document:
        self._note("denial", identifier)
        return {**CASE, "id": identifier}

    def work_denial(self, identifier: str, step: str, **told: Any) -> Document:
        self._note("work_denial", identifier, step, told)
        return {**CASE, "id": identifier}

    def work_denials(
        self, denials: Sequence[str], step: str, *, dry_run: bool = False, **told: Any
    ) -> Document:
        self._note("work_denials", list(denials), step, dry_run, told)
        taken = [] if dry_run else ["W000001"]
        row = {**DENIAL, "open": "100.00", "version": 1, "taken": taken}
        refused = {"denial": "N000002", "message": "It is with dana.", "action": "Ask dana."}
        sums = {"count": 1, "amount": "100.00", "seen": "5c1f0a9be4d21377"}
        done = {"step": step, "bulk": None if dry_run else "J000001", "dry_run": dry_run}
        return {**done, "denials": [row], "refused": [refused], **sums}

    def bulk_steps(self, limit: int = 50, after: str | None = None) -> Document:
        self._note("bulk_steps", limit, after)
        told = {"user": "dana", "reason": "", "count": 2, "standing": 1, "undone": "partly"}
        when = {"date": "2026-03-02", "recorded_at": "2026-03-02T09:00:00+00:00"}
        return {"bulk_steps": [{"id": "J000004", "step": "take", **when, **told}], "next": None}

    def denial_patterns(self, as_of: date | None = None, **wanted: Any) -> Document:
        self._note("denial_patterns", as_of, wanted)
        return {"patterns": [PATTERN], "count": 1, "lines": 4000, "open": "100.00", "next": None}

    def attach(self, identifier: str, file: Path, **told: Any) -> Document:
        self._note("attach", identifier, Path(file).name, Path(file).read_bytes(), told)
        return self.attachments(identifier)

    def attachments(self, identifier: str) -> Document:
        return {"denial": identifier, "version": 1, "attachments": [ATTACHED]}

    def attachment(self, identifier: str) -> Document:
        self._note("attachment", identifier)
        if identifier != ATTACHED["id"]:
            raise NotFound("There is no such attachment.", "List them first.")
        return ATTACHED

    def attachment_file(self, identifier: str) -> bytes:
        self._note("attachment_file", identifier)
        return b"%PDF-1.7"

    def take_next_denial(self, **filters: Any) -> Document:
        self._note("take_next_denial", filters)
        return CASE

    def denials(self, **filters: Any) -> Document:
        self._note("denials", filters)
        return {"denials": [DENIAL], "count": 1, "amount": "100.00", "next": None}

    def claim(self, number: str) -> Document:
        self._note("claim", number)
        if number == "TWICE":
            return {"claims": [claim_summary(1), claim_summary(2)], "ambiguous": True}
        if number not in {"C000001", "PCN1"}:
            raise NotFound("No such claim.", "Search for it by its number.")
        more = ("lines", "steps", "denials", "exceptions", "provider_adjustments", "payments")
        return {
            **claim_summary(1),
            "not_billable": [],
            "waiting_for": "Alpha Health",
            **{key: list[Document]() for key in more},
        }

    def balance(self, account: str) -> Document:
        self._note("balance", account)
        if account not in {"A000001", "PCN1"}:
            raise NotFound("No such account.")
        patient = {**PATIENT, "birth_date": "1980-02-29"}
        sums = {**FIGURES, "not_billable": list[Document]()}
        return {"account": "A000001", "patient": patient, "claims": [claim_summary(1)], **sums}

    def exceptions(self, **filters: Any) -> Document:
        self._note("exceptions", filters)
        return {"exceptions": [WAITING], "count": 1, "amount": "50.00"}

    def resolve(self, exception_id: str, **decision: Any) -> Document:
        self._note("resolve", exception_id, decision)
        return {"decision": "D000001", "exception": exception_id, "posted": "50.00", "settled": []}

    def close_period(self, through: str, *, reason: str, user: str) -> Document:
        self._note("close_period", through, reason, user)
        waiting = {"exceptions": 1, "amount": "50.00"}
        return {"closing": "K000001", "closed_through": through, "waiting": waiting}

    def report(
        self, name: str, *, as_of: date | None = None, since: date | None = None
    ) -> Document:
        self._note("report", name, as_of, since)
        return {
            "report": name,
            "as_of": str(as_of or date(2026, 1, 31)),
            "parameters": {},
            "columns": [
                {"name": "payer", "type": "text", "means": "who owes"},
                {"name": "open", "type": "money", "means": "what is open"},
            ],
            "rows": [{"payer": "=Alpha", "open": "100.00"}],
            "totals": {"open": "100.00"},
        }

    def provider_adjustments(self, **filters: Any) -> Document:
        self._note("provider_adjustments", filters)
        rows: list[Document] = []
        return {"provider_adjustments": rows, "count": 0, "to_be_taken": "0.00", "kept": "0.00"}

    def settings(self) -> Document:
        self._note("settings")
        return {
            "version": None, "sha256": "0" * 64, "in_force": True, "differences": [],
            "settings": [
                {"key": "unmatched", "value": "open", "default": "open", "source": "default"}
            ],
        }  # fmt: skip

    def repost(self, *, dry_run: bool = False, reason: str = "", user: str = "") -> Document:
        self._note("repost", dry_run, reason, user)
        if not dry_run and not reason:
            raise BadRequest("New policies need their reason on record.")
        return {
            "version": "S000001", "dry_run": dry_run, "changed": True, "differences": [],
            "entries": 2, "claims_changed": 1, "accounts": {"write_off": "40.00"},
            "claims": [], "opened": [], "settled": [],
        }  # fmt: skip

    def imports(self, limit: int, after: str | None) -> Document:
        return self._listed("imports", "I", limit, after)

    def import_(self, identifier: str) -> Document:
        self._note("import_", identifier)
        self._must_be(identifier, "I000001")
        return import_summary(identifier)

    def remittances(self, limit: int, after: str | None) -> Document:
        return self._listed("remittances", "R", limit, after)

    def remittance(self, identifier: str) -> Document:
        self._note("remittance", identifier)
        self._must_be(identifier, "R000001")
        empty: list[Document] = []
        return {**remittance_summary(identifier), "payments": empty, "adjustments": empty}

    def claims(self, limit: int, after: str | None) -> Document:
        return self._listed("claims", "C", limit, after)

    def accounts(self, limit: int, after: str | None) -> Document:
        return self._listed("accounts", "A", limit, after)

    def fhir(self, number: str) -> Document:
        self._note("fhir", number)
        self._must_be(number, "C000001")
        return {"resourceType": "Bundle", "type": "collection", "entry": []}

    @staticmethod
    def _must_be(asked: str, known: str) -> None:
        if asked != known:
            raise NotFound("Not in the book.")

    def _listed(self, name: str, letter: str, limit: int, after: str | None) -> Document:
        """Five items, paged by id."""
        self._note(name, limit, after)
        numbers = [n for n in range(1, 6) if after is None or f"{letter}{n:06d}" > after]
        items = [LISTED[name](n) for n in numbers[:limit]]
        return {name: items, "next": items[-1]["id"] if len(numbers) > limit else None}


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


@pytest.fixture
def app(book: FakeBook) -> FastAPI:
    @contextmanager
    def opener(url: str) -> Iterator[FakeBook]:
        assert url == "fake://book"
        book.opened += 1
        yield book
        book.closed += 1

    settings = Settings(book_url="fake://book", upload_limit_bytes=100_000, remembered_keys=50)
    return create_app(settings, opener)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost:8000")
