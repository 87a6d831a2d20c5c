"""
What does this YAML file state, and on which line.

May not know what the values mean. YAML 1.1 has surprises (`no` is false, 12:30 is 750, 010 is 8, the last of two
equal keys wins); here each is a fault with its line, and every fault of a file is reported, not the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

READER = f"PyYAML {yaml.__version__}"
LARGEST_FILE_BYTES = 640_000  # a topic has some 10,000, the second opinion of triage 460,000
DEEPEST_NESTING = 24

Place = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_BRACKET = re.compile(r"[\[\]{}]")
_RESOLVER = yaml.resolver.Resolver()
_TEXT_TAG = "tag:yaml.org,2002:str"
_MEANING = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "null": "nothing",
    "merge": "a merge",
    "value": "a default",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One fault: where, and what is wrong in words an editor understands."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class FaultyFiles(Exception):  # noqa: N818 -- it names what was found, not the act of failing
    """Every fault found, sorted by file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Document:
    """A file's plain content with the line of every place in it, or the faults that made it unreadable."""

    path: str
    content: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, place: Place) -> int:
        """The line of a place, or of the nearest place above it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, place: Place, what: str) -> Problem:
        """A problem at a place of this file."""
        return Problem(self.path, self.line_of(place), what)


class _Refusal(Exception):  # noqa: N818 -- carries a line out of the composer
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def read_file(path: Path, shown_as: str) -> Document:
    """Read one file; never raises for what is in it, only collects."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= LARGEST_FILE_BYTES else b""
    except OSError as error:
        return Document(shown_as, problems=[Problem(shown_as, 1, f"cannot be read: {error.strerror}")])
    if size > LARGEST_FILE_BYTES:
        what = f"the file has {size:,} bytes; at most {LARGEST_FILE_BYTES:,} are read"
        return Document(shown_as, problems=[Problem(shown_as, 1, what)])
    return read_bytes(raw, shown_as)


def read_bytes(raw: bytes, shown_as: str) -> Document:
    """Read one file's bytes; `shown_as` is the path that faults name."""
    document = Document(shown_as)

    def refuse(line: int, what: str) -> Document:
        document.problems.append(Problem(shown_as, line, what))
        return document

    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refuse(1, "the file is UTF-16; save it as UTF-8")
    if raw.startswith(b"\xef\xbb\xbf"):
        return refuse(1, "the file begins with a byte order mark; save it as UTF-8 without one")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return refuse(raw.count(b"\n", 0, error.start) + 1, "the file is not UTF-8 here")
    if "\t" in text or _CONTROL.search(text) or _HIDDEN.search(text):
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                document.problems.append(Problem(shown_as, number, "a tab; use spaces"))
            if _CONTROL.search(line.rstrip("\r")):
                document.problems.append(Problem(shown_as, number, "a control character"))
            if _HIDDEN.search(line):
                document.problems.append(Problem(shown_as, number, "an invisible character"))
    deep = _too_deep(text)
    if deep:
        document.problems.append(Problem(shown_as, deep, f"more than {DEEPEST_NESTING} nested brackets"))
    if document.problems:
        return document
    try:
        document.content = _Composer(text, document).compose()
    except _Refusal as refusal:
        return refuse(refusal.line, refusal.what)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = int(getattr(mark, "line", 0)) + 1
        return refuse(at, f"not YAML: {error.problem or error.context or 'unreadable'}")
    except (yaml.YAMLError, RecursionError) as error:
        return refuse(1, f"not YAML: {type(error).__name__}")
    if document.content is None and not document.problems:
        return refuse(1, "the file is empty")
    return document


