"""What each command asks of the book and what a person then sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from medcollect.cli.worklists import CATEGORIES
from medcollect.tasks.worklists import categories
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_book import BULK, CLAIM, DENIALS, EXCEPTIONS, FINDING, IMPORTED, FakeBook

Runner = Callable[..., Run]


def test_import_passes_paths_and_dry_run(run: Runner, book: FakeBook) -> None:
    run("import", "a.835", "inbox", "--dry-run", "--jobs", "2")
    name, (paths,), named = book.asked[-1]
    assert (name, paths, named["dry_run"]) == ("import_files", ["a.835", "inbox"], True)


def test_import_shows_the_gravest_findings_first(run: Runner, book: FakeBook) -> None:
    findings = [
        {"severity": severity, "segment": 7, "message": f"a {severity} here", "action": "Look."}
        for severity in ("info", "warning", "error")
    ]
    file = {**IMPORTED["files"][0], "findings": findings}
    book.answers["import_files"] = {**IMPORTED, "files": [file]}
    told = run("import", "a.835").err
    assert told.index("a error here") < told.index("a warning here") < told.index("a info here")


def test_import_names_the_way_back(run: Runner) -> None:
    assert "medcollect undo I000001" in run("import", "a.835").err


def test_a_file_that_is_not_ours_is_set_aside_and_not_taken_back(
    run: Runner, book: FakeBook
) -> None:
    """A 270 is read, nothing of it comes in, and nothing is wrong with it."""
    note = {"severity": "info", "message": "A 270 is not imported.", "action": "Nothing to do."}
    file = {**IMPORTED["files"][0], "status": "rejected", "findings": [note]}
    book.answers["import_files"] = {**IMPORTED, "files": [file], "remittances": 0}
    done = run("import", "a.270")
    assert done.code == 0
    assert "set aside" in done.err
    assert "rejected" not in done.err
    assert "undo" not in done.err


def test_a_file_with_errors_is_rejected(run: Runner, book: FakeBook) -> None:
    file = {**IMPORTED["files"][0], "status": "rejected", "findings": [FINDING]}
    book.answers["import_files"] = {**IMPORTED, "files": [file], "balanced": False}
    told = run("import", "a.835").err
    assert "rejected" in told
    assert "the findings of severity error say" in told


def test_a_claim_names_what_a_telephone_call_and_an_undo_ask_for(
    run: Runner, book: FakeBook
) -> None:
    answer = {"id": "P000007", "remittance": "R000004", "payer": "Acme", "paid": "75.00",
              "payer_claim_control_number": "ICN-99", "outcome": "posted"}  # fmt: skip
    book.answers["claim"] = {**CLAIM, "payments": [answer]}
    told = run("claim", "PCN1").err
    for expected in ("P000007", "R000004", "ICN-99", "75.00"):
        assert expected in told


def test_undo_passes_who_why_and_the_consent(run: Runner, book: FakeBook) -> None:
    run("undo", "R000001", "--with-decisions", "--reason", "wrong bank")
    name, arguments, named = book.asked[-1]
    assert (name, arguments) == ("undo", ("R000001",))
    assert (named["with_decisions"], named["reason"]) == (True, "wrong bank")
    assert named["user"]


def test_denials_show_why_and_what_next(run: Runner) -> None:
    told = run("denials").err
    for expected in ("PCN1", "80.00", "CO-197", "No authorization", "Ask for", "2026-04-20"):
        assert expected in told


def test_patterns_say_how_far_from_usual_and_whose_they_are(
    run: Runner, book: FakeBook, tmp_path: Path
) -> None:
    csv, xlsx = tmp_path / "patterns.csv", tmp_path / "patterns.xlsx"
    files = ("--csv", str(csv), "--xlsx", str(xlsx))
    done = run(
        "denials", "patterns", "--payer", "acme", "--minimum", "1,000", "--limit", "1", *files
    )
    assert done.code == 0
    assert book.asked[-1] == (
        "denial_patterns", (), {"payer": "acme", "minimum": "1000", "limit": 1}
    )  # fmt: skip
    told = " ".join(done.err.split())
    assert "G2876543210 CO-197 =cmd() 70553 7,200.00 open of 8,000.00" in told
    assert "since 2026-01-05: 40 of 120 lines (33.3%), usual would be 4 (3.3%); 99% sure." in told
    assert "2 open denials of 3 cases. To do: obtain authorization. N000001 N000004" in told
    assert "3 patterns in 4,000 answered lines of two years, 9,000.00 open. The first 1" in told
    assert "'=cmd()" in csv.read_text(encoding="utf-8-sig")
    sheet = openpyxl.load_workbook(xlsx).worksheets[0]
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert {33.3, 7200, "N000001, N000002, N000004"} <= set(values)


def test_a_step_on_many_names_what_was_left_out_and_the_way_back(
    run: Runner, book: FakeBook
) -> None:
    done = run("denial", "N000001", "N000002", "write-off", "--reason", "old", "--user", "kim")
    assert done.code == 1, "something was left out"
    name, (targets, step), told = book.asked[-1]
    assert (name, targets, step) == ("work_denials", ["N000001", "N000002"], "write_off")
    assert (told["reason"], told["user"], told["dry_run"]) == ("old", "kim", False)
    said = " ".join(done.err.split())
    assert "written off, nobody has it (version 1) W000004" in said
    assert "N000002 not done N000002 is with lee. Ask lee." in said
    assert "Done: write off on 1 denial, 80.00 open; 1 denial left out." in said
    assert "medcollect undo J000004" in said


@pytest.mark.parametrize("targets", [("N000001",), ("G2876543210",), ("N000001", "N000002")])
def test_a_preview_says_that_nothing_is_done(
    run: Runner, book: FakeBook, targets: tuple[str, ...]
) -> None:
    book.answers["work_denials"] = {**BULK, "dry_run": True, "bulk": None, "refused": []}
    done = run("denial", *targets, "take", "--dry-run")
    assert (done.code, book.asked[-1][2]["dry_run"]) == (0, True)
    said = " ".join(done.err.split())
    assert "Would do: write off on 1 denial, 80.00 open. Nothing is done yet." in said
    assert "--seen 5c1f0a9be4d21377" in said


def test_filters_stand_for_ids(run: Runner, book: FakeBook) -> None:
    run("denial", "--payer", "acme", "--minimum", "1,000", "take", "--dry-run")
    name, (targets, step), told = book.asked[-1]
    assert (name, targets, step) == ("work_denials", [], "take")
    assert told["among"] == {"payer": "acme", "minimum": "1000"}
    assert run("denial", "N000001", "take", "--payer", "acme").code == 2


@pytest.mark.parametrize(
    "words", [("N000001", "tkae"), ("N000001", "N000002"), ("take",), ("N000001", "take", "wait")]
)
def test_words_that_are_no_denials_and_no_step_are_refused(
    run: Runner, book: FakeBook, words: tuple[str, ...]
) -> None:
    assert run("denial", *words).code == 2
    assert not [asked for asked in book.asked if asked[0] != "open"]


@pytest.mark.parametrize(
    "more", [("--next",), ("--owner", "kim"), ("--category", "cob"), ("--status", "settled")]
)
def test_patterns_take_no_filters_of_the_worklist(
    run: Runner, book: FakeBook, more: tuple[str, ...]
) -> None:
    assert run("denials", "patterns", *more).code == 2
    assert not [asked for asked in book.asked if asked[0] == "denial_patterns"]


def test_denials_pass_every_filter(run: Runner, book: FakeBook) -> None:
    run("denials", "--payer", "acme", "--category", "authorization", "--status", "all",
        "--minimum", "1,000", "--limit", "5", "--maximum", "$2,000", "--owner", "kim",
        "--state", "waiting", "--due-before", "2026-03-31", "--code", "CO-197", "--remark", "N1",
        "--procedure", "70553", "--of-kind", "denied", "--older-than", "30")  # fmt: skip
    assert book.asked[-1][2] == {
        "payer": "acme", "category": "authorization", "status": "all", "minimum": "1000",
        "limit": 5, "maximum": "2000", "owner": "kim", "state": "waiting",
        "due_before": date(2026, 3, 31), "reason": "CO-197", "remark": "N1", "kind": "denied",
        "procedure": "70553", "older_than": 30,
    }  # fmt: skip


@pytest.mark.parametrize("minimum", ["much", "-5"])
def test_a_minimum_that_is_no_amount_is_not_understood(run: Runner, minimum: str) -> None:
    assert run("denials", "--minimum", minimum).code == 2


def test_help_lists_the_kinds_of_denials_that_the_book_knows() -> None:
    assert CATEGORIES.split(", ") == categories()


def test_a_limit_that_has_passed_says_so_without_colour(run: Runner, book: FakeBook) -> None:
    assert "limit passed 2026-04-20, 3 days ago" in run("denials").err
    (item,) = DENIALS["denials"]
    book.answers["denials"] = {**DENIALS, "denials": [{**item, "days_left": 1}]}
    assert "by 2026-04-20, 1 day left" in run("denials").err


def test_a_claim_tells_what_is_still_to_do_about_it(run: Runner, book: FakeBook) -> None:
    waiting = EXCEPTIONS["exceptions"]
    refused = [{**DENIALS["denials"][0], "status": status} for status in ("open", "settled")]
    refused[1]["id"] = "N000002"
    book.answers["claim"] = {**CLAIM, "exceptions": waiting, "denials": refused}
    told = run("claim", "PCN1").err
    for expected in ("N000001", "limit passed", "X000001", "resolve X000001 --to CLAIM"):
        assert expected in told
    assert "N000002" not in told


def test_an_answer_without_lines_stands_as_that_of_the_claim(run: Runner, book: FakeBook) -> None:
    book.answers["claim"] = {**CLAIM, "lines": [{**CLAIM["lines"][0], "line": 0}]}
    lines = run("claim", "PCN1").err.partition("Lines")[2].splitlines()
    assert any(line.startswith("claim ") for line in lines)


def test_a_balance_names_the_patient_and_money_that_is_not_used(
    run: Runner, book: FakeBook
) -> None:
    assert "credit of" not in run("balance", "A000001").err
    person = {"last_name": "ASHGROVE", "first_name": "MARCUS", "birth_date": "1985-05-21"}
    changed = {"patient": person, "credit": "35.00"}
    book.answers["balance"] = {**book.answers["balance"], **changed}
    told = run("balance", "A000001").err
    assert "ASHGROVE, MARCUS  born 1985-05-21" in told
    assert "a credit of 35.00" in told


def test_a_list_of_one_reads_like_one(run: Runner, book: FakeBook) -> None:
    book.answers["denials"] = {**DENIALS, "count": 7}
    assert "The first one is shown." in run("denials", "--limit", "1").err


def test_exceptions_name_the_import_and_the_remittance_for_undo(run: Runner) -> None:
    told = run("exceptions").err
    assert "I000003" in told
    assert "R000016" in told


def test_exceptions_tell_what_of_the_money_at_stake_is_no_cash(run: Runner, book: FakeBook) -> None:
    assert "re-issued" not in run("exceptions").err
    (waiting,) = EXCEPTIONS["exceptions"]
    again = {**waiting, "kind": "reissued_payment", "amount": "256.00"}
    answer = {"exceptions": [waiting, again], "count": 2, "amount": "306.00"}
    book.answers["exceptions"] = answer
    assert "Of it 256.00 was re-issued" in run("exceptions").err


def test_denials_go_to_csv_and_a_spreadsheet(run: Runner, tmp_path: Path) -> None:
    csv, xlsx = tmp_path / "d.csv", tmp_path / "d.xlsx"
    assert run("denials", "--csv", str(csv), "--xlsx", str(xlsx)).code == 0
    header, line = csv.read_text().splitlines()
    assert header.startswith("id,priority,patient_control_number,payer,amount")
    assert "'=cmd()" in line, "a stranger's text must not become a formula"
    sheet = openpyxl.load_workbook(xlsx).worksheets[0]
    assert (sheet["E2"].value, sheet["N2"].value.date().isoformat()) == (80, "2026-04-20")


def test_claim_tells_the_walk_the_sums_and_the_lines(run: Runner) -> None:
    told = run("claim", "PCN1").err
    for expected in ("PCN[1]", "patient (billable)", "answered as primary", "1,500.00", "99213-25",
                     "CO-197 80.00", "a denial is being worked", "40.00"):  # fmt: skip
        assert expected in told


def test_a_number_of_several_claims_asks_for_one(run: Runner, book: FakeBook) -> None:
    choice = {key: CLAIM[key] for key in ("id", "patient_control_number", "charge", "state")}
    choice |= {"payer": "PLAINFIELD MUTUAL", "service_from": "2026-01-12"}
    book.answers["claim"] = {"claims": [choice, {**choice, "id": "C000002"}], "ambiguous": True}
    done = run("claim", "PCN1")
    assert done.code == 3
    assert "C000002" in done.err
    assert "PLAINFIELD MUTUAL" in done.err
    assert "2026-01-12" in done.err
    assert "medcollect claim C000001" in done.err


def test_fhir_goes_to_stdout_as_it_is(run: Runner, book: FakeBook) -> None:
    assert run("claim", "PCN1", "--fhir").json() == {"resourceType": "Bundle"}
    assert book.asked[-1][0] == "fhir"


def test_exceptions_tell_what_to_type(run: Runner) -> None:
    told = run("exceptions").err
    for expected in ("X000001", "no_claim", "50.00", "resolve X000001 --to CLAIM", "--open-claim"):
        assert expected in told


def test_balance_tells_what_is_owed_and_why_not_all_of_it(run: Runner) -> None:
    told = run("balance", "A000001").err
    for expected in ("100.00", "60.00", "a denial is being worked", "C000001"):
        assert expected in told


@pytest.mark.parametrize(
    "ways", [(), ("--open-claim", "--post-anyway"), ("--to", "C1", "--open-claim")]
)
def test_resolve_wants_exactly_one_way(run: Runner, ways: tuple[str, ...]) -> None:
    assert run("resolve", "X000001", *ways, "--reason", "r").code == 2


def test_resolve_keeps_who_and_why(run: Runner, book: FakeBook) -> None:
    run("resolve", "X000001", "--to", "C000001", "--reason", "same visit", "--user", "rosa")
    assert book.asked[-1] == (
        "resolve",
        ("X000001",),
        {"to": "C000001", "open_claim": False, "post_anyway": False, "hold": False, "until": None,
         "write_off": None, "reason": "same visit", "user": "rosa"},
    )  # fmt: skip


def test_resolve_asks_for_the_reason(
    run: Runner, book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medcollect.cli.worklists.at_a_terminal", lambda: True)
    done = run("resolve", "X000001", "--post-anyway", stdin="payer confirmed\n")
    assert done.code == 0
    assert book.asked[-1][2]["reason"] == "payer confirmed"


def test_a_decision_without_a_reason_is_not_taken(run: Runner, book: FakeBook) -> None:
    assert run("resolve", "X000001", "--post-anyway", "--reason", " ").code == 2
    assert run("resolve", "X000001", "--post-anyway", "--json").code == 2
    told = run("resolve", "X000001", "--post-anyway", stdin="nobody is asked\n")
    assert (told.code, "A decision needs a reason." in told.err) == (2, True)
    assert all(asked[0] != "resolve" for asked in book.asked)


def test_report_in_every_format(run: Runner, book: FakeBook, tmp_path: Path) -> None:
    assert "1,234.50" in run("report", "aging").err
    assert run("report", "aging", "--format", "csv").out.splitlines() == [
        "payer,days_0_30", "Acme Health,1234.50"
    ]  # fmt: skip
    assert run("report", "aging", "--format", "json").json() == book.answers["report"]
    file = tmp_path / "aging.xlsx"
    run("report", "aging", "--output", str(file))
    assert openpyxl.load_workbook(BytesIO(file.read_bytes()))["aging"]["B2"].value == 1234.5
    text = tmp_path / "aging.txt"
    run("report", "aging", "--output", str(text))
    assert "1,234.50" in text.read_text()
    saved = tmp_path / "aging.json"
    run("report", "aging", "--format", "json", "--output", str(saved))
    assert json.loads(saved.read_text()) == book.answers["report"]


def test_report_passes_the_day(run: Runner, book: FakeBook) -> None:
    run("report", "aging", "--as-of", "2026-01-31")
    assert book.asked[-1][2]["as_of"].isoformat() == "2026-01-31"
    for wrong in ("31.1.26", "2026-13-01"):
        told = run("report", "aging", "--as-of", wrong)
        assert told.code == 2
        assert "YYYY-MM-DD" in told.err


def test_report_with_json_is_one_document_whatever_is_written(run: Runner, tmp_path: Path) -> None:
    refused = run("report", "aging", "--json", "--format", "csv")
    assert (refused.code, list(refused.json())) == (2, ["error"])
    file = tmp_path / "aging.csv"
    told = run("report", "aging", "--json", "--output", str(file))
    assert told.json() == {"report": "aging", "written": str(file), "rows": 1}
    assert file.read_text().startswith("payer,")


@pytest.mark.parametrize("name", ["aging.pdf", "aging.xls", "aging"])
def test_an_ending_that_says_nothing_is_asked_about(run: Runner, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    told = run("report", "aging", "--output", str(file))
    assert (told.code, file.exists()) == (2, False)
    assert ".xlsx" in told.err
    assert run("report", "aging", "--output", str(file), "--format", "csv").code == 0
    assert "1 row written" in run("report", "aging", "--output", str(tmp_path / "A.XLSX")).err
