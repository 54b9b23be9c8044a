"""Merge and split accounts by hand: ``medcollect account``.

Accounts follow from the claims' people; where a file has a name wrong or two people share an
insurance number, a person says whose the claims are. What is said is a fact (E000001) about keys,
so later files of either patient land on the right account, and ``undo`` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.matching.keys import name_key
from medcollect.model.desk import AccountMerge, AccountSplit, Concerns, DeskFact
from medcollect.store.desk import save_entry, standing_entries
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.store.patient_payments import PAYMENT, standing_payment
from medcollect.store.tables import claims, patient_payments
from medcollect.tasks.desk import insist_on_reason, judged
from medcollect.tasks.load import claims_of_account, find_account
from medcollect.tasks.pay import one_claim
from medcollect.tasks.payment_view import payment_rows

Row = dict[str, Any]

_NAMES = ("last_name", "first_name")


def merge_accounts(
    store: Store,
    accounts: Sequence[str],
    *,
    although_different: bool = False,
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Say that accounts are one patient's; the lowest number stays, the others lead to it.

    Raises NotFound, NotAllowed where they are one already, or contradict each other and
    ``although_different`` does not say that they are one patient all the same, BadRequest.
    """
    day = today or dates.today()
    insist_on_reason(reason)
    with store.writing() as connection:
        found = [find_account(connection, account) for account in accounts]
        numbers = sorted({row["id"] for row in found})
        if len(numbers) < max(len(found), 2):
            message = "These are one account already." if len(found) > 1 else "That is one account."
            raise NotAllowed(message, "Name two or more accounts (A000001 A000002).")
        rows = {number: claims_of_account(connection, number) for number in numbers}
        _insist_on_claims(rows)
        differences = _differences(found, list(rows.values()))
        if differences and not although_different:
            raise NotAllowed(
                f"The accounts contradict each other: {' and '.join(differences)}.",
                "Look at both with 'balance'. If they are one patient all the same, say "
                "--although-different.",
            )
        told = tuple(_keys(row) for number in numbers for row in rows[number])
        notes = [f"The accounts contradict each other: {one}." for one in differences]
        notes += _coverage_notes(connection, told)
        fact = AccountMerge(told, tuple(numbers), bool(differences))
        return _entered(connection, fact, day, notes, reason=reason, user=user)


