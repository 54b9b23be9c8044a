"""Writes the pages of this folder, and ``docs/segments.md``: ``python docs/findings/make.py``.

``texts.toml`` says in words what leads to each finding, and spoils one of the small sound files
in ``examples`` so that it arises. The pages show what ``check`` really answers to that; a test
proves that each example gives its finding, and that no page is stale.
"""

from __future__ import annotations

import difflib
import io
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from medcollect.tasks.check import check
from medcollect.x12 import Limits, claim835, claim837, era835, lines837, payers837
from medcollect.x12.named import known_segments, names_of
from medcollect.x12.tokens import Tokens

HERE: Final = Path(__file__).parent
Entry = dict[str, Any]

_TRANSACTION: Final = re.compile(r"^ST\*.*?^SE\*(\d+)", re.DOTALL | re.MULTILINE)
_SEVERITIES: Final = {"error": "error", "warning": "warning", "info": "note"}


def entries() -> dict[str, Entry]:
    """What ``texts.toml`` holds: code to words and example."""
    found: dict[str, Entry] = tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))
    return found


def base_text(entry: Entry) -> str:
    """The sound file that the example starts from."""
    return (HERE / "examples" / f"{entry.get('base', '835')}.edi").read_text(encoding="utf-8")


def example_text(entry: Entry) -> str:
    """The file with the fault: edited, cut off, or given whole."""
    if "text" in entry:
        return str(entry["text"])
    text = base_text(entry)
    edit = entry.get("edit", [])
    for old, new in zip(edit[::2], edit[1::2], strict=True):
        if old not in text:
            raise ValueError(f"the example has no {old!r}")
        text = text.replace(old, new, 1)
    if "repeat" in entry:
        start, end, times = entry["repeat"]
        first, after = text.index(start), text.index(end)
        text = text[:first] + text[first:after] * times + text[after:]
    if "cut" in entry:
        text = text[: text.index(entry["cut"]) + len(entry["cut"])]
    return text if entry.get("keep_count") else counted(text)


def counted(text: str) -> str:
    """State the true number of segments in every SE01."""

    def one(match: re.Match[str]) -> str:
        return match[0][: -len(match[1])] + str(match[0].count("~\n") + 1)

    return _TRANSACTION.sub(one, text)


def answers(code: str, entry: Entry) -> list[dict[str, Any]]:
    """The findings of this code that ``check`` has for the example."""
    data = example_text(entry).encode(entry.get("encoding", "utf-8"))
    limits = Limits(**entry["limits"]) if "limits" in entry else None
    guide = code.startswith("guide-")
    answer = check(["-"], stdin=io.BytesIO(data), guide=guide, limits=limits)
    return [f for f in answer["files"][0]["findings"] if f["code"] == code]


def runs(entry: Entry) -> bool:
    """Whether the example is a file to check; others are told in words."""
    return "example" not in entry


def page(code: str, entry: Entry) -> str:
    """The page of one finding."""
    told = answers(code, entry)[0] if runs(entry) else entry
    parts = [f"# {code}", f"*{_SEVERITIES[told['severity']].capitalize()}.* {told['message']}"]
    parts += ["## Cause", entry["cause"], "## Example", _example(entry)]
    parts += ["## What to do", told["action"]]
    if "more" in entry:
        parts.append(entry["more"])
    return "\n\n".join(parts) + "\n"


def _example(entry: Entry) -> str:
    if not runs(entry):
        return str(entry["example"])
    if "text" in entry or "encoding" in entry:
        return "A file that holds this:\n\n```text\n" + example_text(entry)[:80].rstrip() + "\n```"
    before, after = base_text(entry).splitlines(), example_text(entry).splitlines()
    lines = [
        line if len(line) < 110 else line[:100] + " ..."
        for line in difflib.unified_diff(before, after, lineterm="", n=1)
        if not line.startswith(("---", "+++", "@@"))
    ]
    shown = lines if len(lines) <= 16 else [*lines[:14], f"  ... {len(lines) - 14} lines more"]
    name = f"[{entry.get('base', '835')}.edi](examples/{entry.get('base', '835')}.edi)"
    limits = "".join(f", read with `{k}={v}`" for k, v in entry.get("limits", {}).items())
    return f"A change to {name}{limits}:\n\n```diff\n" + "\n".join(shown) + "\n```"


def index(found: dict[str, Entry]) -> str:
    """The list of all findings, by where they arise."""
    parts = [
        "# Findings",
        (
            "What `medcollect check`, `import` and the other commands say about data, one page for "
            "each code. Codes are stable: scripts may name them."
        ),
        (
            "An *error* makes `check` answer with exit code 1; a *warning* or a *note* does not. "
            "Findings name places, never what stands there."
        ),
    ]
    areas: dict[str, list[str]] = {}
    for code, entry in found.items():
        areas.setdefault(entry["area"], []).append(code)
    for area, codes in areas.items():
        parts.append(f"## {area}")
        parts.append("\n".join(f"- [{code}]({code}.md)" for code in sorted(codes)))
    return "\n\n".join(parts) + "\n"


