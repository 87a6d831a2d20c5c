"""ivig-bot: sourced answers about IVIG in multiple sclerosis, and sums a person can check."""

__version__ = "2026.11.0"
