"""Denials that belong together: what one payer, procedure or provider is refused too often.

``find_patterns`` takes every answered line of a period, refused or not, and tells which refusals
are more than chance: one fix serves them all. Pure: no file, no book.
"""

from __future__ import annotations

from medcollect.patterns.find import find_patterns
from medcollect.patterns.records import AnsweredLine, Pattern, Refusal, Sensitivity

__all__ = ["AnsweredLine", "Pattern", "Refusal", "Sensitivity", "find_patterns"]
