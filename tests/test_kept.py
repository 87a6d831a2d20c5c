"""What the files stated is kept between two starts: the same answers, and never those of files that have changed."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import assembly as assembling
from bot.__main__ import main
from bot.assembly import Assembly
from bot.assets import Cache, program_digest
from bot.knowledge import Files, digest_of, load, load_files
from bot.knowledge.kept import packed, unpacked
from bot.strictyaml import LARGEST_FILE_BYTES, FaultyFiles

FOLDER = Path(__file__).resolve().parent.parent / "knowledge"
TODAY = date(2026, 11, 24)
HEADACHE = "topics/side_effects/headache.yaml"


class Shelf:
    """Keeps what it is given, in memory."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.read_well = 0

    def read(self, digest: str) -> bytes | None:
        self.read_well += digest in self.bodies
        return self.bodies.get(digest)

    def write(self, digest: str, body: bytes) -> None:
        self.bodies[digest] = body


@pytest.fixture(scope="module")
def filled() -> Shelf:
    shelf = Shelf()
    load_files(Files.of(FOLDER), TODAY, shelf)
    return shelf


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    shutil.copytree(FOLDER, folder)
    return folder


def edit(folder: Path, name: str, find: str, put: str) -> None:
    """An edit that leaves the file's size and times as they were, where it can."""
    path = folder / name
    before = path.stat()
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, put, 1), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


# -- the same answers ------------------------------------------------------------------------------------------------


def test_what_was_kept_gives_the_very_same_knowledge(filled: Shelf) -> None:
    before = filled.read_well

    kept = load_files(Files.of(FOLDER), TODAY, filled)

    assert filled.read_well == before + 1
    fresh = load(FOLDER, TODAY)
    assert kept == fresh
    assert repr(kept) == repr(fresh)  # a Decimal is no int, and 0.40 is not 0.4


def test_from_what_was_kept_no_file_is_read_as_yaml(filled: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files.of(FOLDER)
    monkeypatch.setattr("bot.knowledge.files.read_bytes", lambda *_: pytest.fail("read"))
    monkeypatch.setattr("bot.knowledge.files.read_file", lambda *_: pytest.fail("read"))

    assert load_files(files, TODAY, filled).digest == files.digest


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=3))
def test_whatever_a_file_can_state_comes_back_as_it_was_or_is_not_kept(contents: dict[str, Any]) -> None:
    body = packed("a digest", contents)

    assert body is None or repr(unpacked("a digest", body)) == repr(contents)


def test_a_key_that_looks_like_our_mark_is_not_taken_for_a_date() -> None:
    assert packed("a digest", {"menu.yaml": {"\0": "d2026-11-24"}}) is None
    assert packed("a digest", {"menu.yaml": [[{"\0": "n1"}]]}) is None


def test_dates_and_decimals_come_back_exactly() -> None:
    contents = {"a": [date(2026, 11, 24), Decimal("0.40"), 1, True, None, "2026-11-24", "0.40"]}

    assert repr(unpacked("x", packed("x", contents))) == repr(contents)


# -- never those of other files --------------------------------------------------------------------------------------


def put_back(folder: Path) -> None:
    (folder / HEADACHE).unlink(missing_ok=True)
    shutil.copy(FOLDER / HEADACHE, folder / HEADACHE)


def test_a_changed_file_is_answered_at_once(copy: Path) -> None:
    shelf = Shelf()
    before = load_files(Files.of(copy), TODAY, shelf)
    title = before.topics["headache"].title
    changed = title[:-1] + ("x" if title[-1] != "x" else "y")
    edit(copy, HEADACHE, f"title: {title}", f"title: {changed}")

    assert load_files(Files.of(copy), TODAY, shelf).topics["headache"].title == changed
    put_back(copy)
    assert load_files(Files.of(copy), TODAY, shelf).topics["headache"].title == title
    assert len(shelf.bodies) == 2


def test_a_file_that_comes_goes_or_changes_its_name_changes_the_digest(copy: Path) -> None:
    whole = digest_of(copy)
    seen = {whole}
    (copy / "products" / "new.yaml").write_text("a: 1\n")
    seen.add(digest_of(copy))
    (copy / "products" / "new.yaml").rename(copy / "products" / "newer.yaml")
    seen.add(digest_of(copy))
    (copy / "products" / "newer.yaml").unlink()
    (copy / HEADACHE).unlink()
    seen.add(digest_of(copy))

    assert len(seen) == 4
    put_back(copy)
    assert digest_of(copy) == whole


