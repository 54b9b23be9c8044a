"""Short lists of the guides: what an element may hold, and where it is told."""

from __future__ import annotations

import pytest

from medcollect.tasks.check import check
from tests.flows.money.office import claim
from tests.support.builder import build_837

GOOD = build_837([claim("N1")])


def told(text: str, tmp_path: object) -> list[str]:
    path = tmp_path / "claims.837"  # type: ignore[operator]
    path.write_text(text, encoding="ascii", newline="")
    (file,) = check([path])["files"]
    return [f["message"] for f in file["findings"] if f["code"] == "element-code-unknown"]


def test_a_sound_claim_has_none(tmp_path: object) -> None:
    assert told(GOOD, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ("*Y*A*Y*Y~", "*Y*A*Y*M~", "CLM09"),
        ("*F~", "*FEMALE~", "DMG03"),
        ("SBR*P*18*", "SBR*P*SELF*", "SBR02"),
        ("HI*ABK:", "HI*ICD:", "HI01"),
        ("*UN*1*", "*EA*1*", "SV103"),
        ("DTP*472*D8*", "DTP*472*D9*", "DTP02"),
        ("BHT*0019*00*", "BHT*0019*01*", "BHT02"),
    ],
)
def test_a_value_outside_the_list_is_told_with_its_element(
    tmp_path: object, old: str, new: str, element: str
) -> None:
    assert old in GOOD
    messages = told(GOOD.replace(old, new, 1), tmp_path)
    assert [message.split()[0] for message in messages] == [element]
    assert new.strip("*~") not in messages[0]
