"""Denials that one fix would serve: the answered lines of two years, searched for patterns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.codes import reason
from medcollect.ids import name
from medcollect.model.common import Procedure
from medcollect.money import format_cents
from medcollect.patterns import AnsweredLine, Pattern, Refusal, find_patterns
from medcollect.store.engine import Store
from medcollect.store.tables import claim_documents, claim_payments, denials, remittances
from medcollect.tasks.figures import text_of

Row = dict[str, Any]
Column = tuple[str, str, str]

#: How far back answers are searched.
_DAYS_BACK: Final = 731

#: NM101 of who did the work: rendering provider, or the billing one where none is named.
_RENDERING: Final = "82"

#: No search of figures is surer than this.
_SUREST_PERCENT: Final = 99

#: Statuses of claim payments that take an answer back.
_REVERSALS: Final = ("22",)

_COLUMNS: Final[list[Column]] = [
    ("kind", "text", "stands_out: oftener than usual; jump: oftener since a day; new_code: new"),
    ("payer", "text", "the payer; empty: whichever"),
    ("code", "text", "group and reason, with the remarks that tell what is missing"),
    ("meaning", "text", "what the reason says, in our words"),
    ("procedure", "text", "the procedure; empty: whichever"),
    ("provider", "text", "who did the work (NPI, else name); empty: whoever"),
    ("since", "date", "the day from which on it is so"),
    ("lines", "number", "lines answered there"),
    ("refused", "number", "of them, refused with this code"),
    ("expected", "number", "how many refusals would be usual there, rounded"),
    ("confidence_percent", "number", "how sure it is that this is no chance, in whole percent"),
    ("amount", "money", "what was refused"),
    ("open", "money", "of it, what is still open"),
    ("next_action", "text", "what to do with each"),
    ("denials", "text", "the open denials that one fix would serve"),
]


class _Party(msgspec.Struct, frozen=True, gc=False):
    """Of a person or organisation, what names a provider."""

    role: str = ""
    last_name: str = ""
    id: str = ""

    @property
    def label(self) -> str:
        return self.id or self.last_name


class _Service(msgspec.Struct, frozen=True, gc=False):
    position: int
    procedure: Procedure
    submitted_procedure: Procedure | None = None


class _Answer(msgspec.Struct, frozen=True, gc=False):
    """Of a claim payment, what the search needs: decoding no more is much faster."""

    services: tuple[_Service, ...] = ()
    parties: tuple[_Party, ...] = ()


class _Billed(msgspec.Struct, frozen=True, gc=False):
    billing_provider: _Party = _Party()
    parties: tuple[_Party, ...] = ()


class _Denied(msgspec.Struct, frozen=True, gc=False):
    """A denial's place and what it needs to be listed."""

    id: int
    service: int
    code: str
    cents: int
    status: str
    next_action: str


_answers = msgspec.json.Decoder(_Answer)
_claims = msgspec.json.Decoder(_Billed)


def denial_patterns(store: Store, *, today: date | None = None) -> Row:
    """Find what payers refuse too often, the most money first, with the open denials behind it.

    Looks at every line answered in the two years before ``today``, reversals left out. ``lines``
    is how many there were.
    """
    day = today or dates.today()
    with store.reading() as connection:
        refused = _denials_by_answer(connection)
        lines = list(_lines(connection, refused, day))
    known = {denied.id: denied for found in refused.values() for denied in found}
    patterns = [_shown(pattern, known) for pattern in find_patterns(lines)]
    return {"patterns": patterns, "count": len(patterns), "lines": len(lines)}


