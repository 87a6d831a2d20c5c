"""
Which JSON schema does each kind of file follow, for editors that complete and check while typing.

May not know what stands in the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.dosing.tables import Product
from bot.knowledge.loading import SINGLE_FILES
from bot.model import Source, Topic

# Names a file's name or folder gives are not typed into the file.
_GIVEN = {"id", "chapter"}


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by the name of its file."""
    found = {f"{name.removesuffix('.yaml')}.json": _of(model) for name, model in SINGLE_FILES.items()}
    found["topic.json"] = _of(Topic)
    found["product.json"] = _of(Product)
    source = _of(Source)
    definitions = source.pop("$defs", {})
    found["sources.json"] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sources",
        "type": "object",
        "additionalProperties": source,
        "$defs": definitions,
    }
    found["questions.json"] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Questions",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "means_this": {"type": "array", "items": {"type": "string"}, "minItems": 8},
            "not_this": {
                "type": "array",
                "minItems": 3,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["text", "means"],
                    "properties": {"text": {"type": "string"}, "means": {"type": ["string", "null"]}},
                },
            },
            "also": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["text", "by"],
                    "properties": {
                        "text": {"type": "string"},
                        "by": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    },
                },
            },
        },
        "required": ["means_this", "not_this"],
    }
    return found


def _of(model: type[BaseModel]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="validation"),
    }
    if model in (Topic, Product, Source):
        schema["required"] = [name for name in schema.get("required", []) if name not in _GIVEN]
    return schema


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in sorted(schemas().items()):
        path = folder / name
        path.write_text(as_text(schema), encoding="utf-8")
        written.append(path)
    return written


def as_text(schema: Mapping[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
