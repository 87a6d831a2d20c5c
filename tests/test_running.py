"""Starting, setting up, taking over edits, ending: over HTTP, against the emulator, within this process."""

import asyncio
import gc
import signal
import sys
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from telegram import Bot

from bot.assembly import Assembly
from bot.config import Metrics, Settings, Telegram, Webhook
from bot.config import Store as StoreSettings
from bot.handlers import Refused, introduced, profile, reloading, run, running, setup
from bot.knowledge import marks_of
from bot.strictyaml import Problem
from tests.telegram_emulator import Emulator, Person, Server
from tests.telegram_emulator.core import TOKEN
from tests.telegram_emulator.inside import Recording

TOKEN_OF_NOBODY = SecretStr("424242:AAE-made-up-and-never-given-out-0123")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Emulator()) as server:
        yield server


@pytest.fixture
def make_settings(server: Server, tmp_path: Path) -> Callable[..., Settings]:
    def make(telegram: dict[str, Any] | None = None, **more: Any) -> Settings:
        return Settings(
            telegram=Telegram(base_url=server.url, poll_timeout_seconds=5, **(telegram or {})),
            store=StoreSettings(path=str(tmp_path / "state.sqlite3")),
            **more,
        )

    return make


async def until(what: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 -- looks at another side, which sets no event
            await asyncio.sleep(0.02)


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def ended(task: "asyncio.Task[int]", by: signal.Signals = signal.SIGTERM) -> int:
    """Ask the running bot to stop, as a service manager does; returns its exit code."""
    signal.raise_signal(by)
    async with asyncio.timeout(5.0):
        return await task


# -- polling -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_run_sets_itself_up_answers_and_stops_within_five_seconds(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly, by: signal.Signals
) -> None:
    task = asyncio.create_task(run(make_settings(), SecretStr(TOKEN), assembly))
    await until(lambda: server.polls)
    ana = Person(server.emulator)
    ana.says("/start")
    await until(lambda: server.emulator.sent(ana.id))
    await until(lambda: "menu" in server.emulator.texts)

    assert await ended(task, by) == 0
    assert [call.method for call in server.emulator.calls].count("getMe") == 1
    assert len(server.emulator.commands) == 3
    assert server.emulator.texts["description"] == assembly.knowledge.messages.purpose[:512]
    assert list(server.emulator.updates) == [], "what was answered was confirmed"
    assert server.emulator.refusals == []


async def test_health_and_figures_are_served_where_a_port_is_set(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly
) -> None:
    port = free_port()
    task = asyncio.create_task(run(make_settings(metrics=Metrics(port=port)), SecretStr(TOKEN), assembly))
    await until(lambda: server.polls)
    ana = Person(server.emulator)
    ana.says("is a headache normal after ivig")
    await until(lambda: server.emulator.sent(ana.id))
    async with ClientSession() as session:
        ready = await session.get(f"http://127.0.0.1:{port}/readyz")
        figures = await (await session.get(f"http://127.0.0.1:{port}/metrics")).text()

    assert await ended(task) == 0
    assert ready.status == 200
    assert 'ivig_topics_total{topic="headache"} 1.0' in figures
    assert str(ana.id) not in figures


async def test_a_send_that_hangs_does_not_hold_the_end_up(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly
) -> None:
    task = asyncio.create_task(run(make_settings(), SecretStr(TOKEN), assembly))
    await until(lambda: server.polls)
    server.breaks("slow", "sendMessage", seconds=30.0, times=5)
    update = Person(server.emulator).says("/start")
    await until(lambda: server.emulator.handed_out.get(update["update_id"]))

    assert await ended(task) == 0
    assert update in server.emulator.updates, "not answered, so Telegram keeps it for the next start"


async def test_a_token_revoked_while_running_ends_the_run(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly, capfd: pytest.CaptureFixture[str]
) -> None:
    task = asyncio.create_task(run(make_settings(), SecretStr(TOKEN), assembly))
    await until(lambda: server.polls)
    server.breaks("error", code=401, description="Unauthorized", times=100)
    server.emulator.woken()
    async with asyncio.timeout(15.0):
        assert await task == 3
    said = capfd.readouterr().err
    assert said.count("refuses the token now") == 1
    assert TOKEN not in said


