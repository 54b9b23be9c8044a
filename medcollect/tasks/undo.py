"""Take back an import, a remittance, a claim payment, a decision or a closing.

Money is taken back by counter-entries, in the open period.

What is left is derived anew, so that the balances are those that the remaining files alone would
give. Transactions that were skipped as duplicates, or kept aside as re-issued, step in for what is
taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.closure import WRITE_OFF_DECISION, Closure
from medcollect.bookkeeping.decisions import add_decision, apply_decision, take_decision_back
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.letter_undo import forget_letters, letters_in
from medcollect.bookkeeping.letters import SENT_KINDS
from medcollect.bookkeeping.payment_undo import (
    payments_of_import,
    refuse_returned,
    standing_payments,
    undo_payments,
)
from medcollect.bookkeeping.policies import judge_everything
from medcollect.bookkeeping.ranking import note_written
from medcollect.bookkeeping.remittances import UNDONE, keep_remittances
from medcollect.bookkeeping.revive import release_reissued, revive
from medcollect.bookkeeping.takebacks import claims_named
from medcollect.errors import NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.matching.keys import claim_keys, payment_keys
from medcollect.store import facts
from medcollect.store.bank import undo_deposits
from medcollect.store.engine import Store, chunks, update_rows
from medcollect.store.policies import newest
from medcollect.store.tables import (
    claim_documents,
    claim_payments,
    decisions,
    denials,
    deposits,
    exceptions,
    imports,
    policies,
    remittances,
    transactions,
)
from medcollect.tasks.casework import undo_bulk, undo_case_step
from medcollect.tasks.closing import reopen
from medcollect.tasks.contracts import take_contract_back
from medcollect.tasks.desk import undo_desk_entry
from medcollect.tasks.entry_view import money_entries_about

_KINDS = {
    "I": "import",
    "R": "remittance",
    "P": "claim_payment",
    "D": "decision",
    "K": "closing",
    "S": "settings",
    "M": "patient_payment",
    "E": "entry",
    "W": "step",
    "J": "bulk",
    "T": "contract",
}

#: What takes back that which people entered about claims.
_BY_HAND: Final[Mapping[str, Callable[[sa.Connection, int, date], int]]] = MappingProxyType(
    {"E": undo_desk_entry, "W": undo_case_step, "J": undo_bulk}
)

_SEE = (
    "report imports, report remittances and report decisions show their ids, "
    "claim NUMBER those of claim payments."
)


def undo(
    store: Store,
    identifier: str,
    *,
    with_decisions: bool = False,
    reason: str = "",
    user: str = "",
    today: date | None = None,
) -> dict[str, Any]:
    """Take something back; returns what was undone and how many entries were reversed.

    Raises NotFound when there is no such thing or it is undone already, NotAllowed when people's
    decisions rest on it and ``with_decisions`` is not given.
    """
    letter = identifier.strip()[:1].upper()
    number = number_of(identifier, "".join(_KINDS))
    if number is None or letter not in _KINDS:
        raise NotFound(
            "This is no id of an import, a payment, a decision, a closing or of settings.",
            "Use an id such as I000001, R000001, P000001, M000001, D000001, E000001, W000001, "
            "J000001, K000001, T000001 or S000001.",
        )
    undoer = _Undoer(store, today or dates.today())
    with store.writing() as connection:
        undoer.connection = connection
        taken: list[int] = []
        if letter == "D":
            taken = undoer.decision(number)
        elif letter == "K":
            reopen(connection, number)
        elif letter == "T":
            take_contract_back(connection, number)
        elif letter == "S":
            taken = undoer.settings(number)
        elif letter == "P":
            taken = undoer.claim_payment(number, reason, user)
        elif letter in _BY_HAND:
            undoer.corrections += _BY_HAND[letter](connection, number, undoer.today)
        elif letter == "M":
            taken = undoer.patient_payments([number], with_decisions=with_decisions)
        else:
            taken = undoer.transactions(letter, number, with_decisions=with_decisions)
    return {
        "undone": name(letter, number),
        "kind": _KINDS[letter],
        "entries_reversed": undoer.corrections,
        "decisions_taken_along": [name("D", decision) for decision in taken],
        "stands_from": [name("I", number) for number in undoer.stands_from],
        "entries_by_hand": [name("E", number) for number in undoer.entries],
    }


class _Undoer:
    """One undo in one database transaction."""

    connection: sa.Connection

    def __init__(self, store: Store, today: date) -> None:
        self.store = store
        self.today = today
        self.corrections = 0
        self.stands_from: list[int] = []
        self.entries: list[int] = []
        self._skipped: list[Any] = []

    def decision(self, number: int) -> list[int]:
        """Take a person's decision back and judge again."""
        query = sa.select(decisions).where(decisions.c.id == number, decisions.c.status == "active")
        row = self.connection.execute(query).first()
        if row is None:
            raise NotFound("There is no such decision, or it is undone already.", _SEE)
        self.corrections += take_decision_back(self.connection, dict(row._mapping), self.today)
        return []

    def settings(self, number: int) -> list[int]:
        """Take a version of the policies back; the one before it is in force again."""
        query = sa.select(policies.c.id).where(
            policies.c.id == number, policies.c.status == "active"
        )
        if self.connection.execute(query).first() is None:
            raise NotFound("There is no such version of the settings, or it is undone.", _SEE)
        in_force = newest(self.connection).id == number
        update_rows(self.connection, policies, [{"id": number, "status": UNDONE}])
        if in_force:
            self.corrections += judge_everything(self.connection, self.today)
        return []

    def claim_payment(self, number: int, reason: str, user: str) -> list[int]:
        """Take one claim payment back: its money goes to unapplied, as a decision on record."""
        query = sa.select(claim_payments.c.id, claim_payments.c.outcome).where(
            claim_payments.c.id == number
        )
        row = self.connection.execute(query).first()
        if row is None or row.outcome != "posted":
            raise NotFound("There is no such claim payment, or it is not posted.", _SEE)
        decision = add_decision(
            self.connection,
            kind="take_back",
            exception_id=0,
            claim_payment_id=number,
            reason=reason or "taken back",
            user=user,
        )
        self.corrections += apply_decision(self.connection, decision, self.today)
        return []

    def patient_payments(self, numbers: Sequence[int], *, with_decisions: bool) -> list[int]:
        """Take a patient's payment, or its return, back."""
        rows = standing_payments(self.connection, numbers)
        if not rows:
            raise NotFound("There is no such payment, or it is undone already.", _SEE)
        refuse_returned(self.connection, rows)
        resting = self._decisions_on([], [], [], paid=rows)
        self._take_along(resting, with_decisions=with_decisions)
        self.corrections += undo_payments(self.connection, rows, self.today)
        return list(resting)

    def _take_along(self, resting: Sequence[int], *, with_decisions: bool) -> None:
        """Undo the decisions that rest on what goes, or refuse."""
        if resting and not with_decisions:
            listed = ", ".join(name("D", decision) for decision in resting)
            raise NotAllowed(
                f"People's decisions rest on this: {listed}.",
                "Undo those first, or say --with-decisions to take them along.",
            )
        for some in chunks(resting):
            change = sa.update(decisions).where(decisions.c.id.in_(some)).values(status="undone")
            self.connection.execute(change)

    def transactions(self, letter: str, number: int, *, with_decisions: bool) -> list[int]:
        """Take an import or one remittance back."""
        rows = self._transactions(letter, number)
        documents = self._rows_of(claim_documents, "transaction_id", rows)
        payments = self._rows_of(claim_payments, "remittance_id", rows)
        letters = letters_in(self.connection, [row.id for row in rows])
        banked = self._deposits(number) if letter == "I" else []
        paid = payments_of_import(self.connection, number) if letter == "I" else []
        resting = self._decisions_on(documents, payments, rows, letters, banked, paid)
        self._take_along(resting, with_decisions=with_decisions)
        self.entries = money_entries_about(
            self.connection, [row.claim_id for row in (*documents, *payments) if row.claim_id]
        )
        self._forget(rows, documents, payments, letters)
        undo_deposits(self.connection, banked)
        self.corrections += undo_payments(self.connection, paid, self.today)
        if letter == "I":
            change = sa.update(imports).where(imports.c.id == number).values(status="undone")
            self.connection.execute(change)
            prints = [row.fingerprint for row in rows]
            self.stands_from = revive(self.connection, prints, self.today)
        keys = [key for row in self._remittance_rows(rows) if (key := row["payment_key"])]
        release_reissued(self.connection, keys, self.today)
        return list(resting)

    def _transactions(self, letter: str, number: int) -> list[Any]:
        """The active transactions of an import, or those of a remittance's payment in its file."""
        if letter == "R":
            return self._payment_transactions(number)
        status = self.connection.execute(
            sa.select(imports.c.status).where(imports.c.id == number)
        ).scalar()
        if status is None or status == "undone":
            raise NotFound("There is no such import, or it is undone already.", _SEE)
        query = sa.select(transactions).where(transactions.c.import_id == number)
        rows = self.connection.execute(query).all()
        self._skipped = [row for row in rows if row.status == "duplicate"]
        changes = [{"id": row.id, "status": UNDONE} for row in self._skipped]
        update_rows(self.connection, transactions, changes)
        return [row for row in rows if row.status == "active"]

    def _payment_transactions(self, number: int) -> list[Any]:
        """A remittance is one unit with the other transactions of its payment in the file."""
        query = (
            sa.select(transactions.c.file_id, remittances.c.payment_key)
            .join(remittances, remittances.c.id == transactions.c.id)
            .where(transactions.c.id == number, transactions.c.status == "active")
        )
        named = self.connection.execute(query).first()
        if named is None:
            raise NotFound("There is no such remittance, or it is undone already.", _SEE)
        same_payment = transactions.c.id == number
        if named.payment_key:
            same_payment = remittances.c.payment_key == named.payment_key
        query = (
            sa.select(transactions)
            .join(remittances, remittances.c.id == transactions.c.id)
            .where(
                transactions.c.file_id == named.file_id,
                transactions.c.status == "active",
                same_payment,
            )
        )
        return list(self.connection.execute(query).all())

    def _deposits(self, number: int) -> list[Any]:
        """The bank's deposits of an import."""
        query = sa.select(deposits).where(deposits.c.import_id == number)
        return list(self.connection.execute(query).all())

    def _rows_of(self, table: sa.Table, column: str, rows: Sequence[Any]) -> list[Any]:
        """Rows of a document table that belong to these transactions."""
        found: list[Any] = []
        for some in chunks([row.id for row in rows]):
            query = sa.select(table).where(table.c[column].in_(some))
            found.extend(self.connection.execute(query).all())
        return found

    def _remittance_rows(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in self._rows_of(remittances, "id", rows)]

    def _decisions_on(
        self,
        documents: Sequence[Any],
        payments: Sequence[Any],
        rows: Sequence[Any],
        letters: Sequence[Any] = (),
        banked: Sequence[Any] = (),
        paid: Sequence[Any] = (),
    ) -> list[int]:
        """Standing decisions on what goes, or naming claims filed here."""
        found: set[int] = set()
        lookups = (
            (decisions.c.claim_payment_id, [row.id for row in payments]),
            (decisions.c.remittance_id, [row.id for row in rows]),
            (decisions.c.deposit_id, [row.id for row in banked]),
            (decisions.c.correspondence_id, [row.id for row in letters]),
            (decisions.c.patient_payment_id, [row.id for row in paid]),
            (decisions.c.claim_id, [row.claim_id for row in documents if row.claim_id]),
        )
        for column, values in lookups:
            for some in chunks(sorted(set(values))):
                query = sa.select(decisions.c.id).where(
                    column.in_(some), decisions.c.status == "active"
                )
                found.update(int(row[0]) for row in self.connection.execute(query))
        return sorted(found | self._approvals_on(payments))

    def _approvals_on(self, payments: Sequence[Any]) -> set[int]:
        """Standing approvals to write a claim's small rest off, which these answers left."""
        found: set[int] = set()
        for some in chunks(sorted({row.claim_id for row in payments if row.claim_id})):
            query = sa.select(decisions.c.id).where(
                decisions.c.claim_id.in_(some),
                decisions.c.kind.startswith(WRITE_OFF_DECISION),
                decisions.c.status == "active",
            )
            found.update(int(row[0]) for row in self.connection.execute(query))
        return found

    def _forget(
        self,
        rows: Sequence[Any],
        documents: Sequence[Any],
        payments: Sequence[Any],
        letters: Sequence[Any],
    ) -> None:
        """Mark everything undone, then judge anew what is left of the claims it touched."""
        closure = Closure(self.connection)
        for row in documents:
            closure.add_keys(claim_keys(facts.decode_claim(row.document)))
        for row in payments:
            closure.add_keys(payment_keys(facts.decode_payment(row.document)))
        touched = {row.claim_id for row in (*documents, *payments) if row.claim_id is not None}
        facts.forget_keys(self.connection, facts.CLAIM_OWNER, [row.id for row in documents])
        facts.forget_keys(self.connection, facts.PAYMENT_OWNER, [row.id for row in payments])
        facts.forget_keys(self.connection, facts.RECOVERY_OWNER, [row.id for row in rows])
        self._mark(rows, documents, payments)
        sent = [row for row in (*rows, *self._skipped) if row.kind in SENT_KINDS]
        forget_letters(self.connection, letters, sent, closure)
        named = claims_named(self.connection, self._remittance_rows(rows))
        closure.add_claims(sorted({*touched, *named}))
        closure.complete()
        found = derive(self.connection, closure, import_id=None, today=self.today)
        self.corrections += found.corrections

    def _mark(self, rows: Sequence[Any], documents: Sequence[Any], payments: Sequence[Any]) -> None:
        """Set the undone states on the facts and on what hung on them."""
        connection = self.connection
        update_rows(connection, transactions, [{"id": r.id, "status": UNDONE} for r in rows])
        remittance_rows = self._remittance_rows(rows)
        for row in remittance_rows:
            row["status"] = UNDONE
        changed = [{"id": row["id"], "status": UNDONE} for row in remittance_rows]
        update_rows(connection, remittances, changed)
        self.corrections += keep_remittances(connection, remittance_rows, None, self.today)
        gone = [{"id": row.id, "claim_id": None} for row in documents]
        update_rows(connection, claim_documents, gone)
        undone = [{"id": row.id, "claim_id": None, "outcome": UNDONE} for row in payments]
        update_rows(connection, claim_payments, undone)
        for some in chunks([row.id for row in payments]):
            for table, status in ((denials, "withdrawn"), (exceptions, UNDONE)):
                connection.execute(
                    sa.update(table).where(table.c.claim_payment_id.in_(some)).values(status=status)
                )
        note_written(connection, self.today)
