"""Request bodies for letters about denials."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from api.requests import Asked, Day, Reason, User
from api.requests_desk import whole_number
from medcollect.letters import LEVELS
from medcollect.model.desk import MEANS
from medcollect.tasks.letter_steps import LETTER_STEPS
from medcollect.tasks.worklists import categories

LEVEL_WORDS = f"^({'|'.join(LEVELS)})$"
_Level = Annotated[
    str | None,
    Field(pattern=LEVEL_WORDS, description="Which level; else the payer's first."),
]


class LettersWanted(Asked):
    """Which letters: all that the filters keep."""

    payer: str | None = Field(
        default=None,
        max_length=80,
        pattern=r"^[\x20-\x7e]+$",
        description="Part of the payer's name.",
    )
    category: str | None = Field(
        default=None, pattern=f"^({'|'.join(categories())})$", description="The kind of denial."
    )
    minimum: str | None = Field(
        default=None,
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$",
        description="Only amounts of at least this; US dollars.",
        examples=["100.00"],
    )
    limit: Annotated[
        int,
        Field(ge=1, le=100, description="At most so many letters."),
        BeforeValidator(whole_number),
    ] = 50
    level: _Level = None
    anyway: bool = Field(
        default=False, description="Also where no appeal exists or another move is due."
    )


class LetterSent(Asked):
    """That a letter went out."""

    means: str = Field(
        pattern=f"^({'|'.join(MEANS)})$",
        description="How.",
        examples=["certified_mail"],
    )
    level: _Level = None
    tracking: str = Field(
        default="",
        max_length=80,
        pattern=r"^[\x20-\x7e]*$",
        description="The number of the mailing, fax report or portal.",
        examples=["70201290"],
    )
    sent_on: Day | None = Field(default=None, description="The day; else today.")
    step: str = Field(
        default="appeal",
        pattern=f"^({'|'.join(LETTER_STEPS)})$",
        description="What it is to the case: an appeal of its level, or the cover of a corrected "
        "claim (correct).",
    )
    follow_up: Day | None = Field(
        default=None,
        description="The day by which the payer should have answered; else by the settings.",
    )
    reason: Reason = "letter sent"
    user: User = "api"
