"""Send an overpayment back to a payer: ``medcollect refund --to-payer``.

What can go back is what the payer paid beyond the claim's charge, or what it still means to take by
a recovery that names the claim. A refund cheque is a fact (E000001) with its user and reason; it
closes the recovery, whichever came first, and ``undo`` takes it back. A payer that takes the money
all the same has it twice: the recovery stays open and the import says so.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.derived import Figures
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import NotAllowed
from medcollect.findings import Finding
from medcollect.ids import name
from medcollect.ledger.chains import RECOVERY, Chain
from medcollect.model.desk import Concerns, PayerRefund
from medcollect.money import format_cents, format_dollars
from medcollect.store.desk import save_entry
from medcollect.store.engine import Store
from medcollect.store.patient_payments import METHODS
from medcollect.store.tables import claim_payments, remittances, transactions
from medcollect.tasks.desk import insist_on_reason, judged
from medcollect.tasks.pay import cents_of, claim_keys_of, one_claim
from medcollect.tasks.provider_adjustments import load_chains
from medcollect.tasks.refund_cheques import standing_cheques

Row = dict[str, Any]


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

    Without ``payer`` it is the only one that paid. Raises NotFound, BadRequest, NotAllowed where
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
    with store.writing() as connection:
        claim = one_claim(connection, target)
        named = _payer_of(connection, claim, payer.strip())
        _insist_on_credit(connection, claim, named, cents)
        fact = PayerRefund(named, cents, sent, method, reference.strip())
        concerns = Concerns(**claim_keys_of(claim))
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        return judged(connection, entry, day)


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
    message = (
        f"{payer} may ask for {format_cents(free)} of this claim: {format_cents(cents)} is more."
    )
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
            cheque = next(step.cheque for step in chain.steps if step.cheque)
            claim = name("C", chain.claims[0]) if chain.claims else "a claim"
            findings.append(
                Finding(
                    "recovery-after-refund",
                    "warning",
                    f"The payer took money of {claim} back although refund {cheque} was sent: "
                    f"it has {format_dollars(chain.balance)} twice.",
                    "Send the payer the cheque's number and day; see provider-adjustments.",
                )
            )
    return findings
