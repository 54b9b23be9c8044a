"""Samples read, written and read again."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import medcollect
from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.remittance import Remittance
from medcollect.x12 import documents
from medcollect.x12.conformance import guide_findings
from medcollect.x12.write import OutgoingEnvelope, Statements

SAMPLES = Path(__file__).parents[3] / "edi_samples"
ENVELOPE = OutgoingEnvelope(
    sender_id="SENDER",
    receiver_id="RECEIVER",
    created=datetime(2026, 2, 2, 8, 15, tzinfo=UTC),
    control_number=41,
    contact_name="BILLING OFFICE",
    contact_phone="5550100000",
    statements=Statements(
        provider_signature="Y",
        assignment="A",
        benefits_assigned="Y",
        release_of_information="Y",
        admission_type="9",
        admission_source="9",
        patient_status="01",
    ),
)


def sample(start: str) -> bytes:
    (path,) = SAMPLES.glob(f"{start}-*.edi")
    return path.read_bytes()


def remittances(data: bytes) -> list[Remittance]:
    return [d for d in medcollect.read(io.BytesIO(data)) if isinstance(d, Remittance)]


def claims(data: bytes) -> list[Claim]:
    return [d for d in medcollect.read(io.BytesIO(data)) if isinstance(d, Claim)]


def header_of(data: bytes) -> ClaimsHeader:
    return next(d for d in documents(io.BytesIO(data)) if isinstance(d, ClaimsHeader))


def findings_of(text: str) -> list[Finding]:
    return [d for d in documents(io.BytesIO(text.encode())) if isinstance(d, Finding)]


def guide_errors(text: str) -> list[str]:
    """What pyx12 says against a text, version spelling and hints apart."""
    found = guide_findings(io.BytesIO(text.encode()))
    return [f.message for f in found if f.severity != "info"]


def names(files: Iterable[Path]) -> list[str]:
    return [path.name for path in files]
