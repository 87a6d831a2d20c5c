"""LICENSES.md names every package that is installed, and the sentence model as it lies here."""

import hashlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "LICENSES.md").read_text(encoding="utf-8")
MODEL = ROOT / "bot" / "models" / "minilm"


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    specification = importlib.util.spec_from_file_location("licences", ROOT / "tools" / "licences.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_table_is_what_the_installed_packages_say(licences: ModuleType) -> None:
    assert licences.renewed(PAGE) == PAGE


def test_every_package_of_the_list_has_a_row(licences: ModuleType) -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE))

    assert {package.name for package in licences.packages(text)} == names
    assert names == set(re.findall(r"^\| ([a-z0-9._-]+) \| [0-9]", PAGE, re.MULTILINE))


def test_a_package_without_a_licence_is_an_error_not_an_empty_cell(
    licences: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licences, "metadata", lambda name: _Bare())

    with pytest.raises(licences.UnknownLicenceError):
        licences.licence("aiohttp")


def test_a_package_that_is_not_installed_here_is_an_error(licences: ModuleType) -> None:
    with pytest.raises(licences.UnknownLicenceError):
        licences.licence("a-package-nobody-has-made")


class _Bare:
    """Metadata that says nothing about a licence."""

    def __getitem__(self, key: str) -> None:
        return None

    def get_all(self, key: str) -> list[str]:
        return ["Programming Language :: Python"]


def test_versions_needers_and_platforms_are_read_from_a_list(licences: ModuleType) -> None:
    text = (
        "# ours\n"
        "alpha==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:aa\n    # via beta\n"
        "alpha==2.0 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb\n    # via beta\n"
        "beta==3.1 \\\n    --hash=sha256:cc\n    # via\n    #   gamma\n    #   ivig-bot (pyproject.toml)\n"
    )

    assert licences.packages(text) == [
        licences.Package("alpha", ("1.0", "2.0"), ("beta",)),
        licences.Package("beta", ("3.1",), ("gamma", "ivig-bot")),
    ]


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json"])
def test_the_model_is_byte_for_byte_the_one_that_is_described(name: str) -> None:
    digest = hashlib.sha256((MODEL / name).read_bytes()).hexdigest()

    assert re.search(rf"^\| `{re.escape(name)}` \| .* \| `{digest}` \|$", PAGE, re.MULTILINE)


def test_the_models_licence_lies_beside_it() -> None:
    text = (MODEL / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
