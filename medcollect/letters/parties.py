"""Who writes to whom about which patient, claim and lines: by the 837, the 835, the settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medcollect.letters.records import (
    Answered,
    ClaimInBrief,
    LetterFacts,
    LetterLine,
    Patient,
    Practice,
    Recipient,
    blank,
)
from medcollect.matching.keys import name_key
from medcollect.matching.lines import billed
from medcollect.model.claim import Coverage, ServiceLine
from medcollect.model.common import Adjustment, Party, Procedure
from medcollect.model.policies import first_rule
from medcollect.model.remittance import ServicePayment
from medcollect.money import format_dollars

_POLICY = "0K"


def day_in_words(day: date | None) -> str:
    """``February 11, 2026``; a blank where the day is not known."""
    return f"{day:%B} {day.day}, {day.year}" if day else blank("office", "the date")


def dollars(cents: int) -> str:
    """``$1,234.50``; below zero ``-$1,234.50``."""
    return f"{'-' if cents < 0 else ''}${format_dollars(abs(cents))}"


def practice(known: LetterFacts) -> Practice:
    """The practice by its settings, by the claim as filed, else by the remittance's payee."""
    office, payee = known.office, known.header.payee
    own = known.claim.billing_provider if known.claim is not None else Party()
    said = own if own.last_name else payee
    contact, phone = known.contact
    return Practice(
        name=_name(said) or blank("office", "the practice's name"),
        address=_address(own) or _address(payee) or (blank("office", "the practice's address"),),
        npi=_npi(own) or _npi(payee) or blank("office", "the practice's NPI"),
        tax_id=_tax_id(own) or _tax_id(payee) or blank("office", "the practice's tax id"),
        contact=office.contact or contact or blank("office", "who answers questions"),
        phone=office.phone or phone or blank("office", "telephone"),
        fax=office.fax or blank("office", "fax number"),
    )


def recipient(known: LetterFacts, today: date) -> Recipient:
    """The payer, where the settings say that it takes appeals, else as its remittance says."""
    payer, name = known.header.payer, known.facts.payer_name
    rule = first_rule(known.office.payers, name, known.facts.decided_on or today)
    lines = rule.address if rule is not None else ()
    fax = rule.fax if rule is not None else ""
    attention = rule.attention if rule is not None else ""
    return Recipient(
        name=name or _name(payer) or blank("office", "the payer's name"),
        attention=attention or "Provider appeals",
        address=lines or _address(payer) or (blank("office", "where this payer takes appeals"),),
        fax=fax or blank("office", "the payer's fax number for appeals, or leave it out"),
    )


def elsewhere(who: str) -> Recipient:
    """Who takes a request that does not go to the payer: for the office to find out."""
    return Recipient(
        name=blank("office", who),
        attention="",
        address=(),
        fax=blank("office", "the fax number for such requests, or leave it out"),
    )


def patient(known: LetterFacts) -> Patient:
    """The patient by the claim as filed; the member id as the payer knows it."""
    claim, coverage = known.claim, _coverage(known)
    told = known.payment.party("QC") or Party()
    person = claim.patient if claim is not None and claim.patient.last_name else told
    birth = person.birth_date
    ids = (
        coverage.subscriber.id if coverage is not None else "",
        (known.payment.party("IL") or Party()).id,
        told.id,
        claim.coverage.subscriber.id if claim is not None else "",
    )
    named = " ".join(
        filter(None, (person.first_name, person.middle_name, person.last_name, person.suffix))
    )
    return Patient(
        name=named or blank("office", "the patient's name"),
        birth_date=day_in_words(birth) if birth else blank("office", "the patient's date of birth"),
        member_id=next(filter(None, ids), "") or blank("office", "the member id"),
        group_number=(coverage.group_number if coverage is not None else "") or "none on file",
    )


def claim_in_brief(known: LetterFacts, due: date | None) -> ClaimInBrief:
    """The claim's numbers, days and money."""
    payment = known.payment
    numbers = (answer.payment.payer_claim_control_number for answer in known.answers)
    days = sorted({f.decided_on for f in known.amounts if f.decided_on is not None})
    traces = [t.trace_number for t in known.taken] or [a.header.trace_number for a in known.answers]
    return ClaimInBrief(
        number=payment.patient_control_number
        if known.claim is None
        else known.claim.patient_control_number,
        payer_number=listed(numbers) or blank("office", "the payer's claim number"),
        dates=_days(*_days_of_claim(known)) or blank("office", "the date of service"),
        charge=dollars(_charge_cents(known)),
        paid=dollars(sum(abs(answer.payment.paid_cents) for answer in known.answers)),
        in_dispute=dollars(known.disputed_cents),
        decided_on=listed(map(day_in_words, days)) or day_in_words(None),
        trace_number=listed(traces) or blank("office", "the number of the payment"),
        policies=", ".join(policies_of(known)),
        deadline=day_in_words(due) if due is not None else "",
    )


def listed(texts: Iterable[str]) -> str:
    """``A, B and C``, each once, in their order."""
    *before, last = [*filter(None, dict.fromkeys(texts))] or [""]
    return f"{', '.join(before)} and {last}" if before else last


def _charge_cents(known: LetterFacts) -> int:
    """The charge as answered (a reversal repeats it below zero); as filed, of several answers."""
    if len(known.answers) > 1 and known.claim is not None:
        return known.claim.charge_cents
    return max(abs(answer.payment.charge_cents) for answer in known.answers)


