"""Every element of an 835 or 837 segment has the standard's name and, where it has one, a type."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from medcollect.model.claim import Claim
from medcollect.model.common import Delimiters, RawSegment
from medcollect.model.remittance import ClaimPayment, RemittanceHeader
from medcollect.x12 import documents, named_segments
from medcollect.x12.named import known_segments, name_segment, names_of
from medcollect.x12.tokens import Limits, Tokens
from tests.support.corpus import require_corpus


def values(text: str, **marks: str) -> dict[str, Any]:
    return name_segment(RawSegment(1, text), Delimiters(**marks)).values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "PWK*OZ*EL***AC*DMN0012",
            {
                "attachment_report_type_code": "OZ",
                "attachment_transmission_code": "EL",
                "identification_code_qualifier": "AC",
                "attachment_control_number": "DMN0012",
            },
        ),
        (
            "CR1*LB*140**A*DH*12***TO THE CLINIC*UNABLE TO SIT",
            {
                "weight_unit": "LB",
                "patient_weight": "140",
                "ambulance_transport_reason_code": "A",
                "distance_unit": "DH",
                "transport_distance": "12",
                "round_trip_purpose_description": "TO THE CLINIC",
                "stretcher_purpose_description": "UNABLE TO SIT",
            },
        ),
        ("CTP****2.5*UN", {"national_drug_unit_count": "2.5", "unit_code": "UN"}),
        (
            "TOO*JP*12*L:O",
            {
                "code_list_qualifier": "JP",
                "tooth_code": "12",
                "tooth_surface_code_1": "L",
                "tooth_surface_code_2": "O",
            },
        ),
        (
            "HCP*03*100.5*10*RPO1",
            {
                "pricing_methodology_code": "03",
                "repriced_allowed_amount_cents": 10050,
                "repriced_saving_amount_cents": 1000,
                "repricing_organization_identifier": "RPO1",
            },
        ),
        (
            "DTP*314*RD8*20260105-20260219",
            {
                "date_qualifier": "314",
                "format_qualifier": "RD8",
                "period": (date(2026, 1, 5), date(2026, 2, 19)),
            },
        ),
        (
            "DTP*431*D8*20260105",
            {"date_qualifier": "431", "format_qualifier": "D8", "period": date(2026, 1, 5)},
        ),
        (
            "CAS*CO*45*10**97*-5.25*1",
            {
                "adjustment_group_code": "CO",
                "adjustment_reason_code_1": "45",
                "adjustment_amount_1_cents": 1000,
                "adjustment_reason_code_2": "97",
                "adjustment_amount_2_cents": -525,
                "adjustment_quantity_2": "1",
            },
        ),
        (
            "PLB*1234567893*20261231*WO:ICN1*12.5*L6*-1",
            {
                "provider_identifier": "1234567893",
                "fiscal_period_date": date(2026, 12, 31),
                "adjustment_reason_code_1": "WO",
                "adjustment_reference_1": "ICN1",
                "adjustment_amount_1_cents": 1250,
                "adjustment_reason_code_2": "L6",
                "adjustment_amount_2_cents": -100,
            },
        ),
    ],
)
def test_elements_have_the_standards_names_and_types(text: str, expected: dict[str, Any]) -> None:
    assert values(text) == expected


def test_what_cannot_be_read_stays_as_sent() -> None:
    """An amount or a date that is none keeps its text under the plain name."""
    assert values("HCP*03*ABOUT TEN") == {
        "pricing_methodology_code": "03",
        "repriced_allowed_amount": "ABOUT TEN",
    }
    assert values("DTP*431*D8*20261399")["period"] == "20261399"


def test_the_separators_of_the_file_count() -> None:
    found = values("TOO|JP|12|L>O", element="|", component=">")

    assert found["tooth_surface_code_2"] == "O"


def test_an_unknown_identifier_has_no_names_and_loses_nothing() -> None:
    found = name_segment(RawSegment(7, "XX*1*2"), Delimiters())

    assert (found.number, found.identifier, found.text) == (7, "XX", "XX*1*2")
    assert found.values == {}


FILE = (
    "ISA|00|          |00|          |ZZ|PAYER          |ZZ|CLINIC         |260105|1200|^|00501"
    "|000000001|0|P|>~GS|HP|PAYER|CLINIC|20260105|1200|1|X|005010X221A1~ST|835|0001~"
    "BPR|H|0|C|NON||||||||||||20260105~TRN|1|T1|1999999999~N1|PR|PLAN~"
    "RDM|EM|BILLING|office at example~N1|PE|CLINIC|XX|1234567893~LX|1~"
    "TS3|1234567893|11|20261231|1|100~CLP|A1|1|100|0|100|12|ICN1~NM1|QC|1|DOE|JO~"
    "MOA|.8|50~SVC|HC>99213>25|100|0~CAS|PR|1|100~SE|14|0001~GE|1|1~IEA|1|000000001~"
)


def test_a_loop_gives_all_its_segments_with_their_places() -> None:
    """Also what stands above a claim payment, and with the separators of the interchange."""
    found = list(documents(io.BytesIO(FILE.encode())))
    header = next(d for d in found if isinstance(d, RemittanceHeader))
    payment = next(d for d in found if isinstance(d, ClaimPayment))
    marks = header.transaction.envelope.delimiters

    named = {s.identifier: s for s in named_segments(header)}
    assert named["RDM"].values["report_transmission_code"] == "EM"
    assert named["RDM"].number == 7

    named = {s.identifier: s for s in named_segments(payment, marks)}
    assert named["TS3"].values["total_claim_charge_amount_cents"] == 10000
    assert named["MOA"].values == {
        "reimbursement_rate": ".8",
        "claim_hcpcs_payable_amount_cents": 5000,
    }
    assert named["SVC"].values["procedure_modifier_1"] == "25"
    texts = FILE.split("~")
    assert [texts[s.number - 1] for s in named.values()] == [s.text for s in named.values()]


def test_every_element_of_a_table_has_a_name_of_its_own() -> None:
    for segment in known_segments():
        names = names_of(segment)
        assert len(set(names)) == len(names), segment
        assert all(name == name.lower() and name.isidentifier() for name in names), segment


#: Segments and elements of published files that no guide of 835 and 837 knows.
_NO_GUIDE = {"", "-181.55", "N7", "NM31", "Nd4", "PLXX", "SB", "TS7", "UD", "XX", "DN104", "N107",
             "N108", "SV110", "SBR10", "SVC08", "SV208"}  # fmt: skip
_ENVELOPE = {"ISA", "GS", "ST", "SE", "GE", "IEA"}


def test_published_files_hold_no_element_without_a_name() -> None:
    unnamed: set[str] = set()
    for path in sorted(require_corpus().glob("83*/*")):
        kind = ""
        for batch in Tokens(io.BytesIO(path.read_bytes()), Limits()).batches():
            marks = batch.delimiters
            for text in batch.segments:
                elements = text.split(marks.element)
                kind = elements[1] if elements[0] == "ST" and len(elements) > 1 else kind
                if kind in {"835", "837"} and elements[0] not in _ENVELOPE:
                    unnamed.update(_unnamed(text, elements, marks))
    assert unnamed <= _NO_GUIDE


def _unnamed(text: str, elements: list[str], marks: Delimiters) -> list[str]:
    """Elements with data whose text is in no value of the named segment."""
    if elements[0] not in known_segments():
        return [elements[0]]
    alone = [
        (f"{elements[0]}{place:02d}", [""] * place + [element])
        for place, element in enumerate(elements[1:], 1)
        if element.strip(marks.component)
    ]
    return [
        label
        for label, parts in alone
        if not values(
            marks.element.join([elements[0], *parts[1:]]),
            element=marks.element,
            component=marks.component,
        )
    ]


def test_a_claim_gives_the_elements_its_record_has_no_field_for() -> None:
    claim = Claim(
        1, 10, "P", "A1", 10000, segments=("CLM*A1*100***11:B:1*Y*A*W*I*P*AA:::IL**02", "K3*NOTE")
    )
    named = list(named_segments(claim))

    assert named[0].values["related_causes_code_1"] == "AA"
    assert named[0].values["accident_state_code"] == "IL"
    assert named[0].values["benefits_assignment_indicator"] == "W"
    assert named[1].number == 11
