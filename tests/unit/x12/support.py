"""Small invented files for the tests of the reader."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TypeVar

from medcollect.findings import Finding
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, Remittance
from medcollect.x12 import Document, Limits, documents, read

ISA = (
    "ISA*00*          *00*          *ZZ*MUSTERPAYER    *ZZ*BEISPIELCLINIC *250301*1200*^*00501*"
    "000000007*0*P*:"
)
ERA_HEAD = (
    "BPR*I*80*C*ACH*CCP*01*999999992*DA*1*1999999999**01*999999992*DA*2*20250305",
    "TRN*1*EFT77*1999999999",
    "DTM*405*20250301",
    "N1*PR*MUSTER PLAN*XV*12345",
    "N3*1 PAYER ROAD",
    "N4*SPRINGFIELD*IL*62701",
    "REF*2U*99",
    "PER*BL*EDI DESK*TE*5550100",
    "N1*PE*BEISPIEL CLINIC*XX*1234567893",
    "REF*TJ*999999999",
    "LX*1",
)
CLP = (
    "CLP*PCN1*1*100*80*20*12*ICN1*11*1",
    "NM1*QC*1*MUSTER*ANNA****MI*W1",
    "SVC*HC:99213:25*100*80**1",
    "DTM*472*20250201",
    "CAS*PR*2*20",
)
CLAIM_HEAD = (
    "BHT*0019*00*BATCH1*20250301*1200*CH",
    "NM1*41*2*BEISPIEL CLINIC*****46*S1",
    "PER*IC*DESK*TE*5550100000",
    "NM1*40*2*MUSTER PLAN*****46*R1",
    "HL*1**20*1",
    "PRV*BI*PXC*207Q00000X",
    "NM1*85*2*BEISPIEL CLINIC*****XX*1234567893",
    "N3*1 CLINIC STREET",
    "N4*SPRINGFIELD*IL*62701",
    "REF*EI*123456789",
    "NM1*87*2*BEISPIEL LOCKBOX",
)
SUBSCRIBER = (
    "HL*2*1*22*0",
    "SBR*P*18*GROUP1**12****CI",
    "NM1*IL*1*MUSTER*ANNA****MI*W1",
    "N3*2 PATIENT LANE",
    "N4*SPRINGFIELD*IL*62702",
    "DMG*D8*19800102*F",
    "NM1*PR*2*MUSTER PLAN*****PI*99999",
)
CLM = (
    "CLM*PCN1*100***11:B:1*Y*A*Y*Y",
    "HI*ABK:J069*ABF:R05",
    "LX*1",
    "SV1*HC:99213:25*100*UN*1***1:2",
    "DTP*472*D8*20250201",
    "REF*6R*L1",
)

T = TypeVar("T")


def transaction(
    kind: str, segments: Sequence[str], version: str = "", st02: str = "0001"
) -> list[str]:
    """ST, segments, SE with the right count."""
    st = f"ST*{kind}*{st02}" + (f"*{version}" if version else "")
    return [st, *segments, f"SE*{len(segments) + 2}*{st02}"]


def interchange(*transactions: Sequence[str], version: str = "005010X221A1") -> list[str]:
    """ISA and GS around transactions, with the right counts."""
    functional = "HP" if "X221" in version or "X091" in version else "HC"
    return [
        ISA,
        f"GS*{functional}*MUSTERPAYER*BEISPIEL*20250302*1200*5*X*{version}",
        *(segment for one in transactions for segment in one),
        f"GE*{len(transactions)}*5",
        "IEA*1*000000007",
    ]


def era(*segments: str) -> list[str]:
    """An 835 in its envelope; without arguments a small one that balances."""
    return interchange(transaction("835", segments or (*ERA_HEAD, *CLP)))


def claims(*segments: str, version: str = "005010X222A1") -> list[str]:
    """An 837 in its envelope; without arguments one claim of one line."""
    body = segments or (*CLAIM_HEAD, *SUBSCRIBER, *CLM)
    return interchange(transaction("837", body, version), version=version)


def text(segments: Sequence[str], end: str = "~\n") -> bytes:
    """Segments as a file."""
    return "".join(segment + end for segment in segments).encode()


def everything(data: bytes, limits: Limits | None = None) -> list[Document]:
    """Every record and finding of a file."""
    return list(documents(io.BytesIO(data), limits=limits))


def records(data: bytes, kind: type[T]) -> list[T]:
    """The records of one kind."""
    return [document for document in everything(data) if isinstance(document, kind)]


def codes(data: bytes) -> list[str]:
    """The codes of the findings, in order."""
    return [finding.code for finding in records(data, Finding)]


def claim_payment(*segments: str) -> ClaimPayment:
    """The one claim payment of an 835 with these segments as its CLP loop."""
    (found,) = records(text(era(*ERA_HEAD, *segments)), ClaimPayment)
    return found


def claim_of(*segments: str) -> Claim:
    """The one claim of an 837P with these segments as its CLM loop."""
    (found,) = records(text(claims(*CLAIM_HEAD, *SUBSCRIBER, *segments)), Claim)
    return found


def remittances(data: bytes) -> list[Remittance]:
    """The remittances of a file."""
    return [r for r in read(io.BytesIO(data)) if isinstance(r, Remittance)]
