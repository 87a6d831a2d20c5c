"""
Speed of the transport: an echo over ours, over python-telegram-bot's own, and over aiogram where it is installed.

Run by `make bench`. Fifty people, each writing again when answered; then a hundred messages a second for p50 and p99.
"""

import asyncio
import importlib.util
import os
import statistics
import sys
import time
from pathlib import Path

import pytest

from bot.assembly import Assembly
from tests.telegram_emulator import Emulator, Person, Server
from tests.telegram_emulator.process import Process, until

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 50
ROUNDS = 30
OURS = """
import asyncio, os, uvloop
from telegram import Bot, Update
from bot.telemetry import Figures, Health
from bot.transport import Fetcher, Inbox, Lanes, Requests, Seen, SendingGate
class Nothing:
    def mark_answered(self, mark): pass
    def mark_sent(self, mark, method, message_id): pass
async def main():
    root = os.environ["TELEGRAM_BASE_URL"]
    requests = Requests(SendingGate(), Figures())
    await requests.initialize()
    bot = Bot(os.environ["TELEGRAM_BOT_TOKEN"], f"{root}/bot", request=requests)
    async def echo(update): await bot.send_message(update.message.chat.id, update.message.text)
    inbox = Inbox(bot, Lanes(echo), Seen(), Nothing(), Figures())
    await Fetcher(bot, requests, inbox, Health(), ["message"], 10).run(asyncio.Event())
uvloop.run(main())
"""
THEIRS = """
import os
from telegram.ext import ApplicationBuilder, MessageHandler, filters
async def echo(update, context): await update.message.reply_text(update.message.text)
root = os.environ["TELEGRAM_BASE_URL"]
app = ApplicationBuilder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{root}/bot").build()
app.add_handler(MessageHandler(filters.TEXT, echo))
app.run_polling(allowed_updates=["message"])
"""
AIOGRAM = """
import asyncio, os
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
async def main():
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["TELEGRAM_BASE_URL"]))
    bot, dispatcher = Bot(os.environ["TELEGRAM_BOT_TOKEN"], session=session), Dispatcher()
    @dispatcher.message()
    async def echo(message): await message.answer(message.text)
    await dispatcher.start_polling(bot, handle_signals=False)
asyncio.run(main())
"""


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _run(program: str) -> tuple[float, float]:
    """Answers a second, and milliseconds of processor an answer, while fifty people write again when answered."""
    async with Server(Emulator()) as server:
        environment = {
            **os.environ,
            "TELEGRAM_BOT_TOKEN": server.emulator.token,
            "TELEGRAM_BASE_URL": server.url,
            "PYTHONPATH": str(ROOT),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await until(lambda: server.polls, 30)
            left = {person.id: ROUNDS for person in (Person(server.emulator) for _ in range(PEOPLE))}
            people = {person_id: Person(server.emulator, id=person_id) for person_id in left}
            done = asyncio.Event()
            call = server.emulator.call

            def counted(method: str, parameters: dict) -> object:  # type: ignore[type-arg]
                result = call(method, parameters)
                if method == "sendMessage":
                    chat = int(parameters["chat_id"])
                    left[chat] -= 1
                    if left[chat] > 0:
                        people[chat].says("hello")
                    elif not any(count > 0 for count in left.values()):
                        done.set()
                return result

            server.emulator.call = counted  # type: ignore[method-assign]
            began, used = time.perf_counter(), _cpu_seconds(process.pid)
            for person in people.values():
                person.says("hello")
            async with asyncio.timeout(60):
                await done.wait()
            count = PEOPLE * ROUNDS
            return count / (time.perf_counter() - began), 1000 * (_cpu_seconds(process.pid) - used) / count
        finally:
            process.kill()
            await process.wait()


def _median(name: str, program: str) -> tuple[float, float]:
    """The median of three runs, printed."""
    runs = [asyncio.run(_run(program)) for _ in range(3)]
    rate, cpu_ms = (statistics.median(values) for values in zip(*runs, strict=True))
    print(f"\necho, {PEOPLE} people, {name}: {rate:.0f} answers/s, {cpu_ms:.2f} ms of processor an answer")
    return rate, cpu_ms


def test_at_most_half_the_work_of_the_frameworks_own_transport() -> None:
    """Judged by processor time, which other programs on the machine disturb least; the rate is printed."""
    _, ours = _median("our transport", OURS)
    _, theirs = _median("python-telegram-bot's own", THEIRS)

    assert 2 * ours <= theirs


@pytest.mark.skipif(importlib.util.find_spec("aiogram") is None, reason="aiogram is not installed here")
def test_less_work_than_aiogram() -> None:
    _, ours = _median("our transport", OURS)
    _, theirs = _median("aiogram", AIOGRAM)

    assert ours < theirs


async def test_the_whole_bot_at_a_hundred_messages_a_second(
    tmp_path: Path, cache_folder: Path, assembly: Assembly
) -> None:
    async with Server(Emulator()) as server:
        bot = Process(server, tmp_path, cache_folder, IVIG_BOT_LOGS__LEVEL="info")
        began = time.perf_counter()
        await bot.start()
        ready = time.perf_counter() - began
        people = [Person(server.emulator) for _ in range(50)]
        texts = ("/help", "headache after ivig", "can I fly after my infusion", "hello")
        for person in people:
            person.says("/help")
        await until(lambda: len(server.emulator.sent()) >= 50)
        server.emulator.calls.clear()
        asked: dict[int, list[float]] = {person.id: [] for person in people}
        for number in range(1000):
            person = people[number % 50]
            asked[person.id].append(time.monotonic())
            person.says(texts[number % 4])
            await asyncio.sleep(0.01)
        await until(lambda: len(server.emulator.sent()) >= 1000, 30)
        answered: dict[int, list[float]] = {person.id: [] for person in people}
        for call in server.emulator.sent():
            answered[int(call.chat_id)].append(call.at)
        await bot.stop()
        waits = sorted(
            1000 * (there - here)
            for person in asked
            for here, there in zip(asked[person], answered[person], strict=True)
        )
        print(f"\nready in {ready:.2f} s; 100 a second: p50 {waits[500]:.1f} ms, p99 {waits[990]:.1f} ms")

        assert waits[990] < 50
