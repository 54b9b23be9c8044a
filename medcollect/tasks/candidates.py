"""Candidates of an exception side by side: what the payment states, what each claim has."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.ids import name, number_of
from medcollect.matching.keys import member_ids, service_dates
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.engine import chunks
from medcollect.store.tables import accounts, claim_payments, claims
from medcollect.tasks.figures import text_of

Row = dict[str, Any]


def candidates_json(connection: sa.Connection, stored: str) -> list[Row]:
    """The stored candidates with their scores and reasons, and what their claims hold."""
    found: list[Row] = msgspec.json.decode(stored or "[]")
    ids = [number_of(candidate["claim"], "C") or 0 for candidate in found]
    known = _claims(connection, ids)
    return [{**candidate, **known.get(candidate["claim"], {})} for candidate in found]


def _claims(connection: sa.Connection, ids: list[int]) -> dict[str, Row]:
    """What a person compares of these claims."""
    found: dict[str, Row] = {}
    for some in chunks(ids):
        query = (
            sa.select(claims, accounts.c.last_name, accounts.c.first_name)
            .outerjoin(accounts, accounts.c.id == claims.c.account_id)
            .where(claims.c.id.in_(some))
        )
        for row in connection.execute(query):
            found[name("C", row.id)] = {
                "patient_control_number": row.patient_control_number,
                "patient": _person(row.last_name, row.first_name),
                "payer": row.payer_name,
                "service_from": text_of(row.service_from),
                "service_to": text_of(row.service_to),
                "charge": format_cents(row.charge_cents),
                "insurance_open": format_cents(max(row.insurance_receivable_cents, 0)),
                "state": row.state,
            }
    return found


def stated_json(connection: sa.Connection, payment_id: int) -> Row:
    """What the claim payment itself states, in the words of its candidates."""
    query = sa.select(claim_payments.c.document).where(claim_payments.c.id == payment_id)
    payment = facts.decode_payment(connection.execute(query).scalar_one())
    patient = payment.party("QC")
    first_day, last_day = service_dates(payment)
    return {
        "patient_control_number": payment.patient_control_number,
        "payer_claim_control_number": payment.payer_claim_control_number,
        "status": payment.status,
        "patient": _person(patient.last_name, patient.first_name) if patient is not None else "",
        "member_ids": list(member_ids(payment)),
        "service_from": text_of(first_day),
        "service_to": text_of(last_day),
        "charge": format_cents(payment.charge_cents),
        "paid": format_cents(payment.paid_cents),
        "procedures": [s.procedure.code for s in payment.services],
    }


def _person(last: str | None, first: str | None) -> str:
    return ", ".join(filter(None, [last, first]))
