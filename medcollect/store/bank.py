"""Deposits in the book, and what people decided about them.

Decisions (``decisions.kind``): ``same_money`` ties a deposit and a remittance, ``not_same_money``
keeps them apart; ``deposit_aside`` says that no remittance is due to a deposit, ``no_deposit_due``
that no deposit is due to a remittance; ``cheque_cashed`` that a refund cheque left the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.model.bank_match import BankDeposit
from medcollect.model.deposit import Deposit
from medcollect.store.engine import allocate, bulk_load
from medcollect.store.identities import (
    ACTIVE,
    DUPLICATE,
    known_identities,
    numbered_identities,
    undo_identities,
)
from medcollect.store.tables import decisions, deposits

SAME_MONEY, NOT_SAME_MONEY = "same_money", "not_same_money"
DEPOSIT_ASIDE, NO_DEPOSIT_DUE = "deposit_aside", "no_deposit_due"
CHEQUE_CASHED = "cheque_cashed"
BANK_DECISIONS = frozenset(
    {SAME_MONEY, NOT_SAME_MONEY, DEPOSIT_ASIDE, NO_DEPOSIT_DUE, CHEQUE_CASHED}
)

_decoder = msgspec.json.Decoder(Deposit)


def _content(deposit: Deposit) -> tuple[str, ...]:
    """What makes it the same deposit in another file: the payer's trace, or all the bank says."""
    day, cents = deposit.deposit_date.isoformat(), str(deposit.amount_cents)
    if deposit.payer_trace_id:
        return ("trace", day, cents, deposit.payer_trace_id, deposit.trace_number)
    told = (deposit.trace_number, deposit.reference, deposit.payer_name, deposit.description)
    return ("row", day, cents, deposit.account_ending, *(" ".join(t.split()) for t in told))


def save_deposits(
    connection: sa.Connection, import_id: int, file_id: int, found: Sequence[Deposit]
) -> list[bool]:
    """Keep a file's deposits; for each whether it is new. Known ones are kept as duplicates."""
    keys = numbered_identities(map(_content, found))
    known = known_identities(connection, deposits, keys)
    fresh = [key not in known for key in keys]
    if found:
        first = allocate(connection, deposits, len(found))
        rows = [
            (
                first + place,
                import_id,
                file_id,
                deposit.line,
                keys[place],
                deposit.deposit_date,
                deposit.amount_cents,
                deposit.kind,
                ACTIVE if fresh[place] else DUPLICATE,
                msgspec.json.encode(deposit),
            )
            for place, deposit in enumerate(found)
        ]
        bulk_load(connection, deposits, rows)
    return fresh


def undo_deposits(connection: sa.Connection, rows: Sequence[Any]) -> None:
    """Take deposits back; where another file that stands has one too, that one steps in."""
    undo_identities(connection, deposits, rows)


def deposit_of(row: Any) -> BankDeposit:
    """A row as matching takes it."""
    return BankDeposit(row.id, _decoder.decode(row.document))


def standing_deposits(connection: sa.Connection) -> list[BankDeposit]:
    """Every deposit that counts, oldest first."""
    query = sa.select(deposits).where(deposits.c.status == ACTIVE)
    rows = connection.execute(query.order_by(deposits.c.deposit_date, deposits.c.id))
    return [deposit_of(row) for row in rows]


def bank_decisions(connection: sa.Connection) -> list[Any]:
    """People's standing decisions on deposits and on what the bank is due."""
    query = sa.select(decisions).where(
        decisions.c.kind.in_(BANK_DECISIONS), decisions.c.status == ACTIVE
    )
    return list(connection.execute(query.order_by(decisions.c.id)))


def cashed_cheques(connection: sa.Connection) -> dict[tuple[str, int], int]:
    """Decisions that say that a refund cheque was cashed, by its letter and number.

    E is an entry by hand (to a payer), M a refund to a patient.
    """
    found = [row for row in bank_decisions(connection) if row.kind == CHEQUE_CASHED]
    to_payers = {("E", row.desk_entry_id): row.id for row in found if row.desk_entry_id}
    to_patients = {("M", row.patient_payment_id): row.id for row in found if row.patient_payment_id}
    return {**to_payers, **to_patients}
