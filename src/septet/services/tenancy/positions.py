"""Positions of a list that is ordered by dragging: strings between which there is always another one.

A position is a fraction in base 62 whose digits sort as bytes; it never ends in `0`. New ends are made by counting, so
that appending does not lengthen; only inserting at one place again and again does, by a digit every few times.
"""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_HEAD = 7
_TAIL = "V"
_FIRST = "V" + "0" * (_HEAD - 1)


def position_between(before: str | None, after: str | None) -> str:
    """A position after `before` and before `after`; None is the list's end on that side."""
    if before is None and after is None:
        return _FIRST + _TAIL
    if after is None:
        assert before is not None
        return _counted(before, 1)
    if before is None:
        return _counted(after, -1)
    assert before < after, "the neighbours must be in order"
    return _midpoint(before, after)


def _counted(position: str, step: int) -> str:
    """The next whole number up or down."""
    number = 0
    for digit in position[:_HEAD].ljust(_HEAD, "0"):
        number = number * BASE + _VALUES[digit]
    number += step
    digits = []
    for _ in range(_HEAD):
        number, value = divmod(number, BASE)
        digits.append(DIGITS[value])
    return "".join(reversed(digits)) + _TAIL


def _midpoint(low: str, high: str | None) -> str:
    """A short fraction between two; `high` None is one."""
    if high is not None:
        common = 0
        while common < len(high) and (low[common] if common < len(low) else "0") == high[common]:
            common += 1
        if common:
            return high[:common] + _midpoint(low[common:], high[common:])
    first, last = _VALUES[low[0]] if low else 0, _VALUES[high[0]] if high else BASE
    if last - first > 1:
        return DIGITS[(first + last) // 2]
    if high is not None and len(high) > 1:
        return high[0]
    return DIGITS[first] + _midpoint(low[1:], None)
