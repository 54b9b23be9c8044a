"""Whether another payer is expected: claim_rules.md 4.4, code by code."""

from __future__ import annotations

import pytest

from medcollect.ledger.case import Answer, ExpectedPayer
from medcollect.ledger.coordination import is_forwarded, next_payer, transfer_failed
from medcollect.ledger.slots import Slot
from medcollect.model.common import Party
from tests.unit.ledger.support import OTHER_PLAN, PLAN, line, named, party, pay, reply


def slot(
    status: str = "1",
    text: str = "CO-45 20, PR-2 20",
    *,
    key: str = PLAN,
    remarks: tuple[str, ...] = (),
    parties: tuple[Party, ...] = (),
) -> Slot:
    payment = pay(status, "60", text, remarks=remarks, parties=parties)
    return around(reply(payment, payer_key=key), key)


def around(answer: Answer, key: str = PLAN) -> Slot:
    rank = {"2": 2, "20": 2, "3": 3, "21": 3}.get(answer.payment.status, 1)
    return Slot(rank, key, key, [answer])


@pytest.mark.parametrize("status", ["19", "20", "21"])
def test_statuses_that_forward(status: str) -> None:
    assert is_forwarded(slot(status))


@pytest.mark.parametrize("status", ["1", "2", "3", "4"])
def test_statuses_that_do_not(status: str) -> None:
    assert not is_forwarded(slot(status))


@pytest.mark.parametrize("remark", ["MA07", "MA18", "N387"])
def test_remarks_that_forward(remark: str) -> None:
    assert is_forwarded(slot(remarks=(remark,)))
    service = line("99213", "60", "PR-2 40", remarks=(remark,))
    assert is_forwarded(around(reply(pay("1", "0", "", service))))


@pytest.mark.parametrize("reason", ["290", "291", "292", "298", "300", "305"])
def test_reasons_that_forward(reason: str) -> None:
    assert is_forwarded(slot(text=f"OA-{reason} 40"))


def test_a_crossover_carrier_forwards() -> None:
    assert is_forwarded(slot(parties=(party("TT", "LANTERN"),)))
    assert not is_forwarded(slot(parties=(party("PR", "LANTERN"),)))


@pytest.mark.parametrize("remark", ["MA08", "MA19", "MA68", "N8"])
def test_remarks_that_say_the_transfer_failed(remark: str) -> None:
    """They outweigh a status that says forwarded."""
    failed = slot("19", remarks=(remark, "MA18"), parties=(party("TT", "LANTERN"),))
    assert transfer_failed(failed)
    assert not is_forwarded(failed)
    assert next_payer([failed], ()) is None


def test_other_remarks_say_nothing() -> None:
    assert not is_forwarded(slot(remarks=("N89", "MA01", "N830")))
    assert not transfer_failed(slot(remarks=("N89",)))


# -- who is next -----------------------------------------------------------------------------


def test_nobody_is_next_where_the_claim_names_one_payer() -> None:
    assert next_payer([slot()], named(PLAN)) is None


def test_the_next_rank_that_the_claim_names() -> None:
    assert next_payer([slot()], named(PLAN, OTHER_PLAN, "THIRD,")) == "OTHER"
    both = [slot(), slot("2", key=OTHER_PLAN)]
    assert next_payer(both, named(PLAN, OTHER_PLAN, "THIRD,")) == "THIRD"
    assert next_payer(both, named(PLAN, OTHER_PLAN)) is None


def test_the_name_of_a_carrier_that_only_the_remittance_knows() -> None:
    assert next_payer([slot("19", parties=(party("TT", "LANTERN"),))], named(PLAN)) == "LANTERN"


def test_forwarded_to_somebody_unnamed() -> None:
    assert next_payer([slot(remarks=("MA18",))], ()) == ""


def test_a_payer_that_answered_out_of_its_rank_is_not_waited_for() -> None:
    """The claim names OTHER as secondary; it answered as primary: nobody is left."""
    assert next_payer([slot(key=OTHER_PLAN)], named(PLAN, OTHER_PLAN)) is None


def test_two_plans_of_one_company_are_two_payers() -> None:
    payers = (ExpectedPayer(1, PLAN, "PLAN"), ExpectedPayer(2, PLAN, "PLAN"))
    assert next_payer([slot()], payers) == "PLAN"
    assert next_payer([slot(), slot("2")], payers) is None


def test_a_failed_transfer_leaves_the_payer_that_the_claim_names() -> None:
    """MA19: bill the secondary yourself; the patient waits."""
    assert next_payer([slot("19", remarks=("MA19",))], named(PLAN, OTHER_PLAN)) == "OTHER"
