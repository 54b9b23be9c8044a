"""Every file that a command writes with patients' data is its owner's alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import medcollect
from medcollect.cli.app import app
from tests.flows.test_letters import MONTH, SAMPLES, denial_of

ERA, CLAIMS = str(MONTH[2]), str(MONTH[0])
OTHER = str(SAMPLES / "05-835-commercial-copay-and-deductible.edi")


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('office')}/book.db"
    with medcollect.open_book(url) as book:
        book.import_files(MONTH)
        book.attach(denial_of(book, "CH2007"), ERA, user="kim")
    return url


@pytest.mark.parametrize(
    "arguments",
    [
        ("letter", "N000007", "--to", "OUT/a.pdf", "--anyway"),
        ("letter", "N000007", "--to", "OUT/a.docx", "--anyway"),
        ("letter", "--all", "--category", "cob", "--to", "OUT/letters", "--format", "docx"),
        ("attachment", "W000001-1", "--save", "OUT"),
        ("denials", "--csv", "OUT/a.csv", "--xlsx", "OUT/a.xlsx"),
        ("report", "claims", "--output", "OUT/a.csv"),
        ("report", "claims", "--output", "OUT/a.xlsx"),
        ("report", "claims", "--output", "OUT/a.json"),
        ("export-balances", "--output", "OUT/a.xlsx"),
        ("export-balances", "--output", "OUT/a.csv"),
        ("export-balances", "--output", "OUT/tables"),
        ("parse", ERA, "--to", "jsonl", "--output", "OUT/a.jsonl"),
        ("parse", ERA, "--to", "csv", "--output", "OUT/tables"),
        ("parse", ERA, "--to", "parquet", "--output", "OUT/tables"),
        ("segments", ERA, "--output", "OUT/a.jsonl"),
        ("import", OTHER, "--dry-run", "--details", "OUT/a.jsonl"),
        ("check", CLAIMS, "--ack", "OUT/a.999", "--ta1", "OUT/a.ta1"),
        ("underpayments", "--csv", "OUT/a.csv", "--xlsx", "OUT/a.xlsx"),
    ],
    ids=" ".join,
)
def test_what_a_command_writes_is_private(
    office: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = [word.replace("OUT", str(tmp_path)) for word in arguments]
    done = CliRunner().invoke(app, ["--book", office, *said])
    assert done.exit_code in {0, 1}, done.output
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written, done.output
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_a_masked_file_may_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "shown.835"
    done = CliRunner().invoke(app, ["mask", ERA, "--output", str(path)])
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
