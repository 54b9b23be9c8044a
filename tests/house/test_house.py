"""The house stays as it was drawn: floors, sizes, docstrings, words.

DESIGN.md section 4. A room that is not in ``FLOORS`` fails the test: give it a floor first.
"""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCES = sorted([*PROJECT.glob("medcollect/**/*.py"), *PROJECT.glob("api/**/*.py")])

#: A migration records one schema as it was; it is written once and never shortened.
SHAPED = [path for path in SOURCES if "versions" not in path.parts]

#: Room to floor. Imports go down only; rooms on one floor do not import each other.
FLOORS = {
    "medcollect.money": 0,
    "medcollect.errors": 0,
    "medcollect.findings": 0,
    "medcollect.dates": 0,
    "medcollect.ids": 0,
    "medcollect.limits": 0,
    "medcollect.saving": 0,
    "medcollect.model": 0,
    "medcollect.sheets": 0,
    "medcollect.x12": 1,
    "medcollect.codes": 1,
    "medcollect.bank": 1,
    "medcollect.balancing": 2,
    "medcollect.matching": 2,
    "medcollect.ledger": 2,
    "medcollect.denials": 2,
    "medcollect.filing": 2,
    "medcollect.patterns": 2,
    "medcollect.contracts": 2,
    "medcollect.store": 3,
    "medcollect.fhir": 3,
    "medcollect.reports": 3,
    "medcollect.letters": 3,
    "medcollect.files": 3,
    "medcollect.bookkeeping": 4,
    "medcollect.tasks": 5,
    "medcollect.settings": 5,  # read by doors only
    "medcollect.book": 6,
    "medcollect.tables": 6,
    "medcollect": 7,  # the names that users import
    "api": 8,
    "medcollect.cli": 9,  # serve starts the api
}
#: The ground is one room of many small modules, which may lean on each other.
GROUND = 0

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN = 10
FUNCTION_LINES_P90 = 35
FILE_LINES_MAX = 400

#: Words that have no business in finished code.
BANNED = re.compile(r"\b(TODO|FIXME)\b")
#: Folders of somebody's machine.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|tmp|home|root)/")
TEXT_FILES = (".py", ".md", ".toml", ".txt", ".json", ".csv", ".edi", ".835", ".837", ".ini")


def room_of(module: str) -> str:
    """``medcollect.x12.reader`` lives in ``medcollect.x12``, ``api.routes.claims`` in ``api``."""
    parts = module.split(".")
    return parts[0] if parts[0] == "api" else ".".join(parts[:2])


def module_of(path: Path) -> str:
    parts = list(path.relative_to(PROJECT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_rooms(path: Path) -> Iterator[tuple[int, str]]:
    """Every room that a file imports, inside functions too, with the line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: write imports in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] in {"medcollect", "api"}:
                yield node.lineno, known_room(name)


def known_room(name: str) -> str:
    """The room of an imported name; a plain name of the package itself belongs to its root."""
    room = room_of(name)
    if room in FLOORS:
        return room
    package = PROJECT / "medcollect"
    leaf = room.split(".")[-1]
    is_module = (package / leaf).is_dir() or (package / f"{leaf}.py").is_file()
    assert not is_module, f"room {room} has no floor in FLOORS"
    return "medcollect"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def every(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(p.relative_to(PROJECT)) for p in paths])


@every(SOURCES)
def test_imports_go_down_only(path: Path) -> None:
    room = known_room(module_of(path))
    for line, other in imported_rooms(path):
        if other == room or GROUND == FLOORS[other] == FLOORS[room]:
            continue
        assert FLOORS[other] < FLOORS[room], f"{path}:{line}: {room} may not import {other}"


def test_a_room_without_a_floor_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FLOORS, "medcollect.cli")
    with pytest.raises(AssertionError, match="has no floor"):
        known_room("medcollect.cli.app")


@every(SHAPED)
def test_a_file_can_be_read_at_a_sitting(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= FILE_LINES_MAX


@every(SHAPED)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    too_long = [node.name for node in functions(path) if length(node) > FUNCTION_LINES_MAX]
    assert not too_long


def test_most_functions_are_short() -> None:
    lengths = sorted(length(node) for path in SHAPED for node in functions(path))
    assert statistics.median(lengths) <= FUNCTION_LINES_MEDIAN
    assert lengths[int(len(lengths) * 0.9)] <= FUNCTION_LINES_P90


@every(SOURCES)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in public_nodes(tree.body):
        assert ast.get_docstring(node), f"{path}:{node.lineno}: {node.name} has no docstring"


Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public_nodes(body: list[ast.stmt]) -> Iterator[Documented]:
    """Public classes and functions of a module, and the public methods of those classes."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_nodes(node.body)


def project_texts() -> list[Path]:
    """Every text of the project that is ours to write, this file apart."""
    folders = ("medcollect", "api", "tests", "edi_samples", "benchmarks", "docs", ".ci")
    found = [p for f in folders for p in (PROJECT / f).glob("**/*") if p.suffix in TEXT_FILES]
    found += [*PROJECT.glob("*.md"), *PROJECT.glob("*.toml"), *PROJECT.glob(".ci/*")]
    return sorted({p for p in found if p.is_file() and p != Path(__file__)})


def test_no_word_of_unfinished_work() -> None:
    code = [p for p in project_texts() if p.suffix in {".py", ".md", ".toml"}]
    assert len(code) > len(SOURCES)
    assert not [str(p) for p in code if BANNED.search(p.read_text(encoding="utf-8"))]


def test_only_the_command_line_talks_to_a_terminal() -> None:
    for path in SOURCES:
        if room_of(module_of(path)) == "medcollect.cli":
            continue
        calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        printing = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
        assert not printing, f"{path}:{printing[0].lineno}: print"


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    for path in project_texts():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not MACHINE_PATHS.search(text), f"{path} names a folder of a machine"


#: What writes files without patients' data, or into folders of its own that nobody else may enter.
WRITES_ELSEWHERE = {
    "medcollect.saving",
    "medcollect.limits",  # pages of the docs
    "medcollect.tables",
    "medcollect.codes.rebuild",
    "medcollect.letters.template_files",
    "medcollect.files.sources",
    "api.uploads",
}
WRITING = re.compile(
    r"\.write_(bytes|text)\(|\bopen\([^)]*[\"'][wxa]b?\+?[\"']|\bto_(csv|excel)\(path"
)


def test_files_are_written_by_way_of_the_one_helper_that_keeps_them_private() -> None:
    found = {
        module_of(path) for path in SOURCES if WRITING.search(path.read_text(encoding="utf-8"))
    }
    assert found - WRITES_ELSEWHERE == set()
    assert found >= {"medcollect.saving", "medcollect.limits"}
