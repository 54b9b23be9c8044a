"""Request bodies for the work on denials."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from api.deps import one_of
from api.requests import Asked, Day, Money, Reason, User
from api.requests_desk import whole_number
from medcollect.model.casework import KINDS, STATES
from medcollect.tasks.worklists import categories

_Filter = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\x20-\x7e]+$")]
_Said = Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]


class _Step(Asked):
    """What any step may say; which fields go with it depends on its kind."""

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
    write_off: Literal[
        "administrative", "bad_debt", "charity", "contractual", "denial", "settlement",
        "small_balance",
    ] = Field(default="denial", description="With write_off: its kind.")  # fmt: skip
    day: Day | None = Field(default=None, description="When it was done; else today.")
    reason: Reason | None = Field(default=None, description="Why; kept on record.")
    user: User = "api"


class NewStep(_Step):
    """A step on a denial."""

    amount: Money | None = Field(
        default=None, description="What was won in part, or is written off; else all that is open."
    )
    minutes: Annotated[
        int,
        Field(ge=0, le=10000, description="What the work took, if it is to be counted so."),
        BeforeValidator(whole_number),
    ] = 0


#: A remark or procedure code, and a reason code with its group or without.
CODE = r"^[A-Za-z0-9]{1,10}$"
REASON = r"^([A-Za-z]{2}-)?[A-Za-z0-9]{1,10}$"
_Code = Annotated[str, Field(pattern=CODE)]


class Among(Asked):
    """Filters of the worklist."""

    payer: _Filter | None = Field(default=None, description="Part of the payer's name.")
    category: Annotated[str, Field(pattern=one_of(categories()))] | None = Field(
        default=None, description="The kind of denial.", examples=["authorization"]
    )
    minimum: Money | None = Field(default=None, description="Only amounts of at least this.")
    maximum: Money | None = Field(default=None, description="Only amounts of at most this.")
    owner: User | None = Field(
        default=None, description="Only those this person has; nobody: those that no one has."
    )
    state: Annotated[str, Field(pattern=one_of([*STATES]))] | None = Field(
        default=None, description="Only where the work stands so.", examples=["new"]
    )
    due_before: Day | None = Field(
        default=None, description="Only with a limit, or a day to look again, by this day."
    )
    kind: Annotated[str, Field(pattern=one_of(KINDS))] | None = Field(
        default=None, description="What they are about.", examples=["denied"]
    )
    reason: Annotated[str, Field(pattern=REASON)] | None = Field(
        default=None, description="Only this reason code.", examples=["CO-197"]
    )
    remark: _Code | None = Field(
        default=None, description="Only with this remark code.", examples=["N290"]
    )
    procedure: _Code | None = Field(
        default=None, description="Only lines of this procedure.", examples=["99213"]
    )
    older_than: Annotated[int, Field(ge=0, le=10000), BeforeValidator(whole_number)] | None = Field(
        default=None, description="Only answered longer ago than so many days.", examples=[30]
    )


class BulkStep(_Step):
    """One step on many denials."""

    denials: Annotated[
        list[Annotated[str, Field(pattern=r"^[NG][0-9]{6,12}$")]],
        Field(
            default_factory=list,
            max_length=1000,
            description="Our denial ids; a pattern's id (G...) means the open ones behind it.",
            examples=[["N000001", "N000004"]],
        ),
    ]
    among: Among | None = Field(
        default=None, description="Instead of ids: all that these filters keep."
    )


class TakeNext(Asked):
    """Who takes the next denial, and of which."""

    payer: _Said | None = Field(default=None, description="Part of the payer's name.")
    category: Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$")] | None = Field(
        default=None, description="The kind of denial.", examples=["authorization"]
    )
    minimum: Money | None = Field(default=None, description="Only amounts of at least this.")
    user: User = "api"
