"""
A private chat: words, commands, links, and everything else Telegram can send.

May not know what a topic or a dose is.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from telegram import Bot, Message, MessageOriginUser, Update
from telegram.ext import CallbackContext, ExtBot

from bot.handlers import settings as settings_pages
from bot.handlers.albums import Albums
from bot.handlers.desk import Desk, Key
from bot.handlers.keyboards import deep_link, may_be_linked, verb_of
from bot.handlers.sending import Place, place_of, send, send_picture
from bot.model import ChatKind, Level, Paragraph, Picture, PictureKind, Reply, ReplyKind
from bot.telemetry import line
from bot.transport import current_turn

Context = CallbackContext[ExtBot[None], dict[str, object], dict[str, object], dict[str, object]]
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{3,40}))?(?:\s+|$)")
MOST_WAITING = 20
SLOW_SECONDS = 2.0
FLOODS_REMEMBERED = 1_000


def words_of(message: Message) -> str | None:
    """What a person wrote: the text, or the caption under a picture; None where there are no words at all."""
    return message.text if message.text is not None else message.caption


def command_of(text: str) -> tuple[str, str | None, str] | None:
    """A command's name, whom it is addressed to, and what stands after it."""
    found = _COMMAND.match(text)
    if found is None:
        return None
    return found.group(1).lower(), found.group(2), text[found.end() :].strip()


class PrivateChat:
    """Answers everything that comes in a private chat."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._albums = Albums()
        self._floods: OrderedDict[int, None] = OrderedDict()

    async def message(self, update: Update, context: Context) -> None:
        """A new or an edited message."""
        message = update.effective_message
        if message is None or message.from_user is None:
            return
        line().chat = "private"
        edited = update.edited_message is not None
        text = words_of(message)
        if text is None:
            if not edited:
                await self._without_words(message)
            return
        key = Key(message.chat.id, message.from_user.id)
        if not edited and not self._albums.take_words(message) and not self._desk.needs_help(text, key):
            return  # one answer an album; a second caption counts only where help is needed
        reply = self._again(message, text, key) or self.answer(text, key)
        if await self._is_too_many(message, reply):
            return
        late = self._desk.lateness(message.edit_date if edited else message.date)
        if late is not None:
            reply = self._desk.with_note(reply, late)
        elif edited:
            reply = self._desk.with_note(reply, self._desk.messages.edited)
        place = place_of(message, ChatKind.PRIVATE, reply=edited or late is not None)
        await self.say(message.get_bot(), place, reply, key)
        if reply.kind == ReplyKind.NOT_UNDERSTOOD and reply.level == Level.NONE and command_of(text) is None:
            await self._desk.keep_unanswered(text)

    def answer(self, text: str, key: Key) -> Reply:
        """The reply to words; a command is a command only where it stands first."""
        command = command_of(text)
        if command is None:
            return self._desk.answer(text, key, ChatKind.PRIVATE)
        name, target, argument = command
        if target is not None and target.lower() != self._desk.username.lower():
            name = f"{name}@"  # somebody else's command: unknown here, its words are still read
        return self.command(name, argument, key)

    def _again(self, message: Message, text: str, key: Key) -> Reply | None:
        """Our own words forwarded to us are no question: their page as it is now."""
        origin = message.forward_origin
        ours = isinstance(origin, MessageOriginUser) and origin.sender_user.id == self._desk.bot_id
        if not ours and (message.via_bot is None or message.via_bot.id != self._desk.bot_id):
            return None
        code = self._desk.code_of_own(text)
        if code is None:
            return None
        return self._desk.conversation.press(code, self._desk.question("", key, ChatKind.PRIVATE))

    def command(self, name: str, argument: str, key: Key) -> Reply:
        """The reply to a command; settings are ours, everything else is the conversation's."""
        question = self._desk.question(argument, key, ChatKind.PRIVATE)
        if name == "start":
            return self._started(argument, key)
        # Help comes before any setting: what is written after a command is read first.
        asked = self._desk.conversation.command(name, argument, question)
        if asked.level >= Level.URGENT:
            return asked
        own = settings_pages.personal_command(self._desk, name, key)
        return own if own is not None else asked

    def _started(self, code: str, key: Key) -> Reply:
        question = self._desk.question("", key, ChatKind.PRIVATE)
        if not code:
            return self._desk.conversation.command("start", "", question)
        if not may_be_linked(code):
            return self._desk.conversation.press("unknown", question)
        own = settings_pages.personal_command(self._desk, code, key)
        if own is not None:
            return own
        reply = self._desk.conversation.press(code, question)
        if verb_of(code) == "picture" and reply.picture is not None:
            return as_picture(reply.picture)
        return reply

    async def say(self, bot: Bot, place: Place, reply: Reply, key: Key) -> None:
        """Send a reply and remember where the conversation stands."""
        desk = self._desk
        desk.note(reply, "private")
        desk.remember(key, reply)
        reply = desk.with_own_language(reply, desk.preferences(key.chat_id))
        if reply.picture is not None and reply.text == reply.picture.text:
            await send_picture(bot, place, reply.picture, desk, caption=reply.text)
            return
        await send(bot, place, reply, desk)

    async def _is_too_many(self, message: Message, reply: Reply) -> bool:
        """
        Whether somebody writes more than Telegram lets us answer; then they are told once, instead of an answer.

        Every message was read by then, and what is urgent is answered whatever waits.
        """
        turn, chat_id = current_turn(), message.chat.id
        waiting = 0 if turn is None else turn.held_before + (turn.behind if turn.waited > SLOW_SECONDS else 0)
        if waiting < MOST_WAITING // 2:
            self._floods.pop(chat_id, None)
        if waiting < MOST_WAITING or reply.level >= Level.URGENT:
            return False
        line().kind, line().outcome = str(reply.kind), "held_back"
        if chat_id in self._floods:
            return True
        self._floods[chat_id] = None
        if len(self._floods) > FLOODS_REMEMBERED:
            self._floods.popitem(last=False)
        told = Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=self._desk.messages.too_many),))
        await send(message.get_bot(), place_of(message, ChatKind.PRIVATE), told, self._desk)
        return True

    # -- without words ---------------------------------------------------------------------------------------------

    async def _without_words(self, message: Message) -> None:
        """A voice, a picture, a sticker: said at once that only text is read, with the line for emergencies."""
        if not await self._albums.take_wordless(message):
            return
        reply = not_text(self._desk)
        if await self._is_too_many(message, reply):
            return
        self._desk.note(reply, "private")
        await send(message.get_bot(), place_of(message, ChatKind.PRIVATE), reply, self._desk)


def not_text(desk: Desk) -> Reply:
    """The fixed answer to what cannot be read."""
    return Reply(kind=ReplyKind.NOT_UNDERSTOOD, paragraphs=(Paragraph(text=desk.messages.not_text),))


def poster(desk: Desk) -> Reply:
    """A sheet with a code to scan."""
    messages = desk.messages
    address = deep_link(desk.username, "menu")
    caption = messages.poster_caption.format(address=address)
    values = {
        "title": messages.poster_title, "address": address,
        "lines": messages.poster_lines, "footer": messages.poster_footer,
    }
    return as_picture(Picture(kind=PictureKind.POSTER, values=values, text=caption))


def as_picture(picture: Picture) -> Reply:
    """A reply that says no more than its picture, and is sent as that picture."""
    return Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=picture.text),), picture=picture)


__all__ = ["Context", "PrivateChat", "as_picture", "command_of", "not_text", "poster", "verb_of", "words_of"]
