"""Denials that one fix would serve: the answered lines of two years, searched for patterns."""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.codes import reason
from medcollect.errors import BadRequest, NotFound
from medcollect.ids import name, number_of
from medcollect.model.casework import DENIED
from medcollect.model.common import Procedure
from medcollect.money import format_cents, parse_cents
from medcollect.patterns import AnsweredLine, Pattern, Refusal, find_patterns
from medcollect.reports.listings import PATTERN_COLUMNS
from medcollect.store.engine import Store, chunks, counted
from medcollect.store.tables import (
    claim_documents,
    claim_payments,
    denials,
    journal_entries,
    remittances,
)
from medcollect.tasks.denial_queries import with_cases
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


def denial_patterns(
    store: Store,
    *,
    payer: str = "",
    minimum: str = "",
    limit: int | None = None,
    after: str | None = None,
    today: date | None = None,
) -> Row:
    """Find what payers refuse too often, the most money first, with the cases behind it.

    Looks at every line answered in the two years before ``today``, reversals left out; ``lines``
    is how many there were. ``payer`` (part of its name) and ``minimum`` (what is still open) narrow
    what is listed, not what is searched. An open book searches anew only where answers, claims or
    refusals changed since ``searched_at``. Raises BadRequest for a minimum or a cursor that is
    none.
    """
    least = _least(minimum)
    found, search = _found(store, today or dates.today())
    kept = [
        row
        for row in found
        if payer.lower() in row["payer"].lower() and (parse_cents(row["open"]) or 0) >= least
    ]
    page = _behind(kept, after)
    answer: Row = {
        "patterns": page[:limit],
        "count": len(kept),
        "lines": search.lines,
        "searched_at": search.searched_at,
        "open": format_cents(sum(parse_cents(row["open"]) or 0 for row in kept)),
    }
    if limit is None:
        return answer
    return {**answer, "next": page[limit - 1]["id"] if len(page) > limit else None}


def open_denials_of(store: Store, pattern: str, today: date) -> list[str]:
    """The open denials behind one pattern; raises NotFound where it is none (any more)."""
    found, _ = _found(store, today)
    wanted = number_of(pattern, "G")
    for row in found:
        if number_of(row["id"], "G") == wanted:
            return list(row["denials"])
    raise NotFound(f"There is no pattern {pattern} (any more).", "See 'denials patterns'.")


