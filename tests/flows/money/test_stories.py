"""Every order of files, and every file taken back (DESIGN 6.1, invariants 4 and 5).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import pytest

from tests.flows.money.office import (
    ANSWERED,
    FIRST_VISIT,
    HARBOR,
    LIFT,
    LINE_ONE,
    LINE_TWO,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECOND_DAY,
    SECOND_VISIT,
    SECONDARY,
    SERVED,
    TWO_LINES,
    Office,
    a_837,
    an_835,
    at,
    claim,
    figures,
    sound,
    whole,
)
from tests.support.specs import (
    Claim,
    Line,
    PriorAnswer,
    cas,
    reversal,
    usd,
)


def ranked(filed: Claim) -> Claim:
    """The same claim filed to its second payer: the primary moves to loop 2320."""
    second, first = filed.coverages
    return replace(filed, coverages=(replace(second, rank="S"), replace(first, rank="P")))


PRIOR = PriorAnswer(PLAIN.id, usd("60"), ANSWERED, cas("CO-45 20, PR-2 20"))

STORIES: dict[str, tuple[str, ...]] = {
    "takeback and correction": (
        a_837(claim("PCN1")),
        an_835(PAID_80),
        an_835(reversal(PAID_80), LIFT, days=9),
        an_835(replace(PAID_80, paid=usd("60"), services=(), cas=cas("CO-45 40")), days=12),
    ),
    "primary, secondary, primary taken back": (
        a_837(claim("PCN1", payers=(PLAIN, HARBOR))),
        an_835(PRIMARY),
        an_835(SECONDARY, payer=HARBOR, days=4),
        an_835(reversal(PRIMARY), LIFT, days=8),
    ),
    "filed to the second payer with the first one's answer": (
        a_837(claim("PCN1", payers=(PLAIN, HARBOR))),
        a_837(ranked(claim("PCN1", payers=(HARBOR, PLAIN), prior=(PRIOR,))), days=30),
        an_835(PRIMARY),
        an_835(SECONDARY, payer=HARBOR, days=40),
    ),
    "visits under an account number": (
        a_837(claim("ACCT7"), claim("ACCT7", service_from=SECOND_DAY)),
        a_837(
            claim("ACCT7", Line("99214", usd("150")), service_from=SECOND_DAY, frequency="7"),
            days=20,
        ),
        an_835(at(SERVED, "80", "CO-45 20"), days=3),
        an_835(at(SECOND_DAY, "0", "CO-16 100"), days=5),
    ),
    "a void and a new claim": (
        a_837(claim("PCN1", patient_paid=usd("10"))),
        a_837(claim("PCN1", frequency="8"), days=5),
        a_837(claim("PCN1", Line("99214", usd("130"))), days=9),
        an_835(PAID_80, days=2),
    ),
    "two parts and a denial overturned": (
        a_837(claim("PCN1", *TWO_LINES)),
        an_835(LINE_ONE),
        an_835(LINE_TWO, days=4),
        an_835(reversal(LINE_TWO), replace(LINE_ONE, number="X"), days=9),
    ),
    "only remittances: parts, twins, strangers": (
        an_835(LINE_ONE, LINE_TWO),
        an_835(FIRST_VISIT, SECOND_VISIT, days=3),
        an_835(replace(SECONDARY, number="VISITA", charge=usd("40"), paid=usd("5"),
                       services=(), cas=cas("OA-23 35")), payer=HARBOR, days=6),
        an_835(whole("PCN1", "1", "100", "0", "CO-18 100"), days=7),
    ),
    "numbers that came back as 0": (
        a_837(claim("PCN1")),
        an_835(replace(PAID_80, number="0")),
        an_835(reversal(replace(PAID_80, number="0")), LIFT, days=6),
        an_835(whole("PCN1", "1", "100", "75", "CO-45 25", control_number="ICN200"), days=8),
    ),
}  # fmt: skip


def book_of(folder: Path, texts: list[str]) -> Office:
    folder.mkdir()
    office = Office(folder)
    for text in texts:
        office.file(text)
    return office


@pytest.mark.parametrize("story", STORIES)
def test_every_order_of_files_gives_the_same_books(story: str, tmp_path: Path) -> None:
    """Invariant 4: all orders of four files."""
    found = []
    for number, order in enumerate(permutations(STORIES[story])):
        office = book_of(tmp_path / f"{number}", list(order))
        found.append(figures(office))
        sound(office)
        office.book.close()
    different = [n for n, one in enumerate(found) if one != found[0]]
    assert different == []


@pytest.mark.parametrize("story", STORIES)
def test_each_file_taken_back_leaves_what_the_others_give(story: str, tmp_path: Path) -> None:
    """Invariant 5: undo one, compare with a book that never saw it, import it again."""
    texts = STORIES[story]
    office = book_of(tmp_path / "all", list(texts))
    complete = figures(office)
    for number, text in enumerate(texts):
        others = [t for t in texts if t != text]
        fresh = book_of(tmp_path / f"without{number}", others)
        named = office.book.imports(limit=500)["imports"]
        mine = next(i["id"] for i in reversed(named) if i["files"][0]["sha256"] == digest(text))
        office.book.undo(mine)
        assert figures(office) == figures(fresh), f"without file {number}"
        sound(office)
        office.file(text)
        assert figures(office) == complete, f"file {number} again"
        fresh.book.close()
    office.book.close()


def digest(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()
