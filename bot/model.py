"""
Which nouns are there: topics, claims, sources, regimens, products, questions, replies.

May not know where values come from. Everything here is frozen; amounts are Decimal and carry their unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Region = Literal["us", "uk", "ca", "au", "eu", "nz", "ie"]


class Noun(BaseModel):
    """What every noun is: frozen, and closed to keys it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Level(StrEnum):
    """How urgent a message is, lowest first. Compared by rank; as text "urgent" would stand above "emergency"."""

    NONE = "none"
    CALL_TEAM = "call_team"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for none to 3 for emergency."""
        return _LEVELS.index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Level) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, Level) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, Level) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, Level) else NotImplemented


_LEVELS = (Level.NONE, Level.CALL_TEAM, Level.URGENT, Level.EMERGENCY)


class Evidence(StrEnum):
    """What kind of proof stands behind a claim."""

    TRIAL = "trial"
    REVIEW = "review"
    GUIDELINE = "guideline"
    LABEL = "label"
    EXPERT = "expert"
    ESTIMATE = "estimate"
    ARTICLE = "article"


class SourceKind(StrEnum):
    """What a source is; the first five are primary."""

    TRIAL = "trial"
    REVIEW = "review"
    GUIDELINE = "guideline"
    LABEL = "label"
    REGULATOR = "regulator"
    COHORT = "cohort"
    CASE_REPORT = "case_report"
    AGENCY = "agency"
    CHARITY = "charity"
    MAKER = "maker"
    LAW = "law"
    NEWS = "news"
    ARTICLE = "article"


class Source(Noun):
    """One document, cited to its original."""

    id: Identifier
    citation: Text
    kind: SourceKind
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    pmid: Annotated[str, StringConstraints(pattern=r"^\d{1,8}$")] | None = None
    pmcid: Annotated[str, StringConstraints(pattern=r"^PMC\d+$")] | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    read: date
    note: Text | None = None

    @property
    def link(self) -> str | None:
        """Where the original can be opened, the most lasting address first."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        return self.url


class Citation(Noun):
    """A place in a source."""

    source: Identifier
    at: Text


class Claim(Noun):
    """One statement with its proof."""

    text: Text
    cite: Annotated[tuple[Citation, ...], Field(min_length=1)]
    evidence: Evidence


class RegionalNote(Noun):
    """What is different in one country or region."""

    text: Text
    cite: Annotated[tuple[Citation, ...], Field(min_length=1)]


class Topic(Noun):
    """One question patients ask, with its sourced answer."""

    id: Identifier
    chapter: Identifier
    title: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    question: Annotated[str, StringConstraints(min_length=4, max_length=64)]
    short: Text
    phrases: Annotated[tuple[Text, ...], Field(min_length=8)]
    says: Annotated[tuple[Claim, ...], Field(min_length=1)]
    unknown: Text | None = None
    ask: tuple[Text, ...] = ()
    do: tuple[Text, ...] = ()
    alarm: Text | None = None
    level: Literal["none", "call_team"] = "none"
    careful: bool = False
    related: tuple[Identifier, ...] = ()
    contested: bool = False
    regions: Mapping[Region, RegionalNote] = Field(default_factory=dict)
    checked: date
    next_check: date
    clinician: Text | None = None
    was: tuple[Identifier, ...] = ()

    def citations(self) -> Iterator[Citation]:
        """Every citation behind the topic in reading order, as often as it stands there."""
        for claim in self.says:
            yield from claim.cite
        for note in self.regions.values():
            yield from note.cite

    def is_overdue(self, today: date) -> bool:
        """Whether the day of the next check has passed."""
        return today > self.next_check


class Chapter(Noun):
    """A group of topics as the menu shows it."""

    id: Identifier
    title: Annotated[str, StringConstraints(min_length=2, max_length=32)]
    topics: tuple[Identifier, ...] = ()


