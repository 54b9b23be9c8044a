"""One file per noun; a route takes, asks the book one thing, and gives back."""

from __future__ import annotations

from api.routes import (
    accounts,
    attachments,
    balances,
    bank,
    cases,
    claims,
    closings,
    contracts,
    denials,
    entries,
    exceptions,
    health,
    imports,
    letters,
    patient_payments,
    provider_adjustments,
    remittances,
    reports,
    settings,
    undo,
)

ROUTERS = (
    health.router,
    imports.router,
    remittances.router,
    provider_adjustments.router,
    claims.router,
    denials.router,
    cases.router,
    attachments.router,
    letters.router,
    contracts.router,
    accounts.router,
    exceptions.router,
    reports.router,
    bank.router,
    balances.router,
    patient_payments.router,
    entries.router,
    closings.router,
    settings.router,
    undo.router,
)
