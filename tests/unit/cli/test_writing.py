"""``segments`` and ``write``: a file taken apart and put together."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run

Runner = Callable[..., Run]
SAMPLES = Path(__file__).parents[3] / "edi_samples"
FILES = sorted(SAMPLES.glob("*.edi"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_comes_back_to_the_byte(run: Runner, tmp_path: Path, path: Path) -> None:
    lines, back = tmp_path / "lines.jsonl", tmp_path / "back.edi"
    assert run("segments", str(path), "--output", str(lines)).code == 0
    assert run("write", str(lines), "--output", str(back)).code == 0
    assert back.read_bytes() == path.read_bytes()


def test_parse_to_segments_is_the_same(run: Runner, tmp_path: Path) -> None:
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    run("segments", str(FILES[0]), "--output", str(short))
    done = run("parse", str(FILES[0]), "--to", "segments", "--output", str(long))
    assert done.code == 0
    assert long.read_bytes() == short.read_bytes()


def test_parse_to_segments_masks_when_told(run: Runner, tmp_path: Path) -> None:
    lines, back, masked = (tmp_path / name for name in ("l.jsonl", "b.edi", "m.edi"))
    told = ("--mask", "--key", "secret")
    run("parse", str(FILES[0]), "--to", "segments", *told, "--output", str(lines))
    run("write", str(lines), "--output", str(back))
    run("mask", str(FILES[0]), "--key", "secret", "--output", str(masked))
    assert back.read_bytes() == masked.read_bytes() != FILES[0].read_bytes()
    assert run("parse", str(SAMPLES), "--to", "segments").code == 2
    letter = next(path for path in FILES if path.name.startswith("31"))
    assert run("parse", str(letter), "--to", "segments", *told, "--output", str(back)).code == 3


def test_what_is_parsed_to_records_is_not_written(run: Runner, tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    run("parse", str(FILES[0]), "--output", str(records))
    done = run("write", str(records), "--output", str(tmp_path / "out.edi"))
    assert (done.code, "--to segments" in done.err) == (2, True)


def test_the_answer_counts(run: Runner, tmp_path: Path) -> None:
    sent, lines = str(FILES[0]), tmp_path / "lines.jsonl"
    answer = run("segments", sent, "--output", str(lines), "--json").json()
    assert answer == {"interchanges": 1, "segments": FILES[0].read_bytes().count(b"~")}
    assert run("write", str(lines), "-o", str(tmp_path / "x"), "--json").json() == answer


def test_through_a_pipe_nothing_but_the_data_is_on_stdout() -> None:
    code = "from medcollect.cli import main; main()"
    call = [sys.executable, "-c", code]
    apart = subprocess.run([*call, "segments", str(FILES[0])], capture_output=True, check=True)
    back = subprocess.run(
        [*call, "write", "-"], input=apart.stdout, capture_output=True, check=True
    )
    assert back.stdout == FILES[0].read_bytes()


def test_what_was_not_taken_apart_is_2_and_leaves_nothing(run: Runner, tmp_path: Path) -> None:
    target = tmp_path / "out.edi"
    done = run("write", str(FILES[0]), "--output", str(target))
    assert done.code == 2
    assert "Line 1" in done.err
    assert list(tmp_path.iterdir()) == []


def test_data_beside_json_needs_a_place(run: Runner) -> None:
    assert run("segments", str(FILES[0]), "--json").code == 2


def test_a_folder_is_2_and_a_missing_file_is_3(run: Runner, tmp_path: Path) -> None:
    assert run("segments", str(SAMPLES)).code == 2
    assert run("segments", str(tmp_path / "none.edi")).code == 3


@pytest.mark.parametrize("command", ["mask", "segments", "write"])
def test_an_archive_beyond_a_limit_is_3_and_leaves_nothing(
    run: Runner, tmp_path: Path, command: str
) -> None:
    packed, target = tmp_path / "one.zip", tmp_path / "out"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(FILES[0], "one.edi")
    told = (command, str(packed), "--output", str(target))
    assert run(*told, "--limit", "member_bytes_max=100").code == 3
    assert list(tmp_path.iterdir()) == [packed]
    assert run(*told, "--limit", "bytes=100").code == 2
    if command != "write":
        assert run(*told, "--limit", "member_bytes_max=1000000").code == 0
        assert target.exists()


def test_no_limit_leaves_anything_out(run: Runner, tmp_path: Path) -> None:
    lines, back = tmp_path / "lines.jsonl", tmp_path / "back.edi"
    for call in (("segments",), ("parse", "--to", "segments")):
        told = (
            "--limit",
            "segments_max=3",
            "--limit",
            "elements_max=2",
            "--limit",
            "chunk_bytes=64",
        )
        assert run(*call, str(FILES[0]), *told, "--output", str(lines)).code == 0
        assert (
            run("write", str(lines), "--limit", "segments_max=3", "--output", str(back)).code == 0
        )
        assert back.read_bytes() == FILES[0].read_bytes()
