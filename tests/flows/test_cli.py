"""The command line as people run it: a real process, a real book, the sample month."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "edi_samples"
EXPECTED: dict[str, dict[str, str]] = json.loads((SAMPLES / "expected-claims.json").read_text())
COMMAND = [sys.executable, "-c", "from medcollect.cli import main; main()"]
PAYMENT = SAMPLES / "05-835-commercial-copay-and-deductible.edi"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "MEDCOLLECT_BOOK"}
    return {**kept, "PYTHONPATH": str(PROJECT), "COLUMNS": "140", "TMPDIR": str(folder)}


class Office:
    """A folder with a book in it, and the command line to work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder, env=environment(self.folder), input=stdin,
            capture_output=True, check=False,
        )  # fmt: skip

    def json(self, *arguments: object, code: int = 0) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stderr == b""
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that has imported the sample month; tests only read from it."""
    office = Office(tmp_path_factory.mktemp("month"))
    done = office.run("import", SAMPLES)
    assert done.returncode == 1, done.stderr  # some samples are bad on purpose
    assert done.stdout == b""
    return office


@pytest.fixture
def office(tmp_path: Path, month: Office) -> Office:
    """An office of the test's own, with the same month."""
    shutil.copytree(month.folder, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture
def new_office(tmp_path: Path) -> Office:
    """An office that has no book yet."""
    return Office(tmp_path)


@pytest.mark.parametrize("number", list(EXPECTED)[::8])
def test_a_claim_of_the_month_ends_as_worked_out_by_hand(month: Office, number: str) -> None:
    claim = month.json("claim", number)
    assert {key: claim[key] for key in EXPECTED[number]} == EXPECTED[number]


def test_the_sums_of_the_report_are_the_sums_of_the_claims(month: Office) -> None:
    rows = {row["patient_control_number"]: row for row in month.json("report", "claims")["rows"]}
    for number, figures in EXPECTED.items():
        assert rows[number]["patient_due"] == figures["patient_due"]


@pytest.mark.parametrize(
    "name", ["aging", "patient-balances", "claims", "denials", "remittances", "imports"]
)
def test_every_report_comes_in_every_form(month: Office, name: str, tmp_path: Path) -> None:
    answer = month.json("report", name)
    assert answer["rows"], "the month has something to report"
    assert {"report", "as_of", "parameters", "columns", "rows", "totals"} <= set(answer)
    names = [column["name"] for column in answer["columns"]]
    assert all(set(row) == set(names) for row in answer["rows"])
    csv = month.run("report", name, "--format", "csv").stdout.decode().splitlines()
    assert (csv[0], len(csv)) == (",".join(names), len(answer["rows"]) + 1)
    sheet = tmp_path / "report.xlsx"
    assert month.run("report", name, "--output", sheet).returncode == 0
    assert sheet.read_bytes().startswith(b"PK")
    table = month.run("report", name)
    assert (table.returncode, table.stdout) == (0, b"")


def test_a_report_that_does_not_exist_is_2_and_those_there_are_are_listed(month: Office) -> None:
    assert "patient-balances" in month.json("report", "astrology", code=2)["error"]["action"]


def test_whoever_forgot_an_imports_id_finds_it(new_office: Office) -> None:
    """Undo says where to look, the report has the id, and undo takes it."""
    imported = new_office.json("import", PAYMENT)
    lost = new_office.json("undo", "I000099", code=3)["error"]
    assert "report imports" in lost["action"]
    (row,) = new_office.json("report", "imports")["rows"]
    assert (row["status"], row["files"], row["remittances"]) == ("done", 1, 1)
    assert (row["id"], row["paid"]) == (imported["import"], imported["paid"])
    assert new_office.json("undo", row["id"])["undone"] == row["id"]
    (row,) = new_office.json("report", "imports")["rows"]
    assert row["status"] == "undone"
    assert new_office.json("report", "imports", "--as-of", "2020-01-31")["rows"] == []


def test_the_worklist_filters_and_its_sum_is_that_of_its_lines(month: Office) -> None:
    everything = month.json("denials")
    cents = sum(round(float(item["amount"]) * 100) for item in everything["denials"])
    assert f"{cents / 100:.2f}" == everything["amount"]
    assert everything["count"] == len(everything["denials"]) > 10
    category = everything["denials"][0]["category"]
    some = month.json("denials", "--category", category)["denials"]
    assert some
    assert {item["category"] for item in some} == {category}
    large = month.json("denials", "--minimum", "400")["denials"]
    assert large
    assert all(float(item["amount"]) >= 400 for item in large)
    assert len(month.json("denials", "--limit", "3")["denials"]) == 3


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        (("denials", "--category", "authorisation"), "authorization"),
        (("denials", "--status", "opne"), "written_off"),
        (("exceptions", "--kind", "noclaim"), "no_claim"),
    ],
)
def test_a_filter_that_can_match_nothing_is_refused_with_what_there_is(
    month: Office, arguments: tuple[str, ...], listed: str
) -> None:
    error = month.json(*arguments, code=2)["error"]
    assert listed in error["action"]


