"""import --dry-run: exactly what would post, and nothing of it kept."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from medcollect.book import Book
from tests.flows.money.office import (
    HARBOR,
    OSCAR,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    Office,
    cents,
    claim,
    figures,
    whole,
)
from tests.support.builder import Envelope, build_835, build_837
from tests.support.generate import seeded_world
from tests.support.specs import ProviderAdjustment, reversal


def dry(office: Office, *answers: Any, days: int = 0, **more: Any) -> dict[str, Any]:
    remit = office.payment(*answers, days=days, **more)
    path = office.write(build_835([remit], Envelope(day=remit.day, control=office.sent + 1)))
    answer = office.book.import_files([path], dry_run=True)
    office.waiting = path  # type: ignore[attr-defined]
    found: dict[str, Any] = answer["would_post"]
    return found


def for_real(office: Office) -> dict[str, Any]:
    answer: dict[str, Any] = office.book.import_files([office.waiting])  # type: ignore[attr-defined]
    return answer


def rows(plan: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [row for row in plan["rows"] if row["row"] == kind]


def sums(row: dict[str, Any]) -> dict[str, int]:
    total: dict[str, int] = {}
    for entry in row["entries"]:
        for leg in entry["postings"]:
            total[leg["account"]] = total.get(leg["account"], 0) + cents(leg["amount"])
    return total


def test_a_matched_payment_shows_claim_rule_score_and_entries(office: Office) -> None:
    office.bill(claim("PCN1"))
    before = figures(office)
    plan = dry(office, PAID_80)
    (row,) = rows(plan, "claim_payment")
    assert (row["claim"], row["claim_is_new"], row["outcome"]) == ("C000001", False, "posted")
    assert (row["rule"], row["score"]) == ("patient_control_number", 100)
    assert sums(row) == {"unapplied": 8000, "insurance_receivable": -10000, "contractual": 2000}
    (receipt,) = rows(plan, "entry")
    assert (receipt["cause"], receipt["remittance"]) == ("receipt", "R000002")
    assert plan["accounts"]["payer_cash"] == "80.00"
    assert figures(office) == before
    for_real(office)
    assert office.book.claim("PCN1")["insurance_paid"] == "80.00"


def test_what_it_shows_is_what_the_import_posts(office: Office) -> None:
    """The sums of every account are those of the journal afterwards."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    plan = dry(office, PRIMARY, whole("X9", "2", "50", "10", "OA-23 40"),
               provider_adjustments=(ProviderAdjustment("CS", "Q1", 300),))  # fmt: skip
    query = "SELECT account, SUM(cents) FROM postings GROUP BY account"
    before = dict(office.sql(query))
    done = for_real(office)
    after = dict(office.sql(query))
    moved = {a: c - before.get(a, 0) for a, c in after.items()}
    shown = {a: cents(t) for a, t in plan["accounts"].items()}
    assert {a: c for a, c in shown.items() if c} == {a: c for a, c in moved.items() if c}
    assert plan["opens"]["count"] == done["exceptions"] == 2


def test_exceptions_that_open_and_settle(office: Office) -> None:
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(SECONDARY, payer=HARBOR, days=5)
    plan = dry(office, PRIMARY, whole("LOST", "2", "50", "10", "OA-23 40", patient=OSCAR))
    (opens,) = rows(plan, "opens")
    assert (opens["kind"], opens["patient_control_number"]) == ("no_claim", "LOST")
    (settles,) = rows(plan, "settles")
    assert (settles["kind"], settles["amount"]) == ("waiting_for_earlier_payer", "15.00")
    assert plan["settles"] == {"count": 1, "amount": "15.00"}
    held = next(r for r in rows(plan, "claim_payment") if r["patient_control_number"] == "LOST")
    assert (held["claim"], held["outcome"], held["entries"]) == (None, "exception", [])


def test_a_claim_that_would_be_opened_is_new(office: Office) -> None:
    plan = dry(office, PAID_80)
    (row,) = rows(plan, "claim_payment")
    assert (row["claim_is_new"], row["rule"]) == (True, "opened")
    assert office.book.claims()["claims"] == []


