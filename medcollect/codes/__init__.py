"""What the codes in claims and remittances mean: dated tables in our own short words.

Sources and licences: codes/data/README.md. Nothing here raises for an unknown code.
"""

from __future__ import annotations

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
    "ClaimStatus",
    "FilingIndicator",
    "Group",
    "PayerRank",
    "PlaceOfService",
    "ProviderAdjustmentCode",
    "Reason",
    "Remark",
    "claim_status",
    "filing_indicator",
    "group",
    "payer_rank",
    "place_of_service",
    "provider_adjustment_code",
    "read_table",
    "reason",
    "reasons",
    "remark",
    "remarks",
]
