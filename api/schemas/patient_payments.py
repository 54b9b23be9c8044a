"""Answers about what patients paid."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.schemas.common import Amount, Answer, Day, NextPage, Number, amount


class Applied(Answer):
    """A part of a payment on a claim."""

    claim: str = Field(description="Our claim id.", examples=["C000002"])
    amount: Amount


class Returned(Answer):
    """That a payment, or a refund, came back: a bounced check, a chargeback."""

    id: str = Field(description="Our id of the return; names it for undo.", examples=["M000004"])
    received_on: Day
    reason: str = Field(description="Why.", examples=["insufficient funds"])
    user: str = Field(description="Who entered it.", examples=["dana"])


class RefundOfPayment(Answer):
    """A part of a payment that went back to the patient."""

    id: str = Field(description="Our id of the refund; names it for undo.", examples=["M000005"])
    refunded_on: Day
    amount: Annotated[str, amount("What went back", "12.00")]
    method: str = Field(description="card, check, cash or other.", examples=["check"])
    reference: str = Field(description="Check or receipt number.", examples=["3301"])
    reason: str = Field(description="Why.", examples=["paid twice"])
    user: str = Field(description="Who entered it.", examples=["dana"])
    returned: Returned | None = Field(description="How it came back; null where it did not.")


class PatientPayment(Answer):
    """One payment of a patient, and where it went."""

    id: str = Field(description="Our payment id; names it for undo.", examples=["M000001"])
    kind: str = Field(
        description="payment, or refund: of what a claim itself reports as paid.",
        examples=["payment"],
    )
    import_id: str | None = Field(
        default=None, alias="import", description="The table it came in.", examples=["I000003"]
    )
    account: str | None = Field(description="Our account id.", examples=["A000002"])
    claim: str | None = Field(description="The claim it names.", examples=["C000002"])
    patient_control_number: Number
    received_on: Day
    amount: Annotated[str, amount("What was paid", "118.00")]
    method: str = Field(description="card, check, cash or other.", examples=["card"])
    reference: str = Field(description="Check or receipt number.", examples=["004417"])
    applied: list[Applied] = Field(description="What of it stands on which claim.")
    refunded: Annotated[str, amount("What went back to the patient, and stayed there", "0.00")]
    refunds: list[RefundOfPayment] = Field(description="How it went back.")
    unapplied: Annotated[str, amount("The patient's credit that is left of it", "0.00")]
    status: str = Field(description="active, returned or undone.", examples=["active"])
    held: str = Field(description="Why it waits for a person; else empty.", examples=[""])
    held_reason: str = Field(description="The same as a sentence.", examples=[""])
    returned: Returned | None = Field(description="How it came back; null where it did not.")
    user: str = Field(description="Who entered it.", examples=["dana"])
    recorded_at: str = Field(description="When, ISO 8601.", examples=["2026-03-16T10:00:00+00:00"])
    reason: str = Field(description="A note, on record.", examples=[""])


class PatientPaymentList(Answer):
    """Payments in the order they were entered."""

    patient_payments: list[PatientPayment] = Field(description="One page of them.")
    next: NextPage = None


class RefundPart(Answer):
    """A refund out of one payment, or out of what one claim reports as paid."""

    id: str = Field(description="Our id of the refund; names it for undo.", examples=["M000005"])
    amount: Annotated[str, amount("What went back", "12.00")]
    payment: str | None = Field(description="The payment it is of.", examples=["M000001"])
    claim: str | None = Field(description="Else the claim.", examples=["C000002"])


class Refunded(Answer):
    """Money that went back to a patient."""

    refunds: list[RefundPart] = Field(description="Out of what.")
    amount: Annotated[str, amount("Their sum", "12.00")]
    refunded_on: Day
    patient_payments: list[PatientPayment] = Field(description="The payments, as they are now.")


class Bounced(Answer):
    """A return, and the payment that came back, or whose refund did."""

    id: str = Field(description="Our id of the return; names it for undo.", examples=["M000004"])
    returns: PatientPayment = Field(description="The payment.")
    notes: list[str] = Field(
        default=[], description="What else follows: what was refunded of a payment is owed back."
    )


class TableFinding(Answer):
    """Something wrong or noteworthy in a table or a bank's file."""

    code: str = Field(description="What, as a code.", examples=["bank-total-differs"])
    severity: str = Field(description="error, warning or info.", examples=["error"])
    line: int | None = Field(description="The line in the file, from 1.", examples=[6])
    message: str = Field(description="A plain sentence.", examples=["The file is empty."])
    action: str = Field(description="What to do.", examples=["Fetch the file again."])


class TableFile(Answer):
    """What became of a table of payments."""

    path: str = Field(description="Its name.", examples=["march.csv"])
    sha256: str = Field(description="The hash of its bytes.", examples=["9f86d081..."])
    status: str = Field(description="imported, duplicate or rejected.", examples=["imported"])
    rows: int = Field(description="Rows read.", examples=[3])
    amount: Annotated[str, amount("Their sum", "92.00")]
    findings: list[TableFinding] = Field(description="What is to be said of it.")


class PaymentsImported(Answer):
    """What a table of payments brought in anew."""

    import_id: str | None = Field(
        alias="import", description="Names it for undo; null for a dry run.", examples=["I000003"]
    )
    dry_run: bool = Field(default=False, description="True: nothing was kept.")
    files: list[TableFile] = Field(description="The table.")
    payments: int = Field(description="New payments.", examples=[3])
    known: int = Field(description="Rows on file already.", examples=[0])
    payments_total: Annotated[str, amount("Their sum", "92.00")]
    by_method: dict[str, Any] = Field(
        description="The sum by method.", examples=[{"card": "50.00", "cash": "42.00"}]
    )
    applied: Annotated[str, amount("Of it, on claims", "80.00")]
    unapplied: Annotated[str, amount("Of it, left as credit or waiting", "12.00")]
    held: Annotated[str, amount("Of it, waiting for a person", "12.00")]
    exceptions: int = Field(description="How many wait.", examples=[1])
    rows: list[PatientPayment] = Field(description="Each new payment with where it went.")
