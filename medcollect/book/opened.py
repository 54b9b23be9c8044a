"""What every part of the Python door rests on: the open book, and its settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medcollect.store.engine import Store

if TYPE_CHECKING:
    from medcollect.settings import Settings
    from medcollect.sheets import Mapping


class OpenedBook:
    """A book that is open; the verbs are in the classes that build on it."""

    def __init__(self, url: str, *, make: bool = True, settings: str | Path | None = None) -> None:
        self._url = url
        self._named_settings = settings
        self._store = Store(url, make=make)

    def _settings(self) -> Settings:
        """The settings as they stand in the file now."""
        from medcollect.settings import find_settings, read_settings  # noqa: PLC0415

        named = self._named_settings or os.environ.get("MEDCOLLECT_SETTINGS")
        return read_settings(find_settings(named, self._url))

    def _mapping(self, kind: str, given: str | Path | dict[str, Any] | None) -> Mapping | None:
        """How a table of this kind is read: as it is given with it, else as the settings say."""
        from medcollect.tasks.mapping_files import load_mapping  # noqa: PLC0415

        return self._settings().mappings.get(kind) if given is None else load_mapping(given)
