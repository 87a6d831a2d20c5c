"""The real process over HTTP: polling and webhook, a question, buttons, cards, a guest, a group, and what it logs."""

import asyncio
import json
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.assembly import Assembly
from tests.telegram_emulator import Emulator, Group, Person, Server
from tests.telegram_emulator.process import Process, until

CANARIES = ("zqxcanaryword", "Zqxname", "71.37")


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


@pytest.fixture
def knowledge_copy(tmp_path: Path, assembly: Assembly) -> Path:
    copy = tmp_path / "knowledge"
    shutil.copytree(assembly.folder, copy)
    return copy


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_a_day_of_the_bot(server: Server, bot: Process) -> None:
    await bot.start()
    emulator = server.emulator
    ana, group = Person(emulator, "Zqxname"), Group(emulator)

    ana.says("/start")
    await until(lambda: emulator.sent(ana.id))
    ana.says("headache after my infusion, zqxcanaryword")
    await until(lambda: len(emulator.sent(ana.id)) == 2)
    card = emulator.sent(ana.id)[1]
    ana.presses("sources-headache", card.result)
    await until(lambda: emulator.made("editMessageText"))
    ana.says("0.4 g per kg for 5 days, 71.37 kg")
    await until(lambda: len(emulator.sent(ana.id)) == 3)
    ana.types("live vaccines zqxcanaryword")
    await until(lambda: emulator.made("answerInlineQuery"))
    ana.asks_as_guest("@ivig_test_bot can I fly after ivig")
    await until(lambda: emulator.made("answerGuestQuery"))
    group.says(ana, "good morning, zqxcanaryword, what is IVIG?")
    asked = group.says(ana, "/ask@ivig_test_bot how long does an infusion take")
    await until(lambda: emulator.sent(group.id))
    assert [call.parameters["reply_parameters"]["message_id"] for call in emulator.sent(group.id)] == [
        asked["message"]["message_id"]
    ]
    ana.says("I have chest pain and cannot breathe, zqxcanaryword")
    await until(lambda: len(emulator.sent(ana.id)) == 4)
    ana.says("/poster")
    await until(lambda: emulator.made("sendPhoto"), 30)
    server.breaks("error", "sendMessage", code=400, description="Bad Request: zqxcanaryword is wrong")
    ana.says("hello zqxcanaryword")
    await asyncio.sleep(0.3)
    code = await bot.stop()

    assert code == 0
    assert "142.74 g" in emulator.sent(ana.id)[2].text
    assert emulator.refusals == []
    assert set(emulator.commands) == {"default", "all_private_chats", "all_group_chats"}
    assert "update kind=answer topic=headache" in bot.said
    leaked = [
        word
        for word in (*CANARIES, str(ana.id), str(group.id), emulator.token.split(":")[1])
        if word in bot.said
    ]
    assert leaked == []
    assert "Traceback" not in bot.said
    files = [path for path in bot.folder.rglob("*") if path.is_file() and path != bot.log]
    assert {path.name for path in files} <= {"settings.sqlite3", "settings.sqlite3-wal", "settings.sqlite3-shm"}
    on_disk = b"".join(path.read_bytes() for path in files)
    assert [word for word in (*CANARIES, str(ana.id)) if word.encode() in on_disk] == []


async def test_the_set_up_is_made_once_and_not_again(server: Server, bot: Process) -> None:
    await bot.start()
    await until(lambda: server.emulator.made("setChatMenuButton"))
    await bot.stop()
    first = len(server.emulator.made("setMyCommands"))
    server.emulator.calls.clear()
    await bot.start()
    await until(lambda: server.emulator.made("getChatMenuButton"))
    await bot.stop()

    assert first == 3
    assert server.emulator.made("setMyCommands") == []


