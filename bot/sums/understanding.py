"""
Which pieces of a sum does a message give, which of them are open to two readings, and is it a sum at all?

May not know wording that is said back, files, Telegram, or the clock (the day is handed in).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from bot.dosing.tables import Product
from bot.model import Region
from bot.quantities import Day, Doubt, Found, Kind, Quantity, Reading, read
from bot.sums import cues
from bot.sums.pieces import Pieces

_BODY_UNITS = frozenset(("kg", "lb", "st", "st lb"))
_INSTEAD = re.compile(r"[ ,]*(?:instead of|rather than|not)\b")
_SPREADING = re.compile(r"\b(?:divided|split|shared|spread|in total|altogether|total of)\b")
_EACH_DAY = re.compile(r"\b(?:a day|per day|daily|each day|every day|/d|/day|on each)\b")
_FEMALE = re.compile(r"\b(?:woman|female|lady|girl|she|her|wife|mum|mom|mother|sister|daughter)\b")
_MALE = re.compile(r"\b(?:man|male|guy|boy|he|his|him|husband|dad|father|brother|son)\b")
_IS_YOUNG = re.compile(
    r"\b(?:daughter|son|child|kid|boy|girl|grandson|granddaughter|niece|nephew) (?:is|aged|who is) (1?\d)\b"
    r"(?! ?(?:kg|kilo|lb|pound|st|cm|g\b|mg))"
)
_SAYS_AN_AGE = re.compile(r"\b(?:i'm|im|i am|she's|shes|she is|he's|hes|he is|turned|turning) (?:just |only |now )?$")
_ADULT_AGE, _OLDEST = 18, 130
_PREGNANT = re.compile(r"\b(?:pregnant|pregnancy|expecting)\b")
_STRENGTH_WORDS = re.compile(r"\b(?:solution|strength|concentration|liquid|product)\b")
_SHARE_WORDS = re.compile(
    r"\b(?:pay|paying|copay|co-pay|coinsurance|deductible|share|part|insur\w*|medicare|covers?|out of)\b"
)
_COVERS = re.compile(
    r"\b(?:insur\w+|medicare|plan|they|it)\b(?:(?!\b(?:i|we|you)\b).){0,20}\b(?:covers?|pays?|paying|cover)\b"
)
_CAP = re.compile(r"\b(?:cap|capped|max|maximum|limit|out-of-pocket|out of pocket|at most)\b")
_OF_AN_INFUSION = re.compile(r"\b(?:infusions?|ivig|last|latest|had|got|dose|course|drip)\b")
_FIRST = re.compile(r"\b(?:starts?|starting|begins?|beginning|first|from)\b")
_MOST_DAYS = 60
_MOST_SUMS_OF_MONEY = 8  # more than anybody types in one sum; each is looked at with the words around it
_REGIONS: tuple[tuple[str, Region], ...] = (
    (r"\b(?:us|usa|america|american|united states)\b", "us"), (r"\b(?:australia|australian)\b", "au"),
    (r"\b(?:europe|european|eu)\b", "eu"), (r"\b(?:uk|britain|england|scotland|wales|united kingdom)\b", "uk"),
    (r"\b(?:canada|canadian|ontario)\b", "ca"), (r"\b(?:ireland|irish)\b", "ie"), (r"\b(?:new zealand|nz)\b", "nz"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Open:
    """A piece that can be read in more than one way, with its readings and why."""

    piece: str
    readings: tuple[Quantity, ...]
    doubt: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message gives: clear pieces, open ones, and what was read but cannot be used."""

    text: str
    pieces: Pieces
    open: tuple[Open, ...]
    broken: tuple[str, ...]
    numbers: tuple[Quantity, ...]
    unused: tuple[Quantity, ...] = ()

    @property
    def has_pieces(self) -> bool:
        """Whether anything for a sum was found."""
        return bool(self.pieces.given or self.open)


def for_first_day(got: Understood) -> Understood:
    """The same with its date as that of the first infusion, where that was asked for: "3 Nov 2026"."""
    if got.pieces.first_day is not None:
        return got
    opened = tuple(replace(each, piece="first_day") if each.piece == "last_day" else each for each in got.open)
    broken = tuple("first_day" if each == "last_day" else each for each in got.broken)
    pieces = replace(got.pieces, first_day=got.pieces.last_day, last_day=None)
    return replace(got, pieces=pieces, open=opened, broken=broken)


def understood(text: str, products: Sequence[Product], today: date, region: str | None = None) -> Understood:
    """The pieces that a message gives."""
    return _Understanding(read(text), products, today, region).run()


