"""The OpenAPI document is complete, and the API keeps it for whatever is sent."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from fastapi import FastAPI

from api import routes
from api.app import create_app
from api.settings import Settings
from tests.unit.api.conftest import FakeBook

METHODS = {"get", "post", "put", "patch", "delete"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def properties(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).values()
        for value in schema.values():
            yield from properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value)


def test_every_operation_is_described_with_its_answers_and_problems(app: FastAPI) -> None:
    for name, operation in operations(app.openapi()):
        assert operation["summary"], name
        assert operation["description"], name
        assert len(operation["tags"]) == 1, name
        answers = operation["responses"]
        assert {"200", "201"} & set(answers), name
        assert {"403", "422", "500", "503"} <= set(answers), name
        for status, answer in answers.items():
            assert answer["description"], (name, status)
            problem = answer["content"].get("application/problem+json")
            assert (problem is not None) == (int(status) >= 400), (name, status)
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (name, parameter["name"])


def test_every_good_answer_has_a_named_model(app: FastAPI) -> None:
    for name, operation in operations(app.openapi()):
        good = operation["responses"].get("200") or operation["responses"]["201"]
        if name.endswith("/file"):
            assert good["content"], name
            continue
        media = "application/fhir+json" if name.endswith("/fhir") else "application/json"
        assert good["content"][media]["schema"]["$ref"], name


def test_every_write_takes_an_idempotency_key(app: FastAPI) -> None:
    for name, operation in operations(app.openapi()):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        write = name.startswith("POST") and not name.endswith("/search")
        assert ("Idempotency-Key" in headers) is write, name


def test_every_list_takes_a_limit_and_a_cursor_and_answers_next(app: FastAPI) -> None:
    for noun in ("imports", "remittances", "claims", "denials", "accounts", "exceptions"):
        operation = app.openapi()["paths"][f"/api/v1/{noun}"]["get"]
        assert {"limit", "after"} <= {p["name"] for p in operation["parameters"]}
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        model = app.openapi()["components"]["schemas"][reference.rpartition("/")[2]]
        assert "next" in model["properties"]


def test_amounts_say_their_unit_and_show_an_example(app: FastAPI) -> None:
    found = 0
    for schema in properties(app.openapi()["components"]["schemas"]):
        if schema.get("pattern", "").endswith(r"[0-9]{2}$"):
            found += 1
            assert "US dollars as a decimal string" in schema["description"]
            assert schema["examples"]
    assert found > 20


def test_the_document_is_served(client: Any) -> None:
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "medcollect"


def test_people_read_it_on_a_page_without_scripts(client: Any) -> None:
    response = client.get("/docs")

    assert "POST /api/v1/claims/search" in response.text
    assert "<script" not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_route_takes_asks_one_thing_and_gives_back() -> None:
    """At most 15 lines, signature included."""
    for path in Path(routes.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 15, f"{path.name}: {node.name}"


@contextmanager
def _fresh_book(_: str) -> Iterator[FakeBook]:
    yield FakeBook()


def _schema() -> Any:
    app = create_app(Settings(book_url="fake://book"), _fresh_book)
    loaded = schemathesis.openapi.from_dict(app.openapi())
    loaded.app = app
    return loaded


schema = _schema()


@schema.parametrize()  # type: ignore[untyped-decorator]
@hypothesis.settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_whatever_is_sent_the_answer_keeps_the_document(case: Any) -> None:
    """Sound requests are taken, unsound ones refused, and every answer fits its description.

    A form carries nothing but text: another type than its schema says arrives as text all the
    same, so nothing on the wire is there to be refused.
    """
    form = case.media_type == "multipart/form-data"
    left_out = [schemathesis.checks.negative_data_rejection] if form else []
    case.call_and_validate(base_url="http://localhost", excluded_checks=left_out)
