"""Replacements under a key: the same value gives the same replacement, in every file.

HMAC-SHA256 of the value under the key drives each of them, so nobody without the key can go back
or test a guess. Numbers keep what readers compare: upper case, letters and digits, leading zeros,
and, because payers cut numbers off, the first fourteen characters stand for themselves.
"""

from __future__ import annotations

import hmac
import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

#: Payers keep at least this many characters of a number that they cut off (claim_rules.md 6.1).
_HEAD: Final = 14
#: Shorter numbers, and digits alone below nine, get a longer replacement: too few others exist.
_SHORT: Final = 6
_SHORT_DIGITS: Final = 9
_ROUNDS: Final = 6
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CONSONANTS: Final = "BDFGKLMNPRSTVZ"
_VOWELS: Final = "AEIOU"

_ALPHANUMERIC: Final = re.compile(r"[A-Za-z0-9]")
_WORD: Final = re.compile(r"[A-Za-z0-9\x80-\U0010ffff]+(?:'[A-Za-z0-9\x80-\U0010ffff]+)*")
_DAY: Final = re.compile(r"\d{14}|\d{12}|\d{8}|\d{6}")


def is_npi(number: str) -> bool:
    """Ten digits that begin with 1 or 2 and carry the right check digit."""
    return (
        len(number) == 10
        and number.isascii()
        and number.isdigit()
        and number[0] in "12"
        and check_digit(number[:9]) == number[9]
    )


def check_digit(nine: str) -> str:
    """The check digit of an NPI: Luhn over 80840 and the nine digits (45 CFR 162.406)."""
    total = 24  # what the prefix 80840 adds
    for position, digit in enumerate(reversed(nine)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


class Replacer:
    """Makes replacements under one key; the ones made are remembered for speed."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        weeks = 1 + int.from_bytes(self._digest("shift", "")[:4]) % 52
        self._shift = timedelta(weeks=weeks)
        remember = lru_cache(maxsize=200_000)
        self.number = remember(self._number)
        self.name = remember(self._name)
        self.date = lru_cache(maxsize=20_000)(self._date)
        self._pseudonym = remember(self._new_pseudonym)

    def _digest(self, what: str, value: str) -> bytes:
        return hmac.digest(self._key, f"{what}\0{value}".encode(), "sha256")

    # -- numbers -------------------------------------------------------------------------------

    def _number(self, text: str) -> str:
        """Another number for an identifier: same shape where that leaves room, NPI for NPI."""
        if not text.isascii():
            return self._token(text)
        return " ".join(map(self._one_number, text.split(" ")))

    def _one_number(self, text: str) -> str:
        places = [m.start() for m in _ALPHANUMERIC.finditer(text)]
        while places and text[places[0]] == "0":
            del places[0]
        if not places:
            return text
        core = "".join(text[i] for i in places).upper()
        if len(core) < _SHORT or (core.isdigit() and len(core) < _SHORT_DIGITS):
            return "0" * (len(text) - len(text.lstrip("0"))) + self._token(core)
        other = self._other(core)
        found = list(text)
        for place, character in zip(places, other, strict=True):
            found[place] = character.lower() if text[place].islower() else character
        return "".join(found)

    def _token(self, value: str) -> str:
        """Eight characters for a value that has no room for another of its shape."""
        digest = self._digest("token", value)
        return "M" + "".join(_ALPHABET[byte % 32] for byte in digest[:7])

    def _other(self, core: str) -> str:
        if is_npi(core):
            nine = core[0] + self._permute(core[1:9], "npi")
            return nine + check_digit(nine)
        head, found = core[:_HEAD], self._permute(core[:_HEAD], "number")
        while found[0] == "0" or is_npi(found) or found == head:
            if found == head:  # the walk came back: one in many millions
                return self._token(core)
            found = self._permute(found, "number")
        for end in range(_HEAD, len(core)):
            step = int.from_bytes(self._digest("tail", core[:end])[:4])
            found += _moved(core[end], step)
        return found

    def _permute(self, core: str, what: str) -> str:
        """A keyed permutation of the numbers of this shape (a Feistel network)."""
        half = len(core) // 2
        parts = [core[:half], core[half:]]
        for turn in range(_ROUNDS):
            moving, fixed = turn % 2, 1 - turn % 2
            shape = "".join("0" if c.isdigit() else "A" for c in parts[moving])
            digest = self._digest(f"{what}{turn}{shape}{len(core)}", parts[fixed])
            parts[moving] = "".join(
                _moved(character, int.from_bytes(digest[4 * i : 4 * i + 4]))
                for i, character in enumerate(parts[moving])
            )
        return "".join(parts)

    def phone(self, text: str) -> str:
        """Other digits in the same places; letters go too."""
        digest = self._digest("phone", text) * (1 + len(text) // 32)
        found = [
            (str(digest[i] % 8 + 2) if c.isalnum() or ord(c) > 127 else c)
            for i, c in enumerate(text)
        ]
        return "".join(found)

    def postal(self, text: str) -> str:
        """A code of the same length in a region that no ZIP code has (00000 to 00499)."""
        digest = self._digest("postal", text[:5]) + self._digest("plus4", text)
        digits = ["0", "0", str(digest[0] % 5), *(str(byte % 10) for byte in digest[1:])]
        places = iter(digits)
        return "".join(next(places, "0") if c.isalnum() or ord(c) > 127 else c for c in text)

    # -- words ---------------------------------------------------------------------------------

    def _name(self, text: str) -> str:
        """An invented word for each word; no real name begins as these do."""
        return _WORD.sub(lambda match: self._word(match.group()), text)

    def _word(self, word: str) -> str:
        other = self._pseudonym(word.replace("'", "").upper())
        if word.isupper() or not word.isalpha():
            return other
        return other.lower() if word.islower() else other.capitalize()

    def _new_pseudonym(self, word: str) -> str:
        digest = self._digest("name", word)
        if len(word) == 1:
            return _LETTERS[digest[0] % 26]
        syllables = (
            _CONSONANTS[digest[2 * i] % 14] + _VOWELS[digest[2 * i + 1] % 5] for i in range(4)
        )
        return "X" + _VOWELS[digest[31] % 5] + "".join(syllables)

    def text(self, text: str) -> str:
        """Invented words of the same length for free text: nothing of it is left but its length."""
        if not text.strip():
            return text
        digest = self._digest("text", text.strip().upper())
        words = [self._pseudonym(f"text {digest.hex()} {i}") for i in range(len(text) // 10 + 1)]
        return " ".join(words)[: len(text)].strip().ljust(len(text), "A")

    # -- dates ---------------------------------------------------------------------------------

    def _date(self, text: str) -> str:
        """The date, or each date of a range, some whole weeks earlier; else invented text."""
        days = text.strip().split("-")
        if not all(map(_DAY.fullmatch, days)):
            return self.text(text)
        try:
            shifted = [self._day(day) for day in days]
        except (ValueError, OverflowError):
            return self.text(text)
        return text.replace(text.strip(), "-".join(shifted))

    def _day(self, text: str) -> str:
        if len(text) == 6:
            year = int(text[:2])
            day = date((1900 if year >= 50 else 2000) + year, int(text[2:4]), int(text[4:]))
            return (day - self._shift).strftime("%y%m%d")
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8])) - self._shift
        return day.isoformat().replace("-", "") + text[8:]


def _moved(character: str, step: int) -> str:
    """A digit or letter some steps on among its like."""
    if character.isdigit():
        return str((int(character) + step) % 10)
    return _LETTERS[(ord(character) - 65 + step) % 26]
