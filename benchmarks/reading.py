"""How fast files are read: ours, pyx12's context reader and oxedi's stream, same file, same run.

    python benchmarks/reading.py [--megabytes 20] [--runs 5] [--slice 0.5]

prints a markdown table. The files are generated: invented people, realistic shape. pyx12 reads a
slice (it is slow), the others the whole; every figure is the median of the runs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterator

import oxedi
import pyx12.error_handler
import pyx12.params
import pyx12.x12context

import medcollect
from medcollect.x12 import documents

ISA = (
    "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*250301*1200*^*00501*"
    "000000001*0*P*:~\n"
)
LAST_NAMES = ("MUSTER", "BEISPIEL", "ESEMPIO", "EXEMPLE", "VOORBEELD", "PRIKLAD")
FIRST_NAMES = ("ANNA", "BRUNO", "CLARA", "DAVID", "EMIL", "FRIEDA")
PROCEDURES = ("99213", "99214", "93000", "80053", "36415", "97110")


def money(cents: int) -> str:
    whole, fraction = divmod(cents, 100)
    return f"{whole}.{fraction:02d}" if fraction else str(whole)


def claim_payment(number: int, rng: random.Random) -> tuple[list[str], int]:
    """One CLP loop of two or three lines that proves, and what it pays."""
    lines, charged, paid, owed = [], 0, 0, 0
    for line in range(1, rng.choice((2, 2, 3)) + 1):
        charge = rng.randrange(5000, 60000)
        contractual, copay = charge * 35 // 100, rng.choice((0, 2000, 3500))
        pay = charge - contractual - copay
        charged, paid, owed = charged + charge, paid + pay, owed + copay
        lines += [
            f"SVC*HC:{rng.choice(PROCEDURES)}:25*{money(charge)}*{money(pay)}**1",
            f"DTM*472*202502{rng.randrange(1, 29):02d}",
            f"CAS*CO*45*{money(contractual)}",
        ]
        lines += [f"CAS*PR*3*{money(copay)}"] if copay else []
        lines += [f"REF*6R*{number}{line}", f"AMT*B6*{money(charge - contractual)}"]
        lines += ["LQ*HE*N130"] if rng.random() < 0.2 else []
    last, first = rng.choice(LAST_NAMES), rng.choice(FIRST_NAMES)
    head = [
        f"CLP*PCN{number:08d}*1*{money(charged)}*{money(paid)}*{money(owed)}*12*ICN{number:010d}*11*1",
        f"NM1*QC*1*{last}*{first}****MI*W{number:09d}",
        "NM1*82*1*DOKTOR*DORA****XX*1234567893",
        "MOA***MA01",
        "DTM*232*20250201",
        "DTM*233*20250228",
    ]
    return head + lines, paid


def era(size: int) -> tuple[bytes, int]:
    """An 835 of about ``size`` bytes and how many claim payments it has."""
    rng, body, length, total, count = random.Random(835), [], 0, 0, 0
    while length < size:
        count += 1
        segments, paid = claim_payment(count, rng)
        body += segments
        total += paid
        length += sum(map(len, segments)) + 2 * len(segments)
    head = [
        "ST*835*0001",
        f"BPR*I*{money(total)}*C*ACH*CCP*01*999999992*DA*1*1999999999**01*999999992*DA*2*20250301",
        "TRN*1*EFT0001*1999999999",
        "DTM*405*20250228",
        "N1*PR*MUSTER HEALTH PLAN",
        "N3*1 PAYER ROAD",
        "N4*SPRINGFIELD*IL*62701",
        "PER*BL*EDI DESK*TE*5550100",
        "N1*PE*BEISPIEL CLINIC*XX*1234567893",
        "LX*1",
    ]
    return wrap("HP", "005010X221A1", [*head, *body]), count


def claims(size: int) -> tuple[bytes, int]:
    """An 837P of about ``size`` bytes and how many claims it has."""
    rng, body, length, count = random.Random(837), [], 0, 0
    while length < size:
        count += 1
        segments = claim(count, rng)
        body += segments
        length += sum(map(len, segments)) + 2 * len(segments)
    head = [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*1*20250301*1200*CH",
        "NM1*41*2*BEISPIEL CLINIC*****46*SUBMIT1",
        "PER*IC*EDI DESK*TE*5550100000",
        "NM1*40*2*MUSTER HEALTH PLAN*****46*RECEIV1",
        "HL*1**20*1",
        "NM1*85*2*BEISPIEL CLINIC*****XX*1234567893",
        "N3*1 CLINIC STREET",
        "N4*SPRINGFIELD*IL*627010000",
        "REF*EI*123456789",
    ]
    return wrap("HC", "005010X222A1", [*head, *body]), count


def claim(number: int, rng: random.Random) -> list[str]:
    """A subscriber HL with one claim of one to four lines."""
    charges = [rng.randrange(5000, 60000) for _ in range(rng.randrange(1, 5))]
    last, first = rng.choice(LAST_NAMES), rng.choice(FIRST_NAMES)
    segments = [
        f"HL*{number + 1}*1*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{last}*{first}****MI*W{number:09d}",
        "N3*2 PATIENT LANE",
        "N4*SPRINGFIELD*IL*62702",
        "DMG*D8*19700101*F",
        "NM1*PR*2*MUSTER HEALTH PLAN*****PI*99999",
        f"CLM*PCN{number:08d}*{money(sum(charges))}***11:B:1*Y*A*Y*Y",
        "HI*ABK:J069*ABF:R05",
        "NM1*82*1*DOKTOR*DORA****XX*1234567893",
        "PRV*PE*PXC*207Q00000X",
    ]
    for line, charge in enumerate(charges, 1):
        segments += [
            f"LX*{line}",
            f"SV1*HC:{rng.choice(PROCEDURES)}:25*{money(charge)}*UN*1***1:2",
            f"DTP*472*D8*202502{rng.randrange(1, 29):02d}",
            f"REF*6R*{number}{line}",
        ]
    return segments


def wrap(functional: str, version: str, segments: list[str]) -> bytes:
    """Put an envelope around a transaction's segments."""
    envelope = [
        f"GS*{functional}*MUSTERPAYER*BEISPIEL*20250301*1200*1*X*{version}",
        *segments,
        f"SE*{len(segments) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    isa = ISA.format(sender="MUSTERPAYER", receiver="BEISPIEL")
    return (isa + "".join(f"{segment}~\n" for segment in envelope)).encode()


def ours(data: bytes) -> None:
    for _ in documents(io.BytesIO(data)):
        pass


def with_oxedi(data: bytes) -> None:
    for _ in oxedi.stream(data):
        pass


def with_oxedi_by_loop(data: bytes) -> None:
    for _ in oxedi.stream(data, by="2100"):
        pass


def with_pyx12(data: bytes) -> None:
    reader = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), pyx12.error_handler.errh_null(), io.StringIO(data.decode())
    )
    for _ in reader.iter_segments():
        pass


