"""The bot within the test's own process: real handlers, real Telegram types, calls that reach the emulator at once."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from telegram import Update
from telegram.request import BaseRequest, RequestData

from bot.config import Groups, Settings
from bot.handlers.application import build
from bot.handlers.desk import Desk, Whole
from bot.store import Store
from bot.telemetry import Figures
from tests.telegram_emulator.core import TOKEN, Call, Emulator, Json, Refusal
from tests.telegram_emulator.server import _decoded


class Recording(BaseRequest):
    """Carries calls to the emulator without a network."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    read_timeout = property(lambda _: 5.0)

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        raw = request_data.json_parameters if request_data is not None else {}
        parameters = {name: _decoded(value) for name, value in raw.items()}
        try:
            result = self._emulator.call(url.rsplit("/", 1)[-1], parameters)
        except Refusal as refusal:
            return refusal.code, json.dumps(refusal.body()).encode()
        return 200, json.dumps({"ok": True, "result": result}).encode()


class Inside:
    """`async with Inside(whole) as bot`: hand it what people do, and look at what it sent."""

    def __init__(
        self, whole: Whole, path: Path | None = None, answer_every_seconds: float = 0, **settings: Any
    ) -> None:
        self.emulator = Emulator()
        self.now = datetime.now(UTC)
        groups = Groups(answer_every_seconds=answer_every_seconds)
        self.settings = Settings(groups=groups, **settings)
        self.store = Store(path)
        self.figures = Figures()
        self.desk = Desk(self.settings, whole, self.store, self.figures, clock=lambda: self.now)
        token = SecretStr(TOKEN).get_secret_value()
        self.application = build(self.settings, token, Recording(self.emulator), self.desk)  # type: ignore[arg-type]

    async def __aenter__(self) -> "Inside":
        await self.application.initialize()
        self.desk.username = self.emulator.me["username"]
        self.desk.bot_id = self.emulator.me["id"]
        self.emulator.calls.clear()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.application.shutdown()
        self.store.close()

    def later(self, **span: float) -> None:
        """Turn the clock on."""
        self.now += timedelta(**span)

    async def take(self, update: Json) -> list[Call]:
        """Handle one update; returns the calls it led to."""
        before = len(self.emulator.calls)
        parsed = Update.de_json(update, self.application.bot)
        with self.figures.update():
            await self.application.process_update(parsed)
        return self.emulator.calls[before:]

    async def one(self, update: Json) -> Call:
        """Handle one update that is answered by exactly one message."""
        calls = [call for call in await self.take(update) if call.method.startswith("send")]
        assert len(calls) == 1, [call.method for call in calls]
        assert calls[0].refused is None, calls[0].refused
        return calls[0]
