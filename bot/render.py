"""
How does a reply look in Telegram HTML, in a terminal, as JSON.

May not know why it says so. HTML is escaped here and nowhere else.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import Any

from bot.model import Button, Paragraph, Reply, Source, Style

TELEGRAM_LIMIT = 4096
COMFORTABLE_LIMIT = 3500
CAPTION_LIMIT = 1024
_NOTE_BREAK = "\n"
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\ufffe\uffff\ud800-\udfff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def escape(text: str) -> str:
    """Text made safe for Telegram's HTML: only &, < and > are special outside attributes."""
    return html.escape(_UNSENDABLE.sub(" ", text), quote=False)


def telegram_html(reply: Reply, sources: Mapping[str, Source] | None = None) -> list[str]:
    """The reply as one or more messages of Telegram HTML, each within Telegram's limit after entity parsing."""
    return _split([(_markup(paragraph), paragraph) for paragraph in joined(reply.paragraphs)])


def caption_html(text: str) -> str:
    """A caption within Telegram's limit."""
    return escape(shorten(text, CAPTION_LIMIT))


def _markup(paragraph: Paragraph) -> str:
    text = escape(paragraph.text)
    match paragraph.style:
        case Style.STRONG | Style.HEADING:
            return f"<b>{text}</b>"
        case Style.ITEM:
            return f"• {text}"
        case Style.SUM:
            return f"<code>{text}</code>" if len(paragraph.text) <= 34 else text
        case Style.NOTE:
            return f"<i>{text}</i>"
        case Style.PLAIN:
            return text


def _plain_length(paragraph: Paragraph) -> int:
    return len(paragraph.text) + 4


def _split(pieces: Iterable[tuple[str, Paragraph]]) -> list[str]:
    messages: list[str] = []
    current = ""
    length = 0
    last: Style | None = None
    for markup, paragraph in pieces:
        parts = [(markup, _plain_length(paragraph))]
        if parts[0][1] > COMFORTABLE_LIMIT:
            parts = [
                (_markup(Paragraph(text=text, style=paragraph.style)), len(text) + 4)
                for text in _pieces(paragraph.text, COMFORTABLE_LIMIT - 8)
            ]
        for text, size in parts:
            gap = "" if not current else ("\n" if _close(last, paragraph.style) else "\n\n")
            if current and length + len(gap) + size > COMFORTABLE_LIMIT:
                messages.append(current)
                current, length, gap = "", 0, ""
            current += gap + text
            length += len(gap) + size
            last = paragraph.style
    if current:
        messages.append(current)
    return messages


def _close(before: Style | None, after: Style) -> bool:
    """Whether two paragraphs stand on neighbouring lines, without an empty one between."""
    return (before == after and after in (Style.ITEM, Style.SUM, Style.NOTE)) or (
        before == Style.HEADING and after in (Style.ITEM, Style.SUM)
    )


def _pieces(text: str, limit: int) -> list[str]:
    """A long text cut at sentence ends, else at spaces, else anywhere."""
    found: list[str] = []
    current = ""
    for sentence in _SENTENCE.split(text):
        rest = sentence
        while len(rest) > limit:
            cut = rest.rfind(" ", 0, limit)
            cut = cut if cut > 0 else limit
            if current:
                found.append(current)
                current = ""
            found.append(rest[:cut])
            rest = rest[cut:].lstrip()
        if current and len(current) + 1 + len(rest) > limit:
            found.append(current)
            current = rest
        else:
            current = f"{current} {rest}" if current else rest
    if current:
        found.append(current)
    return found


def joined(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """The paragraphs without empty ones."""
    return [paragraph for paragraph in paragraphs if paragraph.text.strip()]


def shorten(text: str, limit: int) -> str:
    """The text cut at a word's end within `limit` characters, with an ellipsis where something was cut."""
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", 0, limit - 1)
    return text[: cut if cut > limit // 2 else limit - 1].rstrip(" ,;:.") + "…"


def plain(reply: Reply) -> str:
    """The reply as plain text, the way a person reads it."""
    text = ""
    last: Style | None = None
    for paragraph in joined(reply.paragraphs):
        gap = "" if not text else ("\n" if _close(last, paragraph.style) else "\n\n")
        mark = "- " if paragraph.style == Style.ITEM else ""
        text += gap + mark + paragraph.text
        last = paragraph.style
    return text


def terminal(reply: Reply, width: int = 88, colour: bool = False) -> str:
    """The reply for a terminal: wrapped text, then the buttons as numbers."""
    lines: list[str] = []
    last: Style | None = None
    for paragraph in joined(reply.paragraphs):
        if last is not None and not _close(last, paragraph.style):
            lines.append("")
        mark, hang = ("- ", "  ") if paragraph.style == Style.ITEM else ("", "")
        text = "\n".join(
            fill(line, width, initial_indent=mark, subsequent_indent=hang, break_long_words=False)
            for line in _printable(paragraph.text).split("\n")
        )
        if colour and paragraph.style in (Style.STRONG, Style.HEADING):
            text = f"\x1b[1m{text}\x1b[0m"
        elif colour and paragraph.style == Style.NOTE:
            text = f"\x1b[2m{text}\x1b[0m"
        lines.append(text)
        last = paragraph.style
    buttons = numbered(reply)
    if buttons:
        lines.append("")
        lines.extend(f"  [{number}] {button.label}" for number, button in buttons)
    return "\n".join(lines)


def numbered(reply: Reply) -> list[tuple[int, Button]]:
    """The buttons a terminal can press, with their numbers."""
    usable = [button for row in reply.buttons for button in row if button.inline_query is None]
    return list(enumerate(usable, 1))


def _printable(text: str) -> str:
    return _UNSENDABLE.sub(" ", text)


def as_json(reply: Reply, identifier: Any) -> dict[str, Any]:
    """The reply as `ask --json` prints it; the keys do not change."""
    result: dict[str, Any] = {
        "id": identifier,
        "kind": str(reply.kind),
        "level": str(reply.level),
        "pathway": reply.pathway,
        "topics": [{"id": topic.id, "score": round(topic.score, 4)} for topic in reply.topics],
        "warnings": list(reply.warnings),
        "text": plain(reply),
        "buttons": [{"label": button.label, "code": button.code} for row in reply.buttons for button in row],
    }
    if reply.signs:
        result["signs"] = [
            {"id": sign.id, "start": sign.start, "end": sign.end, "words": sign.words} for sign in reply.signs
        ]
    return result


def json_line(value: Mapping[str, Any]) -> str:
    """One line of JSON, other scripts readable."""
    return json.dumps(value, ensure_ascii=False)
