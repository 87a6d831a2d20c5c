"""
What do the files say, or what is wrong with them and where.

May not know Telegram or questions. One door: `load` reads a whole folder and returns it, or every fault in it.
"""

from bot.knowledge.loading import digest_of, load

__all__ = ["digest_of", "load"]
