"""A letter before it is a page: every text that templates fill in, and what it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Literal

import msgspec

from medcollect.denials import DenialFacts, Limit
from medcollect.denials.facts import ShortfallFacts, TakebackFacts, Taken
from medcollect.model.claim import Claim
from medcollect.model.letters import LetterOffice
from medcollect.model.remittance import ClaimPayment, RemittanceHeader

#: How far an appeal has gone. Programmes call them by names of their own (``wording.toml``).
Level = Literal["reconsideration", "redetermination", "second_level", "external_review"]
LEVELS: Final[tuple[Level, ...]] = (
    "reconsideration",
    "redetermination",
    "second_level",
    "external_review",
)

_BLANK: Final = re.compile(r"\[TO BE FILLED IN BY THE (CLINICIAN|OFFICE): ([^\]]*)\]")


def blank(who: str, what: str) -> str:
    """A place that only a person can fill, marked so that nobody can overlook it."""
    return f"[TO BE FILLED IN BY THE {who.upper()}: {what}]"


class Blank(msgspec.Struct, frozen=True):
    """A marked blank of a letter: ``who`` is clinician or office."""

    who: str
    what: str


class SentBefore(msgspec.Struct, frozen=True):
    """An earlier letter on the same denial."""

    level: str
    sent_on: date
    means: str
    tracking: str = ""


class Answered(msgspec.Struct, frozen=True):
    """One answer of the payer, as far as a letter is about it.

    ``refused`` has the cents in dispute by service of the answer (0: the claim as a whole),
    ``short`` the facts of its services that were allowed below contract; ``pairs`` are the lines of
    the claim that its services answer (0: none), empty where no claim is on file.
    """

    payment: ClaimPayment
    header: RemittanceHeader
    refused: dict[int, int]
    short: dict[int, ShortfallFacts] = {}
    pairs: tuple[int, ...] = ()


class ContractInBrief(msgspec.Struct, frozen=True):
    """By which contract an amount was to be expected: its name, and from when it holds."""

    name: str
    valid_from: date


class LetterFacts(msgspec.Struct, frozen=True):
    """What the book knows of one case, or of those amounts of it that are argued alike.

    ``facts`` are those of the first amount, ``others`` those of the further ones; ``answers`` are
    the payer's, the one of the first amount first. ``contracts`` has those that speak, by our id.
    ``claim`` is the latest 837 on file, ``None`` where the claim is known from remittances only.
    ``proof`` is the sentence that proves timely filing, ``contact`` name and number from its 837,
    ``decided`` the day of the decision on the level before, ``level_due`` the level that comes next
    (``None``: the first), which ``deadline`` is of where ``appeal_is_next``.
    """

    denials: tuple[str, ...]
    facts: DenialFacts
    category: str
    answers: tuple[Answered, ...]
    claim: Claim | None = None
    limits: tuple[Limit, ...] = ()
    deadline: date | None = None
    deadline_rule: str = ""
    proof: str = ""
    contact: tuple[str, str] = ("", "")
    sent: tuple[SentBefore, ...] = ()
    decided: date | None = None
    office: LetterOffice = LetterOffice()
    others: tuple[DenialFacts, ...] = ()
    contracts: dict[str, ContractInBrief] = {}
    level_due: Level | None = None
    appeal_is_next: bool = False

    @property
    def payment(self) -> ClaimPayment:
        """The first answer."""
        return self.answers[0].payment

    @property
    def header(self) -> RemittanceHeader:
        """The remittance of the first answer."""
        return self.answers[0].header

    @property
    def disputed_cents(self) -> int:
        """What is in dispute, over all answers."""
        return sum(sum(answer.refused.values()) for answer in self.answers)

    @property
    def taken(self) -> tuple[Taken, ...]:
        """What was taken back without a decision, the oldest first."""
        found = [t for f in self.amounts if isinstance(f, TakebackFacts) for t in f.taken]
        return tuple(sorted(found, key=lambda one: one.day or date.min))

    @property
    def amounts(self) -> tuple[DenialFacts, ...]:
        """The facts of every amount that the letter is about."""
        return (self.facts, *self.others)


class Practice(msgspec.Struct, frozen=True):
    """Who writes."""

    name: str
    address: tuple[str, ...]
    npi: str
    tax_id: str
    contact: str
    phone: str
    fax: str


class Recipient(msgspec.Struct, frozen=True):
    """To whom."""

    name: str
    attention: str
    address: tuple[str, ...]
    fax: str


class Patient(msgspec.Struct, frozen=True):
    """Of whom."""

    name: str
    birth_date: str
    member_id: str
    group_number: str


class ClaimInBrief(msgspec.Struct, frozen=True):
    """The claim in a few words; ``number`` is ours, ``payer_number`` the payer's."""

    number: str
    payer_number: str
    dates: str
    charge: str
    paid: str
    in_dispute: str
    decided_on: str
    trace_number: str
    policies: str
    deadline: str


class LetterLine(msgspec.Struct, frozen=True):
    """One line as the payer judged it; ``disputed`` is empty where nothing of it is in dispute."""

    dates: str
    procedure: str
    units: str
    charge: str
    paid: str
    codes: str
    disputed: str


class ShortLine(msgspec.Struct, frozen=True):
    """One line that was allowed below contract: both amounts, what was paid, what is missing."""

    dates: str
    procedure: str
    units: str
    charge: str
    allowed: str
    contract: str
    paid: str
    short: str


class TakenBack(msgspec.Struct, frozen=True):
    """One amount that was taken back (below zero: given again), and where it shows."""

    date: str
    payment: str
    how: str
    reference: str
    amount: str


class CodeInWords(msgspec.Struct, frozen=True):
    """A code of the payer with our own short words."""

    code: str
    words: str


class Enclosure(msgspec.Struct, frozen=True):
    """One piece of the packet."""

    label: str
    text: str


class Letter(msgspec.Struct, frozen=True):
    """Everything that a template can fill in, as text."""

    date: str
    level: str
    level_name: str
    title: str
    category: str
    category_name: str
    practice: Practice
    recipient: Recipient
    patient: Patient
    claim: ClaimInBrief
    lines: tuple[LetterLine, ...]
    codes: tuple[CodeInWords, ...]
    opening: str
    timeliness: tuple[str, ...]
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    closing: str
    signature: str
    enclosures: tuple[Enclosure, ...]
    cover_notice: str
    shortfalls: tuple[ShortLine, ...] = ()
    terms: tuple[str, ...] = ()
    taken: tuple[TakenBack, ...] = ()

    def blanks(self) -> list[Blank]:
        """What a person has still to fill in, in the order of the letter, each once."""
        found = dict.fromkeys(
            Blank(who.lower(), what)
            for text in _texts(msgspec.to_builtins(self))
            for who, what in _BLANK.findall(text)
        )
        return list(found)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a nest of lists and objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
