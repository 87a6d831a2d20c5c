"""
How do updates come in by long polling, so that none is confirmed before it was answered.

May not know what an update says; an update that cannot be read is skipped after three tries, unseen and unlogged.

Telegram takes a request for updates from number n on as the confirmation of everything below n. So n is the oldest
update not yet answered: what is being answered comes again with every request and is passed over, and whatever a
crash interrupts is simply delivered again at the next start. One request brings a hundred updates and no more, so one
chat that Telegram does not let us answer for minutes would keep everybody else unheard: its updates are then confirmed
early, and written down is that this chat is owed an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from telegram import Bot, Update
from telegram.error import NetworkError

from bot.telemetry import Figures, Health
from bot.transport.lanes import Lanes, Seen
from bot.transport.parts import PartRecord, Parts
from bot.transport.requests import Requests

log = logging.getLogger("bot.transport")

MOST_AT_ONCE = 100
TRIES_TO_READ = 3
SETTLED_SECONDS = 5.0
CONFLICTS_OF_A_NEWCOMER = 4
CONFLICTS = 5
CONFLICT_FORGOTTEN_SECONDS = 90.0
FIRST_GRACE = 0.02
LONGEST_GRACE = 0.25
SLOW_SECONDS = 5.0
ROOM = 60
CONFIRM_SECONDS = 0.8


class Ending(Enum):
    """Why fetching ended."""

    ASKED = "asked"
    REFUSED = "refused"
    CONFLICT = "conflict"


class Record(PartRecord, Protocol):
    """Where the numbers of answered updates, and who is owed an answer, outlive the process."""

    def mark_answered(self, mark: int) -> None:
        """Remember that the update of this mark was answered."""

    def owe(self, chat_id: int, message_id: int) -> None:
        """Remember that this chat waits for an answer to a message that Telegram will not deliver again."""

    def paid(self, chat_id: int) -> None:
        """The chat waits no longer."""


def mark_of(raw: dict[str, Any]) -> tuple[int, bool]:
    """
    A number that is the same whenever the same update is delivered, and tells nothing of what it says.

    The update's number alone would do, but for a server that begins to count anew. The second value says whether the
    mark is worth keeping on disk: what has no date, as an inline query, is too old after a restart anyway.
    """
    kind = next((name for name in Update.ALL_TYPES if name in raw), "")
    body = raw.get(kind)
    body = body if isinstance(body, dict) else {}
    pressed = body.get("message")
    dates = [body.get("date"), body.get("edit_date"), pressed.get("date") if isinstance(pressed, dict) else None]
    parts = ":".join(str(part) for part in (raw.get("update_id"), kind, body.get("message_id"), body.get("id"), *dates))
    mark = int.from_bytes(hashlib.blake2b(parts.encode(), digest_size=8).digest(), "big", signed=True)
    return mark, any(date is not None for date in dates)


@dataclass
class _Open:
    """An update being answered: since when, its mark, the message (chat and number) it is, and who waits for it."""

    since: float
    mark: tuple[int, bool]
    message: tuple[int, int] | None
    waiting: list[Callable[[], None]] = field(default_factory=list)


class Inbox:
    """Reads raw updates, hands them to their lanes once, and knows which are still open."""

    def __init__(
        self, bot: Bot, lanes: Lanes, seen: Seen, record: Record, figures: Figures,
        unread: Callable[[dict[str, Any]], None] | None = None,
        begun: Mapping[int, Sequence[tuple[str, int]]] | None = None,
    ) -> None:
        """`begun` holds, by mark, what an earlier process had sent of answers that it did not finish."""
        self._bot = bot
        self._lanes = lanes
        self._seen = seen
        self._record = record
        self._figures = figures
        self._unread = unread
        self._begun = dict(begun or {})
        self._owed: dict[int, tuple[int, int]] = {}
        self.open: dict[int, _Open] = {}
        self._unreadable: dict[int, tuple[str, int]] = {}
        self.changed = asyncio.Event()

    def take(self, raw: Any, done: Callable[[], None] | None = None) -> bool:
        """
        Take one update in; True where it is new. `done` is called when it has been answered.

        Raises Unreadable where it cannot be read and should be asked for again.
        """
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(update_id, int):
            self._figures.skipped.inc()
            if done:
                done()
            return False
        if update_id in self.open:
            if done:
                self.open[update_id].waiting.append(done)
            return False
        mark = mark_of(raw)
        if mark[0] in self._seen:
            if done:
                done()
            return False
        update = self._read(raw, update_id, mark)
        if update is None:
            if done:
                done()
            return False
        now = asyncio.get_running_loop().time()
        self.open[update_id] = _Open(now, mark, message_of(update), [done] if done else [])
        self._figures.waiting.set(len(self.open))
        parts = Parts(mark[0], self._record, self._begun.pop(mark[0], ())) if mark[1] else None
        self._lanes.put(lane_of(update), update, lambda: self._answered(update_id, mark), parts)
        return True

    def _read(self, raw: dict[str, Any], update_id: int, mark: tuple[int, bool]) -> Update | None:
        try:
            update = Update.de_json(raw, self._bot)
        except Exception as error:  # whatever the parser stumbles over must not stop the bot
            kind = type(error).__name__
            before, tries = self._unreadable.get(update_id, (kind, 0))
            tries = tries + 1 if before == kind else 1
            self._unreadable[update_id] = (kind, tries)
            if len(self._unreadable) > 1000:
                self._unreadable.pop(next(iter(self._unreadable)))
            if tries < TRIES_TO_READ:
                raise Unreadable(update_id) from None
            del self._unreadable[update_id]
            what = next((name for name in Update.ALL_TYPES if name in raw), "unknown")
            log.error("skipped an update that cannot be read: kind=%s error=%s", what, kind)  # noqa: TRY400
            self._figures.skipped.inc()
            if self._unread:
                self._unread(raw)
            self._finish(mark)
            return None
        self._unreadable.pop(update_id, None)
        return update

    @property
    def unreadable(self) -> set[int]:
        """The numbers of updates to be tried again."""
        return set(self._unreadable)

    def _answered(self, update_id: int, mark: tuple[int, bool]) -> None:
        entry = self.open.pop(update_id, None)
        self._figures.waiting.set(len(self.open))
        self._finish(mark)
        owed = self._owed.pop(update_id, None)
        if owed is not None and all(other[0] != owed[0] for other in self._owed.values()):
            self._record.paid(owed[0])
        for done in entry.waiting if entry else ():
            done()
        self.changed.set()

    def _finish(self, mark: tuple[int, bool]) -> None:
        number, is_lasting = mark
        self._seen.add(number)
        if is_lasting:
            self._record.mark_answered(number)

    def let_go(self, update_id: int) -> None:
        """
        Stop holding the confirmation back for an update. It is still answered, in this process.

        Should that process be killed first, the next one tells the chat that it was not.
        """
        entry = self.open.pop(update_id, None)
        if entry is None:
            return
        self._seen.add(entry.mark[0])
        if entry.message is not None:
            self._owed[update_id] = entry.message
            self._record.owe(*entry.message)


class Unreadable(Exception):  # noqa: N818 -- a message to the caller: ask for it again
    """An update that could not be read this time."""


def lane_of(update: Update) -> Hashable:
    """What an update must stay in order with: its chat, else its person, else nothing."""
    chat = update.effective_chat
    if chat is not None:
        return chat.id
    person = update.effective_user
    return person.id if person is not None else f"update {update.update_id}"


def message_of(update: Update) -> tuple[int, int] | None:
    """The chat and number of a message somebody wrote to us; a button or a card query is too old after a restart."""
    message = update.message or update.edited_message
    return (message.chat.id, message.message_id) if message is not None else None


class Fetcher:
    """The loop that asks Telegram for updates."""

    def __init__(
        self, bot: Bot, requests: Requests, inbox: Inbox, health: Health, allowed: list[str], poll_seconds: int = 30,
        conflict_wait: float = 1.0,
    ) -> None:
        self._url = f"{bot.base_url}/getUpdates"
        self._webhook_url = f"{bot.base_url}/deleteWebhook"
        self._requests = requests
        self._inbox = inbox
        self._health = health
        self._allowed = allowed
        self._poll_seconds = poll_seconds
        self._conflict_wait = conflict_wait
        self._next = 0
        self._began: float | None = None
        self._conflicts = 0
        self._settled = False
        self._last_conflict = 0.0
        self._polled = False
        self._away = 0
        self._grace = FIRST_GRACE

    async def run(self, stop: asyncio.Event) -> Ending:
        """Fetch until asked to stop, or until Telegram refuses the token, or another process fetches too."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                ending = await self._round(stopping)
                if ending is not None:
                    return ending
            return Ending.ASKED
        finally:
            stopping.cancel()

    async def _round(self, stopping: asyncio.Task[Any]) -> Ending | None:
        answer = await self._ask(stopping)
        if answer is None:
            return None
        status, body = answer
        if status == 200 and isinstance(body.get("result"), list):
            self._came_back()
            new = self._deliver(body["result"])
            await self._rest(new, stopping)
            self._make_room(body["result"])
            return None
        if status in (401, 404):
            return Ending.REFUSED
        if status == 409:
            if not self._polled and "webhook" in str(body.get("description", "")).lower():
                # Left from an earlier run. One that is set later was set by another process: a conflict like others.
                await self._take_webhook_down(stopping)
                return None
            return await self._conflict(stopping)
        wait = float((body.get("parameters") or {}).get("retry_after", 1)) if status == 429 else 1.0
        await self._pause(min(wait, 60.0), stopping)
        return None

    async def _ask(self, stopping: asyncio.Task[Any]) -> tuple[int, dict[str, Any]] | None:
        """One request, given up at once when asked to stop: what it would have brought stays unconfirmed."""
        waiting = bool(self._inbox.open or self._inbox.unreadable)
        seconds = 0 if waiting else self._poll_seconds
        parameters: dict[str, Any] = {
            "offset": self._offset(), "limit": MOST_AT_ONCE, "timeout": seconds, "allowed_updates": self._allowed,
        }
        if self._began is None:
            self._began = asyncio.get_running_loop().time()
        asking = asyncio.create_task(self._requests.call(self._url, parameters, seconds + 10.0))
        await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return None
        try:
            return asking.result()
        except NetworkError:
            await self._lost(stopping)
            return None

    def _offset(self) -> int:
        unanswered = [*self._inbox.open, *self._inbox.unreadable]
        return min(unanswered, default=self._next)

    def _deliver(self, updates: list[Any]) -> bool:
        new = False
        for raw in updates:
            try:
                new = self._inbox.take(raw) or new
            except Unreadable:
                continue
            finally:
                update_id = raw.get("update_id") if isinstance(raw, dict) else None
                if isinstance(update_id, int):
                    self._next = max(self._next, update_id + 1)
        return new

    async def _rest(self, new: bool, stopping: asyncio.Task[Any]) -> None:
        """Give what was fetched a moment to be answered, so that the next request confirms it."""
        self._grace = FIRST_GRACE if new else min(2 * self._grace, LONGEST_GRACE)
        if not self._inbox.open:
            if self._inbox.unreadable:
                await self._pause(0.1, stopping)
            return
        deadline = asyncio.get_running_loop().time() + self._grace
        while self._inbox.open:
            rest = deadline - asyncio.get_running_loop().time()
            if rest <= 0:
                break
            self._inbox.changed.clear()
            try:
                async with asyncio.timeout(rest):
                    await self._inbox.changed.wait()
            except TimeoutError:
                break

    def _make_room(self, updates: list[Any]) -> None:
        """
        When the oldest unanswered update keeps most of what a request can bring to what is known already, let it go.

        It is one alone that does so: every update behind it comes again with it, answered or not.
        """
        found = [raw.get("update_id") for raw in updates if isinstance(raw, dict)]
        numbers = [number for number in found if isinstance(number, int)]
        now = asyncio.get_running_loop().time()
        for update_id, entry in sorted(self._inbox.open.items()):
            if sum(number >= update_id for number in numbers) < ROOM or now - entry.since <= SLOW_SECONDS:
                return
            self._inbox.let_go(update_id)

    async def _take_webhook_down(self, stopping: asyncio.Task[Any]) -> None:
        with contextlib.suppress(NetworkError):
            status, _ = await self._requests.call(self._webhook_url, {}, 10.0)
            if status == 200:
                return
        await self._pause(1.0, stopping)

    async def _conflict(self, stopping: asyncio.Task[Any]) -> Ending | None:
        now = asyncio.get_running_loop().time()
        if self._conflicts == 0 or now - self._last_conflict > CONFLICT_FORGOTTEN_SECONDS:
            self._conflicts = 0
            self._settled = self._began is not None and now - self._began > SETTLED_SECONDS
        self._conflicts += 1
        self._last_conflict = now
        # The one that came later leaves first, so that the one that was at work stays.
        if self._conflicts >= (CONFLICTS if self._settled else CONFLICTS_OF_A_NEWCOMER):
            return Ending.CONFLICT
        log.warning("another process fetches this bot's updates (%d times in a row)", self._conflicts)
        await self._pause(self._conflict_wait, stopping)
        return None

    async def _lost(self, stopping: asyncio.Task[Any]) -> None:
        self._away += 1
        wait = min(0.3 * 1.6**self._away, 2.0 if self._away < 30 else 5.0)
        if self._away in (2, 10) or self._away % 60 == 0:
            log.warning("Telegram cannot be reached; trying again every few seconds")
        await self._pause(wait, stopping)

    def _came_back(self) -> None:
        if self._away >= 2:
            log.warning("Telegram is reached again")
        self._away = 0
        self._polled = True
        self._health.heard()
        now = asyncio.get_running_loop().time()
        if self._conflicts and now - self._last_conflict > CONFLICT_FORGOTTEN_SECONDS:
            self._conflicts = 0

    async def _pause(self, seconds: float, stopping: asyncio.Task[Any]) -> None:
        await asyncio.wait((stopping,), timeout=seconds)

    async def confirm(self) -> None:
        """Tell Telegram what was answered, as the last thing; what is open stays unconfirmed."""
        if not self._next:
            return
        try:
            await self._requests.call(
                self._url,
                {"offset": self._offset(), "limit": 1, "timeout": 0, "allowed_updates": self._allowed},
                CONFIRM_SECONDS,
            )
        except NetworkError:
            log.warning("could not confirm the last updates; they are known and will not be answered twice")
