"""The methods the bot calls, as plain functions over a small world; no network here."""

import itertools
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_emulator.markup import read

TOKEN = "424242:AAE-made-up-for-tests-only-0123456789"
Json = dict[str, Any]


class Refusal(Exception):  # noqa: N818 -- Telegram's answer, not a fault of ours
    """What Telegram answers when it does not do what was asked."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        found: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            found["parameters"] = self.parameters
        return found


@dataclass
class Call:
    """One call the bot made, and what came of it."""

    method: str
    parameters: Json
    at: float
    refused: str | None = None
    result: Any = None

    @property
    def chat_id(self) -> Any:
        return self.parameters.get("chat_id")

    @property
    def text(self) -> str:
        """What a person reads."""
        raw = self.parameters.get("text", self.parameters.get("caption", ""))
        return read(str(raw), self.parameters.get("parse_mode"))

    @property
    def buttons(self) -> list[Json]:
        """Every button under the message."""
        markup = self.parameters.get("reply_markup") or {}
        return [button for row in markup.get("inline_keyboard", []) for button in row]

    @property
    def codes(self) -> list[str]:
        return [button["callback_data"] for button in self.buttons if "callback_data" in button]

    @property
    def links(self) -> list[str]:
        return [button["url"] for button in self.buttons if "url" in button]


@dataclass
class Emulator:
    """Telegram's side."""

    token: str = TOKEN
    knows_ephemeral: bool = True
    calls: list[Call] = field(default_factory=list)
    refusals: list[Call] = field(default_factory=list)
    updates: deque[Json] = field(default_factory=deque)
    handed_out: dict[int, int] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    texts: Json = field(default_factory=dict)
    admins: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    messages: dict[tuple[int, int], Json] = field(default_factory=dict)
    webhook: Json | None = None
    woken: Callable[[], None] = lambda: None
    _numbers: itertools.count = field(
        default_factory=lambda: itertools.count(int(time.time()) % 1_000_000 * 100)
    )

    me = property(
        lambda self: {
            "id": int(self.token.split(":")[0]),
            "is_bot": True,
            "first_name": "IVIG",
            "username": "ivig_test_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
        }
    )

    def number(self) -> int:
        return next(self._numbers)

    def push(self, kind: str, body: Json, update_id: int | None = None) -> Json:
        """Queue an update for the bot."""
        update = {"update_id": update_id if update_id is not None else self.number(), kind: body}
        self.updates.append(update)
        self.woken()
        return update

    def sent(self, chat_id: int | None = None) -> list[Call]:
        """Messages the bot got through, oldest first."""
        return [
            call
            for call in self.calls
            if call.method in ("sendMessage", "sendPhoto", "sendDocument")
            and not call.refused
            and chat_id in (None, call.chat_id)
        ]

    def made(self, method: str) -> list[Call]:
        """Calls of one method that got through."""
        return [call for call in self.calls if call.method == method and not call.refused]

    # -- the methods -----------------------------------------------------------------------------------------------

    def call(self, method: str, parameters: Json) -> Any:
        """Do what was asked; raises Refusal."""
        call = Call(method, parameters, time.monotonic())
        if method != "getUpdates":
            self.calls.append(call)
        act = getattr(self, f"_do_{re.sub(r'(?<!^)(?=[A-Z])', '_', method).lower()}", None)
        try:
            call.result = (act or _unknown)(parameters)
        except Refusal as refusal:
            call.refused = refusal.description
            self.refusals.append(call)
            raise
        return call.result

    def _do_get_me(self, _: Json) -> Json:
        return self.me

    def _do_get_updates(self, p: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = p.get("offset") or 0
        while self.updates and self.updates[0]["update_id"] < offset:
            self.updates.popleft()
        batch = list(itertools.islice(self.updates, p.get("limit", 100)))
        for update in batch:
            self.handed_out[update["update_id"]] = self.handed_out.get(update["update_id"], 0) + 1
        return batch

    def _do_set_webhook(self, p: Json) -> bool:
        self.webhook = p
        return True

    def _do_delete_webhook(self, _: Json) -> bool:
        self.webhook = None
        return True

    def _do_get_webhook_info(self, _: Json) -> Json:
        hook = self.webhook or {}
        return {"url": hook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}

    def _do_get_my_commands(self, p: Json) -> list[Json]:
        return self.commands.get(_scope(p), [])

    def _do_set_my_commands(self, p: Json) -> bool:
        for command in p["commands"]:
            if (
                not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"])
                or not 1 <= len(command["description"]) <= 256
            ):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        self.commands[_scope(p)] = p["commands"]
        return True

    def _do_get_my_description(self, _: Json) -> Json:
        return {"description": self.texts.get("description", "")}

    def _do_set_my_description(self, p: Json) -> bool:
        if len(p["description"]) > 512:
            raise Refusal(400, "Bad Request: description is too long")
        self.texts["description"] = p["description"]
        return True

    def _do_get_my_short_description(self, _: Json) -> Json:
        return {"short_description": self.texts.get("short_description", "")}

    def _do_set_my_short_description(self, p: Json) -> bool:
        if len(p["short_description"]) > 120:
            raise Refusal(400, "Bad Request: short description is too long")
        self.texts["short_description"] = p["short_description"]
        return True

    def _do_get_chat_menu_button(self, _: Json) -> Json:
        return self.texts.get("menu", {"type": "default"})

    def _do_set_chat_menu_button(self, p: Json) -> bool:
        self.texts["menu"] = p["menu_button"]
        return True

    def _do_get_chat_member(self, p: Json) -> Json:
        status = "administrator" if p["user_id"] in self.admins else "member"
        rights = dict.fromkeys(
            (
                "can_be_edited",
                "can_manage_chat",
                "can_change_info",
                "can_delete_messages",
                "can_invite_users",
                "can_restrict_members",
                "can_manage_video_chats",
                "can_promote_members",
                "is_anonymous",
                "can_post_stories",
                "can_edit_stories",
                "can_delete_stories",
            ),
            False,
        )
        person = {"id": p["user_id"], "is_bot": False, "first_name": "x"}
        return {"status": status, "user": person, **(rights if status == "administrator" else {})}

    def _do_send_message(self, p: Json) -> Json:
        self._may_write(p)
        text = _text(p, "text", 4096)
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        return self._message(p, text=text)

    def _do_send_chat_action(self, p: Json) -> bool:
        self._may_write(p)
        return True

    def _do_send_photo(self, p: Json) -> Json:
        self._may_write(p)
        return self._message(p, caption=_text(p, "caption", 1024), photo=[_photo()])

    def _do_send_document(self, p: Json) -> Json:
        self._may_write(p)
        document = {"file_id": "d", "file_unique_id": "d"}
        return self._message(p, caption=_text(p, "caption", 1024), document=document)

    def _do_edit_message_text(self, p: Json) -> Json:
        text = _text(p, "text", 4096)
        found = self.messages.get((p["chat_id"], p["message_id"]))
        if found is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        markup = _keyboard(p)
        if found.get("text") == text and found.get("reply_markup") == markup:
            raise Refusal(400, "Bad Request: message is not modified")
        found["text"] = text
        found.pop("reply_markup", None)
        if markup:
            found["reply_markup"] = markup
        return found

    def _do_edit_ephemeral_message_text(self, p: Json) -> bool:
        _text(p, "text", 4096)
        _keyboard(p)
        return True

    def _do_delete_message(self, p: Json) -> bool:
        self.messages.pop((p["chat_id"], p["message_id"]), None)
        return True

    def _do_answer_callback_query(self, p: Json) -> bool:
        if len(p.get("text") or "") > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _do_answer_inline_query(self, p: Json) -> bool:
        ids = [result["id"] for result in p["results"]]
        if len(ids) > 50 or len(set(ids)) != len(ids):
            raise Refusal(400, "Bad Request: RESULT_ID_DUPLICATE")
        for result in p["results"]:
            self._result(result)
        return True

    def _do_answer_guest_query(self, p: Json) -> Json:
        self._result(p["result"])
        return {"inline_message_id": f"guest{self.number()}"}

    def _result(self, result: Json) -> None:
        if not 1 <= len(result["id"].encode()) <= 64 or not result.get("title"):
            raise Refusal(400, "Bad Request: RESULT_ID_INVALID")
        content = result["input_message_content"]
        _text({"text": content["message_text"], "parse_mode": content.get("parse_mode")}, "text", 4096)
        _keyboard(result)

    def _may_write(self, p: Json) -> None:
        chat_id = p["chat_id"]
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat_id in self.moved:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if p.get("message_thread_id") == 1:
            raise Refusal(400, "Bad Request: message thread not found")

    def _message(self, p: Json, **content: Any) -> Json:
        chat_id = p["chat_id"]
        kind = "private" if chat_id > 0 else "supergroup" if str(chat_id).startswith("-100") else "group"
        found: Json = {
            "message_id": self.number(),
            "date": int(time.time()),
            "from": self.me,
            "chat": {"id": chat_id, "type": kind},
            **{name: value for name, value in content.items() if value},
        }
        markup = _keyboard(p)
        if markup:
            found["reply_markup"] = markup
        if p.get("message_thread_id"):
            found |= {"message_thread_id": p["message_thread_id"], "is_topic_message": True}
        answered = self.messages.get((chat_id, (p.get("reply_parameters") or {}).get("message_id", 0)))
        if answered:
            found["reply_to_message"] = answered
        if p.get("receiver_user_id") and self.knows_ephemeral:
            found |= {"message_id": 0, "ephemeral_message_id": self.number()}
            return found
        self.messages[(chat_id, found["message_id"])] = found
        return found


def _unknown(_: Json) -> Any:
    raise Refusal(404, "Not Found")


def _scope(p: Json) -> str:
    return str((p.get("scope") or {}).get("type", "default"))


def _photo() -> Json:
    return {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}


def _text(p: Json, name: str, most: int) -> str:
    try:
        text = read(str(p.get(name) or ""), p.get("parse_mode"))
    except ValueError as error:
        raise Refusal(400, f"Bad Request: {error}") from None
    if len(text) > most:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _keyboard(p: Json) -> Json | None:
    markup = p.get("reply_markup")
    if isinstance(markup, str):
        markup = json.loads(markup)
    if not markup:
        return None
    rows = markup["inline_keyboard"]
    if sum(map(len, rows)) > 100 or any(not 1 <= len(row) <= 8 for row in rows):
        raise Refusal(400, "Bad Request: too many buttons")
    for row in rows:
        for button in row:
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if "url" in button and not re.fullmatch(r"https://[^\s]+", button["url"]):
                raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")
            if not button["text"].strip():
                raise Refusal(400, "Bad Request: BUTTON_TEXT_INVALID")
    return markup
