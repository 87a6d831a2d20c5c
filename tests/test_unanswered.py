"""What is kept of a question nobody could answer: its words, not its person, and not for long."""

import os
import sqlite3
import stat
import string
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import __main__ as command_line
from bot.unanswered import MOST_KEPT, CannotBeRead, Unanswered, vocabulary, without_the_person

KNOWN = vocabulary(
    (
        "Can I get a tattoo after IVIG? Is it ok to use the sauna?",
        "my me at or see and does help with was born you write please takes who has for good name in may swim",
    )
)
DAY = date(2026, 11, 24)


def keeper(tmp_path: Path, days: int = 30) -> Unanswered:
    return Unanswered(tmp_path / "unanswered.sqlite3", days, KNOWN)


# -- what is taken out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Can I get a tattoo after IVIG?", "can i get a tattoo after ivig"),
        ("is scuba diving ok after ivig", "is scuba diving ok after ivig"),
        ("can i use the sauna 3 days after ivig 70kg", "can i use the sauna [number] days after ivig [number]"),
        ("can I get 1½ or ٧٠ or fifty two", "can i get [number] or [number] or [number]"),
        ("can I get 10² or ７０ or ⑦ after ivig", "can i get [number] or [number] or [number] after ivig"),
        ("is Sarah Jones 12 Oak Street ok after ivig", "is [name] [number] [name] ok after ivig"),
        ("is it ok for Sarah Jones after IVIG", "is it ok for [name] after ivig"),
        ("IS IT OK FOR SARAH AFTER IVIG", "is it ok for [name] after ivig"),
        ("is it ok for Ｓａｒａｈ after ivig", "is it ok for [name] after ivig"),
        ("is it ok for Ѕаrаh after ivig", "is it ok for [name] after ivig"),  # Cyrillic letters that look Latin
        ("is it ok for Sar\u200bah's tattoo", "is it ok for [name] tattoo"),
        ("my name is sarah can i use the sauna", "my name is [name] can i use the sauna"),
        ("my husband pete takes ivig is it ok", "my husband [name] takes ivig is it ok"),
        ("is dr smith good for ivig", "is dr [name] good for ivig"),
        ("can i get ivig at oakfield hospital please", "can i get ivig at [name] hospital please"),
        ("is it ok for 王小明 after ivig", "is it ok for [name] after ivig"),
        ("is it ok for s a r a h after ivig", "is it ok for [name] a [name] a [name] after ivig"),
        ("write me at sam.oak@example.com please", "write me at [contact] please"),
        ("write me at sam\u200b.oak＠example.com please", "write me at [contact] please"),
        ("write me please sam at example dot com", "write me please [contact]"),
        ("is @sam_oak who has ivig ok", "is [contact] who has ivig ok"),
        ("can you see https://t.me/joinchat/AbC and t.me/sam please", "can you see [link] and [link] please"),
        ("can you see example.org please", "can you see [link] please"),
        ("write me at +44 (0) 7700 900-123 please", "write me at [number] please"),
        ("i was born 3 May 1970 can i use a sauna", "i was born [number] [date] [number] can i use a sauna"),
        ("can i use a sauna on Monday or in december", "can i use a sauna on [date] or in [date]"),
        ("may i swim after ivig", "may i swim after ivig"),
        ("can i get ivig with abcdefghijklmnopqrstuvwxyzabcdef ok", "can i get ivig with [contact] ok"),
        ("can i \x1b[31mget\x1b[0m a tattoo after ivig", "can i [number] a tattoo after ivig"),
    ],
)  # fmt: skip
def test_what_could_tell_of_a_person_goes_and_the_question_stays(typed: str, kept: str) -> None:
    assert without_the_person(typed, KNOWN) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "?", "tattoo", "70 kg", "Sarah Jones",
        "sam@example.com please", "я принимаю лекарство каждый месяц", "\x00\x01\x02", "😀 😀 😀",
        "can i get a tattoo " * 20, "a" * 5000, "@" * 3000, "can i " * 5000,
    ],
)  # fmt: skip
def test_what_is_no_question_or_is_a_whole_story_is_not_kept(typed: str) -> None:
    assert without_the_person(typed, KNOWN) is None


HOSTILE = st.text(
    st.one_of(
        st.sampled_from(string.ascii_letters + string.digits + " @./:'_-\n\t\x1b\x00"),
        st.sampled_from("٧½²⑦Ⅷ７\u200b\u202e\u0301ＡАΑ王ا।"),
        st.characters(),
    ),
    max_size=400,
)


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
def test_no_digit_no_address_no_control_character_is_ever_kept(typed: str) -> None:
    kept = without_the_person(typed, KNOWN)

    if kept is not None:
        assert not any(character.isnumeric() for character in kept)
        assert not set("@:/\x1b\x00\n\t\u200b\u202e") & set(kept)
        assert kept.isascii()
        assert kept.isprintable()


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"\A[A-Z][a-z]{2,12}\Z"))
def test_no_unknown_word_with_a_capital_is_ever_kept(name: str) -> None:
    kept = without_the_person(f"can i use a sauna after ivig with {name} please", KNOWN)

    assert name.lower() in KNOWN or (kept is not None and name.lower() not in kept.split())


