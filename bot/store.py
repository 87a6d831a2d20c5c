"""
What did this chat ask to be remembered.

May not know what the settings mean. One SQLite file behind one interface; written only when somebody sets something.
Beside the settings it holds, so that a killed process neither answers twice nor stays silent: marks of the last
updates answered and of the messages sent for them (numbers that tell nothing), and which chats still wait for an
answer that Telegram would not let through.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger("bot.store")

Settings = dict[str, Any]
_T = TypeVar("_T")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS chats (chat_id INTEGER PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answered (place INTEGER PRIMARY KEY, mark INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sent (
  place INTEGER PRIMARY KEY, mark INTEGER NOT NULL, method TEXT NOT NULL, message INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS owed (chat_id INTEGER PRIMARY KEY, message INTEGER NOT NULL);
"""
ANSWERED_KEPT = 5_000
COMPLAIN_EVERY_SECONDS = 600.0
_TIDY_EVERY = 2_000


class Store:
    """
    Settings of chats, by chat.

    A damaged file is kept aside and a fresh one begun. Where the disk is full or closed to us, what was set holds
    until the process ends, and the log says so. `path` None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._unsaved: dict[int, Settings] = {}
        self._quiet_until = 0.0
        self._marks = 0
        self._base = self._open()

    # -- settings ------------------------------------------------------------------------------------------------

    def read(self, chat_id: int) -> Settings:
        """What this chat set; empty where it set nothing."""
        if chat_id in self._unsaved:
            return dict(self._unsaved[chat_id])
        row = self._do(lambda base: base.execute("SELECT settings FROM chats WHERE chat_id = ?", (chat_id,)).fetchone())
        if row is None:
            return {}
        try:
            value = json.loads(row[0])
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, chat_id: int, settings: Mapping[str, Any]) -> bool:
        """Replace what this chat set; False where it will be lost with the process."""
        if not settings:
            return self.forget(chat_id)
        text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
        saved = self._save(
            lambda base: base.execute(
                "INSERT INTO chats VALUES (?, ?) ON CONFLICT (chat_id) DO UPDATE SET settings = excluded.settings",
                (chat_id, text),
            )
        )
        if saved:
            self._unsaved.pop(chat_id, None)
        else:
            self._unsaved[chat_id] = dict(settings)
        return saved

    def forget(self, chat_id: int) -> bool:
        """Delete what this chat set, at once, from the file as well as from its log."""
        self._unsaved.pop(chat_id, None)

        def delete(base: sqlite3.Connection) -> None:
            kept = base.execute("DELETE FROM chats WHERE chat_id = ?", (chat_id,)).rowcount
            kept += base.execute("DELETE FROM owed WHERE chat_id = ?", (chat_id,)).rowcount
            if kept:
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        saved = self._save(delete)
        if not saved:
            self._unsaved[chat_id] = {}
        return saved

    def move(self, old: int, new: int) -> None:
        """A group became a supergroup: its settings go with it, unless the new one already has some."""
        settings = self.read(old)
        if settings and not self.read(new):
            self.write(new, settings)
        if settings:
            self.forget(old)

    def export(self, chat_id: int) -> str:
        """Everything kept about this chat, as JSON."""
        kept: dict[str, Any] = {"settings": self.read(chat_id)}
        waiting = [message for chat, message in self.owed() if chat == chat_id]
        if waiting:
            kept["waiting_for_an_answer"] = {"message": waiting[0]}
        return json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)

    # -- updates answered ----------------------------------------------------------------------------------------

    def mark_answered(self, mark: int) -> None:
        """Remember that this update was answered; where that fails, the process still knows."""
        self._save(lambda base: base.execute("INSERT INTO answered (mark) VALUES (?)", (mark,)))
        self._marks += 1
        if self._marks % _TIDY_EVERY == 0:
            self._tidy()

    def answered(self) -> list[int]:
        """The marks of the last answered updates, oldest first."""
        rows = self._do(
            lambda base: base.execute(
                "SELECT mark FROM answered ORDER BY place DESC LIMIT ?", (ANSWERED_KEPT,)
            ).fetchall()
        )
        return [row[0] for row in reversed(rows or [])]

    def mark_sent(self, mark: int, method: str, message_id: int) -> None:
        """Remember that this message of the answer to the update of this mark was sent."""
        self._save(
            lambda base: base.execute(
                "INSERT INTO sent (mark, method, message) VALUES (?, ?, ?)", (mark, method, message_id)
            )
        )

    def sent_parts(self) -> dict[int, list[tuple[str, int]]]:
        """What was sent for updates that were not answered to the end: by mark, each method and message in order."""
        rows = self._do(
            lambda base: base.execute(
                "SELECT mark, method, message FROM sent WHERE mark NOT IN (SELECT mark FROM answered) ORDER BY place"
            ).fetchall()
        )
        found: dict[int, list[tuple[str, int]]] = {}
        for mark, method, message in rows or []:
            found.setdefault(mark, []).append((method, message))
        return found

    def _tidy(self) -> None:
        for delete in (
            "DELETE FROM answered WHERE place <= (SELECT max(place) FROM answered) - ?",
            "DELETE FROM sent WHERE place <= (SELECT max(place) FROM sent) - ?",
        ):
            self._save(lambda base, delete=delete: base.execute(delete, (ANSWERED_KEPT,)))  # type: ignore[misc]

    # -- answers owed --------------------------------------------------------------------------------------------

    def owe(self, chat_id: int, message_id: int) -> None:
        """Remember that this chat waits for an answer to this message, which Telegram no longer keeps for us."""
        self._save(lambda base: base.execute("INSERT OR REPLACE INTO owed VALUES (?, ?)", (chat_id, message_id)))

    def paid(self, chat_id: int) -> None:
        """The chat was answered, or told that it was not."""
        self._save(lambda base: base.execute("DELETE FROM owed WHERE chat_id = ?", (chat_id,)))

    def owed(self) -> list[tuple[int, int]]:
        """The chats that wait for an answer, each with the message it waits for."""
        return self._do(lambda base: base.execute("SELECT chat_id, message FROM owed").fetchall()) or []

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(sqlite3.Error):
            self._tidy()
            self._base.close()

    # -- the file --------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return _connect(None)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                return self._without_disk()
            return self._begin_anew()
        except OSError:
            return self._without_disk()

    def _begin_anew(self) -> sqlite3.Connection:
        assert self._path is not None
        aside = _set_aside(self._path)
        if aside is None:
            return self._without_disk()
        log.error("the settings file is damaged; it was kept as %s and a fresh one begun", aside.name)
        try:
            return _connect(self._path)
        except (sqlite3.Error, OSError):
            return self._without_disk()

    def _without_disk(self) -> sqlite3.Connection:
        log.error("the settings file cannot be opened; settings hold until this process ends")
        self._path = None
        return _connect(None)

    def _do(self, act: Callable[[sqlite3.Connection], _T]) -> _T | None:
        """Read; a file that turns out damaged is set aside."""
        try:
            return act(self._base)
        except sqlite3.OperationalError:
            self._complain()
        except sqlite3.DatabaseError:
            self._base.close()
            self._base = self._begin_anew() if self._path is not None else _connect(None)
        return None

    def _save(self, act: Callable[[sqlite3.Connection], Any]) -> bool:
        """Write; False where the disk does not take it."""
        try:
            act(self._base)
        except sqlite3.OperationalError:
            self._complain()
            return False
        except sqlite3.DatabaseError:
            self._base.close()
            self._base = self._begin_anew() if self._path is not None else _connect(None)
            try:
                act(self._base)
            except sqlite3.Error:
                return False
        return True

    def _complain(self) -> None:
        now = time.monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + COMPLAIN_EVERY_SECONDS
            log.error("the settings file cannot be written (disk full?); settings hold until this process ends")


def _connect(path: Path | None) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:" if path is None else path, isolation_level=None, timeout=2.0)
    try:
        base.execute("PRAGMA secure_delete = ON")
        if path is not None:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            verdict = base.execute("PRAGMA quick_check(1)").fetchone()
            if verdict is None or verdict[0] != "ok":
                raise sqlite3.DatabaseError("malformed")
            with contextlib.suppress(OSError):
                os.chmod(path, 0o600)
        base.executescript(_SCHEMA)
    except sqlite3.Error:
        base.close()
        raise
    return base


def _set_aside(path: Path) -> Path | None:
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if aside.exists():
            continue
        try:
            path.rename(aside)
        except OSError:
            return None
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        return aside
    return None