def policies_of(known: LetterFacts) -> list[str]:
    """The policies that the payer names for what is in dispute (REF*0K), else for the claim."""
    places = [service.references for answer in known.answers for service in _disputed(answer)]
    places += [answer.payment.references for answer in known.answers]
    named = [reference for references in places for reference in references]
    return list(dict.fromkeys(r.value for r in named if r.qualifier == _POLICY))


def _disputed(answer: Answered) -> list[ServicePayment]:
    return [s for s in answer.payment.services if s.position in answer.refused]


def lines_of(known: LetterFacts) -> list[LetterLine]:
    """Every line as the payer judged it; of a claim judged as a whole, its lines and the whole."""
    return [line for answer in known.answers for line in _lines_of_answer(answer, known)]


def _lines_of_answer(answer: Answered, known: LetterFacts) -> list[LetterLine]:
    payment = answer.payment
    judged = [_judged(service, answer, known) for service in payment.services]
    if not judged and known.claim is not None:
        judged = [_filed(line) for line in known.claim.lines]
    whole = answer.refused.get(0, 0)
    if not whole:
        return judged
    return [
        *judged,
        LetterLine(
            dates=short_days(*_days_of_claim(known)),
            procedure="claim as a whole",
            units="",
            charge=dollars(payment.charge_cents),
            paid=dollars(payment.paid_cents),
            codes=_codes(payment.adjustments, payment.remarks),
            disputed=dollars(whole),
        ),
    ]


def days_of_service(service: ServicePayment, answer: Answered, known: LetterFacts) -> str:
    """The days of a line, for a narrow column."""
    payment = answer.payment
    first = service.service_from or payment.statement_from or known.facts.service_from
    last = service.service_to or (service.service_from and first) or payment.statement_to
    return short_days(first, last)


def _judged(service: ServicePayment, answer: Answered, known: LetterFacts) -> LetterLine:
    """A line as the payer answered it."""
    cents = answer.refused.get(service.position, 0)
    return LetterLine(
        dates=days_of_service(service, answer, known),
        procedure=in_words(billed(service)) or service.revenue_code,
        units=service.submitted_units or service.units,
        charge=dollars(service.charge_cents),
        paid=dollars(service.paid_cents),
        codes=_codes(service.adjustments, service.remarks),
        disputed=dollars(cents) if cents else "",
    )


def _filed(line: ServiceLine) -> LetterLine:
    """A line as it was filed, of a claim that the payer judged as a whole."""
    return LetterLine(
        dates=short_days(line.service_from, line.service_to),
        procedure=in_words(line.procedure) or line.revenue_code,
        units=line.units,
        charge=dollars(line.charge_cents),
        paid="",
        codes="",
        disputed="",
    )


def _codes(adjustments: Iterable[Adjustment], remarks: Iterable[str]) -> str:
    """``CO-45 $120.00, CO-197 $900.00; N706``: the payer's own words, as codes."""
    gap = "\N{NO-BREAK SPACE}"
    told = ", ".join(f"{a.group}-{a.reason}{gap}{dollars(a.cents)}" for a in adjustments)
    return "; ".join(filter(None, (told, ", ".join(remarks))))


def in_words(procedure: Procedure) -> str:
    """A code with its modifiers."""
    return "-".join(filter(None, (procedure.code, *procedure.modifiers)))


def _coverage(known: LetterFacts) -> Coverage | None:
    """The coverage of the claim whose payer answered, by its name."""
    if known.claim is None:
        return None
    mine = (known.claim.coverage, *(other.coverage for other in known.claim.other_payers))
    key = name_key(known.facts.payer_name, "")
    return next((c for c in mine if name_key(c.payer.last_name, "") == key), None)


def _days_of_claim(known: LetterFacts) -> tuple[date | None, date | None]:
    """First and last day of service: of the lines in dispute, else of the claim."""
    services = [service for answer in known.answers for service in _disputed(answer)]
    days = [d for s in services for d in (s.service_from, s.service_to) if d is not None]
    if days:
        return min(days), max(days)
    facts, claim = known.facts, known.claim
    first = facts.service_from or (claim.service_from if claim is not None else None)
    last = facts.service_to or (claim.service_to if claim is not None else None)
    return first, last or first


def _days(first: date | None, last: date | None) -> str:
    """``January 5, 2026 to January 9, 2026``; empty when unknown."""
    if first is None:
        return ""
    until = f" to {day_in_words(last)}" if last is not None and last != first else ""
    return f"{day_in_words(first)}{until}"


def short_days(first: date | None, last: date | None) -> str:
    """``01/05/2026 to 01/09/2026`` for a narrow column."""
    days = dict.fromkeys(f"{day:%m/%d/%Y}" for day in (first, last) if day is not None)
    return " to ".join(days)


def _name(party: Party) -> str:
    return " ".join(filter(None, (party.first_name, party.last_name)))


def _address(party: Party) -> tuple[str, ...]:
    """The lines of an address; empty where none is known."""
    code = party.postal_code
    code = f"{code[:5]}-{code[5:]}" if len(code) == 9 and code.isdigit() else code
    place = " ".join(filter(None, (party.state, code)))
    town = ", ".join(filter(None, (party.city, place)))
    lines = tuple(filter(None, (*party.address, town)))
    return lines if party.address else ()


def _npi(party: Party) -> str:
    return party.id if party.id_qualifier == "XX" else ""


def _tax_id(party: Party) -> str:
    """The employer or social security number (REF*EI, SY on claims; TJ on remittances)."""
    return party.reference("EI", "SY", "TJ")
