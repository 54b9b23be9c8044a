"""Whether the server is up."""

from __future__ import annotations

from fastapi import APIRouter

import medcollect
from api.errors import problems
from api.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health", response_model=Health, responses=problems())
def health() -> dict[str, str]:
    """Say that the server is up; asks no book and tells no data."""
    return {"status": "ok", "version": medcollect.__version__}
