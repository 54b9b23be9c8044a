"""Answers about the bank's deposits and how they meet the remittances."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Amount, Answer, Day, PayerName, TraceNumber, amount
from api.schemas.patient_payments import TableFinding

DepositId = Annotated[str, Field(description="Our deposit id.", examples=["B000001"])]
PaymentId = Annotated[str, Field(description="Our remittance id.", examples=["R000008"])]
Age = Annotated[int | None, Field(description="Days since.", examples=[12])]
Action = Annotated[str, Field(description="What to do.", examples=["Wait for the deposit."])]


class BankFileRead(Answer):
    """What became of a bank's file."""

    path: str = Field(description="Its name.", examples=["statement.bai"])
    sha256: str = Field(description="The hash of its bytes.", examples=["9f86d081..."])
    status: str = Field(description="imported, duplicate or rejected.", examples=["imported"])
    format: str = Field(description="bai2, nacha or csv.", examples=["bai2"])
    deposits: int = Field(description="Deposits in it.", examples=[15])
    amount: Annotated[str, amount("Their sum", "6763.05")]
    findings: list[TableFinding] = Field(description="What is to be said of it.")


class DepositsImported(Answer):
    """What files of a bank brought in anew."""

    import_id: str | None = Field(
        alias="import", description="Names it for undo; null for a dry run.", examples=["I000002"]
    )
    dry_run: bool = Field(default=False, description="True: nothing was kept.")
    files: list[BankFileRead] = Field(description="Each file.")
    deposits: int = Field(description="New deposits.", examples=[20])
    deposits_total: Annotated[str, amount("Their sum", "9062.15")]
    returned: int = Field(description="Of them, money the bank took back.", examples=[1])
    known: int = Field(description="Deposits on file from another file.", examples=[0])


class Deposit(Answer):
    """One amount that the bank put on the account, or took off it again."""

    id: DepositId
    deposit_date: Day
    amount: Amount
    kind: str = Field(description="ach, lockbox, check, card, wire, cash, other, returned.")
    payer: str = Field(description="The payer as the bank names it.", examples=["PLAINFIELD MUTUA"])
    trace_number: str = Field(description="The payer's trace, or the check's number.")
    reference: str = Field(description="The bank's own number.", examples=["B0209"])
    account_ending: str = Field(description="The account's last digits.", examples=["5006"])


class Candidate(Answer):
    """A payment that a deposit could be."""

    remittance: PaymentId
    payer: PayerName
    trace_number: TraceNumber
    payment_date: Day
    amount: Amount
    why: list[str] = Field(description="What speaks for it.", examples=[["same amount"]])
    why_not: list[str] = Field(description="What speaks against it.")


class OpenDeposit(Deposit):
    """A deposit without a remittance."""

    age_days: Age
    candidates: list[Candidate] = Field(description="What it could be.")
    action: Action


class Payment(Answer):
    """A payment that remittances announce; all transactions of one trace are one."""

    id: PaymentId
    remittances: list[str] = Field(description="Every remittance of it.", examples=[["R000008"]])
    payment_date: Day
    amount: Amount
    payer: PayerName
    trace_number: TraceNumber
    payment_method: str = Field(description="ACH, CHK, NON ... (BPR04).", examples=["ACH"])
    held: list[str] = Field(description="Why it does not post, as codes.")
    held_reason: str = Field(description="The same as a sentence.")


class OpenPayment(Payment):
    """A payment without a deposit."""

    age_days: Age
    action: Action


class Joined(Answer):
    """Deposits and payments that belong together."""

    deposits: list[Deposit] = Field(description="The bank's side.")
    remittances: list[Payment] = Field(description="The payers' side.")
    rule: str = Field(description="By which rule, as a code.", examples=["trace_and_amount"])
    why: str = Field(description="The rule in words.", examples=["same trace number and amount"])
    difference: Annotated[str, amount("Received beyond what was announced", "0.00")]
    age_days: Age
    action: str = Field(default="", description="What to do about a difference.")


class CardDay(Answer):
    """A deposit that brought what patients paid by card on one day."""

    deposit: Deposit = Field(description="The bank's side.")
    day: Day
    amount: Amount
    patient_payments: list[str] = Field(
        description="Payments, and refunds to cards, of that day.", examples=[["M000004"]]
    )
    rule: str = Field(description="By which rule, as a code.", examples=["card_batch"])
    why: str = Field(description="The rule in words.", examples=["paid by card on one day"])


class Received(Answer):
    """The bank's side: the parts add up to the total."""

    matched: Amount
    different: Amount
    unmatched: Amount
    patient_cards: Amount = "0.00"
    set_aside: Amount
    total: Amount


class Announced(Answer):
    """The payers' side: the parts add up to the total."""

    matched: Amount
    different: Amount
    unmatched: Amount
    not_expected: Amount
    total: Amount


class OpenCheque(Answer):
    """A refund cheque that is not known to be cashed."""

    id: str = Field(description="Our id: E to a payer, M to a patient.", examples=["E000003"])
    sent_on: Day
    amount: Amount
    to: str = Field(description="payer or patient.", examples=["payer"])
    payer: str | None = Field(description="The payer's name.", examples=["PLAINFIELD MUTUAL"])
    reference: str = Field(description="The cheque's number.", examples=["4711"])
    age_days: Age
    action: Action


class ReconciliationTotals(Answer):
    """The proof."""

    deposits: Received = Field(description="What the bank received.")
    remittances: Announced = Field(description="What payers announced.")
    difference: Annotated[str, amount("Received beyond announced, of the pairs that differ")]
    refund_cheques: Annotated[str, amount("Refund cheques not known to be cashed", "80.00")] = (
        "0.00"
    )


class Reconciliation(Answer):
    """Which deposit brought which remittance's money, and what is missing on either side."""

    as_of: Day
    deposits: list[OpenDeposit] = Field(description="Deposits without a remittance.")
    remittances: list[OpenPayment] = Field(description="Remittances without a deposit.")
    differences: list[Joined] = Field(description="The same payment with two amounts.")
    matched: list[Joined] = Field(description="What belongs together to the cent.")
    card_batches: list[CardDay] = Field(
        default=[], description="Deposits of patients' card payments."
    )
    set_aside: list[Deposit] = Field(description="Deposits that no remittance is due to.")
    not_expected: list[Payment] = Field(description="Payments that bring no deposit.")
    refund_cheques: list[OpenCheque] = Field(
        default=[], description="Refund cheques that are not known to be cashed."
    )
    totals: ReconciliationTotals


class TiedDeposit(Answer):
    """A person's decision on a deposit."""

    decision: str = Field(description="Our decision id; names it for undo.", examples=["D000001"])
    action: str = Field(description="match, unmatch or set_aside.", examples=["match"])
    deposit: str | None = Field(description="The deposit.", examples=["B000004"])
    remittance: str | None = Field(description="The remittance.", examples=["R000017"])
    refund_cheque: str | None = Field(
        default=None, description="The refund cheque that was cashed.", examples=["E000003"]
    )
    replaced: list[str] = Field(description="Opposite decisions that it undid.")
