"""
How does the bot start, fetch, stop and end, whatever the token or the network does.

May not know what an update says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr
from telegram import Bot, ReplyParameters, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.ext import Application

from bot.config import Settings, webhook_secret
from bot.handlers import profile, reloading
from bot.handlers.application import ALLOWED_UPDATES, build
from bot.handlers.desk import Desk, Whole
from bot.store import Store
from bot.telemetry import Figures, Health, configure_logging, serve_figures
from bot.transport import Ending, Fetcher, Inbox, Lanes, Requests, Seen, SendingGate

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger("bot.handlers")

OK, WRONG_TOKEN, LOST_TOKEN = 0, 2, 3
STOP_SECONDS = 2.5  # with the last confirmation, stopping takes less than five seconds
TOKEN_CHECK_SECONDS = 3.0
WEBHOOK_CHECK_SECONDS = 300.0
REFUSALS = (401, 404)
SAYS_NO_AT_START = "Telegram refuses the token. Check TELEGRAM_BOT_TOKEN (BotFather shows it with /token)."
SAYS_NO_NOW = "Telegram refuses the token now: it was revoked or renewed. Stopped."
_Result = TypeVar("_Result")


class Refused(Exception):  # noqa: N818 -- Telegram's word, which was told to the operator
    """Telegram does not know this token."""


async def run(settings: Settings, token: SecretStr, whole: Whole, me: dict[str, Any] | None = None) -> int:
    """Answer on Telegram until asked to stop; returns the exit code. `me` is what `introduced` returned."""
    configure_logging(settings.logs.level, settings.logs.form)
    return await _Running(settings, token.get_secret_value(), whole).run(me)


async def introduced(settings: Settings, token: SecretStr) -> dict[str, Any] | None:
    """
    Who Telegram says we are, or None where it cannot be reached at once, which is no refusal.

    Asked beside the slow part of starting. Raises Refused, which has been said on one line.
    """
    configure_logging(settings.logs.level, settings.logs.form)
    requests = Requests(SendingGate(), Figures())
    url = f"{settings.telegram.base_url.rstrip('/')}/bot{token.get_secret_value()}/getMe"
    await requests.initialize()
    try:
        status, body = await requests.call(url, {}, TOKEN_CHECK_SECONDS)
    except NetworkError:
        return None
    finally:
        await requests.shutdown()
    if status in REFUSALS:
        say(SAYS_NO_AT_START)
        raise Refused
    return body if _names_us(status, body) else None


def _names_us(status: int, body: dict[str, Any]) -> bool:
    return status == 200 and isinstance(body.get("result"), dict)


class _Running:
    """One run of the bot, from the first call to the last."""

    def __init__(self, settings: Settings, token: str, whole: Whole) -> None:
        self._settings = settings
        self._token = token
        self._whole = whole
        self._figures = Figures()
        self._health = Health()
        self._store = Store(Path(settings.store.path) if settings.store.path else None)
        self._desk = Desk(settings, whole, self._store, self._figures)
        self._requests = Requests(SendingGate(), self._figures)
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[Any]] = []
        self._runner: web.AppRunner | None = None
        self._code = OK

    async def run(self, me: dict[str, Any] | None) -> int:
        """The whole of it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self._stop.set)
        await self._requests.initialize()
        try:
            await self._serve_figures()
            application = build(self._settings, self._token, self._requests, self._desk)
            if not await self._introduced(application.bot, me):
                return OK if self._stop.is_set() else WRONG_TOKEN
            return await self._answer(application) if await self._initialized(application) else self._code
        finally:
            self._stop.set()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._runner is not None:
                await self._runner.cleanup()
            await self._requests.shutdown()
            self._store.close()

    async def _serve_figures(self) -> None:
        metrics = self._settings.metrics
        if not metrics.port:
            return
        try:
            self._runner = await serve_figures(self._figures, self._health, metrics.listen, metrics.port)
        except OSError as error:
            log.warning("the port for health and figures cannot be opened (%s)", error.strerror)

    async def _introduced(self, bot: Bot, me: dict[str, Any] | None) -> bool:
        """Whether Telegram knows us; keeps asking while it cannot be reached."""
        tries = 0
        while not self._stop.is_set():
            try:
                status, body = (200, me) if me else await self._requests.call(f"{bot.base_url}/getMe", {}, 10.0)
            except NetworkError:
                status, body = 0, {}
            if status in REFUSALS:
                say(SAYS_NO_AT_START)
                return False
            if _names_us(status, body):
                self._requests.know("getMe", body)
                self._desk.username = str(body["result"].get("username", ""))
                self._desk.bot_id = int(body["result"].get("id", 0))
                self._desk.inline_on = bool(body["result"].get("supports_inline_queries"))
                return True
            tries += 1
            if tries == 1 or tries % 30 == 0:
                log.warning("Telegram cannot be reached; trying again every few seconds")
            await self._rest(min(0.5 * 2**tries, 5.0))
        return False

    async def _initialized(self, application: Application[Any, Any, Any, Any, Any, Any]) -> bool:
        """Make the application ready; False where we were asked to stop, or the token went meanwhile."""
        while not self._stop.is_set():
            try:
                await self._unless_stopped(application.initialize())
            except InvalidToken:
                say(SAYS_NO_NOW)
                self._code = LOST_TOKEN
                return False
            except NetworkError:
                await self._rest(5.0)
            else:
                return not self._stop.is_set()
        return False

    async def _unless_stopped(self, work: Coroutine[Any, Any, _Result]) -> _Result | None:
        """Do it, or give it up at once when asked to stop."""
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    async def _answer(self, application: Application[Any, Any, Any, Any, Any, Any]) -> int:
        bot = application.bot

        async def handle(update: Update) -> None:
            with self._figures.update():
                await application.process_update(update)

        lanes = Lanes(handle, self._settings.telegram.answers_at_once)
        inbox = Inbox(
            bot, lanes, Seen(self._store.answered()), self._store, self._figures, self._unread(bot),
            self._store.sent_parts(),
        )
        owed = self._store.owed()
        if owed:
            self._tasks.append(asyncio.create_task(self._own_up(bot, owed)))
        if self._settings.telegram.set_up_on_start:
            # Beside the first request for updates: nobody waits for it, and a slow Telegram keeps nobody waiting.
            self._tasks.append(asyncio.create_task(profile.set_up(bot, self._whole.knowledge.messages.purpose)))
        if self._settings.knowledge.reload:
            folder = getattr(self._whole, "folder", None)
            if isinstance(folder, Path):
                self._tasks.append(
                    asyncio.create_task(reloading.watch(self._whole, folder, self._stop, self._teller(bot)))
                )
        if self._settings.telegram.webhook.url:
            return await self._by_webhook(bot, lanes, inbox)
        return await self._by_polling(bot, lanes, inbox)

    async def _own_up(self, bot: Bot, owed: list[tuple[int, int]]) -> None:
        """Tell the chats whose answer the process before us could not give any more."""
        text = self._desk.messages.interrupted
        for chat_id, message_id in owed:
            answered = ReplyParameters(message_id, allow_sending_without_reply=True)
            try:
                await bot.send_message(chat_id, text, reply_parameters=answered)
            except (BadRequest, Forbidden):
                log.debug("nobody there who could be told")
            except TelegramError:
                continue  # told at the next start
            self._store.paid(chat_id)

    def _teller(self, bot: Bot) -> Callable[[str], Awaitable[None]]:
        async def tell(text: str) -> None:
            for admin in self._settings.telegram.admins:
                with contextlib.suppress(TelegramError):
                    await bot.send_message(admin, text[:4000])

        return tell

    def _unread(self, bot: Bot) -> Callable[[dict[str, Any]], None]:
        """Tell a person whose message could not be read at all; nothing of it is looked at but where it came from."""

        def unread(raw: dict[str, Any]) -> None:
            message = raw.get("message")
            chat = message.get("chat") if isinstance(message, dict) else None
            if not isinstance(chat, dict) or chat.get("type") != "private" or not isinstance(chat.get("id"), int):
                return

            async def tell() -> None:
                with contextlib.suppress(TelegramError):
                    await bot.send_message(chat["id"], self._desk.messages.failure)

            self._tasks = [task for task in self._tasks if not task.done()]
            self._tasks.append(asyncio.create_task(tell()))

        return unread

    async def _by_polling(self, bot: Bot, lanes: Lanes, inbox: Inbox) -> int:
        telegram = self._settings.telegram
        fetcher = Fetcher(
            bot, self._requests, inbox, self._health, ALLOWED_UPDATES, telegram.poll_timeout_seconds
        )
        log.info("answering by long polling")
        ending = await fetcher.run(self._stop)
        if ending is Ending.REFUSED:
            say(SAYS_NO_NOW)
            return LOST_TOKEN
        if ending is Ending.CONFLICT:
            say("Another process fetches updates with the same token. Only one may: stop it, then start again.")
            await lanes.drain(STOP_SECONDS)
            return LOST_TOKEN
        if not await lanes.drain(STOP_SECONDS):
            log.warning("stopped before everything was answered; the rest is delivered again at the next start")
        await fetcher.confirm()
        return OK

    async def _by_webhook(self, bot: Bot, lanes: Lanes, inbox: Inbox) -> int:
        hook = self._settings.telegram.webhook
        assert hook.url is not None
        given = webhook_secret()
        secret = given.get_secret_value() if given is not None else secrets.token_urlsafe(32)
        address = hook.url.rstrip("/")
        if not address.endswith(hook.path):
            address += hook.path
        from bot.transport.webhook import WebhookServer

        server = WebhookServer(inbox, self._health, secret, hook.path)
        try:
            await server.start(hook.listen, hook.port)
        except OSError as error:
            say(f"The webhook's port {hook.port} cannot be opened: {error.strerror}.")
            return 1
        try:
            if not await self._announced(bot, address, secret, hook.max_connections):
                return LOST_TOKEN if self._requests.refused.is_set() else OK if self._stop.is_set() else 1
            self._health.always_ready = True
            self._health.heard()
            log.info("answering by webhook")
            keeping = self._keep_announced(bot, address, secret, hook.max_connections)
            self._tasks.append(asyncio.create_task(keeping))
            stopping = asyncio.create_task(self._stop.wait())
            refused = asyncio.create_task(self._requests.refused.wait())
            await asyncio.wait((stopping, refused), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            refused.cancel()
            server.close_door()
            if self._requests.refused.is_set():
                say(SAYS_NO_NOW)
                return LOST_TOKEN
            await lanes.drain(STOP_SECONDS)
            return OK
        finally:
            await server.stop()

    async def _announced(self, bot: Bot, address: str, secret: str, connections: int) -> bool:
        """Tell Telegram the address; keeps trying while Telegram cannot be reached."""
        while not self._stop.is_set():
            try:
                await self._unless_stopped(
                    bot.set_webhook(
                        address, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=connections
                    )
                )
            except InvalidToken:
                return False
            except BadRequest:
                say("Telegram refuses the webhook's address: it must be https and reachable on 443, 80, 88 or 8443.")
                return False
            except TelegramError:
                await self._rest(5.0)
            else:
                return not self._stop.is_set()
        return False

    async def _keep_announced(self, bot: Bot, address: str, secret: str, connections: int) -> None:
        """
        Look now and then whether Telegram still has our address.

        With a webhook nothing else would tell us that the token was revoked, or that another process took the bot over.
        """
        while not self._stop.is_set():
            await self._rest(WEBHOOK_CHECK_SECONDS)
            with contextlib.suppress(TelegramError):
                if (await bot.get_webhook_info()).url != address and not self._stop.is_set():
                    log.warning("Telegram had another webhook's address; set again")
                    await self._announced(bot, address, secret, connections)


def say(text: str) -> None:
    """One plain line for the operator, whatever the level of the log."""
    print(f"ivig-bot: {text}", file=sys.stderr, flush=True)  # noqa: T201


async def set_up_by_hand(settings: Settings, token: SecretStr | None) -> int:
    """Print the steps with BotFather, and check what can be checked; returns the exit code."""
    configure_logging(settings.logs.level, settings.logs.form)
    print(profile.STEPS)  # noqa: T201
    if token is None:
        print("No TELEGRAM_BOT_TOKEN is set, so nothing could be checked.")  # noqa: T201
        return OK
    figures = Figures()
    requests = Requests(SendingGate(), figures)
    await requests.initialize()
    try:
        bot = Bot(token.get_secret_value(), f"{settings.telegram.base_url.rstrip('/')}/bot", request=requests)
        status, _ = await requests.call(f"{bot.base_url}/getMe", {}, 10.0)
        if status in REFUSALS:
            say(SAYS_NO_AT_START)
            return WRONG_TOKEN
        for finding in profile.findings(await bot.get_me()):
            print(finding)  # noqa: T201
    except TelegramError as error:
        say(f"Telegram could not be asked ({type(error).__name__}).")
        return 1
    finally:
        await requests.shutdown()
    return OK
