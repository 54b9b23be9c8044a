"""Our claims as FHIR R4B resources: Claim, ExplanationOfBenefit, PaymentReconciliation.

The room takes facts (:class:`ClaimForFhir`) and gives a Bundle of type ``collection``; it never
reads the book. fhir.resources is imported late, because it is heavy.
"""

from __future__ import annotations

from medcollect.fhir.bundle import claim_bundle
from medcollect.fhir.view import AnswerForFhir, ClaimForFhir

__all__ = ["AnswerForFhir", "ClaimForFhir", "claim_bundle"]
