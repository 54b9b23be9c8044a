"""Answers about claims: their figures, lines, the walk to what is left, payments and denials."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.billing import WrittenClaim
from api.schemas.common import (
    Amount,
    Answer,
    ClaimId,
    ClaimPaymentId,
    Day,
    Diagnoses,
    Figures,
    ImportId,
    LineNumber,
    Modifiers,
    NextPage,
    Number,
    PayerName,
    RemittanceId,
    Segment,
    Sums,
    TraceNumber,
    amount,
)
from api.schemas.entries import Death, Entry
from api.schemas.patient_payments import PatientPayment
from api.schemas.provider_adjustments import ProviderAdjustmentCase, ProviderAdjustmentStep
from api.schemas.remittances import ClaimStatus, Outcome
from api.schemas.work import Candidate, Denial, WaitingException


class ClaimSummary(Sums):
    """One claim in a list, with every figure."""

    id: ClaimId
    patient_control_number: Number
    account: str | None = Field(description="Our account id.", examples=["A000001"])
    payer: PayerName
    origin: str = Field(
        description="claim (from an 837) or remittance (opened from an 835).", examples=["claim"]
    )
    service_from: Day
    service_to: Day
    denied: Annotated[str, amount("Of the open denials, the money", "0.00")]
    state: str = Field(
        description="Whose money it is: with_payer, with_next_payer, rejected, denied, undecided, "
        "patient_billable, patient_not_billable, credit_payer, credit_patient, voided or closed.",
        examples=["patient_billable"],
    )
    state_reason: str = Field(
        description="The state as a sentence.",
        examples=["The patient owes it, and it may be billed."],
    )


class ClaimList(Answer):
    """Claims in the order they came."""

    claims: list[ClaimSummary] = Field(description="One page of them.")
    next: NextPage = None


class FoundClaims(Answer):
    """The claims that carry a number; none is an empty list."""

    claims: list[ClaimSummary] = Field(description="Every claim that carries the number.")
    count: int = Field(description="How many.", examples=[1])


class ClaimLine(Answer):
    """One service line with its figures; line 0 is what stands at claim level."""

    line: LineNumber
    procedure: str = Field(
        description="Procedure code (CPT, HCPCS, CDT), else the revenue code.", examples=["99213"]
    )
    modifiers: Modifiers
    diagnoses: Diagnoses
    service_from: Day
    charge: Annotated[str, amount("Charge of the line", "150.00")]
    insurance_paid: Annotated[str, amount("What payers paid", "75.00")]
    written_off: Annotated[str, amount("Given up", "50.00")]
    patient_responsibility: Annotated[str, amount("The patient's part", "25.00")]
    insurance_open: Annotated[str, amount("What payers have not settled", "0.00")]
    denials: list[Denial] = Field(description="What payers refused of this line.")


class Step(Answer):
    """One step of the walk from the charge to what is left."""

    date: Day
    what: str = Field(
        description="charge, replaced, voided, patient_payment, patient_applied, patient_reported, "
        "patient_returned, patient_refunded, patient_refund_returned, reported_answer, answer, "
        "reversal, policy, waiting or left.",
        examples=["answer"],
    )
    payer: PayerName
    amounts: dict[str, Amount] = Field(
        description="What it did, by figure.", examples=[{"paid": "75.00", "written_off": "50.00"}]
    )
    text: str = Field(
        description="The step as a sentence, with the reason of each part.",
        examples=["The payer answered (trace PM26020901): paid 75.00, written off 50.00."],
    )
    trace_number: TraceNumber = None
    remittance: str | None = Field(
        default=None, description="Our remittance id.", examples=["R000001"]
    )
    claim_payment: str | None = Field(
        default=None, description="Our claim payment id.", examples=["P000001"]
    )
    patient_payment: str | None = Field(
        default=None, description="Our patient payment id.", examples=["M000001"]
    )


class LineMatch(Answer):
    """Which claim line a service of a payment answers."""

    service: int = Field(description="The SVC of the claim payment, from 1.", examples=[1])
    line: int = Field(description="The claim line, from 1; 0 where none was found.", examples=[1])
    rule: str = Field(description="The rule that decided.", examples=["line control number"])
    score: int = Field(description="How sure, 0 to 100.", examples=[99])


class Match(Answer):
    """How a claim payment found its claim."""

    rule: str = Field(description="The rule that decided.", examples=["line_control_numbers"])
    score: int = Field(description="How well it fits, 0 to 100.", examples=[100])
    why: list[str] = Field(
        description="What speaks for it.", examples=[["same patient control number"]]
    )
    rejected: list[Candidate] = Field(default=[], description="Other claims that were considered.")
    lines: list[LineMatch] = Field(default=[], description="Which line each service answers.")


class NothingPaid(Answer):
    """A line on which nothing was paid: refused, the patient's, bundled, or waiting."""

    line: int = Field(description="Line of the claim, 0 for the claim as a whole.", examples=[1])
    kind: str = Field(
        description=(
            "deductible, coinsurance, copay, patient, refused_to_patient, capitation, bundled, "
            "contract, earlier_payer, next_payer, forwarded, predetermination, denied, undecided "
            "or no_reason."
        ),
        examples=["deductible"],
    )
    means: str = Field(
        description="The kind in words.", examples=["The patient's deductible takes all of it."]
    )
    codes: list[str] = Field(description="The adjustments that say so.", examples=[["PR-1"]])


