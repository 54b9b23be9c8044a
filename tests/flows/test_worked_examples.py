"""The worked examples of the rule book, as real files through the Python door.

Rule: claim_rules.md section 8; DESIGN 8.1 for the names of the figures. E15 states no claim figures
of its own: its payment total is what counts, and the claim keeps the figures of E14.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.specs import defects
from tests.support.worked import Example, examples, without_line_control_numbers

ALL = examples()
BY_ID = {example.id: example for example in ALL}
CROSSOVER_UNKNOWN = [e for e in examples(crossover_known=False) if e.id == "E05"]
FIGURES = {
    "insurance_paid": "insurance_paid",
    "written_off": "written_off",
    "patient_share": "patient_responsibility",
    "patient_paid": "patient_paid",
    "patient_due": "patient_due",
    "insurance_open": "insurance_open",
    "patient_credit": "credit",
}
E14_FIGURES = BY_ID["E14"].expected


def name(example: Example) -> str:
    return example.id


def figures_of(claim: dict[str, Any], expected: dict[str, Any]) -> dict[str, str]:
    """The claim's figures under the names the examples use, as far as they are expected."""
    return {ours: claim[FIGURES[ours]] for ours in expected if ours in FIGURES}


def figures_in(expected: dict[str, Any]) -> dict[str, str]:
    return {key: amount for key, amount in expected.items() if key in FIGURES}


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def assert_charge_is_explained(claim: dict[str, Any], charge: str) -> None:
    """charge = paid + written off + patient responsibility + insurance open - payer credit."""
    assert claim["charge"] == charge
    parts = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")
    explained = sum(cents(claim[part]) for part in parts) - cents(claim["payer_credit"])
    assert explained == cents(charge)


def assert_final_figures(book: Any, example: Example) -> dict[str, Any]:
    claim = book.claim(example.number)
    expected = example.expected or E14_FIGURES
    assert expected is not None
    assert figures_of(claim, expected) == figures_in(expected)
    assert_charge_is_explained(claim, example.raw["claim"]["charge"])
    return claim


@pytest.mark.parametrize("example", ALL, ids=name)
def test_the_built_files_prove_before_anything_else(example: Example) -> None:
    assert [defects(remit) for remit in example.remit_specs] == [[] for _ in example.remits]


@pytest.mark.parametrize("example", ALL + CROSSOVER_UNKNOWN, ids=name)
def test_claims_first_then_each_remittance(example: Example, tmp_path: Path, book_url: str) -> None:
    """Each remittance posts fully, the figures after each are right, and so are the final ones."""
    claims, remits = example.write(tmp_path)
    after_each = (example.expected or {}).get("after_each", [])
    with medcollect.open_book(book_url) as book:
        book.import_files([str(claims)])
        for index, path in enumerate(remits):
            answer = book.import_files([str(path)])
            raw = example.raw["remits"][index]
            assert answer["payments_total"] == raw["bpr02"]
            assert (answer["unapplied"], answer["exceptions"]) == ("0.00", 0)
            assert answer["posted"] == raw["bpr02"]
            assert answer["balanced"] is True
            if after_each:
                step = after_each[index]
                assert figures_of(book.claim(example.number), step) == step
        assert_final_figures(book, example)
        assert book.exceptions()["count"] == 0


@pytest.mark.parametrize("example", ALL + CROSSOVER_UNKNOWN, ids=name)
def test_remittances_before_the_claims(example: Example, tmp_path: Path, book_url: str) -> None:
    """The 837 arrives after every answer: the same final figures."""
    claims, remits = example.write(tmp_path)
    with medcollect.open_book(book_url) as book:
        for path in remits:
            book.import_files([str(path)])
        book.import_files([str(claims)])
        assert_final_figures(book, example)
        assert book.exceptions()["count"] == 0


@pytest.mark.parametrize("example", [e for e in ALL if len(e.remits) > 1], ids=name)
def test_remittances_newest_first(example: Example, tmp_path: Path, book_url: str) -> None:
    """The answers arrive in the wrong order: what comes too early waits, then the same figures."""
    claims, remits = example.write(tmp_path)
    with medcollect.open_book(book_url) as book:
        for path in [*reversed(remits), claims]:
            book.import_files([str(path)])
        assert_final_figures(book, example)
        assert book.exceptions()["count"] == 0


@pytest.mark.parametrize("example", ALL, ids=name)
def test_everything_in_one_import(example: Example, tmp_path: Path, book_url: str) -> None:
    """One import of the whole folder is as good as one import for each file."""
    example.write(tmp_path)
    with medcollect.open_book(book_url) as book:
        answer = book.import_files([str(p) for p in sorted(tmp_path.glob("*.edi"))])
        assert answer["unapplied"] == "0.00"
        assert_final_figures(book, example)


@pytest.mark.parametrize("example", ALL, ids=name)
def test_without_line_control_numbers(example: Example, tmp_path: Path, book_url: str) -> None:
    """A payer that returns no REF*6R: lines pair by code, date and charge."""
    claims, remits = without_line_control_numbers(example).write(tmp_path)
    with medcollect.open_book(book_url) as book:
        book.import_files([str(claims), *map(str, remits)])
        assert_final_figures(book, example)


def import_all(example: Example, folder: Path) -> dict[str, Any]:
    claims, remits = example.write(folder)
    with medcollect.open_book(f"sqlite:///{folder / 'book.db'}") as book:
        book.import_files([str(claims), *map(str, remits)])
        return assert_final_figures(book, example)


def test_a_signed_advance_notice_makes_the_amount_billable(tmp_path: Path) -> None:
    claim = import_all(BY_ID["E09"], tmp_path)
    assert claim["patient_billable"] == claim["patient_due"] == "90.00"


def test_an_unanswered_plan_question_holds_the_statement(tmp_path: Path) -> None:
    """E11: the patient's part, but first a letter that asks to answer the plan."""
    claim = import_all(BY_ID["E11"], tmp_path)
    assert claim["patient_billable"] == "0.00"
    held = [item for item in claim["not_billable"] if "patient_action_needed" in item["reason"]]
    assert sum(cents(item["amount"]) for item in held) == cents("160.00")


def test_a_claim_split_by_the_payer_is_no_duplicate(tmp_path: Path) -> None:
    """E23: two claim payments with one number, disjoint lines: both count."""
    claim = import_all(BY_ID["E23"], tmp_path)
    assert claim["insurance_paid"] == "290.00"
