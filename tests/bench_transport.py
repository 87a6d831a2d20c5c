"""
Speed of the transport: bare echo bots over ours, python-telegram-bot's own and aiogram's, and the whole bot.

Run by `make bench`, which prints one table. Fifty people, each writing again when answered, give the rate; then a
hundred messages a second give p50 and p99. aiogram takes no pydantic as new as ours, so it runs in an environment of
its own, which is made here from requirements-rival.txt.
"""

import asyncio
import hashlib
import os
import statistics
import subprocess
import sys
import time
import venv
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest

from bot.assembly import Assembly
from tests.telegram_emulator import Emulator, Person, Server
from tests.telegram_emulator.process import until

ROOT = Path(__file__).resolve().parent.parent
RIVALS = ROOT / "requirements-rival.txt"
PEOPLE = 50
ROUNDS = 30
A_SECOND = 100
STEADY = 500
OURS = """
import asyncio, os, uvloop
from telegram.ext import ApplicationBuilder, MessageHandler, filters
from bot.telemetry import Figures, Health
from bot.transport import Fetcher, Inbox, Lanes, Requests, Seen, SendingGate
class Nothing:
    def mark_answered(self, mark): pass
    def mark_sent(self, mark, method, message_id): pass
async def echo(update, context): await update.message.reply_text(update.message.text)
async def main():
    requests = Requests(SendingGate(), Figures())
    build = ApplicationBuilder().token(os.environ["TELEGRAM_BOT_TOKEN"]).updater(None).job_queue(None)
    root = os.environ["TELEGRAM_BASE_URL"]
    app = build.base_url(f"{root}/bot").request(requests).get_updates_request(requests).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    await app.initialize()
    inbox = Inbox(app.bot, Lanes(app.process_update), Seen(), Nothing(), Figures())
    await Fetcher(app.bot, requests, inbox, Health(), ["message"], 10).run(asyncio.Event())
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
"""


@dataclass
class Measured:
    """What one run came to."""

    ready_s: float
    a_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    steady_p50_ms: float
    steady_p99_ms: float


def _rival_python() -> str:
    """The interpreter of an environment with aiogram, made anew when the list of its packages changes."""
    digest = hashlib.sha256(RIVALS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = ROOT / ".cache" / f"rival-{digest}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "made").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
        subprocess.run([*install, RIVALS], check=True)
        (folder / "made").touch()
    return str(python)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _at(share: float, values: list[float]) -> float:
    return sorted(values)[int(share * len(values))]


class _Crowd:
    """Fifty people at a server, and how long each waited for each answer."""

    def __init__(self, server: Server, text: str) -> None:
        self.text = text
        self.people = {person.id: person for person in (Person(server.emulator) for _ in range(PEOPLE))}
        self.asked: dict[int, list[float]] = {number: [] for number in self.people}
        self.waits: list[float] = []
        self.rounds = 0
        call = server.emulator.call

        def counted(method: str, parameters: dict) -> object:  # type: ignore[type-arg]
            result = call(method, parameters)
            if method == "sendMessage":
                number = int(parameters["chat_id"])
                self.waits.append(1000 * (time.perf_counter() - self.asked[number].pop(0)))
                if self.rounds > 0:
                    self.rounds -= 1
                    self.says(number)
            server.emulator.messages.clear()
            server.emulator.calls.clear()
            return result

        server.emulator.call = counted  # type: ignore[method-assign]

    def says(self, number: int) -> None:
        self.asked[number].append(time.perf_counter())
        self.people[number].says(self.text)

    async def answered(self, count: int) -> list[float]:
        await until(lambda: len(self.waits) >= count, 120)
        waits, self.waits = self.waits, []
        return waits


async def _run(command: list[str], text: str, environment: dict[str, str]) -> Measured:
    async with Server(Emulator()) as server:
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *command, stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, cwd=ROOT,
            env={
                **os.environ, **environment, "PYTHONPATH": str(ROOT),
                "TELEGRAM_BOT_TOKEN": server.emulator.token, "TELEGRAM_BASE_URL": server.url,
            },
        )  # fmt: skip
        try:
            await until(lambda: server.polls or process.returncode is not None, 60)
            assert process.returncode is None, "it ended"
            ready = time.perf_counter() - began
            crowd = _Crowd(server, text)
            for number in crowd.people:
                crowd.says(number)
            await crowd.answered(PEOPLE)  # the first answers warm it up
            count = PEOPLE * ROUNDS
            crowd.rounds = count - PEOPLE
            began, used = time.perf_counter(), _cpu_seconds(process.pid)
            for number in crowd.people:
                crowd.says(number)
            waits = await crowd.answered(count)
            rate = count / (time.perf_counter() - began)
            cpu_ms = 1000 * (_cpu_seconds(process.pid) - used) / count
            numbers = list(crowd.people)
            begins = time.perf_counter()
            for place in range(STEADY):
                await asyncio.sleep(max(0.0, begins + place / A_SECOND - time.perf_counter()))
                crowd.says(numbers[place % PEOPLE])
            steady = await crowd.answered(STEADY)
            return Measured(
                ready, rate, _at(0.5, waits), _at(0.99, waits), cpu_ms, _at(0.5, steady), _at(0.99, steady)
            )
        finally:
            process.kill()
            await process.wait()


