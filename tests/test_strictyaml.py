"""A YAML file states what its author meant, or says on which line it does not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.strictyaml import LARGEST_FILE_BYTES, Document, read_bytes, read_file


def faults(text: str | bytes) -> list[tuple[int, str]]:
    raw = text.encode() if isinstance(text, str) else text
    return [(problem.line, problem.what) for problem in read_bytes(raw, "x.yaml").problems]


def test_plain_values_keep_their_meaning() -> None:
    document = read_bytes(b'a: 3\nb: 0.40\nc: "no"\nd: null\ne: true\nf: 2026-11-24\ng: [x, y z]\n', "x.yaml")

    assert document.problems == []
    assert document.content["b"] == Decimal("0.40")
    assert str(document.content["f"]) == "2026-11-24"
    assert {k: v for k, v in document.content.items() if k not in "bf"} == {
        "a": 3,
        "c": "no",
        "d": None,
        "e": True,
        "g": ["x", "y z"],
    }


def test_every_place_knows_its_line() -> None:
    document = read_bytes(b"a:\n  - b: 1\n    c: 2\n  - d\n", "x.yaml")

    lines = [document.line_of(place) for place in [("a",), ("a", 0, "c"), ("a", 1), ("a", 0, "missing")]]

    assert lines == [1, 3, 4, 2]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: no\n", 2, "YAML reads `no` as true or false"),
        ("a: yes\n", 1, "YAML reads `yes`"),
        ("a: on\n", 1, "YAML reads `on`"),
        ("- 1\n- 12:30\n", 2, "YAML reads `12:30` as a number"),
        ("a: .nan\n", 1, "YAML reads `.nan`"),
        ("a: .inf\n", 1, "YAML reads `.inf`"),
        ("a: 010\n", 1, "YAML reads `010`"),
        ("a: 0x1F\n", 1, "YAML reads `0x1F`"),
        ("a: 1_000\n", 1, "YAML reads `1_000`"),
        ("a: 1.\n", 1, "YAML reads `1.`"),
        ("a: 2026-13-40\n", 1, "no day of the calendar"),
        ("a: 2026-11-24 12:00:00\n", 1, "as a date"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key `a` stands twice; the first is on line 1"),
        ("a: &x 1\n", 1, "the anchor &x"),
        ("a: 1\nb: *x\n", 2, "the alias *x"),
        ("a: !!python/name:os.system x\n", 1, "the tag"),
        ("a: !!str 3\n", 1, "the tag"),
        ("<<: {a: 1}\n", 1, "a merge"),
        ("? [a, b]\n: 1\n", 1, "a key that is not a word"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a:\n\t- 1\n", 2, "a tab"),
        ("a: b\tc\n", 1, "a tab"),
        ("a: 1\nb: \x07\n", 2, "a control character"),
        ("a: x\u200by\n", 1, "an invisible character"),
        ("a: x\u202ey\n", 1, "an invisible character"),
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a: 'open\n", 2, "not YAML"),
        ("x\n" + "[" * 1200, 2, "nested brackets"),
        ("{" * 1200, 1, "nested brackets"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_surprise_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    found = faults(text)

    assert any(at == line and says in what for at, what in found), found


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("a: 1".encode("utf-16"), "UTF-16"),
        (b"\xef\xbb\xbfa: 1", "byte order mark"),
        (b"a: 1\nb: \xff\xfe\n", "not UTF-8"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_another_encoding_is_refused(raw: bytes, says: str) -> None:
    found = faults(raw)

    assert says in found[0][1]


def test_deep_indentation_is_refused_not_recursed_into() -> None:
    text = "".join("  " * depth + "a:\n" for depth in range(60))

    assert "levels" in faults(text)[0][1]


def test_a_file_over_the_limit_is_not_read(tmp_path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("a: " + "x" * LARGEST_FILE_BYTES)

    assert "at most" in read_file(path, "large.yaml").problems[0].what


def test_a_missing_file_is_a_fault_not_a_crash(tmp_path) -> None:
    problems = read_file(tmp_path / "none.yaml", "none.yaml").problems

    assert [str(problem) for problem in problems] == ["none.yaml:1: cannot be read: No such file or directory"]


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    document = read_bytes(raw, "x.yaml")

    assert isinstance(document, Document)
    assert document.problems or document.content is not None


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@ \n0129.~?,", max_size=120))
def test_no_yaml_like_text_raises(text: str) -> None:
    document = read_bytes(text.encode(), "x.yaml")

    assert document.problems or document.content is not None
