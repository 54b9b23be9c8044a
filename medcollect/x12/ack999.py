"""The 999 (005010X231A1), the 997 (005010X230, 004010): what became of a group that was sent.

A 999 says IK3, IK4, IK5 where a 997 says AK3, AK4, AK5, at the same positions; files mix them, so
both are read in both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from medcollect.model.acknowledgement import (
    Acknowledgement,
    ElementError,
    ErrorContext,
    SegmentError,
    SyntaxVerdict,
    TransactionAnswer,
)
from medcollect.model.common import RawSegment
from medcollect.x12.life_values import Elements, Whole

#: IK501, AK501, AK901 and TA104. M, W and X reject for reasons of security.
VERDICTS: Final[dict[str, SyntaxVerdict]] = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partially_accepted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
_OF_TRANSACTIONS: Final = VERDICTS.keys() - {"P"}
_ACCEPTED: Final = {"accepted", "accepted_with_errors"}


class _Error:
    """An IK3 loop being read; contexts belong to its latest IK4, else to itself."""

    def __init__(self, number: int, elements: Elements) -> None:
        self.number = number
        self.elements = elements
        self.contexts: list[ErrorContext] = []
        self.element_errors: list[tuple[int, Elements, list[ErrorContext]]] = []

    def build(self) -> SegmentError:
        _, segment_id, position, loop, code = self.elements[:5]
        errors = tuple(
            ElementError(number, e[1], e[2], e[3], e[4], tuple(contexts))
            for number, e, contexts in self.element_errors
        )
        contexts = tuple(self.contexts)
        return SegmentError(self.number, segment_id, position, loop, code, contexts, errors)


class _Answer:
    """An AK2 loop being read."""

    def __init__(self, number: int, elements: Elements) -> None:
        self.number = number
        self.elements = elements
        self.errors: list[_Error] = []
        self.verdict: tuple[int, Elements] | None = None


class _Draft:
    """An acknowledgement being read."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.group: Elements | None = None
        self.answers: list[_Answer] = []
        self.verdict: tuple[int, Elements] | None = None
        self.unmodelled: list[RawSegment] = []

    def take_group(self, elements: Elements, _number: int) -> bool:
        """AK1."""
        if self.group is not None:
            return False
        self.group = elements
        return True

    def take_answer(self, elements: Elements, number: int) -> bool:
        """AK2."""
        if self.verdict is not None:
            return False
        self.answers.append(_Answer(number, elements))
        return True

    def _open(self) -> _Answer | None:
        """The AK2 loop that has no verdict yet."""
        if not self.answers or self.answers[-1].verdict is not None:
            return None
        return self.answers[-1]

    def take_segment_error(self, elements: Elements, number: int) -> bool:
        """IK3 or AK3."""
        answer = self._open()
        if answer is None:
            return False
        answer.errors.append(_Error(number, elements))
        return True

    def take_element_error(self, elements: Elements, number: int) -> bool:
        """IK4 or AK4."""
        answer = self._open()
        if answer is None or not answer.errors:
            return False
        answer.errors[-1].element_errors.append((number, elements, []))
        return True

    def take_context(self, elements: Elements, _number: int) -> bool:
        """CTX."""
        answer = self._open()
        if answer is None or not answer.errors:
            return False
        error = answer.errors[-1]
        target = error.element_errors[-1][2] if error.element_errors else error.contexts
        for name in self.whole.repetitions(elements[1]):
            parts = self.whole.parts(name)
            target.append(ErrorContext(parts[0], parts[1], *elements[2:6]))
        return True

    def take_verdict(self, elements: Elements, number: int) -> bool:
        """IK5 or AK5: the first one counts."""
        answer = self._open()
        if answer is None:
            return False
        answer.verdict = (number, elements)
        return True

    def take_group_verdict(self, elements: Elements, number: int) -> bool:
        """AK9."""
        if self.verdict is not None:
            return False
        self.verdict = (number, elements)
        return True


