"""Response bodies: the words and figures of the command line, described.

Answers may grow: a client must bear keys it does not know. Amounts are text, never numbers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AMOUNT = r"^-?[0-9]+\.[0-9]{2}$"


def _amount(what: str) -> Any:
    return Field(
        pattern=AMOUNT,
        description=f"{what}; US dollars as a decimal string.",
        examples=["1234.50"],
    )


Amount = Annotated[str, _amount("Amount")]
NextPage = Annotated[
    str | None, Field(description="Pass it as `after` for the next page; null on the last one.")
]
Day = Annotated[str | None, Field(description="ISO 8601 date.", examples=["2026-01-31"])]
Number = Annotated[
    str | None,
    Field(description="The provider's own number of the claim (CLM01, CLP01), as received."),
]


class Answer(BaseModel):
    """What is answered; keys may be added, never taken away."""

    model_config = ConfigDict(extra="allow")


class Health(Answer):
    """Whether the server is up; says nothing about anybody's data."""

    status: Literal["ok"] = Field(description="Always `ok` when the server answers.")
    version: str = Field(description="The version of medcollect.", examples=["0.1.0"])


class Finding(Answer):
    """A problem in the data of a file."""

    code: str = Field(description="The kind of problem.", examples=["SE_MISSING"])
    severity: Literal["error", "warning", "info"] = Field(description="How bad it is.")
    segment: int | None = Field(default=None, description="Segment number in the file, from 1.")
    message: str = Field(description="A plain sentence.")
    action: str = Field(default="", description="What to do about it.")


class ImportedFile(Answer):
    """One file of an import."""

    path: str = Field(description="The name it was sent under.", examples=["era.835"])
    sha256: str | None = Field(default=None, description="The hash of its bytes.")
    status: str = Field(description="imported, duplicate, partial or rejected.")
    transactions: int = Field(default=0, description="How many transactions it holds.")
    findings: list[Finding] = Field(default=[], description="What is wrong with it.")


class Settled(Answer):
    """Exceptions of earlier imports that this one settled."""

    count: int = Field(description="How many.")
    amount: Amount


class Import(Answer):
    """What an import brought in anew; what was known already counts as duplicate only."""

    import_id: str | None = Field(
        default=None,
        alias="import",
        description="Names the import for undo; null for a dry run.",
        examples=["I000001"],
    )
    files: list[ImportedFile] = Field(default=[], description="Each file, in the order sent.")
    remittances: int = Field(default=0, description="835 transactions.")
    claims: int = Field(default=0, description="Claims of 837 transactions.")
    claims_charged: Annotated[str, _amount("Sum of CLM02")] = "0.00"
    claim_payments: int = Field(default=0, description="CLP loops.")
    service_payments: int = Field(default=0, description="SVC loops.")
    charged: Annotated[str, _amount("Sum of CLP03")] = "0.00"
    paid: Annotated[str, _amount("Sum of CLP04")] = "0.00"
    patient_responsibility: Annotated[str, _amount("Sum of CLP05")] = "0.00"
    provider_adjustments: Annotated[str, _amount("Sum of PLB amounts")] = "0.00"
    payments_total: Annotated[str, _amount("Sum of BPR02")] = "0.00"
    claim_status: dict[str, int] = Field(default={}, description="Count by claim status, CLP02.")
    denied_claims: int = Field(default=0, description="Claims with refused money.")
    denied_lines: int = Field(default=0, description="Lines with refused money.")
    denied_amount: Annotated[str, _amount("Refused money, reversals taken off")] = "0.00"
    reversals: int = Field(default=0, description="Claim payments with status 22.")
    matched: int = Field(default=0, description="Claim payments that found their claim.")
    opened_from_remittance: int = Field(default=0, description="Claims opened from an 835.")
    exceptions: int = Field(default=0, description="What waits for a person.")
    duplicates: int = Field(default=0, description="Transactions known already.")
    reissued: int = Field(default=0, description="Known payments with other content.")
    settled: Settled | None = Field(default=None, description="Earlier exceptions settled.")
    posted: Annotated[str, _amount("Posted: sum of CLP04 less PLB")] = "0.00"
    unapplied: Annotated[str, _amount("Not posted to claims")] = "0.00"
    balanced: bool = Field(default=True, description="Every line, claim and transaction proves.")


