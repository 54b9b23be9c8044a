"""Patient payments in the book, kept in step with the claims of their accounts.

Which account a payment belongs to follows from the person and the number it was entered for, so a
claim that is undone and comes again under another id of ours finds its payments. Judged account by
account once the claims are: where a payment goes depends on all claims of the patient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.derived import Figures, state_now
from medcollect.bookkeeping.payment_questions import keep_payment_questions
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.ledger.patient_payments import (
    NO_CLAIM,
    SEVERAL,
    PatientPayment,
    PatientShare,
    Refund,
    SettledPayment,
    payment_entries,
    settle_payments,
)
from medcollect.model.desk import Concerns
from medcollect.store.desk import standing_entries
from medcollect.store.engine import chunks, update_rows
from medcollect.store.identities import ACTIVE
from medcollect.store.journal import JournalWriter
from medcollect.store.patient_payments import OF_ITS_OWN, PAYMENT, REFUND, parts_back
from medcollect.store.tables import claims, decisions, patient_payments

#: Decisions on payments: to which claim, and that it is not what the claim reports.
TO_CLAIM, COUNTS_BESIDES = "payment_to_claim", "payment_counts_besides"

Row = dict[str, Any]
_KEYS = ("number_key", "birth_key", "member_key")


class KeptPayments(msgspec.Struct, frozen=True):
    """How many entries were reversed, and the accounts that were looked at."""

    corrections: int = 0
    accounts: frozenset[int] = frozenset()


def keep_patient_payments(
    connection: sa.Connection,
    accounts: Iterable[int],
    import_id: int | None,
    today: date,
    *,
    payments: Sequence[int] = (),
) -> KeptPayments:
    """Bring the payments of these accounts, and these payments, in step with the claims."""
    if connection.execute(sa.select(patient_payments.c.id).limit(1)).first() is None:
        return KeptPayments()
    work = _Work(connection)
    work.add_accounts(accounts)
    work.add(work.where(patient_payments.c.id, list(payments)))
    work.complete()
    corrections = _Keeper(connection, work, import_id, today).keep()
    return KeptPayments(corrections, frozenset(work.accounts))


class _Work:
    """Accounts with their claims and payments, until no payment leads to another account."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.claims: dict[int, Row] = {}
        self.payments: dict[int, Row] = {}
        self.accounts: set[int] = set()
        self._open: set[int] = set()
        self._by: dict[tuple[str, Any], list[Row]] = {}
        self._people = People(standing_entries(connection))

    def add_accounts(self, accounts: Iterable[int]) -> None:
        """Note accounts whose claims and payments are wanted."""
        self._open.update(set(accounts) - self.accounts)

    def add(self, rows: Iterable[Row]) -> None:
        """Take payments in, with the accounts that they stood on so far."""
        for row in rows:
            if row["id"] not in self.payments:
                self.payments[row["id"]] = row
                if row["account_id"] is not None:
                    self.add_accounts([row["account_id"]])

    def where(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> list[Row]:
        """Payments, and refunds of what claims report, with one of these values."""
        found: list[Row] = []
        for some in chunks(values):
            query = sa.select(patient_payments).where(column.in_(some), OF_ITS_OWN)
            found += [dict(row._mapping) for row in self.connection.execute(query)]
        return found

    def complete(self) -> None:
        """Follow accounts to payments and payments to accounts."""
        while True:
            self._decide()
            fresh = [r for r in self.payments.values() if r["status"] == ACTIVE and "link" not in r]
            self._look_up(fresh)
            for row in fresh:
                row["link"] = self._link(row)
                if row["link"][0] is not None:
                    self.add_accounts([row["link"][0]])
            if not self._open:
                return
            new, self._open = sorted(self._open), set()
            self.accounts.update(new)
            self._load(new)

    def _load(self, accounts: Sequence[int]) -> None:
        """The claims of accounts, and the payments that stand on them or name their people."""
        found = self._claims(claims.c.account_id, accounts)
        self.claims.update({row["id"]: row for row in found})
        self.add(self.where(patient_payments.c.account_id, accounts))
        for key in _KEYS:
            values = sorted({row[key] for row in found} - {""})
            self.add(self.where(patient_payments.c[key], values))

    def _claims(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> list[Row]:
        """Active claims with one of these values."""
        found: list[Row] = []
        for some in chunks(values):
            query = sa.select(claims).where(column.in_(some), claims.c.status == "active")
            found += [
                dict(r._mapping) for r in self.connection.execute(query.order_by(claims.c.id))
            ]
        return found

    def _decide(self) -> None:
        """Put people's decisions on payments beside them."""
        fresh = [number for number, row in self.payments.items() if "decided" not in row]
        for number in fresh:
            self.payments[number]["decided"] = {}
        for some in chunks(fresh):
            query = sa.select(decisions).where(
                decisions.c.patient_payment_id.in_(some), decisions.c.status == ACTIVE
            )
            for row in self.connection.execute(query.order_by(decisions.c.id)):
                self.payments[row.patient_payment_id]["decided"][row.kind] = row.claim_id

    def _link(self, row: Row) -> tuple[int | None, int | None, str]:
        """Account, named claim, and why neither: by a person, else by number and person."""
        decided = row["decided"].get(TO_CLAIM)
        found = self._apart(row) if decided is None else self._by["id", decided]
        accounts = {claim["account_id"] for claim in found}
        if len(accounts) != 1:
            return (None, None, SEVERAL if accounts else NO_CLAIM)
        account = accounts.pop()
        if not row["number_key"] and decided is None:
            return (account, None, "")
        dated = [c for c in found if c["service_from"] == row["service_from"]]
        exact = found if len(found) == 1 else dated
        return (account, exact[0]["id"] if len(exact) == 1 else None, "")

    def _look_up(self, rows: Sequence[Row]) -> None:
        """The claims that these payments may mean, by what they name or went with."""
        wanted: dict[str, set[Any]] = {key: {row[key] for row in rows} - {""} for key in _KEYS}
        wanted["id"] = {row["decided"].get(TO_CLAIM) for row in rows} - {None}
        for claim in (claim for row in rows for claim in self._went_with(row)):
            for key in _KEYS:
                wanted[key] |= {getattr(claim, key)} - {""}
        for key, values in wanted.items():
            fresh = sorted(value for value in values if (key, value) not in self._by)
            self._by.update({(key, value): [] for value in fresh})
            for found in self._claims(claims.c[key], fresh):
                self._by[key, found[key]].append(found)

    def _went_with(self, row: Row) -> list[Concerns]:
        """Claims that were split off together with a payment."""
        splits = self._people.went_with(row["identity"]).values()
        return [claim for split in splits for claim in split.claims]

    def _apart(self, row: Row) -> list[Row]:
        """Claims that a payment may mean; of split accounts, those on the payment's side."""
        found = self._named(row)
        went = [
            claim
            for one in self._went_with(row)
            for key in _KEYS
            for claim in self._by.get((key, getattr(one, key)), ())
        ]
        if row["number_key"] or len({claim["account_id"] for claim in (*found, *went)}) <= 1:
            return found
        person = Concerns(birth_key=row["birth_key"], member_key=row["member_key"])
        side = {*self._people.side(person), *self._people.went_with(row["identity"])}
        mine = [c for c in (*found, *went) if side == set(self._people.side(concerns_of(c)))]
        return mine or found

    def _named(self, row: Row) -> list[Row]:
        """Claims that a payment's number and person mean."""
        people = [key for key in ("birth_key", "member_key") if row[key]]
        if not row["number_key"]:
            return [claim for key in people for claim in self._by[key, row[key]]]
        return [
            claim
            for claim in self._by["number_key", row["number_key"]]
            if not people or any(claim[key] == row[key] for key in people)
        ]


class _Keeper:
    """Settles accounts and writes what differs."""

    def __init__(
        self, connection: sa.Connection, work: _Work, import_id: int | None, today: date
    ) -> None:
        self.connection = connection
        self.work = work
        self.import_id = import_id
        self.today = today

    def keep(self) -> int:
        """Journal, claims, payments and exceptions; returns how many entries were reversed."""
        settled = list(self._settled())
        journal = JournalWriter(self.connection, self.import_id, self.today)
        wanted = {one.payment.id: payment_entries(one) for one in settled}
        ids = sorted(self.work.payments)
        standing = journal.standing("patient_payment", ids)
        for number in ids:
            old = standing.get(number, [])
            journal.keep_in_step("patient_payment", number, old, wanted.get(number, []))
        journal.write()
        self._write_payments(settled)
        self._write_claims(settled)
        keep_payment_questions(self.connection, self.work.payments, settled, self.import_id)
        return journal.reversed_count

    def _settled(self) -> Iterable[SettledPayment]:
        """Every standing payment with where it goes, account by account."""
        returns, refunds = self._returns()
        by_account: dict[int | None, list[PatientPayment]] = defaultdict(list)
        for row in self.work.payments.values():
            if row["status"] == ACTIVE:
                account, claim, hold = row["link"]
                back = returns.get(row["id"]), tuple(refunds.get(row["id"], ()))
                payment = _payment(row, claim, hold, *back)
                by_account[account].append(payment)
        shares: dict[int | None, list[PatientShare]] = defaultdict(list)
        for row in self.work.claims.values():
            shares[row["account_id"]].append(_share(row))
        for account, payments in by_account.items():
            mine = shares[account] if account is not None else []
            yield from settle_payments(payments, mine)

    def _returns(self) -> tuple[dict[int, date], dict[int, list[Refund]]]:
        """The day on which payments came back, and what of them was refunded."""
        returned: dict[int, date] = {}
        refunded: dict[int, list[Refund]] = defaultdict(list)
        parts = list(parts_back(self.connection, sorted(self.work.payments)))
        refunds = [row.id for row in parts if row.kind == REFUND]
        back = {r.returns: r.received_on for r in parts_back(self.connection, refunds)}
        for row in parts:
            if row.kind == REFUND:
                told = (row.received_on, row.amount_cents, row.method, back.get(row.id))
                refunded[row.returns].append(Refund(*told))
            else:
                returned[row.returns] = row.received_on
        return returned, refunded

    def _write_payments(self, settled: Sequence[SettledPayment]) -> None:
        """What follows from the facts, beside them; nothing where a payment does not count."""
        by_id = {one.payment.id: one for one in settled}
        changes = []
        for number, row in self.work.payments.items():
            one = by_id.get(number)
            account, claim = row["link"][:2] if one is not None else (None, None)
            now = {
                "account_id": account,
                "claim_id": claim,
                "applied_cents": one.applied_cents if one is not None else 0,
                "held": one.hold if one is not None else "",
            }
            if any(row[key] != value for key, value in now.items()):
                changes.append({"id": number, **now})
        update_rows(self.connection, patient_payments, changes)

    def _write_claims(self, settled: Sequence[SettledPayment]) -> None:
        """What patients paid on each claim, and the state that follows."""
        paid: dict[int, int] = defaultdict(int)
        for one in settled:
            back = one.payment.returned_on is not None
            for application in one.applied:
                if application.reported:
                    paid[application.claim] -= application.cents if back else 0
                else:
                    paid[application.claim] += 0 if back else application.cents
        changes = []
        for number, row in self.work.claims.items():
            cents = row["patient_reported_cents"] + paid[number]
            if cents != row["patient_paid_cents"]:
                changes.append({"id": number, "patient_paid_cents": cents, **_state(row, cents)})
        update_rows(self.connection, claims, changes)


def _payment(
    row: Row, claim: int | None, hold: str, returned: date | None, refunds: tuple[Refund, ...]
) -> PatientPayment:
    """A row as posting takes it."""
    return PatientPayment(
        id=row["id"],
        received_on=row["received_on"],
        cents=row["amount_cents"] if row["kind"] == PAYMENT else -row["amount_cents"],
        identity=row["identity"],
        method=row["method"],
        claim=claim,
        hold=hold,
        counts_besides=COUNTS_BESIDES in row["decided"],
        returned_on=returned,
        refunds=refunds,
    )


def _share(row: Row) -> PatientShare:
    """What of a claim's row is the patient's: a small rest that was given up may yet be paid."""
    given_up = row["small_balance_cents"] if row["waiting_rank"] <= 1 else 0
    return PatientShare(
        claim=row["id"],
        number=row["number_key"],
        since=row["last_answer_date"] or row["service_from"],
        service_from=row["service_from"],
        responsibility_cents=row["patient_responsibility_cents"] + given_up,
        held_cents=row["patient_held_cents"],
        open_cents=max(row["insurance_receivable_cents"], 0),
        reported_cents=row["patient_reported_cents"],
        reported_until=row["reported_until"],
    )


def _state(row: Row, paid_cents: int) -> Row:
    """The state of a claim with what the patient paid; a payer's work stays what it is."""
    figures = Figures(
        patient_responsibility=row["patient_responsibility_cents"],
        patient_paid=paid_cents,
        receivable=row["insurance_receivable_cents"],
    )
    return {"state": state_now(figures, row["state"], row["patient_held_cents"])}
