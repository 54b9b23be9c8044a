"""Remittances written from records are read as the same records, by us and by others."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from medcollect.errors import BadRequest
from medcollect.model.common import Delimiters
from medcollect.model.remittance import Remittance
from medcollect.x12.write import facts_of
from medcollect.x12.write835 import write_835
from tests.unit.x12_write.support import (
    ENVELOPE,
    SAMPLES,
    findings_of,
    guide_errors,
    names,
    remittances,
)

#: Samples that hold whole remittances; 30 is cut off, 28 and 29 are whole but do not prove.
WHOLE = [p for p in sorted(SAMPLES.glob("*835*.edi")) if not p.name.startswith("30")]


def only_fields(remittance: Remittance) -> Remittance:
    """The record as one would build it from data: without any raw segment."""
    payments = tuple(
        replace(
            p,
            segments=(),
            unmodelled=(),
            services=tuple(replace(s, unmodelled=()) for s in p.services),
        )
        for p in remittance.claim_payments
    )
    header = replace(remittance.header, segments=(), unmodelled=())
    return Remittance(header, payments, replace(remittance.end, segments=(), unmodelled=()))


def changed(remittance: Remittance) -> Remittance:
    """The record as read, with a field of each part changed."""
    payments = tuple(replace(p, filing_indicator="13") for p in remittance.claim_payments)
    return Remittance(replace(remittance.header, trace_number="T99"), payments, remittance.end)


@pytest.mark.parametrize("make", [lambda r: r, only_fields, changed], ids=["read", "data", "edit"])
@pytest.mark.parametrize("name", names(WHOLE))
def test_a_sample_comes_back_and_is_valid(name: str, make: object) -> None:
    given = [make(r) for r in remittances((SAMPLES / name).read_bytes())]  # type: ignore[operator]
    text = write_835(given, ENVELOPE)
    read = remittances(text.encode())
    assert [facts_of(r) for r in read] == [facts_of(r) for r in given]
    assert findings_of(text) == []
    assert guide_errors(text) == []


@pytest.mark.parametrize("name", names(WHOLE))
def test_what_was_read_keeps_every_segment(name: str) -> None:
    given = remittances((SAMPLES / name).read_bytes())
    read = remittances(write_835(given, ENVELOPE).encode())
    assert [r.end.fingerprint for r in read] == [r.end.fingerprint for r in given]


def test_what_has_no_field_survives_an_edit() -> None:
    """Bank accounts and contacts have no field; changing the trace number must not lose them."""
    (given,) = remittances((SAMPLES / WHOLE[0].name).read_bytes())
    before, after = (
        given.header.segments,
        remittances(write_835([changed(given)], ENVELOPE).encode()),
    )
    (read,) = after
    kept = {s for s in before if not s.startswith("TRN")}
    assert kept == {s for s in read.header.segments if not s.startswith("TRN")}


def test_other_separators() -> None:
    given = remittances(WHOLE[0].read_bytes())
    odd = replace(ENVELOPE, delimiters=Delimiters("|", ">", "\n", "!"), line_end="")
    text = write_835(given, odd)
    assert "~" not in text
    assert [facts_of(r) for r in remittances(text.encode())] == [facts_of(r) for r in given]


def test_a_value_that_would_break_the_file_is_refused() -> None:
    (given,) = remittances(WHOLE[0].read_bytes())
    header = replace(given.header, trace_number="A*B")
    with pytest.raises(BadRequest, match="TRN"):
        write_835([Remittance(header, given.claim_payments, given.end)], ENVELOPE)


def test_counts_and_control_numbers() -> None:
    given = [r for path in WHOLE[:3] for r in remittances(path.read_bytes())]
    lines = write_835(given, ENVELOPE).splitlines()
    assert lines[-1] == "IEA*1*000000041~"
    assert lines[-2] == f"GE*{len(given)}*41~"
    ends = [line.split("*") for line in lines if line.startswith("SE*")]
    assert [e[2] for e in ends] == [f"{n:04d}~" for n in range(1, len(given) + 1)]
    assert sum(int(e[1]) for e in ends) == len(lines) - 4


def test_nothing_to_write_is_refused() -> None:
    with pytest.raises(BadRequest, match="nothing"):
        write_835([], ENVELOPE)
