"""
Who answers which update, and what is said where an answer fails.

May not know what a topic or a dose is.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ApplicationHandlerStop,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.config import Settings
from bot.handlers.buttons import Buttons
from bot.handlers.desk import Desk
from bot.handlers.groups import Groups
from bot.handlers.inline import Inline
from bot.handlers.private import Context, PrivateChat
from bot.telemetry import line
from bot.transport import Requests

log = logging.getLogger("bot.handlers")

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "inline_query", "guest_message", "my_chat_member"]
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
    failures = _Failures(desk, inline)
    application.add_handler(TypeHandler(Update, _only_guests(inline, failures)), group=-1)
    application.add_handler(CallbackQueryHandler(buttons.press))
    application.add_handler(InlineQueryHandler(inline.query))
    application.add_handler(ChatMemberHandler(groups.membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.ChatType.CHANNEL, _nothing))
    application.add_handler(MessageHandler(filters.UpdateType.BUSINESS_MESSAGES, _nothing))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, groups.moved))
    application.add_handler(MessageHandler(filters.StatusUpdate.ALL, _nothing))
    application.add_handler(MessageHandler(_OwnCards(desk), groups.own_card))
    application.add_handler(MessageHandler(_FromBots(), _nothing))
    application.add_handler(MessageHandler(filters.ChatType.PRIVATE, private.message))
    application.add_handler(MessageHandler(filters.ChatType.GROUPS, groups.message))
    application.add_error_handler(failures.failed)


def _only_guests(inline: Inline, failures: _Failures) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    async def guest(update: Update, context: Context) -> None:
        if update.guest_message is None:
            return
        try:
            await inline.guest(update, context)
        except Exception as error:  # no other handler may answer where we are no member
            await failures.failed(update, context, error)
        raise ApplicationHandlerStop

    return guest


class _Failures:
    """What happens when a handler fails: a fixed text with the emergency line, and one line in the log."""

    def __init__(self, desk: Desk, inline: Inline) -> None:
        self._desk = desk
        self._inline = inline

    async def failed(self, update: object, context: Context, error: Exception | None = None) -> None:
        """Say so where the person is; log the kind of error and its place, never its words."""
        error = error or context.error
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
            await self._inline.say_failure(update.inline_query)
        elif update.guest_message is not None:
            await self._inline.say_failure_to_guest(update.guest_message)
        elif update.effective_message is not None:
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
