"""Documents of the book as matching takes them, and what assigning them gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

import msgspec

from medcollect.matching.claims import Candidate
from medcollect.model.claim import Claim
from medcollect.model.opening import OPENING_SORT
from medcollect.model.remittance import ClaimPayment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=4096)
def _day_of(text: str) -> date | None:
    """The day that a text of ten characters says: many documents are made on one day."""
    return date.fromisoformat(text) if _DAY.fullmatch(text) else None


class ClaimDoc(msgspec.Struct, frozen=True, gc=False):
    """A claim document of the book with its keys; ``prior_claim``: the claim it belonged to.

    ``loose`` are its :func:`~medcollect.matching.keys.loose_keys` where they were worked out
    before. ``same_as`` is the sort key of the document that it was written from, where it was.
    """

    id: int
    claim: Claim
    keys: tuple[str, ...]
    sort_key: str
    prior_claim: int | None = None
    same_as: str = ""
    loose: tuple[str, ...] = ()

    @property
    def created(self) -> date | None:
        """The day the document was made (BHT04), with which its sort key begins.

        Of an opening balance it is the day for which it was drawn up.
        """
        return _day_of(self.sort_key.removeprefix(OPENING_SORT)[:10])

    @property
    def is_opening(self) -> bool:
        """Whether this is the claim as another system left it, and not as it was sent."""
        return self.sort_key.startswith(OPENING_SORT)


def sent_documents(documents: Sequence[ClaimDoc]) -> list[ClaimDoc]:
    """The documents that were sent; the opening balances where there are no others."""
    return [d for d in documents if not d.is_opening] or list(documents)


def reports_patient_paid(documents: Iterable[ClaimDoc]) -> ClaimDoc | None:
    """The document that says what the patient paid: the one made last of those that say it."""
    saying = [d for d in documents if d.claim.patient_paid_cents is not None]
    return max(reversed(saying), key=lambda d: d.created or date.min, default=None)


class WriteOff(msgspec.Struct, frozen=True):
    """What a person gave up of one kind of exception over a payment; ``decision`` names it.

    ``refused``: of what the payment refused for this reason (CARC) instead.
    """

    issue: str
    kind: str
    cents: int
    decision: str
    day: date | None
    refused: str = ""


class PaymentDoc(msgspec.Struct, frozen=True, gc=False):
    """A claim payment of the book with its keys, its rank and what people decided about it.

    ``held`` says why it must not post, empty when it may. ``reissue`` is 1 where the same payment
    was on file already and a person released this one. ``to_claim`` and ``open_claim`` are a
    person's decisions on matching, ``post_anyway`` and ``let_post`` (past a policy that keeps the
    payer's answers for a person) on posting, ``write_offs`` what they gave up.
    """

    id: int
    remittance: int
    payment: ClaimPayment
    keys: tuple[str, ...]
    payment_date: date | None
    place: tuple[int, int]
    fingerprint: str
    payer_key: str
    payer_name: str
    practice_key: str = ""
    held: str = ""
    reissue: int = 0
    prior_claim: int | None = None
    to_claim: int | None = None
    open_claim: bool = False
    post_anyway: bool = False
    let_post: bool = False
    write_offs: tuple[WriteOff, ...] = ()

    @property
    def order(self) -> tuple[date, int, int, int, str]:
        """The rank among answers: payment date, the first issue, place in the file, content."""
        return (self.payment_date or date.min, self.reissue, *self.place, self.fingerprint)


class Group(msgspec.Struct):
    """One claim: its documents in order, its payments with their matches, its opening payments.

    ``rejected`` holds, by payment, the other claims that were considered.
    """

    number: int
    documents: list[ClaimDoc] = []
    payments: list[PaymentDoc] = []
    openers: list[PaymentDoc] = []
    matches: dict[int, Candidate] = {}
    rejected: dict[int, tuple[Candidate, ...]] = {}
    payer_numbers: set[str] = set()

    def prior_claims(self) -> list[int]:
        """The claims that the members belonged to before, documents first."""
        members: list[ClaimDoc | PaymentDoc] = [*self.documents, *self.payments]
        return list(dict.fromkeys(m.prior_claim for m in members if m.prior_claim is not None))


class Unmatched(msgspec.Struct, frozen=True):
    """A payment that found no claim: the kind of exception and the candidates considered."""

    payment: PaymentDoc
    kind: str
    candidates: tuple[Candidate, ...]


class Assignment(msgspec.Struct, frozen=True):
    """Groups with everything assigned, and the payments that wait for a person."""

    groups: tuple[Group, ...]
    unmatched: tuple[Unmatched, ...]
