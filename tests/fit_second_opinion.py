"""
Fit triage's second opinion anew: `.venv/bin/python -m tests.fit_second_opinion` writes it into knowledge/triage.yaml.

Learns from the open cases (never from those set aside), the examples beside this file and the phrases of the topics.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import numpy as np
import yaml

from bot.assembly import Assembly
from bot.model import Level
from bot.text import clean
from bot.triage import CaseFile
from bot.triage.opinion import Fitted, fit

TESTS = Path(__file__).resolve().parent
KNOWLEDGE = TESTS.parent / "knowledge"
SURELY_ABOVE = 0.8
# Too few messages to say where these lie; their emergencies count, under the pathway that asks for the same at once.
_UNDER = {"kidney": "general", "haemolysis": "general", "bleeding": "general", "infusion_error": "general"}
_UNDER |= {"limb_clot": "heart_lung", "meningitis": "general", "sepsis": "general", "severe_relapse": "stroke"}


def examples() -> dict[str, str | None]:
    """Every message to learn from with the pathway of its emergency, None where there is none."""
    found: dict[str, str | None] = {}
    for path in sorted(KNOWLEDGE.glob("topics/*/*.yaml")):
        found.update(dict.fromkeys(yaml.safe_load(path.read_text(encoding="utf-8"))["phrases"]))
    for pathway, messages in yaml.safe_load((TESTS / "second_opinion_examples.yaml").read_text("utf-8")).items():
        found.update(dict.fromkeys(messages, None if pathway == "other" else _UNDER.get(pathway, pathway)))
    for path in sorted((TESTS / "triage").glob("*.yaml")):
        for case in CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).cases():
            if not case.set_aside:
                emergency = case.level is Level.EMERGENCY and case.pathway
                found[case.text] = _UNDER.get(str(case.pathway), case.pathway) if emergency else None
    return found


def fitted() -> Fitted:
    """What is learned from them."""
    matcher = Assembly().conversation.matcher
    told = examples()
    vectors = np.stack([matcher.embed(clean(text).text) for text in told])
    return fit(vectors, list(told.values()), SURELY_ABOVE)


def main() -> None:
    """Write it into the rules, in place of what stood there."""
    learned = fitted()
    path = KNOWLEDGE / "triage.yaml"
    kept = re.sub(r"(?ms)^# Fitted by tests/.*\Z", "", path.read_text(encoding="utf-8")).rstrip()
    lines = textwrap.wrap(learned.numbers, 112)
    block = [
        "# Fitted by tests/fit_second_opinion.py from written messages; not to be edited by hand.",
        "second_opinion:",
        f"  pathways: [{', '.join(learned.pathways)}]",
        f"  width: {learned.width}",
        f"  surely_above: {learned.surely_above}",
        "  numbers: >-",
        *(f"    {line}" for line in lines),
    ]
    path.write_text("\n".join([kept, "", *block, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
