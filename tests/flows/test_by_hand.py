"""Entries by hand through the command's and the web's doors, on both databases."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import NotAllowed
from tests.flows.money.office import LIFT, OSCAR, PAID_80, a_837, an_835, claim, later
from tests.support.book_state import differences, proofs_of, state_of
from tests.support.specs import reversal

API = "/api/v1"
SAMPLES = Path(__file__).parents[2] / "edi_samples"
MONTH = [*sorted(SAMPLES.glob("*-837p*.edi")), *sorted(SAMPLES.glob("05-835*.edi"))]
KIM: dict[str, Any] = {"user": "kim", "reason": "card seen"}


def test_entries_stand_and_go_on_either_database(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
        before = state_of(book_url)
        due = book.claim("CH1002")["patient_due"]
        account = book.balance("CH1002")["account"]
        book.add_coverage(account, payer="STONEBRIDGE TRUST", payer_rank=2, **KIM)
        assert book.claim("CH1002")["state"] == "with_next_payer"
        book.end_coverage("E000001", last_day=date(2020, 1, 1), **KIM)
        assert book.claim("CH1002")["patient_due"] == due
        book.move_balance("CH1002", due, to="payer", payer="HARBOR", **KIM)
        assert book.claim("CH1002")["insurance_open"] == due
        kinds = [entry["kind"] for entry in book.entries()["entries"]]
        assert kinds == ["coverage", "coverage", "move"]
        first = book.entries(limit=1)
        assert (first["next"], len(book.entries(after="E000001")["entries"])) == ("E000001", 2)
        for entry in ("E000003", "E000002", "E000001"):
            book.undo(entry)
    assert not differences(state_of(book_url), before)


def test_accounts_are_merged_and_split_on_either_database(book_url: str) -> None:
    """What comes before and what comes after the word of a person stands on the same accounts."""
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH[:-1])
        before = state_of(book_url)
        first, second = (book.balance(number)["account"] for number in ("CH1002", "CH1003"))
        with pytest.raises(NotAllowed, match="contradict"):
            book.merge_accounts([first, second], **KIM)
        merged = book.merge_accounts([first, second], although_different=True, **KIM)
        assert merged["accounts_now"] == [min(first, second)]
        assert book.balance(second)["account"] == book.balance(first)["account"]
        late = book.import_files(MONTH[-1:])["import"]
        assert book.claim("CH1003")["account"] == merged["accounts_now"][0]
        apart = book.split_account(first, ["CH1003"], **KIM)
        assert len(apart["accounts_now"]) == 2
        assert book.claim("CH1003")["account"] != book.claim("CH1002")["account"]
        book.undo(merged["id"])
        book.undo(late)
        book.undo(apart["id"])
    assert not differences(state_of(book_url), before)


def test_accounts_are_merged_and_split_over_http(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    numbers = count()

    def post(path: str, status: int, **body: Any) -> dict[str, Any]:
        key = {"Idempotency-Key": f"key-{next(numbers)}"}
        response = client.post(f"{API}/entries/{path}", json={**body, **KIM}, headers=key)
        assert response.status_code == status, response.text
        return dict(response.json())

    both = {"accounts": ["CH1002", "CH1003"]}
    assert "contradict" in post("account-merges", 409, **both)["detail"]
    made = post("account-merges", 201, **both, although_different=True)
    (account,) = made["accounts_now"]
    gone = next(number for number in made["accounts"] if number != account)
    found = client.get(f"{API}/accounts/{gone}/balance").json()
    assert (found["account"], found["former_accounts"]) == (account, [gone])
    split = post("account-splits", 201, account=account, claims=["CH1003"])
    assert split["accounts_now"] == sorted([account, gone])
    post("account-splits", 409, account=account, claims=["CH1003"])
    post("account-splits", 404, account="A999999", claims=["CH1003"])


def test_a_coverage_over_http(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")

    numbers = count()

    def post(path: str, status: int, **body: Any) -> dict[str, Any]:
        key = {"Idempotency-Key": f"key-{next(numbers)}"}
        response = client.post(f"{API}/{path}", json=body, headers=key)
        assert response.status_code == status, response.text
        return dict(response.json())

    told = {"target": "CH1002", "payer": "STONEBRIDGE TRUST", "payer_rank": 2, **KIM}
    made = post("entries/coverages", 201, **told)
    assert made["claims"][0]["state"] == "with_next_payer"
    right = post(f"entries/{made['id']}/correction", 201, member_id="S78", **KIM)
    assert (right["member_id"], right["replaces"]) == ("S78", made["id"])
    post(f"entries/{made['id']}/undo", 409)
    assert post(f"entries/{right['id']}/undo", 200)["kind"] == "entry"
    post("entries/coverage-ends", 409, target=made["id"], **KIM)
    post("entries/moves", 409, target="CH1002", amount="9999.00", to="patient", **KIM)
    listed = client.get(f"{API}/entries").json()["entries"]
    assert [(e["id"], e["status"]) for e in listed] == [
        ("E000001", "active"),
        ("E000002", "undone"),
    ]


def recovered(folder: Path) -> dict[str, Path]:
    """A claim paid with 80.00, the recovery that the payer postpones, the check that takes it."""
    told = {
        "bill": a_837(claim("PCN1")),
        "paid": an_835(PAID_80),
        "notice": an_835(reversal(PAID_80), days=5, plb=(("WO", "-80"),)),
        "taken": an_835(LIFT, days=9, plb=(("WO", "80"),)),
    }
    paths = {name: folder / f"{name}.edi" for name in told}
    for name, text in told.items():
        paths[name].write_text(text, encoding="ascii", newline="")
    return paths


@pytest.mark.parametrize("order", [("notice", "cheque"), ("void", "cheque", "notice")])
def test_a_refund_cheque_to_a_payer_on_either_database(
    book_url: str, tmp_path: Path, order: tuple[str, ...]
) -> None:
    files = recovered(tmp_path)
    files["void"] = tmp_path / "void.edi"
    void = a_837(claim("PCN1", frequency="8", original_reference="ICN100"), days=3)
    files["void"].write_text(void, encoding="ascii", newline="")
    with medcollect.open_book(book_url) as book:
        book.import_files([files["bill"], files["paid"]])
        for step in order:
            if step == "cheque":
                book.refund_payer("PCN1", "80.00", refunded_on=later(6), **KIM)
            else:
                book.import_files([files[step]])
        found = book.claim("PCN1")
        assert (found["payer_credit"], found["insurance_paid"]) == ("0.00", "0.00")
        assert book.provider_adjustments()["provider_adjustments"] == []
        assert not proofs_of(book_url)
        took = book.import_files([files["taken"]])
        assert [f["code"] for f in took["files"][0]["findings"]] == ["recovery-after-refund"]
        (case,) = book.provider_adjustments()["provider_adjustments"]
        assert (case["direction"], case["amount"]) == ("payer_took", "80.00")
        book.bounce("E000001", received_on=later(12), **KIM)
        assert book.provider_adjustments()["provider_adjustments"] == []
        assert not proofs_of(book_url)
        book.undo("E000002")
        book.undo("E000001")
        assert book.provider_adjustments()["provider_adjustments"] == []
        assert not proofs_of(book_url)


def test_a_recovery_without_a_claim_is_refunded_on_either_database(
    book_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "notice.edi"
    path.write_text(an_835(LIFT, days=5, plb=(("WO", "-80"),)), encoding="ascii", newline="")
    with medcollect.open_book(book_url) as book:
        book.import_files([path])
        (case,) = book.provider_adjustments()["provider_adjustments"]
        book.refund_payer(case["id"], "80.00", refunded_on=later(6), **KIM)
        assert book.provider_adjustments()["provider_adjustments"] == []
        assert not proofs_of(book_url)
        book.bounce("E000001", received_on=later(12), **KIM)
        (again,) = book.provider_adjustments()["provider_adjustments"]
        assert (again["id"], again["since"]) == (case["id"], str(later(12)))
        assert not proofs_of(book_url)


def test_a_refund_cheque_over_http(book_url: str, tmp_path: Path) -> None:
    files = recovered(tmp_path)
    with medcollect.open_book(book_url) as book:
        book.import_files([files["bill"], files["paid"], files["notice"]])
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    body = {"target": "PCN1", "amount": "80.00", "refunded_on": "2026-02-20", **KIM}

    def post(key: str) -> Any:
        path = f"{API}/entries/payer-refunds"
        return client.post(path, json=body, headers={"Idempotency-Key": key})

    made = post("first")
    assert (made.status_code, made.json()["kind"]) == (201, "payer_refund")
    assert post("first").json() == made.json()
    again = post("second")
    assert again.status_code == 409
    assert "may ask for 0.00" in again.json()["detail"]
    claim_id = made.json()["claims"][0]["id"]
    steps = client.get(f"{API}/claims/{claim_id}").json()["recoveries"][0]["steps"]
    assert [step["entry"] for step in steps] == [None, "E000001"]
    back = client.post(
        f"{API}/entries/E000001/bounce",
        json={"received_on": "2026-03-02", **KIM},
        headers={"Idempotency-Key": "third"},
    )
    assert (back.status_code, back.json()["returns"]) == (201, "E000001")
    (open_again,) = client.get(f"{API}/provider-adjustments").json()["provider_adjustments"]
    assert (open_again["amount"], open_again["since"]) == ("80.00", "2026-03-02")


def told(book: Path, *arguments: str) -> str:
    """What the command line says to a person."""
    done = CliRunner().invoke(app, ["--book", f"sqlite:///{book}", *arguments])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_a_refund_cheque_and_joined_accounts_by_command(tmp_path: Path) -> None:
    files, book = recovered(tmp_path), tmp_path / "book.db"
    other = tmp_path / "other.edi"
    other.write_text(a_837(claim("PCN2", patient=OSCAR), days=7), encoding="ascii", newline="")
    paths = (str(files[name]) for name in ("bill", "paid", "notice"))
    told(book, "import", *paths, str(other))
    why = ("--reason", "the payer's letter", "--user", "kim")
    sent = told(book, "refund", "PCN1", "80", "--to-payer", "--method", "check", *why)
    assert "80.00 went back to PLAINFIELD MUTUAL HEALTH" in sent
    assert "medcollect undo E000001" in sent
    settled = told(book, "provider-adjustments", "--settled")
    assert "E000001 refund cheque sent (72) 80.00, stands at 0.00" in settled
    back = told(book, "bounce", "E000001", *why)
    assert "E000002 Refund cheque E000001 of 80.00 came back on" in back
    merge = ("account", "merge", "PCN1", "PCN2", "--although-different")
    merged = told(book, *merge, *why)
    assert "A000001 and A000002 are one patient's: A000001." in merged
    assert "their birth dates differ" in merged
    assert "Also asked for as A000002" in told(book, "balance", "A000002")
    split = told(book, "account", "split", "A000001", "--claims", "PCN2", *why)
    assert "A000001 is split: A000001 and A000002." in split


@pytest.mark.parametrize(
    "arguments",
    [
        ("account", "merge", "A000001", "A000002", "--claims", "C000001"),
        ("account", "split", "A000001", "A000002", "--claims", "C000001"),
        ("refund", "PCN1", "80", "--method", "check", "--payer", "HARBOR"),
        ("refund", "PCN1", "80", "--method", "check", "--to-payer", "--again"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    url = f"sqlite:///{tmp_path / 'book.db'}"
    medcollect.open_book(url).close()
    done = CliRunner().invoke(app, ["--book", url, *arguments, "--reason", "x"])
    assert done.exit_code == 2
