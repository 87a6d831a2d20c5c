"""
What do the files say, or what is wrong with them and where.

May not know Telegram or questions. One door: `load` reads a whole folder and returns it, or every
fault in it.
"""

from bot.knowledge.files import Files, marks_of
from bot.knowledge.kept import Kept
from bot.knowledge.loading import digest_of, load, load_files

__all__ = ["Files", "Kept", "digest_of", "load", "load_files", "marks_of"]
