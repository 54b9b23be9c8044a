"""``check`` and ``parse``: files read without a book."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_json_lines_hold_a_record_each(run: Runner) -> None:
    lines = run("parse", str(SAMPLES / "04-837d-dental-claim.edi")).out.splitlines()
    claims = [row for row in map(json.loads, lines) if row["type"] == "claim"]
    assert [claim["charge"] for claim in claims] == ["390.00"]
    assert "segments" not in claims[0]


def test_raw_segments_come_on_request(run: Runner) -> None:
    assert "CLP*CH5006*" in run("parse", SOUND, "--raw").out


def test_csv_is_a_folder_of_tables(run: Runner, tmp_path: Path) -> None:
    assert run("parse", SOUND, "--to", "csv", "--output", str(tmp_path / "tables")).code == 0
    text = (tmp_path / "tables" / "provider_adjustments.csv").read_text()
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["amount"] == "-4.10"


def test_json_tells_how_much_was_written(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "era.jsonl"
    answer = run("parse", SOUND, "--output", str(file), "--json").json()
    assert answer["documents"]["remittance"] == 1
    assert len(file.read_text().splitlines()) == 3


def test_errors_in_the_data_are_1(run: Runner) -> None:
    assert run("parse", LETTER).code == 1


@pytest.mark.parametrize("arguments", [("--to", "csv"), ("--to", "parquet"), ("--json",)])
def test_what_cannot_go_to_stdout_wants_a_place(run: Runner, arguments: tuple[str, ...]) -> None:
    assert run("parse", SOUND, *arguments).code == 2
