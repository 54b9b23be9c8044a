"""Denials that one fix would serve, found in a book of either database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import medcollect
from tests.flows.money.office import ANSWERED, HARBOR, PLAIN, answer, service
from tests.support.builder import Envelope, build_835
from tests.support.specs import Answer, Remit

WEEKS = 40
CODES = ("99213", "99214", "70553")


def visit(number: int, code: str, *, refused: bool) -> Answer:
    if refused:
        return answer(f"V{number}", "4", service(code, "300.00", "0.00", "CO-197 300.00"))
    return answer(f"V{number}", "1", service(code, "300.00", "200.00", "CO-45 100.00"))


def remit(week: int, payer_place: int) -> Remit:
    """One payer's weekly check: three of each procedure, and now and then a refusal."""
    payer = (PLAIN, HARBOR)[payer_place]
    answers = []
    for place, code in enumerate(CODES * 3):
        number = week * 100 + payer_place * 50 + place
        no_authorization = payer is PLAIN and code == "70553" and week >= 28
        refused = (no_authorization and place < 6) or (week % 13 == 5 and place == 0)
        answers.append(visit(number, code, refused=refused))
    day = ANSWERED - timedelta(weeks=WEEKS - week)
    return Remit(payer, f"T{week}-{payer_place}", day, tuple(answers))


def test_a_procedure_that_one_payer_began_to_refuse(book_url: str, tmp_path: Path) -> None:
    remits = [remit(week, place) for week in range(WEEKS) for place in range(2)]
    (tmp_path / "all.835").write_text(build_835(remits, Envelope()))
    with medcollect.open_book(book_url) as book:
        book.import_files([str(tmp_path / "all.835")])
        found = book.denial_patterns(as_of=ANSWERED)
        report = book.report("patterns", as_of=ANSWERED)
        worklist = book.denials(as_of=ANSWERED)["denials"]

    (pattern,) = found["patterns"]
    assert (pattern["payer"], pattern["code"]) == (PLAIN.name, "CO-197")
    assert (pattern["procedure"], pattern["kind"]) == ("70553", "new_code")
    assert (pattern["lines"], pattern["refused"]) == (36, 24)
    assert pattern["amount"] == pattern["open"] == "7200.00"
    assert pattern["since"] == str(ANSWERED - timedelta(weeks=12))
    assert pattern["confidence_percent"] == 99
    behind = {row["id"]: row for row in worklist if row["id"] in pattern["denials"]}
    assert len(behind) == 24
    assert {row["procedure"] for row in behind.values()} == {"70553"}
    assert {row["payer"] for row in behind.values()} == {PLAIN.name}
    assert found["lines"] > 2 * WEEKS * 9
    assert report["totals"]["open"] == "7200.00"


def test_a_book_without_remittances_has_no_patterns(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        assert book.denial_patterns() == {"patterns": [], "count": 0, "lines": 0}
