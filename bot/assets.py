"""
Which bytes lie on this machine: the knowledge folder, the sentence model, the cache.

May not know what they mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

_PACKAGE = Path(__file__).resolve().parent
_DIGEST_BYTES = 32


def knowledge_folder() -> Path:
    """Where the knowledge lies: beside the package in a checkout, inside it in an installed wheel."""
    return _first_folder("IVIG_BOT_KNOWLEDGE", _PACKAGE.parent / "knowledge", _PACKAGE / "_knowledge")


def default_config_file() -> Path:
    """The configuration that came with the program."""
    beside = _PACKAGE.parent / "config.yaml"
    return beside if beside.is_file() and (_PACKAGE.parent / "knowledge").is_dir() else _PACKAGE / "_config.yaml"


def _first_folder(variable: str, *candidates: Path) -> Path:
    named = os.environ.get(variable)
    if named:
        return Path(named)
    return next((candidate for candidate in candidates if candidate.is_dir()), candidates[0])


def model_bytes() -> bytes:
    """The sentence model, as onnxruntime takes it."""
    return (_PACKAGE / "models" / "minilm" / "model.int8.onnx").read_bytes()


def tokenizer_text() -> str:
    """The sentence model's tokenizer, as `tokenizers` takes it."""
    return (_PACKAGE / "models" / "minilm" / "tokenizer.json").read_text(encoding="utf-8")


def program_digest() -> str:
    """A digest over the program's own source, so that nothing computed by another version is taken for ours."""
    total = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        total.update(path.relative_to(_PACKAGE).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def scratch() -> AbstractContextManager[IO[bytes] | None]:
    """An open file that vanishes when it is closed, or None where no folder lets us write."""
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError:
        return contextlib.nullcontext()


def cache_folder() -> Path:
    """Where computed things may be kept; everything there can be deleted at any time."""
    named = os.environ.get("IVIG_BOT_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "ivig-bot"
    except RuntimeError:  # no home folder, as for some service users
        return Path(tempfile.gettempdir()) / "ivig-bot-cache"


class Cache:
    """Named byte strings in a folder; a missing, damaged or unreadable one is simply not there."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def read(self, name: str) -> bytes | None:
        """The bytes last written under this name, or None."""
        try:
            with (self.folder / name).open("rb", buffering=0) as file:
                if not _is_ours(os.fstat(file.fileno())):
                    return None
                digest, body = file.read(_DIGEST_BYTES), file.read()
        except OSError:
            return None
        return body if digest == hashlib.sha256(body).digest() else None

    def write(self, name: str, body: bytes) -> bool:
        """Write atomically; False where the disk does not let us, which is no fault of the caller."""
        temporary = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
                temporary = file.name
                file.write(hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.folder / name)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            return False
        return True

    def newest(self, prefix: str) -> str | None:
        """The name of the entry of this prefix that was written last, or None."""
        with contextlib.suppress(OSError):
            return next((path.name for path in self._newest_first(prefix)), None)
        return None

    def keep_newest(self, prefix: str, count: int) -> None:
        """Remove the older entries of this prefix, so that edits do not pile up on disk."""
        with contextlib.suppress(OSError):
            for path in self._newest_first(prefix)[count:]:
                path.unlink(missing_ok=True)

    def _newest_first(self, prefix: str) -> list[Path]:
        return sorted(self.folder.glob(f"{prefix}*"), key=lambda path: path.stat().st_mtime, reverse=True)


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody but us, or root, can have written a file: in a folder for all, anybody may lay one down."""
    if not hasattr(os, "geteuid"):  # Windows keeps its folders apart
        return True
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