# -- the token ---------------------------------------------------------------------------------------------------------


async def test_a_wrong_token_is_said_on_one_line_before_anything_is_built(
    make_settings: Callable[..., Settings], assembly: Assembly, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused):
        await introduced(make_settings(), TOKEN_OF_NOBODY)
    assert await introduced(make_settings(), SecretStr(TOKEN))
    assert await run(make_settings(), TOKEN_OF_NOBODY, assembly) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 2
    assert TOKEN_OF_NOBODY.get_secret_value() not in said


async def test_a_telegram_that_cannot_be_reached_is_no_refusal_and_the_wait_can_be_ended(
    tmp_path: Path, assembly: Assembly
) -> None:
    nowhere = Settings(
        telegram=Telegram(base_url=f"http://127.0.0.1:{free_port()}"),
        store=StoreSettings(path=str(tmp_path / "state.sqlite3")),
    )

    assert await introduced(nowhere, SecretStr(TOKEN)) is None
    task = asyncio.create_task(run(nowhere, SecretStr(TOKEN), assembly))
    await asyncio.sleep(1.0)
    assert not task.done()
    assert await ended(task) == 0


# -- webhook -----------------------------------------------------------------------------------------------------------


async def test_a_webhook_answers_checks_its_secret_and_is_set_again_when_lost(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WEBHOOK_CHECK_SECONDS", 0.2)
    port = free_port()
    hook = Webhook(url=f"http://127.0.0.1:{port}", port=port)
    task = asyncio.create_task(run(make_settings({"webhook": hook}), SecretStr(TOKEN), assembly))
    await until(lambda: server.emulator.webhook)
    ana = Person(server.emulator)

    assert await server.deliver(ana.says("/start"), secret="not-the-secret-at-all") == 403
    assert server.emulator.sent(ana.id) == []
    assert await server.deliver(ana.says("/start")) == 200
    assert len(server.emulator.sent(ana.id)) == 1

    server.emulator.webhook = None
    await until(lambda: server.emulator.webhook)
    assert server.emulator.webhook is not None
    assert server.emulator.webhook["url"] == f"http://127.0.0.1:{port}/telegram"
    assert await ended(task) == 0


async def test_a_webhook_notices_a_revoked_token_without_any_update(
    server: Server, make_settings: Callable[..., Settings], assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WEBHOOK_CHECK_SECONDS", 0.2)
    port = free_port()
    hook = Webhook(url=f"http://127.0.0.1:{port}", port=port)
    task = asyncio.create_task(run(make_settings({"webhook": hook}), SecretStr(TOKEN), assembly))
    await until(lambda: server.emulator.webhook)
    server.breaks("error", code=401, description="Unauthorized", times=100)

    async with asyncio.timeout(10.0):
        assert await task == 3


# -- set-up ------------------------------------------------------------------------------------------------------------


async def test_the_set_up_is_done_once_and_again_only_where_it_differs() -> None:
    emulator = Emulator()
    bot = Bot(TOKEN, request=Recording(emulator))

    assert await profile.set_up(bot, "What this is.")
    emulator.calls.clear()
    assert not await profile.set_up(bot, "What this is.")
    assert [call.method for call in emulator.calls if call.method.startswith("set")] == []
    assert await profile.set_up(bot, "What this is now.")
    assert [call.method for call in emulator.calls if call.method.startswith("set")] == ["setMyDescription"]


def test_every_command_shown_keeps_telegrams_limits_and_privacy_is_everywhere() -> None:
    for _, listed, in_group in profile.SCOPES:
        names = [one.command for one in profile.commands(listed, in_group)]
        assert "privacy" in names
        assert len(set(names)) == len(names) <= 100
    assert len(profile.SHORT_DESCRIPTION) <= 120


async def test_setup_prints_the_steps_and_what_botfather_has_not_been_told(
    make_settings: Callable[..., Settings], capfd: pytest.CaptureFixture[str]
) -> None:
    assert await setup(make_settings(), None) == 0
    assert "@BotFather" in capfd.readouterr().out

    assert await setup(make_settings(), SecretStr(TOKEN)) == 0
    printed = capfd.readouterr().out
    assert "@ivig_test_bot" in printed
    assert "inline mode (step 3): on" in printed
    assert TOKEN not in printed

    assert await setup(make_settings(), TOKEN_OF_NOBODY) == 2


# -- edits while running -----------------------------------------------------------------------------------------------


class Edited:
    """A whole whose folder was edited: well, or with faults."""

    def __init__(self, problems: list[Problem], folder: Path = Path("nowhere")) -> None:
        self.folder = folder
        self.conversation: Any = object()
        self.knowledge: Any = None
        self.problems = problems
        self.reloads = 0

    def marks(self) -> dict[str, tuple[int, int]]:
        return marks_of(self.folder)

    def reload(self) -> list[Any]:
        self.reloads += 1
        if not self.problems:
            self.conversation = object()
        return self.problems


def collector(into: list[str]) -> Callable[[str], Awaitable[None]]:
    async def tell(text: str) -> None:
        into.append(text)

    return tell


async def test_a_faulty_edit_is_refused_and_the_admins_are_told_where() -> None:
    whole, told = Edited([Problem("topics/cost.yaml", 7, "no source")] * 30), list[str]()
    before = whole.conversation

    assert not await reloading.take_over(whole, collector(told))
    assert whole.conversation is before
    assert len(told) == 1
    assert "topics/cost.yaml:7" in told[0]
    assert len(told[0]) < 4000


async def test_a_good_edit_is_taken_over_in_silence() -> None:
    whole, told = Edited([]), list[str]()
    before = whole.conversation

    assert await reloading.take_over(whole, collector(told))
    assert whole.conversation is not before
    assert told == []


def test_what_an_edit_replaced_is_given_back_though_nobody_looks_for_garbage_among_what_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Ring:
        def __init__(self) -> None:
            self.itself = self
            self.knowledge = SimpleNamespace(digest="of no folder")

    monkeypatch.setattr(Assembly, "_build", lambda _: Ring())
    whole = Assembly(tmp_path)
    before = weakref.ref(whole.conversation)
    try:
        whole.settle()
        kept = gc.get_freeze_count()

        assert whole.reload() == []
        assert before() is None
        assert gc.get_freeze_count() > kept // 2
    finally:
        gc.unfreeze()


async def test_a_saved_file_is_noticed_and_watching_ends_with_the_run(tmp_path: Path) -> None:
    whole, stop = Edited([]), asyncio.Event()
    (tmp_path / "topics").mkdir()
    task = asyncio.create_task(reloading.watch(whole, tmp_path, stop))
    await asyncio.sleep(0.5)
    (tmp_path / "topics" / "cost.yaml").write_text("title: Cost\n")
    await until(lambda: whole.reloads)
    stop.set()
    async with asyncio.timeout(5.0):
        await task


async def test_an_edit_made_before_there_is_a_watch_or_where_nothing_tells_of_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        @staticmethod
        async def awatch(*_: object, stop_event: asyncio.Event, **__: object) -> AsyncIterator[set[object]]:
            while not stop_event.is_set():
                await asyncio.sleep(0.05)
                yield set()

    monkeypatch.setitem(sys.modules, "watchfiles", Deaf)
    whole, stop = Edited([], tmp_path), asyncio.Event()
    file = tmp_path / "cost.yaml"
    file.write_text("title: Cost\n")
    task = asyncio.create_task(reloading.watch(whole, tmp_path, stop))
    await until(lambda: whole.reloads == 1)  # held against what was read at the start
    await asyncio.sleep(0.3)
    assert whole.reloads == 1

    file.write_text("title: What it costs\n")
    await until(lambda: whole.reloads == 2)
    file.unlink()
    await until(lambda: whole.reloads == 3)
    stop.set()
    async with asyncio.timeout(5.0):
        await task


async def test_a_folder_that_is_gone_is_no_reason_to_stop(tmp_path: Path) -> None:
    await reloading.watch(Edited([]), tmp_path / "nowhere", asyncio.Event())
