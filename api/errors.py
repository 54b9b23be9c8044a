"""Every problem as RFC 9457 ``application/problem+json``: one table from exception to answer.

No problem repeats what was sent: it names the place, not the value.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from medcollect import errors

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its status, the name in its ``type``, and its title."""

    status: int
    name: str
    title: str


#: Which problem an exception becomes; a subclass without a row takes that of its base.
KINDS: Final[dict[type[errors.MedcollectError], Kind]] = {
    errors.MedcollectError: Kind(500, "internal", "The server failed"),
    errors.NothingDone: Kind(409, "nothing-done", "Nothing was done"),
    errors.BookUnavailable: Kind(503, "book-unavailable", "The book cannot be used now"),
    errors.NotFound: Kind(404, "not-found", "Not in the book"),
    errors.NotReadable: Kind(400, "not-readable", "The file cannot be read"),
    errors.SettingsInvalid: Kind(503, "settings-invalid", "The settings cannot be used"),
    errors.NotAllowed: Kind(409, "not-allowed", "A rule forbids it"),
    errors.ImportStopped: Kind(503, "import-stopped", "The import broke off"),
    errors.BadRequest: Kind(422, "bad-request", "The request cannot be understood"),
}

INVALID: Final = Kind(422, "invalid", "The request does not fit its description")
KEY_REUSED: Final = Kind(409, "key-reused", "The key was used for another request")
KEY_BUSY: Final = Kind(409, "key-busy", "The first request with this key is still being worked")
NOT_LOCAL: Final = Kind(403, "not-local", "Only this machine may ask")
TOO_LARGE: Final = Kind(413, "too-large", "The request is too large")
INTERNAL: Final = KINDS[errors.MedcollectError]


class FieldProblem(BaseModel):
    """One place of the request that does not fit."""

    place: str = Field(description="Where, without the value.", examples=["query.limit"])
    message: str = Field(description="What is wrong.", examples=["Input should be 1 or more"])


class Problem(BaseModel):
    """A problem (RFC 9457)."""

    type: str = Field(
        description="The kind of problem, as a URN.", examples=["urn:medcollect:problem:not-found"]
    )
    title: str = Field(description="The kind in words.", examples=["Not in the book"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What happened.", examples=["No such claim."])
    action: str = Field(
        default="", description="What you can do.", examples=["Search for it by its number."]
    )
    errors: list[FieldProblem] = Field(
        default=[], description="The places of the request that do not fit."
    )


class RequestProblem(HTTPException):
    """Raised by this door itself where no exception of the book fits.

    An HTTPException, because the web framework lets only those pass while it reads a body.
    """

    def __init__(self, kind: Kind, detail: str, action: str = "") -> None:
        super().__init__(kind.status, detail)
        self.kind = kind
        self.action = action


def problem(
    kind: Kind, detail: str, action: str = "", places: list[FieldProblem] | None = None
) -> JSONResponse:
    """Give the response for a problem."""
    body = Problem(
        type=f"urn:medcollect:problem:{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        action=action,
        errors=places or [],
    )
    return JSONResponse(body.model_dump(), kind.status, media_type=MEDIA_TYPE)


def kind_of(error: errors.MedcollectError) -> Kind:
    """Look an exception up in the table, by its class or the nearest base."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def handle_errors(app: FastAPI) -> None:
    """Teach the app to answer every exception with a problem."""
    app.add_exception_handler(errors.MedcollectError, _ours)
    app.add_exception_handler(RequestProblem, _request_problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.MedcollectError)  # noqa: S101 - registered for it only
    return problem(kind_of(error), error.message, error.action)


async def _request_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestProblem)  # noqa: S101 - registered for it only
    return problem(error.kind, error.detail, error.action)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it only
    places = [_place(found) for found in error.errors()]
    return problem(INVALID, "Some of what was sent does not fit.", "See errors.", places)


def _place(found: dict[str, Any]) -> FieldProblem:
    """Name the place; the name of a field nobody asked for came from the sender and stays out."""
    location = found["loc"][:-1] if found["type"] == "extra_forbidden" else found["loc"]
    return FieldProblem(place=".".join(str(part) for part in location), message=found["msg"])


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it only
    title = HTTPStatus(error.status_code).phrase
    kind = Kind(error.status_code, title.lower().replace(" ", "-"), title)
    response = problem(kind, str(error.detail), _NEXT_STEPS.get(error.status_code, ""))
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_methods(request))
    return response


#: What to do about a problem that no route answered.
_NEXT_STEPS: Final = {
    404: "Paths hold our own ids, a letter and its number (N000012); /docs lists every path.",
}


def _methods(request: Request) -> list[str]:
    """Give what a path can be asked, over all its routes: the router names those of one only."""
    paths, path = request.app.openapi()["paths"], request.url.path
    template = path if path in paths else next((t for t in paths if _fits(t, path)), "")
    return sorted(method.upper() for method in paths.get(template, ()))


def _fits(template: str, path: str) -> bool:
    """Say whether a path is one of a template's."""
    asked, known = path.split("/"), template.split("/")
    pairs = zip(asked, known, strict=False)
    return len(asked) == len(known) and all(a == k or k.startswith("{") for a, k in pairs)


#: Problems that any operation may answer.
_ALWAYS: Final = (403, 422, 500, 503)

_MEANINGS: Final = {
    400: "The file or the body cannot be read.",
    403: "The request did not come from this machine.",
    404: "Not in the book.",
    409: "A rule forbids it, or the key is being worked or was used for another request.",
    413: "The upload is larger than the server takes.",
    422: "The request does not fit its description.",
    500: "The server failed; nothing was changed.",
    503: "The book cannot be opened, is locked, or has no room left; try again later.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give the OpenAPI of the problems an operation may answer, besides those any may."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, *_ALWAYS})
    }
