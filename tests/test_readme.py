"""The READMEs name what there is, all of it and nothing else, and what they show is what happens."""

import argparse
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bot import __main__ as command_line
from bot.assembly import Assembly
from bot.config import Settings, load_settings
from bot.conversation import Conversation
from bot.knowledge.loading import SINGLE_FILES
from bot.model import Evidence, Source, SourceKind, Topic
from bot.readability import grade
from bot.strictyaml import FaultyFiles

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EDITORS = (ROOT / "knowledge" / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "knowledge/README.md", "LICENSES.md", "CHANGELOG.md", "bot/README.md")
# Variables that stand for no setting of config.yaml.
PLAIN_VARIABLES = {"IVIG_BOT_CONFIG", "IVIG_BOT_CACHE", "IVIG_BOT_KNOWLEDGE", "IVIG_BOT_WEBHOOK_SECRET"}


def section(title: str, page: str = README) -> str:
    """A section of a page, with the sections below it."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[2]


def blocks(language: str, page: str = README) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command of the program."""
    parser = command_line._parser()
    (found,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found.choices)


def leaves(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, object]]:
    """Every setting by its dotted name, with what is used without it."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{before}{name}.")
        else:
            yield before + name, field.default


# -- what it is ----------------------------------------------------------------------------------------------------


def test_the_purpose_is_said_word_for_word_as_the_bot_says_it(conversation: Conversation) -> None:
    assert conversation.knowledge.messages.purpose in README.splitlines()


def test_the_example_is_what_the_bot_says(conversation: Conversation) -> None:
    specification = importlib.util.spec_from_file_location("example", ROOT / "tools" / "example.py")
    assert specification is not None
    assert specification.loader is not None
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)

    assert example.renewed(README, conversation) == README, "run python tools/example.py"
    assert README.count("you> ") >= 3


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    for target in re.findall(r"\]\(([^)]+)\)", text):
        if not target.startswith(("https://", "#")):
            assert ((ROOT / page).parent / target).exists(), target


# -- commands ------------------------------------------------------------------------------------------------------


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    rows = set(re.findall(r"^\| `ivig-bot ?(\w*)[^|]*\|", section("Commands"), re.MULTILINE))

    assert rows == {"", *commands()}


@pytest.mark.parametrize("name", sorted(commands()))
def test_the_row_of_a_command_names_its_options(name: str) -> None:
    (row,) = re.findall(rf"^\| `ivig-bot {name}\b.*$", README, re.MULTILINE)
    options = {
        option
        for action in commands()[name]._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }

    assert options == set(re.findall(r"(?<![\w-])--[a-z-]+", row))


def test_every_make_target_has_a_row_and_every_row_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) - {"help"}

    assert set(re.findall(r"^\| `make ([a-z]+)` \|", section("Development"), re.MULTILINE)) == targets
    assert set(re.findall(r"^make ([a-z]+)", "".join(blocks("sh")), re.MULTILINE)) <= targets


def test_the_exit_codes_are_those_of_the_program() -> None:
    text = " ".join(section("Commands").split())

    assert f"is {command_line.EXIT_OK} when all is well" in text
    assert f"{command_line.EXIT_FAULTS} when the knowledge or a setting is faulty" in text
    assert f"{command_line.EXIT_USAGE} when the token is missing or wrong" in text


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in commands())])
def test_help_is_given_for_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command_line.main(arguments)

    assert left.value.code == 0
    assert capsys.readouterr().out.strip()


def test_the_json_line_of_the_readme_runs_and_gives_what_the_table_says(assembly: Assembly, cache_folder: Path) -> None:
    (line,) = [block for block in blocks("sh") if "ask --json" in block]
    typed, _, program = line.strip().partition(" | ")
    written = shlex.split(typed)[1].replace("\\n", "\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot", *shlex.split(program)[1:]], cwd=ROOT, input=written,
        capture_output=True, text=True, encoding="utf-8", timeout=120,
        env={**os.environ, "IVIG_BOT_CACHE": str(cache_folder)},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["id"] == 1
    assert answer["kind"] == "answer"
    described = re.findall(r"^\| `(\w+)` \|", section("`ask --json`").partition("| out |")[2], re.MULTILINE)
    assert set(answer) <= set(described)
    assert set(described) - set(answer) <= {"signs"}


def test_the_kinds_and_levels_of_the_json_table_are_all_there_are() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section("`ask --json`").partition("| out |")[2], re.MULTILINE))
    from bot.model import Level, ReplyKind

    assert set(re.findall(r"`(\w+)`", rows["kind"])) == {str(kind) for kind in ReplyKind}
    assert set(re.findall(r"`(\w+)`", rows["level"])) == {str(level) for level in Level}


# -- settings ------------------------------------------------------------------------------------------------------


def test_every_setting_has_a_row_with_what_is_used_without_it() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", section("Settings"), re.MULTILINE))
    expected = {}
    for name, default in leaves(Settings):
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        expected[name] = "none" if default in (None, ()) else f"`{shown}`"

    assert rows == expected


def test_the_file_of_settings_holds_what_is_used_without_it() -> None:
    def flat(content: dict[str, object], before: str = "") -> Iterator[tuple[str, object]]:
        for name, value in content.items():
            if isinstance(value, dict):
                yield from flat(value, f"{before}{name}.")
            else:
                yield before + name, value

    written = dict(flat(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))))

    assert written == {name: list(default) if default == () else default for name, default in leaves(Settings)}


def test_every_variable_of_the_environment_is_named() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get)?[(\[]\"((?:IVIG|TELEGRAM)_\w+)\"", source)) | PLAIN_VARIABLES

    assert len(read) >= 6
    for name in read:
        assert f"`{name}`" in section("Settings"), name


def test_a_folder_named_by_the_environment_is_no_fault_and_what_cannot_be_read_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IVIG_BOT_KNOWLEDGE", "another/folder")
    assert load_settings(ROOT / "config.yaml").knowledge.folder is None

    monkeypatch.setenv("IVIG_BOT_TELEGRAM__ADMINS", "[7")
    with pytest.raises(FaultyFiles) as caught:
        load_settings(ROOT / "config.yaml")
    assert [problem.path for problem in caught.value.problems] == ["environment IVIG_BOT_TELEGRAM"]


def test_variables_in_commands_are_settings_that_exist() -> None:
    names = {f"IVIG_BOT_{name.replace('.', '__').upper()}" for name, _ in leaves(Settings)} | PLAIN_VARIABLES
    shown = set(re.findall(r"\bIVIG_BOT_[A-Z_]+\b", README))

    assert shown <= names


# -- on a server ---------------------------------------------------------------------------------------------------


def test_docker_run_and_compose_ask_for_the_same() -> None:
    (block,) = [block for block in blocks("sh") if "docker run --detach" in block]
    words = shlex.split(block.replace("\\\n", " "), comments=True)
    service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]

    def after(option: str) -> list[str]:
        return [words[place + 1] for place, word in enumerate(words) if word == option]

    assert ("--read-only" in words, "--init" in words) == (service["read_only"], service["init"])
    assert after("--cap-drop") == service["cap_drop"]
    assert after("--restart") == [service["restart"]]
    assert after("--security-opt") == [value.removesuffix(":true") for value in service["security_opt"]]
    assert [value.rpartition(":")[2] for value in service["volumes"]] == [after("--volume")[0].rpartition(":")[2]]
    assert after("--env") == [f"TELEGRAM_BOT_TOKEN_FILE={service['environment']['TELEGRAM_BOT_TOKEN_FILE']}"]
    user = re.search(r"^USER (\d+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert user is not None
    assert f"chown {user[1]} " in block


def test_the_commands_for_systemd_put_things_where_the_unit_looks() -> None:
    (block,) = [block for block in blocks("sh") if "systemctl" in block]
    unit = (ROOT / "deploy" / "ivig-bot.service").read_text(encoding="utf-8")

    assert "LoadCredential=telegram_token:/etc/ivig-bot/telegram_token" in unit
    assert "/etc/ivig-bot/telegram_token" in block
    assert "EnvironmentFile=-/etc/ivig-bot/environment" in unit
    assert "/etc/ivig-bot/environment" in section("systemd")
    assert "ExecStart=/opt/ivig-bot/.venv/bin/ivig-bot run" in unit


def test_every_block_of_shell_is_shell() -> None:
    for block in (*blocks("sh"), *blocks("sh", EDITORS)):
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


# -- for editors ---------------------------------------------------------------------------------------------------


def test_the_page_for_editors_explains_every_key_of_a_topic_and_its_example_is_a_topic() -> None:
    (example,) = [block for block in blocks("yaml", EDITORS) if "phrases:" in block]
    content = yaml.safe_load(example)
    given = {"id": "headache", "chapter": "side_effects"}

    assert set(content) == set(Topic.model_fields) - set(given)
    content["phrases"] *= 4  # two are shown of the eight that are needed
    assert Topic.model_validate({**content, **given}).checked == date(2026, 11, 24)


def test_what_may_be_left_out_of_a_topic_is_what_the_page_says() -> None:
    (line,) = re.findall(r"^These may be left out: (.*?)\. A key", EDITORS, re.MULTILINE)
    optional = {name for name, field in Topic.model_fields.items() if not field.is_required()}

    assert set(re.findall(r"`(\w+)`", line)) == optional


def test_the_page_for_editors_explains_how_a_source_is_written() -> None:
    (example,) = [block for block in blocks("yaml", EDITORS) if "citation:" in block]
    ((source_id, content),) = yaml.safe_load(example).items()
    kinds = re.search(r"^- `kind`: (.*)$", EDITORS, re.MULTILINE)
    evidence = re.search(r"what kind of proof it is: (.*?)\. An", EDITORS)
    assert kinds is not None
    assert evidence is not None

    assert Source.model_validate({**content, "id": source_id}).link == content["url"]
    assert set(re.findall(r"`(\w+)`", kinds[1])) == {str(kind) for kind in SourceKind}
    assert set(re.findall(r"`(\w+)`", evidence[1])) == {str(kind) for kind in Evidence}


def test_the_page_for_editors_names_every_file_of_the_folder() -> None:
    named = set(re.findall(r"^\| `([a-z_]+\.yaml)` \|", EDITORS, re.MULTILINE))
    there = {path.name for path in (ROOT / "knowledge").glob("*.yaml")}

    assert named - {"hazards.yaml"} == set(SINGLE_FILES) | {"sources.yaml"}
    assert there <= named


def test_changing_a_fact_takes_five_steps() -> None:
    assert re.findall(r"^(\d)\. \*\*", section("Change a fact in five steps", EDITORS), re.MULTILINE) == list("12345")


@pytest.mark.parametrize("page", ["README.md", "knowledge/README.md"])
def test_the_pages_are_as_easy_to_read_as_the_answers(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if line and not line.startswith(("|", "#", "<!--"))]

    assert grade("\n".join(re.sub(r"[`*]|\]\([^)]*\)|\[", "", line) for line in lines)) <= 9


# -- what changed --------------------------------------------------------------------------------------------------


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (first, *_) = re.findall(r"^## (\S+)(?: - (\d{4}-\d{2}-\d{2}))?$", changelog, re.MULTILINE)

    assert first[0] == version
    assert date.fromisoformat(first[1]) <= date.today()  # noqa: DTZ011 -- a day, not an hour
    allowed = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= allowed
