"""Reading X12: bytes to typed records that lose nothing; writing what goes back."""

from __future__ import annotations

from medcollect.limits import Limits
from medcollect.x12.compose import read, read_many
from medcollect.x12.inquiry import write_270, write_276, write_ta1
from medcollect.x12.life import LifeDocument, life_documents
from medcollect.x12.life_problems import LIFE_PROBLEMS
from medcollect.x12.named import NamedSegment, named_segments
from medcollect.x12.opened import Document
from medcollect.x12.problems import PROBLEMS
from medcollect.x12.reader import documents

__all__ = [
    "LIFE_PROBLEMS",
    "PROBLEMS",
    "Document",
    "LifeDocument",
    "Limits",
    "NamedSegment",
    "documents",
    "life_documents",
    "named_segments",
    "read",
    "read_many",
    "write_270",
    "write_276",
    "write_ta1",
]
