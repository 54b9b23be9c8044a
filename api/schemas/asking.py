"""Answers about questions to payers: where claims stand (276), who is covered (270)."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import AccountId, Answer, ClaimId, ImportId, Number, PayerName


class AskedAbout(Answer):
    """One question of the file."""

    claim: ClaimId
    account: AccountId
    patient_control_number: Number
    payer: PayerName
    trace_number: str = Field(
        description="TRN02, which the answer repeats.", examples=["C000001-000000007"]
    )


class AskedPayers(Answer):
    """A file of questions, shown or written."""

    asked: list[AskedAbout] = Field(description="What is asked of whom.")
    written: bool = Field(description="Whether it stands in the book as asked.")
    import_id: ImportId | None = Field(
        alias="import", description="What `undo` takes back; null where it is only shown."
    )
    file: str | None = Field(description="Where it was written; null over HTTP.")
    edi: str = Field(description="The 276 or 270 itself.", examples=["ISA*00*..."])
