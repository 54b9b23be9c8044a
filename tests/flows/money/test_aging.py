"""How old open money is where a claim tells no day of service: from the earliest day known."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests.flows.money.office import (
    SERVED,
    Office,
    altered,
    answer,
    claim,
    later,
    service,
)
from tests.support.builder import Envelope, build_837

REFUSED = answer("PCN1", "1", service("99213", "100", "0", "CO-197 100", day=None))


def aged(office: Office) -> tuple[str, str]:
    (row,) = office.book.report("claims")["rows"]
    return row["aged_since"], row["aged_by"]


def columns(office: Office, days: int) -> dict[str, str]:
    """The aging columns with insurance money in them, so many days later."""
    (row,) = [r for r in office.book.report("aging", as_of=later(days))["rows"]
              if r["owed_by"] == "insurance"]  # fmt: skip
    return {k: v for k, v in row.items() if k.startswith("days_") and v != "0.00"}


def undated(office: Office) -> Any:
    """The claim without its days of service, in a file made 12 days after it was served."""
    made = SERVED + timedelta(days=12)
    text = build_837([claim("PCN1")], Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=made))
    shorter = re.sub(r"DTP\*472\*[^~]*~\s*", "", text)
    left_out = text.count("DTP*472*")
    count = text.partition("SE*")[2].partition("*")[0]
    return office.file(shorter.replace(f"SE*{count}*", f"SE*{int(count) - left_out}*"))


def test_days_of_service_come_first(either_office: Office) -> None:
    either_office.bill(claim("PCN1"))
    assert aged(either_office) == (str(SERVED), "service")


def test_a_claim_of_a_remittance_ages_from_its_answer(either_office: Office) -> None:
    either_office.pay(REFUSED, days=5)
    assert aged(either_office) == (str(later(5)), "answer")
    assert columns(either_office, 5 + 30) == {"days_0_30": "100.00"}
    assert columns(either_office, 5 + 31) == {"days_31_60": "100.00"}
    assert columns(either_office, 5 + 121) == {"days_over_120": "100.00"}


def test_a_claim_of_a_file_ages_from_the_day_it_was_made(either_office: Office) -> None:
    undated(either_office)
    made = SERVED + timedelta(days=12)
    assert aged(either_office) == (str(made), "claim_file")
    either_office.pay(REFUSED, days=40)
    assert aged(either_office) == (str(made), "claim_file"), "the earliest day counts"


def test_what_the_payer_says_of_its_receipt_is_earlier_than_its_answer(
    either_office: Office,
) -> None:
    received = later(-20)
    remit = either_office.payment(REFUSED, days=5)
    told = f"DTM*050*{received:%Y%m%d}~SVC*"
    text_of_lines = altered(either_office, remit, "SVC*", told)
    assert text_of_lines["remittances"] == 1
    assert aged(either_office) == (str(received), "receipt")
    assert columns(either_office, 11) == {"days_31_60": "100.00"}
