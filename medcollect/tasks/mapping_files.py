"""A saved column mapping, or a contract's terms: a TOML or JSON file, or a table of settings."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as Dictionary
from pathlib import Path
from typing import Any

from medcollect.contracts.reading import GivenTerms, terms_of
from medcollect.errors import BadRequest, NotReadable
from medcollect.sheets import Mapping, mapping_of


def load_mapping(source: str | Path | Dictionary[str, Any] | None) -> Mapping | None:
    """The mapping of a file or a table; none for none.

    Raises NotReadable for a file that is not there, BadRequest for one that is no mapping.
    """
    return None if source is None else mapping_of(_table(source, "mapping"))


def load_terms(source: str | Path | Dictionary[str, Any] | None) -> GivenTerms:
    """The terms of a contract as a file or a table says them; none for none.

    Raises NotReadable for a file that is not there, BadRequest for one that holds no terms.
    """
    return GivenTerms() if source is None else terms_of(_table(source, "terms"))


def _table(source: str | Path | Dictionary[str, Any], what: str) -> dict[str, Any]:
    """The table itself, or the one that its file holds."""
    if isinstance(source, Dictionary):
        return dict(source)
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadable(f"{path}: the {what} cannot be read.", "Check the path.") from error
    return _parsed(path, text, what)


def _parsed(path: Path, text: str, what: str) -> dict[str, Any]:
    """The file's table, by its ending."""
    is_json = path.suffix.lower() == ".json"
    try:
        found = json.loads(text) if is_json else tomllib.loads(text, parse_float=str)
    except ValueError as error:
        raise BadRequest(
            f"{path.name} is no {'JSON' if is_json else 'TOML'} file.",
            f"Write the {what} as TOML (or JSON, with the ending .json).",
        ) from error
    if not isinstance(found, dict):
        raise BadRequest(f"{path.name} holds no table.", f"Write the {what} as keys and values.")
    return found
