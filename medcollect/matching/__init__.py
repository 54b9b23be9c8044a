"""Matching: which claim and which lines a claim payment answers, and why. Pure, without SQL."""

from __future__ import annotations

from medcollect.matching.claims import (
    CONFIDENT_SCORE,
    Candidate,
    ClaimFacts,
    Match,
    PaymentFacts,
    choose,
)
from medcollect.matching.keys import (
    claim_keys,
    name_key,
    number_key,
    payment_keys,
    prefixes,
)
from medcollect.matching.lines import pair_lines

__all__ = [
    "CONFIDENT_SCORE",
    "Candidate",
    "ClaimFacts",
    "Match",
    "PaymentFacts",
    "choose",
    "claim_keys",
    "name_key",
    "number_key",
    "pair_lines",
    "payment_keys",
    "prefixes",
]
