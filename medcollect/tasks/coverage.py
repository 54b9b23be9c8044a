"""What payers say of a patient's coverage (271), and what was asked (270), account by account.

An answer belongs to the account of its person: name with birth date, name with member id, or the
trace of our question. Where accounts fit equally well it is shown on none of them and waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect.bookkeeping.letters import PersonAnswer, decode_person, person_keys
from medcollect.ids import import_name, name
from medcollect.matching.keys import number_key
from medcollect.model.eligibility import Benefit, CostShare, Reject
from medcollect.money import format_cents
from medcollect.store.correspondence import accounts_of_keys, persons_with_keys, practices
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

_COVERED: Final = {
    "active": "coverage is active",
    "inactive": "coverage is not active",
    "mixed": "coverage is active for a part only",
    "rejected": "the question was refused",
    "unknown": "no verdict on the coverage",
    "asked": "was asked about the coverage",
}


def coverage_of_account(
    connection: sa.Connection, account: int, claims: Sequence[Row]
) -> list[Row]:
    """The payers' answers about an account's patient, the newest first, and what was asked."""
    found = _letters(connection, _own_keys(claims))
    if not found:
        return []
    placer = Placer(connection)
    own = [row for row in found if placer.account_of(row) == account]
    own.sort(key=lambda row: (row["said_at"], row["id"]), reverse=True)
    return [_shown(row) for row in own]


def _own_keys(claims: Iterable[Row]) -> set[str]:
    """The keys that answers about the patient of these claims have."""
    births = {row["birth_key"].partition("|")[2] for row in claims if row["birth_key"]}
    members = {row["member_key"].partition("|")[2] for row in claims if row["member_key"]}
    return {f"N:{key}" for key in births} | {f"M:{key}" for key in members}


def _letters(connection: sa.Connection, keys: set[str]) -> list[Row]:
    """Answers and questions under these keys, with the answers to those questions."""
    found = {row["id"]: row for row in persons_with_keys(connection, sorted(keys))}
    traces = {key for row in found.values() for key in _keys(row) if key.startswith("Q:")}
    found.update({row["id"]: row for row in persons_with_keys(connection, sorted(traces))})
    return list(found.values())


def _keys(row: Row) -> tuple[str, ...]:
    return person_keys(decode_person(row["document"]).member)


class Placer:
    """Finds the account that a row of correspondence about a person belongs to."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._practices = practices(connection)

    def account_of(self, row: Row) -> int | None:
        """The only account that fits the person, or our question; ``None`` for none or several."""
        answer = decode_person(row["document"])
        keys = person_keys(answer.member)
        fitting = self._fitting(keys)
        if not fitting:
            asked = persons_with_keys(self._connection, [k for k in keys if k.startswith("Q:")])
            questions = [q for q in asked if q["kind"] == "270" and q["id"] != row["id"]]
            fitting = self._fitting([key for q in questions for key in _keys(q)])
        return _only(fitting, answer)

    def _fitting(self, keys: Sequence[str]) -> Counter[tuple[int, str]]:
        """Accounts with their practice, each with the number of keys that fit."""
        persons = [key for key in keys if not key.startswith("Q:")]
        found = accounts_of_keys(self._connection, persons, self._practices)
        return Counter((account, practice) for account, practice, _ in found)


def _only(fitting: Counter[tuple[int, str]], answer: PersonAnswer) -> int | None:
    """The account that fits best; of equal ones that of the practice which asked."""
    if not fitting:
        return None
    most = max(fitting.values())
    best = [fit for fit, count in fitting.items() if count == most]
    if len(best) > 1:
        practice = number_key(answer.receiver.id)
        best = [fit for fit in best if fit[1] == practice]
    return best[0][0] if len(best) == 1 else None


def _shown(row: Row) -> Row:
    """One answer or question as the contract gives it."""
    answer = decode_person(row["document"])
    member = answer.member
    rejects = [*answer.rejects, *member.rejects, *(r for b in member.benefits for r in b.rejects)]
    payer = row["payer_name"] or None
    return {
        "correspondence": name("L", row["id"]),
        "kind": row["kind"],
        "date": row["said_at"][:10] or None,
        "payer": payer,
        "verdict": row["verdict"],
        "text": _sentence(row, answer, payer),
        "plan": member.plan or None,
        "plan_from": text_of(member.plan_from),
        "plan_to": text_of(member.plan_to),
        "group_number": member.group_number or None,
        "member_id": member.party.id or member.subscriber.id or None,
        "cost_shares": [_share(share) for share in member.cost_shares],
        "other_payers": [_other_payer(benefit) for benefit in member.other_payers],
        "rejects": [_reject(reject) for reject in rejects],
        "file": row["file"],
        "import": import_name(row["import_id"]),
        "segment": row["segment"],
    }


def _sentence(row: Row, answer: PersonAnswer, payer: str | None) -> str:
    who, member = payer or "The payer", answer.member
    told = _COVERED[row["verdict"]]
    plan = f", plan {member.plan}" if member.plan else ""
    days = f" {_span(member.plan_from, member.plan_to)}" if member.plan_from else ""
    between = " " if row["verdict"] == "asked" else ": "
    return f"{who}{between}{told}{plan}{days}."


def _span(first: date | None, last: date | None) -> str:
    return f"from {text_of(first)}" + (f" to {text_of(last)}" if last else "")


def _share(share: CostShare) -> Row:
    """What the patient bears of one kind, and what of it is left."""
    return {
        "kind": share.kind,
        "level": share.coverage_level or None,
        "network": share.network or None,
        "service_types": list(share.service_types),
        "period": share.period_kind or None,
        "amount": _cents(share.limit_cents),
        "used": _cents(share.used_cents),
        "remaining": _cents(share.remaining_cents),
        "percent": share.percent or None,
        "notes": list(share.messages),
    }


def _cents(cents: int | None) -> str | None:
    return None if cents is None else format_cents(cents)


def _other_payer(benefit: Benefit) -> Row:
    """Another payer that this one knows of."""
    party = benefit.parties[0] if benefit.parties else None
    start = next((p.start for p in benefit.periods if p.start), None)
    return {
        "name": party.last_name if party is not None else benefit.plan or None,
        "id": (party.id or None) if party is not None else None,
        "insurance_type": benefit.insurance_type or None,
        "since": text_of(start),
    }


def _reject(reject: Reject) -> Row:
    """Why a question was refused, and what to do about it."""
    return {
        "code": reject.code,
        "level": reject.level,
        "reason": reject.reason,
        "action": reject.action,
    }
