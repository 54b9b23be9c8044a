"""Opening balances as claim documents: what each payer answered before, as one answer each.

The claim is the record that an 837 gives, so that everything that happens to a claim can happen to
it. The answers are those of earlier payers as a claim reports them (2320): a payer's own 835, or
the claim's own 837, takes their place when it comes, whatever the order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.cases import build_case
from medcollect.bookkeeping.derived import Figures, figures_of
from medcollect.bookkeeping.intake import Intake
from medcollect.bookkeeping.scan import Scanned
from medcollect.ledger import post_claim
from medcollect.matching.docs import ClaimDoc, Group
from medcollect.model.claim import (
    Claim,
    ClaimsHeader,
    Coverage,
    Diagnosis,
    OtherPayer,
    ServiceLine,
)
from medcollect.model.common import (
    Adjustment,
    Delimiters,
    Envelope,
    Party,
    Procedure,
    Reference,
    Transaction,
)
from medcollect.model.opening import (
    AWAITED_REASON,
    NOT_BILLABLE_REASON,
    OPENING_KIND,
    OPENING_REASON,
    OPENING_SORT,
    RANK_CODES,
    Opening,
    OpeningLine,
    OpeningPatient,
    OpeningPayer,
)
from medcollect.store import facts
from medcollect.store.engine import chunks
from medcollect.store.tables import claim_documents, transactions

#: A claim of a patient without insurance: what is open is the patient's.
SELF_PAY = OpeningPayer("SELF PAY", kind="09")

#: CARC 23: what earlier payers did, told again by a later one.
_PRIOR_REASON = "23"
_MEDICAL_RECORD = "EA"


def claim_of(opening: Opening) -> Claim:
    """The claim's record; its position and segment are the row that it stands on."""
    payers = opening.payers or (SELF_PAY,)
    patient = person_of(opening.patient)
    first = _coverage(payers[0], 0, patient)
    account = opening.patient.account
    return Claim(
        position=opening.line,
        segment=opening.line,
        form="I" if any(line.revenue_code for line in opening.lines) else "P",
        patient_control_number=opening.claim,
        charge_cents=opening.charge_cents,
        billing_provider=Party(
            "85", opening.practice_name, id_qualifier="XX" if opening.practice_id else "",
            id=opening.practice_id,
        ),
        coverage=first,
        patient=patient,
        other_payers=_answers(opening, payers),
        diagnoses=tuple(
            Diagnosis("ABF" if place else "ABK", code)
            for place, code in enumerate(opening.diagnoses)
        ),
        service_from=opening.service_from,
        service_to=opening.service_to or opening.service_from,
        patient_paid_cents=opening.patient_paid_cents or None,
        references=(Reference(_MEDICAL_RECORD, account),) if account else (),
        lines=tuple(_line(line, place, opening) for place, line in enumerate(opening.lines, 1)),
    )  # fmt: skip


def account_number(claim: Claim) -> str:
    """The patient's number in the system that an opening balance came from."""
    return claim.reference(_MEDICAL_RECORD)


def person_of(patient: OpeningPatient) -> Party:
    """The patient as a claim names them."""
    return Party(
        "QC",
        patient.last_name.upper(),
        patient.first_name.upper(),
        id_qualifier="MI" if patient.member_id else "",
        id=patient.member_id,
        birth_date=patient.birth_date,
        gender=patient.gender,
    )


def _coverage(payer: OpeningPayer, place: int, subscriber: Party) -> Coverage:
    """A payer in its place; the member id that is known is the first payer's."""
    return Coverage(
        rank_code=RANK_CODES[place],
        filing_indicator=payer.kind,
        payer=Party(
            "PR", payer.name.upper(), id_qualifier="PI" if payer.id else "", id=payer.id
        ),
        subscriber=subscriber if place == 0 else Party(),
    )  # fmt: skip


def _line(line: OpeningLine, place: int, opening: Opening) -> ServiceLine:
    return ServiceLine(
        position=place,
        segment=opening.line,
        number=str(place),
        procedure=Procedure("HC" if line.procedure else "", line.procedure, line.modifiers),
        charge_cents=line.charge_cents,
        revenue_code=line.revenue_code,
        unit="UN",
        units=line.units,
        service_from=line.service_from or opening.service_from,
        service_to=line.service_to or line.service_from,
    )


