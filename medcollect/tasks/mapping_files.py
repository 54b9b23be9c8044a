"""A saved column mapping: a TOML or JSON file, or the table of settings that holds it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as Dictionary
from pathlib import Path
from typing import Any

from medcollect.errors import BadRequest, NotReadable
from medcollect.sheets import Mapping, mapping_of


def load_mapping(source: str | Path | Dictionary[str, Any] | None) -> Mapping | None:
    """The mapping of a file or a table; none for none.

    Raises NotReadable for a file that is not there, BadRequest for one that is no mapping.
    """
    if source is None:
        return None
    if isinstance(source, Dictionary):
        return mapping_of(dict(source))
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadable(f"{path}: the mapping cannot be read.", "Check the path.") from error
    return mapping_of(_parsed(path, text))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    """The file's table, by its ending."""
    try:
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BadRequest(
            f"{path.name} is no {'JSON' if path.suffix.lower() == '.json' else 'TOML'} file.",
            "Write the mapping as TOML (or JSON, with the ending .json).",
        ) from error
    if not isinstance(found, dict):
        raise BadRequest(f"{path.name} holds no table.", "A mapping has columns, date_format ...")
    return found
