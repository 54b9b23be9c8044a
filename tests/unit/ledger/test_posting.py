"""One claim's journal from its facts: DESIGN 6. Dollars stand for cents where whole."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from medcollect.ledger.case import Answer, MovedBalance
from medcollect.ledger.posting import post_claim
from medcollect.model.desk import Move
from medcollect.model.posting import (
    CHARGES,
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    PATIENT_RECEIVABLE,
    UNAPPLIED,
    WRITE_OFF,
)
from tests.unit.ledger.support import (
    DAY,
    OTHER_PLAN,
    PLAN,
    billed,
    books,
    by_line,
    case,
    issues,
    line,
    named,
    pay,
    reply,
    takeback,
    totals,
)

CLEAN = reply(pay("1", "80", "CO-45 20"))


def lines_of(*texts: tuple[str, str]) -> Answer:
    """One answer with a service for each (paid, adjustments)."""
    services = [line(f"9921{n}", paid, text) for n, (paid, text) in enumerate(texts, 1)]
    return reply(pay("1", "0", "", *services))


# -- charges and desk payments ---------------------------------------------------------------


def test_a_claim_without_answers_waits_for_its_first_payer() -> None:
    posted = post_claim(case("100"))
    assert books(posted) == {"charge": 100, "open": 100}
    assert posted.waiting_rank == 1


def test_the_charge_stands_line_by_line_and_the_rest_on_the_claim() -> None:
    """CLM02 above the sum of the lines: the difference is line 0, nothing is lost."""
    posted = post_claim(case("100", lines=billed("60", "30")))
    assert by_line(posted, CHARGES) == {0: -10, 1: -60, 2: -30}


def test_the_desk_payment_posts_once_and_to_the_patient() -> None:
    posted = post_claim(case("100", patient_paid_cents=2500))
    assert books(posted) == {"charge": 100, "open": 100, "patient_paid": 25}
    assert sum(e.cause == "patient_payment" for e in posted.entries) == 1


def test_a_void_claim_charges_nothing_and_waits_for_nobody() -> None:
    posted = post_claim(case("100", voided=True))
    assert (books(posted), posted.waiting_rank) == ({}, 0)


def test_a_void_claim_keeps_the_money_as_the_payers() -> None:
    """Nothing is written off, denied or left to the patient on a charge that is gone."""
    answer = reply(pay("1", "40", "CO-45 20, PR-1 20, CO-197 20"))
    posted = post_claim(case("100", answer, voided=True))
    assert books(posted) == {"paid": 40, "open": -40}
    assert (posted.denials, posted.patient_parts, posted.issues) == ((), (), ())


def test_a_void_claim_taken_back_is_empty() -> None:
    posted = post_claim(case("100", CLEAN, takeback(CLEAN, 2), voided=True))
    assert books(posted) == {}


# -- lines -----------------------------------------------------------------------------------


def test_each_line_settles_by_itself() -> None:
    answer = lines_of(("50", "CO-45 10"), ("0", "PR-1 40"))
    posted = post_claim(case("100", answer, lines=billed("60", "40")))
    assert by_line(posted, CONTRACTUAL) == {1: 10}
    assert by_line(posted, PATIENT_RECEIVABLE) == {2: 40}
    assert by_line(posted, INSURANCE_RECEIVABLE) == {}


def test_money_beyond_a_line_shows_on_that_line() -> None:
    """The claim's total is right; the line that does not fit is negative, the other one open."""
    answer = lines_of(("70", ""), ("30", ""))
    posted = post_claim(case("100", answer, lines=billed("60", "40")))
    assert books(posted) == {"charge": 100, "paid": 100}
    assert by_line(posted, INSURANCE_RECEIVABLE) == {1: -10, 2: 10}


def test_claim_level_money_beside_lines_posts_at_claim_level() -> None:
    """CLP04 below the sum of SVC03 (claim CAS): E17."""
    services = (line("99211", "60"), line("99212", "40"))
    answer = reply(pay("1", "-5", "CO-253 5", *services))
    posted = post_claim(case("100", answer, lines=billed("60", "40")))
    assert books(posted) == {"charge": 100, "paid": 95, "off": 5}
    assert by_line(posted, CONTRACTUAL) == {0: 5}


