"""The rows of the code tables as frozen records, with our own short words.

Categories, next actions and ``preventable`` are editorial judgment (reference/rulebook_index.md);
numbers, status and replacements follow the published lists of ``list_date``.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

#: Whether a reason refuses money: ``depends`` means that something else has to settle it.
DenialKind = Literal["yes", "no", "depends"]
Preventable = Literal["yes", "partly", "no"]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """A claim adjustment reason code (CARC).

    ``stop_date`` is the last day of a retired code, ``None`` where it is in use or the day is not
    certain (then ``stop_note`` says what is known). ``group_mandated`` holds the groups that the
    published list prescribes, ``groups_usual`` those that are common.
    """

    code: str
    label: str
    category: str
    denial: DenialKind
    next_action: str
    preventable: Preventable
    groups_usual: tuple[str, ...]
    group_mandated: tuple[str, ...]
    rarc_required: bool
    note: str
    deactivated: bool
    stop_date: date | None
    stop_note: str
    replaced_by: tuple[str, ...]
    list_date: str

    def active_on(self, day: date) -> bool:
        """Whether the code could be used on ``day``; a retired code of unknown end always could."""
        return not self.deactivated or self.stop_date is None or day <= self.stop_date


class Remark(msgspec.Struct, frozen=True, gc=False):
    """A remittance advice remark code (RARC).

    An ``alert`` informs and explains no adjustment. ``refines_carc`` names the reasons that the
    remark makes more precise (``any`` stands for all).
    """

    code: str
    label: str
    alert: bool
    category: str
    refines_carc: tuple[str, ...]
    next_action: str
    note: str
    deactivated: bool
    list_date: str

    def refines(self, reason: str) -> bool:
        """Whether the remark makes this reason more precise."""
        return reason in self.refines_carc or "any" in self.refines_carc


class ProviderAdjustmentCode(msgspec.Struct, frozen=True, gc=False):
    """A PLB code: its usual sign, how it is posted, and whether it belongs to a claim."""

    code: str
    label: str
    usual_sign: str
    posting_suggestion: str
    link_to_claim: str
    source: str


class ClaimStatus(msgspec.Struct, frozen=True, gc=False):
    """A CLP02 status. ``rank`` is the payer's place (1..3) where the status says so."""

    code: str
    label: str
    rank: int | None
    forwarded: bool
    in_5010: bool
    note: str


class FilingIndicator(msgspec.Struct, frozen=True, gc=False):
    """A kind of plan (SBR09, CLP06) and the ``payer_kind`` whose rules apply to it."""

    code: str
    label: str
    payer_kind: str
    note: str


class Group(msgspec.Struct, frozen=True, gc=False):
    """A CAS group: who bears the amount (``provider``, ``patient`` or ``neither``)."""

    code: str
    label: str
    bearer: str
    in_5010: bool
    note: str


class PlaceOfService(msgspec.Struct, frozen=True, gc=False):
    """A CMS place of service."""

    code: str
    label: str


class PayerRank(msgspec.Struct, frozen=True, gc=False):
    """An SBR01 code and the payer's place in the order, ``None`` for unknown (U)."""

    code: str
    label: str
    rank: int | None
