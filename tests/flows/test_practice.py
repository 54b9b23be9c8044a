"""A generated practice with known truth: what is matched, and what the books say in the end.

See ``tests/practice/README.md``. The figures of a run are printed (``pytest -s``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import medcollect
from tests.practice.desk import Desk, Matched
from tests.practice.practice import Practice, make_practice
from tests.support.specs import defects

#: At least so many claim payments find their claim without a person.
MATCHED_MIN = 0.995


def judge(practice: Practice, url: str, folder: Path, *, backwards: bool = False) -> Matched:
    """Import everything, settle what waits as the truth says, and compare with the truth."""
    paths = practice.write(folder)
    with medcollect.open_book(url) as book:
        book.import_files(paths[::-1] if backwards else paths)
        desk = Desk(book, url, practice)
        found = desk.matched()
        assert found.wrong == []
        desk.settle()
        sys.stdout.write(
            f"\n{found.payments} claim payments, {found.share:.2%} matched by rule: "
            f"{dict(found.rules)}; settled by a person: {dict(desk.settled)}\n"
        )
        assert desk.matched().wrong == []
        assert desk.differences() == []
        assert desk.checks_that_differ() == []
        desk.engine.dispose()
    return found


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "newest first"])
def test_a_small_practice(book_url: str, tmp_path: Path, backwards: bool) -> None:
    """Some hundred claims, on either database, in the order of arrival and the other way round."""
    found = judge(make_practice(3, 250), book_url, tmp_path, backwards=backwards)
    assert found.payments > 300
    assert found.share >= MATCHED_MIN


def test_twenty_thousand_claims(tmp_path: Path) -> None:
    """Two years of a group; a minute and a half on one core."""
    practice = make_practice(1, 20_000)
    found = judge(practice, f"sqlite:///{tmp_path / 'book.db'}", tmp_path)
    assert len(practice.stories) >= 20_000
    assert found.share >= MATCHED_MIN


def test_every_check_of_the_practice_proves() -> None:
    """What the payers say adds up: the generator's own arithmetic."""
    assert [d for check in make_practice(2, 600).checks for d in defects(check.remit)] == []


def test_the_same_seed_gives_the_same_practice(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    texts = []
    for folder in folders:
        folder.mkdir()
        texts.append([path.read_bytes() for path in make_practice(5, 60).write(folder)])
    assert texts[0] == texts[1]