async def test_a_person_deletes_their_data_and_it_does_not_come_back(server: Server, bot: Process) -> None:
    ana = Person(server.emulator)
    await bot.start()
    ana.says("/lowenergy")
    await until(lambda: len(server.emulator.sent()) == 1)
    ana.says("/delete_my_data")
    await until(lambda: len(server.emulator.sent()) == 2)
    await bot.kill()
    await bot.start()
    ana.says("/mydata")
    await until(lambda: len(server.emulator.sent()) == 3)
    await bot.stop()

    shown = server.emulator.sent()[-1].text
    assert json.loads(shown[shown.index("{") :]) == {"settings": {}}
    with sqlite3.connect(bot.folder / "settings.sqlite3") as base:
        assert base.execute("SELECT count(*) FROM chats").fetchone() == (0,)
    base.close()


async def test_by_webhook_telegram_hears_200_only_after_the_answer(server: Server, bot: Process) -> None:
    port = free_port()
    await bot.start(
        IVIG_BOT_TELEGRAM__WEBHOOK__URL=f"http://127.0.0.1:{port}", IVIG_BOT_TELEGRAM__WEBHOOK__PORT=str(port)
    )
    ana = Person(server.emulator)
    server.breaks("slow", "sendMessage", seconds=0.5)
    update = ana.says("hello")
    began = asyncio.get_running_loop().time()
    statuses = await asyncio.gather(server.deliver(update), server.deliver(update))
    spent = asyncio.get_running_loop().time() - began
    again = await server.deliver(update)
    forged = await server.deliver(ana.says("hello"), secret="wrong" * 6)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        health = [(await session.get(path)).status for path in ("/healthz", "/readyz")]
        secret = server.emulator.webhook["secret_token"]  # type: ignore[index]
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        nonsense = (await session.post("/telegram", data=b"{", headers=headers)).status
        poison = {"update_id": 1, "message": {"date": "x"}}
        poisoned = [(await session.post("/telegram", json=poison, headers=headers)).status for _ in range(3)]
    code = await bot.stop()

    assert statuses == [200, 200]
    assert spent >= 0.5
    assert again == 200
    assert forged == 403
    assert health == [200, 200]
    assert nonsense == 400
    assert poisoned == [500, 500, 200]
    assert len(server.emulator.sent(ana.id)) == 1
    assert code == 0


async def test_health_and_figures_on_a_port_of_this_machine(server: Server, bot: Process) -> None:
    port = free_port()
    await bot.start(IVIG_BOT_METRICS__PORT=str(port))
    Person(server.emulator).says("headache after ivig")
    await until(lambda: server.emulator.sent())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        statuses = [(await session.get(path)).status for path in ("/healthz", "/readyz")]
        text = await (await session.get("/metrics")).text()
    await bot.stop()

    assert statuses == [200, 200]
    assert 'ivig_topics_total{topic="headache"} 1.0' in text


async def test_edited_knowledge_is_taken_over_or_refused_while_running(
    server: Server, bot: Process, knowledge_copy: Path
) -> None:
    await bot.start(IVIG_BOT_KNOWLEDGE__FOLDER=str(knowledge_copy), IVIG_BOT_TELEGRAM__ADMINS="[5]")
    ana, emulator = Person(server.emulator), server.emulator
    file = knowledge_copy / "topics" / "side_effects" / "headache.yaml"
    before = file.read_text(encoding="utf-8")

    file.write_text(before + "\nnonsense: yes\n", encoding="utf-8")
    await until(lambda: emulator.sent(5), 30, "the admin to be told")
    ana.says("headache after ivig")
    await until(lambda: emulator.sent(ana.id))
    file.write_text(before.replace("A headache is the", "Edited headache is the", 1), encoding="utf-8")
    await until(lambda: "taken over" in bot.said, 90, "the edit to be taken over")
    Person(emulator, "Ben").says("/start topic-headache")
    await until(lambda: len(emulator.sent()) == 3)
    await bot.stop()

    assert "headache.yaml" in emulator.sent(5)[0].text
    assert "Headache after IVIG" in emulator.sent(ana.id)[0].text
    assert "Edited headache" in emulator.sent()[-1].text
