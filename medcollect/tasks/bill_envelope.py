"""The file around the claims that are billed: envelope and transactions of what they came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from medcollect.errors import BadRequest, NotAllowed
from medcollect.model.claim import Claim
from medcollect.store.engine import counted, next_numbers
from medcollect.tasks.bill_kinds import BillOrder, Prepared
from medcollect.tasks.originals import OriginalClaim
from medcollect.x12.parts837 import element
from medcollect.x12.write import Body, OutgoingEnvelope, Segment, from_raw, write_file
from medcollect.x12.write837 import VERSIONS, under_levels

_CONTROL: Final = "control_numbers"
_TRANSACTIONS: Final = "transaction_numbers"
_CONTROL_MOST: Final = 999_999_999
_FORMS: Final = "PID"
_CLAIMS_PURPOSE: Final = "CH"


class Outgoing(msgspec.Struct, frozen=True):
    """A file that is ready: its text, ISA13, and its claims in their order with their places."""

    text: str
    control_number: str
    claims: list[tuple[int, Claim]]


def outgoing(
    connection: sa.Connection, found: Sequence[Prepared], order: BillOrder, moment: datetime
) -> Outgoing:
    """One interchange; a transaction for each form, and for each submitter and receiver of it."""
    runs = _runs(found)
    versions = {_version(found[places[0]]) for places in runs}
    control = _control_numbers(connection, len(versions), order.control_number)
    first = next_numbers(connection, _TRANSACTIONS, len(runs))
    bodies = []
    for number, places in enumerate(runs, first):
        opening = _header(found[places[0]].original, number, moment)
        claims = under_levels((found[i].parts.levels, found[i].parts.loop()) for i in places)
        bodies.append(Body("837", _version(found[places[0]]), [*opening, *claims]))
    envelope = _envelope(found, order, moment, control, first)
    in_order = [place for places in runs for place in places]
    return Outgoing(
        write_file(bodies, envelope),
        f"{control:09d}",
        [(place, found[place].claim) for place in in_order],
    )


def _runs(found: Sequence[Prepared]) -> list[list[int]]:
    """Places of the claims that share a transaction, in the order of forms."""
    runs: dict[tuple[int, str, tuple[str, ...]], list[int]] = {}
    for place, made in enumerate(found):
        form = made.parts.form
        key = (_FORMS.index(form), _version(made), made.original.header.segments[1:])
        runs.setdefault(key, []).append(place)
    return [places for _, places in sorted(runs.items(), key=lambda item: item[0])]


def _version(made: Prepared) -> str:
    return made.original.header.transaction.version or VERSIONS[made.parts.form]


def _control_numbers(connection: sa.Connection, count: int, wanted: int | None) -> int:
    """The next number of the book; a person may let it go on from a higher one."""
    if wanted is None:
        return next_numbers(connection, _CONTROL, count)
    (used,) = counted(connection, _CONTROL)
    if not used < wanted <= _CONTROL_MOST - count:
        raise BadRequest(
            f"Control number {wanted} cannot be given: this book has used {used}.",
            "Give a higher one of at most nine digits, or none.",
        )
    next_numbers(connection, _CONTROL, wanted - used - 1)
    return next_numbers(connection, _CONTROL, count)


def _header(original: OriginalClaim, number: int, moment: datetime) -> list[Segment]:
    """BHT with a number and time of its own; submitter and receiver as they were."""
    segments = [from_raw(text, original.marks) for text in original.header.segments]
    if not segments or segments[0][0] != "BHT":
        raise NotAllowed(
            "The claim's file has no beginning of its transaction (BHT, submitter, receiver).",
            "Write the claim where it was made.",
        )
    structure = element(segments[0], 1) or "0019"
    bht: Segment = ["BHT", structure, "00", f"{number:09d}", f"{moment:%Y%m%d}", f"{moment:%H%M}"]
    return [[*bht, element(segments[0], 6) or _CLAIMS_PURPOSE], *segments[1:]]


def _envelope(
    found: Sequence[Prepared], order: BillOrder, moment: datetime, control: int, first: int
) -> OutgoingEnvelope:
    """ISA and GS as the claims came, unless sender or receiver are given."""
    sides = {_sides(made.original) for made in found}
    if len(sides) > 1 and not (order.sender and order.receiver):
        raise NotAllowed(
            "The claims were sent by different senders or to different receivers.",
            "Write them to files of their own, or give --sender and --receiver.",
        )
    isa, gs = found[0].original.isa, found[0].original.gs
    if not isa and not (order.sender and order.receiver):
        raise NotAllowed("The claim's file has no envelope (ISA).", "Give --sender and --receiver.")
    return OutgoingEnvelope(
        sender_id=order.sender or element(isa, 6).strip(),
        receiver_id=order.receiver or element(isa, 8).strip(),
        created=moment,
        control_number=control,
        transaction_number=first,
        sender_qualifier=element(isa, 5) or "ZZ",
        receiver_qualifier=element(isa, 7) or "ZZ",
        usage=element(isa, 15) or "P",
        delimiters=found[0].original.marks,
        authorization=(
            element(isa, 1) or "00",
            element(isa, 2).strip(),
            element(isa, 3) or "00",
            element(isa, 4).strip(),
        ),
        acknowledgment=element(isa, 14) or "0",
        group_sender_id="" if order.sender else element(gs, 2).strip(),
        group_receiver_id="" if order.receiver else element(gs, 3).strip(),
    )


def _sides(original: OriginalClaim) -> tuple[str, ...]:
    """Who sends to whom, by ISA and GS."""
    isa, gs = original.isa, original.gs
    return (*(element(isa, i).strip() for i in (5, 6, 7, 8, 15)), element(gs, 2), element(gs, 3))
