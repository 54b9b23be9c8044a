"""``medcollect mask`` and ``parse --mask``: what is written, told and refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.errors import BadRequest, NothingDone, NotReadable
from medcollect.tasks.mask import mask_file
from medcollect.tasks.parse import parse
from tests.unit.cli.conftest import Run, book, run  # noqa: F401 - fixtures
from tests.unit.test_parse import FILE

SAMPLES = Path(__file__).parents[3] / "edi_samples"
#: Two of a claim's ids in the code of a procedure: nothing that masking could mend.
SPOILT = FILE.replace("HC:99213", "HC:PCN12").replace("PCN1*", "PCN12*")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "era.835"
    file.write_text(FILE)
    return file


def test_the_copy_stands_beside_the_file_and_the_key_is_told(path: Path) -> None:
    answer = mask_file(path)

    assert answer["status"] == "masked"
    assert answer["output"] == str(path.with_name("era.masked.835"))
    again = mask_file(path, path.with_name("again"), key=answer["key"])
    assert again["key"] is None
    assert path.with_name("again").read_bytes() == Path(answer["output"]).read_bytes()
    assert path.read_text() == FILE


def test_without_a_key_every_run_has_its_own(path: Path) -> None:
    first, second = (mask_file(path, path.with_name(name)) for name in ("a", "b"))
    assert first["key"] != second["key"]
    assert path.with_name("a").read_bytes() != path.with_name("b").read_bytes()


def test_a_refused_file_is_not_written(path: Path) -> None:
    path.write_text(SPOILT)
    answer = mask_file(path, key="key")

    assert (answer["status"], answer["output"]) == ("refused", None)
    assert {f["code"] for f in answer["findings"]} == {"mask-incomplete"}
    assert [p.name for p in path.parent.iterdir()] == ["era.835"]


def test_requests_that_make_no_sense_are_refused(path: Path) -> None:
    for arguments in ((path, path), (path.parent, None)):
        with pytest.raises(BadRequest):
            mask_file(*arguments)
    with pytest.raises(BadRequest):
        mask_file(path, key=" ")
    with pytest.raises(BadRequest):
        mask_file("-", stdin=io.BytesIO(FILE.encode()))
    with pytest.raises(NotReadable):
        mask_file(path.with_name("gone"))
    with pytest.raises(NothingDone):
        mask_file(path, path / "below" / "a file")


def test_stdin_goes_to_the_output(path: Path) -> None:
    output = path.with_name("copy")
    mask_file("-", output, key="key", stdin=io.BytesIO(FILE.encode()))
    mask_file(path, path.with_name("other"), key="key")
    assert output.read_bytes() == path.with_name("other").read_bytes()


def test_parsing_masked_gives_what_the_masked_file_gives(path: Path) -> None:
    mask_file(path, path.with_name("copy"), key="key")
    first, second = io.StringIO(), io.StringIO()
    parse([path], output=first, mask_key="key", raw=True)
    parse([path.with_name("copy")], output=second, raw=True)

    def without_file(text: str) -> list[dict[str, Any]]:
        return [json.loads(line) | {"file": ""} for line in text.splitlines()]

    assert without_file(first.getvalue()) == without_file(second.getvalue())
    assert "SAMPLE" not in first.getvalue()


def test_parsing_masked_gives_nothing_of_a_refused_file(path: Path, tmp_path: Path) -> None:
    path.write_text(SPOILT)
    answer = parse([path], "csv", tmp_path / "out", mask_key="key")

    assert answer["findings"]["error"] > 0
    assert not any(answer["documents"].values())
    with (tmp_path / "out" / "findings.csv").open() as stream:
        assert {row["code"] for row in csv.DictReader(stream)} == {"mask-incomplete"}


def test_the_masked_samples_post_the_same_money(tmp_path: Path) -> None:
    """Under one key every 835 still finds its 837: all figures of the import are the same."""
    plain, masked = tmp_path / "plain", tmp_path / "masked"
    plain.mkdir()
    masked.mkdir()
    for sample in sorted(SAMPLES.glob("*.edi")):
        if mask_file(sample, masked / sample.name, key="key")["status"] == "masked":
            (plain / sample.name).write_bytes(sample.read_bytes())
    assert len(list(plain.iterdir())) > 25

    def figures(folder: Path) -> dict[str, Any]:
        with medcollect.open_book(f"sqlite:///{folder}.db") as opened:
            answer = opened.import_files([folder])
        return {name: value for name, value in answer.items() if name not in ("import", "files")}

    assert figures(masked) == figures(plain)


def test_the_command_tells_the_key_and_the_place(run: Callable[..., Run], path: Path) -> None:  # noqa: F811
    done = run("mask", str(path))
    assert done.code == 0
    assert "era.masked.835" in done.err
    assert "--key" in done.err


def test_the_command_refuses_with_3_and_says_where(run: Callable[..., Run], path: Path) -> None:  # noqa: F811
    path.write_text(SPOILT)
    done = run("mask", str(path), "--json")
    assert (done.code, done.json()["status"]) == (3, "refused")
    done = run("mask", str(path))
    assert done.code == 3
    assert "SVC01" in done.err
    assert "PCN12" not in done.err


def test_parse_masks_on_request(run: Callable[..., Run], path: Path) -> None:  # noqa: F811
    done = run("parse", str(path), "--mask")
    assert "SAMPLE" not in done.out
    assert "--key" in done.err
    assert run("parse", str(path), "--key", "k").code == 2
