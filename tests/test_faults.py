"""What goes wrong in the real world, made to happen to the real process."""

import asyncio
import resource
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.assembly import Assembly
from tests.telegram_emulator import Emulator, Group, Person, Server
from tests.telegram_emulator.process import Process, until

EMERGENCY = "I have chest pain and I cannot breathe"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Emulator()) as running:
        yield running


@pytest.fixture
async def bot(
    server: Server, tmp_path: Path, cache_folder: Path, assembly: Assembly
) -> AsyncIterator[Process]:
    process = Process(server, tmp_path, cache_folder)
    yield process
    await process.kill()


@pytest.mark.parametrize(
    ("kind", "times", "seconds"),
    [("flood", 1, 1), ("error", 3, 0), ("cut", 2, 0), ("garbage", 1, 0), ("slow", 1, 1)],
)
async def test_an_answer_survives(
    server: Server, bot: Process, kind: str, times: int, seconds: float
) -> None:
    await bot.start()
    server.breaks(kind, "sendMessage", times=times, seconds=seconds)
    ana = Person(server.emulator)
    ana.says("hello")
    await until(lambda: server.emulator.sent(ana.id))

    assert await bot.stop() == 0
    assert len(server.emulator.sent(ana.id)) == 1 or kind == "garbage"


async def test_a_burst_of_server_errors_on_everything_is_lived_through(server: Server, bot: Process) -> None:
    await bot.start()
    server.breaks("error", "*", times=12)
    ana = Person(server.emulator)
    ana.says("hello")
    await until(lambda: server.emulator.sent(ana.id), 40)

    assert len(server.emulator.sent(ana.id)) == 1


async def test_the_network_goes_away_and_comes_back(server: Server, bot: Process) -> None:
    await bot.start()
    ana = Person(server.emulator)
    await server.__aexit__()
    ana.says("hello")
    await asyncio.sleep(4)
    await server.__aenter__()
    back = time.monotonic()
    await until(lambda: server.emulator.sent(ana.id), 35)

    assert time.monotonic() - back < 6
    assert len(server.emulator.sent(ana.id)) == 1
    assert "cannot be reached" in bot.said
    assert "reached again" in bot.said


async def test_an_answer_on_its_way_when_the_network_goes_is_sent_when_it_is_back(
    server: Server, bot: Process
) -> None:
    await bot.start()
    ana = Person(server.emulator)
    server.breaks("slow", "sendMessage", seconds=0.4)
    ana.says("hello")
    await asyncio.sleep(0.2)
    server.emulator.calls.clear()
    await server.__aexit__()
    await asyncio.sleep(2)
    await server.__aenter__()
    await until(lambda: server.emulator.sent(ana.id), 20)


async def test_a_question_fetched_just_before_all_connections_are_reset_is_answered_once_they_are_not(
    server: Server, bot: Process
) -> None:
    await bot.start()
    ana = Person(server.emulator)
    outage = server.breaks("cut", "*", times=10**6)  # the request that waits for updates is under way already
    ana.says("hello")
    await asyncio.sleep(14)  # longer than a call is repeated by itself
    assert not server.emulator.sent(ana.id)
    server.faults.remove(outage)
    back = time.monotonic()
    await until(lambda: server.emulator.sent(ana.id), 30)

    assert time.monotonic() - back < 12
    await asyncio.sleep(1)
    assert len(server.emulator.sent(ana.id)) == 1
    assert await bot.stop() == 0


async def test_telegram_away_at_the_start_is_waited_for_and_said(server: Server, bot: Process) -> None:
    await server.__aexit__()
    await bot.start(wait=False)
    await until(lambda: "cannot be reached" in bot.said, 60)
    polls = server.polls
    await server.__aenter__()
    await until(lambda: server.polls > polls, 30)

    assert bot.exit_code is None


async def test_a_wrong_token_ends_with_one_clear_line_and_no_storm(server: Server, bot: Process) -> None:
    await bot.start(wait=False, TELEGRAM_BOT_TOKEN="424242:BBE-another-made-up-token-0123456789")

    assert await bot.ended(60) == 2
    assert "refuses the token" in bot.said
    assert "another-made-up" not in bot.said
    assert "Traceback" not in bot.said
    assert server.emulator.calls == []


async def test_a_missing_token_ends_with_one_clear_line(server: Server, bot: Process) -> None:
    await bot.start(wait=False, TELEGRAM_BOT_TOKEN="")

    assert await bot.ended(60) == 2
    assert "TELEGRAM_BOT_TOKEN" in bot.said


