"""Files of a case: in and out by every door, byte for byte; both databases."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import NotAllowed, NotFound, NotReadable
from medcollect.store.tables import case_steps
from tests.flows.test_letters import MONTH, denial_of

API = "/api/v1"
#: Three pieces of the raw store, with every byte, and lines that no text reader would keep.
CONTENT = b"%PDF-1.7\r\n" + bytes(range(256)) * 9_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def office(book_url: str) -> str:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    return book_url


@pytest.fixture
def denial(office: str) -> str:
    with medcollect.open_book(office) as book:
        return denial_of(book, "CH2007")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.pdf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def client(office: str) -> TestClient:
    return TestClient(create_app(Settings(book_url=office)), base_url="http://localhost")


def upload(client: TestClient, denial: str, key: str = "", **told: Any) -> Any:
    file = (told.pop("name", "records.pdf"), told.pop("content", CONTENT), told.pop("type", ""))
    headers = {"Idempotency-Key": key} if key else {}
    place = f"{API}/denials/{denial}/attachments"
    return client.post(place, files={"file": file}, data=told, headers=headers)


def cli(office: str, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["--book", office, *arguments])


def test_what_goes_in_by_one_door_comes_out_of_all(
    office: str, denial: str, records: Path, client: TestClient, tmp_path: Path
) -> None:
    with medcollect.open_book(office) as book:
        book.attach(denial, records, reason="the visit", user="kim")
    put = cli(office, "denial", denial, "note", "--attach", str(records), "--user", "kim")
    assert put.exit_code == 0, put.output
    sent = upload(client, denial, reason="faxed", user="kim", type="application/pdf")
    assert sent.status_code == 201
    listed = client.get(f"{API}/denials/{denial}/attachments").json()
    assert sent.json() == listed
    ids = [file["id"] for file in listed["attachments"]]
    assert ids == ["W000001-1", "W000002-1", "W000003-1"]
    with medcollect.open_book(office) as book:
        assert book.attachments(denial) == listed
        told = json.loads(cli(office, "denial", denial, "attachments", "--json").stdout)
        assert told == listed
        for number, file in enumerate(listed["attachments"], start=1):
            assert (file["name"], file["sha256"]) == ("records.pdf", DIGEST)
            assert (file["size"], file["content_type"]) == (len(CONTENT), "application/pdf")
            assert book.attachment_file(file["id"]) == CONTENT
            place = f"{API}/denials/steps/W{number:06d}/attachments/1/file"
            assert client.get(place).content == CONTENT
            to = tmp_path / f"{number}.pdf"
            done = cli(office, "attachment", file["id"], "--save", str(to))
            assert (done.exit_code, to.read_bytes()) == (0, CONTENT)
        history = book.denial(denial)["history"]
    assert "kim attached 1 file." in [moment["text"] for moment in history]


def test_a_file_is_saved_under_its_name_and_overwrites_nothing(
    office: str, denial: str, records: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with medcollect.open_book(office) as book:
        book.attach(denial, records, user="kim")
        told = book.attachment("W000001-1", folder)
        assert (folder / "records.pdf").read_bytes() == CONTENT
        assert told["file"] == str(folder / "records.pdf")
        with pytest.raises(NotAllowed, match="there already"):
            book.attachment("W000001-1", folder)


def test_the_limit_is_a_setting_and_says_so(
    book_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "medcollect.toml"
    settings.write_text("[attachments]\nlimit_megabytes = 1\n", encoding="utf-8")
    monkeypatch.setenv("MEDCOLLECT_SETTINGS", str(settings))
    exact, larger = tmp_path / "exact.bin", tmp_path / "larger.bin"
    exact.write_bytes(b"x" * 1_000_000)
    larger.write_bytes(b"x" * 1_000_001)
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
        denial = denial_of(book, "CH2007")
        book.attach(denial, exact, user="kim")
        with pytest.raises(NotAllowed, match="1,000,001 bytes; the settings allow 1,000,000"):
            book.attach(denial, larger, user="kim")
        with pytest.raises(NotAllowed, match="bytes"):
            book.work_denial(denial, "appeal", attachments=[exact, larger], user="kim")
        with pytest.raises(NotAllowed, match="bytes"):
            book.letter_sent(denial, means="fax", attachments=[larger], user="kim")
        assert (book.denial(denial)["version"], book.entries()["entries"]) == (1, [])
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    refused = upload(client, denial, content=larger.read_bytes())
    assert refused.status_code == 409
    assert "attachments.limit_megabytes" in refused.json()["action"]
    done = cli(book_url, "denial", denial, "note", "--attach", str(larger))
    assert done.exit_code == 3


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("records.pdf", "filename=\"records.pdf\"; filename*=UTF-8''records.pdf"),
        ("../../etc/passwd", "filename=\"passwd\"; filename*=UTF-8''passwd"),
        ("Bericht für März.pdf", "filename=\"Bericht f_r M_rz.pdf\"; filename*=UTF-8''Bericht%20f"),
        ('a"; filename=evil.exe', 'filename="a_22_ filename=evil.exe"; filename*='),
    ],
)
def test_a_file_is_sent_to_be_saved_whatever_its_name_and_type(
    client: TestClient, denial: str, name: str, header: str
) -> None:
    html = b"<script>alert(1)</script>"
    assert upload(client, denial, name=name, content=html, type="text/html").status_code == 201
    answer = client.get(f"{API}/denials/steps/W000001/attachments/1/file")
    assert answer.content == html
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith(f"attachment; {header}")
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert "no-store" in answer.headers["cache-control"]


def test_a_type_that_is_none_is_not_repeated(client: TestClient, denial: str) -> None:
    for said in ("", "text", "text/x\tevil", "a" * 90 + "/b"):
        assert upload(client, denial, content=b"1", type=said).status_code == 201
    listed = client.get(f"{API}/denials/{denial}/attachments").json()["attachments"]
    assert {file["content_type"] for file in listed} == {"application/pdf"}


def test_sent_twice_under_one_key_is_kept_once(client: TestClient, denial: str) -> None:
    first = upload(client, denial, key="one", reason="x")
    again = upload(client, denial, key="one", reason="x")
    other = upload(client, denial, key="one", reason="x", content=b"another")
    assert first.json() == again.json()
    assert (again.headers["idempotency-replayed"], other.status_code) == ("true", 409)
    assert len(client.get(f"{API}/denials/{denial}/attachments").json()["attachments"]) == 1


def test_what_is_not_there_or_empty_is_refused(
    office: str, denial: str, client: TestClient, tmp_path: Path
) -> None:
    assert upload(client, denial, content=b"").status_code == 409
    assert upload(client, "N999999").status_code == 404
    assert upload(client, denial, color="red").status_code == 409
    assert client.get(f"{API}/denials/steps/W000001/attachments/1/file").status_code == 404
    with medcollect.open_book(office) as book:
        for identifier in ("W000001-1", "W000001-0", "W000001", "N000001-1", "W000001-x", "-"):
            with pytest.raises(NotFound):
                book.attachment(identifier)
        with pytest.raises(NotReadable):
            book.attach(denial, tmp_path / "none", user="kim")


def test_an_undone_step_keeps_its_file_on_record(office: str, denial: str, records: Path) -> None:
    with medcollect.open_book(office) as book:
        book.attach(denial, records, user="kim")
        book.undo("W000001")
        (file,) = book.attachments(denial)["attachments"]
        assert (file["status"], book.attachment_file(file["id"])) == ("undone", CONTENT)


def test_a_file_that_an_older_version_left_out_is_said_to_be(office: str, denial: str) -> None:
    """Versions before noted large files and kept none of their bytes, nor their type."""
    with medcollect.open_book(office) as book:
        book.work_denial(denial, "note", reason="sent", user="kim")
        file = {"name": "scan.tiff", "sha256": "0" * 64, "size": 99_000_000, "kept": False}
        details = json.dumps({"attachments": [file]}).encode()
        with book._store.writing() as connection:
            connection.execute(sa.update(case_steps).values(details=details))
        (listed,) = book.attachments(denial)["attachments"]
        assert (listed["kept"], listed["content_type"]) == (False, "image/tiff")
        with pytest.raises(NotFound, match="too large"):
            book.attachment_file(listed["id"])


def test_a_letters_exhibits_are_kept_with_its_step(
    office: str, denial: str, records: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "appeal.docx"
    with medcollect.open_book(office) as book:
        book.letter(denial, letter)
        sent = book.letter_sent(
            denial, means="fax", file=letter, attachments=[letter, records], user="kim"
        )
        first, second = book.attachments(denial)["attachments"]
        assert (first["step"], first["reference"]) == (sent["case_step"]["step"], sent["id"])
        assert (first["sha256"], second["sha256"]) == (sent["sha256"], DIGEST)
        assert first["content_type"].endswith("wordprocessingml.document")
        book.undo(sent["id"])
        listed = book.attachments(denial)["attachments"]
        assert {file["status"] for file in listed} == {"undone"}


def test_exhibits_of_a_letter_on_an_ended_case_are_a_note(
    office: str, denial: str, records: Path
) -> None:
    with medcollect.open_book(office) as book:
        book.work_denial(denial, "outcome", result="closed", reason="given up", user="ann")
        sent = book.letter_sent(denial, means="fax", attachments=[records], user="kim")
        (file,) = book.attachments(denial)["attachments"]
        assert (sent["case_step"]["step"], file["kind"]) == (None, "note")
        assert (file["reference"], book.denial(denial)["state"]) == (sent["id"], "closed")


def test_no_name_of_a_file_stands_in_a_url_or_an_error(
    office: str, denial: str, client: TestClient, tmp_path: Path
) -> None:
    with medcollect.open_book(office) as book, pytest.raises(NotReadable) as refusal:
        book.attach(denial, tmp_path / "MARLOWE EDITH.pdf", user="kim")
    assert "MARLOWE" not in f"{refusal.value} {refusal.value.action}"
    answer = upload(client, denial, name="MARLOWE EDITH.pdf", content=b"")
    assert (answer.status_code, "MARLOWE" in answer.text) == (409, False)
    document = create_app(Settings(book_url=office)).openapi()
    paths = [path for path in document["paths"] if "attach" in path]
    assert paths
    assert all("name" not in path for path in paths)
