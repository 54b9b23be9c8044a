"""The kinds of cases on the desk: by which record each is kept, and how it is judged."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from medcollect.denials import Assessment, DenialFacts, assess
from medcollect.denials.facts import ShortfallFacts, TakebackFacts
from medcollect.denials.rejection import RejectionFacts, assess_rejection
from medcollect.model.casework import DENIED, REJECTED, SILENT, UNDERPAID
from medcollect.model.policies import DenialPolicies

#: What a case rests on.
Facts = DenialFacts | RejectionFacts

_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    DENIED: msgspec.json.Decoder(DenialFacts),
    REJECTED: msgspec.json.Decoder(RejectionFacts),
    SILENT: msgspec.json.Decoder(TakebackFacts),
    UNDERPAID: msgspec.json.Decoder(ShortfallFacts),
}


def facts_of(kind: str, stored: str) -> Facts:
    """The facts of a case as they were stored."""
    found: Facts = _DECODERS[kind].decode(stored)
    return found


def judge(facts: Facts, today: date, policies: DenialPolicies) -> Assessment:
    """Judge a case of any kind as of today."""
    if isinstance(facts, RejectionFacts):
        return assess_rejection(facts, today, policies)
    return assess(facts, today, policies)


def limits_rest_on(facts: Facts) -> DenialFacts:
    """The facts that a case's time limits depend on."""
    return facts.filing if isinstance(facts, RejectionFacts) else facts
