"""One file per noun; a route takes, asks the book one thing, and gives back."""

from __future__ import annotations

from api.routes import (
    accounts,
    claims,
    closings,
    denials,
    exceptions,
    health,
    imports,
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
    accounts.router,
    exceptions.router,
    reports.router,
    closings.router,
    settings.router,
    undo.router,
)
