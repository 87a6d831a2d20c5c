"""What is said back to messages with numbers: the messages of doses.yaml, and what holds for every reply."""

import re
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.model import ChatKind, Paragraph, Preferences, Question, Reply, ReplyKind, State, Style, SumState
from bot.strictyaml import read_file, validate
from bot.sums import WHOLE, Sums, SumWording
from bot.sums.brief import MOST_WORDS, words_of
from tests.test_dose_properties import hostile
from tests.test_doses import CASES, PRODUCTS, ROOT, TABLES

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PURPOSE = "It does not choose, change or check a treatment, and it is not for emergencies."
ERROR_PRONE = (
    r"\d\.\d*0(?![\d.])(?<!\.\d0)",  # 70.0; an amount of money has two decimals
    r"(?<![\d])\.\d",  # .5
    r"\d(?:mg|mL|kg|g|lb|cm)\b",  # 10mg
    r"(?<![\d/.-])\d{5,}",  # 10000
    r"\bmcg\b|µg|\bIU\b|\bcc\b",
)
LONGEST_SECONDS = 0.05  # of this thread alone: what else the machine does is not counted


def wording() -> SumWording:
    found = validate(SumWording, read_file(ROOT / "knowledge" / "sums.yaml", "sums.yaml"))
    assert found is not None
    return found


SUMS = Sums(TABLES, tuple(PRODUCTS.values()), wording())


def question(text: str, state: State | None = None, chat: ChatKind = ChatKind.PRIVATE, **preferences: Any) -> Question:
    return Question(
        text=text, chat=chat, now=NOON, state=state or State(), preferences=Preferences.model_validate(preferences)
    )


def said(*turns: str) -> Reply | None:
    """What the last of several turns gets: words, /dose, or "press <label>" of the reply before."""
    reply: Reply | None = None
    state = State()
    for turn in turns:
        if turn == "/dose":
            reply = SUMS.start(question(turn, state))
        elif turn.startswith("press "):
            assert reply is not None
            reply = SUMS.press(code(reply, turn.removeprefix("press ")), question("", state))
        else:
            reply = SUMS.read(question(turn, state))
        state = reply.state if reply is not None else State()
    return reply


def calculated(*turns: str) -> Reply:
    reply = said(*turns)
    assert reply is not None
    assert reply.kind == ReplyKind.CALCULATION, reply.text
    return reply


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


def code(reply: Reply, label: str) -> str:
    return next(button.code for row in reply.buttons for button in row if button.label == label)


def holds(case: dict[str, Any], reply: Reply | None) -> None:
    if case["kind"] == "none":
        assert reply is None, reply.text if reply else ""
        return
    assert reply is not None
    assert reply.kind == case["kind"], reply.text
    for shown in case.get("shows", ()):
        assert re.search(rf"(?<![\d.,]){re.escape(shown)}(?!\d)", reply.text), (shown, reply.text)
    for hidden in case.get("hides", ()):
        assert not re.search(rf"(?<![\d.,]){re.escape(hidden)}(?!\d)", reply.text), (hidden, reply.text)
    for label in case.get("buttons", ()):
        assert label in labels(reply)
    if "warns" in case:
        assert case["warns"] in [warning.partition(":")[0] for warning in reply.warnings]


@pytest.mark.parametrize("case", CASES["messages"], ids=lambda case: case["say"])
def test_a_message(case: dict[str, Any]) -> None:
    holds(case, said(case["say"]))


@pytest.mark.parametrize("case", CASES["talks"], ids=lambda case: " / ".join(case["turns"]))
def test_a_talk(case: dict[str, Any]) -> None:
    holds(case, said(*case["turns"]))


CALCULATIONS = [case["say"] for case in CASES["messages"] if case["kind"] == "calculation"]


@pytest.mark.parametrize("text", CALCULATIONS)
def test_every_sum_says_what_it_is_for_what_it_leaves_out_and_who_decides(text: str) -> None:
    reply = calculated(text)

    assert PURPOSE in reply.text
    assert reply.text.startswith("You gave")
    is_about_a_dose = re.search(r"\d g\b", reply.text) is not None
    for words in ("Left out", "Kidney", "IgA", "decides") if is_about_a_dose else ():
        assert words in reply.text
    assert len(reply.text) < 4096


