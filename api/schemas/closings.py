"""The answer of closing a period."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, Day, amount


class Waiting(Answer):
    """What the closed days leave open."""

    exceptions: int = Field(description="How many exceptions wait.", examples=[2])
    amount: Annotated[str, amount("The money at stake", "540.00")]


class Closing(Answer):
    """A closed period."""

    closing: str = Field(description="Our closing id; names it for undo.", examples=["K000001"])
    closed_through: Day
    closed_before: Day = None
    waiting: Waiting
