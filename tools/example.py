"""
What does the bot say to the example of README.md.

    python tools/example.py           writes the answers of today into README.md
    python tools/example.py --check   exit code 1 where README.md shows something else

The questions are the lines that begin with "you>"; each follows the one before, as in a chat.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.assembly import Assembly
from bot.conversation import Conversation
from bot.model import Question, State
from bot.render import terminal

PAGE = Path(__file__).resolve().parent.parent / "README.md"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

_SHOWN = re.compile(r"(?<=<!-- sample -->\n\n```text\n).*?(?=```\n\n<!-- end of sample -->)", re.DOTALL)
_TYPED = re.compile(r"^you> (.*)$", re.MULTILINE)


def exchange(conversation: Conversation, typed: list[str]) -> str:
    """A chat in a terminal, without the buttons."""
    state = State()
    said = []
    for text in typed:
        reply = conversation.reply(Question(text=text, now=NOON, state=state))
        state = reply.state
        said.append(f"you> {text}\n\n{terminal(reply.model_copy(update={'buttons': ()}))}\n")
    return "\n".join(said)


def renewed(page: str, conversation: Conversation) -> str:
    """The page with the answers of today."""
    shown = _SHOWN.search(page)
    if shown is None:
        raise ValueError(f"{PAGE.name} lacks the example between its two marks")
    said = exchange(conversation, _TYPED.findall(shown[0]))
    return page[: shown.start()] + said + page[shown.end() :]


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = renewed(page, Assembly().conversation)
    if arguments == ["--check"]:
        if page != wanted:
            sys.stderr.write(f"{PAGE.name} shows other answers; run python tools/example.py\n")
        return int(page != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
