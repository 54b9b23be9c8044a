"""A claim as FHIR resources: fill the view of the FHIR room from the book."""

from __future__ import annotations

from typing import Any

from medcollect.errors import NotAllowed
from medcollect.fhir import AnswerForFhir, ClaimForFhir, claim_bundle
from medcollect.ids import name
from medcollect.store.engine import Store
from medcollect.tasks.load import LoadedClaim, find_claims, load_claim


def view_fhir(store: Store, number: str) -> dict[str, Any]:
    """A claim as a FHIR R4B Bundle: Claim, one ExplanationOfBenefit per answer, payments.

    Raises NotFound, and NotAllowed where several claims carry the number.
    """
    with store.reading() as connection:
        found = find_claims(connection, number)
        if len(found) > 1:
            ids = ", ".join(name("C", row["id"]) for row in found)
            raise NotAllowed("Several claims carry this number.", f"Name one by its id: {ids}.")
        loaded = load_claim(connection, found[0])
    return claim_bundle(_view(loaded))


def _view(loaded: LoadedClaim) -> ClaimForFhir:
    """The claim with its latest document and every answer in order."""
    row, documents = loaded.row, loaded.group.documents
    return ClaimForFhir(
        id=name("C", row["id"]),
        patient_control_number=row["patient_control_number"],
        charge_cents=row["charge_cents"],
        claim=documents[-1].claim if documents else None,
        answers=tuple(_answer(loaded, p.id) for p in loaded.group.payments),
        account_id=name("A", row["account_id"]) if row["account_id"] else "",
        filed_date=documents[-1].created if documents else None,
    )


def _answer(loaded: LoadedClaim, payment: int) -> AnswerForFhir:
    """One payer's answer with the payment that carried it."""
    row = loaded.payment_rows[payment]
    header = row["header"]
    return AnswerForFhir(
        id=name("P", payment),
        remittance_id=name("R", row["remittance_id"]),
        payment=row["payment"],
        payer=header.payer,
        payee=header.payee,
        trace_number=header.trace_number,
        payment_date=row["payment_date"],
        payment_cents=header.payment_cents,
        posted=row["outcome"] in {"posted", "noted"},
    )
