"""Open balances as tables: the same that ``open-balances`` reads, so that a book can be moved.

A claim goes out as it stands now, whatever led there: what each payer paid, what is written off,
what the patient paid and owes, what is open with a payer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.cases import build_case
from medcollect.bookkeeping.derived import patient_of
from medcollect.bookkeeping.entered import with_entries
from medcollect.bookkeeping.people import People
from medcollect.ids import name
from medcollect.ledger import ClaimCase
from medcollect.matching.docs import Group
from medcollect.matching.keys import name_key
from medcollect.model.opening import RANK_CODES
from medcollect.model.opening_columns import FIELDS
from medcollect.model.posting import PAYER_CASH_REPORTED, UNAPPLIED
from medcollect.money import format_cents
from medcollect.store.desk import standing_entries
from medcollect.store.engine import Store, chunks
from medcollect.store.tables import accounts, claims, journal_entries, postings
from medcollect.tasks.export_beside import money_waiting, tables_beside
from medcollect.tasks.figures import text_of
from medcollect.tasks.load import load_claims
from medcollect.tasks.payment_view import unapplied_payments

Row = dict[str, Any]

_MONEY: Final = frozenset(
    {
        "charge", "written_off", "patient_paid", "insurance_open", "patient_due",
        "patient_not_billable", "line_charge", "amount",
    }
)  # fmt: skip


class _Payer(msgspec.Struct):
    """A payer of a claim in its place, and what it paid; ``None`` where it has not answered."""

    name: str
    id: str = ""
    kind: str = ""
    claim_number: str = ""
    paid_cents: int | None = None
    paid_on: date | None = None


def export_balances(store: Store, *, closed: bool = False, today: date | None = None) -> Row:
    """The tables patients, claims, lines and payments, and ``flat``: all of it in one.

    Claims on which nothing is open are left out, unless ``closed``, or unless their account has a
    credit. Refusals that are worked, and what waits in exceptions, stand in tables beside.
    """
    with store.reading() as connection:
        return _Export(connection, closed=closed).tables(today or dates.today())


class _Export:
    """Gathers the rows of all tables, account by account."""

    def __init__(self, connection: sa.Connection, *, closed: bool) -> None:
        self.connection = connection
        self.people = People(standing_entries(connection))
        self.credits = [p for p in unapplied_payments(connection) if p.account is not None]
        self.claim_rows = self._claims(closed=closed)
        self.numbers = self._own_numbers()
        self.rows: dict[str, list[Row]] = {table: [] for table in (*FIELDS, "flat")}
        self.notes: list[str] = []

    def _claims(self, *, closed: bool) -> list[Row]:
        """The claims that go out, in the order of their ids."""
        owes = claims.c.patient_responsibility_cents != claims.c.patient_paid_cents
        is_open = (claims.c.insurance_receivable_cents != 0) | owes
        query = sa.select(claims).where(claims.c.status == "active").order_by(claims.c.id)
        with_credit = sorted({payment.account for payment in self.credits if payment.account})
        wanted = sa.true() if closed else is_open | claims.c.account_id.in_(with_credit)
        return [dict(row._mapping) for row in self.connection.execute(query.where(wanted))]

    def _own_numbers(self) -> dict[int, str]:
        """The number of each claim: the practice's; ours where several claims share it."""
        sharing: dict[str, list[int]] = defaultdict(list)
        for row in self.claim_rows:
            sharing[row["patient_control_number"]].append(row["id"])
        return {
            claim: number if number and len(ids) == 1 else name("C", claim)
            for number, ids in sharing.items()
            for claim in ids
        }

    def tables(self, as_of: date) -> Row:
        """All tables with their columns."""
        for some in chunks(self.claim_rows):
            paid = self._paid([row["id"] for row in some])
            for row, group in load_claims(self.connection, some):
                self._claim(row, group, paid[row["id"]])
        self._patients()
        for payment in self.credits:
            self._credit(payment.account or 0, payment.cents, payment.received_on)
        beside = tables_beside(self.connection, self.numbers)
        waiting = money_waiting(beside)
        return {
            "as_of": as_of.isoformat(),
            "claims": len(self.claim_rows),
            "credits": len(self.credits),
            "totals": self._totals(),
            "tables": [*(_table(table, rows) for table, rows in self.rows.items()), *beside],
            "notes": [*self.notes, *([waiting] if waiting else [])],
        }

    def _totals(self) -> dict[str, str]:
        """What the other side must add up to."""
        on_accounts = sum(payment.cents for payment in self.credits)
        sums = {
            "charge": sum(row["charge_cents"] for row in self.claim_rows),
            "insurance_open": sum(r["insurance_receivable_cents"] for r in self.claim_rows),
            "patient_due": sum(_due(row) for row in self.claim_rows) - on_accounts,
        }
        total = sums["insurance_open"] + sums["patient_due"]
        return {key: format_cents(cents) for key, cents in {**sums, "total": total}.items()}

    def _paid(self, ids: Sequence[int]) -> dict[int, dict[int, int]]:
        """What payers paid on each claim: by claim payment, 0 for what the claim reports."""
        found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        query = (
            sa.select(
                postings.c.claim_id,
                postings.c.account,
                journal_entries.c.document_id,
                sa.func.sum(postings.c.cents),
            )
            .join(journal_entries, journal_entries.c.id == postings.c.entry_id)
            .where(postings.c.claim_id.in_(ids))
            .where(postings.c.account.in_([UNAPPLIED, PAYER_CASH_REPORTED]))
            .group_by(postings.c.claim_id, postings.c.account, journal_entries.c.document_id)
        )
        for claim, account, document, cents in self.connection.execute(query):
            found[claim][document if account == UNAPPLIED else 0] += int(cents)
        return found

    # -- one claim --------------------------------------------------------------------------

    def _claim(self, row: Row, group: Group, paid: dict[int, int]) -> None:
        case = with_entries(build_case(group), group, self.people)
        number, account = self.numbers[row["id"]], name("A", row["account_id"])
        payers = _payers(case, group, paid)
        held = row["patient_held_cents"]
        if len(payers) > len(RANK_CODES):
            self.notes.append(
                f"{number} has {len(payers)} payers, and the tables have columns for "
                f"{len(RANK_CODES)}: what the others paid stands in payments alone."
            )
        base = {
            "claim": number,
            "account": account,
            "practice_id": patient_of(group).practice_key,
            "practice_name": _practice_name(group),
            "service_from": text_of(row["service_from"]),
            "service_to": text_of(row["service_to"]),
            "charge": format_cents(row["charge_cents"]),
            "written_off": format_cents(row["written_off_cents"]),
            "insurance_open": format_cents(row["insurance_receivable_cents"]),
            "patient_due": format_cents(_due(row)),
            "patient_not_billable": format_cents(max(min(held, _due(row)), 0)),
            "diagnoses": _diagnoses(group),
            **_payer_cells(payers[: len(RANK_CODES)]),
        }
        self.rows["claims"].append(base)
        self.rows["lines"] += [{"claim": number, **line} for line in _lines(case, group, row)]
        patient_paid = row["patient_paid_cents"]
        self.rows["payments"] += _payment_rows(number, payers, patient_paid)
        amounts = {
            f"payer_{place}{part}": value
            for place, payer in enumerate(payers[: len(RANK_CODES)], 1)
            if payer.paid_cents is not None
            for part, value in (
                ("_paid", format_cents(payer.paid_cents)),
                ("_paid_on", text_of(payer.paid_on)),
            )
        }
        self.rows["flat"].append({**base, **amounts, "patient_paid": format_cents(patient_paid)})

    # -- accounts ---------------------------------------------------------------------------

    def _patients(self) -> None:
        """The people of the accounts; the flat table says them in each row."""
        people: dict[str, Row] = {}
        for some in chunks(sorted({row["account_id"] for row in self.claim_rows})):
            query = sa.select(accounts).where(accounts.c.id.in_(some)).order_by(accounts.c.id)
            for person in self.connection.execute(query):
                people[name("A", person.id)] = {
                    "account": name("A", person.id),
                    "last_name": person.last_name,
                    "first_name": person.first_name,
                    "birth_date": text_of(person.birth_date),
                    "member_id": person.member_id,
                }
        self.rows["patients"] = list(people.values())
        self.rows["flat"] = [{**row, **people[row["account"]]} for row in self.rows["flat"]]

    def _credit(self, account: int, cents: int, day: date) -> None:
        """Money of a patient that no claim takes."""
        whose = name("A", account)
        paid = {"paid_by": "patient", "amount": format_cents(cents), "paid_on": text_of(day)}
        self.rows["payments"].append({"account": whose, **paid})
        person = next((row for row in self.rows["patients"] if row["account"] == whose), None)
        if person is not None:
            practice = next(r for r in self.rows["flat"] if r["account"] == whose)["practice_id"]
            due = {"practice_id": practice, "patient_due": format_cents(-cents)}
            self.rows["flat"].append({**person, **due})