def pattern_sheet(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """The patterns as a report."""
    found, _ = _found(store, as_of or dates.today())
    joined = ("denials", "cases")
    rows = [{**row, **{key: " ".join(row[key]) for key in joined}} for row in found]
    return list(PATTERN_COLUMNS), rows


def _least(minimum: str) -> int:
    cents = parse_cents(minimum) if minimum else 0
    if cents is None or cents < 0:
        raise BadRequest("The minimum is no amount.", "Give dollars such as 100 or 99.50.")
    return cents


def _behind(rows: list[Row], after: str | None) -> list[Row]:
    """The patterns that come after one of them."""
    if after is None:
        return rows
    number = number_of(after, "G")
    if number is None:
        raise BadRequest("The cursor is not one of ours.", "Start without one.")
    places = [place for place, row in enumerate(rows) if number_of(row["id"], "G") == number]
    return rows[places[0] + 1 :] if places else []


def _found(store: Store, day: date) -> tuple[list[Row], _Search]:
    """Every pattern as of a day with its cases as they stand now, and the search it is from."""
    with store.reading() as connection:
        search = _searched(store, connection, day)
        behind = {case for pattern in search.patterns for case in pattern.cases}
        cases = _cases(connection, behind)
        known = {denied.id: denied for denied in _denials(connection, behind)}
    numbers = _numbers(search.patterns)
    pairs = zip(search.patterns, numbers, strict=True)
    return [_shown(*pair, known, cases) for pair in pairs], search


class _Search(NamedTuple):
    """A search that was made: of which facts, when, in how many lines, and what it found."""

    facts: tuple[Any, ...]
    searched_at: str
    lines: int
    patterns: list[Pattern]


#: Of each open book the last search: the next page or request needs none while its facts stand.
_last: WeakKeyDictionary[Store, _Search] = WeakKeyDictionary()


def _searched(store: Store, connection: sa.Connection, day: date) -> _Search:
    """The search as of a day: the last one where it was of the same facts, else a new one.

    What people do about cases changes none of them: it is read for those that are shown.
    """
    facts = (day, *_facts(connection))
    known = _last.get(store)
    if known is not None and known.facts == facts:
        return known
    lines = list(_lines(connection, _denials_by_answer(connection), day))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    search = _last[store] = _Search(facts, at, len(lines), find_patterns(lines))
    return search


def _facts(connection: sa.Connection) -> tuple[int, ...]:
    """What tells one state of answers, claims and refusals from another."""
    last = counted(
        connection, *(t.name for t in (claim_payments, claim_documents, journal_entries))
    )
    standing = sa.select(sa.func.count()).where(remittances.c.status == "active")
    refused = sa.select(sa.func.count()).where(
        denials.c.kind == DENIED, denials.c.status != "withdrawn"
    )
    counts = (connection.execute(query).scalar_one() for query in (standing, refused))
    return (*last, *counts)


def _numbers(patterns: Sequence[Pattern]) -> list[int]:
    """A number for each pattern that it keeps: made of what it is bound to, not of its place.

    Of two with the same bounds, one before a day and one after it, the place tells them apart.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    numbers = []
    for pattern in patterns:
        bounds = (pattern.code, pattern.payer, pattern.procedure, pattern.provider)
        numbers.append(zlib.crc32("|".join((*bounds, str(seen[bounds]))).encode()))
        seen[bounds] += 1
    return numbers


def _cases(connection: sa.Connection, amounts: Collection[int]) -> dict[int, int]:
    """By the id of each refused amount, the id that its case goes by."""
    found: dict[int, int] = {}
    query = with_cases()
    for some in chunks(sorted(amounts)):
        rows = connection.execute(query.where(denials.c.id.in_(some)))
        found.update({row.id: row.case_id for row in rows})
    return found


_DENIED: Final = sa.select(
    denials.c.id,
    denials.c.claim_payment_id,
    denials.c.service,
    denials.c.group_code,
    denials.c.reason,
    denials.c.remarks,
    denials.c.amount_cents,
    denials.c.status,
    denials.c.next_action,
)


def _denials_by_answer(connection: sa.Connection) -> dict[int, list[_Denied]]:
    """The denials of each claim payment."""
    query = _DENIED.where(denials.c.kind == DENIED, denials.c.status != "withdrawn")
    found: dict[int, list[_Denied]] = defaultdict(list)
    for row in connection.execute(query.order_by(denials.c.id)):
        found[row.claim_payment_id].append(_denied(row))
    return found


def _denials(connection: sa.Connection, numbers: Collection[int]) -> Iterator[_Denied]:
    """These denials as they stand now."""
    for some in chunks(sorted(numbers)):
        yield from map(_denied, connection.execute(_DENIED.where(denials.c.id.in_(some))))


def _denied(row: Any) -> _Denied:
    """A row of ``_DENIED``."""
    code = _code(row.group_code, row.reason, row.remarks)
    return _Denied(row.id, row.service, code, row.amount_cents, row.status, row.next_action)


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


def _shown(pattern: Pattern, number: int, known: dict[int, _Denied], cases: dict[int, int]) -> Row:
    """A pattern as the doors give it."""
    behind = [known[amount] for amount in pattern.cases]
    still_open = [amount for amount in behind if amount.status == "open"]
    entry = reason(pattern.code.split(" ")[0].partition("-")[2])
    return {
        "id": name("G", number),
        "kind": pattern.kind,
        "payer": pattern.payer,
        "code": pattern.code,
        "meaning": entry.label if entry else "",
        "procedure": pattern.procedure,
        "provider": pattern.provider,
        "since": text_of(pattern.since),
        "lines": pattern.lines,
        "refused": pattern.refused,
        "rate_percent": _percent(pattern.refused, pattern.lines),
        "expected": round(pattern.expected),
        "expected_percent": _percent(pattern.expected, pattern.lines),
        "confidence_percent": min(_SUREST_PERCENT, int(100 * (1 - pattern.chance))),
        "amount": format_cents(pattern.cents),
        "open": format_cents(sum(amount.cents for amount in still_open)),
        "next_action": behind[0].next_action,
        "denials": [name("N", amount.id) for amount in still_open],
        "cases": [name("N", case) for case in dict.fromkeys(cases[a.id] for a in behind)],
    }


def _percent(part: float, whole: int) -> str:
    """Part of a hundred with one decimal, as text."""
    tenths = round(1000 * part / whole)
    return f"{tenths // 10}.{tenths % 10}"
