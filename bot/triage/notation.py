"""
How is a wording of a warning sign written down, and what does it mean?

May not know which signs exist, nor anything about the text it is held against.

A wording is a row of items, read left to right:

    word            the word itself, spelling slips allowed where the word is long enough
    swell/s/ed/ing  the word with any of these endings, or bare
    confus-/ed/ion  the same where the bare stem is no word
    left|right      one of several words or lists
    pass_out|faint  words joined by _ stand one after the other
    [chest]         any entry of the word list `chest`
    #28-70          any number from 28 to 70; where the first is written with a point (#38.0-42.9), only a decimal
    word?           may be missing
    (3)             up to three words may stand between
    ~               what stands left and right of it may come in either order, near each other in one clause
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GAP = re.compile(r"\((\d)\)")
_LIST = re.compile(r"\[([a-z][a-z0-9_]*)\]")
_RANGE = re.compile(r"#(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
_WORD = re.compile(r"[^\W_]+")


class NotationError(ValueError):
    """A wording that cannot be read; carries the wording and what is wrong with it."""

    def __init__(self, wording: str, fault: str) -> None:
        super().__init__(f"{wording!r}: {fault}")
        self.wording = wording
        self.fault = fault


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Any number between two bounds, both counted in; `decimal` where only a number with a point is meant."""

    lowest: float
    highest: float
    decimal: bool

    def holds(self, word: str) -> bool:
        """Whether this word is such a number."""
        plain = word.replace(",", ".")
        return (not self.decimal or "." in plain) and self.lowest <= float(plain) <= self.highest


@dataclass(frozen=True, slots=True)
class Item:
    """One place of a wording: the words, lists and numbers that may stand there, and how far from the item before."""

    rows: tuple[tuple[str, ...], ...]
    lists: tuple[str, ...] = ()
    numbers: tuple[NumberRange, ...] = ()
    gap: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """Parts that must all be present; more than one part means they stand near each other in any order."""

    written: str
    parts: tuple[tuple[Item, ...], ...]


def endings(written: str) -> tuple[str, ...]:
    """
    The words meant by one word with its endings.

    >>> endings("swell/s/ed/ing")
    ('swell', 'swells', 'swelled', 'swelling')
    >>> endings("confus-/ed/ion")
    ('confused', 'confusion')
    """
    stem, *tails = written.split("/")
    bare = [] if stem.endswith("-") else [stem]
    stem = stem.removesuffix("-")
    return tuple(dict.fromkeys([*bare, *(stem + tail for tail in tails)]))


def entry(written: str) -> tuple[tuple[str, ...], ...]:
    """The word rows meant by one entry of a word list: several words, each with its endings."""
    rows: tuple[tuple[str, ...], ...] = ((),)
    for place in written.split():
        choices = tuple(word for choice in place.split("|") for word in endings(choice))
        for word in choices:
            if not _WORD.fullmatch(word):
                raise NotationError(written, f"{word!r} is not a plain word")
        rows = tuple((*row, word) for row in rows for word in choices)
    if rows == ((),):
        raise NotationError(written, "empty")
    return rows


def wording(written: str) -> Wording:
    """Read one wording. Raises NotationError."""
    parts = tuple(_part(written, part) for part in written.split("~"))
    return Wording(written=written, parts=parts)


def _part(written: str, part: str) -> tuple[Item, ...]:
    items: list[Item] = []
    gap = 0
    for place in part.split():
        if found := _GAP.fullmatch(place):
            gap = int(found[1])
            continue
        optional = place.endswith("?")
        place = place.removesuffix("?")
        lists = tuple(found[1] for choice in place.split("|") if (found := _LIST.fullmatch(choice)))
        numbers = tuple(
            NumberRange(float(found[1]), float(found[2]), "." in found[1])
            for choice in place.split("|")
            if (found := _RANGE.fullmatch(choice))
        )
        rows = tuple(
            row
            for choice in place.split("|")
            if not _LIST.fullmatch(choice) and not _RANGE.fullmatch(choice)
            for row in entry(choice.replace("_", " "))
        )
        items.append(Item(rows=rows, lists=lists, numbers=numbers, gap=gap, optional=optional))
        gap = 0
    if not items or all(item.optional for item in items):
        raise NotationError(written, "a part needs a word that must be there")
    if items[0].optional:
        raise NotationError(written, "the first item of a part cannot be left out")
    return tuple(items)
