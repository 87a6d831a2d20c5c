"""
What is said back to a message with numbers, and what is still missing.

May not know Telegram, files, or the clock (it is handed in).
"""

from bot.sums.dialogue import Sums
from bot.sums.wording import SumWording

__all__ = ["SumWording", "Sums"]
