"""Finding input files: what is read, what is left aside, what is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pickle
import threading
import zipfile
from pathlib import Path

import pytest

from medcollect.errors import NotReadable
from medcollect.files import FileProblem, InputFile, archives, find_files


def _read(file: InputFile) -> bytes:
    with file.open() as stream:
        return stream.read()


def _codes(found: list[InputFile | FileProblem]) -> list[str]:
    return [f.finding.code for f in found if isinstance(f, FileProblem)]


def _inputs(found: list[InputFile | FileProblem]) -> list[InputFile]:
    return [f for f in found if isinstance(f, InputFile)]


def test_a_file_keeps_the_name_it_was_given_and_opens_twice(tmp_path: Path) -> None:
    path = tmp_path / "era.835"
    path.write_bytes(b"ISA*00")
    (file,) = _inputs(list(find_files([path])))

    assert (str(path), 6) == (file.label, file.size)
    assert b"ISA*00" == _read(file) == _read(file)
    assert hashlib.sha256(b"ISA*00").hexdigest() == file.sha256()


def test_a_folder_is_read_to_its_depth_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b.835", "a/z.837", "a/deep/y.txt", "c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    labels = [f.label for f in find_files([tmp_path])]

    assert [str(tmp_path / n) for n in ("a/deep/y.txt", "a/z.837", "b.835", "c")] == labels


def test_hidden_files_and_our_own_are_left_aside_with_one_note(tmp_path: Path) -> None:
    for name in (
        ".DS_Store",
        "medcollect.db",
        "medcollect.db-wal",
        "out.json",
        "README.md",
        "e.835",
    ):
        (tmp_path / name).write_text("x")

    found = list(find_files([tmp_path]))

    assert [Path(f.label).name for f in _inputs(found)] == ["e.835"]
    (note,) = [f for f in found if isinstance(f, FileProblem)]
    assert (note.finding.code, note.finding.severity) == ("files-skipped", "info")
    assert "5 entries" in note.finding.message


def test_an_empty_folder_is_a_warning(tmp_path: Path) -> None:
    assert _codes(list(find_files([tmp_path]))) == ["folder-empty"]


def test_a_named_path_that_is_missing_raises_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "era.835").write_text("x")

    with pytest.raises(NotReadable, match="no such file"):
        find_files([tmp_path / "era.835", tmp_path / "gone.835"])


def test_a_named_folder_without_permission_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(NotReadable, match="Permission denied"):
        find_files([tmp_path])


def test_a_file_without_permission_inside_a_folder_is_a_finding_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.835", "b.835", "c.835"):
        (tmp_path / name).write_text("x")
    really_open = Path.open

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        if self.name == "b.835":
            raise PermissionError(13, "Permission denied")
        return really_open(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    found = list(find_files([tmp_path]))

    assert [Path(f.label).name for f in _inputs(found)] == ["a.835", "c.835"]
    assert _codes(found) == ["file-unreadable"]


def test_a_folder_without_permission_inside_a_folder_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "z.835").write_text("x")
    really_list = Path.iterdir

    def refuse(self: Path) -> object:
        if self.name == "shut":
            raise PermissionError(13, "Permission denied")
        return really_list(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = list(find_files([tmp_path]))

    assert [Path(f.label).name for f in _inputs(found)] == ["z.835"]
    assert _codes(found) == ["file-unreadable"]


def test_standard_input_is_put_aside_and_its_copy_goes_away() -> None:
    (file,) = _inputs(list(find_files(["-"], stdin=io.BytesIO(b"ISA"))))
    assert (file.label, file.size, _read(file), _read(file)) == ("-", 3, b"ISA", b"ISA")
    with file.open() as stream:
        copy = Path(stream.name)

    del file

    assert not copy.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a matter of POSIX")
def test_a_named_pipe_is_put_aside_like_standard_input(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"ISA"))
    writer.start()
    (file,) = _inputs(list(find_files([pipe])))
    writer.join()

    assert b"ISA" == _read(file) == _read(file)


def test_zip_members_are_read_in_order_with_folders_and_without_hidden_ones(tmp_path: Path) -> None:
    path = tmp_path / "inbox.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("z/b.835", "a.837", "__MACOSX/a.837", ".hidden", "z/"):
            archive.writestr(name, f"body of {name}")
    found = list(find_files([path]))

    assert [f"{path}!a.837", f"{path}!z/b.835"] == [f.label for f in _inputs(found[:2])]
    assert isinstance(found[2], FileProblem)
    assert found[2].finding.code == "files-skipped"
    first = _inputs(found[:2])[0]
    assert b"body of a.837" == _read(first) == _read(first)
    assert (13, hashlib.sha256(b"body of a.837").hexdigest()) == (first.size, first.sha256())


def test_an_input_file_travels_to_another_process(tmp_path: Path) -> None:
    path = tmp_path / "inbox.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.837", "body")
    (file,) = _inputs(list(find_files([path])))

    assert _read(pickle.loads(pickle.dumps(file))) == b"body"  # noqa: S301


def test_a_gzip_file_is_read_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "era.835.gz"
    path.write_bytes(gzip.compress(b"ISA*00", mtime=0))
    (file,) = _inputs(list(find_files([path])))

    assert (str(path), 6, b"ISA*00") == (file.label, file.size, _read(file))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.zip", b"PK\x03\x04 and then nothing"),
        ("empty.zip", b""),
        ("cut.gz", gzip.compress(b"ISA" * 5000, mtime=0)[:-9]),
        ("text.gz", b"ISA*00"),
    ],
    ids=["cut zip", "empty zip", "cut gzip", "text gzip"],
)
def test_a_damaged_archive_is_a_finding(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert _codes(list(find_files([tmp_path / name]))) == ["archive-broken"]


def test_a_damaged_member_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "inbox.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.835", "AAAAAAAA")
        archive.writestr("b.835", "BBBBBBBB")
    path.write_bytes(path.read_bytes().replace(b"AAAAAAAA", b"AAAAXAAA"))
    found = list(find_files([path]))

    assert _codes(found) == ["archive-broken"]
    assert [f"{path}!b.835"] == [f.label for f in _inputs(found)]


def test_a_locked_member_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "inbox.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.835", "A")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(data)

    assert _codes(list(find_files([path]))) == ["archive-encrypted"]


def test_an_archive_in_an_archive_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", "x")

    assert _codes(list(find_files([path]))) == ["archive-nested"]


@pytest.mark.parametrize("pack", ["zip", "gz"])
def test_a_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: str
) -> None:
    monkeypatch.setattr(archives, "RATIO_FROM_BYTES", 1024)
    path, body = tmp_path / f"bomb.{pack}", bytes(8 * 1024 * 1024)
    if pack == "gz":
        path.write_bytes(gzip.compress(body, mtime=0))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bomb.835", body)

    assert _codes(list(find_files([path]))) == ["archive-too-large"]


def test_a_member_named_with_a_dot_folder_is_read(tmp_path: Path) -> None:
    """Some programs write ./name into archives; what is left aside is told."""
    path = tmp_path / "era.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("./era.835", b"ISA*")
        archive.writestr(".hidden/era.835", b"ISA*")
        archive.writestr("notes.pdf", b"%PDF")

    found = list(find_files([path]))

    assert [f.label for f in found if isinstance(f, InputFile)] == [f"{path}!./era.835"]
    assert [f.finding.code for f in found if isinstance(f, FileProblem)] == ["files-skipped"]


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.zip"
    zipfile.ZipFile(path, "w").close()

    (found,) = find_files([path])

    assert isinstance(found, FileProblem)
    assert found.finding.code == "archive-empty"
