"""
A group: silent unless addressed, answers as a reply in the same topic, tells nothing about a person.

May not know what a topic or a dose is.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta

from telegram import Bot, Message, MessageEntity, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.handlers import settings as settings_pages
from bot.handlers.desk import Desk, Key
from bot.handlers.private import Context, PrivateChat, command_of, not_text, words_of
from bot.handlers.sending import Place, ephemeral_id, place_of, send, withdraw
from bot.model import Button, ChatKind, Level, Paragraph, Question, Reply, ReplyKind, Style
from bot.telemetry import line
from bot.transport import current_turn

MOST_WAITING = 6
REMEMBERED = 5_000
PERSONAL_COMMANDS = ("mydata", "delete_my_data", "country", "lowenergy", "language", "cancel")
SHARED_COMMANDS = (
    "ask", "help", "topics", "menu", "sources", "evidence", "privacy", "about", "dose", "start", "poster", "settings",
)


def person_of(message: Message) -> int | None:
    """Who wrote a message, or None where it was written as the group or as a channel."""
    if message.sender_chat is not None or message.from_user is None:
        return None
    return message.from_user.id


async def is_admin(bot: Bot, chat_id: int, user_id: int) -> bool:
    """Whether a person is an admin of a group; where Telegram does not say, no."""
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except TelegramError:
        return False
    return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


class Groups:
    """Answers in groups."""

    def __init__(self, desk: Desk, private: PrivateChat) -> None:
        self._desk = desk
        self._private = private
        self._next_answer: OrderedDict[int, float] = OrderedDict()
        self._answered: OrderedDict[tuple[int, int, tuple[str, ...]], tuple[datetime, int]] = OrderedDict()

    async def message(self, update: Update, context: Context) -> None:
        """A message in a group, addressed to us or not."""
        message = update.effective_message
        if message is None:
            return
        line().chat = "group"
        text = words_of(message)
        command = command_of(text) if text else None
        if command is not None:
            await self._command(update, message, *command)
            return
        asked = self._addressed(message, text)
        if asked is None:
            return
        if not asked.strip():
            if text is None and update.edited_message is None:
                await self._say(message, not_text(self._desk))
            return
        reply = self._desk.conversation.reply(self._question(message, asked))
        await self._say(message, self._remarked(update, message, reply))

    def _remarked(self, update: Update, message: Message, reply: Reply) -> Reply:
        edited = update.edited_message is not None
        late = self._desk.lateness(message.edit_date if edited else message.date)
        note = late or (self._desk.messages.edited if edited else None)
        return self._desk.with_note(reply, note) if note else reply

    def _addressed(self, message: Message, text: str | None) -> str | None:
        """The words meant for us, or None where we are not meant."""
        answered = message.reply_to_message
        if answered is not None and answered.from_user is not None and answered.from_user.id == self._desk.bot_id:
            return self._without_mention(text or "", message)[0]
        if text:
            rest, mentioned = self._without_mention(text, message)
            if mentioned:
                return rest
        return None

    def _without_mention(self, text: str, message: Message) -> tuple[str, bool]:
        wanted = f"@{self._desk.username}".lower()
        parse = message.parse_entities if message.text is not None else message.parse_caption_entities
        mentions = {words for words in parse([MessageEntity.MENTION]).values() if words.lower() == wanted}
        for words in mentions:
            text = text.replace(words, " ")
        return text, bool(mentions)

    def _key(self, message: Message) -> Key:
        return Key(message.chat.id, person_of(message) or 0)

    def _question(self, message: Message, text: str) -> Question:
        kind = ChatKind.PRIVATE if ephemeral_id(message) is not None else ChatKind.GROUP
        return self._desk.question(text, self._key(message), kind)

    # -- commands --------------------------------------------------------------------------------------------------

    async def _command(
        self, update: Update, message: Message, name: str, target: str | None, argument: str
    ) -> None:
        desk = self._desk
        if target is not None and target.lower() != desk.username.lower():
            return
        known = name in SHARED_COMMANDS or name in PERSONAL_COMMANDS
        if not known and target is None:
            return  # probably another bot's
        if ephemeral_id(message) is not None and message.from_user is not None:
            # Only this person sees command and answer: like a private chat, with the settings of the person.
            key = self._key(message)
            reply = self._private.command(name, argument, Key(message.from_user.id, message.from_user.id))
            desk.note(reply, "group")
            desk.remember(key, reply)
            if await send(message.get_bot(), place_of(message, ChatKind.PRIVATE), reply, desk) is None:
                page = "dose" if name == "dose" else "menu"
                await self._say(message, self._to_private(page, desk.messages.private_only))
            return
        if name == "settings":
            await self._settings(message)
            return
        helped = message.reply_to_message
        if name == "ask" and not argument and helped is not None:
            await self._help_somebody(message, helped)
            return
        await self._say(message, self._remarked(update, message, self._commanded(message, name, argument)))

    def _commanded(self, message: Message, name: str, argument: str) -> Reply:
        desk = self._desk
        question = self._question(message, argument)
        asked = desk.conversation.command(name if name != "poster" else "help", argument, question)
        if asked.level >= Level.URGENT:
            return asked
        if name == "ask" and not argument:
            return _plain(desk.messages.group_ask_hint)
        if name in PERSONAL_COMMANDS or name == "poster":
            page = name if name in ("mydata", "poster") else "settings"
            return self._to_private(page, desk.messages.group_in_private)
        if name == "start":
            return _plain(desk.messages.group_greeting)
        return asked

    async def _help_somebody(self, message: Message, helped: Message) -> None:
        """Answer the message a helper replied to, for the one who wrote it."""
        if helped.from_user is not None and helped.from_user.id == self._desk.bot_id:
            await self._say(message, _plain(self._desk.messages.group_ask_hint))
            return
        text = words_of(helped)
        if text is None:
            await self._say(message, not_text(self._desk))
            return
        command = command_of(text)
        words = command[2] if command is not None else text
        key = Key(message.chat.id, person_of(helped) or 0)
        reply = self._desk.conversation.reply(self._desk.question(words, key, ChatKind.GROUP))
        await self._say(message, reply, to=helped, key=key)

    async def _settings(self, message: Message) -> None:
        line().kind = "settings"
        writer = person_of(message)
        as_group = message.sender_chat is not None and message.sender_chat.id == message.chat.id
        admin = as_group or (writer is not None and await is_admin(message.get_bot(), message.chat.id, writer))
        if not admin:
            await self._say(message, _plain(self._desk.messages.group_not_admin))
            return
        await self._say(message, settings_pages.group(self._desk, message.chat.id))

    # -- answers ---------------------------------------------------------------------------------------------------

    async def _say(self, message: Message, reply: Reply, to: Message | None = None, key: Key | None = None) -> None:
        """Answer as a reply, in turn, without repeating; where help is needed, at once."""
        desk = self._desk
        desk.note(reply, "group")
        desk.remember(key or self._key(message), reply)
        place = replace(place_of(message, ChatKind.GROUP, reply=True), only_for=None)
        if to is not None:
            place = replace(place, reply_to=to.message_id)
        bot = message.get_bot()
        if reply.level >= Level.URGENT:
            await send(bot, place, desk.with_own_language(reply, desk.preferences(message.chat.id)), desk)
            return
        quiet = settings_pages.is_quiet(desk.store.read(message.chat.id), desk.clock())
        if quiet and reply.kind != ReplyKind.SMALL_TALK:
            place = replace(place, silent=True)
            code = f"topic-{reply.topics[0].id}" if reply.topics else "menu"
            reply = self._to_private(code, desk.messages.group_quiet)
        if not await self._my_turn(message.chat.id):
            line().outcome = "held_back"
            return
        if to is None:
            reply, place = self._not_again(message, reply, place)
        sent = await send(bot, place, reply, desk)
        if sent is not None:
            self._keep_answer(message, reply, sent)

    def _to_private(self, code: str, text: str) -> Reply:
        button = Button(label=self._desk.messages.button_private, code=f"private-{code}")
        return Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text),), buttons=((button,),))

    async def _my_turn(self, chat_id: int) -> bool:
        """Wait until this group may hear from us again; False where too many wait already."""
        every = self._desk.settings.groups.answer_every_seconds
        now = asyncio.get_running_loop().time()
        free = self._next_answer.get(chat_id, 0.0)
        wait = max(0.0, free - now)
        if wait > every * MOST_WAITING:
            return False
        self._next_answer[chat_id] = max(free, now) + every
        self._next_answer.move_to_end(chat_id)
        if len(self._next_answer) > REMEMBERED:
            self._next_answer.popitem(last=False)
        if wait:
            turn = current_turn()
            if turn is not None:
                turn.step_aside()
            await asyncio.sleep(wait)
        return True

    def _not_again(self, message: Message, reply: Reply, place: Place) -> tuple[Reply, Place]:
        """A question answered here a short time ago is answered by pointing there."""
        if reply.kind != ReplyKind.ANSWER or not reply.topics:
            return reply, place
        name = (message.chat.id, place.thread_id or 0, tuple(topic.id for topic in reply.topics))
        earlier = self._answered.get(name)
        if earlier is None:
            return reply, place
        when, message_id = earlier
        age = self._desk.clock() - when
        if not timedelta(0) <= age <= timedelta(minutes=self._desk.settings.groups.same_question_minutes):
            return reply, place
        minutes = max(1, round(age.total_seconds() / 60))
        text = self._desk.messages.group_answered_before.format(minutes=minutes)
        pointer = Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text, style=Style.NOTE),))
        if message.chat.type != ChatType.SUPERGROUP:
            # Ordinary groups have no links to messages: the pointer is a reply to the answer itself.
            return pointer, replace(place, reply_to=message_id)
        address = f"https://t.me/c/{str(message.chat.id).removeprefix('-100')}/{message_id}"
        button = Button(label=self._desk.messages.button_first_answer, code="first", url=address)
        return pointer.model_copy(update={"buttons": ((button,),)}), place

    def _keep_answer(self, message: Message, reply: Reply, sent: Message) -> None:
        if reply.kind != ReplyKind.ANSWER or not reply.topics:
            return
        thread = message.message_thread_id if message.is_topic_message and message.message_thread_id != 1 else None
        name = (message.chat.id, thread or 0, tuple(topic.id for topic in reply.topics))
        self._answered[name] = (self._desk.clock(), sent.message_id)
        self._answered.move_to_end(name)
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)

    # -- coming, going, moving -------------------------------------------------------------------------------------

    async def membership(self, update: Update, context: Context) -> None:
        """We were added, removed, blocked or let in again."""
        change = update.my_chat_member
        if change is None:
            return
        line().kind = "membership"
        gone = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
        before, after = change.old_chat_member.status, change.new_chat_member.status
        if after in gone:
            self._desk.forget(change.chat.id)
            self.forget(change.chat.id)
        elif before in gone and change.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP) and not change.chat.is_forum:
            # In a forum no topic is the right one to speak up in.
            line().chat = "group"
            place = Place(chat_id=change.chat.id, kind=ChatKind.GROUP)
            await send(change.get_bot(), place, _plain(self._desk.messages.group_greeting), self._desk)

    async def moved(self, update: Update, context: Context) -> None:
        """A group became a supergroup: its settings go along."""
        message = update.effective_message
        if message is None:
            return
        line().kind = "moved"
        if message.migrate_to_chat_id is not None:
            self._desk.store.move(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            self._desk.store.move(message.migrate_from_chat_id, message.chat.id)

    async def own_card(self, update: Update, context: Context) -> None:
        """A card posted through us: no question; removed where a group wants no cards."""
        message = update.effective_message
        line().kind = "card"
        if message is not None and self._desk.store.read(message.chat.id).get("no_cards"):
            await withdraw(message)

    def forget(self, chat_id: int) -> None:
        """Forget what is remembered about a group."""
        self._next_answer.pop(chat_id, None)
        for name in [name for name in self._answered if name[0] == chat_id]:
            del self._answered[name]


def _plain(text: str) -> Reply:
    return Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text),))