def _too_deep(text: str) -> int:
    """The line on which brackets nest too deep, or 0. Counts brackets in quotes too: a text never has that many."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        if bracket.group() in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                return text.count("\n", 0, bracket.start()) + 1
        elif depth:
            depth -= 1
    return 0


def _line_of(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Composer:
    """Builds plain content from libyaml's events, so that nothing is resolved behind our back."""

    def __init__(self, text: str, document: Document) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))
        self._document = document

    def compose(self) -> Any:
        content: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refusal(_line_of(event), "a second document in one file")
                content = self._node(next(self._events), ())
        return content

    def _note(self, line: int, what: str) -> None:
        self._document.problems.append(Problem(self._document.path, line, what))

    def _node(self, event: Any, place: Place) -> Any:
        line = _line_of(event)
        self._document.lines.setdefault(place, line)
        if len(place) > DEEPEST_NESTING:
            raise _Refusal(line, f"more than {DEEPEST_NESTING} levels")
        if isinstance(event, yaml.AliasEvent):
            raise _Refusal(line, f"the alias *{event.anchor}; write the value out")
        if event.anchor is not None:
            raise _Refusal(line, f"the anchor &{event.anchor}; write the value out where it is needed")
        if event.tag is not None and event.tag != "!":
            raise _Refusal(line, f"the tag {event.tag}; leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._node(event, (*place, len(items))))
            return items
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key_line = _line_of(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refusal(key_line, "a key that is not a word")
            key = event.value
            if key == "<<":
                raise _Refusal(key_line, "a merge (<<); write the values out")
            inner = (*place, key)
            if key in mapping:
                first = self._document.lines[inner]
                self._note(key_line, f"the key `{key}` stands twice; the first is on line {first}")
            self._document.lines[inner] = key_line
            value_event = next(self._events)
            mapping[key] = self._node(value_event, inner)
        return mapping

    def _scalar(self, event: Any, line: int) -> Any:
        value: str = event.value
        if event.style:  # quoted or a block: always text (a plain one has no style, or an empty one from libyaml)
            return value
        if value in ("", "~", "null"):
            return None
        if value in ("true", "false"):
            return value == "true"
        if _INTEGER.fullmatch(value):
            return int(value)
        if _DECIMAL.fullmatch(value):
            return Decimal(value)
        if day := _DATE.fullmatch(value):
            try:
                return date(*(int(part) for part in day.groups()))
            except ValueError:
                self._note(line, f"{value} is no day of the calendar")
                return None
        tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
        if tag != _TEXT_TAG:
            meant = _MEANING.get(tag.rpartition(":")[2], tag)
            self._note(line, f"YAML reads `{value}` as {meant}; put it in quotes if it is text")
        return value


def validate(model: type[M], document: Document, extra: Mapping[str, Any] | None = None) -> M | None:
    """
    Hold a document against a model; faults are added to `document.problems` with their lines.

    `extra` adds values the file's name or folder gives. Returns None where anything was wrong.
    """
    if document.content is None:
        return None
    before = len(document.problems)
    if not isinstance(document.content, dict):
        document.problems.append(Problem(document.path, 1, "the file must hold keys and values"))
        return None
    try:
        found = model.model_validate({**document.content, **(extra or {})})
    except ValidationError as error:
        for entry in error.errors(include_url=False):
            document.problems.append(_explain(model, document, dict(entry)))
        return None
    return found if not before else None


def _explain(model: type[BaseModel], document: Document, entry: dict[str, Any]) -> Problem:
    place: Place = tuple(entry["loc"])
    kind = entry["type"]
    name = ".".join(str(part) for part in place)
    if kind == "missing":
        where = ".".join(str(part) for part in place[:-1])
        inside = f" in `{where}`" if where else ""
        return document.fault(place[:-1], f"the key `{place[-1]}` is missing{inside}")
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), list(model.model_fields), n=1)
        hint = f"; did you mean `{near[0]}`?" if near and len(place) == 1 else ""
        return document.fault(place, f"unknown key `{name}`{hint}")
    message = str(entry["msg"])
    if kind == "string_type":
        message = f"must be text in quotes, not {_kind_of(entry.get('input'))}"
    elif kind == "value_error":
        message = message.removeprefix("Value error, ")
    elif message:
        message = message[0].lower() + message[1:]
    return document.fault(place, f"`{name}`: {message}" if name else message)


def _kind_of(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, date):
        return "a date"
    return "a list" if isinstance(value, list) else "keys and values"
