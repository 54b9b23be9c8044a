"""Denial cases in the book, kept in step with what the answers now say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.filings import acceptance_of
from medcollect.bookkeeping.ranking import judged_columns, keep_in_step
from medcollect.denials import NO_POLICIES, DenialFacts, assess
from medcollect.filing import REFUSALS
from medcollect.ledger import DenialItem
from medcollect.ledger.refused import refused_amounts
from medcollect.matching.docs import Group, PaymentDoc
from medcollect.matching.lines import billed
from medcollect.model.casework import DENIED
from medcollect.model.common import Procedure
from medcollect.model.policies import DenialPolicies
from medcollect.model.remittance import ClaimPayment
from medcollect.store.among import among
from medcollect.store.tables import denials

_INSTITUTIONAL = "I"
_AUTHORIZATION_REFERENCES = ("G1", "9F")

_Key = tuple[int, int, str, str, int]


class RefusalKeeper:
    """Opens, updates and closes denial cases."""

    def __init__(
        self, connection: sa.Connection, today: date, policies: DenialPolicies = NO_POLICIES
    ) -> None:
        self.connection = connection
        self.today = today
        self.policies = policies

    def keep(self, closure: Closure, settled: Sequence[DerivedClaim]) -> None:
        """Bring the cases of every payment in the closure in step."""
        wanted: dict[_Key, dict[str, Any]] = {}
        assigned: set[int] = set()
        for claim in settled:
            if not claim.group.payments:
                continue
            by_id = {p.id: p for p in claim.group.payments}
            assigned.update(by_id)
            items = [d for d in claim.posted.denials if d.answer in by_id]
            for payment in claim.group.payments:
                if payment.held or payment.id not in claim.posted.posted:
                    items += refused_amounts(payment.id, payment.payment)
            items += _judged_again(claim.group.payments, {item.answer for item in items})
            self._want(wanted, items, by_id, claim)
        loose = {p.id: p for p in closure.payments.values() if p.id not in assigned}
        for payment in loose.values():
            items = refused_amounts(payment.id, payment.payment)
            self._want(wanted, items, loose, None)
        self._write(wanted, sorted(closure.payments))

    def _want(
        self,
        wanted: dict[_Key, dict[str, Any]],
        items: Iterable[DenialItem],
        payments: dict[int, PaymentDoc],
        claim: DerivedClaim | None,
    ) -> None:
        """Note the rows that these refusals should have."""
        items = list(items)
        whole: Counter[tuple[str, str, str]] = Counter()
        for item in items:
            whole[_case_of(item, payments)] += item.cents
        seen: Counter[tuple[int, int, str, str]] = Counter()
        for item in items:
            place = (item.answer, item.service, item.group, item.reason)
            ordinal = seen[place]
            seen[place] += 1
            case_cents = whole[_case_of(item, payments)] if claim is not None else 0
            facts = denial_facts(item, payments[item.answer], claim, case_cents)
            judged = assess(facts, self.today, self.policies)
            wanted[(*place, ordinal)] = {
                "claim_payment_id": item.answer,
                "claim_id": claim.id if claim is not None else None,
                "service": item.service,
                "line": item.line,
                "ordinal": ordinal,
                "group_code": item.group,
                "reason": item.reason,
                "remarks": " ".join(item.remarks),
                "amount_cents": item.cents,
                "status": item.status,
                "facts": msgspec.json.encode(facts).decode(),
                "kind": DENIED,
                "correspondence_id": None,
                **judged_columns(judged, item.cents),
            }

    def _write(self, wanted: dict[_Key, dict[str, Any]], payments: Sequence[int]) -> None:
        """Insert new cases, update those that changed, close those that nothing asks for."""
        mine = (among(denials.c.claim_payment_id, payments), denials.c.kind == DENIED)
        query = sa.select(denials).where(*mine)
        found = [dict(row._mapping) for row in self.connection.execute(query)] if payments else []
        known = {_key(row): row for row in found}
        keep_in_step(self.connection, self.today, wanted, known, self.policies)


def _judged_again(
    payments: Sequence[PaymentDoc], speaking: Collection[int]
) -> Iterable[DenialItem]:
    """What answers refused whose payer has answered again since: on record, and open no more.

    ``speaking`` are the answers whose refusals stand.
    """
    if len(payments) < 2:
        return
    last = {p.payer_key: p.id for p in sorted(payments, key=lambda p: p.order)}
    for payment in payments:
        if payment.id not in speaking and payment.id != last[payment.payer_key]:
            for item in refused_amounts(payment.id, payment.payment):
                yield msgspec.structs.replace(item, status="withdrawn")


def _case_of(item: DenialItem, payments: dict[int, PaymentDoc]) -> tuple[str, str, str]:
    """What is worked as one: what a payer refuses for one reason and stands alike."""
    return payments[item.answer].payer_key, item.reason, item.status


def _key(row: dict[str, Any]) -> _Key:
    """What a case is known by from import to import."""
    return (
        row["claim_payment_id"],
        row["service"],
        row["group_code"],
        row["reason"],
        row["ordinal"],
    )


def denial_facts(
    item: DenialItem, doc: PaymentDoc, claim: DerivedClaim | None, case_cents: int = 0
) -> DenialFacts:
    """What the denial desk judges: the refusal with the line and the claim it concerns."""
    payment = doc.payment
    service = payment.services[item.service - 1] if item.service else None
    procedure = billed(service) if service is not None else Procedure("", "")
    lines = claim.case.lines if claim is not None else ()
    line = next((x for x in lines if x.position == item.line), None)
    days = _days(payment, item.service, line.service_from if line else None)
    modifiers = procedure.modifiers or (line.modifiers if line else ())
    group = claim.group if claim is not None else None
    return DenialFacts(
        group=item.group,
        reason=item.reason,
        amount_cents=item.cents,
        remarks=item.remarks,
        payer_name=doc.payer_name,
        filing_indicator=payment.filing_indicator,
        decided_on=doc.payment_date,
        service_from=days[0],
        service_to=days[1],
        procedure_code=procedure.code or (line.procedure_code if line else ""),
        modifiers=modifiers,
        diagnoses=_diagnoses(group, line.diagnoses if line else ()),
        claim_frequency=_frequency(group),
        has_authorization=_has_authorization(payment, group),
        payer_claim_control_number=payment.payer_claim_control_number,
        form=group.documents[-1].claim.form if group and group.documents else "",
        line_paid_cents=service.paid_cents if service is not None else payment.paid_cents,
        place_of_service=_place(payment, group, item.line),
        acknowledged=_acknowledged(claim),
        accepted_on=_accepted_on(claim),
        case_cents=case_cents if case_cents != item.cents else 0,
    )


def _place(payment: ClaimPayment, group: Group | None, line: int) -> str:
    """The place of service of the line, else of the claim; bill types of hospitals are none."""
    claim = group.documents[-1].claim if group and group.documents else None
    if claim is None:
        return payment.facility_type
    if claim.form == _INSTITUTIONAL:
        return ""
    own = claim.lines[line - 1].place_of_service if 0 < line <= len(claim.lines) else ""
    return own or claim.facility_code


def _accepted_on(claim: DerivedClaim | None) -> date | None:
    """The day on which the payer took the claim in (277CA), where that is on file."""
    proof = acceptance_of(claim) if claim is not None else None
    return date.fromisoformat(proof.day) if proof is not None and proof.day else None


def _acknowledged(claim: DerivedClaim | None) -> str:
    """What was said of the claim before it was judged: the acceptance outweighs a rejection."""
    if claim is None:
        return ""
    if acceptance_of(claim) is not None:
        return "accepted"
    said = {status.status.verdict for status in claim.statuses}
    return "rejected" if said & REFUSALS else ""


def _days(
    payment: ClaimPayment, service: int, billed_from: date | None
) -> tuple[date | None, date | None]:
    """Days of service of the line, else of the claim."""
    first = payment.services[service - 1].service_from if service else None
    last = payment.services[service - 1].service_to if service else None
    first = first or billed_from or payment.statement_from
    return first, last or payment.statement_to or first


def _diagnoses(group: Group | None, pointed: tuple[str, ...]) -> tuple[str, ...]:
    """The diagnoses of the line, else of the claim."""
    if pointed or group is None or not group.documents:
        return pointed
    return tuple(d.code for d in group.documents[-1].claim.diagnoses)


def _frequency(group: Group | None) -> str:
    return group.documents[-1].claim.frequency if group and group.documents else ""


def _has_authorization(payment: ClaimPayment, group: Group | None) -> bool:
    """Whether claim or answer carries an authorization or referral number."""
    if payment.reference(*_AUTHORIZATION_REFERENCES):
        return True
    if group is None or not group.documents:
        return False
    return bool(group.documents[-1].claim.reference(*_AUTHORIZATION_REFERENCES))
