"""Every line that a payer's standing answer judged, with what was billed and what was allowed.

Read in pieces of many claims at once. Answers that were reversed, replaced, held or only repeated
are left out, as the ledger sorts them; so a corrected payment closes what the first one left open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.allowed import allowed_amount, not_by_line
from medcollect.contracts import PricedLine
from medcollect.contracts.terms import number_of_text
from medcollect.ledger import Answer, ClaimCase, standing_answers
from medcollect.ledger.slots import RANK_BY_STATUS
from medcollect.matching.lines import billed, pair_lines
from medcollect.model.common import Procedure
from medcollect.model.remittance import ClaimPayment, ServicePayment
from medcollect.store.engine import chunks
from medcollect.store.facts import decode_payment
from medcollect.store.tables import (
    claim_documents,
    claim_payments,
    claims,
    remittances,
    transactions,
)

_VOID: Final = "8"
_MINUTES: Final = "MJ"
_PROFESSIONAL: Final = "P"
_NOT_FIRST: Final = "The payer answered as a later payer; its allowed amount cannot be told."
_IN_MINUTES: Final = "Anesthesia minutes: no amount for a unit holds."
_BUNDLED: Final = "Several lines were judged together as one code."


class BilledLine(msgspec.Struct, frozen=True, gc=False):
    """Of a claim's line, what pairing and pricing need."""

    procedure: Procedure
    charge_cents: int = 0
    position: int = 0
    number: str = ""
    revenue_code: str = ""
    unit: str = ""
    units: str = "1"
    place_of_service: str = ""
    service_from: date | None = None
    line_control_number: str = ""

    @property
    def procedure_code(self) -> str:
        """The code as billed."""
        return self.procedure.code

    @property
    def modifiers(self) -> tuple[str, ...]:
        """The modifiers as billed."""
        return self.procedure.modifiers


class _Billed(msgspec.Struct, frozen=True, gc=False):
    """Of a claim as it was sent, its lines and its place."""

    form: str = ""
    frequency: str = "1"
    facility_code: str = ""
    service_from: date | None = None
    charge_cents: int = 0
    lines: tuple[BilledLine, ...] = ()


_claims = msgspec.json.Decoder(_Billed)
_NOTHING: Final = _Billed()


def answered_lines(
    connection: sa.Connection, of_claims: Sequence[int] | None = None
) -> Iterator[PricedLine]:
    """Every line of every standing answer on a claim, in the order of the claims.

    ``of_claims`` are those that are asked for, in their order; else all. A claim that was
    voided has none: all that was paid on it goes back.
    """
    ids = _active(connection) if of_claims is None else of_claims
    for some in chunks(ids):
        documents = _documents(connection, some)
        for claim, rows in groupby(_payments(connection, some), key=lambda row: row.claim_id):
            answers = [(row, decode_payment(row.document)) for row in rows]
            document = documents.get(claim, _NOTHING)
            if document is None:
                continue
            for row, payment, pairs, is_first in _standing(answers, document):
                yield from _Answered(row, payment, document, pairs, is_first=is_first).lines()


def _active(connection: sa.Connection) -> list[int]:
    query = sa.select(claims.c.id).where(claims.c.status == "active").order_by(claims.c.id)
    return [int(row[0]) for row in connection.execute(query)]


def _payments(connection: sa.Connection, some: Sequence[int]) -> list[sa.Row[Any]]:
    """The posted claim payments of these claims, claim by claim."""
    query = (
        sa.select(
            claim_payments.c.id,
            claim_payments.c.claim_id,
            claim_payments.c.remittance_id,
            claim_payments.c.position,
            claim_payments.c.document,
            remittances.c.payer_name,
            remittances.c.payer_key,
            remittances.c.payment_date,
            remittances.c.reissue,
            transactions.c.place,
            transactions.c.fingerprint,
        )
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .join(transactions, transactions.c.id == remittances.c.id)
        .where(
            claim_payments.c.claim_id.in_(some),
            claim_payments.c.outcome == "posted",
            remittances.c.status == "active",
        )
        .order_by(claim_payments.c.claim_id, claim_payments.c.id)
    )
    return list(connection.execute(query))


