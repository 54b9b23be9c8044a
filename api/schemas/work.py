"""Answers about what people work through: denials, exceptions, decisions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import (
    Answer,
    Day,
    Diagnoses,
    LineNumber,
    Modifiers,
    NextPage,
    Number,
    PayerName,
    TraceNumber,
    amount,
)
from api.schemas.remittances import OurClaim


class Denial(Answer):
    """An amount a payer refused or took back, or a rejected claim, with what to do about it."""

    id: str = Field(description="Our denial id.", examples=["N000001"])
    kind: str = Field(
        default="denied",
        description="denied; rejected: turned away before it was judged; silent_denial: money "
        "taken back without a new decision; underpayment: a line allowed below contract. Only of "
        "denied ones anything is denied.",
        examples=["denied"],
    )
    claim: OurClaim
    claim_payment: str | None = Field(
        description="Our claim payment id; null for a rejected claim.", examples=["P000001"]
    )
    correspondence: str | None = Field(
        default=None,
        description="Our id of the TA1, 999, 277CA or 277 that rejected the claim.",
        examples=["L000001"],
    )
    at_stake: Annotated[
        str,
        amount("What was refused, taken back, underpaid, or is open of a rejected claim", "140.00"),
    ] = "0.00"
    case_at_stake: Annotated[
        str, amount("What is at stake in the whole case, over its lines", "280.00")
    ] = "0.00"
    patient_control_number: Number
    payer: PayerName
    line: LineNumber
    procedure: str = Field(description="Procedure or revenue code.", examples=["99213"])
    modifiers: Modifiers
    diagnoses: Diagnoses
    service_from: Day
    decided_on: Day
    amount: Annotated[str, amount("The refused amount", "140.00")]
    group: str = Field(description="Adjustment group code (CAS01).", examples=["CO"])
    reason: str = Field(
        description="Claim adjustment reason code; of a silent_denial how it was taken: reversal "
        "or recovery; of an underpayment contract; of a rejected claim its status code.",
        examples=["16"],
    )
    remarks: list[str] = Field(
        description="Remittance advice remark codes.", examples=[["N290", "MA130"]]
    )
    category: str = Field(description="The kind of denial.", examples=["missing_information"])
    cause: str = Field(
        description="What led to it.", examples=["Care started without authorization or notice"]
    )
    refusal: str = Field(
        default="",
        description=(
            "What kind of no it is: true_denial, soft_denial (something is asked), "
            "partial_denial, silent_denial, underpayment, rejected, adjustment (nothing refused)."
        ),
        examples=["true_denial"],
    )
    root_cause: str = Field(
        default="",
        description="What went wrong, in plain words.",
        examples=["Care began without the authorization that the plan wants."],
    )
    preventable: str = Field(
        description="Whether the practice could have prevented it: yes, partly or no.",
        examples=["yes"],
    )
    prevented_by: str = Field(
        default="",
        description=(
            "Who could have prevented it: front_desk, authorization, coding, billing, clinician, "
            "payer, patient or nobody."
        ),
        examples=["authorization"],
    )
    prevention: str = Field(
        default="",
        description="How the next one is prevented.",
        examples=["Check the plan's list when care is scheduled."],
    )
    appealable: bool = Field(description="Whether an appeal is a way to the money.")
    next_action: str = Field(
        description="What to do next, as a code.", examples=["correct_and_resubmit"]
    )
    steps: list[str] = Field(
        default=[],
        description="The steps of the next action, in order.",
        examples=[["Look for an authorization that was given."]],
    )
    deadline: Day
    deadline_rule: str = Field(
        description="Where the deadline is from, or why there is none.",
        examples=["Nothing is to be sent, so no clock runs."],
    )
    days_left: int | None = Field(
        description="Days until the deadline; negative when it has passed.", examples=[42]
    )
    expected_value: Annotated[
        str, amount("Refused amount times the chance, less the cost of the work", "63.00")
    ]
    priority: int = Field(
        description="Higher is to be worked first: what an hour of work brings, by urgency.",
        examples=[140],
    )
    why: str = Field(
        default="",
        description="Why it stands at its place in the order: money, chance with what was learned "
        "and from how many tries, the cost of the work, the limit.",
        examples=["140.00 at stake, chance 55% as shipped; less 45.00 of work 32.00 ..."],
    )
    status: str = Field(
        description="open, or what became of it.",
        examples=["open"],
    )
    case: str | None = Field(
        default=None,
        description="The case by its first amount: all that one payer refused of a claim for one "
        "reason.",
        examples=["N000001"],
    )
    state: str = Field(
        default="new",
        description="Where the work stands: new, in_work, waiting, corrected, appealed, "
        "overturned, overturned_in_part, upheld, written_off or closed.",
        examples=["in_work"],
    )
    owner: str | None = Field(default=None, description="Who has it.", examples=["dana"])
    follow_up: Day = None
    waits: bool = Field(
        default=False,
        description="Whether it waits for somebody, or its work has ended: it comes after what "
        "can be worked.",
        examples=[False],
    )
    waits_until: str | None = Field(
        default=None,
        description="When to look at it again: the day that was said, else once the usual time "
        "for an answer is over (YYYY-MM-DD). 7 days before its limit it no longer waits.",
        examples=["2026-12-15"],
    )
    explanation: str = Field(
        description="In plain words: who refused what, why, what to do.",
        examples=["PLAINFIELD MUTUAL HEALTH refused $140.00 for 99213-25 of 2026-01-21: ..."],
    )
    evidence: list[str] = Field(
        default=[],
        description="The facts that the judgment rests on, a sentence each.",
        examples=[["Adjustment CO-197 of $140.00: Care started without authorization."]],
    )
    rules: list[str] = Field(
        description="What decided, in the order in which it spoke: table rows and rule ids.",
        examples=[["reason 16", "remark M20", "rule unprocessable"]],
    )


class RejectedClaims(Answer):
    """The rejected claims among the rows: never judged, nothing of them is denied."""

    count: int = Field(description="How many.", examples=[1])
    open: Annotated[str, amount("What is open of them", "100.00")]


class SilentDenials(Answer):
    """The silent denials among the rows: money taken back, of which nothing is denied."""

    count: int = Field(description="How many.", examples=[1])
    open: Annotated[str, amount("What was taken back", "80.00")]


class UnderpaidLines(Answer):
    """The underpayments among the rows: lines allowed below contract, nothing denied."""

    count: int = Field(description="How many.", examples=[1])
    open: Annotated[str, amount("What is missing", "60.00")]


class PartOfList(Answer):
    """A part of the rows, of all kinds."""

    count: int = Field(description="How many.", examples=[9])
    open: Annotated[str, amount("What is at stake in them", "1400.00")]


class Notice(Answer):
    """Something about the whole book that people should know."""

    code: str = Field(description="Which.", examples=["desk-to-be-searched"])
    message: str = Field(description="What it is, in plain words.")
    action: str = Field(description="What to do.")


class DenialList(Answer):
    """Denials in the order of work."""

    denials: list[Denial] = Field(description="One page of them.")
    count: int = Field(description="How many in all that fit the filters.", examples=[12])
    amount: Annotated[
        str,
        amount("Refused in all of them; kinds of which nothing is denied add nothing", "2210.00"),
    ]
    at_stake: Annotated[str, amount("At stake in all of them, of every kind", "2400.00")] = "0.00"
    denied: PartOfList | None = Field(
        default=None, description="Of them, what was denied: an answer refused it."
    )
    rejected: RejectedClaims | None = Field(
        default=None, description="Of them, the claims that were rejected before they were judged."
    )
    silent_denials: SilentDenials | None = Field(
        default=None, description="Of them, money that was taken back without a new decision."
    )
    underpayments: UnderpaidLines | None = Field(
        default=None, description="Of them, lines that were allowed below contract."
    )
    to_work: PartOfList | None = Field(
        default=None, description="Of them, those that can be worked today: they come first."
    )
    waiting: PartOfList | None = Field(
        default=None, description="Of them, those that wait for somebody, or have ended."
    )
    notices: list[Notice] = Field(
        default=[], description="What to know about the book: cases that nobody looked for yet."
    )
    next: NextPage = None


class Candidate(Answer):
    """A claim that was considered for a claim payment."""

    claim: str = Field(description="Our claim id.", examples=["C000001"])
    score: int = Field(description="How well it fits, 0 to 100.", examples=[40])
    why: list[str] = Field(
        description="What speaks for it.", examples=[["same patient control number"]]
    )
    why_not: list[str] = Field(
        description="What speaks against it.", examples=[["dates of service differ"]]
    )
    patient_control_number: str | None = Field(default=None, description="The claim's number.")
    patient: str | None = Field(default=None, description="The claim's patient.")
    payer: str | None = Field(default=None, description="The payer it was billed to.")
    service_from: str | None = Field(default=None, description="Its first day of service.")
    service_to: str | None = Field(default=None, description="Its last day of service.")
    charge: str | None = Field(default=None, description="Its charge.", examples=["190.00"])
    insurance_open: str | None = Field(
        default=None, description="What payers have yet to settle.", examples=["190.00"]
    )
    state: str | None = Field(default=None, description="Whose money it is.")


class Stated(Answer):
    """What a claim payment says by itself, to compare with its candidates."""

    patient_control_number: str = Field(description="CLP01 as received.")
    payer_claim_control_number: str = Field(description="CLP07.")
    status: str = Field(description="CLP02.", examples=["1"])
    patient: str = Field(description="The patient as the payer names them.")
    member_ids: list[str] = Field(description="Member ids it gives, the corrected one first.")
    service_from: str | None = Field(description="First day of service.")
    service_to: str | None = Field(description="Last day of service.")
    charge: Annotated[str, amount("CLP03", "190.00")]
    paid: Annotated[str, amount("CLP04", "120.00")]
    procedures: list[str] = Field(description="Procedures that were answered.")


class Hold(Answer):
    """Why an exception waits on, by whose decision."""

    decision: str = Field(description="Our decision id; names it for undo.", examples=["D000001"])
    until: Day
    reason: str = Field(description="Why.", examples=["corrected 835 is promised"])
    user: str = Field(description="Who decided.", examples=["dana"])


class WaitingException(Answer):
    """Money or a document that no rule could post."""

    id: str = Field(description="Our exception id.", examples=["X000001"])
    kind: str = Field(
        description="What kind of exception.", examples=["claim_payment_does_not_balance"]
    )
    import_id: str | None = Field(
        alias="import",
        description="Our import id; null for what was entered by hand.",
        examples=["I000001"],
    )
    patient_payment: str | None = Field(
        default=None, description="Our patient payment id.", examples=["M000003"]
    )
    remittance: str | None = Field(description="Our remittance id.", examples=["R000001"])
    claim_payment: str | None = Field(
        description="Our claim payment id; null when the whole remittance waits.",
        examples=["P000001"],
    )
    correspondence: str | None = Field(
        default=None,
        description="Our id of the 277CA, 277, 276, 999 or TA1 that belongs to nothing certain.",
        examples=["L000001"],
    )
    claim: OurClaim
    patient_control_number: Number
    payer: PayerName
    trace_number: TraceNumber
    payment_date: Day
    amount: Annotated[str, amount("The money at stake", "190.00")]
    reason: str = Field(
        description="Why it waits.",
        examples=["The claim payment does not prove: an amount cannot be read."],
    )
    hold: Hold | None = Field(
        default=None, description="The decision that keeps it waiting; null without one."
    )
    candidates: list[Candidate] = Field(description="Claims it might belong to.")
    states: Stated | None = Field(
        default=None, description="What the payment says, where there are candidates."
    )
    actions: list[str] = Field(
        description="What `resolve` can do with it: to, open_claim, post_anyway, write_off, hold.",
        examples=[["to", "open_claim"]],
    )


class AtStake(Answer):
    """Money by sign: a takeback that waits takes nothing off a payment that waits."""

    positive: Annotated[str, amount("Of payments and what else is to come", "900.00")]
    negative: Annotated[str, amount("Of takebacks, below zero", "-104.00")]
    amount: Annotated[str, amount("Both added up without their signs", "1004.00")]


class Held(Answer):
    """What people hold, out of the list."""

    count: int = Field(description="How many.", examples=[1])
    amount: Annotated[str, amount("Their money, net", "190.00")]
    at_stake: AtStake | None = Field(default=None, description="The same by sign.")


class ExceptionList(Answer):
    """What waits for a person, and the money at stake."""

    exceptions: list[WaitingException] = Field(description="One page of them.")
    count: int = Field(description="How many in all.", examples=[4])
    amount: Annotated[str, amount("Their money in all, net: takebacks count below zero", "796.00")]
    at_stake: AtStake | None = Field(default=None, description="The money at stake, by sign.")
    held: Held | None = Field(default=None, description="Held by a decision; not in the list.")
    next: NextPage = None


class Decision(Answer):
    """A person's decision on an exception."""

    decision: str = Field(description="Our decision id; names it for undo.", examples=["D000001"])
    exception: str = Field(description="The exception decided.", examples=["X000001"])
    action: str = Field(default="", description="What was done.", examples=["to"])
    posted: Annotated[str, amount("Posted by it", "190.00")]
    written_off: Annotated[str, amount("Written off by it", "0.00")] = "0.00"
    settled: list[str] = Field(
        description="The exceptions it settled, this one and others.", examples=[["X000001"]]
    )
    opened: list[str] = Field(
        default=[], description="Exceptions that wait because of it.", examples=[["X000002"]]
    )
