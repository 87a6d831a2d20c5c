"""A small Bot API of our own: what Telegram accepts, what it refuses, and what can go wrong on the way."""

from tests.telegram_emulator.core import Call, Emulator, Refusal
from tests.telegram_emulator.people import Group, Person
from tests.telegram_emulator.server import Fault, Server

__all__ = ["Call", "Emulator", "Fault", "Group", "Person", "Refusal", "Server"]
