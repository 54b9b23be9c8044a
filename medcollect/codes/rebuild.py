"""Rebuilds the shipped code tables from the reference CSVs: ``python -m medcollect.codes.rebuild``.

The tables under ``codes/data`` hold code numbers with our own short words (code_sources.md says
what may ship). Run this when a reference list has changed::

    python -m medcollect.codes.rebuild path/to/reference

It rewrites ``reasons.csv`` (carc.csv), ``remarks.csv`` (rarc.csv), ``provider_adjustments.csv``
(plb_codes.csv) and ``appeal_deadlines.csv``. Rows are never deleted: a retired code keeps its row
with its stop date, because old remittances and reversals still use it. The small lists (places of
service, filing indicators, claim statuses, groups, ranks) are edited by hand.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).parent / "data"
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Row = dict[str, str]


def rebuild(reference: Path, data: Path = _DATA) -> dict[str, int]:
    """Write every table that comes from the reference CSVs; return its number of rows by name."""
    tables = {
        "reasons.csv": [_reason(row) for row in _read(reference / "carc.csv")],
        "remarks.csv": [_remark(row) for row in _read(reference / "rarc.csv")],
        "provider_adjustments.csv": _read(reference / "plb_codes.csv"),
        "appeal_deadlines.csv": _read(reference / "appeal_deadlines.csv"),
    }
    for name, rows in tables.items():
        _write(data / name, rows)
    return {name: len(rows) for name, rows in tables.items()}


def _reason(row: Row) -> Row:
    """One CARC row: certain stop dates in their own column, mandated groups as a plain list."""
    stop = row["stop_date"]
    certain = _ISO_DATE.fullmatch(stop) is not None
    row["stop_note"] = "" if certain else stop
    row["stop_date"] = stop if certain else ""
    mandate = row.pop("group_mandated_by_list")
    row["group_mandated"] = ";".join(re.findall(r"\b(?:CO|PR|OA|PI)\b", mandate))
    row["group_mandate_note"] = mandate if "(" in mandate else ""
    return row


def _remark(row: Row) -> Row:
    """One RARC row: a retired remark has no alert flag in the list, so it is no alert."""
    row["alert"] = row["alert"] or "no"
    return row


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    for table, count in rebuild(Path(sys.argv[1])).items():
        sys.stdout.write(f"{table}: {count} rows\n")
