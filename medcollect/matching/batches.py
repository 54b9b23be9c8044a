"""The one set of checks that adds up to a deposit, where there is exactly one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

#: More checks than this and sets add up by chance: a person looks.
CHECKS_MOST = 14
BATCH_MOST = 8


def only_batch(checks: Sequence[tuple[int, int]], cents: int) -> tuple[int, ...]:
    """Ids of the only set of checks (id, positive cents) with this sum; empty for none or several.

    Checks larger than the deposit cannot be in it. Nothing is answered where too many remain.
    """
    usable = sorted((c for c in checks if c[1] <= cents), key=lambda c: (-c[1], c[0]))
    if len(usable) > CHECKS_MOST:
        return ()
    solutions = _sets(usable, 0, cents, ())
    first = next(solutions, ())
    return first if next(solutions, None) is None else ()


def _sets(
    checks: Sequence[tuple[int, int]], start: int, cents: int, chosen: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Every set with this sum, larger checks first."""
    if cents == 0:
        yield chosen
        return
    if len(chosen) == BATCH_MOST:
        return
    for place in range(start, len(checks)):
        number, amount = checks[place]
        if amount <= cents:
            yield from _sets(checks, place + 1, cents - amount, (*chosen, number))
