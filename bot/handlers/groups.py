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
from bot.handlers.albums import Albums
from bot.handlers.desk import Desk, Key
from bot.handlers.private import Context, PrivateChat, command_of, not_text, words_of
from bot.handlers.sending import Place, ephemeral_id, place_of, replied_to, send, withdraw
from bot.messages import Messages
from bot.model import Button, ChatKind, Level, Paragraph, Question, Reply, ReplyKind, Style
from bot.telemetry import line
from bot.transport import current_turn

MOST_WAITING = 6
REMEMBERED = 5_000
GREETING_HOLDS = timedelta(minutes=1)
SUPERGROUP_IDS_BEGIN = 10**12
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
        self._greeted: OrderedDict[int, datetime] = OrderedDict()
        self._albums = Albums()

    async def message(self, update: Update, context: Context) -> None:
        """A message in a group, addressed to us or not."""
        message = update.effective_message
        if message is None:
            return
        line().chat = "group"
        text = words_of(message)
        command = command_of(text) if text else None
        asked = self._addressed(message, text) if command is None else None
        if command is None and asked is None:
            return
        edited = update.edited_message is not None
        if text is None:
            # A sticker or the like under an answer of ours says thanks, and asks nothing.
            greets = message.sticker or message.animation or message.dice
            if not edited and not greets and await self._albums.take_wordless(message):
                await self._say(message, not_text(self._desk))
            return
        if not edited and not self._albums.take_words(message) and not self._desk.needs_help(text, self._key(message)):
            return
        if command is not None:
            await self._command(update, message, *command)
        elif asked and asked.strip():
            reply = self._desk.answer(asked, self._key(message), self._kind(message))
            await self._say(message, self._remarked(update, message, reply))

    def _remarked(self, update: Update, message: Message, reply: Reply) -> Reply:
        edited = update.edited_message is not None
        late = self._desk.lateness(message.edit_date if edited else message.date)
        note = late or (self._desk.messages.edited if edited else None)
        return self._desk.with_note(reply, note) if note else reply

    def _addressed(self, message: Message, text: str | None) -> str | None:
        """The words meant for us, or None where we are not meant."""
        answered = replied_to(message)
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
        """Whose conversation it is; where only this person and we see it, the one of their private chat."""
        if ephemeral_id(message) is not None and message.from_user is not None:
            return Key(message.from_user.id, message.from_user.id)
        return Key(message.chat.id, person_of(message) or 0)

    def _kind(self, message: Message) -> ChatKind:
        return ChatKind.PRIVATE if ephemeral_id(message) is not None else ChatKind.GROUP

    def _question(self, message: Message, text: str) -> Question:
        return self._desk.question(text, self._key(message), self._kind(message))

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
            await self._say(message, self._private.command(name, argument, self._key(message)))
            return
        if name == "settings":
            await self._settings(message)
            return
        if name == "start" and argument and self._was_greeted(message.chat.id):
            return  # Telegram sends it by itself where a link with a code added us
        helped = replied_to(message)
        if name == "ask" and not argument and helped is not None:
            await self._help_somebody(message, helped)
            return
        await self._say(message, self._remarked(update, message, self._commanded(message, name, argument)))

    def _commanded(self, message: Message, name: str, argument: str) -> Reply:
        desk = self._desk
        if name == "ask" and desk.code_of_card(argument) is not None:
            return desk.answer(argument, self._key(message), ChatKind.GROUP)
        question = self._question(message, argument)
        asked = desk.conversation.command(name if name != "poster" else "help", argument, question)
        if asked.level >= Level.URGENT:
            return asked
        if name == "ask" and not argument:
            return _plain(self._notices(message).group_ask_hint)
        if name in PERSONAL_COMMANDS or name == "poster":
            page = name if name in ("mydata", "poster") else "settings"
            notices = self._notices(message)
            said = notices.group_poster if name == "poster" else notices.group_in_private
            return self._to_private(page, said, notices)
        if name == "start":
            return _plain(self._notices(message).group_greeting)
        return asked

    async def _help_somebody(self, message: Message, helped: Message) -> None:
        """Answer the message a helper replied to, for the one who wrote it."""
        ours = self._desk.bot_id in {one.id for one in (helped.from_user, helped.via_bot) if one is not None}
        text = words_of(helped)
        if ours or (text is None and helped.effective_attachment is None):
            # Our own words, or Telegram's "Ana joined": nobody asked anything there.
            await self._say(message, _plain(self._notices(message).group_ask_hint))
            return
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
            await self._say(message, _plain(self._notices(message).group_not_admin))
            return
        await self._say(message, settings_pages.group(self._desk, message.chat.id))

    # -- answers ---------------------------------------------------------------------------------------------------

    async def _say(self, message: Message, reply: Reply, to: Message | None = None, key: Key | None = None) -> None:
        """Answer: to the one person who sees the question, or to the whole group."""
        if ephemeral_id(message) is not None and message.from_user is not None:
            await self._say_alone(message, reply)
        else:
            await self._say_aloud(message, reply, to, key)

    async def _say_alone(self, message: Message, reply: Reply) -> None:
        """Answer so that only the one who asked sees it; where this server cannot, lead to the private chat."""
        desk = self._desk
        key = self._key(message)
        desk.note(reply, "group")
        desk.remember(key, reply)
        said = desk.with_own_language(reply, desk.preferences(key.chat_id))
        if await send(message.get_bot(), place_of(message, ChatKind.PRIVATE), said, desk) is not None:
            return
        if reply.level < Level.URGENT:
            page = f"topic-{reply.topics[0].id}" if reply.topics else "dose" if reply.state.sum else "menu"
            notices = self._notices(message)
            reply = self._to_private(page, notices.private_only, notices)
        await self._say_aloud(message, reply, key=Key(message.chat.id, key.user_id))

    async def _say_aloud(
        self, message: Message, reply: Reply, to: Message | None = None, key: Key | None = None
    ) -> None:
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
        notices = self._notices(message)
        if _leads_to_private(reply):
            reply = self._to_private("dose", notices.private_only, notices)
        quiet = settings_pages.is_quiet(desk.store.read(message.chat.id), desk.clock())
        place = replace(place, silent=quiet)
        if quiet and reply.kind != ReplyKind.SMALL_TALK:
            code = f"topic-{reply.topics[0].id}" if reply.topics else "menu"
            reply = self._to_private(code, notices.group_quiet, notices)
        if not await self._my_turn(message.chat.id):
            line().outcome = "held_back"
            return
        reply, place = self._not_again(message, reply, place)
        sent = await send(bot, place, reply, desk)
        if sent is not None:
            self._keep_answer(message, reply, sent)

    def _notices(self, message: Message) -> Messages:
        return self._desk.notices(message.chat.id)

    def _to_private(self, code: str, text: str, notices: Messages) -> Reply:
        button = Button(label=notices.button_private, code=f"private-{code}")
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
        if reply.kind != ReplyKind.ANSWER or not reply.topics or self._is_about_a_card(reply):
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
        text = self._notices(message).group_answered_before.format(minutes=minutes)
        pointer = Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text, style=Style.NOTE),))
        if message.chat.type != ChatType.SUPERGROUP:
            # Ordinary groups have no links to messages: the pointer is a reply to the answer itself.
            return pointer, replace(place, reply_to=message_id)
        address = f"https://t.me/c/{-message.chat.id - SUPERGROUP_IDS_BEGIN}/{message_id}"
        button = Button(label=self._notices(message).button_first_answer, code="first", url=address)
        return pointer.model_copy(update={"buttons": ((button,),)}), place

    def _is_about_a_card(self, reply: Reply) -> bool:
        """Whether somebody asked if a card has changed: the first answer does not say that."""
        messages = self._desk.messages
        return any(said.text in (messages.changed_since, messages.unchanged_since) for said in reply.paragraphs)

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
            if self._was_greeted(change.chat.id):
                return
            self._keep_greeted(change.chat.id)
            place = Place(chat_id=change.chat.id, kind=ChatKind.GROUP)
            await send(change.get_bot(), place, _plain(self._desk.notices(change.chat.id).group_greeting), self._desk)

    async def moved(self, update: Update, context: Context) -> None:
        """A group became a supergroup: its settings go along."""
        message = update.effective_message
        if message is None:
            return
        line().kind = "moved"
        old, new = message.chat.id, message.migrate_to_chat_id
        if new is None and message.migrate_from_chat_id is not None:
            old, new = message.migrate_from_chat_id, message.chat.id
        if new is not None:
            self._desk.store.move(old, new)
            self.forget(old)
            self._keep_greeted(new)  # Telegram says that we joined it; nobody added us

    async def own_card(self, update: Update, context: Context) -> None:
        """A card posted through us: no question; removed where a group wants no cards."""
        message = update.effective_message
        line().kind = "card"
        if message is None:
            return
        if message.chat.type == ChatType.PRIVATE:
            if message.forward_origin is not None:
                await self._private.message(update, context)  # "is that still so?"
        elif self._desk.store.read(message.chat.id).get("no_cards"):
            await withdraw(message)

    def _was_greeted(self, chat_id: int) -> bool:
        """Whether this group was greeted just now, or needs no greeting."""
        when = self._greeted.get(chat_id)
        return when is not None and timedelta(0) <= self._desk.clock() - when <= GREETING_HOLDS

    def _keep_greeted(self, chat_id: int) -> None:
        self._greeted[chat_id] = self._desk.clock()
        if len(self._greeted) > REMEMBERED:
            self._greeted.popitem(last=False)

    def forget(self, chat_id: int) -> None:
        """Forget what is remembered about a group."""
        self._next_answer.pop(chat_id, None)
        self._greeted.pop(chat_id, None)
        for name in [name for name in self._answered if name[0] == chat_id]:
            del self._answered[name]


def _plain(text: str) -> Reply:
    return Reply(kind=ReplyKind.SMALL_TALK, paragraphs=(Paragraph(text=text),))


def _leads_to_private(reply: Reply) -> bool:
    """Whether it only says that sums are done in private, which it says in English wherever it was asked."""
    return reply.kind == ReplyKind.ASK_BACK and [button.code for row in reply.buttons for button in row] == [
        "private-dose"
    ]
