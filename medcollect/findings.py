"""Findings: problems in the data, told to a person.

A finding says what is wrong, where, and what to do. It names places, never a patient's data.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One problem in a file.

    ``segment`` is the 1-based number of the segment in the file (``None``: the file as a whole);
    ``transaction`` the 1-based number of the ST in the file; ``message`` a plain sentence without
    patients' data; ``action`` what to do about it.
    """

    code: str
    severity: Severity
    message: str
    action: str
    segment: int | None = None
    transaction: int | None = None