def _documents(connection: sa.Connection, some: Sequence[int]) -> dict[int, _Billed | None]:
    """Each claim as it was last sent; none where that voided it."""
    query = (
        sa.select(claim_documents.c.claim_id, claim_documents.c.document)
        .where(claim_documents.c.claim_id.in_(some))
        .order_by(claim_documents.c.sort_key)
    )
    found: dict[int, _Billed | None] = {}
    for row in connection.execute(query):
        billed_claim = _claims.decode(row.document)
        found[row.claim_id] = billed_claim if billed_claim.frequency != _VOID else None
    return found


_Row = sa.Row[Any]
_Pairs = tuple[int, ...]


def _standing(
    answers: Sequence[tuple[_Row, ClaimPayment]], document: _Billed
) -> Iterator[tuple[_Row, ClaimPayment, _Pairs, bool]]:
    """The answers that stand, each with the claim's lines it answers and whether it came first."""
    if len(answers) == 1:
        row, payment = answers[0]
        if payment.status in RANK_BY_STATUS:
            pairs = pair_lines(payment.services, document.lines)
            yield row, payment, pairs, RANK_BY_STATUS[payment.status] == 1
        return
    by_id = {row.id: (row, payment) for row, payment in answers}
    taken: set[int] = set()
    cases = []
    for row, payment in answers:
        pairs = pair_lines(payment.services, document.lines, taken)
        taken.update(pairs)
        cases.append(_answer(row, payment, pairs))
    charge = document.charge_cents or max(payment.charge_cents for _, payment in answers)
    found = standing_answers(ClaimCase(0, charge, answers=tuple(cases)))
    pairs_of = {answer.id: answer.pairs for answer in cases}
    first = {a.id: slot.status_rank == 1 for slot in found.slots for a in slot.answers}
    released = {i.answer: True for i in found.issues if i.kind == "second_answer"}
    for number in sorted({**released, **first}):
        row, payment = by_id[number]
        yield row, payment, pairs_of[number], first.get(number, RANK_BY_STATUS[payment.status] == 1)


def _answer(row: _Row, payment: ClaimPayment, pairs: _Pairs) -> Answer:
    """A claim payment as the ledger sorts it."""
    return Answer(
        id=row.id,
        remittance=row.remittance_id,
        payment_date=row.payment_date,
        place=(row.place, row.position),
        fingerprint=row.fingerprint,
        payer_key=row.payer_key,
        payer_name=row.payer_name,
        payment=payment,
        pairs=pairs,
        reissue=row.reissue,
    )


