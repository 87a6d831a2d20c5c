"""
The command line.

Each command loads only what it needs, so that `check` is done in a second and `ask` answers in two.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import __version__, assets

if TYPE_CHECKING:
    from bot.assembly import Assembly
    from bot.config import Settings
    from bot.matching import SentenceModel
    from bot.model import ChatKind, Reply

EXIT_OK = 0
EXIT_FAULTS = 1
EXIT_USAGE = 2
WITHOUT_TELEGRAM = """No TELEGRAM_BOT_TOKEN is set, so this chat runs here in the terminal.
To put the bot on Telegram: write to @BotFather there, send /newbot, and start again with
TELEGRAM_BOT_TOKEN=<the token it gives you>. `ivig-bot setup` shows every step.
"""
CHAT_HINT = "Type a question, a number to press a button, or an empty line (or Ctrl-D) to leave.\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    # Our sums are small: several threads only wait for each other, on a busy machine for a minute at a first start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = _parser().parse_args(arguments)
    # What is built at a start stays: searching it for garbage again and again takes a fifth of the time and finds none.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _guarded(options)
    finally:
        if collects:
            gc.enable()


def _guarded(options: argparse.Namespace) -> int:
    from bot.config import TokenProblem
    from bot.strictyaml import FaultyFiles

    try:
        code: int = options.run(options)
    except FaultyFiles as faulty:
        for problem in faulty.problems:
            print(problem, file=sys.stderr)
        return EXIT_FAULTS
    except TokenProblem as problem:
        print(f"ivig-bot: {problem}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader went away, as `| head` does
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ivig-bot",
        description="Sourced answers about IVIG in multiple sclerosis, and sums a person can check.",
        epilog="Without a command: Telegram if TELEGRAM_BOT_TOKEN is set, else a chat in this terminal.",
    )
    parser.add_argument("--version", action="version", version=f"ivig-bot {__version__}")
    parser.set_defaults(run=_default)
    commands = parser.add_subparsers(title="commands", metavar="")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    add("chat", _chat, "chat in this terminal; buttons are numbers")
    add("run", _run, "answer on Telegram: long polling, or a webhook where telegram.webhook.url is set")
    ask = add("ask", _ask, "answer one question, or JSON lines from standard input")
    ask.add_argument("question", nargs="*", help="the question; with --json and no question, lines are read")
    ask.add_argument("--json", action="store_true", help="print the reply as JSON")
    ask.add_argument("--chat", choices=("private", "group"), default="private", help="who can read the answer")
    ask.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="answer as on this day (to preview overdue reviews)")
    ask.add_argument("--country", metavar="CC", help="answer as for a person of this country, such as US or GB")
    check = add("check", _check, "every fault of the knowledge base and the configuration")
    check.add_argument("--schema", action="store_true", help="write the JSON schemas for editors")
    check.add_argument("--on", type=_day, metavar="YYYY-MM-DD", help="check as on this day")
    evaluate = add("evaluate", _evaluate, "scorecard: how well questions are understood and emergencies recognised")
    evaluate.add_argument("files", nargs="*", type=Path, help="question files or folders (default: tests/)")
    evaluate.add_argument("--json", action="store_true", help="print the scorecard as JSON")
    suggest = add("suggest", _suggest, "for questions that were not understood: the nearest topics")
    suggest.add_argument("file", type=Path, help="a file with one question a line, or - for standard input")
    page = add("review", _review, "one Markdown page of all topics with their sources, for a clinician to sign")
    page.add_argument("file", nargs="?", type=Path, help="where to write it (default: standard output)")
    add("setup", _setup, "what to do with BotFather step by step, and a check of what can be checked")
    unanswered = add("unanswered", _unanswered, "questions that were not understood, where the operator keeps them")
    unanswered.add_argument("--plain", action="store_true", help="only the questions, one a line")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-11-24") from None


def _settings() -> Settings:
    from bot.config import load_settings

    named = os.environ.get("IVIG_BOT_CONFIG")
    return load_settings(Path(named) if named else assets.default_config_file(), named or "config.yaml")


def _folder(settings: Settings) -> Path:
    return Path(settings.knowledge.folder) if settings.knowledge.folder else assets.knowledge_folder()


def _model_beside() -> Future[SentenceModel]:
    """The sentence model, which a second core loads while the first goes on with what is to be imported."""
    from bot.matching import SentenceModel  # here and not there: two that import at once wait for each other

    with_it = ThreadPoolExecutor(1)
    loading = with_it.submit(lambda: SentenceModel(assets.model_bytes(), assets.tokenizer_text()))
    with_it.shutdown(wait=False)
    return loading


def _assembly(
    settings: Settings,
    on_read: Callable[[], None] = lambda: None,
    on_preparing: Callable[[], None] = lambda: None,
    model: Future[SentenceModel] | None = None,
) -> Assembly:
    from datetime import timedelta

    model = model or _model_beside()
    from bot.assembly import Assembly

    def say_it_takes_a_moment() -> None:
        gc.enable()
        on_preparing()
        print("Preparing the answers; this takes some seconds the first time.", file=sys.stderr, flush=True)

    forget_after = timedelta(minutes=settings.conversation.forget_after_minutes)
    assembly = Assembly(_folder(settings), None, forget_after, say_it_takes_a_moment, on_read, model)
    assembly.settle()
    gc.enable()
    return assembly


def _default(options: argparse.Namespace) -> int:
    from bot.config import token

    if token() is not None:
        return _run(options)
    print(WITHOUT_TELEGRAM)
    return _chat(options)


# -- talking in the terminal -------------------------------------------------------------------------------------


def _chat(options: argparse.Namespace) -> int:
    from bot import render
    from bot.model import Question, State

    assembly = _assembly(_settings())
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    interactive = sys.stdin.isatty()
    width = _width()
    conversation = assembly.conversation
    state = State()
    preferences = Question(text="", now=datetime.now(UTC)).preferences
    if interactive:
        print(CHAT_HINT)
        reply = conversation.command("start", "", Question(text="", now=datetime.now(UTC)))
        state = reply.state
        print(render.terminal(reply, width, colour))
    else:
        reply = None
    while True:
        try:
            line = input("\nyou> " if interactive else "")
        except (EOFError, UnicodeDecodeError):
            break
        if not line.strip():
            if interactive:
                break
            continue
        question = Question(text=line, now=datetime.now(UTC), state=state, preferences=preferences)
        pressed = _pressed(line, reply)
        if pressed is not None:
            reply = conversation.press(pressed, question)
            if pressed.startswith("country-"):
                preferences = preferences.model_copy(update={"country": pressed.removeprefix("country-").upper()})
        elif line.startswith("/"):
            name, _, argument = line[1:].partition(" ")
            if name == "lowenergy":
                preferences = preferences.model_copy(update={"low_energy": not preferences.low_energy})
                messages = assembly.knowledge.messages
                print(messages.low_energy_on if preferences.low_energy else messages.low_energy_off)
                continue
            reply = conversation.command(name, argument, question)
        else:
            reply = conversation.reply(question)
        state = reply.state
        print("\n" + render.terminal(reply, width, colour))
        _save_attachment(reply)
    return EXIT_OK


def _width() -> int:
    try:
        return min(88, os.get_terminal_size().columns - 2)
    except OSError:
        return 88


def _pressed(line: str, reply: Reply | None) -> str | None:
    """The code of the button whose number was typed, or None where the line is no button of the last reply."""
    from bot import render

    if reply is None or not line.strip().isascii() or not line.strip().isdigit() or len(line.strip()) > 3:
        return None
    return next((button.code for number, button in render.numbered(reply) if number == int(line)), None)


def _save_attachment(reply: Reply) -> None:
    if reply.attachment is None:
        return
    path = Path(reply.attachment.name).name
    try:
        Path(path).write_bytes(reply.attachment.content)
        print(f"\n[saved {path}]")
    except OSError as error:
        print(f"\n[{path} could not be saved: {error.strerror}]")


def _ask(options: argparse.Namespace) -> int:
    from bot import render
    from bot.model import ChatKind

    words = " ".join(options.question)
    if options.json and not options.question:
        return _ask_lines(options)
    if not words:
        words = sys.stdin.read()
    reply = _one(_assembly(_settings()), words, ChatKind(options.chat), options)
    if options.json:
        print(render.json_line(render.as_json(reply, None)))
    else:
        print(render.terminal(reply, _width(), sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return EXIT_OK


def _one(assembly: Assembly, text: str, chat: ChatKind, options: argparse.Namespace) -> Reply:
    from bot.model import Preferences, Question

    now = datetime.now(UTC)
    if options.on:
        now = datetime(options.on.year, options.on.month, options.on.day, 12, tzinfo=UTC)
    country = options.country.upper() if options.country else None
    question = Question(text=text, chat=chat, now=now, preferences=Preferences(country=country))
    return assembly.conversation.reply(question)


def _ask_lines(options: argparse.Namespace) -> int:
    from bot import render

    assembly = _assembly(_settings())
    for raw in sys.stdin.buffer:
        if not raw.strip():
            continue
        identifier: Any = None
        try:
            line = json.loads(raw)
            identifier = line.get("id") if isinstance(line, dict) else None
            text, chat = _read_line(line, options.chat)
            answer = render.as_json(_one(assembly, text, chat, options), identifier)
        except (ValueError, RecursionError) as error:
            answer = {"id": identifier, "error": _one_line(error)}
        print(render.json_line(answer), flush=True)
    return EXIT_OK


def _read_line(line: Any, chat: str) -> tuple[str, ChatKind]:
    """The text and chat of one line; raises ValueError saying what is wrong with it."""
    from bot.model import ChatKind

    if not isinstance(line, dict):
        raise ValueError("a line holds one JSON object")  # noqa: TRY004 -- reported like every other fault of a line
    text = line.get("text")
    if not isinstance(text, str):
        raise ValueError('"text" is missing or not text')  # noqa: TRY004
    named = line.get("chat", chat)
    if named not in ("private", "group"):
        raise ValueError('"chat" is "private" or "group"')
    return text, ChatKind(named)


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


# -- for editors -------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    from bot.knowledge import load
    from bot.knowledge.schema import write_schemas
    from bot.review import lines, report
    from bot.strictyaml import FaultyFiles

    problems = []
    settings = None
    try:
        settings = _settings()
    except FaultyFiles as faulty:
        problems.extend(faulty.problems)
    folder = _folder(settings) if settings else assets.knowledge_folder()
    if options.schema:
        for path in write_schemas(folder / "schema"):
            print(path)
        return EXIT_OK
    today = options.on or datetime.now(UTC).date()
    knowledge = None
    try:
        knowledge = load(folder, today, for_editors=True)
    except FaultyFiles as faulty:
        problems.extend(faulty.problems)
    if problems or knowledge is None:
        for problem in sorted(problems):
            print(problem)
        print(f"{len(problems)} {'fault' if len(problems) == 1 else 'faults'}")
        return EXIT_FAULTS
    for line in lines(report(knowledge, today)):
        print(line)
    print("no faults")
    return EXIT_OK


def _evaluate(options: argparse.Namespace) -> int:
    from bot import evaluation

    assembly = _assembly(_settings())
    paths = options.files or [_tests_folder()]
    try:
        scorecard = evaluation.evaluate(assembly.conversation, paths)
        triage = _triage_figures(assembly, paths)
    except OSError as error:
        print(f"ivig-bot: {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    if options.json:
        print(json.dumps({**scorecard.as_dict(), "triage": triage}, ensure_ascii=False, indent=2))
        return EXIT_OK
    print(scorecard.as_text())
    for name, lines in triage.items():
        print(f"triage, {name} cases")
        for line in lines:
            print(f"  {line}")
    return EXIT_OK


def _triage_figures(assembly: Assembly, paths: Sequence[Path]) -> dict[str, list[str]]:
    """The triage scorecard over every file of triage cases below the paths, open ones and those set aside."""
    import time

    from bot.strictyaml import FaultyFiles, read_file, validate
    from bot.triage.scorecard import CaseFile, TriageCase, triage_scorecard

    cases: list[TriageCase] = []
    for path in paths:
        files = sorted(path.rglob("triage/*.yaml")) if path.is_dir() else [path] if path.parent.name == "triage" else []
        for file in files:
            document = read_file(file, str(file))
            found = validate(CaseFile, document)
            if found is None:
                raise FaultyFiles(document.problems)
            cases += found.cases()
    if not cases:
        return {}
    triage = assembly.conversation.triage
    spent = []
    for case in cases:
        started = time.perf_counter()
        triage.assess(case.text)
        spent.append(1000 * (time.perf_counter() - started))
    spent.sort()
    figures = {name: list(card.lines()) for name, card in triage_scorecard(triage, cases).items() if card.outcomes}
    figures["timed"] = [f"one message: p50 {spent[len(spent) // 2]:.2f} ms, p99 {spent[int(0.99 * len(spent))]:.2f} ms"]
    return figures


def _tests_folder() -> Path:
    beside = Path(__file__).resolve().parent.parent / "tests"
    return beside if beside.is_dir() else Path("tests")


def _suggest(options: argparse.Namespace) -> int:
    from bot import evaluation

    try:
        text = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"ivig-bot: {options.file}: cannot be read ({type(error).__name__})", file=sys.stderr)
        return EXIT_USAGE
    questions = [line.strip() for line in text.splitlines() if line.strip()]
    for line in evaluation.suggestions(_assembly(_settings()).conversation, questions):
        print(line)
    return EXIT_OK


def _review(options: argparse.Namespace) -> int:
    from bot.assembly import today
    from bot.knowledge import load
    from bot.review import page

    text = page(load(_folder(_settings()), today()))
    if options.file is None:
        sys.stdout.write(text)
        return EXIT_OK
    try:
        options.file.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"ivig-bot: {options.file}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    return EXIT_OK


# -- on Telegram -------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    import asyncio

    from bot.config import token

    settings = _settings()
    secret = token()
    if secret is None:
        print("ivig-bot: TELEGRAM_BOT_TOKEN is not set; `ivig-bot setup` shows how to get a token", file=sys.stderr)
        return EXIT_USAGE
    model = _model_beside()
    from bot import handlers

    asked: list[Future[dict[str, Any] | None]] = []
    with ThreadPoolExecutor(1) as beside:

        def ask() -> None:
            """Nothing is sent before the knowledge is known to be whole; then this goes on while the rest is built."""
            if not asked:
                asked.append(beside.submit(lambda: asyncio.run(handlers.introduced(settings, secret))))

        def wait() -> None:
            """A wrong token is said before the slow part of a first start."""
            asked[0].result()

        try:
            assembly = _assembly(settings, ask, wait, model)
            me = asked[0].result()
        except handlers.Refused:
            return EXIT_USAGE
    try:
        import uvloop
    except ImportError:  # not on Windows
        return asyncio.run(handlers.run(settings, secret, assembly, me))
    return uvloop.run(handlers.run(settings, secret, assembly, me))


def _setup(options: argparse.Namespace) -> int:
    import asyncio

    from bot import handlers
    from bot.config import token

    return asyncio.run(handlers.setup(_settings(), token()))


def _unanswered(options: argparse.Namespace) -> int:
    from bot.unanswered import CannotBeRead, Unanswered

    settings = _settings().unanswered
    try:
        kept = Unanswered(Path(settings.path), settings.days).all()
    except CannotBeRead as problem:
        print(f"ivig-bot: {problem}", file=sys.stderr)
        return EXIT_FAULTS
    if options.plain:
        for question in kept:
            print(question.text)
        return EXIT_OK
    for question in kept:
        print(f"{question.times:>4} ×  last {question.last:%Y-%m-%d}  {question.text}")
    if not settings.keep:
        print("Questions that are not understood are not kept. unanswered.keep in config.yaml switches it on.")
    elif not kept:
        print("Nothing yet.")
    else:
        print("\nThe topics nearest to each: ivig-bot unanswered --plain | ivig-bot suggest -")
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
