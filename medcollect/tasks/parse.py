"""Documents as data: JSON lines, or tables as CSV or Parquet.

The files are streamed: nothing but the record at hand stays in memory. Amounts are exact decimal
text (``"1.00"``) in JSON and CSV and decimals in Parquet; dates are ISO.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, NamedTuple, TextIO

import msgspec

from medcollect.errors import BadRequest
from medcollect.files import FileProblem, InputFile, file_unreadable, find_files
from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.common import Delimiters, RawSegment
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.money import format_cents
from medcollect.saving import saving_text
from medcollect.tasks.mask import masked_stream
from medcollect.tasks.parse_tables import Rows
from medcollect.tasks.parse_writers import CsvTables, ParquetTables, TableWriter
from medcollect.x12 import Document, documents
from medcollect.x12.named import name_segment

Progress = Callable[[int, int, str], None]
Format = Literal["jsonl", "csv", "parquet"]

#: How each record is called in the ``type`` of its JSON line.
_TYPES: Final[dict[type, str]] = {
    RemittanceHeader: "remittance",
    ClaimPayment: "claim_payment",
    RemittanceEnd: "remittance_end",
    ClaimsHeader: "claims_header",
    Claim: "claim",
    ClaimsEnd: "claims_end",
    OtherTransaction: "transaction",
    Finding: "finding",
}
#: Raw text of whole loops: only on request, for it doubles the output.
_RAW: Final = frozenset({"segments", "parent_segments"})
_PROGRESS_EVERY: Final = 500


def parse(
    paths: Iterable[str | Path],
    to: str = "jsonl",
    output: Path | TextIO | None = None,
    *,
    raw: bool = False,
    mask_key: str | None = None,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Write the documents of the files as data and say how many of each there were.

    ``jsonl`` goes to a stream or a file, ``csv`` and ``parquet`` to a folder with one file for
    each table. ``raw`` adds the raw segments of each loop to the JSON lines. ``mask_key`` masks
    every file under that key first; one that cannot be masked gives its findings only. ``limits``
    bounds what files and archives may ask of us. Raises BadRequest for another format, NotReadable
    when a named path is missing, NothingDone when the output cannot be written.
    """
    if to not in ("jsonl", "csv", "parquet"):
        raise BadRequest(f"{to}: no such format.", "Use jsonl, csv or parquet.")
    if output is None or (to != "jsonl" and not isinstance(output, Path)):
        raise BadRequest(f"{to} needs a place to write to.", "Name a folder for csv and parquet.")
    found = list(find_files(paths, stdin=stdin, limits=limits))
    counts: Counter[str] = Counter()
    read = partial(_read, mask_key=mask_key, limits=limits)
    documents_found = _documents(found, counts, progress, read)
    if to == "jsonl":
        _write_lines(documents_found, output, raw=raw)
    else:
        assert isinstance(output, Path)  # noqa: S101 - seen to above
        _write_tables(documents_found, CsvTables(output) if to == "csv" else ParquetTables(output))
    return _summary(found, counts)


def _summary(found: Iterable[InputFile | FileProblem], counts: Counter[str]) -> dict[str, Any]:
    return {
        "files": sum(isinstance(entry, InputFile) for entry in found),
        "documents": {name: counts[name] for name in _TYPES.values() if name != "finding"},
        "findings": {name: counts[name] for name in ("error", "warning", "info")},
    }


def _documents(
    found: Iterable[InputFile | FileProblem],
    counts: Counter[str],
    progress: Progress | None,
    read: Callable[[InputFile], Iterator[tuple[Document, int]]],
) -> Iterator[tuple[str, Document]]:
    """Yield every record of every file with the file's name, counting as they pass."""
    entries = list(found)
    total = sum(e.size for e in entries if isinstance(e, InputFile))
    done = 0
    for entry in entries:
        if isinstance(entry, FileProblem):
            counts[entry.finding.severity] += 1
            yield entry.label, entry.finding
            continue
        for number, (document, position) in enumerate(read(entry), 1):
            if isinstance(document, Finding):
                counts[document.severity] += 1
            else:
                counts[_TYPES[type(document)]] += 1
            yield entry.label, document
            if progress is not None and number % _PROGRESS_EVERY == 0:
                progress(done + position, total, entry.label)
        done += entry.size
        if progress is not None:
            progress(done, total, entry.label)