def test_an_answer_without_lines_puts_the_charge_on_the_claim() -> None:
    posted = post_claim(case("100", CLEAN, lines=billed("60", "40")))
    assert by_line(posted, CHARGES) == {0: -100}
    assert by_line(posted, INSURANCE_RECEIVABLE) == {}


def test_an_answer_without_lines_on_a_claim_of_one_line_settles_in_total() -> None:
    assert books(post_claim(case("100", CLEAN))) == {"charge": 100, "paid": 80, "off": 20}


def test_a_negative_adjustment_raises_what_is_open_elsewhere() -> None:
    """E18: CO-97 10 less OA-94: the negative one is written off with its sign."""
    answer = reply(pay("1", "110", "CO-45 10, OA-94 -20"))
    posted = post_claim(case("100", answer))
    assert books(posted) == {"charge": 100, "paid": 110, "off": -10}


def test_sixty_six_adjustments_on_a_line_all_post() -> None:
    answer = lines_of(("34", ", ".join(["CO-45 1"] * 66)))
    posted = post_claim(case("100", answer))
    assert books(posted) == {"charge": 100, "paid": 34, "off": 66}


# -- reversals -------------------------------------------------------------------------------


def test_original_and_reversal_move_nothing_together() -> None:
    original = reply(pay("1", "50", "CO-45 20, PR-1 30"))
    posted = post_claim(case("100", original, takeback(original, 2)))
    assert books(posted) == {"charge": 100, "open": 100}
    assert posted.posted == {1, 2}
    assert posted.waiting_rank == 1


def test_the_takeback_lowers_its_own_remittance() -> None:
    posted = post_claim(case("100", CLEAN, takeback(CLEAN, 2)))
    cash = {
        (leg.remittance, leg.cents)
        for entry in posted.entries
        for leg in entry.postings
        if leg.account == UNAPPLIED
    }
    assert cash == {(1, 8000), (2, -8000)}


def test_a_takeback_without_its_original_waits() -> None:
    posted = post_claim(case("100", takeback(CLEAN, 2)))
    assert books(posted) == {"charge": 100, "open": 100}
    assert issues(posted) == [("reversal_without_original", -80, 2)]
    assert posted.posted == frozenset()


def test_a_takeback_takes_the_policy_write_off_with_it() -> None:
    """DESIGN 6.2: automatic decisions rest on the answer and fall with it."""
    denied = reply(pay("1", "0", "", line("99211", "0", "CO-50 100"), filing_indicator="MB"))
    gz = billed("100", modifiers=("GZ",))
    assert books(post_claim(case("100", denied, lines=gz))) == {"charge": 100, "off": 100}
    back = post_claim(case("100", denied, takeback(denied, 2), lines=gz))
    assert books(back) == {"charge": 100, "open": 100}
    assert back.denials == ()


def test_a_reversed_secondary_opens_the_primarys_share_again() -> None:
    primary = reply(pay("1", "60", "CO-45 20, PR-2 20"))
    later = reply(pay("2", "15", "OA-23 80, PR-2 5"), 2, payer_key=OTHER_PLAN)
    posted = post_claim(
        case(
            "100",
            primary,
            later,
            takeback(later, 3, payer_key=OTHER_PLAN),
            payers=named("PLAN,", OTHER_PLAN),
        )
    )
    assert books(posted) == {"charge": 100, "paid": 60, "off": 20, "open": 20}
    assert (posted.waiting_rank, posted.waiting_payer) == (2, "OTHER")


# -- denials and policies --------------------------------------------------------------------


def refused(posted: object) -> list[tuple[str, int, float, str]]:
    return [(f"{d.group}-{d.reason}", d.line, d.cents / 100, d.status) for d in posted.denials]


def test_a_denial_stays_open_and_is_never_written_off_by_itself() -> None:
    posted = post_claim(case("100", lines_of(("0", "CO-45 40, CO-197 60"))))
    assert books(posted) == {"charge": 100, "off": 40, "open": 60}
    assert refused(posted) == [("CO-197", 1, 60, "open")]


def test_a_denial_under_pr_is_the_patients_and_a_case() -> None:
    posted = post_claim(case("100", lines_of(("0", "PR-204 100"))))
    assert books(posted) == {"charge": 100, "patient": 100}
    assert refused(posted) == [("PR-204", 1, 100, "open")]


