"""Days in a query: ISO text and nothing else."""

from __future__ import annotations

import re
from typing import Final

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def only_iso(text: str) -> str:
    """Refuse what pydantic would take for a date besides: ``0`` as the first day of 1970."""
    if not _ISO_DATE.fullmatch(text):
        message = "Input should be a date such as 2026-01-31"
        raise ValueError(message)
    return text
