"""
What a person or a group can set, as pages with buttons.

May not know how a setting changes an answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.handlers import private
from bot.handlers.desk import Desk, Key
from bot.handlers.languages import NAMES
from bot.messages import Messages
from bot.model import Button, Paragraph, Reply, ReplyKind, Style

QUIET_CHOICES = ((21, 7), (22, 7), (23, 8))
LARGEST_CLOCK_OFFSET = 14


def _page(*texts: str, rows: tuple[tuple[Button, ...], ...] = (), edits: bool = True) -> Reply:
    return Reply(
        kind=ReplyKind.SMALL_TALK, paragraphs=tuple(Paragraph(text=text) for text in texts), buttons=rows, edits=edits
    )


# -- a person --------------------------------------------------------------------------------------------------------


def personal_command(desk: Desk, name: str, key: Key) -> Reply | None:
    """The reply to a command about settings, or None where it is no such command."""
    match name:
        case "settings":
            return personal(desk, key)
        case "language":
            return languages(desk.messages)
        case "lowenergy":
            return _turn_low_energy(desk, key)
        case "mydata":
            return my_data(desk, key)
        case "delete_my_data":
            return deleted(desk, key)
        case "poster":
            return private.poster(desk)
    return None


def personal_press(desk: Desk, code: str, key: Key) -> Reply | None:
    """The reply to a button about settings, or None where it is no such button."""
    match code.split("-"):
        case ["set", "personal"]:
            return personal(desk, key)
        case ["set", "languages"]:
            return languages(desk.messages)
        case ["set", "language", language] if language in NAMES:
            _change(desk, key.chat_id, language=language)
            return personal(desk, key)
        case ["set", "lowenergy"]:
            _change(desk, key.chat_id, low_energy=not desk.preferences(key.chat_id).low_energy)
            return personal(desk, key)
        case ["set", "forget"]:
            return deleted(desk, key)
    return None


def set_country(desk: Desk, key: Key, country: str) -> None:
    """Remember a person's country."""
    _change(desk, key.chat_id, country=country)


def personal(desk: Desk, key: Key) -> Reply:
    """What is kept for a person, with the ways to change it."""
    messages, preferences = desk.messages, desk.preferences(key.chat_id)
    unset = messages.settings_value_none
    countries = dict(desk.conversation.triage.countries())
    country = countries.get(preferences.country or "", preferences.country or unset)
    energy = messages.settings_on if preferences.low_energy else messages.settings_off
    other = messages.settings_off if preferences.low_energy else messages.settings_on
    return _page(
        messages.settings_private,
        messages.setting_country.format(value=country),
        messages.setting_language.format(value=NAMES.get(preferences.language or "", unset)),
        messages.setting_low_energy.format(value=energy),
        rows=(
            (
                Button(label=messages.button_country, code="countries"),
                Button(label=messages.button_language, code="set-languages"),
            ),
            (Button(label=messages.button_low_energy.format(state=other), code="set-lowenergy"),),
            (
                Button(label=messages.button_delete, code="set-forget"),
                Button(label=messages.button_menu, code="menu"),
            ),
        ),
    )


def languages(messages: Messages) -> Reply:
    """The languages to choose from."""
    buttons = [Button(label=name, code=f"set-language-{code}") for code, name in NAMES.items()]
    rows = tuple(tuple(buttons[place : place + 3]) for place in range(0, len(buttons), 3))
    return _page(messages.language_question, rows=rows)


def my_data(desk: Desk, key: Key) -> Reply:
    """Everything kept, as JSON."""
    return Reply(
        kind=ReplyKind.SMALL_TALK,
        paragraphs=(
            Paragraph(text=desk.messages.my_data),
            Paragraph(text=desk.store.export(key.chat_id), style=Style.PLAIN),
        ),
        buttons=((Button(label=desk.messages.button_delete, code="set-forget"),),),
    )


def deleted(desk: Desk, key: Key) -> Reply:
    """Everything deleted, at once."""
    desk.forget(key.chat_id)
    return _page(desk.messages.deleted, edits=False)


