"""``parse``: documents as JSON lines, CSV and Parquet, exact and whole."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from medcollect.errors import BadRequest, NothingDone, NotReadable
from medcollect.tasks import parse_writers
from medcollect.tasks.parse import parse
from medcollect.tasks.parse_columns import TABLES

ENVELOPE = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *260105*1200*^*00501"
    "*000000001*0*P*:~GS*HP*PAYER*PRACTICE*20260105*1200*1*X*005010X221A1~"
)
REMITTANCE = (
    "ST*835*0001~BPR*I*50*C*CHK************20260105~TRN*1*T1*1999999999~DTM*405*20260105~"
    "N1*PR*INVENTED HEALTH*XV*99999~N1*PE*INVENTED CLINIC*XX*1234567893~LX*1~"
    "CLP*PCN1*1*100*80*15*12*ICN1*11*1~CAS*CO*253*5~NM1*QC*1*SAMPLE*ANN****MI*M1~"
    "SVC*HC:99213:25:GT*100*85**1.5~DTM*472*20260102~CAS*PR*2*15*3~AMT*B6*100~LQ*HE*N115~"
    "ZZZ*KEPT~PLB*1234567893*20261231*WO:ICN0*30~SE*18*0001~"
)
CLAIMS = (
    "ST*837*0002*005010X222A1~BHT*0019*00*1*20260105*1200*CH~HL*1**20*1~"
    "NM1*85*2*INVENTED CLINIC*****XX*1234567893~HL*2*1*22*0~SBR*P*18*******CI~"
    "NM1*IL*1*SAMPLE*ANN****MI*M1~DMG*D8*19800101*F~NM1*PR*2*INVENTED HEALTH*****PI*99999~"
    "CLM*PCN1*100***11:B:1*Y*A*Y*Y~AMT*F5*7.5~HI*ABK:J020*ABF:E119~LX*1~"
    "SV1*HC:99213:25*100*UN*1***1:2~DTP*472*D8*20260102~SE*16*0002~"
)
FILE = ENVELOPE + REMITTANCE + CLAIMS + "GE*2*1~IEA*1*000000001~"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file.edi"
    file.write_text(FILE)
    return file


def lines(path: Path, **options: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    parse([path], output=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def some(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


def test_each_document_is_a_line_that_says_what_it_is_and_where_it_stood(path: Path) -> None:
    found = [d for d in lines(path) if d["type"] != "finding"]

    assert [(d["type"], d["transaction"]) for d in found] == [
        ("remittance", 1), ("claim_payment", 1), ("remittance_end", 1),
        ("claims_header", 2), ("claim", 2), ("claims_end", 2),
    ]  # fmt: skip
    assert {d["file"] for d in found} == {str(path)}
    assert some(found[0], "segment", "version", "payment") == [3, "005010X221A1", "50.00"]


def test_amounts_are_exact_text_and_dates_iso(path: Path) -> None:
    by_type = {d["type"]: d for d in lines(path)}
    payment = by_type["claim_payment"]
    (line,) = payment["services"]

    assert some(payment, "charge", "paid", "patient_responsibility") == ["100.00", "80.00", "15.00"]
    assert payment["adjustments"] == [
        {"group": "CO", "reason": "253", "amount": "5.00", "quantity": ""}
    ]
    assert some(line, "units", "service_from") == ["1.5", "2026-01-02"]
    assert line["amounts"] == [{"qualifier": "B6", "amount": "100.00"}]
    assert by_type["remittance_end"]["provider_adjustments"][0]["amount"] == "30.00"
    assert by_type["claim"]["patient_paid"] == "7.50"


def test_no_name_in_the_lines_still_speaks_of_cents(path: Path) -> None:
    assert "cents" not in json.dumps(lines(path, raw=True))


def test_segments_we_have_no_field_for_are_kept(path: Path) -> None:
    assert "ZZZ*KEPT" in json.dumps(lines(path))


def test_raw_segments_come_on_request(path: Path) -> None:
    plain, raw = (
        next(d for d in lines(path, raw=wanted) if d["type"] == "claim_payment")
        for wanted in (False, True)
    )

    assert "segments" not in plain
    assert raw["segments"][0] == "CLP*PCN1*1*100*80*15*12*ICN1*11*1"


def test_the_answer_counts_documents_and_findings(path: Path) -> None:
    answer = parse([path], output=io.StringIO())

    assert answer["files"] == 1
    assert (answer["documents"]["claim_payment"], answer["documents"]["claim"]) == (1, 1)
    assert set(answer["findings"]) == {"error", "warning", "info"}


def test_what_cannot_be_read_is_a_finding_among_the_documents(tmp_path: Path) -> None:
    (tmp_path / "a.edi").write_text("not EDI at all\n" * 30)
    (tmp_path / "b.edi").write_text(FILE)
    found = lines(tmp_path)

    assert found[0]["type"] == "finding"
    assert found[0]["file"].endswith("a.edi")
    assert any(d["type"] == "claim" for d in found)


def test_csv_has_a_file_for_each_table_with_its_columns(path: Path, tmp_path: Path) -> None:
    parse([path], "csv", tmp_path / "out")

    for name, columns in TABLES.items():
        with (tmp_path / "out" / f"{name}.csv").open() as stream:
            assert next(csv.reader(stream)) == [column.name for column in columns]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {f"{n}.csv" for n in TABLES}


def test_csv_rows_hold_the_figures_and_point_at_each_other(path: Path, tmp_path: Path) -> None:
    parse([path], "csv", tmp_path / "out")
    read = {name: table(tmp_path / "out", name) for name in TABLES}

    (remittance,) = read["remittances"]
    assert some(remittance, "payment", "paid", "provider_adjustments", "trace_number") == [
        "50.00", "80.00", "30.00", "T1",
    ]  # fmt: skip
    assert some(remittance, "balanced", "payment_date") == ["true", "2026-01-05"]
    (payment,) = read["claim_payments"]
    assert some(payment, "claim_payment", "patient_control_number", "member_id", "paid") == [
        "1", "PCN1", "M1", "80.00",
    ]  # fmt: skip
    (line,) = read["service_payments"]
    assert some(line, "claim_payment", "line", "procedure", "modifiers", "allowed", "remarks") == [
        "1", "1", "99213", "25 GT", "100.00", "N115",
    ]  # fmt: skip
    assert [some(a, "line", "group", "reason", "amount") for a in read["adjustments"]] == [
        ["", "CO", "253", "5.00"], ["1", "PR", "2", "15.00"],
    ]  # fmt: skip
    assert some(read["provider_adjustments"][0], "code", "amount") == ["WO", "30.00"]
    (claim,) = read["claims"]
    assert some(claim, "transaction", "charge", "diagnoses", "patient_paid", "lines") == [
        "2", "100.00", "J020 E119", "7.50", "1",
    ]  # fmt: skip
    assert some(read["service_lines"][0], "claim", "diagnosis_pointers") == ["1", "1 2"]


def test_parquet_has_exact_decimals_and_dates(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyarrow import parquet as pq

    monkeypatch.setattr(parse_writers, "_BATCH_ROWS", 1)
    parse([path], "parquet", tmp_path / "out")
    tables = {n: pq.read_table(tmp_path / "out" / f"{n}.parquet").to_pylist() for n in TABLES}

    assert tables["claim_payments"][0]["paid"] == Decimal("80.00")
    assert tables["service_payments"][0]["service_from"] == date(2026, 1, 2)
    assert [a["amount"] for a in tables["adjustments"]] == [Decimal("5.00"), Decimal("15.00")]
    assert tables["adjustments"][0]["line"] is None
    assert tables["remittances"][0]["balanced"] is True


def test_parquet_without_pyarrow_says_what_to_install(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(NothingDone) as raised:
        parse([path], "parquet", tmp_path / "out")
    assert "pip install medcollect[bulk]" in raised.value.action
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("to", "output"), [("xml", Path("x")), ("csv", io.StringIO()), ("csv", None)]
)
def test_a_request_that_makes_no_sense_is_refused(path: Path, to: str, output: Any) -> None:
    with pytest.raises(BadRequest):
        parse([path], to, output)


def test_a_missing_file_raises_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        parse([tmp_path / "gone"], "csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["jsonl", "csv", "parquet"])
def test_a_run_that_breaks_off_leaves_no_half_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    def stop(done: int, total: int, label: str) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        parse([path], to, output, progress=stop)

    assert not output.exists() or not list(output.iterdir())


def test_a_place_that_cannot_be_written_says_so(path: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")

    for to, output in (("csv", "taken"), ("jsonl", "taken/x"), ("parquet", "taken/x")):
        with pytest.raises(NothingDone, match="cannot be written"):
            parse([path], to, tmp_path / output)


def test_a_disk_that_fails_while_reading_is_a_finding(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **_options: object) -> Any:
        raise OSError(5, "Input/output error")
        yield

    monkeypatch.setattr("medcollect.tasks.parse.documents", fail)

    assert [d["code"] for d in lines(path)] == ["file-unreadable"]
