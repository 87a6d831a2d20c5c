"""
Which questions found no answer, without whose they were.

May not know Telegram, chats or who asked. Used only where an operator chose to keep such questions; what could tell
who a person is goes before anything is written, and what was written is forgotten after some days.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TypeVar

from bot.text import Cleaned, clean, words

log = logging.getLogger("bot.unanswered")

_Result = TypeVar("_Result")

MOST_WORDS = 40
FEWEST_WORDS = 2
LONGEST_READ = 2_000
LONGEST_WORD = 24
MOST_KEPT = 2_000
NUMBER, NAME, DATE, CONTACT, LINK = "[number]", "[name]", "[date]", "[contact]", "[link]"
_PLACEHOLDERS = frozenset((NUMBER, NAME, DATE, CONTACT, LINK))

# "ivqa" in ASCII: how we know a file of ours from one that an operator named by mistake.
_APPLICATION_ID = 0x69767161
_BUSY_SECONDS = 2.0

_LINK = re.compile(r"://|^www\.|^[^\s@]{1,64}\.[a-z]{2,24}(?:[/:?#]|$)")
_LETTERS_ONLY = re.compile(r"[a-z]+(?:'[a-z]+)*")


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ALWAYS_KNOWN = frozenset(("a", "i", "i'm", "i've", "i'll", "i'd", "ms", "ivig"))
_DAYS_AND_MONTHS = _set(
    """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat
    january february april june july august september october november december
    jan feb apr jun jul aug sep sept oct nov dec easter christmas xmas"""
)
_MONTHS_THAT_ARE_WORDS = frozenset(("march", "may", "mar"))
_NUMBER_WORDS = _set(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen
    first second third fourth fifth sixth seventh eighth ninth tenth"""
)
# What often stands just before a name, and what often stands just after one.
_BEFORE_A_NAME = _set(
    """dr doctor prof professor mr mrs miss nurse sir called named name husband wife partner son daughter mum mom mother
    dad father brother sister aunt uncle nan gran friend cousin boyfriend girlfriend regards signed from near"""
)
_AFTER_A_NAME = _set("street road avenue lane drive hospital clinic infirmary university centre center")


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The words that our own texts and phrasings use: these are never somebody's name."""
    return frozenset(word.text for text in texts for word in words(clean(text).text))


# -- what is taken out ---------------------------------------------------------------------------------------------


def without_the_person(raw: str, known: frozenset[str]) -> str | None:
    """
    A question without numbers, names, dates, contacts and links; None where too little or too much would be left.

    Lower case, words only. Names are words with a capital that `known` does not hold, and unknown words beside a word
    that goes with names. Long texts are stories of a life and are not kept at all.
    """
    if len(raw) > LONGEST_READ:
        return None
    found = _words_of(clean(raw), raw, known)
    if len(found) > MOST_WORDS:
        return None
    _mark_spelt_out_addresses(found)
    kept: list[str] = []
    for word in found:
        if not kept or word != kept[-1] or word not in _PLACEHOLDERS:
            kept.append(word)
    ordinary = sum(1 for word in kept if word not in _PLACEHOLDERS)
    if ordinary < FEWEST_WORDS or ordinary < len(kept) - ordinary:
        return None
    return " ".join(kept)


@dataclass
class _Seen:
    """A word as it was typed, before it is decided whether it is a name."""

    text: str
    capital: bool


def _words_of(cleaned: Cleaned, raw: str, known: frozenset[str]) -> list[str]:
    """The words in order, what tells of a person replaced by its kind."""
    seen: list[_Seen] = []
    for token in re.finditer(r"\S+", cleaned.text):
        kind = _kind_of_token(token.group())
        if kind:
            seen.append(_Seen(kind, False))
            continue
        for word in words(token.group()):
            at = cleaned.places[token.start() + word.start]
            seen.append(_Seen(word.text, raw[at].isupper() or raw[at].istitle()))
    return [_decided(seen, number, known) for number in range(len(seen))]


def _kind_of_token(token: str) -> str | None:
    """What a run without spaces is, where it is no run of words."""
    if "@" in token:
        return CONTACT
    if _LINK.search(token.rstrip(".,;:!?)")):
        return LINK
    if any(character.isnumeric() for character in token):
        return NUMBER
    if "_" in token or any(len(word.text) > LONGEST_WORD for word in words(token)):
        return CONTACT
    return None


def _decided(seen: list[_Seen], number: int, known: frozenset[str]) -> str:
    word = seen[number]
    if word.text in _PLACEHOLDERS:
        return word.text
    if word.text in _DAYS_AND_MONTHS or (word.text in _MONTHS_THAT_ARE_WORDS and _is_month(seen, number)):
        return DATE
    if word.text in _NUMBER_WORDS:
        return NUMBER
    if _is_known(word.text, known):
        return word.text
    if not _LETTERS_ONLY.fullmatch(word.text) or len(word.text) == 1 or word.capital:
        return NAME
    before = [one.text for one in seen[max(0, number - 2) : number]]
    after = [one.text for one in seen[number + 1 : number + 3]]
    if _BEFORE_A_NAME.intersection(before) or _AFTER_A_NAME.intersection(after):
        return NAME
    return word.text


