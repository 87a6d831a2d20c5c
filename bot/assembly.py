"""
How do the parts make one working whole, and how is it renewed while it runs.

May not know Telegram. Nothing is half-loaded: a new knowledge base is read, checked and built aside, then swapped in
one assignment, or refused with its faults while the old one goes on.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot import assets
from bot.conversation import Conversation
from bot.knowledge import Files, digest_of, load_files, marks_of
from bot.library import Knowledge
from bot.matching import Matcher, SentenceModel
from bot.strictyaml import FaultyFiles, Problem
from bot.sums import Sums
from bot.triage import Triage

_MATCHER = "matcher-"
_KNOWLEDGE = "knowledge-"
_HALFWAY = "halfway-"
# Several checkouts, or the version before a change is taken back, may share one cache.
_KEPT_OF_EACH = 4


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
        on_read: Callable[[], None] = lambda: None,
        model: Future[SentenceModel] | None = None,
    ) -> None:
        """
        Read and build; raises FaultyFiles with every fault, before anything else is started.

        `on_read` is called once the files are read and free of faults, and `on_preparing` where the matcher has to be
        fitted anew, which takes some seconds. `model` is the sentence model where it is being loaded already.
        """
        self.folder = folder or assets.knowledge_folder()
        self._cache = cache or assets.Cache()
        self._forget_after = forget_after
        self._on_preparing = on_preparing
        self._on_read = on_read
        self._program = ""
        self._model = model
        self.conversation = self._build()

    @property
    def knowledge(self) -> Knowledge:
        """What is being answered from."""
        return self.conversation.knowledge

    def marks(self) -> dict[str, tuple[int, int]]:
        """Size and time of change of every file of the folder: the same as before where nothing was edited."""
        return marks_of(self.folder)

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
        if gc.get_freeze_count():  # see settle: what was replaced is among what is no longer looked through
            gc.unfreeze()
            gc.collect()
            self.settle()
        return []

    def settle(self) -> None:
        """
        Take everything there is now out of the search for garbage, for a process that goes on with it.

        Looking through a million objects that stay holds every chat up for a fifth of a second.
        """
        gc.freeze()

    def _build(self) -> Conversation:
        # Beside the reading, the model and the fitted matcher are fetched: that is work of C alone, which a second core
        # does meanwhile.
        with ThreadPoolExecutor(2) as beside:
            if self._model is None:
                self._model = beside.submit(lambda: SentenceModel(assets.model_bytes(), assets.tokenizer_text()))
            files = Files.of(self.folder)
            # Once: the program that runs is the one that was started, whatever was installed since.
            self._program = self._program or assets.program_digest()
            name = _name(_MATCHER, self._program, files.digest)
            fetching = beside.submit(self._cache.read, name)
            knowledge = load_files(files, today(), _KeptKnowledge(self._cache, self._program))
            self._on_read()
            kept = fetching.result()
            is_of_these_files = kept is not None
            if kept is None:
                # Who corrects a fact changes no phrase, and then what was fitted last still holds; the matcher tells.
                earlier = self._cache.newest(_name(_MATCHER, self._program, ""))
                kept = self._cache.read(earlier) if earlier else None
            try:
                model = self._model.result()
            except OSError as error:
                where = str(error.filename or "the sentence model")
                raise FaultyFiles([Problem(where, 1, f"cannot be read: {error.strerror}")]) from None
        with assets.scratch() as aside:
            halfway = _Halfway(self._cache)
            matcher = Matcher.build(
                knowledge.topics.values(), knowledge.scope, model, kept, aside, halfway, self._on_preparing
            )
        if not (is_of_these_files and matcher.is_restored) and self._cache.write(name, matcher.cache_bytes()):
            self._cache.keep_newest(_MATCHER, _KEPT_OF_EACH)
            self._cache.keep_newest(_HALFWAY, 0)
        triage = Triage(knowledge.triage_rules, knowledge.numbers, matcher.vectors)
        sums = Sums(knowledge.tables, knowledge.products, knowledge.sum_wording)
        return Conversation(knowledge, triage, matcher, sums, self._forget_after)


class _KeptKnowledge:
    """What the files stated when this version of the program read them last; see `bot.knowledge.Kept`."""

    def __init__(self, cache: assets.Cache, program: str) -> None:
        self._cache = cache
        self._program = program

    def read(self, digest: str) -> bytes | None:
        return self._cache.read(_name(_KNOWLEDGE, self._program, digest))

    def write(self, digest: str, body: bytes) -> None:
        if self._cache.write(_name(_KNOWLEDGE, self._program, digest), body):
            self._cache.keep_newest(_KNOWLEDGE, _KEPT_OF_EACH)


class _Halfway:
    """What the matcher has computed so far; see `bot.matching.cache.Halfway`."""

    def __init__(self, cache: assets.Cache) -> None:
        self._cache = cache

    def read(self, key: str) -> bytes | None:
        return self._cache.read(f"{_HALFWAY}{key[:32]}")

    def write(self, key: str, body: bytes) -> None:
        if self._cache.write(f"{_HALFWAY}{key[:32]}", body):
            self._cache.keep_newest(_HALFWAY, 1)


def _name(kind: str, program: str, knowledge: str) -> str:
    return f"{kind}{program[:16]}-{knowledge[:32]}"
