"""Spoils sample files without end and checks each: no exception, no hang, memory within bounds.

    python benchmarks/fuzz.py [--inputs 200000] [--seed 1] [--keep FOLDER] [--engine own|atheris]

Every input has a number: ``--seed`` is that of the first, so any failure can be made again. The own
mutator needs nothing; ``--engine atheris`` (``pip install atheris``) follows the code's branches
instead. What fails is written, with its traceback, into FOLDER (default: ``tests/fuzz/crashers``).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.fuzz.mutate import mutate
from tests.fuzz.target import SAMPLES, make_tables, survive

#: Samples up to this size are spoilt; what is larger repeats the same loops.
SAMPLE_BYTES_MAX = 20_000
MEMORY_MB_MAX = 1024
#: Tables are made of one input in so many: they take longer than checking it.
TABLES_EVERY = 10


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def keep(data: bytes, folder: Path) -> str:
    """Write a failing input with what it raised; its name is its hash."""
    name = hashlib.sha256(data).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.edi").write_bytes(data)
    return name


def own(inputs: int, seed: int, folder: Path) -> int:
    """Try ``inputs`` spoilt samples; returns how many failed."""
    samples = [path.read_bytes() for path in SAMPLES if path.stat().st_size < SAMPLE_BYTES_MAX]
    survive(samples[0], seconds=60)  # loads the diagnosis tables, which takes seconds once
    failures: Counter[str] = Counter()
    findings = slowest = 0.0
    started = time.perf_counter()
    for number in range(seed, seed + inputs):
        chance = random.Random(-number)
        data = mutate(number, chance.choice(samples), chance.choice(samples))
        before = time.process_time()
        try:
            findings += survive(data)
            if number % TABLES_EVERY == 0:
                make_tables(data)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
            if not failures[fault]:
                print(f"input {number}: {fault}: {keep(data, folder)}", flush=True)
            failures[fault] += 1
        slowest = max(slowest, time.process_time() - before)
        if number % 10_000 == 0:
            print(f"{number - seed + 1} inputs, peak {memory_mb():.0f} MB", flush=True)
    seconds = time.perf_counter() - started
    print(
        f"{inputs} inputs in {seconds:.0f} s ({inputs / seconds:.0f}/s), {findings:.0f} findings, "
        f"{failures.total()} failures in {len(failures)} places, slowest {slowest:.2f} s, "
        f"peak {memory_mb():.0f} MB"
    )
    return failures.total() + (memory_mb() > MEMORY_MB_MAX)


def with_atheris(inputs: int, seed: int, folder: Path) -> None:
    """Let atheris choose the inputs by the branches they reach; it ends the process itself."""
    import atheris  # noqa: PLC0415 - only where it is installed

    for name in [n for n in sys.modules if n.split(".")[0] == "medcollect"]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["medcollect"]):
        target = importlib.reload(sys.modules["tests.fuzz.target"])
    target.survive(SAMPLES[0].read_bytes(), seconds=60)

    def one(data: bytes) -> None:
        target.survive(data)

    grown = tempfile.mkdtemp()  # libFuzzer writes what it finds into the first folder
    folder.mkdir(parents=True, exist_ok=True)
    settings = [f"-runs={inputs}", f"-seed={seed}", "-max_len=8192", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *settings, grown, str(SAMPLES[0].parent)], one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("tests/fuzz/crashers"))
    parser.add_argument("--engine", choices=("own", "atheris"), default="own")
    options = parser.parse_args()
    if options.engine == "atheris":
        with_atheris(options.inputs, options.seed, options.keep)
        return 0
    return 1 if own(options.inputs, options.seed, options.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
