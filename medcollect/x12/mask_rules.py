"""What stands where, for masking: segment -> the kind of each of its elements.

What is not in this table is replaced as free text, so a new segment or element never slips through.
Positions are those of the 005010 guides (claim_rules.md sections 2 and 5).
"""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal[
    "qualifier", "code", "figure", "control", "date", "number", "name", "text", "postal", "contact",
    "procedure", "health", "plb", "reference", "status", "context",
]  # fmt: skip

_LETTER: Final[dict[str, Kind]] = {
    "q": "qualifier", "c": "code", "a": "figure", "k": "control", "d": "date", "n": "number",
    "w": "name", "t": "text", "z": "postal", "f": "contact", "p": "procedure", "h": "health",
    "s": "plb", "r": "reference", "x": "status", "v": "context",
}  # fmt: skip

#: Kinds of the components of a composite; what follows the last is free text.
COMPONENTS: Final[dict[str, tuple[Kind, ...]]] = {
    kind: tuple(_LETTER[letter] for letter in letters)
    for kind, letters in {
        "procedure": "qccccctc",
        "health": "qcqdaaccq",
        "plb": "qn",
        "reference": "qnqnqn",
        "status": "cccq",
        "context": "cn",
    }.items()
}

#: A code of more than three letters has a digit; without one it is taken for a name.
_CODE: Final = r"[A-Za-z]{0,3}|(?=[A-Za-z.\-]*[0-9])[A-Za-z0-9.\-]{1,15}"

#: What a value must look like to be kept in a place of this kind; else it is free text.
SHAPES: Final[dict[str, re.Pattern[str]]] = {
    "qualifier": re.compile(r"[A-Za-z0-9]{0,3}|[-+]?[0-9]{1,7}(\.[0-9]{0,2})?"),
    "code": re.compile(_CODE),
    "figure": re.compile(r" *[-+]?[0-9]{0,14}(\.[0-9]{0,6})? *"),
    "control": re.compile(r" *[A-Za-z0-9\-]{0,12} *"),
}

#: The forms of the standard's codes: CPT, HCPCS and CDT, revenue codes, CARC and RARC, ICD. An
#: identifier of the same form says nothing there: large practices number through all of them.
CODE_FORM: Final = re.compile(
    r"[0-9]{1,5}|[0-9]{4}[A-Z]|[A-Z]{1,2}[0-9]{1,4}|[A-Z][0-9][0-9A-Z]\.?[0-9A-Z]{0,4}"
)

#: Codes in a row, parted by a sign that is not the one the ISA declares: read as one value.
MISPARTED: Final = re.compile(f"(?:{_CODE})([:>|^](?:{_CODE})){{1,12}}")

#: References whose value is a code of the standard: 4010's form, version, service exception.
CODED_REFERENCES: Final = frozenset(("87", "F2", "4N"))
#: Ways to reach somebody that are no digits.
WORDED_CONTACTS: Final = frozenset(("EM", "UR", "ED"))

#: A letter for each element; one in brackets repeats for all that follow.
_SEGMENTS: Final = {
    # the envelope
    "ISA": "qtqtqnqndkqkkqqq", "GS": "qnndkkqk", "ST": "qkk", "SE": "ak", "GE": "ak", "IEA": "ak",
    "TA1": "kdkqq", "BHT": "qqndkq", "HL": "aaqq",
    # who and where
    "NM1": "qqwwwwwqnqqw", "N1": "qwqnqq", "N2": "ww", "N3": "tt", "N4": "wqzqqt",
    "PER": "qwqfqfqft", "REF": "qntr", "PRV": "qqcqtq", "DMG": "qdqqcqq", "PAT": "qqqqqdqaq",
    "SBR": "qqnwqqqqq", "RDM": "qwqf",
    # dates, amounts, notes
    "DTM": "qdkqqd", "DTP": "qqd", "AMT": "qaq", "QTY": "qact", "NTE": "qt", "K3": "tqc",
    "MSG": "t", "CUR": "qqaqq", "PWK": "qqaqqnt", "CN1": "qaanac", "MEA": "qqaq",
    # 835
    "BPR": "qaqqqqnqnnnqnqnd", "TRN": "qnnn", "LX": "a", "TS3": "ncd(a)", "TS2": "c(a)",
    "CLP": "nqaaaqncqqcaaq", "CAS": "q(caa)", "SVC": "paacapa", "LQ": "qc",
    "MIA": "aaaacaaaaaaaaaaaaaacccca",
    "MOA": "aacccccaa", "PLB": "nd(sa)",
    # 837
    "CLM": "naq(q)", "CL1": "qqqq", "DN1": "aaqt", "DN2": "cqaqdq", "HI": "(h)",
    "HCP": "qaanacacqcqaqqq", "OI": "(q)", "CRC": "(q)", "CR1": "qaqqqatttt",
    "CR2": "aaqqqaaqqttq", "CR3": "qqaq", "FRM": "cqtda", "PS1": "naq", "HSD": "qaqaaqqq",
    "SV1": "paqaqqcaqqqqqqqqqqqqq", "SV2": "cpaqaaa", "SV3": "paqcqaqtqqc", "SV5": "pqaaaq",
    # 999, 997, 277CA, 277, 271, 270
    "AK1": "qkk", "AK2": "qkk", "AK3": "cakq", "AK4": "qaqt", "AK5": "q(q)", "AK9": "qaaa(q)",
    "IK3": "cakq", "IK4": "qaqt", "IK5": "q(q)", "CTX": "vcakq", "STC": "xdqaadqdnxxt",
    "EB": "qqqqtqaaqaqqpq", "AAA": "qqqq", "EQ": "qpqqq", "LS": "k", "LE": "k",
    "SVD": "napcaa", "TOO": "qcc", "LIN": "aqcqc", "CTP": "qqaacqaa",
}  # fmt: skip


def _read(letters: str) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """The kinds of the first elements, and those that repeat after them."""
    first, _, again = letters.rstrip(")").partition("(")
    return tuple(_LETTER[x] for x in first), tuple(_LETTER[x] for x in again)


SEGMENTS: Final = {tag: _read(letters) for tag, letters in _SEGMENTS.items()}


def kind_of(tag: str, position: int, elements: list[str]) -> Kind:
    """The kind of the element at this position (from 1) of a segment with these elements."""
    first, again = SEGMENTS.get(tag, ((), ()))
    if position <= len(first):
        kind = first[position - 1]
    elif again:
        kind = again[(position - len(first) - 1) % len(again)]
    else:
        return "text"
    before = elements[position - 1]
    if tag == "REF" and position == 2 and before in CODED_REFERENCES:
        return "code"
    if kind == "contact" and before in WORDED_CONTACTS:
        return "name"
    return kind


def component_kind(kind: Kind, index: int) -> Kind:
    """The kind of a component of an element of this kind."""
    parts = COMPONENTS.get(kind)
    if parts is None:
        return kind
    return parts[index] if index < len(parts) else "text"
