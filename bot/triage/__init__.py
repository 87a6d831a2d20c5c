"""
Help first: is this an emergency, and what must be said before anything else?

May not know topics, doses, chats or Telegram.
"""

from bot.triage.rules import EmergencyNumbers, TriageRules
from bot.triage.triage import Assessment, Triage

__all__ = ["Assessment", "EmergencyNumbers", "Triage", "TriageRules"]
