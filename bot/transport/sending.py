"""
Who may send when Telegram says "too many requests".

May not know what is sent. While nothing is throttled, nobody waits here. A chat that was refused is closed for as
long as Telegram asks; what is for it waits in order of urgency, then of arrival. When several chats are refused at
once it is the bot as a whole that is too fast: then everything passes one by one, the most urgent first.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.transport.lanes import current_turn

WIDE_CHATS = 3
WIDE_SECONDS = 2.0
PACED_SECONDS = 20.0
PACE_SECONDS = 1 / 25


@dataclass(order=True)
class _Waiter:
    rank: int
    number: int
    place: int
    chat: object = field(compare=False)
    go: asyncio.Future[None] = field(compare=False)


class SendingGate:
    """Lets requests pass, holds those of throttled chats back, and puts emergencies first."""

    def __init__(self) -> None:
        self._closed: dict[object, float] = {}
        self._sending: set[object] = set()
        self._waiting: list[_Waiter] = []
        self._refused: list[tuple[float, object]] = []
        self._paced_until = 0.0
        self._next_at = 0.0
        self._place = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many requests are held back."""
        return len(self._waiting)

    async def enter(self, chat: object) -> None:
        """Wait for leave to send to this chat; `leave` must follow."""
        if not self._closed and not self._waiting and self._paced_until == 0.0:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._paced_until:
            self._paced_until = 0.0
        if chat not in self._closed and self._paced_until == 0.0:
            return
        turn = current_turn()
        self._place += 1
        waiter = _Waiter(
            turn.rank if turn else 2, turn.number if turn else 0, self._place, chat, loop.create_future()
        )
        self._waiting.append(waiter)
        self._plan(0.0)
        if turn is not None:
            turn.hold()
        try:
            await waiter.go
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                self.leave(chat)
            raise

    def leave(self, chat: object) -> None:
        """The request is over; whoever is next may go."""
        if chat in self._sending:
            self._sending.discard(chat)
            # Not at once: the same update may have a second message, which goes before another update's.
            self._plan(0.0)

    def close(self, chat: object, seconds: float) -> None:
        """Telegram refused this chat: nothing is sent to it for so long."""
        now = asyncio.get_running_loop().time()
        self._closed[chat] = now + seconds
        self._refused = [(when, who) for when, who in self._refused if now - when < WIDE_SECONDS and who != chat]
        self._refused.append((now, chat))
        if len(self._refused) >= WIDE_CHATS:
            self._paced_until = now + max(PACED_SECONDS, seconds)
            self._next_at = now + seconds
        self._plan(seconds)

    def _plan(self, delay: float) -> None:
        loop = asyncio.get_running_loop()
        when = loop.time() + delay
        if self._timer is not None and not self._timer.cancelled() and self._timer.when() <= when:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(when, self._pass_on)

    def _pass_on(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._timer = None
        paced = now < self._paced_until
        if not paced:
            self._paced_until = 0.0
        self._waiting.sort()
        for waiter in list(self._waiting):
            if paced and now < self._next_at:
                break
            if waiter.chat in self._sending or now < self._closed.get(waiter.chat, 0.0):
                continue
            self._waiting.remove(waiter)
            if waiter.go.done():
                continue
            self._sending.add(waiter.chat)
            waiter.go.set_result(None)
            if paced:
                self._next_at = now + PACE_SECONDS
        wanted = {waiter.chat for waiter in self._waiting}
        for chat, opens in list(self._closed.items()):
            if now >= opens and chat not in wanted and chat not in self._sending:
                del self._closed[chat]
        times = [opens for opens in self._closed.values() if opens > now]
        if self._waiting and paced:
            times.append(max(self._next_at, now + 0.001))
        if times:
            self._plan(max(0.0, min(times) - now))
