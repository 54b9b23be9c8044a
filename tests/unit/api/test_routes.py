"""Every route takes, asks the book one thing, and gives back its words and figures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from medcollect.errors import BookUnavailable
from tests.unit.api.conftest import FakeBook

API = "/api/v1"


def upload(client: TestClient, *files: tuple[str, bytes], **data: Any) -> Any:
    parts = [("files", (name, content)) for name, content in files]
    return client.post(f"{API}/imports", files=parts, data=data)


def test_health_needs_no_book(client: TestClient, book: Any) -> None:
    response = client.get(f"{API}/health")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert book.opened == 0


def test_upload_imports_every_file_under_its_own_name(client: TestClient, book: Any) -> None:
    response = upload(client, ("era.835", b"ISA*1"), ("claims.837", b"ISA*2"))

    assert response.status_code == 201
    answer = response.json()
    assert answer["import"] == "I000001"
    assert [file["path"] for file in answer["files"]] == ["era.835", "claims.837"]
    assert book.asked == [
        ("import_files", (["era.835", "claims.837"], [b"ISA*1", b"ISA*2"], False))
    ]


def test_files_of_one_name_do_not_overwrite_each_other(client: TestClient, book: Any) -> None:
    upload(client, ("era.835", b"1"), ("era.835", b"2"))

    assert book.asked[0][1][1] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\inbox\\era.835", "era.835"),
        ("..", "upload"),
        ("a\x07b.835", "a_b.835"),
    ],
)
def test_a_file_name_cannot_lead_elsewhere(sent: str, kept: str) -> None:
    from api.uploads import safe_name

    assert safe_name(sent) == kept


def test_dry_run_keeps_nothing_and_says_200(client: TestClient, book: Any) -> None:
    response = upload(client, ("era.835", b"ISA"), dry_run="true")

    assert response.status_code == 200
    assert response.json()["import"] is None
    assert not book.imported


def test_importing_the_same_again_creates_nothing(client: TestClient) -> None:
    upload(client, ("era.835", b"ISA"))
    response = upload(client, ("renamed.835", b"ISA"))

    assert response.status_code == 200
    assert response.json()["files"][0]["status"] == "duplicate"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("imports/I000001", ("import_", ("I000001",))),
        ("remittances/R000001", ("remittance", ("R000001",))),
        ("claims/C000001", ("claim", ("C000001",))),
        ("claims/C000001/fhir", ("fhir", ("C000001",))),
        ("accounts/A000001/balance", ("balance", ("A000001",))),
    ],
)
def test_one_thing_is_shown_by_our_own_id(
    client: TestClient, book: Any, path: str, asked: tuple[str, Any]
) -> None:
    response = client.get(f"{API}/{path}")

    assert response.status_code == 200
    assert book.asked == [asked]


@pytest.mark.parametrize("path", ["claims/PCN1", "claims/PCN1/fhir", "accounts/PCN1/balance"])
def test_a_path_holds_no_number_of_the_practice(client: TestClient, book: Any, path: str) -> None:
    response = client.get(f"{API}/{path}")

    assert response.status_code == 404
    assert "PCN1" not in response.text
    assert not book.asked


def test_an_id_of_another_noun_is_no_claim(client: TestClient, book: Any) -> None:
    assert client.get(f"{API}/claims/A000001").status_code == 422
    assert not book.asked


def test_amounts_stay_text_to_the_cent(client: TestClient) -> None:
    claim = client.get(f"{API}/claims/C000001").json()

    assert claim["charge"] == "250.00"
    assert claim["patient_due"] == "15.10"


def test_fhir_has_its_own_media_type(client: TestClient) -> None:
    response = client.get(f"{API}/claims/C000001/fhir")

    assert response.headers["content-type"] == "application/fhir+json"
    assert response.json()["resourceType"] == "Bundle"


@pytest.mark.parametrize("noun", ["imports", "remittances", "claims", "accounts"])
def test_lists_are_paged_by_cursor_until_next_is_null(client: TestClient, noun: str) -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(10):
        query = {"limit": "2"} | ({"after": after} if after else {})
        answer = client.get(f"{API}/{noun}", params=query).json()
        seen += [item["id"] for item in answer[noun]]
        after = answer["next"]
        if after is None:
            break

    assert len(seen) == 5
    assert len(set(seen)) == 5


def test_a_page_has_fifty_items_unless_told_otherwise(client: TestClient, book: Any) -> None:
    client.get(f"{API}/claims")

    assert book.asked == [("claims", (50, None))]


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_page_has_one_to_500_items(client: TestClient, limit: str) -> None:
    assert client.get(f"{API}/claims", params={"limit": limit}).status_code == 422


def test_claims_are_searched_by_a_number_in_the_body(client: TestClient) -> None:
    one = client.post(f"{API}/claims/search", json={"number": "PCN1"}).json()
    two = client.post(f"{API}/claims/search", json={"number": "TWICE"}).json()
    none = client.post(f"{API}/claims/search", json={"number": "NOBODY"}).json()

    assert [claim["id"] for claim in one["claims"]] == ["C000001"]
    assert [claim["id"] for claim in two["claims"]] == ["C000001", "C000002"]
    assert none == {"claims": [], "count": 0}


def test_accounts_are_searched_by_a_number_in_the_body(client: TestClient) -> None:
    one = client.post(f"{API}/accounts/search", json={"number": "PCN1"}).json()
    none = client.post(f"{API}/accounts/search", json={"number": "NOBODY"}).json()

    assert [account["id"] for account in one["accounts"]] == ["A000001"]
    assert one["accounts"][0]["patient_due"] == "15.10"
    assert none["count"] == 0


def test_claims_are_billed_as_asked(client: TestClient, book: Any) -> None:
    body = {"claims": ["C000001"], "kind": "replacement", "fields": {"line.1.modifiers": "25"}}
    shown = client.post(f"{API}/claims/bill", json=body)
    assert (shown.status_code, shown.json()["written"]) == (200, False)
    kept = client.post(f"{API}/claims/bill", json={**body, "keep": True, "reason": "coder"})
    assert (kept.json()["import"], kept.json()["edi"]) == ("I000002", "ISA*00~")
    _, (numbers, kind, keep, options) = book.asked[-1]
    assert (numbers, kind, keep) == (["C000001"], "replacement", True)
    assert (options["fields"], options["reason"]) == ({"line.1.modifiers": "25"}, "coder")
    assert client.post(f"{API}/claims/bill", json={**body, "kind": "x"}).status_code == 422


def test_denials_pass_their_filters_on(client: TestClient, book: Any) -> None:
    query = {"payer": "alpha", "minimum": "100", "status": "all", "limit": "5"}
    work = {"owner": "dana", "state": "waiting", "due_before": "2026-03-31"}
    response = client.get(f"{API}/denials", params={**query, **work})

    assert response.json()["denials"][0]["reason"] == "16"
    filters = book.asked[0][1][0]
    assert filters == {
        "payer": "alpha",
        "category": None,
        "status": "all",
        "minimum": "100",
        "maximum": None,
        "owner": "dana",
        "state": "waiting",
        "due_before": date(2026, 3, 31),
        "limit": 5,
        "after": None,
    }


def test_many_denials_take_one_step(client: TestClient, book: Any) -> None:
    body = {"denials": ["N000001", "G2876543210"], "kind": "note", "reason": "called"}
    seen = client.post(f"{API}/denials/bulk/search", json=body)
    assert (seen.status_code, seen.json()["bulk"]) == (200, None)
    match = {"If-Match": f'"{seen.json()["seen"]}"'}
    done = client.post(f"{API}/denials/bulk", json=body, headers=match)
    assert (done.status_code, done.json()["denials"][0]["taken"]) == (201, ["W000001"])
    (_, first), (_, second) = book.asked
    assert (first[:3], second[:3]) == (
        (body["denials"], "note", True),
        (body["denials"], "note", False),
    )
    assert (second[3]["reason"], second[3]["seen"]) == ("called", "5c1f0a9be4d21377")
    for wrong in ({"among": {"colour": "red"}}, {"denials": ["C000001"]}, {"amount": "5.00"}):
        assert client.post(f"{API}/denials/bulk", json={**body, **wrong}).status_code == 422


def test_patterns_pass_their_filters_on(client: TestClient, book: Any) -> None:
    query = {"payer": "alpha", "minimum": "100", "limit": "5"}
    answer = client.get(f"{API}/denials/patterns", params=query).json()

    assert answer["patterns"][0]["cases"] == ["N000001", "N000002"]
    wanted = {"payer": "alpha", "minimum": "100", "limit": 5, "after": None}
    assert book.asked == [("denial_patterns", (None, wanted))]
    assert client.get(f"{API}/denials/patterns?after=N000001").status_code == 422


def test_denials_are_the_open_ones_unless_told_otherwise(client: TestClient, book: Any) -> None:
    client.get(f"{API}/denials")

    assert book.asked[0][1][0]["status"] == "open"


def test_exceptions_say_what_waits(client: TestClient, book: Any) -> None:
    answer = client.get(f"{API}/exceptions", params={"kind": "no_claim"}).json()

    assert answer["exceptions"][0]["candidates"][0]["why_not"] == ["dates"]
    assert book.asked[0][1][0]["kind"] == "no_claim"


@pytest.mark.parametrize(
    "how", [{"to": "C000001"}, {"open_claim": True}, {"post_anyway": True}], ids=str
)
def test_an_exception_is_decided_one_way(
    client: TestClient, book: Any, how: dict[str, Any]
) -> None:
    body = {**how, "reason": "Payer confirmed", "user": "dana"}
    response = client.post(f"{API}/exceptions/X000001/resolve", json=body)

    assert response.status_code == 200
    assert response.json()["decision"] == "D000001"
    assert book.asked == [("resolve", ("X000001", body))]


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "because"},
        {"to": "C000001"},
        {"to": "C000001", "open_claim": True, "reason": "because"},
        {"open_claim": False, "reason": "because"},
        {"open_claim": 1, "reason": "because"},
        {"to": "C000001", "reason": "  "},
        {"to": "PCN1", "reason": "because"},
    ],
    ids=str,
)
def test_a_decision_is_one_way_with_a_reason(
    client: TestClient, book: Any, body: dict[str, Any]
) -> None:
    response = client.post(f"{API}/exceptions/X000001/resolve", json=body)

    assert response.status_code == 422
    assert not book.asked


@pytest.mark.parametrize(
    "path",
    ["imports/I000001", "remittances/R000001", "claim-payments/P000001", "decisions/D000001"],
)
def test_undo_takes_back_and_passes_the_reason_on(client: TestClient, book: Any, path: str) -> None:
    identifier = path.rpartition("/")[2]
    body = {"with_decisions": True, "reason": "wrong file"}
    response = client.post(f"{API}/{path}/undo", json=body)

    assert response.status_code == 200
    assert response.json()["undone"] == identifier
    assert book.asked == [("undo", (identifier, True, "wrong file"))]


def test_a_sheet_of_payments_on_paper_is_posted(client: TestClient, book: Any) -> None:
    sheet = {"sheet": ("eob.csv", b"payer,claim", "text/csv")}
    response = client.post(f"{API}/entered-payments", files=sheet)

    assert response.status_code == 201
    assert book.asked == [("enter_sheet", ("eob.csv", b"payer,claim", "api", False))]


def test_reports_are_listed_and_each_can_be_had(client: TestClient, book: Any) -> None:
    names = [item["name"] for item in client.get(f"{API}/reports").json()["reports"]]
    assert names == ["aging", "patient-balances", "claims", "waiting", "provider-adjustments",
                     "denials", "patterns", "overturns", "root-causes", "no-answer",
                     "underpayments", "remittances", "imports", "patient-payments",
                     "decisions", "correspondence"]  # fmt: skip

    for name in names:
        assert client.get(f"{API}/reports/{name}").json()["report"] == name
    assert [asked[1] for asked in book.asked] == [(name, None, None) for name in names]


def test_a_report_is_as_of_a_day(client: TestClient, book: Any) -> None:
    client.get(f"{API}/reports/aging", params={"as_of": "2026-01-31"})

    assert book.asked == [("report", ("aging", date(2026, 1, 31), None))]


def test_a_report_of_movements_has_a_first_day(client: TestClient, book: Any) -> None:
    client.get(f"{API}/movements/ledger", params={"from": "2026-01-01"})

    assert book.asked == [("report", ("ledger", None, date(2026, 1, 1)))]


def test_a_period_is_closed_and_opened_again(client: TestClient, book: Any) -> None:
    body = {"through": "2026-01-31", "reason": "handed in", "user": "dana"}
    closed = client.post(f"{API}/closings", json=body)
    opened = client.post(f"{API}/closings/K000001/undo", json={"reason": "too early"})

    assert closed.json()["closed_through"] == "2026-01-31"
    assert opened.json()["undone"] == "K000001"
    assert book.asked == [
        ("close_period", ("2026-01-31", "handed in", "dana")),
        ("undo", ("K000001", False, "too early")),
    ]


def test_a_report_as_csv_is_a_download_without_formulas(client: TestClient) -> None:
    response = client.get(f"{API}/reports/aging", params={"format": "csv"})

    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"] == 'attachment; filename="aging.csv"'
    assert response.text == "payer,open\n'=Alpha,100.00\n"


def test_a_report_as_spreadsheet_has_real_numbers(client: TestClient) -> None:
    response = client.get(f"{API}/reports/aging", params={"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]

    assert sheet["B2"].value == 100


def test_the_book_is_opened_by_the_first_question_and_closed_with_the_server(
    app: FastAPI, book: Any
) -> None:
    with TestClient(app, base_url="http://localhost:8000") as client:
        client.get(f"{API}/health")
        assert book.opened == 0
        client.get(f"{API}/claims")
        client.get(f"{API}/denials")
        assert (book.opened, book.closed) == (1, 0)
    assert book.closed == 1


def test_a_book_that_could_not_be_opened_is_tried_again() -> None:
    """A server that starts before its disk is there does not have to be started again."""
    attempts: list[FakeBook] = []

    @contextmanager
    def opener(_: str) -> Iterator[FakeBook]:
        attempts.append(FakeBook())
        if len(attempts) == 1:
            raise BookUnavailable("The book cannot be opened.")
        yield attempts[-1]

    client = TestClient(create_app(Settings(book_url="x"), opener), base_url="http://localhost")
    assert [client.get(f"{API}/claims").status_code for _ in range(3)] == [503, 200, 200]
    assert len(attempts) == 2


def test_a_file_of_a_denial_goes_in_and_out_under_our_ids(client: TestClient, book: Any) -> None:
    place = f"{API}/denials/N000007/attachments"
    sent = client.post(
        place,
        files={"file": ("record.pdf", b"%PDF-1.7", "application/pdf")},
        data={"reason": "the visit", "reference": "E000004", "user": "dana"},
    )
    assert (sent.status_code, sent.json()) == (201, client.get(place).json())
    told = {"reason": "the visit", "reference": "E000004", "user": "dana"}
    told["content_type"] = "application/pdf"
    assert book.asked[0] == ("attach", ("N000007", "record.pdf", b"%PDF-1.7", told))
    got = client.get(f"{API}/denials/steps/W000003/attachments/1/file")
    assert (got.content, got.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert "filename*=UTF-8''r%C3%A9cord%20_1_.pdf" in got.headers["content-disposition"]
    assert client.get(f"{API}/denials/steps/W000003/attachments/2/file").status_code == 404
    assert client.get(f"{API}/denials/steps/W000003/attachments/0/file").status_code == 422
