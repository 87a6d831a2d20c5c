"""
Which computed arrays may be taken over from an earlier start?

May not know files. Plain arrays with a digest in front; anything damaged, or made for other phrases, is refused.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MARK = b"ivig-matching-3\n"
_DIGEST_BYTES = 32


def packed(key: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as bytes that know what they were made for."""
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    content = key.encode() + b"\n" + body.getvalue()
    return _MARK + hashlib.sha256(content).digest() + content


def unpacked(key: str, cache: bytes | None) -> dict[str, NDArray[Any]] | None:
    """The arrays, or None when these bytes are not whole or were made for something else."""
    if not cache or not cache.startswith(_MARK):
        return None
    start = len(_MARK) + _DIGEST_BYTES
    content = cache[start:]
    if hashlib.sha256(content).digest() != cache[len(_MARK) : start] or not content.startswith(key.encode() + b"\n"):
        return None
    try:
        with np.load(io.BytesIO(content[len(key) + 1 :]), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile):
        return None
