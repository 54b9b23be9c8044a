"""The code systems of FHIR by the qualifiers of X12, as tables.

Names of systems follow HL7 Terminology (terminology.hl7.org) and the CARIN Blue Button guide.
"""

from __future__ import annotations

from typing import Final

CPT: Final = "http://www.ama-assn.org/go/cpt"
HCPCS: Final = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CDT: Final = "http://www.ada.org/cdt"
NDC: Final = "http://hl7.org/fhir/sid/ndc"
ICD_10_CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_9_CM: Final = "http://hl7.org/fhir/sid/icd-9-cm"
ICD_10_PCS: Final = "http://www.cms.gov/Medicare/Coding/ICD10"
HIPPS: Final = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/ProspMedicareFeeSvcPmtGen/HIPPSCodes"
REVENUE: Final = "https://www.nubc.org/CodeSystem/RevenueCodes"
TYPE_OF_BILL: Final = "https://www.nubc.org/CodeSystem/TypeOfBill"
PLACE_OF_SERVICE: Final = (
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
)
CARC: Final = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC: Final = "https://x12.org/codes/remittance-advice-remark-codes"
ADJUSTMENT_GROUP: Final = "https://x12.org/codes/claim-adjustment-group-codes"
CLAIM_FREQUENCY: Final = "http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTGFEFrequency"
NPI: Final = "http://hl7.org/fhir/sid/us-npi"
CURRENCY: Final = "urn:iso:std:iso:4217"

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
ADJUDICATION: Final = _TERMINOLOGY + "adjudication"
CLAIM_TYPE: Final = _TERMINOLOGY + "claim-type"
PRIORITY: Final = _TERMINOLOGY + "processpriority"
RELATED_CLAIM: Final = _TERMINOLOGY + "ex-relatedclaimrelationship"
DIAGNOSIS_TYPE: Final = _TERMINOLOGY + "ex-diagnosistype"
ON_ADMISSION: Final = _TERMINOLOGY + "ex-diagnosis-on-admission"
PAYMENT_TYPE: Final = _TERMINOLOGY + "payment-type"
IDENTIFIER_TYPE: Final = _TERMINOLOGY + "v2-0203"
SUBSCRIBER_RELATIONSHIP: Final = _TERMINOLOGY + "subscriber-relationship"
COVERAGE_CLASS: Final = _TERMINOLOGY + "coverage-class"
ABSENT: Final = _TERMINOLOGY + "data-absent-reason"
ABSENT_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

_CARIN: Final = "http://hl7.org/fhir/us/carin-bb/CodeSystem/"
CARIN_ADJUDICATION: Final = _CARIN + "C4BBAdjudication"
CARIN_DISCRIMINATOR: Final = _CARIN + "C4BBAdjudicationDiscriminator"
CARIN_SUPPORTING_INFO: Final = _CARIN + "C4BBSupportingInfoType"

#: Procedure qualifier (SV101-1, SVC01-1) to system; ``HC`` is split into CPT and HCPCS by form.
PROCEDURES: Final = {"AD": CDT, "N4": NDC, "HP": HIPPS, "NU": REVENUE}

#: Claim form to FHIR claim type.
CLAIM_TYPES: Final = {"P": "professional", "I": "institutional", "D": "oral"}

#: HI diagnosis qualifier to (system, diagnosis type); an empty type is any other diagnosis.
DIAGNOSES: Final = {
    "ABK": (ICD_10_CM, "principal"),
    "BK": (ICD_9_CM, "principal"),
    "ABF": (ICD_10_CM, ""),
    "BF": (ICD_9_CM, ""),
    "ABJ": (ICD_10_CM, "admitting"),
    "BJ": (ICD_9_CM, "admitting"),
    "APR": (ICD_10_CM, ""),
    "PR": (ICD_9_CM, ""),
    "ABN": (ICD_10_CM, ""),
    "BN": (ICD_9_CM, ""),
}

#: HI procedure qualifier (institutional claims) to system.
INPATIENT_PROCEDURES: Final = {
    "BBR": ICD_10_PCS,
    "BBQ": ICD_10_PCS,
    "BR": ICD_9_CM,
    "BQ": ICD_9_CM,
}

#: What an adjustment amounts to, by (group, reason), where a published category says so.
AMOUNT_TYPES: Final = {
    ("PR", "1"): (ADJUDICATION, "deductible"),
    ("PR", "66"): (ADJUDICATION, "deductible"),
    ("PR", "2"): (CARIN_ADJUDICATION, "coinsurance"),
    ("PR", "3"): (ADJUDICATION, "copay"),
    ("CO", "45"): (CARIN_ADJUDICATION, "discount"),
    ("OA", "23"): (CARIN_ADJUDICATION, "priorpayerpaid"),
}

#: Every other adjustment is named by its reason alone.
ANY_ADJUSTMENT: Final = (CARIN_DISCRIMINATOR, "adjustmentreason")

#: Claim status (CLP02) in words.
STATUSES: Final = {
    "1": "Processed as primary",
    "2": "Processed as secondary",
    "3": "Processed as tertiary",
    "4": "Denied",
    "19": "Processed as primary, forwarded to another payer",
    "20": "Processed as secondary, forwarded to another payer",
    "21": "Processed as tertiary, forwarded to another payer",
    "22": "Reversal of an earlier payment",
    "23": "Not our claim, forwarded to another payer",
    "25": "Predetermination, no payment",
}

#: SBR02 and PAT01 to FHIR's relationship of the patient to the subscriber.
RELATIONSHIPS: Final = {"18": "self", "01": "spouse", "19": "child", "G8": "other"}

#: SBR01 to the order in which payers are asked.
PAYER_ORDER: Final = {code: order for order, code in enumerate("PSTABCDEFGH", start=1)}

GENDERS: Final = {"M": "male", "F": "female", "U": "unknown"}
