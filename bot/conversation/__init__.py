"""
What is said back, given what was said and what is pending.

May not know Telegram, files or the clock (it is handed in). Triage comes first, always.
"""

from bot.conversation.dialogue import Conversation

__all__ = ["Conversation"]
