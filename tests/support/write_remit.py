"""Writes one 835 transaction (005010X221A1) without its ST and SE."""

from __future__ import annotations

from datetime import date

from tests.support.specs import Answer, Payer, Practice, Remit, Service
from tests.support.write_segments import (
    Segment,
    address,
    cas_segments,
    day8,
    money,
    organisation,
    person_name,
)


def remit_transaction(remit: Remit, practice: Practice) -> list[Segment]:
    """BPR to PLB."""
    payee = remit.practice or practice
    body = _payment(remit, payee) + _payer(remit.payer) + _payee(payee)
    if remit.answers:
        body.append(["LX", "1"])
    for answer in remit.answers:
        body += _answer(answer, remit.payer, payee)
    body += [list(segment) for segment in remit.extra]
    return body + _provider_adjustments(remit, payee)


def _payment(remit: Remit, payee: Practice) -> list[Segment]:
    method = remit.method or ("ACH" if remit.payment else "NON")
    handling = "H" if method == "NON" else "I"
    bpr: Segment = ["BPR", handling, money(remit.payment), "C", method]
    if method == "ACH":
        payer_bank = ["01", "999999992", "DA", "100200300"]
        bpr += ["CCP", *payer_bank, "1" + remit.payer.tax_id, ""]
        bpr += ["01", "999999992", "DA", "4005006", day8(remit.day)]
    else:
        bpr += [""] * 11 + [day8(remit.day)]
    trn: Segment = ["TRN", "1", remit.trace, "1" + remit.payer.tax_id]
    return [bpr, trn, ["DTM", "405", day8(remit.day)]]


def _payer(payer: Payer) -> list[Segment]:
    return [
        ["N1", "PR", payer.name],
        *address(payer),
        ["REF", "2U", payer.id],
        ["PER", "CX", "PROVIDER SERVICES", "TE", payer.phone],
        ["PER", "BL", "EDI SUPPORT", "TE", payer.phone],
    ]


def _payee(practice: Practice) -> list[Segment]:
    return [
        ["N1", "PE", practice.name, "XX", practice.npi],
        *address(practice),
        ["REF", "TJ", practice.tax_id],
    ]


def _answer(answer: Answer, payer: Payer, practice: Practice) -> list[Segment]:
    owed = "" if answer.responsibility is None else money(answer.responsibility)
    plan = answer.plan or payer.plan
    clp: Segment = ["CLP", answer.number, answer.status, money(answer.charge), money(answer.paid)]
    clp += [owed, plan, answer.control_number, answer.facility, answer.frequency]
    segments = [clp, *cas_segments(answer.cas), *_names(answer, practice)]
    segments += _remarks(answer)
    if answer.original_reference:
        segments.append(["REF", "F8", answer.original_reference])
    segments += _days("232", "233", answer.service_from, answer.service_to)
    if answer.interest is not None:
        segments.append(["AMT", "I", money(answer.interest)])
    for service in answer.services:
        segments += _service(service)
    return segments


def _names(answer: Answer, practice: Practice) -> list[Segment]:
    segments: list[Segment] = []
    if answer.patient is not None:
        qualifier = "MI" if answer.member_id else ""
        segments.append(person_name("QC", answer.patient, qualifier, answer.member_id))
    if answer.corrected_id:
        segments.append(["NM1", "74", "1", "", "", "", "", "", "C", answer.corrected_id])
    doctor: Segment = ["NM1", "82", "1", practice.doctor_last, practice.doctor_first]
    segments.append([*doctor, "", "", "", "XX", practice.doctor_npi])
    if answer.crossover is not None:
        segments.append(organisation("TT", answer.crossover.name, "PI", answer.crossover.id))
    return segments


def _remarks(answer: Answer) -> list[Segment]:
    if not answer.inpatient:
        return [["MOA", "", "", *answer.remarks]] if answer.remarks else []
    first, rest = list(answer.remarks[:1]) or [""], list(answer.remarks[1:])
    mia: Segment = ["MIA", "0", "", "", "", *first]
    return [mia + [""] * 14 + rest if rest else mia]


def _days(first: str, last: str, start: date | None, end: date | None) -> list[Segment]:
    days: list[Segment] = [["DTM", first, day8(start)]] if start else []
    return [*days, ["DTM", last, day8(end)]] if end else days


def _service(service: Service) -> list[Segment]:
    # an institutional line without a procedure code is named by its revenue code
    named = service.code or service.revenue
    qualifier = service.qualifier if service.code else "NU"
    judged = (qualifier, named, *service.modifiers)
    submitted = (service.qualifier, service.submitted) if service.submitted else ""
    revenue = service.revenue if service.code else ""
    svc: Segment = ["SVC", judged, money(service.charge), money(service.paid)]
    svc += [revenue, service.units, submitted, service.submitted_units]
    days = _days("150" if service.last_day else "472", "151", service.day, service.last_day)
    segments = [svc, *days, *cas_segments(service.cas)]
    if service.control:
        segments.append(["REF", "6R", service.control])
    if service.allowed is not None:
        segments.append(["AMT", "B6", money(service.allowed)])
    return segments + [["LQ", "HE", remark] for remark in service.remarks]


def _provider_adjustments(remit: Remit, practice: Practice) -> list[Segment]:
    segments: list[Segment] = []
    items = remit.provider_adjustments
    year_end = f"{remit.day.year}1231"
    for start in range(0, len(items), 6):
        plb: Segment = ["PLB", practice.npi, year_end]
        for item in items[start : start + 6]:
            plb += [(item.code, item.reference), money(item.cents)]
        segments.append(plb)
    return segments
