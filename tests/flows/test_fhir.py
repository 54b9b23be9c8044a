"""The samples as FHIR: every claim and answer valid, every amount equal to the file's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.fhir import AnswerForFhir, ClaimForFhir, claim_bundle, systems
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, Remittance

SAMPLES = sorted((Path(__file__).parents[2] / "edi_samples").glob("*.edi"))


def documents() -> tuple[dict[str, Claim], list[tuple[Remittance, ClaimPayment]]]:
    """Claims by number, and every claim payment with its remittance."""
    claims: dict[str, Claim] = {}
    payments: list[tuple[Remittance, ClaimPayment]] = []
    for path in SAMPLES:
        for document in medcollect.read(path):
            if isinstance(document, Claim):
                claims[document.patient_control_number] = document
            else:
                payments += [(document, payment) for payment in document.claim_payments]
    return claims, payments


def answer(number: int, remittance: Remittance, payment: ClaimPayment) -> AnswerForFhir:
    header = remittance.header
    return AnswerForFhir(
        id=f"P{number:06d}",
        remittance_id=f"R{header.transaction.segment:06d}",
        payment=payment,
        payer=header.payer,
        payee=header.payee,
        trace_number=header.trace_number,
        payment_date=header.payment_date,
        payment_cents=header.payment_cents,
    )


def cents(amount: dict[str, Any]) -> int:
    """A JSON amount in cents, which must be whole."""
    assert amount["currency"] == "USD"
    text = f"{amount['value']:.2f}"
    assert float(text) == amount["value"], "no noise beyond the cents"
    return int(text.replace(".", ""))


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = (entry["resource"] for entry in bundle["entry"])
    return [resource for resource in found if resource["resourceType"] == kind]


def adjusted(nodes: list[dict[str, Any]]) -> int:
    """The sum of the adjudications that name a claim adjustment reason."""
    amounts = [node for node in nodes if "amount" in node and "reason" in node]
    assert {node["reason"]["coding"][0]["system"] for node in amounts} <= {systems.CARC}
    return sum(cents(node["amount"]) for node in amounts)


def test_the_samples_hold_claims_and_answers() -> None:
    claims, payments = documents()

    assert len(claims) > 5
    assert len(payments) > 20


def test_every_claim_of_the_samples_is_valid_with_equal_amounts() -> None:
    for claim in documents()[0].values():
        view = ClaimForFhir(
            "C000001", claim.patient_control_number, claim.charge_cents, claim, account_id="A000001"
        )
        (shown,) = of_kind(claim_bundle(view), "Claim")

        assert cents(shown["total"]) == claim.charge_cents
        charges = [cents(item["net"]) for item in shown.get("item", [])]
        assert charges == [line.charge_cents for line in claim.lines]
        assert len(shown.get("diagnosis", [])) == len(claim.diagnoses)


def test_every_answer_of_the_samples_is_valid_with_equal_amounts() -> None:
    claims, payments = documents()
    for number, (remittance, payment) in enumerate(payments, start=1):
        claim = claims.get(payment.patient_control_number)
        view = ClaimForFhir(
            "C000001",
            payment.patient_control_number,
            claim.charge_cents if claim else payment.charge_cents,
            claim,
            (answer(number, remittance, payment),),
        )
        bundle = claim_bundle(view)
        (benefit,) = of_kind(bundle, "ExplanationOfBenefit")
        (paid,) = of_kind(bundle, "PaymentReconciliation")

        assert cents(benefit["payment"]["amount"]) == payment.paid_cents
        assert cents(paid["paymentAmount"]) == remittance.header.payment_cents
        items = benefit.get("item", [])
        assert [cents(item["net"]) for item in items] == [s.charge_cents for s in payment.services]
        lines = [node for item in items for node in item["adjudication"]]
        total = adjusted(lines) + adjusted(benefit.get("adjudication", []))
        assert total == sum(a.cents for a in payment.all_adjustments())


def test_the_book_gives_a_claim_as_fhir_with_its_own_figures(tmp_path: Path) -> None:
    pytest.importorskip("medcollect.book")
    with medcollect.open_book(f"sqlite:///{tmp_path / 'office.db'}") as book:
        book.import_files([str(path) for path in SAMPLES])
        rows = book.claims(limit=500, after=None)["claims"]
        assert len(rows) > 20
        for row in rows:
            bundle, claim = book.fhir(row["id"]), book.claim(row["id"])
            (shown,) = of_kind(bundle, "Claim")
            assert shown["id"] == row["id"]
            assert f"{shown['total']['value']:.2f}" == claim["charge"]
            assert shown["identifier"][0]["value"] == claim["patient_control_number"]
