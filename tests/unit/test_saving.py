"""What is written is there whole or not at all, and its owner's alone."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from medcollect.errors import NotAllowed
from medcollect.saving import save, saving, saving_bytes, saving_text


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    save(one, b"1")
    with saving_text(two) as stream:
        assert mode(tmp_path / ".two.part") == 0o600  # while it is written, too
        stream.write("a\r\nb\n")
    with saving_bytes(three) as stream:
        stream.write(b"3")
    assert [mode(path) for path in (one, two, three)] == [0o600] * 3
    assert two.read_bytes() == b"a\r\nb\n"


def test_what_is_masked_is_left_to_the_umask(tmp_path: Path) -> None:
    save(tmp_path / "masked.835", b"1", private=False)
    assert mode(tmp_path / "masked.835") == 0o644


def test_a_file_of_another_mode_is_replaced_by_a_private_one(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"old")
    (tmp_path / ".old.csv.part").write_bytes(b"left by a run that broke off")
    save(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_what_goes_wrong_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_bytes(b"old")

    def break_off() -> None:
        with saving(path) as partial:
            partial.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="cannot be written"):
        save(tmp_path / "none" / "a.csv", b"1")
    with pytest.raises(NotAllowed, match="cannot be written"):
        save(tmp_path, b"1")


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    save(pipe, b"through")
    reader.join(timeout=10)
    assert (got, pipe.is_fifo()) == ([b"through"], True)
