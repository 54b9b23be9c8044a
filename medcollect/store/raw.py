"""Raw files in the book, compressed in pieces under the SHA-256 of their bytes."""

from __future__ import annotations

import tempfile
import zlib
from typing import IO, BinaryIO

import sqlalchemy as sa

from medcollect.store.engine import bulk_load
from medcollect.store.tables import raw_chunks

_PIECE_BYTES = 1_000_000

#: EDI repeats itself so much that the quickest level makes a tenth of it.
_LEVEL = 1


def keep_raw(connection: sa.Connection, sha256: str, stream: BinaryIO) -> None:
    """Keep a file's bytes, once."""
    known = sa.select(raw_chunks.c.position).where(raw_chunks.c.sha256 == sha256).limit(1)
    if connection.execute(known).first() is not None:
        return
    position = 0
    while piece := stream.read(_PIECE_BYTES):
        bulk_load(connection, raw_chunks, [(sha256, position, zlib.compress(piece, _LEVEL))])
        position += 1


def open_raw(connection: sa.Connection, sha256: str) -> IO[bytes]:
    """The bytes of a kept file as a stream from its start; the caller closes it."""
    spool = tempfile.SpooledTemporaryFile(max_size=16 * _PIECE_BYTES)  # noqa: SIM115 - the caller's
    query = (
        sa.select(raw_chunks.c.data)
        .where(raw_chunks.c.sha256 == sha256)
        .order_by(raw_chunks.c.position)
    )
    for row in connection.execute(query):
        spool.write(zlib.decompress(row.data))
    spool.seek(0)
    return spool
