"""Answers of the reports."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from api.schemas.common import Answer, Day

Cell = str | int | bool | None


class ReportName(StrEnum):
    """The reports there are."""

    aging = "aging"
    patient_balances = "patient-balances"
    claims = "claims"
    denials = "denials"
    patterns = "patterns"
    overturns = "overturns"
    root_causes = "root-causes"
    no_answer = "no-answer"
    underpayments = "underpayments"
    remittances = "remittances"
    patient_payments = "patient-payments"
    imports = "imports"
    decisions = "decisions"
    correspondence = "correspondence"
    waiting = "waiting"
    provider_adjustments = "provider-adjustments"


class MovementName(StrEnum):
    """The reports of what moved between two days."""

    day_sheet = "day-sheet"
    trial_balance = "trial-balance"
    ledger = "ledger"
    closings = "closings"


class ReportFormat(StrEnum):
    """How a report is written."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"


class ReportShown(Answer):
    """One report that can be had."""

    name: ReportName = Field(description="Its name in the path.")
    shows: str = Field(description="What it shows.")


class ReportList(Answer):
    """The reports there are."""

    reports: list[ReportShown] = Field(description="All of them.")


class Column(Answer):
    """One column of a report."""

    name: str = Field(description="The key in each row.", examples=["patient_due"])
    type: Literal["money", "date", "number", "text"] = Field(
        description="What its cells hold; money is US dollars as a decimal string."
    )
    means: str = Field(description="What it means.", examples=["what the patient still owes"])


class Report(Answer):
    """One figure sheet."""

    report: str = Field(description="Its name.", examples=["aging"])
    as_of: Day
    parameters: dict[str, Cell] = Field(
        description="What it was asked with.", examples=[{"as_of": "2026-01-31"}]
    )
    columns: list[Column] = Field(description="Its columns, in order.")
    rows: list[dict[str, Cell]] = Field(
        description="One value for each column.", examples=[[{"patient_due": "25.00"}]]
    )
    totals: dict[str, Cell] = Field(
        description="The sums of the money columns.", examples=[{"patient_due": "25.00"}]
    )
