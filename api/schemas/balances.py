"""Open balances of another system: what a table brought, how it is read, what goes out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.common import Answer, amount
from api.schemas.patient_payments import TableFinding
from api.schemas.reports import Cell, Column


class BalanceTotals(Answer):
    """Sums to hold against the other system's."""

    charge: Annotated[str, amount("Charges", "780.00")]
    insurance_paid: Annotated[str, amount("Paid by payers", "380.00")] = "0.00"
    written_off: Annotated[str, amount("Written off", "90.00")] = "0.00"
    patient_paid: Annotated[str, amount("Paid by patients, credits too", "25.00")] = "0.00"
    insurance_open: Annotated[str, amount("Open with payers, less their credit", "190.00")]
    patient_due: Annotated[str, amount("Due by patients, less their credit", "95.00")]


class WholeTable(BalanceTotals):
    """What a table holds in all, whatever of it was taken in."""

    claims: int = Field(description="Claims.", examples=[6])
    credits: int = Field(description="Patients' credits without a claim.", examples=[0])


class BalanceFile(Answer):
    """What became of a file."""

    path: str = Field(description="Its name.", examples=["old.xlsx"])
    sha256: str = Field(description="The hash of its bytes.", examples=["9f86d081..."])
    status: str = Field(
        description="imported, partial (claims are held), duplicate or rejected.",
        examples=["imported"],
    )
    findings: list[TableFinding] = Field(description="What is to be said of it.")


class OpenedClaim(Answer):
    """A claim that was taken in, as it stands now."""

    id: str = Field(description="Our claim.", examples=["C000001"])
    account: str = Field(description="Our account.", examples=["A000001"])
    patient_control_number: str = Field(description="Its number.", examples=["OB1001"])
    service_from: str | None = Field(description="First day of service.", examples=["2026-01-05"])
    state: str = Field(description="Whose money it is.", examples=["with_payer"])
    waiting_for: str | None = Field(description="The payer that owes.", examples=["PLAINFIELD"])
    charge: Annotated[str, amount("The charge", "100.00")]
    insurance_paid: Annotated[str, amount("Paid by payers", "0.00")]
    written_off: Annotated[str, amount("Written off", "0.00")]
    patient_responsibility: Annotated[str, amount("The patient's part", "0.00")]
    patient_paid: Annotated[str, amount("Paid by the patient", "0.00")]
    patient_due: Annotated[str, amount("Due by the patient", "0.00")]
    patient_billable: Annotated[str, amount("Of it, what may be billed", "0.00")]
    insurance_open: Annotated[str, amount("Open with payers", "100.00")]
    credit: Annotated[str, amount("Paid by the patient beyond it", "0.00")]
    payer_credit: Annotated[str, amount("Paid by payers beyond the charge", "0.00")]


class BalancesImported(Answer):
    """What a table of open balances brought in anew."""

    import_id: str | None = Field(
        alias="import", description="Names it for undo; null for a dry run.", examples=["I000001"]
    )
    dry_run: bool = Field(default=False, description="True: nothing was kept.")
    as_of: str = Field(description="The day they were drawn up for.", examples=["2026-03-31"])
    files: list[BalanceFile] = Field(description="The table.")
    claims: int = Field(description="New claims.", examples=[6])
    known: int = Field(description="Claims on file already.", examples=[0])
    held_claims: int = Field(description="Claims that do not add up.", examples=[0])
    credits: int = Field(description="New credits of patients without a claim.", examples=[0])
    totals: BalanceTotals = Field(description="What the new claims and credits add up to.")
    table: WholeTable = Field(description="What the table holds in all.")
    rows: list[OpenedClaim] = Field(description="Each new claim.")


class ReadColumn(Answer):
    """A column that is read, and from which heading."""

    column: str = Field(description="Our name for it.", examples=["charge"])
    heading: str = Field(description="Its heading in the table.", examples=["Total Charge"])


class ReadRow(Answer):
    """A row in our words."""

    line: int = Field(description="The line it stands on, from 1.", examples=[2])
    cells: dict[str, str] = Field(description="Its cells.", examples=[{"charge": "100.00"}])


class ReadTable(Answer):
    """How one table is read."""

    table: str = Field(description="claims, patients, lines or payments.", examples=["claims"])
    columns: list[ReadColumn] = Field(description="What is read.")
    not_read: list[str] = Field(description="Headings that are not.", examples=[["Remark"]])
    rows: list[ReadRow] = Field(description="The first rows.")


class BalancesPreview(Answer):
    """How a table of open balances is read; nothing is done with it."""

    preview: bool = Field(description="True.")
    tables: list[ReadTable] = Field(description="Each table of the file.")
    claims: int = Field(description="Claims.", examples=[6])
    credits: int = Field(description="Patients' credits without a claim.", examples=[0])
    totals: BalanceTotals = Field(description="What can be read adds up to this.")
    readable: bool = Field(description="False: nothing of it could be taken in.")
    findings: list[TableFinding] = Field(description="What is to be said of it.")


class ExportTotals(Answer):
    """Control totals for whoever takes the tables in."""

    charge: Annotated[str, amount("Charges", "780.00")]
    insurance_open: Annotated[str, amount("Open with payers", "190.00")]
    patient_due: Annotated[str, amount("Due by patients, less credits", "95.00")]
    total: Annotated[str, amount("Both together", "285.00")]


class BalanceTable(Answer):
    """One of the tables."""

    report: str = Field(description="Its name.", examples=["claims"])
    columns: list[Column] = Field(description="Its columns, in order.")
    rows: list[dict[str, Cell]] = Field(
        description="Values by column; what a row leaves out is empty.",
        examples=[[{"claim": "OB1001", "charge": "100.00"}]],
    )


class BalancesExported(Answer):
    """What is open, as the tables that are taken in."""

    as_of: str = Field(description="Today.", examples=["2026-03-31"])
    claims: int = Field(description="Claims.", examples=[6])
    credits: int = Field(description="Patients' credits without a claim.", examples=[0])
    totals: ExportTotals = Field(description="What they add up to.")
    tables: list[BalanceTable] = Field(
        description="claims, patients, lines, payments, flat; denials and exceptions beside."
    )
    notes: list[str] = Field(
        default=[],
        description="What does not go out with the balances.",
        examples=[["1 exception waits for a person."]],
    )
