"""Answers about what people entered by hand."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Amount, Answer, Day, NextPage, Number


class Entry(Answer):
    """A coverage, a moved balance, joined accounts, a letter; fields of other kinds are null."""

    id: str = Field(description="Our id; names it for undo.", examples=["E000001"])
    kind: str = Field(
        description="coverage, coverage_end, move, payer_refund, payer_refund_returned, "
        "deceased, account_merge, account_split or letter.",
        examples=["coverage"],
    )
    patient_control_number: Number
    replaces: str | None = Field(description="The entry it corrects.", examples=["E000001"])
    payer: str | None = Field(description="The payer's name.", examples=["STONEBRIDGE TRUST"])
    payer_rank: int | None = Field(description="1 pays first, 2 second ...", examples=[2])
    payer_id: str | None = Field(description="The payer's id on claims.", examples=["SBT03"])
    member_id: str | None = Field(description="The member's id.", examples=["S77"])
    group_number: str | None = Field(description="The group.", examples=["G100"])
    filing_indicator: str | None = Field(description="Kind of plan (SBR09).", examples=["CI"])
    valid_from: Day
    valid_to: Day
    to: str | None = Field(description="patient or payer.", examples=["patient"])
    amount: Amount | None = Field(description="What was to be moved, or is in dispute.")
    moved: Amount | None = Field(description="What of it stands in the ledger.")
    moved_on: Day = Field(description="The day of the move, or of the refund.")
    billable: bool | None = Field(description="Whether the patient may be billed.")
    accounts: list[str] | None = Field(
        description="The accounts that were merged or split, by their numbers then.",
        examples=[["A000012", "A000031"]],
    )
    split_claims: list[str] | None = Field(
        description="The numbers of the claims that were split off.", examples=[["CH1004"]]
    )
    although_different: bool | None = Field(
        description="Whether merged accounts contradicted each other."
    )
    denial: str | None = Field(
        default=None, description="The denial that a letter is about.", examples=["N000007"]
    )
    level: str | None = Field(
        default=None, description="The letter's level.", examples=["reconsideration"]
    )
    means: str | None = Field(
        default=None, description="How the letter was sent.", examples=["certified_mail"]
    )
    tracking: str | None = Field(
        default=None, description="The number that proves it.", examples=["70201290"]
    )
    sent_on: Day = None
    sha256: str | None = Field(
        default=None, description="SHA-256 of the file that was sent.", examples=["9f86d081"]
    )
    method: str | None = Field(
        description="How a refund was sent: check, card, cash, other.", examples=["check"]
    )
    reference: str | None = Field(description="The number of a refund cheque.", examples=["3301"])
    recovery: str | None = Field(
        default=None,
        description="The payer's reference of the recovery that a refund was for, without a claim.",
        examples=["WO77120"],
    )
    returns: str | None = Field(
        default=None, description="The refund cheque that came back.", examples=["E000003"]
    )
    died_on: Day = None
    representative: str | None = Field(
        default=None,
        description="Who acts for the estate of a patient who died.",
        examples=["J. HALE, EXECUTOR"],
    )
    reason: str = Field(description="Why.", examples=["card on file"])
    user: str = Field(description="Who entered it.", examples=["dana"])
    recorded_at: str = Field(description="When, ISO 8601.", examples=["2026-03-16T10:00:00+00:00"])
    status: str = Field(description="active or undone.", examples=["active"])


class Death(Answer):
    """That the patient has died."""

    died_on: Day
    representative: str | None = Field(
        description="Who acts for the estate: nobody else is written to.",
        examples=["J. HALE, EXECUTOR"],
    )


class EntryList(Answer):
    """Entries in the order they were made."""

    entries: list[Entry] = Field(description="One page of them.")
    next: NextPage = None
