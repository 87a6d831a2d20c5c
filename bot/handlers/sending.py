"""
How does a reply reach a chat: as messages, as an edit, as a file, seen by everybody or by one.

May not know why it says so. Every newer feature has its plain fallback, and what Telegram refuses for its form goes
out as plain text.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot import render
from bot.handlers.desk import Desk
from bot.handlers.keyboards import keyboard, verb_of
from bot.messages import Messages
from bot.model import Button, ChatKind, Picture, PictureKind, Reply
from bot.telemetry import line

log = logging.getLogger("bot.handlers")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_ABOUT_KEYS = ("button", "keyboard", "reply markup")


@dataclass(frozen=True)
class Place:
    """Where to send: chat, forum topic, the message answered, aloud or not, and to whom alone."""

    chat_id: int
    kind: ChatKind
    thread_id: int | None = None
    reply_to: int | None = None
    silent: bool = False
    only_for: int | None = None


def place_of(message: Message, kind: ChatKind, reply: bool = False) -> Place:
    """The place a message came from; `reply` answers it visibly."""
    alone = ephemeral_id(message) is not None and message.from_user is not None
    return Place(
        chat_id=message.chat.id,
        kind=kind,
        thread_id=message.message_thread_id if message.is_topic_message and message.message_thread_id != 1 else None,
        reply_to=message.message_id if reply and message.message_id else None,
        only_for=message.from_user.id if alone and message.from_user else None,
    )


def replied_to(message: Any) -> Message | None:
    """
    The message this one answers, or None.

    In a forum Telegram hangs every message on the one that opened its topic; that is no answer to anybody.
    """
    answered = getattr(message, "reply_to_message", None)
    if not isinstance(answered, Message) or answered.forum_topic_created is not None:
        return None
    return answered


def ephemeral_id(message: Any) -> int | None:
    """The number of a message that only its sender and the bot see (Bot API 10.2), or None."""
    found = getattr(message, "api_kwargs", {}).get("ephemeral_message_id")
    return found if isinstance(found, int) else None


async def send(bot: Bot, place: Place, reply: Reply, desk: Desk) -> Message | None:
    """Send a reply; returns its first message, or None where the chat does not want to hear from us."""
    texts = render.telegram_html(reply)
    rows = list(reply.buttons)
    alone = place.only_for is not None
    if reply.picture is not None:
        code = f"picture-{reply.picture.kind}"
        if all(button.code != code for row in rows for button in row):
            rows.insert(0, (Button(label=desk.messages.button_picture, code=code),))
    if alone:
        rows = _without_pictures(rows)
    if place.kind == ChatKind.GROUP and len(texts) > 1:
        texts = [f"{texts[0]}\n\n{render.escape(desk.notices(place.chat_id).group_read_on)}"]
        rows.append(_read_on(reply, desk.notices(place.chat_id)))
    markup = keyboard(rows, place.kind, desk.username, desk.inline_on)
    first: Message | None = None
    for number, text in enumerate(texts):
        last = number == len(texts) - 1
        sent = await send_html(bot, place, text, markup if last else None, desk, reply)
        if sent is None:
            return first
        first = first or sent
        place = replace(place, reply_to=None)
    if reply.attachment is not None and not alone:  # a file would be there for the whole group
        await send_file(bot, place, reply.attachment.content, reply.attachment.name, reply.attachment.caption, desk)
    return first


def _read_on(reply: Reply, messages: Messages) -> tuple[Button, ...]:
    """The way to the rest of a long answer, in the private chat."""
    trials = reply.picture is not None and reply.picture.kind == PictureKind.TRIALS
    code = f"more-{reply.topics[0].id}" if reply.topics else "evidence" if trials else "menu"
    return (Button(label=messages.button_read_on, code=f"private-{code}"),)


def _without_pictures(rows: Sequence[Sequence[Button]]) -> list[tuple[Button, ...]]:
    """The rows for an answer seen by one person in a group: a picture there would be seen by all."""
    return [tuple(button for button in row if verb_of(button.code) != "picture") for row in rows]


async def send_html(
    bot: Bot, place: Place, text: str, markup: InlineKeyboardMarkup | None, desk: Desk, reply: Reply | None = None
) -> Message | None:
    """One message; where Telegram refuses its markup, the same words without."""

    async def attempt(at: Place, words: str, mode: str | None, keys: InlineKeyboardMarkup | None = markup) -> Message:
        extra = {"receiver_user_id": at.only_for} if at.only_for is not None else None
        return await bot.send_message(
            at.chat_id, words, parse_mode=mode, reply_markup=keys, link_preview_options=_NO_PREVIEW,
            message_thread_id=at.thread_id, disable_notification=at.silent, api_kwargs=extra,
            reply_parameters=_answering(at),
        )

    async def once(at: Place) -> Message:
        try:
            return await attempt(at, text, ParseMode.HTML)
        except BadRequest as refused:
            said = str(refused).lower()
            if markup is not None and any(word in said for word in _ABOUT_KEYS):
                log.error("Telegram refused the buttons of a message; sent without them")  # noqa: TRY400
                return await attempt(at, text, ParseMode.HTML, None)
            if "parse entities" not in said:
                raise
            log.error("Telegram refused the markup of a message; sent without it")  # noqa: TRY400
            plain = render.plain(reply) if reply is not None else text
            return await attempt(at, plain[: render.TELEGRAM_LIMIT], None)

    return await _delivered(place, once, desk)


async def send_file(bot: Bot, place: Place, content: bytes, name: str, caption: str, desk: Desk) -> Message | None:
    """A document with its caption."""

    async def once(at: Place) -> Message:
        return await bot.send_document(
            at.chat_id, content, filename=name, caption=render.caption_html(caption), parse_mode=ParseMode.HTML,
            message_thread_id=at.thread_id, disable_notification=at.silent, reply_parameters=_answering(at),
        )

    return await _delivered(place, once, desk)


async def send_picture(bot: Bot, place: Place, picture: Picture, desk: Desk, caption: str | None = None) -> None:
    """A picture, drawn beside the loop; the same in words where it cannot be drawn."""
    with contextlib.suppress(TelegramError):  # "sending a photo": the first drawing takes a second or two
        await bot.send_chat_action(place.chat_id, ChatAction.UPLOAD_PHOTO, message_thread_id=place.thread_id)
    try:
        from bot import pictures

        drawn = await asyncio.to_thread(pictures.draw, picture)
    except Exception as error:  # a chart that cannot be drawn is still told in words
        log.error("a picture could not be drawn", exc_info=error)  # noqa: TRY400
        await send_html(bot, place, render.escape(render.shorten(picture.text, 3500)), None, desk)
        return

    async def once(at: Place) -> Message:
        return await bot.send_photo(
            at.chat_id, drawn, filename=f"{picture.kind}.png",
            caption=render.caption_html(caption or picture.text), parse_mode=ParseMode.HTML,
            message_thread_id=at.thread_id, disable_notification=at.silent, reply_parameters=_answering(at),
        )

    await _delivered(place, once, desk)


def _answering(place: Place) -> ReplyParameters | None:
    if place.reply_to is None:
        return None
    return ReplyParameters(place.reply_to, allow_sending_without_reply=True)


async def _delivered(place: Place, once: Callable[[Place], Awaitable[Message]], desk: Desk) -> Message | None:
    """Send, following a group that moved and a topic that closed; None where nobody wants to hear us."""
    for _ in range(3):
        try:
            sent = await once(place)
        except ChatMigrated as moved:
            desk.store.move(place.chat_id, moved.new_chat_id)
            place = replace(place, chat_id=moved.new_chat_id, reply_to=None, thread_id=None)
        except Forbidden:
            # Blocked, removed or gone: nobody there, so nothing of theirs is kept.
            line().outcome = "not_wanted"
            desk.forget(place.chat_id)
            return None
        except BadRequest as refused:
            if place.thread_id is not None and "thread" in str(refused).lower():
                place = replace(place, thread_id=None)
                continue
            if place.reply_to is not None and "repl" in str(refused).lower():
                place = replace(place, reply_to=None)
                continue
            line().outcome = "refused"
            log.warning("Telegram refused a message (400)")
            return None
        else:
            if place.only_for is not None and ephemeral_id(sent) is None and sent.message_id:
                # This server took it for an ordinary message: what was for one person must not stand in the group.
                await withdraw(sent)
                return None
            return sent
    return None


async def withdraw(message: Message) -> None:
    """Take a message back, if we may."""
    try:
        await message.delete()
    except TelegramError:
        log.debug("a message could not be taken back")


async def edit(query: CallbackQuery, place: Place, reply: Reply, desk: Desk) -> bool:
    """Put a reply in the place of the message whose button was pressed; False where that is not possible."""
    message = query.message
    if message is None:
        return False
    texts = render.telegram_html(reply)
    alone = ephemeral_id(message)
    rows = list(reply.buttons) if alone is None else _without_pictures(reply.buttons)
    text = texts[0]
    if len(texts) > 1:
        if place.kind != ChatKind.GROUP:
            return False
        text = f"{text}\n\n{render.escape(desk.notices(place.chat_id).group_read_on)}"
        rows.append(_read_on(reply, desk.notices(place.chat_id)))
    markup = keyboard(rows, place.kind, desk.username, desk.inline_on)
    bot = query.get_bot()
    try:
        if alone is not None:
            await bot.do_api_request(
                "editEphemeralMessageText",
                api_kwargs={
                    "chat_id": message.chat.id, "receiver_user_id": query.from_user.id, "ephemeral_message_id": alone,
                    "text": text, "parse_mode": ParseMode.HTML, "reply_markup": markup,
                },
            )
        else:
            await bot.edit_message_text(
                text, chat_id=message.chat.id, message_id=message.message_id, parse_mode=ParseMode.HTML,
                reply_markup=markup, link_preview_options=_NO_PREVIEW,
            )
    except BadRequest as refused:
        return "not modified" in str(refused).lower()
    except Forbidden:
        line().outcome = "not_wanted"
        return True
    return True
