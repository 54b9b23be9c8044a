"""Documents of the book as they were read: with every raw segment and their file's envelope.

The book keeps records without their raw segments; those stand in the raw files, which are read
again here as far as the document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import IO, Any, cast

import msgspec
import sqlalchemy as sa

from medcollect.errors import NotAllowed
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.common import Delimiters
from medcollect.model.opening import OPENING_KIND
from medcollect.model.remittance import ClaimPayment, RemittanceHeader
from medcollect.store.engine import chunks
from medcollect.store.raw import open_raw
from medcollect.store.tables import claim_documents, claim_payments, files, transactions
from medcollect.x12 import Limits, documents
from medcollect.x12.tokens import Tokens


class OriginalClaim(msgspec.Struct, frozen=True):
    """A claim as it was read, the header of its transaction, and the ISA and GS above it."""

    claim: Claim
    header: ClaimsHeader
    isa: tuple[str, ...]
    gs: tuple[str, ...]

    @property
    def marks(self) -> Delimiters:
        """The separators of its file."""
        return self.header.transaction.envelope.delimiters


class OriginalPayment(msgspec.Struct, frozen=True):
    """A claim payment as it was read, and the header of its remittance."""

    payment: ClaimPayment
    header: RemittanceHeader


def original_claims(connection: sa.Connection, ids: Sequence[int]) -> dict[int, OriginalClaim]:
    """These claim documents, by id."""
    found: dict[int, OriginalClaim] = {}
    for sha256, wanted in _places(connection, claim_documents, "transaction_id", ids).items():
        with open_raw(connection, sha256) as stream:
            read = list(_read(stream, wanted, ClaimsHeader, Claim))
            for number, header, claim in read:
                isa, gs = _envelope(stream, header.transaction.segment)
                found[number] = OriginalClaim(claim, header, isa, gs)
    return found


def original_payments(connection: sa.Connection, ids: Sequence[int]) -> dict[int, OriginalPayment]:
    """These claim payments, by id."""
    found: dict[int, OriginalPayment] = {}
    for sha256, wanted in _places(connection, claim_payments, "remittance_id", ids).items():
        with open_raw(connection, sha256) as stream:
            for number, header, payment in _read(stream, wanted, RemittanceHeader, ClaimPayment):
                found[number] = OriginalPayment(payment, header)
    return found


def _places(
    connection: sa.Connection, table: sa.Table, link: str, ids: Sequence[int]
) -> dict[str, dict[tuple[int, int], int]]:
    """Where the documents stand, by file: transaction and position, with their ids."""
    found: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
    for some in chunks(list(ids)):
        query = (
            sa.select(table.c.id, table.c.position, transactions.c.kind)
            .add_columns(transactions.c.place, files.c.sha256)
            .join(transactions, transactions.c.id == table.c[link])
            .join(files, files.c.id == transactions.c.file_id)
            .where(table.c.id.in_(some))
        )
        for row in connection.execute(query):
            if row.kind == OPENING_KIND:
                raise NotAllowed(
                    "The claim is known by its opening balance only, not as it was sent.",
                    "Import its 837; else send it from the system that it came from.",
                )
            found[row.sha256][row.place, row.position] = row.id
    return found


def _read(
    stream: IO[bytes], wanted: dict[tuple[int, int], int], header_type: type, document_type: type
) -> Iterator[tuple[int, Any, Any]]:
    """Id, header and document of those wanted; reading stops at the last of them."""
    left = dict(wanted)
    header: Any = None
    for document in documents(cast("Any", stream)):
        if isinstance(document, header_type):
            header = document
        elif isinstance(document, document_type) and header is not None:
            number = left.pop((header.transaction.index, cast("Any", document).position), None)
            if number is not None:
                yield number, header, document
            if not left:
                return


def _envelope(stream: IO[bytes], before: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The elements of the last ISA and GS before this segment, empty where there is none."""
    isa: tuple[str, ...] = ()
    gs: tuple[str, ...] = ()
    stream.seek(0)
    for batch in Tokens(cast("Any", stream), Limits()).batches():
        for number, segment in enumerate(batch.segments, batch.first):
            if number >= before:
                return isa, gs
            if segment.startswith("ISA"):
                isa = tuple(segment.split(batch.delimiters.element))
            elif segment.startswith("GS" + batch.delimiters.element):
                gs = tuple(segment.split(batch.delimiters.element))
    return isa, gs
