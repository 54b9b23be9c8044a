"""Answers about provider adjustments (PLB) followed as cases."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Day, NextPage, PayerName, TraceNumber, amount
from api.schemas.remittances import OurClaim


class ProviderAdjustmentStep(Answer):
    """One PLB amount on one check."""

    date: Day
    remittance: str | None = Field(
        description="Our remittance id; null for a refund cheque that we sent.",
        examples=["R000012"],
    )
    entry: str | None = Field(
        default=None, description="The entry by hand of a refund cheque.", examples=["E000004"]
    )
    trace_number: TraceNumber
    code: str = Field(description="PLB code.", examples=["WO"])
    reference: str = Field(description="What the payer calls it.", examples=["ICN100"])
    amount: Annotated[str, amount("As in the file: positive lowers the payment", "-80.00")]
    what: str = Field(description="What happened.", examples=["postponed"])
    balance: Annotated[str, amount("What the case stands at after it", "-80.00")]


class ProviderAdjustmentCase(Answer):
    """One recovery, balance carried forward, withhold or advance over its checks."""

    id: str = Field(
        description="The remittance it began on and its place there, or the refund cheque (E...).",
        examples=["R000012-1"],
    )
    kind: str = Field(description="What it is.", examples=["recovery"])
    status: str = Field(description="open or settled.", examples=["open"])
    direction: str = Field(
        description="payer_will_take, payer_took, payer_owes, undecided, settled ...",
        examples=["payer_will_take"],
    )
    payer: PayerName
    code: str = Field(description="PLB code it began with.", examples=["WO"])
    label: str = Field(description="What the code means.", examples=["Overpayment recovery"])
    reference: str = Field(description="What the payer calls it.", examples=["ICN100"])
    claim: OurClaim
    patient_control_number: str | None = Field(
        default=None, description="The number of that claim.", examples=["CH5002"]
    )
    amount: Annotated[str, amount("What is open of it", "80.00")]
    since: Day
    age_days: int | None = Field(description="Days since then.", examples=[12])
    text: str = Field(description="What it means.", examples=["The payer withholds it."])
    action: str = Field(description="What to do.", examples=["Ask the payer."])
    steps: list[ProviderAdjustmentStep] = Field(description="The checks it went over.")


class ProviderAdjustmentList(Answer):
    """Cases of provider adjustments, open and oldest first."""

    provider_adjustments: list[ProviderAdjustmentCase] = Field(description="One page of them.")
    count: int = Field(description="How many in all.", examples=[2])
    to_be_taken: Annotated[str, amount("What payers still mean to take", "80.00")]
    kept: Annotated[str, amount("What payers have kept or owe", "0.00")]
    next: NextPage = None
