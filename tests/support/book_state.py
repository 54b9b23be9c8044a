"""What a book says, free of its own ids, and whether its figures prove: read by plain SQL.

``state_of`` names everything by what files say (patient control number, days of service, the
fingerprint of a transaction and the place in it), so that two books can be compared that took the
same files in another order. ``proofs_of`` checks DESIGN section 6.1 numbers 1, 2, 3 and 6 and
returns what fails, usually nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

#: Exceptions whose amount is cash that is not applied; all others are about money that is.
CASH_KINDS = (
    "no_claim",
    "several_claims",
    "number_too_common",
    "claim_not_certain",
    "reversal_differs",
    "reversal_without_original",
    "claim_payment_does_not_balance",
    "remittance_does_not_balance",
    "payment_difference",
    "foreign_currency",
    "payment_unreadable",
    "debit_payment",
    "taken_back",
    "second_answer",
    "second_primary",
    "waiting_for_earlier_payer",
    "status_without_rule",
    "payment_difference",
)

#: Tables that an import of known files must leave as they are.
LASTING = (
    "claims",
    "accounts",
    "journal_entries",
    "postings",
    "remittances",
    "claim_payments",
    "claim_documents",
    "match_keys",
    "denials",
    "exceptions",
    "decisions",
    "deposits",
    "patient_payments",
)

State = dict[str, Any]
Rows = list[tuple[Any, ...]]

#: A book: the file of an SQLite one, the URL of any.
Where = Path | str

_CLAIMS = """
    SELECT patient_control_number, service_from, service_to, origin, form, payer_name,
           charge_cents, insurance_paid_cents, written_off_cents, patient_responsibility_cents,
           patient_paid_cents, patient_held_cents, insurance_receivable_cents, denied_cents,
           state, waiting_rank, waiting_payer, last_answer_date, holds
    FROM claims WHERE status = 'active'"""

_REMITTANCES = """
    SELECT t.fingerprint, r.trace_number, r.payer_name, r.status, r.held, r.payment_cents,
           (SELECT -COALESCE(SUM(p.cents), 0) FROM postings p
             WHERE p.remittance_id = r.id AND p.account = 'unapplied') AS unapplied
    FROM remittances r JOIN transactions t ON t.id = r.id
    WHERE r.status <> 'undone'"""

_PAYMENTS = """
    SELECT t.fingerprint, p.position, p.patient_control_number, p.outcome, p.held,
           c.patient_control_number, c.service_from, p.match_rule, p.match_score
    FROM claim_payments p JOIN remittances r ON r.id = p.remittance_id
    JOIN transactions t ON t.id = r.id LEFT JOIN claims c ON c.id = p.claim_id
    WHERE r.status <> 'undone'"""

_EXCEPTIONS = """
    SELECT x.kind, t.fingerprint, COALESCE(p.position, 0), x.amount_cents, x.reason
    FROM exceptions x LEFT JOIN transactions t ON t.id = x.remittance_id
    LEFT JOIN claim_payments p ON p.id = x.claim_payment_id
    WHERE x.status = 'open'"""

_PATIENT_PAYMENTS = """
    SELECT m.identity, m.kind, m.received_on, m.amount_cents, m.method, m.applied_cents, m.held,
           c.patient_control_number, c.service_from,
           (SELECT COUNT(*) FROM patient_payments r WHERE r.returns = m.id
             AND r.status = 'active') AS returned
    FROM patient_payments m LEFT JOIN claims c ON c.id = m.claim_id
    WHERE m.status = 'active'"""

_DENIALS = """
    SELECT t.fingerprint, p.position, d.service, d.line, d.ordinal, d.group_code, d.reason,
           d.remarks, d.amount_cents, d.status, d.category, d.deadline,
           c.patient_control_number, c.service_from
    FROM denials d JOIN claim_payments p ON p.id = d.claim_payment_id
    JOIN transactions t ON t.id = p.remittance_id LEFT JOIN claims c ON c.id = d.claim_id
    WHERE d.status <> 'withdrawn'"""

_BALANCES = """
    SELECT c.patient_control_number, c.service_from, t.fingerprint, p.account, p.line,
           p.payer_rank, p.detail, SUM(p.cents)
    FROM postings p LEFT JOIN claims c ON c.id = p.claim_id
    LEFT JOIN transactions t ON t.id = p.remittance_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING SUM(p.cents) <> 0"""


class Reader:
    """Asks a book in plain SQL; dates come as ISO text and sums as integers on both databases."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def has(self, table: str) -> bool:
        return sa.inspect(self._connection).has_table(table)

    def execute(self, query: str) -> Rows:
        found = self._connection.exec_driver_sql(query)
        return [tuple(_plain(value) for value in row) for row in found]


