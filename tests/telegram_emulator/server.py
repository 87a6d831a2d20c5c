"""The Bot API over HTTP, with faults on demand."""

import asyncio
import contextlib
import fnmatch
import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, web

from tests.telegram_emulator.core import Emulator, Json, Refusal


@dataclass
class Fault:
    """
    Something that goes wrong with calls of a method (a glob), a number of times.

    `kind`: flood (429), error (5xx or 4xx with `code`), cut (the connection breaks before anything is done), cut_after
    (it is done, and the answer is lost), garbage (no JSON), slow (seconds), down (refused at once, as a dead host).
    """

    kind: str
    method: str = "*"
    times: int = 1
    seconds: float = 0.0
    code: int = 502
    description: str = "Bad Gateway"
    chat_id: int | None = None
    hits: int = 0

    def strikes(self, method: str, parameters: Json) -> bool:
        if self.hits >= self.times or not fnmatch.fnmatch(method, self.method):
            return False
        if self.chat_id is not None and parameters.get("chat_id") != self.chat_id:
            return False
        self.hits += 1
        return True


@dataclass
class Server:
    """Telegram's server for one test: `async with Server(emulator) as server`."""

    emulator: Emulator
    faults: list[Fault] = field(default_factory=list)
    port: int = 0
    polls: int = 0

    async def __aenter__(self) -> "Server":
        self._wake = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self.emulator.woken = self._wake.set
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._wake.set()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def breaks(self, kind: str, method: str = "*", **more: Any) -> Fault:
        """Add a fault."""
        fault = Fault(kind, method, **more)
        self.faults.append(fault)
        return fault

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", request.path)
        if found is None:
            return _answer(Refusal(404, "Not Found"))
        parameters = await _parameters(request)
        method = found.group(2)
        fault = next((one for one in self.faults if one.strikes(method, parameters)), None)
        if found.group(1) != self.emulator.token:
            return _answer(Refusal(401, "Unauthorized"))
        if fault is not None:
            struck = await self._strike(fault, request, method, parameters)
            if struck is not None:
                return struck
        try:
            if method == "getUpdates":
                return await self._updates(parameters)
            return _ok(self.emulator.call(method, parameters))
        except Refusal as refusal:
            return _answer(refusal)

    async def _strike(
        self, fault: Fault, request: web.Request, method: str, parameters: Json
    ) -> web.StreamResponse | None:
        match fault.kind:
            case "flood":
                wait = int(fault.seconds)
                return _answer(Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait))
            case "error":
                return (
                    _answer(Refusal(fault.code, fault.description))
                    if fault.code < 500
                    else web.Response(status=fault.code, text="<html>nginx</html>")
                )
            case "garbage":
                return web.Response(text='{"ok": tru', content_type="application/json")
            case "slow":
                await asyncio.sleep(fault.seconds)
                return None
            case "cut_after":
                with contextlib.suppress(Refusal):
                    self.emulator.call(method, parameters)
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=500)

    async def _updates(self, parameters: Json) -> web.StreamResponse:
        self.polls += 1
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(409, "Conflict: terminated by other getUpdates request"))
        batch = self.emulator.call("getUpdates", parameters)
        deadline = asyncio.get_running_loop().time() + (parameters.get("timeout") or 0)
        self._poll = mine = asyncio.get_running_loop().create_future()
        try:
            while not batch and (rest := deadline - asyncio.get_running_loop().time()) > 0:
                self._wake.clear()
                waking = asyncio.ensure_future(self._wake.wait())
                await asyncio.wait((waking, mine), timeout=rest, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                if mine.done():
                    mine.result()
                batch = self.emulator.call("getUpdates", parameters)
        finally:
            if self._poll is mine:
                self._poll = None
            if not mine.done():
                mine.cancel()
        return _ok(batch)

    # -- webhook ---------------------------------------------------------------------------------------------------

    async def deliver(self, update: Json, secret: str | None = None) -> int:
        """Bring one update to the bot's webhook; returns the status it answered."""
        hook = self.emulator.webhook
        assert hook is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret_token"] if secret is None else secret}
        async with ClientSession() as session:
            try:
                async with session.post(hook["url"], json=update, headers=headers) as response:
                    return response.status
            except ClientError:
                return 0


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _answer(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.body(), status=refusal.code)


async def _parameters(request: web.Request) -> Json:
    if request.content_type == "application/json":
        found: Json = await request.json()
    else:
        found = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                value.file.close()
            found[name] = value if isinstance(value, str) else "a file"
    return {name: _decoded(value) for name, value in found.items()}


def _decoded(value: Any) -> Any:
    """Values arrive as JSON within JSON, as python-telegram-bot sends them."""
    if isinstance(value, str) and (value[:1] in "[{" or re.fullmatch(r"-?\d{1,19}|true|false", value)):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