def test_what_changes_while_it_is_read_is_not_mixed_with_what_was(copy: Path) -> None:
    shelf = Shelf()
    files = Files.of(copy)
    title = load_files(files, TODAY).topics["headache"].title
    edit(copy, HEADACHE, f"title: {title}", "title: Changed meanwhile")

    assert load_files(files, TODAY, shelf).topics["headache"].title == title
    assert load_files(Files.of(copy), TODAY, shelf).topics["headache"].title == "Changed meanwhile"


def test_a_file_that_was_missing_when_the_digest_was_made_is_not_kept_under_it(copy: Path) -> None:
    shelf = Shelf()
    (copy / "menu.yaml").rename(copy / "menu.txt")
    files = Files.of(copy)
    (copy / "menu.txt").rename(copy / "menu.yaml")

    assert load_files(files, TODAY, shelf).chapters
    assert shelf.bodies == {}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_locked_file_is_a_fault_and_nothing_is_kept(copy: Path) -> None:
    (copy / "hazards.yaml").chmod(0)
    shelf = Shelf()

    load_files(Files.of(copy), TODAY, shelf)

    assert shelf.bodies == {}


def test_a_file_over_the_limit_is_refused_with_what_was_kept_as_well(copy: Path) -> None:
    shelf = Shelf()
    load_files(Files.of(copy), TODAY, shelf)
    with (copy / HEADACHE).open("a", encoding="utf-8") as file:
        file.write("#" * LARGEST_FILE_BYTES)

    with pytest.raises(FaultyFiles, match=r"headache\.yaml:1: the file has [\d,]+ bytes"):
        load_files(Files.of(copy), TODAY, shelf)
    assert len(shelf.bodies) == 1


def test_a_folder_with_a_fault_is_not_kept(copy: Path) -> None:
    edit(copy, HEADACHE, "title:", "titel:")
    shelf = Shelf()

    for _ in range(2):
        with pytest.raises(FaultyFiles, match="unknown key `titel`"):
            load_files(Files.of(copy), TODAY, shelf)
    assert shelf.bodies == {}


def test_a_fault_that_only_the_day_makes_has_its_line_though_the_content_was_kept(filled: Shelf) -> None:
    long_ago = date(2020, 1, 1)
    with pytest.raises(FaultyFiles) as plain:
        load(FOLDER, long_ago)

    with pytest.raises(FaultyFiles) as kept:
        load_files(Files.of(FOLDER), long_ago, filled)

    assert [str(problem) for problem in kept.value.problems] == [str(problem) for problem in plain.value.problems]
    assert any(problem.line > 1 for problem in kept.value.problems)


# -- where the folder lies -------------------------------------------------------------------------------------------


def test_below_a_hidden_folder_every_file_is_seen(tmp_path: Path) -> None:
    # As in an environment called .venv: all files were taken for hidden ones there, and no edit was noticed.
    folder = tmp_path / ".venv" / "knowledge"
    shutil.copytree(FOLDER, folder)

    assert digest_of(folder) == digest_of(FOLDER)
    edit(folder, HEADACHE, "title:", "title: Other #")
    assert digest_of(folder) != digest_of(FOLDER)
    (folder / "surplus.yaml").write_text("a: 1\n")
    with pytest.raises(FaultyFiles, match=r"surplus\.yaml:1: nothing reads this file"):
        load(folder, TODAY)


def test_what_an_editor_hides_in_the_folder_is_no_part_of_it(copy: Path) -> None:
    (copy / "topics" / "side_effects" / ".#headache.yaml").symlink_to("nobody@nowhere.1")
    (copy / ".git").mkdir()
    (copy / ".git" / "x.yaml").write_text("a: [")

    assert digest_of(copy) == digest_of(FOLDER)
    assert load(copy, TODAY).topics


def test_a_linked_folder_is_read_and_a_circle_of_links_ends(copy: Path, tmp_path: Path) -> None:
    shutil.move(copy / "topics", tmp_path / "elsewhere")
    (copy / "topics").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "round").symlink_to(copy)

    assert digest_of(copy) == digest_of(FOLDER)
    assert load(copy, TODAY).topics


# -- damage ----------------------------------------------------------------------------------------------------------

