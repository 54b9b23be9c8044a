"""What patients pay, entered by command and from tables, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed, NotFound

SAMPLES = Path(__file__).parents[2] / "edi_samples"
CLAIMS = sorted(SAMPLES.glob("*-837p*.edi"))
MONTH = [*CLAIMS, *sorted(SAMPLES.glob("05-835*.edi")), *sorted(SAMPLES.glob("11-835*.edi"))]
DAY = date(2026, 3, 16)
KIM: dict[str, Any] = {"user": "kim"}


@pytest.fixture
def empty(book_url: str) -> Iterator[Book]:
    with medcollect.open_book(book_url) as opened:
        yield opened


@pytest.fixture
def book(empty: Book) -> Book:
    empty.import_files(MONTH)
    return empty


def pay(book: Book, target: str, amount: str, day: date = DAY, **told: Any) -> dict[str, Any]:
    asked = {"method": "card", "received_on": day, **KIM, **told}
    return dict(book.pay(target, amount, **asked))


def figures(book: Book, number: str) -> tuple[str, str, str, str]:
    claim = book.claim(number)
    assert claim["patient_paid"] == next(
        row["patient_paid"]
        for row in book.report("claims")["rows"]
        if row["patient_control_number"] == number
    )
    return (claim["patient_paid"], claim["patient_due"], claim["credit"], claim["state"])


def unapplied(book: Book, number: str) -> str:
    balance = book.balance(number)
    assert balance["patient_paid"] == sum_of(c["patient_paid"] for c in balance["claims"])
    return str(balance["unapplied"])


def sum_of(amounts: Any) -> str:
    cents = sum(int(amount.replace(".", "")) for amount in amounts)
    return f"{cents // 100}.{cents % 100:02d}"


def test_a_payment_closes_its_claim_and_undo_opens_it_again(book: Book) -> None:
    answer = pay(book, "CH1002", "118.00", reference="77")

    assert answer["applied"] == [{"claim": answer["claim"], "amount": "118.00"}]
    assert figures(book, "CH1002") == ("118.00", "0.00", "0.00", "closed")
    assert "M000001" in str(book.claim("CH1002")["steps"])
    assert book.undo("M000001")["entries_reversed"] == 2
    assert figures(book, "CH1002") == ("0.00", "118.00", "0.00", "patient_billable")
    with pytest.raises(NotFound):
        book.undo("M000001")


def test_what_no_claim_takes_is_the_patients_credit(book: Book) -> None:
    due = book.balance("CH1002")["patient_billable"]
    pay(book, "CH1002", "500.00")

    balance = book.balance("CH1002")
    assert (balance["patient_due"], balance["credit"]) == ("0.00", "0.00")
    assert balance["unapplied"] == _less("500.00", due)
    row = next(r for r in book.report("aging", as_of=DAY)["rows"] if r["payer"] == "patients"
               and r["owed_by"] == "credit")  # fmt: skip
    assert int(row["days_0_30"].replace(".", "")) <= -int(balance["unapplied"].replace(".", ""))
    shown = {r["account"]: r for r in book.report("patient-balances")["rows"]}
    assert shown[balance["account"]]["unapplied"] == balance["unapplied"]


def _less(amount: str, other: str) -> str:
    cents = int(amount.replace(".", "")) - int(other.replace(".", ""))
    return f"{cents // 100}.{cents % 100:02d}"


def test_a_deposit_before_the_answer_finds_its_share(empty: Book) -> None:
    """Paid for a claim that no payer has answered; the answer leaves a part of it to credit."""
    empty.import_files(CLAIMS)
    pay(empty, "CH1002", "150.00", date(2026, 2, 3))
    assert figures(empty, "CH1002") == ("150.00", "0.00", "150.00", "with_payer")

    empty.import_files(MONTH)
    assert figures(empty, "CH1002") == ("118.00", "0.00", "0.00", "closed")
    assert unapplied(empty, "CH1002") == "32.00"


def test_the_order_of_facts_does_not_matter(empty: Book, tmp_path: Path) -> None:
    """Payments before answers, after them, and between: the same balances, cent for cent."""
    other = medcollect.open_book(f"sqlite:///{tmp_path / 'other.db'}")
    with other:
        empty.import_files(CLAIMS)
        other.import_files(MONTH)
        for book in (empty, other):
            pay(book, "CH1002", "40.00", date(2026, 2, 3), method="check", reference="1")
        empty.import_files(MONTH)
        for book in (other, empty):
            pay(book, "CH3008", "500.00", date(2026, 2, 20))
            pay(book, "CH1002", "90.00", date(2026, 2, 1), reference="2")
        for report in ("claims", "patient-balances", "aging"):
            assert _without_ids(empty, report) == _without_ids(other, report)


def _without_ids(book: Book, report: str) -> list[Any]:
    rows = book.report(report)["rows"]
    kept = [{k: v for k, v in row.items() if k not in {"id", "account"}} for row in rows]
    return sorted(kept, key=str)


def test_a_claim_that_goes_and_comes_again_finds_its_payments(empty: Book) -> None:
    first = empty.import_files(MONTH)["import"]
    pay(empty, "CH1002", "100.00")
    account = empty.balance("CH1002")["account"]
    pay(empty, account, "30.00", reference="2")
    before = figures(empty, "CH1002"), unapplied(empty, "CH1002")

    empty.undo(first)
    assert {x["kind"] for x in empty.exceptions()["exceptions"]} == {"patient_payment_no_claim"}
    assert empty.exceptions()["amount"] == "130.00"
    empty.import_files(MONTH)
    assert (figures(empty, "CH1002"), unapplied(empty, "CH1002")) == before
    kinds = {x["kind"] for x in empty.exceptions()["exceptions"]}
    assert "patient_payment_no_claim" not in kinds


# -- the payment at the desk (AMT*F5) ----------------------------------------------------------


def test_the_copay_that_the_claim_reports_counts_once(book: Book) -> None:
    before = book.report("trial-balance")["totals"], figures(book, "CH1001")
    answer = pay(book, "CH1001", "25.00", date(2026, 1, 19), method="cash")

    assert (answer["held"], answer["unapplied"]) == ("", "0.00")
    assert figures(book, "CH1001") == before[1]
    cash = next(r for r in book.report("trial-balance")["rows"]
                if r["ledger_account"] == "patient_cash")  # fmt: skip
    assert cash["balance"] == "105.00"  # 25 + 60 + 20, as the claims report
    book.bounce("M000001", received_on=DAY, reason="bad check", user="kim")
    assert figures(book, "CH1001") == ("0.00", "25.00", "0.00", "patient_billable")


def test_what_may_be_the_copay_waits_until_a_person_says(book: Book) -> None:
    answer = pay(book, "CH1001", "20.00", date(2026, 1, 19), method="cash")
    (waits,) = [x for x in book.exceptions()["exceptions"] if x["patient_payment"]]

    assert answer["held"] == waits["kind"] == "patient_payment_perhaps_reported"
    assert (waits["patient_payment"], waits["amount"]) == ("M000001", "20.00")
    assert figures(book, "CH1001")[0] == "25.00"
    decided = book.resolve(waits["id"], post_anyway=True, reason="two payments", user="kim")
    assert decided["settled"] == [waits["id"]]
    assert unapplied(book, "CH1001") == "20.00" or figures(book, "CH1001")[0] == "45.00"
    with pytest.raises(NotAllowed, match="D000001"):
        book.undo("M000001")
    book.undo(decided["decision"])
    assert [x["id"] for x in book.exceptions()["exceptions"] if x["patient_payment"]] == [
        waits["id"]
    ]
    assert book.undo("M000001")["decisions_taken_along"] == []
    assert not [x for x in book.exceptions()["exceptions"] if x["patient_payment"]]


def test_a_payment_for_the_account_may_be_said_to_be_the_copay(book: Book) -> None:
    account = book.balance("CH1001")["account"]
    assert pay(book, account, "25.00", date(2026, 1, 19))["held"]
    (waits,) = [x for x in book.exceptions()["exceptions"] if x["patient_payment"]]
    book.resolve(waits["id"], to="CH1001", reason="asked the desk", user="kim")
    assert figures(book, "CH1001")[0] == "25.00"
    assert unapplied(book, "CH1001") == "0.00"


# -- returns ----------------------------------------------------------------------------------


def test_a_bounced_check_is_its_own_fact(book: Book) -> None:
    pay(book, "CH1002", "118.00", method="check")
    answer = book.bounce("M000001", received_on=date(2026, 3, 20), reason="no funds", user="kim")

    assert answer["id"] == "M000002"
    assert figures(book, "CH1002") == ("0.00", "118.00", "0.00", "patient_billable")
    then = {r["patient_control_number"]: r["patient_due"]
            for r in book.report("claims", as_of=date(2026, 3, 18))["rows"]}  # fmt: skip
    assert then["CH1002"] == "0.00"
    with pytest.raises(NotAllowed, match="already"):
        book.bounce("M000001", received_on=DAY, reason="again", user="kim")
    with pytest.raises(NotAllowed, match="M000002"):
        book.undo("M000001")
    book.undo("M000002")
    assert figures(book, "CH1002")[3] == "closed"


# -- refunds ----------------------------------------------------------------------------------


def refund(book: Book, target: str, amount: str, day: date = DAY, **told: Any) -> dict[str, Any]:
    asked = {"method": "check", "refunded_on": day, "reason": "paid too much", **KIM, **told}
    return dict(book.refund(target, amount, **asked))


def cash(book: Book) -> str:
    rows = book.report("trial-balance")["rows"]
    return str(next(r["balance"] for r in rows if r["ledger_account"] == "patient_cash"))


@pytest.mark.parametrize("target", ["M000001", "CH1002", "the account"])
def test_what_no_claim_takes_can_go_back(book: Book, target: str) -> None:
    paid = pay(book, "CH1002", "500.00")
    left, before = paid["unapplied"], cash(book)
    where = paid["account"] if target == "the account" else target
    answer = refund(book, where, left)

    (part,) = answer["refunds"]
    assert (part["id"], part["payment"], part["amount"]) == ("M000002", "M000001", left)
    assert unapplied(book, "CH1002") == "0.00"
    assert cash(book) == _less(before, left)
    (row,) = book.report("patient-payments")["rows"]
    assert (row["amount"], row["refunded"], row["unapplied"]) == ("500.00", left, "0.00")
    assert figures(book, "CH1002") == ("118.00", "0.00", "0.00", "closed")
    with pytest.raises(NotAllowed, match=r"credit there is 0\.00"):
        refund(book, where, "0.01")
    with pytest.raises(NotAllowed, match="M000002"):
        book.undo("M000001")
    book.undo("M000002")
    assert (unapplied(book, "CH1002"), cash(book)) == (left, before)


def test_money_that_went_back_pays_nothing_later(empty: Book) -> None:
    """A deposit goes back in part before the answer; the answer then finds what is left of it."""
    empty.import_files(CLAIMS)
    pay(empty, "CH1002", "150.00", date(2026, 2, 3))
    with pytest.raises(NotAllowed):
        refund(empty, "M000001", "150.01")
    refund(empty, "M000001", "100.00", date(2026, 2, 4))
    assert figures(empty, "CH1002") == ("50.00", "0.00", "50.00", "with_payer")

    empty.import_files(MONTH)
    assert figures(empty, "CH1002") == ("50.00", "68.00", "0.00", "patient_billable")
    assert unapplied(empty, "CH1002") == "0.00"
    empty.undo("M000002")
    assert figures(empty, "CH1002") == ("118.00", "0.00", "0.00", "closed")
    assert unapplied(empty, "CH1002") == "32.00"


def test_the_claim_itself_may_report_too_much(empty: Book) -> None:
    """Nobody entered the copay; before the payer answers it is a deposit, and goes back as one."""
    empty.import_files(CLAIMS)
    assert figures(empty, "CH1001")[2] == "25.00"
    with pytest.raises(NotAllowed):
        refund(empty, empty.balance("CH1001")["account"], "25.00")  # a payer has yet to answer
    answer = refund(empty, "CH1001", "10.00", date(2026, 2, 4))

    (part,) = answer["refunds"]
    assert (part["payment"], part["claim"] is not None) == (None, True)
    assert figures(empty, "CH1001")[:3] == ("15.00", "0.00", "15.00")
    steps = [s for s in empty.claim("CH1001")["steps"] if s["what"] == "patient_refunded"]
    assert [s["amounts"] for s in steps] == [{"patient_paid": "-10.00"}]
    (row,) = empty.report("patient-payments")["rows"]
    assert (row["amount"], row["refunded"]) == ("0.00", "10.00")
    empty.import_files(MONTH)
    assert figures(empty, "CH1001") == ("15.00", "10.00", "0.00", "patient_billable")
    empty.undo(part["id"])
    assert figures(empty, "CH1001") == ("25.00", "0.00", "0.00", "closed")


def test_a_copay_that_is_what_the_claim_reports_goes_back_in_part(empty: Book) -> None:
    empty.import_files(CLAIMS)
    pay(empty, "CH1001", "25.00", date(2026, 1, 19), method="cash")
    answer = refund(empty, "CH1001", "10.00", date(2026, 1, 20), method="cash")
    assert [part["payment"] for part in answer["refunds"]] == ["M000001"]
    assert figures(empty, "CH1001")[:3] == ("15.00", "0.00", "15.00")
    empty.import_files(MONTH)
    assert figures(empty, "CH1001") == ("15.00", "10.00", "0.00", "patient_billable")
    assert unapplied(empty, "CH1001") == "0.00"
    empty.undo("M000002")
    assert figures(empty, "CH1001") == ("25.00", "0.00", "0.00", "closed")


def test_a_check_that_bounces_after_a_part_went_back(book: Book) -> None:
    paid = pay(book, "CH1002", "500.00", method="check")
    refund(book, "M000001", "100.00")
    told = {"received_on": date(2026, 3, 20), "reason": "no funds", "user": "kim"}
    (note,) = book.bounce("M000001", **told)["notes"]
    assert note.startswith("100.00 of it went back to the patient as M000002")
    assert figures(book, "CH1002")[0] == "0.00"
    assert unapplied(book, "CH1002") == "-100.00"  # the patient owes what was given back
    assert paid["unapplied"] != "0.00"
    with pytest.raises(NotAllowed, match="came back"):
        refund(book, "M000001", "1.00")


BACK = {"received_on": date(2026, 3, 20), "reason": "moved away", "user": "kim"}


def test_a_refund_that_comes_back_is_the_patients_credit_again(book: Book) -> None:
    paid = pay(book, "CH1002", "500.00")
    before = cash(book)
    refund(book, "M000001", paid["unapplied"])
    sent = book.report("trial-balance", as_of=date(2026, 3, 19))
    answer = book.bounce("M000002", **BACK)

    (part,) = answer["returns"]["refunds"]
    assert (answer["id"], part["returned"]["id"]) == ("M000003", "M000003")
    assert part["returned"]["received_on"] == "2026-03-20"
    assert answer["returns"]["refunded"] == "0.00"
    assert (unapplied(book, "CH1002"), cash(book)) == (paid["unapplied"], before)
    assert book.report("trial-balance", as_of=date(2026, 3, 19)) == sent
    with pytest.raises(NotAllowed, match="already"):
        book.bounce("M000002", **BACK)
    with pytest.raises(NotAllowed, match="M000003"):
        book.undo("M000002")
    with pytest.raises(NotFound):
        book.bounce("M000003", **BACK)
    book.undo("M000003")
    assert unapplied(book, "CH1002") == "0.00"
    assert book.report("patient-payments")["totals"]["refunded"] == paid["unapplied"]
    book.bounce("M000002", **BACK)
    refund(book, "M000001", paid["unapplied"], date(2026, 3, 21))
    assert unapplied(book, "CH1002") == "0.00"


def test_a_refund_that_comes_back_pays_what_is_open_by_then(empty: Book) -> None:
    empty.import_files(CLAIMS)
    pay(empty, "CH1002", "150.00", date(2026, 2, 3))
    refund(empty, "M000001", "100.00", date(2026, 2, 4))
    empty.import_files(MONTH)
    assert figures(empty, "CH1002")[:2] == ("50.00", "68.00")
    empty.bounce("M000002", **BACK)
    assert figures(empty, "CH1002") == ("118.00", "0.00", "0.00", "closed")
    assert unapplied(empty, "CH1002") == "32.00"
    steps = [s["date"] for s in empty.claim("CH1002")["steps"] if s["what"] == "patient_applied"]
    assert steps == ["2026-02-03", "2026-03-20"]


@pytest.mark.parametrize("entered", [False, True], ids=["claim", "payment"])
def test_a_refund_of_what_the_claim_reports_comes_back(empty: Book, entered: bool) -> None:
    empty.import_files(CLAIMS)
    if entered:
        pay(empty, "CH1001", "25.00", date(2026, 1, 19), method="cash")
    (part,) = refund(empty, "CH1001", "10.00", date(2026, 1, 20))["refunds"]
    empty.bounce(part["id"], **BACK)
    assert figures(empty, "CH1001")[:3] == ("25.00", "0.00", "25.00")
    steps = [s for s in empty.claim("CH1001")["steps"] if s["what"] == "patient_refund_returned"]
    assert [s["amounts"] for s in steps] == [{"patient_paid": "10.00"}]
    assert "came back" in steps[0]["text"]
    (row,) = empty.report("patient-payments")["rows"]
    assert (row["refunded"], row["unapplied"]) == ("0.00", "0.00")
    empty.import_files(MONTH)
    assert figures(empty, "CH1001") == ("25.00", "0.00", "0.00", "closed")
    assert unapplied(empty, "CH1001") == "0.00"


@pytest.mark.parametrize("first", [date(2026, 3, 18), date(2026, 3, 25)])
def test_payment_and_refund_may_both_come_back(book: Book, first: date) -> None:
    before = cash(book)
    pay(book, "CH1002", "500.00", method="check")
    refund(book, "M000001", "100.00")
    book.bounce("M000001", received_on=first, reason="no funds", user="kim")
    assert unapplied(book, "CH1002") == "-100.00"
    book.bounce("M000002", **BACK)
    assert (unapplied(book, "CH1002"), figures(book, "CH1002")[0]) == ("0.00", "0.00")
    assert cash(book) == before


def test_a_closed_period_keeps_the_refund_that_came_back_later(book: Book) -> None:
    pay(book, "CH1002", "500.00", date(2026, 2, 10))
    refund(book, "M000001", "100.00", date(2026, 2, 11))
    book.close_period("2026-02", reason="handed in", user="kim")
    closed = book.report("trial-balance", as_of=date(2026, 2, 28))
    book.bounce("M000002", **BACK)
    assert book.report("trial-balance", as_of=date(2026, 2, 28)) == closed


def test_a_refund_cheque_that_came_back_is_not_outstanding(book: Book) -> None:
    pay(book, "CH1002", "500.00")
    refund(book, "M000001", "100.00")
    assert [c["id"] for c in book.reconcile()["refund_cheques"]] == ["M000002"]
    decision = book.set_deposit_aside("M000002", reason="cashed", user="kim")["decision"]
    with pytest.raises(NotAllowed, match=decision):
        book.bounce("M000002", **BACK)
    book.undo(decision)
    book.bounce("M000002", **BACK)
    assert book.reconcile()["refund_cheques"] == []


@pytest.mark.parametrize(
    ("target", "amount", "told", "error"),
    [
        ("M000009", "1.00", {}, NotFound),
        ("NOBODY", "1.00", {}, NotFound),
        ("M000001", "0", {}, BadRequest),
        ("M000001", "1.00", {"method": "shells"}, BadRequest),
        ("M000001", "1.00", {"reason": " "}, BadRequest),
        ("M000001", "1.00", {"day": date(2026, 3, 15)}, BadRequest),
        ("M000001", "1.00", {"day": date(2999, 1, 1)}, BadRequest),
    ],
)
def test_what_is_no_refund_is_refused(
    book: Book, target: str, amount: str, told: dict[str, Any], error: type[Exception]
) -> None:
    pay(book, "CH1002", "500.00")
    before = book.report("patient-payments")["rows"]
    with pytest.raises(error):
        refund(book, target, amount, **told)
    assert book.report("patient-payments")["rows"] == before


def test_the_very_same_refund_wants_a_word(book: Book) -> None:
    pay(book, "CH1002", "500.00")
    refund(book, "M000001", "10.00")
    with pytest.raises(NotAllowed, match="M000002"):
        refund(book, "M000001", "10.00")
    refund(book, "M000001", "10.00", again=True)
    assert book.report("patient-payments")["totals"]["refunded"] == "20.00"


@pytest.mark.parametrize(
    ("target", "amount", "told", "error"),
    [
        ("NOBODY", "1.00", {}, NotFound),
        ("A000999", "1.00", {}, NotFound),
        ("CH1002", "-1", {}, BadRequest),
        ("CH1002", "1.005", {}, BadRequest),
        ("CH1002", "1.00", {"method": "shells"}, BadRequest),
        ("CH1002", "1.00", {"day": date(2999, 1, 1)}, BadRequest),
    ],
)
def test_what_is_no_payment_is_refused(
    book: Book, target: str, amount: str, told: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        pay(book, target, amount, **told)
    assert book.report("patient-payments")["rows"] == []


def test_the_very_same_payment_wants_a_word(book: Book) -> None:
    pay(book, "CH1002", "10.00")
    with pytest.raises(NotAllowed, match="M000001"):
        pay(book, "CH1002", "10.00")
    pay(book, "CH1002", "10.00", again=True)
    assert figures(book, "CH1002")[0] == "20.00"


# -- tables -----------------------------------------------------------------------------------

TABLE = """\
Receipt,Paid on,Sum,Kind,Visit
9001,03/10/2026,50.00,VISA,CH1002
9002,03/10/2026,30.00,CHECK,CH1002
9003,03/11/2026,12.00,CASH,LATER1
"""
MAPPING = {
    "columns": {
        "reference": "Receipt",
        "date": "Paid on",
        "amount": "Sum",
        "method": "Kind",
        "claim": "Visit",
    },
    "date_format": "%m/%d/%Y",
    "values": {"method": {"VISA": "card"}},
}


def table(folder: Path, text: str = TABLE, name: str = "march.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def take(book: Book, path: Path, **told: Any) -> dict[str, Any]:
    return dict(book.import_payments(path, mapping=MAPPING, **KIM, **told))


def test_a_table_is_previewed_posted_once_and_taken_back(book: Book, tmp_path: Path) -> None:
    path = table(tmp_path)
    seen = take(book, path, dry_run=True)
    assert book.report("patient-payments")["rows"] == []
    done = take(book, path)
    same = ("payments", "payments_total", "by_method", "applied", "unapplied", "held", "known")
    assert {k: done[k] for k in same} == {k: seen[k] for k in same}
    assert (done["payments"], done["payments_total"], done["applied"]) == (3, "92.00", "80.00")
    assert done["by_method"] == {"card": "50.00", "check": "30.00", "cash": "12.00"}
    assert (done["exceptions"], done["held"]) == (1, "12.00")
    assert figures(book, "CH1002")[:2] == ("80.00", "38.00")

    again = take(book, table(tmp_path, name="copy.csv"))
    assert (again["payments"], again["known"]) == (0, 3)
    assert again["files"][0]["status"] == "duplicate"
    assert figures(book, "CH1002")[0] == "80.00"

    book.undo(done["import"])
    assert figures(book, "CH1002")[0] == "80.00"  # the copy stands in
    book.undo(again["import"])
    assert figures(book, "CH1002")[0] == "0.00"
    take(book, path)
    assert figures(book, "CH1002")[0] == "80.00"


def test_a_payment_by_command_is_known_in_a_table(book: Book, tmp_path: Path) -> None:
    pay(book, "CH1002", "50.00", date(2026, 3, 10), reference="9001")
    assert take(book, table(tmp_path))["known"] == 1
    assert figures(book, "CH1002")[0] == "80.00"


def test_true_twins_in_a_table_are_two(book: Book, tmp_path: Path) -> None:
    twin = "Receipt,Paid on,Sum,Kind,Visit\n" + ",03/10/2026,5.00,CASH,CH1002\n" * 2
    assert take(book, table(tmp_path, twin))["payments"] == 2
    assert figures(book, "CH1002")[0] == "10.00"


@pytest.mark.parametrize(
    ("told", "text", "code"),
    [
        ({"expect_count": 4}, TABLE, "payment-control-differs"),
        ({"expect_total": "92.01"}, TABLE, "payment-control-differs"),
        ({}, TABLE.replace("30.00", "0.00"), "payment-not-positive"),
        ({}, TABLE.replace("LATER1", ""), "payment-without-target"),
        ({}, TABLE.replace("LATER1", "C009999"), "payment-target-unknown"),
        ({}, TABLE.replace("03/11/2026", "03/11/2999"), "payment-to-come"),
        ({}, TABLE.replace("CASH", "SHELLS"), "bank-field-unreadable"),
    ],
)
def test_a_table_with_a_fault_is_not_taken_in(
    book: Book, tmp_path: Path, told: dict[str, Any], text: str, code: str
) -> None:
    answer = take(book, table(tmp_path, text), **told)
    assert [f["code"] for f in answer["files"][0]["findings"]] == [code]
    assert answer["payments"] == 0
    assert book.report("patient-payments")["rows"] == []
    if code != "payment-control-differs":
        assert answer["files"][0]["findings"][0]["line"] in {3, 4}


def test_a_person_says_whose_a_payment_is(book: Book, tmp_path: Path) -> None:
    take(book, table(tmp_path))
    (waits,) = [x for x in book.exceptions()["exceptions"] if x["patient_payment"]]
    assert (waits["kind"], waits["patient_control_number"]) == (
        "patient_payment_no_claim",
        "LATER1",
    )
    decided = book.resolve(waits["id"], to="CH1002", reason="typed wrong", user="kim")
    assert decided["posted"] == "12.00"
    assert figures(book, "CH1002")[0] == "92.00"
    book.undo(decided["decision"])
    assert figures(book, "CH1002")[0] == "80.00"
