"""What one file, one archive may ask of us: every limit, by name, in one record.

Real files stay far below all of them. A limit that is met is a finding, never an exception; the
finding says what was left out. ``Limits.named`` reads what people write on the command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from medcollect.errors import BadRequest


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of reading; ``MEANINGS`` says what happens at each."""

    segment_length_max: int = 1 << 20
    elements_max: int = 64
    loop_segments_max: int = 1_000_000
    loop_repeats_max: int = 10_000
    levels_max: int = 16
    claims_of_patient_max: int = 100
    transactions_max: int = 1_000_000
    segments_max: int = 1_000_000_000
    member_bytes_max: int = 8 * 1024**3
    archive_bytes_max: int = 64 * 1024**3
    archive_members_max: int = 100_000
    archive_depth_max: int = 1
    archive_ratio_max: int = 400
    chunk_bytes: int = 1 << 17

    @classmethod
    def named(cls, settings: Iterable[str]) -> Limits:
        """Limits of which some are set by texts such as ``elements_max=100``.

        Raises BadRequest for a name that is none, or a value that is no whole number above zero.
        """
        values: dict[str, int] = {}
        for setting in settings:
            name, _, value = setting.replace("-", "_").partition("=")
            if name not in MEANINGS:
                raise BadRequest(
                    f"{name}: no such limit.", f"The limits are {', '.join(MEANINGS)}."
                )
            if not (value.isascii() and value.isdigit() and 0 < len(value) < 19 and int(value)):
                raise BadRequest(
                    f"{name} needs a whole number above zero.", f"For example {name}=100."
                )
            values[name] = int(value)
        return cls(**values)


#: What each limit bounds, and what happens to what goes beyond it.
MEANINGS: Final = {
    "segment_length_max": "characters of a segment; a longer one is left out",
    "elements_max": "elements of a segment; the further ones are left out",
    "loop_segments_max": "segments of a claim or transaction loop; the further ones are left out",
    "loop_repeats_max": "lines, or other payers, of one claim; what follows is left out",
    "levels_max": "HL levels one under another; what is deeper is left out",
    "claims_of_patient_max": "claims of one patient in a row before check says so",
    "transactions_max": "transactions of a file; the rest is not read",
    "segments_max": "segments of a file; the rest is not read",
    "member_bytes_max": "bytes of one packed file once unpacked; a larger one is not read",
    "archive_bytes_max": "bytes of an archive's files together; the rest is not read",
    "archive_members_max": "files in an archive; one with more is not read",
    "archive_depth_max": "archives inside one another, the outermost counted",
    "archive_ratio_max": "how many times its packed size a file above 16 MB may have",
    "chunk_bytes": "bytes read at a time",
}


def page() -> str:
    """What docs/limits.md holds."""
    rows = [f"| `{name}` | {getattr(Limits(), name):,} | {MEANINGS[name]} |" for name in MEANINGS]
    return _INTRODUCTION + "\n".join(rows) + "\n"


_INTRODUCTION: Final = """\
# Limits

What one file or archive may ask of medcollect. Real files stay far below every limit. One that is
met is a finding with its place; nothing raises.

```
medcollect check inbox/ --limit elements_max=100 --limit archive_depth_max=2
medcollect parse era.835 --limit transactions_max=10
medcollect import month.zip --limit archive_bytes_max=1000000000
medcollect mask month.zip --limit member_bytes_max=50000000
```

```python
limits = medcollect.Limits(elements_max=100)
medcollect.read("era.835", limits=limits)
medcollect.read_tables(["inbox/"], limits=limits)
book.import_files(["inbox/"], limits=limits)
```

An archive inside an archive is read when `archive_depth_max` is 2 or more; all that one archive
holds, at any depth, counts towards its `archive_bytes_max`.

`mask`, `segments` and `write` hand on the whole file or nothing, so for them the limits of archives
hold (`member_bytes_max`, `archive_...`), and none that leaves something out; `segments` also keeps
to `chunk_bytes`, and to `segment_length_max` where it holds a segment that does not end: such a one
travels as text.

This page is written by `python -m medcollect.limits`; a test fails when it is stale.

| Limit | Unless told otherwise | Bounds |
|---|---|---|
"""


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/limits.md").write_text(page(), encoding="utf-8")
