"""Reading X12: bytes of 835 and 837 files to typed records that lose nothing."""

from __future__ import annotations

from medcollect.x12.compose import read
from medcollect.x12.problems import PROBLEMS
from medcollect.x12.reader import Document, documents
from medcollect.x12.tokens import Limits

__all__ = ["PROBLEMS", "Document", "Limits", "documents", "read"]
