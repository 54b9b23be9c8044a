"""The office's settings file, ``medcollect.toml``: found, checked, and handed down as policies.

Only the doors read it (docs/settings.md). Errors name the key, its line and what is allowed.
"""

from __future__ import annotations

from medcollect.settings.reading import Setting, Settings, find_settings, read_settings

__all__ = ["Setting", "Settings", "find_settings", "read_settings"]
