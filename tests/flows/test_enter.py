"""Explanations of benefits on paper are remittances: the same proofs, matching and undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed, NotReadable
from medcollect.tasks.enter_sheet import COLUMNS, read_sheet, template

SAMPLES = Path(__file__).parents[2] / "edi_samples"
CLAIMS = SAMPLES / "01-837p-january-visits-commercial.edi"
ANSWERS = SAMPLES / "05-835-commercial-copay-and-deductible.edi"
HEADING = (
    "payer,payment_number,payment_date,payment_amount,claim,status,service_from,procedure,charge,"
    "paid,adjustments,provider_adjustment,provider_adjustment_amount\n"
)
VISIT = "PLAINFIELD MUTUAL HEALTH,10442,2026-02-20,75.00,CH1001,1,2026-01-19,99213,150.00,75.00,"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as opened:
        opened.import_files([CLAIMS])
        yield opened


def enter(book: Book, folder: Path, rows: str, **more: Any) -> dict[str, Any]:
    sheet = folder / "eob.csv"
    sheet.write_text(HEADING + rows, encoding="utf-8")
    return book.enter_sheet(sheet, user="dana", **more)


def test_a_line_posts_as_if_it_had_come_in_a_file(book: Book, tmp_path: Path) -> None:
    """E01 on paper: 150 charged, 75 paid, 50 written off, 25 the patient's, paid at the desk."""
    answer = enter(book, tmp_path, VISIT + '"CO-45 50.00; PR-3 25.00",,\n')

    assert (answer["matched"], answer["posted"], answer["exceptions"]) == (1, "75.00", 0)
    assert answer["balanced"]
    claim = book.claim("CH1001")
    assert (claim["insurance_paid"], claim["written_off"]) == ("75.00", "50.00")
    assert (claim["patient_responsibility"], claim["patient_due"]) == ("25.00", "0.00")


def test_entering_it_twice_posts_once_and_undo_takes_it_back(book: Book, tmp_path: Path) -> None:
    before = book.claim("CH1001")
    rows = VISIT + '"CO-45 50.00; PR-3 25.00",,\n'
    first = enter(book, tmp_path, rows)
    again = enter(book, tmp_path, rows)

    assert (again["duplicates"], again["posted"]) == (1, "0.00")
    book.undo(first["import"], reason="mistyped")
    book.undo(again["import"], reason="mistyped")
    left = ("state", "insurance_paid", "insurance_open", "patient_responsibility")
    assert {key: book.claim("CH1001")[key] for key in left} == {key: before[key] for key in left}


def test_a_dry_run_keeps_nothing(book: Book, tmp_path: Path) -> None:
    answer = enter(book, tmp_path, VISIT + "CO-45 75.00,,\n", dry_run=True)

    assert answer["import"] is None
    assert answer["posted"] == "75.00"
    assert book.claim("CH1001")["insurance_paid"] == "0.00"


def test_a_line_that_does_not_prove_is_held(book: Book, tmp_path: Path) -> None:
    """150 less 45 is not 75: nothing posts to the claim, the money waits for a person."""
    answer = enter(book, tmp_path, VISIT + "CO-45 45.00,,\n")

    assert not answer["balanced"]
    assert (answer["posted"], answer["unapplied"]) == ("0.00", "75.00")
    assert book.claim("CH1001")["insurance_paid"] == "0.00"


def test_what_the_payer_kept_lowers_the_check(book: Book, tmp_path: Path) -> None:
    rows = VISIT.replace(",75.00,CH1001", ",60.00,CH1001") + "CO-45 75.00,,\n"
    rows += ",,,,,,,,,,,WO:ICN7,15.00\n"
    answer = enter(book, tmp_path, rows)

    assert answer["balanced"]
    assert answer["provider_adjustments"] == "15.00"
    assert (answer["payments_total"], answer["posted"]) == ("60.00", "60.00")


def test_the_same_payment_from_the_payer_later_is_known(book: Book, tmp_path: Path) -> None:
    """A payer's numbers are those of its remittances, so the check and its 835 are one payment."""
    book.import_files([ANSWERS])
    payment = book.report("remittances")["rows"][0]
    rows = f"{payment['payer']},{payment['trace_number']},{payment['payment_date']},"
    rows += f"{payment['payment']},CH1001,1,2026-01-19,99213,150.00,{payment['payment']},,,\n"
    answer = enter(book, tmp_path, rows)

    assert answer["reissued"] == 1
    assert answer["posted"] == "0.00"


