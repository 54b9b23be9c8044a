"""A book of fixed answers, in the shapes of the contract, that remembers what it was asked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

Document = dict[str, Any]

FIGURES: Document = {
    "charge": "1500.00",
    "insurance_paid": "900.00",
    "written_off": "400.00",
    "patient_responsibility": "120.00",
    "insurance_open": "80.00",
    "patient_paid": "20.00",
    "patient_due": "100.00",
    "patient_billable": "60.00",
    "not_billable": [{"amount": "40.00", "reason": "a denial is being worked"}],
    "credit": "0.00",
    "payer_credit": "0.00",
}
CLAIM: Document = {
    **FIGURES,
    "id": "C000001",
    "patient_control_number": "PCN[1]",
    "service_from": "2026-01-05",
    "service_to": "2026-01-05",
    "state": "patient (billable)",
    "lines": [
        {
            "line": 1,
            "procedure": "99213",
            "modifiers": ["25"],
            "diagnoses": ["J0190"],
            "charge": "1500.00",
            "insurance_paid": "900.00",
            "written_off": "400.00",
            "patient_responsibility": "120.00",
            "insurance_open": "80.00",
            "denials": [{"group": "CO", "reason": "197", "amount": "80.00"}],
        }
    ],
    "steps": [
        {
            "date": "2026-01-20",
            "what": "answer",
            "payer": "Acme Health",
            "amounts": {"insurance_paid": "900.00", "written_off": "400.00"},
            "text": "Acme Health answered as primary.",
        }
    ],
}
FINDING: Document = {
    "code": "not-edi",
    "severity": "error",
    "segment": 1,
    "message": "This is not an EDI file.",
    "action": "Ask the payer for the 835.",
}
IMPORTED: Document = {
    "import": "I000001",
    "files": [
        {"path": "a.835", "sha256": "00", "status": "imported", "transactions": 1, "findings": []}
    ],
    "remittances": 1,
    "claims": 0,
    "claim_payments": 3,
    "payments_total": "900.00",
    "charged": "1500.00",
    "posted": "900.00",
    "unapplied": "0.00",
    "exceptions": 0,
    "duplicates": 0,
    "balanced": True,
}
DENIALS: Document = {
    "denials": [
        {
            "id": "N000001",
            "patient_control_number": "PCN1",
            "payer": "=cmd()",
            "amount": "80.00",
            "group": "CO",
            "reason": "197",
            "remarks": ["N54"],
            "category": "authorization",
            "next_action": "Ask for a retroactive authorization.",
            "deadline": "2026-04-20",
            "days_left": -3,
            "explanation": "No authorization was on file.",
            "rules": ["reason 197", "remark N54"],
        }
    ],
    "count": 1,
    "amount": "80.00",
}
PATTERNS: Document = {
    "patterns": [
        {
            "id": "G2876543210",
            "kind": "jump",
            "payer": "=cmd()",
            "code": "CO-197",
            "meaning": "Care started without authorization.",
            "procedure": "70553",
            "provider": "",
            "since": "2026-01-05",
            "lines": 120,
            "refused": 40,
            "rate_percent": "33.3",
            "expected": 4,
            "expected_percent": "3.3",
            "confidence_percent": 99,
            "amount": "8000.00",
            "open": "7200.00",
            "next_action": "obtain_authorization",
            "denials": ["N000001", "N000004"],
            "cases": ["N000001", "N000002", "N000004"],
        }
    ],
    "count": 3,
    "lines": 4000,
    "open": "9000.00",
}
BULK: Document = {
    "step": "write_off",
    "bulk": "J000004",
    "dry_run": False,
    "denials": [
        {
            **DENIALS["denials"][0],
            "open": "80.00",
            "state": "written_off",
            "owner": None,
            "version": 1,
            "taken": ["W000004"],
        }
    ],
    "refused": [
        {"denial": "N000002", "message": "N000002 is with lee.", "action": "Ask lee."},
    ],
    "count": 1,
    "amount": "80.00",
    "seen": "5c1f0a9be4d21377",
}
EXCEPTIONS: Document = {
    "exceptions": [
        {
            "id": "X000001",
            "kind": "no_claim",
            "import": "I000003",
            "remittance": "R000016",
            "patient_control_number": "P9",
            "payer": "Acme Health",
            "amount": "50.00",
            "reason": "No claim carries this number.",
            "actions": ["to", "open_claim"],
        }
    ],
    "count": 1,
    "amount": "50.00",
}
REPORT: Document = {
    "report": "aging",
    "as_of": "2026-01-31",
    "parameters": {},
    "columns": [
        {"name": "payer", "type": "text", "means": "who owes"},
        {"name": "days_0_30", "type": "money", "means": "0 to 30 days old"},
    ],
    "rows": [{"payer": "Acme Health", "days_0_30": "1234.50"}],
    "totals": {"days_0_30": "1234.50"},
}


BILLED: Document = {
    "kind": "replacement",
    "written": False,
    "import": None,
    "file": None,
    "sha256": "0" * 64,
    "control_number": "000000001",
    "claims": [
        {
            "claim": "C000001",
            "patient_control_number": "PCN1",
            "form": "P",
            "frequency": "7",
            "payer": "Acme Health",
            "payer_id": "ACME1",
            "rank": "P",
            "payer_claim_control_number": "ICN9",
            "charge": "1500.00",
            "changes": [{"place": "line 1", "element": "SV101-3", "was": "", "now": "25"}],
            "notes": ["Told together."],
        }
    ],
    "findings": [],
    "edi": "ISA*00~",
}


class FakeBook(AbstractContextManager["FakeBook"]):
    """Answers every question with the documents above unless a test sets another answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], Document]] = []
        self.answers: dict[str, Any] = {
            "import_files": IMPORTED,
            "undo": {"undone": "I000001", "kind": "import", "entries_reversed": 3,
                     "decisions_taken_along": []},
            "denials": DENIALS,
            "denial_patterns": PATTERNS,
            "work_denials": BULK,
            "claim": CLAIM,
            "balance": {**FIGURES, "account": "A000001", "claims": [CLAIM]},
            "exceptions": EXCEPTIONS,
            "resolve": {"decision": "D000001", "exception": "X000001", "posted": "50.00",
                        "settled": []},
            "bill": BILLED,
            "report": REPORT,
            "fhir": {"resourceType": "Bundle"},
        }  # fmt: skip

    def __exit__(self, *error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name not in self.answers:
            raise AttributeError(name)

        def answer(*arguments: Any, **named: Any) -> Any:
            self.asked.append((name, arguments, named))
            result = self.answers[name]
            if isinstance(result, BaseException):
                raise result
            return result

        return answer
