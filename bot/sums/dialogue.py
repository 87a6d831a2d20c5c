"""
Is this a sum, which piece is still missing, and which button belongs to it?

May not know files, Telegram, or the clock (it is handed in). A pending question is left by any message that is no
answer to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.dosing.course import course, divided, weight_in_kg
from bot.dosing.limits import OutOfRange, Standing, standing
from bot.dosing.tables import DosingTables, Product
from bot.model import Button, ChatKind, Paragraph, Question, Reply, ReplyKind, State, SumState
from bot.quantities import Quantity, QuantityError, read
from bot.schedule import BeyondCalendar, waits_of
from bot.sums import cues
from bot.sums.asking import Asking
from bot.sums.belonging import is_a_sum, is_bare_weight
from bot.sums.brief import brief
from bot.sums.page import Page
from bot.sums.pieces import Pieces, pieces_of, quantity_of
from bot.sums.understanding import Open, Understood, for_first_day, understood
from bot.sums.wearing import days_asked, wear_off
from bot.sums.wording import SumWording
from bot.sums.working import Working

MOST_READ = 4096
WHOLE = "sum-whole"
_OFFERED = ("cost", "bottles", "hours", "year", "volume", "pounds")
_SMALL_FLAT_G = Decimal(4)
_FOLLOW_UP_WORDS = 3
_WORDS_WITH_A_UNIT = 3
_WORDS_BESIDE_A_BARE_DOSE = 2
_MOST_G_PER_KG, _LEAST_MG_PER_KG = Decimal(4), Decimal(100)
_LEAST_G_PER_KG, _USUAL_G_PER_KG = Decimal("0.1"), Decimal(2)
_GUIDED = "guided"  # among the wants while /dose asks for one piece after the other
_REFUSED_PIECES = {"first_day": "refuse_date", "last_day": "refuse_date", "share_percent": "refuse_share"}


class Sums:
    """Reads messages with numbers, and the buttons of its own questions."""

    def __init__(self, tables: DosingTables, products: Sequence[Product], wording: SumWording) -> None:
        self.tables = tables
        self.products = {product.id: product for product in products}
        self.wording = wording
        self._working = Working(tables, self.products, wording)
        self._asking = Asking(tables, self.products, wording)
        self._wearing = (tables.half_life, wording)

    # -- the doors -----------------------------------------------------------------------------------------------

    def read(self, question: Question) -> Reply | None:
        """A sum's reply to a message, or None where the message is no sum and answers no open question of one."""
        days = days_asked(question.text[:MOST_READ])
        if days is not None:
            return self._private() if question.chat != ChatKind.PRIVATE else wear_off(days, *self._wearing)
        before = question.state.sum
        got = self._understood(question.text, question)
        if before is not None and before.awaiting in ("first_day", "open-first_day"):
            got = for_first_day(got)
        pieces = self._of_message(got, before, question)
        if pieces is None:
            return None
        if question.chat != ChatKind.PRIVATE:
            return self._private()
        awaiting = before.awaiting if before else None
        pieces = self._with_payer(self._with_region(pieces, question), got.text)
        return self._answer(pieces, got, question, awaiting)

    def press(self, code: str, question: Question) -> Reply | None:
        """A sum's reply to a button, or None where the code is none of its own or its question is forgotten."""
        verb, _, rest = code.partition("-")
        if code == "picture-wear_off":
            return wear_off(None, *self._wearing)
        if verb == "dose" or code in ("private-dose", "picture-infusion_rate"):
            return self._pressed_dose(code, rest, question)
        if verb != "sum":
            return None
        if question.chat != ChatKind.PRIVATE:
            return self._private()
        if code == WHOLE:
            if question.state.sum is None:
                return None
            rested = question.preferences.model_copy(update={"low_energy": False})
            return self._answer(
                self._known(question.state.sum), None, question.model_copy(update={"preferences": rested}), None
            )
        pieces = self._pressed(rest, question.state.sum)
        return self._answer(self._with_region(pieces, question), None, question, None) if pieces is not None else None

    def start(self, question: Question) -> Reply:
        """The guided way, from the weight on."""
        if question.chat != ChatKind.PRIVATE:
            return self._private()
        return Reply(
            kind=ReplyKind.ASK_BACK,
            paragraphs=(Paragraph(text=self.wording.start),),
            state=State(sum=SumState(awaiting="weight", values={"wants": [_GUIDED]})),
        )

    # -- is it a sum ---------------------------------------------------------------------------------------------

    def _understood(self, text: str, question: Question) -> Understood:
        region = question.preferences.region
        return understood(text[:MOST_READ], tuple(self.products.values()), question.now.date(), region)

    def _of_message(self, got: Understood, before: SumState | None, question: Question) -> Pieces | None:
        """The pieces a message comes to, together with those from before; None where it is no sum."""
        if before is not None:
            known = self._known(before)
            chosen = self._reading_of_unit(got.text, before)
            if chosen is not None:
                return self._picked(chosen, before, known)
            # A dose that is typed takes the place of a published one that was chosen before.
            kept = replace(known, regimen=None) if got.pieces.dose is not None else known
            if before.awaiting and self._answers(got, before.awaiting):
                return kept.merged(self._as_answer(got, before.awaiting))
            if self._goes_on(got, before):
                return self._without_pending(kept, before.awaiting).merged(self._as_change(got, known))
        return got.pieces if is_a_sum(got) else None

    def _known(self, before: SumState) -> Pieces:
        """The pieces of a state; a product or a regimen that is no longer there is dropped."""
        pieces = pieces_of(before.values)
        product = pieces.product if pieces.product in self.products or "|" in (pieces.product or "") else None
        regimen = pieces.regimen if pieces.regimen in self.tables.regimens else None
        return replace(pieces, product=product, regimen=regimen)

    @staticmethod
    def _reading_of_unit(text: str, before: SumState) -> str | None:
        """Which of the open readings a unit alone means: "kg", "pounds please"."""
        opened = before.values.get("open")
        if not before.awaiting or not isinstance(opened, dict) or len(cues.words_of(text)) > _WORDS_WITH_A_UNIT:
            return None
        units = {found.readings[0].unit for found in read(f"1 {text}").found if found.readings}
        readings = [quantity_of(each) for each in opened.get("readings", ())]
        places = [place for place, each in enumerate(readings) if each is not None and each.unit in units]
        return str(places[0]) if len(places) == 1 and not any(letter.isdigit() for letter in text) else None

    def _answers(self, got: Understood, awaiting: str) -> bool:
        """Whether a message gives the piece that was asked for, and little else."""
        if cues.judges(got.text) or cues.is_elsewhere(got.text) or cues.other_words(got.text) > 4:
            return False
        piece = awaiting.removeprefix("open-")
        if piece == "spread":
            return got.pieces.spread is not None
        opened = {each.piece for each in got.open} | set(got.broken)
        if piece == "share":
            return got.pieces.share_percent is not None or got.pieces.deductible is not None
        if piece in ("weight", "height", "dose") and got.numbers and not got.has_pieces:
            return cues.other_words(got.text) == 0
        return piece in got.pieces.given or piece in opened

    def _as_answer(self, got: Understood, awaiting: str) -> Pieces:
        return replace(got.pieces, wants=())

    def _goes_on(self, got: Understood, before: SumState) -> bool:
        """Whether a message changes the last sum: "and in pounds?", "what about Privigen?"."""
        if before.awaiting == "weight" and not before.values.get("weight"):
            # Only a product can be named meanwhile: "what about Privigen?".
            return got.pieces.given == ("product",) and cues.follows_on(got.text)
        if cues.judges(got.text) or cues.is_elsewhere(got.text) or cues.other_words(got.text) > _FOLLOW_UP_WORDS:
            return False
        something = got.has_pieces or got.pieces.wants
        if not something:
            return False
        if cues.asks_again_how_long(got.text):
            return True
        if before.values.get("weight") and got.pieces.dose is not None and got.pieces.weight is None:
            return True
        # A weight behind a dose completes it; behind a whole sum it may begin another one.
        is_whole = before.values.get("dose") and before.values.get("weight")
        has_both = got.pieces.weight is not None and (got.pieces.dose is not None or is_whole)
        return cues.follows_on(got.text) or (len(cues.words_of(got.text)) <= 4 and not has_both)

    @staticmethod
    def _without_pending(known: Pieces, awaiting: str | None) -> Pieces:
        """What an unanswered question was asked for is dropped when the talk goes on with something else."""
        want = {"interval": "year", "height": "adjusted", "sex": "adjusted"}.get(awaiting or "")
        return replace(known, wants=_without(known.wants, want)) if want else known

    def _as_change(self, got: Understood, known: Pieces) -> Pieces:
        changed = got.pieces
        if changed.interval is not None and changed.interval.unit == "year" and "year" in changed.wants:
            changed = replace(changed, interval=None)
        if changed.days is not None and changed.dose is None and known.dose is not None and known.days:
            # "Over two days instead": the same grams, in other days.
            total = known.dose.value if known.spread else known.dose.value * known.days
            if "compare" in changed.wants:
                # "Compare with five days": the same grams, the two plans side by side.
                changed = replace(
                    changed, dose=Quantity(total, known.dose.unit), days=known.days, spread=True,
                    other_days=changed.days,
                )  # fmt: skip
            elif changed.spread:
                changed = replace(changed, dose=Quantity(total, known.dose.unit))
        return changed

    # -- answering -----------------------------------------------------------------------------------------------

    def _answer(self, pieces: Pieces, got: Understood | None, question: Question, awaiting: str | None) -> Reply:
        try:
            asked = self._still_open(pieces, got, awaiting)
            if asked is not None:
                return asked
            page = self._working.page(pieces, question.now, got.unused if got is not None else ())
        except OutOfRange as error:
            return self._asking.refusal(error, pieces)
        except BeyondCalendar:
            return self._asking.refused([self.wording.refuse_date], pieces)
        except (QuantityError, ArithmeticError, ValueError):
            return self._asking.refused([self.wording.refuse_number], pieces)
        if page is None:
            return self._asking.for_piece("weight", pieces)
        kept = replace(
            pieces, wants=tuple(want for want in pieces.wants if want not in ("pounds", "kilograms", _GUIDED))
        )
        tired = question.preferences.low_energy
        offers = self._offers(pieces, page.picture is not None)
        return Reply(
            kind=ReplyKind.CALCULATION,
            warnings=tuple(f"{name}: {text}" for name, text in page.warnings.items()),
            paragraphs=self._brief(page, pieces) if tired else tuple(page.paragraphs),
            sources=tuple(dict.fromkeys(page.sources)),
            buttons=self._few(offers) if tired else offers,
            picture=None if tired else page.picture,
            attachment=page.attachment,
            state=State(sum=SumState(values=kept.plain())),
        )

    def _brief(self, page: Page, pieces: Pieces) -> tuple[Paragraph, ...]:
        product = self.products.get(pieces.product or "")
        cautions = [caution.text for caution in product.cautions] if product is not None else []
        is_assumed = page.has_stated_price and pieces.price is None and pieces.bill is None
        return brief(page, cautions, self.wording, is_assumed)

    def _few(self, offers: Sequence[Sequence[Button]]) -> tuple[tuple[Button, ...], ...]:
        """Two buttons: the whole of it, and the way on."""
        return ((Button(label=self.wording.buttons["whole"], code=WHOLE), offers[-1][-1]),)

    def _still_open(self, pieces: Pieces, got: Understood | None, awaiting: str | None) -> Reply | None:
        """The one thing to ask before the sum can be done, or the refusal of what cannot be read."""
        if got is not None:
            for name in got.broken:
                wording = _REFUSED_PIECES.get(name, "refuse_number")
                return self._asking.refused([getattr(self.wording, wording)], pieces)
            for each in sorted(got.open, key=lambda opened: opened.piece != "weight"):
                return self._asking.between(each, pieces)
            beside = self._bare_dose(got)
            if beside is not None:
                return self._asking.between(beside, pieces)
            bare = self._bare_number(got, "weight" if is_bare_weight(got) else awaiting)
            if bare is not None:
                return self._asking.between(bare, pieces)
        if pieces.weight is not None:
            weight_in_kg(pieces.weight, self.tables.limits)
        doubt = self._doubt_of_dose(pieces)
        if doubt is not None:
            return doubt
        if pieces.price is not None and "price" not in pieces.confirmed:
            found = standing(pieces.price.value, self.tables.limits.price_per_gram)
            if found in (Standing.ASK, Standing.WARN_LOW, Standing.WARN_HIGH):
                return self._asking.price(pieces)
        return self._missing(pieces)

    @staticmethod
    def _bare_dose(got: Understood) -> Open | None:
        """ "70 kg, 0.4 for 5 days": beside a weight a number that nothing else claims is a dose without its unit."""
        numbers = [number for number in got.unused if not number.unit]
        has_no_dose = got.pieces.dose is None and got.pieces.rate is None and "adjusted" not in got.pieces.wants
        if got.pieces.weight is None or not has_no_dose or len(numbers) != 1:
            return None
        if cues.other_words(got.text) > _WORDS_BESIDE_A_BARE_DOSE:
            return None
        value = numbers[0].value
        if value <= 0 or _MOST_G_PER_KG <= value < _LEAST_MG_PER_KG:
            return None
        unit = "g/kg" if value < _MOST_G_PER_KG else "mg/kg"
        return Open("dose", (Quantity(value, unit), Quantity(value, "g")), "unit")

    def _bare_number(self, got: Understood, awaiting: str | None) -> Open | None:
        """A number without a unit where a weight or a dose was asked for: both readings are shown."""
        if awaiting not in ("weight", "dose", "open-weight", "open-dose") or got.has_pieces or not got.numbers:
            return None
        value = got.numbers[0].value
        units = ("kg", "lb") if "weight" in awaiting else (("g/kg", "g") if value < 20 else ("mg/kg", "g"))
        piece = "weight" if "weight" in awaiting else "dose"
        return Open(piece, tuple(Quantity(value, unit) for unit in units), "unit")

    def _doubt_of_dose(self, pieces: Pieces) -> Reply | None:
        dose = pieces.dose
        if dose is None:
            return None
        if pieces.days and pieces.days > 1 and pieces.spread is None and not pieces.other_days:
            return self._asking.spread(pieces)
        if "dose" in pieces.confirmed:
            return None
        if "/" not in dose.unit and dose.to("g").value <= _SMALL_FLAT_G and dose.value > 0:
            per_kg = Quantity(dose.value, f"{dose.unit}/kg")
            return self._asking.between(Open("dose", (dose, per_kg), "flat"), pieces)
        if pieces.weight is not None or "/" in dose.unit:
            kg = weight_in_kg(pieces.weight, self.tables.limits).kg if pieces.weight else Decimal(70)
            found = course(dose, pieces.days or 1, kg, self.tables.limits, spread=bool(pieces.spread))
            if found.standing == Standing.ASK:
                return self._asking.between(Open("dose", _likelier(dose), "small"), pieces)
        return None

    def _missing(self, pieces: Pieces) -> Reply | None:
        wants = set(pieces.wants)
        asking = self._asking
        if _GUIDED in wants and pieces.weight is not None and pieces.dose is None and pieces.regimen is None:
            return asking.for_dose(pieces)
        if "year" in wants and pieces.dose is not None and pieces.interval is None and pieces.regimen is None:
            return asking.for_piece("interval", pieces)
        if self._could_be_one_course(pieces):
            return asking.for_piece("interval", pieces)
        if pieces.product is not None and "|" in pieces.product:
            return asking.for_piece("product", pieces)
        needs_weight = pieces.dose is not None and "/" in pieces.dose.unit
        if pieces.regimen is not None and "/" in self.tables.regimens[pieces.regimen].dose.unit:
            needs_weight = True
        if "hours" in wants and pieces.dose is not None and pieces.rate is None:
            needs_weight = True
        vaccine = "vaccine" in wants and pieces.last_day is not None
        if vaccine and pieces.dose is None and pieces.regimen is None and self._wait_goes_by_dose(pieces.region):
            return asking.for_piece("dose", pieces)
        if "vaccine" in wants and pieces.dose is not None and pieces.last_day is None and pieces.weight is None:
            return asking.for_piece("last_day", pieces)
        by_weight = vaccine and self._is_flat(pieces) and self._wait_goes_by_dose(pieces.region)
        if pieces.weight is None and (by_weight or (needs_weight and not vaccine)):
            return asking.for_piece("weight", pieces)
        if pieces.first_day is None and pieces.last_day is not None and pieces.interval is None and not vaccine:
            return asking.for_piece("interval", pieces)
        if "adjusted" in wants and pieces.weight is not None:
            if pieces.height is None:
                return asking.for_piece("height", pieces)
            if pieces.sex is None:
                return asking.for_piece("sex", pieces)
        is_planned = pieces.interval is not None or pieces.days is not None
        if "dates" in wants and is_planned and pieces.first_day is None and pieces.last_day is None:
            return asking.for_piece("first_day", pieces)
        has_share = any(each is not None for each in (pieces.payer, pieces.share_percent, pieces.deductible))
        if "share" in wants and not has_share and (pieces.price is not None or "cost" in wants):
            return asking.for_piece("share", pieces)
        has_grams = pieces.dose is not None or pieces.regimen is not None
        if has_grams and wants & {"bottles", "hours"} and pieces.product is None and pieces.rate is None:
            return asking.for_piece("product", pieces)
        if has_grams and "volume" in wants and all(
            each is None for each in (pieces.product, pieces.strength, pieces.rate, pieces.volume)
        ):
            return asking.for_piece("product", pieces)
        return None

    def _is_flat(self, pieces: Pieces) -> bool:
        """Whether the dose is one in grams, which a table by g/kg can only take with a weight."""
        regimen = self.tables.regimens.get(pieces.regimen or "")
        unit = pieces.dose.unit if pieces.dose is not None else regimen.dose.unit if regimen is not None else "/"
        return "/" not in unit

    def _could_be_one_course(self, pieces: Pieces) -> bool:
        """Whether several infusions would be too much together, and nothing says that they lie weeks apart."""
        if pieces.dose is None or not pieces.infusions or pieces.interval is not None or pieces.first_day is not None:
            return False
        dose, limit = pieces.dose, self.tables.limits.dose_per_kg
        if "/" in dose.unit:
            per_kg = dose.to("g/kg").value
        elif pieces.weight is not None:
            per_kg = divided(dose.to("g").value, weight_in_kg(pieces.weight, self.tables.limits).kg)
        else:
            return False
        return standing(per_kg * pieces.infusions, limit) in (Standing.WARN_HIGH, Standing.REFUSE)

    def _wait_goes_by_dose(self, region: str | None) -> bool:
        """Whether a region's wait before a live vaccine depends on the dose; without a table all others are shown."""
        waits = waits_of(self.tables.vaccine_waits.values(), region)
        return any(wait.rows for wait in waits or self.tables.vaccine_waits.values())

    def _offers(self, pieces: Pieces, has_picture: bool) -> tuple[tuple[Button, ...], ...]:
        labels = self.wording.buttons
        shown = set(pieces.wants)
        shown |= {"cost"} if pieces.price is not None or pieces.bill is not None else set()
        shown |= {"year"} if pieces.interval is not None else set()
        if pieces.product is not None and not shown & {"bottles", "hours", "volume"}:
            shown |= {"bottles", "hours", "volume"}
        names = [name for name in _OFFERED if name not in shown and (name != "pounds" or pieces.weight)]
        if pieces.dose is None and pieces.regimen is None:
            names = [name for name in names if name in ("cost", "year")] if pieces.weight else []
        if pieces.interval is None and pieces.regimen is None and pieces.dose is not None:
            names = [name for name in names if name != "year"]
        buttons = [Button(label=labels[name], code=f"sum-want-{name}") for name in names[:4]]
        if has_picture:
            buttons.append(Button(label=labels["picture"], code="picture-infusion_rate"))
        buttons.append(Button(label=labels["new"], code="dose"))
        return tuple(tuple(buttons[place : place + 2]) for place in range(0, len(buttons), 2))

    # -- buttons -------------------------------------------------------------------------------------------------

    def _pressed_dose(self, code: str, rest: str, question: Question) -> Reply | None:
        if code == "picture-infusion_rate":
            return self._again_for_picture(question)
        if code in ("dose", "private-dose", "dose-new") or not rest:
            return self.start(question)
        if rest not in self.tables.regimens:
            return None
        if question.chat != ChatKind.PRIVATE:
            return self._private()
        return self._answer(Pieces(regimen=rest), None, question, None)

    def _again_for_picture(self, question: Question) -> Reply | None:
        if question.state.sum is None or question.chat != ChatKind.PRIVATE:
            return None
        pieces = self._known(question.state.sum)
        reply = self._answer(pieces, None, question, None)
        return reply if reply.picture is not None else None

    def _pressed(self, rest: str, before: SumState | None) -> Pieces | None:
        """The pieces after a button of a sum; None where the sum is forgotten or the code is not one of ours."""
        if before is None:
            return None
        known = self._known(before)
        verb, _, value = rest.partition("-")
        match verb:
            case "pick":
                return self._picked(value, before, known)
            case "want" if value in (*_OFFERED, "dates"):
                return replace(known, wants=tuple(dict.fromkeys((*known.wants, value))))
            case "regimen" if value in self.tables.regimens:
                return replace(known, regimen=value, dose=None, days=None, other_days=None, spread=None)
            case "both":
                return replace(known, regimen=None, dose=None, wants=_without(known.wants, _GUIDED))
            case "product" if value in self.products:
                return replace(known, product=value)
            case "region" if value in self.wording.regions:
                return replace(known, region=value)
            case "sex" if value in ("female", "male"):
                return replace(known, sex=value)
            case "spread" if value in ("yes", "no"):
                return replace(known, spread=value == "yes")
            case "price" if value == "yes":
                return replace(known, confirmed=(*known.confirmed, "price"))
            case "price" if value == "no" and known.price is not None:
                return replace(known, price=None, bill=Quantity(known.price.value, known.price.unit.partition("/")[0]))
        return None

    def _picked(self, value: str, before: SumState, known: Pieces) -> Pieces | None:
        opened = before.values.get("open")
        if not isinstance(opened, dict) or not value.isdigit() or len(value) > 1:
            return None
        readings = opened.get("readings")
        piece = opened.get("piece")
        if not isinstance(readings, list | tuple) or int(value) >= len(readings) or not isinstance(piece, str):
            return None
        chosen = quantity_of(readings[int(value)])
        if chosen is None or piece not in Pieces.__dataclass_fields__:
            return None
        if piece == "price" and chosen.unit.endswith("/infusion"):
            return replace(known, price=None, bill=Quantity(chosen.value, chosen.unit.removesuffix("/infusion")))
        if chosen.unit == "date":
            return replace(known, **{piece: date.fromordinal(int(chosen.value))})  # type: ignore[arg-type]
        if piece == "days":
            return replace(known, days=int(chosen.value), spread=False)
        confirmed = (*known.confirmed, piece) if piece == "dose" else known.confirmed
        if piece == "weight":
            confirmed = tuple(each for each in confirmed if each != "one_of_two")
            confirmed += ("one_of_two",) if opened.get("doubt") == "several" else ()
        return replace(known, **{piece: chosen}, confirmed=confirmed)  # type: ignore[arg-type]

    def _with_region(self, pieces: Pieces, question: Question) -> Pieces:
        region = question.preferences.region
        matters = pieces.last_day is not None or pieces.product is not None
        return replace(pieces, region=region) if region and pieces.region is None and matters else pieces

    def _with_payer(self, pieces: Pieces, text: str) -> Pieces:
        """The payer that a message names, where one of the tables has its rule and no share was typed."""
        words = set(cues.words_of(text))
        named = [name for name, rule in self.tables.shares.items() if rule.name.split()[0].lower() in words]
        return replace(pieces, payer=named[0]) if named else pieces

    def _private(self) -> Reply:
        """Never a number of a person where others can read."""
        return Reply(
            kind=ReplyKind.ASK_BACK,
            paragraphs=(Paragraph(text=self.wording.private_only),),
            buttons=((Button(label=self.wording.buttons["private"], code="private-dose"),),),
        )


def _likelier(dose: Quantity) -> tuple[Quantity, ...]:
    """A dose too small to be one, and what it may have been meant to be: in the other unit, or a point further on."""
    other = {"mg/kg": "g/kg", "mg": "g"}.get(dose.unit)
    meant = [Quantity(dose.value, other)] if other else []
    meant += [Quantity(dose.value * times, dose.unit) for times in (10, 100)]
    if "/kg" not in dose.unit:
        return (dose, *meant[:1])
    plausible = [each for each in meant if _LEAST_G_PER_KG <= each.to("g/kg").value <= _USUAL_G_PER_KG]
    return (dose, *plausible[:2])


def _without(wants: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(want for want in wants if want != one)
