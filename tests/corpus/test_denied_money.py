"""All money that the published remittances refuse becomes denials, to the cent.

The expected sum is this file's own arithmetic over the raw text: segments split by hand, CAS
triplets added up by the reference kinds of claim_rules.md 2.3, nothing of our reader or ledger.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from medcollect import open_book
from medcollect.book import Book
from tests.support.corpus import claim_files, require_corpus

PROJECT = Path(__file__).parents[2]
#: The capitation reasons, a denial only from Medicare fee-for-service (CLP06 MA, MB).
CAPITATION = {"24", "120"}
#: Bundled: the price of another line only where that line carries the code and is paid.
BUNDLED = {"97", "236"}

#: File to refusals that are told twice, by a claim payment that stands twice: one case holds them.
TOLD_TWICE = {"835/pyx12-bad-header-looping.txt": [Decimal("500.04")]}

#: Who could have prevented a denial, and the kinds of no.
PEOPLE = {
    "authorization", "billing", "clinician", "coding", "front_desk", "nobody", "patient", "payer",
}  # fmt: skip
REFUSALS = {"true_denial", "soft_denial", "partial_denial"}

Segment = list[str]


def refusing_reasons() -> tuple[set[str], set[str]]:
    """The reasons of denials, and all that are known: another one is a case, too."""
    table = PROJECT / "medcollect" / "codes" / "data" / "reasons.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {r["code"] for r in rows if r["is_denial"] == "yes"}, {r["code"] for r in rows}


def segments(text: str) -> list[Segment]:
    """Split by hand: the terminator is the character after ISA16, ``~`` where there is no ISA."""
    start = text.find("ISA")
    if start < 0:
        element, end, body = "*", "~", text
    else:
        element, body = text[start + 3], text[start:]
        end = body.split(element)[16][1]
    pieces = (piece.strip() for piece in body.split(end))
    return [piece.split(element) for piece in pieces if piece]


def claims(text: str) -> Iterator[list[Segment]]:
    """The segments of each CLP loop."""
    current: list[Segment] | None = None
    for segment in segments(text):
        if segment[0] in {"CLP", "LX", "PLB", "SE", "ST"}:
            if current:
                yield current
            current = [segment] if segment[0] == "CLP" else None
        elif current is not None:
            current.append(segment)
    if current:
        yield current


def refused(claim: list[Segment], kinds: tuple[set[str], set[str]]) -> Iterator[Decimal]:
    """The amounts of a claim payment that the payer refused; a reversal refuses nothing."""
    head = [*claim[0], *[""] * 9]
    if head[2] == "22":
        return
    from_medicare = head[6] in {"MA", "MB"}
    for segment in claim:
        if segment[0] != "CAS" or segment[1] not in {"CO", "PI", "OA", "PR"}:
            continue
        for reason, amount in zip(segment[2::3], segment[3::3], strict=False):
            by_reason = reason in kinds[0] or (bool(reason) and reason not in kinds[1])
            if segment[1] != "PR" and reason in CAPITATION:
                by_reason = from_medicare
            elif segment[1] != "PR" and reason in BUNDLED:
                by_reason = True
            cents = Decimal(amount) if amount.lstrip("-").replace(".", "", 1).isdigit() else 0
            if by_reason and cents > 0:
                yield Decimal(cents)


@pytest.mark.parametrize("name", [name for name in claim_files() if name.startswith("835/")])
def test_all_refused_money_is_a_denial_with_category_action_and_deadline(name: str) -> None:
    path = require_corpus() / name
    kinds = refusing_reasons()
    text = path.read_bytes().decode("latin-1")
    expected = [amount for claim in claims(text) for amount in refused(claim, kinds)]
    with open_book("sqlite://") as book:
        book.import_files([str(path)])
        found = book.denials(status=None)["denials"]
        beyond = beyond_open(book)
    apart = [d for d in found if d["kind"] != "denied"]
    assert {d["amount"] for d in apart} <= {"0.00"}, "what was taken back is not denied money"
    found = [d for d in found if d["kind"] == "denied"]
    amounts = [Decimal(d["amount"]) for d in found] + TOLD_TWICE.get(name, [])
    if beyond:  # what was paid already cannot be denied: a person sees it as an exception
        assert sum(amounts) + beyond == sum(expected)
    else:
        assert sorted(amounts) == sorted(expected)
    for denial in found:
        insist_that_it_can_be_worked(denial)


def beyond_open(book: Book) -> Decimal:
    """What exceptions say was refused beyond what was open."""
    items = book.exceptions()["exceptions"]
    return sum(
        (Decimal(x["amount"]) for x in items if x["kind"] == "denial_exceeds_open"), Decimal(0)
    )


def insist_that_it_can_be_worked(denial: dict[str, Any]) -> None:
    """Category, action with steps, a date or the reason why there is none, and the rest."""
    for key in (
        "category",
        "next_action",
        "rules",
        "root_cause",
        "prevention",
        "evidence",
        "steps",
    ):
        assert denial[key], key
    assert denial["prevented_by"] in PEOPLE
    assert denial["refusal"] in REFUSALS
    assert denial["appealable"] in {True, False}
    assert denial["deadline_rule"], "the rule of the date, or why there is none"
    if denial["deadline"]:
        assert "Source: " in denial["deadline_rule"]
        assert denial["days_left"] is not None


def test_what_is_refused_after_it_was_paid_in_full_is_seen_by_a_person() -> None:
    """Three answers to one claim number: paid in full, all refused, then a part refused.

    claim_rules.md 4.2: no later answer denies more than was open before it; here nothing was.
    """
    for name in ("affect-emedny-sample.txt", "edi835parser-emedny-sample.txt"):
        with open_book("sqlite://") as book:
            book.import_files([str(require_corpus() / "835" / name)])
            assert book.denials(status=None)["count"] == 0
            seen = book.exceptions()["exceptions"]
        shown = [(x["kind"], x["amount"]) for x in seen]
        assert shown == [("denial_exceeds_open", "34.00"), ("denial_exceeds_open", "22.75")]


def test_the_corpus_refuses_money_at_all() -> None:
    kinds = refusing_reasons()
    folder = require_corpus() / "835"
    texts = (path.read_bytes().decode("latin-1") for path in folder.iterdir())
    amounts = [a for text in texts for claim in claims(text) for a in refused(claim, kinds)]
    assert len(amounts) > 20
