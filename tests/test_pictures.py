"""Charts say in words what they draw; pictures are whole PNGs, drawn without pyplot, loaded only when asked for."""

import re
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.charts import NOT_BENEFIT, Poster, RateChart, TrialsChart, WearOffChart
from bot.dosing.rates import ladder_time
from bot.dosing.tables import DosingTables
from bot.model import Picture, PictureKind
from bot.pictures import _DRAWERS, draw
from bot.quantities.printing import number, rounded
from bot.strictyaml import read_file, validate
from tests.test_doses import PRODUCTS, TABLES

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 1080
LARGEST_PHOTO_SIDES = 10_000
LARGEST_RATIO = 20


def rate_chart(*steps: tuple[str, str], title: str = "70 g of Privigen, 10%, at 70 kg") -> RateChart:
    return RateChart.model_validate(
        {
            "title": title,
            "unit": "mL/kg/h",
            "steps": [{"rate": rate, "minutes": minutes} for rate, minutes in steps],
            "whose": "The steps are an example, not the label.",
            "leaves_out": "It leaves out bottle changes.",
        }
    )


PRIVIGEN = rate_chart(("0.3", "30"), ("0.6", "30"), ("1.2", "30"), ("2.4", "30"), ("4.8", "96.875"))
WEAR_OFF = WearOffChart(from_days=21, to_days=36, note="Measured in people with immune deficiency.")
POSTER = Poster(
    title="Questions about IVIG and MS?",
    address="https://t.me/ivig_ms_bot?start=poster",
    lines=("Answers from published sources.",),
    footer="Not for emergencies.",
)


def trials(count: int = 6, name: str = "Austrian trial") -> Picture:
    directions = ("better", "mixed", "no_difference", "unclear")
    rows = [
        {
            "name": f"{name} {number}",
            "year": 1997 + number,
            "people": 10 * (number + 1),
            "setting": f"Setting {number // 3}",
            "direction": directions[number % 4],
            "design": "crossover",
        }
        for number in range(count)
    ]
    return Picture(kind=PictureKind.TRIALS, values={"trials": rows}, text="Every study in words.")


def drawn(picture: Picture) -> Any:
    """The figure itself, its places worked out."""
    figure = _DRAWERS[picture.kind](picture.values)
    figure.canvas.draw()
    return figure


def words_of(figure: Any) -> list[Any]:
    axes = figure.axes[0]
    marks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    found = [*figure.texts, *axes.texts, axes.xaxis.label, axes.yaxis.label, *marks]
    low, high = axes.get_ylim()
    beyond = [mark for mark in axes.get_yticklabels() if not low <= mark.get_position()[1] <= high]
    return [text for text in found if text.get_text() and text not in beyond]


def overlaps(texts: list[Any]) -> list[tuple[str, str]]:
    """Every two texts that lie on each other; an edge that only touches is let pass."""
    places = [(text.get_text(), text.get_window_extent().shrunk(0.95, 0.8)) for text in texts]
    return [(one[0], other[0]) for one, other in combinations(places, 2) if one[1].overlaps(other[1])]


def figure_of(rate: Decimal) -> str:
    return number(rounded(rate, 2))


def size_of(content: bytes) -> tuple[int, int]:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@pytest.mark.parametrize(
    "picture",
    [
        PRIVIGEN.picture(),
        WEAR_OFF.picture(),
        POSTER.picture(),
        trials(),
        trials(26, "A long name of a study, with its author"),
    ],
)
def test_every_kind_is_a_photo_telegram_takes(picture: Picture) -> None:
    content = draw(picture)
    width, height = size_of(content)
    assert width == WIDTH
    assert width + height <= LARGEST_PHOTO_SIDES
    assert height / width <= LARGEST_RATIO
    assert len(content) < 1_000_000


def test_every_kind_has_a_drawer() -> None:
    assert {picture.kind for picture in (PRIVIGEN.picture(), WEAR_OFF.picture(), POSTER.picture(), trials())} == set(
        PictureKind
    )


