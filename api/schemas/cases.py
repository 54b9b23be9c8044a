"""Answers about the work on one denial."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.claims import ProofOfFiling
from api.schemas.common import Answer, Day, NextPage, amount
from api.schemas.work import Denial


class TimeLimit(Answer):
    """One time limit of a denial, with its rule."""

    step: str = Field(description="For what.", examples=["level1_redetermination"])
    standing: str = Field(
        description="open, close (30 days), overdue (the safe day has passed), lost, met, waiting "
        "(for the decision before it) or none.",
        examples=["open"],
    )
    due: Day
    latest: Day
    start: Day
    counted_from: str = Field(description="The event it counts from.", examples=["EOB date"])
    rule: str = Field(description="The rule in words.")
    source: str = Field(description="Where the rule is from.", examples=["42 CFR 405.942"])
    confidence: str = Field(description="How sure the rule is.", examples=["verified"])
    why_none: str = Field(description="Why there is no date, where there is none.")


class StepFile(Answer):
    """A file that goes with a step."""

    id: str = Field(description="Its id: that of its step, and its place.", examples=["W000003-1"])
    step: str = Field(description="The step it goes with.", examples=["W000003"])
    number: int = Field(description="Its place in the step, from 1.", examples=[1])
    name: str = Field(description="Its name.", examples=["letter.pdf"])
    content_type: str = Field(description="Its media type.", examples=["application/pdf"])
    sha256: str = Field(description="SHA-256 of its bytes.")
    size: int = Field(description="Its size in bytes.", examples=[20480])
    kept: bool = Field(description="Whether the book holds it; large ones it does not.")


class CaseMoment(Answer):
    """One thing that happened to a denial: a step by hand, or what an answer says."""

    id: str | None = Field(description="Our id of a step; names it for undo.", examples=["W000001"])
    kind: str = Field(description="What it was.", examples=["appeal"])
    date: Day
    text: str = Field(description="The same in words.", examples=["dana sent an appeal."])
    state: str | None = Field(description="Where the case stood after it.", examples=["appealed"])
    reason: str = Field(description="Why.", examples=["records show the notice"])
    user: str | None = Field(description="Who did it; null: a file.", examples=["dana"])
    recorded_at: str | None = Field(
        description="When it was entered, ISO 8601.", examples=["2026-03-16T10:00:00+00:00"]
    )
    status: str = Field(description="active or undone.", examples=["active"])
    claim_payment: str | None = Field(description="The answer that says it.", examples=["P000001"])
    decision: str | None = Field(
        description="The decision by which a write-off posts.", examples=["D000001"]
    )
    bulk: str | None = Field(
        default=None,
        description="What was done at once with it; names all of it for undo.",
        examples=["J000004"],
    )
    level: int = Field(description="The level of an appeal; 0: none.", examples=[1])
    reference: str = Field(description="A letter, a call, a file.", examples=["L-17"])
    minutes: int | None = Field(
        default=None, description="What it took, as noted; null: nobody did.", examples=[15]
    )
    follow_up: Day
    attachments: list[StepFile] = Field(description="Files that go with it.")


class CaseOutcome(Answer):
    """How one try ended."""

    action: str = Field(description="appeal, correct or none.", examples=["appeal"])
    level: int = Field(description="The level of the appeal; 0: none.", examples=[1])
    result: str = Field(
        description="overturned, overturned_in_part, upheld or closed.", examples=["overturned"]
    )
    date: Day
    days: int | None = Field(description="Days from sending to the answer.", examples=[31])
    refused: Annotated[str, amount("What was refused", "140.00")]
    won: Annotated[str, amount("What was won by it", "140.00")]
    minutes: int | None = Field(
        default=None, description="What its work took, as noted; null: nobody did.", examples=[30]
    )


class CasePosition(Answer):
    """Where a denial stands in the order of work."""

    place: int | None = Field(description="1 comes first; null: it is not open.", examples=[3])
    of: int | None = Field(description="How many are open.", examples=[120])
    why: str = Field(description="Why there.", examples=["140.00 at stake; ..."])


class DenialCase(Denial):
    """All that one payer refused of a claim for one reason, with everything on record."""

    state_reason: str = Field(description="Why it stands so.", examples=["The payer paid it."])
    waiting_for: str | None = Field(description="Whom it waits for.", examples=["the payer"])
    waiting_until: Day
    due: bool = Field(description="Whether somebody is to look at it again.")
    level: int = Field(description="The level of the last appeal; 0: none.", examples=[1])
    version: int = Field(
        description="How often people changed it; pass it as If-Match.", examples=[2]
    )
    refused: Annotated[str, amount("What was refused first", "140.00")]
    won: Annotated[str, amount("What the payer paid of it since", "0.00")]
    open: Annotated[str, amount("What is still open with the payer", "140.00")]
    amounts: list[Denial] = Field(description="Each refused amount of the case.")
    limits: list[TimeLimit] = Field(description="Every time limit.")
    proof_of_filing: ProofOfFiling | None = Field(description="What proves timely filing.")
    history: list[CaseMoment] = Field(description="What happened, in order; undone steps last.")
    outcomes: list[CaseOutcome] = Field(description="How each try ended.")
    duplicate_of: str | None = Field(
        description="The case that this one only repeats.", examples=["N000001"]
    )
    position: CasePosition


class CaseFile(StepFile):
    """A file of a denial, with what its step says."""

    kind: str = Field(description="The kind of its step.", examples=["note"])
    date: Day
    user: str = Field(description="Who attached it.", examples=["dana"])
    reason: str = Field(description="What was said with it.", examples=["records of the visit"])
    reference: str = Field(description="A letter, a call, a file.", examples=["E000004"])
    status: str = Field(description="active, or undone with its step.", examples=["active"])


class CaseFiles(Answer):
    """The files of a denial in the order they were attached; those of undone steps too."""

    denial: str = Field(description="The case.", examples=["N000007"])
    version: int = Field(description="How often people changed the case.", examples=[2])
    attachments: list[CaseFile] = Field(description="Each with its step.")


class BulkDenial(Denial):
    """A denial that takes the step."""

    open: Annotated[str, amount("What is open with the payer before it", "140.00")]
    version: int = Field(description="How often people changed it, with this.", examples=[1])
    taken: list[str] = Field(
        description="Our ids of its steps; none in a preview. A write-off has one for each answer.",
        examples=[["W000004"]],
    )


class RefusedStep(Answer):
    """A denial that does not take the step."""

    denial: str = Field(description="Which.", examples=["N000004"])
    message: str = Field(description="Why.", examples=["N000004 is with dana."])
    action: str | None = Field(
        description="What to do.", examples=["Ask dana, or assign it first."]
    )


class BulkDone(Answer):
    """One step on many denials: those that take it, and those that do not."""

    step: str = Field(description="Which.", examples=["appeal"])
    bulk: str | None = Field(
        description="Our id of it, for undo; null in a preview.", examples=["J000004"]
    )
    dry_run: bool = Field(description="True: nothing is done.")
    denials: list[BulkDenial] = Field(description="Those that take it, each by its case.")
    refused: list[RefusedStep] = Field(description="Those that do not.")
    count: int = Field(description="How many take it.", examples=[40])
    amount: Annotated[str, amount("What is open of them before it", "5600.00")]
    seen: str = Field(
        description="Pass it as If-Match: refused (409) where one of them changed since.",
        examples=["5c1f0a9be4d21377"],
    )


class BulkRecord(Answer):
    """What was done to many denials at once."""

    id: str = Field(description="Our id of it, for undo.", examples=["J000004"])
    step: str = Field(description="Which step.", examples=["take"])
    date: Day
    recorded_at: str = Field(description="When it was entered, UTC.")
    user: str = Field(description="Who did it.", examples=["dana"])
    reason: str = Field(description="Why, as it was said.", examples=["one call for all"])
    count: int = Field(description="On how many cases.", examples=[40])
    standing: int = Field(description="On how many of them it still stands.", examples=[40])
    undone: str = Field(description="no, partly or yes.", examples=["no"])


class BulkList(Answer):
    """Bulk steps, the last first."""

    bulk_steps: list[BulkRecord] = Field(description="One page of them.")
    next: NextPage = None