@contextmanager
def connect(book: Where) -> Iterator[Reader]:
    """The book, read only."""
    url = book if isinstance(book, str) else f"sqlite:///file:{book}?mode=ro&uri=true"
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                # The server has had no time to count the rows, and the proofs join all of them.
                connection.exec_driver_sql("ANALYZE")
            yield Reader(connection)
    finally:
        engine.dispose()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def state_of(book: Where) -> State:
    """Everything a book says about money, named as the files name it, each list sorted."""
    with connect(book) as connection:
        lists = {
            "claims": _CLAIMS,
            "remittances": _REMITTANCES,
            "payments": _PAYMENTS,
            "exceptions": _EXCEPTIONS,
            "denials": _DENIALS,
            "balances": _BALANCES,
        }
        if connection.has("patient_payments"):  # a book of an earlier revision has none
            lists["patient_payments"] = _PATIENT_PAYMENTS
        state: State = {name: _sorted(connection.execute(q)) for name, q in lists.items()}
        state["accounts"] = _accounts(connection)
    return state


def differences(first: State, second: State) -> dict[str, Any]:
    """What only one of two states says, by list; empty when they agree."""
    found = {}
    for name, rows in first.items():
        here, there = Counter(rows), Counter(second[name])
        if here != there:
            found[name] = {
                "only first": sorted((here - there).elements(), key=repr),
                "only second": sorted((there - here).elements(), key=repr),
            }
    return found