class ClaimAnswer(Answer):
    """A payer's answer to this claim."""

    id: ClaimPaymentId
    remittance: RemittanceId
    payer: PayerName
    payment_date: Day
    trace_number: TraceNumber
    status: ClaimStatus
    charge: Annotated[str, amount("Charge as the payer states it (CLP03)", "200.00")]
    paid: Annotated[str, amount("Paid (CLP04)", "75.00")]
    payer_claim_control_number: str = Field(
        description="The payer's number of the claim (CLP07).", examples=["PCH1001"]
    )
    segment: Segment
    outcome: Outcome
    match: Match = Field(description="How it found the claim.")
    nothing_paid: list[NothingPaid] = Field(
        default=[], description="The lines on which nothing was paid, and what that means."
    )


class ChainFinding(Answer):
    """What an acknowledgement or a status finds, as a code and in words."""

    code: str = Field(description="The code as sent.", examples=["A7:562:85"])
    text: str = Field(
        description="What it means.", examples=["data is wrong: the NPI of the billing provider"]
    )


class ChainStep(Answer):
    """One step of the claim's life: 837, TA1, 999, 277CA, 276, 277 or 835."""

    date: Day
    kind: str = Field(description="What kind of transaction says it.", examples=["277CA"])
    verdict: str = Field(
        description="What was decided: sent, accepted, rejected, pending, posted ...",
        examples=["accepted"],
    )
    text: str = Field(description="The step as a sentence.")
    payer: PayerName
    payer_claim_control_number: str | None = Field(
        description="The payer's number of the claim, where the step names it.",
        examples=["ICN7001"],
    )
    findings: list[ChainFinding] = Field(description="What it finds wrong, or how it stands.")
    file: str = Field(description="The file it came in.", examples=["inbox/277ca.edi"])
    import_id: ImportId = Field(alias="import")
    segment: Segment
    correspondence: str | None = Field(
        default=None, description="Our id of it; null for 837 and 835.", examples=["L000001"]
    )
    claim_payment: str | None = Field(
        default=None, description="Our claim payment id of an 835.", examples=["P000001"]
    )
    match: dict[str, Any] | None = Field(
        default=None, description="The rule by which it found the claim, and how sure."
    )


class Waiting(Answer):
    """Whom the claim waits for, since when, and when to stop waiting."""

    payer: PayerName
    rank: int = Field(description="Which payer in order, 1 for the first.", examples=[2])
    why: str = Field(description="Why this payer is waited for, as a code.", examples=["named"])
    text: str = Field(description="Why, as a sentence.")
    since: Day
    until: Day
    days_overdue: int = Field(description="Days past it; 0 while there is time.", examples=[0])
    overdue: bool = Field(description="True: waiting any longer is no use.")
    action: str = Field(description="What to do.", examples=["Ask the payer (276)."])


class Rejection(Answer):
    """Why the claim was turned away before it was judged, and the work on it."""

    date: Day
    kind: str = Field(description="TA1, 999, 997, 277CA or 277.", examples=["277CA"])
    by: str | None = Field(description="Who rejected it.", examples=["PLAINFIELD MUTUAL HEALTH"])
    findings: list[ChainFinding] = Field(description="What is wrong.")
    correspondence: str = Field(description="Our id of it.", examples=["L000001"])
    text: str = Field(description="What it means and what to do.")
    work: Denial | None = Field(default=None, description="Its row in the worklist.")


