"""What elements of an 835 and 837 may hold where the guides give a short list (version 5010).

Positions and values as claim_rules.md sections 2 and 5 and public maps of the guides encode them;
where the guides differ, any of them counts. Lists that change with time are dated tables of
``medcollect.codes``.
"""

from __future__ import annotations

from typing import Final

_YES_NO: Final = frozenset("NY")
_RELATIONSHIPS: Final = frozenset(("01", "18", "19", "20", "21", "39", "40", "53", "G8"))

#: Segment -> position -> the values it may hold; of a composite its first component counts.
ELEMENT_CODES: Final[dict[str, dict[int, frozenset[str]]]] = {
    # 835
    "BPR": {
        1: frozenset("CDHIPUX"),
        3: frozenset("CD"),
        4: frozenset(("ACH", "BOP", "CHK", "FWT", "NON")),
        5: frozenset(("CCP", "CTX")),
    },
    # 837
    "BHT": {1: frozenset(("0019",)), 2: frozenset(("00", "18")), 6: frozenset(("31", "CH", "RP"))},
    "HL": {3: frozenset(("20", "22", "23")), 4: frozenset("01")},
    "SBR": {2: _RELATIONSHIPS},
    "PAT": {1: _RELATIONSHIPS},
    "CLM": {
        6: _YES_NO,
        7: frozenset("ABCP"),
        8: frozenset("NWY"),
        9: frozenset("IY"),
        10: frozenset("P"),
        20: frozenset(("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "15")),
    },
    "OI": {3: frozenset("NWY"), 4: frozenset("P"), 6: frozenset("IY")},
    "HI": dict.fromkeys(
        range(1, 13),
        frozenset((
            "ABK", "ABF", "ABJ", "APR", "ABN", "BK", "BF", "BJ", "PR", "BN", "BBR", "BBQ", "BR",
            "BQ", "CAH", "DR", "BE", "BG", "BH", "BI", "TC", "BP", "BO",
        )),
    ),
    "PWK": {2: frozenset(("AA", "BM", "EL", "EM", "FT", "FX"))},
    "SV1": {3: frozenset(("MJ", "UN"))},
    "SV2": {4: frozenset(("DA", "UN"))},
    # both
    "NM1": {2: frozenset("12")},
    "DMG": {1: frozenset(("D8",)), 3: frozenset("FMU")},
    "DTP": {2: frozenset(("D8", "RD8", "DT", "TM"))},
}  # fmt: skip
