"""One sample file: its text, what it shows, and what importing it must say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Claim, Remit

ZEROS = {
    "remittances": 0,
    "claims": 0,
    "claims_charged": "0.00",
    "claim_payments": 0,
    "service_payments": 0,
    "charged": "0.00",
    "paid": "0.00",
    "patient_responsibility": "0.00",
    "provider_adjustments": "0.00",
    "payments_total": "0.00",
    "claim_status": {},
    "denied_claims": 0,
    "denied_lines": 0,
    "denied_amount": "0.00",
    "reversals": 0,
    "duplicates": 0,
    "reissued": 0,
    "posted": "0.00",
    "unapplied": "0.00",
    "exceptions": 0,
}


@dataclass(frozen=True)
class SampleFile:
    """One file: its name, text, what it shows, and what importing it must say."""

    name: str
    text: str
    shows: str
    status: str
    expected: dict[str, Any]

    @property
    def expected_name(self) -> str:
        """The name of the expected result beside it."""
        return self.name.removesuffix(".edi") + ".expected.json"

    @property
    def expected_document(self) -> dict[str, Any]:
        """What the expected file holds."""
        return {"shows": self.shows, "status": self.status, "import": self.expected}


def claims_file(
    number: int, name: str, claims: tuple[Claim, ...], charged: str, shows: str, day: date
) -> SampleFile:
    """An 837 of the practice."""
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=number)
    expected = {**ZEROS, "claims": len(claims), "claims_charged": charged, "balanced": True}
    text = build_837(claims, envelope)
    return SampleFile(f"{number:02d}-{name}.edi", text, shows, "imported", expected)


def remits_file(
    number: int, name: str, sent: tuple[Remit, ...], shows: str, **expected: Any
) -> SampleFile:
    """An 835 of one or more payers; ``expected`` holds what is not zero."""
    envelope = Envelope(day=sent[-1].day, control=number)
    figures = {**ZEROS, "remittances": len(sent), "balanced": True, **expected}
    # what is paid is posted, unless the file says otherwise
    figures["posted"] = expected.get("posted", figures["payments_total"])
    text = build_835(sent, envelope)
    return SampleFile(f"{number:02d}-835-{name}.edi", text, shows, "imported", figures)
