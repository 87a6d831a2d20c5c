"""
What did the files of a knowledge folder state when they were last read?

May not know what it means. Plain values as JSON, which runs nothing when it is read, with the digest of the files in
front. They are held against the models at every start as if they had just been read; only the reading is saved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from bot.strictyaml import READER

_FORM = f"ivig-knowledge-1, {READER}"
# JSON has no dates and no exact decimals: {"\0": "d2026-11-24"}, {"\0": "n0.4"}.
_MARK = "\0"


class Kept(Protocol):
    """Where it is kept: by the digest of the files, for one version of the program. It may lose anything."""

    def read(self, digest: str) -> bytes | None:
        """What was written last, whole, or nothing."""

    def write(self, digest: str, body: bytes) -> None:
        """Keep it, if that is possible."""


def packed(digest: str, contents: Mapping[str, Any]) -> bytes | None:
    """The plain contents of files by their names, as bytes that know what they were read from; None where they do not fit."""
    try:
        _check(contents)
        whole = {"form": _FORM, "digest": digest, "contents": contents}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), default=_marked).encode()
    except (TypeError, ValueError):  # a key that looks like our mark, or half a letter
        return None


def unpacked(digest: str, body: bytes | None) -> dict[str, Any] | None:
    """The contents, or None when these bytes are not ours or were made from other files."""
    if body is None:
        return None
    try:
        whole = json.loads(body, object_hook=_unmarked)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if not isinstance(whole, dict) or whole.get("form") != _FORM or whole.get("digest") != digest:
        return None
    contents = whole.get("contents")
    return contents if isinstance(contents, dict) else None


def _check(value: Any) -> None:
    if isinstance(value, dict):
        if _MARK in value:
            raise ValueError(_MARK)
        for inner in value.values():
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)


def _marked(value: Any) -> dict[str, str]:
    if isinstance(value, date):
        return {_MARK: f"d{value.isoformat()}"}
    if isinstance(value, Decimal):
        return {_MARK: f"n{value}"}
    raise TypeError(type(value).__name__)


def _unmarked(found: dict[str, Any]) -> Any:
    if _MARK not in found:
        return found
    text = found[_MARK]
    if not isinstance(text, str):
        raise ValueError(_MARK)  # noqa: TRY004 -- refused like any other damage
    return date.fromisoformat(text[1:]) if text[:1] == "d" else Decimal(text[1:])
