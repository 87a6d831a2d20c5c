"""
Fit triage's second opinion anew: `.venv/bin/python -m tests.fit_second_opinion` writes knowledge/second_opinion.yaml.

Learns from the open cases (never from those set aside), the examples beside this file and the phrases of the topics.
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy.linalg import cho_factor, cho_solve

from bot.assembly import Assembly
from bot.model import Level
from bot.triage import CaseFile, Triage
from bot.triage.opinion import Fitted, FittedLevel, logistic

TESTS = Path(__file__).resolve().parent
KNOWLEDGE = TESTS.parent / "knowledge"
# Chosen on messages that took no part; see tests/triage/README.md. In fivefold cross-validation a row alone, without
# what is bent, raised 18 of 100 messages that are no emergency for 89 of 100 emergencies; this raises 11 for 93.
THRESHOLDS = {Level.EMERGENCY: 0.42, Level.URGENT: 0.5, Level.CALL_TEAM: 0.9}
_FOLDS = 5
# The time to fit grows with the cube of all. Of the phrases, those count that a first form, fitted without them, takes
# for urgent, and beside them one in so many, so that the ordinary keeps its weight.
_PHRASES_ONE_IN = 6
_MISTAKEN = 1_300
_PARTS = 4
RIDGE = 1.0
# With 32 in place of 128, the same recall cost half as many false alarms again.
DIRECTIONS = 128
_PENALTY_OF_CUES = 1.0
_FEWEST_OF_A_PATHWAY = 8


@dataclass(frozen=True)
class Told:
    """A message, its level and pathway; not `is_exact` where all that is known is that it is no emergency."""

    text: str
    level: Level
    pathway: str | None
    is_exact: bool = True
    is_phrase: bool = False


def messages(by_rules: Callable[[str], Level]) -> list[Told]:
    """Every message to learn from, once; the cases say more than the examples, and these more than the phrases."""
    found: list[Told] = []
    for path in sorted((TESTS / "triage").glob("*.yaml")):
        for case in CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).cases():
            if not case.set_aside:
                found.append(Told(case.text, case.level, case.pathway))
    for level, pathways in yaml.safe_load((TESTS / "second_opinion_examples.yaml").read_text("utf-8")).items():
        for pathway, texts in pathways.items():
            found += [Told(text, Level(level), pathway, pathway != "any") for text in texts]
    for path in sorted(KNOWLEDGE.glob("topics/*/*.yaml")):
        phrases = yaml.safe_load(path.read_text(encoding="utf-8"))["phrases"]
        found += [
            Told(text, Level.NONE, None, is_phrase=True)
            for text in phrases
            if by_rules(text) < Level.URGENT
        ]
    scope = yaml.safe_load((KNOWLEDGE / "scope.yaml").read_text(encoding="utf-8"))
    for text in (str(phrase) for one in scope["classes"] if one["id"] != "help" for phrase in one["phrases"]):
        if by_rules(text) < Level.URGENT:
            found.append(Told(text, Level.NONE, None, is_phrase=True))
    return list({told.text: told for told in reversed(found)}.values())[::-1]


def fitted() -> Fitted:
    """What is learned from all messages there are."""
    whole = Assembly().conversation
    rules = Triage(whole.knowledge.triage_rules, whole.knowledge.numbers)
    told = messages(lambda text: rules.assess(text).level)
    vectors = [np.stack(whole.matcher.vectors(one.text)) for one in told]
    worth = worth_learning(told, vectors)
    told, vectors = [told[place] for place in worth], [vectors[place] for place in worth]
    cues = [rules.cues(one.text) for one in told]
    texts = whole.knowledge.triage_rules.pathways
    levels = []
    for level, above in THRESHOLDS.items():
        # What is known only not to be an emergency says nothing of the levels below.
        used = [number for number, one in enumerate(told) if one.is_exact or level is Level.EMERGENCY]
        shown = [one.pathway if one.level is level else None for one in told]
        names = {name for name in shown if name and shown.count(name) >= _FEWEST_OF_A_PATHWAY}
        known = tuple(sorted(name for name in names if name in texts and texts[name].at(level)))
        form, of_cues = learned(
            [vectors[number] for number in used],
            [cues[number] for number in used],
            np.array([told[number].level >= level for number in used]),
            np.array([not told[number].is_phrase for number in used]),
        )
        rows = form.rows()
        for name in known:
            place = np.mean([vectors[number][0] for number in used if shown[number] == name], axis=0)
            rows.append(np.append(place / np.linalg.norm(place), 0.0))
        numbers = base64.b64encode(np.stack(rows).astype("<f2").tobytes()).decode()
        levels.append(FittedLevel(
                level=level, above=above, cues=of_cues, directions=DIRECTIONS, pathways=known, numbers=numbers
            ))
    return Fitted(width=vectors[0].shape[1], levels=tuple(levels))


def worth_learning(told: Sequence[Told], vectors: Sequence[np.ndarray]) -> list[int]:
    """
    The places of every message that somebody told, and of the phrases that teach something.

    Two forms, each fitted on another quarter of the phrases, look at those they have not seen.
    """
    own = [place for place, one in enumerate(told) if not one.is_phrase]
    phrases = [place for place, one in enumerate(told) if one.is_phrase]
    chosen = set(phrases[::_PHRASES_ONE_IN])
    for level in (Level.EMERGENCY, Level.URGENT):
        strengths = np.full(len(phrases), -np.inf)
        for part in (0, 2):
            used = own + phrases[part::_PARTS]
            wholes = np.stack([vectors[place][0] for place in used])
            form = form_of(wholes, np.array([told[place].level >= level for place in used]))
            for number, place in enumerate(phrases):
                if number % _PARTS != part:
                    strengths[number] = max(strengths[number], form.of(vectors[place]).max())
        chosen.update(phrases[number] for number in np.argsort(-strengths, kind="stable")[:_MISTAKEN])
    return sorted({*own, *chosen})


@dataclass(frozen=True)
class Form:
    """How strongly a vector x of length 1 speaks for a level: x . bent . x + row . x + constant."""

    bent: np.ndarray
    row: np.ndarray
    constant: float

    def of(self, vectors: np.ndarray) -> np.ndarray:
        return ((vectors @ self.bent) * vectors).sum(1) + vectors @ self.row + self.constant

    def times(self, factor: float, more: float) -> Form:
        return Form(self.bent * factor, self.row * factor, self.constant * factor + more)

    def rows(self) -> list[np.ndarray]:
        """The row, then the strongest directions of what is bent, each with its number behind it."""
        values, along = np.linalg.eigh((self.bent + self.bent.T) / 2)
        strongest = np.argsort(-np.abs(values), kind="stable")[:DIRECTIONS]
        return [
            np.append(self.row, self.constant),
            *(np.append(along[:, place], values[place]) for place in strongest),
        ]


def form_of(vectors: np.ndarray, is_so: np.ndarray) -> Form:
    """
    The form that tells vectors that are so from the rest: kernel ridge regression, both sides weighing the same.

    The likeness of two is 1 + cosine + cosine squared, which makes what is learned a form of the second degree.
    """
    share = np.where(is_so, 0.5 / is_so.sum(), 0.5 / (~is_so).sum()) * len(vectors)
    cosine = (vectors @ vectors.T).astype(np.float32)
    likeness = 1 + cosine + np.square(cosine)
    likeness[np.diag_indices_from(likeness)] += (RIDGE / share).astype(np.float32)
    halves = cho_factor(likeness, overwrite_a=True, check_finite=False)
    found = cho_solve(halves, np.where(is_so, 1.0, -1.0).astype(np.float32)).astype(np.float64)
    return Form((vectors * found[:, None]).T @ vectors, found @ vectors, float(found.sum()))


def learned(
    vectors: Sequence[np.ndarray], cues: Sequence[frozenset[str]], is_so: np.ndarray, is_told: np.ndarray
) -> tuple[Form, dict[str, float]]:
    """
    The form that tells messages of a level, and what each cue adds.

    The cues are weighed against how strong a message is by a form that has not seen it, since the form knows by heart
    those that it learned from; phrases of topics, which nobody tells of themselves, take no part in that.
    """
    wholes = np.stack([one[0] for one in vectors])
    fold = np.arange(len(wholes)) % _FOLDS
    unseen = np.zeros(len(wholes))
    for number in range(_FOLDS):
        form = form_of(wholes[fold != number], is_so[fold != number])
        for place in np.flatnonzero((fold == number) & is_told):
            unseen[place] = form.of(vectors[place]).max()
    names = sorted(set().union(*cues))
    measured = np.array(
        [[unseen[place], *(float(name in cues[place]) for name in names)] for place in np.flatnonzero(is_told)]
    )
    weighed = logistic(measured, is_so[is_told], _PENALTY_OF_CUES)
    form = form_of(wholes, is_so).times(weighed[0], weighed[-1])
    return form, {name: round(float(weight), 2) for name, weight in zip(names, weighed[1:-1], strict=True)}


def main() -> None:
    """Write it into its file."""
    learned = fitted()
    lines = [
        "# yaml-language-server: $schema=schema/second_opinion.json",
        "# Fitted by tests/fit_second_opinion.py from written messages; not to be edited by hand.",
        f"width: {learned.width}",
        "levels:",
    ]
    for one in learned.levels:
        lines += [
            f"  - level: {one.level.value}",
            f"    above: {one.above}",
            "    cues:",
            *(f"      {name}: {weight}" for name, weight in one.cues.items()),
            f"    directions: {one.directions}",
            f"    pathways: [{', '.join(one.pathways)}]",
            "    numbers: >-",
            *(f"      {line}" for line in textwrap.wrap(one.numbers, 110)),
        ]
    (KNOWLEDGE / "second_opinion.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
