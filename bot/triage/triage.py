"""
Does this message sound like an emergency, how urgent is it, and what is said first?

May not know topics, doses, chats or Telegram.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.languages import language_of
from bot.model import Level, Noun, Paragraph, Sign, Style
from bot.triage.finder import Finder, Match
from bot.triage.message import Message, Reader
from bot.triage.notation import wording
from bot.triage.opinion import Embed, SecondOpinion
from bot.triage.rules import EmergencyNumbers, Nature, Reading, TriageRules, Verdict
from bot.triage.spelling import Slips
from bot.triage.standing import Grammar, Judge, clause_numbers, sentence_numbers

LONGEST_TEXT = 4096
SECOND_OPINION = "second_opinion"
_FEWEST_KNOWN_WORDS = 2
_SHORTEST_FOREIGN = 5
_LONGEST_GRAMMAR = 4
_WEIGHT_OF_A_SIGN = 8
# A weight, a dose or a rate: who states one mostly wants a sum.
_AMOUNT = re.compile(r"\d ?(?:kg|kilos?|lbs?|pounds?|stone|st\d?|m?g|grams?|m[lL])\b|\bdrops per minute\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


class Assessment(Noun):
    """How urgent a message is, for which condition, by which signs, and in which language it seems to be written."""

    level: Level
    pathway: str | None = None
    signs: tuple[Sign, ...] = ()
    language: str | None = None

    @property
    def notice_language(self) -> str | None:
        """The language a notice is due in, None where the message can be read or its language is not clear."""
        return None if self.language == "en" else self.language


class Triage:
    """The rules made ready: reads messages, and words the answers."""

    def __init__(self, rules: TriageRules, numbers: EmergencyNumbers, embed: Embed | None = None) -> None:
        """`embed` gives the vector of a text; without it there is no second opinion."""
        self._rules = rules
        self._opinion = SecondOpinion(rules.second_opinion, embed) if rules.second_opinion and embed else None
        self._numbers = numbers
        self._grammar = Grammar.of(rules.standing)
        fillers = frozenset(rules.fillers)
        self._finder = Finder(rules.lists, fillers)
        for name, sign in rules.signs.items():
            for written in sign.wordings:
                self._finder.add(name, written)
        for index, reading in enumerate(rules.readings):
            for written in reading.named:
                self._finder.add(f"reading.{index}", written)
        for kind, wordings in rules.standing.wordings().items():
            for written in wordings:
                self._finder.add(f"standing.{kind}", written)
        self._idioms = Finder(rules.lists, fillers)
        for written in rules.idioms:
            self._idioms.add("idiom", written)
        self._reader = self._make_reader(fillers)
        self._foreign = self._make_foreign()

    def assess(self, raw: str) -> Assessment:
        """How urgent this message is. Takes any text; only the first and last parts of an over-long one are read."""
        text = raw if len(raw) <= LONGEST_TEXT else f"{raw[: LONGEST_TEXT // 2]}\n\n{raw[-LONGEST_TEXT // 2 :]}"
        message = self._reader.read(text)
        found, cues = self._english(message)
        for name, match in self._in_other_languages(message):
            found.setdefault(name, []).append(match)
        level, pathway, deciding = self._weigh(frozenset(found))
        language = language_of(raw)
        if level < Level.EMERGENCY and language in (None, "en"):
            alike = self._alike(message, raw, cues)
            if alike is not None and alike[0] > level:
                sign = Sign(id=SECOND_OPINION, start=0, end=len(raw), words=raw)
                return Assessment(level=alike[0], pathway=alike[1], signs=(sign,), language=language)
        signs = tuple(self._sign(message, name, found[name][0], len(raw) - len(text)) for name in deciding)
        return Assessment(
            level=level,
            pathway=pathway,
            signs=tuple(sorted(signs, key=lambda sign: sign.start)),
            language=language,
        )

    def answer(self, level: Level, pathway: str | None, country: str | None) -> tuple[Paragraph, ...]:
        """What is said at this level for this condition, the instruction to call first; nothing for level none."""
        known = self._rules.pathways.get(pathway) if pathway else None
        text = known.at(level) if known else None
        if text is None:
            return ()
        first, _, then = self._with_numbers(text, country).partition("\n")
        style = Style.STRONG if level is Level.EMERGENCY else Style.PLAIN
        lines = [Paragraph(text=first, style=style)]
        lines += [Paragraph(text=line) for line in then.split("\n") if line.strip()]
        return tuple(lines)

    def countries(self) -> tuple[tuple[str, str], ...]:
        """Code and name of every country whose numbers were verified, by name."""
        listed = ((code, country.name) for code, country in self._numbers.countries.items())
        return tuple(sorted(listed, key=lambda country: country[1]))

    def emergency_line(self, country: str | None) -> str:
        """The sentence that says which number to call."""
        return self._with_numbers("{call}", country)

    def notice(self, language: str, country: str | None) -> tuple[Paragraph, ...]:
        """What is said to a message that is not English, in its own language where there is a text for it."""
        foreign = self._rules.languages.get(language) or self._rules.languages["other"]
        known = self._numbers.countries.get(country) if country else None
        line = foreign.line.replace("{number}", known.emergency) if known else foreign.line_unknown
        return (Paragraph(text=line, style=Style.STRONG), Paragraph(text=foreign.notice))

    def _with_numbers(self, text: str, country: str | None) -> str:
        call, known = self._rules.call, self._numbers.countries.get(country) if country else None
        if known is None:
            return text.replace("{call}", call.unknown).replace("{crisis}", call.crisis_unknown)
        text = text.replace("{call}", call.known.replace("{number}", known.emergency))
        if known.crisis is None:
            crisis = call.crisis_country_only
        elif known.crisis.text:
            crisis = call.crisis_call_and_text.replace("{text}", known.crisis.text)
        else:
            crisis = call.crisis_call
        if known.crisis:
            crisis = crisis.replace("{line}", known.crisis.call).replace("{name}", known.crisis.name)
        return text.replace("{crisis}", crisis.replace("{number}", known.emergency))

    def _alike(self, message: Message, raw: str, cues: frozenset[str]) -> tuple[Level, str] | None:
        """The level and pathway of the messages that this one is like."""
        known = sum(self._reader.knows(word) for word in message.words)
        # What is mostly not English is like nothing; the model would still name a place for it.
        if self._opinion is None or known < max(_FEWEST_KNOWN_WORDS, len(message.tokens) / 2):
            return None
        return self._opinion.of(raw, cues)

    def cues(self, raw: str) -> frozenset[str]:
        """The ways of meaning something that were found in a message; the second opinion is fitted with them."""
        return self._english(self._reader.read(raw))[1]

    def _english(self, message: Message) -> tuple[dict[str, list[Match]], frozenset[str]]:
        """The signs that stand, and in which ways something in the message is meant: denied, asked, imagined, past."""
        words = message.words
        if not words:
            return {}, frozenset()
        sentences = sentence_numbers(message)
        clauses = clause_numbers(message, self._grammar)
        idioms = self._idioms.find(words, clauses, sentences).get("idiom", ())
        hidden = frozenset(place for match in idioms for place in match.used)
        found = self._finder.find(words, clauses, sentences, hidden)
        cues = {name.removeprefix("standing."): found.pop(name) for name in list(found) if name.startswith("standing.")}
        judge = Judge(message, self._grammar, clauses, sentences, cues)
        standing: dict[str, list[Match]] = {}
        for name, matches in found.items():
            if name.startswith("reading."):
                reading = self._rules.readings[int(name.removeprefix("reading."))]
                matches = [match for match in matches if _measures(reading, match, words, sentences)]
                name = reading.sign
            nature = self._rules.signs[name].nature
            kept = [match for match in matches if _stands(judge, match, nature)]
            if kept:
                standing.setdefault(name, []).extend(kept)
        ways = set(cues)
        if hidden:
            ways.add("idiom")
        if message.raw.rstrip().endswith("?"):
            ways.add("question_mark")
        if _AMOUNT.search(message.plain):
            ways.add("amount")
        return standing, frozenset(ways)

    def _in_other_languages(self, message: Message) -> Iterator[tuple[str, Match]]:
        words = message.words
        if not words:
            return
        flat = (0,) * len(words)
        for group, matches in self._foreign.find(words, flat, flat).items():
            language, _, name = group.partition(".")
            denials = self._denials[language]
            for match in matches:
                if not denials.intersection(words[max(0, match.start - 3) : match.start]):
                    yield name, match

    def _weigh(self, found: frozenset[str]) -> tuple[Level, str | None, tuple[str, ...]]:
        best: tuple[Level, Verdict] | None = None
        for verdict in self._rules.verdicts:
            if _applies(verdict, found) and (best is None or verdict.level > best[0]):
                best = (verdict.level, verdict)
        if best is None:
            return Level.NONE, None, ()
        verdict = best[1]
        deciding = [name for name in (*verdict.all, *verdict.any, *verdict.with_) if name in found]
        return best[0], verdict.pathway, tuple(dict.fromkeys(deciding))

    @staticmethod
    def _sign(message: Message, name: str, match: Match, cut: int) -> Sign:
        start, end = message.tokens[match.start].start, message.tokens[match.end - 1].end
        shift = cut if cut > 0 and start > LONGEST_TEXT // 2 else 0
        return Sign(id=name, start=start + shift, end=end + shift, words=message.raw[start:end])

    def _make_reader(self, fillers: frozenset[str]) -> Reader:
        rules = self._rules
        grammar = {
            *self._grammar.clause_starts,
            *self._grammar.joins,
            *self._grammar.subjects,
            *self._grammar.restarts,
            *self._grammar.leads,
            *self._grammar.continues,
        }
        plain = Reader(rules.shorthand, fillers, Slips({}, ()))
        foreign = [
            word
            for language in rules.languages.values()
            for phrases in language.says.values()
            for phrase in phrases
            for word in plain.read(phrase).words
        ]
        english = (*self._finder.vocabulary, *self._idioms.vocabulary)
        # A foreign word that begins like an English one would win from it the slips that are English.
        stems = {word[:_SHORTEST_FOREIGN] for word in english}
        weights = Counter(
            word for word in foreign if len(word) >= _SHORTEST_FOREIGN and word[:_SHORTEST_FOREIGN] not in stems
        )
        weights.update(english)
        for word in self._words_of_signs():
            weights[word] += _WEIGHT_OF_A_SIGN
        # A short word of grammar is never what was meant: "thoat" is the throat, not "that".
        meant = {
            word: weight
            for word, weight in weights.items()
            if word not in grammar or len(word) > _LONGEST_GRAMMAR
        }
        real = {*rules.real_words.split(), *fillers, *rules.shorthand, *grammar, *weights, *foreign}
        return Reader(rules.shorthand, fillers, Slips(meant, real))

    def _words_of_signs(self) -> Iterator[str]:
        """Every word a sign or a list names: what a misspelt word most likely was."""
        for written in (written for sign in self._rules.signs.values() for written in sign.wordings):
            for part in wording(written).parts:
                yield from (word for item in part for row in item.rows for word in row)
        yield from self._finder.listed

    def _make_foreign(self) -> Finder:
        finder = Finder({}, frozenset())
        self._denials: dict[str, frozenset[str]] = {}
        for language, foreign in self._rules.languages.items():
            self._denials[language] = frozenset(
                word for denial in foreign.denials for word in self._reader.read(denial).words
            )
            for name, phrases in foreign.says.items():
                for phrase in phrases:
                    finder.add(f"{language}.{name}", " ".join(self._reader.read(phrase).words))
        return finder


def _stands(judge: Judge, match: Match, nature: Nature) -> bool:
    if nature == "circumstance":
        return not judge.is_denied(match)
    if nature == "plea":
        return judge.is_meant(match)
    return judge.is_happening(match, even_if=nature == "grave", named=nature == "name")


def _applies(verdict: Verdict, found: frozenset[str]) -> bool:
    return (
        found.issuperset(verdict.all)
        and (not verdict.any or not found.isdisjoint(verdict.any))
        and (not verdict.with_ or not found.isdisjoint(verdict.with_))
        and found.isdisjoint(verdict.without)
    )


def _measures(reading: Reading, match: Match, words: tuple[str, ...], sentences: tuple[int, ...]) -> bool:
    """Whether a number close to the words that name it lies beyond the limits."""
    for place in (*range(match.start, min(match.end + 5, len(words))), *range(max(0, match.start - 3), match.start)):
        if sentences[place] != sentences[match.start] or not _NUMBER.fullmatch(words[place]):
            continue
        value = float(words[place].replace(",", "."))
        if not reading.sane_from <= value <= reading.sane_to:
            continue
        return (reading.at_least is None or value >= reading.at_least) and (
            reading.below is None or value < reading.below
        )
    return False
