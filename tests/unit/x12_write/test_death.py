"""That the patient has died, as a claim says it (PAT06): read, and written from the record."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from medcollect.model.claim import Claim
from medcollect.x12.write837 import claim_segments, read_claims
from tests.flows.money.office import EDITH, PLAIN, claim
from tests.support.builder import build_837
from tests.support.specs import Coverage, Person

DIED = date(2026, 1, 20)
CHILD = Person("MARLOWE", "JADEN", date(2015, 4, 2), "M")
SUBSCRIBER = claim("PCN1")
DEPENDENT = claim("PCN1", patient=CHILD, coverages=(Coverage(PLAIN, "W100", subscriber=EDITH),))


def read(text: str) -> Claim:
    segments = [part.strip().split("*") for part in text.split("~") if part.strip()]
    first = next(n for n, s in enumerate(segments) if s[0] == "HL")
    start = next(n for n, s in enumerate(segments) if s[0] == "CLM")
    end = next(n for n, s in enumerate(segments) if s[0] == "SE")
    (found,) = read_claims("005010X222A1", [segments[first:start]], segments[start:end])
    return found


@pytest.mark.parametrize(
    ("sent", "old", "new"),
    [
        (SUBSCRIBER, "NM1*IL", "PAT*****D8*20260120~NM1*IL"),
        (DEPENDENT, "PAT*19~", "PAT*19****D8*20260120~"),
    ],
)
def test_the_day_is_the_patients_and_comes_back(sent: object, old: str, new: str) -> None:
    text = build_837([sent])  # type: ignore[list-item]
    assert read(text).patient.death_date is None
    found = read(text.replace(old, new))
    assert found.patient.death_date == DIED
    bare = msgspec.structs.replace(found, parent_segments=())
    levels, loop = claim_segments(bare)
    (again,) = read_claims("005010X222A1", levels, loop)
    assert again.patient.death_date == DIED