def _answers(opening: Opening, payers: Sequence[OpeningPayer]) -> tuple[OtherPayer, ...]:
    """Every payer with what it answered; the last one to answer carries the write-offs."""
    answered = [place for place, payer in enumerate(payers) if payer.paid_cents is not None]
    last = max(answered, default=-1)
    owed = opening.patient_due_cents + opening.patient_paid_cents
    if last < 0 and (owed or opening.written_off_cents):
        last = 0
    found = []
    prior = 0
    for place, payer in enumerate(payers):
        paid = payer.paid_cents or 0
        adjustments: tuple[Adjustment, ...] = ()
        if place < last:
            passed_on = opening.charge_cents - prior - paid
            adjustments = _adjusted(prior, passed_on=passed_on)
        elif place == last:
            is_next = place + 1 < len(payers)
            adjustments = _adjusted(
                prior,
                written_off=opening.written_off_cents,
                owed=owed - opening.not_billable_cents,
                not_billable=opening.not_billable_cents,
                passed_on=opening.insurance_open_cents if is_next else 0,
                awaited=0 if is_next else opening.insurance_open_cents,
            )
        prior += paid
        found.append(
            OtherPayer(
                _coverage(payer, place, Party()),
                adjustments=adjustments,
                paid_cents=paid if place <= last else None,
                paid_date=payer.paid_on,
                payer_claim_control_number=payer.claim_number,
            )
        )
    return tuple(found)


def _adjusted(
    prior: int,
    *,
    written_off: int = 0,
    owed: int = 0,
    not_billable: int = 0,
    passed_on: int = 0,
    awaited: int = 0,
) -> tuple[Adjustment, ...]:
    """Why a payer did not pay the whole charge, in the words of an answer."""
    parts = (
        Adjustment("OA", _PRIOR_REASON, prior),
        Adjustment("CO", OPENING_REASON, written_off),
        Adjustment("PR", OPENING_REASON, owed),
        Adjustment("PR", NOT_BILLABLE_REASON, not_billable),
        Adjustment("PR", AWAITED_REASON, passed_on),
        Adjustment("OA", AWAITED_REASON, awaited),
    )
    return tuple(part for part in parts if part.cents)


def posts_as_given(opening: Opening) -> bool:
    """Whether the ledger makes the same balances of the claim, to the cent."""
    document = ClaimDoc(1, claim_of(opening), (), f"{OPENING_SORT}{date.min}")
    posted = post_claim(build_case(Group(0, documents=[document])))
    figures = figures_of(leg for entry in posted.entries for leg in entry.postings)
    owed = opening.patient_due_cents + opening.patient_paid_cents
    return not posted.issues and figures == Figures(
        charge=opening.charge_cents,
        insurance_paid=opening.insurance_paid_cents,
        written_off=opening.written_off_cents,
        patient_responsibility=owed,
        patient_paid=opening.patient_paid_cents,
        receivable=opening.insurance_open_cents,
    )


def fingerprint_of(claim: Claim) -> str:
    """What makes it the same opening balance in another table: everything but its row."""
    bare = msgspec.structs.replace(claim, position=0, segment=0)
    lines = tuple(msgspec.structs.replace(line, segment=0) for line in bare.lines)
    content = facts.encode_claim(msgspec.structs.replace(bare, lines=lines))
    return hashlib.sha256(b"OPENING|" + content).hexdigest()


def known_openings(connection: sa.Connection, numbers: Sequence[str]) -> dict[str, set[str]]:
    """The fingerprints of opening balances on file, by claim number."""
    found: dict[str, set[str]] = {}
    for some in chunks(sorted(set(numbers))):
        query = (
            sa.select(claim_documents.c.patient_control_number, transactions.c.fingerprint)
            .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
            .where(
                claim_documents.c.patient_control_number.in_(some),
                transactions.c.kind == OPENING_KIND,
                transactions.c.status == "active",
            )
        )
        for number, fingerprint in connection.execute(query):
            found.setdefault(number, set()).add(fingerprint)
    return found


def take_in(intake: Intake, file_id: int, claim: Claim, as_of: date, *, known: bool) -> None:
    """Note an opening balance, one transaction each; one that is ``known`` as a duplicate."""
    header = _header(claim.position, as_of)
    fingerprint = fingerprint_of(claim)
    scanned = Scanned(header.transaction, fingerprint)
    status = "duplicate" if known else "active"
    transaction_id = intake.open_transaction(scanned, file_id, status)
    if not known:
        intake.add_claim(header, fingerprint, transaction_id, claim)


def _header(place: int, as_of: date) -> ClaimsHeader:
    envelope = Envelope(Delimiters())
    transaction = Transaction(OPENING_KIND, OPENING_KIND, place, place, "", "", envelope)
    return ClaimsHeader(transaction, created_date=as_of)


def revive_openings(connection: sa.Connection, intake: Intake, rows: Sequence[Any]) -> None:
    """Let skipped opening balances step in for the same ones that were taken back."""
    for row in rows:
        query = (
            sa.select(claim_documents.c.document, claim_documents.c.sort_key)
            .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
            .where(transactions.c.fingerprint == row.fingerprint)
            .order_by(claim_documents.c.id)
            .limit(1)
        )
        kept = connection.execute(query).one()
        as_of = date.fromisoformat(kept.sort_key.removeprefix(OPENING_SORT)[:10])
        claim = facts.decode_claim(kept.document)
        intake.add_claim(_header(row.place, as_of), row.fingerprint, row.id, claim)