async def test_a_faulty_knowledge_base_is_said_before_anything_is_sent(
    server: Server, bot: Process, assembly: Assembly
) -> None:
    faulty = bot.folder / "knowledge"
    shutil.copytree(assembly.folder, faulty)
    (faulty / "menu.yaml").write_text("title: 7\n")
    await bot.start(wait=False, IVIG_BOT_KNOWLEDGE=str(faulty))

    assert await bot.ended(60) == 1
    assert "knowledge/menu.yaml:1: " in bot.said
    assert (server.emulator.calls, server.polls) == ([], 0)


async def test_a_revoked_token_ends_the_process_with_a_clear_line(server: Server, bot: Process) -> None:
    await bot.start(IVIG_BOT_TELEGRAM__POLL_TIMEOUT_SECONDS="1")
    server.breaks("error", "*", times=1000, code=401, description="Unauthorized")

    assert await bot.ended(10) == 3
    assert "refuses the token now" in bot.said


async def test_of_two_pollers_the_later_one_leaves_and_the_first_goes_on(
    server: Server, bot: Process, tmp_path: Path, cache_folder: Path
) -> None:
    await bot.start()
    await asyncio.sleep(6)
    (tmp_path / "second").mkdir()
    second = Process(server, tmp_path / "second", cache_folder)
    await second.start(wait=False)
    try:
        code = await second.ended(60)
    finally:
        await second.kill()
    ana = Person(server.emulator)
    ana.says("hello")
    await until(lambda: server.emulator.sent(ana.id))

    assert code == 3
    assert "Another process" in second.said
    assert bot.exit_code is None


async def test_of_two_pollers_started_together_exactly_one_stays(
    server: Server, bot: Process, tmp_path: Path, cache_folder: Path
) -> None:
    (tmp_path / "second").mkdir()
    second = Process(server, tmp_path / "second", cache_folder)
    try:
        await asyncio.gather(bot.start(wait=False), second.start(wait=False))
        await until(lambda: bot.exit_code is not None or second.exit_code is not None, 60)
        await asyncio.sleep(3)
        codes = [bot.exit_code, second.exit_code]
        ana = Person(server.emulator)
        ana.says("hello")
        await until(lambda: server.emulator.sent(ana.id))
    finally:
        await second.kill()

    assert sorted(codes, key=str) == [3, None]
    assert len(server.emulator.sent(ana.id)) == 1
    assert (bot.said + second.said).count("Another process fetches updates with the same token") == 1


async def test_a_poller_that_never_leaves_ends_ours_after_five_conflicts_with_a_clear_line(
    server: Server, bot: Process
) -> None:
    """As a framework's own loop behaves, which takes a conflict for a hiccup."""
    await bot.start()
    await asyncio.sleep(6)  # ours is the one that was there first

    async def poll_for_ever() -> None:
        async with ClientSession() as session:
            while True:
                url = f"{server.url}/bot{server.emulator.token}/getUpdates"
                async with session.post(url, json={"timeout": 10}):
                    await asyncio.sleep(0.2)

    other = asyncio.create_task(poll_for_ever())
    try:
        code = await bot.ended(30)
    finally:
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    assert code == 3
    assert bot.said.count("another process fetches this bot's updates") == 4  # the fifth ends it
    assert bot.said.splitlines()[-1] == (
        "ivig-bot: Another process fetches updates with the same token. Only one may: stop it, then start again."
    )
    assert "Traceback" not in bot.said


async def test_doubled_and_reordered_updates_are_answered_once_each(server: Server, bot: Process) -> None:
    people = [Person(server.emulator) for _ in range(5)]
    updates = [person.says("hello") for person in people]
    server.emulator.updates.extend(updates)
    last = updates[-1]["update_id"]
    server.emulator.push(
        "message", {**people[0].says("hello")["message"], "message_id": 999}, update_id=last + 50
    )
    await bot.start()
    await until(lambda: len(server.emulator.sent()) >= 7)
    await asyncio.sleep(0.5)

    assert len(server.emulator.sent()) == 7


async def test_a_poisoned_update_is_skipped_unlogged_and_its_writer_is_told(
    server: Server, bot: Process
) -> None:
    await bot.start()
    ana, ben = Person(server.emulator), Person(server.emulator)
    server.emulator.push(
        "message", {"date": "zqxcanary", "message_id": 4, "chat": ana.chat, "text": "zqxcanary"}
    )
    ben.says("hello")
    await until(lambda: server.emulator.sent(ana.id) and server.emulator.sent(ben.id))

    assert "112" in server.emulator.sent(ana.id)[0].text
    assert "zqxcanary" not in bot.said


