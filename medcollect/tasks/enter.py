"""Post an explanation of benefits on paper: it becomes a remittance and is imported like any other.

So the same proofs, the same matching and the same undo hold, and a file of the same payment that
comes later is known.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.remittances import ACTIVE
from medcollect.errors import BadRequest, NotAllowed, NotReadable
from medcollect.files import InputFile
from medcollect.ids import name
from medcollect.model.common import Adjustment, Delimiters, Envelope, Party, Procedure, Transaction
from medcollect.model.entered import EnteredClaim, EnteredLine, EnteredPayment
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    Remittance,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)
from medcollect.store import facts
from medcollect.store.engine import Store
from medcollect.store.tables import remittances
from medcollect.tasks.enter_sheet import read_sheet
from medcollect.tasks.import_files import import_within
from medcollect.x12.write import OutgoingEnvelope
from medcollect.x12.write835 import VERSION, write_835

_PRACTICE = "PRACTICE"


def enter_payments(
    store: Store,
    payments: Sequence[EnteredPayment],
    *,
    user: str,
    source: str = "",
    dry_run: bool = False,
    today: date | None = None,
) -> dict[str, Any]:
    """Post payments that a person entered; answers as an import does.

    ``source`` names the sheet they were read from. A payer known from its remittances keeps its
    numbers, so that this payment and an 835 of it are one. Raises BadRequest for a payment that
    says too little, NotAllowed for one that is on file already.
    """
    for payment in payments:
        _insist_on_enough(payment)
    if not payments:
        raise BadRequest("There is no payment to post.", "Enter at least one.")
    unit = store.trying() if dry_run else store.writing()
    with unit as connection:
        written = [_remittance(connection, p, index) for index, p in enumerate(payments, 1)]
        data = write_835(written, _envelope(payments)).encode()
        label = f"entered by {user}" + (f": {source}" if source else "")
        file = InputFile(label, len(data), _Entered(data))
        answer = import_within(
            store, connection, file, today=today or dates.today(), before=lambda _: None
        )
    return {**answer, "import": None, "dry_run": True} if dry_run else answer


def enter_sheet(
    store: Store,
    path: Path,
    *,
    user: str,
    dry_run: bool = False,
    today: date | None = None,
) -> dict[str, Any]:
    """Post the payments of a sheet (``enter_sheet``); one that cannot be read posts nothing.

    Raises NotReadable where the file cannot be opened.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotReadable("The sheet cannot be read.", "Check the path.") from error
    payments, findings = read_sheet(data)
    if findings:
        found = [msgspec.to_builtins(finding) for finding in findings]
        digest = hashlib.sha256(data).hexdigest()
        told = {"path": path.name, "sha256": digest, "status": "rejected", "transactions": 0}
        return {"import": None, "files": [{**told, "findings": found}]}
    return enter_payments(
        store, payments, user=user, source=path.name, dry_run=dry_run, today=today
    )


class _Entered(msgspec.Struct, frozen=True):
    """The file that the entered payments make."""

    data: bytes

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


def _insist_on_enough(payment: EnteredPayment) -> None:
    """A payment needs payer and number; a claim its number, and figures of its own or lines."""
    if not payment.payer.strip() or not payment.payment_number.strip():
        raise BadRequest(
            "A payment needs its payer and its number.",
            "Enter the check or transfer number; for a notice without money, its own number.",
        )
    for claim in payment.claims:
        if not claim.patient_control_number.strip():
            raise BadRequest("A claim needs its number.", "Enter the patient control number.")
        if not claim.lines and (claim.charge_cents is None or claim.paid_cents is None):
            raise BadRequest(
                "A claim without lines needs its charge and its payment.", "Enter both, or lines."
            )


def _envelope(payments: Sequence[EnteredPayment]) -> OutgoingEnvelope:
    """The envelope of the file; it depends on what was entered only, so that twice is once."""
    last = max(payment.payment_date for payment in payments)
    created = datetime.combine(last, time(), tzinfo=UTC)
    return OutgoingEnvelope(
        sender_id=_PRACTICE, receiver_id=_PRACTICE, created=created, contact_name="ENTERED BY HAND"
    )


