"""Records that remittances and claims have in common.

Amounts are whole cents. Codes are kept as they were sent. ``segments`` are the raw segments of a
loop in file order, without terminators, so that no element is ever lost; ``unmodelled`` are those
among them whose identifier has no field of its own.
"""

from __future__ import annotations

from datetime import date

import msgspec


class Delimiters(msgspec.Struct, frozen=True, gc=False):
    """The four separators that an ISA declares."""

    element: str = "*"
    component: str = ":"
    terminator: str = "~"
    repetition: str = "^"


class RawSegment(msgspec.Struct, frozen=True, gc=False):
    """A segment as it stood: its 1-based number in the file and its text without terminator."""

    number: int
    text: str


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """The interchange and functional group around a transaction; empty text where it has none."""

    delimiters: Delimiters
    sender_id: str = ""
    receiver_id: str = ""
    interchange_date: date | None = None
    interchange_control_number: str = ""
    usage: str = ""
    functional_code: str = ""
    group_date: date | None = None
    group_control_number: str = ""
    version: str = ""


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One ST..SE: what it is and where it stood.

    ``kind`` is ST01 (``"835"``, ``"837"``, ``"999"`` ...). ``implementation`` is ``"835"``,
    ``"837P"``, ``"837I"``, ``"837D"`` or the kind itself. ``version`` is ST03, else GS08.
    ``index`` counts the ST of the file from 1; ``segment`` is the number of the ST segment.
    """

    kind: str
    implementation: str
    index: int
    segment: int
    control_number: str
    version: str
    envelope: Envelope


class Reference(msgspec.Struct, frozen=True, gc=False):
    """A REF segment: qualifier and value as sent."""

    qualifier: str
    value: str


class Amount(msgspec.Struct, frozen=True, gc=False):
    """An AMT segment: qualifier and cents.

    Informational only: it never posts, but for AMT*F5 of an 837.
    """

    qualifier: str
    cents: int


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """A QTY segment: qualifier and number as sent (units such as 1.333 stay exact)."""

    qualifier: str
    value: str


class Adjustment(msgspec.Struct, frozen=True, gc=False):
    """One CAS triplet: who bears the amount, why, and how much.

    A positive amount lowers the payment. ``quantity`` is as sent, empty when absent.
    """

    group: str
    reason: str
    cents: int
    quantity: str = ""


class Procedure(msgspec.Struct, frozen=True, gc=False):
    """A medical procedure composite (SVC01, SV101, SV202, SV301): qualifier, code, modifiers."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""


class Party(msgspec.Struct, frozen=True, gc=False):
    """A person or organisation: NM1 or N1 with its N3, N4 and REF.

    ``role`` is NM101 or N101; ``last_name`` holds an organisation's name; ``id_qualifier`` and
    ``id`` are NM108/NM109 or N103/N104; ``birth_date`` and ``gender`` come from DMG, ``death_date``
    from the PAT of a claim's patient.
    """

    role: str = ""
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    id: str = ""
    address: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    birth_date: date | None = None
    gender: str = ""
    references: tuple[Reference, ...] = ()
    death_date: date | None = None

    def reference(self, *qualifiers: str) -> str:
        """The value of the first REF with one of these qualifiers, else empty text."""
        for reference in self.references:
            if reference.qualifier in qualifiers:
                return reference.value
        return ""
