"""How calls are repeated, who may send first, in which order updates are handled, and when they are confirmed."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter

from bot.telemetry import Figures, Guarded, Health, configure_logging, line, redacted, serve_figures
from bot.transport import Ending, Fetcher, Inbox, Lanes, Requests, Seen, SendingGate, Turn, current_turn
from bot.transport import lanes as lanes_module
from bot.transport.fetching import mark_of
from tests.telegram_emulator import Emulator, Person, Server
from tests.telegram_emulator.core import TOKEN

ALLOWED = ["message"]


class Marks:
    """A record that only remembers."""

    def __init__(self) -> None:
        self.marks: list[int] = []

    def mark_answered(self, mark: int) -> None:
        self.marks.append(mark)

    def mark_sent(self, mark: int, method: str, message_id: int) -> None:
        """Nothing is killed here."""

    def owe(self, chat_id: int, message_id: int) -> None:
        """Nothing is killed here."""

    def paid(self, chat_id: int) -> None:
        """Nothing is killed here."""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server(Emulator()) as running:
        yield running


@pytest.fixture
async def requests(server: Server) -> AsyncIterator[Requests]:
    made = Requests(SendingGate(), Figures())
    await made.initialize()
    yield made
    await made.shutdown()


@pytest.fixture
def bot(server: Server, requests: Requests) -> Bot:
    return Bot(TOKEN, f"{server.url}/bot", request=requests, get_updates_request=requests)


def fetcher_of(
    server: Server, bot: Bot, requests: Requests, handle: Any, seen: Seen | None = None, **more: Any
) -> tuple[Fetcher, Inbox, Marks]:
    figures, marks = Figures(), Marks()
    inbox = Inbox(bot, Lanes(handle), seen or Seen(), marks, figures, more.pop("unread", None))
    return Fetcher(bot, requests, inbox, Health(), ALLOWED, poll_seconds=1, **more), inbox, marks


async def until(claim: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.01)


# -- calls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "times"), [("error", 2), ("cut", 2), ("garbage", 1), ("flood", 1)])
async def test_a_message_arrives_once_despite(server: Server, bot: Bot, kind: str, times: int) -> None:
    server.breaks(kind, "sendMessage", times=times, seconds=0)
    await bot.send_message(5, "hello")

    assert len(server.emulator.sent(5)) == 1


async def test_after_a_long_reset_of_all_connections_the_message_is_sent_once(
    server: Server, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transport.requests.UNCERTAIN_WAITS", (0.0, 0.05))
    monkeypatch.setattr("bot.transport.requests.ASKING_SECONDS", 0.05)
    away = server.breaks("cut", "*", times=10**6)
    sending = [asyncio.create_task(bot.send_message(chat, "hello")) for chat in range(5, 25)]
    await asyncio.sleep(1.0)
    assert not any(task.done() for task in sending)

    server.faults.remove(away)
    await asyncio.wait_for(asyncio.gather(*sending), 3)

    assert [len(server.emulator.sent(chat)) for chat in range(5, 25)] == [1] * 20


async def test_a_message_that_fails_though_telegram_is_there_is_given_up(
    server: Server, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transport.requests.UNCERTAIN_WAITS", (0.0,))
    fault = server.breaks("cut", "sendMessage", times=10**6)
    with pytest.raises(NetworkError):
        await asyncio.wait_for(bot.send_message(5, "hello"), 5)

    assert fault.hits == 5  # one, one more, and one after each of three returns


async def test_what_waits_for_the_return_ends_with_the_bot(
    server: Server, bot: Bot, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transport.requests.UNCERTAIN_WAITS", ())
    server.breaks("cut", "*", times=10**6)
    waiting = asyncio.create_task(bot.send_message(5, "hello"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await requests.shutdown()

    with pytest.raises(NetworkError):
        await asyncio.wait_for(waiting, 2)


async def test_a_call_is_not_repeated_after_a_refusal(server: Server, bot: Bot) -> None:
    server.emulator.blocked.add(5)
    with pytest.raises(Forbidden):
        await bot.send_message(5, "hello")
    with pytest.raises(BadRequest):
        await bot.send_message(6, "<b>", parse_mode="HTML")

    assert len(server.emulator.calls) == 2


async def test_after_429_the_wait_asked_for_is_kept(server: Server, bot: Bot) -> None:
    server.breaks("flood", "sendMessage", seconds=1)
    began = time.monotonic()
    await bot.send_message(5, "hello")

    assert 0.95 <= time.monotonic() - began < 2


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_a_wait_of_hours_is_not_kept(server: Server, bot: Bot) -> None:
    server.breaks("flood", "sendMessage", seconds=40_000)
    with pytest.raises(RetryAfter):
        await bot.send_message(5, "hello")


async def test_the_answer_to_a_button_is_given_up_soon(
    server: Server, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.transport.requests.EXPIRING_SECONDS", 0.5)
    server.breaks("error", "answerCallbackQuery", times=100)
    began = time.monotonic()
    with pytest.raises(NetworkError):
        await bot.answer_callback_query("1")

    assert time.monotonic() - began < 2


async def test_no_error_names_the_address_which_holds_the_token(
    server: Server, bot: Bot, requests: Requests
) -> None:
    port = server.port
    await server.__aexit__()
    with pytest.raises(NetworkError) as caught:
        await requests.call(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe", {}, 2)

    assert TOKEN.split(":")[1] not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_a_file_is_sent_as_a_file(server: Server, bot: Bot) -> None:
    await bot.send_document(5, b"BEGIN:VCALENDAR", filename="dates.ics", caption="Dates")

    assert server.emulator.sent(5)[0].parameters["caption"] == "Dates"


# -- throttled sending -----------------------------------------------------------------------------------------------


async def in_turn(number: int, rank: int, act: Any) -> None:
    turn = Turn(number, 0.0)
    turn.rank = rank
    lanes_module._TURN.set(turn)
    await act()


async def test_an_emergency_overtakes_what_waits_for_a_throttled_chat(server: Server, bot: Bot) -> None:
    server.breaks("flood", "sendMessage", seconds=1)

    def message(number: int, rank: int) -> asyncio.Task[None]:
        return asyncio.create_task(in_turn(number, rank, lambda: bot.send_message(5, f"{number}")))

    tasks = [message(1, 2)]
    await asyncio.sleep(0.1)
    tasks += [message(2, 2), message(3, 2), message(4, 0), message(5, 1)]
    await asyncio.gather(*tasks)

    assert [call.text for call in server.emulator.sent(5)] == ["4", "5", "1", "2", "3"]


async def test_a_throttled_chat_holds_up_no_other(server: Server, bot: Bot) -> None:
    server.breaks("flood", "sendMessage", seconds=2, chat_id=5)
    slow = asyncio.create_task(in_turn(1, 2, lambda: bot.send_message(5, "slow")))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await in_turn(2, 2, lambda: bot.send_message(6, "fast"))

    assert time.monotonic() - began < 0.5
    await slow


async def test_the_two_messages_of_one_answer_stay_together(server: Server, bot: Bot) -> None:
    server.breaks("flood", "sendMessage", seconds=1)

    async def two() -> None:
        await bot.send_message(5, "1a")
        await bot.send_message(5, "1b")

    first = asyncio.create_task(in_turn(1, 2, two))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(in_turn(2, 2, lambda: bot.send_message(5, "2")))
    await asyncio.gather(first, second)

    assert [call.text for call in server.emulator.sent(5)] == ["1a", "1b", "2"]


async def test_when_the_bot_as_a_whole_is_too_fast_emergencies_go_first(server: Server, bot: Bot) -> None:
    for chat in (1, 2, 3):
        server.breaks("flood", "sendMessage", seconds=1, chat_id=chat)
    early = [
        asyncio.create_task(in_turn(chat, 2, lambda chat=chat: bot.send_message(chat, "x")))
        for chat in (1, 2, 3)
    ]
    await asyncio.sleep(0.2)
    late = [
        asyncio.create_task(in_turn(10 + chat, 2, lambda chat=chat: bot.send_message(chat, "x")))
        for chat in range(10, 20)
    ]
    await asyncio.sleep(0.05)
    urgent = asyncio.create_task(in_turn(99, 0, lambda: bot.send_message(99, "urgent")))
    await asyncio.gather(*early, *late, urgent)

    assert server.emulator.sent()[0].chat_id == 99


async def test_nothing_is_kept_of_a_chat_once_it_is_open_again(server: Server) -> None:
    gate = SendingGate()
    requests = Requests(gate, Figures())
    await requests.initialize()
    bot = Bot(TOKEN, f"{server.url}/bot", request=requests)
    server.breaks("flood", "sendMessage", seconds=0)
    await bot.send_message(5, "x")
    await asyncio.sleep(0.3)
    await bot.send_message(5, "x")
    await requests.shutdown()

    assert (gate.waiting, gate._closed, gate._sending) == (0, {}, set())


# -- order -----------------------------------------------------------------------------------------------------------


async def test_one_chat_is_handled_in_order_and_others_beside_it() -> None:
    seen: list[tuple[str, int]] = []

    async def handle(update: tuple[str, int]) -> None:
        await asyncio.sleep(0.05 if update[0] == "slow" else 0)
        seen.append(update)

    lanes = Lanes(handle)
    for number in range(4):
        lanes.put("slow", ("slow", number), lambda: None)
    for number in range(4):
        lanes.put("fast", ("fast", number), lambda: None)
    assert await lanes.drain(5)

    assert [number for name, number in seen if name == "slow"] == [0, 1, 2, 3]
    assert [name for name, _ in seen[:4]] == ["fast"] * 4
    assert lanes.is_idle


async def test_a_flood_from_one_chat_does_not_hold_up_another_even_with_one_place() -> None:
    seen: list[str] = []

    async def handle(update: str) -> None:
        await asyncio.sleep(0)
        seen.append(update)

    lanes = Lanes(handle, at_once=1)
    for _ in range(500):
        lanes.put("flood", "flood", lambda: None)
    lanes.put("other", "other", lambda: None)
    await lanes.drain(5)

    assert seen.index("other") <= 2
    assert len(seen) == 501


async def test_one_failing_update_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    async def handle(update: int) -> None:
        if update == 1:
            raise RuntimeError("my weight is 70 kg")

    lanes = Lanes(handle)
    for number in range(3):
        lanes.put("a", number, lambda number=number: done.append(number))
    await lanes.drain(5)

    assert done == [0, 1, 2]
    assert "RuntimeError" in caplog.text


async def test_who_steps_aside_lets_the_next_of_the_chat_begin() -> None:
    seen: list[int] = []
    go = asyncio.Event()

    async def handle(update: int) -> None:
        if update == 0:
            turn = current_turn()
            assert turn is not None
            turn.step_aside()
            await go.wait()
        seen.append(update)
        go.set()

    lanes = Lanes(handle)
    for number in range(2):
        lanes.put("a", number, lambda: None)
    await lanes.drain(5)

    assert seen == [1, 0]


async def test_what_is_cut_off_at_the_end_does_not_count_as_answered() -> None:
    done: list[int] = []

    async def handle(_: int) -> None:
        await asyncio.sleep(60)

    lanes = Lanes(handle)
    lanes.put("a", 0, lambda: done.append(0))
    lanes.put("a", 1, lambda: done.append(1))

    assert await lanes.drain(0.1) is False
    assert done == []


# -- fetching --------------------------------------------------------------------------------------------------------


async def test_an_update_is_confirmed_only_after_it_was_answered(
    server: Server, bot: Bot, requests: Requests
) -> None:
    go = asyncio.Event()

    async def handle(_: Update) -> None:
        await go.wait()

    fetcher, _, marks = fetcher_of(server, bot, requests, handle)
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    update = Person(server.emulator).says("hello")
    await until(lambda: server.emulator.handed_out.get(update["update_id"], 0) >= 3)
    held = list(server.emulator.updates)
    go.set()
    await until(lambda: not server.emulator.updates)
    stop.set()

    assert held == [update]
    assert await running is Ending.ASKED
    assert marks.marks == [mark_of(update)[0]]


async def test_while_one_chat_is_slow_others_are_heard(server: Server, bot: Bot, requests: Requests) -> None:
    heard: list[int] = []

    async def handle(update: Update) -> None:
        assert update.effective_chat is not None
        if update.effective_chat.id == slow.id:
            await asyncio.sleep(2)
        heard.append(update.effective_chat.id)

    slow, quick = Person(server.emulator), Person(server.emulator)
    fetcher, _, _ = fetcher_of(server, bot, requests, handle)
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    slow.says("hello")
    await asyncio.sleep(0.2)
    quick.says("hello")
    await until(lambda: quick.id in heard, 1.0)
    polls = server.polls
    await asyncio.sleep(1.0)
    stop.set()
    await running

    assert slow.id not in heard
    assert server.polls - polls < 15


async def test_an_update_delivered_twice_is_handled_once(
    server: Server, bot: Bot, requests: Requests
) -> None:
    heard: list[int] = []

    async def handle(update: Update) -> None:
        heard.append(update.update_id)

    fetcher, _, _ = fetcher_of(server, bot, requests, handle)
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    update = Person(server.emulator).says("hello")
    await until(lambda: heard)
    server.emulator.updates.append(update)
    server.emulator.woken()
    await asyncio.sleep(0.3)
    stop.set()
    await running

    assert heard == [update["update_id"]]


async def test_what_was_answered_before_a_crash_is_not_answered_again_but_confirmed(
    server: Server, bot: Bot, requests: Requests
) -> None:
    heard: list[int] = []

    async def handle(update: Update) -> None:
        heard.append(update.update_id)

    ana = Person(server.emulator)
    first, second = ana.says("one"), ana.says("two")
    fetcher, _, _ = fetcher_of(server, bot, requests, handle, Seen([mark_of(first)[0]]))
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    await until(lambda: not server.emulator.updates)
    stop.set()
    await running

    assert heard == [second["update_id"]]


def test_a_mark_knows_an_update_again_and_no_other() -> None:
    message = {"date": 1, "message_id": 2, "text": "secret"}
    mark, lasting = mark_of({"update_id": 5, "message": message})

    assert lasting
    assert mark == mark_of({"update_id": 5, "message": {**message, "text": "other words"}})[0]
    assert mark != mark_of({"update_id": 5, "message": {**message, "date": 3}})[0]
    assert mark_of({"update_id": 5, "inline_query": {"id": "1"}})[1] is False
    assert isinstance(mark_of({"update_id": 5, "message": "nonsense"})[0], int)


async def test_an_update_that_cannot_be_read_is_skipped_after_three_tries_unseen(
    server: Server, bot: Bot, requests: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[int] = []
    unread: list[Any] = []

    async def handle(update: Update) -> None:
        heard.append(update.update_id)

    ana = Person(server.emulator)
    poison = server.emulator.push(
        "message", {"date": "secret-words", "chat": ana.chat, "text": "my secret-words"}
    )
    good = ana.says("hello")
    fetcher, _, _ = fetcher_of(server, bot, requests, handle, unread=unread.append)
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    await until(lambda: not server.emulator.updates)
    stop.set()
    await running

    assert heard == [good["update_id"]]
    assert server.emulator.handed_out[poison["update_id"]] == 3
    assert unread == [poison]
    assert "cannot be read" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("nonsense", [None, 5, "x", [], {}, {"update_id": "7"}, {"update_id": None}])
async def test_what_is_no_update_at_all_is_passed_over(
    server: Server, bot: Bot, requests: Requests, nonsense: Any
) -> None:
    async def handle(_: Update) -> None:
        raise AssertionError

    _, inbox, _ = fetcher_of(server, bot, requests, handle)

    assert inbox.take(nonsense) is False
    assert inbox.open == {}


async def test_a_revoked_token_ends_the_fetching(server: Server, bot: Bot, requests: Requests) -> None:
    fetcher, _, _ = fetcher_of(server, bot, requests, None)
    server.breaks("error", "getUpdates", code=401, description="Unauthorized")

    assert await fetcher.run(asyncio.Event()) is Ending.REFUSED


@pytest.mark.parametrize(("settled", "times"), [(False, 4), (True, 5)])
async def test_five_conflicts_in_a_row_end_the_fetching_and_a_newcomer_leaves_one_earlier(
    server: Server, bot: Bot, requests: Requests, monkeypatch: pytest.MonkeyPatch, settled: bool, times: int
) -> None:
    monkeypatch.setattr("bot.transport.fetching.SETTLED_SECONDS", -1.0 if settled else 60.0)
    fetcher, _, _ = fetcher_of(server, bot, requests, None, conflict_wait=0.01)
    fault = server.breaks("error", "getUpdates", times=99, code=409, description="Conflict: terminated")

    assert await fetcher.run(asyncio.Event()) is Ending.CONFLICT
    assert fault.hits == times


async def test_a_webhook_left_from_an_earlier_run_is_taken_down_and_one_set_later_is_a_conflict(
    server: Server, bot: Bot, requests: Requests
) -> None:
    heard: list[int] = []

    async def handle(update: Update) -> None:
        heard.append(update.update_id)

    server.emulator.webhook = {"url": "https://bot.example.org"}
    fetcher, _, _ = fetcher_of(server, bot, requests, handle, conflict_wait=0.01)
    running = asyncio.create_task(fetcher.run(asyncio.Event()))
    Person(server.emulator).says("hello")
    await until(lambda: heard)
    taken_down = server.emulator.webhook is None
    server.emulator.webhook = {"url": "https://another.example.org"}
    server.emulator.woken()

    assert taken_down
    assert await running is Ending.CONFLICT
    assert server.emulator.webhook is not None


@pytest.mark.parametrize("kind", ["error", "cut", "garbage", "flood"])
async def test_fetching_goes_on_after(server: Server, bot: Bot, requests: Requests, kind: str) -> None:
    heard: list[int] = []

    async def handle(update: Update) -> None:
        heard.append(update.update_id)

    server.breaks(kind, "getUpdates", times=2, seconds=0)
    fetcher, _, _ = fetcher_of(server, bot, requests, handle)
    stop = asyncio.Event()
    running = asyncio.create_task(fetcher.run(stop))
    Person(server.emulator).says("hello")
    await until(lambda: heard)
    stop.set()

    assert await running is Ending.ASKED


# -- logs and figures ------------------------------------------------------------------------------------------------


def test_a_log_line_holds_no_token_no_words_of_an_exception_and_no_arguments_of_others() -> None:
    error = ValueError("my weight is 70 kg")
    info = (ValueError, error, None)
    ours = logging.LogRecord("bot.x", logging.ERROR, "f", 1, f"sent with {TOKEN}\nand more", None, info)
    theirs = logging.LogRecord("telegram.ext", logging.ERROR, "f", 1, "update %s", ("my secret",), info)
    for form in (Guarded(), Guarded(as_json=True)):
        for record in (ours, theirs):
            text = form.format(record)
            assert "\n" not in text
            assert all(word not in text for word in (TOKEN.split(":")[1], "secret", "70 kg"))
    assert "ValueError" in Guarded().format(ours)
    assert json.loads(Guarded(as_json=True).format(ours))["level"] == "error"


def test_a_token_is_taken_out_wherever_it_stands() -> None:
    assert (
        redacted(f"https://api.telegram.org/bot{TOKEN}/getMe") == "https://api.telegram.org/bot<token>/getMe"
    )


def test_other_libraries_stay_quiet_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging("debug")
        for name in ("telegram.Bot", "httpx", "aiohttp.client", "asyncio"):
            logging.getLogger(name).debug("a secret %s", "word")
            logging.getLogger(name).info("a secret %s", "word")
        logging.getLogger("bot").debug("ours")
    finally:
        root.handlers[:], root.level = before[0], before[1]
        logging.captureWarnings(False)
    said = capsys.readouterr().err

    assert "secret" not in said
    assert "ours" in said


async def test_figures_count_updates_topics_and_what_was_not_understood(server: Server) -> None:
    figures, health = Figures(), Health()
    with figures.update():
        current = line()
        current.kind, current.topic, current.chat = "answer", "headache", "group"
    with figures.update():
        line().kind = "not_understood"
    runner = await serve_figures(figures, health, "127.0.0.1", 0)
    import aiohttp

    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
        early = (await session.get("/readyz")).status
        health.heard()
        statuses = [(await session.get(path)).status for path in ("/healthz", "/readyz")]
        text = await (await session.get("/metrics")).text()
    await runner.cleanup()

    assert early == 503
    assert statuses == [200, 200]
    assert 'ivig_topics_total{topic="headache"} 1.0' in text
    assert "ivig_unanswered_total 1.0" in text


def test_ready_means_that_telegram_was_heard_lately() -> None:
    now = [0.0]
    health = Health(most_silent_seconds=90, clock=lambda: now[0])
    health.heard()
    now[0] = 89
    early = health.is_ready
    now[0] = 91

    assert (early, health.is_ready) == (True, False)
