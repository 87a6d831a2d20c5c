"""
Which topics are meant by a message, and how surely?

May not know doses, Telegram or files: the model, the phrases and what was computed before are handed in.
"""

from bot.matching.matcher import Matcher, Ranked
from bot.matching.scope import ScopeRules
from bot.matching.sentence_model import SentenceModel
from bot.matching.understanding import Understanding

__all__ = ["Matcher", "Ranked", "ScopeRules", "SentenceModel", "Understanding"]
