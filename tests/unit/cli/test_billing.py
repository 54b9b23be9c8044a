"""``bill``: what is asked of the book, and what a person sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_book import BILLED, FakeBook

Runner = Callable[..., Run]


def test_the_options_reach_the_book(run: Runner, book: FakeBook) -> None:
    done = run(
        "bill", "PCN1", "C000002", "--next-payer", "--set", "note=a=b", "--coverage", "payer=X",
        "--payer", "S", "--not-received", "--reason", "asked", "--user", "rosa", "-o", "o.837",
    )  # fmt: skip
    assert done.code == 0
    name, arguments, named = book.asked[-1]
    assert (name, arguments) == ("bill", (["PCN1", "C000002"], "next_payer"))
    assert named["fields"] == {"note": "a=b"}
    assert named["coverage"] == {"payer": "X"}
    assert (named["payer"], named["not_received"], named["user"]) == ("S", True, "rosa")
    assert named["output"] == Path("o.837")


def test_old_and_new_are_shown_and_that_nothing_is_written(run: Runner) -> None:
    told = run("bill", "PCN1", "--replace").err
    for expected in ("PCN1", "1,500.00", "ICN9", "SV101-3", "25", "Told together.", "--output"):
        assert expected in told


def test_what_is_written_can_be_taken_back(run: Runner, book: FakeBook) -> None:
    book.answers["bill"] = {**BILLED, "written": True, "file": "fix.837", "import": "I000009"}
    told = run("bill", "PCN1", "--replace", "-o", "fix.837").err
    assert "fix.837" in told
    assert "medcollect undo I000009" in told


@pytest.mark.parametrize(
    "options", [(), ("--void", "--again"), ("--void", "--set", "note"), ("--void", "--set", "=1")]
)
def test_what_is_not_understood_asks_nothing(
    run: Runner, book: FakeBook, options: tuple[str, ...]
) -> None:
    assert run("bill", "PCN1", *options).code == 2
    assert book.asked == []


def test_findings_of_severity_error_are_an_exit_code(run: Runner, book: FakeBook) -> None:
    found = {"code": "x", "severity": "error", "segment": 3, "message": "m", "action": "a"}
    book.answers["bill"] = {**BILLED, "findings": [found]}
    assert run("bill", "PCN1", "--again").code == 1