def split_account(
    store: Store,
    account: str,
    split: Sequence[str],
    *,
    payments: Sequence[str] = (),
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Say that claims of an account are another patient's; ``payments`` (M...) go along.

    A payment that names a claim goes with it; others stay. Raises NotFound, NotAllowed where a
    claim or payment is not on the account, or none would be left, BadRequest.
    """
    day = today or dates.today()
    insist_on_reason(reason)
    if not split:
        raise BadRequest("Which claims are another patient's?", "Name them with --claims.")
    with store.writing() as connection:
        number = find_account(connection, account)["id"]
        rows = claims_of_account(connection, number)
        named = {row["id"] for row in (one_claim(connection, claim) for claim in split)}
        gone = [row for row in rows if row["id"] in named]
        left = [row for row in rows if row["id"] not in named]
        if len(gone) < len(named):
            raise NotAllowed(
                f"Not all of these claims are on {name('A', number)}.",
                "'balance' lists the claims of an account.",
            )
        if not left:
            raise NotAllowed("That is all of the account's claims.", "Leave some where they are.")
        identities = [_payment_of(connection, payment, number) for payment in payments]
        own, other = _told_apart(connection, gone, left)
        fact = AccountSplit(tuple(map(_keys, gone)), number, own, other, tuple(identities))
        notes = _payment_notes(connection, number, named, identities)
        if not own:
            notes.append(
                "Nothing but their numbers tells these claims from the rest: later claims with the "
                f"same patient data go to {name('A', number)}."
            )
        return _entered(connection, fact, day, notes, reason=reason, user=user)


def _entered(
    connection: sa.Connection,
    fact: DeskFact,
    day: date,
    notes: Iterable[str],
    *,
    reason: str,
    user: str,
) -> Row:
    """Keep what was said and judge the accounts' claims anew; refuse what changes nothing."""
    entry = save_entry(connection, fact, Concerns(), reason=reason.strip(), user=user)
    answer = judged(connection, entry, day)
    now = sorted({claim["account"] for claim in answer["claims"]})
    return {**answer, "accounts_now": now, "notes": list(notes)}


def _insist_on_claims(rows: dict[int, list[Row]]) -> None:
    for number, mine in rows.items():
        if not mine:
            raise NotFound(
                f"There is no claim on {name('A', number)}.", "Only claims tell whose it is."
            )


def _keys(row: Row) -> Concerns:
    """A claim with its number as people know it."""
    return msgspec.structs.replace(concerns_of(row), named=row["patient_control_number"])


def _differences(people: Sequence[Row], accounts: Sequence[Sequence[Row]]) -> list[str]:
    """What accounts contradict each other in: one name may have changed, a birth date does not."""
    names = [{name_key(row[part], "") for part in _NAMES} - {""} for row in people]
    births = [
        {row["birth_key"].rpartition("|")[2] for row in rows if row["birth_key"]}
        for rows in accounts
    ]
    practices = [{row["practice_key"]} - {""} for row in people]
    told = (("birth dates", births), ("names", names), ("practices", practices))
    return [f"their {what} differ" for what, found in told if _contradict(found)]


def _contradict(found: Sequence[set[str]]) -> bool:
    """Whether two of these have nothing in common, of those that say something."""
    known = [values for values in found if values]
    return any(not one & other for one, other in combinations(known, 2))


def _told_apart(
    connection: sa.Connection, gone: Sequence[Row], left: Sequence[Row]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys that only the split claims' patient bears, and those that only the rest bears."""
    mine = {key for row in gone for key in concerns_of(row).people}
    theirs = {key for row in left for key in concerns_of(row).people}
    ids = [row["id"] for row in gone]
    for column, letter in ((claims.c.birth_key, "B"), (claims.c.member_key, "M")):
        values = [key[1:] for key in mine if key[0] == letter]
        query = sa.select(column).where(
            column.in_(values), claims.c.status == "active", claims.c.id.not_in(ids)
        )
        theirs |= {f"{letter}{row[0]}" for row in connection.execute(query)}
    return tuple(sorted(mine - theirs)), tuple(sorted(theirs - mine))


def _payment_of(connection: sa.Connection, text: str, account: int) -> str:
    """The identity of a payment that goes along with the claims."""
    row = standing_payment(connection, number_of(text, "M"))
    if row is None or row.kind != PAYMENT:
        raise NotFound("There is no such payment.", "report patient-payments shows their ids.")
    if row.account_id != account:
        raise NotAllowed(f"{name('M', row.id)} is not on {name('A', account)}.", "See 'balance'.")
    if row.number_key:
        message = f"{name('M', row.id)} was made for a claim: it goes with that claim."
        raise NotAllowed(message, "Leave it out.")
    return str(row.identity)


def _payment_notes(
    connection: sa.Connection, account: int, gone: set[int], along: Sequence[str]
) -> list[str]:
    """Payments that stood on claims which part, and stay with the account they were made for."""
    stays = (patient_payments.c.account_id == account) & (patient_payments.c.status == ACTIVE)
    stays &= (patient_payments.c.number_key == "") & patient_payments.c.identity.not_in(along)
    return [
        f"{row['id']} was made for {name('A', account)} and stays there: "
        f"{part['amount']} of it was on {part['claim']}."
        for row in payment_rows(connection, stays)
        for part in row["applied"]
        if number_of(part["claim"], "C") in gone
    ]


def _coverage_notes(connection: sa.Connection, told: Sequence[Concerns]) -> list[str]:
    """Entries for a patient that do not reach the claims of the other account."""
    people = People(standing_entries(connection))
    notes = []
    for entry in people.entries:
        about = [people.is_about(entry, claim) for claim in told]
        if (
            any(about)
            and not all(about)
            and not entry.concerns.number_key
            and entry.concerns.people
        ):
            notes.append(
                f"{name('E', entry.id)} counts for the claims it was entered for. Enter it for "
                "the account if it is to count for all."
            )
    return notes
