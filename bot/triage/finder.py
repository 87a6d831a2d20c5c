"""
Where in a message does a wording stand?

May not know what the wordings mean.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.triage.notation import Item, NumberRange, Wording, entry, wording

NEAR = 6
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a wording stands: the group it belongs to, the words used, the first and the past-last word."""

    group: str
    used: frozenset[int]
    start: int
    end: int


@dataclass(slots=True)
class _Branch:
    longer: dict[str, _Branch]
    ends: set[int]
    """The word sets that a row of words ending here belongs to."""


@dataclass(frozen=True, slots=True)
class _Part:
    items: tuple[tuple[int, int, bool], ...]
    """Number of the word set, gap before it, whether it may be missing."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    group: str
    parts: tuple[_Part, ...]
    needed: frozenset[int]
    """The word sets that must all be in a message for this wording to stand in it."""


class Finder:
    """
    Holds every wording against a message at once.

    All single words and list entries lie in one tree; a message is walked once to know which word set stands where.
    A wording is tried only at the places of its first item, and looks at most a few words ahead, so the time grows
    with the length of the message and not with its square.
    """

    def __init__(self, lists: Mapping[str, Iterable[str]], fillers: frozenset[str]) -> None:
        self._fillers = fillers
        self._root = _Branch({}, set())
        self._sets: dict[tuple[tuple[tuple[str, ...], ...], tuple[str, ...], tuple[NumberRange, ...]], int] = {}
        self._ranges: dict[NumberRange, list[int]] = {}
        self._vocabulary: dict[str, None] = {}
        self._by_first: dict[int, list[_Compiled]] = defaultdict(list)
        self._parts: dict[tuple[tuple[int, int, bool], ...], _Part] = {}
        self._lists = {
            name: tuple(row for written in entries for row in entry(written)) for name, entries in lists.items()
        }

    @property
    def listed(self) -> frozenset[str]:
        """The words of the word lists."""
        return frozenset(word for rows in self._lists.values() for row in rows for word in row)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every word any wording or list uses, in the order of the file."""
        return tuple(self._vocabulary)

    def add(self, group: str, written: str) -> None:
        """Take up one wording under the name of its group."""
        read: Wording = wording(written)
        parts = tuple(self._compiled(part) for part in read.parts)
        needed = frozenset(number for part in parts for number, _, optional in part.items if not optional)
        self._by_first[parts[0].items[0][0]].append(_Compiled(group, parts, needed))

    def find(
        self,
        words: tuple[str, ...],
        walls: tuple[int, ...],
        stops: tuple[int, ...],
        hidden: frozenset[int] = frozenset(),
    ) -> dict[str, list[Match]]:
        """
        Every group found, with its places.

        `walls[k]` counts the ends of clauses before word k, `stops[k]` the ends of sentences: two words share a clause
        where the counts are equal. Words in `hidden` match nothing.
        """
        rows = self._rows_of_words(words, hidden)
        present = frozenset().union(*(numbers for numbers, _ in rows))
        tried = [
            compiled
            for number in sorted(present.intersection(self._by_first))
            for compiled in self._by_first[number]
            if compiled.needed <= present
        ]
        spans = _places(rows, {number for compiled in tried for part in compiled.parts for number, _, _ in part.items})
        found: dict[str, dict[frozenset[int], Match]] = defaultdict(dict)
        known: dict[int, list[tuple[frozenset[int], int, int]]] = {}
        for compiled in tried:
            group = compiled.group
            places = spans[compiled.parts[0].items[0][0]]
            for used, start, end in self._whole(compiled, spans, places, walls, stops, known):
                # Told apart by their words: "rash not fading" holds its "not", "rash ... fading" is denied by it.
                found[group].setdefault(used, Match(group, used, start, end))
        return {group: sorted(matches.values(), key=_by_place) for group, matches in found.items()}

    def _whole(
        self,
        compiled: _Compiled,
        spans: dict[int, dict[int, tuple[int, ...]]],
        places: dict[int, tuple[int, ...]],
        walls: tuple[int, ...],
        stops: tuple[int, ...],
        known: dict[int, list[tuple[frozenset[int], int, int]]],
    ) -> Iterator[tuple[frozenset[int], int, int]]:
        first = self._rows(compiled.parts[0], spans, places, stops, known)
        if len(compiled.parts) == 1:
            yield from first
            return
        rest = []
        for part in compiled.parts[1:]:
            rows = self._rows(part, spans, spans.get(part.items[0][0], {}), stops, known)
            if not rows:
                return
            rest.append(rows)
        for row in first:
            joined = row
            for rows in rest:
                nearest = _nearest(joined, rows, walls)
                if nearest is None:
                    break
                joined = nearest
            else:
                yield joined

    def _rows(
        self,
        part: _Part,
        spans: dict[int, dict[int, tuple[int, ...]]],
        places: dict[int, tuple[int, ...]],
        stops: tuple[int, ...],
        known: dict[int, list[tuple[frozenset[int], int, int]]],
    ) -> list[tuple[frozenset[int], int, int]]:
        if id(part) in known:
            return known[id(part)]
        rows: list[tuple[frozenset[int], int, int]] = []
        for start in sorted(places):
            for end in places[start]:
                if stops[start] != stops[end - 1]:
                    continue
                found = _follow(part.items, 1, end, frozenset(range(start, end)), spans, stops)
                if found is not None:
                    rows.append((found[0], start, found[1]))
        known[id(part)] = rows
        return rows

    def _rows_of_words(
        self, words: tuple[str, ...], hidden: frozenset[int]
    ) -> list[tuple[set[int], tuple[int, int]]]:
        """Every row of words that stands in the message: the word sets it belongs to, its first and past-last word."""
        rows: list[tuple[set[int], tuple[int, int]]] = []
        first = self._root.longer
        count = len(words)
        sets_of: dict[str, set[int]] = {}
        for start, word in enumerate(words):
            branch = first.get(word)
            place = start
            while branch is not None and place not in hidden:
                place += 1
                if branch.ends:
                    rows.append((branch.ends, (start, place)))
                branch = branch.longer.get(words[place]) if place < count else None
            if word[0].isdecimal() and start not in hidden:
                numbers = sets_of.get(word)
                if numbers is None:
                    ranges = self._ranges.items() if _NUMBER.fullmatch(word) else ()
                    numbers = {number for held, of in ranges if held.holds(word) for number in of}
                    sets_of[word] = numbers
                if numbers:
                    rows.append((numbers, (start, start + 1)))
        return rows

    def _compiled(self, part: tuple[Item, ...]) -> _Part:
        items: list[tuple[int, int, bool]] = []
        for item in part:
            kept = tuple(row for row in map(self._without_fillers, item.rows) if row)
            if kept or item.lists or item.numbers:
                items.append((self._word_set(kept, item.lists, item.numbers), item.gap, item.optional))
        key = tuple(items)
        return self._parts.setdefault(key, _Part(key))

    def _word_set(
        self, rows: tuple[tuple[str, ...], ...], lists: tuple[str, ...], numbers: tuple[NumberRange, ...]
    ) -> int:
        key = (rows, lists, numbers)
        if key not in self._sets:
            self._sets[key] = len(self._sets)
            for row in (*rows, *(row for name in lists for row in self._lists[name])):
                self._plant(row, self._sets[key])
            for number_range in numbers:
                self._ranges.setdefault(number_range, []).append(self._sets[key])
        return self._sets[key]

    def _without_fillers(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in row if word not in self._fillers)

    def _plant(self, row: tuple[str, ...], number: int) -> None:
        branch = self._root
        for word in self._without_fillers(row):
            self._vocabulary.setdefault(word)
            branch = branch.longer.setdefault(word, _Branch({}, set()))
        if branch is not self._root:
            branch.ends.add(number)


