"""What the HTTP door can be told: which book, how large an upload, how many keys it remembers."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_MEBIBYTE: Final = 1024 * 1024


class Settings(BaseModel):
    """The settings of one server."""

    model_config = ConfigDict(frozen=True)

    book_url: str = Field(description="The book, as in `medcollect --book`.")
    upload_limit_bytes: int = Field(
        default=512 * _MEBIBYTE, gt=0, description="The largest request body that is taken."
    )
    remembered_keys: int = Field(
        default=10_000, gt=0, description="How many idempotency keys are remembered."
    )
