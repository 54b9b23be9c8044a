"""Documents as data: nothing left out, amounts exact, the same sums in every form."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

from medcollect.model.claim import Claim
from medcollect.model.remittance import Remittance
from medcollect.reports import parquet
from medcollect.reports.csv_text import write_rows
from medcollect.reports.documents import FLAT_COLUMNS, as_data, flat_rows
from medcollect.x12 import read

SAMPLES = Path(__file__).parents[3] / "edi_samples"


def documents(pattern: str = "*.edi") -> list[Remittance | Claim]:
    return [document for path in sorted(SAMPLES.glob(pattern)) for document in read(str(path))]


def test_json_has_every_segment_and_amounts_as_text() -> None:
    (remittance,) = documents("25-*.edi")
    data = json.loads(json.dumps(as_data(remittance)))
    assert (data["document"], data["header"]["payment"]) == ("remittance", "1004.10")
    payment = data["claim_payments"][0]
    assert (payment["charge"], payment["paid"]) == ("1300.00", "1000.00")
    assert payment["segments"][0].startswith("CLP*CH5006*")
    assert data["end"]["provider_adjustments"][0]["amount"] == "-4.10"
    assert "_cents" not in json.dumps(data)


def test_every_check_is_the_sum_of_its_flat_rows() -> None:
    """Σ of claim_paid, once per claim payment, and of the provider adjustments is BPR02."""
    for remittance in documents("2[0-5]-835*.edi"):
        assert isinstance(remittance, Remittance)
        total, seen = Decimal(0), set()
        for row in flat_rows(remittance):
            key = (row["payer_claim_control_number"], row.get("claim_paid"))
            if row["document"] == "provider_adjustment":
                total += Decimal(row["paid"])
            elif key not in seen:
                seen.add(key)
                total += Decimal(row["claim_paid"])
        assert total * 100 == remittance.header.payment_cents


@pytest.mark.parametrize("pattern", ["01-*.edi", "03-*.edi", "04-*.edi"])
def test_the_lines_of_a_claim_add_up_to_its_charge(pattern: str) -> None:
    for claim in documents(pattern):
        assert isinstance(claim, Claim)
        charges = [Decimal(row["charge"]) for row in flat_rows(claim)]
        assert sum(charges) * 100 == claim.charge_cents


def test_what_has_no_lines_still_has_a_row() -> None:
    rows = [row for document in documents("13-*.edi") for row in flat_rows(document)]
    assert [row["claim_paid"] for row in rows] == ["2700.00"]


def test_flat_rows_keep_to_their_columns() -> None:
    rows = [row for document in documents() for row in flat_rows(document)]
    assert len(rows) > 100
    assert not {name for row in rows for name in row} - set(FLAT_COLUMNS)


def test_csv_and_parquet_hold_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_ROWS_PER_GROUP", 7)
    rows = [row for document in documents() for row in flat_rows(document)]
    out = io.StringIO()
    write_rows(out, FLAT_COLUMNS, rows)
    out.seek(0)
    told = list(csv.DictReader(out))
    path = tmp_path / "lines.parquet"
    assert parquet.write_parquet(rows, path) == len(rows)
    stored = pyarrow.parquet.read_table(path).to_pylist()
    assert len(told) == len(stored) == len(rows)
    for text, typed in zip(told, stored, strict=True):
        assert text["claim_charge"] == ("" if typed["claim_charge"] is None
                                        else str(typed["claim_charge"]))  # fmt: skip
        assert text["service_from"] == str(typed["service_from"] or "")