def _places(
    rows: list[tuple[set[int], tuple[int, int]]], wanted: set[int]
) -> dict[int, dict[int, tuple[int, ...]]]:
    """For each wanted word set the places where it begins, with the places past its end, the longest row first."""
    spans: dict[int, dict[int, tuple[int, ...]]] = {}
    for numbers, (start, end) in rows:
        for number in numbers & wanted:
            places = spans.setdefault(number, {})
            ends = places.get(start, ())
            if end not in ends:
                places[start] = (end, *ends)
    return spans


def _by_place(match: Match) -> tuple[int, int]:
    return match.start, match.end


def _follow(
    items: tuple[tuple[int, int, bool], ...],
    index: int,
    position: int,
    used: frozenset[int],
    spans: dict[int, dict[int, tuple[int, ...]]],
    stops: tuple[int, ...],
) -> tuple[frozenset[int], int] | None:
    """The words of the items from `index` on, starting at `position` within the sentence, or None."""
    if index == len(items):
        return used, position
    number, gap, optional = items[index]
    places = spans.get(number)
    if places:
        sentence = stops[position - 1]
        for start in range(position, position + gap + 1):
            for end in places.get(start, ()):
                if stops[end - 1] == sentence:
                    found = _follow(items, index + 1, end, used | frozenset(range(start, end)), spans, stops)
                    if found is not None:
                        return found
    return _follow(items, index + 1, position, used, spans, stops) if optional else None


def _nearest(
    row: tuple[frozenset[int], int, int], rows: list[tuple[frozenset[int], int, int]], walls: tuple[int, ...]
) -> tuple[frozenset[int], int, int] | None:
    """The row of `rows` closest to `row`, at most NEAR words between, in the same clause, not overlapping."""
    used, start, end = row
    place = bisect_left(rows, start, key=lambda other: other[1])
    best: tuple[int, tuple[frozenset[int], int, int]] | None = None
    for other in rows[max(0, place - 8) : place + 12]:
        between = other[1] - end if other[1] >= end else start - other[2]
        if not 0 <= between <= NEAR:
            continue
        first, last = min(start, other[1]), max(end, other[2])
        if walls[first] != walls[last - 1]:
            continue
        if best is None or between < best[0]:
            best = (between, (used | other[0], first, last))
    return best[1] if best else None
