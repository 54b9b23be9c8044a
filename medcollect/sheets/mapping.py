"""How the columns of somebody's table are read: which column is what, how days are written.

A mapping is plain data: a table of a settings file, a TOML or a JSON file.

    date_format = "%m/%d/%Y"
    [columns]
    date = "Posting Date"
    amount = "Credit"
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from medcollect.errors import BadRequest

_NO_DELIMITERS: Final = frozenset('"\r\n')


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns by our names for them; what is not named goes by our own name.

    ``skip_lines`` are lines above the heading; ``date_format`` is strptime's; ``values`` turn
    words of a column into ours (``{"method": {"VISA": "card"}}``). ``sheet`` names the sheet of a
    workbook, else its first one is read. ``tables`` holds columns of single tables where several
    are read together (``{"lines": {"claim": "Encounter"}}``).
    """

    columns: dict[str, str] = {}
    date_format: str = ""
    delimiter: str = ""
    skip_lines: int = 0
    values: dict[str, dict[str, str]] = {}
    sheet: str = ""
    tables: dict[str, dict[str, str]] = {}


def mapping_of(data: dict[str, Any]) -> Mapping:
    """A mapping from a settings table; raises BadRequest where it makes none."""
    try:
        found = msgspec.convert(data, Mapping)
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"The mapping is not understood: {error}.",
            "A mapping has columns, date_format, delimiter, skip_lines, sheet, tables and values.",
        ) from error
    if len(found.delimiter) > 1 or found.delimiter in _NO_DELIMITERS or found.skip_lines < 0:
        raise BadRequest(
            "The mapping is not understood: its delimiter or skip_lines can be none.",
            "The delimiter is one character such as a semicolon, skip_lines 0 or more.",
        )
    return found
