"""
Fit anew how sure is sure enough: `.venv/bin/python -m tests.fit_bands` prints the numbers of bot/matching/bands.py.

Logistic regression by Newton's method over the test questions, as they are and with one and two typing errors, and over
messages outside scope, which count four times. tests/out_of_scope.yaml takes no part; what its messages would get is
printed beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.assembly import Assembly
from bot.evaluation import read_cases, with_typos
from bot.matching import Matcher
from bot.matching.bands import measures
from bot.text import clean

TESTS = Path(__file__).resolve().parent
_KEPT_APART = "out_of_scope"
_WEIGHT_OUTSIDE = 4.0
_ROUNDS = 100
_WRONG_PERCENT = (2.0, 3.0, 4.0)


@dataclass(frozen=True)
class Row:
    """What is measured of one message, and whether its best topic serves it."""

    group: str
    measures: tuple[float, ...]
    is_right: bool
    is_kept_out: bool


def row(matcher: Matcher, group: str, text: str, served: Sequence[str]) -> Row:
    scores = matcher.scores(matcher.normal(clean(text).text))
    order = np.argsort(-scores.classes, kind="stable")
    topics = [column for column in order if matcher.is_topic[column]][:2]
    outside = next(column for column in order if not matcher.is_topic[column])
    first, second, apart = (float(scores.classes[column]) for column in (*topics, outside))
    best = matcher.classes[topics[0]]
    return Row(
        group,
        measures(first, second, apart, scores.closest, len(scores.normal.split())),
        best in served,
        apart > first or bool(matcher.foreign(scores.normal, best)),
    )


def fitted(rows: Sequence[Row]) -> NDArray[np.float64]:
    measured = np.array([(1.0, *one.measures) for one in rows])
    is_right = np.array([float(one.is_right) for one in rows])
    weight = np.array([1.0 if "question" in one.group else _WEIGHT_OUTSIDE for one in rows])
    found = np.zeros(measured.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-measured @ found))
        slope = measured.T @ (weight * (is_right - likely)) - 1e-2 * found
        curve = (measured * (weight * likely * (1 - likely))[:, None]).T @ measured + 1e-2 * np.eye(len(found))
        found += np.linalg.solve(curve, slope)
    return found


def main() -> None:
    """Print the numbers, and what each threshold would mean."""
    matcher = Assembly().conversation.matcher
    paths = [TESTS / name for name in ("questions", "out_of_scope.yaml", "scope_messages.yaml")]
    questions, outside, _ = read_cases(paths)
    rows = [row(matcher, one.group, one.text, (one.means or "", *one.also)) for one in (*questions, *outside)]
    for count in (1, 2):
        for number, one in enumerate(questions):
            if one.group == "questions":
                text = with_typos(one.text, count, 1000 * count + number)
                rows.append(row(matcher, f"questions, {count} wrong", text, (one.means or "", *one.also)))
    learned = fitted([one for one in rows if _KEPT_APART not in one.group])
    print("strength:", " ".join(f"{number:+.2f}" for number in learned))

    def sure(group: str) -> NDArray[np.float64]:
        chosen = [one for one in rows if one.group == group]
        strength = np.array([(1.0, *one.measures) for one in chosen]) @ learned
        return np.where([one.is_kept_out for one in chosen], 0.0, 1 / (1 + np.exp(-strength)))

    right = np.array([one.is_right for one in rows if one.group == "questions"])
    surest = sure("questions")
    for percent in _WRONG_PERCENT:
        threshold = next(at for at in np.arange(0.3, 1, 0.005) if 100 * np.mean(~right & (surest >= at)) <= percent)
        share = 100 * np.mean(right & (surest >= threshold))
        print(f"answer from {threshold:.3f}: right {share:.1f} %, wrong {percent} %")
        for group in dict.fromkeys(one.group for one in rows if "far" in one.group or "near" in one.group):
            print(f"    {group}: {int((sure(group) >= threshold).sum())} of {len(sure(group))}")


if __name__ == "__main__":
    main()
