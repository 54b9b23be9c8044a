"""``check`` and ``parse``: files read without a book."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from medcollect.cli.reading import DataFormat
from tests.unit.cli.conftest import Run

Runner = Callable[..., Run]
SAMPLES = Path(__file__).parents[3] / "edi_samples"
SOUND = str(SAMPLES / "25-835-late-payment-interest.edi")
OFF = str(SAMPLES / "28-835-check-does-not-balance.edi")
LETTER = str(SAMPLES / "31-letter-not-edi.edi")


def test_a_sound_file_is_0_and_tells_its_figures(run: Runner) -> None:
    done = run("check", SOUND)
    assert (done.code, done.out) == (0, "")
    for figure in ("1,300.00", "1,000.00", "-4.10", "1,004.10"):
        assert figure in done.err


def test_a_check_that_is_off_is_1_and_says_by_how_much(run: Runner) -> None:
    done = run("check", OFF)
    assert done.code == 1
    assert "a difference of 10.00" in done.err


def test_the_same_as_json(run: Runner) -> None:
    done = run("check", OFF, SOUND, "--json")
    assert (done.code, done.err) == (1, "")
    answer = done.json()
    assert [file["transactions"][0]["balanced"] for file in answer["files"]] == [False, True]
    assert answer["balanced"] is False
    finding = answer["files"][0]["findings"][0]
    assert {"code", "severity", "segment", "message", "action"} <= set(finding)


def test_a_letter_is_refused(run: Runner) -> None:
    answer = run("check", LETTER, "--json").json()
    assert answer["files"][0]["status"] == "rejected"


def test_the_999_is_written(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "answer.999"
    run("check", SOUND, "--ack", str(file))
    assert "AK1*HP*" in file.read_text()
    assert "IK5*A~" in file.read_text()


def test_the_guide_has_its_say(run: Runner) -> None:
    findings = run("check", SOUND, "--guide", "--json").json()["files"][0]["findings"]
    assert all(finding["code"].startswith("guide-") for finding in findings)


@pytest.mark.parametrize("command", ["check", "parse"])
def test_a_file_that_is_not_there_is_3(run: Runner, command: str) -> None:
    done = run(command, "missing.835")
    assert done.code == 3
    assert "missing.835" in done.err


def test_json_lines_hold_a_document_each(run: Runner) -> None:
    done = run("parse", str(SAMPLES / "04-837d-dental-claim.edi"))
    (document,) = [json.loads(line) for line in done.out.splitlines()]
    assert (document["document"], document["charge"]) == ("claim", "390.00")


def test_csv_has_a_row_per_line(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    run("parse", SOUND, "--to", "csv", "--output", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [row["document"] for row in rows][-1] == "provider_adjustment"
    assert rows[-1]["paid"] == "4.10"


def test_json_is_one_document(run: Runner) -> None:
    answer = run("parse", SOUND, "--json").json()
    assert [document["document"] for document in answer["documents"]] == ["remittance"]
    assert answer["findings"] == []


def test_errors_in_the_data_are_1(run: Runner) -> None:
    assert run("parse", LETTER).code == 1


def test_parquet_wants_a_file(run: Runner) -> None:
    assert run("parse", SOUND, "--to", DataFormat.parquet).code == 2


def test_parquet_without_pyarrow_says_what_to_install(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    file = tmp_path / "lines.parquet"
    done = run("parse", SOUND, "--to", "parquet", "--output", str(file))
    assert done.code == 3
    assert "medcollect[bulk]" in done.err
