"""The exceptions that callers may meet.

Bad data is never an exception: it is a :class:`~medcollect.findings.Finding`. An exception means
that the outside world or a request stood in the way.

    MedcollectError
    ├── NothingDone            the command could not be carried out at all (exit code 3)
    │   ├── BookUnavailable    the book cannot be opened, is locked, or the disk is full
    │   ├── NotFound           no such claim, account, import, exception or report
    │   ├── NotReadable        no such file, or no permission to read it
    │   ├── SettingsInvalid    medcollect.toml holds something that it may not
    │   └── NotAllowed         a rule forbids it (undo under a person's decision, and the like)
    ├── ImportStopped          an import broke off; whole remittances of it stay (exit code 1)
    └── BadRequest             the request cannot be understood (exit code 2)
"""

from __future__ import annotations


class MedcollectError(Exception):
    """Base of every error of this package; ``action`` says what the person can do."""

    def __init__(self, message: str, action: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.action = action


class NothingDone(MedcollectError):
    """The command changed nothing and says why."""


class BookUnavailable(NothingDone):
    """The book cannot be opened, is locked by another process, or has no room left."""


class NotFound(NothingDone):
    """What was asked for is not in the book."""


class NotReadable(NothingDone):
    """A file or folder is missing or may not be read."""


class SettingsInvalid(NothingDone):
    """The settings file holds something that it may not; the message names key and line."""


class NotAllowed(NothingDone):
    """A rule forbids the change; the message names the rule."""


class ImportStopped(MedcollectError):
    """An import broke off after some of its remittances were kept; ``import_id`` names it."""

    def __init__(self, message: str, action: str, import_id: str) -> None:
        super().__init__(message, action)
        self.import_id = import_id


class BadRequest(MedcollectError):
    """The request itself makes no sense, whatever the book holds."""