def test_the_time_it_takes_grows_with_the_length_and_no_faster() -> None:
    for piece in ("a@", "a.", "dot ", "mr x ", "1 ", "://", "A'", "a" * 30):
        text = (piece * 2000)[:2000]
        begun = time.perf_counter()
        without_the_person(text, KNOWN)
        assert time.perf_counter() - begun < 0.2, piece


# -- what is kept, and for how long --------------------------------------------------------------------------------


def test_a_question_is_kept_once_with_how_often_it_came(tmp_path: Path) -> None:
    unanswered = keeper(tmp_path)

    assert unanswered.keep("Can I get a tattoo after IVIG?", DAY)
    assert unanswered.keep("can i get a tattoo, after ivig", DAY + timedelta(days=2))
    assert unanswered.keep("is it ok to use a sauna", DAY)
    assert not unanswered.keep("Sarah Jones", DAY)

    listed = [(kept.text, kept.times, kept.last) for kept in unanswered.all(DAY + timedelta(days=2))]
    assert listed == [
        ("can i get a tattoo after ivig", 2, DAY + timedelta(days=2)),
        ("is it ok to use a sauna", 1, DAY),
    ]


def test_a_question_is_forgotten_after_its_days_and_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    unanswered = keeper(tmp_path, days=30)
    unanswered.keep("can i get a tattoo after ivig", DAY)
    assert b"tattoo" in (tmp_path / "unanswered.sqlite3").read_bytes()

    assert len(unanswered.all(DAY + timedelta(days=30))) == 1
    unanswered.forget(DAY + timedelta(days=31))

    assert unanswered.all(DAY) == []
    assert [path.name for path in tmp_path.iterdir()] == ["unanswered.sqlite3"]
    assert b"tattoo" not in (tmp_path / "unanswered.sqlite3").read_bytes()


def test_keeping_one_question_forgets_the_old_ones(tmp_path: Path) -> None:
    unanswered = keeper(tmp_path, days=7)
    unanswered.keep("can i get a tattoo after ivig", DAY)
    unanswered.keep("is it ok to use a sauna", DAY + timedelta(days=8))

    assert [kept.text for kept in unanswered.all(DAY + timedelta(days=8))] == ["is it ok to use a sauna"]


def test_a_clock_set_back_does_not_make_a_question_older(tmp_path: Path) -> None:
    unanswered = keeper(tmp_path)
    unanswered.keep("is it ok to use a sauna", DAY)
    unanswered.keep("is it ok to use a sauna", DAY - timedelta(days=400))

    assert [(kept.times, kept.last) for kept in unanswered.all(DAY)] == [(2, DAY)]


def test_a_flood_of_different_questions_does_not_fill_the_disk(tmp_path: Path) -> None:
    unanswered = keeper(tmp_path)
    unanswered.keep("is it ok to use a sauna", DAY)
    with sqlite3.connect(tmp_path / "unanswered.sqlite3") as database:
        database.executemany(
            "insert into question values (?, 1, ?)",
            [(f"question {number}", DAY.isoformat()) for number in range(MOST_KEPT + 50)],
        )
    database.close()
    unanswered.keep("can i get a tattoo after ivig", DAY + timedelta(days=1))

    kept = unanswered.all(DAY + timedelta(days=1))
    assert len(kept) == MOST_KEPT
    assert "can i get a tattoo after ivig" in {question.text for question in kept}


def test_the_file_is_for_the_operator_alone_and_holds_no_hour_and_no_chat(tmp_path: Path) -> None:
    keeper(tmp_path / "state").keep("is it ok to use a sauna", DAY)
    file = tmp_path / "state" / "unanswered.sqlite3"

    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    database = sqlite3.connect(file)
    columns = [row[1] for row in database.execute("pragma table_info(question)")]
    database.close()
    assert columns == ["text", "times", "last"]


