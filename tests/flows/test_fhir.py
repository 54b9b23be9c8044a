"""The samples as FHIR: every claim and answer valid, every amount equal to the file's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle

import medcollect
import medcollect.book
from medcollect.fhir import AnswerForFhir, ClaimForFhir, claim_bundle, systems
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, Remittance
from tests.support.worked import Example, examples

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


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[medcollect.book.Book]:
    """A book that holds the sample month."""
    with medcollect.open_book(f"sqlite:///{tmp_path_factory.mktemp('fhir') / 'b.db'}") as book:
        book.import_files([str(path) for path in SAMPLES])
        yield book


def shown_cents(text: str) -> int:
    return int(text.replace(".", ""))


def codings(node: Any) -> list[tuple[str, str]]:
    """Every code of a resource in its system."""
    if isinstance(node, list):
        return [found for item in node for found in codings(item)]
    if not isinstance(node, dict):
        return []
    own = [(node["system"], node["code"])] if {"system", "code"} <= node.keys() else []
    return own + [found for value in node.values() for found in codings(value)]


#: What a code of each system looks like; HCPCS has modifiers of two places besides.
FORMS = {
    systems.CPT: r"[0-9]{4}[0-9FTUM]|[0-9]{2}|P[1-6]|[1-4]P",
    systems.HCPCS: r"[A-CE-V][0-9]{4}|[A-Z][A-Z0-9]",
    systems.CDT: r"D[0-9]{4}",
    systems.ICD_10_CM: r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?",
    systems.CARC: r"[ABPW]?[0-9]{1,3}",
    systems.RARC: r"(M|MA|N)[0-9]{1,3}",
    systems.ADJUSTMENT_GROUP: r"CO|PR|OA|PI|CR",
    systems.REVENUE: r"[0-9]{4}",
    systems.TYPE_OF_BILL: r"[0-9]{3}",
    systems.PLACE_OF_SERVICE: r"[0-9]{2}",
}


def assert_sound(bundle: dict[str, Any]) -> None:
    """Valid by the models of R4B, as a whole and each by itself; nothing refers outside."""
    text = json.dumps(bundle)
    Bundle.model_validate_json(text)
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(known) == len(bundle["entry"])
    for entry in bundle["entry"]:
        kind = get_fhir_model_class(entry["resource"]["resourceType"])
        kind.model_validate_json(json.dumps(entry["resource"]))
    assert set(re.findall(r'"reference": "([^"]+)"', text)) <= known
    for system, code in codings(bundle):
        if system in FORMS:
            assert re.fullmatch(FORMS[system], code), (system, code)
        else:
            assert not system.startswith("https://x12.org"), system


def assert_figures(book: Any, claim: dict[str, Any], bundle: dict[str, Any]) -> None:
    """One answer for each claim payment; every total is that of ``claim --json``."""
    (filed,) = of_kind(bundle, "Claim")
    assert cents(filed["total"]) == shown_cents(claim["charge"])
    assert filed["identifier"][0]["value"] == claim["patient_control_number"]
    benefits = {b["id"]: b for b in of_kind(bundle, "ExplanationOfBenefit")}
    assert list(benefits) == [payment["id"] for payment in claim["payments"]]
    for payment in claim["payments"]:
        benefit = benefits[payment["id"]]
        totals = {t["category"]["coding"][0]["code"]: cents(t["amount"]) for t in benefit["total"]}
        assert cents(benefit["payment"]["amount"]) == shown_cents(payment["paid"])
        assert totals["benefit"] == shown_cents(payment["paid"])
        assert totals["submitted"] == shown_cents(payment["charge"])
    standing = [p["id"] for p in claim["payments"] if p["outcome"] == "posted"]
    paid = sum(cents(benefits[number]["payment"]["amount"]) for number in standing)
    assert paid == shown_cents(claim["insurance_paid"])
    active = [n for n in standing if benefits[n]["status"] == "active"]
    assert sum(cents(benefits[n]["payment"]["amount"]) for n in active) == paid
    for received in of_kind(bundle, "PaymentReconciliation"):
        remittance = book.remittance(received["id"])
        assert cents(received["paymentAmount"]) == shown_cents(remittance["payment"])
        of_this_claim = [p for p in claim["payments"] if p["remittance"] == received["id"]]
        details = [cents(detail["amount"]) for detail in received["detail"]]
        assert details == [shown_cents(payment["paid"]) for payment in of_this_claim]


def test_every_claim_of_the_month_is_sound_and_has_the_books_figures(month: Any) -> None:
    rows = month.claims(limit=500, after=None)["claims"]
    assert len(rows) > 40
    for row in rows:
        bundle = month.fhir(row["id"])
        assert_sound(bundle)
        assert_figures(month, month.claim(row["id"]), bundle)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.id)
def test_every_worked_example_is_sound_and_has_the_books_figures(
    example: Example, tmp_path: Path
) -> None:
    """With the claim on file, and rebuilt from the payers' answers alone."""
    claims, remits = example.write(tmp_path)
    for name, paths in {"all": [claims, *remits], "answers": remits}.items():
        with medcollect.open_book(f"sqlite:///{tmp_path / name}.db") as book:
            book.import_files([str(path) for path in paths])
            rows = book.claims(limit=500, after=None)["claims"]
            assert rows
            for row in rows:
                bundle = book.fhir(row["id"])
                assert_sound(bundle)
                assert_figures(book, book.claim(row["id"]), bundle)


def test_the_month_shows_every_kind_of_code_in_its_system(month: Any) -> None:
    found = {
        system
        for row in month.claims(limit=500, after=None)["claims"]
        for system, _ in codings(month.fhir(row["id"]))
    }
    assert found >= {
        systems.CPT,
        systems.HCPCS,
        systems.CDT,
        systems.ICD_10_CM,
        systems.CARC,
        systems.RARC,
        systems.REVENUE,
    }


def test_a_reversal_keeps_its_sign_and_cancels_the_answer_it_takes_back(month: Any) -> None:
    """CH5001: paid 200.00, taken back, paid 120.00."""
    benefits = of_kind(month.fhir("CH5001"), "ExplanationOfBenefit")
    told = [(b["status"], b["disposition"], b["payment"]["amount"]["value"]) for b in benefits]

    assert told == [
        ("cancelled", "Processed as primary", 200),
        ("cancelled", "Reversal of an earlier payment", -200),
        ("active", "Processed as primary", 120),
    ]
    assert cents(benefits[1]["item"][0]["net"]) == -40000
    assert adjusted(benefits[1]["item"][0]["adjudication"]) == -20000