def _turn_low_energy(desk: Desk, key: Key) -> Reply:
    now_on = not desk.preferences(key.chat_id).low_energy
    _change(desk, key.chat_id, low_energy=now_on)
    return _page(desk.messages.low_energy_on if now_on else desk.messages.low_energy_off, edits=False)


def _change(desk: Desk, chat_id: int, **values: Any) -> None:
    """Set values; what is as it would be unset is not kept."""
    kept = {**desk.store.read(chat_id), **values}
    desk.store.write(chat_id, {name: value for name, value in kept.items() if value not in (None, False, "")})


# -- a group ---------------------------------------------------------------------------------------------------------


def group(desk: Desk, chat_id: int) -> Reply:
    """What is set for a group, with the ways to change it."""
    messages, kept = desk.notices(chat_id), desk.store.read(chat_id)
    quiet = quiet_hours(kept)
    cards = messages.settings_off if kept.get("no_cards") else messages.settings_on
    other = messages.settings_on if kept.get("no_cards") else messages.settings_off
    language = NAMES.get(str(kept.get("language", "")), messages.settings_value_none)
    texts = [
        messages.group_settings,
        messages.setting_language.format(value=language),
        messages.setting_quiet.format(value=f"{quiet[0]:02}:00–{quiet[1]:02}:00" if quiet else messages.settings_off),
        messages.setting_clock.format(value=f"{group_clock(kept, desk.clock()):%H:%M}"),
        messages.setting_cards.format(value=cards),
    ]
    hours = tuple(
        Button(label=messages.button_quiet.format(start=start, end=end), code=f"set-quiet-{start}-{end}")
        for start, end in QUIET_CHOICES
        if (start, end) != quiet
    )
    off = Button(label=messages.setting_quiet.format(value=messages.settings_off), code="set-quiet-off")
    rows = [
        (Button(label=messages.button_language, code="set-languages"),),
        hours[:2],
        (*hours[2:], *((off,) if quiet else ())),
        (
            Button(label=messages.button_earlier, code="set-clock-back"),
            Button(label=messages.button_later, code="set-clock-on"),
        ),
        (Button(label=messages.button_cards.format(state=other), code="set-cards"),),
    ]
    return _page(*texts, rows=tuple(row for row in rows if row))


def group_press(desk: Desk, code: str, chat_id: int) -> Reply | None:
    """The reply to an admin's button, or None where it is no such button."""
    kept = desk.store.read(chat_id)
    match code.split("-"):
        case ["set", "languages"]:
            return languages(desk.notices(chat_id))
        case ["set", "language", language] if language in NAMES:
            _change(desk, chat_id, language=language)
        case ["set", "quiet", "off"]:
            _change(desk, chat_id, quiet=None)
        case ["set", "quiet", start, end] if (start, end) in {(str(a), str(b)) for a, b in QUIET_CHOICES}:
            _change(desk, chat_id, quiet=[int(start), int(end)])
        case ["set", "clock", "back" | "on" as way]:
            offset = _offset(kept) + (1 if way == "on" else -1)
            if abs(offset) <= LARGEST_CLOCK_OFFSET:
                _change(desk, chat_id, clock=offset or None)
        case ["set", "cards"]:
            _change(desk, chat_id, no_cards=not kept.get("no_cards"))
        case ["set", "group"]:
            pass
        case _:
            return None
    return group(desk, chat_id)


def quiet_hours(kept: dict[str, Any]) -> tuple[int, int] | None:
    """From which to which hour a group wants quiet, or None."""
    match kept.get("quiet"):
        case [int(start), int(end)] if 0 <= start < 24 and 0 <= end < 24:
            return start, end
    return None


def group_clock(kept: dict[str, Any], now: datetime) -> datetime:
    """The time a group reads on its own clock."""
    return now + timedelta(hours=_offset(kept))


def is_quiet(kept: dict[str, Any], now: datetime) -> bool:
    """Whether it is quiet time in a group now."""
    hours = quiet_hours(kept)
    if hours is None:
        return False
    start, end = hours
    hour = group_clock(kept, now).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def _offset(kept: dict[str, Any]) -> int:
    offset = kept.get("clock", 0)
    return offset if isinstance(offset, int) and abs(offset) <= LARGEST_CLOCK_OFFSET else 0
