"""Under any policies the order of files does not matter, and undo is exact (invariants 4 and 5)."""

from __future__ import annotations

from itertools import islice, permutations
from pathlib import Path

import pytest

from tests.flows.money.office import (
    HARBOR,
    LIFT,
    PLAIN,
    PRIMARY,
    SECONDARY,
    Office,
    a_837,
    an_835,
    claim,
    figures,
    sound,
    whole,
)
from tests.flows.money.test_stories import digest
from tests.support.specs import reversal

SMALL_ONE = whole("PCN1", "1", "100", "77", "CO-45 20, PR-3 3", control_number="A1")
SMALL_TWO = whole("PCN2", "1", "100", "76", "CO-45 20, PR-3 4", control_number="A2")

KEPT_BACK = """\
unmatched = "hold"

[[posting.payers]]
payer = "HARBOR*"
automatic = "none"

[[adjustments]]
group = "CO"
reason = "197"
effect = "write_off"
since = 2026-02-05
"""

STORIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "small rests of one patient, one of them taken back": (
        '[small_balance]\nper_claim = "5.00"\nper_patient = "6.00"\napproval = false\n',
        (
            a_837(claim("PCN1"), claim("PCN2")),
            an_835(SMALL_ONE),
            an_835(SMALL_TWO, days=3),
            an_835(reversal(SMALL_TWO), LIFT, days=8),
        ),
    ),
    "a payer kept back, an own rule, nothing opened": (
        KEPT_BACK,
        (
            a_837(claim("PCN1", payers=(PLAIN, HARBOR))),
            an_835(PRIMARY),
            an_835(SECONDARY, payer=HARBOR, days=4),
            an_835(whole("PCN3", "1", "100", "40", "CO-197 60"), days=5),
        ),
    ),
    "after the first answer": (
        '[small_balance]\nper_claim = "20.00"\nafter = "first_answer"\napproval = false\n',
        (
            a_837(claim("PCN1", payers=(PLAIN, HARBOR))),
            an_835(PRIMARY),
            an_835(SECONDARY, payer=HARBOR, days=4),
            an_835(reversal(PRIMARY), LIFT, days=8),
        ),
    ),
}


def book_of(folder: Path, policies: str, texts: list[str]) -> Office:
    folder.mkdir()
    (folder / "medcollect.toml").write_text(policies, encoding="utf-8")
    office = Office(folder)
    for text in texts:
        office.file(text)
    return office


@pytest.mark.parametrize("story", STORIES)
def test_every_order_of_files_gives_the_same_books(story: str, tmp_path: Path) -> None:
    """Every third of all orders: each file comes first, second, third and last."""
    policies, texts = STORIES[story]
    found = []
    for number, order in enumerate(islice(permutations(texts), 0, None, 3)):
        office = book_of(tmp_path / f"{number}", policies, list(order))
        found.append(figures(office))
        sound(office)
        office.book.close()
    assert [n for n, one in enumerate(found) if one != found[0]] == []


@pytest.mark.parametrize("story", STORIES)
def test_each_file_taken_back_leaves_what_the_others_give(story: str, tmp_path: Path) -> None:
    policies, texts = STORIES[story]
    office = book_of(tmp_path / "all", policies, list(texts))
    complete = figures(office)
    for number, text in enumerate(texts):
        others = [t for t in texts if t != text]
        fresh = book_of(tmp_path / f"without{number}", policies, others)
        named = office.book.imports(limit=500)["imports"]
        mine = next(i["id"] for i in reversed(named) if i["files"][0]["sha256"] == digest(text))
        office.book.undo(mine)
        assert figures(office) == figures(fresh), f"without file {number}"
        sound(office)
        office.file(text)
        assert figures(office) == complete, f"file {number} again"
        fresh.book.close()
    office.book.close()
