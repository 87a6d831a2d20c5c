"""
Is every hazard of the log held by tests that exist?

May not know what the tests do.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from pydantic import Field, StringConstraints

from bot.model import Identifier, Noun, Text

_TESTS = Path(__file__).resolve().parent
_LOG = _TESTS.parent / "knowledge" / "hazards.yaml"


class Hazard(Noun):
    """One way to harm a person, what holds it back, and the tests that prove it."""

    id: Identifier
    hazard: Text
    cause: Text
    effect: Text
    severity: Literal["catastrophic", "critical", "serious", "minor"]
    controls: Annotated[tuple[Text, ...], Field(min_length=1)]
    tests: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^test_\w+\.py::test_\w+$")], ...], Field(min_length=1)
    ]


class HazardLog(Noun):
    """The whole of `knowledge/hazards.yaml`."""

    hazards: tuple[Hazard, ...]


HAZARDS = HazardLog.model_validate(yaml.safe_load(_LOG.read_text(encoding="utf-8"))).hazards


def _tests_of(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


EXISTING = {f"{path.name}::{name}" for path in _TESTS.glob("test_*.py") for name in _tests_of(path)}


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.id)
def test_every_test_a_hazard_names_exists(hazard: Hazard) -> None:
    assert [name for name in hazard.tests if name not in EXISTING] == []


def test_no_hazard_stands_twice() -> None:
    ids = [hazard.id for hazard in HAZARDS]

    assert sorted(set(ids)) == sorted(ids)


def test_the_log_holds_every_hazard_of_the_specification() -> None:
    # Sixty were named before the first line was written; the program that fails was added.
    assert len(HAZARDS) >= 61


def test_a_test_that_does_not_exist_would_be_noticed() -> None:
    assert "test_hazards.py::test_a_test_that_does_not_exist_would_be_noticed" in EXISTING
    assert "test_hazards.py::test_nobody_wrote" not in EXISTING
