"""
What may be logged and counted.

May not know texts, names, ids or the token: whatever passes here is a kind, a topic, a number or a place in the code.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from aiohttp import web

OWN = "bot"
_FOREIGN = ("telegram", "httpx", "httpcore", "aiohttp", "asyncio", "watchfiles", "matplotlib", "PIL")
_TOKEN = re.compile(r"(?<!\d)\d{4,}+:[A-Za-z0-9_-]{16,}")
_BREAKS = re.compile(r"[\r\n\x00-\x1f]+")
_PACKAGE = Path(__file__).resolve().parent
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

log = logging.getLogger(OWN)


class Guarded(logging.Formatter):
    """
    Writes one line a record: no token, no traceback text, nothing other libraries put into their arguments.

    An exception is named by its type and the places it passed in our own code; its words may hold what a person wrote.
    """

    def __init__(self, as_json: bool = False) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        own = record.name == OWN or record.name.startswith(OWN + ".")
        message = record.getMessage() if own else str(record.msg).splitlines()[0][:100] if record.msg else ""
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message} ({described(record.exc_info)})"
        message = redacted(_BREAKS.sub(" ", message))
        if not self._as_json:
            return f"{self.formatTime(record)} {record.levelname:<7} {record.name}: {message}"
        entry: dict[str, object] = {
            "time": self.formatTime(record), "level": record.levelname.lower(),
            "logger": record.name, "message": message,
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            entry.update(fields)
        return json.dumps(entry, ensure_ascii=False)


def redacted(text: str) -> str:
    """The text without anything that looks like a bot's token."""
    return _TOKEN.sub("<token>", text)


def described(exc_info: _ExcInfo) -> str:
    """An exception by its type and the places in our own code, innermost last; never its words."""
    kind, _, trace = exc_info
    places = [
        f"{Path(frame.filename).relative_to(_PACKAGE.parent)}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    name = kind.__name__ if kind else "unknown"
    return f"{name} at {' > '.join(places[-4:])}" if places else name


def configure_logging(level: str = "info", form: str = "text") -> None:
    """One guarded handler for everything; other libraries speak from WARNING on, whatever the level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Guarded(as_json=form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(level.upper())
    for name in _FOREIGN:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


@dataclass
class Line:
    """What one update came to; filled in while it is handled, logged and counted at its end."""

    kind: str = "ignored"
    topic: str = "-"
    score: float = 0.0
    chat: str = "-"
    level: str = "none"
    outcome: str = "ok"
    started: float = field(default_factory=time.perf_counter)

    @property
    def ms(self) -> int:
        """Milliseconds since the update was taken up."""
        return round(1000 * (time.perf_counter() - self.started))


_LINE: ContextVar[Line | None] = ContextVar("line", default=None)


def line() -> Line:
    """The line of the update being handled; a loose one outside of any."""
    return _LINE.get() or Line()


class Figures:
    """Counters for operators, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._updates = Counter(
            "ivig_updates_total", "Updates handled.", ("chat", "kind", "outcome"), registry=self.registry
        )
        self._topics = Counter("ivig_topics_total", "Answers by topic.", ("topic",), registry=self.registry)
        self._levels = Counter("ivig_levels_total", "Answers by urgency.", ("level",), registry=self.registry)
        self._unanswered = Counter("ivig_unanswered_total", "Questions not understood.", registry=self.registry)
        self._verdicts = Counter(
            "ivig_verdicts_total", "Thumbs under answers.", ("verdict", "topic"), registry=self.registry
        )
        self._seconds = Histogram(
            "ivig_seconds", "From taking up an update to having answered it.", registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.errors = Counter(
            "ivig_telegram_errors_total", "Calls Telegram refused or did not answer.", ("code",), registry=self.registry
        )
        self.skipped = Counter(
            "ivig_updates_skipped_total", "Updates that could not be read.", registry=self.registry
        )
        self.waiting = Gauge("ivig_updates_waiting", "Updates fetched and not yet answered.", registry=self.registry)

    @contextmanager
    def update(self) -> Iterator[Line]:
        """Measure one update and log its one line."""
        current = Line()
        token = _LINE.set(current)
        try:
            yield current
        except BaseException:
            current.outcome = "failed"
            raise
        finally:
            _LINE.reset(token)
            self._count(current)

    def _count(self, current: Line) -> None:
        self._updates.labels(current.chat, current.kind, current.outcome).inc()
        self._levels.labels(current.level).inc()
        if current.topic != "-":
            self._topics.labels(current.topic).inc()
        if current.kind == "not_understood":
            self._unanswered.inc()
        ms = current.ms
        self._seconds.observe(ms / 1000)
        log.info(
            "update kind=%s topic=%s score=%.2f chat=%s level=%s outcome=%s ms=%d",
            current.kind, current.topic, current.score, current.chat, current.level, current.outcome, ms,
            extra={
                "fields": {
                    "kind": current.kind, "topic": current.topic, "score": round(current.score, 2),
                    "chat": current.chat, "level": current.level, "outcome": current.outcome, "ms": ms,
                }
            },
        )

    def verdict(self, verdict: str, topic: str) -> None:
        """Count a thumb; both words come from our own lists."""
        self._verdicts.labels(verdict, topic).inc()

    def text(self) -> bytes:
        """Everything counted, as Prometheus reads it."""
        return generate_latest(self.registry)


class Health:
    """Whether the bot is alive (the loop turns) and ready (it hears Telegram)."""

    def __init__(self, most_silent_seconds: float = 90.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most = most_silent_seconds
        self._heard: float | None = None
        self.always_ready = False

    def heard(self) -> None:
        """Telegram answered."""
        self._heard = self._clock()

    @property
    def is_ready(self) -> bool:
        """Whether Telegram was heard lately; with a webhook, whether it was set."""
        if self._heard is None:
            return False
        return self.always_ready or self._clock() - self._heard < self._most


def health_routes(health: Health) -> list[web.RouteDef]:
    """/healthz and /readyz."""
    from aiohttp import web

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="ready\n") if health.is_ready else web.Response(status=503, text="not ready\n")

    return [web.get("/healthz", alive), web.get("/readyz", ready)]


async def serve_figures(figures: Figures, health: Health, listen: str, port: int) -> web.AppRunner:
    """Health and figures on a port of their own; the caller cleans the runner up."""
    from aiohttp import web

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=figures.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([*health_routes(health), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, listen, port).start()
    return runner


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
