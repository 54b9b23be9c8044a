"""Published files, taken apart and put together; read, written and read again."""

from __future__ import annotations

import io
from functools import cache

import pytest
from msgspec.structs import replace

from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.remittance import ClaimPayment, Remittance
from medcollect.x12 import Limits, documents, read
from medcollect.x12.conformance import guide_findings
from medcollect.x12.lossless import ExactSegment, from_lines, put_together, take_apart, to_lines
from medcollect.x12.tokens import Tokens
from medcollect.x12.write import facts_of
from medcollect.x12.write835 import write_835
from medcollect.x12.write837 import write_837
from tests.support.corpus import claim_files, every_file, require_corpus
from tests.unit.x12_write.support import ENVELOPE

#: Judging by the guide is slow; larger files repeat what smaller ones show.
GUIDE_BYTES_MAX = 20_000


def bytes_of(name: str) -> bytes:
    return (require_corpus() / name).read_bytes()


@pytest.mark.parametrize("chunk", [1 << 20, 211], ids=["whole", "in chunks"])
@pytest.mark.parametrize("name", every_file())
def test_every_byte_comes_back(name: str, chunk: int) -> None:
    data = bytes_of(name)
    lines = list(to_lines(take_apart(io.BytesIO(data), Limits(chunk_bytes=chunk))))
    assert b"".join(put_together(from_lines(lines))) == data


@pytest.mark.parametrize("name", every_file())
def test_the_segments_are_those_that_the_reader_sees(name: str) -> None:
    """The numbers in findings lead to the lines of the taken-apart file."""
    data = bytes_of(name)
    records = take_apart(io.BytesIO(data))
    exact = [r.elements for r in records if isinstance(r, ExactSegment)]
    read_by_us = [
        tuple(segment.split(batch.delimiters.element))
        for batch in Tokens(io.BytesIO(data), Limits()).batches()
        for segment in batch.segments
    ]
    assert [tuple(unwrapped(e) for e in elements) for elements in exact] == read_by_us


def unwrapped(element: str) -> str:
    return element.replace("\r", "").replace("\n", "")


@cache
def conforms(name: str) -> bool:
    """Whether the file has transactions, and neither we nor the guide have anything against it."""
    data = bytes_of(name)
    if len(data) > GUIDE_BYTES_MAX:
        return False
    ours = list(documents(io.BytesIO(data)))
    if not any(isinstance(d, ClaimPayment | Claim) for d in ours):
        return False
    found = [d for d in ours if isinstance(d, Finding)] + guide_findings(io.BytesIO(data))
    return not any(f.severity == "error" or f.code == "guide-not-checked" for f in found)


@pytest.mark.parametrize("name", claim_files())
def test_a_conformant_file_is_written_as_it_was_read(name: str) -> None:
    data = bytes_of(name)
    remittances = [d for d in read(io.BytesIO(data)) if isinstance(d, Remittance)]
    headers = [d for d in documents(io.BytesIO(data)) if isinstance(d, ClaimsHeader)]
    claims = [d for d in read(io.BytesIO(data)) if isinstance(d, Claim)]
    if not conforms(name):
        return
    first = remittances[0].header if remittances else headers[0]
    envelope = replace(ENVELOPE, delimiters=first.transaction.envelope.delimiters)
    text = ""
    if remittances:
        text = write_835(remittances, envelope)
        again = [d for d in read(io.BytesIO(text.encode())) if isinstance(d, Remittance)]
        assert [facts_of(d) for d in again] == [facts_of(d) for d in remittances]
        assert [d.end.fingerprint for d in again] == [d.end.fingerprint for d in remittances]
    if claims:
        text = write_837(claims, envelope, headers[0])
        found = [d for d in read(io.BytesIO(text.encode())) if isinstance(d, Claim)]
        assert [facts_of(d) for d in found] == [facts_of(d) for d in claims]
        assert [d.segments for d in found] == [d.segments for d in claims]
    against = guide_findings(io.BytesIO(text.encode()))
    assert [f.message for f in against if f.severity == "error"] == []


CONFORMANT = (
    "835/pyx12-835id.txt",
    "835/stupidedi-era-sample.edi",
    "835/stupidedi-tertiary-payments.edi",
    "837i/lfh-two-claims-single-provider.edi",
    "837i/pyx12-simple-837i.txt",
    "837p/lfh-demo-cob-example3-b-837.edi",
    "837p/stupidedi-oxygen.edi",
)


@pytest.mark.parametrize("name", CONFORMANT)
def test_these_files_do_conform(name: str) -> None:
    """Were nothing found to conform, the test above would say nothing."""
    require_corpus()
    assert conforms(name)
