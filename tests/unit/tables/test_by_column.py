"""Tables of claim payments made by column are those that their records make, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medcollect
from medcollect.tasks.frames import Frames
from medcollect.tasks.parse_columns import TABLES
from medcollect.tasks.parse_tables import Rows
from medcollect.x12 import documents, reader, runs835
from tests.fuzz.mutate import mutate
from tests.property.test_columns835 import PLAIN, REMITTANCES, SAMPLES, many
from tests.support.corpus import claim_files, require_corpus
from tests.unit.x12.support import CLP, ERA_HEAD, interchange, text, transaction


def by_column(paths: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Read by column whatever the size of the files."""
    with mock.patch.object(reader, "_COLUMNS_MIN", 0), mock.patch.object(runs835, "LOOPS_MIN", 1):
        return medcollect.read_tables(paths)


def by_record(paths: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Every row from its record, as ``parse --to csv`` and ``parquet`` make them."""
    frames = Frames()
    rows = Rows(frames.add)
    for path in paths:
        with path.open("rb") as stream:
            for document in documents(stream):
                rows.take(str(path), document)
    return {table: frames.frame(table) for table in TABLES}


def assert_same(paths: Sequence[Path]) -> None:
    found, expected = by_column(paths), by_record(paths)
    assert list(found) == list(expected)
    for table, frame in expected.items():
        pd.testing.assert_frame_equal(found[table], frame, check_exact=True)


def test_the_samples_give_the_same_tables() -> None:
    """Alone and together: what came by column stands between what came by record."""
    assert_same(SAMPLES)
    for path in SAMPLES:
        assert_same([path])


def test_published_files_give_the_same_tables() -> None:
    folder = require_corpus()
    assert_same([folder / name for name in claim_files() if name.startswith("835")])


def test_without_arrow_the_tables_are_the_same() -> None:
    """Where pandas keeps text as Python's own, every text is made one."""
    with pd.option_context("mode.string_storage", "python"):
        assert_same(SAMPLES)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(REMITTANCES), st.sampled_from(REMITTANCES))
def test_spoilt_files_give_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, seed: int, sample: bytes, other: bytes
) -> None:
    path = tmp_path_factory.mktemp("spoilt") / "file.edi"
    path.write_bytes(mutate(seed, sample, other))
    assert_same([path])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PLAIN, max_size=8), min_size=1, max_size=6))
def test_any_segments_in_many_transactions_give_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, loops: list[list[str]]
) -> None:
    ones = [transaction("835", [*ERA_HEAD, *CLP, CLP[0], *segments]) for segments in loops]
    path = tmp_path_factory.mktemp("any") / "file.edi"
    path.write_bytes(text(interchange(*ones)))
    assert_same([path])


def test_codes_of_which_there_are_many_are_told_apart(tmp_path: Path) -> None:
    """Thousands of different short codes, and of codes of two words, some of them equal."""
    claims = [
        f"CLP*P{n}*1*{n % 90}*0**12*I{n}*{n}*{n % 7}~SVC*HC:{n * 7 % 5_000}:{n % 50}*0*0~"
        f"LQ*HE*N{n}~LQ*HE*M{n % 9}~CAS*CO*{n}*1*{n % 3}"
        for n in range(6_000)
    ]
    path = tmp_path / "file.edi"
    path.write_bytes(text(interchange(transaction("835", [*ERA_HEAD, *claims]))))
    assert_same([path])


def test_a_claim_that_is_not_regular_stands_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "file.edi"
    path.write_bytes(many(*CLP).replace(b"CLP*PCN7*1*100", b"CLP*PCN7*1*1.005"))
    assert_same([path])
    tables = by_column([path])
    assert list(tables["claim_payments"]["claim_payment"]) == list(range(1, 31))
    assert list(tables["findings"]["code"]) == ["amount-more-than-cents"]
    assert not tables["remittances"]["balanced"].any()


def test_a_large_file_is_read_by_column_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "file.edi"
    path.write_bytes(many(*CLP, count=2_000))
    adopted = mock.patch.object(reader.RemittanceBody, "adopt", side_effect=AssertionError("adopt"))
    with adopted, pytest.raises(AssertionError, match="adopt"):
        medcollect.read_tables(path)
    assert_same([path])
