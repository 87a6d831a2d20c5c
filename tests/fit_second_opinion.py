"""
Fit triage's second opinion anew: `.venv/bin/python -m tests.fit_second_opinion` writes knowledge/second_opinion.yaml.

Learns from the open cases (never from those set aside), the examples beside this file and the phrases of the topics.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.assembly import Assembly
from bot.model import Level
from bot.triage import CaseFile, Triage
from bot.triage.opinion import Fitted, FittedLevel, fit_level

TESTS = Path(__file__).resolve().parent
KNOWLEDGE = TESTS.parent / "knowledge"
# Chosen on messages that took no part; see tests/triage/README.md.
THRESHOLDS = {Level.EMERGENCY: (0.5, 0.75), Level.URGENT: (0.8, 0.88), Level.CALL_TEAM: (0.9, 0.95)}
_FEWEST_OF_A_PATHWAY = 8
# Most phrases of a topic are harmless and much alike: of each topic every third says enough.
_PHRASES_STEP = 3


@dataclass(frozen=True)
class Told:
    """A message, its level and pathway; not `is_exact` where all that is known is that it is no emergency."""

    text: str
    level: Level
    pathway: str | None
    is_exact: bool = True


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
        found += [Told(text, Level.NONE, None) for text in phrases[::_PHRASES_STEP] if by_rules(text) < Level.URGENT]
    scope = yaml.safe_load((KNOWLEDGE / "scope.yaml").read_text(encoding="utf-8"))
    for text in (str(phrase) for one in scope["classes"] if one["id"] != "help" for phrase in one["phrases"]):
        if by_rules(text) < Level.URGENT:
            found.append(Told(text, Level.NONE, None))
    return list({told.text: told for told in reversed(found)}.values())[::-1]


def fitted() -> Fitted:
    """What is learned from them."""
    whole = Assembly().conversation
    rules = Triage(whole.knowledge.triage_rules, whole.knowledge.numbers)
    told = messages(lambda text: rules.assess(text).level)
    vectors = np.stack([whole.matcher.vectors(one.text)[0] for one in told])
    levels = []
    for level, (above, above_if_unclear) in THRESHOLDS.items():
        # What is known only not to be an emergency says nothing of the levels below.
        used = [number for number, one in enumerate(told) if one.is_exact or level is Level.EMERGENCY]
        shown = [one.pathway if one.level is level else None for one in told]
        names = {name for name in shown if name and shown.count(name) >= _FEWEST_OF_A_PATHWAY}
        texts = whole.knowledge.triage_rules.pathways
        known = sorted(name for name in names if name in texts and texts[name].at(level))
        blank = FittedLevel(
            level=level, above=above, above_if_unclear=above_if_unclear, pathways=tuple(known), numbers="A"
        )
        is_of_level = [told[number].level >= level for number in used]
        levels.append(fit_level(vectors[used], is_of_level, [shown[number] for number in used], blank))
    return Fitted(width=vectors.shape[1], levels=tuple(levels))


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
            f"    above_if_unclear: {one.above_if_unclear}",
            f"    pathways: [{', '.join(one.pathways)}]",
            "    numbers: >-",
            *(f"      {line}" for line in textwrap.wrap(one.numbers, 110)),
        ]
    (KNOWLEDGE / "second_opinion.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
