"""Loops read many at a time give what the reader of single loops gives, to the letter."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock, patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.model.claim import Claim, ServiceLine
from medcollect.model.common import Delimiters
from medcollect.x12 import Document, Limits, documents, opened
from medcollect.x12.claim837 import read_claim, read_line
from medcollect.x12.parents837 import read_level
from medcollect.x12.shapes import Shapes
from tests.fuzz.mutate import mutate
from tests.fuzz.target import SAMPLES
from tests.support.corpus import claim_files, require_corpus
from tests.unit.x12.support import CLAIM_HEAD, CLM, SUBSCRIBER, claims, codes, records, text

#: Samples that hold claims, small enough to be spoilt by the hundred.
SPOILT = [
    path.read_bytes()
    for path in SAMPLES
    if path.stat().st_size < 12_000 and b"CLM*" in path.read_bytes()
]
MANY = 40


def read(data: bytes, loops_many: int, limits: Limits | None = None) -> list[Document]:
    """Every document, where so many loops at once are read by pattern."""
    with patch.object(opened, "LOOPS_MANY", loops_many):
        return list(documents(io.BytesIO(data), limits=limits))


@contextmanager
def watch(name: str, function: Callable[..., object]) -> Iterator[Mock]:
    """Count the calls of a function of the room."""
    with patch(f"medcollect.x12.{name}", wraps=function) as watched:
        yield watched


def same(data: bytes, limits: Limits | None = None) -> list[Document]:
    """What is read many at a time, which is what is read one by one."""
    at_once = read(data, 1, limits)
    assert at_once == read(data, 1_000_000, limits)
    return at_once


def many(*segments: str, version: str = "005010X222A1") -> bytes:
    """A file in which one claim comes many times."""
    return text(claims(*CLAIM_HEAD, *SUBSCRIBER, *(segments * MANY), version=version))


def claim_with(*replaced: tuple[str, str]) -> tuple[str, ...]:
    """The usual claim with pieces of its text replaced."""
    whole = "~".join(CLM)
    for old, new in replaced:
        assert old in whole
        whole = whole.replace(old, new)
    return tuple(whole.split("~"))


def test_regular_claims_are_not_read_one_by_one() -> None:
    with watch("body837.read_claim", read_claim) as one_by_one:
        found = records(many(*CLM), Claim)
    assert len(found) == MANY
    assert one_by_one.call_count == 1  # the last, which no loop follows
    assert [claim.position for claim in found] == list(range(1, MANY + 1))
    assert len({claim.segment for claim in found}) == MANY


def test_regular_subscribers_are_not_read_one_by_one() -> None:
    with watch("body837.read_level", read_level) as one_by_one:
        found = records(many(*SUBSCRIBER, *CLM), Claim)
    assert len(found) == MANY
    assert one_by_one.call_count < 5


def test_one_unusual_line_costs_only_its_own_reading() -> None:
    claim = (*CLM, "LX*2", "SV1*HC:J1885*20*UN*1***1", "LIN**N4*00409379501", "CTP****1*ML")
    with (
        watch("batch837.read_line", read_line) as lines,
        watch("body837.read_claim", read_claim) as whole,
    ):
        found = records(many(*claim), Claim)
    assert {line.drug_code for claim in found for line in claim.lines} == {"", "00409379501"}
    assert (lines.call_count, whole.call_count) == (MANY - 1, 1)


@pytest.mark.parametrize(
    "replaced",
    [
        ("SV1*HC:99213:25*100*UN", "SV1*HC:99213:25*100.5*UN"),
        ("SV1*HC:99213:25*100*UN", "SV1*HC:99213:25*-100*UN"),
        ("SV1*HC:99213:25*100*UN", "SV1*HC:99213:25*100.005*UN"),
        ("SV1*HC:99213:25*100*UN", "SV1*HC:99213:25**UN"),
        ("SV1*HC:99213:25*100*UN*1***1:2", "SV1*HC:99213*100"),
        ("SV1*HC:99213:25*100*UN*1***1:2", "SV1"),
        ("SV1*HC:99213:25*100*UN*1***1:2", "SV2*0450*HC:99213*100*UN*1"),
        ("SV1*HC:99213:25*100*UN*1***1:2~", ""),
        ("20250201", "20250231"),
        ("D8*20250201", "RD8*20250201-20250203"),
        ("D8*20250201", "RD8*20250201-"),
        ("DTP*472*D8*20250201", "DTP*472"),
        ("DTP*472*D8*20250201", "DTP*471*D8*20250201"),
        ("REF*6R*L1", "REF*6R"),
        ("REF*6R*L1", "REF**L1"),
        ("REF*6R*L1", "REF*G1*AUTH~REF*6R*L1~REF*6R*L2"),
        ("REF*6R*L1", "REF*6R*L1~SVD*88888*80*HC:99213**1~CAS*CO*45*20~DTP*573*D8*20250301"),
        ("LX*1", "LX"),
        ("LX*1", "LX*1~LX*2"),
        ("LX*1~", ""),
        ("PCN1", ""),
        ("100***11", "100.00***11"),
        ("100***11", "1e2***11"),
        ("11:B:1*Y*A", "11"),
        ("11:B:1*Y*A", "11:B:7:9*Y"),
        ("HI*ABK:J069*ABF:R05", "HI*BK:0340~DTP*435*D8*20250102~AMT*F5*12~REF*D9*1~NTE*ADD*X"),
        ("HI*ABK:J069*ABF:R05", "AMT*F5*12.345~AMT*F5*3"),
        ("HI*ABK:J069*ABF:R05", "NM1*82*1*DOKTOR*DORA****XX*1~PRV*PE*PXC*207Q00000X~HI*ABK:J069"),
        ("HI*ABK:J069*ABF:R05", "NM1*DN*1*D~REF*0B*1~NM1*82*1*E~REF*G2*2~ZZZ*?~SBR*S*18~AMT*D*5"),
        ("HI*ABK:J069*ABF:R05", "SBR*S*18~CAS*CO*45~AMT*D*5~NM1*IL*1*M~NM1*PR*2*P*****PI*8"),
        ("HI*ABK:J069*ABF:R05", "HI*ABK:J069~SV1*HC:99213*5"),
        ("CLM*PCN1", "CLMX*PCN1"),
        ("LX*1", "LXX*1"),
    ],
    ids=lambda replaced: " to ".join(replaced)[:60],
)
def test_what_is_unusual_comes_out_the_same(replaced: tuple[str, str]) -> None:
    """An unusual claim among usual ones, in its own place, with its findings before it."""
    unusual, usual = claim_with(replaced), CLM
    same(many(*usual, *unusual, *usual))


@pytest.mark.parametrize(
    "levels",
    [
        ("HL*3*1*22*0", *SUBSCRIBER[1:]),
        ("HL*3*9*22*0", *SUBSCRIBER[1:]),
        ("HL*3*1*24*0", *SUBSCRIBER[1:]),
        ("HL*3", *SUBSCRIBER[1:]),
        (*SUBSCRIBER, "HL*4*2*23*0", "PAT*19", "NM1*QC*1*MUSTER*CLARA", "DMG*D8*20150506*F"),
        (*SUBSCRIBER, "HL*4*2*23*0", "PAT*19"),
        (*SUBSCRIBER, *SUBSCRIBER),
        (*SUBSCRIBER, "HL*4*1*20*1", "NM1*85*2*OTHER CLINIC*****XX*1987654328"),
        (*SUBSCRIBER, "REF*SY*1", "NM1*IL*1*AGAIN", "N3*4*5*6"),
        (*SUBSCRIBER, "LX*1"),
        (*SUBSCRIBER[:5], "DMG*D8*19801302*F", SUBSCRIBER[6]),
        (*SUBSCRIBER[:3], "N3**UNIT 2", *SUBSCRIBER[4:]),
        (*SUBSCRIBER[:3], "N3*1*UNIT 2*3", "N3*AGAIN", *SUBSCRIBER[4:]),
        (*SUBSCRIBER[:3], "PER*IC*X", *SUBSCRIBER[3:]),
        (SUBSCRIBER[0], *SUBSCRIBER[2:]),
        (*SUBSCRIBER[:2], "SBR*S", "PRV*PE*PXC*1", *SUBSCRIBER[2:]),
    ],
)
def test_who_is_who_comes_out_the_same(levels: tuple[str, ...]) -> None:
    assert any(isinstance(d, Claim) for d in same(many(*levels, *CLM)))


def test_findings_stand_before_the_claim_they_concern() -> None:
    faulty = claim_with(("100*UN", "1x*UN"))
    found = same(many(*CLM, *faulty))
    places = [i for i, d in enumerate(found) if getattr(d, "code", "") == "amount-unreadable"]
    assert len(places) == MANY
    following = [found[place + 1] for place in places]
    assert all(isinstance(d, Claim) and d.unreadable == 1 for d in following)
    assert set(codes(many(*faulty))) == {"amount-unreadable"}


@pytest.mark.parametrize("version", ["005010X223A2", "005010X224A2", "004010X098A1", "UNKNOWN"])
@pytest.mark.parametrize("service", ["SV2*0450*HC:99213*100*UN*2", "SV3*AD:D0120*50****1"])
def test_every_form_comes_out_the_same(version: str, service: str) -> None:
    claim = claim_with((CLM[3], service))
    found = [d for d in same(many(*claim, version=version)) if isinstance(d, Claim)]
    lines: list[ServiceLine] = [line for claim in found for line in claim.lines]
    assert len(lines) == MANY
    assert len({line.segment for line in lines}) == MANY


@pytest.mark.parametrize(
    "marks", ["*:~", "|>\n", "^<\\", "\x1d\x1f\x1c", "*:\r", "[]-", ".:~", "*~~", "**~"]
)
def test_any_separators_do(marks: str) -> None:
    """Those that cannot be told apart are left to the reader of single loops."""
    data = many(*SUBSCRIBER, *CLM).replace(b"\n", b"").decode()
    changed = data.translate(str.maketrans("*:~", marks))
    same(changed.encode())


def test_a_loop_longer_than_the_limit_is_cut_as_ever() -> None:
    same(many(*CLM), Limits(loop_segments_max=3))


@pytest.mark.parametrize("chunk_bytes", [100, 1000, 3000])
def test_where_the_file_is_cut_makes_no_difference(chunk_bytes: int) -> None:
    data = many(*SUBSCRIBER, *CLM)
    assert read(data, 2, Limits(chunk_bytes=chunk_bytes)) == read(data, 1_000_000)


@settings(max_examples=700, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    sample=st.sampled_from(SPOILT),
    other=st.sampled_from(SPOILT),
    chunk_bytes=st.sampled_from((500, 1 << 16)),
)
def test_spoilt_claims_come_out_the_same(
    seed: int, sample: bytes, other: bytes, chunk_bytes: int
) -> None:
    same(mutate(seed, sample, other), Limits(chunk_bytes=chunk_bytes))


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.integers(0, 2**32))
def test_shuffled_segments_come_out_the_same(seed: int) -> None:
    chance = random.Random(seed)
    pool = [s for s in SPOILT[seed % len(SPOILT)].decode().replace("\n", "").split("~") if s]
    body = [s for s in pool if s[:3] not in {"ISA", "GS*", "ST*", "SE*", "GE*", "IEA"}]
    chance.shuffle(body)
    same(text(claims(*CLAIM_HEAD, *SUBSCRIBER, *body)))


@pytest.mark.parametrize("name", [name for name in claim_files() if "837" in name] or ["none"])
def test_published_files_come_out_the_same(name: str) -> None:
    data: bytes = Path(require_corpus(), name).read_bytes()
    for chunk_bytes in (1 << 16, 700):
        same(data, Limits(chunk_bytes=chunk_bytes))


def test_a_pattern_finds_what_is_wanted_and_empty_text_elsewhere() -> None:
    shapes = Shapes(Delimiters(), ("HL", "LX"))
    shape = shapes.loop(
        "LX",
        shapes.segment("LX", "number"),
        shapes.segment("SV1", "code+", "charge$", "", "kind=A|B", "last"),
        shapes.perhaps("DTP", "=472", "day"),
        shapes.segments("rest"),
    )
    text = "~LX*1~SV1*X*12.50*Y*A*Z*W~DTP*472*D~NTE~LX*2~SV1*X*3**B~LX*3~SV1*X*3.5**B~LX~"
    assert list(shape.groupindex) == [
        "number", "code", "charge", "charge_cents", "kind", "last", "day", "rest",
    ]  # fmt: skip
    assert shape.findall(text) == [
        ("1", "X", "12", "50", "A", "Z", "D", "~NTE"),
        ("2", "X", "3", "", "B", "", "", ""),
        ("",) * 8,
        ("",) * 8,
    ]
