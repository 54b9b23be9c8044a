"""Send an overpayment back to a payer: ``medcollect refund --to-payer``.

What can go back is what the payer paid beyond the claim's charge, or what it still means to take by
a recovery: one that names the claim, or one that names none, against its reference. A refund cheque
is a fact (E000001) with its user and reason; it closes the recovery, whichever came first, and
``undo`` takes it back. One that comes back is a fact of its own day. A payer that takes the money
all the same has it twice: the recovery stays open and the import says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.derived import Figures
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.findings import Finding
from medcollect.ids import name, number_of
from medcollect.ledger.chains import RECOVERY, Chain
from medcollect.matching.keys import number_key
from medcollect.model.desk import Concerns, PayerRefund, ReturnedCheque
from medcollect.money import format_cents, format_dollars
from medcollect.store.desk import save_entry
from medcollect.store.engine import Store
from medcollect.store.patient_payments import METHODS
from medcollect.store.tables import claim_payments, remittances, transactions
from medcollect.tasks.desk import insist_on_reason, judged
from medcollect.tasks.pay import cents_of, claim_keys_of, one_claim
from medcollect.tasks.provider_adjustments import Shown, load_chains
from medcollect.tasks.refund_cheques import (
    insist_on_not_cashed,
    standing_cheques,
    standing_returns,
)

Row = dict[str, Any]

#: The id of a chain of provider adjustments: a remittance, and the place of an amount on it.
_CHAIN = re.compile(r"R(?P<remittance>[0-9]{6,12})-(?P<place>[0-9]{1,4})")


def refund_payer(  # noqa: PLR0913 - what a refund cheque is
    store: Store,
    target: str,
    amount: str,
    *,
    payer: str = "",
    method: str = "check",
    refunded_on: date | None = None,
    reference: str = "",
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Enter money of a claim (its number or C...) that was sent back to a ``payer``.

    Or of a recovery that names no claim, by its id (R000012-1). Without ``payer`` it is the only
    one that paid. Raises NotFound, BadRequest, NotAllowed where
    the payer's credit, and what it still means to take, is less than that.
    """
    day = today or dates.today()
    sent = refunded_on or day
    cents = cents_of(amount)
    insist_on_reason(reason)
    if method not in METHODS:
        raise NotAllowed(f"{method} is no method of payment.", f"There are: {', '.join(METHODS)}.")
    if sent > day:
        raise NotAllowed(f"{sent} is still to come.", "Give the day it was sent.")
    fact = PayerRefund(payer.strip(), cents, sent, method, reference.strip())
    with store.writing() as connection:
        recovery = _recovery(connection, target)
        if recovery is not None:
            concerns, fact = Concerns(), _of_recovery(connection, recovery, fact)
        else:
            claim = one_claim(connection, target)
            named = _payer_of(connection, claim, fact.payer)
            _insist_on_credit(connection, claim, named, cents)
            concerns = Concerns(**claim_keys_of(claim))
            fact = msgspec.structs.replace(fact, payer=named)
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        return judged(connection, entry, day)