@pytest.mark.parametrize("text", [case["say"] for case in CASES["messages"] if case["kind"] != "none"])
def test_nothing_printed_is_on_the_error_prone_list(text: str) -> None:
    reply = said(text)
    assert reply is not None

    for printed in [*reply.text.splitlines(), *labels(reply), *reply.warnings]:
        without_money = re.sub(r"[$€£][\d,]+\.\d\d\b", "", printed)
        for pattern in ERROR_PRONE:
            assert not re.search(pattern, without_money), (pattern, printed)


@pytest.mark.parametrize("text", CALCULATIONS)
def test_the_lines_of_a_sum_are_marked_as_such_and_each_holds(text: str) -> None:
    """Every line `a × b = c` is worked out again from what is printed in it."""
    for paragraph in calculated(text).paragraphs:
        if paragraph.style == Style.SUM:
            assert_holds(paragraph.text)


def assert_holds(line: str) -> None:
    line = re.sub(r"cycles of 4 weeks|drops per mL", "", line)
    left, _, rest = line.partition(" = ")
    right = rest.split(" = ")[0]
    factor = 1000 if re.search(r"\d mg\b", right) and "mg" not in left else 1
    if not rest or ":" in line or "min" in left or not re.search(r"[×÷+−]", left):
        return
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", left)
    plain = re.sub(r"(\d)%", r"\1/100", plain)
    plain = (
        re.sub(r"[a-zA-Z$€£]*(?:/[a-zA-Z]+)+|[a-zA-Z$€£]+", "", plain)
        .replace("×", "*")
        .replace("÷", "/")
        .replace("−", "-")
    )
    plain = re.sub(r"[^\d.*/+() -]", "", plain)
    amount = re.search(r"[\d,]*\.?\d+", right)
    assert amount is not None
    expected = float(amount.group().replace(",", "")) * (1 / factor if factor != 1 else 1)
    worked = eval(plain)
    tolerance = 0.0051 if "about" in right or right.startswith(("$", "€", "£")) else 0.0000051
    assert abs(worked - expected) <= max(tolerance, 0.01 if "about" in right else 0), line


def test_the_price_names_its_day_and_what_it_leaves_out() -> None:
    text = calculated("what would 70 kg cost").text

    assert "24 November 2026" in text
    assert "leaves out" in text
    assert "an undated patient article" in text


def test_a_label_number_says_that_no_label_covers_ms() -> None:
    text = calculated("how long does 70 g of privigen take at 70 kg").text

    assert "No IVIG label we read is for MS" in text
    assert "at least" in text.lower()


@pytest.mark.parametrize("chat", [ChatKind.GROUP, ChatKind.INLINE])
@pytest.mark.parametrize("text", ["154 lbs", "1 g/kg for 70 kg", "I weigh 154", "500 kg", "-70 kg"])
def test_where_others_read_no_number_of_a_person_is_said(chat: ChatKind, text: str) -> None:
    reply = SUMS.read(question(text, chat=chat))
    assert reply is not None

    assert not re.search(r"\d", reply.text)
    assert [button.code for row in reply.buttons for button in row] == ["private-dose"]
    assert reply.state == State()
    assert SUMS.start(question("", chat=chat)).text == reply.text
    state = calculated("1 g/kg for 70 kg").state
    pressed = SUMS.press("sum-want-cost", question("", state, chat))
    assert pressed is not None
    assert pressed.text == reply.text


def test_the_guided_way_goes_from_weight_to_result() -> None:
    reply = SUMS.start(question("/dose"))
    assert reply.kind == ReplyKind.ASK_BACK
    answered = SUMS.read(question("154", reply.state))
    assert answered is not None
    assert labels(answered)[:2] == ["154 kg", "154 lb"]
    weighed = SUMS.press(code(answered, "154 lb"), question("", answered.state))
    assert weighed is not None
    assert weighed.kind == ReplyKind.ASK_BACK
    pressed = SUMS.press(code(weighed, "1 g/kg once a month"), question("", weighed.state))

    assert pressed is not None
    assert "69.85 g" in pressed.text
    assert SUMS.read(question("does it hurt?", reply.state)) is None


def test_a_payers_rule_counts_in_its_own_currency_and_gives_way_to_a_typed_share() -> None:
    assert "Medicare Part B" not in calculated("cost 70 kg 1 g/kg medicare at 45 € per gram").text
    assert "$700" in calculated("cost 70 kg 1 g/kg medicare, I pay 10% copay").text


