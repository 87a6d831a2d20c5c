"""
What has a person given so far towards a sum?

May not know wording, files, Telegram, or the clock. Pieces turn into plain values and back, since a state keeps no
other, and a plain value that cannot be read back is dropped: it comes from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.quantities import Quantity

_LONGEST_NUMBER = 24


@dataclass(frozen=True, slots=True)
class Pieces:
    """
    The pieces of a sum; None where one was not given.

    `weight` kg, lb or st · `dose` g/kg, mg/kg, g/lb or g · `spread` True where the dose is shared over the days ·
    `interval` day, week, month, year · `price` money:<currency>/g · `bill` money for one infusion ·
    `share_percent` what is left to the person · `payer` whose published rule says it · `rate` any rate ·
    `wants` what was asked for · `confirmed` what was asked back and said yes to.
    """

    weight: Quantity | None = None
    dose: Quantity | None = None
    days: int | None = None
    spread: bool | None = None
    interval: Quantity | None = None
    price: Quantity | None = None
    bill: Quantity | None = None
    product: str | None = None
    strength: Quantity | None = None
    height: Quantity | None = None
    sex: str | None = None
    age: int | None = None
    pregnant: bool | None = None
    first_day: date | None = None
    last_day: date | None = None
    region: str | None = None
    infusions: int | None = None
    share_percent: Quantity | None = None
    deductible: Quantity | None = None
    cap: Quantity | None = None
    payer: str | None = None
    rate: Quantity | None = None
    volume: Quantity | None = None
    drop_factor: Quantity | None = None
    regimen: str | None = None
    other_days: int | None = None
    wants: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()

    def merged(self, newer: Pieces) -> Pieces:
        """These pieces with the newer ones laid over them; wants are those of the newer where it has any."""
        changes = {
            field.name: value for field in fields(newer) if (value := getattr(newer, field.name)) not in (None, ())
        }
        if "confirmed" in changes:
            changes["confirmed"] = tuple(dict.fromkeys((*self.confirmed, *newer.confirmed)))
        return replace(self, **changes)

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the pieces that are there, without wants."""
        names = (field.name for field in fields(self) if field.name not in ("wants", "confirmed"))
        return tuple(name for name in names if getattr(self, name) is not None)

    def plain(self) -> dict[str, Any]:
        """Plain values that stand for the pieces."""
        return {
            field.name: _plain(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) not in (None, ())
        }


def _plain(value: Any) -> Any:
    match value:
        case Quantity():
            return [str(value.value), value.unit]
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def pieces_of(values: Mapping[str, Any]) -> Pieces:
    """The pieces that plain values stand for; what cannot be read is left out."""
    found: dict[str, Any] = {}
    for field in fields(Pieces):
        value = _piece(str(field.type), values.get(field.name))
        if value is not None:
            found[field.name] = value
    return Pieces(**found)


def _piece(kind: str, value: Any) -> Any:
    if kind.startswith("Quantity"):
        return quantity_of(value)
    if kind.startswith("tuple"):
        return tuple(str(each) for each in value) if isinstance(value, list | tuple) else None
    if kind.startswith("date"):
        try:
            return date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None
    if kind.startswith("bool"):
        return value if isinstance(value, bool) else None
    if kind.startswith("int"):
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return value if isinstance(value, str) else None


def quantity_of(value: Any) -> Quantity | None:
    """The quantity that a pair of number and unit stands for, or None."""
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(isinstance(each, str) for each in value):
        return None
    return quantity_from(value[0], value[1])


def quantity_from(number: str, unit: str) -> Quantity | None:
    """A quantity from a plain number in digits; nothing else is accepted, and nothing too long."""
    plain = number.removeprefix("-")
    if len(number) > _LONGEST_NUMBER or not plain.replace(".", "", 1).isdecimal() or not plain.isascii():
        return None
    try:
        return Quantity(Decimal(number), unit)
    except InvalidOperation:
        return None
