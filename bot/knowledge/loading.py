"""
Reads a knowledge folder whole: every file, every fault, and then what only shows across files.

May not know Telegram or questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.dosing.tables import DosingTables, Product, dosing_figures
from bot.knowledge.files import Files
from bot.knowledge.kept import Kept, packed, unpacked
from bot.library import Knowledge, Menu, Trials, texts_of
from bot.matching.scope import ScopeRules
from bot.messages import Messages, Notices
from bot.model import Chapter, Source, Topic
from bot.readability import grade
from bot.strictyaml import Document, FaultyFiles, Place, Problem, validate
from bot.sums.wording import SumWording
from bot.triage.opinion import Fitted
from bot.triage.rules import EmergencyNumbers, TriageAnswers, TriageRules, TriageSigns, TriageWords

HIGHEST_GRADE_OF_SHORT = 7.0
HIGHEST_GRADE = 9.0
MOST_WORDS_OF_SHORT = 60

M = TypeVar("M", bound=BaseModel)
_PLACEHOLDER = re.compile(r"\{([^{}\s]*)\}")
_LOOSE_BRACE = re.compile(r"[{}]")
# Amounts the calculator uses: a dose by weight, a rate by weight, a price by gram. They stand in one place only.
_LOOSE_NUMBER = re.compile(
    r"(?<![\d.,])[.,]*+\d[\d.,]*+\s*(?:m?g|grams?|milligrams?|m[lL])"
    r"\s*(?:/|per|a|for (?:each|every))\s*(?:kg|kilo(?:gram)?s?)\b"
    r"|[$£€]\s*\d[\d.,]*+\s*(?:/|per|a|for each)\s*(?:g|gram)\b",
    re.IGNORECASE,
)
SINGLE_FILES: Mapping[str, type[BaseModel]] = {
    "menu.yaml": Menu,
    "messages.yaml": Messages,
    "notices.yaml": Notices,
    "dosing.yaml": DosingTables,
    "sums.yaml": SumWording,
    "triage.yaml": TriageAnswers,
    "triage_signs.yaml": TriageSigns,
    "triage_words.yaml": TriageWords,
    "second_opinion.yaml": Fitted,
    "emergency_numbers.yaml": EmergencyNumbers,
    "scope.yaml": ScopeRules,
    "trials.yaml": Trials,
}


def digest_of(folder: Path) -> str:
    """A digest over the names and bytes of every YAML file of the folder."""
    return Files.of(folder).digest


def load(folder: Path, today: date, *, for_editors: bool = False, shown_as: str | None = None) -> Knowledge:
    """
    Read and check the folder; raises FaultyFiles with every fault at once.

    `for_editors` also refuses what must not be published but must not stop a running bot: an overdue review and a
    text that is too hard to read.
    """
    return _Loading(Files.of(folder), today, for_editors, shown_as or folder.name).run()


def load_files(files: Files, today: date, kept: Kept | None = None) -> Knowledge:
    """
    The same from files that were read already. What they state is taken from `kept` where it is there.

    Only what had no fault is ever kept. Where the day makes one, the files themselves are read, to name its line.
    """
    contents = unpacked(files.digest, kept.read(files.digest)) if kept is not None and files.is_whole else None
    if contents is not None:
        try:
            return _Loading(files, today, False, files.folder.name, contents).run()
        except FaultyFiles:
            contents = None
    loading = _Loading(files, today, False, files.folder.name)
    knowledge = loading.run()
    if kept is not None and files.is_whole and files.raw.keys() >= loading.documents.keys():
        body = packed(files.digest, {name: document.content for name, document in loading.documents.items()})
        if body is not None:
            kept.write(files.digest, body)
    return knowledge


class _Loading:
    def __init__(
        self, files: Files, today: date, for_editors: bool, shown_as: str, contents: Mapping[str, Any] | None = None
    ) -> None:
        """`contents` is what these very files state, and this program found no fault in them before."""
        self.files = files
        self.contents = contents
        self.today = today
        self.for_editors = for_editors
        self.shown_as = shown_as
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}

    def run(self) -> Knowledge:
        if not self.files.folder.is_dir():
            raise FaultyFiles([Problem(self.shown_as, 1, "there is no such folder")])
        sources = self._sources()
        single = {name: self._single(name, model) for name, model in SINGLE_FILES.items()}
        products = self._products()
        topics = self._topics()
        self._unexpected_files()
        single["triage rules"] = self._triage_rules(single)
        menu, tables = single["menu.yaml"], single["dosing.yaml"]
        if isinstance(menu, Menu):
            self._chapters_match(menu, topics)
        if isinstance(notices := single["notices.yaml"], Notices) and isinstance(
            messages := single["messages.yaml"], Messages
        ):
            for place, what in notices.unlike(messages):
                self._fault("notices.yaml", place, what)
        if isinstance(scope := single["scope.yaml"], ScopeRules):
            self._scope_topics(scope, topics)
        if isinstance(tables, DosingTables):
            topics = self._with_figures(topics, dosing_figures(tables))
        self._across_topics(topics, sources)
        if self.contents is None:
            self._citations(sources)
        if self.problems:
            raise FaultyFiles(self.problems)
        return self._whole(topics, sources, products, single)

    def _whole(
        self, topics: dict[str, Topic], sources: dict[str, Source], products: dict[str, Product], single: dict[str, Any]
    ) -> Knowledge:
        chapters = tuple(
            Chapter(
                id=chapter.id,
                title=chapter.title,
                topics=tuple(topic.id for topic in topics.values() if topic.chapter == chapter.id),
            )
            for chapter in single["menu.yaml"].chapters
        )
        # Each part was validated by itself just now; together they would all be held against their rules once more.
        return Knowledge.model_construct(
            topics=topics,
            sources=sources,
            chapters=chapters,
            featured=single["menu.yaml"].featured,
            messages=single["messages.yaml"],
            notices=single["notices.yaml"],
            tables=single["dosing.yaml"],
            products=tuple(products.values()),
            sum_wording=single["sums.yaml"],
            triage_rules=single["triage rules"],
            numbers=single["emergency_numbers.yaml"],
            scope=single["scope.yaml"],
            trials=single["trials.yaml"].trials,
            digest=self.files.digest,
        )

    def _document(self, relative: str) -> Document:
        shown_as = f"{self.shown_as}/{relative}"
        if self.contents is not None and relative in self.contents:
            document = Document(shown_as, self.contents[relative])
        else:
            document = self.files.document(relative, shown_as)
        self.documents[relative] = document
        return document

    def _checked(self, model: type[M], document: Document, extra: Mapping[str, Any] | None = None) -> M | None:
        found = validate(model, document, extra)
        self.problems.extend(document.problems)
        return found

    def _single(self, name: str, model: type[M]) -> M | None:
        return self._checked(model, self._document(name))

    def _sources(self) -> dict[str, Source]:
        document = self._document("sources.yaml")
        found: dict[str, Source] = {}
        if not isinstance(document.content, dict):
            if not document.problems:
                document.problems.append(Problem(document.path, 1, "the file must hold sources by their id"))
            self.problems.extend(document.problems)
            return found
        self.problems.extend(document.problems)
        lines: dict[str | int, dict[Place, int]] = {}
        for place, line in document.lines.items():
            if place:
                lines.setdefault(place[0], {})[place[1:]] = line
        for source_id, entry in document.content.items():
            inner = Document(document.path, entry, lines.get(source_id, {}))
            source = self._checked(Source, inner, {"id": source_id})
            if source is None:
                continue
            found[source_id] = source
            if source.kind != "article" and source.link is None:
                self._fault("sources.yaml", (source_id,), f"`{source_id}`: give a doi, pmid, pmcid or url")
            if source.read > self.today:
                self._fault("sources.yaml", (source_id, "read"), f"`{source_id}`: read on a day in the future")
        order = list(found)
        for earlier, later in zip(order, order[1:], strict=False):
            if later < earlier:
                self._fault("sources.yaml", (later,), f"`{later}` stands after `{earlier}`; keep the alphabet")
        return found

    def _products(self) -> dict[str, Product]:
        found: dict[str, Product] = {}
        for name in self.files.named("products", 1):
            path = Path(name)
            document = self._document(name)
            self._id_matches(document, path)
            product = self._checked(Product, document, {"id": path.stem})
            if product is not None:
                found[path.stem] = product
        return found

    def _topics(self) -> dict[str, Topic]:
        found: dict[str, Topic] = {}
        places: dict[str, str] = {}
        for relative in self.files.named("topics", 2):
            path = Path(relative)
            document = self._document(relative)
            if path.stem in places:
                document.problems.append(Problem(document.path, 1, f"the id stands already in {places[path.stem]}"))
            places[path.stem] = relative
            self._id_matches(document, path)
            topic = self._checked(Topic, document, {"id": path.stem, "chapter": path.parent.name})
            if topic is not None:
                found[path.stem] = topic
        return found

    def _id_matches(self, document: Document, path: Path) -> None:
        content = document.content
        if isinstance(content, dict) and "id" in content:
            given = content.pop("id")
            if given != path.stem:
                document.problems.append(document.fault(("id",), f"the id `{given}` is not the file's name"))

    def _unexpected_files(self) -> None:
        known = {"sources.yaml", "hazards.yaml", *SINGLE_FILES}
        for relative in self.files.raw:
            if relative in self.documents or relative in known:
                continue
            if relative.startswith(("topics/", "products/")):
                what = "topics lie as topics/<chapter>/<id>.yaml and products as products/<id>.yaml"
            else:
                what = "nothing reads this file"
            self.problems.append(Problem(f"{self.shown_as}/{relative}", 1, what))

    def _chapters_match(self, menu: Menu, topics: dict[str, Topic]) -> None:
        ids = {chapter.id for chapter in menu.chapters}
        for topic in topics.values():
            if topic.chapter not in ids:
                self._topic_fault(topic, (), f"the chapter `{topic.chapter}` is not in menu.yaml")
        filled = {topic.chapter for topic in topics.values()}
        for number, chapter in enumerate(menu.chapters):
            if chapter.id not in filled:
                self._fault("menu.yaml", ("chapters", number), f"the chapter `{chapter.id}` has no topic")
        for number, topic_id in enumerate(menu.featured):
            if topic_id not in topics:
                self._fault("menu.yaml", ("featured", number), f"there is no topic `{topic_id}`")

    def _triage_rules(self, single: Mapping[str, Any]) -> TriageRules | None:
        """The files of triage together; a fault between them is shown in the file it names a place of."""
        names = ("triage.yaml", "triage_signs.yaml", "triage_words.yaml", "second_opinion.yaml")
        parts = [single[name] for name in names]
        if any(part is None for part in parts):
            return None
        if self.contents is not None:  # what lies between them was in order; reading every wording takes a while
            given = {name: getattr(part, name) for part in parts[:3] for name in type(part).model_fields}
            return TriageRules.model_construct(**given, second_opinion=parts[3])
        try:
            return TriageRules.of(*parts)
        except ValidationError as error:
            for entry in error.errors(include_url=False):
                for fault in entry["msg"].removeprefix("Value error, ").split("; "):
                    place = tuple(fault.partition(": ")[0].split("."))
                    at = next((name for name in names if place[:1] in self.documents[name].lines), names[0])
                    if place[0] == "second_opinion":
                        at = names[3]
                    self._fault(at, place, fault)
        return None

    def _scope_topics(self, scope: ScopeRules, topics: dict[str, Topic]) -> None:
        for number, one in enumerate(scope.classes):
            if one.topic is not None and one.topic not in topics:
                self._fault("scope.yaml", ("classes", number, "topic"), f"there is no topic `{one.topic}`")

    def _with_figures(self, topics: dict[str, Topic], figures: Mapping[str, str]) -> dict[str, Topic]:
        """The topics with every {name} replaced by its figure; plain substitution, no logic."""
        found = {}
        for topic in topics.values():
            faults = len(self.problems)
            for place, text in texts_of(topic):
                for name in _PLACEHOLDER.findall(text):
                    if name not in figures:
                        self._topic_fault(topic, place, f"no figure is called {{{name}}}; see dosing.yaml")
                if _LOOSE_BRACE.search(_PLACEHOLDER.sub("", text)):
                    self._topic_fault(topic, place, "a loose brace; braces only hold the name of a figure")
                if loose := _LOOSE_NUMBER.search(_PLACEHOLDER.sub(" ", text)):
                    what = f"the number `{loose.group()}` is calculated with; name it in braces from dosing.yaml"
                    self._topic_fault(topic, place, what)
            found[topic.id] = topic if len(self.problems) > faults else _filled(topic, figures)
        return found

    def _across_topics(self, topics: dict[str, Topic], sources: dict[str, Source]) -> None:
        phrases: dict[str, str] = {}
        former: dict[str, str] = {}
        for topic in topics.values():
            self._dates(topic)
            self._words(topic)
            for number, other in enumerate(topic.related):
                if other not in topics:
                    self._topic_fault(topic, ("related", number), f"there is no topic `{other}`")
                elif other == topic.id:
                    self._topic_fault(topic, ("related", number), "a topic is not related to itself")
            for number, old in enumerate(topic.was):
                if old in topics or old in former:
                    self._topic_fault(topic, ("was", number), f"`{old}` is the id of another topic")
                former[old] = topic.id
            for number, phrase in enumerate(topic.phrases):
                key = " ".join(phrase.lower().split())
                if key in phrases:
                    self._topic_fault(topic, ("phrases", number), f"this phrase stands already in `{phrases[key]}`")
                phrases[key] = topic.id
            cited = {citation.source for claim in topic.says for citation in claim.cite}
            if topic.contested and len(cited) < 2:
                self._topic_fault(topic, ("contested",), "contested needs at least two claims from two sources")

    def _dates(self, topic: Topic) -> None:
        if topic.checked > self.today:
            self._topic_fault(topic, ("checked",), f"checked on {topic.checked}, a day in the future")
        if topic.next_check <= topic.checked:
            self._topic_fault(topic, ("next_check",), "the next check is not after the last one")
        if self.for_editors and topic.is_overdue(self.today):
            self._topic_fault(topic, ("next_check",), f"the review was due on {topic.next_check}")

    def _words(self, topic: Topic) -> None:
        count = len(topic.short.split())
        if count > MOST_WORDS_OF_SHORT:
            self._topic_fault(topic, ("short",), f"{count} words; the first answer has at most {MOST_WORDS_OF_SHORT}")
        if not self.for_editors:
            return
        for place, text in texts_of(topic):
            if place in (("title",), ("question",)):
                continue
            limit = HIGHEST_GRADE_OF_SHORT if place == ("short",) else HIGHEST_GRADE
            measured = grade(text)
            if measured > limit:
                self._topic_fault(topic, place, f"reading grade {measured:.1f}; at most {limit:g}")

    def _citations(self, sources: dict[str, Source]) -> None:
        """A citation anywhere in any file names a source that exists."""
        for document in self.documents.values():
            for place, cited in _cited(document.content, ()):
                if cited not in sources:
                    self.problems.append(document.fault(place, f"there is no source `{cited}` in sources.yaml"))

    def _fault(self, relative: str, place: tuple[str | int, ...], what: str) -> None:
        self.problems.append(self.documents[relative].fault(place, what))

    def _topic_fault(self, topic: Topic, place: tuple[str | int, ...], what: str) -> None:
        self._fault(f"topics/{topic.chapter}/{topic.id}.yaml", place, what)


def _filled(topic: Topic, figures: Mapping[str, str]) -> Topic:
    if not any("{" in text for _, text in texts_of(topic)):
        return topic

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: figures[match.group(1)], text)

    return topic.model_copy(
        update={
            "short": fill(topic.short),
            "says": tuple(claim.model_copy(update={"text": fill(claim.text)}) for claim in topic.says),
            "unknown": fill(topic.unknown) if topic.unknown else None,
            "ask": tuple(fill(text) for text in topic.ask),
            "do": tuple(fill(text) for text in topic.do),
            "alarm": fill(topic.alarm) if topic.alarm else None,
            "regions": {
                region: note.model_copy(update={"text": fill(note.text)}) for region, note in topic.regions.items()
            },
        }
    )


def _cited(content: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every `source:` that stands beside an `at:`, wherever in a file."""
    if isinstance(content, dict):
        source = content.get("source")
        if isinstance(source, str) and "at" in content:
            yield (*place, "source"), source
        for key, value in content.items():
            yield from _cited(value, (*place, key))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _cited(value, (*place, number))
