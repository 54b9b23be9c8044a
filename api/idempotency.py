"""Writes that are safe to send twice: the answers to recent ``Idempotency-Key`` headers.

The table lives in the server's memory: it forgets the least recently used key when it is full,
and all keys on restart. Nothing is lost by that: imports recognise what they know already, and
undoing or resolving a second time is refused by the book.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Header, Request, Response, UploadFile

from api.errors import KEY_BUSY, KEY_REUSED, RequestProblem
from api.uploads import received, without_folder

Document = dict[str, Any]

REPLAYED: Final = "Idempotency-Replayed"


class Remembered(NamedTuple):
    """The answer to a key; without a document it is still being worked."""

    fingerprint: str
    status: int = 0
    document: Document | None = None


class RememberedAnswers:
    """The keys of the latest writes with what was asked and what was answered."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answers: OrderedDict[str, Remembered] = OrderedDict()
        self._lock = Lock()

    def claim(self, key: str, fingerprint: str) -> Remembered | None:
        """Reserve a new key and give ``None``, or give the answer the key has."""
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                self._answers[key] = Remembered(fingerprint)
                while len(self._answers) > self._limit:
                    self._answers.popitem(last=False)
                return None
            self._answers.move_to_end(key)
        if known.fingerprint != fingerprint:
            raise RequestProblem(KEY_REUSED, "This Idempotency-Key came with another request.")
        if known.document is None:
            raise RequestProblem(KEY_BUSY, "Its answer is not ready yet.", "Try again shortly.")
        return known

    def keep(self, key: str, answer: Remembered) -> None:
        """Remember the answer."""
        with self._lock:
            self._answers[key] = answer

    def release(self, key: str) -> None:
        """Forget a key whose request failed, so that it can be sent again."""
        with self._lock:
            self._answers.pop(key, None)


class Once:
    """Does the work of one write once per key, and sets the response's status."""

    def __init__(
        self,
        request: Request,
        response: Response,
        key: Annotated[
            str | None,
            Header(
                alias="Idempotency-Key",
                min_length=1,
                max_length=200,
                pattern=r"^[\x21-\x7e]+$",
                description="Your own unique key for this write; the same key with the same "
                "body gets the first answer again (marked `Idempotency-Replayed: true`).",
                examples=["7f9c2ba4-e88f-4d0c-8c5e-0d3c6c1f1f7a"],
            ),
        ] = None,
    ) -> None:
        self._table: RememberedAnswers = request.app.state.remembered
        self._response = response
        self._place = f"{request.method} {request.url.path}"
        self._key = key

    def do(self, asked: object, work: Callable[[], tuple[int, Document]]) -> Document:
        """Do the work, or give its remembered answer; ``asked`` is what the body said."""
        if self._key is None:
            status, document = work()
        else:
            status, document = self._do_with(self._key, fingerprint(self._place, asked), work)
        self._response.status_code = status
        return document

    def _do_with(
        self, key: str, asked: str, work: Callable[[], tuple[int, Document]]
    ) -> tuple[int, Document]:
        known = self._table.claim(key, asked)
        if known is not None and known.document is not None:
            self._response.headers[REPLAYED] = "true"
            return known.status, known.document
        try:
            status, document = work()
        except BaseException:
            self._table.release(key)
            raise
        self._table.keep(key, Remembered(asked, status, document))
        return status, document


def fingerprint(place: str, asked: object) -> str:
    """Hash what was asked, so that the table holds no patient's data of requests."""
    text = json.dumps([place, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


DoOnce = Annotated[Once, Depends(Once)]


def with_table(
    once: Once,
    table: UploadFile,
    asked: object,
    work: Callable[[Path], Document],
    status: int = 200,
) -> Document:
    """Do with an uploaded file, held on disk meanwhile, what is done once per key."""
    with received([table]) as held:
        path, hashes = held.paths[0], held.hashes
        return once.do([asked, hashes], lambda: (status, without_folder(work(path))))
