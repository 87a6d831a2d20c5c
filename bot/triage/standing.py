"""
Is a sign that was found said to be happening, or is it denied, asked about, imagined or long past?

May not know which signs weigh how much. In doubt it is happening.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from bot.triage.finder import Match
from bot.triage.message import Message
from bot.triage.rules import Standing

_BE = frozenset({"is", "am", "are", "m", "s", "re", "been"})
_SHORT_REACH = 6
_LONG_REACH = 14
_FAR = 25
_ENDS_DENIAL = frozenset({"cant", "just", "only"})
_ORS = frozenset({"or", "nor"})
_FAMILY = frozenset(
    {"mum", "mom", "dad", "wife", "husband", "son", "daughter", "mother", "father", "partner", "sister"}
)
_FIRST_PERSONS = frozenset({"i", "my", "me", "we", "our", "us", "myself", "mine"})
_ENDS_FICTION = _FIRST_PERSONS | _FAMILY | {"and", "then", "while", "suddenly"}
_ENDS_ANIMAL = _FIRST_PERSONS | _FAMILY | {"he", "she"}


@dataclass(frozen=True, slots=True)
class Grammar:
    """The plain words that shape clauses, as sets."""

    clause_starts: frozenset[str]
    joins: frozenset[str]
    subjects: frozenset[str]
    restarts: frozenset[str]
    leads: frozenset[str]
    continues: frozenset[str]

    @classmethod
    def of(cls, standing: Standing) -> Grammar:
        """The word sets of the rules."""
        return cls(
            frozenset(standing.clause_starts),
            frozenset(standing.joins),
            frozenset(standing.subjects),
            frozenset(standing.restarts),
            frozenset(standing.leads_into_subject),
            frozenset(standing.continues),
        )


def sentence_numbers(message: Message) -> tuple[int, ...]:
    """The number of the sentence each word belongs to."""
    return tuple(accumulate(int(stop) for stop in message.stops))


def clause_numbers(message: Message, grammar: Grammar) -> tuple[int, ...]:
    """The number of the clause each word belongs to: sentences, pauses, "but", and "and" before a new subject."""
    words = message.words
    lengths = _stretch_lengths(message.pauses)
    ends = []
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        end = message.stops[place] or (place > 0 and _begins(word, after, grammar))
        if not end and message.pauses[place] and place:
            fragments = lengths[place - 1] <= 2 and lengths[place] <= 2
            end = not fragments and word not in grammar.continues
        ends.append(int(end))
    return tuple(accumulate(ends))


def _begins(word: str, after: str, grammar: Grammar) -> bool:
    return word in grammar.clause_starts or (
        word in grammar.joins and (after in grammar.subjects or after in grammar.restarts)
    )


def _stretch_lengths(pauses: tuple[bool, ...]) -> list[int]:
    lengths = [0] * len(pauses)
    start = 0
    for place in range(1, len(pauses) + 1):
        if place == len(pauses) or pauses[place]:
            lengths[start:place] = [place - start] * (place - start)
            start = place
    return lengths


class Judge:
    """Knows, for one message, how each place in it is meant."""

    def __init__(
        self,
        message: Message,
        grammar: Grammar,
        clauses: tuple[int, ...],
        sentences: tuple[int, ...],
        cues: dict[str, list[Match]],
    ) -> None:
        self._words = message.words
        self._message = message
        self._grammar = grammar
        self._clauses = clauses
        self._sentences = sentences
        self._cues = cues
        self._clause_ends = _last_places(clauses)
        self._sentence_ends = _last_places(sentences)
        asked = frozenset(
            place for kind in ("asked_cause", "asked_before") for match in cues.get(kind, ()) for place in match.used
        )
        # "the chance of getting a clot" reports nothing, though "getting a clot" alone would.
        self._void = {
            "imagined": frozenset(place for match in cues.get("whether", ()) for place in match.used),
            "reported": asked,
        }
        self._before = {
            kind: self._latest(kind)
            for kind in ("reported", "owned", "asked_cause", "asked_before", "sourced", "imagined")
        }
        self._denied = self._denials()
        self._elsewhere = (
            self._told_elsewhere("fiction", _ENDS_FICTION),
            self._told_elsewhere("animal", _ENDS_ANIMAL),
        )
        self._clause_has = {
            kind: {clauses[match.start] for match in cues.get(kind, ())} for kind in ("happening", "present", "past")
        }
        self._past_clauses = self._pasts()
        # A wording that holds such words itself ("done in one hour, last time took four") is not past by them.
        self._past_words = {match.start: match.used for match in cues.get("past", ())}
        self._asked_after = {sentences[match.start]: match.start for match in cues.get("asked_after", ())}
        self._denied_after = frozenset(match.start for match in cues.get("deny_after", ()))

    def is_denied(self, match: Match) -> bool:
        """Whether the words of the sign are negated within their clause."""
        if any(self._denied[place] and not match.used & self._denied[place] for place in match.used):
            return True
        return any(place in self._denied_after for place in range(match.end, match.end + 4)
                   if place < len(self._words) and self._sentences[place] == self._sentences[match.start])

    def is_meant(self, match: Match) -> bool:
        """Whether a plea stands: it is neither denied nor told as long past without a word of now."""
        if self.is_denied(match) or self._is_elsewhere(match):
            return False
        sentence = self._sentences[match.start]
        return (
            self._clauses[match.start] not in self._past_clauses
            or any(self._sentences[cue.start] == sentence for cue in self._cues.get("again", ()))
        )

    def is_happening(self, match: Match, *, even_if: bool = False, named: bool = False) -> bool:
        """
        Whether the sign is told as a fact of now or of the last days. In doubt it is.

        `even_if`: also when imagined. `named`: its wording holds words around the name of a disease, so what counts
        is how its last word is meant.
        """
        if self.is_denied(match) or self._is_elsewhere(match):
            return False
        clause = self._clauses[match.start]
        if clause in self._clause_has["happening"] or self._is_in_progress(match):
            return True
        if (
            clause in self._past_clauses
            and clause not in self._clause_has["present"]
            and not any(self._past_words.get(place, match.used | {-1}) <= match.used for place in match.used)
        ):
            return False
        return self._comes_true(match) or self._is_told(match, match.end - 1 if named else match.start, even_if=even_if)

    def _is_elsewhere(self, match: Match) -> bool:
        """Whether the sign belongs to a film, a form or an animal."""
        return any(all(places[place] for place in match.used) for places in self._elsewhere)

    def _told_elsewhere(self, kind: str, ends: frozenset[str]) -> list[bool]:
        """
        For each word whether a cue of this kind stands before it in its sentence, and nobody real in between.

        "That film where she faints" is no faint; "after that film I fainted" is one.
        """
        told = [False] * len(self._words)
        cues = self._cues.get(kind, ())
        begins = {match.start for match in cues}
        within = {place for match in cues for place in range(match.start, match.end)}
        active = False
        for place, word in enumerate(self._words if cues else ()):
            if place and self._sentences[place] != self._sentences[place - 1]:
                active = False
            if place in begins:
                active = True
            elif word in ends and place not in within:
                active = False
            told[place] = active
        return told

    def _is_told(self, match: Match, place: int, *, even_if: bool) -> bool:
        """Whether the last cue before the sign makes it a report, and none behind it a question."""
        clause = self._clauses[place]
        reported = self._latest_in(place, "reported", self._clauses)
        owned = max(reported, self._latest_in(place, "owned", self._clauses))
        imagined = self._latest_in(place, "imagined", self._sentences)
        if not even_if and imagined >= 0 and (self._clauses[imagined] == clause or self._goes_on(clause)):
            return False
        if self._cues.get("happening"):  # Who asks and says when it began has it.
            return True
        if self._latest_in(place, "asked_cause", self._sentences) > reported:
            return False
        if self._latest_in(place, "asked_before", self._sentences) > owned:
            return False
        if self._latest_in(place, "sourced", self._sentences) > owned:
            return False
        asked_after = self._asked_after.get(self._sentences[place], -1)
        return not (asked_after >= match.end and owned < 0)

    def _comes_true(self, match: Match) -> bool:
        """Whether words after an asked-about sign say that it is here: "can ivig do that? because I have it now"."""
        return any(cue.start >= match.end and match.start >= cue.start - _FAR for cue in self._cues.get("here_now", ()))

    def _goes_on(self, clause: int) -> bool:
        """Whether a clause carries on what stands before it: "if my lips swell or I get hives"."""
        return self._words[self._clause_ends[clause][0]] in _ORS | {"and"}

    def _is_in_progress(self, match: Match) -> bool:
        """Whether somebody "is choking"; "is choking a side effect?" asks."""
        asked = self._void["reported"]
        return any(
            place > 1
            and self._words[place].endswith("ing")
            and self._words[place - 1] in _BE
            and not self._message.stops[place - 1]
            and place not in asked
            for place in match.used
        )

    def _latest_in(self, place: int, kind: str, numbers: tuple[int, ...]) -> int:
        """The last place up to `place` where a cue of this kind begins, in the same clause or sentence, or -1."""
        cue = self._before[kind][place]
        return cue if cue >= 0 and numbers[cue] == numbers[place] else -1

    def _latest(self, kind: str) -> list[int]:
        latest = [-1] * (len(self._words) + 1)
        void = self._void.get(kind, frozenset())
        for match in self._cues.get(kind, ()):
            if match.start not in void:
                latest[match.start] = match.start
        return list(accumulate(latest, max))

    def _pasts(self) -> frozenset[int]:
        """The clauses that tell of long ago: those with such words, and the neighbours such words alone belong to."""
        pasts = set(self._clause_has_past())
        for match in self._cues.get("past", ()):
            clause = self._clauses[match.start]
            first, last = self._clause_ends[clause]
            sentence_first, sentence_last = self._sentence_ends[self._sentences[match.start]]
            if last - first + 1 <= match.end - match.start + 2:
                if last < sentence_last:
                    pasts.add(clause + 1)
                if first > sentence_first:
                    pasts.add(clause - 1)
            elif first > 0 and {"that", "this", "it"} & set(self._words[first : match.start]):
                pasts.add(clause - 1)
        return frozenset(pasts)

    def _clause_has_past(self) -> set[int]:
        return self._clause_has["past"]

    def _denials(self) -> list[frozenset[int]]:
        """For each word the places of the words that deny it; a sign that holds one of them is not denied by it."""
        denied: list[frozenset[int]] = [frozenset()] * len(self._words)
        harmless = frozenset(
            place for match in self._cues.get("not_a_denial", ()) for place in range(match.start, match.end)
        )
        for kind, reach in (("deny", _SHORT_REACH), ("deny_listing", _LONG_REACH)):
            for match in self._cues.get(kind, ()):
                if match.start in harmless:
                    continue
                for place in self._reach(match, reach, over_lists=kind == "deny_listing"):
                    denied[place] = match.used
        return denied

    def _reach(self, match: Match, reach: int, *, over_lists: bool) -> range:
        words, grammar = self._words, self._grammar
        last = min(match.end + reach, len(words))
        place = match.end
        if place < last and not over_lists and (
            self._message.pauses[place] or (match.end - match.start == 1 and words[place] in grammar.subjects)
        ):
            return range(place, place)
        while place < last:
            word = words[place]
            after = words[place + 1] if place + 1 < len(words) else ""
            if self._message.stops[place]:
                break
            if place > match.end and self._ends_denial(place, word, after, over_lists=over_lists):
                break
            place += 1
        return range(match.end, place)

    def _ends_denial(self, place: int, word: str, after: str, *, over_lists: bool) -> bool:
        grammar, words = self._grammar, self._words
        if _begins(word, after, grammar) or word in _ENDS_DENIAL:
            return True
        if word in grammar.subjects and words[place - 1] not in grammar.leads:
            return True
        if word == "and" and not over_lists:
            return True
        return self._message.pauses[place] and not self._list_goes_on(place, over_lists=over_lists)

    def _list_goes_on(self, place: int, *, over_lists: bool) -> bool:
        """Whether a comma inside a denial stands in a list that an "or" (or "and") closes in the same clause."""
        closers = _ORS | {"and"} if over_lists else _ORS
        for ahead in range(place, min(place + 10, len(self._words))):
            after = self._words[ahead + 1] if ahead + 1 < len(self._words) else ""
            if self._message.stops[ahead] or _begins(self._words[ahead], after, self._grammar):
                return False
            if self._words[ahead] in closers:
                return True
            if ahead > place and self._words[ahead] in self._grammar.subjects:
                return False
        return False


def _last_places(numbers: tuple[int, ...]) -> dict[int, tuple[int, int]]:
    """First and last place of every clause or sentence."""
    ends: dict[int, tuple[int, int]] = {}
    for place, number in enumerate(numbers):
        first, _ = ends.get(number, (place, place))
        ends[number] = (first, place)
    return ends
