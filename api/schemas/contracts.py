"""Answers about contracts, fee schedules, and what payers allowed below them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import (
    Amount,
    Answer,
    ClaimId,
    ClaimPaymentId,
    Day,
    LineNumber,
    Modifiers,
    NextPage,
    Number,
    PayerName,
    RemittanceId,
    TraceNumber,
    amount,
)
from api.schemas.patient_payments import TableFinding


class Price(Answer):
    """One row of a contract or fee schedule."""

    line: int = Field(description="Its line in the file.", examples=[2])
    procedure: str = Field(
        description="A code, a beginning (992*), a range (10004-69990) or *.", examples=["99213"]
    )
    modifiers: Modifiers
    place: str = Field(description="Place of service; empty: any.", examples=["11"])
    amount: str = Field(description="US dollars, exact; empty with a percent.", examples=["92.50"])
    percent: str = Field(description="Percent of the base; else empty.", examples=["110"])
    base: str = Field(description="charge, or a fee schedule's name.", examples=["medicare"])
    per: str = Field(description="unit or line: what the amount is for.", examples=["unit"])


class MultipleProcedures(Answer):
    """What several procedures of a day are allowed."""

    percents: list[str] = Field(
        description="Of the dearest, the next ...; the last holds for all further ones.",
        examples=[["100", "50"]],
    )
    procedures: list[str] = Field(
        description="Which procedures are ranked.", examples=[["10004-69990"]]
    )


class ModifierPercent(Answer):
    """What a modifier makes of a price."""

    modifier: str = Field(description="The modifier.", examples=["50"])
    percent: str = Field(description="Percent of the price.", examples=["150"])


class _Version(Answer):
    """One version of a contract or fee schedule."""

    id: str | None = Field(
        description="Our id; names it for undo; null where nothing is kept.", examples=["T000001"]
    )
    kind: str = Field(description="contract or fee_schedule.", examples=["contract"])
    name: str = Field(description="What it is called.", examples=["PPO"])
    payer: str = Field(
        description="Whose; a * at the end stands for the rest; empty for a fee schedule.",
        examples=["PLAINFIELD*"],
    )
    plans: list[str] = Field(description="Only these kinds of plan (CLP06).", examples=[["12"]])
    valid_from: Day
    valid_to: Day
    row_count: int = Field(description="Rows of prices.", examples=[12])


class ContractVersion(_Version):
    """A version as it is on file."""

    file: str = Field(description="The file it came from.", examples=["ppo.csv"])
    sha256: str = Field(description="The hash of its bytes.", examples=["9f86d081..."])
    reason: str = Field(description="A note.", examples=["renewal"])
    user: str = Field(description="Who entered it.", examples=["dana"])
    recorded_at: str = Field(description="When, ISO 8601.", examples=["2026-03-16T10:00:00+00:00"])
    status: str = Field(description="active or undone.", examples=["active"])


class ContractList(Answer):
    """Versions in the order they were entered."""

    contracts: list[ContractVersion] = Field(description="One page of them.")
    next: NextPage = None


class _WithTerms(Answer):
    """Terms for all rows."""

    lesser_of_charge: bool = Field(description="True: no more than the charge is allowed.")
    sequestration_percent: str = Field(
        description="What is kept of the payment (CARC 253); empty: not said.", examples=["2"]
    )
    multiple_procedures: MultipleProcedures = Field(description="Several procedures of a day.")
    modifier_percents: list[ModifierPercent] = Field(description="Percents by modifier.")


class ContractShown(ContractVersion, _WithTerms):
    """A version with every row."""

    rows: list[Price] = Field(description="Its rows.")


class ContractImported(_Version, _WithTerms):
    """What a table brought."""

    status: str = Field(
        description="imported, known (in force already) or rejected.", examples=["imported"]
    )
    dry_run: bool = Field(description="True: nothing was kept.")
    findings: list[TableFinding] = Field(description="What is to be said of it.")
    preview: list[Price] = Field(description="Its first rows.")


class Underpayment(Answer):
    """A line that a payer allowed otherwise than was to be expected."""

    id: str = Field(description="Our id of the line.", examples=["U120003"])
    kind: str = Field(description="underpaid, overpaid or no_term.", examples=["underpaid"])
    basis: str = Field(
        description="contract, or usual: the payer's own pattern.", examples=["contract"]
    )
    claim: ClaimId
    patient_control_number: Number
    claim_payment: ClaimPaymentId
    remittance: RemittanceId
    trace_number: TraceNumber
    payer: PayerName
    payment_date: Day
    line: LineNumber
    service_date: Day
    procedure: str = Field(description="The procedure as billed.", examples=["99213"])
    modifiers: Modifiers
    place: str = Field(description="Place of service.", examples=["11"])
    units: str = Field(description="Units billed.", examples=["1"])
    judged_as: str | None = Field(
        description="The code that the payer judged instead.", examples=["99212"]
    )
    charge: Annotated[str, amount("What the practice asks", "200.00")]
    expected: Amount | None = Field(description="What was to be allowed; null: no term.")
    allowed: Annotated[str, amount("What the payer allowed", "80.00")]
    difference: Annotated[str, amount("What is missing; below zero too much", "12.50")]
    sequestration: Annotated[str, amount("What was kept as sequestration", "0.00")]
    expected_sequestration: Amount | None = Field(
        description="What may be kept by contract; null where it does not say."
    )
    contract: str | None = Field(description="The version that spoke.", examples=["T000001"])
    contract_line: int | None = Field(description="Its row.", examples=[2])
    since: Day
    explanation: str = Field(
        description="The arithmetic in words.", examples=["Expected 92.50, allowed 80.00."]
    )
    deadline: Day
    deadline_rule: str = Field(description="Where the deadline comes from.", examples=[""])
    days_left: int | None = Field(description="Days until then.", examples=[30])
    denial: str | None = Field(
        default=None,
        description="Its open case on the denial desk; null where it has none.",
        examples=["N000003"],
    )


class UnderpaymentList(Answer):
    """Lines by difference, the largest first."""

    kind: str = Field(description="Which lines they are.", examples=["underpaid"])
    underpayments: list[Underpayment] = Field(description="One page of them.")
    count: int = Field(description="Lines that the filters keep.", examples=[1])
    amount: Annotated[str, amount("Their differences together", "12.50")]
    lines: dict[str, int] = Field(
        description="What came of all lines answered, by outcome.",
        examples=[{"as_expected": 400, "underpaid": 12}],
    )
    next: NextPage = None
