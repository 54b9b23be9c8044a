"""What a letter rests on, read from the book: the denial, its answer, the claim as filed, letters.

One letter is about one case: it takes along the other amounts of the case, by whichever answer and
whatever their group, that are argued alike (category and route).
So a payer gets one request for a decision and not one for each line, and never two cases in one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.cases import claim_lines
from medcollect.bookkeeping.casework import amounts_of_claims, key_of_row
from medcollect.bookkeeping.experience import judging
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.bookkeeping.ranking import WITHDRAWN
from medcollect.denials import NO_POLICIES, DenialFacts, Limit, assess, classify, every_limit
from medcollect.denials.facts import ShortfallFacts, TakebackFacts
from medcollect.denials.kinds import facts_of, limits_rest_on
from medcollect.errors import NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.letters import (
    Answered,
    ContractInBrief,
    LetterFacts,
    Level,
    SentBefore,
    level_due,
)
from medcollect.matching.keys import name_key
from medcollect.matching.lines import pair_lines
from medcollect.model.casework import REJECTED, cause_of
from medcollect.model.claim import Claim
from medcollect.model.desk import SentLetter
from medcollect.model.letters import LetterOffice
from medcollect.model.policies import DenialPolicies
from medcollect.store import facts
from medcollect.store.contracts import contract_row
from medcollect.store.desk import DeskEntry, standing_entries
from medcollect.store.tables import claims, denials, remittances
from medcollect.tasks.case_load import find_case, row_of_denial
from medcollect.tasks.claim_chain import claim_chain
from medcollect.tasks.load import LoadedClaim, load_claim
from medcollect.tasks.originals import original_claims

Row = dict[str, Any]

_VOID: Final = "8"
_SEE: Final = "'denials' lists them with their ids."


class Chosen(msgspec.Struct, frozen=True):
    """The denials of one letter, the first one leading, and how it was judged."""

    rows: tuple[Row, ...]
    facts: DenialFacts
    route: str
    no_appeal: str
    policies: DenialPolicies = NO_POLICIES
    others: tuple[DenialFacts, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Our ids of the denials."""
        return tuple(name("N", row["id"]) for row in self.rows)

    @property
    def amounts(self) -> tuple[DenialFacts, ...]:
        """The facts of every amount, in the order of the rows."""
        return (self.facts, *self.others)

    @property
    def first(self) -> DenialFacts:
        """The amount that was decided first: its time limit ends before those of later answers."""
        return min(self.amounts, key=lambda facts: facts.limits_from or date.max)

    @property
    def level_due(self) -> Level:
        """The level that comes next: the first, else the one after the appeal that was lost.

        Raises NotAllowed where no letter takes it further.
        """
        level = level_due(self.facts, self.policies.limits)
        if level is not None:
            return level
        raise NotAllowed(
            f"The appeal of level {self.facts.upheld_level} of {self.ids[0]} was decided on "
            f"{self.facts.upheld_on}, and no letter takes it further.",
            "'denial ID' shows its limits; --level writes the letter of another level.",
        )


def find_denial(connection: sa.Connection, identifier: str) -> Row:
    """The row of a denial; of one that a later answer replaced, what speaks for its case now.

    Raises NotFound where there is none, or what refused it was undone.
    """
    row = row_of_denial(connection, identifier)
    if row["status"] == WITHDRAWN and row["claim_id"] is not None:
        return find_case(connection, identifier).speaks
    return row


def choose(connection: sa.Connection, row: Row, *, settled: bool = False) -> Chosen:
    """A denial with those that one letter takes along.

    Raises NotAllowed where nothing was judged, or (unless ``settled``) nothing is left in dispute.
    """
    identifier = name("N", row["id"])
    if row["kind"] == REJECTED:
        raise NotAllowed(
            f"{identifier} was rejected before it was judged: there is nothing to appeal.",
            "Correct the claim and send it as a new one (medcollect bill --again).",
        )
    if row["status"] not in {"open", "notice"} and not settled:
        state = row["status"].replace("_", " ")
        raise NotAllowed(f"{identifier} is {state}: nothing of it is in dispute.", _SEE)
    known = _facts(row)
    policies = judging(connection)
    verdict = classify(known, policies)
    found = _of_its_case(connection, row)
    argued = {other["id"]: _facts(other) for other in found}
    mine = [o for o in found if classify(argued[o["id"]], policies).route == verdict.route]
    return Chosen(
        rows=(row, *mine),
        facts=known,
        route=verdict.route,
        no_appeal=verdict.no_appeal,
        policies=policies,
        others=tuple(argued[other["id"]] for other in mine),
    )


