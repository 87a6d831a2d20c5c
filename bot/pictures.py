"""
How does this look drawn.

May not know chats or files. The plotting library is loaded when the first picture is asked for, never at start.
Figures are made without pyplot and without global settings, so that two threads may draw at once. Nothing is told
by colour alone: shapes, positions and words say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from math import sqrt
from typing import TYPE_CHECKING, Any

from bot.charts import (
    DAYS_NAMED,
    DAYS_SHOWN,
    NOT_BENEFIT,
    SPREADING_DAYS,
    Poster,
    RateChart,
    TrialRow,
    TrialsChart,
    WearOffChart,
)
from bot.model import Picture, PictureKind
from bot.quantities.printing import hours, number, rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 200
WIDTH_INCHES = 5.4
FOOT_CHARACTERS = 76
NAME_CHARACTERS = 29
ROW_INCHES = 0.4
LINE_INCHES = 0.16
WIDTH_OF_A_FIGURE = 0.019  # of a chart's width, at the size of the labels
HEIGHT_OF_A_LABEL = 0.075  # of a chart's height
BLUE, ORANGE, PURPLE, GREY, INK = "#0072B2", "#D55E00", "#7B3F8C", "#6B6B6B", "#1A1A1A"
COLUMNS = {
    "better": ("better", "^", BLUE),
    "mixed": ("mixed", "D", PURPLE),
    "no_difference": ("no\ndifference", "o", ORANGE),
    "unclear": ("cannot\ntell", "X", GREY),
}


def draw(picture: Picture) -> bytes:
    """The picture as PNG bytes; slow enough (about a second) to be run off the event loop."""
    return _png(_DRAWERS[picture.kind](picture.values))


def _figure(height_inches: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def _wrapped(text: str, characters: int) -> str:
    from textwrap import fill

    return fill(text, characters, break_on_hyphens=False)


def _head(figure: Figure, title: str, characters: int = 40) -> float:
    """Write the title at the top; returns how many inches it took."""
    text = _wrapped(title, characters)
    height = figure.get_figheight()
    figure.text(
        0.04, 1 - 0.12 / height, text, size=14, weight="bold", color=INK, va="top", parse_math=False, linespacing=1.15
    )
    return 0.2 + 0.25 * (text.count("\n") + 1)


def _foot_height(text: str) -> float:
    return 0.14 + 0.17 * (_wrapped(text, FOOT_CHARACTERS).count("\n") + 1)


def _foot(figure: Figure, text: str) -> None:
    figure.text(
        0.04,
        0.1 / figure.get_figheight(),
        _wrapped(text, FOOT_CHARACTERS),
        size=9.5,
        color=INK,
        va="bottom",
        parse_math=False,
        linespacing=1.25,
    )


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=11, colors=INK)


def _infusion_rate(values: Mapping[str, Any]) -> Figure:
    chart = RateChart.model_validate(values)
    foot = f"{chart.whose} {chart.leaves_out}"
    figure = _figure(4.6 + _foot_height(foot))
    height = figure.get_figheight()
    head = _head(figure, chart.title) + 0.42
    bottom = _foot_height(foot) + 0.62
    axes = figure.add_axes((0.17, bottom / height, 0.79, 1 - (head + bottom) / height))
    ends = [0.0]
    for step in chart.steps:
        ends.append(ends[-1] + float(step.minutes))
    rates = [float(step.rate) for step in chart.steps]
    axes.stairs(rates, ends, fill=True, color=BLUE, alpha=0.25)
    axes.stairs(rates, ends, color=BLUE, linewidth=2.5)
    axes.set_ylim(0, max(rates) * 1.15)
    axes.set_xlim(0, ends[-1] * 1.02)
    _rate_labels(axes, chart, ends)
    axes.yaxis.set_major_formatter("{x:g}")  # 2, not 2.0: a zero behind the point is read as twenty
    _hour_marks(axes, ends[-1])
    axes.set_ylabel(f"Rate in {chart.unit}", size=12, color=INK, parse_math=False)
    figure.text(0.04, 1 - (head - 0.3) / height, f"At least {hours(chart.minutes)}", size=13, color=BLUE, weight="bold")
    _plain(axes)
    _foot(figure, foot)
    return figure


def _rate_labels(axes: Axes, chart: RateChart, ends: list[float]) -> None:
    """
    The number of each step: above its line where there is room, else beside its end, inside the higher step.

    A number that would touch the one below it is left out; the step is still drawn, and the words name it.
    """
    lowest_free = 0.0
    tallest = max(float(step.rate) for step in chart.steps)
    for step, start, end in zip(chart.steps, ends, ends[1:], strict=False):
        rate = float(step.rate)
        label = number(rounded(step.rate, 2) or rounded(step.rate, 4))
        is_wide = end - start >= ends[-1] * WIDTH_OF_A_FIGURE * (len(label) + 1)
        if not is_wide and rate < lowest_free:
            continue
        place, across, above = (start + end) / 2, "center", "bottom"
        if not is_wide and end == ends[-1]:
            place, across = end, "right"
        elif not is_wide:
            place, across, above = end + ends[-1] * WIDTH_OF_A_FIGURE / 2, "left", "center"
        axes.text(place, rate, label, size=11.5, weight="bold", color=INK, ha=across, va=above, parse_math=False)
        lowest_free = rate + tallest * HEIGHT_OF_A_LABEL


def _hour_marks(axes: Axes, minutes: float) -> None:
    """Marks at whole steps of time, at most eight of them, with words."""
    step = next(step for step in (10, 15, 30, 60, 120, 180, 240, 360, 720) if minutes / step <= 7)
    marks = [step * place for place in range(int(minutes // step) + 1)]
    axes.set_xticks(marks)
    if step < 60:
        axes.set_xticklabels([f"{mark}" for mark in marks])
        axes.set_xlabel("Minutes from the start", size=12, color=INK)
    else:
        axes.set_xticklabels([f"{mark // 60}" for mark in marks])
        axes.set_xlabel("Hours from the start", size=12, color=INK)


def _wear_off(values: Mapping[str, Any]) -> Figure:
    chart = WearOffChart.model_validate(values)
    foot = f"{NOT_BENEFIT} {chart.note}"
    figure = _figure(4.6 + _foot_height(foot))
    height = figure.get_figheight()
    head = _head(figure, "Antibody left after one infusion") + 0.1
    bottom = _foot_height(foot) + 0.62
    axes = figure.add_axes((0.16, bottom / height, 0.8, 1 - (head + bottom) / height))
    days = list(range(DAYS_SHOWN + 1))
    least, most = zip(*(chart.left(day) for day in days), strict=True)
    axes.fill_between(days, least, most, color=BLUE, alpha=0.3, linewidth=0)
    axes.plot(days, least, color=BLUE, linewidth=2)
    axes.plot(days, most, color=BLUE, linewidth=2, linestyle=(0, (5, 2)))
    axes.axvspan(0, SPREADING_DAYS, color=GREY, alpha=0.25, linewidth=0, hatch="///")
    axes.annotate(
        "first days: falls faster, as it\nspreads into the body",
        (SPREADING_DAYS / 2, 96),
        (26, 90),
        size=10,
        color=INK,
        va="center",
        arrowprops={"arrowstyle": "-", "color": GREY},
    )
    for day in DAYS_NAMED[:2]:
        low, high = chart.left(day)
        axes.plot([day, day], [low, high], color=INK, linewidth=3, solid_capstyle="butt")
        axes.annotate(
            f"day {day}:\n{chart.left_text(day)}",
            (day, high),
            (day + 6, high + 9),
            size=12,
            weight="bold",
            color=INK,
            arrowprops={"arrowstyle": "-", "color": INK},
            parse_math=False,
        )
    axes.set_xlim(0, DAYS_SHOWN)
    axes.set_ylim(0, 102)
    axes.set_xticks([0, 30, 60, 90, 120, 150, 180])
    axes.set_yticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_xlabel("Days after the infusion", size=12, color=INK)
    axes.text(DAYS_SHOWN, 60, f"dashed: half gone in {max(chart.from_days, chart.to_days)} days", size=10, ha="right")
    axes.text(DAYS_SHOWN, 53, f"solid: half gone in {min(chart.from_days, chart.to_days)} days", size=10, ha="right")
    _plain(axes)
    _foot(figure, foot)
    return figure


def _trials(values: Mapping[str, Any]) -> Figure:
    chart = TrialsChart.model_validate(values)
    by_setting: dict[str, list[TrialRow]] = {}
    for trial in chart.trials:
        by_setting.setdefault(trial.setting, []).append(trial)
    foot = "A larger sign means more people, not a better study. The list of studies says each in words."
    heights = [0.36 + sum(_row_height(row) for row in rows) for rows in by_setting.values()]
    head = 1.25
    figure = _figure(head + sum(heights) + _foot_height(foot))
    height = figure.get_figheight()
    _head(figure, "What studies of IVIG in MS found")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH_INCHES)
    axes.set_ylim(height, 0)
    places = {name: 2.82 + 0.73 * number_of for number_of, name in enumerate(COLUMNS)}
    for name, (words, _, color) in COLUMNS.items():
        axes.text(places[name], head - 0.34, words, size=10, weight="bold", color=color, ha="center", va="bottom")
    axes.text(0.12, head - 0.34, "With IVIG it was:", size=10, weight="bold", color=INK, va="bottom")
    at = head - 0.2
    for setting, rows in by_setting.items():
        axes.fill_between([0, WIDTH_INCHES], at, at + 0.28, color="#E8E8E8", linewidth=0)
        axes.text(0.12, at + 0.14, setting, size=11, weight="bold", color=INK, va="center", parse_math=False)
        at += 0.36
        for trial in sorted(rows, key=lambda row: row.year):
            _trial(axes, trial, at, places)
            at += _row_height(trial)
    _foot(figure, foot)
    return figure


def _row_height(trial: TrialRow) -> float:
    return ROW_INCHES + LINE_INCHES * _wrapped(trial.name, NAME_CHARACTERS).count("\n")


def _trial(axes: Axes, trial: TrialRow, at: float, places: Mapping[str, float]) -> None:
    _, marker, color = COLUMNS[trial.direction]
    name = _wrapped(trial.name, NAME_CHARACTERS)
    below = LINE_INCHES * name.count("\n")
    axes.text(0.12, at + 0.03, name, size=10.5, color=INK, va="top", parse_math=False, linespacing=1.1)
    people = f"{trial.year}, {trial.people:,} people"
    axes.text(0.12, at + 0.28 + below, people, size=9, color=GREY, va="center", parse_math=False)
    axes.plot([2.55, WIDTH_INCHES - 0.08], [at + 0.18] * 2, color="#D0D0D0", linewidth=0.8, zorder=0)
    size = min(15.0, 5 + sqrt(trial.people) / 2)
    axes.plot([places[trial.direction]], [at + 0.18], marker=marker, color=color, markersize=size, linestyle="none")


def _poster(values: Mapping[str, Any]) -> Figure:
    import segno
    from numpy import array

    poster = Poster.model_validate(values)
    figure = _figure(WIDTH_INCHES * sqrt(2))
    figure.text(
        0.5,
        0.94,
        _wrapped(poster.title, 18),
        size=26,
        weight="bold",
        color=INK,
        ha="center",
        va="top",
        parse_math=False,
    )
    code = array([list(row) for row in segno.make(poster.address, error="q", micro=False).matrix_iter(border=4)])
    axes = figure.add_axes((0.17, 0.36, 0.66, 0.66 / sqrt(2)))
    axes.imshow(1 - code, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()
    figure.text(0.5, 0.355, _wrapped(poster.address, 40), size=11, color=INK, ha="center", va="top", parse_math=False)
    lines = "\n".join(_wrapped(line, 44) for line in poster.lines)
    figure.text(0.5, 0.29, lines, size=13, color=INK, ha="center", va="top", parse_math=False, linespacing=1.5)
    figure.text(
        0.5,
        0.035,
        _wrapped(poster.footer, 46),
        size=12,
        weight="bold",
        color=INK,
        ha="center",
        va="bottom",
        parse_math=False,
        linespacing=1.3,
    )
    return figure


_DRAWERS: Mapping[PictureKind, Callable[[Mapping[str, Any]], Figure]] = {
    PictureKind.INFUSION_RATE: _infusion_rate,
    PictureKind.WEAR_OFF: _wear_off,
    PictureKind.TRIALS: _trials,
    PictureKind.POSTER: _poster,
}
