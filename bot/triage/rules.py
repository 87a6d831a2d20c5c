"""
What stands in the two triage files, and does it hold together?

May not know how a message is read, nor where the files come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.model import Identifier, Level, Noun, Text
from bot.triage.notation import NotationError, entry, wording
from bot.triage.opinion import Fitted

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$|^other$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 ]{1,14}$")]
Nature = Literal["symptom", "name", "circumstance", "plea", "grave"]
Wordings = tuple[Text, ...]


class SignRule(Noun):
    """
    One warning sign and the everyday ways to say it.

    A `symptom` counts wherever it is said to be there; a `name` ("stroke") is a word people also use to ask, so its
    wordings already say that it is happening; a `circumstance` decides together with others and is no sign alone.
    A `plea` (of a crisis) counts however it is put, as a question, an "if" or a joke, unless denied or long past;
    a `grave` word counts also in an "if", but not in a question about risk.
    """

    what: Text
    nature: Nature = "symptom"
    wordings: Annotated[Wordings, Field(min_length=1)]


class Reading(Noun):
    """A measured value that is a sign: the words that name it, the limits, the sign it stands for."""

    sign: Identifier
    named: Annotated[Wordings, Field(min_length=1)]
    at_least: float | None = None
    below: float | None = None
    sane_from: float
    sane_to: float


class Verdict(Noun):
    """Which signs together mean which level: every one of `all`, one of `any`, one of `with`, none of `without`."""

    level: Level
    pathway: Identifier
    all: tuple[Identifier, ...] = ()
    any: tuple[Identifier, ...] = ()
    with_: tuple[Identifier, ...] = Field(default=(), alias="with")
    without: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.all or self.any):
            raise ValueError("a verdict needs `all` or `any`")
        return self


class Pathway(Noun):
    """What is said for one condition, a text for each level it can have. `{call}` is the instruction to call."""

    what: Text
    emergency: Text | None = None
    urgent: Text | None = None
    call_team: Text | None = None

    def at(self, level: Level) -> str | None:
        """The text for this level."""
        found: str | None = {
            Level.EMERGENCY: self.emergency,
            Level.URGENT: self.urgent,
            Level.CALL_TEAM: self.call_team,
        }.get(level)
        return found


class Standing(Noun):
    """
    The words by which a sign is denied, asked about, imagined or put in the past.

    Wordings: `deny` reaches forward in its clause, `deny_listing` also over a list with commas, `deny_after` stands
    behind the sign, `not_a_denial` holds a denying word that denies nothing here. `happening` makes a report of
    anything in its clause, `reported` of what follows it, `owned` weakly so. `asked_cause`, `asked_before`,
    `asked_after`, `sourced`, `imagined` and `past` take a sign out of what is happening; `whether` is an "if" that
    imagines nothing; `fiction` (a film, a song, a form that asks) and `animal` say that the rest of the sentence
    happens to nobody here, unless a person comes in; `here_now` ("now I have it") brings what was asked about into
    the present; `again` and `present` say that what is told as past is back, or of now. The plain words at the end
    say where clauses begin.
    """

    deny: Wordings
    deny_listing: Wordings
    deny_after: Wordings
    not_a_denial: Wordings
    happening: Wordings
    reported: Wordings
    owned: Wordings
    asked_cause: Wordings
    asked_before: Wordings
    asked_after: Wordings
    sourced: Wordings
    imagined: Wordings
    whether: Wordings
    fiction: Wordings
    animal: Wordings
    past: Wordings
    here_now: Wordings
    again: Wordings
    present: Wordings
    clause_starts: tuple[Text, ...]
    joins: tuple[Text, ...]
    subjects: tuple[Text, ...]
    restarts: tuple[Text, ...]
    leads_into_subject: tuple[Text, ...]
    continues: tuple[Text, ...]

    def wordings(self) -> dict[str, Wordings]:
        """The groups that are wordings, by name."""
        plain = {"clause_starts", "joins", "subjects", "restarts", "leads_into_subject", "continues"}
        return {name: getattr(self, name) for name in type(self).model_fields if name not in plain}


class ForeignRule(Noun):
    """The commonest emergency words of one language, and the notice in that language (`{line}`: the number to call)."""

    name: Text
    line: Text
    line_unknown: Text
    notice: Text
    denials: tuple[Text, ...] = ()
    says: Mapping[Identifier, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)


class CallTexts(Noun):
    """The instruction to call, with and without a known country."""

    known: Text
    unknown: Text
    crisis_call_and_text: Text
    crisis_call: Text
    crisis_country_only: Text
    crisis_unknown: Text


class TriageWords(Noun):
    """The whole of `knowledge/triage_words.yaml`: the words that messages and rules are read with."""

    shorthand: Mapping[str, Text]
    fillers: tuple[Text, ...]
    real_words: Text
    lists: Mapping[Identifier, Annotated[Wordings, Field(min_length=1)]]
    idioms: Wordings


class TriageSigns(Noun):
    """The whole of `knowledge/triage_signs.yaml`."""

    signs: Mapping[Identifier, SignRule]


class TriageAnswers(Noun):
    """The whole of `knowledge/triage.yaml`: what the signs of a message come to, and what is said then."""

    checked: date
    clinician: Text | None = None
    call: CallTexts
    readings: tuple[Reading, ...] = ()
    standing: Standing
    verdicts: Annotated[tuple[Verdict, ...], Field(min_length=1)]
    pathways: Mapping[Identifier, Pathway]
    languages: Mapping[LanguageCode, ForeignRule]


class TriageRules(TriageAnswers, TriageSigns, TriageWords):
    """All rules of triage, from their several files."""

    second_opinion: Fitted | None = None

    @classmethod
    def of(cls, answers: TriageAnswers, signs: TriageSigns, words: TriageWords, opinion: Fitted | None) -> Self:
        """The files together; raises ValueError with every fault that lies between them."""
        given = {name: getattr(part, name) for part in (answers, signs, words) for name in type(part).model_fields}
        return cls(**given, second_opinion=opinion)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        faults = [*self._faults_of_wordings(), *self._faults_of_verdicts()]
        if self.second_opinion:
            faults += self._faults_of_opinion(self.second_opinion)
        if "other" not in self.languages:
            faults.append("languages: `other` is missing, the notice for every language without its own")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def all_wordings(self) -> dict[str, Wordings]:
        """Every group of wordings by the name of its place in the file."""
        groups: dict[str, Wordings] = {f"signs.{name}": sign.wordings for name, sign in self.signs.items()}
        groups["idioms"] = self.idioms
        for index, reading in enumerate(self.readings):
            groups[f"readings.{index}"] = reading.named
        for name, wordings in self.standing.wordings().items():
            groups[f"standing.{name}"] = wordings
        return groups

    def _faults_of_wordings(self) -> list[str]:
        faults = []
        for name, entries in self.lists.items():
            for written in entries:
                try:
                    entry(written)
                except NotationError as error:
                    faults.append(f"lists.{name}: {error}")
        for place, wordings in self.all_wordings().items():
            for written in wordings:
                try:
                    read = wording(written)
                except NotationError as error:
                    faults.append(f"{place}: {error}")
                    continue
                faults += [
                    f"{place}: {written!r} names no list {name!r}"
                    for part in read.parts
                    for item in part
                    for name in item.lists
                    if name not in self.lists
                ]
        return faults

    def _faults_of_opinion(self, fitted: Fitted) -> list[str]:
        faults = []
        for one in fitted.levels:
            try:
                one.rows(fitted.width)
            except ValueError:
                faults.append(f"second_opinion: {one.level.value}: the numbers do not fit width and pathways")
            for name in one.pathways:
                if name not in self.pathways or not self.pathways[name].at(one.level):
                    faults.append(f"second_opinion: no text for {name!r} at {one.level.value}")
        return faults

    def _faults_of_verdicts(self) -> list[str]:
        known = set(self.signs)
        faults = [f"readings: no sign {reading.sign!r}" for reading in self.readings if reading.sign not in known]
        for language, foreign in self.languages.items():
            faults += [f"languages.{language}: no sign {sign!r}" for sign in foreign.says if sign not in known]
        for number, verdict in enumerate(self.verdicts, 1):
            named = {*verdict.all, *verdict.any, *verdict.with_, *verdict.without}
            faults += [f"verdicts[{number}]: no sign {sign!r}" for sign in sorted(named - known)]
            pathway = self.pathways.get(verdict.pathway)
            if pathway is None or not pathway.at(verdict.level):
                faults.append(f"verdicts[{number}]: no text for {verdict.pathway!r} at {verdict.level.value}")
        return faults


class Checked(Noun):
    """Where a number was read, and when."""

    source: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    checked: date


class CrisisLine(Checked):
    """A line for people in a crisis: who to call, who to text, in words that fit after "call"."""

    name: Text
    call: Number
    text: Number | None = None


class Country(Checked):
    """The emergency number of one country, the crisis line where it was verified."""

    name: Text
    emergency: Number
    crisis: CrisisLine | None = None


class EmergencyNumbers(Noun):
    """The whole of `knowledge/emergency_numbers.yaml`. What could not be verified is not in it."""

    checked: date
    finder: Checked
    countries: Mapping[CountryCode, Country]
