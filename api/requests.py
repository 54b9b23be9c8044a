"""Request bodies: what may be asked, nothing else."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Form
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from medcollect.errors import BadRequest, NotAllowed
from medcollect.model.policies import WRITE_OFF_KINDS
from medcollect.sheets import mapping_of

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Asked(BaseModel):
    """What is asked; unknown keys are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", strict=True)


Reason = Annotated[
    str,
    Field(
        max_length=1000,
        pattern=r"^[^\x00-\x08\x0e-\x1f]*[^\s\x00-\x1f][^\x00-\x08\x0e-\x1f]*$",
        description="Why; kept on record.",
        examples=["Payer confirmed by phone"],
    ),
]
User = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]*$",
        description="Who decides; a login will say so later.",
        examples=["dana"],
    ),
]


class UndoRequest(Asked):
    """How to undo."""

    with_decisions: bool = Field(
        default=False, description="Also take along people's decisions that rest on it."
    )
    reason: Reason | None = Field(default=None, description="Why; kept on record.")


def _iso_day(value: object) -> date:
    """Read a day, strictly: pydantic's own strict mode takes no text for one."""
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        message = "Input should be a date such as 2026-03-31"
        raise ValueError(message)
    return date.fromisoformat(value)


class ClosePeriod(Asked):
    """Close the books up to a day."""

    through: Annotated[
        date,
        BeforeValidator(_iso_day),
        Field(description="The last day to close.", examples=["2026-03-31"]),
    ]
    reason: Reason
    user: User = "api"


def _only_true(value: object) -> object:
    """Refuse 1, which Python takes for True and JSON does not."""
    if value is not True:
        message = "Input should be true"
        raise ValueError(message)
    return value


def _only_false(value: object) -> object:
    """Refuse 0, which Python takes for False and JSON does not."""
    if value is not False:
        message = "Input should be false"
        raise ValueError(message)
    return value


OnlyTrue = Annotated[
    Literal[True], BeforeValidator(_only_true), Field(description="Always true: do it.")
]


class _Resolution(Asked):
    reason: Reason
    user: User = "api"


class ResolveToClaim(_Resolution):
    """Post it to this claim."""

    to: str = Field(pattern=r"^C[0-9]{6,12}$", description="Our claim id.", examples=["C000001"])


class ResolveByOpening(_Resolution):
    """Open a claim from the remittance and post to it."""

    open_claim: OnlyTrue


class ResolveAnyway(_Resolution):
    """Post although the figures do not prove; the difference stands on a line of its own."""

    post_anyway: OnlyTrue


class ResolveByHolding(_Resolution):
    """Let it wait on: out of the daily list, but counted."""

    hold: OnlyTrue
    until: Annotated[date, BeforeValidator(_iso_day)] | None = Field(
        default=None, description="To this day; without one until the hold is undone."
    )


class ResolveByWritingOff(_Resolution):
    """Give its money up, where there is a loss to give up and the policy's limit allows it."""

    write_off: Literal[WRITE_OFF_KINDS] = Field(description="As what it is written off.")  # type: ignore[valid-type]


Resolution = (
    ResolveToClaim | ResolveByOpening | ResolveAnyway | ResolveByHolding | ResolveByWritingOff
)


Day = Annotated[date, BeforeValidator(_iso_day)]
Money = Annotated[
    str,
    Field(
        pattern=r"^([1-9][0-9]{0,8}(\.[0-9]{2})?|0\.(0[1-9]|[1-9][0-9]))$",
        description="US dollars, more than zero.",
        examples=["25.00"],
    ),
]