def _read(
    file: InputFile, mask_key: str | None, limits: Limits | None
) -> Iterator[tuple[Document, int]]:
    """Yield the records of one file with the bytes read so far; a failing disk is a finding."""
    try:
        refused: tuple[Finding, ...] = ()
        if mask_key is None:
            stream = file.open()
        else:
            stream, refused = masked_stream(file, mask_key)
        with stream:
            for document in refused or documents(stream, limits=limits):
                yield document, stream.tell()
    except OSError as error:
        yield file_unreadable(error), file.size


# --- JSON lines -----------------------------------------------------------------------------


def _write_lines(
    found: Iterator[tuple[str, Document]], output: Path | TextIO, *, raw: bool
) -> None:
    if isinstance(output, Path):
        with saving_text(output) as stream:
            _write_lines(found, stream, raw=raw)
        return
    encode = msgspec.json.Encoder().encode
    transaction: int | None = None
    show = _Show(raw=raw)
    for file, document in found:
        if isinstance(document, RemittanceHeader | ClaimsHeader | OtherTransaction):
            transaction = document.transaction.index
            show = _Show(raw=raw, delimiters=document.transaction.envelope.delimiters)
        line = _as_data(document, file, transaction, show)
        output.write(encode(line).decode() + "\n")


class _Show(NamedTuple):
    """How records are shown: with all raw segments or not, and what separates their elements."""

    raw: bool
    delimiters: Delimiters = Delimiters()


def _as_data(document: Document, file: str, transaction: int | None, show: _Show) -> dict[str, Any]:
    """Give one record as plain data: its type, where it stood, then its fields.

    A field ``charge_cents`` becomes ``"charge": "1.00"``, a bare ``cents`` becomes ``"amount"``.
    Segments that have no fields of their own are given with their elements by the standard's names.
    """
    data: dict[str, Any] = {"type": _TYPES[type(document)], "file": file}
    if isinstance(document, RemittanceHeader | ClaimsHeader | OtherTransaction):
        stood = document.transaction
        data |= {"transaction": stood.index, "segment": stood.segment}
        data |= {
            "kind": stood.implementation,
            "version": stood.version,
            "control_number": stood.control_number,
            "envelope": _plain(stood.envelope, show),
        }
    elif not isinstance(document, Finding):
        data["transaction"] = transaction
    return data | _fields(document, show)


@cache
def _plan(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, bool], ...]:
    """The fields of a record: name, name in JSON, whether it is an amount."""
    plan = []
    for name in kind.__struct_fields__:
        is_amount = name == "cents" or name.endswith("_cents")
        if name != "transaction" or kind is Finding:
            shown = "amount" if name == "cents" else name.removesuffix("_cents")
            plan.append((name, shown, is_amount))
    return tuple(plan)


def _fields(record: msgspec.Struct, show: _Show) -> dict[str, Any]:
    fields = {
        shown: _amount(getattr(record, name)) if is_amount else _plain(getattr(record, name), show)
        for name, shown, is_amount in _plan(type(record))
        if show.raw or name not in _RAW
    }
    if isinstance(record, RawSegment):
        fields["values"] = _named_values(record, show)
    return fields


def _named_values(raw: RawSegment, show: _Show) -> dict[str, Any]:
    """The elements of a segment by name, amounts as exact text."""
    return {
        name.removesuffix("_cents"): format_cents(value)
        if isinstance(value, int)
        else _plain(value, show)
        for name, value in name_segment(raw, show.delimiters).values.items()
    }


def _amount(cents: int | None) -> str | None:
    return None if cents is None else format_cents(cents)


def _plain(value: Any, show: _Show) -> Any:
    if isinstance(value, msgspec.Struct):
        return _fields(value, show)
    if isinstance(value, tuple):
        return [_plain(item, show) for item in value]
    return value.isoformat() if isinstance(value, date) else value


# --- tables ---------------------------------------------------------------------------------


def _write_tables(found: Iterator[tuple[str, Document]], tables: TableWriter) -> None:
    with tables:
        rows = Rows(tables.add)
        for file, document in found:
            rows.take(file, document)