def test_a_signed_notice_makes_the_denial_a_notice() -> None:
    answer = reply(pay("1", "0", "", line("99211", "0", "PR-50 100"), filing_indicator="MB"))
    posted = post_claim(case("100", answer, lines=billed("100", modifiers=("GA",))))
    assert refused(posted) == [("PR-50", 1, 100, "notice")]


@pytest.mark.parametrize(
    ("plan", "modifier", "text", "off"),
    [
        ("MB", "GZ", "CO-50 100", 100),
        ("MA", "GZ", "CO-50 100", 100),
        ("12", "GZ", "CO-50 100", 0),
        ("MB", "GA", "CO-50 100", 0),
        ("MB", "GZ", "PR-50 100", 0),
    ],
)
def test_no_notice_is_the_providers_loss_with_medicare_only(
    plan: str, modifier: str, text: str, off: float
) -> None:
    """Shipped policy GZ: Medicare fee-for-service, group CO."""
    answer = reply(pay("1", "0", "", line("99211", "0", text), filing_indicator=plan))
    posted = post_claim(case("100", answer, lines=billed("100", modifiers=(modifier,))))
    assert totals(posted).get(WRITE_OFF, 0) == off


def test_qmb_is_written_off_under_its_own_name() -> None:
    answer = reply(pay("1", "60", "CO-45 20, PR-2 20", filing_indicator="MB", remarks=("N781",)))
    posted = post_claim(case("100", answer))
    assert books(posted) == {"charge": 100, "paid": 60, "off": 40}
    kinds = {p.detail for e in posted.entries for p in e.postings if p.account == WRITE_OFF}
    assert kinds == {"not_collectible:QMB"}


def test_a_denial_that_the_secondary_pays_is_settled() -> None:
    primary = reply(pay("1", "0", "CO-22 100"))
    later = reply(pay("2", "80", "OA-23 0, CO-45 20"), 2, payer_key=OTHER_PLAN)
    posted = post_claim(case("100", primary, later))
    assert books(posted) == {"charge": 100, "paid": 80, "off": 20}
    assert [status for *_, status in refused(posted)] == ["settled"]


def test_a_denied_line_stays_a_case_while_another_line_is_paid_twice() -> None:
    """The claim owes nothing in total, yet line 2 is open: its case must not close."""
    primary = lines_of(("60", ""), ("0", "CO-197 40"))
    later = reply(
        pay("2", "0", "", line("99211", "40", "OA-23 20")), 2, payer_key=OTHER_PLAN, pairs=(1,)
    )
    posted = post_claim(case("100", primary, later, lines=billed("60", "40")))
    assert ("CO-197", 2, 40, "open") in refused(posted)


# -- payers in a row -------------------------------------------------------------------------

PRIMARY = reply(pay("1", "60", "CO-45 20, PR-2 20"))
SECONDARY = reply(pay("2", "15", "OA-23 80, PR-2 5"), 2, payer_key=OTHER_PLAN)


def test_the_last_payer_decides_what_the_patient_owes() -> None:
    posted = post_claim(case("100", PRIMARY, SECONDARY))
    assert books(posted) == {"charge": 100, "paid": 75, "off": 20, "patient": 5}
    assert [p.answer for p in posted.patient_parts] == [2]


def test_any_order_of_answers_gives_the_same_books() -> None:
    there = post_claim(case("100", PRIMARY, SECONDARY))
    back = post_claim(case("100", SECONDARY, PRIMARY))
    assert there == back


def test_the_share_of_the_primary_is_open_with_the_secondary() -> None:
    posted = post_claim(case("100", PRIMARY, payers=named("PLAN,", OTHER_PLAN)))
    ranks = {leg.payer_rank: 0 for e in posted.entries for leg in e.postings if leg.payer_rank}
    for entry in posted.entries:
        for leg in entry.postings:
            if leg.account == INSURANCE_RECEIVABLE:
                ranks[leg.payer_rank] += leg.cents
    assert ranks == {1: 0, 2: 2000}


def test_a_waiting_secondary_leaves_no_trace_in_the_journal() -> None:
    posted = post_claim(case("100", SECONDARY))
    assert books(posted) == {"charge": 100, "open": 100}
    assert issues(posted) == [("waiting_for_earlier_payer", 15, 2)]