@pytest.fixture(scope="module")
def table(cache_folder: Path, assembly: Assembly, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measured]:
    """The median of three runs of each, taken in turn so that a busy moment of the machine meets all alike."""
    rival, ours = _rival_python(), sys.executable
    state = {
        "IVIG_BOT_CACHE": str(cache_folder),
        "IVIG_BOT_STORE__PATH": str(tmp_path_factory.mktemp("bench") / "state.sqlite3"),
    }
    bots: dict[str, tuple[list[str], str, dict[str, str]]] = {
        "echo, python-telegram-bot": ([ours, "-c", THEIRS], "hello", {}),
        "echo, aiogram": ([rival, "-c", f"{AIOGRAM}asyncio.run(main())"], "hello", {}),
        "echo, aiogram on uvloop": ([rival, "-c", f"{AIOGRAM}import uvloop; uvloop.run(main())"], "hello", {}),
        "echo, our transport": ([ours, "-c", OURS], "hello", {}),
        "ivig-bot, /help": ([ours, "-m", "bot", "run"], "/help", state),
        "ivig-bot, a question": ([ours, "-m", "bot", "run"], "is a headache normal after ivig", state),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in bots}
    for _ in range(3):
        for name, bot in bots.items():
            runs[name].append(asyncio.run(_run(*bot)))
    found = {
        name: Measured(*(statistics.median(values) for values in zip(*map(astuple, of), strict=True)))
        for name, of in runs.items()
    }
    print("\n\n| bot | ready s | answers a second | p50 / p99 ms | CPU ms an answer | 100 a second: p50 / p99 ms |")
    print("|---|---|---|---|---|---|")
    for name, one in found.items():
        print(
            f"| {name} | {one.ready_s:.2f} | {one.a_second:.0f} | {one.p50_ms:.0f} / {one.p99_ms:.0f} "
            f"| {one.cpu_ms:.2f} | {one.steady_p50_ms:.1f} / {one.steady_p99_ms:.1f} |"
        )
    return found


def test_twice_the_rate_of_the_frameworks_own_transport_for_half_the_work(table: dict[str, Measured]) -> None:
    ours, theirs = table["echo, our transport"], table["echo, python-telegram-bot"]

    assert ours.a_second >= 2 * theirs.a_second
    assert 2 * ours.cpu_ms <= theirs.cpu_ms


@pytest.mark.parametrize("rival", ["echo, aiogram", "echo, aiogram on uvloop"])
def test_ahead_of_aiogram(table: dict[str, Measured], rival: str) -> None:
    ours = table["echo, our transport"]

    assert ours.a_second > table[rival].a_second
    assert ours.cpu_ms < table[rival].cpu_ms


def test_at_a_hundred_messages_a_second_the_whole_bot_keeps_nobody_waiting(table: dict[str, Measured]) -> None:
    assert table["ivig-bot, /help"].steady_p99_ms < 50
    assert table["ivig-bot, a question"].steady_p99_ms < 50


def test_a_start_with_a_filled_cache_is_ready_soon(table: dict[str, Measured]) -> None:
    assert table["ivig-bot, a question"].ready_s < 1.5
