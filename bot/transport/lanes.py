"""
In which order are updates handled: one chat's in order, different chats side by side, each update once.

May not know what an update says.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.transport.parts import Parts

log = logging.getLogger("bot.transport")


class Turn:
    """
    One update being handled.

    `rank` says who may overtake whom when sending is throttled: 0 goes first. `step_aside` lets the chat's next update
    begin while this one waits for Telegram; it is then no longer what holds the chat up. `waited` is how long the
    update lay in its lane, in seconds, and `parts` what its answer consists of.
    """

    __slots__ = ("_on_aside", "aside", "held", "lane", "number", "parts", "rank", "waited")

    def __init__(
        self, number: int, waited: float = 0.0, parts: Parts | None = None, lane: _Lane | None = None,
        on_aside: Callable[[], None] | None = None,
    ) -> None:
        self.number = number
        self.rank = 2
        self.aside = False
        self.held = False
        self.waited = waited
        self.parts = parts
        self.lane = lane
        self._on_aside = on_aside

    def step_aside(self) -> None:
        """Let the next update of the same chat begin."""
        if not self.aside:
            self.aside = True
            if self._on_aside is not None:
                self._on_aside()

    def hold(self) -> None:
        """Telegram lets nothing through to this chat now: step aside, and count as one of those that wait for it."""
        if not self.held and self.lane is not None:
            self.held = True
            self.lane.held += 1
        self.step_aside()

    def over(self) -> None:
        """This update is done with."""
        if self.held and self.lane is not None:
            self.held = False
            self.lane.held -= 1
        self.step_aside()

    @property
    def held_before(self) -> int:
        """How many answers to earlier updates of the chat Telegram does not let through yet."""
        return self.lane.held - self.held if self.lane is not None else 0

    @property
    def behind(self) -> int:
        """How many updates of the same chat wait behind this one."""
        return len(self.lane.waiting) if self.lane is not None else 0


_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


def current_turn() -> Turn | None:
    """The turn of the update being handled, or None outside of one."""
    return _TURN.get()


class Seen:
    """The marks of updates already answered, the newest `most` of them."""

    def __init__(self, earlier: Iterable[int] = (), most: int = 5_000) -> None:
        self._most = most
        self._marks: OrderedDict[int, None] = OrderedDict.fromkeys(earlier)

    def __contains__(self, mark: int) -> bool:
        return mark in self._marks

    def add(self, mark: int) -> None:
        """Remember an answered update."""
        self._marks[mark] = None
        if len(self._marks) > self._most:
            self._marks.popitem(last=False)


@dataclass
class _Lane:
    key: Hashable
    waiting: deque[tuple[Any, Callable[[], None], Parts | None, float]] = field(default_factory=deque)
    busy: bool = False
    queued: bool = False
    held: int = 0


class Lanes:
    """Hands updates to `handle`: a lane a chat, at most `at_once` lanes moving, nothing kept of an empty lane."""

    def __init__(self, handle: Callable[[Any], Awaitable[None]], at_once: int = 64) -> None:
        self._handle = handle
        self._at_once = at_once
        self._lanes: dict[Hashable, _Lane] = {}
        self._ready: deque[_Lane] = deque()
        self._moving = 0
        self._beginning = False
        self._count = 0
        self._tasks: dict[asyncio.Task[None], Turn] = {}

    def put(self, key: Hashable, update: Any, done: Callable[[], None], parts: Parts | None = None) -> None:
        """Queue an update behind those of the same chat; `done` is called when it has been handled."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key)
        lane.waiting.append((update, done, parts, asyncio.get_running_loop().time()))
        self._offer(lane)
        self._move()

    def _offer(self, lane: _Lane) -> None:
        if not lane.busy and not lane.queued and lane.waiting:
            lane.queued = True
            self._ready.append(lane)

    def _move(self) -> None:
        """
        Begin one update in each round of the loop.

        Were all begun at once, what Telegram says meanwhile would lie unread until the last of them had been thought
        about: sent, and not known to be sent.
        """
        if not self._beginning and self._ready and self._moving < self._at_once:
            self._beginning = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._beginning = False
        if not self._ready or self._moving >= self._at_once:
            return
        lane = self._ready.popleft()
        lane.queued = False
        if not lane.waiting:  # cleared at the end of the run
            self._move()
            return
        lane.busy = True
        self._moving += 1
        update, done, parts, since = lane.waiting.popleft()
        self._count += 1
        waited = asyncio.get_running_loop().time() - since
        turn = Turn(self._count, waited, parts, lane, partial(self._free, lane))
        task = asyncio.create_task(self._run(turn, update, done))
        self._tasks[task] = turn
        task.add_done_callback(self._over)
        self._move()

    async def _run(self, turn: Turn, update: Any, done: Callable[[], None]) -> None:
        _TURN.set(turn)
        try:
            await self._handle(update)
        except asyncio.CancelledError:
            raise  # not answered: Telegram delivers it again at the next start
        except Exception as error:  # whatever goes wrong with one update must not stop the others
            log.exception("an update could not be handled: %s", type(error).__name__)
            done()
        else:
            done()

    def _over(self, task: asyncio.Task[None]) -> None:
        turn = self._tasks.pop(task)
        turn.over()
        if turn.lane is not None:
            self._keep_no_empty(turn.lane)

    def _free(self, lane: _Lane) -> None:
        lane.busy = False
        self._moving -= 1
        self._offer(lane)
        self._keep_no_empty(lane)
        self._move()

    def _keep_no_empty(self, lane: _Lane) -> None:
        if not lane.waiting and not lane.busy and not lane.held and self._lanes.get(lane.key) is lane:
            del self._lanes[lane.key]

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being handled or waits to be."""
        return not self._tasks and not self._lanes

    async def drain(self, seconds: float) -> bool:
        """Wait until everything is handled, at most so long; what is left then is cancelled."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self.is_idle:
            rest = deadline - asyncio.get_running_loop().time()
            if rest <= 0:
                break
            if self._tasks:
                await asyncio.wait(list(self._tasks), timeout=rest, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)
        if self.is_idle:
            return True
        for lane in self._lanes.values():
            lane.waiting.clear()
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return False
