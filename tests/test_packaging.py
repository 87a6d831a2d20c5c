"""The wheel holds all the bot needs: installed alone into an empty folder, it answers."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from bot.assembly import Assembly

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def run(*arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with as little of our environment as it takes."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120,
        env={**kept, "PYTHONUTF8": "1", "HOME": str(folder), **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout with the builder of requirements.txt and no network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run("-m", "hatchling", "build", "--target", "wheel", "--directory", folder, folder=ROOT)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the wheel's content."""
    folder = tmp_path_factory.mktemp("installed")
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile")
    done = run("-m", "pip", "install", *options, "--target", folder, wheel, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def bot(installed: Path, folder: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed bot in an empty folder."""
    return run("-m", "bot", *arguments, folder=folder, PYTHONPATH=str(installed), IVIG_BOT_CACHE=str(cache))


def test_the_wheel_is_named_for_the_version_and_for_every_machine(wheel: Path) -> None:
    assert wheel.name == f"ivig_bot-{VERSION}-py3-none-any.whl"


def test_the_wheel_holds_the_program_the_knowledge_the_settings_the_model_and_the_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    knowledge = {
        f"bot/_knowledge/{path.relative_to(ROOT / 'knowledge').as_posix()}"
        for path in (ROOT / "knowledge").rglob("*.yaml")
    }
    program = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bot").rglob("*.py")}

    assert len(knowledge) > 100
    assert knowledge | program <= names
    assert {"bot/_config.yaml", "bot/models/minilm/model.int8.onnx", "bot/models/minilm/tokenizer.json"} <= names
    licences = f"ivig_bot-{VERSION}.dist-info/licenses"
    assert {f"{licences}/LICENSE", f"{licences}/LICENSES.md", "bot/models/minilm/LICENSE"} <= names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    outside = [name for name in names if not name.startswith(("bot/", f"ivig_bot-{VERSION}.dist-info/"))]
    assert outside == []
    assert [name for name in names if "__pycache__" in name or name.endswith((".sqlite3", ".pyc", ".env"))] == []


def test_what_is_in_the_wheel_is_what_is_in_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for path in (ROOT / "knowledge").rglob("*.yaml"):
            name = f"bot/_knowledge/{path.relative_to(ROOT / 'knowledge').as_posix()}"
            assert archive.read(name) == path.read_bytes(), name
        assert archive.read("bot/_config.yaml") == (ROOT / "config.yaml").read_bytes()


def test_the_installed_wheel_answers_from_its_own_files(
    installed: Path, tmp_path: Path, assembly: Assembly, cache_folder: Path
) -> None:
    # The cache is keyed by the digests of program and knowledge: what the checkout computed serves the wheel, since
    # both hold the same.
    assert assembly.knowledge.topics
    checked = bot(installed, tmp_path, cache_folder, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr

    asked = bot(installed, tmp_path, cache_folder, "ask", "--json", "what are the side effects of ivig")
    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert (answer["kind"], answer["level"]) == ("answer", "none")
    # No library has left anything in the home folder: no identifier, no report waiting to be sent.
    assert list(tmp_path.iterdir()) == []

    # The same question once more, with the answer taken out of the installed folder: then it cannot be given.
    topic = answer["topics"][0]["id"]
    (file,) = (installed / "bot" / "_knowledge" / "topics").rglob(f"{topic}.yaml")
    content = file.read_text(encoding="utf-8")
    try:
        file.write_text("title: [", encoding="utf-8")
        refused = bot(installed, tmp_path, cache_folder, "ask", "--json", "what are the side effects of ivig")
    finally:
        file.write_text(content, encoding="utf-8")
    assert refused.returncode == 1
    assert f"{topic}.yaml:" in refused.stderr


def test_the_installed_wheel_says_its_version_and_leaves_the_folder_it_runs_in_alone(
    installed: Path, tmp_path: Path
) -> None:
    said = bot(installed, tmp_path, tmp_path / "cache", "--version")

    assert said.stdout.strip() == f"ivig-bot {VERSION}"
    assert list(tmp_path.iterdir()) == []
