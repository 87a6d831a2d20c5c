"""People and groups who write to the bot: each act is an update as Telegram forms it."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_emulator.core import Emulator, Json

_ids = itertools.count(7_000_001)
_AS_GROUP = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


def _entities(text: str, bot: str) -> list[Json]:
    found = []
    if text.startswith("/") and len(text) > 1:
        found.append({"type": "bot_command", "offset": 0, "length": len(text.split()[0])})
    at = text.find(f"@{bot}")
    if at >= 0 and not text.startswith("/"):
        found.append({"type": "mention", "offset": at, "length": len(bot) + 1})
    return found


def message(emulator: Emulator, chat: Json, writer: Json | None, text: str | None, **more: Any) -> Json:
    """A message as the bot is shown it; kept, so that it can be answered."""
    made: Json = {"message_id": emulator.number(), "date": int(time.time()), "chat": chat, **more}
    if writer is not None:
        made.setdefault("from", writer)
    if text is not None:
        made["text"] = text
        entities = _entities(text, emulator.me["username"])
        if entities:
            made["entities"] = entities
    emulator.messages[(chat["id"], made["message_id"])] = made
    return made


@dataclass
class Person:
    """Somebody with a private chat."""

    emulator: Emulator
    name: str = "Ana"
    id: int = field(default_factory=lambda: next(_ids))

    @property
    def json(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": "en"}

    @property
    def chat(self) -> Json:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def says(self, text: str | None, **more: Any) -> Json:
        return self.emulator.push("message", message(self.emulator, self.chat, self.json, text, **more))

    def edits(self, update: Json, text: str) -> Json:
        changed = {**update["message"], "text": text, "edit_date": int(time.time())}
        return self.emulator.push("edited_message", changed)

    def presses(self, code: str | None, on: Json | None, **more: Any) -> Json:
        """Press a button of a message of the bot (`on` is what the send call returned)."""
        query: Json = {"id": str(self.emulator.number()), "from": self.json, "chat_instance": "1", **more}
        if code is not None:
            query["data"] = code
        if on is not None:
            query["message"] = on
        return self.emulator.push("callback_query", query)

    def types(self, query: str, **more: Any) -> Json:
        """An inline query."""
        body = {"id": str(self.emulator.number()), "from": self.json, "query": query, "offset": "", **more}
        return self.emulator.push("inline_query", body)

    def asks_as_guest(self, text: str, **more: Any) -> Json:
        """A mention in a chat the bot is not in (Bot API 10.0)."""
        chat = {"id": -100_555_000_111, "type": "supergroup", "title": "Elsewhere"}
        made = message(
            self.emulator, chat, self.json, text, guest_query_id=str(self.emulator.number()), **more
        )
        return self.emulator.push("guest_message", made)


@dataclass
class Group:
    """A group the bot is in."""

    emulator: Emulator
    id: int = field(default_factory=lambda: -1_000_000_000_000 - next(_ids))
    kind: str = "supergroup"

    @property
    def chat(self) -> Json:
        return {"id": self.id, "type": self.kind, "title": "MS support"}

    def says(self, person: Person, text: str | None, **more: Any) -> Json:
        return self.emulator.push("message", message(self.emulator, self.chat, person.json, text, **more))

    def says_as_group(self, text: str) -> Json:
        made = message(self.emulator, self.chat, _AS_GROUP, text, sender_chat=self.chat)
        return self.emulator.push("message", made)

    def membership(self, person: Person, before: str, after: str, chat: Json | None = None) -> Json:
        def member(status: str) -> Json:
            return {
                "status": status,
                "user": self.emulator.me,
                **({"until_date": 0} if status == "kicked" else {}),
            }

        body = {
            "chat": chat or self.chat,
            "from": person.json,
            "date": int(time.time()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        return self.emulator.push("my_chat_member", body)
