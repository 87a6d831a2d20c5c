"""
What has been written of a sum so far?

May not know how anything was worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.model import Attachment, Citation, Paragraph, Picture, Style


@dataclass
class Page:
    """What is being written: paragraphs, warnings by code, and what may be sent along."""

    today: date
    paragraphs: list[Paragraph] = field(default_factory=list)
    warnings: dict[str, str] = field(default_factory=dict)
    picture: Picture | None = None
    attachment: Attachment | None = None
    sources: list[Citation] = field(default_factory=list)
    has_label_number: bool = False
    has_stated_price: bool = False

    def say(self, text: str, style: Style = Style.PLAIN) -> None:
        """One paragraph."""
        self.paragraphs.append(Paragraph(text=text, style=style))

    def lines(self, lines: Iterable[str]) -> None:
        """Lines of working, each on its own."""
        for line in lines:
            self.say(line, Style.SUM)

    def warn(self, name: str, warnings: Mapping[str, str]) -> None:
        """A warning by its code, once."""
        self.warnings[name] = warnings[name]
