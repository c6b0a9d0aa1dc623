"""Operators that could build something enormous, and a look at what they would build."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from karnay.rendering import budget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BITS = 1_000  # of the largest whole number


def _size(value: object) -> int:
    return len(value) if isinstance(value, (str, list, tuple)) else 0


def _check_sum(left: object, right: object) -> None:
    budget.handle(_size(left) + _size(right))


def _check_product(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_number(left.bit_length() + right.bit_length())
        return
    times = next((value for value in (left, right) if isinstance(value, int)), 1)
    budget.handle(max(_size(left), _size(right)) * max(times, 0))


def _check_power(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_number(left.bit_length() * abs(right))


def _check_remainder(left: object, _right: object) -> None:
    if isinstance(left, str):
        raise TypeError("`%` formats no text here; use `~` to join texts")


def _check_number(bits: int) -> None:
    if bits > _BITS:
        raise budget.TooMuch("the template computes an enormous number")


CHECKS: Mapping[str, Callable[[object, object], None]] = MappingProxyType(
    {
        "+": _check_sum,
        "*": _check_product,
        "**": _check_power,
        "%": _check_remainder,
    }
)
"""For each operator, what raises TooMuch or TypeError before it is applied."""
