"""
Which questions does one message hold, and is it a follow-up or a correction of what was said before?

May not know topics.
"""

from __future__ import annotations

import re

from bot.text import Cleaned, sentences, words

_MOST_PARTS = 4
_SHORTEST_PART_WORDS = 2

_ASKING = (
    "what|what's|whats|why|how|how's|when|where|which|who|whom|can|could|should|shall|is|are|am|do|does|did|will|would|"
    "may|must|has|have"
)
_JOINT = re.compile(
    rf"(?:,|;|\s-)?\s{{1,4}}(?:and also|and then|and|also|plus|but also|but|as well as)\s+(?=(?:{_ASKING})\b)"
    rf"|,\s+(?=(?:{_ASKING})\b)|\s{{1,4}}(?:&|\+)\s+(?=(?:{_ASKING})\b)"
)
_CORRECTION = re.compile(
    r"^(?:(?:no+|nope|nah|not that|not this|wrong|sorry|oops|actually|that's not (?:it|what i (?:meant|asked|mean))|"
    r"thats not (?:it|what i (?:meant|asked|mean))|not what i (?:meant|asked))[\s,.!:;-]+)*"
    r"(?:i (?:meant|mean|was asking|am asking|asked)(?: about| for)?|i'm asking about|what i meant (?:was|is)|"
    r"i wanted to know(?: about)?|my question (?:was|is)(?: about)?|rather)[\s,:]+(?=\S)"
)
_PLAIN_NO = re.compile(
    r"^(?:no+|nope|nah|not that|not this|wrong|that's not it|that's not what i (?:meant|asked))[\s,.!:;-]+(?=\S)"
)
_FOLLOWING = re.compile(
    r"^(?:and|but|so|ok|okay|then|also|what about|how about|and what about|why|how come|how long|how much|how often|"
    r"how many|how|when|where|which|who|what then|what if|is it|is that|does it|does that|will it|can it|since when|"
    r"for how long|until when|really|are they|is there|even)\b"
)
_LONGEST_FOLLOW_UP_WORDS = 6


def parts_of(cleaned: Cleaned) -> tuple[str, ...]:
    """The questions of a message in order, one at least; a part that is too short joins the one before."""
    found: list[str] = []
    for sentence in sentences(cleaned):
        start = 0
        pieces: list[str] = []
        for joint in _JOINT.finditer(sentence.text):
            pieces.append(sentence.text[start : joint.start()])
            start = joint.end()
        pieces.append(sentence.text[start:])
        for piece in pieces:
            piece = piece.strip(" ,;-")
            if not piece:
                continue
            if found and len(words(piece)) < _SHORTEST_PART_WORDS:
                found[-1] = f"{found[-1]} {piece}"
            else:
                found.append(piece)
    if len(found) > _MOST_PARTS:
        found = [*found[: _MOST_PARTS - 1], " ".join(found[_MOST_PARTS - 1 :])]
    return tuple(found)


def correction_in(text: str, has_context: bool) -> str | None:
    """What was meant instead ("no, I meant the cost" gives "the cost"), or None when this corrects nothing."""
    for pattern in (_CORRECTION, _PLAIN_NO) if has_context else (_CORRECTION,):
        found = pattern.match(text)
        if found and (has_context or found.group().startswith(("no", "sorry", "i meant", "wrong", "not"))):
            return text[found.end() :]
    return None


def is_follow_up(text: str) -> bool:
    """Whether a message is so short and open that it leans on the one before ("why?", "and for kids?")."""
    count = len(words(text))
    return 0 < count <= 2 or (count <= _LONGEST_FOLLOW_UP_WORDS and _FOLLOWING.match(text) is not None)
