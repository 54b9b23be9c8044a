"""What the desk finds by itself, as a letter tells it: lines below contract, money taken back.

No code of the payer's says it, so the letter shows where it stands: both amounts and the term of
the contract with its arithmetic; or what was taken when, by which payment and reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from medcollect import codes
from medcollect.denials.facts import ShortfallFacts, Taken
from medcollect.letters.parties import (
    day_in_words,
    days_of_service,
    dollars,
    in_words,
    listed,
    short_days,
)
from medcollect.letters.records import Answered, LetterFacts, ShortLine, TakenBack, blank
from medcollect.matching.lines import billed
from medcollect.model.common import Procedure
from medcollect.model.remittance import ServicePayment

#: Our own id of a contract says nothing to the payer.
_OUR_ID: Final = re.compile(r"\(T[0-9]+, ")


def shortfalls_of(known: LetterFacts) -> Iterator[ShortLine]:
    """The lines that were allowed below contract."""
    for answer, service, facts in _short_services(known):
        mine = _one_line(service, answer)
        yield ShortLine(
            dates=days_of_service(service, answer, known),
            procedure=_procedure(service, facts),
            units=service.submitted_units or service.units if len(mine) == 1 else "",
            charge=dollars(sum(part.charge_cents for part in mine)),
            allowed=dollars(facts.allowed_cents),
            contract=dollars(facts.expected_cents),
            paid=dollars(sum(part.paid_cents for part in mine)),
            short=dollars(facts.amount_cents),
        )


def terms_of(known: LetterFacts) -> Iterator[str]:
    """By which term of the contract each of these lines was to be allowed more."""
    for answer, service, facts in _short_services(known):
        day = days_of_service(service, answer, known)
        term = _OUR_ID.sub("(", facts.why) or blank("office", "the contract's rate for this line")
        yield f"{_procedure(service, facts)} of {day}: {term}"


def contracts_of(known: LetterFacts) -> str:
    """The contracts that speak, by name and first day."""
    told = (
        f"{c.name}, in force from {day_in_words(c.valid_from)}" for c in known.contracts.values()
    )
    return listed(told)


def taken_back(known: LetterFacts) -> Iterator[TakenBack]:
    """Each amount that was taken back, or given again, the oldest first."""
    for one in known.taken:
        yield TakenBack(
            date=short_days(one.day, None) or blank("office", "the date"),
            payment=one.trace_number or blank("office", "the number of the payment"),
            how=_how(one),
            reference=one.reference,
            amount=dollars(one.cents),
        )


def _how(one: Taken) -> str:
    if not one.code:
        return "reversal of the payment (CLP02 22)"
    known = codes.provider_adjustment_code(one.code)
    label = known.label.split(":")[0].lower() if known is not None else "a code unknown to us"
    return f"provider adjustment PLB {one.code}: {label}"


def _short_services(
    known: LetterFacts,
) -> Iterator[tuple[Answered, ServicePayment, ShortfallFacts]]:
    for answer in known.answers:
        for service in answer.payment.services:
            if service.position in answer.short:
                yield answer, service, answer.short[service.position]


def _procedure(service: ServicePayment, facts: ShortfallFacts) -> str:
    """The code that was priced: as billed, else as the payer returned it."""
    priced = Procedure("HC", facts.procedure_code, facts.modifiers)
    told = in_words(priced) if facts.procedure_code else in_words(billed(service))
    return told or service.revenue_code


def _one_line(service: ServicePayment, answer: Answered) -> list[ServicePayment]:
    """The services into which the payer split a line: what was allowed is that of all."""
    services = answer.payment.services
    if not answer.pairs or not answer.pairs[services.index(service)]:
        return [service]
    mine = answer.pairs[services.index(service)]
    return [s for s, pair in zip(services, answer.pairs, strict=True) if pair == mine]