def test_every_button_of_every_reply_leads_on() -> None:
    for case in CASES["messages"]:
        reply = said(case["say"])
        for row in reply.buttons if reply else ():
            for button in row:
                assert reply is not None
                pressed = SUMS.press(button.code, question("", reply.state))
                assert pressed is not None, (case["say"], button.code)
                assert pressed.paragraphs


@pytest.mark.parametrize(
    "pressed",
    [
        "sum-pick-9",
        "sum-pick-",
        "sum-pick-x",
        "sum-pick-0",
        "sum-want-nothing",
        "sum-regimen-nothing",
        "sum-product-nothing",
        "sum-region-xx",
        "sum-sex-other",
        "sum-spread-maybe",
        "sum-price-maybe",
        "sum-",
        "sum",
        "sum-pick-99999999999999",
        "menu",
        "topic-headache",
        "dose-nothing",
        "",
        "sum-pick--1",
    ],
)
def test_an_old_or_foreign_button_is_none_of_ours(pressed: str) -> None:
    assert SUMS.press(pressed, question("")) is None
    after = calculated("1 g/kg for 70 kg").state
    assert SUMS.press(pressed, question("", after)) is None


def test_a_regimen_button_asks_for_the_weight() -> None:
    reply = SUMS.press("dose-five_day_course", question(""))
    assert reply is not None
    assert reply.kind == ReplyKind.ASK_BACK
    answered = SUMS.read(question("70 kg", reply.state))

    assert answered is not None
    assert "140 g in all" in answered.text


@pytest.mark.parametrize(
    "values",
    [
        {"weight": ["70", "kg"], "dose": "1 g/kg"},
        {"weight": 70},
        {"open": "x"},
        {"open": {"piece": "weight", "readings": "x"}},
        {"open": {"piece": "__class__", "readings": [["1", "kg"]]}},
        {"weight": ["1e999", "kg"]},
        {"weight": ["NaN", "kg"]},
        {"weight": ["70", "parsec"]},
        {"dose": ["1", "g/kg"], "days": True},
        {"first_day": "2026-99-99"},
        {"product": "nothing"},
        {"regimen": "nothing"},
        {"wants": "cost"},
        {"days": 10**9},
        {"weight": ["70", "kg"], "days": -1},
        {"region": "xx"},
    ],
)
def test_a_state_that_came_out_of_shape_harms_nothing(values: dict[str, Any]) -> None:
    for awaiting in (None, "weight", "open-weight", "spread", "nothing"):
        state = State(sum=SumState(awaiting=awaiting, values=values))
        for text in ("70 kg", "kg", "and the cost?", "yes", ""):
            reply = SUMS.read(question(text, state))
            assert reply is None or reply.paragraphs
        for pressed in ("sum-pick-0", "sum-want-cost", "sum-product-privigen_us", "picture-infusion_rate"):
            reply = SUMS.press(pressed, question("", state))
            assert reply is None or reply.paragraphs


def test_dates_come_as_a_calendar_file() -> None:
    reply = calculated("infusions every 4 weeks from 3 Nov 2026")
    assert reply.attachment is not None
    assert reply.attachment.name.endswith(".ics")
    events = Calendar.from_ical(reply.attachment.content).walk("VEVENT")

    assert [event.decoded("dtstart") for event in events][:3] == [
        date(2026, 11, 3),
        date(2026, 12, 1),
        date(2026, 12, 29),
    ]


def test_a_region_that_was_set_narrows_the_vaccine_dates() -> None:
    reply = SUMS.read(question("when can I have MMR after 1 g/kg on 3 Nov 2026", region="au"))
    assert reply is not None

    assert "3 September 2027" in reply.text
    assert "United States" not in reply.text


def test_while_monthly_infusions_go_on_the_date_never_comes() -> None:
    text = calculated("when can I have chickenpox vaccine in australia after 0.4 g/kg on 3 Nov 2026 monthly").text

    assert re.search(r"never|not come|begins? again|starts? again|anew", text)


def test_a_picture_comes_with_its_words() -> None:
    reply = calculated("how long does 70 g of privigen take at 70 kg")
    pressed = SUMS.press("picture-infusion_rate", question("", reply.state))

    assert pressed is not None
    assert pressed.picture is not None
    assert re.search(r"\d", pressed.picture.text)
    assert SUMS.press("picture-infusion_rate", question("")) is None


