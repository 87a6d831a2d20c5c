"""
Which messages of an answer did Telegram take, so that none of them is sent again after a crash.

May not know what a message says: kept are the mark of the update, the method, and the number Telegram gave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Protocol

SENDING = frozenset(("sendMessage", "sendPhoto", "sendDocument"))
_MESSAGE_ID = re.compile(rb'"message_id"\s*:\s*(\d{1,18})')


class PartRecord(Protocol):
    """Where the parts of answers outlive the process."""

    def mark_sent(self, mark: int, method: str, message_id: int) -> None:
        """Remember that Telegram took this message of the answer to the update of this mark."""


class Parts:
    """
    The messages of the answer to one update, in order.

    A process that is killed between two of them answers the update again at the next start. `earlier` are those that
    Telegram is known to have taken by then, each with its method and its number: they are passed over.
    """

    __slots__ = ("_earlier", "_mark", "_record")

    def __init__(self, mark: int, record: PartRecord, earlier: Iterable[tuple[str, int]] = ()) -> None:
        self._mark = mark
        self._record = record
        self._earlier = list(earlier)

    def passed_over(self, method: str, chat: object) -> bytes | None:
        """What Telegram answered before the crash, as far as anybody needs it; None where this is to be sent."""
        if not self._earlier:
            return None
        if self._earlier[0][0] != method:  # the answer is another one now, which what was sent is no part of
            self._earlier.clear()
            return None
        _, message_id = self._earlier.pop(0)
        kind = "private" if isinstance(chat, int) and chat > 0 else "supergroup"
        result = {"message_id": message_id, "date": 1, "chat": {"id": chat, "type": kind}}
        return json.dumps({"ok": True, "result": result}).encode()

    def taken(self, method: str, answer: bytes) -> None:
        """Telegram took this message."""
        found = _MESSAGE_ID.search(answer)
        self._record.mark_sent(self._mark, method, int(found[1]) if found else 0)
