"""An office with a book, and short words for what is sent to it; the laws that every book obeys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import medcollect
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import (
    Answer,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    ProviderAdjustment,
    Remit,
    Service,
    cas,
    usd,
)

EDITH = Person("MARLOWE", "EDITH", date(1951, 3, 14))
OSCAR = Person("PEMBERTON", "OSCAR", date(1966, 7, 9), "M")

PLAIN = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12")
HARBOR = Payer("HARBOR BENEFIT FUND", "HBF02", "999000102", "CI", "15")
STONE = Payer("STONEBRIDGE TRUST", "SBT03", "999000103", "CI", "15")
MEDICARE = Payer("GREAT RIVER MEDICARE SERVICES", "GRM04", "999000104", "MB", "MB")
MEDICAID = Payer("PRAIRIE STATE MEDICAID", "PSM05", "999000105", "MC", "MC")

SERVED = date(2026, 1, 12)
ANSWERED = date(2026, 2, 2)

#: Exceptions whose amount is money of a remittance that is not applied.
CASH_KINDS = {
    "no_claim",
    "several_claims",
    "claim_not_certain",
    "reversal_differs",
    "reversal_without_original",
    "claim_payment_does_not_balance",
    "held_by_policy",
    "remittance_does_not_balance",
    "payment_unreadable",
    "debit_payment",
    "second_answer",
    "second_primary",
    "waiting_for_earlier_payer",
    "status_without_rule",
    "taken_back",
}


def later(days: int) -> date:
    return ANSWERED + timedelta(days=days)


def service(code: str, charge: str, paid: str, adjustments: str = "", **more: Any) -> Service:
    more = {"day": SERVED, **more}
    return Service(code, usd(charge), usd(paid), cas(adjustments), **more)


def answer(number: str, status: str, *services: Service, **more: Any) -> Answer:
    """A claim payment whose charge and payment are those of its services."""
    stated = {
        "charge": sum(s.charge for s in services),
        "paid": sum(s.paid for s in services),
        "patient": EDITH,
        "member_id": "W100",
        **more,
    }
    return Answer(number=number, status=status, services=services, **stated)


def whole(
    number: str, status: str, charge: str, paid: str, adjustments: str, **more: Any
) -> Answer:
    """A claim payment with one line of 99213."""
    return answer(number, status, service("99213", charge, paid, adjustments), **more)


def claim(number: str, *lines: Line, payers: tuple[Payer, ...] = (PLAIN,), **more: Any) -> Claim:
    """A claim to the first payer, the others in loop 2320; one line of 100.00 if none is given."""
    coverages = tuple(Coverage(p, f"W{n}00", "PST"[n - 1]) for n, p in enumerate(payers, 1))
    stated = {"patient": EDITH, "coverages": coverages, "service_from": SERVED, **more}
    return Claim(number=number, lines=lines or (Line("99213", usd("100")),), **stated)


class Office:
    """A book and a folder of files; every file gets a name and a control number of its own."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """An SQLite book in the folder, or the book of a URL with its settings in the folder."""
        self.folder = folder
        self.database = folder / "book.db"
        self.url = url or f"sqlite:///{self.database}"
        settings = folder / "medcollect.toml"
        if url:
            settings.touch()
        self.book = medcollect.open_book(self.url, settings=settings if url else None)
        self.sent = 0

    def write(self, text: str) -> Path:
        self.sent += 1
        path = self.folder / f"{self.sent:03d}.edi"
        path.write_text(text, encoding="ascii", newline="")
        return path

    def file(self, text: str, **more: Any) -> dict[str, Any]:
        return self.book.import_files([self.write(text)], **more)

    def bill(self, *claims: Claim, day: date = SERVED, **more: Any) -> dict[str, Any]:
        envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=self.sent + 1)
        return self.file(build_837(claims, envelope), **more)

    def pay(self, *answers: Answer, days: int = 0, payer: Payer = PLAIN, **more: Any) -> Any:
        return self.remit(self.payment(*answers, days=days, payer=payer, **more))

    def payment(self, *answers: Answer, days: int = 0, payer: Payer = PLAIN, **more: Any) -> Remit:
        stated = {"trace": f"T{self.sent + 1:05d}", "day": later(days), **more}
        return Remit(payer=payer, answers=answers, **stated)

    def remit(self, *remits: Remit, **more: Any) -> dict[str, Any]:
        envelope = Envelope(day=remits[0].day, control=self.sent + 1)
        return self.file(build_835(remits, envelope), **more)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                rows = connection.execute(sa.text(statement)).all()
        finally:
            engine.dispose()
        return [tuple(int(x) if isinstance(x, Decimal) else x for x in row) for row in rows]

    def kinds(self) -> list[str]:
        return sorted(x["kind"] for x in self.book.exceptions()["exceptions"])

    def exception(self, kind: str) -> dict[str, Any]:
        (found,) = self.book.exceptions(kind=kind)["exceptions"]
        return found

    def denied(self, **more: Any) -> list[tuple[str, str]]:
        rows = self.book.denials(**more)["denials"]
        return sorted((f"{row['group']}-{row['reason']}", row["amount"]) for row in rows)


def cents(text: str) -> int:
    return usd(text)


def sound(office: Office) -> None:
    """The laws of the whole book (DESIGN 6.1 and 8.1), after whatever was done to it."""
    unbalanced = office.sql(
        "SELECT entry_id FROM postings GROUP BY entry_id HAVING SUM(cents) <> 0"
    )
    assert unbalanced == []
    wrong_cash = office.sql(
        "SELECT r.id FROM remittances r LEFT JOIN postings p ON p.remittance_id = r.id"
        " AND p.account = 'payer_cash' WHERE r.status = 'active'"
        " GROUP BY r.id, r.payment_cents HAVING COALESCE(SUM(p.cents), 0) <> r.payment_cents"
    )
    assert wrong_cash == []
    for row in office.book.report("claims")["rows"]:
        parts = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")
        explained = sum(cents(row[part]) for part in parts) - cents(row["payer_credit"])
        assert explained == cents(row["charge"])
    released = office.sql("SELECT COUNT(*) FROM decisions WHERE status = 'active'")[0][0]
    if not released:
        assert_unapplied_is_explained(office)


def assert_unapplied_is_explained(office: Office) -> None:
    rows = office.book.report("remittances")["rows"]
    unapplied = sum(cents(row["unapplied"]) for row in rows)
    waiting = office.book.exceptions()["exceptions"]
    assert unapplied == sum(cents(x["amount"]) for x in waiting if x["kind"] in CASH_KINDS)
    for row in rows:
        if row["status"] != "reissued":
            assert cents(row["posted"]) + cents(row["unapplied"]) == cents(row["payment"])


def expect(office: Office, number: str, state: str, charge: str, **figures: str) -> dict[str, Any]:
    """Check every figure of a claim; what is not named must be 0.00.

    ``patient_due`` and ``patient_billable`` follow from the others unless named.
    """
    found = office.book.claim(number)
    assert not found.get("ambiguous"), "several claims carry the number"
    names = ("insurance_paid", "written_off", "patient_responsibility", "patient_paid")
    names += ("insurance_open", "credit", "payer_credit")
    wanted = {name: figures.pop(name, "0.00") for name in names}
    owed = cents(wanted["patient_responsibility"]) - cents(wanted["patient_paid"])
    due = f"{max(owed, 0) // 100}.{max(owed, 0) % 100:02d}"
    wanted["patient_due"] = figures.pop("due", due)
    wanted["patient_billable"] = figures.pop("billable", due)
    wanted |= {"charge": charge, "state": state}
    assert not figures, f"unknown figures {sorted(figures)}"
    assert {name: found[name] for name in wanted} == wanted
    assert_lines_and_account_agree(office, found)
    return found


def assert_lines_and_account_agree(office: Office, found: dict[str, Any]) -> None:
    """The lines of a claim add up to the claim, and the account to its claims."""
    names = ("insurance_paid", "written_off", "patient_responsibility")
    for name in names:
        assert sum(cents(line[name]) for line in found["lines"]) == cents(found[name]), name
    still_open = sum(cents(line["insurance_open"]) for line in found["lines"])
    assert still_open == cents(found["insurance_open"]) - cents(found["payer_credit"])
    account = office.book.balance(found["account"])
    for name in (*names, "patient_due", "patient_billable", "credit"):
        assert sum(cents(c[name]) for c in account["claims"]) == cents(account[name]), name


def clean(result: dict[str, Any], payments: str) -> None:
    """An import that proves and posts to the last cent."""
    assert result["balanced"] is True
    assert (result["payments_total"], result["posted"]) == (payments, payments)
    assert (result["unapplied"], result["exceptions"]) == ("0.00", 0)


#: Another patient's payment, large enough to carry a takeback.
THIRD_VISIT = whole("PCN3", "1", "310", "310", "", patient=OSCAR, member_id="W200")
PAID_80 = whole("PCN1", "1", "100", "80", "CO-45 20", control_number="ICN100")


PRIMARY = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", control_number="P1")


SECONDARY = whole(
    "PCN1", "2", "100", "15", "OA-23 80, PR-2 5", control_number="S1", member_id="W200"
)


BOTH_PAID = {
    "insurance_paid": "75.00",
    "written_off": "20.00",
    "patient_responsibility": "5.00",
}


FIRST_VISIT = whole("VISITA", "1", "40", "30", "CO-45 10", control_number="ICNA100")


SECOND_VISIT = whole("VISITB", "1", "40", "25", "CO-45 15", control_number="ICNB200")


TWO_LINES = (Line("99213", usd("60")), Line("93000", usd("40")))


LINE_ONE = answer("PCN1", "1", service("99213", "60", "50", "CO-45 10"), control_number="ICNAAA")


LINE_TWO = answer("PCN1", "1", service("93000", "40", "0", "CO-197 40"), control_number="ICNBBB")


SECOND_DAY = SERVED + timedelta(days=7)


LIFT = answer(
    "LIFT", "1", service("99213", "500", "500"), patient=OSCAR, member_id="W900"
)  # money that carries a takeback


def visits(office: Office, *days: int) -> list[date]:
    """The practice sends the account number as CLM01: one claim of 100.00 for each day."""
    served = [SERVED + timedelta(days=day) for day in days]
    office.bill(*(claim("ACCT7", service_from=day) for day in served))
    return served


def at(day: date, paid: str, adjustments: str, **more: Any) -> Answer:
    return answer("ACCT7", "1", service("99213", "100", paid, adjustments, day=day), **more)


def by_day(office: Office, number: str = "ACCT7") -> dict[str, dict[str, Any]]:
    listed = office.book.claim(number)
    assert listed["ambiguous"] is True
    return {c["service_from"]: office.book.claim(c["id"]) for c in listed["claims"]}


def one_answer(office: Office, paid: Answer, **more: Any) -> dict[str, Any]:
    """A claim of 100.00 and one answer to it."""
    office.bill(claim("PCN1", payers=(more.get("payer", PLAIN),)))
    result: dict[str, Any] = office.pay(paid, **more)
    return result


def altered(office: Office, remit: Remit, old: str, new: str) -> dict[str, Any]:
    """Import a remittance with one element changed by hand."""
    text = build_835([remit], Envelope(day=remit.day, control=office.sent + 1))
    assert old in text
    return office.file(text.replace(old, new))


def figures(office: Office) -> Any:
    """Everything that people see of money, without ids that grow."""
    rows = office.book.report("claims")["rows"]
    names = ("patient_control_number", "state", "charge", "insurance_paid", "written_off")
    names += ("patient_due", "patient_billable", "insurance_open", "credit", "payer_credit")
    waiting = [(x["kind"], x["amount"]) for x in office.book.exceptions()["exceptions"]]
    checks = office.book.report("remittances")["rows"]
    return (
        sorted(tuple(row[name] for name in names) for row in rows),
        sorted(waiting),
        sorted((r["trace_number"], r["posted"], r["unapplied"]) for r in checks),
        office.denied(),
    )


def a_837(*claims: Claim, days: int = 0) -> str:
    day = SERVED + timedelta(days=days)
    return build_837(claims, Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=days + 1))


def an_835(
    *answers: Answer, days: int = 0, payer: Payer = PLAIN, plb: Iterable[tuple[str, str]] = ()
) -> str:
    taken = tuple(ProviderAdjustment(code, "ICN100", usd(amount)) for code, amount in plb)
    remit = Remit(payer, f"T{days}", later(days), answers, provider_adjustments=taken)
    return build_835([remit], Envelope(day=remit.day, control=days + 100))