def test_every_kind_of_exception_and_denial_of_the_month_can_be_asked_for(month: Office) -> None:
    waiting = json.loads(month.run("exceptions", "--json").stdout)["exceptions"]
    for kind in {item["kind"] for item in waiting}:
        assert month.json("exceptions", "--kind", kind, code=1)["count"] > 0
    everything = month.json("denials", "--status", "all")["denials"]
    for category in {item["category"] for item in everything}:
        assert month.json("denials", "--status", "all", "--category", category)["count"] > 0
    for status in {item["status"] for item in everything}:
        assert month.json("denials", "--status", status)["count"] > 0


def test_importing_again_changes_nothing(office: Office) -> None:
    before = office.json("report", "claims")
    again = office.json("import", PAYMENT)
    assert again["duplicates"] == 1
    assert (again["posted"], again["exceptions"]) == ("0.00", 0)
    assert office.json("report", "claims") == before


def test_undo_and_import_again_end_where_they_began(new_office: Office) -> None:
    new_office.json("import", SAMPLES / "01-837p-january-visits-commercial.edi")
    empty = new_office.json("claim", "CH1001")
    imported = new_office.json("import", PAYMENT)
    full = new_office.json("claim", "CH1001")
    assert full["insurance_paid"] == "75.00"
    undone = new_office.json("undo", imported["import"], "--reason", "wrong practice")
    assert undone["undone"] == imported["import"]
    assert undone["entries_reversed"] > 0
    assert new_office.json("claim", "CH1001")["insurance_open"] == empty["insurance_open"]
    assert new_office.json("import", PAYMENT)["posted"] == imported["posted"]
    assert new_office.json("claim", "CH1001")["patient_due"] == full["patient_due"]


def test_a_dry_run_tells_and_keeps_nothing(new_office: Office) -> None:
    told = new_office.json("import", PAYMENT, "--dry-run")
    assert told["payments_total"] == "952.00"
    assert new_office.json("report", "remittances")["rows"] == []
    assert new_office.json("import", PAYMENT)["duplicates"] == 0


def test_standard_input_is_a_file_too(new_office: Office) -> None:
    done = new_office.run("import", "-", "--json", stdin=PAYMENT.read_bytes())
    assert json.loads(done.stdout)["payments_total"] == "952.00"


def test_a_decision_is_taken_and_taken_back(office: Office) -> None:
    held = office.json("exceptions", "--kind", "remittance_does_not_balance", code=1)
    exception = held["exceptions"][0]
    decided = office.json(
        "resolve", exception["id"], "--post-anyway", "--reason", "payer confirmed by telephone",
        code=1,
    )  # fmt: skip
    assert decided["opened"], "the difference itself still waits"
    (row,) = office.json("report", "decisions")["rows"]
    assert (row["id"], row["exception"]) == (decided["decision"], exception["id"])
    assert (row["reason"], row["status"]) == ("payer confirmed by telephone", "active")
    left = office.run("exceptions", "--json").stdout
    assert exception["id"] not in [item["id"] for item in json.loads(left)["exceptions"]]
    office.json("undo", decided["decision"])
    assert office.json("report", "decisions")["rows"][0]["status"] == "undone"
    assert office.json(
        "exceptions", "--kind", "remittance_does_not_balance", code=1
    )["amount"] == held["amount"]  # fmt: skip