class ImportSummary(Answer):
    """One import in the list."""

    id: str = Field(description="Our import id.", examples=["I000001"])


class ImportList(Answer):
    """Imports, latest first."""

    imports: list[ImportSummary]
    next: NextPage = None


class RemittanceSummary(Answer):
    """One payment with its claim payments: one 835 transaction."""

    id: str = Field(description="Our remittance id.", examples=["R000001"])
    payer: str | None = Field(default=None, description="Who paid.")
    trace_number: str | None = Field(default=None, description="Check or EFT number (TRN02).")


class RemittanceList(Answer):
    """Remittances."""

    remittances: list[RemittanceSummary]
    next: NextPage = None


class Remittance(RemittanceSummary):
    """One remittance with its claim payments."""


class NotBillable(Answer):
    """A part of the patient's responsibility that may not be billed now."""

    amount: Amount
    reason: str = Field(description="Why not.")


class Figures(Answer):
    """Where the money stands.

    charge = insurance_paid + written_off + patient_responsibility + insurance_open - payer_credit.
    """

    charge: Amount
    insurance_paid: Amount
    written_off: Amount
    patient_responsibility: Amount
    patient_paid: Amount
    patient_due: Annotated[str, _amount("What the patient owes, never below zero")]
    patient_billable: Annotated[str, _amount("Of it, what may be billed now")]
    not_billable: list[NotBillable] = Field(default=[], description="The rest, with reasons.")
    insurance_open: Annotated[str, _amount("What payers have not settled")]
    credit: Annotated[str, _amount("What the patient paid beyond it")]
    payer_credit: Annotated[str, _amount("What payers paid beyond the charge")] = "0.00"


class ClaimLine(Answer):
    """One service line with its figures."""


class Step(Answer):
    """One step of the walk from the charge to what is left."""


class Claim(Figures):
    """Everything on one claim, explained."""

    id: str | None = Field(default=None, description="Our claim id.", examples=["C000001"])
    patient_control_number: Number = None
    state: str = Field(description="With whom the balance is.")
    lines: list[ClaimLine] = Field(default=[], description="The service lines.")
    steps: list[Step] = Field(default=[], description="How it came to this.")


class ClaimSummary(Answer):
    """One claim in a list."""

    id: str = Field(description="Our claim id.", examples=["C000001"])
    patient_control_number: Number = None
    service_from: Day = None
    service_to: Day = None
    charge: Amount | None = None
    state: str | None = Field(default=None, description="With whom the balance is.")


class ClaimList(Answer):
    """Claims."""

    claims: list[ClaimSummary]
    next: NextPage = None


class FoundClaims(Answer):
    """The claims that carry a number; none is an empty list."""

    claims: list[ClaimSummary]
    count: int = Field(description="How many.")


class Denial(Answer):
    """An amount a payer refused, with what to do about it."""

    id: str = Field(description="Our denial id.", examples=["N000001"])
    patient_control_number: Number = None
    payer: str | None = Field(default=None, description="Who refused.")
    amount: Amount
    group: str = Field(description="Adjustment group code (CAS01).", examples=["CO"])
    reason: str = Field(description="Claim adjustment reason code.", examples=["16"])
    remarks: list[str] = Field(default=[], description="Remittance advice remark codes.")
    category: str | None = Field(default=None, description="The kind of denial.")
    cause: str | None = Field(default=None, description="What led to it.")
    next_action: str | None = Field(default=None, description="What to do next.")
    deadline: Day = None
    deadline_rule: str | None = Field(default=None, description="Where the deadline is from.")
    days_left: int | None = Field(default=None, description="Days until the deadline.")
    status: str | None = Field(default=None, description="open, or what became of it.")
    explanation: str | None = Field(default=None, description="In plain words.")


