"""
How do the handlers, the transport and the knowledge make one running bot.

May not know what a topic or a dose is.
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
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.config import Settings, webhook_secret
from bot.handlers import profile, reloading
from bot.handlers.buttons import Buttons
from bot.handlers.desk import Desk, Whole
from bot.handlers.groups import Groups
from bot.handlers.inline import Inline
from bot.handlers.private import Context, PrivateChat
from bot.store import Store
from bot.telemetry import Figures, Health, configure_logging, line, serve_figures
from bot.transport import Ending, Fetcher, Inbox, Lanes, Requests, Seen, SendingGate, WebhookServer

log = logging.getLogger("bot.handlers")

OK, WRONG_TOKEN, LOST_TOKEN = 0, 2, 3
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "inline_query", "guest_message", "my_chat_member"]
STOP_SECONDS = 4.0
SET_UP_PATIENCE = 1.0
_SPEAKS_AS_GROUP = 1087968824


class _FromBots(filters.MessageFilter):
    """Other bots, and channels speaking in a group; not an admin who writes as the group."""

    def filter(self, message: Any) -> bool:
        if message.is_automatic_forward:
            return True
        if message.sender_chat is not None:
            return bool(message.sender_chat.id != message.chat.id)
        writer = message.from_user
        return bool(writer is not None and writer.is_bot and writer.id != _SPEAKS_AS_GROUP)


class _OwnCards(filters.MessageFilter):
    """Cards that people posted through us."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def filter(self, message: Any) -> bool:
        return bool(message.via_bot is not None and message.via_bot.id == self._desk.bot_id)


async def _nothing(update: Update, context: Context) -> None:
    """What is heard and not answered."""
    chat = update.effective_chat
    line().chat = {"supergroup": "group"}.get(chat.type, chat.type) if chat else "-"


def add_handlers(application: Application[Any, Any, Any, Any, Any, Any], desk: Desk) -> None:
    """
    Who answers what. The order matters: the first that fits answers.

    Guest messages stand before everything, since they pass every plain filter for messages as well.
    """
    private = PrivateChat(desk)
    groups = Groups(desk, private)
    inline = Inline(desk)
    buttons = Buttons(desk)
    application.add_handler(TypeHandler(Update, _only_guests(inline)), group=-1)
    application.add_handler(CallbackQueryHandler(buttons.press))
    application.add_handler(InlineQueryHandler(inline.query))
    application.add_handler(ChatMemberHandler(groups.membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.ChatType.CHANNEL, _nothing))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, groups.moved))
    application.add_handler(MessageHandler(filters.StatusUpdate.ALL, _nothing))
    application.add_handler(MessageHandler(_OwnCards(desk), groups.own_card))
    application.add_handler(MessageHandler(_FromBots(), _nothing))
    application.add_handler(MessageHandler(filters.ChatType.PRIVATE, private.message))
    application.add_handler(MessageHandler(filters.ChatType.GROUPS, groups.message))
    application.add_error_handler(_Failures(desk).failed)


def _only_guests(inline: Inline) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    async def guest(update: Update, context: Context) -> None:
        if update.guest_message is not None:
            await inline.guest(update, context)

    return guest


