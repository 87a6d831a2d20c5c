"""
How does a request reach Telegram, and an update the bot.

May not know what a topic or a dose is.
"""

from bot.transport.fetching import Ending, Fetcher, Inbox
from bot.transport.lanes import Lanes, Seen, Turn, current_turn
from bot.transport.requests import Requests
from bot.transport.sending import SendingGate

__all__ = ["Ending", "Fetcher", "Inbox", "Lanes", "Requests", "Seen", "SendingGate", "Turn", "current_turn"]
