"""
How one call reaches Telegram: over aiohttp, again after what passes, never after what will not.

May not know what is sent. The address holds the token, so no address and no exception's words are ever logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.request import getproxies

import aiohttp
from telegram._utils.defaultvalue import DEFAULT_NONE
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telemetry import Figures
from bot.transport.lanes import current_turn
from bot.transport.parts import SENDING
from bot.transport.sending import SendingGate

log = logging.getLogger("bot.transport")

UNREACHABLE_SECONDS = 86_400.0  # nothing left this machine: try on, for as long as Telegram would keep the question
SERVER_FAULT_SECONDS = 60.0     # Telegram said 5xx: nothing was done
UNCERTAIN_WAITS = (0.0, 0.5, 2.0, 8.0)  # the answer was lost: it may have been done, so few tries
RETURNS = 3                     # so often a call waits for Telegram's return; each may cost one more copy
ASKING_SECONDS = 2.0            # between two questions whether Telegram is back
LONGEST_ASKING_SECONDS = 10.0
EXPIRING_SECONDS = 8.0          # a button or an inline query waits no longer than this
LONGEST_FLOOD_WAIT = 900.0
_EXPIRING = ("answerCallbackQuery", "answerInlineQuery", "answerGuestQuery", "sendChatAction")


class _Failure(Exception):  # noqa: N818 -- a reason to try again, not shown to anybody
    def __init__(self, certain: bool, status: int = 0, timed_out: bool = False) -> None:
        super().__init__()
        self.certain = certain
        self.status = status
        self.timed_out = timed_out


class Requests(BaseRequest):
    """python-telegram-bot's transport over aiohttp."""

    def __init__(self, gate: SendingGate, figures: Figures, connections: int = 256) -> None:
        self._gate = gate
        self._figures = figures
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._known: dict[str, bytes] = {}
        self._returning: asyncio.Task[None] | None = None
        self.refused = asyncio.Event()

    def know(self, method: str, body: JSONDict) -> None:
        """What Telegram has just said to this method; the next call of it needs no other."""
        self._known[method] = json.dumps(body).encode()

    @property
    def read_timeout(self) -> float:
        """Seconds a call may take by default."""
        return 15.0

    async def initialize(self) -> None:
        """Open the pool of connections."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=55, ttl_dns_cache=60),
                auto_decompress=True,
                # With this, aiohttp goes to a thread and back twice a call, even where no proxy is named.
                trust_env=bool(getproxies()),
            )

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """As the base class, without writing the payload into the log."""
        try:
            parsed = json.loads(payload)
        except (ValueError, RecursionError):
            raise TelegramError("Invalid server response") from None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = DEFAULT_NONE,
        write_timeout: ODVInput[float] = DEFAULT_NONE,
        connect_timeout: ODVInput[float] = DEFAULT_NONE,
        pool_timeout: ODVInput[float] = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call with its repetitions; returns the status and body that stand in the end."""
        name = url.rsplit("/", 1)[-1]
        known = self._known.pop(name, None)
        if known is not None:
            return 200, known
        chat = request_data.parameters.get("chat_id") if request_data is not None else None
        turn = current_turn()
        parts = turn.parts if turn is not None and name in SENDING else None
        if parts is not None and (earlier := parts.passed_over(name, chat)) is not None:
            return 200, earlier
        seconds = read_timeout if isinstance(read_timeout, (int, float)) else self.read_timeout
        if request_data is not None and request_data.contains_files:
            seconds = max(seconds, 60.0)
        clock = asyncio.get_running_loop().time
        began = clock()
        uncertain = 0
        returns = 0
        pause = 0.2
        patience = EXPIRING_SECONDS if name in _EXPIRING else UNREACHABLE_SECONDS
        while True:
            try:
                status, body = await self._once(url, method, request_data, seconds, chat)
            except _Failure as failure:
                self._figures.errors.labels(str(failure.status or "network")).inc()
                spent = clock() - began
                if failure.certain:
                    wait = pause
                    pause = min(pause * 2, 5.0)
                    goes_on = spent + wait <= (SERVER_FAULT_SECONDS if failure.status else patience)
                else:
                    goes_on = uncertain < len(UNCERTAIN_WAITS)
                    wait = UNCERTAIN_WAITS[uncertain] if goes_on else 0.0
                    uncertain += 1
                if spent + wait > patience:
                    raise self._given_up(failure) from None
                if goes_on:
                    await asyncio.sleep(wait)
                elif name in _EXPIRING or returns == RETURNS or not await self._is_back(url, patience - spent):
                    # Telegram can be reached and still this call fails: it is the call, not the network.
                    raise self._given_up(failure) from None
                else:
                    returns += 1
                continue
            if status == 401:
                self.refused.set()
            if status == 429:
                self._figures.errors.labels("429").inc()
                wait = self._retry_after(body)
                if clock() - began + wait > min(LONGEST_FLOOD_WAIT, patience if name in _EXPIRING else 1e9):
                    return status, body
                if chat is None:
                    await asyncio.sleep(wait)
                else:
                    self._gate.close(chat, wait)
                continue
            if status >= 400:
                self._figures.errors.labels(str(status)).inc()
            elif parts is not None:
                parts.taken(name, body)  # before anything else is done: from here on it is never sent again
            return status, body

    async def _is_back(self, url: str, seconds: float) -> bool:
        """
        Wait until Telegram answers a question that changes nothing; False where it does not for so many seconds.

        A connection that is reset, or a page of somebody else's on the way, looks as if the call might have been done.
        To repeat it all through an outage could mean many copies; to give it up, an unanswered question.
        """
        if self._returning is None or self._returning.done():
            self._returning = asyncio.create_task(self._asking(url.rsplit("/", 1)[0] + "/getMe"))
        done, _ = await asyncio.wait((self._returning,), timeout=seconds)
        return bool(done) and not self._returning.cancelled()

    async def _asking(self, url: str) -> None:
        wait = ASKING_SECONDS
        while True:
            try:
                await self.post_bytes(url, "POST", None, None, 10.0)
            except _Failure:
                await asyncio.sleep(wait)
                wait = min(wait * 1.3, LONGEST_ASKING_SECONDS)
            else:
                return

    async def _once(
        self, url: str, method: str, data: RequestData | None, seconds: float, chat: object
    ) -> tuple[int, bytes]:
        if chat is None:
            return await self._post(url, method, data, seconds)
        await self._gate.enter(chat)
        try:
            return await self._post(url, method, data, seconds)
        finally:
            self._gate.leave(chat)

    async def _post(self, url: str, method: str, data: RequestData | None, seconds: float) -> tuple[int, bytes]:
        body: bytes | aiohttp.FormData | None = None
        headers = None
        if data is not None and data.contains_files:
            body = aiohttp.FormData(data.json_parameters)
            for part, (filename, content, kind) in data.multipart_data.items():
                body.add_field(part, content, filename=filename, content_type=kind)
        elif data is not None:
            body, headers = data.json_payload, {"Content-Type": "application/json"}
        return await self.post_bytes(url, method, body, headers, seconds)

    async def post_bytes(
        self, url: str, method: str, body: bytes | aiohttp.FormData | None, headers: dict[str, str] | None,
        seconds: float,
    ) -> tuple[int, bytes]:
        """One attempt; a _Failure says whether it is certain that nothing was done."""
        if self._session is None:
            await self.initialize()
        assert self._session is not None
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=10),
            ) as response:
                answer = await response.read()
                status = response.status
        except aiohttp.ClientConnectorError:
            raise _Failure(certain=True) from None
        except TimeoutError as error:
            connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
            raise _Failure(certain=connecting, timed_out=True) from None
        except (aiohttp.ClientError, OSError):
            raise _Failure(certain=False) from None
        if status >= 500:
            raise _Failure(certain=True, status=status)
        if status == 200 and not (answer.startswith(b"{") and answer.rstrip().endswith(b"}")):
            raise _Failure(certain=False)
        return status, answer

    async def call(self, url: str, parameters: dict[str, Any], seconds: float) -> tuple[int, JSONDict]:
        """
        One attempt at a method, for the fetch loop, which has its own patience.

        Raises NetworkError where nothing usable came back.
        """
        try:
            status, body = await self.post_bytes(
                url, "POST", json.dumps(parameters).encode(), {"Content-Type": "application/json"}, seconds
            )
            return status, self.parse_json_payload(body)
        except _Failure as failure:
            raise self._given_up(failure) from None
        except TelegramError:
            raise NetworkError("unreadable answer") from None

    @staticmethod
    def _given_up(failure: _Failure) -> NetworkError:
        if failure.timed_out:
            return TimedOut("no answer in time")
        return NetworkError(f"status {failure.status}" if failure.status else "not reached")

    def _retry_after(self, body: bytes) -> float:
        try:
            wait = self.parse_json_payload(body).get("parameters", {}).get("retry_after", 1)
            return max(0.1, float(wait))
        except (TelegramError, AttributeError, TypeError, ValueError):
            return 1.0
