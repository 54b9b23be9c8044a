"""Every finding code that the program can emit, read from its source.

Codes stand in tables (``PROBLEMS``, ``SITUATIONS``, the guide's rules, the balancing words) or in
the call that makes the finding; both are found in the syntax tree, so that a new one is noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[3]
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")

#: What makes a finding, and where its code stands among the arguments (a file's stands second).
MAKERS = {
    "Finding": (0,), "Hit": (0,), "_Rule": (0,), "_Wording": (0,), "_warn": (0,),
    "problem": (0, 1), "_problem": (1,), "report": (0,), "_report": (0,),
}  # fmt: skip
#: What stands behind a code in a table.
ROWS = {"Problem", "Situation"}


def emitted_codes() -> set[str]:
    """The codes of all rooms."""
    sources = [*PROJECT.glob("medcollect/**/*.py"), *PROJECT.glob("api/**/*.py")]
    return {code for path in sources for code in _codes(ast.parse(path.read_text("utf-8")))}


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(value, ast.Call) and _name(value) in ROWS and key is not None:
                    yield from _text(key)


def _of_call(node: ast.Call) -> Iterator[str]:
    places = MAKERS.get(_name(node))
    if places is None:
        return
    for place in places:
        if len(node.args) > place:
            yield from _text(node.args[place])
    for keyword in node.keywords:
        if keyword.arg == "code":
            yield from _text(keyword.value)


def _name(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if CODE.fullmatch(node.value):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _text(node.body)
        yield from _text(node.orelse)
