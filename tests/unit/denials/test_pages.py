"""Every category of denials has a page, written from the tables, and none is stale."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from medcollect.codes import read_table
from medcollect.tasks.worklists import categories

FOLDER = Path(__file__).parents[3] / "docs" / "denials"
REMEDY = "run: python docs/denials/make.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("denial_pages", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_category_that_a_denial_can_have_has_a_page() -> None:
    described = {row["category"] for row in read_table("denial_categories")}
    assert set(categories()) <= described


def test_no_page_is_stale_and_none_is_left_over() -> None:
    written = load().pages()
    stale = [p.name for p, text in written.items() if not p.is_file() or p.read_text() != text]
    assert not stale, REMEDY
    assert set(FOLDER.glob("*.md")) == set(written)


def test_a_page_says_codes_people_steps_limits_and_sources() -> None:
    text = (FOLDER / "authorization.md").read_text(encoding="utf-8")
    for part in (
        "| 197 |",
        "**authorization**",
        "1. Look in the scheduling notes",
        "42 CFR 405.942",
        "| Medicare | 2026-06-30 |",
        "PLAINFIELD MUTUAL HEALTH refused $140.00",
    ):
        assert part in text, part
