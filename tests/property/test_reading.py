"""What must hold for any bytes at all, and for any way of writing the same transaction down."""

from __future__ import annotations

import io
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.money import parse_cents
from medcollect.x12 import Document, Limits, documents
from medcollect.x12.values import read_cents
from tests.unit.x12.support import CLAIM_HEAD, CLM, SUBSCRIBER, claims, era, text

FILES = (text(era()), text(claims()), text([*era()[:-1], *claims()[1:-1], "IEA*2*000000007"]))
SMALL = Limits(chunk_bytes=64, segment_length_max=500, loop_segments_max=50)


def read(data: bytes, limits: Limits | None = None) -> list[Document]:
    return list(documents(io.BytesIO(data), limits=limits))


def whole(found: list[Document]) -> bool:
    """Every transaction that begins ends."""
    begins = sum(isinstance(d, RemittanceHeader | ClaimsHeader) for d in found)
    ends = sum(isinstance(d, RemittanceEnd | ClaimsEnd) for d in found)
    return begins == ends


@given(st.binary(max_size=2000))
@settings(max_examples=200)
def test_no_bytes_raise(data: bytes) -> None:
    assert read(data)
    assert whole(read(data, SMALL))


@given(st.sampled_from(FILES), st.binary(max_size=200), st.data())
@settings(max_examples=200)
def test_bytes_written_into_a_file_never_raise(
    file: bytes, junk: bytes, data: st.DataObject
) -> None:
    """Junk overwrites, stands between, or replaces the rest of a good file."""
    at = data.draw(st.integers(0, len(file)))
    kept = data.draw(st.integers(at, len(file)))
    assert whole(read(file[:at] + junk + file[kept:], SMALL))


@given(st.sampled_from(FILES), st.data())
def test_a_file_cut_anywhere_says_so_and_every_transaction_ends(
    file: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(file.rstrip(b"~\n")) - 1))
    found = read(file[:cut])
    assert whole(found)
    assert any(isinstance(document, Finding) for document in found)


TAGS = "CAS SVC CLP PLB LX HL CLM SBR SVD NM1 DTP AMT ST SE"
VALUES = "835 837 20 22 23 CO 45 1.005 -1 20250101 HC:1:2 X"
SEGMENT = st.lists(
    st.sampled_from(["", *TAGS.split(), *VALUES.split()]), min_size=1, max_size=25
).map("*".join)


@given(st.lists(SEGMENT, max_size=30), st.booleans())
@settings(max_examples=200)
def test_segments_in_any_order_and_shape_never_raise(segments: list[str], claim: bool) -> None:
    frame = claims(*segments) if claim else era(*segments)
    assert whole(read(text(frame)))


@given(st.sampled_from(FILES), st.integers(1, 400), st.binary(max_size=30), st.data())
def test_the_size_of_the_chunks_makes_no_difference(
    file: bytes, size: int, junk: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(file)))
    damaged = file[:at] + junk + file[at:]
    limits = Limits(chunk_bytes=size, segment_length_max=1000)
    assert read(damaged, limits) == read(damaged, Limits(segment_length_max=1000))


MARKS = st.lists(
    st.sampled_from(
        [c for c in string.punctuation if c not in "-.&"] + ["\x1c", "\x1d", "\x1e", "\x1f"]
    ),
    min_size=4,
    max_size=4,
    unique=True,
)
LINE_ENDS = st.sampled_from(["", "\n", "\r\n", "\n\n", "\n   ", "\t"])


def written(segments: list[str], marks: list[str], line_end: str) -> bytes:
    """The same segments with other separators and line ends."""
    element, component, terminator, repetition = marks
    swap = str.maketrans({"*": element, ":": component, "^": repetition})
    return "".join(s.translate(swap) + terminator + line_end for s in segments).encode()


def plain(found: list[Document]) -> list[object]:
    """What a reader of the records sees: everything but separators and raw text."""
    facts: list[object] = []
    for document in found:
        if isinstance(document, ClaimPayment):
            facts.append((document.paid_cents, document.services, document.adjustments))
        elif isinstance(document, Claim):
            facts.append((document.charge_cents, document.lines, document.coverage))
        elif isinstance(document, RemittanceEnd | ClaimsEnd):
            facts.append((document.fingerprint, document.complete, document.segment_count))
        elif isinstance(document, Finding):
            facts.append(document)
    return facts


@given(MARKS, LINE_ENDS, st.booleans())
def test_separators_and_line_ends_change_neither_facts_nor_fingerprint(
    marks: list[str], line_end: str, claim: bool
) -> None:
    segments = claims() if claim else era()
    assert plain(read(written(segments, marks, line_end))) == plain(read(text(segments)))


def test_the_fingerprint_changes_with_the_content() -> None:
    """An element moved into its neighbour must not look the same."""
    one = [d for d in read(text(era("BPR*I*1", "REF*AB*C"))) if isinstance(d, RemittanceEnd)]
    two = [d for d in read(text(era("BPR*I*1", "REF*A*BC"))) if isinstance(d, RemittanceEnd)]
    three = [d for d in read(text(era("BPR*I*1*REF*AB*C"))) if isinstance(d, RemittanceEnd)]
    assert len({one[0].fingerprint, two[0].fingerprint, three[0].fingerprint}) == 3


@given(st.integers(1, 40))
def test_every_claim_comes_once_and_in_order(count: int) -> None:
    body = [s.replace("PCN1", f"PCN{n}") for n in range(count) for s in (*SUBSCRIBER, *CLM)]
    found = [d for d in read(text(claims(*CLAIM_HEAD, *body)), SMALL) if isinstance(d, Claim)]
    assert [c.patient_control_number for c in found] == [f"PCN{n}" for n in range(count)]
    assert [c.position for c in found] == list(range(1, count + 1))


@given(st.text(alphabet="0123456789.+-_ ,\u0664\uff11eE\n", max_size=18))
@settings(max_examples=500)
def test_the_quick_way_to_read_an_amount_reads_what_the_plain_one_does(written: str) -> None:
    assert read_cents(written) == parse_cents(written)


@given(st.lists(st.sampled_from(["CAS*CO*45*10", "AMT*B6*7", "DTM*232*20250101", "LQ*HE*N1"])))
def test_what_a_text_means_in_a_claim_is_not_what_it_means_in_a_line(again: list[str]) -> None:
    """Texts that recur stay where they stand, however often they were read elsewhere before."""
    head = "CLP*PCN1*1*100*80*20*12*ICN1*11*1"
    (found,) = (
        d
        for d in read(text(era("BPR*I*80", "TRN*1*T", head, *again, "SVC*HC:1*100*80", *again)))
        if isinstance(d, ClaimPayment)
    )
    (line,) = found.services
    for place, dated in ((found, found.statement_from), (line, None)):
        assert len(place.adjustments) == again.count("CAS*CO*45*10")
        assert len(place.amounts) == again.count("AMT*B6*7")
        assert len(place.remarks) == again.count("LQ*HE*N1")
        assert (dated is not None) == (place is found and "DTM*232*20250101" in again)
    assert len(line.unmodelled) == again.count("DTM*232*20250101")
