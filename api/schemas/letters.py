"""Answers about letters on denials."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Day, Number, PayerName, amount


class LetterBlank(Answer):
    """What only a person can fill in."""

    who: str = Field(description="clinician or office.", examples=["clinician"])
    what: str = Field(description="What is wanted.", examples=["name, title and signature"])


class Letter(Answer):
    """What a letter says, to whom, by when, and what is left to fill in."""

    denials: list[str] = Field(description="The denials it is about.", examples=[["N000007"]])
    claim: str | None = Field(description="Our claim id.", examples=["C000011"])
    patient_control_number: Number
    payer_claim_control_number: str | None = Field(
        description="The payer's number of the claim (CLP07).", examples=["PCH2007"]
    )
    payer: PayerName
    level: str = Field(description="How far the appeal has gone.", examples=["reconsideration"])
    title: str = Field(description="Its title.", examples=["Request for reconsideration"])
    category: str = Field(description="The kind of denial.", examples=["medical_necessity"])
    group: str = Field(
        description="CAS group; empty where no code of the payer's says it.", examples=["CO"]
    )
    reason: str = Field(
        description="Reason code (CARC), or what the desk found: contract, reversal, recovery.",
        examples=["50"],
    )
    remarks: list[str] = Field(description="Remark codes (RARC).", examples=[["N115"]])
    amount: Annotated[str, amount("What is in dispute")]
    deadline: Day
    deadline_rule: str = Field(
        description="The rule of the day with its source, or why there is none.",
        examples=["Plan appeal: 180 days from 2026-02-11."],
    )
    policies: list[str] = Field(
        description="Policies that the payer names (REF*0K).", examples=[["L12345"]]
    )
    asked: list[str] = Field(description="What is asked for.", examples=[["Pay $260.00."]])
    enclosures: list[str] = Field(description="The exhibits.", examples=[["A. The claim"]])
    blanks: list[LetterBlank] = Field(description="What a person has to fill in.")
    notes: list[str] = Field(description="What to know first.", examples=[[]])
    file: str | None = Field(default=None, description="Where it was written: by HTTP nowhere.")


class SkippedLetter(Answer):
    """A denial that no letter is written about."""

    denial: str = Field(description="Our denial id.", examples=["N000020"])
    message: str = Field(description="Why.", examples=["It was rejected before it was judged."])
    action: str = Field(description="What to do.", examples=["Send it as a new claim."])
    already_appealed: bool = Field(
        description="It was appealed at this level and waits for the payer.", examples=[False]
    )


class LetterList(Answer):
    """The letters that there would be, in order of work."""

    letters: list[Letter] = Field(description="Each with what it says.")
    skipped: list[SkippedLetter] = Field(description="Denials that get none, and why.")
    count: int = Field(description="How many letters.", examples=[9])
    skipped_count: int = Field(description="How many are left out.", examples=[2])
    already_appealed: int = Field(
        description="Of those left out: appealed at this level, and waiting for the payer.",
        examples=[1],
    )
    amount: Annotated[str, amount("In dispute in all of them")]
    dry_run: bool = Field(description="Nothing was written.", examples=[True])
