"""Which imports run: each leaves a sign of life with every batch that it commits.

A process that is killed says nothing more. An import that neither ended nor gave a sign for half an
hour is taken for stopped; where it lives after all, its next batch says so.
"""

from __future__ import annotations

import time
from contextlib import suppress

import sqlalchemy as sa

from medcollect.errors import BookUnavailable
from medcollect.store.engine import Store, counted, set_counter
from medcollect.store.tables import counters

RUNNING, STOPPED = "running", "stopped"

#: Longer than any batch takes that is not one payment of hundreds of thousands of claims.
SILENT_SECONDS = 30 * 60


def sign_of_life(connection: sa.Connection, import_id: int) -> None:
    """Say that an import goes on."""
    set_counter(connection, _name(import_id), int(time.time()))


def say_stopped(store: Store, import_id: int) -> None:
    """Say that an import goes on no more, as far as the book can still be reached."""
    with suppress(BookUnavailable):
        if import_id:
            with store.writing() as connection:
                set_counter(connection, _name(import_id), 0)


def ended(connection: sa.Connection, import_id: int) -> None:
    """An import that is done needs no sign."""
    connection.execute(sa.delete(counters).where(counters.c.name == _name(import_id)))


def status_now(connection: sa.Connection, import_id: int, status: str) -> str:
    """The status of an import as people see it: whether one that did not end runs at all."""
    if status != RUNNING:
        return status
    (seen,) = counted(connection, _name(import_id))
    return RUNNING if time.time() - seen < SILENT_SECONDS else STOPPED


def _name(import_id: int) -> str:
    return f"import {import_id} seen"
