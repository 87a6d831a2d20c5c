"""
How do the buttons of a reply become a Telegram keyboard.

May not know what a button leads to. Where others can read along, whatever is about one person leads to the private
chat by a link that holds a code and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.model import Button, ChatKind

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRIVATE = "private-"
# What may be pressed within a group: pages that are the same for everybody.
_SHARED = (
    "topic", "more", "sources", "ask", "chapter", "menu", "topics", "evidence", "none", "good", "bad", "badwhy", "set",
)
# What a link may open: pages, never a setting or a vote, since anybody can make a link.
_LINKED = (
    "topic", "more", "sources", "ask", "share", "chapter", "menu", "topics", "evidence", "dose", "countries", "resume",
    "help", "privacy", "about", "settings", "mydata", "poster", "picture",
)
ROWS = 98


def deep_link(username: str, code: str) -> str:
    """The address that opens the private chat at a page."""
    return f"https://t.me/{username}?start={code}"


def verb_of(code: str) -> str:
    """The first word of a code."""
    return code.partition("-")[0]


def may_be_linked(code: str) -> bool:
    """Whether a link may ask for this; a sum's own codes may, since they only open its questions."""
    return bool(CODE.fullmatch(code)) and verb_of(code) in _LINKED


def keyboard(
    rows: Sequence[Sequence[Button]], kind: ChatKind, username: str, inline_on: bool = True
) -> InlineKeyboardMarkup | None:
    """
    The keyboard for a chat of this kind, or None where there is nothing to press.

    Where the operator has not switched inline mode on, a button that passes words on shows them for copying instead.
    """
    made = [[_button(button, kind, username, inline_on) for button in row[:8]] for row in rows[:ROWS] if row]
    return InlineKeyboardMarkup(made) if made else None


def _button(button: Button, kind: ChatKind, username: str, inline_on: bool) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    if button.inline_query is not None and inline_on:
        return InlineKeyboardButton(button.label, switch_inline_query=button.inline_query[:256])
    code = button.code
    if code.startswith(_PRIVATE):
        return InlineKeyboardButton(button.label, url=deep_link(username, code.removeprefix(_PRIVATE)))
    if kind == ChatKind.INLINE or (kind == ChatKind.GROUP and verb_of(code) not in _SHARED):
        return InlineKeyboardButton(button.label, url=deep_link(username, code))
    return InlineKeyboardButton(button.label, callback_data=code)
