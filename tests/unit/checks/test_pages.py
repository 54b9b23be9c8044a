"""Every finding has a page, its example gives it, and no generated page is stale."""

from __future__ import annotations

import importlib.util
import io
import re
from types import ModuleType

import pytest

from medcollect.tasks.check import check
from tests.support.corpus import corpus_folder, require_corpus
from tests.unit.checks.emitted import PROJECT, emitted_codes

FOLDER = PROJECT / "docs" / "findings"
REMEDY = "describe it in docs/findings/texts.toml, then run: python docs/findings/make.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("findings_pages", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = load()
ENTRIES = make.entries()
RUN = [code for code, entry in ENTRIES.items() if make.runs(entry)]


def test_every_code_of_every_room_has_a_page_and_every_page_a_code() -> None:
    codes = emitted_codes()
    assert len(codes) > 140
    assert codes - set(ENTRIES) == set(), REMEDY
    assert set(ENTRIES) - codes == set(), "no room emits these any more"


def test_a_new_code_would_be_noticed() -> None:
    """The scan sees codes in tables, in calls by place and by name, and in either branch."""
    assert {"payment-negative", "amount-missing", "guide-hierarchy"} <= emitted_codes()
    assert {"debit-payment", "charge-differs", "archive-nested"} <= emitted_codes()


@pytest.mark.parametrize("code", RUN)
def test_the_example_gives_its_finding(code: str) -> None:
    (first, *_) = make.answers(code, ENTRIES[code])
    told = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert first["message"] in told, REMEDY
    assert first["action"] in told


@pytest.mark.parametrize("base", ["835", "837p", "837i"])
def test_the_files_that_examples_start_from_have_no_finding_even_by_the_guide(base: str) -> None:
    data = make.base_text({"base": base}).encode()
    answer = check(["-"], stdin=io.BytesIO(data), guide=True)
    assert answer["files"][0]["findings"] == []
    assert answer["balanced"]


def test_most_examples_are_files_and_not_words() -> None:
    assert len(RUN) > 115


def test_no_page_is_stale() -> None:
    written = make.pages()
    stale = [
        str(path.relative_to(PROJECT))
        for path, text in written.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, REMEDY
    assert set(FOLDER.glob("*.md")) <= set(written), "a page whose code is gone"


def test_every_page_of_the_index_exists() -> None:
    listed = re.findall(r"\]\(([a-z0-9-]+\.md)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert len(listed) == len(ENTRIES)
    assert all((FOLDER / name).is_file() for name in listed)


def test_the_table_of_segments_knows_every_segment_of_the_published_files() -> None:
    """The corpus' 835 and 837 files; what the readers have no field for is listed as raw."""
    require_corpus()
    folder = corpus_folder()
    assert folder is not None
    known = set(make.modelled()) | set(make.RAW)
    seen: set[str] = set()
    for kind in ("835", "837p", "837i", "837d"):
        for path in (folder / kind).iterdir():
            seen |= make.segments_in(path.read_bytes())
    assert len(seen) > 60
    assert seen - known == set()
