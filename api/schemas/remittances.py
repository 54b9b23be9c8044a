"""Answers about payments with their claim payments and provider adjustments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import (
    Answer,
    ClaimPaymentId,
    Day,
    ImportId,
    NextPage,
    Number,
    PayerName,
    RemittanceId,
    Segment,
    TraceNumber,
    amount,
)

OurClaim = Annotated[
    str | None, Field(description="Our claim id; null until one is found.", examples=["C000001"])
]
ClaimStatus = Annotated[
    str, Field(description="Claim status as the payer states it (CLP02).", examples=["1"])
]
Outcome = Annotated[
    str,
    Field(
        description="posted, held, exception (waits for a person), noted (carries nothing) or "
        "undone.",
        examples=["posted"],
    ),
]


class RemittanceSummary(Answer):
    """One payment with its claim payments: one 835 transaction.

    payment = paid - provider_adjustments where it proves; posted + unapplied = payment.
    """

    id: RemittanceId
    import_id: ImportId = Field(alias="import")
    payer: PayerName
    trace_number: TraceNumber
    payment_date: Day
    payment_method: str = Field(description="How it was paid (BPR04).", examples=["ACH"])
    claim_payments: int = Field(description="How many claims it answers.", examples=[3])
    paid: Annotated[str, amount("Sum of the claim payments (CLP04)", "260.00")]
    provider_adjustments: Annotated[str, amount("PLB: positive lowers the payment", "0.00")]
    payment: Annotated[str, amount("The payment (BPR02)", "260.00")]
    posted: Annotated[str, amount("Posted to claims and provider adjustments", "260.00")]
    unapplied: Annotated[str, amount("Waiting in exceptions", "0.00")]
    status: str = Field(
        description="active, undone, reissued, or why it is held.",
        examples=["active"],
    )


class RemittanceList(Answer):
    """Remittances in the order they came."""

    remittances: list[RemittanceSummary] = Field(description="One page of them.")
    next: NextPage = None


class ClaimPayment(Answer):
    """A payer's answer to one claim (CLP)."""

    id: ClaimPaymentId
    patient_control_number: Number
    claim: OurClaim
    status: ClaimStatus
    charge: Annotated[str, amount("Charge as the payer states it (CLP03)", "200.00")]
    paid: Annotated[str, amount("Paid (CLP04)", "75.00")]
    outcome: Outcome
    held: str = Field(description="Why it is not posted; empty when nothing holds it.")
    segment: Segment


class ProviderAdjustment(Answer):
    """Money the payer kept or gave beside the claims (PLB)."""

    code: str = Field(description="Reason code (PLB03-1).", examples=["WO"])
    label: str = Field(
        description="The code in our words.", examples=["Balance carried to or from another one"]
    )
    reference: str = Field(description="The payer's reference (PLB03-2).", examples=["PCH5002"])
    amount: Annotated[str, amount("PLB04: positive lowers the payment", "-210.00")]


class Remittance(RemittanceSummary):
    """One remittance with its claim payments and provider adjustments."""

    payments: list[ClaimPayment] = Field(description="Every claim payment, in file order.")
    adjustments: list[ProviderAdjustment] = Field(description="Every provider adjustment.")
