"""The samples: written by their script, sound where they should be, and imported as expected.

The expected figures are worked out by hand (``tests.support.month``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.make_samples import FOLDER, documents
from tests.support.month.claims import CLAIMS, expected_claim
from tests.support.month.denials import DENIALS, DENIED_OPEN, REJECTED
from tests.support.month.files import FILES, MONTH, REMITS, WRONG_ON_PURPOSE
from tests.support.month.sample_file import SampleFile
from tests.support.specs import Remit, defects

NUMBERS = list(CLAIMS)


def test_the_script_reproduces_the_committed_files() -> None:
    """Byte for byte, and nothing else lies in the folder."""
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    assert committed == {name: text.encode("ascii") for name, text in documents().items()}


@pytest.mark.parametrize("remit", REMITS, ids=lambda remit: remit.trace)
def test_every_answer_proves_unless_it_is_wrong_on_purpose(remit: Remit) -> None:
    assert defects(remit) == WRONG_ON_PURPOSE.get(remit.trace, [])


@pytest.mark.parametrize("key", [key for key in MONTH if key not in {"claim_status", "balanced"}])
def test_the_month_is_the_sum_of_its_files(key: str) -> None:
    """The hand-made totals of the folder are those of its files."""
    figures = [sample.expected.get(key, 0) for sample in FILES]
    total = sum(cents(str(figure)) for figure in figures)
    assert cents(str(MONTH[key])) == total


@pytest.mark.parametrize("number", NUMBERS)
def test_the_expected_figures_explain_the_charge(number: str) -> None:
    """charge = paid + written off + patient responsibility + insurance open, in whole cents."""
    figures = expected_claim(CLAIMS[number])
    parts = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")
    assert sum(cents(figures[part]) for part in parts) == cents(figures["charge"])
    owed = cents(figures["patient_responsibility"]) - cents(figures["patient_paid"])
    assert cents(figures["patient_due"]) == max(owed, 0)
    assert cents(figures["credit"]) == max(-owed, 0)


def cents(text: str) -> int:
    return int(text.replace(".", ""))


class Month:
    """The whole month imported once, file by file."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.answers = {
            sample.name: book.import_files([str(FOLDER / sample.name)]) for sample in FILES
        }


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    database = tmp_path_factory.mktemp("month") / "book.db"
    with medcollect.open_book(f"sqlite:///{database}") as book:
        yield Month(book)


@pytest.mark.parametrize("sample", FILES, ids=lambda sample: sample.name)
def test_each_file_imports_as_expected(sample: SampleFile, month: Month) -> None:
    expected = json.loads((FOLDER / sample.expected_name).read_text(encoding="utf-8"))
    answer = month.answers[sample.name]
    assert [file["status"] for file in answer["files"]] == [expected["status"]]
    assert {key: answer[key] for key in expected["import"]} == expected["import"]


@pytest.mark.parametrize("sample", FILES, ids=lambda sample: sample.name)
def test_posted_and_unapplied_make_the_payment(sample: SampleFile, month: Month) -> None:
    answer = month.answers[sample.name]
    assert cents(answer["posted"]) + cents(answer["unapplied"]) == cents(answer["payments_total"])


@pytest.mark.parametrize("name", ["30-835-cut-off.edi", "31-letter-not-edi.edi"])
def test_a_broken_file_says_what_is_wrong(name: str, month: Month) -> None:
    findings = month.answers[name]["files"][0]["findings"]
    errors = [finding for finding in findings if finding["severity"] == "error"]
    assert errors
    assert all(finding["message"] and finding["action"] for finding in errors)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_claim_ends_as_expected(number: str, month: Month) -> None:
    expected = json.loads((FOLDER / "expected-claims.json").read_text(encoding="utf-8"))[number]
    claim = month.book.claim(number)
    assert {key: claim[key] for key in expected} == expected


def test_the_worklist_holds_exactly_the_open_denials(month: Month) -> None:
    """Every category under its claim and code; notices, prices and duplicates are not work."""
    worklist = month.book.denials()
    found = {
        item["patient_control_number"]: (
            f"{item['group']}-{item['reason']}",
            item["category"],
            item["amount"],
        )
        for item in worklist["denials"]
        if item["kind"] == "denied"
    }
    assert found == DENIALS
    assert worklist["count"] == len(DENIALS) + len(REJECTED)
    assert worklist["amount"] == DENIED_OPEN


def test_the_worklist_holds_the_rejected_claims_apart_from_the_denied(month: Month) -> None:
    """Nothing of them is denied; Medicare's limit for filing is a year from the date of service."""
    found = {
        item["patient_control_number"]: item
        for item in month.book.denials(category="rejected")["denials"]
    }
    assert {n: (i["reason"], i["at_stake"]) for n, i in found.items()} == REJECTED
    assert {i["amount"] for i in found.values()} == {"0.00"}
    assert found["CH9501"]["deadline"] == "2027-01-28"


def test_the_late_claims_show_what_came_back(month: Month) -> None:
    """From the 837 to the 277, each step with its day; the acceptance is the proof of filing."""
    chain = month.book.claim("CH9502")["chain"]
    assert [(s["date"], s["kind"], s["verdict"]) for s in chain] == [
        ("2026-03-12", "837", "sent"),
        ("2026-03-12", "TA1", "accepted"),
        ("2026-03-12", "999", "accepted"),
        ("2026-03-13", "277CA", "accepted"),
        ("2026-03-20", "277", "pending"),
    ]
    assert month.book.claim("CH9502")["proof_of_filing"]["date"] == "2026-03-13"
    (coverage,) = month.book.balance("CH9502")["coverage"]
    assert (coverage["verdict"], coverage["plan"]) == ("active", "PLAINFIELD GOLD PPO")
    deductible = next(s for s in coverage["cost_shares"] if s["kind"] == "deductible")
    assert (deductible["amount"], deductible["remaining"]) == ("1500.00", "400.00")
    assert coverage["other_payers"][0]["id"] == "GRM04"


def test_the_folder_in_one_import_gives_the_same_claims(tmp_path: Path) -> None:
    """The folder at once: documents that are no EDI are left out, the figures are the same."""
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        answer = book.import_files([str(FOLDER)])
        imported = {Path(file["path"]).name: file["status"] for file in answer["files"]}
        imported.pop(FOLDER.name, None)  # the folder itself may say what it left aside
        assert imported == {sample.name: sample.status for sample in FILES}
        assert {key: answer[key] for key in MONTH} == MONTH
        for number, item in CLAIMS.items():
            claim = book.claim(number)
            expected = expected_claim(item)
            assert {key: claim[key] for key in expected} == expected


def test_the_month_again_changes_nothing(tmp_path: Path) -> None:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([str(FOLDER)])
        before = [book.claim(number) for number in NUMBERS]
        again = book.import_files([str(FOLDER)])
        assert again["payments_total"] == "0.00"
        assert (again["remittances"], again["claims"], again["exceptions"]) == (0, 0, 0)
        assert [book.claim(number) for number in NUMBERS] == before
