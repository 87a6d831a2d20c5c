"""The image, the compose file and the systemd unit say what README promises, as far as it shows without an engine."""

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from bot import __main__ as command_line
from bot.config import load_settings

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, rest), comments gone and continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines() if line.strip()]
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in lines if not line.lstrip().startswith("#")))
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage; what stands before the first FROM belongs to none."""
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def image_environment() -> dict[str, str]:
    """What the last stage sets with ENV."""
    joined = " ".join(rest for word, rest in stages()[-1] if word == "ENV")
    return dict(re.findall(r"(\w+)=(\S+)", joined))


def one(word: str, stage: list[tuple[str, str]]) -> str:
    """The rest of the only instruction of this name."""
    found = [rest for name, rest in stage if name == word]
    assert len(found) == 1, f"{word} stands {len(found)} times"
    return found[0]


def is_sent_to_the_engine(path: str) -> bool:
    """Whether .dockerignore lets a top-level file or folder through."""
    sent = True
    for rule in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if rule and not rule.startswith("#") and fnmatch(path, rule.removeprefix("!")):
            sent = rule.startswith("!")
    return sent


# -- the image -----------------------------------------------------------------------------------------------------


def test_the_dockerfile_holds_only_instructions_that_exist() -> None:
    known = {
        "FROM", "ARG", "ENV", "LABEL", "WORKDIR", "RUN", "COPY", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK",
        "ENTRYPOINT", "CMD",
    }

    assert {word for word, _ in instructions()} <= known  # ADD in particular would fetch and unpack unasked


def test_the_base_is_a_named_slim_version_that_the_project_supports() -> None:
    named = r"BASE=docker\.io/library/python:(\d+)\.(\d+)-slim-\w+(@sha256:[0-9a-f]{64})?"
    base = re.fullmatch(named, instructions()[0][1])

    assert base is not None
    lowest = tuple(int(part) for part in PROJECT["project"]["requires-python"].removeprefix(">=").split("."))
    assert (int(base[1]), int(base[2])) >= lowest


def test_the_stage_that_builds_is_not_the_stage_that_runs() -> None:
    build, run = stages()

    assert one("FROM", build) == "${BASE} AS build"
    assert one("FROM", run) == "${BASE}"
    assert [rest for word, rest in run if word == "COPY"] == ["--from=build /opt/ivig-bot /opt/ivig-bot"]
    assert not any("pip" in rest for word, rest in run if word == "RUN")


def test_packages_are_installed_by_hash_and_nothing_else_is_fetched() -> None:
    installs = [
        command
        for word, rest in instructions()
        if word == "RUN"
        for command in rest.split("&&")
        if "pip install" in command
    ]

    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-index" in installs[1]
    assert "--no-deps" in installs[1]
    assert not re.search(r"index-url|trusted-host|curl|wget|apt", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def test_what_the_image_copies_is_in_the_project_and_passes_dockerignore() -> None:
    sources = [
        source.removeprefix("./")
        for word, rest in stages()[0]
        if word == "COPY"
        for source in rest.split()[:-1]
    ]

    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert is_sent_to_the_engine(source), source


def test_what_the_build_needs_is_copied() -> None:
    copied = {source for word, rest in stages()[0] if word == "COPY" for source in rest.split()[:-1]}
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = PROJECT["project"]
    needed = {project["readme"], *project["license-files"], *wheel["packages"], *wheel["force-include"]}

    assert needed <= copied


@pytest.mark.parametrize("path", [".git", ".env", "state", "secrets", ".venv", "tests", ".cache"])
def test_state_secrets_and_tests_stay_outside_the_image(path: str) -> None:
    assert not is_sent_to_the_engine(path)


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    user, _, group = one("USER", stages()[-1]).partition(":")
    created = " ".join(rest for word, rest in stages()[-1] if word == "RUN")

    assert int(user) >= 1000
    assert int(group) >= 1000
    assert f"--uid {user}" in created


def test_everything_the_image_writes_lies_in_its_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = image_environment()
    for name, value in environment.items():
        if name.startswith("IVIG_BOT_"):
            monkeypatch.setenv(name, value)
    settings = load_settings(ROOT / "config.yaml")
    volume = one("VOLUME", stages()[-1]).rstrip("/") + "/"

    written = [settings.store.path, settings.unanswered.path]
    written += [environment[name] + "/" for name in ("IVIG_BOT_CACHE", "HOME", "MPLCONFIGDIR")]
    assert [path for path in written if not path.startswith(volume)] == []
    assert one("WORKDIR", stages()[-1]) + "/" == volume


def test_a_stop_reaches_the_bot_itself_as_sigterm() -> None:
    run = stages()[-1]

    assert one("STOPSIGNAL", run) == "SIGTERM"
    assert json.loads(one("ENTRYPOINT", run)) == ["ivig-bot"]
    assert json.loads(one("CMD", run)) == ["run"]


@contextmanager
def health_port(status: int) -> Iterator[int]:
    """A server that gives this status for /healthz and 404 for the rest."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
            return

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def health_check(port: int) -> int:
    """The exit code of the image's own check, asked at another port."""
    _, _, command = one("HEALTHCHECK", stages()[-1]).partition(" CMD ")
    program, *rest = json.loads(command)
    own_port = image_environment()["IVIG_BOT_METRICS__PORT"]
    assert program == "python"
    assert sum(argument.count(f", {own_port},") for argument in rest) == 1
    arguments = [argument.replace(f", {own_port},", f", {port},") for argument in rest]
    return subprocess.run([sys.executable, *arguments], capture_output=True, timeout=20).returncode