def test_a_payment_on_file_under_another_payers_number_is_refused(
    book: Book, tmp_path: Path
) -> None:
    enter(book, tmp_path, VISIT + "CO-45 75.00,,\n")
    rows = VISIT.replace("PLAINFIELD MUTUAL HEALTH", "PLAINFIELD") + "CO-45 75.00,,\n"
    sheet = tmp_path / "eob.csv"
    sheet.write_text(HEADING.replace("payer,", "payer,payer_id,", 1) + rows.replace(
        "PLAINFIELD,", "PLAINFIELD,1999000999,"), encoding="utf-8")  # fmt: skip

    with pytest.raises(NotAllowed, match="on file"):
        book.enter_sheet(sheet, user="dana")


def test_a_sheet_with_something_unreadable_posts_nothing(book: Book, tmp_path: Path) -> None:
    """Each faulty row is named by its line; the sound ones are not posted either."""
    rows = VISIT + "CO-45 75.00,,\n"
    rows += ",,,,CH1002,,2026-01-19,99213,oops,10.00,,,\n"
    rows += ",,,,CH1003,,2026-13-19,99213,10.00,10.00,XX-45 1,,\n"
    answer = enter(book, tmp_path, rows)

    assert answer["import"] is None
    lines = [finding["segment"] for finding in answer["files"][0]["findings"]]
    assert sorted(set(lines)) == [3, 4]
    assert not any("oops" in f["message"] for f in answer["files"][0]["findings"])
    assert book.report("remittances")["rows"] == []


def test_a_payment_needs_its_number_and_a_claim_its_figures(book: Book, tmp_path: Path) -> None:
    _, findings = read_sheet("a,b\n1,2\n")
    assert {finding.code for finding in findings} >= {"bank-column-missing"}
    with pytest.raises(BadRequest, match="without lines"):
        enter(book, tmp_path, "PLAN,1,2026-02-20,10.00,CH1001,1,,,10.00,,,,\n")
    with pytest.raises(NotReadable):
        book.enter_sheet(tmp_path / "none.csv", user="dana")


def test_claims_of_one_sheet_follow_each_other_as_they_stand() -> None:
    """Rows that leave out payment and claim belong to those above; another status is another."""
    rows = (
        "PLAN,7,2026-02-20,30.00,A1,22,2026-01-01,99213,-10.00,-10.00,,,\n"
        ",,,,A1,1,2026-01-01,99213,10.00,5.00,CO-45 5.00,,\n"
        ",,,,,,2026-01-02,99214,20.00,20.00,,,\n"
        ",,,,B2,4,,,30.00,15.00,CO-16 15.00,,\n"
        "PLAN,8,2026-02-21,0.00,B2,1,2026-01-02,99213,9.00,0.00,PR-1 9.00,,\n"
    )
    payments, findings = read_sheet(HEADING + rows)

    assert not findings
    shape = [[(c.patient_control_number, c.status, len(c.lines)) for c in p.claims]
             for p in payments]  # fmt: skip
    assert shape == [[("A1", "22", 1), ("A1", "1", 2), ("B2", "4", 0)], [("B2", "1", 1)]]
    assert payments[0].claims[2].adjustments[0].cents == 1500


def test_what_is_no_table_is_a_finding(book: Book, tmp_path: Path) -> None:
    """Bytes of any kind: nothing is posted, and it is said, not raised."""
    sheet = tmp_path / "junk.csv"
    sheet.write_bytes(b'"\r\x00\xff*~"x\r"\n' * 40)
    answer = book.enter_sheet(sheet, user="dana")

    assert answer["import"] is None
    assert answer["files"][0]["findings"]


def test_the_template_is_a_sheet_that_can_be_read() -> None:
    payments, findings = read_sheet(template())

    assert not findings
    assert payments[0].claims[0].lines[0].paid_cents == payments[0].payment_cents
    assert template().splitlines()[0].split(",") == list(COLUMNS)
