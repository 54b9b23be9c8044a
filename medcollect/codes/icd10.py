"""Looks diagnoses up in ICD-10-CM through simple-icd-10-cm (one current release).

The package reads its tables when imported, which takes seconds, so it is imported when first
asked. It holds one release: a code it lacks may have been right on its day of service.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from types import ModuleType


@lru_cache(maxsize=65536)
def diagnosis_label(code: str) -> str | None:
    """Describe an ICD-10-CM code, with or without its dot; ``None`` where the release lacks it."""
    icd10 = _release()
    if not code or not icd10.is_valid_item(code):
        return None
    return str(icd10.get_description(code))


@lru_cache(maxsize=65536)
def is_complete_diagnosis(code: str) -> bool:
    """Whether an ICD-10-CM code is in the release and has no finer codes below it."""
    icd10 = _release()
    return bool(code) and bool(icd10.is_valid_item(code)) and bool(icd10.is_leaf(code))


@lru_cache(maxsize=1)
def _release() -> ModuleType:
    """Import the package once; its own use of old functions is not our user's concern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm  # noqa: PLC0415 - takes seconds
    module: ModuleType = simple_icd_10_cm
    return module
