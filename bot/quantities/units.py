"""
Which unit stands here, in whatever spelling, and what does it measure?

May not know numbers, nor what the amounts are amounts of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.quantities.amounts import Kind
from bot.quantities.tokens import Token

_SPELLINGS = {
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos kgm kgms",
    "g": "g gm gms gr gram grams gramm gramme grammes grs",
    "mg": "mg mgs mgm milligram milligrams milligramme milligrammes milligramm",
    "mcg": "mcg ug microgram micrograms microgramme microgrammes",
    "lb": "lb lbs pound pounds lbm",
    "st": "stone stones st",
    "oz": "oz ounce ounces",
    "mL": "ml mls millilitre millilitres milliliter milliliters cc ccs",
    "dL": "dl decilitre decilitres deciliter deciliters",
    "L": "l litre litres liter liters",
    "cm": "cm cms centimetre centimetres centimeter centimeters",
    "m": "m metre metres meter meters",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "ft": "ft foot feet",
    "in": "inch inches",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
    "day": "d day days dy dys",
    "week": "w wk wks week weeks",
    "month": "mo mos mth mths month months mnth mnths",
    "year": "y yr yrs year years",
    "gtt": "gtt gtts drop drops",
    "infusion": "infusion infusions treatment treatments session sessions dose doses visit visits cycle cycles",
}
UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}
# Alone these letters are more often a word, a name or an abbreviation than a unit.
_ONLY_GLUED = frozenset(("l", "m", "d", "w", "y"))
_JOINED = {
    "mgkg": ("mg", "kg"), "gkg": ("g", "kg"), "mlh": ("mL", "h"), "mlhr": ("mL", "h"), "mlkgh": ("mL", "kg", "h"),
    "mgkgmin": ("mg", "kg", "min"), "mgml": ("mg", "mL"), "mgkgday": ("mg", "kg", "day"),
}  # fmt: skip
_PER = frozenset(("/", "per", "pro", "each", "every", "p"))
_BODY = frozenset(("body", "bodyweight", "weight", "bw", "b", "lean"))
_A_DAY = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year", "hourly": "h"}
_MASSES = frozenset(("kg", "g", "mg", "mcg", "lb", "st", "oz"))
_SMALL_MASSES = frozenset(("g", "mg", "mcg"))
_BODY_MASSES = frozenset(("kg", "lb", "st"))
_VOLUMES = frozenset(("mL", "dL", "L"))
_CLOCK = frozenset(("min", "h"))
_COUNTED_BY = frozenset(("day", "week", "month", "year", "infusion"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as read: its parts joined with "/", what it measures, what it is counted by, the place behind it."""

    text: str
    kind: Kind
    per: str
    end: int


def _word(found: Sequence[Token], place: int) -> str:
    return found[place].text if 0 <= place < len(found) else ""


def _after_body(found: Sequence[Token], place: int) -> int:
    """Past "of body weight", "bw", "body-weight"."""
    start = place
    if _word(found, place) == "of":
        place += 1
    if _word(found, place) in ("my", "your", "the"):
        place += 1
    moved = False
    for _ in range(3):
        if _word(found, place) in _BODY or (moved and _word(found, place) == "-"):
            place, moved = place + 1, True
    return place if moved else start


def _denominator(found: Sequence[Token], place: int, numerator: str) -> tuple[str, int] | None:
    """The unit behind "/", "per", "a", "each"; None where no denominator follows. "" where it is no unit we know."""
    word = _word(found, place)
    if word in _A_DAY:
        return _A_DAY[word], place + 1
    if word in _PER or word in ("a", "an"):
        following = place + 1
        if word != "/" and _word(found, following) in ("single", "one"):
            following += 1
        unit = UNIT_OF.get(_word(found, following))
        if unit is not None:
            return unit, following + 1
        is_number = following < len(found) and found[following].kind in ("number", "fraction")
        return ("", following) if word in ("/", "per") and not is_number else None
    if word in ("kg", "kilo", "kilos") and numerator in _SMALL_MASSES:
        return "kg", place + 1
    # 1 g-kg and 1 g.kg-1 are other ways to write the stroke.
    behind = _word(found, place + 1)
    if word in ("-", ".") and behind in ("kg", "kilo") and numerator in _SMALL_MASSES and found[place + 1].glued:
        return "kg", place + 2
    return None


def unit_at(found: Sequence[Token], place: int) -> Unit | None:
    """The unit that begins at this token, with all that it is counted by, or None."""
    word = _word(found, place)
    if not word or found[place].kind != "word":
        return None
    if word in _JOINED:
        parts = list(_JOINED[word])
        end = place + 1
    else:
        first = UNIT_OF.get(word)
        if first is None or (word in _ONLY_GLUED and not found[place].glued and _word(found, place + 1) != "/"):
            return None
        parts, end = [first], place + 1
    for _ in range(3):
        further = _denominator(found, end, parts[-1])
        if further is None:
            break
        parts.append(further[0])
        end = further[1]
        if parts[-1] == "kg":
            end = _after_body(found, end)
        if parts[-1] == "":
            return Unit("/".join(parts), Kind.OTHER, "", end)
    return _classified(parts, end)


def _classified(parts: list[str], end: int) -> Unit:
    per = ""
    if len(parts) > 1 and parts[-1] in _COUNTED_BY:
        per = parts.pop()
    if len(parts) > 1 and parts[-1] in _COUNTED_BY:
        return Unit("/".join(parts), Kind.OTHER, per, end)
    return Unit("/".join(parts), _kind(parts), per, end)


def _kind(parts: list[str]) -> Kind:
    first, rest = parts[0], tuple(parts[1:])
    is_mass, is_volume = first in _MASSES, first in _VOLUMES
    by_weight = bool(rest) and rest[0] in _BODY_MASSES
    by_clock = len(rest) == 2 and rest[1] in _CLOCK
    kind = Kind.OTHER
    if not rest:
        kind = _KIND_OF_SINGLE.get(first, Kind.OTHER)
    elif by_weight and len(rest) == 1:
        kind = Kind.MASS_PER_MASS if first in _SMALL_MASSES else Kind.VOLUME_PER_MASS if is_volume else Kind.OTHER
    elif by_weight and by_clock:
        kind = Kind.VOLUME_RATE_PER_MASS if is_volume else Kind.OTHER
        kind = Kind.MASS_RATE_PER_MASS if first in _SMALL_MASSES else kind
    elif is_volume and len(rest) == 1 and rest[0] in _CLOCK:
        kind = Kind.VOLUME_RATE
    elif is_mass and len(rest) == 1 and rest[0] in _VOLUMES:
        kind = Kind.CONCENTRATION
    elif first == "gtt" and rest == ("min",):
        kind = Kind.DROP_RATE
    elif first == "gtt" and rest == ("mL",):
        kind = Kind.DROP_FACTOR
    return kind


_KIND_OF_SINGLE = {
    **dict.fromkeys(_MASSES, Kind.MASS),
    **dict.fromkeys(_VOLUMES, Kind.VOLUME),
    **dict.fromkeys(("cm", "m", "mm", "ft", "in"), Kind.LENGTH),
    **dict.fromkeys(("min", "h", "day", "week", "month", "year"), Kind.DURATION),
    "infusion": Kind.COUNT,
    "gtt": Kind.OTHER,
}
