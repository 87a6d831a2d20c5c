"""
The async bot handler: update → question or press; reply → message.

May not know what a topic or a dose is.
"""

from bot.handlers.running import Refused, introduced, run
from bot.handlers.running import set_up_by_hand as setup

__all__ = ["Refused", "introduced", "run", "setup"]
