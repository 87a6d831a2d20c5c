"""
Which computed arrays may be taken over from an earlier start?

May not know files. Plain arrays with a digest in front; anything damaged, or made for other phrases, is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_MARK = b"ivig-matching-5\n"
_DIGEST_BYTES = 32
_ALIGNED_BYTES = 64


class Halfway(Protocol):
    """Where what has been computed so far is laid down, for a start that does not come to its end."""

    def read(self, key: str) -> bytes | None:
        """What was laid down under this key, or None."""

    def write(self, key: str, body: bytes) -> None:
        """Lay it down; where that is not possible, go on without."""


def packed(key: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as bytes that know what they were made for."""
    named = {name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}
    table = [[name, one.dtype.str, list(one.shape)] for name, one in named.items()]
    content: list[bytes | memoryview] = [json.dumps({"key": key, "arrays": table}).encode() + b"\n"]
    place = len(_MARK) + _DIGEST_BYTES + len(content[0])
    for one in named.values():
        padding = bytes(-place % _ALIGNED_BYTES)
        content += [padding, one.data.cast("B") if one.size else b""]
        place += len(padding) + one.nbytes
    total = hashlib.sha256()
    for piece in content:
        total.update(piece)
    # Joined once: this is half of what the program holds in memory.
    return b"".join([_MARK, total.digest(), *content])


def unpacked(key: str, cache: bytes | None) -> dict[str, NDArray[Any]] | None:
    """
    The arrays, or None when these bytes are not whole or were made for something else.

    They are views of these bytes, not copies, and cannot be written to.
    """
    if not cache or not cache.startswith(_MARK):
        return None
    start = len(_MARK) + _DIGEST_BYTES
    if hashlib.sha256(memoryview(cache)[start:]).digest() != cache[len(_MARK) : start]:
        return None
    end = cache.index(b"\n", start) + 1
    table = json.loads(cache[start:end])
    if table["key"] != key:
        return None
    found: dict[str, NDArray[Any]] = {}
    for name, kind, shape in table["arrays"]:
        end += -end % _ALIGNED_BYTES
        one = np.frombuffer(cache, dtype=kind, count=int(np.prod(shape, dtype=np.int64)), offset=end).reshape(shape)
        found[name] = one
        end += one.nbytes
    return found
