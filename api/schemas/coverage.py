"""Answers about coverage: what payers say of a patient (271), and what was asked (270)."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Amount, Answer, Day, ImportId, PayerName, Segment


class CostShare(Answer):
    """What the patient bears of one kind, and what of it is left."""

    kind: str = Field(
        description="deductible, out_of_pocket, copayment or coinsurance.", examples=["deductible"]
    )
    level: str | None = Field(description="IND, FAM ... (EB02).", examples=["IND"])
    network: str | None = Field(description="in, out, both or unknown.", examples=["in"])
    service_types: list[str] = Field(description="Service types (EB03).", examples=[["30"]])
    period: str | None = Field(description="Over which time.", examples=["calendar_year"])
    amount: Amount | None = Field(description="The whole amount.")
    used: Amount | None = Field(description="What is met so far.")
    remaining: Amount | None = Field(description="What is left.")
    percent: str | None = Field(description="Of a coinsurance, as sent.", examples=[".2"])
    notes: list[str] = Field(description="What the payer adds.")


class OtherPayer(Answer):
    """Another payer that this one knows of."""

    name: str | None = Field(description="Its name.", examples=["GREAT RIVER MEDICARE SERVICES"])
    id: str | None = Field(description="Its id.", examples=["GRM04"])
    insurance_type: str | None = Field(description="Insurance type (EB04).", examples=["MB"])
    since: Day


class CoverageReject(Answer):
    """Why a question was refused (AAA), and what to do about it."""

    code: str = Field(description="AAA03.", examples=["72"])
    level: str = Field(description="Who or what it is about.", examples=["subscriber"])
    reason: str = Field(
        description="What it means.", examples=["the subscriber's identifier is missing or wrong"]
    )
    action: str = Field(description="What to do.", examples=["Correct the data and ask again."])


class Coverage(Answer):
    """One answer of a payer about the patient, or one question to it."""

    correspondence: str = Field(description="Our id of it.", examples=["L000001"])
    kind: str = Field(description="271, or 270 for what was asked.", examples=["271"])
    date: Day
    payer: PayerName
    verdict: str = Field(
        description="active, inactive, mixed, rejected, unknown; asked for a 270.",
        examples=["active"],
    )
    text: str = Field(description="The verdict as a sentence.")
    plan: str | None = Field(description="The plan.", examples=["GOLD PPO"])
    plan_from: Day
    plan_to: Day
    group_number: str | None = Field(description="The group.", examples=["G100"])
    member_id: str | None = Field(description="The member id.", examples=["PM700174"])
    cost_shares: list[CostShare] = Field(description="What the patient bears.")
    other_payers: list[OtherPayer] = Field(description="Other payers that this one knows of.")
    rejects: list[CoverageReject] = Field(description="Why questions were refused.")
    file: str = Field(description="The file it came in.", examples=["inbox/271.edi"])
    import_id: ImportId = Field(alias="import")
    segment: Segment
