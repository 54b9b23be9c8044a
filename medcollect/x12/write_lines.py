"""The service lines of an 837 from their records: LX with SV1, SV2 or SV3, and loop 2430."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medcollect.x12.lines837 import SERVICES
from medcollect.x12.write import (
    Segment,
    adjustment_segments,
    amount,
    composite,
    day8,
    party_segments,
    reference_segments,
)
from medcollect.x12.write835 import procedure_element

if TYPE_CHECKING:
    from datetime import date

    from medcollect.model.claim import LineAdjudication, ServiceLine

_TAGS: Final = {positions.form: tag for tag, positions in SERVICES.items()}


def date_segment(
    qualifier: str, start: date | None, end: date | None, *, ranged: bool = False
) -> Segment:
    """DTP with one day or a range."""
    if ranged or start != end:
        return ["DTP", qualifier, "RD8", f"{day8(start)}-{day8(end)}"]
    return ["DTP", qualifier, "D8", day8(start)]


def line_segments(form: str, line: ServiceLine) -> list[Segment]:
    """One LX loop."""
    segments: list[Segment] = [["LX", line.number or str(line.position)], _service(form, line)]
    if line.service_from:
        segments.append(date_segment("472", line.service_from, line.service_to))
    segments += reference_segments(line.references)
    if line.line_control_number and not any(r.qualifier == "6R" for r in line.references):
        segments.append(["REF", "6R", line.line_control_number])
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in line.amounts]
    if line.drug_code:
        segments.append(["LIN", "", "N4", line.drug_code])
    for party in line.parties:
        segments += party_segments(party)
    for adjudication in line.adjudications:
        segments += adjudication_segments(adjudication, line)
    return segments


def _service(form: str, line: ServiceLine) -> Segment:
    """SV1, SV2 or SV3."""
    tag = _TAGS[form]
    at = SERVICES[tag]
    segment: Segment = [tag, *[None] * (max(at[1:]))]
    procedure = procedure_element(line.procedure) if line.procedure.code else ""
    filled = {
        at.procedure: procedure,
        at.charge: amount(line.charge_cents),
        at.unit: line.unit or "UN",
        at.units: line.units,
        at.place: line.place_of_service,
        at.pointers: composite(*line.diagnosis_pointers),
        at.revenue: line.revenue_code,
    }
    for place, value in filled.items():
        if place:
            segment[place] = value
    return segment


def adjudication_segments(decided: LineAdjudication, line: ServiceLine) -> list[Segment]:
    """Loop 2430: what another payer decided on a line."""
    procedure = procedure_element(decided.procedure) if decided.procedure.code else ""
    svd: Segment = ["SVD", decided.payer_id, amount(decided.paid_cents), procedure]
    svd += [line.revenue_code, decided.units, decided.bundled_line]
    segments = [svd, *adjustment_segments(decided.adjustments)]
    if decided.paid_date:
        segments.append(date_segment("573", decided.paid_date, decided.paid_date))
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in decided.amounts]
    return segments
