"""Acknowledgements tied to what they answer, whichever of the two came first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from medcollect.bookkeeping.letter_questions import Question, keep_questions
from medcollect.bookkeeping.letters import decode_sending, sending_answer, sending_of, sent_columns
from medcollect.matching.sendings import AnsweredSendings, Sending, answer_sendings
from medcollect.store import correspondence as store
from medcollect.store import facts
from medcollect.store.engine import update_rows
from medcollect.store.tables import correspondence

#: A control number on more of our transactions than this, in two months, ties nothing together.
_SHARED_MOST: Final = 200

_REASONS: Final = {
    "no_sending": "Nothing that was sent under these control numbers is on file.",
    "several_sendings": "Several files that were sent fit these control numbers equally well.",
}


def keep_sent(
    connection: sa.Connection, sent: Sequence[tuple[int, list[str]]], import_id: int | None
) -> list[int]:
    """Index transactions that we sent; returns the claims whose rejection is now another.

    A copy of a file that is on file already, control numbers and all, was not sent again.
    """
    keyed = [(transaction, keys) for transaction, keys in sent if keys]
    copies = store.copies_among(connection, [transaction for transaction, _ in keyed])
    keyed = [(transaction, keys) for transaction, keys in keyed if transaction not in copies]
    if not keyed:
        return []
    facts.save_keys(connection, facts.SENT_OWNER, keyed)
    changed = set(relink(connection, {key for _, keys in keyed for key in keys}, import_id))
    sent_again = [transaction for transaction, _ in keyed]
    changed.update(store.claims_sent_in(connection, sent_again, state="rejected"))
    return sorted(changed)


def relink(connection: sa.Connection, keys: Iterable[str], import_id: int | None) -> list[int]:
    """Find anew what the acknowledgements with these keys answer.

    Returns the claims that a rejection came to, or left.
    """
    sharing = facts.documents_with_keys(connection, sorted(keys))
    letters = {i: key for key, found in sharing.items() for owner, i in found if owner == "A"}
    if not letters:
        return []
    by_key = _sendings(connection, sharing, set(letters.values()))
    before = store.links_of(connection, sorted(letters))
    rows = store.load_letters(connection, sorted(letters))
    results = {row["id"]: _answered(row, by_key[letters[row["id"]]]) for row in rows}
    changed = {
        letter: result
        for letter, result in results.items()
        if set(result.verdicts) != before.get(letter, set())
    }
    store.write_links(connection, [(i, r.verdicts) for i, r in changed.items()])
    _write_outcomes(connection, rows, results)
    keep_questions(
        connection, {row["id"]: _question(row, results[row["id"]]) for row in rows}, import_id
    )
    rejected = _rejected(changed, before)
    return store.claims_sent_in(connection, sorted(rejected))


def ask_about_numberless(
    connection: sa.Connection, letters: Sequence[int], import_id: int | None
) -> None:
    """Ask a person about acknowledgements that name no control number at all."""
    rows = store.load_letters(connection, letters)
    nothing = AnsweredSendings("no_sending")
    keep_questions(connection, {row["id"]: _question(row, nothing) for row in rows}, import_id)


def forget_answers(connection: sa.Connection, letters: Sequence[int]) -> list[int]:
    """Take acknowledgements back; returns the claims that they rejected."""
    before = store.links_of(connection, letters)
    rejected = {sent for links in before.values() for sent, verdict in links if _bad(verdict)}
    store.write_links(connection, [(letter, ()) for letter in letters])
    return store.claims_sent_in(connection, sorted(rejected))


def _sendings(
    connection: sa.Connection, sharing: dict[str, list[tuple[str, int]]], keys: set[str]
) -> dict[str, list[Sending] | None]:
    """What we sent, by key; ``None`` where too much carries the number."""
    ids = {key: [i for o, i in sharing[key] if o == facts.SENT_OWNER] for key in keys}
    wanted = {i for found in ids.values() if len(found) <= _SHARED_MOST for i in found}
    known = {row["id"]: _sending(row) for row in store.load_sent(connection, sorted(wanted))}
    return {
        key: [known[i] for i in found if i in known] if len(found) <= _SHARED_MOST else None
        for key, found in ids.items()
    }


def _sending(row: dict[str, Any]) -> Sending:
    return sending_of(row["id"], row["kind"], sent_columns(row))


def _answered(row: dict[str, Any], sendings: list[Sending] | None) -> AnsweredSendings:
    if sendings is None:
        return AnsweredSendings("several_sendings")
    record = decode_sending(row["kind"], row["document"])
    return answer_sendings(sending_answer(row["kind"], record), sendings)


def _write_outcomes(
    connection: sa.Connection, rows: Sequence[dict[str, Any]], results: dict[int, AnsweredSendings]
) -> None:
    outcomes = [(row, _outcome(results[row["id"]])) for row in rows]
    changes = [{"id": r["id"], "outcome": o} for r, o in outcomes if r["outcome"] != o]
    update_rows(connection, correspondence, changes)


def _outcome(result: AnsweredSendings) -> str:
    return result.outcome if result.outcome in {"landed", "noted"} else "waiting"


def _question(row: dict[str, Any], result: AnsweredSendings) -> Question | None:
    """What a person is asked about an acknowledgement that finds nothing, or too much."""
    reason = _REASONS.get(result.outcome)
    if reason is None:
        return None
    found_none = result.outcome == "no_sending"
    kind = "acknowledgement_without_file" if found_none else "acknowledgement_not_certain"
    return Question(kind, f"{row['kind']} {row['verdict'].replace('_', ' ')}: {reason}")


def _rejected(
    changed: dict[int, AnsweredSendings], before: dict[int, set[tuple[int, str]]]
) -> set[int]:
    """Transactions that a rejection came to, or left."""
    found: set[int] = set()
    for letter, result in changed.items():
        differing = set(result.verdicts) ^ before.get(letter, set())
        found.update(sent for sent, verdict in differing if _bad(verdict))
    return found


def _bad(verdict: str) -> bool:
    return verdict == "rejected"
