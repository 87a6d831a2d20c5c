"""
Cards as one types the bot's name in any chat, and guest mode: one answer in a chat the bot is not in.

May not know what a topic or a dose is. What is typed here is neither kept nor logged.
"""

from __future__ import annotations

import contextlib

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot import render
from bot.handlers.desk import Desk, Key
from bot.handlers.keyboards import deep_link, keyboard, verb_of
from bot.handlers.private import Context, command_of, words_of
from bot.model import Button, Card, ChatKind, Level, Preferences, Reply
from bot.telemetry import line

CARDS = 10
CACHE_SECONDS = 300
DESCRIPTION = 200
TITLE = 64


class Inline:
    """Answers inline queries and guest messages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def query(self, update: Update, context: Context) -> None:
        """Ten cards, best first; kept by Telegram for others only where they depend on nobody."""
        asked = update.inline_query
        if asked is None:
            return
        desk = self._desk
        line().chat, line().kind = "inline", "cards"
        question = desk.question(asked.query, Key(asked.from_user.id, asked.from_user.id), ChatKind.INLINE)
        cards = desk.conversation.cards(question, CARDS) if not asked.offset else ()
        urgent = any(card.reply.level >= Level.URGENT for card in cards)
        if cards:
            desk.note(cards[0].reply, "inline")
        personal = urgent or any(card.personal for card in cards) or question.preferences != Preferences()
        results = [self._article(card, question.preferences) for card in cards]
        private = any(verb_of(button.code) == "dose" for card in cards for row in card.reply.buttons for button in row)
        messages = desk.messages
        button = None
        if private:
            button = InlineQueryResultsButton(messages.inline_private_title[:TITLE], start_parameter="dose")
        elif not cards:
            button = InlineQueryResultsButton(messages.inline_nothing_description[:TITLE], start_parameter="menu")
        with contextlib.suppress(BadRequest):  # the person typed on, and the query is too old
            await asked.answer(
                results, cache_time=0 if personal else CACHE_SECONDS, is_personal=personal, button=button
            )

    def _article(self, card: Card, preferences: Preferences) -> InlineQueryResultArticle:
        reply = self._desk.with_own_language(card.reply, preferences)
        return InlineQueryResultArticle(
            id=card.id,
            title=card.title[:256],
            description=render.shorten(card.description, DESCRIPTION),
            input_message_content=self._content(reply, card.id),
            reply_markup=keyboard(reply.buttons, ChatKind.INLINE, self._desk.username),
        )

    def _content(self, reply: Reply, code: str) -> InputTextMessageContent:
        """A message that stands for itself: the answer, its sources, its day, where to read on, its short code."""
        text = render.telegram_html(reply)[0]
        if verb_of(code) == "topic" and reply.level < Level.URGENT:
            short = code.removeprefix("topic-")
            said = render.escape(self._desk.messages.inline_code.format(code=short, bot=self._desk.username))
            link = render.escape(self._desk.messages.button_read_on)
            address = deep_link(self._desk.username, code)
            text = f'{text}\n\n<a href="{address}">{link}</a>. <i>{said}</i>'
        return InputTextMessageContent(
            text, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )

    async def say_failure(self, asked: InlineQuery) -> None:
        """One card with the fixed text and its line for emergencies."""
        await asked.answer([self._fixed(self._desk.messages.failure)], cache_time=0, is_personal=True)

    async def say_failure_to_guest(self, message: Message) -> None:
        """The same as an answer to a guest."""
        if message.guest_query_id is not None:
            result = self._fixed(self._desk.messages.failure)
            await message.get_bot().answer_guest_query(message.guest_query_id, result)

    def _fixed(self, text: str) -> InlineQueryResultArticle:
        return InlineQueryResultArticle(
            id="fixed", title=render.shorten(text, TITLE), description=render.shorten(text, DESCRIPTION),
            input_message_content=InputTextMessageContent(text),
        )

    async def guest(self, update: Update, context: Context) -> None:
        """Answer where the bot is no member, as for everybody to read."""
        message = update.guest_message
        if message is None or message.guest_query_id is None:
            return
        desk = self._desk
        line().chat, line().kind = "guest", "guest"
        if message.from_user is not None and message.from_user.is_bot and message.sender_chat is None:
            return
        key = Key(0, 0)
        text = self._without_name(words_of(message) or "")
        if not text and message.reply_to_message is not None:
            text = self._without_name(words_of(message.reply_to_message) or "")
        command = command_of(text)
        question = desk.question(text, key, ChatKind.GROUP)
        if command is not None:
            reply = desk.conversation.command(command[0], command[2], question)
        elif text:
            reply = desk.answer(text, key, ChatKind.GROUP)
        else:
            reply = desk.conversation.command("help", "", question)
        desk.note(reply, "guest")
        code = f"topic-{reply.topics[0].id}" if reply.topics else "menu"
        if not reply.buttons or reply.level < Level.URGENT:
            own = [row for row in reply.buttons if any(button.code.startswith("private-") for button in row)]
            rows = tuple(own) or ((Button(label=desk.messages.button_private, code=code),),)
            reply = reply.model_copy(update={"buttons": rows})
        result = InlineQueryResultArticle(
            id="answer",
            title=desk.messages.button_private[:TITLE],
            input_message_content=InputTextMessageContent(
                render.telegram_html(reply)[0], parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            reply_markup=keyboard(reply.buttons, ChatKind.INLINE, desk.username),
        )
        with contextlib.suppress(BadRequest):
            await message.get_bot().answer_guest_query(message.guest_query_id, result)

    def _without_name(self, text: str) -> str:
        """The words without the bot's own name."""
        wanted = f"@{self._desk.username}".lower()
        return " ".join(word for word in text.split() if word.lower().rstrip(",:;") != wanted)
