"""Traps of claims: what an 837 says correctly in form, and what payers refuse all the same.

Rules: claim_rules.md sections 5.1, 5.2, 5.4 to 5.6 and 7.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from medcollect.codes.situations import Hit, situation
from medcollect.codes.tables import filing_indicator, payer_rank
from medcollect.findings import Finding
from medcollect.model.claim import Claim, OtherPayer
from medcollect.model.common import Transaction

_NDC: Final = re.compile(r"\d{11}")
#: Three digits, six letters or digits, X: the form of the NUCC's taxonomy codes.
_TAXONOMY: Final = re.compile(r"\d{3}[0-9A-Z]{6}X")
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_DIAGNOSES_MAX: Final = 12
_TOTAL_LINE: Final = frozenset({"0001", "001"})


def claim_situations(claim: Claim, transaction: Transaction) -> list[Finding]:
    """Find what is odd about one claim; each code is told once for its place."""
    hits = [hit for rule in _RULES for hit in rule(claim)]
    hits += _dates(claim, transaction.envelope.group_date)
    hits += _taxonomy(claim, transaction.envelope.delimiters.element)
    return [situation(hit, transaction.index) for hit in dict.fromkeys(hits)]


def _frequency(claim: Claim) -> Iterator[Hit]:
    """CLM05-3 with REF*F8."""
    original = claim.reference("F8")
    if claim.frequency in {"7", "8"} and not original:
        yield Hit("replacement-without-original", claim.segment)
    if claim.frequency == "1" and original:
        yield Hit("original-without-replacement", claim.segment)
    if claim.form in {"P", "D"} and claim.frequency not in {"1", "7", "8"}:
        yield Hit("frequency-unusual", claim.segment)


def _diagnoses(claim: Claim) -> Iterator[Hit]:
    """How many diagnoses, and which lines point at none."""
    if claim.form != "P":
        return
    if sum(d.qualifier in _DIAGNOSES for d in claim.diagnoses) > _DIAGNOSES_MAX:
        yield Hit("diagnoses-too-many", claim.segment)
    for line in claim.lines:
        if not line.diagnosis_pointers:
            yield Hit("diagnosis-pointer-missing", line.segment)


def _lines(claim: Claim) -> Iterator[Hit]:
    """What every line needs."""
    if not claim.lines:
        yield Hit("claim-without-lines", claim.segment)
    numbers = Counter(line.line_control_number for line in claim.lines if line.line_control_number)
    if any(count > 1 for count in numbers.values()):
        yield Hit("line-control-number-repeated", claim.segment)
    for line in claim.lines:
        if line.revenue_code in _TOTAL_LINE:
            yield Hit("revenue-total-line", line.segment)
        if line.drug_code and not _NDC.fullmatch(line.drug_code):
            yield Hit("ndc-form", line.segment)


def _taxonomy(claim: Claim, separator: str) -> Iterator[Hit]:
    """PRV03 of the billing provider and of the providers of the claim and its lines."""
    if claim.billing_taxonomy and not _TAXONOMY.fullmatch(claim.billing_taxonomy):
        yield Hit("taxonomy-form", claim.segment)
    for number, segment in enumerate(claim.segments, claim.segment):
        if segment.startswith("PRV" + separator):
            code = segment.split(separator)[3:4]
            if code and not _TAXONOMY.fullmatch(code[0]):
                yield Hit("taxonomy-form", number)


def _payers(claim: Claim) -> Iterator[Hit]:
    """The order of the payers, and what earlier ones said."""
    coverages = [claim.coverage, *(payer.coverage for payer in claim.other_payers)]
    ranks = [coverage.rank_code for coverage in coverages if coverage.rank_code]
    if any(payer_rank(code) is None for code in ranks):
        yield Hit("payer-rank-unknown", claim.segment)
    if any(n > 1 for code, n in Counter(ranks).items() if code != "U"):
        yield Hit("payer-rank-repeated", claim.segment)
    known = payer_rank(claim.coverage.rank_code)
    if known is not None and (known.rank or 1) > 1 and not claim.other_payers:
        yield Hit("earlier-payer-missing", claim.segment)
    indicators = [coverage.filing_indicator for coverage in coverages]
    if any(code and filing_indicator(code) is None for code in indicators):
        yield Hit("filing-indicator-unknown", claim.segment, "SBR09")


def _coordination(claim: Claim) -> Iterator[Hit]:
    """The equations of 2320 and 2430 (claim_rules.md 5.6)."""
    for payer in claim.other_payers:
        if payer.paid_cents is None:
            continue
        adjusted = sum(a.cents for a in payer.adjustments) + _line_adjustments(claim, payer)
        if adjusted and claim.charge_cents - adjusted != payer.paid_cents:
            yield Hit("earlier-payer-does-not-balance", claim.segment)
    identifiers = {payer.coverage.payer.id for payer in claim.other_payers}
    for line in claim.lines:
        for answer in line.adjudications:
            if answer.payer_id not in identifiers:
                yield Hit("earlier-payer-id-differs", line.segment)
            adjusted = sum(a.cents for a in answer.adjustments)
            if line.charge_cents - adjusted != answer.paid_cents and not answer.bundled_line:
                yield Hit("earlier-payer-line-does-not-balance", line.segment)


def _line_adjustments(claim: Claim, payer: OtherPayer) -> int:
    """What this payer adjusted on the lines."""
    return sum(
        adjustment.cents
        for line in claim.lines
        for answer in line.adjudications
        if answer.payer_id == payer.coverage.payer.id
        for adjustment in answer.adjustments
    )


def _dates(claim: Claim, made: date | None) -> Iterator[Hit]:
    """Dates of service: there, in order, not after the day of the file."""
    spans = [(claim.segment, claim.service_from, claim.service_to)]
    spans += [(line.segment, line.service_from, line.service_to) for line in claim.lines]
    for segment, first, last in spans:
        if first is not None and last is not None and last < first:
            yield Hit("service-dates-reversed", segment)
        if first is not None and made is not None and first > made:
            yield Hit("service-in-the-future", segment)
    for line in claim.lines:
        undated = line.service_from is None and claim.service_from is None
        if undated or (claim.form == "P" and line.service_from is None):
            yield Hit("service-date-missing", line.segment)


_RULES: Final[tuple[Callable[[Claim], Iterator[Hit]], ...]] = (
    _frequency, _diagnoses, _lines, _payers, _coordination,
)  # fmt: skip
