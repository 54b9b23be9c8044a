"""medcollect: read remittances and claims, post every cent, work denials, explain balances."""

from __future__ import annotations

__version__ = "0.1.0"
