"""The builders and the generator are sound themselves: what they write proves and counts right."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from tests.support.builder import PRACTICE, Envelope, build_835, build_837, cut_after
from tests.support.generate import World, seeded_world, worlds
from tests.support.specs import Answer, Payer, Remit, Service, cas, defects, usd, with_check_digit

PAYER = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
ANSWER = Answer("A1", "1", 15000, 7500, 2500, (Service("99213", 15000, 7500, cas("CO-45 75")),))
REMIT = Remit(PAYER, "T1", date(2026, 2, 9), (ANSWER,))


def segments_of(text: str, terminator: str = "~", element: str = "*") -> list[list[str]]:
    return [part.strip().split(element) for part in text.split(terminator) if part.strip()]


@pytest.mark.parametrize(
    ("text", "amount"), [("12.5", 1250), ("-3", -300), (".07", 7), ("-0.50", -50), ("1300", 130000)]
)
def test_amounts_are_read_as_people_write_them(text: str, amount: int) -> None:
    assert usd(text) == amount


def test_the_check_digit_of_an_npi_is_the_published_one() -> None:
    """1234567893 is the example in the standard for the identifier."""
    assert with_check_digit("123456789") == "1234567893"


@pytest.mark.parametrize("seed", range(20))
def test_segment_transaction_and_group_counts_are_right(seed: int) -> None:
    world = seeded_world(seed)
    for text in [*world.claim_files(), *world.remit_files(), world.one_remit_file()]:
        segments = segments_of(text)
        starts = [i for i, segment in enumerate(segments) if segment[0] == "ST"]
        ends = [i for i, segment in enumerate(segments) if segment[0] == "SE"]
        for start, end in zip(starts, ends, strict=True):
            assert segments[end][1] == str(end - start + 1)
            assert segments[end][2] == segments[start][2]
        group_end = next(segment for segment in segments if segment[0] == "GE")
        assert group_end[1] == str(len(starts))
        assert len(text.split("~")[0]) == 105


def test_other_delimiters_say_the_same() -> None:
    envelope = Envelope(element="|", component=">", terminator="!", newline="")
    usual = segments_of(build_835([REMIT]))
    other = segments_of(build_835([REMIT], envelope), "!", "|")
    plain = [[element.replace(">", ":") for element in segment] for segment in other]
    assert plain[1:] == usual[1:]


def test_more_than_six_adjustments_of_a_group_take_another_segment() -> None:
    reasons = cas(", ".join(f"CO-{number} 1" for number in range(101, 109)))
    remit = Remit(PAYER, "T2", date(2026, 2, 9), (Answer("A", "1", 800, 0, cas=reasons),))
    lines = [segment for segment in segments_of(build_835([remit])) if segment[0] == "CAS"]
    assert [len(segment) for segment in lines] == [2 + 6 * 3 - 1, 2 + 2 * 3 - 1]


def test_a_check_that_does_not_add_up_is_named() -> None:
    assert defects(REMIT) == []
    assert defects(Remit(PAYER, "T3", date(2026, 2, 9), (ANSWER,), amount=7600)) == ["check T3"]


def test_a_cut_file_ends_where_asked() -> None:
    assert cut_after(build_835([REMIT]), "CAS*CO", 3).endswith("CAS*CO*45")


def test_the_same_seed_gives_the_same_files() -> None:
    assert seeded_world(7).remit_files() == seeded_world(7).remit_files()
    assert build_837(seeded_world(7).claims) == build_837(seeded_world(7).claims, practice=PRACTICE)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_every_generated_remit_proves_and_every_claim_is_explained(world: World) -> None:
    """No remit fails an equation or pays less than nothing; dates differ; truths add up."""
    days = [remit.day for remit in world.remits]
    assert len(set(days)) == len(days)
    for remit in world.remits:
        assert defects(remit) == []
        assert remit.payment >= 0
    for truth in world.truth.values():
        parts = (truth.insurance_paid, truth.written_off, truth.patient_responsibility)
        assert truth.charge == sum(parts) + truth.insurance_open
        assert truth.insurance_open >= 0


def test_the_generator_plays_every_hard_case() -> None:
    """Over some seeds every story it promises comes up, else the properties prove little."""
    seen: set[str] = set()
    for seed in range(150):
        for remit in seeded_world(seed).remits:
            seen |= {answer.status for answer in remit.answers}
            seen |= {f"{p.code}{'+' if p.cents > 0 else '-'}" for p in remit.provider_adjustments}
            seen |= {f"{g}-{r}" for a in remit.answers for g, r, _ in a.adjustments()}
            seen |= {"split" for a in remit.answers if "MA15" in a.remarks}
    wanted = {"1", "2", "3", "19", "20", "22", "WO+", "WO-", "FB+", "FB-", "L6-", "split"}
    assert wanted | {"OA-23", "CO-45", "CO-253", "CO-197", "PR-1", "PR-2"} <= seen