def test_the_wearing_off_is_a_band_with_its_words_and_needs_no_sum_before() -> None:
    pressed = SUMS.press("picture-wear_off", question(""))
    assert pressed is not None
    assert pressed.picture is not None

    assert "21 to 36 days" in pressed.picture.text
    assert "not benefit left" in pressed.text
    for text in (
        "how much is left after 0 days",
        "how much is left after 2 years",
        "how much of 70 g is left after 28 days",
    ):
        assert not re.search("halvings", (said(text) or pressed).text)
    group = SUMS.read(question("how much is left after 28 days", chat=ChatKind.GROUP))
    assert group is not None
    assert not re.search(r"\d", group.text)


def test_a_long_message_is_read_to_its_limit_and_a_huge_one_harms_nothing() -> None:
    assert said("x" * 5000 + " 70 kg") is None
    assert said("") is None
    assert said("70 kg " * 5000) is not None


@settings(deadline=None, max_examples=150)
@given(hostile)
def test_no_text_raises_takes_long_or_gets_a_sum_without_a_unit(text: str) -> None:
    spent: list[float] = []
    while not spent or (min(spent) >= LONGEST_SECONDS and len(spent) < 3):
        began = time.thread_time()
        reply = SUMS.read(question(text))
        spent.append(time.thread_time() - began)

    assert min(spent) < LONGEST_SECONDS
    if reply is not None and reply.kind == ReplyKind.CALCULATION:
        assert PURPOSE in reply.text
    if reply is not None:
        assert all(isinstance(paragraph, Paragraph) and paragraph.text for paragraph in reply.paragraphs)


TYPED = st.one_of(
    st.sampled_from(["70 kg", "150 lb", "11 stone 4", "82,5 kg"]),
    st.sampled_from(["1 g/kg", "0.4 g/kg", "400 mg/kg", "35 g", "2 g/kg"]),
    st.sampled_from(["for 5 days", "over 3 days", "x 4", "on days 1, 2 and 3", "every 3 weeks", "monthly", "q6w"]),
    st.sampled_from(["at $98/g", "for 6 months", "over 90 minutes", "x 7 infusions", "10%", "privigen", "age 44"]),
    st.sampled_from(["9", "17", "0.35", "430", "for 8", "every 9", "x 12", "163 cm", "200 mL/h", "700 mL"]),
)


@settings(deadline=None, max_examples=400)
@given(st.lists(TYPED, min_size=1, max_size=6, unique=True).map("; ".join))
def test_every_number_that_was_typed_is_said_again_or_said_to_be_left_out(text: str) -> None:
    """A number that was read as nothing, or overlooked, would make the sum a sum of something else."""
    reply = SUMS.read(question(text))
    if reply is None or reply.kind != ReplyKind.CALCULATION:
        return
    said_again = reply.text.partition(PURPOSE)[0]
    numbers = re.findall(r"(?<![\d.,])\d+(?:[.,]\d+)?", re.sub(r"days 1, 2 and 3", "3 days", text))
    for number in numbers:
        plain = re.escape(number.replace(",", "."))
        times_ten = re.escape(str(int(number) * 10)) if number in ("10", "5") else plain
        assert re.search(rf"(?<![\d.,])(?:{plain}|{times_ten})(?![\d])", said_again), (number, reply.text)


def test_a_sum_names_what_its_numbers_were_read_in() -> None:
    def cited(*turns: str) -> set[str]:
        return {citation.source for citation in calculated(*turns).sources}

    assert cited("70 kg") == {"article"}
    assert cited("MMR in the US after 1 g/kg on 3 Nov 2026") == {"aciptab"}
    assert {"aciptab", "ausimm", "ema_priv", "hansard_2000", "cig_2006"} <= cited("MMR after 1 g/kg on 3 Nov 2026")
    assert {"multicalc_ladders", "privigen_us", "harriet_lane_24"} <= cited("1 g/kg privigen 70 kg")
    assert {"article", "medicare_b_2026"} <= cited("cost 70 kg 1 g/kg medicare")
    assert {"bloodstar_weight", "lifeblood_weight_2026"} <= cited("adjusted weight man 175 cm 100 kg")
    assert cited("1 g/kg for 70 kg") == cited("35 g at $98/g") == set()


def test_every_wording_is_said_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "sums").glob("*.py"))
    fixed = {name for name in SumWording.model_fields if not re.search(rf'\.{name}\b|"{name}"', code)}
    warnings = {name for name in wording().warnings if f'"{name}"' not in code}

    assert fixed == set()
    assert warnings == set()


