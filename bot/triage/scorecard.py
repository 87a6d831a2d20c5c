"""
How well does triage do on written cases: what was recognised, missed, or raised for nothing?

May not know where the cases lie, nor what is said to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Identifier, Level, Noun, Text
from bot.triage.triage import Assessment, Triage

_NEVER_MISSED = frozenset({"crisis", "anaphylaxis"})


class CaseGroup(Noun):
    """
    Messages that ask for one level for one reason.

    `also` names further pathways that would be right; `misspell` is false where they are not to be misspelt further.
    """

    level: Level
    pathway: Identifier | None = None
    also: tuple[Identifier, ...] = ()
    why: Text
    misspell: bool = True
    messages: tuple[Text, ...]


class CaseFile(Noun):
    """One file of cases; a set aside file is not looked at while the rules are tuned."""

    set_aside: bool
    groups: tuple[CaseGroup, ...]

    def cases(self) -> tuple[TriageCase, ...]:
        """Every message with what is expected of it."""
        return tuple(
            TriageCase(
                text=message,
                level=group.level,
                pathway=group.pathway,
                also=group.also,
                why=group.why,
                misspell=group.misspell,
                set_aside=self.set_aside,
            )
            for group in self.groups
            for message in group.messages
        )


class TriageCase(Noun):
    """One message, the level and pathway it asks for, and why."""

    text: Text
    level: Level
    pathway: Identifier | None = None
    also: tuple[Identifier, ...] = ()
    why: Text
    misspell: bool = True
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What triage made of one case."""

    case: TriageCase
    assessment: Assessment

    @property
    def steps(self) -> int:
        """How many levels too high (positive) or too low (negative)."""
        return self.assessment.level.rank - self.case.level.rank

    @property
    def is_missed_emergency(self) -> bool:
        """Whether an emergency was not answered as one."""
        return self.case.level is Level.EMERGENCY and self.steps < 0

    @property
    def is_false_alarm(self) -> bool:
        """Whether a harmless message was answered with urgency."""
        return self.case.level is Level.NONE and self.assessment.level >= Level.URGENT

    @property
    def has_right_pathway(self) -> bool:
        """Whether the condition named is one of those expected."""
        return self.assessment.pathway in (self.case.pathway, *self.case.also)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The figures of one set of outcomes."""

    outcomes: tuple[Outcome, ...]

    @property
    def emergency_recall(self) -> tuple[int, int]:
        """Emergencies answered as such, and all of them."""
        emergencies = [outcome for outcome in self.outcomes if outcome.case.level is Level.EMERGENCY]
        return sum(not outcome.is_missed_emergency for outcome in emergencies), len(emergencies)

    @property
    def never_missed(self) -> tuple[int, int]:
        """Crisis and anaphylaxis answered as emergencies, and all of them."""
        grave = [
            outcome
            for outcome in self.outcomes
            if outcome.case.pathway in _NEVER_MISSED and outcome.case.level is Level.EMERGENCY
        ]
        return sum(not outcome.is_missed_emergency for outcome in grave), len(grave)

    @property
    def crisis_pathway(self) -> tuple[int, int]:
        """Crises answered with the crisis texts, and all of them."""
        crises = [outcome for outcome in self.outcomes if outcome.case.pathway == "crisis"]
        return sum(outcome.has_right_pathway for outcome in crises), len(crises)

    @property
    def two_steps_too_low(self) -> tuple[Outcome, ...]:
        """The gravest misses."""
        return tuple(outcome for outcome in self.outcomes if outcome.steps <= -2)

    @property
    def false_alarms(self) -> tuple[int, int]:
        """Harmless messages answered with urgency, and all harmless ones."""
        harmless = [outcome for outcome in self.outcomes if outcome.case.level is Level.NONE]
        return sum(outcome.is_false_alarm for outcome in harmless), len(harmless)

    @property
    def right_level(self) -> tuple[int, int]:
        """Messages given exactly the level expected, and all of them."""
        return sum(outcome.steps == 0 for outcome in self.outcomes), len(self.outcomes)

    def lines(self) -> tuple[str, ...]:
        """The figures as lines to print."""
        named = (
            ("emergencies recognised", self.emergency_recall),
            ("of these crisis and anaphylaxis", self.never_missed),
            ("crisis answered as crisis", self.crisis_pathway),
            ("harmless messages that raised an alarm", self.false_alarms),
            ("right level overall", self.right_level),
        )
        return (
            *(f"{name}: {_share(*counts)}" for name, counts in named),
            f"two steps too low: {len(self.two_steps_too_low)}",
        )


def triage_scorecard(triage: Triage, cases: Iterable[TriageCase]) -> dict[str, Scorecard]:
    """The figures for the open cases, and for those set aside, each under its name."""
    outcomes = [Outcome(case, triage.assess(case.text)) for case in cases]
    return {
        "open": Scorecard(tuple(outcome for outcome in outcomes if not outcome.case.set_aside)),
        "set aside": Scorecard(tuple(outcome for outcome in outcomes if outcome.case.set_aside)),
    }


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"
