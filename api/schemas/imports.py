"""Answers about files taken in and taken back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.common import Amount, Answer, ImportId, NextPage, Segment, amount


class Finding(Answer):
    """A problem in the data of a file; it names places, never a patient's data."""

    code: str = Field(description="The kind of problem.", examples=["claim-does-not-balance"])
    severity: Literal["error", "warning", "info"] = Field(description="How bad it is.")
    transaction: int | None = Field(
        default=None, description="Transaction (ST) in the file, from 1.", examples=[1]
    )
    segment: Segment = None
    message: str = Field(
        description="A plain sentence.", examples=["The file ends in the middle of a segment."]
    )
    action: str = Field(
        description="What to do about it.", examples=["Ask the sender for the complete file."]
    )


class Note(Finding):
    """A path that was passed over, and why."""

    path: str = Field(description="The path.", examples=["notes.txt"])


class ImportedFile(Answer):
    """One file of an import."""

    id: str = Field(default="", description="Our file id.", examples=["F000001"])
    path: str = Field(description="The name it was sent under.", examples=["era.835"])
    sha256: str = Field(description="The hash of its bytes; empty if it could not be read.")
    status: str = Field(
        description="imported, duplicate, partial or rejected; running until it is done.",
        examples=["imported"],
    )
    transactions: int = Field(default=0, description="How many transactions it holds.")
    findings: list[Finding] = Field(description="What is wrong with it.")


class Settled(Answer):
    """Exceptions of earlier imports that this one settled."""

    count: int = Field(description="How many.", examples=[0])
    amount: Amount


class JudgedUnder(Answer):
    """The settings that an import was judged under."""

    version: str | None = Field(
        description="Our id of them; null for the defaults.", examples=["S000001"]
    )
    in_force: bool = Field(description="False: other settings are in the file, not taken over.")


class _Counted(Answer):
    """What an import brought in anew; what was known already counts as duplicate only."""

    files: list[ImportedFile] = Field(description="Each file, in the order sent.")
    notes: list[Note] = Field(default=[], description="What was passed over.")
    remittances: int = Field(default=0, description="835 transactions.")
    claims: int = Field(default=0, description="Claims of 837 transactions.")
    claims_charged: Annotated[str, amount("Sum of CLM02")] = "0.00"
    claim_payments: int = Field(default=0, description="CLP loops.")
    service_payments: int = Field(default=0, description="SVC loops.")
    charged: Annotated[str, amount("Sum of CLP03")] = "0.00"
    paid: Annotated[str, amount("Sum of CLP04")] = "0.00"
    patient_responsibility: Annotated[str, amount("Sum of CLP05")] = "0.00"
    provider_adjustments: Annotated[str, amount("Sum of PLB amounts", "-4.10")] = "0.00"
    payments_total: Annotated[str, amount("Sum of BPR02")] = "0.00"
    claim_status: dict[str, int] = Field(
        default={}, description="Count by claim status, CLP02.", examples=[{"1": 2, "4": 1}]
    )
    denied_claims: int = Field(default=0, description="Claims with refused money.")
    denied_lines: int = Field(default=0, description="Lines with refused money.")
    denied_amount: Annotated[str, amount("Refused money, reversals taken off")] = "0.00"
    reversals: int = Field(default=0, description="Claim payments with status 22.")
    matched: int = Field(default=0, description="Claim payments that found their claim.")
    opened_from_remittance: int = Field(default=0, description="Claims opened from an 835.")
    exceptions: int = Field(default=0, description="What waits for a person.")
    acknowledgements: int = Field(default=0, description="TA1, 999 and 997.")
    claim_statuses: int = Field(default=0, description="Claims of 277CA and 277.")
    rejected_claims: int = Field(default=0, description="Claims that a 277CA or 277 rejects.")
    eligibility_answers: int = Field(default=0, description="Persons of 271.")
    inquiries: int = Field(default=0, description="Questions of 276 and 270.")
    waiting: int = Field(
        default=0, description="Acknowledgements and statuses that belong to nothing on file yet."
    )
    duplicates: int = Field(default=0, description="Transactions known already.")
    reissued: int = Field(default=0, description="Known payments with other content.")
    settled: Settled | None = Field(default=None, description="Earlier exceptions settled.")
    posted: Annotated[str, amount("Posted: sum of CLP04 less PLB")] = "0.00"
    unapplied: Annotated[str, amount("Not posted to claims", "0.00")] = "0.00"
    settings: JudgedUnder | None = Field(
        default=None, description="The settings it was judged under."
    )
    balanced: bool = Field(default=True, description="Every line, claim and transaction proves.")


class Import(_Counted):
    """What an import brought in anew; what was known already counts as duplicate only."""

    import_id: str | None = Field(
        alias="import",
        description="Names the import for undo; null for a dry run.",
        examples=["I000001"],
    )
    dry_run: bool = Field(default=False, description="True: nothing was kept.")


class ImportSummary(_Counted):
    """One import on record; without its figures while it runs, or when it was cut off."""

    id: ImportId
    import_id: ImportId = Field(alias="import")
    started_at: str = Field(
        description="When it began, ISO 8601 with zone.", examples=["2026-01-31T08:15:00+00:00"]
    )
    deposits: int = Field(default=0, description="Deposits of a bank's files.")
    deposits_total: Annotated[str, amount("Their sum", "0.00")] = "0.00"
    returned: int = Field(default=0, description="Of them, money the bank took back.")
    known: int = Field(default=0, description="Deposits or patient payments on file already.")
    payments: int = Field(default=0, description="Patient payments of a table.")
    by_method: dict[str, str] = Field(
        default={}, description="Their sum by method.", examples=[{"card": "50.00"}]
    )
    applied: Annotated[str, amount("Of them, on claims", "0.00")] = "0.00"
    held: Annotated[str, amount("Of them, waiting for a person", "0.00")] = "0.00"
    as_of: str = Field(default="", description="The day open balances were drawn up for.")
    credits: int = Field(default=0, description="Patients' credits without a claim, as brought.")
    held_claims: int = Field(default=0, description="Open balances that do not add up.")
    totals: dict[str, str] = Field(default={}, description="What the open balances add up to.")
    table: dict[str, Any] = Field(default={}, description="What their table holds in all.")
    status: str = Field(
        description="running, stopped (killed: import again, or undo), done, undone.",
        examples=["done"],
    )


class ImportList(Answer):
    """Imports, oldest first."""

    imports: list[ImportSummary] = Field(description="One page of them.")
    next: NextPage = None


class Undone(Answer):
    """What was taken back, by counter-entries."""

    undone: str = Field(description="The id of what was undone.", examples=["I000001"])
    kind: Literal[
        "import",
        "remittance",
        "claim_payment",
        "patient_payment",
        "entry",
        "step",
        "bulk",
        "contract",
        "decision",
        "closing",
        "settings",
    ] = Field(description="What it was.")
    entries_reversed: int = Field(
        description="How many journal entries were reversed.", examples=[3]
    )
    entries_by_hand: list[str] = Field(
        default=[],
        description="Moves and refund cheques of its claims: look whether they still hold.",
        examples=[["E000002"]],
    )
    stands_from: list[str] = Field(
        default=[],
        description="Imports that brought the same files: it stands from there now.",
        examples=[["I000002"]],
    )
    decisions_taken_along: list[str] = Field(
        description="People's decisions that rested on it and were undone with it.",
        examples=[["D000001"]],
    )
