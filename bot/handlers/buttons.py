"""
A button was pressed: by its owner or by somebody else, today or on a message months old.

May not know what a topic or a dose is. Every press is answered, so that no button spins.
"""

from __future__ import annotations

import contextlib

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, Update
from telegram.error import BadRequest

from bot.handlers import settings as settings_pages
from bot.handlers.desk import Desk, Key
from bot.handlers.groups import is_admin, person_of
from bot.handlers.keyboards import CODE, verb_of
from bot.handlers.private import Context
from bot.handlers.sending import Place, edit, ephemeral_id, place_of, replied_to, send, send_picture
from bot.model import ChatKind, Level, Picture, PictureKind, Reply
from bot.telemetry import line

TOAST = 200
_PAGES_OF_A_CARD = ("more", "sources", "ask", "share", "bad")


class Buttons:
    """Answers presses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def press(self, update: Update, context: Context) -> None:
        """A press on a button of one of our messages."""
        query = update.callback_query
        if query is None:
            return
        message = query.message
        code = query.data or ""
        line().kind = "press"
        if message is None or not CODE.fullmatch(code):
            # A card posted through us holds links only, so this is no button of ours, or a very old one.
            code = "unknown"
        if message is None:
            await self._toast(query, self._desk.messages.button_gone)
            return
        alone = ephemeral_id(message) is not None
        if message.chat.type == "private" or alone:
            # What only one person sees in a group is like their private chat, with their own settings.
            thread = place_of(message, ChatKind.PRIVATE).thread_id if isinstance(message, Message) else None
            only_for = query.from_user.id if alone else None
            place = Place(chat_id=message.chat.id, kind=ChatKind.PRIVATE, thread_id=thread, only_for=only_for)
            await self._private(query, message, code, place)
        elif message.chat.type in ("group", "supergroup"):
            await self._group(query, message, code)
        else:
            await self._toast(query, None)

    async def _private(self, query: CallbackQuery, message: MaybeInaccessibleMessage, code: str, place: Place) -> None:
        desk = self._desk
        key = Key(query.from_user.id, query.from_user.id)
        if code.startswith("picture-"):
            await self._picture(query, place, code, key)
            return
        reply = settings_pages.personal_press(desk, code, key)
        if reply is None:
            reply = desk.conversation.press(code, desk.question("", key, ChatKind.PRIVATE))
            self._after(code, reply, key)
        desk.note(reply, "group" if place.only_for else "private")
        desk.remember(key, reply)
        reply = desk.with_own_language(reply, desk.preferences(key.chat_id))
        await self._toast(query, reply.notice)
        if reply.notice is not None and not reply.buttons:
            return
        turns = isinstance(message, Message) and (
            reply.edits or place.only_for or (reply.level < Level.URGENT and _is_page_of(message, code))
        )
        if turns and await edit(query, place, reply, desk):
            return
        await send(query.get_bot(), place, reply, desk)

    def _after(self, code: str, reply: Reply, key: Key) -> None:
        """What a press changes besides the answer."""
        verb, _, rest = code.partition("-")
        if reply.notice == self._desk.messages.old_button:
            return
        if verb == "country":
            settings_pages.set_country(self._desk, key, rest)
        elif verb in ("good", "bad") and self._desk.whole.knowledge.resolve(rest) is not None:
            self._desk.figures.verdict(verb, rest)
        elif verb == "badwhy":
            reason, _, topic = rest.partition("-")
            if self._desk.whole.knowledge.resolve(topic) is not None:
                self._desk.figures.verdict(f"bad_{reason}", topic)

    async def _picture(self, query: CallbackQuery, place: Place, code: str, key: Key) -> None:
        """Draw what was offered; after a restart, what can be had from the code alone."""
        line().kind = "picture"
        kind = code.removeprefix("picture-")
        picture: Picture | None = self._desk.picture(key)
        if picture is None or picture.kind != kind:
            picture = self._desk.conversation.press(code, self._desk.question("", key, ChatKind.PRIVATE)).picture
        unseen = picture is None or picture.kind != kind or kind not in set(PictureKind)
        if picture is None or unseen or place.only_for is not None:
            await self._toast(query, self._desk.messages.button_gone)
            return
        await self._toast(query, None)
        await send_picture(query.get_bot(), place, picture, self._desk)

    async def _group(self, query: CallbackQuery, message: MaybeInaccessibleMessage, code: str) -> None:
        desk = self._desk
        line().chat = "group"
        if verb_of(code) == "set":
            await self._group_setting(query, message, code)
            return
        owner = _owner(message)
        if owner is not None and owner != query.from_user.id:
            line().kind = "not_owner"
            await self._toast(query, desk.notices(message.chat.id).not_your_button)
            return
        key = Key(message.chat.id, query.from_user.id)
        reply = desk.conversation.press(code, desk.question("", key, ChatKind.GROUP))
        self._count_verdict(code, reply)
        desk.note(reply, "group")
        desk.remember(key, reply)
        # In a group no menu comes after "here is the menu".
        gone = reply.notice == desk.messages.old_button
        await self._toast(query, desk.notices(message.chat.id).button_gone if gone else reply.notice)
        if reply.notice is not None or not isinstance(message, Message):
            return
        await edit(query, place_of(message, ChatKind.GROUP), reply, desk)

    def _count_verdict(self, code: str, reply: Reply) -> None:
        verb = verb_of(code)
        if verb in ("good", "bad", "badwhy"):
            self._after(code, reply, Key(0, 0))

    async def _group_setting(
        self, query: CallbackQuery, message: MaybeInaccessibleMessage, code: str
    ) -> None:
        desk = self._desk
        line().kind = "settings"
        if not await is_admin(query.get_bot(), message.chat.id, query.from_user.id):
            await self._toast(query, desk.notices(message.chat.id).group_not_admin)
            return
        reply = settings_pages.group_press(desk, code, message.chat.id)
        notices = desk.notices(message.chat.id)
        await self._toast(query, notices.group_saved if reply else notices.button_gone)
        if reply is not None and isinstance(message, Message):
            await edit(query, place_of(message, ChatKind.GROUP), reply, desk)

    async def _toast(self, query: CallbackQuery, text: str | None) -> None:
        """Answer the press; one that Telegram holds too old is no fault."""
        with contextlib.suppress(BadRequest):
            await query.answer(text[:TOAST] if text else None)


def _is_page_of(message: Message, code: str) -> bool:
    """Whether the press turns a page of the card, of the settings or of the countries it stands on."""
    verb, _, topic = code.partition("-")
    if verb in _PAGES_OF_A_CARD:
        return True
    if verb not in ("topic", "countries", "country") or message.reply_markup is None:
        return False
    codes = {str(button.callback_data) for row in message.reply_markup.inline_keyboard for button in row}
    if verb != "topic":  # an answer in an emergency stays where it is
        return any(verb_of(one) in ("set", "country") for one in codes)
    return bool(codes & {f"more-{topic}", f"sources-{topic}"})


def _owner(message: MaybeInaccessibleMessage) -> int | None:
    """Who may press: whom the message answers; None where that is not known any more, or was a group itself."""
    answered = replied_to(message)
    return person_of(answered) if answered is not None else None
