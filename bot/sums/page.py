"""
What has been written of a sum so far?

May not know how anything was worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.model import Attachment, Paragraph, Picture, Style


@dataclass
class Page:
    """What is being written: paragraphs, warnings by code, and what may be sent along."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    warnings: dict[str, str] = field(default_factory=dict)
    picture: Picture | None = None
    attachment: Attachment | None = None
    has_label_number: bool = False
    has_stated_price: bool = False

    def say(self, text: str, style: Style = Style.PLAIN) -> None:
        """One paragraph."""
        self.paragraphs.append(Paragraph(text=text, style=style))

    def lines(self, lines: Iterable[str]) -> None:
        """Lines of working, each on its own."""
        for line in lines:
            self.say(line, Style.SUM)
