"""Whole remittances and single claims out of the stream of records."""

from __future__ import annotations

from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from medcollect.errors import NotReadable
from medcollect.findings import Finding
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, Remittance, RemittanceEnd, RemittanceHeader
from medcollect.x12.reader import documents
from medcollect.x12.tokens import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

Source: TypeAlias = "str | PathLike[str] | BinaryIO"


def read(
    source: Source, *, findings: list[Finding] | None = None, limits: Limits | None = None
) -> Iterator[Remittance | Claim]:
    """Yield every remittance, whole, and every claim of a file or binary stream.

    Findings are added to ``findings`` when a list is given. One transaction of an 835 is held in
    memory; claims pass one by one. A file that cannot be opened raises ``NotReadable``.
    """
    with _opened(source) as stream:
        header: RemittanceHeader | None = None
        payments: list[ClaimPayment] = []
        for document in documents(stream, limits=limits):
            if isinstance(document, ClaimPayment):
                payments.append(document)
            elif isinstance(document, Claim):
                yield document
            elif isinstance(document, RemittanceHeader):
                header = document
            elif isinstance(document, RemittanceEnd) and header is not None:
                yield Remittance(header, tuple(payments), document)
                header, payments = None, []
            elif isinstance(document, Finding) and findings is not None:
                findings.append(document)


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    """Open a path; leave a stream that was handed in to its owner."""
    if not isinstance(source, str | PathLike):
        yield source
        return
    try:
        stream = Path(source).open("rb")  # noqa: SIM115 - closed below; only opening may be refused
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise NotReadable(
            f"The file cannot be opened: {reason}.", "Check the path and the permissions."
        ) from error
    with stream:
        yield stream
