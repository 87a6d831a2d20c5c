"""
How do updates come in by webhook: Telegram hears 200 only after an update was answered.

May not know what an update says.
"""

from __future__ import annotations

import asyncio
import json
import logging

from aiohttp import web

from bot.telemetry import Health, health_routes, same_secret
from bot.transport.fetching import Inbox, Unreadable

log = logging.getLogger("bot.transport")

LARGEST_UPDATE = 1_000_000
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- a header's name
LONGEST_ANSWER_SECONDS = 50.0


class WebhookServer:
    """A small server: the update's address, /healthz and /readyz."""

    def __init__(self, inbox: Inbox, health: Health, secret: str, path: str) -> None:
        self._inbox = inbox
        self._health = health
        self._secret = secret
        self._path = path
        self._runner: web.AppRunner | None = None
        self._closing = False

    async def start(self, listen: str, port: int) -> None:
        """Listen; raises OSError where the port is taken."""
        app = web.Application(client_max_size=LARGEST_UPDATE)
        app.add_routes([web.post(self._path, self._update), *health_routes(self._health)])
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, listen, port).start()

    def close_door(self) -> None:
        """Take nothing new: Telegram is asked to come again."""
        self._closing = True

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _update(self, request: web.Request) -> web.Response:
        if not same_secret(request.headers.get(SECRET_HEADER, ""), self._secret):
            return web.Response(status=403)
        if self._closing:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            raw = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        self._health.heard()
        answered = asyncio.Event()
        try:
            self._inbox.take(raw, answered.set)
        except Unreadable:
            return web.Response(status=500)
        try:
            async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
                await answered.wait()
        except TimeoutError:
            # Telegram comes again and then waits for the same update, which is still being answered.
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response()
