"""What is installed is named to the byte: every list is pinned by hash, and fit what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LISTS = ("requirements.txt", "requirements-dev.txt", "requirements-rival.txt")
GROUPS = {
    "requirements.txt": ("build",), "requirements-dev.txt": ("build", "dev"), "requirements-rival.txt": ("rival",)
}  # fmt: skip
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """Each entry of a list as pip reads it: the requirement and its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+(?=--)", line.strip())
        found.append((Requirement(requirement), hashes))
    return found


def pinned(name: str) -> dict[str, list[tuple[Version, Marker | None]]]:
    """Package → its versions, each with the machines it is for."""
    found: dict[str, list[tuple[Version, Marker | None]]] = {}
    for requirement, _ in entries(name):
        version = Version(str(requirement.specifier).removeprefix("=="))
        found.setdefault(canonicalize_name(requirement.name), []).append((version, requirement.marker))
    return found


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_is_one_exact_version_with_hashes(name: str) -> None:
    assert entries(name)
    for requirement, hashes in entries(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None, requirement
        assert hashes, requirement
        assert all(HASH.fullmatch(one) for one in hashes), requirement


@pytest.mark.parametrize("name", LISTS)
def test_a_list_says_nothing_about_where_packages_come_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    options = set(re.findall(r"(?<!\S)-{1,2}[a-z][a-z-]*", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)))
    assert options == {"--hash"}
    assert "://" not in text


@pytest.mark.parametrize("name", LISTS)
def test_a_list_fits_what_pyproject_asks_for(name: str) -> None:
    # The rival lives in an environment of its own, where nothing of ours is.
    asked = [] if name == "requirements-rival.txt" else [*PROJECT["project"]["dependencies"]]
    for group in GROUPS[name]:
        asked += PROJECT["dependency-groups"][group]
    versions = pinned(name)

    for requirement in map(Requirement, asked):
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement.name} is not in {name}; run make lock"
        unfit = [str(version) for version, _ in found if version not in requirement.specifier]
        assert unfit == [], f"{requirement}: {name} has {unfit}"


def test_the_builder_asked_for_is_the_builder_that_is_pinned() -> None:
    (builder,) = map(Requirement, PROJECT["build-system"]["requires"])

    assert all(version in builder.specifier for version, _ in pinned("requirements.txt")[builder.name])


def test_developers_run_the_versions_that_operators_run() -> None:
    run, developers = pinned("requirements.txt"), pinned("requirements-dev.txt")

    def versions(found: dict[str, list[tuple[Version, Marker | None]]]) -> dict[str, list[Version]]:
        return {name: sorted(version for version, _ in found[name]) for name in run if name in found}

    assert versions(run) == versions(developers)


def test_every_dependency_is_written_with_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    groups = PROJECT["dependency-groups"]

    for dependency in [*PROJECT["project"]["dependencies"], *groups["build"], *groups["dev"], *groups["rival"]]:
        assert re.search(rf'^  "{re.escape(dependency)}",\s+# \w', text, re.MULTILINE), dependency