# --- segments -------------------------------------------------------------------------------

_IDENTIFIER: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")

#: Segment -> where the 835 and the 837 reader have a field for it, from their dispatch tables.
TABLES: Final = {
    "835 header": era835.TABLE_1,
    "835 claim payment and line": claim835._SEGMENTS,
    "837 claim": claim837._CLAIM,
    "837 other payer": payers837.PAYER,
    "837 line": lines837.LINE,
}
#: What the readers take by name instead of by table.
BY_NAME: Final = {
    "ISA": "envelope", "GS": "envelope", "ST": "envelope", "SE": "envelope", "GE": "envelope",
    "IEA": "envelope", "CLP": "835 claim payment and line",
    "SVC": "835 claim payment and line", "PLB": "835 trailer", "HL": "837 hierarchy",
    "PRV": "837 hierarchy",
    "PAT": "837 hierarchy", "SBR": "837 hierarchy, 837 other payer", "LX": "837 line",
    "BHT": "837 header", "DMG": "837 hierarchy",
}  # fmt: skip
ENVELOPE: Final = tuple(segment for segment, place in BY_NAME.items() if place == "envelope")
#: What published files hold beyond that, identifiers that no guide knows included.
RAW: Final = (
    "CL1", "CN1", "CR1", "CR2", "CR3", "CR5", "CRC", "CTP", "CUR", "DN1", "DN2", "FRM", "HCP", "K3",
    "LQ", "MEA", "N2", "N7", "NTE", "OI", "PER", "PS1", "PWK", "QTY", "RDM", "SB", "SV5", "TOO",
    "TS2", "TS3", "TS7", "UD", "XX",
)  # fmt: skip


def modelled() -> dict[str, str]:
    """Segment to the loops that have a field for it."""
    found: dict[str, list[str]] = {}
    for loop, table in TABLES.items():
        for segment in table:
            found.setdefault(segment, []).append(loop)
    for segment, place in BY_NAME.items():
        found.setdefault(segment, []).insert(0, place)
    return {segment: ", ".join(dict.fromkeys(places)) for segment, places in found.items()}


def segments_in(data: bytes) -> set[str]:
    """The identifiers of the standard's form in a file's 835 and 837 transactions."""
    found: set[str] = set()
    kind = ""
    for batch in Tokens(io.BytesIO(data), Limits()).batches():
        for segment in batch.segments:
            elements = segment.split(batch.delimiters.element)
            kind = elements[1] if elements[0] == "ST" and len(elements) > 1 else kind
            if kind in {"835", "837"} and _IDENTIFIER.fullmatch(elements[0]):
                found.add(elements[0])
    return found


def segments_page(carried_raw: tuple[str, ...] = RAW) -> str:
    """The table of every segment: with fields, with named elements, or carried raw."""
    places = modelled()
    known = set(known_segments())
    rows = [
        f"| {s} | {places.get(s, '')} | {'named' if s in known else 'raw'} |"
        for s in sorted({*places, *carried_raw, *known} - set(ENVELOPE))
    ]
    rows += [f"| {s} | envelope | |" for s in ENVELOPE]
    names = [f"| {s} | {', '.join(f'`{name}`' for name in names_of(s))} |" for s in sorted(known)]
    return "\n".join(
        [
            "# Segments",
            "",
            (
                "Nothing is dropped. A segment has *fields* in the records where the table says; "
                "elsewhere it stands in `unmodelled` of the nearest loop, as it was sent. Every "
                "loop keeps all of its segments besides (`segments`). A *named* segment gives "
                "every element by the standard's name, amounts as cents and dates as dates: "
                "`medcollect.x12.named_segments(loop)`, and `values` in the lines of `parse`. A "
                "*raw* one is kept as it stood, and so is any identifier that is not listed."
            ),
            "",
            "| Segment | Fields in | Elements |",
            "|---|---|---|",
            *rows,
            "",
            "## Names of elements",
            "",
            "| Segment | Elements in order |",
            "|---|---|",
            *names,
            "",
        ]
    )


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = entries()
    written = {HERE / f"{code}.md": page(code, entry) for code, entry in found.items()}
    written[HERE / "README.md"] = index(found)
    written[HERE.parent / "segments.md"] = segments_page()
    return written


def main() -> None:
    """Write every page and take away those of codes that are gone."""
    written = pages()
    for path in HERE.glob("*.md"):
        if path not in written:
            path.unlink()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(written)} pages\n")


if __name__ == "__main__":
    main()
