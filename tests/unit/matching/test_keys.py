"""Keys by which claims and payments find each other: claim_rules.md 6.1."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.matching.keys import (
    claim_keys,
    loose_keys,
    member_ids,
    name_key,
    number_key,
    payment_keys,
    prefixes,
    service_dates,
)
from medcollect.model.claim import Claim, Coverage, OtherPayer
from medcollect.model.common import Party, Procedure, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment

DAY = date(2026, 1, 12)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("abc-123", "ABC123"),
        ("000123", "123"),
        ("A 12/3.4", "A1234"),
        ("0", ""),
        ("000", ""),
        ("", ""),
        ("--", ""),
        ("10", "10"),
    ],
)
def test_numbers_as_payers_return_them(sent: str, key: str) -> None:
    """Upper case, no punctuation, no leading zeros; 0 means: none."""
    assert number_key(sent) == key


def test_names_in_letters_and_digits_only() -> None:
    assert name_key("O'Brien-Smith", "Mary Ann") == "OBRIENSMITH,MARYANN"
    assert name_key("", "Mary") == ""


def test_prefixes_start_where_payers_cut() -> None:
    assert prefixes("A" * 14) == ()
    assert [len(p) for p in prefixes("A" * 20)] == list(range(14, 20))


def test_prefixes_of_numbers_with_punctuation_and_zeros() -> None:
    """Some payers cut the number as it stands, some what is left of it."""
    assert "CHFM202500000" in prefixes("chfm-2025-0000012345-1")  # cut at 15 characters
    assert "CHFM20250000012" in prefixes("chfm-2025-0000012345-1")  # cleaned, then cut
    assert "12345678901" in prefixes("000012345678901234")
    assert prefixes("00000000000000000012") == ()  # nothing that would tell one from another


def payment(**more: object) -> ClaimPayment:
    stated = {"position": 1, "segment": 1, "status": "1", "paid_cents": 0, **more}
    stated = {"patient_control_number": "PCN-1", "charge_cents": 10000, **stated}
    return ClaimPayment(**stated)


def test_the_keys_of_a_payment() -> None:
    found = payment_keys(
        payment(
            payer_claim_control_number="ICN-0001",
            references=(Reference("F8", "OLD12345"),),
            parties=(Party("QC", "MARLOWE", id="W100"), Party("74", id="W200")),
            statement_from=DAY,
        )
    )
    assert sorted(found) == [
        "C:ICN0001",
        "C:OLD12345",
        "P:PCN1",
        "V:2026-01-12|W100|10000",
        "V:2026-01-12|W200|10000",
    ]


def test_a_payment_without_anything_has_no_keys() -> None:
    assert list(payment_keys(payment(patient_control_number="0"))) == []


@pytest.mark.parametrize("member", ["W1001234", "W10012345", "W1001234501", "00W1001234"])
def test_the_suffix_of_a_member_id_changes_no_key(member: str) -> None:
    """6.1 no. 5: suffixes are added and cut, leading zeros stripped."""
    shown = payment(parties=(Party("QC", id=member),), statement_from=DAY)
    assert payment_keys(shown) == ["P:PCN1", "V:2026-01-12|W10012|10000"]


def test_a_payment_whose_number_is_lost_can_be_found_by_member_or_name_and_day() -> None:
    party = Party("QC", "MARLOWE", "EDITH", id="W10012345")
    shown = payment(patient_control_number="0", parties=(party,), statement_from=DAY)
    claim = Claim(
        position=1,
        segment=1,
        form="P",
        patient_control_number="PCN-1",
        charge_cents=12000,
        patient=Party("QC", "MARLOWE", "EDITH"),
        coverage=Coverage("P", subscriber=Party("IL", id="W100999")),
        service_from=DAY,
    )
    assert set(loose_keys(claim)) & set(payment_keys(shown)) == {"D:2026-01-12|MARLOWE,EDITH"}


def test_short_payer_numbers_are_no_keys() -> None:
    """A payer that writes NA or 1 numbers nothing."""
    assert list(payment_keys(payment(payer_claim_control_number="NA1"))) == ["P:PCN1"]


def test_a_reversal_has_the_visit_key_of_its_original() -> None:
    party = (Party("QC", id="W100"),)
    plus = payment(parties=party, statement_from=DAY)
    minus = payment(parties=party, statement_from=DAY, status="22", charge_cents=-10000)
    assert payment_keys(plus) == payment_keys(minus)


def test_the_keys_of_a_claim_are_those_its_payments_will_have() -> None:
    supplement = Coverage("S", subscriber=Party("IL", id="X900"))
    claim = Claim(
        position=1,
        segment=1,
        form="P",
        patient_control_number="PCN-1",
        charge_cents=10000,
        coverage=Coverage("P", subscriber=Party("IL", id="W100")),
        other_payers=(OtherPayer(supplement, payer_claim_control_number="ICN0001"),),
        references=(Reference("F8", "OLD12345"),),
        service_from=DAY,
    )
    assert sorted(claim_keys(claim)) == [
        "C:ICN0001",
        "C:OLD12345",
        "P:PCN1",
        "V:2026-01-12|W100|10000",
        "V:2026-01-12|X900|10000",
    ]


def test_the_corrected_member_id_comes_first() -> None:
    """NM1*74: the right id; the wrong one is kept, claims may still carry it."""
    parties = (Party("QC", id="OLD"), Party("74", id="NEW"), Party("IL", id="OLD"))
    assert member_ids(payment(parties=parties)) == ("NEW", "OLD")


def test_days_of_lines_and_claim_together() -> None:
    service = ServicePayment(
        1, 1, Procedure("HC", "99213"), 100, 100, service_from=date(2026, 1, 14)
    )
    shown = payment(services=(service,), statement_from=DAY)
    assert service_dates(shown) == (DAY, date(2026, 1, 14))
    assert service_dates(payment()) == (None, None)