def _due(row: Row) -> int:
    """What the patient owes; below zero a credit."""
    return int(row["patient_responsibility_cents"] - row["patient_paid_cents"])


def _practice_name(group: Group) -> str:
    return group.documents[-1].claim.billing_provider.last_name if group.documents else ""


def _payers(case: ClaimCase, group: Group, paid: dict[int, int]) -> list[_Payer]:
    """The payers in their order: those that the claim names, then others that answered."""
    found = _named_payers(case, group)
    rest = _reported(case, found, paid.get(0, 0))
    for payment in group.payments:
        payer = found.setdefault(payment.payer_key, _Payer(payment.payer_name))
        payer.paid_cents = (payer.paid_cents or 0) + paid.get(payment.id, 0)
        payer.paid_on = payment.payment_date
        payer.claim_number = payment.payment.payer_claim_control_number or payer.claim_number
    known = {0, *(payment.id for payment in group.payments)}
    rest += sum(cents for document, cents in paid.items() if document not in known)
    ordered = list(found.values())
    if rest:
        ordered = ordered or [_Payer("")]
        ordered[0].paid_cents = (ordered[0].paid_cents or 0) + rest
    return ordered


def _named_payers(case: ClaimCase, group: Group) -> dict[str, _Payer]:
    """The payers that the claim names, with their numbers, by what tells them apart."""
    found: dict[str, _Payer] = {}
    for expected in case.payers:
        payer = _Payer(expected.payer_name, kind=expected.filing_indicator)
        found.setdefault(expected.payer_key, payer)
    for document in group.documents:
        for coverage, number in _named(document.claim):
            named = found.get(name_key(coverage.payer.last_name, coverage.payer.first_name))
            if named is not None:
                named.id, named.claim_number = coverage.payer.id, number or named.claim_number
    return found


