"""The README tells the truth: its examples run, its figures come out, no command is left out.

A code block after ``<!-- run -->`` (or ``<!-- run: exit 1 -->``) is run by bash, block after block
in one empty folder that holds the samples. A ``text`` block right after it shows what comes out:
every amount in it must be in the real output.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from medcollect.cli.app import app

PROJECT = Path(__file__).parents[2]
#: Pages of docs/ whose examples run like those of the README.
PAGES = ("denials.md", "open-balances.md", "contracts.md")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"<!-- run(?:: exit (?P<code>\d))? -->\n```bash\n(?P<script>.*?)```"
    r"(?:\n+```text\n(?P<output>.*?)```)?",
    re.DOTALL,
)
AMOUNT = re.compile(r"(?<![\d,.])\d[\d,]*\.\d\d(?![\d.])")
COMMANDS = sorted(command.name or "" for command in app.registered_commands)


class Example(NamedTuple):
    script: str
    code: int
    output: str


def examples(text: str = README) -> list[Example]:
    found = BLOCK.finditer(text)
    return [Example(m["script"], int(m["code"] or 0), m["output"] or "") for m in found]


def help_of(name: str) -> str:
    group = typer.main.get_command(app)
    context = group.make_context("medcollect", [name, "--help"], resilient_parsing=True)
    command = group.get_command(context, name)  # type: ignore[attr-defined]
    with command.make_context(f"medcollect {name}", [], resilient_parsing=True) as inner:
        return str(command.get_help(inner))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the samples and a ``medcollect`` command that runs this checkout."""
    (tmp_path / "edi_samples").symlink_to(PROJECT / "edi_samples")
    command = tmp_path / "bin" / "medcollect"
    command.parent.mkdir()
    run = "from medcollect.cli import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{run}" "$@"\n')
    command.chmod(0o755)
    python = command.parent / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path


def run_bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "MEDCOLLECT_BOOK"},
        "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "COLUMNS": "160",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_examples_run_and_give_the_amounts_they_show(folder: Path) -> None:
    assert len(examples()) >= 5
    come_out(examples(), folder)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(folder: Path, page: str) -> None:
    found = examples((PROJECT / "docs" / page).read_text(encoding="utf-8"))
    assert found
    come_out(found, folder)


def come_out(shown: list[Example], folder: Path) -> None:
    """Run examples one after the other; each gives its code and the amounts that it shows."""
    for example in shown:
        done = run_bash(example.script, folder)
        said = done.stdout + done.stderr
        assert done.returncode == example.code, f"{example.script}\n{said}"
        missing = [amount for amount in AMOUNT.findall(example.output) if amount not in said]
        assert not missing, f"{example.script}: {missing} not in\n{said}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"medcollect {name}" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_with_an_example(name: str) -> None:
    told = help_of(name)
    assert f"Examples:\n    medcollect {name}" in told
    assert len(told.split("Options:")[0]) > 60, "a paragraph says what the command does"


def test_the_two_commands_are_on_the_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:50])
    assert "medcollect demo" in first_screen
    assert "<!-- test command -->" in first_screen
    assert "pytest" in first_screen
