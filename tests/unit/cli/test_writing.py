"""``segments`` and ``write``: a file taken apart and put together."""

from __future__ import annotations

import subprocess
import sys
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
