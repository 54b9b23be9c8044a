"""Days in a query or a form: ISO text and nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from medcollect.errors import NotAllowed

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def only_iso(text: str) -> str:
    """Refuse what pydantic would take for a date besides: ``0`` as the first day of 1970."""
    if not _ISO_DATE.fullmatch(text):
        message = "Input should be a date such as 2026-01-31"
        raise ValueError(message)
    return text


def day_of_form(text: str) -> date | None:
    """A day of a form, none for empty text; raises NotAllowed for one that no calendar has."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotAllowed("There is no such day.", "Write it as 2026-01-31.") from error
