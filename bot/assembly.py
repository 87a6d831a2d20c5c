"""
How do the parts make one working whole, and how is it renewed while it runs.

May not know Telegram. Nothing is half-loaded: a new knowledge base is read, checked and built aside, then swapped in
one assignment, or refused with its faults while the old one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot import assets
from bot.conversation import Conversation
from bot.knowledge import digest_of, load
from bot.library import Knowledge
from bot.matching import Matcher, SentenceModel
from bot.strictyaml import FaultyFiles, Problem
from bot.sums import Sums
from bot.triage import Triage

_MATCHER = "matcher-"
# Several checkouts, or the version before a change is taken back, may share one cache.
_KEPT_MATCHERS = 4


def today() -> date:
    """Today by the clock of this machine, in UTC."""
    return datetime.now(UTC).date()


class Assembly:
    """The running whole. `conversation` and `knowledge` may be replaced between two messages, never within one."""

    def __init__(
        self,
        folder: Path | None = None,
        cache: assets.Cache | None = None,
        forget_after: timedelta = timedelta(minutes=30),
        on_preparing: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Read and build; raises FaultyFiles with every fault, before anything else is started.

        `on_preparing` is called where the matcher has to be fitted anew, which takes some seconds.
        """
        self.folder = folder or assets.knowledge_folder()
        self._cache = cache or assets.Cache()
        self._forget_after = forget_after
        self._on_preparing = on_preparing
        self._program = assets.program_digest()
        self._model: SentenceModel | None = None
        self.conversation = self._build()

    @property
    def knowledge(self) -> Knowledge:
        """What is being answered from."""
        return self.conversation.knowledge

    def reload(self) -> list[Problem]:
        """Take over the folder as it is now; returns the faults where it was refused, nothing where it was not."""
        try:
            if digest_of(self.folder) == self.knowledge.digest:
                return []
            self.conversation = self._build()
        except FaultyFiles as faulty:
            return faulty.problems
        except OSError as error:
            return [Problem(self.folder.name, 1, f"cannot be read: {error.strerror}")]
        return []

    def _build(self) -> Conversation:
        # Read whole each time: that takes a fifth of a second, so only the fitted matcher is cached.
        knowledge = load(self.folder, today())
        name = f"{_MATCHER}{self._program[:16]}-{knowledge.digest[:32]}"
        kept = self._cache.read(name)
        if kept is None:
            self._on_preparing()
        if self._model is None:
            self._model = _sentence_model()
        with assets.scratch() as aside:
            matcher = Matcher.build(knowledge.topics.values(), knowledge.scope, self._model, kept, aside)
        if not matcher.is_restored and self._cache.write(name, matcher.cache_bytes()):
            self._cache.keep_newest(_MATCHER, _KEPT_MATCHERS)
        triage = Triage(knowledge.triage_rules, knowledge.numbers, matcher.vectors)
        sums = Sums(knowledge.tables, knowledge.products, knowledge.sum_wording)
        return Conversation(knowledge, triage, matcher, sums, self._forget_after)


def _sentence_model() -> SentenceModel:
    try:
        return SentenceModel(assets.model_bytes(), assets.tokenizer_text())
    except OSError as error:
        where = str(error.filename or "the sentence model")
        raise FaultyFiles([Problem(where, 1, f"cannot be read: {error.strerror}")]) from None
