"""
What should an editor or a clinician look at next.

May not know Telegram or questions. Reads a valid knowledge base; writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median

from bot.library import Knowledge, texts_of
from bot.model import Citation, SourceKind, Topic
from bot.readability import grade

FEW_PHRASES = 12
FIRST_KIND = frozenset(
    {
        SourceKind.TRIAL,
        SourceKind.REVIEW,
        SourceKind.GUIDELINE,
        SourceKind.LABEL,
        SourceKind.REGULATOR,
        SourceKind.COHORT,
    }
)


@dataclass(frozen=True)
class Report:
    """The state of a knowledge base in figures and lists."""

    topics: int
    claims: int
    sources: int
    phrases: int
    median_grade_of_short: float
    median_grade: float
    hardest: tuple[tuple[float, str], ...]
    overdue: tuple[str, ...]
    due_soon: tuple[str, ...]
    few_phrases: tuple[str, ...]
    no_first_kind: tuple[str, ...]
    unused_sources: tuple[str, ...]
    reviewed: int


def report(knowledge: Knowledge, today: date, soon_days: int = 60) -> Report:
    """Measure a knowledge base as of `today`."""
    topics = list(knowledge.topics.values())
    shorts = [(grade(topic.short), f"{topic.id} short") for topic in topics]
    texts = [
        (grade(text), f"{topic.id} {'.'.join(str(part) for part in place)}")
        for topic in topics
        for place, text in texts_of(topic)
        if place not in (("title",), ("question",))
    ]
    used = _used_sources(knowledge)
    return Report(
        topics=len(topics),
        claims=sum(len(topic.says) for topic in topics),
        sources=len(knowledge.sources),
        phrases=sum(len(topic.phrases) for topic in topics),
        median_grade_of_short=median(value for value, _ in shorts),
        median_grade=median(value for value, _ in texts),
        hardest=tuple(sorted(texts, reverse=True)[:10]),
        overdue=tuple(topic.id for topic in topics if topic.is_overdue(today)),
        due_soon=tuple(topic.id for topic in topics if 0 <= (topic.next_check - today).days <= soon_days),
        few_phrases=tuple(f"{topic.id} ({len(topic.phrases)})" for topic in topics if len(topic.phrases) < FEW_PHRASES),
        no_first_kind=tuple(topic.id for topic in topics if not _has_first_kind(topic, knowledge)),
        unused_sources=tuple(sorted(set(knowledge.sources) - used)),
        reviewed=sum(1 for topic in topics if topic.clinician),
    )


def _has_first_kind(topic: Topic, knowledge: Knowledge) -> bool:
    return any(knowledge.sources[citation.source].kind in FIRST_KIND for citation in topic.citations())


def _used_sources(knowledge: Knowledge) -> set[str]:
    """Every source named anywhere in the knowledge base."""
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            source = value.get("source")
            if isinstance(source, str):
                found.add(source)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner)

    walk(knowledge.model_dump(exclude={"sources"}))
    return found


def lines(found: Report) -> list[str]:
    """The report as lines for a terminal."""
    shown = [
        f"{found.topics} topics, {found.claims} claims, {found.sources} sources, {found.phrases} phrasings; "
        f"{found.reviewed} topics reviewed by a clinician",
        f"reading grade: median {found.median_grade_of_short:.1f} of first answers, "
        f"{found.median_grade:.1f} of all texts",
        "hardest texts: " + "; ".join(f"{where} {value:.1f}" for value, where in found.hardest[:5]),
    ]
    for title, names in (
        ("overdue reviews", found.overdue),
        ("due within 60 days", found.due_soon),
        (f"fewer than {FEW_PHRASES} phrasings", found.few_phrases),
        ("no source of the first kind (trial, review, guideline, label, regulator, cohort)", found.no_first_kind),
        ("sources nothing cites", found.unused_sources),
    ):
        shown.append(f"{title}: {', '.join(names) if names else 'none'}")
    return shown


def page(knowledge: Knowledge) -> str:
    """Every topic with its claims and sources as one Markdown page, for a clinician to read and sign."""
    written = ["# Answers about IVIG in multiple sclerosis, for review", ""]
    written += [
        "To sign a topic: put your name and profession into `clinician:` of its file, and the day into `checked:`.",
        "",
    ]
    for chapter in knowledge.chapters:
        written += [f"## {chapter.title}", ""]
        for name in chapter.topics:
            written += _topic_page(knowledge.topics[name], knowledge)
    return "\n".join(written).rstrip() + "\n"


def _topic_page(topic: Topic, knowledge: Knowledge) -> list[str]:
    def cited(citations: tuple[Citation, ...]) -> str:
        return "; ".join(
            f"{knowledge.sources[c.source].citation} [{c.at}]({knowledge.sources[c.source].link or ''})"
            for c in citations
        )

    written = [
        f"### {topic.question}",
        "",
        f"File: `topics/{topic.chapter}/{topic.id}.yaml`",
        "",
        f"> {topic.short}",
        "",
    ]
    for number, claim in enumerate(topic.says, 1):
        written.append(f"{number}. {claim.text} ({claim.evidence}: {cited(claim.cite)})")
    written.append("")
    if topic.unknown:
        written += [f"Not known: {topic.unknown}", ""]
    if topic.do:
        written += ["What to do: " + " ".join(topic.do), ""]
    if topic.ask:
        written += ["Questions for the team: " + " ".join(topic.ask), ""]
    if topic.alarm:
        written += [f"**Alarm:** {topic.alarm}", ""]
    for region, note in topic.regions.items():
        written.append(f"- {region.upper()}: {note.text} ({cited(note.cite)})")
    if topic.regions:
        written.append("")
    reviewed = topic.clinician or "not yet"
    return [
        *written,
        f"Checked {topic.checked}, next {topic.next_check}. Reviewed by a clinician: {reviewed}. "
        "☐ correct ☐ to change: ________________ Name: ________________",
        "",
    ]
