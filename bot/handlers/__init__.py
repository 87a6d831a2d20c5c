"""
The async bot handler: update → question or press; reply → message.

May not know what a topic or a dose is.
"""

from bot.handlers.running import is_refused, run
from bot.handlers.running import set_up_by_hand as setup

__all__ = ["is_refused", "run", "setup"]