def test_the_health_check_passes_only_while_the_bot_says_it_is_alive() -> None:
    with health_port(200) as port:
        assert health_check(port) == 0
    with health_port(503) as port:
        assert health_check(port) == 1
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert health_check(held.getsockname()[1]) == 1  # nobody listens


# -- compose -------------------------------------------------------------------------------------------------------

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["bot"]


def test_compose_gives_the_bot_no_more_than_it_needs() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["init"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in SERVICE
    assert "privileged" not in SERVICE
    assert "user" not in SERVICE  # the image's own
    assert SERVICE["restart"].startswith("on-failure")
    assert all("noexec" in mount for mount in SERVICE["tmpfs"])


def test_compose_mounts_the_volume_that_the_image_writes_to() -> None:
    volume, _, place = SERVICE["volumes"][0].partition(":")

    assert place == one("VOLUME", stages()[-1])
    assert volume in COMPOSE["volumes"]


def test_compose_stops_no_earlier_than_the_bot_needs() -> None:
    assert int(SERVICE["stop_grace_period"].removesuffix("s")) >= 5


def test_the_token_comes_as_a_secret_file_that_neither_git_nor_the_image_sees() -> None:
    file = COMPOSE["secrets"]["telegram_token"]["file"]

    assert SERVICE["secrets"] == ["telegram_token"]
    assert SERVICE["environment"]["TELEGRAM_BOT_TOKEN_FILE"] == "/run/secrets/telegram_token"
    assert "TELEGRAM_BOT_TOKEN" not in SERVICE["environment"]
    folder = file.removeprefix("./").partition("/")[0]
    assert f"{folder}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not is_sent_to_the_engine(folder)


def test_compose_names_the_version_of_the_project() -> None:
    assert SERVICE["image"] == f"ivig-bot:{PROJECT['project']['version']}"


def test_compose_sets_only_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\s*#?\s*(IVIG_BOT_\w+__\w+): (\S+)$", text, re.MULTILINE))
    for name, value in named.items():
        monkeypatch.setenv(name, value)

    assert len(named) >= 3
    settings = load_settings(ROOT / "config.yaml")
    assert settings.telegram.webhook.listen == "0.0.0.0"


# -- systemd -------------------------------------------------------------------------------------------------------

UNIT = ROOT / "deploy" / "ivig-bot.service"


def directives() -> dict[str, list[str]]:
    """Every directive of the unit with its values in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, equals, value = line.partition("=")
            assert equals, line
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_restarts_after_a_crash_and_not_after_a_fault_that_a_person_must_mend() -> None:
    unit = directives()
    final = {int(code) for code in unit["RestartPreventExitStatus"][0].split()}

    assert unit["Restart"] == ["on-failure"]
    assert {command_line.EXIT_FAULTS, command_line.EXIT_USAGE} <= final
    assert final == {1, 2, 3}
    assert int(unit["TimeoutStopSec"][0]) >= 5


def test_the_unit_is_hardened() -> None:
    unit = directives()

    for name in (
        "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelTunables", "RestrictNamespaces",
        "ProtectControlGroups", "LockPersonality", "RestrictSUIDSGID", "DynamicUser",
    ):
        assert unit[name] == ["yes"], name
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == [""]


def test_the_unit_holds_no_token_and_sets_only_settings_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = dict(value.partition("=")[::2] for value in directives()["Environment"])
    for name, value in environment.items():
        if name.startswith("IVIG_BOT_"):
            monkeypatch.setenv(name, value)

    assert "TELEGRAM_BOT_TOKEN" not in environment
    assert environment["TELEGRAM_BOT_TOKEN_FILE"] == "%d/telegram_token"
    settings = load_settings(ROOT / "config.yaml")
    assert [settings.store.path, settings.unanswered.path] == [
        "%S/ivig-bot/ivig-bot.sqlite3",
        "%S/ivig-bot/unanswered.sqlite3",
    ]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_takes_the_unit_and_finds_it_little_exposed(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    program = directives()["ExecStart"][0].split()[0]
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace(program, "/bin/true").replace("file:///opt/ivig-bot/README.md", f"file://{UNIT}"))

    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60)
    assert "ivig-bot" not in verified.stdout + verified.stderr, verified.stderr
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, timeout=60
    )
    level = re.search(r"exposure level for ivig-bot\.service: ([0-9.]+)", security.stdout)
    if level is None:
        pytest.fail(security.stderr or security.stdout)
    assert float(level[1]) <= 2.0
