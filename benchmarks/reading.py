"""How fast files are read: ours, pyx12's context reader and oxedi's stream, same file, same run.

    python benchmarks/reading.py [--megabytes 20] [--runs 5] [--slice 0.5] [--peers]
    python benchmarks/reading.py --memory 50 1000

prints a markdown table. The files are generated: invented people, realistic shape. pyx12 and the
further peers read a slice, as they are slow; the others the whole; every figure is the median of
the runs. ``--peers`` measures openx12, edi-835-parser and linuxforhealth-x12 as well, each in a
throw-away environment of its own (peers.py).
``--memory`` prints how much memory files of so many megabytes take instead, each in a process of
its own (Linux).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import oxedi
import pyx12.error_handler
import pyx12.params
import pyx12.x12context
from peers import measured

import medcollect
from medcollect.model.remittance import ClaimPayment
from medcollect.x12 import documents
from medcollect.x12.reader import table_documents

ISA = (
    "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*250301*1200*^*00501*"
    "000000001*0*P*:~\n"
)
LAST_NAMES = ("MUSTER", "BEISPIEL", "ESEMPIO", "EXEMPLE", "VOORBEELD", "PRIKLAD")
FIRST_NAMES = ("ANNA", "BRUNO", "CLARA", "DAVID", "EMIL", "FRIEDA")
PROCEDURES = ("99213", "99214", "93000", "80053", "36415", "97110")


def money(cents: int) -> str:
    whole, fraction = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole}.{fraction:02d}" if fraction else f"{sign}{whole}"


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


def small_eras(size: int) -> tuple[bytes, int]:
    """The same as many transactions of two claim payments each."""
    rng, body, length, count, number = random.Random(36), [], 0, 0, 0
    while length < size:
        number += 1
        loops = [claim_payment(count + place, rng) for place in (1, 2)]
        count += 2
        segments = [
            f"ST*835*{number:09d}",
            f"BPR*I*{money(sum(paid for _, paid in loops))}*C*CHK************20250301",
            f"TRN*1*CHK{number:07d}*1999999999",
            "N1*PR*MUSTER HEALTH PLAN",
            "N1*PE*BEISPIEL CLINIC*XX*1234567893",
            "LX*1",
            *(segment for loop, _ in loops for segment in loop),
        ]
        body += [*segments, f"SE*{len(segments) + 1}*{number:09d}"]
        length += sum(map(len, segments)) + 2 * len(segments)
    return wrap("HP", "005010X221A1", body, transactions=number), count


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


def wrap(functional: str, version: str, segments: list[str], transactions: int = 0) -> bytes:
    """Put an envelope around whole transactions, or around one without its SE."""
    envelope = [
        f"GS*{functional}*MUSTERPAYER*BEISPIEL*20250301*1200*1*X*{version}",
        *segments,
        *([] if transactions else [f"SE*{len(segments) + 1}*0001"]),
        f"GE*{transactions or 1}*1",
        "IEA*1*000000001",
    ]
    isa = ISA.format(sender="MUSTERPAYER", receiver="BEISPIEL")
    return (isa + "".join(f"{segment}~\n" for segment in envelope)).encode()


def ours(data: bytes) -> None:
    for _ in documents(io.BytesIO(data)):
        pass


def ours_walked(data: bytes) -> None:
    """The same, and every adjustment and service line of every claim payment is looked at."""
    for document in documents(io.BytesIO(data)):
        if isinstance(document, ClaimPayment):
            sum(adjustment.cents for adjustment in document.all_adjustments())
            sum(line.paid_cents for line in document.services)


def ours_as_tables(data: bytes) -> None:
    """The same as rows of tables, without a record of each: what oxedi's stream gives."""
    for _ in table_documents(io.BytesIO(data)):
        pass


def with_oxedi(data: bytes) -> None:
    for _ in oxedi.stream(data):
        pass


def with_oxedi_taken_out(data: bytes) -> None:
    """The same, and the cells of its tables are made values of Python."""
    for batch in oxedi.stream(data):
        batch.tables.to_pandas()


def with_oxedi_by_loop(data: bytes) -> None:
    for _ in oxedi.stream(data, by="2100"):
        pass


def with_pyx12(data: bytes) -> None:
    reader = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), pyx12.error_handler.errh_null(), io.StringIO(data.decode())
    )
    for _ in reader.iter_segments():
        pass


def count_payments(found: Iterator[object]) -> int:
    return sum(1 for _ in found)


