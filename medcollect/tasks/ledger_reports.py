"""The accountant's reports: ledger, trial balance, day sheet.

They go by the accounting date, which never lies in a closed period; the balances of claims and
accounts go by the day an entry counts from. Debits are positive.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.ids import name
from medcollect.model.posting import (
    CHARGES,
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    INTEREST,
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PATIENT_UNAPPLIED,
    PAYER_CASH,
    PAYER_CASH_REPORTED,
    PROVIDER_ADJUSTMENT,
    UNAPPLIED,
    WRITE_OFF,
)
from medcollect.money import format_cents
from medcollect.store.desk_tables import deposits
from medcollect.store.engine import Store
from medcollect.store.tables import journal_entries, postings
from medcollect.tasks.figures import text_of

Row = dict[str, Any]
Column = tuple[str, str, str]
Sheet = tuple[list[Column], list[Row]]

_DAY = journal_entries.c.accounting_date


def _up_to(as_of: date | None) -> sa.ColumnElement[bool]:
    """Entries that stand on a day up to this one; all without one."""
    return sa.true() if as_of is None else sa.or_(_DAY.is_(None), as_of >= _DAY)


def _before(since: date | None) -> sa.ColumnElement[bool]:
    """Entries that stand on a day before this one; none without one."""
    return sa.false() if since is None else sa.or_(_DAY.is_(None), since > _DAY)


def _in_span(as_of: date | None, since: date | None) -> sa.ColumnElement[bool]:
    return sa.and_(_up_to(as_of), sa.not_(_before(since)))


def _sides(cents: int) -> tuple[str, str]:
    """An amount as debit and credit."""
    return format_cents(max(cents, 0)), format_cents(max(-cents, 0))


def ledger(store: Store, as_of: date | None, since: date | None) -> Sheet:
    """Every posting of the days asked for, in the order it was written."""
    columns: list[Column] = [
        ("entry", "number", "the journal entry: its postings add up to zero"),
        ("accounting_date", "date", "the day of the ledger it stands on"),
        ("entry_date", "date", "the day it counts from"),
        ("recorded_on", "date", "the day it was written"),
        ("cause", "text", "what led to it"),
        ("claim", "text", "our claim"),
        ("remittance", "text", "our remittance"),
        ("ledger_account", "text", "the account"),
        ("line", "number", "the claim's line, 0 for the claim as a whole"),
        ("payer_rank", "number", "whose receivable: 1 for the first payer"),
        ("detail", "text", "group and reason, kind of write-off, PLB code and reference"),
        ("debit", "money", "what it adds to the account"),
        ("credit", "money", "what it takes from the account"),
        ("reverses", "number", "the entry that it takes back"),
    ]
    entry = [c for c in journal_entries.c if c.name not in {"claim_id", "remittance_id"}]
    query = (
        sa.select(*entry, *[c for c in postings.c if c.name != "entry_id"])
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .where(_in_span(as_of, since))
        .order_by(journal_entries.c.id, postings.c.account, postings.c.line, postings.c.detail)
    )
    with store.reading() as connection:
        return columns, [_ledger_row(row) for row in connection.execute(query)]


def _ledger_row(row: Any) -> Row:
    debit, credit = _sides(row.cents)
    return {
        "entry": row.id,
        "accounting_date": text_of(row.accounting_date),
        "entry_date": text_of(row.entry_date),
        "recorded_on": text_of(row.recorded_on),
        "cause": row.cause,
        "claim": name("C", row.claim_id) if row.claim_id else None,
        "remittance": name("R", row.remittance_id) if row.remittance_id else None,
        "ledger_account": row.account,
        "line": row.line,
        "payer_rank": row.payer_rank,
        "detail": row.detail,
        "debit": debit,
        "credit": credit,
        "reverses": row.reverses,
    }


def trial_balance(store: Store, as_of: date | None, since: date | None) -> Sheet:
    """Every account: opening balance, debits and credits of the days, closing balance.

    The balances of all accounts add up to zero, whatever the days.
    """
    columns: list[Column] = [
        ("ledger_account", "text", "the account"),
        ("opening", "money", "its balance before the first day; debits are positive"),
        ("debits", "money", "what the days added to it"),
        ("credits", "money", "what the days took from it"),
        ("balance", "money", "its balance at the end of the last day"),
    ]
    opened = sa.case((_before(since), postings.c.cents), else_=0)
    moved = sa.case((_in_span(as_of, since), postings.c.cents), else_=0)
    query = (
        sa.select(
            postings.c.account,
            sa.func.sum(opened),
            sa.func.sum(sa.case((moved > 0, moved), else_=0)),
            sa.func.sum(sa.case((moved < 0, -moved), else_=0)),
        )
        .join(journal_entries, postings.c.entry_id == journal_entries.c.id)
        .where(sa.or_(_before(since), _up_to(as_of)))
        .group_by(postings.c.account)
        .order_by(postings.c.account)
    )
    with store.reading() as connection:
        found = connection.execute(query).all()
    rows = []
    for account, *sums in found:
        opening, added, taken = map(int, sums)
        figures = (opening, added, taken, opening + added - taken)
        texts = map(format_cents, figures)
        rows.append(dict(zip([c for c, _, _ in columns], [account, *texts], strict=True)))
    return columns, rows


_RECEIVABLE = "receivable_change"
_DEPOSITED = "deposited"
#: Columns whose totals are their last values.
RUNNING_BALANCES = ("receivable", "not_deposited")
#: Money that is on its way to the bank, or in it: what payers and patients paid us.
_RECEIVED = (PAYER_CASH, PATIENT_CASH)

#: The day sheet's column of each account, and the sign that makes it read well.
_DAY_COLUMNS: dict[str, tuple[str, int]] = {
    CHARGES: ("charges", -1),
    PAYER_CASH: ("payer_payments", 1),
    PAYER_CASH_REPORTED: ("payer_payments", 1),
    PATIENT_CASH: ("patient_payments", 1),
    CONTRACTUAL: ("contractual", 1),
    WRITE_OFF: ("written_off", 1),
    PROVIDER_ADJUSTMENT: ("provider_adjustments", 1),
    INTEREST: ("provider_adjustments", 1),
    UNAPPLIED: ("unapplied_change", -1),
    PATIENT_UNAPPLIED: ("unapplied_change", -1),
    INSURANCE_RECEIVABLE: (_RECEIVABLE, 1),
    PATIENT_RECEIVABLE: (_RECEIVABLE, 1),
}
_DAY_MEANINGS = {
    "charges": "what the practice asked",
    "payer_payments": "what payers paid",
    "patient_payments": "what patients paid, less what was given back to them",
    "contractual": "given up by contract or rule",
    "written_off": "given up by law, policy or decision",
    "provider_adjustments": "PLB: positive lowered the payments; interest is negative",
    "unapplied_change": "received and not applied, less what was applied of earlier money",
    "other": "refunds and other accounts",
    _RECEIVABLE: "charges less everything before it",
    _DEPOSITED: "what the bank says came in",
}


def day_sheet(store: Store, as_of: date | None, since: date | None) -> Sheet:
    """Each day with entries: what was charged, received and given up, and what is left open."""
    columns: list[Column] = [
        ("day", "date", "the day of the ledger"),
        *((key, "money", means) for key, means in _DAY_MEANINGS.items()),
        ("receivable", "money", "open with payers and patients at the end of the day"),
        ("not_deposited", "money", "received up to that day, less what the bank has"),
    ]
    query = (
        sa.select(_DAY, postings.c.account, sa.func.sum(postings.c.cents))
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .where(_up_to(as_of))
        .group_by(_DAY, postings.c.account)
    )
    days: dict[date | None, Counter[str]] = defaultdict(Counter)
    with store.reading() as connection:
        for day, account, cents in connection.execute(query):
            column, sign = _DAY_COLUMNS.get(account, ("other", 1))
            days[day][column] += sign * int(cents)
            days[day]["received"] += int(cents) if account in _RECEIVED else 0
        for day, cents in connection.execute(_deposited(as_of)):
            days[day][_DEPOSITED] += int(cents)
    rows = []
    running: Counter[str] = Counter()
    for day, sums in sorted(days.items(), key=lambda item: item[0] or date.min):
        running["receivable"] += sums[_RECEIVABLE]
        running["not_deposited"] += sums["received"] - sums[_DEPOSITED]
        if since is None or (day is not None and day >= since):
            money = {key: format_cents(sums[key]) for key in _DAY_MEANINGS}
            ends = {key: format_cents(running[key]) for key in RUNNING_BALANCES}
            rows.append({"day": text_of(day), **money, **ends})
    return columns, rows


def _deposited(as_of: date | None) -> sa.Select[Any]:
    """What the bank's files say came in, day by day."""
    query = sa.select(deposits.c.deposit_date, sa.func.sum(deposits.c.amount_cents))
    query = query.where(deposits.c.status == "active").group_by(deposits.c.deposit_date)
    return query if as_of is None else query.where(deposits.c.deposit_date <= as_of)
