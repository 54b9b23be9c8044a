"""Whole remittances and single claims out of the stream of records."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from medcollect.errors import NotReadable
from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, Remittance, RemittanceEnd, RemittanceHeader
from medcollect.x12.reader import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

T = TypeVar("T")

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


def read_many(
    paths: Iterable[str | PathLike[str]],
    take: Callable[[Iterator[Remittance | Claim]], T],
    *,
    processes: int | None = None,
    limits: Limits | None = None,
) -> Iterator[T]:
    """Read files side by side: yield ``take(read(path))`` of every path, in the order of the paths.

    ``take`` runs where its file is read, in one of ``processes`` processes (one per core unless
    told otherwise), and only what it returns comes back: sums, rows, a count. So it must be a
    function of a module, and a script guards its start with ``if __name__ == "__main__"``.
    """
    read_one = partial(_read_one, take=take, limits=limits)
    if processes == 1:
        yield from map(read_one, paths)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(read_one, paths)


def _read_one(
    path: str | PathLike[str],
    take: Callable[[Iterator[Remittance | Claim]], T],
    limits: Limits | None,
) -> T:
    """What is made of one file, in the process that reads it."""
    return take(read(path, limits=limits))


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
