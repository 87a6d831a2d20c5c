"""
What did the operator set.

May not know any fact about IVIG. Settings stand in config.yaml, each with its reason; the environment overrides
them (IVIG_BOT_TELEGRAM__BASE_URL and so on). The token is never in a file of settings: TELEGRAM_BOT_TOKEN, or a
file named by TELEGRAM_BOT_TOKEN_FILE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.strictyaml import Document, FaultyFiles, Problem, read_file, validate

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{10,100}")
# Read where they are needed; IVIG_BOT_KNOWLEDGE names a folder and is no section of the settings.
_PLAIN_VARIABLES = {"IVIG_BOT_CONFIG", "IVIG_BOT_CACHE", "IVIG_BOT_KNOWLEDGE", "IVIG_BOT_WEBHOOK_SECRET"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Webhook(_Section):
    """How Telegram reaches the bot, where it does not poll."""

    url: str | None = None
    listen: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_/-]{0,100}$")] = "/telegram"
    max_connections: Annotated[int, Field(ge=1, le=100)] = 40

    @field_validator("url")
    @classmethod
    def _https(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("a webhook's address begins with https://")
        return url


class Telegram(_Section):
    """How the bot talks to Telegram."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] = "https://api.telegram.org"
    webhook: Webhook = Webhook()
    poll_timeout_seconds: Annotated[int, Field(ge=0, le=50)] = 15
    answers_at_once: Annotated[int, Field(ge=1, le=1024)] = 64
    set_up_on_start: bool = True
    admins: tuple[int, ...] = ()


class Groups(_Section):
    """How quiet the bot is in groups."""

    answer_every_seconds: Annotated[float, Field(ge=0, le=600)] = 3
    same_question_minutes: Annotated[float, Field(ge=0, le=1440)] = 10


class Conversation(_Section):
    """How long a conversation is remembered, in memory only."""

    forget_after_minutes: Annotated[float, Field(gt=0, le=240)] = 30
    late_after_minutes: Annotated[float, Field(gt=0, le=1440)] = 20
    most_remembered_chats: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000


class Store(_Section):
    """Where the few settings of chats are kept."""

    path: str = "state/ivig-bot.sqlite3"


class Unanswered(_Section):
    """Whether questions the bot could not answer are kept, cleaned, for its editors."""

    keep: bool = False
    path: str = "state/unanswered.sqlite3"
    days: Annotated[int, Field(ge=1, le=90)] = 30


class Logs(_Section):
    """How much is logged; never texts, names, ids or the token."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["text", "json"] = "text"


class Metrics(_Section):
    """Health and figures on a port of this machine."""

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    listen: str = "127.0.0.1"


class Knowledge(_Section):
    """Where the knowledge lies and whether edits are taken over while running."""

    folder: str | None = None
    reload: bool = True


class Settings(BaseSettings):
    """Every setting."""

    model_config = SettingsConfigDict(
        env_prefix="IVIG_BOT_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    telegram: Telegram = Telegram()
    groups: Groups = Groups()
    conversation: Conversation = Conversation()
    store: Store = Store()
    unanswered: Unanswered = Unanswered()
    logs: Logs = Logs()
    metrics: Metrics = Metrics()
    knowledge: Knowledge = Knowledge()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        assert isinstance(env_settings, EnvSettingsSource)
        env_settings.env_vars = {
            name: value for name, value in env_settings.env_vars.items() if name.upper() not in _PLAIN_VARIABLES
        }
        return env_settings, init_settings

    @model_validator(mode="after")
    def _webhook_has_room(self) -> Settings:
        if self.metrics.port and self.telegram.webhook.url and self.metrics.port == self.telegram.webhook.port:
            raise ValueError("metrics.port and telegram.webhook.port are the same")
        return self


class _File(Settings):
    """The same settings, from the file alone, so that a fault of the file is found on its line."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(file: Path, shown_as: str | None = None) -> Settings:
    """Read the settings; raises FaultyFiles with every fault at once."""
    document = read_file(file, shown_as or file.name)
    if document.content is None and not [p for p in document.problems if p.what != "the file is empty"]:
        document = Document(document.path, {})
    validate(_File, document)
    problems = list(document.problems)
    values = document.content if not problems else {}
    base_url = os.environ.get("TELEGRAM_BASE_URL")
    if base_url:
        values = {**values, "telegram": {**(values.get("telegram") or {}), "base_url": base_url.rstrip("/")}}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems = problems + [_environment_fault(entry) for entry in error.errors(include_url=False)]
    except SettingsError as error:
        section = re.search(r'field "(\w+)"', str(error))
        problems = [*problems, _not_readable(section.group(1) if section else "")]
    if problems:
        raise FaultyFiles(problems)
    return settings


def _not_readable(section: str) -> Problem:
    variable = f"IVIG_BOT_{section.upper()}"
    return Problem(f"environment {variable}", 1, f"cannot be read: a part of it is {variable}__…, a list is JSON")


def _environment_fault(entry: Mapping[str, Any]) -> Problem:
    names = [str(part) for part in entry["loc"]]
    variable = "IVIG_BOT_" + "__".join(names).upper() if names else "settings"
    if names == ["telegram", "base_url"] and os.environ.get("TELEGRAM_BASE_URL"):
        variable = "TELEGRAM_BASE_URL"
    message = str(entry["msg"]).removeprefix("Value error, ")
    return Problem(f"environment {variable}", 1, message[:1].lower() + message[1:])


class TokenProblem(Exception):  # noqa: N818 -- says what is wrong with the token, without the token
    """The token is missing, unreadable or not of a token's form."""


def token() -> SecretStr | None:
    """The bot's token from the environment, or None; raises TokenProblem, which never holds the token."""
    value = os.environ.get("TELEGRAM_BOT_TOKEN", "").strip()
    file = os.environ.get("TELEGRAM_BOT_TOKEN_FILE", "").strip()
    if not value and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise TokenProblem("the file named by TELEGRAM_BOT_TOKEN_FILE cannot be read") from error
    if not value:
        return None
    if not _TOKEN.fullmatch(value):
        raise TokenProblem(
            "TELEGRAM_BOT_TOKEN is not a token: BotFather gives one like 123456789:AA… (digits, a colon, letters)"
        )
    return SecretStr(value)


def webhook_secret() -> SecretStr | None:
    """The secret Telegram repeats with every webhook call, or None; raises TokenProblem where it is too weak."""
    value = os.environ.get("IVIG_BOT_WEBHOOK_SECRET", "").strip()
    if not value:
        return None
    if not _SECRET.fullmatch(value):
        raise TokenProblem("IVIG_BOT_WEBHOOK_SECRET needs 16 to 256 of A-Z a-z 0-9 _ -")
    return SecretStr(value)
