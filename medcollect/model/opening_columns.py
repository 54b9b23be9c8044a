"""The columns of tables of open balances, by our names for them."""

from __future__ import annotations

from typing import Final

from medcollect.model.opening import RANK_CODES

PATIENT_FIELDS: Final = (
    "account", "last_name", "first_name", "birth_date", "gender", "member_id",
)  # fmt: skip
CLAIM_FIELDS: Final = (
    "claim", "practice_id", "practice_name", "service_from", "service_to", "charge",
    "written_off", "patient_paid", "insurance_open", "patient_due", "patient_not_billable",
    "diagnoses",
)  # fmt: skip
LINE_FIELDS: Final = (
    "procedure", "modifiers", "revenue_code", "units", "line_charge", "line_from", "line_to",
)  # fmt: skip
PAYMENT_FIELDS: Final = ("claim", "account", "paid_by", "amount", "paid_on")
PAYER_PARTS: Final = ("", "_id", "_kind", "_claim_number", "_paid", "_paid_on")
PAYERS: Final = tuple(range(1, len(RANK_CODES) + 1))


def payer_fields(payer: int) -> tuple[str, ...]:
    """The columns of one payer: ``payer_1``, ``payer_1_paid`` ..."""
    return tuple(f"payer_{payer}{part}" for part in PAYER_PARTS)


_PAYER_FIELDS: Final = tuple(field for payer in PAYERS for field in payer_fields(payer))

#: The columns that each table may have. A flat table is one of claims, or of lines with claims.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "claims": (*PATIENT_FIELDS, *CLAIM_FIELDS, *_PAYER_FIELDS, *LINE_FIELDS),
    "patients": PATIENT_FIELDS,
    "lines": ("claim", *LINE_FIELDS),
    "payments": PAYMENT_FIELDS,
}
