"""What people enter by hand: coverages, moves, refunds, joined accounts, letters sent.

Each is a fact of the book with its user, reason and day, followed whenever claims are judged.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias, get_args

import msgspec


class Concerns(msgspec.Struct, frozen=True):
    """Whom an entry is about: a claim by its number and day, and the person by either key."""

    named: str = ""
    number_key: str = ""
    birth_key: str = ""
    member_key: str = ""
    service_from: date | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """The keys of the person, each with a letter for its kind: by birth date, by member id."""
        keys = (("B", self.birth_key), ("M", self.member_key))
        return tuple(f"{kind}{key}" for kind, key in keys if key)

    def is_person(self, claim: Concerns) -> bool:
        """Whether the claim shares a key of the person."""
        same_birth = self.birth_key and self.birth_key == claim.birth_key
        return bool(same_birth or (self.member_key and self.member_key == claim.member_key))

    def covers(self, claim: Concerns) -> bool:
        """Whether it is about a claim with these keys."""
        same_person = self.is_person(claim)
        if not self.number_key:
            return same_person
        same_day = self.service_from in {None, claim.service_from}
        return self.number_key == claim.number_key and same_day and (same_person or not self.people)


class EnteredCoverage(msgspec.Struct, frozen=True, tag="coverage", gc=False):
    """A payer of the patient: it takes its place among the payers of claims of its days.

    ``payer_rank`` counts payers from 1; ``valid_from`` and ``valid_to`` are days of service, open
    where ``None``; ``filing_indicator`` is SBR09.
    """

    payer: str
    payer_rank: int
    payer_id: str = ""
    member_id: str = ""
    group_number: str = ""
    filing_indicator: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date | None) -> bool:
        """Whether it holds on a day of service; one that is not known counts."""
        if day is None:
            return True
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def overlaps(self, other: EnteredCoverage) -> bool:
        """Whether there is a day of service that both hold on."""
        first = max(self.valid_from or date.min, other.valid_from or date.min)
        return first <= min(self.valid_to or date.max, other.valid_to or date.max)


class EndedCoverage(msgspec.Struct, frozen=True, tag="coverage_end", gc=False):
    """A payer that a claim's own documents name, and that does not cover it.

    ``last_day`` is the last day of service it still covers, ``None`` where it never did.
    """

    payer: str
    last_day: date | None = None

    def ends(self, day: date | None) -> bool:
        """Whether the payer does not cover a day of service."""
        return self.last_day is None or day is None or day > self.last_day


class Move(msgspec.Struct, frozen=True, tag="move", gc=False):
    """Money of one claim moved between payers and the patient, on a day.

    ``to`` is the patient or a ``payer``, named where it is known. ``is_billable``: a person says
    that what goes to the patient may be billed.
    """

    to: Literal["patient", "payer"]
    cents: int
    day: date
    payer: str = ""
    is_billable: bool = False


class PayerRefund(msgspec.Struct, frozen=True, tag="payer_refund", gc=False):
    """Money of one claim that the practice sent back to a payer, on a day.

    ``recovery`` is the payer's reference of a recovery that names no claim, where it was for one.
    """

    payer: str
    cents: int
    day: date
    method: str
    reference: str = ""
    recovery: str = ""


class ReturnedCheque(msgspec.Struct, frozen=True, tag="payer_refund_returned", gc=False):
    """A refund cheque that the payer sent back, or never cashed, on a day.

    ``cheque`` is the entry that it was sent by; the rest is as that entry has it.
    """

    payer: str
    cents: int
    day: date
    cheque: int
    reference: str = ""


class DeceasedPatient(msgspec.Struct, frozen=True, tag="deceased", gc=False):
    """That a patient has died, and who acts for the estate, where that is known.

    The newest such entry about a patient counts.
    """

    died_on: date | None = None
    representative: str = ""


class AccountMerge(msgspec.Struct, frozen=True, tag="account_merge", gc=False):
    """Accounts that are one patient's, by the claims that stood on them.

    Claims are named by their keys, as ids of ours may be given anew; ``accounts`` are the numbers
    of then. ``although_different``: a person said so although the accounts contradict each other.
    """

    claims: tuple[Concerns, ...]
    accounts: tuple[int, ...]
    although_different: bool = False


class AccountSplit(msgspec.Struct, frozen=True, tag="account_split", gc=False):
    """Claims of an account that are another patient's, with later claims of that patient.

    ``own_keys`` are the keys of the person that only these claims bear, ``other_keys`` those that
    only the rest of the account bears; ``payments`` are the identities of payments that go along.
    """

    claims: tuple[Concerns, ...]
    account: int
    own_keys: tuple[str, ...] = ()
    other_keys: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()

    def takes(self, claim: Concerns) -> bool:
        """Whether a claim, or a payment's person, is on the side that was split off.

        A birth date tells people apart better than a member id, which families share.
        """
        if any(one.covers(claim) for one in self.claims if claim.number_key):
            return True
        for key in claim.people:
            if key in self.own_keys or key in self.other_keys:
                return key in self.own_keys
        return False


#: How a letter goes out.
Means: TypeAlias = Literal["certified_mail", "mail", "courier", "fax", "portal", "email", "hand"]
MEANS: Final[tuple[Means, ...]] = get_args(Means)


class SentLetter(msgspec.Struct, frozen=True, tag="letter", gc=False):
    """A letter about a denial that went out: at which level, when, how, and what proves it.

    ``group``, ``reason`` and ``line`` say which refusal of the claim it is about: they outlast the
    denial's id (``denial``), which another import of the same files may change. ``tracking`` is the
    number of the mailing, the fax report or the portal; ``sha256`` names the very file, if given.
    """

    payer: str
    denial: int
    level: str
    means: Means
    sent_on: date
    group: str = ""
    reason: str = ""
    line: int = 0
    cents: int = 0
    tracking: str = ""
    sha256: str = ""


DeskFact: TypeAlias = (
    EnteredCoverage
    | EndedCoverage
    | Move
    | PayerRefund
    | ReturnedCheque
    | DeceasedPatient
    | AccountMerge
    | AccountSplit
    | SentLetter
)