class _Understanding:
    def __init__(self, reading: Reading, products: Sequence[Product], today: date, region: str | None) -> None:
        self.reading = reading
        self.text = reading.text
        self.products = products
        self.today = today
        self.region = region
        self.open: list[Open] = []
        self.broken: list[str] = []
        self.pieces = Pieces()
        self._used: set[tuple[int, int]] = set()
        self._sizes = {size for product in products for vials in product.vials for size in vials.sizes_g}

    def run(self) -> Understood:
        weights, doses = self._masses()
        self._weight(weights)
        self._dose(doses)
        self._days()
        self._money()
        self._body()
        self._rates()
        self._dates()
        product = self._product()
        wants = cues.wants_of(self.text)
        self.pieces = replace(self.pieces, product=product, wants=wants)
        numbers = tuple(found.readings[0] for found in self.reading.of(Kind.NUMBER) if found.is_clear)
        return Understood(self.text, self.pieces, tuple(self.open), tuple(self.broken), numbers, self._unused())

    def _unused(self) -> tuple[Quantity, ...]:
        """Numbers and lengths of time that were read and belong to no piece: nothing typed is dropped in silence."""
        found = self.reading.of(Kind.NUMBER, Kind.DURATION, Kind.INTERVAL, Kind.COUNT)
        left = [each for each in found if each.is_clear and each.role != "ago" and self._place(each) not in self._used]
        return tuple(dict.fromkeys(each.readings[0] for each in left))

    @staticmethod
    def _place(found: Found) -> tuple[int, int]:
        return found.start, found.end

    def _set(self, **values: object) -> None:
        self.pieces = replace(self.pieces, **values)  # type: ignore[arg-type]

    def _take(self, piece: str, found: Found, readings: tuple[Quantity, ...] | None = None) -> None:
        """A clear amount becomes a piece, an unclear one a question, a broken one a refusal."""
        readings = found.readings if readings is None else readings
        if found.doubt == Doubt.BROKEN or not readings:
            self.broken.append(piece)
        elif found.doubt is None:
            self._set(**{piece: readings[0]})
        else:
            self.open.append(Open(piece, readings[:4], found.doubt.value))

    def _around(self, found: Found, width: int = 28) -> tuple[str, str]:
        return self.text[max(0, found.start - width) : found.start], self.text[found.end : found.end + width]

    # -- weight and dose -----------------------------------------------------------------------------------------

    def _masses(self) -> tuple[list[Found], list[Found]]:
        """Masses of bodies, and masses that may be doses."""
        weights: list[Found] = []
        doses: list[Found] = list(self.reading.of(Kind.MASS_PER_MASS))
        for found in self.reading.of(Kind.MASS):
            unit = found.readings[0].unit if found.readings else ""
            if unit in _BODY_UNITS or not found.readings:
                if not cues.is_not_a_weight(*self._around(found)):
                    weights.append(found)
            elif unit in ("g", "mg") and not self._is_a_bottle(found):
                doses.append(found)
            elif unit == "g" and found.is_clear and found.quantity.value not in self._sizes:
                # "Octagam, 28 g bottles": no bottle holds that, so it is the dose.
                doses.append(found)
        return weights, sorted(doses, key=lambda found: found.start)

    def _is_a_bottle(self, found: Found) -> bool:
        following = cues.words_of(self._around(found)[1])[:1]
        return following in (["bottle"], ["bottles"], ["vial"], ["vials"])

    def _weight(self, weights: list[Found]) -> None:
        distinct = {(found.readings, found.doubt): found for found in weights}
        clear = [found for found in distinct.values() if found.is_clear]
        if len(clear) > 1 and not self._same_weight(clear):
            self.open.append(Open("weight", tuple(found.readings[0] for found in clear[:4]), "several"))
        elif clear:
            self._take("weight", clear[0])
            if clear[0].per in ("week", "month"):  # "1 g/kg at 70 kg monthly": it is the infusion that comes monthly
                self._set(interval=Quantity(Decimal(1), clear[0].per))
        elif distinct:
            self._take("weight", next(iter(distinct.values())))

    def _same_weight(self, clear: list[Found]) -> bool:
        """70 kg (154 lb) is one weight said twice."""
        kilograms = [found.readings[0].to("kg").value for found in clear]
        return max(kilograms) - min(kilograms) <= Decimal("0.6")

    def _dose(self, doses: list[Found]) -> None:
        by_weight = [found for found in doses if found.kind == Kind.MASS_PER_MASS]
        flat = [found for found in doses if found.kind == Kind.MASS]
        chosen = by_weight or flat
        if not chosen:
            strange = [found.readings[0].unit for found in self.reading.of(Kind.OTHER) if found.readings]
            if self.pieces.weight is not None and any(unit.startswith(("g/", "mg/")) for unit in strange):
                self.broken.append("dose")  # g/m, g/5: an amount in a unit that no dose has
            return
        found = chosen[0]
        if by_weight and flat and found.is_clear and flat[0].is_clear:
            if self._contradict(found, flat[0]):
                self.open.append(Open("dose", (found.readings[0], flat[0].readings[0]), "several"))
                return
            # "90 g for 200 lb, is that 1 g/kg?": the grams, whose line ends with the dose per kilogram.
            found, chosen = flat[0], flat
        others = {each.readings for each in chosen if each.is_clear} - {found.readings}
        if found.is_clear and others and not self._replaces(found):
            readings = tuple(dict.fromkeys(each.readings[0] for each in chosen if each.is_clear))
            self.open.append(Open("dose", readings[:4], "several"))
        else:
            self._take("dose", found)
        if found.per in ("week", "month") and self.pieces.interval is None:
            self._set(interval=Quantity(Decimal(1), found.per))

    def _replaces(self, found: Found) -> bool:
        """ "1 g/kg instead of 0.4 g/kg": the first is the one that is meant."""
        return _INSTEAD.match(self.text[found.end :]) is not None

    def _contradict(self, by_weight: Found, flat: Found) -> bool:
        """Whether a dose per kilogram and one in grams are not the same at the weight."""
        if self.pieces.weight is None:
            return True
        dose, grams = by_weight.quantity, flat.quantity.to("g").value
        by_kg = self.pieces.weight.to("kg").value * dose.to("g/kg").value
        return abs(by_kg - grams) > max(by_kg, grams) / 50

    # -- days and intervals --------------------------------------------------------------------------------------

    def _days(self) -> None:
        for found in self.reading.of(Kind.INTERVAL):
            if found.doubt is None and found.readings[0] == Quantity(Decimal(1), "day"):
                self._used.add(self._place(found))
                continue
            if self._asks_for_a_total(found):
                self._used.add(self._place(found))
                continue
            if found.readings and found.readings[0].value <= 0:
                self.broken.append("interval")
                continue
            if found.doubt is not None or self.pieces.interval is None:
                self._take("interval", found)
                self._used.add(self._place(found))
        durations = [
            found
            for found in self.reading.of(Kind.DURATION)
            if found.role != "ago" and found.readings and found.readings[0].unit == "day"
        ]
        if durations:
            self._day_count(durations[0])
            for found in durations:
                if found.readings == durations[0].readings:
                    self._used.add(self._place(found))
            others = [found for found in durations if found.is_clear and found.readings != durations[0].readings]
            if others:
                # Two numbers of days are two plans for the same grams, unless the dose is said to be that of a day.
                self._set(other_days=self._whole(others[0].readings[0]), spread=not _EACH_DAY.search(self.text))
                self._used.add(self._place(others[0]))
        self._counts(has_days=bool(durations))

    def _asks_for_a_total(self, found: Found) -> bool:
        """ "Cost per year" and "in a month" want a total and say nothing of how often; "once a year" does."""
        if found.doubt is not None or found.readings[0].value != 1:
            return False
        words, unit = self.text[found.start : found.end], found.readings[0].unit
        if unit == "month":
            return self.text[: found.start].endswith("in ")
        return unit == "year" and not words.startswith(("once", "every", "each"))

    def _counts(self, has_days: bool) -> None:
        """Five times on days in a row, or five infusions that may lie weeks apart."""
        counts = [found for found in self.reading.of(Kind.COUNT) if found.is_clear]
        if not counts:
            return
        found = counts[0]
        count = self._whole(found.readings[0])
        if count is None:
            return
        before = self.pieces
        if found.per in ("week", "month") and self.pieces.interval is None:
            self._set(interval=Quantity(Decimal(1), found.per))
        is_spread = _SPREADING.search(self.text) is not None and self.pieces.interval is None
        are_infusions = found.readings[0].unit == "infusion"
        if are_infusions and not has_days and _EACH_DAY.search(self.text):
            self._set(days=count, spread=False)
        elif are_infusions and is_spread and not has_days:
            self._set(days=count, spread=True)
        elif are_infusions or (self.pieces.interval is not None and not _EACH_DAY.search(self.text)):
            self._set(infusions=count)
        elif found.role == "times" and not has_days:
            self._set(days=count, spread=False)
        if self.pieces != before:
            self._used.add(self._place(found))

    def _day_count(self, found: Found) -> None:
        if not found.is_clear:
            self._take("days", found)
            return
        days = self._whole(found.readings[0])
        if days is None:
            self.broken.append("days")
            return
        self._set(days=days, spread=self._is_spread(found))

    def _is_spread(self, found: Found) -> bool | None:
        """Whether the dose is shared over the days; None where the words leave it open."""
        if _EACH_DAY.search(self.text):
            return False
        if found.role == "over" or _SPREADING.search(self.text):
            return True
        return None if found.role == "in" else False

    def _whole(self, quantity: Quantity) -> int | None:
        value = quantity.value
        if value != value.to_integral_value() or not 1 <= value <= _MOST_DAYS:
            return None
        return int(value)

    # -- money ---------------------------------------------------------------------------------------------------

    def _money(self) -> None:
        for found in self.reading.of(Kind.PRICE):
            if not found.readings:
                self.broken.append("price")
                continue
            currency, _, unit = found.readings[0].unit.removeprefix("money:").partition("/")
            factor = {"g": Decimal(1), "mg": Decimal(1000), "kg": Decimal("0.001")}[unit]
            readings = tuple(Quantity(each.value * factor, f"money:{currency}/g") for each in found.readings)
            self._take("price", found, readings)
        shares = _SHARE_WORDS.search(self.text) is not None
        is_beside_a_sum = self.pieces.dose is not None or self.pieces.weight is not None
        for found in self.reading.of(Kind.MONEY)[:_MOST_SUMS_OF_MONEY]:
            before, after = self._around(found, 22)
            if "deductible" in after[:14] or re.search(r"deductible (?:of|is|:)? ?$", before):
                self._take("deductible", found)
            elif _CAP.search(before) or _CAP.search(after[:18]):
                self._take("cap", found)
            elif found.per == "infusion" or "infusion" in after[:16] or (shares and not is_beside_a_sum):
                self._take("bill", found)
            elif found.is_clear and self.pieces.price is None and not found.per:
                self._unit_of_price(found.readings[0])
        of_a_product = _STRENGTH_WORDS.search(self.text) is not None
        for found in self.reading.of(Kind.PERCENT)[:_MOST_SUMS_OF_MONEY]:
            if not found.is_clear:
                continue
            value = found.readings[0].value
            if value in (5, 10) and (of_a_product or not shares):
                self._set(strength=Quantity(value * 10, "mg/mL"))
            elif shares:
                covered = _COVERS.search(self.text[: found.start + 1]) or "covered" in self._around(found)[1]
                self._set(share_percent=Quantity(100 - value if covered else value, "%"))

    def _unit_of_price(self, money: Quantity) -> None:
        """Money beside a sum, without what it pays for, may be the price of a gram or of an infusion."""
        readings = tuple(Quantity(money.value, f"{money.unit}/{per}") for per in ("g", "infusion"))
        self.open.append(Open("price", readings, Doubt.UNIT.value))

    # -- the person, rates, dates, product -----------------------------------------------------------------------

    def _body(self) -> None:
        heights = self.reading.of(Kind.LENGTH)
        for found in reversed(heights):
            self._take("height", found)
        clear = {found.quantity.to("cm").value: found.quantity for found in heights if found.is_clear}
        if clear and max(clear) - min(clear) > 1:  # 163 cm and 5 ft 4 are one height said twice
            self.open.append(Open("height", tuple(clear.values())[:4], "several"))
        for found in self.reading.of(Kind.AGE):
            if found.is_clear and found.readings[0].value == found.readings[0].value.to_integral_value():
                age = found.readings[0].value
                self._set(age=int(age) if 0 < age < 130 else None)
        young = _IS_YOUNG.search(self.text)
        if self.pieces.age is None and young and int(young.group(1)) > 0:
            self._set(age=int(young.group(1)))
            numbers = self.reading.of(Kind.NUMBER)
            self._used |= {self._place(found) for found in numbers if found.start == young.start(1)}
        for found in self.reading.of(Kind.NUMBER):
            self._bare_age(found)
        female, male = _FEMALE.search(self.text), _MALE.search(self.text)
        if bool(female) != bool(male):
            self._set(sex="female" if female else "male")
        if _PREGNANT.search(self.text):
            self._set(pregnant=True)
        for pattern, region in _REGIONS:
            if re.search(pattern, self.text):
                self._set(region=region)
                break

    def _bare_age(self, found: Found) -> None:
        """ "I'm 17 and weigh 60 kg": a number that stands right behind a person and has no unit is an age."""
        says_so = found.is_clear and _SAYS_AN_AGE.search(self.text[max(0, found.start - 24) : found.start])
        if self.pieces.age is not None or not says_so:
            return
        age = found.quantity.value
        most = _ADULT_AGE if self.pieces.weight is None else _OLDEST
        if age == age.to_integral_value() and 0 < age < most:
            self._set(age=int(age))
            self._used.add(self._place(found))

    def _rates(self) -> None:
        rates = (Kind.VOLUME_RATE, Kind.VOLUME_RATE_PER_MASS, Kind.MASS_RATE_PER_MASS, Kind.DROP_RATE)
        for found in self.reading.of(*rates):
            self._take("rate", found)
        for found in self.reading.of(Kind.CONCENTRATION):
            if found.is_clear:
                self._set(strength=found.readings[0].to("mg/mL"))
        for found in self.reading.of(Kind.VOLUME):
            if found.is_clear:
                self._set(volume=found.readings[0].to("mL"))
        for found in self.reading.of(Kind.DROP_FACTOR):
            self._take("drop_factor", found)

    def _dates(self) -> None:
        dates = self.reading.of(Kind.DATE)
        by_infusion = [found for found in dates if _OF_AN_INFUSION.search(self._around(found)[0])]
        for found in by_infusion if len(dates) > 1 and len(by_infusion) == 1 else dates:
            days = tuple(self._calendar_day(day, found) for day in found.days)
            known = tuple(day for day in days if day is not None)
            piece = "first_day" if _FIRST.search(self._around(found)[0]) else "last_day"
            if not known:
                self.broken.append(piece)
            elif len(known) > 1:
                readings = tuple(Quantity(Decimal(day.toordinal()), "date") for day in known)
                self.open.append(Open(piece, readings, Doubt.DATE_ORDER.value))
            elif getattr(self.pieces, piece) not in (None, known[0]):
                both = (getattr(self.pieces, piece), known[0])
                readings = tuple(Quantity(Decimal(day.toordinal()), "date") for day in both)
                self.open.append(Open(piece, readings, "several"))
            else:
                self._set(**{piece: known[0]})

    def _calendar_day(self, day: Day, found: Found) -> date | None:
        """The day as a date; without a year the one nearest to today in the direction the words point to."""
        if day.relative is not None:
            return self.today + timedelta(days=day.relative)
        if day.year is not None:
            return date(day.year, day.month, day.day)
        candidates = []
        for year in (self.today.year - 1, self.today.year, self.today.year + 1):
            try:
                candidates.append(date(year, day.month, day.day))
            except ValueError:
                continue
        is_past = re.search(r"\b(?:last|was|had|got|since|finished|ended)\b", self._around(found, 48)[0]) is not None
        if is_past:
            past = [each for each in candidates if each <= self.today]
            return past[-1] if past else None
        return min(candidates, key=lambda each: abs((each - self.today).days), default=None)

    def _product(self) -> str | None:
        named = products_named(self.text, self.products, self.region or self.pieces.region)
        if len(named) == 1:
            return named[0].id
        if len(named) > 1:
            return "|".join(product.id for product in named[:4])
        return None