def test_the_balance_of_an_account_is_the_sum_of_its_claims(month: Office) -> None:
    balance = month.json("balance", "CH1002")
    assert balance["patient_due"] >= "118.00"
    assert balance["charge"] != "0.00"


def test_a_claim_as_fhir_is_a_bundle(month: Office) -> None:
    bundle = json.loads(month.run("claim", "CH1001", "--fhir").stdout)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Claim", "ExplanationOfBenefit"} <= kinds


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("import", "missing.835"), 3),
        (("claim", "NOBODY"), 3),
        (("balance", "NOBODY"), 3),
        (("undo", "I999999"), 3),
        (("undo", "nonsense"), 3),
        (("resolve", "X999999", "--open-claim", "--reason", "r"), 3),
        (("--book", "missing/folder/office.db", "denials"), 3),
        (("--book", "mongodb://office", "denials"), 3),
    ],
)
def test_what_is_not_there_is_3_with_what_to_do(
    month: Office, arguments: tuple[str, ...], code: int
) -> None:
    done = month.run(*arguments, "--json")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == code
    assert error["message"]
    assert error["action"]
    assert "Error at" not in error["message"], "an unexpected fault, not an answer"


def test_an_account_that_is_not_there_is_told_as_an_account(month: Office) -> None:
    told = month.json("balance", "NOPE", code=3)["error"]
    assert "no such account" in told["message"]
    assert "no such account" in month.json("balance", "A999999", code=3)["error"]["message"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.835", b""),
        ("noise.835", bytes(range(256)) * 40),
        ("letter.835", b"Dear Sir or Madam, enclosed please find nothing.\n"),
        ("cut.835", PAYMENT.read_bytes()[:700]),
        ("one-line.835", b"ISA*" + b"X" * 300_000),
    ],
)
def test_bad_files_are_findings_and_nothing_half_done(
    new_office: Office, name: str, content: bytes
) -> None:
    (new_office.folder / name).write_bytes(content)
    answer = new_office.json("import", name, code=1)
    (file,) = answer["files"]
    assert file["status"] in {"rejected", "partial"}
    assert any(finding["severity"] == "error" for finding in file["findings"])
    assert answer["posted"] == "0.00"


@pytest.mark.parametrize("name", ["typo.db", "sqlite:///typo.db"])
def test_a_book_that_is_not_there_is_3_and_is_not_made(new_office: Office, name: str) -> None:
    """A typo in --book must not read as "no denials left"."""
    error = new_office.json("--book", name, "denials", code=3)["error"]
    assert "no book at typo.db" in error["message"]
    assert "mport" in error["action"]
    assert not list(new_office.folder.glob("typo*"))


def test_an_empty_file_is_no_book_for_reading(new_office: Office) -> None:
    (new_office.folder / "medcollect.db").touch()
    assert "no book" in new_office.json("report", "aging", code=3)["error"]["message"]
    assert new_office.json("import", PAYMENT)["remittances"] == 1


def test_a_book_that_is_no_book_is_refused(new_office: Office) -> None:
    (new_office.folder / "medcollect.db").write_bytes(b"no database " * 100)
    done = new_office.run("denials")
    assert done.returncode == 3
    assert b"Error at" not in done.stderr


def test_serve_answers_on_this_machine_and_stops_with_ctrl_c(month: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        cwd=month.folder, env=environment(month.folder), stderr=subprocess.PIPE,
    )  # fmt: skip
    answer = _ask(f"http://127.0.0.1:{port}/api/v1/health")
    server.send_signal(signal.SIGINT)
    _, told = server.communicate(timeout=20)
    assert answer["status"] == "ok"
    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}".encode() in told


