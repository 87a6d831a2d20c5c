"""
Which bytes do the files of a knowledge folder hold, all read at one time?

May not know what they say. What is computed from these bytes carries their digest, so that no edit in between can make
the two speak of different states of the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.strictyaml import LARGEST_FILE_BYTES, Document, read_bytes, read_file


@dataclass(frozen=True)
class Files:
    """Every YAML file of a folder by its name below it, in a fixed order; None where it cannot be read or is too large."""

    folder: Path
    raw: dict[str, bytes | None]
    digest: str

    @classmethod
    def of(cls, folder: Path) -> Files:
        """Read them; a folder that is not there has none."""
        raw: dict[str, bytes | None] = {}
        total = hashlib.sha256()
        for path in knowledge_files(folder):
            name = path.relative_to(folder).as_posix()
            content = raw[name] = _bytes_of(path)
            if content is None:
                total.update(f"{name}\0not read\0".encode())
            else:
                total.update(f"{name}\0{len(content)}\0".encode())
                total.update(content)
        return cls(folder, raw, total.hexdigest())

    @property
    def is_whole(self) -> bool:
        """Whether every file was read, so that the digest stands for all of them."""
        return None not in self.raw.values()

    def named(self, first: str, depth: int) -> Iterator[str]:
        """The names below a folder, exactly so deep."""
        return (name for name in self.raw if name.startswith(f"{first}/") and name.count("/") == depth)

    def document(self, name: str, shown_as: str) -> Document:
        """What a file states, or the faults that made it unreadable."""
        content = self.raw.get(name)
        # A file that is missing, locked or too large: looked at again, for the words that say what is wrong with it.
        return read_file(self.folder / name, shown_as) if content is None else read_bytes(content, shown_as)


def knowledge_files(folder: Path) -> list[Path]:
    """Every YAML file of a knowledge folder, in a fixed order. What is hidden in it, as editors do, is no part of it."""
    return sorted(_below(folder, ()))


def marks_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size (bytes) and time of change (ns) of every YAML file of a knowledge folder: other after an edit."""
    found = {}
    for path in knowledge_files(folder):
        with contextlib.suppress(OSError):
            state = path.stat()
            found[str(path)] = (state.st_size, state.st_mtime_ns)
    return found


def _below(folder: Path, above: tuple[tuple[int, int], ...]) -> Iterator[Path]:
    """The files of a folder and its folders; a link is followed, but not in a circle."""
    try:
        status = folder.stat()
        entries = list(os.scandir(folder))
    except OSError:
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(folder / entry.name, (*above, here))
        elif entry.name.endswith(".yaml"):
            yield folder / entry.name


def _bytes_of(path: Path) -> bytes | None:
    try:
        with path.open("rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size > LARGEST_FILE_BYTES:
                return None
            return file.read()
    except OSError:
        return None
