"""A start loads what its command needs, once, and says what is missing."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from bot import assembly as assembling
from bot.assembly import Assembly
from bot.assets import Cache
from bot.matching import SentenceModel
from bot.strictyaml import FaultyFiles

ROOT = Path(__file__).resolve().parent.parent
# What a question in the terminal has no use for.
FOR_TELEGRAM = ("telegram", "aiohttp", "httpx", "prometheus_client", "uvloop", "watchfiles")
FOR_PICTURES = ("matplotlib", "segno", "PIL")


def loaded(*imports: str) -> set[str]:
    """The top names of all modules that are there after these imports, in a process of their own."""
    script = (
        f"import json, sys, {', '.join(imports)}; print(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
    return set(json.loads(printed))


def test_a_question_in_the_terminal_loads_nothing_of_telegram_and_no_pictures() -> None:
    found = loaded("bot.__main__", "bot.assembly", "bot.render")

    assert "onnxruntime" in found
    assert found.isdisjoint({*FOR_TELEGRAM, *FOR_PICTURES})


def test_the_command_line_alone_loads_nothing_that_takes_long() -> None:
    assert loaded("bot.__main__").isdisjoint({*FOR_TELEGRAM, *FOR_PICTURES, "pydantic", "numpy", "onnxruntime", "yaml"})


def test_the_bot_is_up_before_pictures_and_the_watch_over_the_folder_are_loaded() -> None:
    assert loaded("bot.handlers", "bot.assembly").isdisjoint({*FOR_PICTURES, "watchfiles"})


def test_who_corrects_a_fact_waits_for_no_fitting(assembly: Assembly, cache_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(assembly.folder, folder)
    file = folder / "topics" / "side_effects" / "headache.yaml"
    file.write_text(file.read_text("utf-8").replace("A headache is the", "Edited headache is the", 1), "utf-8")
    fitted: list[bool] = []

    for _ in range(2):  # and at the next start neither
        edited = Assembly(folder, Cache(cache_folder), on_preparing=lambda: fitted.append(True))

        assert edited.knowledge.topics["headache"].short.startswith("Edited")
        assert edited.conversation.matcher.cache_bytes() == assembly.conversation.matcher.cache_bytes()
    assert fitted == []


def test_a_model_that_is_on_its_way_is_not_loaded_again(
    assembly: Assembly, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_its_way: Future[SentenceModel] = Future()
    on_its_way.set_result(assembly.conversation.matcher._model)
    monkeypatch.setattr(assembling, "SentenceModel", lambda *_: pytest.fail("loaded again"))

    whole = Assembly(assembly.folder, Cache(cache_folder), model=on_its_way)

    assert whole.conversation.matcher.is_restored
    assert whole.conversation.matcher._model is assembly.conversation.matcher._model


@pytest.mark.parametrize("is_on_its_way", [True, False])
def test_a_model_that_cannot_be_read_is_named(
    is_on_its_way: bool, assembly: Assembly, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FileNotFoundError(2, "No such file or directory", "models/minilm/model.int8.onnx")

    def missing(*_: object) -> None:
        raise fault

    failed: Future[SentenceModel] = Future()
    failed.set_exception(fault)
    monkeypatch.setattr(assembling, "SentenceModel", missing)

    with pytest.raises(FaultyFiles, match=r"models/minilm/model\.int8\.onnx:1: cannot be read: No such file"):
        Assembly(assembly.folder, Cache(cache_folder), model=failed if is_on_its_way else None)
