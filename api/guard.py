"""What stands before every request: only this machine, bounded bodies, a log without people.

There is no login yet. So the server listens on loopback only (:func:`loopback_address`), and
refuses requests that a web page of somebody else could make a browser on this machine send: those
under another Host (DNS rebinding) and those of another Origin (cross-site requests).
"""

from __future__ import annotations

import logging
import socket
import time
import traceback
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, NOT_LOCAL, TOO_LARGE, RequestProblem, problem
from medcollect.errors import NotAllowed

_log = logging.getLogger("medcollect.api")


def loopback_address(host: str) -> str:
    """Resolve the address to listen on; anything but loopback is refused."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        found = set()
    if not found or not all(ip_address(address).is_loopback for address in found):
        raise NotAllowed(
            "There is no login yet, so the server listens on this machine only.",
            "Use --host 127.0.0.1 (or leave it out).",
        )
    return min(found)  # 127.0.0.1 before ::1


def is_loopback(host: str) -> bool:
    """Say whether a Host header, with or without port, names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


class LocalOnly:
    """Refuses requests under a foreign Host or of a foreign Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or _is_local(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        detail = "The Host or Origin of the request is not this server on this machine."
        await problem(NOT_LOCAL, detail, "Ask http://127.0.0.1.")(scope, receive, send)


def _is_local(headers: Headers) -> bool:
    host, origin = headers.get("host", ""), headers.get("origin")
    return is_loopback(host) and (origin is None or urlsplit(origin).netloc == host)


class BodyLimit:
    """Refuses bodies larger than the limit, by their declared length and while they arrive."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what arrives."""
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if declared.isdecimal() and int(declared) > self._limit:
            refusal = self._refusal()
            await problem(refusal.kind, refusal.detail, refusal.action)(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._limit:
                raise self._refusal()
            return message

        await self._app(scope, counted, send)

    def _refusal(self) -> RequestProblem:
        detail = f"The request is larger than {self._limit} bytes."
        return RequestProblem(TOO_LARGE, detail, "Send fewer files at once.")


class RequestLog:
    """Logs each request as method, route, our own ids, status and time; never what was sent.

    What no route knows is logged as ``-``: its path may hold anything. A failure nobody foresaw is
    logged by its type and place, without its message, which may quote a record.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as failure:
            _log.error("%s at %s", type(failure).__name__, _where(failure))
            if not status:
                answer = problem(INTERNAL, "Something went wrong that nobody foresaw.")
                await answer(scope, receive, noted)
        took_ms = (time.perf_counter() - began) * 1000
        _log.info("%s %s %d %.1f ms", scope["method"], _route(scope, status), status, took_ms)


def _route(scope: Scope, status: int) -> str:
    """Give the path if a route took it: then it holds our own ids only."""
    return "-" if "endpoint" not in scope or status in {404, 405, 422} else str(scope["path"])


def _where(failure: Exception) -> str:
    frame = traceback.extract_tb(failure.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
