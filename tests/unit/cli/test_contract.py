"""The command line's contract (DESIGN 8.1): one JSON document, exit codes, the book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from medcollect.errors import BadRequest, BookUnavailable, NotAllowed, NotFound, NotReadable
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_book import FINDING, IMPORTED, FakeBook

Runner = Callable[..., Run]

COMMANDS = [
    ("import", "a.835"),
    ("undo", "I000001"),
    ("denials",),
    ("claim", "PCN1"),
    ("balance", "A000001"),
    ("exceptions",),
    ("resolve", "X000001", "--open-claim", "--reason", "no claim was sent"),
    ("bill", "PCN1", "--replace"),
    ("report", "aging"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
def test_json_is_the_books_answer_alone_on_stdout(
    run: Runner, book: FakeBook, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments, "--json")
    assert done.json() == book.answers[book.asked[-1][0]]
    assert done.err == ""


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
def test_people_are_told_on_stderr_and_stdout_stays_free(
    run: Runner, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert done.out == ""
    assert len(done.err) > 20


def test_json_may_stand_before_the_command(run: Runner) -> None:
    assert run("--json", "claim", "PCN1").json()["charge"] == "1500.00"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotReadable("no such file", "Check the path."), 3),
        (NotFound("no such claim", "Check the number."), 3),
        (NotAllowed("a decision rests on it", "Add --with-decisions."), 3),
        (BookUnavailable("the book is locked", "Try again."), 3),
        (BadRequest("what is that", "Say something else."), 2),
    ],
)
def test_what_stops_a_command_is_told_with_what_to_do(
    run: Runner, book: FakeBook, error: NotFound, code: int
) -> None:
    book.answers["claim"] = error
    told = run("claim", "PCN1")
    assert (told.code, told.out) == (code, "")
    assert error.message in told.err
    assert error.action in told.err
    script = run("claim", "PCN1", "--json")
    assert script.code == code
    assert script.json() == {"error": {"message": error.message, "action": error.action}}


def test_an_unexpected_fault_never_shows_what_it_was_about(run: Runner, book: FakeBook) -> None:
    book.answers["claim"] = ValueError("DOE, JANE born 1980-01-01")
    done = run("claim", "PCN1")
    assert done.code == 3
    assert "ValueError at" in done.err
    assert "JANE" not in done.err
    assert "JANE" not in run("claim", "PCN1", "--json").out


def test_a_traceback_is_shown_to_those_who_ask_for_it(run: Runner, book: FakeBook) -> None:
    book.answers["claim"] = ValueError("the cause")
    assert "Traceback" in run("claim", "PCN1", MEDCOLLECT_DEBUG="1").err


def test_ctrl_c_ends_with_a_sentence(run: Runner, book: FakeBook) -> None:
    book.answers["import_files"] = KeyboardInterrupt()
    done = run("import", "a.835")
    assert done.code == 130
    assert "Stopped" in done.err


@pytest.mark.parametrize("arguments", [("nonsense",), ("claim",), ("report", "x", "--format", "z")])
def test_what_cannot_be_understood_is_2(run: Runner, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"exceptions": 2}, 1),
        ({"files": [{**IMPORTED["files"][0], "findings": [FINDING]}]}, 1),
        ({"files": [{**IMPORTED["files"][0], "findings": [{**FINDING, "severity": "info"}]}]}, 0),
    ],
)
def test_import_says_1_when_errors_or_exceptions_are_left(
    run: Runner, book: FakeBook, change: dict[str, object], code: int
) -> None:
    book.answers["import_files"] = {**IMPORTED, **change}
    assert run("import", "a.835").code == code


def test_exceptions_says_1_while_something_waits(run: Runner, book: FakeBook) -> None:
    assert run("exceptions").code == 1
    book.answers["exceptions"] = {"exceptions": [], "count": 0, "amount": "0.00"}
    assert run("exceptions").code == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "url"),
    [
        ((), {}, "sqlite:///medcollect.db"),
        ((), {"MEDCOLLECT_BOOK": "sqlite:///env.db"}, "sqlite:///env.db"),
        (("--book", "postgresql://h/b"), {"MEDCOLLECT_BOOK": "x"}, "postgresql://h/b"),
        (("--book", "office.db"), {}, "sqlite:///office.db"),
    ],
)
def test_the_book_is_the_option_else_the_environment_else_a_file_here(
    run: Runner,
    book: FakeBook,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    url: str,
) -> None:
    run(*arguments, "denials", **environment)
    run("denials", *arguments, **environment)
    assert [asked[1] for asked in book.asked if asked[0] == "open"] == [(url,), (url,)]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
def test_only_an_import_makes_a_book(
    run: Runner, book: FakeBook, arguments: tuple[str, ...]
) -> None:
    run(*arguments)
    assert book.asked[0][2] == {"make": arguments[0] == "import"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::"])
def test_serve_refuses_to_be_reachable_from_other_machines(run: Runner, host: str) -> None:
    done = run("serve", "--host", host)
    assert done.code == 3
    assert "no login" in done.err


def test_a_full_disk_or_forbidden_folder_is_told_by_its_name(run: Runner, tmp_path: Path) -> None:
    done = run("denials", "--csv", str(tmp_path / "missing" / "denials.csv"))
    assert done.code == 3
    assert "denials.csv" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("denials", "--limit", "0"), "--limit"),
        (("frobnicate",), "frobnicate"),
        (("import",), "PATH"),
        (("report", "aging", "--format", "pdf"), "--format"),
        ((), "ommand"),
    ],
)
def test_json_tells_what_was_not_understood(
    run: Runner, arguments: tuple[str, ...], told: str
) -> None:
    script = run("--json", *arguments)
    assert (script.code, script.err) == (2, "")
    assert told in script.json()["error"]["message"]
    assert "--help" in script.json()["error"]["action"]
    person = run(*arguments)
    assert (person.code, person.out) == (2, "")


def test_ctrl_c_answers_a_script_with_one_document(run: Runner, book: FakeBook) -> None:
    book.answers["import_files"] = KeyboardInterrupt()
    done = run("import", "a.835", "--json")
    assert (done.code, done.err) == (130, "")
    assert "kept" in done.json()["error"]["message"]


def test_a_question_nobody_answers_leaves_everything_undone(
    run: Runner, book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medcollect.cli.worklists.at_a_terminal", lambda: True)
    done = run("resolve", "X000001", "--post-anyway", stdin="")
    assert done.code == 3
    assert "Nothing done" in done.err
    assert all(asked[0] != "resolve" for asked in book.asked)