def test_an_overpayment_is_negative_receivable() -> None:
    later = reply(pay("2", "30", "OA-23 70"), 2, payer_key=OTHER_PLAN)
    primary = reply(pay("1", "80", "CO-45 20"))
    posted = post_claim(case("100", primary, later))
    assert books(posted) == {"charge": 100, "paid": 110, "off": 20, "open": -30}


def test_a_second_answer_lets_nothing_move() -> None:
    again = reply(pay("1", "85", "CO-45 15"), 2)
    posted = post_claim(case("100", CLEAN, again))
    assert books(posted) == {"charge": 100, "paid": 80, "off": 20}
    assert posted.posted == {1}


@pytest.mark.parametrize("status", ["23", "25"])
def test_notices_do_not_post(status: str) -> None:
    posted = post_claim(case("100", reply(pay(status, "0", "CO-45 100"))))
    assert books(posted) == {"charge": 100, "open": 100}
    assert posted.issues == ()


@pytest.mark.parametrize("status", ["5", "27", "", "99"])
def test_an_unknown_status_is_an_issue_even_without_money(status: str) -> None:
    posted = post_claim(case("100", reply(pay(status, "0", "CO-45 100"))))
    assert [i.kind for i in posted.issues] == ["status_without_rule"]


def test_every_answers_money_posts_or_waits() -> None:
    """Nothing in between: each answer with money is in ``posted`` or has an issue."""
    answers = [
        CLEAN,
        reply(pay("1", "85", "CO-45 15"), 2),
        reply(pay("3", "9", "OA-23 91"), 3, payer_key="THIRD,"),
        takeback(reply(pay("1", "1", "CO-45 99")), 4),
        reply(pay("25", "7", "CO-45 93"), 5),
    ]
    posted = post_claim(case("100", *answers))
    waiting = {issue.answer for issue in posted.issues}
    assert posted.posted | waiting == {1, 2, 3, 4, 5}
    assert not posted.posted & waiting


def test_a_released_answer_ends_the_denials_of_the_lines_it_answers_again() -> None:
    """What the payer refused on another line stands as it was."""
    refused = (line("99211", "0", "CO-50 300"), line("99212", "0", "CO-16 150, CO-45 50"))
    first = reply(pay("1", "0", "", *refused, line("99213", "60")), 1)
    again = pay("1", "0", "", line("99212", "120", "CO-45 80"))
    released = reply(again, 2, pairs=(2,), post_anyway=True)
    posted = post_claim(case("560", first, released, lines=billed("300", "200", "60")))
    left = {denial.reason: (denial.cents / 100, denial.status) for denial in posted.denials}
    assert left["50"] == (300, "open")
    assert left["16"] == (150, "settled")


def test_only_duplicate_from_a_later_payer_asks_nobody() -> None:
    """Neither by itself nor once the payer's real answer has replaced it."""
    first = reply(pay("1", "80", "CO-45 80, PR-2 20"), 1)
    payers = named(PLAN, OTHER_PLAN)
    echo = reply(pay("2", "0", "OA-18 180"), 2, payer_key=OTHER_PLAN)
    real = reply(pay("2", "15", "OA-23 160, PR-3 5"), 3, payer_key=OTHER_PLAN)
    assert issues(post_claim(case("180", first, echo, payers=payers))) == []
    posted = post_claim(case("180", first, echo, real, payers=payers))
    assert issues(posted) == []
    assert books(posted) == {"charge": 180, "paid": 95, "off": 80, "patient": 5}


def test_what_is_moved_to_the_patient_leaves_the_payer_that_has_it() -> None:
    """The next payer's share, not the receivable of the one that has answered."""
    answered = lines_of(("200", "CO-45 150, PR-2 50"))
    move = Move("patient", 5000, DAY + timedelta(days=9), is_billable=True)
    moved = (MovedBalance("E000001", 1, move),)
    payers = named(PLAN, OTHER_PLAN)
    posted = post_claim(case("400", answered, payers=payers, moves=moved))
    ranks: Counter[int] = Counter()
    for entry in posted.entries:
        for leg in entry.postings:
            if leg.account == INSURANCE_RECEIVABLE:
                ranks[leg.payer_rank] += leg.cents
    assert set(ranks.values()) == {0}
    assert books(posted)["patient"] == 50
