"""What a person wrote off of a claim: a decision rests on the answer whose rest it gives up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from medcollect.ledger.amounts import Stated
from medcollect.ledger.case import DecidedWriteOff, DenialItem, Issue
from medcollect.ledger.parts import parts_of
from medcollect.ledger.receivable import Receivable
from medcollect.model.policies import by_policy
from medcollect.model.posting import WRITE_OFF, Posting


def write_off_postings(
    decided: DecidedWriteOff,
    stated: Stated,
    receivable: Receivable,
    denials: Sequence[DenialItem],
    rank: int,
) -> list[Posting]:
    """Give up what was decided, as far as it is open and not denied, the answer's own lines first.

    What later answers have settled since is not given up as well.
    """
    left = decided.cents
    postings: list[Posting] = []
    for line in _lines(stated, receivable):
        denied = sum(
            d.cents for d in denials if d.line == line and d.status == "open" and d.group != "PR"
        )
        cents = min(left, receivable.total(frozenset({line})) - denied)
        if cents <= 0:
            continue
        left -= cents
        detail = by_policy(decided.kind, decided.decision)
        postings.append(Posting(WRITE_OFF, cents, line, detail=detail))
        postings += receivable.take(line, rank, cents)
    return postings


def _lines(stated: Stated, receivable: Receivable) -> Iterator[int]:
    """Lines with something open: those the answer left undecided, then the others."""
    undecided = [part.line for part in parts_of(stated, "undecided")]
    yield from dict.fromkeys([*undecided, *receivable.lines()])


def without(issues: Sequence[Issue], decided: DecidedWriteOff, cents: int) -> list[Issue]:
    """The issues of a claim less what was given up of the one decided."""
    kept = []
    for issue in issues:
        if (issue.kind, issue.answer) == (decided.issue, decided.answer) and cents:
            part = min(issue.cents, cents)
            cents -= part
            if issue.cents == part:
                continue
            issue = msgspec.structs.replace(issue, cents=issue.cents - part)  # noqa: PLW2901
        kept.append(issue)
    return kept
