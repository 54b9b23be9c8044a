"""Where the filing of a claim stands: sent, acknowledged, accepted, rejected; and its proof.

A rejected claim was never judged: it gets no 835, nothing is denied, and the payer's limit for
filing runs on from the date of service (appeals.md section 1). A later sending or answer ends it.
What a payer accepted before judging (277CA) proves that the claim was filed in time (section 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

#: What was said of one claim, in the order in which it is said on one day.
STAGES: Final = {"837": -1, "TA1": 0, "999": 1, "997": 1, "277CA": 2, "276": 3, "277": 4, "835": 5}

#: Verdicts that turn a claim away unjudged. ``not_found``: the payer does not have it.
REFUSALS: Final = frozenset({"rejected", "not_found"})

#: Verdicts by which the payer has the claim; the acceptance of a file (TA1, 999) is none.
_TAKEN: Final = frozenset(
    {"accepted", "pending", "paid", "denied", "finalized", "information_requested"}
)
_OF_FILES: Final = frozenset({"TA1", "999", "997"})


class Sent(msgspec.Struct, frozen=True):
    """One time a claim was sent: the transaction, when it was made, and its numbers.

    ``made_at`` is BHT04 and BHT05, ``sent_on`` the day of the interchange, ``batch`` BHT03.
    ``transactions`` are the copies of it that are on file.
    """

    transactions: frozenset[int]
    made_at: str
    sent_on: str = ""
    numbers: tuple[str, ...] = ()
    batch: str = ""

    @property
    def order(self) -> tuple[str, str, tuple[str, ...], str]:
        """The order of sendings: when made, when sent, by their control numbers."""
        return (self.made_at, self.sent_on, self.numbers, self.batch)


class Said(msgspec.Struct, frozen=True):
    """One thing that was said of a claim: a verdict with its source and time.

    ``key`` is the caller's own for it; ``transactions`` are those that an acknowledgement answers,
    ``batch`` the BHT03 that a 277CA names. ``is_proof``: the payer took it in (category A2).
    """

    key: int
    kind: str
    verdict: str
    said_at: str
    transactions: frozenset[int] = frozenset()
    batch: str = ""
    is_proof: bool = False

    @property
    def day(self) -> str:
        """The day as ISO text; empty when unknown."""
        return self.said_at[:10]

    @property
    def order(self) -> tuple[str, int, str, bool, int]:
        """The order of what was said: day, level, time; of two at once the refusal is last."""
        refused = self.verdict in REFUSALS
        return (self.day, STAGES.get(self.kind, 0), self.said_at, refused, self.key)


class Filing(msgspec.Struct, frozen=True):
    """Where the filing stands: what rejected the claim, and what proves that it was filed."""

    rejection: Said | None = None
    proof: Said | None = None


def filing_of(sent: Iterable[Sent], said: Iterable[Said]) -> Filing:
    """Judge what was said of a claim; only what concerns its latest sending can reject it."""
    sendings = sorted(sent, key=lambda s: s.order)
    everything = sorted(said, key=lambda s: s.order)
    return Filing(_rejection(sendings, everything), _proof(everything))


def _rejection(sendings: Sequence[Sent], said: Sequence[Said]) -> Said | None:
    """The refusal that stands last among what concerns the latest sending."""
    by_sending: dict[int, list[Said]] = defaultdict(list)
    for item in said:
        by_sending[_sending_of(item, sendings)].append(item)
    latest = by_sending[len(sendings) - 1 if sendings else -1]
    standing: Said | None = None
    for item in latest:
        if item.verdict in REFUSALS:
            standing = item
        elif item.verdict in _TAKEN and item.kind not in _OF_FILES:
            standing = None
    return standing


def _sending_of(item: Said, sendings: Sequence[Sent]) -> int:
    """Which sending a statement concerns: by transaction, by batch, else the last one before it."""
    if not sendings:
        return -1
    places = range(len(sendings) - 1, -1, -1)
    if item.transactions:
        return next((p for p in places if sendings[p].transactions & item.transactions), 0)
    named = [p for p in places if item.batch and sendings[p].batch == item.batch]
    if len(named) == 1:
        return named[0]
    return next((p for p in named or places if _before(sendings[p], item)), 0)


def _before(sending: Sent, item: Said) -> bool:
    """Whether the claim was sent before something was said; times count where both are known."""
    made, said = sending.made_at, item.said_at
    if len(made) > len("2026-01-01T") and len(said) > len("2026-01-01T"):
        return made[:15] <= said[:15] and sending.sent_on <= item.day
    return max(made[:10], sending.sent_on) <= item.day


def _proof(said: Sequence[Said]) -> Said | None:
    """The earliest acceptance into adjudication, else the earliest receipt by a 277CA."""
    accepted = [s for s in said if s.kind == "277CA" and s.verdict == "accepted"]
    return next((s for s in accepted if s.is_proof), next(iter(accepted), None))