def _ask(url: str) -> Any:
    """Ask until the server is up, for at most twenty seconds."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
                return json.load(answer)
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail("the server did not come up")


def test_a_reader_that_has_had_enough_ends_it_quietly(new_office: Office) -> None:
    parse = " ".join(f"'{part}'" for part in [*COMMAND, "parse", str(SAMPLES)])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {parse} | head -n 1"],
        cwd=new_office.folder, env=environment(new_office.folder), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("claim", "CH1001", "--json"), ("claim", "CH1001", "--fhir"), ("report", "claims", "--json"),
     ("report", "claims", "--format", "csv"), ("parse", str(PAYMENT))],
)  # fmt: skip
def test_an_answer_that_cannot_be_written_is_3_and_told(
    month: Office, arguments: tuple[str, ...]
) -> None:
    """``> file`` on a full disk: /dev/full plays it."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=month.folder, env=environment(month.folder),
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert b"could not be written" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def _wait_for(path: Path) -> None:
    """Wait until a file is there, for at most a minute."""
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.1)
    pytest.fail("the command did not begin")


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C, and again where a library swallowed it while it was being loaded."""
    for _ in range(4):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()


def test_ctrl_c_while_the_program_is_loaded_ends_it_too(new_office: Office) -> None:
    early = (
        "import sys; from medcollect.cli import main\n"
        "class Impatient:\n"
        "    def find_spec(self, *_): raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Impatient()); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", early], cwd=new_office.folder,
        env=environment(new_office.folder), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 130
    assert done.stderr.startswith(b"Stopped")


def test_ctrl_c_ends_with_a_sentence_and_130(new_office: Office) -> None:
    waiting = subprocess.Popen(
        [*COMMAND, "import", "-"],
        cwd=new_office.folder, env=environment(new_office.folder),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _wait_for(new_office.folder / "medcollect.db")  # it is at work and waits for its input
    _interrupt(waiting)
    _, told = waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    assert b"Stopped" in told
    assert b"Traceback" not in told


def test_the_demo_tells_its_story_in_under_a_minute(new_office: Office) -> None:
    started = time.monotonic()
    done = new_office.run("demo")
    assert time.monotonic() - started < 60
    assert (done.returncode, done.stdout) == (0, b"")
    told = done.stderr.decode()
    for chapter in range(1, 7):
        assert f"{chapter}. " in told
    assert "MEDCOLLECT_BOOK" in told
    assert not (new_office.folder / "medcollect.db").exists(), (
        "the office's own book is not touched"
    )


def test_the_demo_does_not_mix_with_a_book_in_use(office: Office) -> None:
    done = office.run("demo", "--book", "medcollect.db")
    assert done.returncode == 3
    assert b"in use" in done.stderr


# -- exit codes: 1 is done with something left -------------------------------------------------


def test_reconcile_ends_with_one_while_a_refund_cheque_is_outstanding(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.json("import", SAMPLES / "01-837p-january-visits-commercial.edi")
    assert office.run("reconcile").returncode == 0
    paid = office.json("pay", "CH1002", "500", "--method", "card", "--date", "2026-03-02")
    back = ("--method", "check", "--reason", "paid twice", "--date", "2026-03-03")
    office.json("refund", paid["id"], "10", *back)
    left = office.json("reconcile", code=1)
    assert [cheque["id"] for cheque in left["refund_cheques"]] == ["M000002"]
    office.json("bounce", "M000002", "--reason", "moved away")
    assert office.run("reconcile").returncode == 0


@pytest.mark.parametrize("name", ["36-999-rejected", "38-277ca-rejected"])
def test_a_refusal_is_sound_to_check_and_left_to_decide_by_import(
    tmp_path: Path, name: str
) -> None:
    office, path = Office(tmp_path), SAMPLES / f"{name}.edi"
    assert office.run("check", path).returncode == 0
    shown = office.run("import", path, "--dry-run")
    assert shown.returncode == office.run("import", path).returncode == 1
    assert office.run("exceptions").returncode == 1