def median_seconds(read: Callable[[bytes], None], data: bytes, runs: int) -> float:
    """The median time of reading the data."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        read(data)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def rows(megabytes: float, slice_megabytes: float, runs: int) -> Iterator[str]:
    """The lines of the table."""
    full, part = int(megabytes * 1e6), int(slice_megabytes * 1e6)
    yield f"| file | reader | size | median of {runs} | MB/s | claims/s | against ours |"
    yield "|---|---|---|---|---|---|---|"
    for name, make in (("835", era), ("837P", claims)):
        whole, piece = make(full), make(part)
        readers: list[tuple[str, Callable[[bytes], None], tuple[bytes, int]]] = [
            (f"medcollect {version('medcollect')}", ours, whole)
        ]
        if name == "835":
            readers.append((f"oxedi {version('oxedi')} stream", with_oxedi, whole))
            readers.append((f"oxedi {version('oxedi')} stream by 2100", with_oxedi_by_loop, whole))
        readers.append((f"pyx12 {version('pyx12')} context reader", with_pyx12, piece))
        speed_of_ours = 0.0
        for label, read, (data, count) in readers:
            seconds = median_seconds(read, data, runs)
            speed = len(data) / 1e6 / seconds
            speed_of_ours = speed_of_ours or speed
            yield (
                f"| {name} | {label} | {len(data) / 1e6:.1f} MB | {seconds:.2f} s | {speed:.2f} "
                f"| {count / seconds:,.0f} | {speed / speed_of_ours:.3f} |"
            )


def version(package: str) -> str:
    """The installed version of a package."""
    if package == "medcollect":
        return medcollect.__version__
    return importlib.metadata.version(package)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--slice", type=float, default=0.5, help="megabytes for pyx12")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    for row in rows(options.megabytes, options.slice, options.runs):
        print(row, flush=True)


if __name__ == "__main__":
    main()
