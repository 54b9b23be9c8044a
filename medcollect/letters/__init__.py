"""Letters about a denial: what they say, by level and category, and how they become files.

``compose`` puts a letter together from plain facts, ``render`` makes it PDF or DOCX. Software
drafts; a person reads, signs and sends (appeals.md section 6).
"""

from __future__ import annotations

from medcollect.letters.compose import (
    compose,
    due_on,
    first_level,
    level_due,
    level_number,
    limit_at,
    rule_of,
    steps_before,
)
from medcollect.letters.records import (
    LEVELS,
    Answered,
    Blank,
    ContractInBrief,
    Letter,
    LetterFacts,
    Level,
    SentBefore,
)
from medcollect.letters.render import FORMATS, MEDIA_TYPES, Format, render
from medcollect.letters.template_files import templates_folder, write_templates
from medcollect.letters.wording import Wording, read_wording

__all__ = [
    "FORMATS",
    "LEVELS",
    "MEDIA_TYPES",
    "Answered",
    "Blank",
    "ContractInBrief",
    "Format",
    "Letter",
    "LetterFacts",
    "Level",
    "SentBefore",
    "Wording",
    "compose",
    "due_on",
    "first_level",
    "level_due",
    "level_number",
    "limit_at",
    "read_wording",
    "render",
    "rule_of",
    "steps_before",
    "templates_folder",
    "write_templates",
]
