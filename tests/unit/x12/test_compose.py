"""``medcollect.read``: whole remittances, single claims, from a path or a stream."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import pytest

import medcollect
from medcollect.errors import NotReadable
from medcollect.findings import Finding
from medcollect.model.claim import Claim
from medcollect.model.remittance import Remittance
from medcollect.x12 import documents
from tests.support import corpus
from tests.unit.x12.support import CLP, ERA_HEAD, claims, era, text


def test_a_path_and_a_stream_give_the_same(tmp_path: Path) -> None:
    data = text([*era()[:-1], *claims()[1:-1], "IEA*2*000000007"])
    path = tmp_path / "mixed.edi"
    path.write_bytes(data)
    from_path = list(medcollect.read(path))
    assert from_path == list(medcollect.read(str(path))) == list(medcollect.read(io.BytesIO(data)))
    remittance, claim = from_path
    assert isinstance(remittance, Remittance)
    assert isinstance(claim, Claim)
    assert remittance.claim_payments[0].paid_cents == 8000


def test_findings_are_collected_on_request() -> None:
    findings: list[Finding] = []
    assert list(medcollect.read(io.BytesIO(b"not edi"), findings=findings)) == []
    assert [f.code for f in findings] == ["no-edi"]


def test_a_path_that_leads_nowhere_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        list(medcollect.read(tmp_path / "nothing.edi"))


def test_a_remittance_whose_file_ends_early_is_still_given() -> None:
    (remittance,) = medcollect.read(io.BytesIO(text(era()[:16])))
    assert isinstance(remittance, Remittance)
    assert not remittance.end.complete


def paid_cents(found: Iterator[Remittance | Claim]) -> int:
    return sum(
        payment.paid_cents
        for document in found
        if isinstance(document, Remittance)
        for payment in document.claim_payments
    )


@pytest.mark.parametrize("processes", [1, 2])
def test_many_files_come_in_the_order_of_their_paths(tmp_path: Path, processes: int) -> None:
    paths = []
    for count in (3, 1, 0, 2):
        path = tmp_path / f"{count}.835"
        path.write_bytes(text(era(*ERA_HEAD, *CLP * count)))
        paths.append(path)
    found = medcollect.read_many(paths, paid_cents, processes=processes)
    assert list(found) == [24000, 8000, 0, 16000]


@pytest.mark.parametrize("processes", [1, 2])
def test_one_of_many_files_that_cannot_be_opened_is_our_error(
    tmp_path: Path, processes: int
) -> None:
    with pytest.raises(NotReadable) as told:
        list(medcollect.read_many([tmp_path / "nothing"], paid_cents, processes=processes))
    assert told.value.action


class _Endless(io.RawIOBase):
    """A file of one transaction with ``count`` claim payments that is never in memory whole."""

    def __init__(self, count: int) -> None:
        self._head = text(era(*ERA_HEAD)[:-3])
        self._body: Iterator[bytes] = (text(CLP) for _ in range(count))

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or b"".join(islice(self._body, 1000))


def _peak(count: int) -> int:
    tracemalloc.start()
    try:
        found = sum(1 for _ in documents(cast("BinaryIO", _Endless(count))))
        assert found >= count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_transaction() -> None:
    """Eight times the claims in one ST, no more memory but for noise."""
    _peak(2_000)
    assert _peak(16_000) < 1.3 * _peak(2_000)


def test_a_corpus_variable_that_leads_nowhere_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(corpus.VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError):
        corpus.corpus_folder()


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = medcollect.nothing_of_that_name
