"""What many tests share: one assembly of the real knowledge base, built once in a process."""

import os
from datetime import UTC, datetime
from pathlib import Path

# Before anything imports numpy: pytest runs a process on each core, and more threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from bot.assembly import Assembly
from bot.assets import Cache
from bot.conversation import Conversation

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # One cache for all processes of a run, so that the matcher is fitted once and not once a process.
    return tmp_path_factory.getbasetemp().parent / "ivig-bot-cache"


@pytest.fixture(scope="session")
def assembly(cache_folder: Path) -> Assembly:
    return Assembly(Path(__file__).resolve().parent.parent / "knowledge", Cache(cache_folder))


@pytest.fixture(scope="session")
def conversation(assembly: Assembly) -> Conversation:
    return assembly.conversation