def _remittance(connection: sa.Connection, payment: EnteredPayment, index: int) -> Remittance:
    """The payment as the 835 it would have been."""
    payer, trace_id = _payer(connection, payment)
    _insist_on_new(connection, payment, trace_id)
    transaction = Transaction("835", "835", index, 1, "", VERSION, Envelope(Delimiters()))
    method = payment.method or ("CHK" if payment.payment_cents else "NON")
    header = RemittanceHeader(
        transaction,
        handling="I" if payment.payment_cents else "H",
        payment_cents=payment.payment_cents,
        payment_method=method,
        payment_date=payment.payment_date,
        trace_number=payment.payment_number.strip(),
        payer_trace_id=trace_id,
        payer=payer,
        payee=Party("PE", _PRACTICE),
    )
    claims = tuple(_claim(claim, place) for place, claim in enumerate(payment.claims, 1))
    return Remittance(header, claims, _end(payment, transaction))


def _end(payment: EnteredPayment, transaction: Transaction) -> RemittanceEnd:
    period = date(payment.payment_date.year, 12, 31)
    adjustments = tuple(
        ProviderAdjustment(place, 0, _PRACTICE, period, a.code, a.reference, a.cents)
        for place, a in enumerate(payment.provider_adjustments, 1)
    )
    return RemittanceEnd(transaction, adjustments, "", complete=True, segment_count=0)


def _payer(connection: sa.Connection, payment: EnteredPayment) -> tuple[Party, str]:
    """The payer as its latest remittance names it, else as entered; with its number in TRN03."""
    query = (
        sa.select(remittances.c.document)
        .where(
            sa.func.upper(remittances.c.payer_name) == payment.payer.strip().upper(),
            remittances.c.status == ACTIVE,
        )
        .order_by(remittances.c.id.desc())
        .limit(1)
    )
    document = connection.execute(query).scalar()
    if document is None:
        party = Party("PR", payment.payer.strip().upper(), id_qualifier="", id="")
        return party, payment.payer_id.strip()
    known = facts.decode_header(document)
    return known.payer, payment.payer_id.strip() or known.payer_trace_id


def _insist_on_new(connection: sa.Connection, payment: EnteredPayment, trace_id: str) -> None:
    """The same number, day and amount under another payer's number would be posted twice."""
    query = sa.select(remittances.c.id, remittances.c.document).where(
        remittances.c.trace_number == payment.payment_number.strip(),
        remittances.c.payment_cents == payment.payment_cents,
        remittances.c.payment_date == payment.payment_date,
        remittances.c.status == ACTIVE,
    )
    for number, document in connection.execute(query):
        if facts.decode_header(document).payer_trace_id != trace_id:
            raise NotAllowed(
                f"A payment of this number, day and amount is on file: {name('R', number)}.",
                "Look at it with report remittances. If it is another payer's, give --payer-id.",
            )


def _claim(claim: EnteredClaim, position: int) -> ClaimPayment:
    """One CLP loop; with lines its charge and payment are their sums, less what it adjusts."""
    charge, paid = claim.charge_cents, claim.paid_cents
    if claim.lines:
        charge = sum(line.charge_cents for line in claim.lines) if charge is None else charge
        adjusted = sum(a.cents for a in claim.adjustments)
        line_paid = sum(line.paid_cents for line in claim.lines)
        paid = line_paid - adjusted if paid is None else paid
    owed = sum(a.cents for a in _adjustments(claim) if a.group == "PR")
    patient = Party(
        "QC", claim.last_name, claim.first_name, "", "", "MI" if claim.member_id else "",
        claim.member_id,
    )  # fmt: skip
    return ClaimPayment(
        position,
        0,
        claim.patient_control_number.strip(),
        claim.status,
        charge or 0,
        paid or 0,
        owed,
        payer_claim_control_number=claim.payer_claim_control_number,
        adjustments=claim.adjustments,
        services=tuple(_service(line, place) for place, line in enumerate(claim.lines, 1)),
        parties=(patient,),
        remarks=claim.remarks,
    )


def _adjustments(claim: EnteredClaim) -> list[Adjustment]:
    return [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]


def _service(line: EnteredLine, position: int) -> ServicePayment:
    """One SVC loop."""
    code = line.procedure or line.revenue_code
    procedure = Procedure("HC" if line.procedure else "NU", code, line.modifiers)
    return ServicePayment(
        position,
        0,
        procedure,
        line.charge_cents,
        line.paid_cents,
        revenue_code=line.revenue_code if line.procedure else "",
        units=line.units,
        service_from=line.service_from,
        service_to=line.service_to or line.service_from,
        adjustments=line.adjustments,
        remarks=line.remarks,
    )
