"""The codes of acknowledgements and claim status in our own short words: 999, TA1, 277CA, 277."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from medcollect.codes.tables import read_table

#: What stands for a party that a status does not name.
_SOMEBODY: Final = "party concerned"


def response_label(kind: str, code: str) -> str:
    """The words for a code; empty text where the table lacks it.

    ``kind`` is ``category`` (STC01-1), ``status`` (STC01-2), ``entity`` (STC01-3), ``transaction``
    (IK502), ``segment`` (IK304), ``element`` (IK403) or ``interchange`` (TA105).
    """
    return _labels().get((kind, code), "")


def status_label(category: str, status: str, entity: str = "") -> str:
    """A claim status composite as words: ``data is wrong: the NPI of the billing provider``."""
    who = response_label("entity", entity) or _SOMEBODY
    told = response_label("status", status)
    words = told.replace("{who}", who) if told else (f"status {status}" if status else "")
    return ": ".join(filter(None, [response_label("category", category) or category, words]))


@lru_cache(maxsize=1)
def _labels() -> dict[tuple[str, str], str]:
    return {(r["list"], r["code"]): r["label"] for r in read_table("claim_response_codes")}
