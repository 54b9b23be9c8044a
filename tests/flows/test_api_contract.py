"""The OpenAPI document against a real book: nothing undescribed is answered, nothing else taken."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.schemas import MovementName, ReportName
from api.settings import Settings
from medcollect.book import Book

API = "/api/v1"
BANK = Path(__file__).parents[2] / "edi_samples" / "bank"
BALANCES = BANK.parent / "balances" / "tables"
CONTRACT = Path(__file__).parents[2] / "edi_samples" / "contracts" / "plainfield-2026.csv"
SAMPLES = sorted((Path(__file__).parents[2] / "edi_samples").glob("*.edi"))

#: Ids that the sample month has, and one that nothing has, by the letter of the id.
KNOWN = {
    "I": ["I000001", "I999999"],
    "R": ["R000008", "R000021", "R999999"],
    "P": ["P000001", "P000063", "P999999"],
    "C": ["C000001", "C000019", "C000038", "C999999"],
    "A": ["A000001", "A000004", "A999999"],
    "X": ["X000001", "X000003", "X999999"],
    "D": ["D000001", "D999999"],
    "K": ["K000001", "K999999"],
    "S": ["S000001", "S999999"],
    "M": ["M000001", "M000002", "M999999"],
    "E": ["E000001", "E000002", "E999999"],
    "N": ["N000001", "N000009", "N000020", "N999999"],
    "W": ["W000001", "W000002", "W999999"],
    "T": ["T000001", "T000002", "T999999"],
    "U": ["U120001", "U999999"],
    "G": ["G0000000001", "G999999"],
    "J": ["J000001", "J999999"],
}


FOLDER = TemporaryDirectory(prefix="medcollect-contract-")


@contextmanager
def month(url: str) -> Iterator[Book]:
    """A book that holds the sample month and one decision, made when it is first opened."""
    with medcollect.open_book(url) as book:
        if not book.imports()["imports"]:
            book.import_files([str(path) for path in SAMPLES])
            first = book.exceptions()["exceptions"][0]["id"]
            book.resolve(first, post_anyway=True, reason="seen on paper", user="dana")
            book.close_period("2026-01", reason="handed in", user="dana")
            book.import_deposits([BANK])
            desk = BANK / "2026-03-desk.csv"
            book.import_payments(desk, mapping=desk.with_suffix(".toml"), user="dana")
            book.pay("CH1003", "5.00", method="cash", received_on=date(2026, 1, 20), user="dana")
            told: dict[str, Any] = {"reason": "card seen", "user": "dana"}
            book.add_coverage("CH1003", payer="STONEBRIDGE TRUST", payer_rank=3, **told)
            book.move_balance("CH1002", "18.00", to="payer", payer="STONEBRIDGE TRUST", **told)
            merged = [book.balance(number)["account"] for number in ("CH1002", "CH1003")]
            book.merge_accounts(merged, although_different=True, **told)
            book.import_contract(
                CONTRACT,
                name="PPO",
                payer="PLAINFIELD*",
                valid_from=date(2026, 1, 1),
                terms=CONTRACT.with_suffix(".toml"),
                user="dana",
            )
            book.bounce("M000001", received_on=date(2026, 3, 20), reason="no funds", user="dana")
            book.import_balances(BALANCES, as_of=date(2026, 3, 31), user="dana")
        yield book


def make_office(name: str) -> FastAPI:
    return create_app(Settings(book_url=f"sqlite:///{FOLDER.name}/{name}.db"), month)


@pytest.fixture(scope="module")
def office() -> FastAPI:
    return make_office("answers")


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference, or the one beside null."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found: dict[str, Any] = document["components"]["schemas"][name]
        return found
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    return resolved(choices[0], document) if len(choices) == 1 else schema


def undescribed(
    value: Any, schema: dict[str, Any], document: dict[str, Any], place: str
) -> Iterator[str]:
    """Keys of an answer that its schema does not name."""
    schema = resolved(schema, document)
    if isinstance(value, list):
        for item in value:
            yield from undescribed(item, schema.get("items", {}), document, f"{place}[]")
    elif isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        for key, item in value.items():
            if key not in known:
                yield f"{place}.{key}"
            else:
                yield from undescribed(item, known[key], document, f"{place}.{key}")


def looks(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every GET of the API on everything the book holds: its template and its path."""
    shown = {
        "imports": ["imports/{id}"],
        "remittances": ["remittances/{id}"],
        "claims": ["claims/{id}", "claims/{id}/fhir"],
        "accounts": ["accounts/{id}/balance"],
        "denials": [],
        "exceptions": [],
        "patient-payments": [],
        "entries": [],
        "contracts": ["contracts/{id}"],
        "underpayments": ["underpayments/{id}"],
    }
    yield "reconciliation", "reconciliation"
    yield "denials/patterns", "denials/patterns"
    yield "open-balances", "open-balances?closed=true"
    for noun, templates in shown.items():
        yield noun, f"{noun}?limit=500"
        for item in client.get(f"{API}/{noun}?limit=500").json()[noun.replace("-", "_")]:
            for template in templates:
                yield template, template.format(id=item["id"])
    for report in ReportName:
        name = report.value
        yield "reports/{name}", f"reports/{name}"
    for movement in MovementName:
        yield "movements/{name}", f"movements/{movement.value}"


def test_every_key_of_every_answer_is_described(office: FastAPI) -> None:
    """Extra keys are allowed to a client; to us they are a gap in the document."""
    client, document = TestClient(office, base_url="http://localhost"), office.openapi()
    gaps: set[str] = set()
    asked = 0
    for template, path in looks(client):
        response = client.get(f"{API}/{path}")
        assert response.status_code == 200, (path, response.text)
        content = document["paths"][f"{API}/{template}"]["get"]["responses"]["200"]["content"]
        media = response.headers["content-type"].partition(";")[0]
        gaps |= set(undescribed(response.json(), content[media]["schema"], document, template))
        asked += 1
    assert not gaps
    assert asked > 150


def test_every_property_is_described_in_words(office: FastAPI) -> None:
    for name, schema in office.openapi()["components"]["schemas"].items():
        for key, found in schema.get("properties", {}).items():
            assert found.get("description") or "$ref" in found, f"{name}.{key}"


def schema_with_known_ids() -> Any:
    """The document, with ids in its paths that the book has: random ones would only find 404."""
    app = make_office("anything")
    document = copy.deepcopy(app.openapi())
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] == "id":
                    letter = parameter["schema"]["pattern"][1]
                    parameter["schema"]["enum"] = KNOWN[letter]
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app = app
    return loaded


schema = schema_with_known_ids()


@schema.parametrize()  # type: ignore[untyped-decorator]
@hypothesis.settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_whatever_is_sent_to_a_real_book_the_answer_keeps_the_document(case: Any) -> None:
    """Sound requests are taken, unsound ones refused, and every answer fits its description.

    A form carries nothing but text: what is of another type than its schema says arrives as
    text all the same, or not at all, so nothing on the wire is there to be refused.
    """
    form = case.media_type == "multipart/form-data"
    left_out = [schemathesis.checks.negative_data_rejection] if form else []
    case.call_and_validate(base_url="http://localhost", excluded_checks=left_out)
