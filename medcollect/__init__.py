"""medcollect: read remittances and claims, post every cent, work denials, explain balances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Limits", "__version__", "open_book", "read", "read_many", "read_tables"]

if TYPE_CHECKING:
    from medcollect.limits import Limits
    from medcollect.tables import read_tables
    from medcollect.x12 import read, read_many

#: Public name -> module that holds it; imported on first use, so that ``import medcollect`` and
#: ``medcollect --help`` stay quick.
_HOMES = {
    "read": "medcollect.x12",
    "read_many": "medcollect.x12",
    "Limits": "medcollect.limits",
    "open_book": "medcollect.book",
    "read_tables": "medcollect.tables",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a heavy name is asked for

    return getattr(import_module(home), name)
