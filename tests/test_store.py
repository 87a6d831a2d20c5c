"""The settings file: damage, a full disk, deletion, moving."""

import json
import sqlite3
from pathlib import Path

import pytest

from bot.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "settings.sqlite3"


def test_what_was_set_is_there_after_a_restart(path: Path) -> None:
    store = Store(path)
    assert store.write(1, {"country": "DE", "low_energy": True})
    store.mark_answered(77)
    store.close()
    again = Store(path)

    assert again.read(1) == {"country": "DE", "low_energy": True}
    assert again.answered() == [77]
    assert again.read(2) == {}


def test_what_was_set_is_there_after_a_kill(path: Path) -> None:
    Store(path).write(1, {"country": "DE"})  # never closed

    assert Store(path).read(1) == {"country": "DE"}


def test_deleted_data_is_in_no_file_any_more(path: Path) -> None:
    store = Store(path)
    store.write(1, {"country": "a-very-rare-word"})
    store.forget(1)

    assert store.read(1) == {}
    assert [file.name for file in path.parent.iterdir() if b"a-very-rare-word" in file.read_bytes()] == []


def test_what_was_sent_for_an_update_is_kept_until_the_update_is_answered(path: Path) -> None:
    store = Store(path)
    store.mark_sent(7, "sendMessage", 41)
    store.mark_sent(8, "sendMessage", 42)
    store.mark_sent(7, "sendDocument", 43)
    store.mark_answered(8)  # never closed

    assert Store(path).sent_parts() == {7: [("sendMessage", 41), ("sendDocument", 43)]}


def test_who_is_owed_an_answer_is_kept_shown_and_forgotten(path: Path) -> None:
    store = Store(path)
    store.owe(1, 41)
    store.owe(1, 42)
    store.owe(2, 43)
    store.owe(3, 44)
    store.paid(2)
    shown = json.loads(store.export(1))
    store.forget(3)

    assert shown == {"settings": {}, "waiting_for_an_answer": {"message": 42}}
    assert Store(path).owed() == [(1, 42)]


def test_marks_do_not_pile_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.ANSWERED_KEPT", 10)
    store = Store(path)
    for mark in range(40):
        store.mark_sent(mark, "sendMessage", mark)
        store.mark_answered(mark)
    store.close()
    with sqlite3.connect(path) as base:
        rows = [base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("answered", "sent")]

    assert rows == [10, 10]


def test_setting_nothing_keeps_nothing(path: Path) -> None:
    store = Store(path)
    store.write(1, {"country": "DE"})
    store.write(1, {})

    assert json.loads(store.export(1)) == {"settings": {}}


def test_a_group_that_moves_takes_its_settings_and_overwrites_none(path: Path) -> None:
    store = Store(path)
    store.write(-5, {"clock": 1})
    store.write(-6, {"clock": 2})
    store.write(-106, {"clock": 3})
    store.move(-5, -105)
    store.move(-6, -106)
    store.move(-7, -107)

    assert [store.read(chat) for chat in (-5, -105, -6, -106, -107)] == [
        {},
        {"clock": 1},
        {},
        {"clock": 3},
        {},
    ]


@pytest.mark.parametrize(
    "content",
    [b"not a database at all, but long enough to be looked at" * 50, b"SQLite format 3\x00" + b"\xff" * 4096],
)
def test_a_damaged_file_is_kept_aside_and_a_fresh_one_begun(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = Store(path)

    assert store.write(1, {"country": "DE"})
    assert path.with_name(path.name + ".damaged-1").read_bytes() == content
    assert "damaged" in caplog.text


def test_a_file_damaged_while_running_is_set_aside_and_the_bot_goes_on(path: Path) -> None:
    store = Store(path)
    for chat in range(200):
        store.write(chat, {"country": "DE", "filler": "x" * 200})
    store.close()
    raw = bytearray(path.read_bytes())
    raw[4096 : len(raw)] = b"\x00" * (len(raw) - 4096)
    path.write_bytes(bytes(raw))
    again = Store(path)

    assert again.write(1, {"country": "FR"})
    assert again.read(1) == {"country": "FR"}


def test_on_a_full_disk_settings_hold_until_the_process_ends(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(path)
    pages = store._base.execute("PRAGMA page_count").fetchone()[0]
    store._base.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite meets on a full disk: SQLITE_FULL
    for chat in range(60):
        store.write(chat, {"country": "DE", "filler": "x" * 500})
        store.mark_answered(chat)

    assert [store.read(chat)["country"] for chat in range(60)] == ["DE"] * 60
    assert caplog.text.count("cannot be written") == 1
    store._base.execute("PRAGMA max_page_count = 100000")
    assert store.write(1, {"country": "FR"})
    assert store.read(1) == {"country": "FR"}


def test_a_deletion_on_a_full_disk_still_holds_in_this_process(path: Path) -> None:
    store = Store(path)
    store.write(1, {"country": "DE"})
    store._base.execute("PRAGMA query_only = ON")
    store.forget(1)

    assert store.read(1) == {}


def test_a_folder_that_cannot_be_made_means_memory_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("x")
    store = Store(tmp_path / "file" / "settings.sqlite3")

    assert store.write(1, {"country": "DE"})
    assert store.read(1) == {"country": "DE"}
    assert "until this process ends" in caplog.text


def test_what_another_version_wrote_is_not_trusted(path: Path) -> None:
    store = Store(path)
    store.write(1, {"country": "DE"})
    with sqlite3.connect(path) as base:
        base.execute("UPDATE chats SET settings = '[1, 2' WHERE chat_id = 1")
    base.close()

    assert store.read(1) == {}


def test_marks_of_answered_updates_do_not_pile_up(path: Path) -> None:
    store = Store(path)
    for mark in range(12_001):
        store.mark_answered(mark)

    count = store._base.execute("SELECT count(*) FROM answered").fetchone()[0]
    assert count < 7_100
    assert store.answered()[-1] == 12_000


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    Store(path)

    assert path.stat().st_mode & 0o077 == 0
