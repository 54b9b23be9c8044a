"""The figures behind the reports; rendering them is another room's work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.derived import Figures, figures_of
from medcollect.errors import BadRequest
from medcollect.ids import name
from medcollect.money import format_cents, parse_cents
from medcollect.store.engine import Store
from medcollect.store.policies import newest
from medcollect.store.tables import accounts, claims, journal_entries, postings
from medcollect.tasks import (
    correspondence_report,
    document_reports,
    ledger_reports,
    record_reports,
)
from medcollect.tasks.aging import BUCKET_NAMES, bucket, date_claims, days_of
from medcollect.tasks.figures import claim_summary, figures_of_row, text_of
from medcollect.tasks.payment_view import (
    UnappliedPayment,
    payment_report,
    unapplied_payments,
)
from medcollect.tasks.provider_adjustments import list_provider_adjustments
from medcollect.tasks.underpayments import usual_sheet
from medcollect.tasks.waiting import WAITS, claims_with_held_answers, wait_of_row
from medcollect.tasks.worklists import denial_rows

Row = dict[str, Any]
Column = tuple[str, str, str]

_MONEY_MEANINGS: dict[str, str] = {
    "charge": "what the practice asks",
    "insurance_open": "what payers have yet to settle",
    "patient_due": "what the patient still owes",
    "patient_billable": "of it, what may be billed now",
    "insurance_paid": "what payers paid",
    "written_off": "given up by contract, law, policy or decision",
    "patient_responsibility": "what payers left to the patient",
    "patient_paid": "what the patient paid",
    "credit": "what the patient paid beyond the responsibility",
    "payer_credit": "what payers paid beyond the charge",
    "denied": "of the open denials, the money",
}


def make_report(
    store: Store, report: str, *, as_of: date | None = None, since: date | None = None
) -> Row:
    """One report: columns with what they mean, rows, totals.

    With ``as_of`` balances are those of the journal up to that day; ``since`` is the first day of
    the reports of movements (ledger, trial balance, day sheet, closings). Raises BadRequest for an
    unknown name, and for a first day where none can be had.
    """
    columns, rows = _sheet(store, report, as_of, since)
    return report_of(report, columns, rows, as_of, since)


def report_of(
    report: str, columns: list[Column], rows: list[Row], as_of: date | None, since: date | None
) -> Row:
    """Columns and rows as a report, with the totals."""
    return {
        "report": report,
        "as_of": (as_of or dates.today()).isoformat(),
        "parameters": _parameters(report, as_of, since),
        "columns": [{"name": n, "type": t, "means": m} for n, t, m in columns],
        "rows": rows,
        "totals": _totals(columns, rows),
    }


def _sheet(
    store: Store, report: str, as_of: date | None, since: date | None
) -> tuple[list[Column], list[Row]]:
    """Columns and rows of one report."""
    if report in _MOVEMENTS:
        return _MOVEMENTS[report](store, as_of, since)
    if report not in _REPORTS:
        names = ", ".join(sorted({*_REPORTS, *_MOVEMENTS}))
        raise BadRequest("There is no such report.", f"There are: {names}.")
    if since is not None:
        message = "This report shows one day and has no first day."
        raise BadRequest(message, f"First days have: {', '.join(sorted(_MOVEMENTS))}.")
    return _REPORTS[report](store, as_of)


def _parameters(report: str, as_of: date | None, since: date | None) -> Row:
    """What was asked."""
    asked = {"as_of": text_of(as_of)}
    return {**asked, "from": text_of(since)} if report in _MOVEMENTS else asked


def _totals(columns: Sequence[Column], rows: Sequence[Row]) -> Row:
    """The sums of the money columns; of a running balance the last value."""
    return {
        column: _total([row[column] or "0.00" for row in rows], column)
        for column, kind, _ in columns
        if kind == "money"
    }


def _total(amounts: Sequence[str], column: str) -> str:
    if column in ledger_reports.RUNNING_BALANCES:
        return amounts[-1] if amounts else "0.00"
    return format_cents(sum(parse_cents(amount) or 0 for amount in amounts))


def _claim_rows(store: Store, as_of: date | None) -> list[Row]:
    """Claims with their figures, now or as the journal stood on a day."""
    with store.reading() as connection:
        query = sa.select(claims).where(claims.c.status == "active").order_by(claims.c.id)
        rows = [dict(row._mapping) for row in connection.execute(query)]
        date_claims(connection, rows)
        if as_of is None:
            return rows
        then = _figures_then(connection, as_of)
        denied = _denied_then(connection, as_of)
    for row in rows:
        figures = then.get(row["id"], Figures())
        row.update(
            charge_cents=figures.charge,
            insurance_paid_cents=figures.insurance_paid,
            written_off_cents=figures.written_off,
            patient_responsibility_cents=figures.patient_responsibility,
            patient_paid_cents=figures.patient_paid,
            insurance_receivable_cents=figures.receivable,
            denied_cents=denied.get(name("C", row["id"]), 0),
        )
    return [row for row in rows if row["id"] in then]


class _Leg:
    """A sum of postings on one account, as :func:`figures_of` takes it."""

    def __init__(self, account: str, cents: int) -> None:
        self.account = account
        self.cents = cents


def _figures_then(connection: sa.Connection, as_of: date) -> dict[int, Figures]:
    """Figures of every claim by the entries dated up to a day."""
    query = (
        sa.select(postings.c.claim_id, postings.c.account, sa.func.sum(postings.c.cents))
        .join(journal_entries, journal_entries.c.id == postings.c.entry_id)
        .where(
            postings.c.claim_id.is_not(None),
            sa.or_(journal_entries.c.entry_date.is_(None), journal_entries.c.entry_date <= as_of),
        )
        .group_by(postings.c.claim_id, postings.c.account)
    )
    legs: dict[int, list[Any]] = defaultdict(list)
    for claim, account, cents in connection.execute(query):
        legs[claim].append(_Leg(account, int(cents)))
    return {claim: figures_of(found) for claim, found in legs.items()}


def _denied_then(connection: sa.Connection, as_of: date) -> dict[str, int]:
    """Cents of the denials that are open now and were decided up to a day, by claim."""
    sums: dict[str, int] = defaultdict(int)
    for row in denial_rows(connection, today=as_of):
        if row["decided_on"] is None or row["decided_on"] <= as_of.isoformat():
            sums[row["claim"] or ""] += parse_cents(row["amount"]) or 0
    return sums


def _aging(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """What payers and patients owe by age; payers by service date, patients by last answer.

    Claims without a date of service by the earliest day known (:mod:`medcollect.tasks.aging`).
    """
    day = as_of or dates.today()
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in _claim_rows(store, as_of):
        figures = figures_of_row(row)
        payer = row["waiting_payer"] or row["payer_name"] or "unknown payer"
        since = row["aged_since"]
        column = bucket(since, day)
        sums["insurance", payer][column] += figures["insurance_open"]
        sums["credit", payer][column] -= figures["payer_credit"]
        column = bucket(row["last_answer_date"] or since, day)
        sums["patient", "patients"][column] += figures["patient_due"]
        sums["credit", "patients"][column] -= figures["credit"]
    for payment in _unapplied(store, as_of):
        sums["credit", "patients"][bucket(payment.received_on, day)] -= payment.cents
    columns: list[Column] = [
        ("owed_by", "text", "insurance or patient; credit: what the practice owes them"),
        ("payer", "text", "the payer that is waited for, or the patients"),
        *((b, "money", f"open for {days_of(b)} days")
          for b in BUCKET_NAMES),
        ("total", "money", "everything open"),
    ]  # fmt: skip
    rows = [
        {
            "owed_by": owner,
            "payer": payer,
            **{b: format_cents(found[b]) for b in BUCKET_NAMES},
            "total": format_cents(sum(found.values())),
        }
        for (owner, payer), found in sorted(sums.items())
        if any(found.values())
    ]
    return columns, rows


def _unapplied(store: Store, as_of: date | None) -> list[UnappliedPayment]:
    """Patient payments that are not applied in full."""
    with store.reading() as connection:
        return unapplied_payments(connection, as_of=as_of)


_PATIENT_MONEY = (
    "patient_responsibility", "patient_paid", "patient_due", "patient_billable", "credit",
)  # fmt: skip


def _patient_balances(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every account whose patient owes something or has a credit."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[int, int] = defaultdict(int)
    oldest: dict[int, date] = {}
    for row in _claim_rows(store, as_of):
        account = row["account_id"]
        counts[account] += 1
        for key, cents in figures_of_row(row).items():
            sums[account][key] += cents
        since = row["last_answer_date"] or row["service_from"] or row["aged_since"]
        if since is not None and figures_of_row(row)["patient_due"]:
            oldest[account] = min(since, oldest.get(account, since))
    for payment in _unapplied(store, as_of):
        if payment.account is not None:
            sums[payment.account]["unapplied"] += payment.cents
    with store.reading() as connection:
        people = {row.id: row for row in connection.execute(sa.select(accounts))}
    money = (*_PATIENT_MONEY, "unapplied")
    columns: list[Column] = [
        ("account", "text", "our account"),
        ("patient", "text", "last name, first name"),
        ("claims", "number", "claims of the account"),
        *((key, "money", _MONEY_MEANINGS[key]) for key in _PATIENT_MONEY),
        ("unapplied", "money", "what the patient paid and no claim takes: the patient's credit"),
        ("oldest", "date", "since when the oldest part is the patient's"),
    ]
    rows = [
        {
            "account": name("A", account),
            "patient": f"{people[account].last_name}, {people[account].first_name}",
            "claims": counts[account],
            **{key: format_cents(found[key]) for key in money},
            "oldest": text_of(oldest.get(account)),
        }
        for account, found in sorted(sums.items())
        if found["patient_due"] or found["credit"] or found["unapplied"]
    ]
    return columns, rows


def _claims(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every claim with its figures."""
    columns: list[Column] = [
        ("id", "text", "our claim"),
        ("patient_control_number", "text", "the practice's number"),
        ("state", "text", "whose money it is now"),
        ("service_from", "date", "first day of service"),
        *((key, "money", means) for key, means in _MONEY_MEANINGS.items()),
        ("payer", "text", "the payer it was sent to"),
        ("account", "text", "our account"),
        ("aged_since", "date", "the day from which its age counts"),
        ("aged_by", "text", "service; without its days receipt, claim_file or answer"),
    ]
    keys = [column for column, _, _ in columns]
    rows = [
        {**claim_summary(row), "aged_since": text_of(row["aged_since"]), "aged_by": row["aged_by"]}
        for row in _claim_rows(store, as_of)
    ]
    return columns, [{key: row[key] for key in keys} for row in rows]


