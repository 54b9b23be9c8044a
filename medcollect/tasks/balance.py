"""What one patient owes, and why: the account's claims, summed in the same words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from medcollect.ids import name
from medcollect.money import format_cents
from medcollect.store.engine import Store
from medcollect.store.tables import patient_payments
from medcollect.tasks.coverage import coverage_of_account
from medcollect.tasks.entry_view import death_of, entries_about
from medcollect.tasks.figures import as_text, claim_summary, figures_of_row, not_billable, text_of
from medcollect.tasks.load import claims_of_account, find_account, former_accounts
from medcollect.tasks.payment_view import payment_rows, unapplied_payments

Row = dict[str, Any]


def view_balance(store: Store, account: str) -> Row:
    """The balance of an account, named by its id or by a claim's number.

    Raises NotFound when there is none, or claims of several accounts carry the number.
    """
    with store.reading() as connection:
        found = find_account(connection, account)
        claims = claims_of_account(connection, found["id"])
        coverage = coverage_of_account(connection, found["id"], claims)
        unapplied = unapplied_payments(connection, account=found["id"])
        entries = entries_about(connection, claims)
        payments = payment_rows(connection, patient_payments.c.account_id == found["id"])
        former = former_accounts(connection, found["id"])
    sums: Counter[str] = Counter()
    for row in claims:
        sums.update(figures_of_row(row))
    return {
        "account": name("A", found["id"]),
        "former_accounts": [name("A", number) for number in former],
        "patient": {
            "last_name": found["last_name"],
            "first_name": found["first_name"],
            "birth_date": text_of(found["birth_date"]),
        },
        **as_text(figures_of_account(sums)),
        "unapplied": format_cents(sum(payment.cents for payment in unapplied)),
        "not_billable": not_billable(claims),
        "claims": [claim_summary(row) for row in claims],
        "coverage": coverage,
        "patient_payments": payments,
        "entries": entries,
        "deceased": death_of(entries),
    }


def figures_of_account(sums: Counter[str]) -> dict[str, int]:
    """The summed figures, zero where no claim has one."""
    keys = ("charge", "insurance_paid", "written_off", "patient_responsibility", "patient_paid")
    more = ("patient_due", "patient_billable", "insurance_open", "credit", "payer_credit")
    return {key: sums.get(key, 0) for key in (*keys, *more)}
