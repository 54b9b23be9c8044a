"""Refund cheques that left the practice and, for all that is known, not yet the bank.

A cheque to a payer, or a refund to a patient by check, stands here until a person says that it was
cashed, until it comes back, or until the payer acknowledges it (PLB 72). Banks' files are no help:
of what leaves an account they are taken in without wages and rent, so without cheques as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.entered import key_of
from medcollect.ids import name
from medcollect.ledger.refund_cheques import ACKNOWLEDGED
from medcollect.model.desk import PayerRefund
from medcollect.money import format_cents
from medcollect.store.bank import cashed_cheques
from medcollect.store.identities import ACTIVE
from medcollect.store.patient_payments import REFUND, parts_back
from medcollect.store.tables import patient_payments
from medcollect.tasks.figures import text_of
from medcollect.tasks.provider_adjustments import load_chains
from medcollect.tasks.refund_cheques import standing_cheques, standing_returns

Row = dict[str, Any]

#: The method that leaves a piece of paper to be cashed.
_CHECK = "check"
_CASHED = "Once the bank shows it: medcollect reconcile --set-aside {id} --reason 'cashed'."
_TOO_OLD = "Too old for a bank to have to pay it: stop it,"

#: Days of age from which the next sentence holds. After six months a bank need not pay a check
#: (Uniform Commercial Code 4-404).
_ADVICE = {
    "payer": (
        (0, f"Wait for it to be cashed. {_CASHED}"),
        (30, f"Ask the payer whether it arrived. {_CASHED}"),
        (180, f"{_TOO_OLD} enter its return (medcollect bounce {{id}}) and send a new one."),
    ),
    "patient": (
        (0, f"Wait for it to be cashed. {_CASHED}"),
        (30, f"Ask the patient whether it arrived. {_CASHED}"),
        (180, f"{_TOO_OLD} enter its return (medcollect bounce {{id}}) and send a new one."),
    ),
}


def open_cheques(connection: sa.Connection, today: date) -> list[Row]:
    """Refund cheques that are not known to be cashed, the oldest first, with what to do."""
    cashed = cashed_cheques(connection)
    found = [*_to_payers(connection), *_to_patients(connection)]
    rows = [_row(told, today) for told in found if (told["letter"], told["number"]) not in cashed]
    return sorted(rows, key=lambda row: (row["sent_on"], row["id"]))


def _to_payers(connection: sa.Connection) -> Iterator[Row]:
    """Cheques to payers that neither came back nor were acknowledged."""
    returned = standing_returns(connection)
    sent = {
        entry.id: entry.fact
        for entry in standing_cheques(connection)
        if isinstance(entry.fact, PayerRefund)
        and entry.fact.method == _CHECK
        and entry.id not in returned
    }
    known = _acknowledged(connection, sent)
    for number, fact in sent.items():
        if number not in known:
            yield {
                "letter": "E",
                "number": number,
                "sent_on": fact.day,
                "cents": fact.cents,
                "to": "payer",
                "payer": fact.payer,
                "reference": fact.reference,
            }


def _acknowledged(connection: sa.Connection, sent: dict[int, PayerRefund]) -> set[int]:
    """Cheques whose recovery has the payer's own word (72) that it got the money."""
    if not sent:
        return set()
    chains = load_chains(connection, {key_of(fact.payer) for fact in sent.values()})
    return {
        step.place
        for chain in chains
        for step in chain.steps
        if step.cheque
        and any(s.remittance and s.code == ACKNOWLEDGED and s.cents < 0 for s in chain.steps)
    }


def _to_patients(connection: sa.Connection) -> Iterator[Row]:
    """Refunds to patients by check that did not come back."""
    query = sa.select(patient_payments).where(
        patient_payments.c.kind == REFUND,
        patient_payments.c.status == ACTIVE,
        patient_payments.c.method == _CHECK,
    )
    rows = connection.execute(query.order_by(patient_payments.c.id)).all()
    returned = {part.returns for part in parts_back(connection, [row.id for row in rows])}
    for row in rows:
        if row.id in returned:
            continue
        yield {
            "letter": "M",
            "number": row.id,
            "sent_on": row.received_on,
            "cents": row.amount_cents,
            "to": "patient",
            "payer": None,
            "reference": row.reference,
        }


def _row(told: Row, today: date) -> Row:
    """One cheque as ``reconcile`` shows it."""
    identifier = name(told["letter"], told["number"])
    age = (today - told["sent_on"]).days
    steps = _ADVICE[told["to"]]
    advice = next((text for start, text in reversed(steps) if age >= start), steps[0][1])
    return {
        "id": identifier,
        "sent_on": text_of(told["sent_on"]),
        "amount": format_cents(told["cents"]),
        "to": told["to"],
        "payer": told["payer"],
        "reference": told["reference"],
        "age_days": age,
        "action": advice.format(id=identifier),
    }
