"""Raw files are kept byte by byte under their SHA-256, once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from medcollect.store.engine import Store
from medcollect.store.raw import keep_raw, open_raw

CONTENTS = {
    "empty": b"",
    "binary": bytes(range(256)) * 10,
    "more than one piece": b"ISA*00*" * 400_000,
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_kept_file_comes_back_byte_by_byte(name: str, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'book.db'}")
    with store.writing() as connection:
        keep_raw(connection, "abc", io.BytesIO(CONTENTS[name]))
        keep_raw(connection, "abc", io.BytesIO(b"something else"))
    with store.reading() as connection, open_raw(connection, "abc") as stream:
        assert stream.read() == (CONTENTS[name] or b"something else")
    store.close()
