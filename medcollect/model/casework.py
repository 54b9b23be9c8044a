"""What happens to a denial: steps that people take, and what later files say of it.

A case is what one payer refused of one claim for one reason, over all its lines. A moment of it is
a step by hand (with its user) or an answer of the payer (with its claim payment). The steps are
facts like files: kept with user, reason and time, followed whenever the claim is judged, undoable.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

#: Where a case stands, in the order of its life, in our words.
STATES: Final = {
    "new": "Nobody has taken it yet.",
    "in_work": "Somebody works on it.",
    "waiting": "It waits for somebody.",
    "corrected": "The claim was corrected and sent again.",
    "appealed": "An appeal was sent.",
    "overturned": "The payer paid what it had refused.",
    "overturned_in_part": "The payer paid a part of what it had refused.",
    "upheld": "The payer refused again.",
    "written_off": "Somebody gave it up.",
    "closed": "Nothing is left to do.",
}

#: What became of an amount (``denials.status``) of which something can still be won.
STILL_OPEN: Final = frozenset({"open", "resent"})

#: States in which nobody has anything to do.
ENDED: Final = frozenset({"overturned", "written_off", "closed"})

#: What a person can enter.
STEP_KINDS: Final = (
    "take", "release", "assign", "note", "wait", "correct", "appeal", "outcome", "write_off",
    "reopen",
)  # fmt: skip

#: What can come of a case, as a person enters it, and the state it is in then.
RESULTS: Final = {
    "won": "overturned",
    "part": "overturned_in_part",
    "lost": "upheld",
    "closed": "closed",
}

#: What a case is about: refused by an answer, rejected before any, money that a payer took back
#: without saying what it decides instead, or a line allowed below contract. Only what was denied
#: counts as denied money.
DENIED, REJECTED, SILENT, UNDERPAID = "denied", "rejected", "silent_denial", "underpayment"
KINDS: Final = (DENIED, REJECTED, SILENT, UNDERPAID)


def cause_of(kind: str, reason: str) -> str:
    """What tells the cases of one payer on one claim apart: the reason, else the kind itself."""
    return reason if kind == DENIED else kind


BYTES_OF_MEGABYTE: Final = 1_000_000
#: The largest file that goes with a step, unless the settings say otherwise.
ATTACHMENT_LIMIT_BYTES: Final = 10 * BYTES_OF_MEGABYTE


class Attachment(msgspec.Struct, frozen=True, gc=False):
    """A file that goes with a step: its name, size in bytes, SHA-256 and media type.

    ``kept``: the book has its bytes. Versions before kept none of large files, and no type.
    """

    name: str
    sha256: str
    size: int
    kept: bool
    content_type: str = ""


class StepDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a step says, as far as its kind needs it.

    ``owner`` goes with assign, ``waiting_for`` and ``until`` with wait, ``level`` (1 is the first)
    and ``reference`` (a letter, a call, a file) with appeal, correct and outcome, ``result`` and
    ``cents`` with outcome and write_off. ``follow_up`` goes with any. ``letter`` is the number of
    the entry (E...) of the letter that the step stands for, and with which it is undone.
    ``bulk`` is the number of the first step of all that were taken at once, this one among them.
    ``minutes`` is what the work took, where somebody said so.
    """

    owner: str = ""
    waiting_for: str = ""
    until: date | None = None
    follow_up: date | None = None
    level: int = 0
    reference: str = ""
    result: str = ""
    cents: int = 0
    attachments: tuple[Attachment, ...] = ()
    letter: int = 0
    bulk: int = 0
    minutes: int = 0


class Moment(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened to a case, on a day.

    Of kinds that files tell: ``refused``, ``paid``, ``answered`` (judged anew, without refusing for
    this reason), ``taken_back``, ``forwarded``, ``duplicate``, ``rejected`` (before it was judged),
    ``resent`` (a file of ours holds the claim again), ``taken_silently`` (without a correction or
    a reason), ``underpaid`` (allowed below contract); ``cents`` is what was refused,
    ``won_cents`` what the payer paid of the case beyond its first answer. ``id`` is the step's
    number, 0 for what files say; ``claim_payment`` the answer's.
    """

    kind: str
    day: date
    id: int = 0
    details: StepDetails = StepDetails()
    user: str = ""
    reason: str = ""
    recorded_at: str = ""
    decision: int | None = None
    claim_payment: int | None = None
    cents: int = 0
    won_cents: int = 0
