"""What many tests share: one assembly of the real knowledge base, built once in a process."""

import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

# Before anything imports numpy: pytest runs a process on each core, and more threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from bot.assembly import Assembly
from bot.assets import Cache
from bot.assets import cache_folder as cache_of_this_machine
from bot.conversation import Conversation
from tests.telegram_emulator import Group, Person
from tests.telegram_emulator.inside import Inside

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # One cache for all processes of a run, so that the matcher is fitted once and not once a process.
    return tmp_path_factory.getbasetemp().parent / "ivig-bot-cache"


@pytest.fixture(scope="session")
def assembly(cache_folder: Path) -> Assembly:
    # One process fits the matcher, with both cores to itself; the others wait and find it in the cache.
    with (cache_folder.parent / "ivig-bot-fitting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        # What `make` fitted when it installed is known by its digest: it is the same program and the same knowledge.
        for kept in cache_of_this_machine().glob("matcher-*"):
            if not (cache_folder / kept.name).exists():
                cache_folder.mkdir(exist_ok=True)
                shutil.copy2(kept, cache_folder / kept.name)
        return Assembly(Path(__file__).resolve().parent.parent / "knowledge", Cache(cache_folder))


@pytest.fixture(scope="session")
def conversation(assembly: Assembly) -> Conversation:
    return assembly.conversation


# -- the bot inside this process, with people who write to it ---------------------------------------------------------


@pytest.fixture
async def bot(assembly: Assembly) -> AsyncIterator[Inside]:
    async with Inside(assembly) as inside:
        yield inside
    assert inside.emulator.refusals == []


@pytest.fixture
def group(bot: Inside) -> Group:
    return Group(bot.emulator)


@pytest.fixture
def ana(bot: Inside) -> Person:
    return Person(bot.emulator)


@pytest.fixture
def ben(bot: Inside) -> Person:
    return Person(bot.emulator, "Ben")
