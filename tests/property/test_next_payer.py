"""Whatever a generated practice's payers answered: the claim to the next payer balances, or waits.

Every claim is billed as soon as it can be, in the middle of a world's story. What is written adds
up to the cent for each payer, is read again as the same facts, tells exactly the standing answers,
and importing it changes no figure.
"""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import openx12.x837p
import pytest

import medcollect
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed
from medcollect.model.claim import Claim
from medcollect.x12 import documents
from medcollect.x12.conformance import guide_findings
from tests.support.generate import World, seeded_world

FIGURES = (
    "charge", "insurance_paid", "written_off", "patient_responsibility", "insurance_open",
    "payer_credit",
)  # fmt: skip
SEEDS = range(30)


def read(text: str) -> list[Claim]:
    return [d for d in documents(io.BytesIO(text.encode())) if isinstance(d, Claim)]


def figures(book: Book) -> dict[str, Any]:
    rows = book.report("claims")["rows"]
    return {r["patient_control_number"]: [r[f] for f in FIGURES] for r in rows}


def assert_balanced(claim: Claim) -> None:
    """Both equations of claim_rules.md 5.6, written out again."""
    assert sum(line.charge_cents for line in claim.lines) == claim.charge_cents
    told = [payer for payer in claim.other_payers if payer.paid_cents is not None]
    assert told, "a claim to the next payer tells an answer"
    for payer in told:
        name = payer.coverage.payer.id
        left = claim.charge_cents - sum(a.cents for a in payer.adjustments)
        mine = [[d for d in line.adjudications if d.payer_id == name] for line in claim.lines]
        for line, decisions in zip(claim.lines, mine, strict=True):
            taken = sum(a.cents for d in decisions for a in d.adjustments)
            left -= taken
            if any(mine):
                assert line.charge_cents - taken == sum(d.paid_cents for d in decisions)
        assert left == payer.paid_cents


def standing(book: Book, number: str) -> Counter[tuple[str, int]]:
    """What the payers paid by the answers that stand, as the claim's own walk tells it."""
    paid: Counter[tuple[str, int]] = Counter()
    view = book.claim(number)
    sums: Counter[str] = Counter()
    for payment in view["payments"]:
        if payment["outcome"] == "posted":
            sums[payment["payer"]] += int(payment["paid"].replace(".", ""))
    for payer, cents in sums.items():
        paid[payer, cents] += 1
    return paid


def bill_what_can_be(book: Book, folder: Path, billed: list[dict[str, Any]]) -> Counter[str]:
    """Every claim to its next payer, and why the others were not."""
    refused: Counter[str] = Counter()
    for number in list(figures(book)):
        before = figures(book)
        try:
            made = book.bill([number], "next_payer", output=folder / f"{len(billed)}.837")
        except (NotAllowed, BadRequest) as error:
            refused["without what to do"] += not error.action
            refused[error.message[:40]] += 1
            continue
        billed.append(made)
        (claim,) = read(made["edi"])
        assert_balanced(claim)
        told = Counter(
            (p.coverage.payer.last_name, p.paid_cents)
            for p in claim.other_payers
            if p.paid_cents is not None
        )
        assert told == standing(book, number)
        assert figures(book) == before
        known = book.import_files([made["file"]])
        assert (known["claims"], known["duplicates"]) == (0, 1)
    return refused


def live(world: World, folder: Path) -> tuple[list[dict[str, Any]], Counter[str]]:
    """A world's story with every claim billed on as soon as its payer has answered."""
    billed: list[dict[str, Any]] = []
    refused: Counter[str] = Counter()
    with medcollect.open_book(f"sqlite:///{folder / 'book.db'}") as book:
        first = list(dict.fromkeys(c.number for c in world.claims))
        for number, text in enumerate(world.claim_files()[: len(first)]):
            path = folder / f"c{number}.edi"
            path.write_text(text, encoding="ascii", newline="")
            book.import_files([path])
        for number, text in enumerate(world.remit_files()):
            path = folder / f"r{number}.edi"
            path.write_text(text, encoding="ascii", newline="")
            book.import_files([path])
            refused += bill_what_can_be(book, folder, billed)
        assert len(book.report("claims")["rows"]) == len(world.truth)
    assert not refused["without what to do"]
    return billed, refused


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_billed_on_balances_and_tells_what_stands(seed: int, tmp_path: Path) -> None:
    live(seeded_world(seed), tmp_path)


def test_the_worlds_do_bill_on_and_others_read_it() -> None:
    """The test above would prove nothing if every claim were refused."""
    claims: list[dict[str, Any]] = []
    refused: Counter[str] = Counter()
    for seed in range(100, 125):
        with tempfile.TemporaryDirectory() as folder:
            billed, why = live(seeded_world(seed), Path(folder))
        claims += billed
        refused += why
    assert len(claims) >= 10, refused
    for made in claims:
        (claim,) = read(made["edi"])
        told = openx12.x837p.parse(made["edi"])
        assert round(told.total_billed * 100) == claim.charge_cents
        found = guide_findings(io.BytesIO(made["edi"].encode()))
        assert [f.message for f in found if f.severity != "info"] == []