def return_cheque(
    store: Store,
    identifier: str,
    *,
    received_on: date | None = None,
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Enter that a payer sent a refund cheque (E...) back: a fact of its own day.

    Raises NotFound, NotAllowed where it came back already, BadRequest for a day before it was sent
    or to come.
    """
    day = today or dates.today()
    back = received_on or day
    insist_on_reason(reason)
    with store.writing() as connection:
        number = number_of(identifier, "E")
        entry = next((e for e in standing_cheques(connection) if e.id == number), None)
        if entry is None or not isinstance(entry.fact, PayerRefund):
            raise NotFound("There is no such refund cheque.", "'provider-adjustments' shows them.")
        known = standing_returns(connection).get(entry.id)
        if known is not None:
            message = f"This cheque came back already: {name('E', known.id)}."
            raise NotAllowed(message, "Send a new one: medcollect refund --to-payer.")
        insist_on_not_cashed(connection, entry.id)
        sent = entry.fact
        if not sent.day <= back <= day:
            message = f"It was sent on {sent.day} and comes back after that, on a day that was."
            raise BadRequest(message, "Give the day of the return with --date.")
        fact = ReturnedCheque(sent.payer, sent.cents, back, entry.id, sent.reference)
        returned = save_entry(connection, fact, entry.concerns, reason=reason.strip(), user=user)
        return judged(connection, returned, day)


def _recovery(connection: sa.Connection, target: str) -> Chain | None:
    """The recovery with this id, where it is one."""
    match = _CHAIN.fullmatch(target.strip().upper())
    if match is None:
        return None
    first = (int(match["remittance"]), int(match["place"]))
    found = (c for c in load_chains(connection) if c.steps[0].place_on_check == first)
    return next(found, None)


def _of_recovery(connection: sa.Connection, chain: Chain, fact: PayerRefund) -> PayerRefund:
    """A cheque for a recovery that names no claim: against its payer and reference."""
    shown = Shown(connection, [chain])
    row, payer = shown.as_json(chain, fact.day), shown.payer(chain)
    if chain.claims:
        message = f"This recovery names {row['claim']}."
        raise NotAllowed(message, "Name the claim: its credit is settled with it.")
    if chain.kind != RECOVERY:
        raise NotAllowed("This is no recovery of an overpayment.", row["action"])
    if fact.payer and key_of(fact.payer) != chain.steps[0].payer:
        raise NotAllowed(f"It is {payer} that wants this back.", "Leave the payer out.")
    reference = next((s["reference"] for s in row["steps"] if number_key(s["reference"])), "")
    if not reference:
        message = "The payer gave no reference, by which a cheque could be told to belong to it."
        raise NotAllowed(message, "Ask the payer which claim it is, and name that.")
    wanted = -min(chain.balance, 0)
    if fact.cents > wanted:
        raise NotAllowed(_more(payer, wanted, "it", fact.cents), "'provider-adjustments' shows it.")
    return msgspec.structs.replace(fact, payer=payer, recovery=reference)


def _more(payer: str, free: int, what: str, cents: int) -> str:
    """That a cheque is more than the payer may ask for."""
    asked, sent = format_cents(free), format_cents(cents)
    return f"{payer} may ask for {asked} of {what}: {sent} is more."


def _payer_of(connection: sa.Connection, claim: Row, payer: str) -> str:
    """The payer of that name that answered the claim, as it calls itself."""
    query = (
        sa.select(remittances.c.payer_key, remittances.c.payer_name)
        .join(claim_payments, claim_payments.c.remittance_id == remittances.c.id)
        .where(claim_payments.c.claim_id == claim["id"], claim_payments.c.paid_cents > 0)
        .order_by(remittances.c.id)
    )
    found = {row.payer_key: row.payer_name for row in connection.execute(query)}
    if not payer and len(found) == 1:
        return str(next(iter(found.values())))
    if key_of(payer) in found:
        return str(found[key_of(payer)])
    listed = ", ".join(found.values()) or "none"
    message = f"{payer} paid nothing on this claim." if payer else "Which payer is it?"
    raise NotAllowed(message, f"Payers that paid on it: {listed}.")


def _insist_on_credit(connection: sa.Connection, claim: Row, payer: str, cents: int) -> None:
    """Refuse to send back more than the payer may ask for, or what it took already.

    Credit and recovery may be the same money, where the payer's correction waits for a person.
    """
    credit = Figures(receivable=claim["insurance_receivable_cents"]).payer_credit
    chains = _recoveries(connection, claim["id"], {key_of(payer)})
    wanted = -sum(min(c.balance, 0) for c in chains)
    free = max(credit, wanted)
    if cents <= free:
        return
    held = [c for c in chains if c.balance > 0]
    if held and not free:
        message = f"{payer} has taken {format_cents(held[0].balance)} of this claim already."
        raise NotAllowed(message, "'provider-adjustments' shows the checks it was taken from.")
    message = _more(payer, free, "this claim", cents)
    raise NotAllowed(message, "'claim' shows the payer's credit and its recoveries.")


def _recoveries(connection: sa.Connection, claim: int, payers: Collection[str]) -> list[Chain]:
    """The recoveries of these payers that name a claim."""
    chains = load_chains(connection, payers)
    return [chain for chain in chains if chain.kind == RECOVERY and claim in chain.claims]


def taken_again(connection: sa.Connection, file_id: int) -> list[Finding]:
    """A finding for each recovery that a file's checks took although a cheque had been sent."""
    if not standing_cheques(connection):
        return []
    query = (
        sa.select(remittances.c.id, remittances.c.payer_key)
        .join(transactions, transactions.c.id == remittances.c.id)
        .where(transactions.c.file_id == file_id, remittances.c.status == "active")
    )
    payers = {row.id: row.payer_key for row in connection.execute(query)}
    findings = []
    for chain in load_chains(connection, set(payers.values())):
        took = [step for step in chain.steps if step.remittance in payers]
        if chain.taken_again and any(step.cents > 0 for step in took):
            claim = name("C", chain.claims[0]) if chain.claims else "a recovery"
            findings.append(
                Finding(
                    "recovery-after-refund",
                    "warning",
                    f"The payer took money of {claim} back although refund {chain.cheque} was "
                    f"sent: it has {format_dollars(chain.balance)} twice.",
                    "Send the payer the cheque's number and day; see provider-adjustments.",
                )
            )
    return findings
