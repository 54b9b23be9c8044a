"""Where the corpus of published sample files is, and its table of facts.

``MEDCOLLECT_CORPUS`` names the folder; a name that leads nowhere is an error, never a skip.
Without it, ``../shared/corpus`` beside the project is taken, else the tests that need it skip.
"""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[2]
VARIABLE = "MEDCOLLECT_CORPUS"


def corpus_folder() -> Path | None:
    """The corpus, ``None`` when there is none here; a variable that leads nowhere raises."""
    named = os.environ.get(VARIABLE)
    folder = Path(named) if named else _PROJECT.parent / "shared" / "corpus"
    if (folder / "facts.csv").is_file():
        return folder
    if named:
        raise FileNotFoundError(f"{VARIABLE} is set, but there is no facts.csv in that folder")
    return None


def require_corpus() -> Path:
    """The corpus, or skip the test, saying so."""
    folder = corpus_folder()
    if folder is None:
        pytest.skip(f"no corpus: set {VARIABLE} to its folder")
    return folder


@cache
def facts() -> dict[str, list[dict[str, str]]]:
    """File name (``835/name``) to its rows of facts.csv, in file order; empty without a corpus."""
    folder = corpus_folder()
    rows: dict[str, list[dict[str, str]]] = {}
    if folder is not None:
        with (folder / "facts.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["file"], []).append(row)
    return rows


def claim_files() -> list[str]:
    """Every 835 and 837 file of the corpus, as the table of facts names it."""
    folder = corpus_folder()
    if folder is None:
        return []
    kinds = ("835", "837d", "837i", "837p")
    return sorted(f"{k}/{p.name}" for k in kinds for p in (folder / k).iterdir() if p.is_file())


def every_file() -> list[str]:
    """Every file of the corpus that holds EDI, of whatever kind."""
    folder = corpus_folder()
    if folder is None:
        return []
    return sorted(str(p.relative_to(folder)) for p in folder.glob("*/*") if p.is_file())