class NewPayment(Asked):
    """What a patient paid, and for what."""

    target: str = Field(
        min_length=1,
        max_length=50,
        pattern=r"^[\x20-\x7e]+$",
        description="Our account or claim id, or the claim's number.",
        examples=["C000002"],
    )
    amount: Money
    method: Literal["card", "check", "cash", "other"] = Field(description="How it was paid.")
    received_on: Day | None = Field(default=None, description="The day; else today.")
    reference: Annotated[str, Field(max_length=80, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="Check or receipt number.", examples=["004417"]
    )
    reason: Annotated[str, Field(max_length=1000, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="A note, kept on record."
    )
    again: bool = Field(
        default=False, description="True: another payment, though the same one is on file."
    )
    user: User = "api"


class NewRefund(Asked):
    """What goes back to a patient, and out of what."""

    target: str = Field(
        min_length=1,
        max_length=50,
        pattern=r"^[\x20-\x7e]+$",
        description="Our account, claim or payment id, or the claim's number.",
        examples=["M000001"],
    )
    amount: Money
    method: Literal["card", "check", "cash", "other"] = Field(description="How it went back.")
    refunded_on: Day | None = Field(default=None, description="The day; else today.")
    reference: Annotated[str, Field(max_length=80, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="Check or receipt number.", examples=["3301"]
    )
    reason: Reason
    again: bool = Field(
        default=False, description="True: another refund, though the same one is on file."
    )
    user: User = "api"


class Bounce(Asked):
    """That a payment came back."""

    received_on: Day | None = Field(default=None, description="The day; else today.")
    reason: Reason
    user: User = "api"


class TieDeposit(Asked):
    """Whether a deposit and a remittance are the same money."""

    action: Literal["match", "unmatch"] = Field(description="They are, or they are not.")
    deposit: str = Field(pattern=r"^B[0-9]{6,12}$", description="Our id.", examples=["B000004"])
    remittance: str = Field(pattern=r"^R[0-9]{6,12}$", description="Our id.", examples=["R000017"])
    reason: Reason
    user: User = "api"


class SetAside(Asked):
    """A deposit without a remittance, a remittance without a deposit, a refund cheque cashed."""

    identifier: str = Field(
        pattern=r"^[BREM][0-9]{6,12}$", description="Our id.", examples=["B000009"]
    )
    reason: Reason
    user: User = "api"


#: A control of how many rows a table must have, as a form gives it.
RowCount = Annotated[
    str,
    Form(
        pattern=r"^[0-9]{0,6}$",
        description="Refuse the table with another number of rows; empty for any.",
        examples=["41"],
    ),
]

MappingText = Annotated[
    str,
    Form(
        max_length=20_000,
        description="Which column of a CSV is what, as JSON (docs/bank.md); empty for none.",
        examples=['{"columns": {"date": "Posting Date"}}'],
    ),
]


def mapping_table(text: str) -> dict[str, Any] | None:
    """The mapping of a form; raises NotAllowed where it is none: no schema tells beforehand."""
    if not text.strip():
        return None
    try:
        found = json.loads(text)
        mapping_of(found)
    except (ValueError, BadRequest) as error:
        raise NotAllowed(
            "The mapping is not understood.",
            "Send a JSON object with columns, date_format, delimiter, skip_lines, values.",
        ) from error
    return dict(found)


class RepostTrial(Asked):
    """Show what changed settings would change, keep nothing."""

    dry_run: OnlyTrue
    reason: Reason | None = Field(default=None, description="Why; not needed to look.")
    user: User = "api"


class RepostForGood(Asked):
    """Take changed settings over."""

    dry_run: Annotated[Literal[False], BeforeValidator(_only_false)] = Field(
        default=False, description="False: keep it."
    )
    reason: Reason
    user: User = "api"


RepostRequest = RepostTrial | RepostForGood


_Text = Annotated[str, Field(max_length=80, pattern=r"^[\x20-\x7e]*$")]
_Identifier = Annotated[str, Field(max_length=15, pattern=r"^[\x20-\x7e]*$")]


class Billing(Asked):
    """Which claims to write again, as what, and with which changes."""

    claims: list[Annotated[str, Field(pattern=r"^C[0-9]{6,12}$")]] = Field(
        min_length=1, max_length=1000, description="Our claim ids.", examples=[["C000001"]]
    )
    kind: Literal["replacement", "void", "again", "next_payer"] = Field(
        description="As a replacement (frequency 7), a void (8), a first claim once more (1), or "
        "to the next payer with the answers on file."
    )
    fields: dict[_Text, _Text] = Field(
        default={},
        max_length=200,
        json_schema_extra={"additionalProperties": False},
        description="Fields to change, for one claim; `none` takes one away.",
        examples=[{"line.2.modifiers": "25"}],
    )
    coverage: dict[_Text, _Text] = Field(
        default={},
        max_length=20,
        json_schema_extra={"additionalProperties": False},
        description="A next payer that the claim does not name.",
        examples=[{"payer": "HARBOR BENEFIT FUND", "payer_id": "HBF02"}],
    )
    payer: _Text = Field(
        default="", description="Which payer: its SBR01 or a part of its name.", examples=["S"]
    )
    payer_number: _Text = Field(
        default="", description="The payer's number of the claim where no answer on file has it."
    )
    not_received: bool = Field(
        default=False, description="The next payer never got what an earlier one forwarded."
    )
    confirmed: bool = Field(
        default=False,
        description="Send it even where nothing differs from what was sent last and refused.",
    )
    sender: _Identifier = Field(default="", description="Another sender than before.")
    receiver: _Identifier = Field(default="", description="Another receiver than before.")
    keep: bool = Field(
        default=False,
        description="Write it into the book as sent. False only shows it, and keeps nothing.",
    )
    reason: Reason | None = Field(default=None, description="Why; kept on record.")
    user: User = "api"


def _whole(value: object) -> object:
    """Take 30.0 for 30, as JSON does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Inquiry(Asked):
    """Which claims payers are asked about (276)."""

    claims: list[Annotated[str, Field(pattern=r"^C[0-9]{6,12}$")]] = Field(
        default=[], max_length=1000, description="Our claim ids.", examples=[["C000001"]]
    )
    unanswered_days: Annotated[int, Field(ge=0, le=3650), BeforeValidator(_whole)] | None = Field(
        default=None,
        description="Every claim that was sent so many days ago and has no answer besides.",
        examples=[30],
    )
    sender: _Identifier = Field(default="", description="Another sender than before.")
    receiver: _Identifier = Field(default="", description="Another receiver than before.")
    keep: bool = Field(
        default=False,
        description="Put it on record as asked. False only shows it, and keeps nothing.",
    )


class EligibilityQuestion(Asked):
    """How a payer is asked about a patient's coverage (270)."""

    payer: _Text = Field(
        default="", description="Another payer of the patient: a part of its name.", examples=[""]
    )
    sender: _Identifier = Field(default="", description="Another sender than before.")
    receiver: _Identifier = Field(default="", description="Another receiver than before.")
    keep: bool = Field(
        default=False,
        description="Put it on record as asked. False only shows it, and keeps nothing.",
    )


class NumberSearch(Asked):
    """A number to look for; it travels in the body, so that no log and no history keeps it."""

    number: str = Field(
        min_length=1,
        max_length=80,
        pattern=r"^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$",
        description="A patient control number, an account number, or our own id.",
        examples=["PCN-1001"],
    )