def _waiting(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every claim that waits for a payer, the longest overdue first."""
    columns: list[Column] = [
        ("claim", "text", "our claim"),
        ("patient_control_number", "text", "the practice's number"),
        ("payer", "text", "who has yet to answer; empty where the file does not say"),
        ("rank", "number", "as which payer: 1 first, 2 second ..."),
        ("why", "text", f"why: one of {', '.join(WAITS)}"),
        ("since", "date", "since when"),
        ("until", "date", "when to stop waiting, by the settings"),
        ("days_overdue", "number", "days beyond that"),
        ("insurance_open", "money", _MONEY_MEANINGS["insurance_open"]),
        ("action", "text", "what to do"),
    ]
    with store.reading() as connection:
        in_force = newest(connection).policies
        held = claims_with_held_answers(connection)
    keys = [column for column, _, _ in columns]
    rows = []
    for row in _claim_rows(store, as_of):
        answer_held = row["id"] in held
        wait = wait_of_row(row, in_force, as_of or dates.today(), answer_held=answer_held)
        if wait is not None:
            shown = {**claim_summary(row), **wait, "claim": name("C", row["id"])}
            rows.append({key: shown[key] for key in keys})
    rows.sort(key=lambda r: (-r["days_overdue"], r["until"] or "9999", r["claim"]))
    return columns, rows


def _provider_adjustments(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """What payers still mean to take, or have kept."""
    columns: list[Column] = [
        ("id", "text", "the remittance it began on, and its place there"),
        ("payer", "text", "who takes or owes"),
        ("kind", "text", "recovery, carried_forward, withhold, advance ..."),
        ("direction", "text", "payer_will_take, payer_took, payer_owes ..."),
        ("code", "text", "PLB code"),
        ("reference", "text", "what the payer calls it"),
        ("claim", "text", "the claim it names"),
        ("amount", "money", "what is open of it"),
        ("since", "date", "since when"),
        ("age_days", "number", "days since then"),
        ("action", "text", "what to do"),
    ]
    found = list_provider_adjustments(store, today=as_of)["provider_adjustments"]
    keys = [column for column, _, _ in columns]
    return columns, [{key: row[key] for key in keys} for row in found]


_Maker = Callable[[Store, date | None], tuple[list[Column], list[Row]]]


def _patterns(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """What payers refuse too often; the search is loaded when it is asked for."""
    from medcollect.tasks.denial_patterns import pattern_sheet  # noqa: PLC0415

    return pattern_sheet(store, as_of)


def _case_report(report: str) -> _Maker:
    """A report of the denial desk; it is loaded when it is asked for."""

    def make(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
        from medcollect.tasks import case_reports, no_answer  # noqa: PLC0415

        makers: dict[str, _Maker] = {
            "no-answer": no_answer.no_answer,
            "overturns": case_reports.overturns,
            "root-causes": case_reports.root_causes,
        }
        return makers[report](store, as_of)

    return make


_REPORTS: dict[str, _Maker] = {
    "underpayments": usual_sheet,
    "aging": _aging,
    "patient-balances": _patient_balances,
    "claims": _claims,
    "denials": document_reports.denials,
    "patterns": _patterns,
    "overturns": _case_report("overturns"),
    "root-causes": _case_report("root-causes"),
    "no-answer": _case_report("no-answer"),
    "remittances": document_reports.remittance_sheet,
    "imports": record_reports.imports,
    "decisions": record_reports.decisions,
    "correspondence": correspondence_report.correspondence,
    "waiting": _waiting,
    "provider-adjustments": _provider_adjustments,
    "patient-payments": payment_report,
}

#: Reports of what moved between two days.
_MOVEMENTS: dict[str, Callable[[Store, date | None, date | None], ledger_reports.Sheet]] = {
    "ledger": ledger_reports.ledger,
    "trial-balance": ledger_reports.trial_balance,
    "day-sheet": ledger_reports.day_sheet,
    "closings": record_reports.closings,
}