def test_corrections_of_what_is_posted_are_marked(office: Office) -> None:
    """A takeback comes as the payment's own entries; the original stays, so that both show."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    plan = dry(office, reversal(PAID_80), whole("PCN1", "1", "100", "90", "CO-45 10"), days=9)
    takeback, corrected = rows(plan, "claim_payment")
    assert sums(takeback)["unapplied"] == -8000
    assert sums(corrected)["unapplied"] == 9000


def test_every_row_can_be_taken_one_by_one(office: Office) -> None:
    office.bill(claim("PCN1"))
    taken: list[dict[str, Any]] = []
    remit = office.payment(PAID_80)
    path = office.write(build_835([remit], Envelope(day=remit.day, control=9)))
    answer = office.book.import_files([path], dry_run=True, details=taken.append)
    assert [row["row"] for row in taken] == ["claim_payment", "entry"]
    assert "rows" not in answer["would_post"]
    assert all(not key.startswith("_") for row in taken for key in row)


@pytest.mark.parametrize("count", [401])
def test_more_rows_than_a_page_holds(office: Office, count: int) -> None:
    many = [
        whole(f"N{n:04d}", "1", "10", "8", "CO-45 2", member_id=f"M{n:04d}") for n in range(count)
    ]
    plan = dry(office, *many)
    assert len(rows(plan, "claim_payment")) == count
    assert plan["claim_payments"]["posted"] == {"count": count, "paid": f"{8 * count}.00"}


# -- dry run and import say the same -----------------------------------------------------------

SAMPLES = sorted((Path(__file__).parents[3] / "edi_samples").glob("*.edi"))


def agree(book: Book, files: list[Path]) -> None:
    """The figures of a dry run are those of the import after it, and its rows add up to them."""
    shown = book.import_files(files, dry_run=True)
    before = _accounts(book)
    done = book.import_files(files)
    plan = shown.pop("would_post")
    assert shown.pop("dry_run")
    assert {**shown, "import": done["import"]} == done

    counts = {outcome: found["count"] for outcome, found in plan["claim_payments"].items()}
    again = counts.pop("reissued", 0)
    assert sum(counts.values()) == done["claim_payments"]
    assert bool(again) == bool(done["reissued"])
    assert plan["opens"]["count"] == done["exceptions"]
    assert plan["settles"] == done["settled"]
    after = _accounts(book)
    moved = {name: after[name] - before.get(name, 0) for name in after}
    assert {n: cents(a) for n, a in plan["accounts"].items() if cents(a)} == {
        n: c for n, c in moved.items() if c
    }
    entries = [e for row in plan["rows"] for e in row.get("entries", [row]) if "postings" in e]
    sums: Counter[str] = Counter()
    for entry in entries:
        for leg in entry["postings"]:
            sums[leg["account"]] += cents(leg["amount"])
    assert {n: c for n, c in sums.items() if c} == {n: c for n, c in moved.items() if c}
    charged = Counter(e["claim"] for e in plan["rows"] if e["row"] == "entry"
                      and e["cause"] == "charge" and not e["takes_back"])  # fmt: skip
    assert set(charged.values()) <= {1}


def _accounts(book: Book) -> dict[str, int]:
    rows = book.report("trial-balance", as_of=date(2999, 1, 1))["rows"]
    found: Counter[str] = Counter()
    for row in rows:
        found[row["ledger_account"]] += cents(row["balance"])
    return dict(found)


@pytest.mark.parametrize("order", ["as they came", "backwards", "one by one"])
def test_the_samples_come_in_as_the_dry_run_said(either_office: Office, order: str) -> None:
    batches = [[path] for path in SAMPLES] if order == "one by one" else [SAMPLES]
    for batch in batches:
        agree(either_office.book, batch[::-1] if order == "backwards" else batch)


@pytest.mark.parametrize("seed", range(6))
def test_generated_offices_come_in_as_the_dry_run_said(either_office: Office, seed: int) -> None:
    """Claims and answers of an office in any order, in two imports that overlap."""
    world = seeded_world(seed)
    paths = [either_office.write(text) for text in (*world.claim_files(), *world.remit_files())]
    random.Random(seed).shuffle(paths)
    half = len(paths) // 2
    agree(either_office.book, paths[: half + 1])
    agree(either_office.book, paths[half - 1 :])


def test_the_claim_after_its_answer_is_charged_once(office: Office) -> None:
    """The 835 opens the claim, the 837 of the same import joins it: one charge is shown."""
    answer = office.payment(PAID_80)
    paths = [
        office.write(build_835([answer], Envelope(day=answer.day, control=91))),
        office.write(build_837([claim("PCN1")], Envelope(control=92))),
    ]
    plan = office.book.import_files(paths, dry_run=True)["would_post"]
    causes = [(r["cause"], r["takes_back"]) for r in rows(plan, "entry") if r["claim"]]
    assert causes == [("charge", False)]
    agree(office.book, paths)
