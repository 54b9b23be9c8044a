"""Answers about claims that are written again: what is sent, and what differs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.common import Amount, Answer, ClaimId, ImportId, Number, PayerName
from api.schemas.imports import Finding


class Change(Answer):
    """One element or segment that differs from what was on file."""

    place: str = Field(description="The loop in words.", examples=["line 2"])
    element: str = Field(description="The element or segment.", examples=["SV101-3"])
    was: str | None = Field(description="What it was; null for a new segment.", examples=[""])
    now: str | None = Field(description="What it is; null for one that is gone.", examples=["25"])


class BilledClaim(Answer):
    """One claim that is written."""

    claim: ClaimId
    patient_control_number: Number
    form: Literal["P", "I", "D"] = Field(description="Professional, institutional, dental.")
    frequency: str = Field(description="CLM05-3: 1, 7 or 8.", examples=["7"])
    payer: PayerName
    payer_id: str = Field(description="The payer's identifier (NM109).", examples=["PMH01"])
    rank: str = Field(description="Its place among the payers (SBR01).", examples=["P"])
    payer_claim_control_number: Annotated[
        str | None, Field(description="REF*F8: the payer's number of the claim.", examples=["P1"])
    ]
    charge: Amount
    changes: list[Change] = Field(description="What differs from what was filed, old and new.")
    notes: list[str] = Field(description="What a person should know.", examples=[[]])


class WrittenClaim(Answer):
    """A claim that was written from the book."""

    kind: Literal["replacement", "void", "again", "next_payer"] = Field(description="What it was.")
    frequency: str = Field(description="CLM05-3.", examples=["7"])
    payer: PayerName
    payer_claim_control_number: str | None = Field(
        description="REF*F8: the payer's number of the claim.", examples=["P1"]
    )
    control_number: str = Field(description="ISA13 of its file.", examples=["000000001"])
    sha256: str = Field(description="The SHA-256 of its file.", examples=["0" * 64])
    written_at: str = Field(description="When, ISO 8601.", examples=["2026-02-02T08:15:00+00:00"])
    user: str = Field(description="Who.", examples=["dana"])
    reason: str = Field(description="Why.", examples=["coder"])
    import_id: ImportId = Field(alias="import")
    taken_back: bool = Field(description="Whether its import is undone.")


class Billed(Answer):
    """A file of claims, shown or written."""

    kind: Literal["replacement", "void", "again", "next_payer"] = Field(description="As asked.")
    written: bool = Field(description="Whether it stands in the book as sent.")
    import_id: ImportId | None = Field(
        alias="import", description="What `undo` takes back; null where it is only shown."
    )
    file: str | None = Field(description="Where it was written; null over HTTP.")
    sha256: str = Field(description="The SHA-256 of the file.", examples=["0" * 64])
    control_number: str = Field(description="ISA13.", examples=["000000001"])
    claims: list[BilledClaim] = Field(description="In the order asked.")
    findings: list[Finding] = Field(description="What the file's check finds.")
    edi: str = Field(description="The 837 itself.", examples=["ISA*00*..."])