def side_by_side(megabytes: float) -> Iterator[str]:
    """Four files with ``read_many``: in one process and in two."""
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("835", era), ("837P", claims)):
            data, paths = make(int(megabytes * 1e6))[0], []
            for number in range(4):
                paths.append(Path(folder, f"{number}.{name}"))
                paths[-1].write_bytes(data)
            took = []
            for processes in (1, 2):
                begin = time.perf_counter()
                list(medcollect.read_many(paths, count_payments, processes=processes))
                took.append(time.perf_counter() - begin)
            yield (
                f"{name}, 4 files: {took[0]:.2f} s in one process, {took[1]:.2f} s in two: "
                f"{took[0] / took[1]:.2f} times as fast"
            )


class Endless(io.RawIOBase):
    """A file of many claim payments that is never in memory whole, in one or many transactions."""

    def __init__(self, megabytes: int, *, one: bool) -> None:
        whole = era(1_000_000)[0]
        start, end = (whole.index(mark) for mark in (b"CLP*", b"SE*"))
        if not one:
            start, end = whole.index(b"ST*"), whole.index(b"GE*")
        body = whole[start:end]
        self._parts = iter([whole[:start], *[body] * megabytes, whole[end:]])
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = next(self._parts, b"")
        data, self._left = self._left[:size], self._left[size:]
        return data


def peak(megabytes: int, *, one: bool) -> int:
    """The peak memory in MB of this process after such a file has been read."""
    for _ in documents(Endless(megabytes, one=one)):  # type: ignore[arg-type]
        pass
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1000


def memory(sizes: list[int]) -> Iterator[str]:
    """The table of peak memory, every size in a process of its own."""
    yield "| 835 | " + " | ".join(f"{size} MB" for size in sizes) + " |"
    yield "|---|" + "---|" * len(sizes)
    for one, label in ((True, "one transaction"), (False, "a transaction per MB")):
        peaks = []
        for size in sizes:
            command = [sys.executable, __file__, "--peak", str(size), *(["--one"] if one else [])]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            peaks.append(f"{int(done.stdout)} MB")
        yield f"| {label} | " + " | ".join(peaks) + " |"


def median_seconds(read: Callable[[bytes], None], data: bytes, runs: int) -> float:
    """The median processor time of reading the data; what else runs beside does not count."""
    times = []
    for _ in range(runs):
        begin = time.process_time()
        read(data)
        times.append(time.process_time() - begin)
    return statistics.median(times)


def rows(megabytes: float, slice_megabytes: float, runs: int, *, peers: bool) -> Iterator[str]:
    """The lines of the table."""
    full, part = int(megabytes * 1e6), int(slice_megabytes * 1e6)
    yield f"| file | reader | size | median of {runs} | MB/s | claims/s | against ours |"
    yield "|---|---|---|---|---|---|---|"
    for name, make in (("835", era), ("835, two claims each", small_eras), ("837P", claims)):
        whole, piece = make(full), make(part)
        readers: list[tuple[str, Callable[[bytes], None], tuple[bytes, int]]] = [
            (f"medcollect {version('medcollect')}", ours, whole)
        ]
        if name != "837P":
            readers.append(("medcollect, adjustments and lines walked", ours_walked, whole))
            readers.append(("medcollect, rows of tables", ours_as_tables, whole))
            readers.append((f"oxedi {version('oxedi')} stream", with_oxedi, whole))
            if name == "835":  # a pandas table of each of thousands of transactions takes minutes
                label = f"oxedi {version('oxedi')} stream, tables taken out"
                readers.append((label, with_oxedi_taken_out, whole))
            readers.append((f"oxedi {version('oxedi')} stream by 2100", with_oxedi_by_loop, whole))
        readers.append((f"pyx12 {version('pyx12')} context reader", with_pyx12, piece))
        figures = [
            (label, len(data), count, median_seconds(read, data, runs))
            for label, read, (data, count) in readers
        ]
        if peers:
            found = measured(name, *piece, runs)
            figures += [(label, size, piece[1], seconds) for label, size, seconds in found]
        ours_per_second = figures[0][1] / figures[0][3]
        for label, size, count, seconds in figures:
            yield (
                f"| {name} | {label} | {size / 1e6:.1f} MB | {seconds:.2f} s "
                f"| {size / 1e6 / seconds:.2f} | {count / seconds:,.0f} "
                f"| {size / seconds / ours_per_second:.3f} |"
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
    parser.add_argument("--peers", action="store_true", help="more readers from PyPI (network)")
    parser.add_argument("--memory", type=int, nargs="+", metavar="MB", help="peak memory instead")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(peak(options.peak, one=options.one))
        return
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    if options.memory:
        lines = memory(options.memory)
    else:
        lines = rows(options.megabytes, options.slice, options.runs, peers=options.peers)
    for line in lines:
        print(line, flush=True)
    if not options.memory:
        print()
        for line in side_by_side(options.megabytes):
            print(line, flush=True)


if __name__ == "__main__":
    main()
