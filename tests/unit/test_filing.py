"""Where the filing of a claim stands: only what concerns the latest sending can reject it."""

from __future__ import annotations

from medcollect.filing import Filing, Said, Sent, filing_of

FIRST = Sent(frozenset({1}), "2026-02-02T0815", "2026-02-02", ("000000001",), "B1")
SECOND = Sent(frozenset({2}), "2026-02-10T0815", "2026-02-10", ("000000002",), "B2")


def said(kind: str, verdict: str, day: int, key: int = 1, **more: object) -> Said:
    at = f"2026-02-{day:02d}T" + str(more.pop("time", ""))
    return Said(key=key, kind=kind, verdict=verdict, said_at=at, **more)  # type: ignore[arg-type]


def rejected_by(*args: Said, sent: tuple[Sent, ...] = (FIRST,)) -> int | None:
    filing = filing_of(sent, args)
    return None if filing.rejection is None else filing.rejection.key


def test_nothing_said_is_no_rejection() -> None:
    assert filing_of([FIRST], []) == Filing()
    assert filing_of([], []) == Filing()


def test_a_rejection_stands_until_the_payer_has_the_claim() -> None:
    rejection = said("277CA", "rejected", 4)
    assert rejected_by(rejection) == 1
    for kind, verdict in (("277CA", "accepted"), ("277", "pending"), ("835", "paid")):
        assert rejected_by(rejection, said(kind, verdict, 5, key=2)) is None
    assert rejected_by(rejection, said("999", "accepted", 5, key=2)) == 1
    assert rejected_by(rejection, said("276", "asked", 5, key=2)) == 1


def test_a_refusal_after_an_acceptance_counts() -> None:
    """The clearinghouse took it in, the payer did not."""
    assert rejected_by(said("277CA", "accepted", 3), said("277CA", "rejected", 4, key=2)) == 2


def test_of_two_at_once_the_refusal_counts() -> None:
    assert rejected_by(said("277CA", "rejected", 4), said("277CA", "accepted", 4, key=2)) == 1


def test_a_later_sending_ends_it() -> None:
    rejection = said("277CA", "rejected", 4)
    assert rejected_by(rejection, sent=(FIRST, SECOND)) is None
    assert rejected_by(said("277CA", "rejected", 11), sent=(FIRST, SECOND)) == 1


def test_the_batch_says_which_sending_was_rejected() -> None:
    """An answer that comes late names the first batch: the second sending is untouched."""
    late = said("277CA", "rejected", 12, batch="B1")
    assert rejected_by(late, sent=(FIRST, SECOND)) is None
    assert rejected_by(said("277CA", "rejected", 12, batch="B2"), sent=(FIRST, SECOND)) == 1


def test_an_acknowledgement_concerns_the_transaction_that_it_answers() -> None:
    late = said("999", "rejected", 12, transactions=frozenset({1}))
    assert rejected_by(late, sent=(FIRST, SECOND)) is None
    assert rejected_by(late) == 1


def test_times_of_one_day_count_where_both_are_known() -> None:
    again = Sent(frozenset({3}), "2026-02-04T1500", "2026-02-04", ("000000003",), "B3")
    noon = said("277CA", "rejected", 4, time="1200")
    assert rejected_by(noon, sent=(FIRST, again)) is None
    evening = said("277CA", "rejected", 4, time="1800")
    assert rejected_by(evening, sent=(FIRST, again)) == 1


def test_a_claim_that_the_payer_does_not_have_is_not_filed() -> None:
    assert rejected_by(said("277", "not_found", 20)) == 1


def test_a_claim_known_from_its_answers_only_can_be_judged() -> None:
    assert rejected_by(said("277CA", "rejected", 4), sent=()) == 1


def test_the_earliest_acceptance_is_the_proof() -> None:
    received = said("277CA", "accepted", 3, key=1)
    taken = said("277CA", "accepted", 5, key=2, is_proof=True)
    later = said("277CA", "accepted", 9, key=3, is_proof=True)
    assert filing_of([FIRST], [later, received, taken]).proof == taken
    assert filing_of([FIRST], [received]).proof == received
    assert filing_of([FIRST], [said("999", "accepted", 3)]).proof is None