_SEGMENTS: Final[dict[str, Callable[[_Draft, Elements, int], bool]]] = {
    "AK1": _Draft.take_group,
    "AK2": _Draft.take_answer,
    "AK3": _Draft.take_segment_error,
    "IK3": _Draft.take_segment_error,
    "AK4": _Draft.take_element_error,
    "IK4": _Draft.take_element_error,
    "CTX": _Draft.take_context,
    "AK5": _Draft.take_verdict,
    "IK5": _Draft.take_verdict,
    "AK9": _Draft.take_group_verdict,
}


def read_acknowledgement(whole: Whole, fingerprint: str, *, complete: bool) -> Acknowledgement:
    """Read one 999 or 997."""
    draft = _Draft(whole)
    for number, elements in whole.rows():
        handler = _SEGMENTS.get(elements[0])
        if handler is None or not handler(draft, elements, number):
            draft.unmodelled.append(whole.raw(number))
            if handler is not None:
                whole.report("segment-unexpected", number, elements[0])
    start = whole.transaction.segment
    if draft.group is None:
        whole.report("loop-missing", start, "AK1")
    answers = tuple(_answer(whole, a, i) for i, a in enumerate(draft.answers, 1))
    number, ak9 = draft.verdict or (start, [""] * 10)
    ak1 = draft.group or [""] * 4
    acknowledgement = Acknowledgement(
        transaction=whole.transaction,
        functional_code=ak1[1],
        group_control_number=ak1[2],
        version=ak1[3],
        verdict=_verdict(whole, draft.verdict, "AK9", VERDICTS.keys(), start),
        code=ak9[1],
        codes=tuple(filter(None, ak9[5:10])),
        included=whole.count(ak9[2], number, "AK902"),
        received=whole.count(ak9[3], number, "AK903"),
        accepted=whole.count(ak9[4], number, "AK904"),
        transactions=answers,
        fingerprint=fingerprint,
        complete=complete,
        segments=tuple(whole.segments),
        unmodelled=tuple(draft.unmodelled),
    )
    if draft.verdict is not None:
        _check(whole, acknowledgement, number)
    return acknowledgement


def _answer(whole: Whole, draft: _Answer, position: int) -> TransactionAnswer:
    elements = draft.verdict[1] if draft.verdict else [""] * 7
    _, kind, control_number, version = draft.elements[:4]
    return TransactionAnswer(
        position,
        draft.number,
        kind,
        control_number,
        version,
        verdict=_verdict(whole, draft.verdict, "IK5", _OF_TRANSACTIONS, draft.number),
        code=elements[1],
        codes=tuple(filter(None, elements[2:7])),
        errors=tuple(error.build() for error in draft.errors),
    )


def _verdict(
    whole: Whole,
    found: tuple[int, Elements] | None,
    name: str,
    allowed: Collection[str],
    start: int,
) -> SyntaxVerdict:
    """The word for the code of an IK5 or AK9; none and unknown ones are reported."""
    if found is None:
        whole.report("verdict-missing", start, name)
        return "unknown"
    number, elements = found
    if elements[1] in allowed:
        return VERDICTS[elements[1]]
    whole.report("verdict-unknown", number, f"{elements[0]}01")
    return "unknown"


def _check(whole: Whole, acknowledgement: Acknowledgement, number: int) -> None:
    """Whether AK9 agrees with the transactions that are named."""
    named = acknowledgement.transactions
    accepted = sum(answer.verdict in _ACCEPTED for answer in named)
    received = acknowledgement.received
    if received is not None and len(named) > received:
        whole.report("answer-count-differs", number, "AK903")
    elif named and received == len(named) and acknowledgement.accepted not in {accepted, None}:
        whole.report("answer-count-differs", number, "AK904")
    refused = any(answer.verdict == "rejected" for answer in named)
    if (acknowledgement.verdict == "rejected" and accepted) or (
        acknowledgement.verdict in _ACCEPTED and refused
    ):
        whole.report("verdict-contradicted", number, "AK901")
