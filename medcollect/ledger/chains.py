"""Provider adjustments (PLB) as chains: what a payer postponed, took, carried on, kept or owes.

One recovery, one balance carried forward or one withhold goes over several checks. Its amounts hang
together by the claim they name, by their reference, or by the check they refer to; what they add up
to is what is still open (claim_rules.md 3.3; plb_codes.csv). A positive amount lowers a payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

RECOVERY, CARRIED, WITHHOLD, ADVANCE = "recovery", "carried_forward", "withhold", "advance"
SETTLEMENT, DEBT, UNDECIDED, FINAL = "settlement", "other_debt", "undecided", "final"

#: What a PLB code belongs to; every other code is final: income, expense or tax, done when posted.
KIND_BY_CODE: dict[str, str] = {
    **dict.fromkeys(("WO", "72", "TL", "WU"), RECOVERY),
    "FB": CARRIED,
    "E3": WITHHOLD,
    **dict.fromkeys(("AP", "C5"), ADVANCE),
    **dict.fromkeys(("IS", "PI", "PL"), SETTLEMENT),
    **dict.fromkeys(("AM", "OB"), DEBT),
    **dict.fromkeys(("CS", "FC", "RA"), UNDECIDED),
}


class Step(msgspec.Struct, frozen=True):
    """One PLB amount on one remittance; ``place`` counts the amounts of a remittance from 1.

    ``reference`` and ``trace`` are keys (letters and digits), ``claim`` is the one it names.
    ``given_up`` marks what a person wrote off of an amount of the payer's. ``cheque`` is the entry
    by hand of a refund cheque of the practice's, ``credited`` what of it the claim's credit bore,
    ``returned`` that it came back: all stand with remittance 0 and the cheque's number as place.
    """

    remittance: int
    place: int
    payer: str
    day: date | None
    code: str
    reference: str
    trace: str
    cents: int
    claim: int | None = None
    given_up: bool = False
    cheque: str = ""
    credited: bool = False
    returned: bool = False

    @property
    def kind(self) -> str:
        """What the code belongs to; a code that no table knows is for a person."""
        return KIND_BY_CODE.get(self.code, FINAL)

    @property
    def place_on_check(self) -> tuple[int, int]:
        """What names it: its remittance and its place there."""
        return (self.remittance, self.place)

    @property
    def order(self) -> tuple[date, int, int, bool]:
        """By day, then as they came."""
        later = self.given_up or self.credited or self.returned
        return (self.day or date.min, self.remittance, self.place, later)


class Chain(msgspec.Struct, frozen=True):
    """Amounts that belong to one matter, oldest first."""

    kind: str
    steps: tuple[Step, ...]

    @property
    def balance(self) -> int:
        """What they add up to: below zero the payer still means to take, above it has kept."""
        return sum(step.cents for step in self.steps)

    @property
    def is_open(self) -> bool:
        """Whether something is left of it."""
        return self.kind != FINAL and self.balance != 0

    @property
    def cheque(self) -> str:
        """The first refund cheque that was sent for it and has not come back, else empty."""
        back = {step.place for step in self.steps if step.returned}
        sent = (step for step in self.steps if step.cheque and step.place not in back)
        return next((step.cheque for step in sent), "")

    @property
    def came_back(self) -> bool:
        """Whether a refund cheque that was sent for it came back."""
        return any(step.returned for step in self.steps)

    @property
    def taken_again(self) -> bool:
        """Whether the payer holds money that it has had back by a refund cheque already."""
        took = any(step.cents > 0 and not step.cheque for step in self.steps)
        return bool(self.cheque) and took and self.balance > 0

    @property
    def claims(self) -> tuple[int, ...]:
        """The claims that the amounts name."""
        return tuple(dict.fromkeys(step.claim for step in self.steps if step.claim is not None))

    @property
    def since(self) -> date | None:
        """Since when the present balance stands on one side: the step after it was last zero."""
        total, start = 0, None
        for step in self.steps:
            start = step.day if total == 0 else start
            total += step.cents
        return start


def chains_of(steps: Iterable[Step]) -> list[Chain]:
    """Sort amounts into chains, each payer and each kind by itself."""
    sorted_steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in sorted(steps, key=lambda s: s.order):
        sorted_steps[step.payer, step.kind].append(step)
    chains = []
    for (_, kind), mine in sorted_steps.items():
        chains += [Chain(kind, tuple(group)) for group in _linked(mine, _LINKS.get(kind, ()))]
    return sorted(chains, key=lambda chain: chain.steps[0].order)


_Link = Callable[[Sequence[Step]], Iterable[tuple[int, int]]]


def _linked(steps: Sequence[Step], links: Sequence[_Link]) -> list[list[Step]]:
    """Steps that hang together by any of the links."""
    parent = list(range(len(steps)))

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    for link in (_same_place, *links):
        for first, second in link(steps):
            one, other = sorted((root(first), root(second)))
            parent[other] = one
    groups: dict[int, list[Step]] = defaultdict(list)
    for place, step in enumerate(steps):
        groups[root(place)].append(step)
    return list(groups.values())


def _pairs(keys: Sequence[object | None]) -> Iterable[tuple[int, int]]:
    """Places with the same key, each with the first of them."""
    first: dict[object, int] = {}
    for place, key in enumerate(keys):
        if key:
            yield first.setdefault(key, place), place


def _same_place(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    """What a person gave up of an amount belongs to it."""
    return _pairs([(step.remittance, step.place) for step in steps])


def _same_claim(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    return _pairs([step.claim for step in steps])


def _same_reference(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    return _pairs([step.reference for step in steps])


def _refund_with_recovery(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    """A refund cheque acknowledged (72) beside the recovery that it offsets, on one check."""
    for place, step in enumerate(steps):
        if step.code != "72":
            continue
        for other_place, other in enumerate(steps):
            same_check = other.remittance == step.remittance and other.code == "WO"
            if same_check and other.cents == -step.cents:
                yield place, other_place
                break


def _names_the_check(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    """A balance taken over names the check that it was carried from, or the other way round."""
    by_trace: dict[str, int] = {}
    for place, step in enumerate(steps):
        if step.trace:
            by_trace.setdefault(step.trace, place)
    for place, step in enumerate(steps):
        named = by_trace.get(step.reference)
        if named is not None and step.reference:
            yield named, place


def _carried_again(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    """A check that takes a balance over and carries one on carries the same one on."""
    return _pairs([step.remittance for step in steps])


def _same_amount_later(steps: Sequence[Step]) -> Iterable[tuple[int, int]]:
    """Without a reference that tells: the next check that takes exactly what was carried on."""
    taken: set[int] = set()
    for place, step in enumerate(steps):
        if step.cents >= 0:
            continue
        for later in range(place + 1, len(steps)):
            other = steps[later]
            if later not in taken and other.cents == -step.cents and not _names_another(other):
                taken.add(later)
                yield place, later
                break


def _names_another(step: Step) -> bool:
    """Whether the reference says something of its own (not empty, not a bare code word)."""
    return any(letter.isdigit() for letter in step.reference)


_LINKS: dict[str, tuple[_Link, ...]] = {
    RECOVERY: (_same_claim, _same_reference, _refund_with_recovery),
    CARRIED: (_same_reference, _names_the_check, _carried_again, _same_amount_later),
    WITHHOLD: (_same_reference,),
    ADVANCE: (_same_reference,),
    SETTLEMENT: (_same_reference,),
    DEBT: (_same_reference,),
    UNDECIDED: (_same_claim, _same_reference),
}


class Advice(msgspec.Struct, frozen=True):
    """What an open chain means and what to do about it."""

    direction: str
    text: str
    action: str


_WILL_TAKE = Advice(
    "payer_will_take",
    "The payer corrected a claim and postponed the money: it still means to take it from a later "
    "check.",
    "Check the correction on the claim. Agree and wait, send a refund cheque (it then appears as "
    "72), or dispute it before it is taken.",
)
_TOOK = Advice(
    "payer_took",
    "The payer took money, and no correction or postponement of it is on file.",
    "Find the payer's notice. Where it corrected a claim, ask for the remittance with the "
    "reversal; else dispute it.",
)
_TAKEN_AGAIN = Advice(
    "payer_took",
    "The payer took the money although a refund cheque was sent for it: it has it twice.",
    "Send the payer the cheque's number and day and ask for the money; it then comes as 72.",
)
_CHEQUE = Advice(
    "payer_took",
    "A refund cheque was sent, and nothing on file says that the payer is owed so much.",
    "Look for the payer's correction; else ask for the cheque back, or undo its entry.",
)
_CAME_BACK = Advice(
    "payer_will_take",
    "A refund cheque for it came back: the payer still means to take the money.",
    "Ask the payer why it came back. Send it again, or wait for the payer to take it.",
)
_CARRIED = Advice(
    "payer_will_take",
    "The check would have been below zero: the payer carries the rest forward to a later one.",
    "Nothing: the next check should take it over. When none does for 60 days, ask the payer.",
)
_TAKEN_OVER = Advice(
    "payer_took",
    "The payer took over a balance from an earlier check that is not on file.",
    "Ask for the earlier remittance and import it.",
)
_WITHHELD = Advice(
    "payer_owes",
    "The payer withholds it and settles later.",
    "Watch for its return at the end of the contract's period.",
)
_RETURNED = Advice(
    "payer_will_take",
    "The payer returned more than it withheld here.",
    "Look whether earlier remittances are missing.",
)
_ADVANCED = Advice(
    "payer_will_take",
    "The payer paid in advance and will take it back from later checks.",
    "Nothing: it is taken back bit by bit.",
)
_OVERTAKEN = Advice(
    "payer_took",
    "The payer took back more than the advances that are on file.",
    "Look whether the remittance with the advance is missing; else dispute it.",
)
_SETTLE = Advice(
    "to_be_settled",
    "An interim amount of the facility's cost report.",
    "It is settled with the cost report.",
)
_ASK = Advice(
    "undecided",
    "The code does not say what the amount is for.",
    "Ask the payer; settle its exception (medcollect exceptions --kind provider_adjustment).",
)
_OTHER_DEBT = Advice(
    "payer_took",
    "The payer took it for somebody else's account: a lender, or an affiliated provider.",
    "Charge it to whom it belongs to.",
)

#: By kind: what a balance below zero means, and one above.
_ADVICE: dict[str, tuple[Advice, Advice]] = {
    RECOVERY: (_WILL_TAKE, _TOOK),
    CARRIED: (_CARRIED, _TAKEN_OVER),
    WITHHOLD: (_RETURNED, _WITHHELD),
    ADVANCE: (_ADVANCED, _OVERTAKEN),
    SETTLEMENT: (_SETTLE, _SETTLE),
    DEBT: (_OTHER_DEBT, _OTHER_DEBT),
    UNDECIDED: (_ASK, _ASK),
}
_DONE = Advice("settled", "Nothing is left of it.", "Nothing.")
_POSTED = Advice("final", "Income, expense or tax: posted to its own account.", "Nothing.")


def advice_on(chain: Chain) -> Advice:
    """What a chain means and what to do about it."""
    if chain.kind == FINAL:
        return _POSTED
    if not chain.is_open:
        return _DONE
    if chain.cheque and chain.balance > 0:
        return _TAKEN_AGAIN if chain.taken_again else _CHEQUE
    if chain.came_back and chain.balance < 0:
        return _CAME_BACK
    below, above = _ADVICE[chain.kind]
    return below if chain.balance < 0 else above
