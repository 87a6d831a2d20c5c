"""
Answer, offer, or say that it is not known: what follows from the scores of a message and its parts?

May not know how scores are made. Strict where a wrong answer harms; near ties are offered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bot.languages import language_of
from bot.matching.bands import Band, band_of, measures, sureness
from bot.matching.scope import speaks_of
from bot.matching.splitting import correction_in, is_follow_up, parts_of
from bot.model import TopicScore
from bot.text import clean, words

if TYPE_CHECKING:
    from bot.matching.matcher import Matcher

_MOST_OFFERS = 3
# "And the cost?" names its own subject once the joining words are taken off.
_CONNECTOR = re.compile(r"^(?:and|but|so|also|ok|okay|what about|how about|then)\b[ ,]*(?:the |about )?")
_MOST_ANSWERS = 3
# Below this no class outside scope is sure enough to be named.
OUTSIDE_FLOOR = 0.35


@dataclass(frozen=True, slots=True)
class Understanding:
    """
    What to do with a message.

    `answer` has topics, best first; `clarify` has offers; `out_of_scope` and `small_talk` name a class in `scope`.
    `unmatched` holds the parts that were not understood beside those that were. `language` is set when the message
    is not English.
    """

    kind: Literal["answer", "clarify", "out_of_scope", "small_talk", "nothing"]
    topics: tuple[TopicScore, ...] = ()
    offers: tuple[TopicScore, ...] = ()
    scope: str | None = None
    unmatched: tuple[str, ...] = ()
    correction: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one part of a message comes to: a band, its topics best first, and the class outside scope, if any."""

    band: Band
    topics: tuple[TopicScore, ...]
    scope: str | None = None