class DenialList(Answer):
    """Denials in the order of work."""

    denials: list[Denial]
    count: int = Field(description="How many in all that fit the filters.")
    amount: Amount
    next: NextPage = None


class AccountSummary(Answer):
    """One account in a list: one patient at one practice."""

    id: str = Field(description="Our account id.", examples=["A000001"])


class AccountList(Answer):
    """Accounts."""

    accounts: list[AccountSummary]
    next: NextPage = None


class FoundAccounts(Answer):
    """The accounts that a number leads to; none is an empty list."""

    accounts: list[AccountSummary]
    count: int = Field(description="How many.")


class Balance(Figures):
    """What one patient owes, and why: the figures of their claims, summed."""


class Candidate(Answer):
    """A claim that was considered for a claim payment."""

    claim: str | None = Field(default=None, description="Our claim id.", examples=["C000001"])
    score: int | float | str | None = Field(default=None, description="How well it fits.")


class WaitingException(Answer):
    """Money or a document that no rule could post."""

    id: str = Field(description="Our exception id.", examples=["X000001"])
    kind: str = Field(description="What kind of exception.")
    patient_control_number: Number = None
    payer: str | None = Field(default=None, description="Who paid.")
    trace_number: str | None = Field(default=None, description="Check or EFT number.")
    amount: Annotated[str, _amount("The money at stake")]
    reason: str = Field(description="Why it waits.")
    candidates: list[Candidate] = Field(default=[], description="Claims it might belong to.")


class ExceptionList(Answer):
    """What waits for a person, and the money at stake."""

    exceptions: list[WaitingException]
    count: int = Field(description="How many in all.")
    amount: Amount
    next: NextPage = None


class Decision(Answer):
    """A person's decision on an exception."""

    decision: str = Field(description="Our decision id; names it for undo.", examples=["D000001"])
    exception: str = Field(description="The exception decided.", examples=["X000001"])
    posted: Annotated[str, _amount("Posted by it")]
    settled: list[Any] = Field(default=[], description="Other exceptions settled with it.")


class Undone(Answer):
    """What was taken back, by counter-entries."""

    undone: str = Field(description="The id of what was undone.", examples=["I000001"])
    kind: str = Field(description="import, remittance, claim_payment or decision.")
    entries_reversed: int = Field(description="How many journal entries were reversed.")
    decisions_taken_along: list[str] = Field(
        default=[], description="People's decisions that rested on it and were undone with it."
    )


class ReportName(StrEnum):
    """The reports there are."""

    aging = "aging"
    patient_balances = "patient-balances"
    claims = "claims"
    denials = "denials"
    remittances = "remittances"


class ReportFormat(StrEnum):
    """How a report is written."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"


class ReportShown(Answer):
    """One report that can be had."""

    name: ReportName
    shows: str = Field(description="What it shows.")


class ReportList(Answer):
    """The reports there are."""

    reports: list[ReportShown]


class Column(Answer):
    """One column of a report."""

    name: str = Field(description="The key in each row.")
    type: str = Field(description="money, date, number or text.")
    means: str = Field(description="What it means.")


class Report(Answer):
    """One figure sheet."""

    report: str = Field(description="Its name.", examples=["aging"])
    as_of: Day = None
    parameters: dict[str, Any] = Field(default={}, description="What it was asked with.")
    columns: list[Column]
    rows: list[dict[str, Any]]
    totals: dict[str, Any] = Field(default={}, description="Totals by column.")


class FhirBundle(Answer):
    """A FHIR R4B Bundle of type collection: Claim, ExplanationOfBenefit, PaymentReconciliation."""

    resourceType: Literal["Bundle"]  # noqa: N815 - FHIR's own name
    type: Literal["collection"]
    entry: list[dict[str, Any]] = Field(default=[], description="The resources.")
