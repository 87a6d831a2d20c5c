"""
Which bottles hold a dose: at least, at most, or nearest to it?

May not know words, chats, or today's date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import gcd

from bot.quantities import figure

MOST_GRAMS = Decimal(4000)
_SMALLEST_PART = 1000  # sizes are counted in thousandths of a gram, so that 2.5 g is a whole number


class Policy(StrEnum):
    """What to do when no bottles hold the dose exactly."""

    COVER = "cover"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Bottles:
    """So many of each size, the largest first, what they hold together, and how that differs from the dose."""

    counts: tuple[tuple[Decimal, int], ...]
    total_g: Decimal
    difference_g: Decimal
    lines: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many bottles there are in all."""
        return sum(count for _, count in self.counts)


def bottles(dose_g: Decimal, sizes_g: Sequence[Decimal], policy: Policy = Policy.COVER) -> Bottles:
    """
    The bottles for a dose: least waste first, then fewest bottles, never none.

    "Medicare contractor example: 1.5 g must be 2 x 1 g, not 1 x 2.5 g." Below the smallest bottle every policy gives
    that one bottle. Raises ValueError without sizes, or for a dose that is not above zero or beyond 4,000 g.
    """
    if not sizes_g or min(sizes_g) <= 0 or not 0 < dose_g <= MOST_GRAMS:
        raise ValueError("no sizes, or a dose that no bottles hold")
    sizes = sorted({int(size * _SMALLEST_PART) for size in sizes_g}, reverse=True)
    step = gcd(*sizes)
    steps = [size // step for size in sizes]
    wanted = dose_g * _SMALLEST_PART / step
    reach = int(wanted) + steps[-1] + 1
    fewest = _fewest(steps, reach)
    above = next(total for total in range(1, reach + 1) if fewest[total] is not None and total >= wanted)
    below = next((total for total in range(int(wanted), 0, -1) if fewest[total] is not None), above)
    total = above
    if policy == Policy.DOWN or (policy == Policy.NEAREST and wanted - below < above - wanted):
        total = below
    return _counted(dose_g, total, steps, step, fewest)


def _fewest(steps: Sequence[int], reach: int) -> list[int | None]:
    """For every total the fewest bottles that make it exactly, or None."""
    fewest: list[int | None] = [0] + [None] * reach
    for total in range(1, reach + 1):
        known = [before + 1 for step in steps if step <= total and (before := fewest[total - step]) is not None]
        fewest[total] = min(known) if known else None
    return fewest


def _counted(dose_g: Decimal, total: int, steps: Sequence[int], step: int, fewest: list[int | None]) -> Bottles:
    counts: dict[int, int] = {}
    rest = total
    while rest:
        size = next(each for each in steps if each <= rest and fewest[rest - each] == (fewest[rest] or 0) - 1)
        counts[size] = counts.get(size, 0) + 1
        rest -= size
    sizes = tuple(
        (Decimal(size * step) / _SMALLEST_PART, count) for size, count in sorted(counts.items(), reverse=True)
    )
    total_g = Decimal(total * step) / _SMALLEST_PART
    difference = total_g - dose_g
    lines = [" + ".join(f"{count} × {figure(size)} g" for size, count in sizes) + f" = {figure(total_g)} g"]
    if difference > 0:
        lines.append(f"{figure(total_g)} g − {figure(dose_g)} g = {figure(difference)} g more")
    elif difference < 0:
        lines.append(f"{figure(dose_g)} g − {figure(total_g)} g = {figure(-difference)} g less")
    return Bottles(sizes, total_g, difference, tuple(lines))
