"""Claims: list, search by number, explain, as FHIR."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.deps import AskDesk, ClaimId, ClaimPage, Document
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import Billing, Inquiry, NumberSearch
from api.schemas import AskedPayers, Billed, Claim, ClaimList, FhirBundle, FoundClaims
from api.search import found_claims

router = APIRouter(tags=["claims"])

FHIR = "application/fhir+json"


@router.get(
    "/claims",
    response_model=ClaimList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_claims(desk: AskDesk, page: ClaimPage) -> Document:
    """List the claims."""
    return desk.ask(lambda book: book.claims(page.limit, page.after))


@router.post(
    "/claims/search",
    response_model=FoundClaims,
    response_model_exclude_unset=True,
    responses=problems(400),
)
def search_claims(desk: AskDesk, body: NumberSearch) -> Document:
    """Find the claims that carry a number."""
    return desk.ask(lambda book: found_claims(book, body.number))


@router.post(
    "/claims/bill",
    response_model=Billed,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def bill_claims(desk: AskDesk, once: DoOnce, body: Billing) -> Document:
    """Write claims again: corrected, void, once more, or to the next payer. `edi` is the file."""
    options = body.model_dump(exclude={"claims", "kind", "keep"})
    options["reason"] = options["reason"] or ""
    return once.do(
        body.model_dump(),
        lambda: (
            200,
            desk.ask(lambda book: book.bill(body.claims, body.kind, keep=body.keep, **options)),
        ),
    )


@router.post(
    "/claims/inquire",
    response_model=AskedPayers,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def inquire(desk: AskDesk, once: DoOnce, body: Inquiry) -> Document:
    """Ask payers where claims stand. `edi` is the 276."""
    options = body.model_dump(exclude={"claims"})
    return once.do(
        body.model_dump(),
        lambda: (200, desk.ask(lambda book: book.inquire(body.claims, **options))),
    )


@router.get(
    "/claims/{id:our_id}",
    response_model=Claim,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_claim(desk: AskDesk, id: ClaimId) -> Document:  # noqa: A002
    """Explain one claim: the charge, each payer's answer, what is left and with whom."""
    return desk.ask(lambda book: book.claim(id))


def _fhir_schema() -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/FhirBundle"}
    return {200: {"model": FhirBundle, "content": {FHIR: {"schema": schema}}}}


class FhirResponse(JSONResponse):
    """A FHIR resource under its own media type."""

    media_type = FHIR


@router.get(
    "/claims/{id:our_id}/fhir",
    response_class=FhirResponse,
    responses={**_fhir_schema(), **problems(404)},
)
def show_claim_as_fhir(desk: AskDesk, id: ClaimId) -> Response:  # noqa: A002
    """Give one claim as FHIR R4B: Claim, ExplanationOfBenefit, PaymentReconciliation."""
    return FhirResponse(desk.ask(lambda book: book.fhir(id)))