class _Failures:
    """What happens when a handler fails: a fixed text with the emergency line, and one line in the log."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def failed(self, update: object, context: Context) -> None:
        """Say so where the person is; log the kind of error and its place, never its words."""
        error = context.error
        if isinstance(error, (Forbidden, NetworkError)) and not isinstance(error, BadRequest):
            line().outcome = "not_delivered"
            log.debug("not delivered: %s", type(error).__name__)
            return
        line().outcome = "failed"
        log.error("a handler failed", exc_info=error)
        if not isinstance(update, Update):
            return
        with contextlib.suppress(TelegramError):
            await self._say_so(update)

    async def _say_so(self, update: Update) -> None:
        text = self._desk.messages.failure
        if update.callback_query is not None:
            await update.callback_query.answer(text[:200], show_alert=True)
        elif update.inline_query is not None:
            await update.inline_query.answer([], cache_time=0, is_personal=True)
        elif update.guest_message is None and update.effective_message is not None:
            await update.effective_message.reply_text(text, do_quote=update.effective_message.chat.type != "private")


def build(settings: Settings, token: str, requests: Requests, desk: Desk) -> Application[Any, Any, Any, Any, Any, Any]:
    """The application of python-telegram-bot, with our transport and without its own fetching."""
    root = settings.telegram.base_url.rstrip("/")
    application = (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{root}/bot")
        .base_file_url(f"{root}/file/bot")
        .request(requests)
        .get_updates_request(requests)
        .updater(None)
        .job_queue(None)
        .build()
    )
    add_handlers(application, desk)
    return application


async def run(settings: Settings, token: SecretStr, whole: Whole) -> int:
    """Answer on Telegram until asked to stop; returns the exit code."""
    configure_logging(settings.logs.level, settings.logs.form)
    return await _Running(settings, token.get_secret_value(), whole).run()


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

    async def run(self) -> int:
        """The whole of it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self._stop.set)
        await self._requests.initialize()
        try:
            await self._serve_figures()
            application = build(self._settings, self._token, self._requests, self._desk)
            if not await self._introduced(application.bot):
                return OK if self._stop.is_set() else WRONG_TOKEN
            await application.initialize()
            return await self._answer(application)
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

    async def _introduced(self, bot: Bot) -> bool:
        """Whether Telegram knows us; keeps asking while it cannot be reached."""
        tries = 0
        while not self._stop.is_set():
            try:
                status, body = await self._requests.call(f"{bot.base_url}/getMe", {}, 10.0)
            except NetworkError:
                status, body = 0, {}
            if status in (401, 404):
                say("Telegram refuses the token. Check TELEGRAM_BOT_TOKEN (BotFather shows it with /token).")
                return False
            if status == 200 and isinstance(body.get("result"), dict):
                self._desk.username = str(body["result"].get("username", ""))
                self._desk.bot_id = int(body["result"].get("id", 0))
                self._desk.inline_on = bool(body["result"].get("supports_inline_queries"))
                return True
            tries += 1
            if tries == 1 or tries % 30 == 0:
                log.warning("Telegram cannot be reached; trying again every few seconds")
            await self._rest(min(0.5 * 2**tries, 5.0))
        return False

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
        inbox = Inbox(bot, lanes, Seen(self._store.answered()), self._store, self._figures, self._unread(bot))
        await self._set_up(bot)
        if self._settings.knowledge.reload:
            folder = getattr(self._whole, "folder", None)
            if isinstance(folder, Path):
                self._tasks.append(
                    asyncio.create_task(reloading.watch(self._whole, folder, self._stop, self._teller(bot)))
                )
        if self._settings.telegram.webhook.url:
            return await self._by_webhook(bot, lanes, inbox)
        return await self._by_polling(bot, lanes, inbox)

    async def _set_up(self, bot: Bot) -> None:
        """Commands and descriptions; a slow or refusing Telegram does not keep us from answering."""
        if not self._settings.telegram.set_up_on_start:
            return
        task = asyncio.create_task(profile.set_up(bot, self._whole.knowledge.messages.purpose))
        self._tasks.append(task)
        await asyncio.wait((task,), timeout=SET_UP_PATIENCE)

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
        with contextlib.suppress(TelegramError):
            await bot.delete_webhook()
        fetcher = Fetcher(
            bot, self._requests, inbox, self._health, ALLOWED_UPDATES, telegram.poll_timeout_seconds
        )
        log.info("answering by long polling")
        ending = await fetcher.run(self._stop)
        if ending is Ending.REFUSED:
            say("Telegram refuses the token now: it was revoked or renewed. Stopped.")
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
        server = WebhookServer(inbox, self._health, secret, hook.path)
        try:
            await server.start(hook.listen, hook.port)
        except OSError as error:
            say(f"The webhook's port {hook.port} cannot be opened: {error.strerror}.")
            return 1
        try:
            if not await self._announced(bot, address, secret, hook.max_connections):
                return LOST_TOKEN if self._requests.refused.is_set() else 1
            self._health.always_ready = True
            self._health.heard()
            log.info("answering by webhook")
            stopping = asyncio.create_task(self._stop.wait())
            refused = asyncio.create_task(self._requests.refused.wait())
            await asyncio.wait((stopping, refused), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            refused.cancel()
            server.close_door()
            if self._requests.refused.is_set():
                say("Telegram refuses the token now: it was revoked or renewed. Stopped.")
                return LOST_TOKEN
            await lanes.drain(STOP_SECONDS)
            return OK
        finally:
            await server.stop()

    async def _announced(self, bot: Bot, address: str, secret: str, connections: int) -> bool:
        """Tell Telegram the address; keeps trying while Telegram cannot be reached."""
        while not self._stop.is_set():
            try:
                await bot.set_webhook(
                    address, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=connections
                )
            except InvalidToken:
                return False
            except BadRequest:
                say("Telegram refuses the webhook's address: it must be https and reachable on 443, 80, 88 or 8443.")
                return False
            except TelegramError:
                await self._rest(5.0)
            else:
                return True
        return False


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
        if status in (401, 404):
            say("Telegram refuses the token.")
            return WRONG_TOKEN
        for finding in profile.findings(await bot.get_me()):
            print(finding)  # noqa: T201
    except TelegramError as error:
        say(f"Telegram could not be asked ({type(error).__name__}).")
        return 1
    finally:
        await requests.shutdown()
    return OK
