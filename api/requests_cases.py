"""Request bodies for the work on denials."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from api.requests import Asked, Day, Money, Reason, User
from api.requests_desk import whole_number

_Said = Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]


class NewStep(Asked):
    """A step on a denial; which fields go with it depends on its kind."""

    kind: Literal[
        "take", "release", "assign", "note", "wait", "correct", "appeal", "outcome", "write_off",
        "reopen",
    ] = Field(description="What is done.")  # fmt: skip
    owner: User | None = Field(default=None, description="With assign: to whom.")
    waiting_for: _Said = Field(
        default="", description="With wait: for whom.", examples=["the payer"]
    )
    until: Day | None = Field(default=None, description="With wait: to this day.")
    follow_up: Day | None = Field(default=None, description="When to look at it again.")
    level: Annotated[
        int,
        Field(ge=0, le=5, description="With appeal: 1 is the first level; 0 the next."),
        BeforeValidator(whole_number),
    ] = 0
    reference: _Said = Field(
        default="", description="A letter, a call, a file.", examples=["letter of 2026-03-02"]
    )
    result: Literal["won", "part", "lost", "closed"] | None = Field(
        default=None, description="With outcome: what came of it."
    )
    amount: Money | None = Field(
        default=None, description="What was won in part, or is written off; else all that is open."
    )
    write_off: Literal[
        "administrative", "bad_debt", "charity", "contractual", "denial", "settlement",
        "small_balance",
    ] = Field(default="denial", description="With write_off: its kind.")  # fmt: skip
    day: Day | None = Field(default=None, description="When it was done; else today.")
    reason: Reason | None = Field(default=None, description="Why; kept on record.")
    user: User = "api"


class TakeNext(Asked):
    """Who takes the next denial, and of which."""

    payer: _Said | None = Field(default=None, description="Part of the payer's name.")
    category: Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$")] | None = Field(
        default=None, description="The kind of denial.", examples=["authorization"]
    )
    minimum: Money | None = Field(default=None, description="Only amounts of at least this.")
    user: User = "api"
