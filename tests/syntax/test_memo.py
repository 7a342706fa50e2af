"""Memos: what they hold, and that they do not grow without end."""

from __future__ import annotations

from machdesc.memo import LONGEST, MOST, Memo


def test_a_function_is_asked_once() -> None:
    asked: list[str] = []

    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    memo = Memo(length)
    assert [memo["four"], memo["four"], memo[""], memo[""]] == [4, 4, 0, 0]
    assert asked == ["four", ""]


def test_what_is_long_is_not_kept() -> None:
    memo = Memo(len)
    assert memo["x" * LONGEST] == LONGEST
    assert memo["x" * (LONGEST + 1)] == LONGEST + 1
    assert len(memo) == 1


def test_a_full_memo_begins_anew() -> None:
    memo = Memo(int)
    assert [memo[str(number)] for number in range(2 * MOST + 1)] == list(range(2 * MOST + 1))
    assert len(memo) == 1
