"""Documents that share keys become claims: DESIGN 7, whatever order they come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from medcollect.matching.assign import assign
from medcollect.matching.claims import ClaimFacts, Match, PaymentFacts, choose
from medcollect.matching.docs import Assignment, ClaimDoc, PaymentDoc
from medcollect.matching.keys import claim_keys, payment_keys
from medcollect.model.claim import Claim, Coverage, ServiceLine
from medcollect.model.common import Party, Procedure, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment

DAY = date(2026, 1, 12)
EDITH = Party("QC", "MARLOWE", "EDITH", id="W100", birth_date=date(1951, 3, 14))
OSCAR = Party("QC", "PEMBERTON", "OSCAR", id="W200", birth_date=date(1966, 7, 9))


def document(number: int, pcn: str = "PCN1", **more: Any) -> ClaimDoc:
    day = more.pop("day", DAY)
    charge = more.pop("charge", 10000)
    patient = more.pop("patient", EDITH)
    prior = more.pop("prior_claim", None)
    references = tuple(Reference("F8", v) for v in more.pop("f8", ()))
    claim = Claim(
        position=1,
        segment=1,
        form="P",
        patient_control_number=pcn,
        charge_cents=charge,
        patient=patient,
        coverage=Coverage("P", subscriber=patient),
        service_from=day,
        service_to=day,
        references=references,
        lines=(ServiceLine(1, 1, "1", Procedure("HC", "99213"), charge),),
        **more,
    )
    keys = tuple(claim_keys(claim))
    return ClaimDoc(id=number, claim=claim, keys=keys, sort_key=f"{number:04d}", prior_claim=prior)


def payment(number: int, pcn: str = "PCN1", status: str = "1", **more: Any) -> PaymentDoc:
    day = more.pop("day", DAY)
    charge = more.pop("charge", 10000)
    patient = more.pop("patient", EDITH)
    control = more.pop("control", "")
    services = (ServicePayment(1, 1, Procedure("HC", "99213"), charge, 0, service_from=day),)
    found = ClaimPayment(
        position=1,
        segment=1,
        patient_control_number=pcn,
        status=status,
        charge_cents=charge,
        paid_cents=0,
        payer_claim_control_number=control,
        parties=(patient,),
        services=services,
    )
    stated = {
        "id": number,
        "remittance": number,
        "payment": found,
        "keys": tuple(payment_keys(found)),
        "payment_date": date(2026, 2, 2) + timedelta(days=number),
        "place": (1, 1),
        "fingerprint": f"f{number}",
        "payer_key": "PLAN,",
        "payer_name": "PLAN",
        **more,
    }
    return PaymentDoc(**stated)


def claims_of(found: Assignment) -> list[tuple[list[int], list[int]]]:
    """Documents and payments of each claim, by id."""
    groups = [
        ([d.id for d in group.documents], sorted(p.id for p in group.payments))
        for group in found.groups
    ]
    return sorted(groups)


def unmatched(found: Assignment) -> list[tuple[int, str]]:
    return sorted((u.payment.id, u.kind) for u in found.unmatched)


# -- one claim or several --------------------------------------------------------------------


def test_a_claim_sent_again_is_one_claim() -> None:
    assert claims_of(assign([document(1), document(2)], [])) == [([1, 2], [])]


def test_other_days_under_one_number_are_other_claims() -> None:
    later = document(2, day=DAY + timedelta(7))
    assert claims_of(assign([document(1), later], [])) == [([1], []), ([2], [])]


def test_other_people_under_one_number_are_other_claims() -> None:
    assert claims_of(assign([document(1), document(2, patient=OSCAR)], [])) == [
        ([1], []),
        ([2], []),
    ]


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_replacement_follows_its_days_then_its_only_claim(frequency: str) -> None:
    first, second = document(1), document(2, day=DAY + timedelta(7))
    same = document(3, day=DAY + timedelta(7), frequency=frequency)
    assert claims_of(assign([first, second, same], [])) == [([1], []), ([2, 3], [])]
    moved = document(3, day=DAY + timedelta(1), frequency=frequency)
    assert claims_of(assign([first, moved], [])) == [([1, 3], [])]


def test_a_replacement_that_fits_no_visit_hits_none() -> None:
    first, second = document(1), document(2, day=DAY + timedelta(7))
    lost = document(3, day=DAY + timedelta(30), frequency="7")
    assert claims_of(assign([first, second, lost], [])) == [([1], []), ([2], []), ([3], [])]


def test_an_original_with_other_days_is_never_a_replacement() -> None:
    other = document(2, day=DAY + timedelta(1), frequency="1")
    assert len(assign([document(1), other], []).groups) == 2


def test_documents_without_a_number_need_the_charge_too() -> None:
    assert len(assign([document(1, "0"), document(2, "0", charge=9900)], []).groups) == 2
    assert len(assign([document(1, "0"), document(2, "0")], []).groups) == 1


# -- payments --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["1", "4", "19"])
def test_first_payers_open_a_claim(status: str) -> None:
    assert claims_of(assign([], [payment(1, status=status)])) == [([], [1])]


@pytest.mark.parametrize("status", ["2", "3", "20", "21", "22", "23", "25", "5", ""])
def test_nobody_else_does(status: str) -> None:
    found = assign([], [payment(1, status=status)])
    assert claims_of(found) == []
    kind = "reversal_without_original" if status == "22" else "no_claim"
    assert unmatched(found) == [(1, kind)]


def test_a_held_payment_opens_nothing() -> None:
    assert claims_of(assign([], [payment(1, held="does not prove")])) == []


def test_a_secondary_joins_the_claim_that_the_primary_opened() -> None:
    found = assign([], [payment(2), payment(1, status="2")])
    assert claims_of(found) == [([], [1, 2])]


def test_a_correction_joins_by_the_payers_number_alone() -> None:
    """CLP01 came back as 0: the number learned from the first answer ties them."""
    later = payment(2, "0", control="ICN00001", patient=Party("QC", "MARLOWE", "EDITH"))
    found = assign([document(1)], [payment(1, control="ICN00001"), later])
    assert claims_of(found) == [([1], [1, 2])]


def test_payments_find_the_visit_of_their_day() -> None:
    days = [DAY, DAY + timedelta(7), DAY + timedelta(14)]
    documents = [document(n, day=day) for n, day in enumerate(days, 1)]
    payments = [payment(n, day=day) for n, day in enumerate(reversed(days), 1)]
    assert claims_of(assign(documents, payments)) == [([1], [3]), ([2], [2]), ([3], [1])]


def test_a_visit_without_an_837_opens_its_own_claim() -> None:
    """The number is on file with other days only: another claim, not an exception."""
    found = assign([document(1)], [payment(1, day=DAY + timedelta(7))])
    assert claims_of(found) == [([], [1]), ([1], [])]


def test_an_uncertain_payment_opens_no_second_claim() -> None:
    found = assign([document(1)], [payment(1, patient=OSCAR)])
    assert claims_of(found) == [([1], [])]
    assert unmatched(found) == [(1, "claim_not_certain")]
    assert found.unmatched[0].candidates[0].why_not


def test_several_claims_fit_equally_well() -> None:
    undated = payment(1, day=None)
    found = assign([document(1), document(2, day=DAY + timedelta(7))], [undated])
    assert unmatched(found) == [(1, "several_claims")]


def test_a_persons_choice_outweighs_every_rule() -> None:
    documents = [document(1, prior_claim=10), document(2, "OTHER", prior_claim=20)]
    found = assign(documents, [payment(1, to_claim=20)])
    assert claims_of(found) == [([1], []), ([2], [1])]
    assert found.groups[1].matches[1].rule == "person"


def test_a_choice_whose_claim_is_gone_is_judged_by_rule_again() -> None:
    assert claims_of(assign([document(1)], [payment(1, to_claim=99)])) == [([1], [1])]


def test_a_claim_opened_by_a_person_stays_apart() -> None:
    found = assign([document(1)], [payment(1, open_claim=True)])
    assert claims_of(found) == [([], [1]), ([1], [])]


# -- order -----------------------------------------------------------------------------------


def shape(documents: Sequence[ClaimDoc], payments: Sequence[PaymentDoc]) -> Any:
    found = assign(documents, payments)
    return claims_of(found), unmatched(found)


def test_any_order_of_documents_and_payments_gives_the_same_claims() -> None:
    """Invariant 4, at the root: the assignment sees facts, not arrivals."""
    documents = [document(1), document(2, day=DAY + timedelta(7)), document(3, "TWIN")]
    payments = [
        payment(1),
        payment(2, status="2"),
        payment(3, "TWIN", day=DAY),
        payment(4, "STRAY"),
        payment(5, status="22", charge=-10000),
    ]
    expected = shape(documents, payments)
    for order in permutations(payments):
        assert shape(documents[::-1], order) == expected


def test_a_claim_keeps_the_ids_it_had() -> None:
    found = assign([document(1, prior_claim=7)], [payment(1, prior_claim=3)])
    assert found.groups[0].prior_claims() == [7, 3]


def test_a_payment_with_its_own_claim_is_not_weighed_against_everybody_of_the_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Numbers that payers may cut, one day, members that begin alike: a busy clinic's batch."""
    weighed: list[int] = []

    def counting(facts: PaymentFacts, claims: Sequence[ClaimFacts]) -> Match:
        weighed.append(len(claims))
        return choose(facts, claims)

    monkeypatch.setattr("medcollect.matching.assign.choose", counting)
    numbers = range(1, 41)
    who = {n: Party("QC", "MARLOWE", f"EDITH{n}", id=f"W00000{n:03d}") for n in numbers}
    docs = [document(n, f"CLINIC{n:010d}", charge=100 * n, patient=who[n]) for n in numbers]
    paid = [payment(n, f"CLINIC{n:010d}", charge=100 * n, patient=who[n]) for n in numbers]
    found = assign(docs, paid)
    assert [[p.id for p in group.payments] for group in found.groups] == [[n] for n in numbers]
    assert sum(weighed) == len(numbers)
