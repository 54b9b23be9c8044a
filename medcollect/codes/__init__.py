"""What the codes in claims and remittances mean: dated tables in our own short words.

Sources and licences: codes/data/README.md. Nothing here raises for an unknown code.
"""

from __future__ import annotations

from medcollect.codes.claim_checks import check_claim_codes, diagnosis_date
from medcollect.codes.claim_situations import claim_situations
from medcollect.codes.forms import is_npi, is_procedure_form, procedure_section
from medcollect.codes.icd10 import diagnosis_label
from medcollect.codes.payment_checks import check_payment_codes
from medcollect.codes.payment_situations import RemittanceSituations, whole_charges_given_up
from medcollect.codes.records import (
    ClaimStatus,
    FilingIndicator,
    Group,
    PayerRank,
    PlaceOfService,
    ProviderAdjustmentCode,
    Reason,
    Remark,
)
from medcollect.codes.responses import response_label, status_label
from medcollect.codes.situations import SITUATIONS
from medcollect.codes.tables import (
    claim_status,
    filing_indicator,
    group,
    payer_rank,
    place_of_service,
    provider_adjustment_code,
    read_table,
    reason,
    reasons,
    remark,
    remarks,
)

__all__ = [
    "SITUATIONS",
    "ClaimStatus",
    "FilingIndicator",
    "Group",
    "PayerRank",
    "PlaceOfService",
    "ProviderAdjustmentCode",
    "Reason",
    "Remark",
    "RemittanceSituations",
    "check_claim_codes",
    "check_payment_codes",
    "claim_situations",
    "claim_status",
    "diagnosis_date",
    "diagnosis_label",
    "filing_indicator",
    "group",
    "is_npi",
    "is_procedure_form",
    "payer_rank",
    "place_of_service",
    "procedure_section",
    "provider_adjustment_code",
    "read_table",
    "reason",
    "reasons",
    "remark",
    "remarks",
    "response_label",
    "status_label",
    "whole_charges_given_up",
]