async def test_sigterm_in_the_middle_of_an_answer_lets_it_be_sent(server: Server, bot: Process) -> None:
    await bot.start()
    server.breaks("slow", "sendMessage", times=100, seconds=1.0)
    people = [Person(server.emulator) for _ in range(20)]
    for person in people:
        person.says("hello")
    await until(lambda: any(server.emulator.handed_out.values()))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    code = await bot.stop()

    assert code == 0
    assert time.monotonic() - began < 5
    assert len(server.emulator.sent()) == 20
    assert len(server.emulator.updates) == 0


async def test_what_cannot_be_answered_before_the_end_is_answered_after_the_next_start(
    server: Server, bot: Process
) -> None:
    await bot.start()
    ana = Person(server.emulator)
    fault = server.breaks("flood", "sendMessage", times=1, seconds=60)
    ana.says("hello")
    await until(lambda: fault.hits)
    began = time.monotonic()
    code = await bot.stop()
    spent = time.monotonic() - began
    await bot.start()
    await until(lambda: server.emulator.sent(ana.id))

    assert code == 0
    assert spent < 5
    assert len(server.emulator.sent(ana.id)) == 1


async def test_one_slow_chat_and_a_flood_from_it_do_not_keep_others_waiting(
    server: Server, bot: Process
) -> None:
    await bot.start()
    flood, other = Person(server.emulator), Person(server.emulator)
    server.breaks("slow", "sendMessage", times=1000, seconds=0.5, chat_id=flood.id)
    for _ in range(60):
        flood.says("hello")
    await asyncio.sleep(0.5)
    began = time.monotonic()
    other.says("hello")
    await until(lambda: server.emulator.sent(other.id))

    assert time.monotonic() - began < 1.5
    await bot.kill()


async def test_an_emergency_overtakes_what_waits_in_a_throttled_group(server: Server, bot: Process) -> None:
    await bot.start(IVIG_BOT_GROUPS__ANSWER_EVERY_SECONDS="0")
    ana, group = Person(server.emulator), Group(server.emulator)
    server.breaks("flood", "sendMessage", seconds=2)
    for text in ("/help", "/ask headache after ivig", "/privacy"):
        group.says(ana, text)
    await asyncio.sleep(0.3)
    group.says(ana, f"/ask {EMERGENCY}")
    await until(lambda: len(server.emulator.sent(group.id)) == 4)

    assert "call" in " ".join(server.emulator.sent(group.id)[0].text.lower().split()[:12])


async def test_a_damaged_settings_file_is_kept_aside_and_said(server: Server, bot: Process) -> None:
    (bot.folder / "settings.sqlite3").write_bytes(b"not a database " * 500)
    await bot.start()
    Person(server.emulator).says("/lowenergy")
    await until(lambda: server.emulator.sent())

    assert (bot.folder / "settings.sqlite3.damaged-1").exists()
    assert "damaged" in bot.said


async def test_without_a_writable_folder_it_answers_and_says_so(server: Server, bot: Process) -> None:
    (bot.folder / "file").write_text("x")
    await bot.start(IVIG_BOT_STORE__PATH=str(bot.folder / "file" / "settings.sqlite3"))
    ana = Person(server.emulator)
    ana.says("/lowenergy")
    ana.says("/mydata")
    await until(lambda: len(server.emulator.sent(ana.id)) == 2)

    assert "low_energy" in server.emulator.sent(ana.id)[1].text
    assert "until this process ends" in bot.said


async def test_on_a_full_disk_it_goes_on_answering(server: Server, bot: Process) -> None:
    """A limit on the size of files does to SQLite what a full disk does."""
    limit = 20_000
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    bot.log.touch()
    try:
        await bot.start()
        resource.prlimit(bot.running.pid, resource.RLIMIT_FSIZE, (limit, before[1]))
        people = [Person(server.emulator) for _ in range(30)]
        for person in people:
            person.says("/lowenergy")
        await until(lambda: len(server.emulator.sent()) == 30)
        people[0].says("/mydata")
        await until(lambda: len(server.emulator.sent()) == 31)
    finally:
        signal.signal(signal.SIGXFSZ, old)

    assert "low_energy" in server.emulator.sent()[-1].text
    assert bot.exit_code is None


async def test_an_interrupt_stops_it_as_well(server: Server, bot: Process) -> None:
    await bot.start()

    assert await bot.stop(signal.SIGINT) == 0
    assert "Traceback" not in bot.said
