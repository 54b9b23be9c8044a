"""Deposits in the book, and what people decided about them.

Decisions (``decisions.kind``): ``same_money`` ties a deposit and a remittance, ``not_same_money``
keeps them apart; ``deposit_aside`` says that no remittance is due to a deposit, ``no_deposit_due``
that no deposit is due to a remittance.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.model.bank_match import BankDeposit
from medcollect.model.deposit import Deposit
from medcollect.store.engine import allocate, bulk_load, chunks, update_rows
from medcollect.store.tables import decisions, deposits, imports

SAME_MONEY, NOT_SAME_MONEY = "same_money", "not_same_money"
DEPOSIT_ASIDE, NO_DEPOSIT_DUE = "deposit_aside", "no_deposit_due"
BANK_DECISIONS = frozenset({SAME_MONEY, NOT_SAME_MONEY, DEPOSIT_ASIDE, NO_DEPOSIT_DUE})

ACTIVE, DUPLICATE, UNDONE = "active", "duplicate", "undone"

_decoder = msgspec.json.Decoder(Deposit)


def _content(deposit: Deposit) -> tuple[str, ...]:
    """What makes it the same deposit in another file: the payer's trace, or all the bank says."""
    day, cents = deposit.deposit_date.isoformat(), str(deposit.amount_cents)
    if deposit.payer_trace_id:
        return ("trace", day, cents, deposit.payer_trace_id, deposit.trace_number)
    told = (deposit.trace_number, deposit.reference, deposit.payer_name, deposit.description)
    return ("row", day, cents, deposit.account_ending, *(" ".join(t.split()) for t in told))


def identities(found: Iterable[Deposit]) -> list[str]:
    """An identity for each deposit of one file; true twins in it are told apart by a number."""
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for deposit in found:
        content = _content(deposit)
        seen[content] += 1
        text = "\0".join((*content, str(seen[content])))
        result.append(hashlib.sha256(text.encode()).hexdigest())
    return result


def save_deposits(
    connection: sa.Connection, import_id: int, file_id: int, found: Sequence[Deposit]
) -> list[bool]:
    """Keep a file's deposits; for each whether it is new. Known ones are kept as duplicates."""
    keys = identities(found)
    known = _known(connection, keys)
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


def _known(connection: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Which of these deposits stand already."""
    known: set[str] = set()
    for some in chunks(list(keys)):
        query = sa.select(deposits.c.identity).where(
            deposits.c.identity.in_(some), deposits.c.status == ACTIVE
        )
        known.update(str(row[0]) for row in connection.execute(query))
    return known


def undo_deposits(connection: sa.Connection, rows: Sequence[Any]) -> None:
    """Take deposits back; where another file that stands has one too, that one steps in."""
    gone = [{"id": row.id, "status": UNDONE} for row in rows]
    update_rows(connection, deposits, gone)
    freed = sorted({row.identity for row in rows if row.status == ACTIVE})
    heirs: dict[str, int] = {}
    for some in chunks(freed):
        query = (
            sa.select(deposits.c.identity, deposits.c.id)
            .join(imports, imports.c.id == deposits.c.import_id)
            .where(
                deposits.c.identity.in_(some),
                deposits.c.status == DUPLICATE,
                imports.c.status != UNDONE,
            )
            .order_by(deposits.c.id)
        )
        for identity, number in connection.execute(query):
            heirs.setdefault(identity, number)
    update_rows(connection, deposits, [{"id": i, "status": ACTIVE} for i in heirs.values()])


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
