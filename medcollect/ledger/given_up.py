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


def give_up(
    decided: DecidedWriteOff, receivable: Receivable, denials: Sequence[DenialItem], rank: int
) -> tuple[list[Posting], list[DenialItem]]:
    """Give up what an answer refused for the decided reason, as far as it is open with the payer.

    Returns the postings and the denials as they are then: a part that is left stays open.
    """
    left, postings, kept = decided.cents, [], []
    for item in denials:
        cents = min(left, item.cents, receivable.total(frozenset({item.line})))
        if not _is_given_up(item, decided) or cents <= 0:
            kept.append(item)
            continue
        left -= cents
        detail = by_policy(decided.kind, decided.decision)
        postings.append(Posting(WRITE_OFF, cents, item.line, detail=detail))
        postings += receivable.take(item.line, rank, cents)
        if cents < item.cents:
            kept.append(msgspec.structs.replace(item, cents=item.cents - cents))
        kept.append(msgspec.structs.replace(item, cents=cents, status="written_off"))
    return postings, kept


def _is_given_up(item: DenialItem, decided: DecidedWriteOff) -> bool:
    """Whether a decision is about this amount: its answer and reason, open, no patient's."""
    named = (item.answer, item.reason) == (decided.answer, decided.refused)
    return named and item.status == "open" and item.group != "PR"


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
