"""Every limit is a finding when it is met, can be set by name, and does what it says."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

import medcollect
from medcollect.cli.files import LIMIT_NAMES
from medcollect.errors import BadRequest
from medcollect.files import FileProblem, InputFile, find_files
from medcollect.files.sources import SpooledFile
from medcollect.findings import Finding
from medcollect.limits import MEANINGS, Limits, page
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, RemittanceEnd
from medcollect.tasks.check import check
from medcollect.tasks.parse import parse
from medcollect.x12 import documents, life_documents
from tests.unit.x12.support import (
    CLAIM_HEAD,
    CLM,
    CLP,
    ERA_HEAD,
    SUBSCRIBER,
    claims,
    era,
    everything,
    interchange,
    records,
    text,
    transaction,
)

PROJECT = Path(__file__).parents[2]
MANY_CLAIMS = text(claims(*CLAIM_HEAD, *SUBSCRIBER, *(CLM * 40)))
TWO_CHECKS = text(interchange(*[transaction("835", (*ERA_HEAD, *CLP))] * 2))


def codes(data: bytes, limits: Limits) -> set[str]:
    """The codes that reading gives beyond what it gives without limits."""
    found = {d.code for d in everything(data, limits) if isinstance(d, Finding)}
    return found - {d.code for d in everything(data) if isinstance(d, Finding)}


# --- names ----------------------------------------------------------------------------------


def test_limits_are_set_by_name() -> None:
    assert Limits.named([]) == Limits()
    told = Limits.named(["elements_max=7", "archive-depth-max=2"])
    assert told == Limits(elements_max=7, archive_depth_max=2)


@pytest.mark.parametrize(
    "setting",
    ["elements=7", "elements_max", "elements_max=", "elements_max=0", "elements_max=-1",
     "elements_max=1.5", "elements_max=\u0663", "elements_max=" + "9" * 19, "", "=3"],
)  # fmt: skip
def test_what_is_no_limit_is_refused_with_what_there_is(setting: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Limits.named([setting])
    assert refused.value.action


def test_every_limit_is_told_everywhere() -> None:
    names = set(Limits.__struct_fields__)
    assert set(MEANINGS) == names
    assert set(LIMIT_NAMES) == names
    assert (PROJECT / "docs" / "limits.md").read_text(encoding="utf-8") == page()


def test_limits_have_a_public_name() -> None:
    assert medcollect.Limits is Limits


# --- files ----------------------------------------------------------------------------------


def test_further_elements_are_left_out() -> None:
    data = text(claims(*CLAIM_HEAD, *SUBSCRIBER, CLM[0], "HI" + "*ABF:R05" * 30, *CLM[2:]))
    assert codes(data, Limits()) == set()
    limits = Limits(elements_max=20)
    assert codes(data, limits) == {"elements-over-limit"}
    (claim,) = [d for d in everything(data, limits) if isinstance(d, Claim)]
    assert len(claim.diagnoses) == 20
    (finding,) = [d for d in everything(data, limits) if isinstance(d, Finding)]
    assert finding.segment == claim.segment + 1


def test_no_sample_meets_a_limit() -> None:
    for path in (PROJECT / "edi_samples").glob("*.edi"):
        found = {d.code for d in everything(path.read_bytes()) if isinstance(d, Finding)}
        assert not {code for code in found if "limit" in code or "too-long" in code}


@pytest.mark.parametrize(
    ("data", "record"),
    [
        (text(era(*ERA_HEAD, CLP[0], *(CLP[2:] * 30))), ClaimPayment),
        (text(claims(*CLAIM_HEAD, *SUBSCRIBER, *CLM[:2], *(CLM[2:] * 30))), Claim),
    ],
)
def test_further_lines_are_left_out(data: bytes, record: type[ClaimPayment | Claim]) -> None:
    limits = Limits(loop_repeats_max=12)
    assert codes(data, limits) == {"loop-repeats-over-limit"}
    (found,) = [d for d in everything(data, limits) if isinstance(d, record)]
    lines = found.services if isinstance(found, ClaimPayment) else found.lines
    assert len(lines) == 12


def test_many_claims_under_a_small_limit_are_all_read() -> None:
    found = everything(MANY_CLAIMS, Limits(loop_repeats_max=1))
    assert sum(isinstance(d, Claim) for d in found) == 40
    assert not any(isinstance(d, Finding) for d in found)


def test_further_transactions_are_not_read() -> None:
    limits = Limits(transactions_max=1)
    found = everything(TWO_CHECKS, limits)
    assert sum(isinstance(d, ClaimPayment) for d in found) == 1
    (end,) = [d for d in found if isinstance(d, RemittanceEnd)]
    assert end.complete
    assert [d.code for d in found if isinstance(d, Finding)] == ["file-too-long"]
    assert codes(TWO_CHECKS, Limits(transactions_max=2)) == set()


@pytest.mark.parametrize("chunk_bytes", [64, 1 << 16])
def test_further_segments_are_not_read(chunk_bytes: int) -> None:
    whole = text(era()).count(b"~")
    limits = Limits(segments_max=whole - 5, chunk_bytes=chunk_bytes)
    found = everything(text(era()), limits)
    assert "file-too-long" in {d.code for d in found if isinstance(d, Finding)}
    (end,) = [d for d in found if isinstance(d, RemittanceEnd)]
    assert not end.complete
    assert codes(text(era()), Limits(segments_max=whole)) == set()


def test_deeper_levels_are_left_out() -> None:
    levels = [f"HL*{n}*{n - 1 or ''}*22*1" for n in range(1, 7)]
    data = text(interchange(transaction("277", levels, "005010X214"), version="005010X214"))
    found = list(life_documents(io.BytesIO(data), limits=Limits(levels_max=4)))
    told = [d for d in found if isinstance(d, Finding) and d.code == "levels-over-limit"]
    assert len(told) == 1
    unlimited = list(life_documents(io.BytesIO(data)))
    assert not any(getattr(d, "code", "") == "levels-over-limit" for d in unlimited)


@pytest.mark.parametrize("filler", ["HL*2*1*22*0~", "PLB*1*20261231*WO:1*1~", "LX*1~"])
def test_what_waits_for_the_end_is_bounded(filler: str) -> None:
    """HL loops without a claim and provider adjustments are held until the transaction ends."""
    lead = claims()[:-3] if filler.startswith("HL") else era()[:-3]
    limits, data = Limits(loop_segments_max=500), text(lead) + filler.encode() * 60_000
    for _ in documents(io.BytesIO(data[:100_000]), limits=limits):
        pass  # what is imported and remembered does not count
    tracemalloc.start()
    try:
        for _ in documents(io.BytesIO(data), limits=limits):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6_500_000
    assert "loop-too-long" in codes(data, limits)


def test_every_door_takes_limits(tmp_path: Path) -> None:
    path = tmp_path / "two.835"
    path.write_bytes(TWO_CHECKS)
    limits = Limits(transactions_max=1)
    assert len(check([path], limits=limits)["files"][0]["transactions"]) == 1
    lines = parse([path], output=tmp_path / "two.jsonl", limits=limits)
    assert lines["documents"]["remittance"] == 1
    assert len(list(medcollect.read(path, limits=limits))) == 1
    assert len(medcollect.read_tables([path], limits=limits)["remittances"]) == 1
    with medcollect.open_book(f"sqlite:///{tmp_path}/a.db") as book:
        answer = book.import_files([path], limits=limits)
    assert (answer["remittances"], answer["duplicates"]) == (1, 0)
    assert "file-too-long" in {f["code"] for f in answer["files"][0]["findings"]}


# --- archives -------------------------------------------------------------------------------


def packed(path: Path, members: dict[str, bytes]) -> Path:
    """A zip archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def found_in(path: Path, limits: Limits) -> tuple[list[str], list[str]]:
    """Labels of files, codes of problems."""
    found = list(find_files([path], limits=limits))
    files = [f.label.removeprefix(str(path)) for f in found if isinstance(f, InputFile)]
    return files, [f.finding.code for f in found if isinstance(f, FileProblem)]