class _Answered:
    """One standing answer as lines with what was allowed."""

    def __init__(
        self, row: _Row, payment: ClaimPayment, document: _Billed, pairs: _Pairs, *, is_first: bool
    ) -> None:
        self.row = row
        self.payment = payment
        self.document = document
        self.pairs = pairs
        self.why_not = "" if is_first else _NOT_FIRST
        self.why_not = self.why_not or not_by_line(payment)
        self.times = Counter(pairs)
        self.codes = Counter(service.procedure.code for service in payment.services)

    def lines(self) -> Iterator[PricedLine]:
        """Its lines; one for the claim as a whole where it has none."""
        if not self.payment.services:
            yield self._whole()
        parts: dict[int, list[PricedLine]] = {}
        for number, service in enumerate(self.payment.services, start=1):
            found = self._line(number, service)
            pair = self.pairs[number - 1]
            if pair and self.times[pair] > 1:
                parts.setdefault(pair, []).append(found)
            else:
                yield found
        for pair, of_line in parts.items():
            yield _together(of_line, self.document.lines[pair - 1])

    def _whole(self) -> PricedLine:
        payment = self.payment
        day = payment.statement_from or self.document.service_from
        return PricedLine(
            key=(self.row.id, 0),
            visit=(self.row.claim_id, self.row.payer_key, day),
            payer=self.row.payer_name,
            plan=payment.filing_indicator,
            day=day,
            procedure="",
            modifiers=(),
            place="",
            units=None,
            charge_cents=payment.charge_cents,
            allowed_cents=0,
            why_not=self.why_not,
            answered_on=self.row.payment_date,
        )

    def _line(self, number: int, service: ServicePayment) -> PricedLine:
        pair = self.pairs[number - 1]
        line = self.document.lines[pair - 1] if pair else None
        is_alone = line is not None and self.times[pair] == 1
        is_whole = is_alone and line is not None and line.charge_cents == service.charge_cents
        procedure = line.procedure if line is not None and is_whole else billed(service)
        units = line.units if line is not None and is_whole else ""
        amount = allowed_amount(service, self.payment)
        day = self._day(service, line)
        judged = service.procedure.code if service.procedure.code != procedure.code else ""
        return PricedLine(
            key=(self.row.id, number),
            visit=(self.row.claim_id, self.row.payer_key, day),
            payer=self.row.payer_name,
            plan=self.payment.filing_indicator,
            day=day,
            procedure=procedure.code.upper(),
            modifiers=tuple(modifier.upper() for modifier in procedure.modifiers),
            place=self._place(line),
            units=number_of_text(units or service.submitted_units or service.units),
            charge_cents=service.charge_cents,
            allowed_cents=amount.cents,
            patient_cents=amount.patient_cents,
            sequestration_cents=amount.sequestration_cents,
            reduced=amount.reduced,
            denied=amount.denied,
            why_not=self._why_not(amount.why_not, judged, line),
            answered_on=self.row.payment_date,
            line=pair or number,
            judged=judged,
        )

    def _day(self, service: ServicePayment, line: BilledLine | None) -> date | None:
        billed_on = line.service_from if line is not None else None
        claimed = self.payment.statement_from or self.document.service_from
        return service.service_from or billed_on or claimed

    def _place(self, line: BilledLine | None) -> str:
        """The place of service; an institutional claim has a type of bill instead."""
        if self.document.form not in {"", _PROFESSIONAL}:
            return ""
        own = line.place_of_service if line is not None else ""
        return own or self.document.facility_code or self.payment.facility_type

    def _why_not(self, amount: str, judged: str, line: BilledLine | None) -> str:
        if self.why_not or amount:
            return self.why_not or amount
        if judged and self.codes[judged] > 1:
            return _BUNDLED
        return _IN_MINUTES if line is not None and line.unit == _MINUTES else ""


def _together(parts: Sequence[PricedLine], line: BilledLine) -> PricedLine:
    """The services that answer one line, split or unbundled by the payer, as that line."""
    charge = sum(part.charge_cents for part in parts)
    units = [part.units for part in parts if part.units is not None]
    whole = number_of_text(line.units) if charge == line.charge_cents else sum(units, Fraction(0))
    return msgspec.structs.replace(
        parts[0],
        procedure=line.procedure_code.upper(),
        modifiers=tuple(modifier.upper() for modifier in line.modifiers),
        units=whole,
        charge_cents=charge,
        allowed_cents=sum(part.allowed_cents for part in parts),
        patient_cents=sum(part.patient_cents for part in parts),
        sequestration_cents=sum(part.sequestration_cents for part in parts),
        reduced=any(part.reduced for part in parts),
        denied=any(part.denied for part in parts),
        why_not=next((p.why_not for p in parts if p.why_not and p.why_not != _BUNDLED), ""),
        judged=parts[0].judged,
    )


def units_text(units: Fraction | None) -> str:
    """Units as people write them, empty where they cannot be read."""
    return "" if units is None else f"{units.numerator}" if units.denominator == 1 else str(units)
