"""
How is an edited knowledge folder taken over while the bot runs.

May not know what the files say. The new base is read and checked beside the old one; it is swapped in whole or refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from bot.handlers.desk import Whole

log = logging.getLogger("bot.handlers")
MOST_NAMED = 20
LOOKING_MILLISECONDS = 5_000


async def watch(
    whole: Whole, folder: Path, stop: asyncio.Event, tell: Callable[[str], Awaitable[None]] | None = None
) -> None:
    """
    Take over every change until told to stop; faults go to the log, and to the admins.

    Besides being told of changes, it looks every few seconds by itself: an edit made while the bot was starting comes
    before there is a watch, and some mounted folders (networks, containers) never tell.
    """
    # Not here, where the first messages would wait for it.
    watchfiles = await asyncio.to_thread(import_module, "watchfiles")
    known = None  # not what stands there now: it may be newer than what was read
    try:
        async for told in watchfiles.awatch(
            folder, stop_event=stop, debounce=800, rust_timeout=LOOKING_MILLISECONDS, yield_on_timeout=True
        ):
            found = await asyncio.to_thread(whole.marks)
            if told or found != known:
                known = found
                await take_over(whole, tell)
    except (OSError, RuntimeError) as error:
        log.warning("the knowledge folder cannot be watched (%s); edits need a restart", type(error).__name__)


async def take_over(whole: Whole, tell: Callable[[str], Awaitable[None]] | None = None) -> bool:
    """Read the folder again; True where nothing was refused."""
    before = whole.conversation
    problems = await asyncio.to_thread(whole.reload)
    if problems:
        log.error("the edited knowledge is refused (%d faults); answering from the old one", len(problems))
        named = [str(problem) for problem in problems[:MOST_NAMED]]
        for problem in named:
            log.error("%s", problem)
        if tell is not None:
            await tell("The edited knowledge is refused; answering from the old one.\n" + "\n".join(named))
        return False
    if whole.conversation is not before:
        log.warning("the edited knowledge is taken over")
    return True
