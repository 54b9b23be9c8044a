"""The office that every attack on the money starts with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.money.office import Office, sound


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    sound(opened)
    opened.book.close()


@pytest.fixture
def either_office(tmp_path: Path, book_url: str) -> Iterator[Office]:
    """The same office on each database in turn."""
    opened = Office(tmp_path, book_url)
    yield opened
    sound(opened)
    opened.book.close()
