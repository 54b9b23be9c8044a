"""People's decisions on deposits: tie, keep apart, set aside. On record and undoable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.decisions import add_decision
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.store.bank import (
    CHEQUE_CASHED,
    DEPOSIT_ASIDE,
    NO_DEPOSIT_DUE,
    NOT_SAME_MONEY,
    SAME_MONEY,
    cashed_cheques,
)
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.store.tables import decisions, deposits, remittances
from medcollect.tasks.open_cheques import open_cheques

Row = dict[str, Any]

#: The letters of refund cheques: to a payer, to a patient.
_CHEQUES = "EM"

_PAIRS = {"match": SAME_MONEY, "unmatch": NOT_SAME_MONEY}


def tie_deposit(
    store: Store, action: str, deposit: str, remittance: str, *, reason: str, user: str
) -> Row:
    """Say that a deposit and a remittance are (``match``) or are not (``unmatch``) one money.

    The newest word counts: an earlier opposite decision is undone with it. Raises NotFound,
    NotAllowed where the same was said before, BadRequest without a reason.
    """
    _need(reason)
    with store.writing() as connection:
        number = _standing(connection, deposits, "B", deposit)
        payment = _standing(connection, remittances, "R", remittance)
        pair = {"deposit_id": number, "remittance_id": payment}
        kind = _PAIRS[action]
        replaced = _earlier(connection, kind, pair)
        decision = add_decision(
            connection, kind=kind, exception_id=0, reason=reason, user=user, **pair
        )
    return {
        "decision": name("D", decision["id"]),
        "action": action,
        "deposit": name("B", number),
        "remittance": name("R", payment),
        "refund_cheque": None,
        "replaced": [name("D", old) for old in replaced],
    }


def set_aside(store: Store, identifier: str, *, reason: str, user: str) -> Row:
    """Say that something has no other side to wait for.

    A deposit has no remittance (B...), a remittance brings no deposit (R...), a refund cheque was
    cashed (E..., M...). Raises NotFound, NotAllowed where it was said before, BadRequest without a
    reason.
    """
    _need(reason)
    letter = identifier.strip()[:1].upper()
    kind, column, standing = _ASIDE.get(letter, _ASIDE["R"])
    with store.writing() as connection:
        number = standing(connection, identifier)
        _refuse_again(connection, kind, {column: number})
        decision = add_decision(
            connection, kind=kind, exception_id=0, reason=reason, user=user, **{column: number}
        )
    return {
        "decision": name("D", decision["id"]),
        "action": "set_aside",
        "deposit": name("B", number) if letter == "B" else None,
        "remittance": name("R", number) if letter == "R" else None,
        "refund_cheque": name(letter, number) if letter in _CHEQUES else None,
        "replaced": [],
    }


def _open_cheque(connection: sa.Connection, identifier: str) -> int:
    """The number of a refund cheque that counts."""
    number = number_of(identifier, _CHEQUES)
    named = name(identifier.strip()[:1].upper(), number or 0)
    if number is None or named not in {row["id"] for row in open_cheques(connection, date.max)}:
        cashed = cashed_cheques(connection).get((named[:1], number or 0))
        if cashed is None:
            raise NotFound("There is no such refund cheque waiting.", "'reconcile' lists them.")
        message = f"{name('D', cashed)} says that already."
        raise NotAllowed(message, f"medcollect undo {name('D', cashed)} takes it back.")
    return number


#: By the letter of an id: the kind of decision, its column, and what finds the number.
_ASIDE: dict[str, tuple[str, str, Callable[[sa.Connection, str], int]]] = {
    "B": (DEPOSIT_ASIDE, "deposit_id", lambda c, text: _standing(c, deposits, "B", text)),
    "R": (NO_DEPOSIT_DUE, "remittance_id", lambda c, text: _standing(c, remittances, "R", text)),
    "E": (CHEQUE_CASHED, "desk_entry_id", _open_cheque),
    "M": (CHEQUE_CASHED, "patient_payment_id", _open_cheque),
}


def _need(reason: str) -> None:
    if not reason.strip():
        raise BadRequest("A decision needs a reason.", "Add --reason with a few words.")


def _standing(connection: sa.Connection, table: sa.Table, letter: str, text: str) -> int:
    """The id of a deposit or remittance that counts."""
    number = number_of(text, letter)
    query = sa.select(table.c.id).where(table.c.id == (number or 0), table.c.status == ACTIVE)
    if connection.execute(query).first() is None or number is None:
        what = "deposit" if letter == "B" else "remittance"
        raise NotFound(f"There is no such {what}.", f"Name it by its id, such as {letter}000001.")
    return number


def _where(kind: str, pair: dict[str, int]) -> list[sa.ColumnElement[bool]]:
    same = [decisions.c[column] == number for column, number in pair.items()]
    return [decisions.c.kind == kind, decisions.c.status == ACTIVE, *same]


def _refuse_again(connection: sa.Connection, kind: str, pair: dict[str, int]) -> None:
    """Saying the same twice would need two undos."""
    found = connection.execute(sa.select(decisions.c.id).where(*_where(kind, pair))).first()
    if found is not None:
        raise NotAllowed(
            "This was decided before.", f"medcollect undo {name('D', found[0])} takes it back."
        )


def _earlier(connection: sa.Connection, kind: str, pair: dict[str, int]) -> list[int]:
    """Undo an opposite decision on the same pair; its id."""
    _refuse_again(connection, kind, pair)
    opposite = NOT_SAME_MONEY if kind == SAME_MONEY else SAME_MONEY
    query = sa.select(decisions.c.id).where(*_where(opposite, pair))
    found = [int(row[0]) for row in connection.execute(query)]
    change = sa.update(decisions).where(decisions.c.id.in_(found)).values(status="undone")
    connection.execute(change)
    return found