class Judge:
    """Turns scores into an understanding; `said` holds for each topic the runs of words its own text speaks of."""

    def __init__(self, matcher: Matcher, said: Mapping[str, frozenset[str]]) -> None:
        self._matcher = matcher
        self._said = said

    def understand(self, raw: str, context: Sequence[str]) -> Understanding:
        """What to do with a message, given the topics spoken of last."""
        cleaned = clean(raw)
        if not words(cleaned.text):
            return Understanding("nothing")
        language = language_of(raw)
        if language not in (None, "en"):
            return Understanding("nothing", language=language)
        known = tuple(topic for topic in context if topic in self._matcher.topics)
        meant = correction_in(cleaned.text, bool(known))
        if meant is not None:
            return self._corrected(meant, known)
        normal = self._matcher.normal(cleaned.text)
        if not self._matcher.reads_enough_of(cleaned.text, normal):
            return Understanding("nothing")
        whole = self._judged(normal)
        parts = parts_of(cleaned)
        if len(parts) > 1:
            return self._several(parts, whole, normal)
        if known and is_follow_up(cleaned.text) and not self._stands_alone(whole):
            alone = _CONNECTOR.sub("", cleaned.text)
            if alone != cleaned.text and (by_itself := self._verdict(alone)).band is Band.SURE:
                return _understanding(by_itself)
            leaning = self._leaning(cleaned.text, known)
            if leaning is not None:
                return leaning
        return _understanding(whole)

    def _stands_alone(self, whole: Verdict) -> bool:
        """Whether even a short message needs nothing said before: a sure topic, or thanks and the like."""
        if whole.band is Band.TALK and whole.scope is not None:
            return not self._matcher.scope.leans(whole.scope)
        return whole.band is Band.SURE

    def _verdict(self, cleaned: str, without: Sequence[str] = (), within: str = "") -> Verdict:
        return self._judged(self._matcher.normal(cleaned), without, within)

    def _judged(self, normal: str, without: Sequence[str] = (), within: str = "") -> Verdict:
        scores = self._matcher.scores(normal, within)
        values = scores.classes.copy()
        names = self._matcher.classes
        for name in without:
            values[names.index(name)] = -1.0
        order = np.argsort(-values, kind="stable")
        topics = [int(column) for column in order if self._matcher.is_topic[column]]
        outside = next((int(column) for column in order if not self._matcher.is_topic[column]), None)
        best = TopicScore(id=names[topics[0]], score=float(values[topics[0]]))
        second = float(values[topics[1]]) if len(topics) > 1 else 0.0
        outside_score = float(values[outside]) if outside is not None else 0.0
        sure = sureness(
            measures(best.score, second, outside_score, scores.closest, len(scores.normal.split()))
        )
        ranked = tuple(
            TopicScore(id=names[column], score=round(_shown(float(values[column]), best.score, sure), 4))
            for column in topics[: _MOST_OFFERS + 1]
        )
        band = band_of(sure, self._matcher.topics[best.id].careful)
        foreign = self.foreign(scores.normal, best.id)
        if foreign:
            named = [scope for scope in foreign if outside is not None and scope == names[outside]]
            return Verdict(Band.OUTSIDE, ranked, named[0] if named else foreign[0])
        if outside is not None and outside_score > best.score:
            if outside_score < OUTSIDE_FLOOR:
                return Verdict(Band.UNKNOWN, ranked)
            is_talk = self._matcher.scope.kind(names[outside]) == "small_talk"
            return Verdict(Band.TALK if is_talk else Band.OUTSIDE, ranked, names[outside])
        return Verdict(band, ranked)

    def foreign(self, normal: str, topic: str) -> list[str]:
        """The classes of the names in a text in normal form that are not IVIG's, nor spoken of by the topic."""
        return [
            group.scope
            for name, group in self._matcher.scope.foreign_names(normal)
            if not speaks_of(self._said[topic], name)
        ]

    def _several(self, parts: Sequence[str], whole: Verdict, normal: str) -> Understanding:
        """Each question that is sure by itself is answered; the message as a whole decides where they agree."""
        verdicts = [self._of_part(part, whole, normal) for part in parts]
        sure: dict[str, TopicScore] = {}
        unmatched: list[str] = []
        for part, verdict in zip(parts, verdicts, strict=True):
            if verdict.band is Band.SURE:
                sure.setdefault(verdict.topics[0].id, verdict.topics[0])
            elif not self._is_small_talk(verdict):
                unmatched.append(part)
        talking = [verdict for verdict in verdicts if self._is_small_talk(verdict)]
        if len(sure) >= 2:
            return Understanding("answer", tuple(sure.values())[:_MOST_ANSWERS], unmatched=tuple(unmatched))
        if len(sure) == 1 and len(talking) == len(parts) - 1:
            return Understanding("answer", tuple(sure.values()))
        if whole.band is Band.SURE:
            first = whole.topics[0]
            others = [score for name, score in sure.items() if name != first.id]
            # A part that is surer than the whole leads, since the whole is blurred by what stands around it.
            answers = sorted((first, *others), key=lambda score: -score.score)
            return Understanding("answer", tuple(answers[:_MOST_ANSWERS]))
        if sure:
            return Understanding("answer", tuple(sure.values()), unmatched=tuple(unmatched))
        questions = [verdict for verdict in verdicts if not self._is_small_talk(verdict)]
        if talking and len(questions) == 1:
            return _understanding(questions[0])
        if talking and not questions:
            return _understanding(talking[0])
        return _understanding(whole)

    def _of_part(self, part: str, whole: Verdict, normal: str) -> Verdict:
        """
        What a part comes to. Read among the rest a clause stays what it is and is taken for no question of its own;
        a question of its own is blurred by the one beside it, so where the message has no one subject it is read alone.
        """
        if whole.band is not Band.SURE:
            return self._verdict(part)
        within = self._verdict(part, within=normal)
        if within.band is Band.SURE or within.topics[0].id == whole.topics[0].id:
            return within
        alone = self._verdict(part)
        return alone if alone.topics[0].id == within.topics[0].id else within

    @staticmethod
    def _is_small_talk(verdict: Verdict) -> bool:
        return verdict.band is Band.TALK

    def _leaning(self, text: str, context: Sequence[str]) -> Understanding | None:
        """A short follow-up, matched together with the title of each topic spoken of last."""
        found = [
            verdict
            for name in context[:_MOST_ANSWERS]
            if (verdict := self._verdict(clean(f"{self._matcher.topics[name].title}: {text}").text)).band
            in (Band.SURE, Band.LIKELY)
        ]
        if not found:
            return None
        return _understanding(max(found, key=lambda verdict: verdict.topics[0].score))

    def _corrected(self, meant: str, context: Sequence[str]) -> Understanding:
        """What was meant instead; the topics that were just wrong are left out."""
        if not words(meant):
            return Understanding("nothing", correction=True)
        found = _understanding(self._verdict(meant, without=context))
        return Understanding(found.kind, found.topics, found.offers, found.scope, found.unmatched, correction=True)


def _shown(score: float, best: float, sure: float) -> float:
    """A score between 0 and 1 whose first place is the sureness of the answer."""
    return float(np.clip(sure * score / best, 0.0, 1.0)) if best > 0 else 0.0


def _understanding(verdict: Verdict) -> Understanding:
    match verdict.band:
        case Band.SURE:
            return Understanding("answer", verdict.topics[:1])
        case Band.LIKELY:
            return Understanding("clarify", offers=verdict.topics[:_MOST_OFFERS])
        case Band.OUTSIDE:
            return Understanding("out_of_scope", scope=verdict.scope)
        case Band.TALK:
            return Understanding("small_talk", scope=verdict.scope)
        case _:
            return Understanding("nothing")
