"""What Telegram accepts as a text: which tags, how nested, how long once they are taken out."""

import html
from html.parser import HTMLParser

TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.plain = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ValueError(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"can't parse entities: Unmatched end tag {tag}")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise ValueError('can\'t parse entities: Unsupported start tag ""')
        self.plain += data

    def handle_entityref(self, name: str) -> None:
        self.plain += html.unescape(f"&{name};") if name in ("lt", "gt", "amp", "quot") else f"&{name};"

    def handle_charref(self, name: str) -> None:
        self.plain += html.unescape(f"&#{name};")


def read(text: str, mode: str | None) -> str:
    """The text a person reads; raises ValueError with Telegram's words where it would be refused."""
    if mode != "HTML":
        return text.strip()
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise ValueError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1]}\""
        )
    return reader.plain.strip()
