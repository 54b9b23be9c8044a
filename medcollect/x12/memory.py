"""What recurring texts mean: read once, remembered within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

V = TypeVar("V")

#: So many texts are remembered at most, none of them longer than this.
_REMEMBERED_MAX: Final = 1 << 12
_TEXT_MAX: Final = 1000


class Memory(dict[str, V], Generic[V]):
    """Texts and what ``read`` made of them: looked up like a mapping that knows every text.

    ``read`` must depend on nothing but the text. A full memory starts anew.
    """

    def __init__(self, read: Callable[[str], V]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> V:
        value = self._read(text)
        if len(text) <= _TEXT_MAX:
            if len(self) >= _REMEMBERED_MAX:
                self.clear()
            self[text] = value
        return value

    def column(self, texts: Iterable[str]) -> list[V]:
        """What every one of these texts means."""
        return list(map(self.__getitem__, texts))
