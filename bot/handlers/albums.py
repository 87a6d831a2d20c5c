"""
Which albums were answered already: several pictures sent as one get one answer, by their words where they have any.

May not know what was said.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from telegram import Message

from bot.transport import current_turn

WAIT_SECONDS = 0.8
REMEMBERED = 500


class Albums:
    """Remembers the last albums, and whether it was their words that were answered."""

    def __init__(self) -> None:
        self._answered: OrderedDict[tuple[int, str], bool] = OrderedDict()

    def take_words(self, message: Message) -> bool:
        """Whether these words are the first of their album (or stand in none); from now on they were answered."""
        name = _name(message)
        if name is None:
            return True
        before = self._answered.get(name, False)
        self._keep(name, True)
        return not before

    async def take_wordless(self, message: Message) -> bool:
        """
        Whether a picture without words is to be answered: not where its album was, or will be, by other words.

        The words may stand under another picture of the same album, so an album waits a moment.
        """
        name = _name(message)
        if name is None:
            return True
        turn = current_turn()
        if turn is not None:
            turn.step_aside()
        await asyncio.sleep(WAIT_SECONDS)
        if name in self._answered:
            return False
        self._keep(name, False)
        return True

    def _keep(self, name: tuple[int, str], by_words: bool) -> None:
        self._answered[name] = by_words
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)


def _name(message: Message) -> tuple[int, str] | None:
    album = message.media_group_id
    return (message.chat.id, album) if album is not None else None