def _is_month(seen: list[_Seen], number: int) -> bool:
    """Whether "may" is the month: written with a capital within a sentence, or beside a number."""
    beside = {one.text for one in (*seen[max(0, number - 1) : number], *seen[number + 1 : number + 2])}
    return NUMBER in beside or bool(beside & _NUMBER_WORDS) or (number > 0 and seen[number].capital)


def _is_known(word: str, known: frozenset[str]) -> bool:
    return word in _ALWAYS_KNOWN or word in known or word.removesuffix("'s") in known


def _mark_spelt_out_addresses(found: list[str]) -> None:
    """Mark "sam at example dot com": what stands beside a "dot" is an address."""
    for number, word in enumerate(found):
        if word != "dot":
            continue
        first = number - 1
        if first >= 2 and found[first - 1] == "at":
            first -= 2
        for place in range(max(0, first), min(len(found), number + 2)):
            found[place] = CONTACT


# -- where it is kept ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A question as it is kept: its words, how often it came, the day it last came."""

    text: str
    times: int
    last: date


class CannotBeRead(Exception):  # noqa: N818 -- says what the file is
    """The file named for unanswered questions is no file of ours, or the disk does not let us; it was not touched."""


class Unanswered:
    """
    The questions kept, in one file, each once with how often it came; no hour, no chat, no person.

    Nothing here stops the bot: where the disk is full or the file damaged, `keep` returns False. It writes to disk, so
    an async caller hands it to a thread.
    """

    def __init__(self, path: Path, days: int, known: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._days = days
        self._known = known
        self._lock = Lock()
        self._complained = False

    def keep(self, raw: str, today: date | None = None) -> bool:
        """Keep a question without the person; False where nothing was kept."""
        text = without_the_person(raw, self._known)
        if text is None:
            return False
        today = today or _today()
        with self._lock:
            try:
                return self._mending(lambda: self._write(text, today))
            except (sqlite3.Error, OSError, CannotBeRead) as error:
                self._complain(error)
                return False

    def all(self, today: date | None = None) -> list[Kept]:
        """What is kept and not yet to be forgotten, most frequent first; raises CannotBeRead."""
        today = today or _today()
        with self._lock:
            try:
                if not self._path.exists():
                    return []
                return self._mending(lambda: self._read(today))
            except (sqlite3.Error, OSError) as error:
                raise CannotBeRead(f"{self._path}: {error}") from error

    def forget(self, today: date | None = None) -> None:
        """Forget what is too old; also done whenever something is kept or listed."""
        try:
            self.all(today)
        except CannotBeRead as error:
            self._complain(error)

    def _write(self, text: str, today: date) -> bool:
        with self._open() as database:
            self._forget_old(database, today)
            database.execute(
                "insert into question (text, times, last) values (?, 1, ?) "
                "on conflict (text) do update set times = times + 1, last = max(last, excluded.last)",
                (text, today.isoformat()),
            )
            database.execute(
                "delete from question where text in "
                "(select text from question order by last desc, times desc, text limit -1 offset ?)",
                (MOST_KEPT,),
            )
        return True

    def _read(self, today: date) -> list[Kept]:
        with self._open() as database:
            self._forget_old(database, today)
            rows = database.execute("select text, times, last from question order by times desc, last desc, text")
            return [Kept(text, times, date.fromisoformat(last)) for text, times, last in rows]

    def _forget_old(self, database: sqlite3.Connection, today: date) -> None:
        database.execute("delete from question where last < ?", ((today - timedelta(days=self._days)).isoformat(),))
        with contextlib.suppress(OSError):
            aside = self._aside
            last_changed = datetime.fromtimestamp(aside.stat().st_mtime, UTC).date()
            if last_changed < today - timedelta(days=self._days):
                aside.unlink()

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file, made where it is missing; committed at the end, closed in any case."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
            # What is deleted is overwritten, and no second file keeps a copy of it.
            database.execute("pragma secure_delete = on")
            database.execute("pragma journal_mode = delete")
            (application,) = database.execute("pragma application_id").fetchone()
            if application != _APPLICATION_ID:
                (tables,) = database.execute("select count(*) from sqlite_master").fetchone()
                if application or tables:
                    raise CannotBeRead(f"{self._path} holds something else; name another file in unanswered.path")
                database.execute(f"pragma application_id = {_APPLICATION_ID}")
            with database:
                database.execute("begin immediate")
                database.execute(
                    "create table if not exists question "
                    "(text text primary key, times integer not null, last text not null) without rowid"
                )
                yield database

    @property
    def _aside(self) -> Path:
        return self._path.with_name(self._path.name + ".damaged")

    def _mending(self, act: Callable[[], _Result]) -> _Result:
        """Do it; a damaged file is set aside (and forgotten in its time), and a new one begun."""
        try:
            return act()
        except sqlite3.OperationalError:  # full, locked, not writable: the file itself is sound
            raise
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            os.replace(self._path, self._aside)
            self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
            log.warning("%s was damaged (%s) and set aside; a new one is begun", self._path.name, type(error).__name__)
            return act()

    def _complain(self, error: Exception) -> None:
        """Say once what is wrong, not at every question."""
        if not self._complained:
            self._complained = True
            log.warning("unanswered questions are not kept: %s", type(error).__name__)


def _today() -> date:
    return datetime.now(UTC).date()