class ProofOfFiling(Answer):
    """The acceptance that proves when the claim was filed."""

    date: Day
    kind: str = Field(description="277CA.", examples=["277CA"])
    payer: PayerName
    payer_claim_control_number: str | None = Field(
        description="The payer's number of the claim.", examples=["ICN7001"]
    )
    is_acceptance: bool = Field(
        description="True: taken into adjudication (A2); false: received only."
    )
    file: str = Field(description="The file that proves it.", examples=["inbox/277ca.edi"])
    import_id: ImportId = Field(alias="import")
    segment: Segment
    correspondence: str = Field(description="Our id of it.", examples=["L000001"])
    text: str = Field(description="The proof as a sentence.")


class Claim(ClaimSummary, Figures):
    """Everything on one claim, explained."""

    waiting_for: str | None = Field(
        description="The payer that has yet to answer; null when none.",
        examples=["HARBOR BENEFIT FUND"],
    )
    waiting: Waiting | None = Field(
        default=None, description="Whom it waits for and how long; null when for nobody."
    )
    lines: list[ClaimLine] = Field(description="The service lines.")
    steps: list[Step] = Field(description="How it came to this: from the charge to what is left.")
    denials: list[Denial] = Field(description="What payers refused of it, open or not.")
    silent_denials: list[Denial] = Field(
        default=[], description="What payers took back of it without a new decision, still open."
    )
    underpayments: list[Denial] = Field(
        default=[], description="Its lines that were allowed below contract."
    )
    exceptions: list[WaitingException] = Field(description="What waits for a person.")
    provider_adjustments: list[ProviderAdjustmentStep] = Field(
        description="Provider adjustments whose reference names this claim."
    )
    recoveries: list[ProviderAdjustmentCase] = Field(
        default=[], description="The cases that these provider adjustments make."
    )
    refund_due: Annotated[str, amount("To be paid back to the patient now", "0.00")] = "0.00"
    patient_payments: list[PatientPayment] = Field(
        default=[], description="What the patient paid for it, and what of it stands here."
    )
    deceased: Death | None = Field(default=None, description="Whether the patient has died.")
    entries: list[Entry] = Field(
        default=[], description="What people entered by hand about it or its patient."
    )
    payments: list[ClaimAnswer] = Field(description="Every payer's answer, in order.")
    chain: list[ChainStep] = Field(
        default=[], description="The claim's life: sent, acknowledged, accepted or rejected, paid."
    )
    rejection: Rejection | None = Field(
        default=None, description="What rejects it; null where nothing does."
    )
    proof_of_filing: ProofOfFiling | None = Field(
        default=None, description="What proves that it was filed; null where nothing does."
    )
    written: list[WrittenClaim] = Field(
        default=[], description="What was written from the book, oldest first."
    )


class FhirEntry(Answer):
    """One resource of the bundle."""

    fullUrl: str = Field(  # noqa: N815 - FHIR's own name
        description="The name references use.",
        examples=["urn:uuid:0c3f6a5e-1c0b-5d0e-9d0e-6f3f6f3a9b11"],
    )
    resource: dict[str, Any] = Field(
        description="A FHIR R4B resource; amounts are JSON numbers, as FHIR demands."
    )


class FhirBundle(Answer):
    """A FHIR R4B Bundle of type collection: Claim, ExplanationOfBenefit, PaymentReconciliation."""

    resourceType: Literal["Bundle"] = Field(description="Always Bundle.")  # noqa: N815
    type: Literal["collection"] = Field(description="Always collection.")
    entry: list[FhirEntry] = Field(description="The resources; the Claim first.")


class LetterStep(Answer):
    """What a letter that went out is to the case of its denial."""

    denial: str = Field(description="The case.", examples=["N000007"])
    step: str | None = Field(
        description="The step that stands for the letter, undone with it; null: the case took "
        "none, and the notes say why.",
        examples=["W000003"],
    )
    kind: str = Field(description="appeal or correct.", examples=["appeal"])
    level: int = Field(description="The level of the appeal; 0: none.", examples=[1])
    state: str | None = Field(description="Where the case stands now.", examples=["appealed"])
    follow_up: Day


class Entered(Entry):
    """An entry by hand, and the claims it is about as they are now."""

    claims: list[ClaimSummary] = Field(description="The claims.")
    accounts_now: list[str] = Field(
        default=[], description="Of a merge or split: the accounts of the claims now."
    )
    case_step: LetterStep | None = Field(
        default=None, description="Of a letter: what it is to its case; null for other entries."
    )
    notes: list[str] = Field(default=[], description="What the person who entered it should know.")
