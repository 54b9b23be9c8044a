"""Our own ids as people see them: a letter and at least six digits."""

from __future__ import annotations

import re

_NAME = re.compile(r"([IFRPCANXDKBLSMEWTUGJ])([0-9]{6,12})")


def import_name(number: int) -> str:
    """``I000001``."""
    return name("I", number)


def name(letter: str, number: int) -> str:
    """An id as text: ``name("C", 7)`` is ``C000007``.

    Letters: I import, F file, R remittance, P claim payment, C claim, A account, N denial,
    X exception, D decision, K closing, B bank deposit, L correspondence, S settings,
    M patient payment, E entry by hand, W step of work on a denial, T contract or fee schedule (its
    terms), U underpayment, G pattern of denials, J a step on many denials at once (by its first).
    """
    return f"{letter}{number:06d}"


def number_of(text: str, letters: str) -> int | None:
    """The number behind an id with one of these letters, ``None`` when the text is no such id."""
    match = _NAME.fullmatch(text.strip().upper())
    if match is None or match.group(1) not in letters:
        return None
    return int(match.group(2))
