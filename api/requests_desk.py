"""Request bodies for what people enter by hand about patients and claims."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from api.requests import Asked, Day, Money, Reason, User

_Name = Annotated[
    str,
    Field(max_length=80, pattern=r"^[\x20-\x7e]*$", description="The payer's name."),
]
_Code = Annotated[str, Field(max_length=40, pattern=r"^[\x21-\x7e]*$")]


def whole_number(value: object) -> object:
    """JSON writes one number in two ways: 2 and 2.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Rank = Annotated[
    int,
    Field(ge=1, le=11, description="1 pays first, 2 second ...", examples=[2]),
    BeforeValidator(whole_number),
]
_Target = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50,
        pattern=r"^[\x20-\x7e]+$",
        description="Our account, claim or entry id, or the claim's number.",
        examples=["C000002"],
    ),
]


class NewCoverage(Asked):
    """A payer of a patient (account) or of one claim."""

    target: _Target
    payer: _Name
    payer_rank: _Rank
    payer_id: _Code = Field(default="", description="Its id on claims.", examples=["SBT03"])
    member_id: _Code = Field(default="", description="The member's id.", examples=["S77"])
    group_number: _Code = Field(default="", description="The group.", examples=["G100"])
    filing_indicator: _Code = Field(default="", description="Kind of plan.", examples=["CI"])
    valid_from: Day | None = Field(default=None, description="First day of service.")
    valid_to: Day | None = Field(default=None, description="Last day of service.")
    reason: Reason
    user: User = "api"


class CorrectCoverage(Asked):
    """What is right of a coverage; what is left out stays."""

    payer: _Name | None = Field(default=None, description="The payer's name.")
    payer_rank: _Rank | None = Field(default=None, description="1 pays first, 2 second ...")
    payer_id: _Code | None = Field(default=None, description="Its id on claims.")
    member_id: _Code | None = Field(default=None, description="The member's id.")
    group_number: _Code | None = Field(default=None, description="The group.")
    filing_indicator: _Code | None = Field(default=None, description="Kind of plan.")
    valid_from: Day | None = Field(default=None, description="First day of service.")
    valid_to: Day | None = Field(default=None, description="Last day of service.")
    reason: Reason
    user: User = "api"


class EndCoverage(Asked):
    """An entered coverage (E...), or a payer that the claims of the target name."""

    target: _Target
    payer: _Name = ""
    last_day: Day | None = Field(
        default=None, description="Last day of service covered; else it never was."
    )
    reason: Reason
    user: User = "api"


class NewMove(Asked):
    """Money of one claim moved between payers and the patient."""

    target: _Target
    amount: Money
    to: Literal["patient", "payer"] = Field(description="Whose it becomes.")
    payer: _Name = ""
    billable: bool = Field(default=False, description="Whether the patient may be billed.")
    moved_on: Day | None = Field(default=None, description="The day; else today.")
    reason: Reason
    user: User = "api"


class NewPayerRefund(Asked):
    """Money of one claim, or of a recovery that names none, that was sent back to a payer."""

    target: Annotated[
        str,
        Field(
            min_length=1,
            max_length=50,
            pattern=r"^[\x20-\x7e]+$",
            description="Our claim id, the claim's number, or the id of a recovery without one.",
            examples=["C000002", "R000012-1"],
        ),
    ]
    amount: Money
    payer: _Name = ""
    method: Literal["card", "check", "cash", "other"] = Field(
        default="check", description="How it was sent."
    )
    refunded_on: Day | None = Field(default=None, description="The day; else today.")
    reference: Annotated[str, Field(max_length=80, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="The cheque's number.", examples=["3301"]
    )
    reason: Reason
    user: User = "api"


class NewDeath(Asked):
    """That a patient has died, and who acts for the estate, where that is known."""

    target: _Target
    died_on: Day | None = Field(default=None, description="The day, if it is known.")
    representative: Annotated[str, Field(max_length=120, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="Who acts for the estate.", examples=["J. HALE, EXECUTOR"]
    )
    reason: Reason
    user: User = "api"


_Account = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50,
        pattern=r"^[\x20-\x7e]+$",
        description="An account, or the number of a claim of it.",
        examples=["A000001"],
    ),
]


class MergeAccounts(Asked):
    """Accounts that are one patient's."""

    accounts: list[_Account] = Field(
        min_length=2,
        max_length=20,
        description="The accounts; the lowest number stays.",
        examples=[["A000012", "A000031"]],
    )
    although_different: bool = Field(
        default=False, description="Whether they are one patient although they contradict."
    )
    reason: Reason
    user: User = "api"


class SplitAccount(Asked):
    """Claims of an account that are another patient's."""

    account: _Account
    claims: list[_Target] = Field(
        min_length=1,
        max_length=200,
        description="The claims of the other patient, by our id or their number.",
        examples=[["C000003"]],
    )
    payments: list[_Target] = Field(
        default=[],
        max_length=200,
        description="Payments of the account (M...) that go along.",
        examples=[["M000001"]],
    )
    reason: Reason
    user: User = "api"
