"""
What does a chart hold, and how is the same thing said in words for who cannot see it.

May not know how it is drawn, in which chat it is shown, or where its numbers come from.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from bot.dosing.tables import HalfLife
from bot.model import Noun, Picture, PictureKind, Text
from bot.quantities.printing import amount, count, hours, number, rounded

Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
LONGEST_MINUTES = 60 * 24 * 3
DAYS_SHOWN = 180
DAYS_NAMED = (28, 90, 180)
SPREADING_DAYS = 5
NOT_BENEFIT = "Antibody left is not benefit left: no study shows that the effect in MS follows it."


class RateStep(Noun):
    """One rate and how long it runs."""

    rate: Positive
    minutes: Annotated[Decimal, Field(gt=0, le=LONGEST_MINUTES, allow_inf_nan=False)]


class RateChart(Noun):
    """
    How fast an infusion runs, step by step, and when it ends at the earliest.

    `whose` says whose steps these are; `leaves_out` what the time does not count.
    """

    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    unit: Text
    steps: Annotated[tuple[RateStep, ...], Field(min_length=1, max_length=16)]
    whose: Text
    leaves_out: Text

    @model_validator(mode="after")
    def _ends_within_days(self) -> RateChart:
        if self.minutes > LONGEST_MINUTES:
            raise ValueError(f"longer than {LONGEST_MINUTES} minutes in all")
        return self

    @property
    def minutes(self) -> Decimal:
        """The whole time."""
        return sum((step.minutes for step in self.steps), Decimal(0))

    @property
    def text(self) -> str:
        """The chart in words."""
        *early, last = self.steps
        said = [f"{amount(_shown(step.rate), self.unit)} for {hours(step.minutes)}" for step in early]
        said.append(f"{amount(_shown(last.rate), self.unit)} for {'the rest, ' if early else ''}{hours(last.minutes)}")
        return (
            f"{self.title}. {', then '.join(said)}. In all at least {hours(self.minutes)}. "
            f"{self.whose} {self.leaves_out}"
        )

    def picture(self) -> Picture:
        """To be drawn when asked for."""
        return Picture(kind=PictureKind.INFUSION_RATE, values=self.model_dump(), text=self.text)


def _shown(rate: Decimal) -> Decimal:
    """To two decimals; a rate so small that nothing would be left keeps four."""
    return rounded(rate, 2) or rounded(rate, 4) or rate


class WearOffChart(Noun):
    """How much of one infusion's antibody is left over time, as a band between two half-lives."""

    from_days: Annotated[int, Field(ge=1, le=366)]
    to_days: Annotated[int, Field(ge=1, le=366)]
    note: Text

    @classmethod
    def of(cls, half_life: HalfLife) -> WearOffChart:
        """The band as the tables state it."""
        return cls(from_days=half_life.from_days, to_days=half_life.to_days, note=half_life.note)

    def left(self, days: int) -> tuple[float, float]:
        """The least and the most left after so many days, in per cent."""
        least, most = sorted((self.from_days, self.to_days))
        return 100 * 0.5 ** (days / least), 100 * 0.5 ** (days / most)

    def left_text(self, days: int) -> str:
        """The same, printed."""
        least, most = (rounded(Decimal(part), 0 if part >= 1 else 1) for part in self.left(days))
        if least == most:
            return f"about {number(least)}%"
        return f"about {number(least)} to {number(most)}%"

    @property
    def text(self) -> str:
        """The chart in words."""
        said = "; ".join(f"after {count(days, 'day')} {self.left_text(days)}" for days in DAYS_NAMED)
        return (
            f"Antibody left from one infusion, if half is gone after {self.from_days} to {self.to_days} days: {said}. "
            f"In the first days it falls faster, as it spreads into the body. {self.note} {NOT_BENEFIT}"
        )

    def picture(self) -> Picture:
        """To be drawn when asked for."""
        return Picture(kind=PictureKind.WEAR_OFF, values=self.model_dump(), text=self.text)


class TrialRow(Noun):
    """One study of the trials chart, as the evidence page hands it over."""

    name: Text
    year: int
    people: Annotated[int, Field(gt=0)]
    setting: Text
    direction: Annotated[str, StringConstraints(pattern="^(better|no_difference|mixed|unclear)$")]
    design: Text


class TrialsChart(Noun):
    """Every study by setting and by what it found."""

    trials: Annotated[tuple[TrialRow, ...], Field(min_length=1, max_length=80)]


class Poster(Noun):
    """A sheet for a wall: what the bot is, where to find it, and what it is not for."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    address: Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9./?=_-]{4,160}$")]
    lines: Annotated[tuple[Text, ...], Field(max_length=4)] = ()
    footer: Text

    @property
    def text(self) -> str:
        """The poster in words."""
        title = self.title if self.title.endswith((".", "?", "!")) else f"{self.title}."
        return " ".join((title, *self.lines, f"Scan the code or open {self.address}", f"– {self.footer}"))

    def picture(self) -> Picture:
        """To be drawn when asked for."""
        return Picture(kind=PictureKind.POSTER, values=self.model_dump(), text=self.text)