def test_the_same_values_give_the_same_bytes_also_in_threads() -> None:
    pictures = [PRIVIGEN.picture(), WEAR_OFF.picture()] * 3
    with ThreadPoolExecutor(3) as pool:
        drawn = list(pool.map(draw, pictures))
    assert drawn[0] == drawn[2] == drawn[4] != drawn[1] == drawn[3] == drawn[5]


def test_nothing_is_loaded_before_a_picture_is_asked_for() -> None:
    code = (
        "import sys, bot.pictures\n"
        "assert not {'matplotlib', 'segno', 'numpy'} & set(sys.modules)\n"
        "from bot.charts import WearOffChart\n"
        "bot.pictures.draw(WearOffChart(from_days=21, to_days=36, note='n').picture())\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_the_rate_chart_in_words() -> None:
    assert PRIVIGEN.text == (
        "70 g of Privigen, 10%, at 70 kg. 0.3 mL/kg/h for 30 minutes, then 0.6 mL/kg/h for 30 minutes, "
        "then 1.2 mL/kg/h for 30 minutes, then 2.4 mL/kg/h for 30 minutes, then 4.8 mL/kg/h for the rest, "
        "1 hour 37 minutes. In all at least 3 hours 37 minutes. The steps are an example, not the label. "
        "It leaves out bottle changes."
    )
    assert PRIVIGEN.picture().text == PRIVIGEN.text
    assert rate_chart(("100", "60"), title="One rate").text.startswith(
        "One rate. 100 mL/kg/h for 1 hour. In all at least"
    )


@pytest.mark.parametrize(("day", "said"), [(28, "about 40 to 58%"), (90, "about 5 to 18%"), (180, "about 0.3 to 3%")])
def test_the_band_worked_by_hand(day: int, said: str) -> None:
    """0.5 to the power of day/21 and day/36."""
    assert WEAR_OFF.left_text(day) == said
    assert said in WEAR_OFF.text


def test_the_band_never_promises_benefit() -> None:
    assert NOT_BENEFIT in WEAR_OFF.text
    assert WEAR_OFF.left(0) == (100, 100)
    assert WEAR_OFF.left_text(0) == "about 100%"


def test_the_band_of_the_tables() -> None:
    document = read_file(ROOT / "knowledge" / "dosing.yaml", "dosing.yaml")
    tables = validate(DosingTables, document)
    assert tables is not None, document.problems
    chart = WearOffChart.of(tables.half_life)
    assert (chart.from_days, chart.to_days) == (21, 36)
    assert chart.note == tables.half_life.note


@pytest.mark.parametrize("grams", [10, 28, 70, 140, 210])
@pytest.mark.parametrize("name", sorted(name for name, product in PRODUCTS.items() if product.ladders))
def test_no_word_of_a_rate_chart_lies_on_another_or_outside(name: str, grams: int) -> None:
    product = PRODUCTS[name]
    worked = ladder_time(Decimal(grams), Decimal(70), product.ladders[0], product.strength.mg_per_ml[0])
    chart = rate_chart(*((str(stage.rate_ml_per_kg_per_h), str(stage.minutes)) for stage in worked.stages))
    figure = drawn(chart.picture())
    whole = figure.bbox
    places = [text.get_window_extent() for text in words_of(figure)]

    assert all(whole.x0 <= each.x0 and each.x1 <= whole.x1 and whole.y0 <= each.y0 for each in places)
    assert overlaps(words_of(figure)) == []
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels[-1] == figure_of(chart.steps[-1].rate)
    assert len(labels) >= min(3, len(chart.steps))


def test_no_number_on_an_axis_ends_in_a_zero_behind_the_point() -> None:
    for picture in (PRIVIGEN.picture(), rate_chart(("0.5", "30"), ("2", "60")).picture(), WEAR_OFF.picture()):
        figure = drawn(picture)
        axes = figure.axes[0]
        marks = [label.get_text() for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]

        assert marks
        assert [mark for mark in marks if re.search(r"\.\d*0\b", mark)] == []


def test_no_word_of_the_band_lies_on_another_or_outside() -> None:
    figure = drawn(WearOffChart.of(TABLES.half_life).picture())
    places = [text.get_window_extent() for text in words_of(figure)]

    assert all(each.x0 >= 0 and each.x1 <= figure.bbox.x1 and each.y0 >= 0 for each in places)
    assert overlaps(words_of(figure)) == []


@given(
    st.lists(
        st.tuples(st.decimals("0.0001", "9999", places=4), st.decimals("0.01", "270", places=2)),
        min_size=1,
        max_size=16,
    )
)
def test_the_words_name_every_step_and_the_whole_time(steps: list[tuple[Decimal, Decimal]]) -> None:
    chart = rate_chart(*((str(rate), str(minutes)) for rate, minutes in steps))
    assert chart.text.count(chart.unit) == len(steps)
    assert " 0 mL" not in chart.text
    assert chart.minutes == sum(minutes for _, minutes in steps)


@pytest.mark.parametrize(
    "steps",
    [
        [("0.0001", "0.01")],
        [("9999", "4000"), ("5", "1"), ("0.5", "0.1")],
        [(str(number), "1") for number in range(1, 17)],
        [("1", "4320")],
    ],
)
def test_odd_steps_are_drawn(steps: list[tuple[str, str]]) -> None:
    assert size_of(draw(rate_chart(*steps, title="$W_W$ {x} \\frac % & < > €" + "W" * 30).picture()))[0] == WIDTH


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("0", "30")],
        [("1", "0")],
        [("NaN", "30")],
        [("1", "Infinity")],
        [("1", "4321")],
        [("1", "3000"), ("2", "3000")],
    ],
)
def test_impossible_steps_are_refused(steps: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationError):
        rate_chart(*steps)


