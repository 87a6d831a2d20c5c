"""The knowledge base is whole, sourced and readable; a faulty copy of any of its files is refused with its line."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from bot.knowledge import load
from bot.knowledge.files import knowledge_files
from bot.knowledge.loading import HIGHEST_GRADE, HIGHEST_GRADE_OF_SHORT
from bot.knowledge.schema import as_text, schemas
from bot.library import Knowledge, texts_of
from bot.readability import grade
from bot.review import page, report
from bot.strictyaml import FaultyFiles

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "knowledge"
TODAY = date(2026, 11, 24)
HEADACHE = "topics/side_effects/headache.yaml"
SCHEMA_LINE = "# yaml-language-server: $schema="


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(FOLDER, TODAY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    shutil.copytree(FOLDER, folder)
    return folder


def refused(folder: Path, *, on: date = TODAY, for_editors: bool = True) -> list[str]:
    with pytest.raises(FaultyFiles) as caught:
        load(folder, on, for_editors=for_editors)
    return [str(problem) for problem in caught.value.problems]


def line_with(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.lstrip().startswith(start))


def test_the_knowledge_base_has_every_topic_that_patients_ask_about(knowledge: Knowledge) -> None:
    wanted = set((ROOT / "tests" / "topic_ids.txt").read_text(encoding="utf-8").split())

    assert len(wanted) == 166
    assert wanted - set(knowledge.topics) == set()


def test_it_is_clean_for_editors_on_the_day_it_was_checked() -> None:
    assert load(FOLDER, TODAY, for_editors=True).topics


def test_the_reading_grades_are_within_the_limits(knowledge: Knowledge) -> None:
    measured = report(knowledge, TODAY)
    too_hard = [
        (topic.id, place)
        for topic in knowledge.topics.values()
        for place, text in texts_of(topic)
        if place not in (("title",), ("question",))
        and grade(text) > (HIGHEST_GRADE_OF_SHORT if place == ("short",) else HIGHEST_GRADE)
    ]

    assert too_hard == []
    assert measured.median_grade_of_short <= 6.5
    assert measured.median_grade <= 6.5


def test_every_topic_has_twelve_phrasings_or_more_and_fifty_have_twenty(knowledge: Knowledge) -> None:
    counts = sorted((len(topic.phrases) for topic in knowledge.topics.values()), reverse=True)

    assert min(counts) >= 12
    assert counts[49] >= 20


def test_every_source_that_is_listed_is_cited(knowledge: Knowledge) -> None:
    assert report(knowledge, TODAY).unused_sources == ()


def test_no_review_by_a_clinician_is_made_up(knowledge: Knowledge) -> None:
    """The day a real clinician signs a topic, this list names the topic and the person."""
    signed = {topic.id: topic.clinician for topic in knowledge.topics.values() if topic.clinician}

    assert signed == {}


def test_every_claim_of_the_article_is_answered_where_the_list_says(knowledge: Knowledge) -> None:
    rows = yaml.safe_load((ROOT / "tests" / "article_claims.yaml").read_text(encoding="utf-8"))

    lost = []
    for row in rows:
        topic = knowledge.topics[row["topic"]]
        texts = [text for _, text in texts_of(topic)]
        if not any(row["stands"] in " ".join(text.split()) for text in texts):
            lost.append((row["number"], row["topic"], row["stands"]))

    assert [row["number"] for row in rows] == list(range(1, 73))
    assert lost == []


def test_the_words_the_style_guide_forbids_stand_nowhere(knowledge: Knowledge) -> None:
    forbidden = ("boost", "don't worry", "do not worry", "guarantee", "miracle", "cure ")
    found = [
        (topic.id, word)
        for topic in knowledge.topics.values()
        for _, text in texts_of(topic)
        for word in forbidden
        if word in text.lower() and not (word == "boost" and topic.id == "immune_suppression")
    ]

    assert found == []


def test_every_yaml_file_names_its_schema_in_its_first_line() -> None:
    unnamed = []
    for path in knowledge_files(FOLDER):
        if path.name == "hazards.yaml":
            continue
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = path.parent / first.removeprefix(SCHEMA_LINE)
        if not first.startswith(SCHEMA_LINE) or not named.resolve().is_file():
            unnamed.append(path.relative_to(FOLDER).as_posix())

    assert unnamed == []


def test_the_exported_schemas_are_those_of_the_models() -> None:
    """`ivig-bot check --schema` writes them anew."""
    written = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "schema").glob("*.json")}

    assert written == {name: as_text(schema) for name, schema in schemas().items()}


def test_the_page_for_a_clinician_holds_every_topic_with_its_sources(knowledge: Knowledge) -> None:
    text = page(knowledge)

    missing = [
        topic.id for topic in knowledge.topics.values() if f"{topic.id}.yaml" not in text or topic.short not in text
    ]

    assert missing == []
    assert text.count("Reviewed by a clinician: not yet") == len(knowledge.topics)


# -- faults ------------------------------------------------------------------------------------------------------

REPLACED = [
    # file, text to find, what to put there, the fault
    (HEADACHE, "title:", "titel:", "unknown key `titel`; did you mean `title`?"),
    (HEADACHE, "short:", "shrt:", "the key `short` is missing"),
    (HEADACHE, "level:", "contested: perhaps\nlevel:", "`contested`"),
    (HEADACHE, "level:", "level: panic #", "`level`"),
    (HEADACHE, "checked:", "checked: 2031-01-01 #", "a day in the future"),
    (HEADACHE, "checked:", "checked: 12:30 #", "YAML reads `12:30` as a number"),
    (HEADACHE, "next_check:", "next_check: 2026-11-01 #", "the next check is not after the last one"),
    (HEADACHE, "next_check:", "next_check: soon #", "`next_check`"),
    (HEADACHE, "related:", "related: [no_such_topic] #", "there is no topic `no_such_topic`"),
    (HEADACHE, "related:", "related: [headache] #", "a topic is not related to itself"),
    (HEADACHE, "title:", "id: migraine\ntitle:", "the id `migraine` is not the file's name"),
    (HEADACHE, "title:", "title: no #", "YAML reads `no`"),
    (HEADACHE, "title:", "title: 12 #", "must be text in quotes, not a number"),
    (HEADACHE, "title:", "title: .nan #", "YAML reads `.nan`"),
    (HEADACHE, "title:", "title: &anchor Headache #", "the anchor &anchor"),
    (HEADACHE, "title:", "title: *alias #", "the alias *alias"),
    (HEADACHE, "title:", "title: Twice\ntitle:", "the key `title` stands twice"),
    (HEADACHE, "title:", "title:\tHeadache #", "a tab"),
    (HEADACHE, "title:", "title: Head\x07ache #", "a control character"),
    (HEADACHE, "short:", "was: [what_is_ivig]\nshort:", "`what_is_ivig` is the id of another topic"),
    ("sources.yaml", "  citation:", "  cite: x\n  citation:", "unknown key"),
    ("sources.yaml", "  kind:", "  kind: rumour #", "`kind`"),
    ("sources.yaml", "  read:", "  read: 2031-01-01 #", "read on a day in the future"),
    ("menu.yaml", "  - {id: basics", "  - {id: nowhere", "the chapter `nowhere` has no topic"),
    ("menu.yaml", "featured:", "featured: [no_such_topic] #", "there is no topic `no_such_topic`"),
    ("messages.yaml", "purpose:", "porpoise:", "the key `purpose` is missing"),
    ("messages.yaml", "greeting:", "greeting: on #", "YAML reads `on`"),
    ("notices.yaml", "de:", "sv:", "unknown key `sv`"),
    ("notices.yaml", "  group_saved:", "  group_safed:", "the key `group_saved` is missing in `es`"),
    ("notices.yaml", "  group_answered_before:", "  group_answered_before: Ya lo respondí. #", "put in must be those"),
    ("notices.yaml", "  settings_on:", "  settings_on: on #", "YAML reads `on`"),
    ("dosing.yaml", "    days: 5", "    days: five", "days"),
    ("dosing.yaml", "regimens:", "regimen:", "unknown key `regimen`"),
    ("trials.yaml", "    people:", "    people: -3 #", "people"),
    ("triage.yaml", "verdicts:", "verdict:", "the key `verdicts` is missing"),
    ("triage.yaml", "  - {level: emergency, pathway: stroke", "  - {level: emergency, pathway: zz", "no text for 'zz'"),
    ("triage_signs.yaml", "signs:", "sings:", "the key `signs` is missing"),
    ("triage_words.yaml", "idioms:", "idoms:", "the key `idioms` is missing"),
    ("second_opinion.yaml", "width: 384", "width: 17", "do not fit"),
    ("emergency_numbers.yaml", "countries:", "nations:", "the key `countries` is missing"),
    ("scope.yaml", None, "surprise: 1\n", "unknown key `surprise`"),
    ("scope.yaml", "    topic: bot_role", "    topic: nobody", "there is no topic `nobody`"),
    ("sums.yaml", None, "surprise: 1\n", "unknown key `surprise`"),
]


@pytest.mark.parametrize(("name", "find", "put", "says"), REPLACED, ids=lambda value: repr(value)[:28])
def test_a_fault_is_refused_with_file_and_line(copy: Path, name: str, find: str | None, put: str, says: str) -> None:
    path = copy / name
    text = path.read_text(encoding="utf-8")
    if find is None:
        text = text.rstrip("\n") + "\n" + put
    else:
        at = text.index(find) if text.startswith(find) else text.index("\n" + find) + 1
        text = text[:at] + put + text[at + len(find) :]
    path.write_text(text, encoding="utf-8")

    found = refused(copy)

    about = [line for line in found if says in line]
    assert about, found
    assert about[0].startswith(f"knowledge/{name}:")
    assert about[0].split(":")[1].isdigit()


def rewrite(folder: Path, name: str, raw: bytes) -> None:
    (folder / name).write_bytes(raw)


@pytest.mark.parametrize(
    "name", [HEADACHE, "sources.yaml", "messages.yaml", "dosing.yaml", "triage.yaml", "scope.yaml"]
)
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbfa: 1\n", "byte order mark"),
        ("a: 1\n".encode("utf-16"), "UTF-16"),
        (b"a: \xff\n", "not UTF-8"),
        (b"a: " + b"[" * 1200, "nested brackets"),
        (b"a: " + b"x" * 640_001, "at most 640,000"),
        (b"- a\n- b\n", "must hold"),
        (b"just words\n", "must hold"),
        (b"a: [1\n", "not YAML"),
    ],
    ids=["empty", "bom", "utf16", "latin1", "brackets", "huge", "list", "words", "broken"],
)
def test_an_unreadable_file_is_refused(copy: Path, name: str, raw: bytes, says: str) -> None:
    rewrite(copy, name, raw)

    found = refused(copy)

    assert any(line.startswith(f"knowledge/{name}:1:") and says in line for line in found) or any(
        line.startswith(f"knowledge/{name}:") and says in line for line in found
    ), found


@pytest.mark.parametrize(
    "name", ["menu.yaml", "messages.yaml", "dosing.yaml", "sources.yaml", "triage.yaml", "trials.yaml"]
)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()

    assert any(line.startswith(f"knowledge/{name}:1: cannot be read") for line in refused(copy))


def test_a_claim_without_a_source_does_not_load(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    at = text.index("    cite:")
    end = text.index("    evidence:", at)
    path.write_text(text[:at] + text[end:], encoding="utf-8")

    assert any("`cite` is missing in `says.0`" in line for line in refused(copy))


def test_a_claim_citing_an_unknown_source_does_not_load(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    at = text.index("source: ") + len("source: ")
    path.write_text(text[:at] + "nobody_" + text[at:], encoding="utf-8")

    found = [line for line in refused(copy) if "there is no source `nobody_" in line]

    assert found[0].startswith(f"knowledge/{HEADACHE}:")


def test_a_source_nobody_can_open_does_not_load(copy: Path) -> None:
    path = copy / "sources.yaml"
    with path.open("a", encoding="utf-8") as file:
        file.write("zzz_rumour:\n  citation: Heard it somewhere.\n  kind: news\n  read: 2026-11-22\n")

    assert any("`zzz_rumour`: give a doi, pmid, pmcid or url" in line for line in refused(copy))


CLAIM = "says:\n  - text: {}\n    cite: [{{source: article, at: x}}]\n    evidence: article\n"


def test_a_number_that_is_calculated_with_may_not_stand_loose_in_a_text(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("says:\n", CLAIM.format("Some get 0.4 g/kg a day."), 1), encoding="utf-8")

    assert any("`0.4 g/kg` is calculated with" in line for line in refused(copy))


def test_an_unknown_figure_and_a_loose_brace_do_not_load(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    claim = CLAIM.format("Some get {no.such} and more }.")
    path.write_text(text.replace("says:\n", claim, 1), encoding="utf-8")

    found = refused(copy)

    assert any("no figure is called {no.such}" in line for line in found)
    assert any("a loose brace" in line for line in found)


def test_a_text_that_is_too_hard_or_too_long_is_named(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    hard = "Immunoglobulin administration necessitates individualised haematological surveillance considerations. "
    at = text.index("short:")
    end = text.index("phrases:")
    path.write_text(text[:at] + f"short: {hard * 12}\n" + text[end:], encoding="utf-8")

    found = refused(copy)

    assert any("reading grade" in line and "at most 7" in line for line in found)
    assert any("words; the first answer has at most 60" in line for line in found)


def test_the_same_phrase_in_two_topics_is_refused(copy: Path) -> None:
    path = copy / HEADACHE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("phrases:\n", "phrases:\n  - What is IVIG\n", 1), encoding="utf-8")

    assert any("this phrase stands already in" in line for line in refused(copy))


def test_a_file_nothing_reads_is_refused(copy: Path) -> None:
    (copy / "notes.yaml").write_text("a: 1\n")
    (copy / "topics" / "loose.yaml").write_text("a: 1\n")

    found = refused(copy)

    assert "knowledge/notes.yaml:1: nothing reads this file" in found
    assert any(line.startswith("knowledge/topics/loose.yaml:1:") for line in found)


def test_an_overdue_review_is_a_fault_for_editors_but_does_not_stop_the_bot(copy: Path) -> None:
    later = TODAY + timedelta(days=3000)

    found = refused(copy, on=later)

    assert all("the review was due on" in line for line in found)
    assert load(copy, later).topics


def test_every_fault_of_every_file_is_named_at_once(copy: Path) -> None:
    rewrite(copy, "menu.yaml", b"a: [\n")
    rewrite(copy, "messages.yaml", b"")
    rewrite(copy, HEADACHE, b"title: no\nunheard: 1\n")

    found = refused(copy)

    files = {line.split(":")[0] for line in found}
    assert {"knowledge/menu.yaml", "knowledge/messages.yaml", f"knowledge/{HEADACHE}"} <= files
    assert sum(line.startswith(f"knowledge/{HEADACHE}:") for line in found) >= 4


def test_a_missing_folder_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == ["nowhere:1: there is no such folder"]


def test_the_schema_files_are_json() -> None:
    for path in (FOLDER / "schema").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["$schema"]
