"""Facts of an invented denial, as the book would give them to a letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from medcollect.denials import DenialFacts, every_limit
from medcollect.denials.facts import ShortfallFacts, TakebackFacts, Taken
from medcollect.letters import Answered, ContractInBrief, LetterFacts
from medcollect.model.claim import Claim, Coverage, Diagnosis, ServiceLine
from medcollect.model.common import (
    Adjustment,
    Delimiters,
    Envelope,
    Party,
    Procedure,
    Reference,
    Transaction,
)
from medcollect.model.remittance import ClaimPayment, RemittanceHeader, ServicePayment

TODAY = date(2026, 3, 2)
DECIDED = date(2026, 2, 11)
SERVED = date(2026, 1, 19)

PAYER = Party(
    role="PR",
    last_name="PLAINFIELD MUTUAL HEALTH",
    address=("1 INSURANCE PLAZA",),
    city="DES MOINES",
    state="IA",
    postal_code="50309",
)
PRACTICE = Party(
    role="85",
    last_name="CEDAR HOLLOW FAMILY MEDICINE",
    id_qualifier="XX",
    id="1234567893",
    address=("400 MAIN STREET",),
    city="CEDAR HOLLOW",
    state="IA",
    postal_code="522400001",
    references=(Reference("EI", "999123456"),),
)
PATIENT = Party(
    role="IL",
    last_name="HOLLINGBROOK",
    first_name="DEXTER",
    id_qualifier="MI",
    id="PM700359",
    birth_date=date(1978, 12, 6),
)


def service(place: int, code: str = "G0399", **more: Any) -> ServicePayment:
    told: dict[str, Any] = {
        "charge_cents": 90_000,
        "paid_cents": 0,
        "service_from": SERVED,
        "adjustments": (Adjustment("CO", "50", 90_000),),
        "references": (Reference("0K", f"L{33_800 + place}"),),
        "remarks": ("N115",),
    }
    return ServicePayment(
        position=place, segment=place, procedure=Procedure("HC", code), **{**told, **more}
    )


def payment(*services: ServicePayment) -> ClaimPayment:
    return ClaimPayment(
        position=1,
        segment=20,
        patient_control_number="CH2001",
        status="1",
        charge_cents=sum(s.charge_cents for s in services),
        paid_cents=sum(s.paid_cents for s in services),
        filing_indicator="12",
        payer_claim_control_number="PCH2001",
        services=services,
        parties=(PATIENT,),
    )


def claim(*services: ServicePayment) -> Claim:
    lines = tuple(
        ServiceLine(s.position, s.segment, str(s.position), s.procedure, s.charge_cents)
        for s in services
    )
    coverage = Coverage(
        rank_code="P", group_number="GR77", payer=PAYER, subscriber=PATIENT, filing_indicator="12"
    )
    return Claim(
        position=1,
        segment=10,
        form="P",
        patient_control_number="CH2001",
        charge_cents=sum(s.charge_cents for s in services),
        billing_provider=PRACTICE,
        coverage=coverage,
        patient=PATIENT,
        diagnoses=(Diagnosis("ABK", "G4733"),),
        lines=lines,
        service_from=SERVED,
        service_to=SERVED,
    )


def header() -> RemittanceHeader:
    transaction = Transaction("835", "835", 1, 1, "0001", "", Envelope(Delimiters()))
    return RemittanceHeader(
        transaction, trace_number="PM26021101", payer=PAYER, payee=PRACTICE, payment_date=DECIDED
    )


def made(services: tuple[ServicePayment, ...], **changes: Any) -> LetterFacts:
    facts = DenialFacts(
        group="CO",
        reason="50",
        amount_cents=90_000,
        remarks=("N115",),
        payer_name=PAYER.last_name,
        filing_indicator=changes.pop("filing_indicator", "12"),
        decided_on=DECIDED,
        service_from=SERVED,
        service_to=SERVED,
        procedure_code="G0399",
        modifiers=("59",),
        diagnoses=("G4733",),
        payer_claim_control_number="PCH2001",
        form="P",
    )
    refused = changes.pop("refused", {s.position: s.charge_cents for s in services})
    known = LetterFacts(
        denials=("N000001",),
        facts=facts,
        category="medical_necessity",
        answers=(Answered(payment(*services), header(), refused),),
        claim=claim(*services),
        limits=every_limit(facts, TODAY),
        deadline=date(2026, 8, 10),
        deadline_rule="180 days. Source: a table. Confidence: verified.",
        contact=("BILLING OFFICE", "319-555-0142"),
    )
    return msgspec.structs.replace(known, **changes)


@pytest.fixture
def known() -> Callable[..., LetterFacts]:
    """Makes the facts of one refused line, with changes."""
    return lambda **changes: made((service(1),), **changes)


def short_of_contract(lines: int) -> LetterFacts:
    """So many lines below contract, each with the longest that a line can say."""
    services = tuple(
        service(place, f"9{9000 + place}", charge_cents=123_456_789, remarks=(), references=())
        for place in range(1, lines + 1)
    )
    known = made(services, category="underpayment")
    told = msgspec.structs.asdict(known.facts) | {"group": "", "reason": "contract"}
    short = {
        one.position: ShortfallFacts(
            **told
            | {"procedure_code": one.procedure.code, "modifiers": ("26", "59", "RT", "XS")}
            | {"amount_cents": 1_500},
            expected_cents=123_456_789,
            allowed_cents=123_455_289,
            contract="T000002",
            contract_line=8,
            why="A SCHEDULE " * 8 + "(T000001, from 2026-01-01) row 2: 100.00; PPO (T000002, "
            "from 2026-01-01) row 8: 95% of it. Expected 1234567.89, allowed 1234552.89.",
        )
        for one in services
    }
    answer = msgspec.structs.replace(
        known.answers[0], refused=dict.fromkeys(short, 1_500), short=short
    )
    first, *others = short.values()
    contract = ContractInBrief("PREFERRED PROVIDERS " * 3, SERVED)
    return msgspec.structs.replace(
        known,
        facts=first,
        others=tuple(others),
        answers=(answer,),
        contracts={"T000002": contract},
    )


def taken_back(*taken: Taken) -> LetterFacts:
    """Money that a payer took back without a decision."""
    known = made((service(1, remarks=(), references=()),), category="silent_denial")
    told = msgspec.structs.asdict(known.facts) | {"group": "", "reason": "recovery", "remarks": ()}
    facts = TakebackFacts(**told, taken=taken, paid_on=SERVED)
    answer = msgspec.structs.replace(known.answers[0], refused={0: 9_000})
    return msgspec.structs.replace(known, facts=facts, answers=(answer,))