def _reported(case: ClaimCase, found: dict[str, _Payer], cents: int) -> int:
    """Share what the claim reports of its payers' money; what of it no answer explains is left."""
    for answer in case.reported:
        payer = found.setdefault(answer.payer_key, _Payer(answer.payer_name))
        part = min(answer.payment.paid_cents, cents)
        payer.paid_cents, payer.paid_on = part, answer.payment_date
        cents -= part
    return cents


def _named(claim: Any) -> Iterator[tuple[Any, str]]:
    """The coverages of a claim with the payer's number for it."""
    yield claim.coverage, ""
    for other in claim.other_payers:
        yield other.coverage, other.payer_claim_control_number


def _payer_cells(payers: Iterable[_Payer]) -> Row:
    """Who the payers are; what they paid stands elsewhere."""
    cells: Row = {}
    for place, payer in enumerate(payers, 1):
        key = f"payer_{place}"
        cells |= {
            key: payer.name or "UNKNOWN PAYER",
            f"{key}_id": payer.id,
            f"{key}_kind": payer.kind,
            f"{key}_claim_number": payer.claim_number,
        }
    return cells


def _payment_rows(number: str, payers: Iterable[_Payer], patient_paid: int) -> Iterator[Row]:
    """What each payer paid, nothing too where it answered so; and what the patient paid."""
    for place, payer in enumerate(payers, 1):
        if payer.paid_cents is not None:
            yield {
                "claim": number,
                "paid_by": str(place),
                "amount": format_cents(payer.paid_cents),
                "paid_on": text_of(payer.paid_on),
            }
    if patient_paid:
        yield {"claim": number, "paid_by": "patient", "amount": format_cents(patient_paid)}


def _diagnoses(group: Group) -> str:
    """The diagnoses as the claim was last sent, the principal one first."""
    claim = group.documents[-1].claim if group.documents else None
    return " ".join(one.code for one in claim.diagnoses) if claim is not None else ""


def _units(case: ClaimCase, group: Group) -> list[str]:
    """The units of each line, as the claim was last sent or the payer answered it."""
    if group.documents:
        units = [line.units for line in group.documents[-1].claim.lines]
    else:
        units = [service.units for p in group.payments[:1] for service in p.payment.services]
    return units if len(units) == len(case.lines) else [""] * len(case.lines)


def _lines(case: ClaimCase, group: Group, row: Row) -> Iterator[Row]:
    """The lines of a claim, where they are its charge."""
    if sum(line.charge_cents for line in case.lines) != row["charge_cents"]:
        return
    for line, units in zip(case.lines, _units(case, group), strict=True):
        yield {
            "procedure": line.procedure_code,
            "modifiers": " ".join(line.modifiers),
            "revenue_code": line.revenue_code,
            "units": units,
            "line_charge": format_cents(line.charge_cents),
            "line_from": text_of(line.service_from),
            "line_to": text_of(line.service_to),
        }


def _table(table: str, rows: list[Row]) -> Row:
    """A table as reports have it; columns that no row fills are left out, but the needed ones."""
    fields = FIELDS["claims"] if table == "flat" else FIELDS[table]
    used = {field for row in rows for field, value in row.items() if value not in (None, "")}
    needed = _NEEDED.get(table, ())
    columns = [
        {"name": field, "type": _type(field), "means": ""}
        for field in fields
        if field in used or field in needed
    ]
    return {"report": table, "columns": columns, "rows": rows}


_NEEDED: Final = {
    "claims": ("claim", "account", "service_from", "charge", "insurance_open", "patient_due"),
    "flat": ("claim", "account", "service_from", "charge", "insurance_open", "patient_due"),
    "patients": ("account", "last_name"),
    "lines": ("claim", "line_charge"),
    "payments": ("claim", "account", "paid_by", "amount"),
}


def _type(field: str) -> str:
    """The kind of a column's values."""
    if field in _MONEY or field.endswith("_paid"):
        return "money"
    is_day = field.endswith(("_from", "_to", "_date", "_on"))
    return "date" if is_day else "text"
