"""Everything that can be wrong with an X12 file, in one table: code, severity, sentence, action.

The sentences name segments and elements, never what stands in them, so a finding can go into a log.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from medcollect.findings import Finding, Severity


class Problem(NamedTuple):
    """One row of the table; ``{where}`` in ``message`` is replaced by the place."""

    severity: Severity
    message: str
    action: str


_ASK: Final = "Ask the sender for the complete file."
_PERSON: Final = "Compare with the payer's notice and decide by hand; nothing is guessed."
_NONE: Final = "Nothing to do; the data was read."
_LIMIT: Final = "If the file is genuine, raise the limit with --limit; else ask the sender."
_TELL: Final = "Tell the sender; the data was read as it stands."

#: code -> what it means and what to do. Codes are stable: scripts and documentation name them.
PROBLEMS: Final[dict[str, Problem]] = {
    # the file as a whole
    "file-empty": Problem("error", "The file is empty.", "Download or request the file again."),
    "encoding-utf16": Problem(
        "error", "The file is UTF-16 text.", "Save it as plain text (UTF-8) and try again."
    ),
    "file-compressed": Problem(
        "error", "The file is compressed.", "Unpack it and read the file inside."
    ),
    "no-edi": Problem(
        "error",
        "No ISA, GS or ST segment was found: this is not an X12 file.",
        "Check that the right file was chosen.",
    ),
    "text-before-interchange": Problem("warning", "There is text before the first ISA.", _NONE),
    "text-after-interchange": Problem("warning", "There is text after the IEA.", _NONE),
    # the envelope
    "envelope-missing": Problem(
        "warning",
        "There is no {where} before this segment; separators were taken from the text.",
        _TELL,
    ),
    "isa-incomplete": Problem(
        "warning", "The ISA is not complete; separators were taken from the text.", _TELL
    ),
    "isa-width": Problem("info", "The ISA is not 106 characters wide.", _NONE),
    "envelope-not-closed": Problem(
        "warning", "The {where} is missing.", "Check that the file is complete."
    ),
    "envelope-count-differs": Problem(
        "warning", "{where} does not state the number found.", "Check that the file is complete."
    ),
    "control-number-differs": Problem(
        "warning", "{where} does not repeat the control number.", _TELL
    ),
    "transaction-not-closed": Problem(
        "error", "The transaction ends without an SE: the file may be cut off.", _ASK
    ),
    "segment-count-differs": Problem(
        "warning",
        "SE01 does not state the number of segments found.",
        "Check that the file is complete.",
    ),
    "segment-outside-transaction": Problem(
        "warning", "A segment stands outside any transaction.", _TELL
    ),
    "segment-cut-off": Problem("error", "The file ends in the middle of a segment.", _ASK),
    "segment-too-long": Problem(
        "error", "A segment is longer than the limit and was left out.", _LIMIT
    ),
    "loop-too-long": Problem(
        "error", "A loop has more segments than the limit; the rest was left out.", _LIMIT
    ),
    "elements-over-limit": Problem(
        "error",
        "A segment has more elements than the limit; the further ones were left out.",
        _LIMIT,
    ),
    "loop-repeats-over-limit": Problem(
        "error",
        "{where} stands more often in one claim than the limit; what follows was left out.",
        _LIMIT,
    ),
    "file-too-long": Problem(
        "error", "The file has more {where} than the limit; the rest was not read.", _LIMIT
    ),
    "version-unknown": Problem(
        "warning", "The version of the transaction is not one we know.", _TELL
    ),
    "transaction-unknown": Problem(
        "info", "The transaction is of a kind that is not read; its segments are counted.", _NONE
    ),
    # loops and elements
    "loop-missing": Problem("warning", "The {where} is missing.", _TELL),
    "segment-repeated": Problem(
        "warning", "A second {where} stands where only one may; the first counts.", _PERSON
    ),
    "hierarchy-unexpected": Problem(
        "warning",
        "The HL does not follow the hierarchy billing provider, subscriber, patient.",
        _TELL,
    ),
    "amount-unreadable": Problem("error", "{where} is not an amount; it counts as zero.", _PERSON),
    "amount-more-than-cents": Problem(
        "error", "{where} has a fraction of a cent; it counts as zero.", _PERSON
    ),
    "amount-missing": Problem("error", "{where} is empty; it counts as zero.", _PERSON),
    "date-unreadable": Problem("warning", "{where} is not a date; it is left out.", _TELL),
    "adjustment-without-amount": Problem(
        "error", "{where}: a reason stands without an amount.", _PERSON
    ),
    "adjustment-without-reason": Problem(
        "error", "{where}: an amount stands without a group or reason.", _PERSON
    ),
    "elements-too-many": Problem(
        "warning", "{where} has more elements than it may have; those are not read.", _PERSON
    ),
    # what the guide asks for; only check looks at it
    "segment-missing": Problem(
        "warning", "There is no {where}, which the guide requires in this loop.", _TELL
    ),
    "segment-misplaced": Problem(
        "warning", "{where} does not stand where the guide puts it.", _TELL
    ),
    "repeats-too-often": Problem(
        "warning", "{where}: the guide allows no more; all were read.", _TELL
    ),
    "element-too-long": Problem(
        "warning", "{where} is longer than the guide allows; it was kept whole.", _TELL
    ),
    "element-code-unknown": Problem(
        "warning",
        "{where} has none of the values the guide lists for it; it is kept as sent.",
        _TELL,
    ),
    "quantity-unreadable": Problem(
        "warning", "{where} is not a number; it is kept as sent.", _TELL
    ),
    "claim-status-unknown": Problem(
        "error", "CLP02 is no claim status; the elements may be shifted.", _PERSON
    ),
    "claim-number-missing": Problem("warning", "{where} (patient control number) is empty.", _TELL),
    "provider-adjustment-incomplete": Problem(
        "error", "{where} is not a code with its reference.", _PERSON
    ),
}


def problem(
    code: str, segment: int | None = None, transaction: int | None = None, where: str = ""
) -> Finding:
    """Make the finding for one row of the table at one place."""
    row = PROBLEMS[code]
    message = row.message.format(where=where)
    return Finding(code, row.severity, message, row.action, segment, transaction)
