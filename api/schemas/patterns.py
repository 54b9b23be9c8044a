"""Answers about denials that belong together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Day, NextPage, amount


class DenialPattern(Answer):
    """What is refused too often: one fix would serve all of it."""

    id: str = Field(
        description="Our id of the pattern; it stays as long as its code and bounds do.",
        examples=["G2876543210"],
    )
    kind: str = Field(
        description="stands_out: oftener than usual; jump: oftener since a day; new_code: never "
        "before that day.",
        examples=["jump"],
    )
    payer: str = Field(description="The payer; empty: whichever.", examples=["ACME HEALTH"])
    code: str = Field(
        description="Group and reason, with the remarks that tell what is missing.",
        examples=["CO-197"],
    )
    meaning: str = Field(
        description="What the reason says, in our words.", examples=["Care without authorization"]
    )
    procedure: str = Field(description="The procedure; empty: whichever.", examples=["70553"])
    provider: str = Field(
        description="Who did the work (NPI, else name); empty: whoever.", examples=["1999999984"]
    )
    since: Day
    lines: int = Field(description="Lines answered there.", examples=[120])
    refused: int = Field(description="Of them, refused with this code.", examples=[40])
    rate_percent: str = Field(description="Refused of a hundred lines.", examples=["33.3"])
    expected: int = Field(description="How many would be usual, rounded.", examples=[4])
    expected_percent: str = Field(
        description="How many of a hundred lines would be usual.", examples=["3.3"]
    )
    confidence_percent: int = Field(
        description="How sure it is that this is no chance.", examples=[99]
    )
    amount: Annotated[str, amount("What was refused", "8000.00")]
    open: Annotated[str, amount("Of it, what is still open", "7200.00")]
    next_action: str = Field(description="What to do with each.", examples=["appeal"])
    denials: list[str] = Field(
        description="The open denials that one fix would serve.", examples=[["N000001"]]
    )
    cases: list[str] = Field(
        description="Every case behind it, ended ones too, by its first amount.",
        examples=[["N000001", "N000004"]],
    )


class DenialPatternList(Answer):
    """Patterns, the most money first."""

    patterns: list[DenialPattern] = Field(description="One page of them.")
    count: int = Field(description="How many that the filters keep.", examples=[2])
    lines: int = Field(description="Lines searched: all answered in two years.", examples=[40000])
    searched_at: str = Field(
        default="",
        description="When it was searched, UTC; anew only once answers or refusals changed.",
        examples=["2026-03-02T09:00:00+00:00"],
    )
    open: Annotated[str, amount("Open in all that the filters keep", "7200.00")]
    next: NextPage = None