DAMAGED: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty", lambda body: b""),
    ("cut", lambda body: body[: len(body) // 2]),
    ("no text", lambda body: b"\xff" + body[1:]),
    ("another form", lambda body: body.replace(b"ivig-knowledge-", b"ivig-knowledge-9", 1)),
    ("no object", lambda body: b"[]"),
    ("no digest", lambda body: b"{}"),
    ("a mark without text", lambda body: b'{"\\u0000": 1}'),
    ("no day", lambda body: b'{"\\u0000": "d2026-13-45"}'),
    ("no number", lambda body: b'{"\\u0000": "nx"}'),
    ("nothing marked", lambda body: b'{"\\u0000": ""}'),
    ("deep", lambda body: b"[" * 100_000),
    ("contents of another kind", lambda body: json.dumps({**json.loads(body), "contents": []}).encode()),
]


@pytest.mark.parametrize("harm", [harm for _, harm in DAMAGED], ids=[name for name, _ in DAMAGED])
def test_what_is_damaged_is_as_good_as_not_there(harm: Callable[[bytes], bytes], filled: Shelf) -> None:
    digest, body = next(iter(filled.bodies.items()))

    assert unpacked(digest, body) is not None
    assert unpacked(digest, harm(body)) is None
    assert unpacked("of other files", body) is None
    assert unpacked(digest, None) is None


def test_contents_that_fit_no_model_are_read_anew_from_the_files(filled: Shelf) -> None:
    digest, body = next(iter(filled.bodies.items()))
    contents = unpacked(digest, body)
    assert contents is not None
    contents["menu.yaml"] = {"chapters": 7}
    harmed = packed(digest, contents)
    assert harmed is not None
    shelf = Shelf()
    shelf.bodies[digest] = harmed

    assert load_files(Files.of(FOLDER), TODAY, shelf) == load(FOLDER, TODAY)
    assert shelf.bodies[digest] == body


def kept_in(folder: Path, kind: str = "knowledge-") -> Path:
    return folder / assembling._name(kind, program_digest(), digest_of(FOLDER))


@pytest.fixture
def own_cache(tmp_path: Path, cache_folder: Path, assembly: Assembly) -> Path:
    """A cache of our own that begins as a start left it."""
    assert assembly.knowledge.topics
    folder = tmp_path / "cache"
    folder.mkdir()
    for kind in ("matcher-", "knowledge-"):
        shutil.copy(kept_in(cache_folder, kind), folder)
    return folder


def test_a_start_mends_a_damaged_cache(own_cache: Path, assembly: Assembly) -> None:
    path = kept_in(own_cache)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + b"x" * 100)

    again = Assembly(FOLDER, Cache(own_cache))

    assert again.knowledge == assembly.knowledge
    assert path.read_bytes() == whole


def test_what_was_laid_down_halfway_is_removed_once_the_start_came_to_its_end(own_cache: Path) -> None:
    cache = Cache(own_cache)
    halfway = assembling._Halfway(cache)
    for key in ("a" * 64, "b" * 64):
        halfway.write(key, key.encode())
    left = [path.name for path in own_cache.glob("halfway-*")]
    kept_in(own_cache, "matcher-").unlink()
    Assembly(FOLDER, cache)

    assert left == ["halfway-" + "b" * 32]
    assert halfway.read("b" * 64) is None
    assert sorted(path.name.partition("-")[0] for path in own_cache.iterdir()) == ["knowledge", "matcher"]


def test_what_another_version_of_the_program_kept_is_not_taken(own_cache: Path) -> None:
    cache = Cache(own_cache)
    of_another = assembling._KeptKnowledge(cache, "another version")

    assert of_another.read(digest_of(FOLDER)) is None
    of_another.write(digest_of(FOLDER), b"x")
    assert len(list(own_cache.glob("knowledge-*"))) == 2
    for number in range(6):  # edits do not pile up
        assembling._KeptKnowledge(cache, f"version {number}").write(digest_of(FOLDER), b"x")
    assert len(list(own_cache.glob("knowledge-*"))) == 4


def test_a_cache_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    shelf = assembling._KeptKnowledge(Cache(tmp_path / "cache"), "this version")

    assert load_files(Files.of(FOLDER), TODAY, shelf) == load(FOLDER, TODAY)
    assert shelf.read(digest_of(FOLDER)) is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="on Windows folders are kept apart")
def test_what_others_may_have_written_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    cache.write("name", b"body")
    path = tmp_path / "name"
    assert cache.read("name") == b"body"
    for mode in (stat.S_IWGRP, stat.S_IWOTH):
        path.chmod(0o600 | mode)
        assert cache.read("name") is None
    path.chmod(0o600)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert (cache.read("name") == b"body") is (owner == 0)


def test_check_reads_the_files_themselves_and_names_every_fault(
    copy: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IVIG_BOT_KNOWLEDGE", str(copy))
    monkeypatch.setenv("IVIG_BOT_CACHE", str(own_cache))
    assert main(["check", "--on", str(TODAY)]) == 0
    edit(copy, HEADACHE, "title:", "titel:")
    edit(copy, "sources.yaml", "  kind:", "  kind: rumour #")
    capsys.readouterr()

    assert main(["check", "--on", str(TODAY)]) == 1
    said = capsys.readouterr().out
    assert f"knowledge/{HEADACHE}:" in said
    assert "unknown key `titel`" in said
    assert "knowledge/sources.yaml:" in said