def _facts(row: Row) -> DenialFacts:
    """The facts of a row; what was rejected has no letter."""
    return limits_rest_on(facts_of(row["kind"], row["facts"]))


def _of_its_case(connection: sa.Connection, row: Row) -> list[Row]:
    """The other amounts of a row's case, by whichever answer, that stand as it does."""
    if row["claim_id"] is None:
        found = _of_answer(connection, row["claim_payment_id"])
    else:
        found = amounts_of_claims(connection, [row["claim_id"]])
    mine = next((one for one in found if one["id"] == row["id"]), None)
    if mine is None:
        raise NotFound("This denial is gone: what refused it was undone.", _SEE)
    alike = ("category", "status", "kind")
    return [
        one
        for one in found
        if one is not mine
        and key_of_row(one) == key_of_row(mine)
        and all(one[field] == row[field] for field in alike)
    ]


def _of_answer(connection: sa.Connection, payment: int) -> list[Row]:
    """The amounts of an answer that belongs to no claim yet: its payer is one."""
    query = sa.select(denials, sa.literal("").label("payer_key"))
    query = query.where(denials.c.claim_payment_id == payment).order_by(denials.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def letter_facts(
    connection: sa.Connection,
    chosen: Chosen,
    office: LetterOffice,
    today: date,
    decided: dict[str, date],
) -> LetterFacts:
    """Everything a letter can say about these denials.

    ``decided`` has the day of the decision on the level before, by the steps it may answer.
    """
    row = chosen.rows[0]
    loaded = _claim(connection, row["claim_id"])
    proof = _proof(connection, loaded)
    judged = assess(chosen.first, today, chosen.policies)
    document = _latest(loaded)
    amounts = [_with_traces(connection, one) for one in chosen.amounts]
    return LetterFacts(
        denials=chosen.ids,
        facts=amounts[0],
        others=tuple(amounts[1:]),
        category=row["category"],
        answers=_answers(connection, chosen, document.claim if document is not None else None),
        claim=document.claim if document is not None else None,
        limits=_limits(chosen, today, proof, decided),
        deadline=judged.deadline if judged.appealable else None,
        deadline_rule=judged.deadline_rule,
        proof=proof["text"] if proof is not None else "",
        contact=_contact(connection, document.id) if document is not None else ("", ""),
        sent=tuple(_before(entry.fact) for entry in letters_about(connection, chosen)),
        decided=min(decided.values(), default=None),
        office=office,
        contracts=_contracts(connection, chosen),
        level_due=level_due(chosen.facts, chosen.policies.limits),
        appeal_is_next=judged.appealable and judged.route == "appeal",
    )


def _answers(
    connection: sa.Connection, chosen: Chosen, claim: Claim | None
) -> tuple[Answered, ...]:
    """The answers that the amounts are of, with what is in dispute of each."""
    ids = list(dict.fromkeys(row["claim_payment_id"] for row in chosen.rows))
    loaded = {one["id"]: one for one in facts.load_claim_payments(connection, ids)}
    refused: dict[int, Counter[int]] = defaultdict(Counter)
    short: dict[int, dict[int, ShortfallFacts]] = defaultdict(dict)
    for row, known in zip(chosen.rows, chosen.amounts, strict=True):
        answer, service = row["claim_payment_id"], row["service"]
        refused[answer][service] += row["amount_cents"] or known.at_stake_cents
        if isinstance(known, ShortfallFacts):
            short[answer][service] = known
    lines = claim_lines(claim) if claim is not None else ()
    return tuple(
        Answered(
            payment=loaded[one]["payment"],
            header=loaded[one]["header"],
            refused=dict(refused[one]),
            short=short[one],
            pairs=pair_lines(loaded[one]["payment"].services, lines) if lines else (),
        )
        for one in ids
    )


def _with_traces(connection: sa.Connection, known: DenialFacts) -> DenialFacts:
    """A takeback with the number of the payment that each amount was taken by."""
    if not isinstance(known, TakebackFacts):
        return known
    numbers = [number_of(one.remittance, "R") or 0 for one in known.taken]
    query = sa.select(remittances.c.id, remittances.c.trace_number)
    rows = connection.execute(query.where(remittances.c.id.in_(numbers)))
    traces: dict[int, str] = {row.id: row.trace_number for row in rows}
    replace = msgspec.structs.replace
    taken = zip(known.taken, numbers, strict=True)
    told = tuple(replace(one, trace_number=traces.get(n, one.trace_number)) for one, n in taken)
    return replace(known, taken=told)


def _contracts(connection: sa.Connection, chosen: Chosen) -> dict[str, ContractInBrief]:
    """The contracts that lines fall short of, by our id."""
    named = {known.contract for known in chosen.amounts if isinstance(known, ShortfallFacts)}
    numbers = sorted(filter(None, (number_of(one, "T") for one in named if one)))
    rows = (contract_row(connection, number) for number in numbers)
    found = [row for row in rows if row is not None]
    return {name("T", row.id): ContractInBrief(row.name, row.valid_from) for row in found}


def letters_about(connection: sa.Connection, chosen: Chosen) -> list[DeskEntry]:
    """The standing entries of letters sent about a case, the oldest first.

    A case is what one payer refused of a claim for one reason: what went to another payer of the
    claim is another case's.
    """
    row = chosen.rows[0]
    payer = name_key(chosen.facts.payer_name, "")
    entries = standing_entries(connection)
    if row["claim_id"] is None or not any(isinstance(e.fact, SentLetter) for e in entries):
        return []
    claim = connection.execute(sa.select(claims).where(claims.c.id == row["claim_id"])).one()
    about = People(entries).about(concerns_of(dict(claim._mapping)))
    sent = [entry for entry in about if isinstance(entry.fact, SentLetter)]
    mine = payer, cause_of(row["kind"], row["reason"])
    return [entry for entry in sent if _case_of(entry.fact) == mine]


def _case_of(fact: Any) -> tuple[str, str]:
    return name_key(fact.payer, ""), fact.reason


def _before(fact: Any) -> SentBefore:
    return SentBefore(fact.level, fact.sent_on, fact.means, fact.tracking)


def _claim(connection: sa.Connection, claim: int | None) -> LoadedClaim | None:
    if claim is None:
        return None
    row = connection.execute(sa.select(claims).where(claims.c.id == claim)).one()
    return load_claim(connection, dict(row._mapping))


def _latest(loaded: LoadedClaim | None) -> Any:
    """The claim's latest document that is no void."""
    documents: Sequence[Any] = loaded.group.documents if loaded is not None else ()
    standing = (d for d in reversed(documents) if d.claim.frequency != _VOID)
    return next(standing, None)


def _proof(connection: sa.Connection, loaded: LoadedClaim | None) -> Row | None:
    """What proves that the claim was filed in time (277CA)."""
    if loaded is None or not loaded.group.documents:
        return None
    found: Row | None = claim_chain(connection, loaded)["proof_of_filing"]
    return found


def _limits(
    chosen: Chosen, today: date, proof: Row | None, decided: dict[str, date]
) -> tuple[Limit, ...]:
    day = proof["date"] if proof is not None else None
    return every_limit(
        chosen.first,
        today,
        no_appeal=chosen.no_appeal,
        decided=decided,
        accepted_on=date.fromisoformat(day) if day else None,
        limits=chosen.policies.limits,
    )


def _contact(connection: sa.Connection, document: int) -> tuple[str, str]:
    """Name and telephone of the billing provider by its claim (PER), else of who sent the file."""
    original = original_claims(connection, [document]).get(document)
    if original is None:
        return ("", "")
    mark = original.marks.element
    for segment in (*original.claim.parent_segments, *original.header.segments):
        parts = segment.split(mark)
        if parts[0] == "PER":
            return (_of(parts, 2), _telephone(parts))
    return ("", "")


def _of(parts: Sequence[str], place: int) -> str:
    return parts[place] if len(parts) > place else ""


def _telephone(parts: Sequence[str]) -> str:
    """The number behind TE, written as people read it."""
    pairs = zip(parts[3::2], parts[4::2], strict=False)
    number = next((value for kind, value in pairs if kind == "TE"), "")
    if len(number) == 10 and number.isdigit():
        return f"{number[:3]}-{number[3:6]}-{number[6:]}"
    return number
