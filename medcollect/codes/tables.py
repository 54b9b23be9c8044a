"""Looks codes up in the dated tables shipped as package data.

Each table is read once, when first asked for, with the csv module: importing this costs nothing.
A code that a table lacks is ``None``, never an error: lists change three times a year.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final, cast

from medcollect.codes.records import (
    ClaimStatus,
    DenialKind,
    FilingIndicator,
    Group,
    PayerRank,
    PlaceOfService,
    Preventable,
    ProviderAdjustmentCode,
    Reason,
    Remark,
)

Row = dict[str, str]

_PACKAGE: Final = "medcollect.codes"


def read_table(name: str) -> list[Row]:
    """Read the rows of the shipped table ``name`` (without ``.csv``), as text by column."""
    path = resources.files(_PACKAGE).joinpath("data").joinpath(f"{name}.csv")
    with path.open("r", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def reason(code: str) -> Reason | None:
    """Look up the claim adjustment reason (CARC) with this code, as ``"45"`` or ``"B7"``."""
    return reasons().get(code)


def remark(code: str) -> Remark | None:
    """Look up the remittance advice remark (RARC) with this code, as ``"M127"``."""
    return remarks().get(code)


def provider_adjustment_code(code: str) -> ProviderAdjustmentCode | None:
    """Look up the provider-level adjustment code of PLB03-1, as ``"WO"``."""
    return _provider_adjustment_codes().get(code)


def claim_status(code: str) -> ClaimStatus | None:
    """Look up the claim status of CLP02, as ``"1"`` or ``"22"``."""
    return _claim_statuses().get(code)


def filing_indicator(code: str) -> FilingIndicator | None:
    """Look up the kind of plan of CLP06 or SBR09, as ``"MB"``."""
    return _filing_indicators().get(code)


def group(code: str) -> Group | None:
    """Look up the adjustment group of CAS01, as ``"CO"``."""
    return _groups().get(code)


def place_of_service(code: str) -> PlaceOfService | None:
    """Look up the CMS place of service, as ``"11"``."""
    return _places_of_service().get(code)


def payer_rank(code: str) -> PayerRank | None:
    """Look up the payer's place in the order from SBR01, as ``"P"`` (1) or ``"A"`` (4)."""
    return _payer_ranks().get(code)


@lru_cache(maxsize=1)
def reasons() -> dict[str, Reason]:
    """Every claim adjustment reason by code, retired ones included."""
    return {row["code"]: _reason(row) for row in read_table("reasons")}


@lru_cache(maxsize=1)
def remarks() -> dict[str, Remark]:
    """Every remark code we hold by code, retired ones included; others exist that we do not."""
    return {row["code"]: _remark(row) for row in read_table("remarks")}


def _reason(row: Row) -> Reason:
    return Reason(
        code=row["code"],
        label=row["label"],
        category=row["category"],
        denial=cast("DenialKind", row["is_denial"]),
        next_action=row["next_action"],
        preventable=cast("Preventable", row["preventable"]),
        groups_usual=_list(row["groups_usual"]),
        group_mandated=_list(row["group_mandated"]),
        rarc_required=row["rarc_required"] == "yes",
        note=row["note"],
        deactivated=row["status"] == "deactivated",
        stop_date=date.fromisoformat(row["stop_date"]) if row["stop_date"] else None,
        stop_note=row["stop_note"],
        replaced_by=_list(row["replaced_by"]),
        list_date=row["list_date"],
    )


def _remark(row: Row) -> Remark:
    return Remark(
        code=row["code"],
        label=row["label"],
        alert=row["alert"] == "yes",
        category=row["category"],
        refines_carc=_list(row["refines_carc"]),
        next_action=row["next_action"],
        note=row["note"],
        deactivated=row["status"] == "deactivated",
        list_date=row["list_date"],
    )


@lru_cache(maxsize=1)
def _provider_adjustment_codes() -> dict[str, ProviderAdjustmentCode]:
    rows = read_table("provider_adjustments")
    return {row["code"]: ProviderAdjustmentCode(**row) for row in rows}


@lru_cache(maxsize=1)
def _claim_statuses() -> dict[str, ClaimStatus]:
    return {
        row["code"]: ClaimStatus(
            code=row["code"],
            label=row["label"],
            rank=int(row["rank"]) if row["rank"] else None,
            forwarded=row["forwarded"] == "yes",
            in_5010=row["in_5010"] == "yes",
            note=row["note"],
        )
        for row in read_table("claim_statuses")
    }


@lru_cache(maxsize=1)
def _filing_indicators() -> dict[str, FilingIndicator]:
    return {row["code"]: FilingIndicator(**row) for row in read_table("filing_indicators")}


@lru_cache(maxsize=1)
def _groups() -> dict[str, Group]:
    return {
        row["code"]: Group(
            code=row["code"],
            label=row["label"],
            bearer=row["bearer"],
            in_5010=row["in_5010"] == "yes",
            note=row["note"],
        )
        for row in read_table("groups")
    }


@lru_cache(maxsize=1)
def _places_of_service() -> dict[str, PlaceOfService]:
    return {row["code"]: PlaceOfService(**row) for row in read_table("places_of_service")}


@lru_cache(maxsize=1)
def _payer_ranks() -> dict[str, PayerRank]:
    return {
        row["code"]: PayerRank(row["code"], row["label"], int(row["rank"]) if row["rank"] else None)
        for row in read_table("payer_ranks")
    }


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
