"""Readers from PyPI that our own environment need not hold, measured in one of their own.

    python benchmarks/peers.py measure PEER KIND FILE RUNS   # run by the peer's own interpreter

``reading.py --peers`` makes a throw-away virtual environment for each, installs it there, lets it
read a file and takes the median processor time that it prints. Only the standard library is
imported here.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple


def openx12(path: str, kind: str) -> int:
    module = import_module("openx12.x835" if kind == "835" else "openx12.x837p")
    return len(module.parse(Path(path).read_text(encoding="utf-8")).claims)


def edi_835_parser(path: str, _kind: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = import_module("edi_835_parser").parse(path)
    return sum(len(transaction.claims) for transaction in found.transaction_sets)


def linuxforhealth_x12(path: str, kind: str) -> int:
    reader = import_module("linuxforhealth.x12.io").X12ModelReader
    with reader(path) as models:
        return sum(_claims(model, kind) for model in models.models())


def _claims(model: Any, kind: str) -> int:
    """The claims of a whole transaction as linuxforhealth-x12 models it."""
    if kind == "835":
        return sum(len(table.loop_2100) for table in model.loop_2000)
    subscribers = [s for provider in model.loop_2000a for s in provider.loop_2000b]
    return sum(len(subscriber.loop_2300 or ()) for subscriber in subscribers)


class Peer(NamedTuple):
    """A package, what has to be installed for it, the kinds it reads, and how."""

    install: tuple[str, ...]
    kinds: tuple[str, ...]
    read: Callable[[str, str], int]


PEERS: dict[str, Peer] = {
    "openx12": Peer(("openx12",), ("835", "837P"), openx12),
    "edi-835-parser": Peer(("edi-835-parser",), ("835",), edi_835_parser),
    "linuxforhealth-x12": Peer(
        ("linuxforhealth-x12", "pydantic<2", "python-dotenv"), ("835", "837P"), linuxforhealth_x12
    ),
}


def as_it_is_read(package: str, kind: str, data: bytes) -> bytes:
    """The file, without what a peer refuses: linuxforhealth-x12 takes no PER of an 835's payer."""
    if (package, kind) != ("linuxforhealth-x12", "835"):
        return data
    lines = data.decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("PER*")]
    count = next(i for i, line in enumerate(kept) if line.startswith("SE*"))
    start = next(i for i, line in enumerate(kept) if line.startswith("ST*"))
    kept[count] = f"SE*{count - start + 1}*0001~\n"
    return "".join(kept).encode()


def measured(kind: str, data: bytes, claims: int, runs: int) -> Iterator[tuple[str, int, float]]:
    """Name and version, bytes read and seconds of every peer that reads this kind of file.

    Raises RuntimeError when a peer does not find the claims: then it has not been measured.
    """
    for package, peer in PEERS.items():
        if kind not in peer.kinds:
            continue
        with tempfile.TemporaryDirectory() as folder:
            python = _environment(Path(folder), peer.install)
            file = Path(folder, f"file.{kind}")
            file.write_bytes(as_it_is_read(package, kind, data))
            command = [python, __file__, "measure", package, kind, str(file), str(runs)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told = json.loads(done.stdout.splitlines()[-1])
            if told["claims"] != claims:
                raise RuntimeError(f"{package} found {told['claims']} of {claims} claims")
            yield f"{package} {told['version']}", file.stat().st_size, told["seconds"]


def _environment(folder: Path, install: tuple[str, ...]) -> str:
    """The interpreter of a fresh virtual environment with these packages."""
    venv.create(folder / "env", with_pip=True, clear=True)
    python = str(folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *install], check=True)
    return python


def measure(package: str, kind: str, path: str, runs: int) -> dict[str, Any]:
    """Read a file so many times; median processor time, and what was found."""
    times, found = [], 0
    for _ in range(runs):
        begin = time.process_time()
        found = PEERS[package].read(path, kind)
        times.append(time.process_time() - begin)
    seconds = statistics.median(times)
    return {"version": metadata.version(package), "seconds": seconds, "claims": found}


if __name__ == "__main__":
    _, _, package_, kind_, path_, runs_ = sys.argv
    print(json.dumps(measure(package_, kind_, path_, int(runs_))))
