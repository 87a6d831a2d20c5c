"""
The async bot handler: update → question or press; reply → message.

May not know what a topic or a dose is.
"""

from bot.handlers.application import run
from bot.handlers.application import set_up_by_hand as setup

__all__ = ["run", "setup"]