def pattern_sheet(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """The patterns as a report."""
    found = denial_patterns(store, today=as_of)["patterns"]
    return _COLUMNS, [{**row, "denials": " ".join(row["denials"])} for row in found]


def _denials_by_answer(connection: sa.Connection) -> dict[int, list[_Denied]]:
    """The denials of each claim payment."""
    query = sa.select(
        denials.c.id,
        denials.c.claim_payment_id,
        denials.c.service,
        denials.c.group_code,
        denials.c.reason,
        denials.c.remarks,
        denials.c.amount_cents,
        denials.c.status,
        denials.c.next_action,
    ).where(denials.c.claim_payment_id.is_not(None), denials.c.status != "withdrawn")
    found: dict[int, list[_Denied]] = defaultdict(list)
    for row in connection.execute(query.order_by(denials.c.id)):
        code = _code(row.group_code, row.reason, row.remarks)
        denied = _Denied(row.id, row.service, code, row.amount_cents, row.status, row.next_action)
        found[row.claim_payment_id].append(denied)
    return found


def _code(group: str, carc: str, remarks: str) -> str:
    """``CO-197``; ``CO-16 N290`` where the reason alone does not say what is wrong."""
    known = reason(carc)
    tells = known is None or not known.rarc_required or not remarks
    return f"{group}-{carc}" if tells else f"{group}-{carc} {remarks}"


def _lines(
    connection: sa.Connection, refused: dict[int, list[_Denied]], today: date
) -> Iterator[AnsweredLine]:
    """Every line that was answered, with the denials that stand on it."""
    providers = _providers(connection)
    first = date.fromordinal(max(1, today.toordinal() - _DAYS_BACK))
    query = (
        sa.select(
            claim_payments.c.id,
            claim_payments.c.claim_id,
            claim_payments.c.document,
            remittances.c.payer_name,
            remittances.c.payment_date,
        )
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .where(
            remittances.c.status == "active",
            remittances.c.payment_date > first,
            remittances.c.payment_date <= today,
            claim_payments.c.status_code.not_in(_REVERSALS),
        )
        .order_by(claim_payments.c.id)
    )
    for row in connection.execute(query.execution_options(yield_per=2000)):
        answer = _answers.decode(row.document)
        provider = _rendering(answer.parties) or providers.get(row.claim_id, "")
        found = refused.get(row.id, [])
        for place, procedure in _procedures(answer):
            yield AnsweredLine(
                payer=row.payer_name,
                procedure=procedure,
                provider=provider,
                answered_on=row.payment_date,
                refusals=tuple(
                    Refusal(one.code, one.cents, one.id) for one in found if one.service == place
                ),
            )


def _procedures(answer: _Answer) -> Iterator[tuple[int, str]]:
    """The lines of an answer by their number, as billed; number 0 is the claim itself."""
    yield 0, ""
    for number, service in enumerate(answer.services, start=1):
        yield number, (service.submitted_procedure or service.procedure).code


def _providers(connection: sa.Connection) -> dict[int | None, str]:
    """Who did the work of each claim, by the newest 837 of it."""
    query = sa.select(claim_documents.c.claim_id, claim_documents.c.document)
    return {
        row.claim_id: _rendering(billed.parties) or billed.billing_provider.label
        for row in connection.execute(query.order_by(claim_documents.c.sort_key))
        for billed in (_claims.decode(row.document),)
    }


def _rendering(parties: tuple[_Party, ...]) -> str:
    return next((party.label for party in parties if party.role == _RENDERING), "")


def _shown(pattern: Pattern, known: dict[int, _Denied]) -> Row:
    """A pattern as the doors give it."""
    cases = [known[case] for case in pattern.cases]
    still_open = [case for case in cases if case.status == "open"]
    entry = reason(pattern.code.split(" ")[0].partition("-")[2])
    return {
        "kind": pattern.kind,
        "payer": pattern.payer,
        "code": pattern.code,
        "meaning": entry.label if entry else "",
        "procedure": pattern.procedure,
        "provider": pattern.provider,
        "since": text_of(pattern.since),
        "lines": pattern.lines,
        "refused": pattern.refused,
        "expected": round(pattern.expected),
        "confidence_percent": min(_SUREST_PERCENT, int(100 * (1 - pattern.chance))),
        "amount": format_cents(pattern.cents),
        "open": format_cents(sum(case.cents for case in still_open)),
        "next_action": cases[0].next_action,
        "denials": [name("N", case.id) for case in still_open],
    }