@pytest.mark.parametrize("kind", list(PictureKind))
@pytest.mark.parametrize("values", [{}, {"steps": 3}, {"trials": []}, {"unknown": "key"}])
def test_values_that_are_no_chart_are_refused(kind: PictureKind, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        draw(Picture(kind=kind, values=values, text="x"))


def test_every_study_of_the_table_is_drawn() -> None:
    """As the evidence page hands them over; the setting stands in for its title."""
    content = read_file(ROOT / "knowledge" / "trials.yaml", "trials.yaml").content
    kept = ("name", "year", "people", "setting", "direction", "design")
    rows = [{key: trial[key] for key in kept} for trial in content["trials"]]
    _, height = size_of(draw(Picture(kind=PictureKind.TRIALS, values={"trials": rows}, text="x")))
    assert height > 40 * len(rows)


def test_an_unknown_direction_is_refused() -> None:
    row = dict(trials(1).values["trials"][0], direction="wonderful")
    with pytest.raises(ValidationError):
        TrialsChart.model_validate({"trials": [row]})


def test_the_code_on_the_poster_reads_as_its_address() -> None:
    """The middle of every drawn module has the colour that the encoder of the address gave it."""
    from matplotlib.image import imread

    pixels = imread(BytesIO(draw(POSTER.picture())))[..., 0]
    wanted = [list(row) for row in segno.make(POSTER.address, error="q", micro=False).matrix_iter(border=4)]
    size = WIDTH * 0.66
    left, top = WIDTH * 0.17, pixels.shape[0] * (1 - 0.36) - size
    for row, modules in enumerate(wanted):
        for column, dark in enumerate(modules):
            x = int(left + size * (column + 0.5) / len(wanted))
            y = int(top + size * (row + 0.5) / len(wanted))
            assert (pixels[y, x] < 0.5) == bool(dark), (row, column)


@pytest.mark.parametrize(
    "address", ["", "http://t.me/x_bot", "javascript:alert(1)", "https://t.me/x bot", "https://" + "a" * 200]
)
def test_only_a_plain_address_becomes_a_poster(address: str) -> None:
    with pytest.raises(ValidationError):
        Poster(title="x", address=address, footer="y")


def test_the_poster_in_words() -> None:
    assert POSTER.text == (
        "Questions about IVIG and MS? Answers from published sources. Scan the code or open "
        "https://t.me/ivig_ms_bot?start=poster – Not for emergencies."
    )
