"""The bot as its own process, as an operator starts it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.telegram_emulator.server import Server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


async def until(claim: Callable[[], Any], seconds: float = 15.0, what: str = "") -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what or 'a claim'} in vain"
        await asyncio.sleep(0.02)


class Process:
    """One run after another of `python -m bot run` against one server, with one folder of state."""

    def __init__(self, server: Server, folder: Path, cache: Path, **environment: str) -> None:
        self.server = server
        self.folder = folder
        self.log = folder / "log"
        self.store = folder / "settings.sqlite3"
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TELEGRAM_", "IVIG_BOT_"))
            },
            "TELEGRAM_BOT_TOKEN": server.emulator.token,
            "TELEGRAM_BASE_URL": server.url,
            "IVIG_BOT_CACHE": str(cache),
            "IVIG_BOT_STORE__PATH": str(self.store),
            "IVIG_BOT_LOGS__LEVEL": "debug",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        self._running: asyncio.subprocess.Process | None = None

    async def start(self, wait: bool = True, **environment: str) -> "Process":
        """Start it, and wait until it asks for updates (or has set its webhook)."""
        polls, self.server.emulator.webhook = self.server.polls, None
        with self.log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**self._environment, **environment},
            )
        if wait:
            await until(
                lambda: (
                    self.server.polls > polls or self.server.emulator.webhook or self.exit_code is not None
                ),
                PATIENCE,
                "the bot to be ready",
            )
            assert self.exit_code is None, self.said
        return self

    @property
    def running(self) -> asyncio.subprocess.Process:
        assert self._running is not None
        return self._running

    @property
    def exit_code(self) -> int | None:
        return self.running.returncode

    @property
    def said(self) -> str:
        """Everything it wrote to its log."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    async def ended(self, seconds: float = 10.0) -> int:
        """Wait for it to end by itself."""
        async with asyncio.timeout(seconds):
            return await self.running.wait()

    async def stop(self, with_signal: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> int:
        """Ask it to stop, and wait."""
        if self.exit_code is None:
            self.running.send_signal(with_signal)
        return await self.ended(seconds)

    async def kill(self) -> None:
        """Kill it on the spot, if it runs."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self._running.wait()
