"""Provider adjustments (PLB) followed as cases: what payers still mean to take, or owe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect import codes, dates
from medcollect.bookkeeping.plb_references import steps_of
from medcollect.errors import NotFound
from medcollect.ids import name
from medcollect.ledger.chains import Chain, Step, advice_on, chains_of
from medcollect.model.desk import PayerRefund
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.desk import entries_by_id
from medcollect.store.engine import Store, chunks
from medcollect.store.tables import PROVIDER_ACCOUNTS, claims, postings, remittances
from medcollect.tasks.figures import text_of
from medcollect.tasks.refund_cheques import cheque_steps

Row = dict[str, Any]

_SENT, _UNKNOWN = "refund cheque sent to the payer", "unknown code"
_CHEQUE_WORDS = {
    (False, False): "refund cheque sent",
    (True, False): "credit of the claim settled",
    (False, True): "refund cheque returned",
    (True, True): "credit of the claim open again",
}
_WHAT = {True: "taken", False: "given"}
_WORDS: dict[str, dict[bool, str]] = {
    "WO": {True: "taken", False: "postponed"},
    "72": {True: "refund cheque reversed", False: "refund cheque acknowledged"},
    "FB": {True: "taken over", False: "carried forward"},
    "E3": {True: "withheld", False: "returned"},
    "L6": {True: "interest taken back", False: "interest paid"},
}


def list_provider_adjustments(
    store: Store,
    *,
    payer: str | None = None,
    settled: bool = False,
    limit: int | None = None,
    after: str | None = None,
    today: date | None = None,
) -> Row:
    """Chains of provider adjustments, those open first and oldest first.

    Only open ones are listed unless ``settled``; ``payer`` is a part of the payer's name. The sums
    are of all that the filters keep.
    """
    day = today or dates.today()
    with store.reading() as connection:
        chains = load_chains(connection)
        shown = Shown(connection, chains)
    kept = [c for c in chains if settled or c.is_open]
    if payer:
        kept = [c for c in kept if payer.lower() in shown.payer(c).lower()]
    kept.sort(key=lambda c: (not c.is_open, c.since or date.min, c.steps[0].order))
    rows = [shown.as_json(chain, day) for chain in kept]
    page, following = _page(rows, limit, after)
    answer = {
        "provider_adjustments": page,
        "count": len(rows),
        "to_be_taken": format_cents(-sum(min(c.balance, 0) for c in kept if c.is_open)),
        "kept": format_cents(sum(max(c.balance, 0) for c in kept if c.is_open)),
    }
    return answer if limit is None else {**answer, "next": following}


def _page(rows: list[Row], limit: int | None, after: str | None) -> tuple[list[Row], str | None]:
    """A page of rows behind the one named ``after``, and the cursor for the next one."""
    ids = [row["id"] for row in rows]
    if after is not None and after not in ids:
        raise NotFound("The cursor is not one of this list.", "Start without one.")
    start = ids.index(after) + 1 if after is not None else 0
    page = rows[start:] if limit is None else rows[start : start + limit]
    more = start + len(page) < len(rows)
    return page, page[-1]["id"] if page and more else None


def load_chains(connection: sa.Connection, payer_keys: Iterable[str] | None = None) -> list[Chain]:
    """Every chain of provider adjustments that stand, of these payers or of all."""
    query = sa.select(remittances).where(
        remittances.c.id.in_(_with_adjustments()),
        remittances.c.status == "active",
        remittances.c.held == "",
    )
    payer_keys = None if payer_keys is None else set(payer_keys)
    if payer_keys is not None:
        query = query.where(remittances.c.payer_key.in_(sorted(payer_keys)))
    rows = [dict(row._mapping) for row in connection.execute(query.order_by(remittances.c.id))]
    found = [
        (row, place, adjustment)
        for row in rows
        for place, adjustment in enumerate(
            facts.decode_adjustments(row["provider_adjustments"]), start=1
        )
        if adjustment.cents
    ]
    steps = steps_of(connection, found)
    cheques = cheque_steps(connection, payer_keys)
    return chains_of([*steps, *_given_up(connection, steps), *cheques])


def _with_adjustments() -> sa.Select[Any]:
    """Remittances whose provider adjustments are posted, by the index of those postings.

    The condition is the index's own words: with values bound to it SQLite would read every posting.
    """
    return sa.select(postings.c.remittance_id).where(sa.text(PROVIDER_ACCOUNTS)).distinct()


def _given_up(connection: sa.Connection, steps: Sequence[Step]) -> list[Step]:
    """What people wrote off of provider adjustments, as steps of the same chains."""
    decided = facts.given_up_of_remittances(connection, sorted({s.remittance for s in steps}))
    found = []
    for remittance, decisions in decided.items():
        mine = [s for s in steps if s.remittance == remittance]
        for decision in decisions:
            cents, day = decision["amount_cents"], decision["decided_at"][:10]
            step = next((s for s in mine if s.cents == cents), None)
            if decision["issue"] != "provider_adjustment" or step is None:
                continue
            mine.remove(step)
            found.append(
                Step(
                    remittance=remittance,
                    place=step.place,
                    payer=step.payer,
                    day=date.fromisoformat(day),
                    code=step.code,
                    reference=step.reference,
                    trace=step.trace,
                    cents=-cents,
                    claim=step.claim,
                    given_up=True,
                )
            )
    return found


class Shown:
    """Chains as the contract gives them, with what their remittances and claims say."""

    def __init__(self, connection: sa.Connection, chains: Sequence[Chain]) -> None:
        ids = {step.remittance for chain in chains for step in chain.steps}
        self._remittances: dict[int, Row] = {}
        for some in chunks(sorted(ids)):
            query = sa.select(remittances).where(remittances.c.id.in_(some))
            for row in connection.execute(query):
                self._remittances[row.id] = dict(row._mapping)
        self._adjustments = {
            number: facts.decode_adjustments(row["provider_adjustments"])
            for number, row in self._remittances.items()
        }
        sent = {step.place for chain in chains for step in chain.steps if step.cheque}
        self._cheques = {entry.id: entry for entry in entries_by_id(connection, sorted(sent))}
        self._numbers: dict[int, str] = {}
        for some in chunks(sorted({c for chain in chains for c in chain.claims})):
            lookup = sa.select(claims.c.id, claims.c.patient_control_number)
            found = connection.execute(lookup.where(claims.c.id.in_(some)))
            self._numbers.update({row.id: row.patient_control_number for row in found})

    def payer(self, chain: Chain) -> str:
        """The name of the payer."""
        first = chain.steps[0]
        if first.cheque:
            return self._cheque(first).payer
        return str(self._remittances[first.remittance]["payer_name"])

    def _cheque(self, step: Step) -> PayerRefund:
        """The refund cheque behind a step."""
        fact = self._cheques[step.place].fact
        assert isinstance(fact, PayerRefund)  # noqa: S101
        return fact

    def _reference(self, step: Step) -> str:
        """What the payer calls it, or the cheque's own number."""
        if step.cheque:
            return self._cheque(step).reference
        return self._adjustments[step.remittance][step.place - 1].reference

    def as_json(self, chain: Chain, today: date) -> Row:
        """One chain: what is open, since when, over which checks, on which claim, what to do."""
        first, advice = chain.steps[0], advice_on(chain)
        since = chain.since if chain.is_open else None
        claim = chain.claims[0] if chain.claims else None
        known = codes.provider_adjustment_code(first.code)
        return {
            "id": first.cheque or f"{name('R', first.remittance)}-{first.place}",
            "kind": chain.kind,
            "status": "open" if chain.is_open else "settled",
            "direction": advice.direction,
            "payer": self.payer(chain),
            "code": first.code,
            "label": _SENT if first.cheque else known.label if known is not None else _UNKNOWN,
            "reference": self._reference(first),
            "claim": name("C", claim) if claim is not None else None,
            "patient_control_number": self._numbers.get(claim) if claim is not None else None,
            "amount": format_cents(abs(chain.balance) if chain.is_open else 0),
            "since": text_of(since),
            "age_days": (today - since).days if since is not None else None,
            "text": advice.text,
            "action": advice.action,
            "steps": self._steps(chain),
        }

    def _steps(self, chain: Chain) -> list[Row]:
        """The checks that a chain went over, with the balance after each amount."""
        total = 0
        rows = []
        for step in chain.steps:
            total += step.cents
            check = self._remittances.get(step.remittance)
            rows.append(
                {
                    "date": text_of(step.day),
                    "remittance": name("R", step.remittance) if check is not None else None,
                    "entry": step.cheque or None,
                    "trace_number": check["trace_number"] if check is not None else "",
                    "code": step.code,
                    "reference": self._reference(step),
                    "amount": format_cents(step.cents),
                    "what": _what(step),
                    "balance": format_cents(total),
                }
            )
        return rows


def _what(step: Step) -> str:
    """What happened, in words."""
    if step.cheque:
        return _CHEQUE_WORDS[step.credited, step.returned]
    return "written off" if step.given_up else _WORDS.get(step.code, _WHAT)[step.cents > 0]


def adjustments_of_claim(
    connection: sa.Connection, claim: int, payer_keys: Iterable[str], today: date
) -> list[Row]:
    """The chains that name a claim."""
    chains = [c for c in load_chains(connection, payer_keys) if claim in c.claims]
    shown = Shown(connection, chains)
    return [shown.as_json(chain, today) for chain in chains]