def rows_of(book: Where, tables: Iterable[str] = LASTING) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of tables as they stand, ids and all."""
    with connect(book) as connection:
        return {t: _sorted(connection.execute(f"SELECT * FROM {t}")) for t in tables}


def _sorted(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in rows), key=repr)


def _accounts(connection: Reader) -> list[tuple[Any, ...]]:
    """Each account as the claims on it, with what the patient owes and paid."""
    members: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    query = """SELECT account_id, patient_control_number, service_from,
               patient_responsibility_cents, patient_paid_cents FROM claims
               WHERE status = 'active'"""
    for account, *claim in connection.execute(query):
        members[account].append(tuple(claim))
    names = {
        row[0]: row[1:]
        for row in connection.execute("SELECT id, last_name, first_name FROM accounts")
    }
    return _sorted((names.get(a, ()), tuple(sorted(c, key=repr))) for a, c in members.items())


# -- proofs ---------------------------------------------------------------------------------

_PROOFS = {
    "entries that do not sum to zero": """
        SELECT entry_id, SUM(cents) FROM postings GROUP BY entry_id HAVING SUM(cents) <> 0""",
    "entries without postings": """
        SELECT id FROM journal_entries WHERE id NOT IN (SELECT entry_id FROM postings)""",
    "postings without an entry": """
        SELECT entry_id FROM postings WHERE entry_id NOT IN (SELECT id FROM journal_entries)""",
    "reversals that are not the exact negation": """
        SELECT e.id FROM journal_entries e WHERE e.reverses IS NOT NULL AND EXISTS (
          SELECT 1 FROM postings p WHERE p.entry_id IN (e.id, e.reverses)
          GROUP BY p.account, p.line, p.payer_rank, p.remittance_id, p.claim_id, p.detail
          HAVING SUM(p.cents) <> 0)""",
    "entries reversed twice": """
        SELECT reverses FROM journal_entries WHERE reverses IS NOT NULL
        GROUP BY reverses HAVING COUNT(*) > 1""",
    "remittances whose cash is not BPR02": """
        SELECT r.id, r.status, r.payment_cents, COALESCE(SUM(p.cents), 0) FROM remittances r
        LEFT JOIN postings p ON p.remittance_id = r.id AND p.account = 'payer_cash'
        GROUP BY r.id HAVING COALESCE(SUM(p.cents), 0)
          <> CASE r.status WHEN 'active' THEN r.payment_cents ELSE 0 END""",
    "money of remittances that do not count": """
        SELECT r.id, p.account, SUM(p.cents) FROM remittances r
        JOIN postings p ON p.remittance_id = r.id
        WHERE r.status <> 'active' GROUP BY r.id, p.account HAVING SUM(p.cents) <> 0""",
    "patient payments whose cash is not what was paid": """
        SELECT m.id, m.status, m.amount_cents, COALESCE(SUM(p.cents), 0) FROM patient_payments m
        LEFT JOIN journal_entries e ON e.patient_payment_id = m.id
        LEFT JOIN postings p ON p.entry_id = e.id AND p.account = 'patient_cash'
          AND p.claim_id IS NULL
        WHERE m.kind = 'payment' GROUP BY m.id HAVING COALESCE(SUM(p.cents), 0)
          <> CASE WHEN m.status <> 'active' OR EXISTS (SELECT 1 FROM patient_payments r
               WHERE r.returns = m.id AND r.status = 'active') THEN 0 ELSE m.amount_cents END""",
    "patient payments whose parts are not the whole": """
        SELECT m.id, m.applied_cents, m.held, SUM(p.cents)
        FROM patient_payments m JOIN journal_entries e ON e.patient_payment_id = m.id
        JOIN postings p ON p.entry_id = e.id AND p.account = 'patient_unapplied'
        GROUP BY m.id HAVING COALESCE(SUM(CASE WHEN p.claim_id IS NOT NULL THEN p.cents END), 0)
          <> m.applied_cents OR SUM(p.cents) > 0 OR (m.held <> '' AND m.applied_cents <> 0)""",
    "claims that report more than the patient paid at all": """
        SELECT id FROM claims WHERE status = 'active' AND patient_paid_cents < 0""",
    "claims whose charge is not explained": """
        SELECT id, status FROM claims WHERE charge_cents <> insurance_paid_cents
          + written_off_cents + patient_responsibility_cents + insurance_receivable_cents""",
    "claim payments that are in no or in a wrong state": """
        SELECT p.id, p.outcome, r.status FROM claim_payments p
        JOIN remittances r ON r.id = p.remittance_id
        WHERE (r.status = 'undone') <> (p.outcome = 'undone')
           OR (p.outcome = 'posted' AND p.claim_id IS NULL)
           OR p.outcome NOT IN ('posted', 'held', 'exception', 'noted', 'undone')""",
    "claim payments whose posted money is not what was paid": """
        SELECT p.id, p.outcome, COALESCE(SUM(l.cents), 0) FROM claim_payments p
        LEFT JOIN journal_entries e ON e.document_id = p.id AND e.claim_id IS NOT NULL
          AND e.cause IN ('answer', 'reversal')
          AND e.id NOT IN (SELECT reverses FROM journal_entries WHERE reverses IS NOT NULL)
        LEFT JOIN postings l ON l.entry_id = e.id AND l.account = 'unapplied'
        GROUP BY p.id HAVING COALESCE(SUM(l.cents), 0)
          <> CASE p.outcome WHEN 'posted' THEN p.paid_cents ELSE 0 END""",
    "claims that are active without a document": """
        SELECT id FROM claims WHERE status = 'active'
          AND id NOT IN (SELECT claim_id FROM claim_documents WHERE claim_id IS NOT NULL)
          AND id NOT IN (SELECT claim_id FROM claim_payments WHERE claim_id IS NOT NULL)""",
    "claims without an account": """
        SELECT id FROM claims WHERE status = 'active' AND
          (account_id IS NULL OR account_id NOT IN (SELECT id FROM accounts))""",
    "remittances that are not whole": """
        SELECT r.id, r.claim_payments, COUNT(p.id) FROM remittances r
        LEFT JOIN claim_payments p ON p.remittance_id = r.id
        GROUP BY r.id HAVING COUNT(p.id) <> r.claim_payments""",
    "open exceptions over what is undone": """
        SELECT x.id FROM exceptions x JOIN remittances r ON r.id = x.remittance_id
        WHERE x.status = 'open' AND r.status = 'undone'""",
    "open denials over what is undone": """
        SELECT d.id FROM denials d JOIN claim_payments p ON p.id = d.claim_payment_id
        WHERE d.status = 'open' AND p.outcome = 'undone'""",
}

#: Figures of the table of claims, the account each is the sum of, and its sign.
_FIGURES = {
    "charge_cents": (("charges", -1),),
    # what a refund cheque to a payer took out stands on the claim, too
    "insurance_paid_cents": (
        ("unapplied", 1),
        ("payer_cash_reported", 1),
        ("payer_cash", 1),
        ("provider_adjustment", 1),
    ),
    "written_off_cents": (("contractual", 1), ("write_off", 1)),
    "patient_responsibility_cents": (
        ("patient_receivable", 1),
        ("patient_cash", 1),
        ("patient_unapplied", 1),
    ),
    "patient_paid_cents": (("patient_cash", 1), ("patient_unapplied", 1)),
    "insurance_receivable_cents": (("insurance_receivable", 1),),
}


def proofs_of(book: Where) -> dict[str, Any]:
    """What fails of the proofs, by name; an empty dict when the book proves."""
    with connect(book) as connection:
        found: dict[str, Any] = {n: connection.execute(q) for n, q in _PROOFS.items()}
        found["figures that are not the sum of their postings"] = _wrong_figures(connection)
        found["unapplied cash that no exception explains"] = _unexplained(connection)
    return {name: rows for name, rows in found.items() if rows}


def _wrong_figures(connection: Reader) -> list[tuple[Any, ...]]:
    """Stored figures of claims against the sums of their postings."""
    sums: Counter[tuple[int, str]] = Counter()
    query = """SELECT claim_id, account, SUM(cents) FROM postings
               WHERE claim_id IS NOT NULL GROUP BY claim_id, account"""
    for claim, account, cents in connection.execute(query):
        sums[claim, account] += cents
    known = {account for parts in _FIGURES.values() for account, _ in parts}
    wrong = [(claim, account) for claim, account in sums if account not in known]
    for claim, *figures in connection.execute(f"SELECT id, {', '.join(_FIGURES)} FROM claims"):
        for name, cents in zip(_FIGURES, figures, strict=True):
            total = sum(sign * sums[claim, account] for account, sign in _FIGURES[name])
            if total != cents:
                wrong.append((claim, name, cents, total))
    return wrong


def _unexplained(connection: Reader) -> list[tuple[Any, ...]]:
    """Remittances whose unapplied cash is not the sum of the open exceptions over their cash."""
    explained: Counter[int] = Counter()
    kinds = ", ".join(f"'{kind}'" for kind in CASH_KINDS)
    query = f"""SELECT remittance_id, SUM(amount_cents) FROM exceptions
                WHERE status = 'open' AND kind IN ({kinds}) GROUP BY remittance_id"""
    explained.update(dict(connection.execute(query)))
    query = """SELECT r.id, r.held, (SELECT -COALESCE(SUM(p.cents), 0) FROM postings p
                 WHERE p.remittance_id = r.id AND p.account = 'unapplied')
               FROM remittances r WHERE r.status = 'active'"""
    rows = connection.execute(query)
    return [(r, held, cents, explained[r]) for r, held, cents in rows if cents != explained[r]]