def products_named(text: str, products: Iterable[Product], region: str | None) -> tuple[Product, ...]:
    """The products that a text names, the ones sold in the region first; several where the name leaves it open."""
    words = set(re.findall(r"[a-z]+", text))
    percents = set(re.findall(r"(?<!\d)(\d{1,3}) ?(?:%|percent|per cent)", text))
    best: dict[str, Product] = {}
    for product in products:
        names = (product.name, *product.also_called)
        if not any(_names(name, text, words) for name in names):
            continue
        strength = re.search(r"(?<!\d)(\d{1,3})%", product.name)
        if strength and percents and strength.group(1) not in percents:
            continue
        known = best.get(product.name)
        if known is None or _fits(product, region) > _fits(known, region):
            best[product.name] = product
    found = list(best.values())
    whole = [product for product in found if set(_stem(product.name)) <= words]
    longest = max((_specific(product, text) for product in found), default=0)
    return tuple(product for product in whole or found if _specific(product, text) == longest)


def _stem(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())


def _names(name: str, text: str, words: set[str]) -> bool:
    """Whether the text holds the first word of a product's name, and all of it where that word is too common."""
    parts = _stem(name)
    if len(parts[0]) > 3:
        return parts[0] in words
    return " ".join(parts) in text or "".join(parts) in words


def _specific(product: Product, text: str) -> int:
    words = set(re.findall(r"[a-z]+", text))
    return sum(1 for part in _stem(product.name) if part in words)


def _fits(product: Product, region: str | None) -> int:
    if region in product.regions:
        return 2
    return 1 if "us" in product.regions else 0
