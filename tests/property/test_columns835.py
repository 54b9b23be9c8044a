"""Reading claim payments by column gives what reading them one by one gives: records, findings,
order, fingerprints. The careful reader is the definition; columns only make it quick."""

from __future__ import annotations

import io
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.model.remittance import ClaimPayment, RemittanceEnd
from medcollect.x12 import Document, Limits, documents, reader, runs835
from tests.fuzz.mutate import mutate
from tests.support.corpus import claim_files, require_corpus
from tests.unit.x12.support import CLP, ERA_HEAD, era, interchange, text, transaction

SAMPLES = sorted((Path(__file__).parents[2] / "edi_samples").glob("*.edi"))
REMITTANCES = [data for data in (path.read_bytes() for path in SAMPLES) if b"ST*835" in data]


def by_column(data: bytes, limits: Limits | None = None) -> list[Document]:
    """Read by column whatever the size of the file."""
    with mock.patch.object(reader, "_COLUMNS_MIN", 0), mock.patch.object(runs835, "LOOPS_MIN", 1):
        return list(documents(io.BytesIO(data), limits=limits))


def one_by_one(data: bytes, limits: Limits | None = None) -> list[Document]:
    with mock.patch.object(reader, "_COLUMNS_MIN", 1 << 60):
        return list(documents(io.BytesIO(data), limits=limits))


def read_loop_by_loop(data: bytes) -> int:
    """How many claim payments the careful reader is asked for when reading by column."""
    asked = reader.RemittanceBody.read_loop
    calls = []

    def read_loop(self: reader.RemittanceBody, tag: str, *rest: object) -> object:
        calls.append(tag)
        return asked(self, tag, *rest)  # type: ignore[arg-type]

    with mock.patch.object(reader.RemittanceBody, "read_loop", read_loop):
        by_column(data)
    return calls.count("CLP")


def many(*loops: str, count: int = 30) -> bytes:
    """A file in which these segments come again and again, each CLP with its own number."""
    body = [s.replace("PCN1", f"PCN{n}") for n in range(count) for s in loops]
    return text(interchange(transaction("835", [*ERA_HEAD, *body])))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_read_the_same(path: Path) -> None:
    data = path.read_bytes()
    assert by_column(data) == one_by_one(data)


@pytest.mark.parametrize("name", [name for name in claim_files() if name.startswith("835")])
def test_published_files_read_the_same(name: str) -> None:
    data = (require_corpus() / name).read_bytes()
    assert by_column(data) == one_by_one(data)


@settings(max_examples=600, derandomize=True, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(REMITTANCES), st.sampled_from(REMITTANCES))
def test_spoilt_files_read_the_same(seed: int, sample: bytes, other: bytes) -> None:
    data = mutate(seed, sample, other)
    assert by_column(data) == one_by_one(data)


AMOUNTS = st.sampled_from(
    ["", "0", "-0", "1", "12.5", "-12.50", ".5", "7.", "1.005", "100.000", " 5", "+5", "123456.78",
     "99999999", "-1234567.89", "1e3", "1.2.3", "--1", ".", "-", "\u0664", "x"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["", "A", "CO", "45", "HE", "B6", "6R", "1\x002", "\xe9", "LONGER THAN A WORD"]
)
ELEMENTS = st.one_of(
    AMOUNTS, TEXTS, st.sampled_from(["20250131", "202513", "472", "232", "HC:1:25"])
)
TAGS = "SVC CAS REF AMT QTY DTM LQ NM1 MIA MOA PER LX TS3 PLB CLP SVCX CL LQQ HL SE"
SEGMENT = st.builds(
    lambda tag, rest: "*".join([tag, *rest]),
    st.sampled_from(TAGS.split()),
    st.lists(ELEMENTS, max_size=9),
)
PLAIN = st.sampled_from(
    ["SVC*HC:99213*100*80**1", "SVC*NU:0450*100*80", "SVC*HC:1*10*8*0300*2*HC:2*3", "CAS*CO*45*20",
     "CAS*PR*1*10*2*2*5", "CAS*OA*23*-5**94*7.5*3", "REF*6R*L1", "REF*0K*1", "AMT*B6*80",
     "AMT*AU*100", "QTY*CA*3", "DTM*472*20250131", "DTM*150*20250101", "DTM*151*20250131",
     "DTM*232*20250101", "DTM*050*20250203", "LQ*HE*N130", "LQ*RX*70", "LQ*ZZ*1",
     "NM1*QC*1*MUSTER*ANNA****MI*W1", "NM1*82*1*DOKTOR*DORA****XX*1234567893", "MOA***MA01*MA18",
     "MIA*0****N1", "PER*CX**TE*5550100", "NTE*X"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PLAIN, PLAIN, PLAIN, SEGMENT, st.just(CLP[0])), max_size=40))
def test_any_segments_in_any_order_read_the_same(segments: list[str]) -> None:
    data = text(era(*ERA_HEAD, CLP[0], *segments, *CLP))
    assert by_column(data) == one_by_one(data)


@settings(deadline=None)
@given(st.lists(st.lists(PLAIN, max_size=8), min_size=1, max_size=8), st.integers(64, 600))
def test_loops_cut_by_chunks_and_transactions_read_the_same(
    loops: list[list[str]], chunk: int
) -> None:
    """Positions count on over batches and begin anew in each transaction."""
    ones = [transaction("835", [*ERA_HEAD, *CLP, CLP[0], *segments]) for segments in loops]
    data = text(interchange(*ones))
    for limits in (Limits(chunk_bytes=chunk), Limits(loop_segments_max=7)):
        assert by_column(data, limits) == one_by_one(data, limits)


@given(st.lists(PLAIN, max_size=12))
@settings(deadline=None)
def test_what_is_regular_never_needs_the_careful_reader(segments: list[str]) -> None:
    loop = [CLP[0], "SVC*HC:99213*100*80**1", *segments]
    assert read_loop_by_loop(many(*loop)) == 0


def test_one_bad_claim_leaves_the_others_quick() -> None:
    data = many(*CLP).replace(b"CLP*PCN7*1*100", b"CLP*PCN7*1*1.005")
    assert read_loop_by_loop(data) == 1
    assert by_column(data) == one_by_one(data)


@pytest.mark.parametrize(
    "marks", ["|>\n!", "\x1d\x1f\x1e\x1c", "*:\x00^", "A:~^", "*:1^", "\xe9:~^", "*:*^"]
)
def test_any_separators_read_the_same(marks: str) -> None:
    element, component, terminator, repetition = marks
    swap = str.maketrans({"*": element, ":": component, "^": repetition})
    segments = many(*CLP, count=3).decode().split("~\n")[:-1]
    data = "".join(s.translate(swap) + terminator for s in segments).encode("latin-1")
    assert by_column(data) == one_by_one(data)


def test_a_file_of_some_size_is_read_by_column_without_being_asked() -> None:
    data = many(*CLP, count=400)
    asked = mock.patch.object(runs835.ClaimColumns, "payments", side_effect=AssertionError("asked"))
    with asked, pytest.raises(AssertionError, match="asked"):
        list(documents(io.BytesIO(data)))
    found = [d for d in documents(io.BytesIO(data)) if isinstance(d, ClaimPayment | RemittanceEnd)]
    assert [d.position for d in found if isinstance(d, ClaimPayment)] == list(range(1, 401))
    assert found[-1].fingerprint == one_by_one(data)[-1].fingerprint  # type: ignore[union-attr]