def test_an_archive_may_hold_so_many_files(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {f"{n}.835": b"ISA*" for n in range(3)})
    assert found_in(path, Limits(archive_members_max=2)) == ([], ["archive-too-large"])
    assert len(found_in(path, Limits(archive_members_max=3))[0]) == 3


def test_an_archive_may_unpack_to_so_many_bytes(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {f"{n}.835": b"x" * 100 for n in range(4)})
    files, problems = found_in(path, Limits(archive_bytes_max=250))
    assert (len(files), problems) == (2, ["archive-too-large"] * 2)
    assert found_in(path, Limits(member_bytes_max=99)) == ([], ["archive-too-large"] * 4)


def test_an_archive_in_an_archive_is_read_where_the_limit_allows_it(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.835": text(era()), "b.835": b"ISA*"})
    innermost = packed(tmp_path / "i.zip", {"in.zip": inner.read_bytes(), "c.835": b"ISA*"})
    path = packed(tmp_path / "outer.zip", {"i.zip": innermost.read_bytes()})
    assert found_in(path, Limits()) == ([], ["archive-nested"])
    assert found_in(path, Limits(archive_depth_max=2)) == (["!i.zip!c.835"], ["archive-nested"])
    files, problems = found_in(path, Limits(archive_depth_max=3))
    assert files == ["!i.zip!c.835", "!i.zip!in.zip!a.835", "!i.zip!in.zip!b.835"]
    assert problems == []


def test_a_nested_file_can_be_read_as_long_as_it_is_held(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.835": text(era())})
    path = packed(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})
    (file,) = find_files([path], limits=Limits(archive_depth_max=2))
    assert isinstance(file, InputFile)
    assert isinstance(file._inside, SpooledFile)
    temporary = file._inside.path
    assert temporary.exists()
    with file.open() as stream:
        assert stream.read() == text(era())
    del file
    assert not temporary.exists()


def test_nested_archives_share_what_they_may_unpack_to(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.835": bytes(100_000)})
    path = packed(tmp_path / "outer.zip", {f"{n}.zip": inner.read_bytes() for n in range(5)})
    limits = Limits(archive_depth_max=2, archive_bytes_max=250_000)
    files, problems = found_in(path, limits)
    assert (len(files), set(problems)) == (2, {"archive-too-large"})


def test_records_are_the_same_under_any_chunk() -> None:
    small = [d for d in everything(MANY_CLAIMS, Limits(chunk_bytes=77)) if isinstance(d, Claim)]
    assert small == records(MANY_CLAIMS, Claim)