@pytest.mark.parametrize(
    ("country", "shown", "hidden"),
    [
        ("us", "United States", "Australia"),
        ("eu", "European Union", "United States"),
        ("ie", "European Union", "United States"),
        ("nz", "New Zealand: I have no table", "I guess"),
    ],
)
def test_the_tables_of_a_region_are_taken_and_nobody_elses_without_saying_so(
    country: str, shown: str, hidden: str
) -> None:
    reply = SUMS.read(question("MMR after 1 g/kg on 3 Nov 2026", region=country))
    assert reply is not None

    assert shown in reply.text
    assert hidden not in reply.text


def test_a_product_of_another_country_is_said_to_be_one() -> None:
    reply = SUMS.read(question("how many bottles of qivigy is 70 g", region="au"))
    assert reply is not None

    assert "The label of your country may differ" in reply.text


def test_the_range_of_a_guideline_shows_both_ends_and_whose_weight_it_means() -> None:
    pressed = SUMS.press("dose-ontario_repeat", question(""))
    assert pressed is not None
    weighed = SUMS.read(question("70 kg", pressed.state))
    assert weighed is not None
    reply = SUMS.read(question("yearly?", weighed.state))
    assert reply is not None

    for shown in ("28 g × 52 ÷ 6 = about 242.67 g a year", "910 g a year", "adjusted for height"):
        assert shown in reply.text


def test_the_wording_file_is_the_one_that_is_shipped() -> None:
    assert Path(ROOT / "knowledge" / "sums.yaml").is_file()
    assert all("{" not in paragraph.text for text in CALCULATIONS for paragraph in calculated(text).paragraphs)


# -- low-energy mode --------------------------------------------------------------------------------------------------


def tired(text: str) -> Reply:
    reply = SUMS.read(question(text, low_energy=True))
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("text", "given", "outcome"),
    [
        ("0.4 g/kg for 5 days, 70 kg", "70 kg, 0.4 g/kg, for 5 days", "28 g × 5 days = 140 g in all"),
        ("1 g/kg, 154 lb", "154 lb, 1 g/kg", "69.85 kg × 1 g/kg = 69.85 g"),
        ("2 g/kg over 2 days, 82.5 kg", "82.5 kg, 2 g/kg, over 2 days", "165 g"),
        ("35 g at $90 a gram", "35 g, $90/g", "35 g × $90/g = $3,150"),
        ("35 g every 3 weeks, 70 kg", "70 kg, 35 g, every 3 weeks", "g a year"),
        ("how many mL is 40 g at 100 mg/mL", "40 g", "400 mL"),
    ],
)
def test_with_little_energy_a_sum_has_forty_words_two_buttons_and_the_caution(
    text: str, given: str, outcome: str
) -> None:
    reply = tired(text)

    assert words_of(reply.paragraphs) <= MOST_WORDS, reply.text
    assert len([button for row in reply.buttons for button in row]) == 2
    assert given in reply.paragraphs[0].text
    assert outcome in reply.text
    assert reply.paragraphs[-1].text == wording().brief_close


@pytest.mark.parametrize("text", ["1 g/kg, 25 kg", "3 g/kg, 70 kg", "1 g/kg, 210 kg, 16 years old", "70 g of Privigen"])
def test_with_little_energy_no_warning_is_left_out_however_many_words_it_takes(text: str) -> None:
    rested = SUMS.read(question(text))
    reply = tired(text)
    named = PRODUCTS["privigen_us"].cautions if "Privigen" in text else ()
    said = {paragraph.text for paragraph in reply.paragraphs}

    assert rested is not None
    assert reply.warnings == rested.warnings
    assert {warning.partition(": ")[2] for warning in rested.warnings} <= said
    assert {caution.text for caution in named} <= said
    assert bool(rested.warnings) or named


def test_the_whole_working_of_a_short_sum_stands_behind_its_button() -> None:
    short = tired("what would 70 kg cost")
    whole = SUMS.press(WHOLE, question("", short.state, low_energy=True))

    assert WHOLE in [button.code for row in short.buttons for button in row]
    assert whole is not None
    assert whole.text == SUMS.read(question("what would 70 kg cost")).text  # type: ignore[union-attr]
    assert wording().brief_weight_alone in short.text
    assert wording().brief_price in short.text
    assert SUMS.press(WHOLE, question("", low_energy=True)) is None