class ReplyKind(StrEnum):
    """What a reply is; the words of `ask --json`, which do not change."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    CALCULATION = "calculation"
    ASK_BACK = "ask_back"
    REFUSAL = "refusal"
    EMERGENCY = "emergency"
    URGENT = "urgent"
    CALL_TEAM = "call_team"
    SMALL_TALK = "small_talk"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_UNDERSTOOD = "not_understood"


class ChatKind(StrEnum):
    """Who can read the answer."""

    PRIVATE = "private"
    GROUP = "group"
    INLINE = "inline"


class Style(StrEnum):
    """How a paragraph wants to be seen; every surface decides what it makes of it."""

    PLAIN = "plain"
    STRONG = "strong"
    HEADING = "heading"
    ITEM = "item"
    SUM = "sum"
    NOTE = "note"


class Paragraph(Noun):
    """One paragraph of a reply, plain text without markup."""

    text: Text
    style: Style = Style.PLAIN


class Button(Noun):
    """
    Something to press. `code` is sent back and is at most 64 of A-Za-z0-9_-.

    `url` opens a page instead; `inline_query` lets the person pass the words on in another chat.
    """

    label: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    url: str | None = None
    inline_query: str | None = None


class TopicScore(Noun):
    """How surely a topic is meant, 0 to 1."""

    id: Identifier
    score: float


class Sign(Noun):
    """A warning sign found by triage: which, and where in the text as typed (character offsets)."""

    id: Identifier
    start: int
    end: int
    words: str


class PictureKind(StrEnum):
    """Pictures a reply can offer; drawn only when asked for."""

    INFUSION_RATE = "infusion_rate"
    WEAR_OFF = "wear_off"
    TRIALS = "trials"
    POSTER = "poster"


class Picture(Noun):
    """A picture to draw, by kind and plain values, with the same content in words for who cannot see it."""

    kind: PictureKind
    values: Mapping[str, Any] = Field(default_factory=dict)
    text: Text


class Attachment(Noun):
    """A file to send: its name, its content and one line about it."""

    name: Text
    content: bytes
    caption: Text


class SumState(Noun):
    """
    What a dialogue about numbers remembers: the inputs so far, as read; nothing is written to disk.

    `awaiting` names the missing piece, `values` holds the pieces (the sums module knows their keys).
    """

    awaiting: str | None = None
    values: Mapping[str, Any] = Field(default_factory=dict)


class State(Noun):
    """
    What one conversation remembers between two messages, in memory only, at most 30 minutes.

    No text of the person is kept: topics, offers, the pieces of a sum, counts.
    """

    last_topics: tuple[Identifier, ...] = ()
    offered: tuple[Identifier, ...] = ()
    waiting_topics: tuple[Identifier, ...] = ()
    sum: SumState | None = None
    misses: int = 0
    last_reply: ReplyKind | None = None
    level: Level = Level.NONE
    pathway: str | None = None
    touched: datetime | None = None


class Preferences(Noun):
    """What a chat asked to be remembered (see `store`)."""

    country: str | None = None
    region: Region | None = None
    language: str | None = None
    low_energy: bool = False


class Question(Noun):
    """What was typed, where, by whom it can be read, and when (the clock is handed in)."""

    text: str
    chat: ChatKind = ChatKind.PRIVATE
    now: datetime
    state: State = State()
    preferences: Preferences = Preferences()


class Reply(Noun):
    """What is said back, before any surface has drawn it."""

    kind: ReplyKind
    level: Level = Level.NONE
    pathway: str | None = None
    topics: tuple[TopicScore, ...] = ()
    warnings: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    paragraphs: tuple[Paragraph, ...]
    sources: tuple[Citation, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: Picture | None = None
    attachment: Attachment | None = None
    notice: str | None = None
    edits: bool = False
    state: State = State()

    @property
    def text(self) -> str:
        """The whole reply as plain text."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)


class Card(Noun):
    """One inline result: a self-contained answer."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    title: Text
    description: Text
    reply: Reply
    personal: bool = False

