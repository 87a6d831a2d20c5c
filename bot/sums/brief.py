"""
What is left of a sum for somebody with little energy: what was given, what it comes to, and what to beware of?

May not know how anything was worked out. The whole of it stands behind a button.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Paragraph, Style
from bot.sums.page import Page
from bot.sums.wording import SumWording

MOST_WORDS = 40


def brief(page: Page, cautions: Sequence[str], wording: SumWording, has_assumed_price: bool) -> tuple[Paragraph, ...]:
    """
    The page in about 40 words: every line of working where there is room, else what each section comes to.

    Warnings, and the `cautions` of a product, are never left out, though the page grows longer by them.
    """
    given, *rest = page.paragraphs
    kept = [given]
    sections: list[list[Paragraph]] = [[]]
    for paragraph in rest:
        if paragraph.text == wording.weight_alone:
            kept.append(Paragraph(text=wording.brief_weight_alone))
        elif paragraph.style == Style.HEADING:
            sections.append([paragraph])
        elif paragraph.style in (Style.SUM, Style.ITEM) or (
            paragraph.style == Style.STRONG and paragraph.text != wording.decides
        ) or paragraph.text in cautions:
            sections[-1].append(paragraph)
    end = [Paragraph(text=wording.brief_price)] if has_assumed_price else []
    end.append(Paragraph(text=wording.brief_close, style=Style.STRONG))
    whole = [*kept, *(one for section in sections for one in section), *end]
    if words_of(whole) > MOST_WORDS:
        whole = [*kept, *(one for section in sections for one in _outcome(section)), *end]
    return tuple(whole)


def _outcome(section: Sequence[Paragraph]) -> list[Paragraph]:
    """A section with the one line of its working that it comes to: that of a year where it is about years."""
    sums = [one for one in section if one.style == Style.SUM and "=" in one.text]
    if len(sums) < 2:
        return list(section)
    of_years = [one for one in sums if one.text.endswith(" a year")]
    outcome = of_years[-1] if of_years else sums[-1]
    return [one for one in section if one is outcome or one not in sums]


def words_of(paragraphs: Sequence[Paragraph]) -> int:
    """How many words there are to read; a sign of arithmetic is none."""
    return sum(any(sign.isalnum() for sign in word) for one in paragraphs for word in one.text.split())
