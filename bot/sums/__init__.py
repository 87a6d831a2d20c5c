"""
What is said back to a message with numbers, and what is still missing.

May not know Telegram, files, or the clock (it is handed in).
"""

from bot.sums.dialogue import WHOLE, Sums
from bot.sums.wording import SumWording

__all__ = ["WHOLE", "SumWording", "Sums"]