# -- when the disk is against us -----------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["garbage", "cut", "overwritten", "empty"])
def test_a_damaged_file_is_set_aside_and_keeping_goes_on(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "unanswered.sqlite3"
    unanswered = keeper(tmp_path)
    unanswered.keep("is it ok to use a sauna", DAY)
    whole = file.read_bytes()
    broken = {
        "garbage": b"\x00not a database" * 500,
        "cut": whole[: len(whole) // 2],
        "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
        "empty": b"",
    }[damage]
    file.write_bytes(broken)

    assert keeper(tmp_path).keep("can i get a tattoo after ivig", DAY)
    assert "can i get a tattoo after ivig" in [kept.text for kept in keeper(tmp_path).all(DAY)]
    aside = tmp_path / "unanswered.sqlite3.damaged"
    if damage in ("garbage", "overwritten"):
        assert aside.read_bytes() == broken


def test_what_was_set_aside_is_forgotten_as_well(tmp_path: Path) -> None:
    aside = tmp_path / "unanswered.sqlite3.damaged"
    aside.write_bytes(b"is it ok for sarah")
    unanswered = keeper(tmp_path, days=30)
    unanswered.keep("is it ok to use a sauna", date.today())  # noqa: DTZ011 -- the file's own day is local as well
    assert aside.exists()

    old = time.time() - 32 * 86400
    os.utime(aside, (old, old))
    unanswered.forget()

    assert not aside.exists()


def test_a_file_of_another_kind_is_never_touched(tmp_path: Path) -> None:
    file = tmp_path / "unanswered.sqlite3"
    database = sqlite3.connect(file)
    database.execute("create table settings (chat integer)")
    database.commit()
    database.close()
    before = file.read_bytes()
    unanswered = keeper(tmp_path)

    assert not unanswered.keep("is it ok to use a sauna", DAY)
    with pytest.raises(CannotBeRead, match="something else"):
        unanswered.all(DAY)
    assert file.read_bytes() == before


def test_a_folder_in_place_of_the_file_is_said_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "unanswered.sqlite3").mkdir()
    unanswered = keeper(tmp_path)

    assert not unanswered.keep("is it ok to use a sauna", DAY)
    assert not unanswered.keep("can i get a tattoo after ivig", DAY)
    assert len(caplog.records) == 1
    assert "tattoo" not in caplog.text
    assert "sauna" not in caplog.text


FULL_DISK = """
import resource, sys
from datetime import date
from pathlib import Path
from bot.unanswered import Unanswered
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
unanswered = Unanswered(Path(sys.argv[1]), 30)
kept = [unanswered.keep(f"is it ok to {'abcdefghij'[n % 10] * 5} the {'abcdefghij'[n // 10] * 5}") for n in range(100)]
print(sum(kept), "kept", kept[-1])
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of a file")
@pytest.mark.parametrize("room", [0, 6_000, 13_000])
def test_a_full_disk_loses_a_suggestion_and_nothing_else(tmp_path: Path, room: int) -> None:
    file = tmp_path / "unanswered.sqlite3"
    if room:
        keeper(tmp_path).keep("can i get a tattoo after ivig")

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, file, str(room)], capture_output=True, text=True, timeout=60,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("kept False")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    if room:
        assert "can i get a tattoo after ivig" in {kept.text for kept in keeper(tmp_path).all()}
        assert keeper(tmp_path).keep("is it ok to use a sauna")


def test_two_programs_may_use_the_file_at_once(tmp_path: Path) -> None:
    first, second = keeper(tmp_path), keeper(tmp_path)
    for number in range(20):
        assert (first if number % 2 else second).keep("is it ok to use a sauna", DAY)

    assert [kept.times for kept in first.all(DAY)] == [20]


def test_a_file_that_somebody_holds_is_no_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.unanswered._BUSY_SECONDS", 0.05)
    unanswered = keeper(tmp_path)
    unanswered.keep("is it ok to use a sauna", DAY)
    holder = sqlite3.connect(tmp_path / "unanswered.sqlite3")
    holder.execute("begin exclusive")

    assert not unanswered.keep("can i get a tattoo after ivig", DAY)
    holder.rollback()
    holder.close()

    assert unanswered.keep("can i get a tattoo after ivig", DAY)
    assert len(unanswered.all(DAY)) == 2
    assert not (tmp_path / "unanswered.sqlite3.damaged").exists()


# -- the command ---------------------------------------------------------------------------------------------------


def test_the_command_lists_what_is_kept_most_frequent_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IVIG_BOT_UNANSWERED__PATH", str(tmp_path / "unanswered.sqlite3"))
    monkeypatch.setenv("IVIG_BOT_UNANSWERED__KEEP", "true")
    assert command_line.main(["unanswered"]) == 0
    assert capsys.readouterr().out == "Nothing yet.\n"

    unanswered = keeper(tmp_path)
    for typed in ("is it ok to use a sauna", "can i get a tattoo after ivig", "can i get a tattoo after ivig"):
        unanswered.keep(typed)

    assert command_line.main(["unanswered", "--plain"]) == 0
    assert capsys.readouterr().out == "can i get a tattoo after ivig\nis it ok to use a sauna\n"
    assert command_line.main(["unanswered"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("   2 ×  last 20")
    assert lines[0].endswith("  can i get a tattoo after ivig")


def test_the_command_says_that_nothing_is_kept_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IVIG_BOT_UNANSWERED__PATH", str(tmp_path / "unanswered.sqlite3"))

    assert command_line.main(["unanswered"]) == 0
    assert "not kept" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_the_command_fails_on_a_file_of_another_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IVIG_BOT_UNANSWERED__PATH", str(tmp_path))

    assert command_line.main(["unanswered"]) == 1
    assert capsys.readouterr().err.startswith("ivig-bot: ")
