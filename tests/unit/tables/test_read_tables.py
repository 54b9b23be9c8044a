"""``read_tables``: exact typed tables whose keys join, and the dictionary that describes them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import medcollect
from medcollect.errors import NotReadable
from medcollect.tables import dictionary
from medcollect.tasks.frames import column_name
from medcollect.tasks.parse_columns import ROWS, TABLES
from tests.unit.test_parse import FILE

PROJECT = Path(__file__).parents[3]
SAMPLES = PROJECT / "edi_samples"
PAYMENT = ["file", "transaction", "claim_payment"]

#: A secondary claim: the first payer paid 60, adjusted at the claim and on the line.
SECONDARY = (
    "SBR*P*18*******CI~CAS*PR*1*10~AMT*D*60~OI***Y***Y~NM1*IL*1*SAMPLE*ANN****MI*M9~"
    "NM1*PR*2*OLDER HEALTH*****PI*88888~REF*F8*ICN9~LX*1~"
)
SECONDARY_LINE = (
    "DTP*472*D8*20260102~SVD*88888*60*HC:99213**1~CAS*CO*45*30~DTP*573*D8*20260104~SE*26*0002~"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file.edi"
    text = FILE.replace("LX*1~SV1", SECONDARY + "SV1", 1)
    file.write_text(text.replace("DTP*472*D8*20260102~SE*16*0002~", SECONDARY_LINE))
    return file


def test_every_table_has_its_columns_even_when_empty(tmp_path: Path) -> None:
    (tmp_path / "a.edi").write_text("no EDI at all")
    tables = medcollect.read_tables(tmp_path)

    assert list(tables) == list(TABLES)
    for name, columns in TABLES.items():
        assert list(tables[name].columns) == [column_name(column) for column in columns]
    assert list(tables["findings"]["code"]) == ["no-edi"]


def test_amounts_are_whole_cents_and_nothing_is_a_float() -> None:
    tables = medcollect.read_tables([SAMPLES])

    for frame in tables.values():
        assert not [name for name in frame if pd.api.types.is_float_dtype(frame[name])]
        cents = [name for name in frame if name.endswith("_cents")]
        assert all(pd.api.types.is_integer_dtype(frame[name]) for name in cents)


def test_codes_are_categories_and_dates_are_dates(path: Path) -> None:
    tables = medcollect.read_tables(path)

    assert isinstance(tables["adjustments"]["reason"].dtype, pd.CategoricalDtype)
    assert tables["service_payments"]["service_from"][0] == pd.Timestamp("2026-01-02")
    assert tables["claim_payments"]["received_date"].isna().all()
    assert tables["claim_payments"]["received_date"].dtype == "datetime64[s]"


def test_the_keys_join_and_the_money_adds_up() -> None:
    """Lines join their claim payment; claim payments add up to the remittance's own sums."""
    tables = medcollect.read_tables([SAMPLES])
    joined = tables["service_payments"].merge(
        tables["claim_payments"], on=PAYMENT, how="left", validate="many_to_one", indicator=True
    )
    assert len(joined) == len(tables["service_payments"]) > 50
    assert (joined["_merge"] == "both").all()

    keys = ["file", "transaction"]
    sums = tables["claim_payments"].groupby(keys, observed=True)["paid_cents"].sum()
    stated = tables["remittances"].set_index(keys)["paid_cents"]
    assert (sums.reindex(stated.index, fill_value=0) == stated).all()


def test_remarks_stand_with_their_claim_or_line(path: Path) -> None:
    (remark,) = medcollect.read_tables(path)["remarks"].to_dict("records")
    assert (remark["claim_payment"], remark["line"], remark["list"], remark["code"]) == (
        1, 1, "HE", "N115",
    )  # fmt: skip


def test_diagnoses_have_the_position_that_lines_point_at(path: Path) -> None:
    diagnoses = medcollect.read_tables(path)["diagnoses"]
    assert list(zip(diagnoses["position"], diagnoses["code"], strict=True)) == [
        (1, "J020"), (2, "E119"),
    ]  # fmt: skip


def test_other_payers_come_with_what_they_paid_and_adjusted(path: Path) -> None:
    tables = medcollect.read_tables(path)
    (other,) = tables["other_payers"].to_dict("records")
    adjustments = tables["other_payer_adjustments"]

    assert (other["payer_id"], other["paid_cents"], other["member_id"]) == ("88888", 6000, "M9")
    assert list(adjustments["amount_cents"]) == [1000, 3000]
    assert adjustments["line"].isna().tolist() == [True, False]
    assert set(adjustments["payer_id"]) == {"88888"}


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        medcollect.read_tables(tmp_path / "gone")


def test_every_column_and_table_says_what_it_means() -> None:
    assert set(ROWS) == set(TABLES)
    assert all(column.means for columns in TABLES.values() for column in columns)


def test_the_dictionary_in_the_docs_is_that_of_the_code() -> None:
    """When it fails: ``python -m medcollect.tables`` writes it anew."""
    assert (PROJECT / "docs" / "tables.md").read_text(encoding="utf-8") == dictionary()
