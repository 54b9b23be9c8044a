"""Bounds that somebody sets to the amounts of a list."""

from __future__ import annotations

from medcollect.errors import BadRequest
from medcollect.money import parse_cents


def bound(text: str, what: str) -> int:
    """A bound in cents; BadRequest where it is no amount, or below zero."""
    cents = parse_cents(text)
    if cents is None or cents < 0:
        message = f"The {what} is no amount of money denied."
        raise BadRequest(message, "Give dollars such as 100 or 99.50.")
    return cents


def insist_on_room(least: str | None, most: str | None) -> None:
    """Refuse (BadRequest) bounds between which no amount lies."""
    if least and most and bound(least, "minimum") > bound(most, "maximum"):
        message = f"No amount is at least {least} and at most {most}."
        raise BadRequest(message, "Swap them, or leave one out.")
