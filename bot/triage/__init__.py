"""
Help first: is this an emergency, and what must be said before anything else?

May not know topics, doses, chats or Telegram.
"""

from bot.triage.rules import EmergencyNumbers, TriageRules
from bot.triage.scorecard import CaseFile, Scorecard, TriageCase, triage_scorecard
from bot.triage.triage import Assessment, Triage

__all__ = [
    "Assessment",
    "CaseFile",
    "EmergencyNumbers",
    "Scorecard",
    "Triage",
    "TriageCase",
    "TriageRules",
    "triage_scorecard",
]
