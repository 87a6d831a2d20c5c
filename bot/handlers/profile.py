"""
What the bot sets at Telegram by itself, and what only a person can set with BotFather.

May not know any answer.
"""

from __future__ import annotations

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonCommands,
    User,
)
from telegram.error import TelegramError

log = logging.getLogger("bot.handlers")

PRIVATE = (
    ("start", "Where to begin"),
    ("topics", "All chapters"),
    ("dose", "Work out a sum, step by step"),
    ("evidence", "The trials of IVIG in MS"),
    ("sources", "Where the facts come from"),
    ("country", "Your country, for phone numbers and local rules"),
    ("lowenergy", "Very short answers, on or off"),
    ("language", "An emergency line in your language"),
    ("settings", "What you have set"),
    ("poster", "A poster with a code to scan"),
    ("cancel", "Stop a sum that is open"),
    ("help", "How to use this bot"),
    ("about", "What this bot is, and when it was checked"),
    ("privacy", "What is stored and what is not"),
    ("mydata", "Everything stored about this chat"),
    ("delete_my_data", "Delete it at once"),
)
GROUP = (
    ("ask", "Ask, or reply with it to a question"),
    ("topics", "All chapters"),
    ("dose", "A sum, in private"),
    ("help", "How to use this bot"),
    ("privacy", "What is stored and what is not"),
    ("settings", "For admins: language, quiet time, cards"),
)
DEFAULT = (("help", "How to use this bot"), ("privacy", "What is stored and what is not"))
# Bot API 10.2: seen by the person and the bot only. Older servers ignore the mark.
SEEN_BY_ONE = ("dose",)
SHORT_DESCRIPTION = "Sourced answers about IVIG in multiple sclerosis. General information, not for emergencies."


def commands(listed: tuple[tuple[str, str], ...], in_group: bool = False) -> list[BotCommand]:
    """Commands as Telegram takes them."""
    return [
        BotCommand(name, text, api_kwargs={"is_ephemeral": True} if in_group and name in SEEN_BY_ONE else None)
        for name, text in listed
    ]


SCOPES: tuple[tuple[BotCommandScope, tuple[tuple[str, str], ...], bool], ...] = (
    (BotCommandScopeDefault(), DEFAULT, False),
    (BotCommandScopeAllPrivateChats(), PRIVATE, False),
    (BotCommandScopeAllGroupChats(), GROUP, True),
)


async def set_up(bot: Bot, purpose: str) -> bool:
    """Set what differs from what Telegram has; True where something was set."""
    changed = False
    try:
        for scope, listed, in_group in SCOPES:
            if [(one.command, one.description) for one in await bot.get_my_commands(scope)] != list(listed):
                await bot.set_my_commands(commands(listed, in_group), scope)
                changed = True
        if (await bot.get_my_description()).description != purpose[:512]:
            await bot.set_my_description(purpose[:512])
            changed = True
        if (await bot.get_my_short_description()).short_description != SHORT_DESCRIPTION:
            await bot.set_my_short_description(SHORT_DESCRIPTION)
            changed = True
        if not isinstance(await bot.get_chat_menu_button(), MenuButtonCommands):
            await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
            changed = True
    except TelegramError as refused:
        log.warning("could not set commands and descriptions (%s); answering all the same", type(refused).__name__)
    return changed


STEPS = """\
Once, by hand, in Telegram:
 1. Write to @BotFather and send /newbot. Choose a name and a username that ends in "bot".
 2. BotFather gives you a token. Keep it secret. Start the bot with it:
      TELEGRAM_BOT_TOKEN=<token> ivig-bot run
    or put it into a file of its own and name that file in TELEGRAM_BOT_TOKEN_FILE.
 3. /setinline, choose the bot, placeholder: Ask about IVIG          (cards in any chat)
    Leave /setinlinefeedback off: nobody needs to know which card was chosen.
 4. In the bot's settings switch on guest mode, if BotFather offers it (answers where it is no member).
 5. /setprivacy: leave it Enabled. The bot then sees only what is meant for it.
 6. /setjoingroups: Enable, if support groups may add it.
 7. /setuserpic: a picture, if you like.
Commands, descriptions and the menu button the bot sets by itself at its first start.
"""


def findings(me: User) -> list[str]:
    """What Telegram says about the settings that only BotFather can change."""
    return [
        f"username: @{me.username}",
        f"inline mode (step 3): {'on' if me.supports_inline_queries else 'OFF, cards will not work'}",
        f"guest mode (step 4): {'on' if getattr(me, 'supports_guest_queries', None) else 'off'}",
        "group privacy (step 5): "
        + ("OFF, the bot is shown everything in groups" if me.can_read_all_group_messages else "on, as it should be"),
        f"may join groups (step 6): {'yes' if me.can_join_groups else 'no'}",
    ]
