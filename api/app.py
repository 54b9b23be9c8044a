"""The only place where the HTTP door is put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import medcollect
from api import documentation
from api.deps import Desk, OpenBook, open_real_book
from api.errors import Problem, handle_errors
from api.guard import BodyLimit, LocalOnly, RequestLog
from api.idempotency import RememberedAnswers
from api.routes import ROUTERS
from api.settings import Settings

PREFIX = "/api/v1"

_DESCRIPTION = """\
Remittances and claims in, posted balances, a denial worklist and what each patient owes out.

* Amounts are US dollars as decimal strings with two places: `"1234.50"`.
* Dates are ISO 8601 (`2026-01-31`).
* Paths hold our own ids only (`C000001`); a search by number travels in a body.
* Lists are paged: pass the `next` of an answer as `after`; `next` is `null` on the last page.
* Writes take an `Idempotency-Key`: the same key with the same body gets the first answer again.
* Problems are `application/problem+json` (RFC 9457).
* There is no login yet: only this machine may ask.
"""

_TAGS = [
    {"name": "imports", "description": "Files taken in, and taken back."},
    {"name": "remittances", "description": "Payments with their claim payments (835)."},
    {"name": "claims", "description": "Claims with their balance, explained."},
    {"name": "denials", "description": "What payers refused, in the order of work."},
    {"name": "letters", "description": "Appeals about denials, and when they went out."},
    {"name": "accounts", "description": "What patients owe, and why."},
    {"name": "exceptions", "description": "What waits for a person."},
    {"name": "bank", "description": "Deposits, and which remittance's money they brought."},
    {"name": "patient payments", "description": "What patients pay, and where it goes."},
    {"name": "open balances", "description": "Claims of another system, in and out."},
    {"name": "closings", "description": "Periods that take no new entries."},
    {"name": "reports", "description": "Figure sheets as JSON, CSV or spreadsheet."},
    {"name": "settings", "description": "What the office decided beforehand."},
    {"name": "health", "description": "Whether the server is up."},
]


def create_app(settings: Settings | str, opener: OpenBook = open_real_book) -> FastAPI:
    """Assemble the API over one book; a plain string is the book's URL.

    ``opener`` opens the book and is handed in so that tests can bring their own.
    """
    if isinstance(settings, str):
        settings = Settings(book_url=settings)
    app = FastAPI(
        title="medcollect",
        version=medcollect.__version__,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # ours needs no script (api/documentation.py)
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.desk = Desk(settings.book_url, opener)
    app.state.remembered = RememberedAnswers(settings.remembered_keys)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(documentation.router)
    handle_errors(app)
    app.add_middleware(BodyLimit, limit_bytes=settings.upload_limit_bytes)
    app.add_middleware(LocalOnly)
    app.add_middleware(RequestLog)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Close the book when the server stops."""
    yield
    app.state.desk.close()


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI document, with the schema that every problem response refers to."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            tags=app.openapi_tags,
            routes=app.routes,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        app.openapi_schema = document
    return app.openapi_schema
