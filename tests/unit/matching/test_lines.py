"""Which line of the claim each service answers: claim_rules.md 6.2."""

from __future__ import annotations

from datetime import date
from typing import Any

from medcollect.ledger import ClaimLine
from medcollect.matching import pair_lines
from medcollect.model.common import Procedure
from medcollect.model.remittance import ServicePayment

DAY = date(2026, 1, 12)


def line(position: int, code: str = "99213", charge: int = 100, **more: Any) -> ClaimLine:
    stated = {"service_from": DAY, "number": str(position), **more}
    return ClaimLine(position, code, charge, **stated)


def service(code: str = "99213", charge: int = 100, **more: Any) -> ServicePayment:
    modifiers = more.pop("modifiers", ())
    submitted = more.pop("submitted", "")
    stated = {
        "paid_cents": 0,
        "service_from": DAY,
        "submitted_procedure": Procedure("HC", submitted, modifiers) if submitted else None,
        **more,
    }
    return ServicePayment(1, 1, Procedure("HC", code, modifiers), charge, **stated)


def test_the_line_control_number_outweighs_everything() -> None:
    lines = [line(1, line_control_number="A"), line(2, "93000", 50, line_control_number="B")]
    services = [service(line_control_number="B"), service("93000", 50, line_control_number="A")]
    assert pair_lines(services, lines) == (2, 1)


def test_a_payers_own_numbering_is_the_lx_number_where_codes_agree() -> None:
    """6.1: the payer invents 1, 2, 3 although none was sent."""
    lines = [line(1), line(2, "93000"), line(3, "36415")]
    services = [service("36415", line_control_number="3"), service(line_control_number="1")]
    assert pair_lines(services, lines) == (3, 1)


def test_a_payers_own_numbering_against_the_codes_is_not_trusted() -> None:
    lines = [line(1), line(2, "93000")]
    assert pair_lines([service("93000", line_control_number="1")], lines) == (2,)


def test_a_payers_own_numbering_starts_anew_in_each_part_of_a_split_claim() -> None:
    """The second part's 1 is not LX 1: another day, or a line that is answered already."""
    later = date(2026, 1, 14)
    lines = [line(1, "97110"), line(2, "97110", service_from=later)]
    parts = [service("97110", service_from=later, line_control_number="1")]
    assert pair_lines(parts, lines) == (2,)
    equal = [line(1, "97110"), line(2, "97110")]
    assert pair_lines([service("97110", line_control_number="1")], equal, {1}) == (2,)


def test_a_control_number_on_two_lines_proves_nothing() -> None:
    lines = [line(1, line_control_number="A"), line(2, "93000", line_control_number="A")]
    assert pair_lines([service("93000", line_control_number="A")], lines) == (2,)


def test_code_modifiers_day_and_charge() -> None:
    other_day = date(2026, 1, 13)
    lines = [
        line(1),
        line(2, modifiers=("25",)),
        line(3, service_from=other_day),
        line(4, charge=90),
    ]
    services = [
        service(charge=90),
        service(service_from=other_day),
        service(modifiers=("25",)),
        service(),
    ]
    assert pair_lines(services, lines) == (4, 3, 2, 1)


def test_modifiers_are_a_set() -> None:
    lines = [line(1, modifiers=("25", "GT")), line(2, modifiers=("GT",))]
    assert pair_lines([service(modifiers=("GT", "25"))], lines) == (1,)


def test_equal_lines_pair_in_order() -> None:
    """Bilateral: same code, day and charge."""
    assert pair_lines([service(), service(), service()], [line(1), line(2), line(3)]) == (1, 2, 3)


def test_an_exact_service_is_not_robbed_of_its_line_by_a_vaguer_one() -> None:
    """The first service lacks the modifier of its line; the second matches line 1 exactly."""
    lines = [line(1), line(2, modifiers=("25",))]
    assert pair_lines([service(modifiers=("59",)), service()], lines) == (2, 1)


def test_a_recoded_line_by_its_submitted_code() -> None:
    assert pair_lines([service("99212", submitted="99213")], [line(1), line(2, "93000")]) == (1,)


def test_bundled_lines_each_by_their_submitted_code() -> None:
    lines = [line(1, "82947", 20), line(2, "84132", 30)]
    services = [
        service("80053", 30, submitted="84132"),
        service("80053", 20, submitted="82947"),
    ]
    assert pair_lines(services, lines) == (2, 1)


def test_an_unbundled_line_is_answered_by_several_services() -> None:
    """The charge on the first, nothing on the others; all for the submitted code."""
    lines = [line(1, "80053", 50), line(2)]
    services = [
        service("82947", 50, submitted="80053"),
        service("84132", 0, submitted="80053"),
        service(),
    ]
    assert pair_lines(services, lines) == (1, 1, 2)


def test_a_split_line_is_answered_in_parts() -> None:
    lines = [line(1, "97110", 90), line(2)]
    services = [service("97110", 30), service("97110", 60), service()]
    assert pair_lines(services, lines) == (1, 1, 2)


def test_a_split_by_several_lines_of_that_code_is_left_open() -> None:
    lines = [line(1, "97110", 90), line(2, "97110", 80)]
    assert pair_lines([service("97110", 30)], lines) == (0,)


def test_a_code_that_was_not_billed_answers_no_line() -> None:
    assert pair_lines([service("70450", 90)], [line(1)]) == (0,)


def test_a_recoded_line_whose_submitted_code_is_not_shown_is_what_is_left() -> None:
    """N22 without SVC06: one service and one line of this charge and day are left."""
    lines = [line(1), line(2, "93000", 50)]
    assert pair_lines([service("99211"), service("93000", 50)], lines) == (1, 2)


def test_what_is_left_pairs_only_where_nothing_else_could_be_meant() -> None:
    assert pair_lines([service("99211")], [line(1), line(2, "99214")]) == (0,)
    assert pair_lines([service("99211"), service("99212")], [line(1)]) == (0, 0)
    assert pair_lines([service("99211", service_from=date(2026, 1, 13))], [line(1)]) == (0,)


def test_the_parts_of_a_split_claim_share_equal_lines_out() -> None:
    """Two lines of one code and charge, answered in two claim payments."""
    lines = [line(1, "97110"), line(2, "97110"), line(3, "97140")]
    first = pair_lines([service("97110")], lines)
    assert pair_lines([service("97110"), service("97140")], lines, set(first)) == (2, 3)


def test_an_answer_to_all_lines_again_takes_them_again() -> None:
    lines = [line(1, "97110"), line(2, "97110")]
    assert pair_lines([service("97110"), service("97110")], lines, {1, 2}) == (1, 2)


def test_a_line_without_a_day_on_either_side_still_pairs() -> None:
    assert pair_lines([service(service_from=None)], [line(1)]) == (1,)
    assert pair_lines([service()], [line(1, service_from=None)]) == (1,)


def test_an_institutional_line_by_its_revenue_code() -> None:
    lines = [line(1, "", 100, revenue_code="0250"), line(2, "", 100, revenue_code="0300")]
    assert pair_lines([service("0300"), service("0250")], lines) == (2, 1)


def test_a_reversals_lines_pair_like_those_of_its_original() -> None:
    lines = [line(1), line(2, charge=50)]
    assert pair_lines([service(charge=-50), service(charge=-100)], lines) == (2, 1)
