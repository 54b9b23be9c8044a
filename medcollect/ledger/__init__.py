"""The ledger: adjustment effects, posting, reversals, patient responsibility. Pure, without SQL."""

from __future__ import annotations

from medcollect.ledger.case import (
    Answer,
    Charged,
    ClaimCase,
    ClaimLine,
    DecidedWriteOff,
    DenialItem,
    ExpectedPayer,
    Issue,
    MovedBalance,
    PatientPart,
    PostedClaim,
    SentAgain,
    SentRefund,
)
from medcollect.ledger.posting import post_claim
from medcollect.ledger.standing import standing_answers

__all__ = [
    "Answer",
    "Charged",
    "ClaimCase",
    "ClaimLine",
    "DecidedWriteOff",
    "DenialItem",
    "ExpectedPayer",
    "Issue",
    "MovedBalance",
    "PatientPart",
    "PostedClaim",
    "SentAgain",
    "SentRefund",
    "post_claim",
    "standing_answers",
]
