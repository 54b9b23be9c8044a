"""Small invented transactions for the tests of acknowledgements, status and eligibility."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TypeVar

from medcollect.findings import Finding
from medcollect.x12 import LifeDocument, Limits, life_documents

ISA = (
    "ISA*00*          *00*          *ZZ*MUSTERPAYER    *ZZ*BEISPIELCLINIC *250301*1200*^*00501*"
    "000000007*0*P*:"
)
T = TypeVar("T")


def interchange(kind: str, version: str, *segments: str) -> str:
    """One transaction in a correct envelope."""
    body = [f"ST*{kind}*0001*{version}", *segments]
    lines = [
        ISA,
        f"GS*HN*MUSTERPAYER*BEISPIELCLINIC*20250301*1200*7*X*{version}",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*7",
        "IEA*1*000000007",
    ]
    return "".join(f"{line}~\n" for line in lines)


def read_all(text: str, limits: Limits | None = None) -> list[LifeDocument]:
    return list(life_documents(io.BytesIO(text.encode()), limits=limits))


def only(documents: Sequence[LifeDocument], kind: type[T]) -> T:
    """The one record of this kind."""
    (found,) = [d for d in documents if isinstance(d, kind)]
    return found


def codes(documents: Sequence[LifeDocument]) -> list[tuple[str, int | None]]:
    """Code and place of every finding."""
    return [(d.code, d.segment) for d in documents if isinstance(d, Finding)]


def body_of(text: str) -> tuple[str, ...]:
    """The segments between the first ST and SE as they stand in the text."""
    segments = [s.strip("\n") for s in text.split("~")]
    start = next(i for i, s in enumerate(segments) if s.startswith("ST*"))
    end = next(i for i, s in enumerate(segments) if s.startswith("SE*"))
    return tuple(segments[start + 1 : end])
