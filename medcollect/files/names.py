"""File names from outside, as far as they may become names of ours."""

from __future__ import annotations

import re
from typing import Final

#: Characters a file name keeps; a path, a control character or a trick does not pass.
_FOREIGN: Final = re.compile(r"[^\w .()+=,@-]+")


def safe_name(name: str) -> str:
    """Keep the last part of a file name, without what could lead elsewhere."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _FOREIGN.sub("_", last).strip(". ")[-100:] or "upload"
