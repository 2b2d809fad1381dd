"""Charts hold for whatever TikTok delivers: nothing, zeros, gaps, one day, huge days."""

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agency.outlets import charts
from agency.outlets.parts import DayPoint

MONDAY = date(2026, 5, 18)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def days(*rows: tuple[int | None, int | None, str]) -> list[DayPoint]:
    return [
        DayPoint(MONDAY + timedelta(days=i), f"{(MONDAY + timedelta(days=i)):%a} {(MONDAY + timedelta(days=i)).day}", now, before, state)
        for i, (now, before, state) in enumerate(rows)
    ]


def final(*values: int | None) -> list[DayPoint]:
    return days(*((v, None, "missing" if v is None else "final") for v in values))


def marks(drawing: str, *names: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(drawing).iter() if e.get("class") in {f"c-{name}" for name in names}]


amounts = st.none() | st.integers(min_value=0, max_value=10**15)
points = st.lists(st.tuples(amounts, amounts, st.sampled_from(["final", "provisional", "missing"])), max_size=95).map(
    lambda rows: days(*rows)
)


@settings(max_examples=150)
@given(points, st.sampled_from([(720, 232), (372, 220), (536, 132)]), st.sampled_from(["page", "picture"]))
def test_every_drawing_is_valid_and_stays_inside_its_box(some: list[DayPoint], size: tuple[int, int], paint: charts.Paint) -> None:
    drawing = charts.day_chart(some, width=size[0], height=size[1], paint=paint)
    for element in ElementTree.fromstring(drawing).iter():
        assert "style" not in element.attrib
        for x, y in spots(element):
            assert -0.06 <= x <= size[0] + 0.06, element.attrib
            assert -0.06 <= y <= size[1] + 0.06, element.attrib
    assert "nan" not in drawing.lower()
    assert "inf" not in drawing.lower()


def spots(element: ElementTree.Element) -> list[tuple[float, float]]:
    """Where an element goes: absolute commands of a path, with the relative ones added up."""
    tag = element.tag.rsplit("}", 1)[-1]
    if tag in ("text", "rect", "circle"):
        x, y = float(element.get("x", element.get("cx", "0"))), float(element.get("y", element.get("cy", "0")))
        return [(x, y), (x + float(element.get("width", "0")), y + float(element.get("height", "0")))]
    found, x, y = [], 0.0, 0.0
    for command, rest in re.findall(r"([MLHVahvz])([^MLHVahvz]*)", element.get("d", "")):
        n = [float(v) for v in NUMBER.findall(rest)]
        match command:
            case "M" | "L":
                x, y = n[0], n[1]
            case "H":
                x = n[0]
            case "V":
                y = n[0]
            case "h":
                x += n[0]
            case "v":
                y += n[0]
            case "a":
                x, y = x + n[5], y + n[6]
        found.append((x, y))
    return found


@settings(max_examples=150)
@given(points)
def test_a_day_is_drawn_once_whatever_its_state(some: list[DayPoint]) -> None:
    drawing = charts.day_chart(some)
    drawn = [int(e.attrib["data-i"]) for e in ElementTree.fromstring(drawing).iter() if "data-i" in e.attrib]
    told = [place for dots in marks(drawing, "dots") for place, _ in enumerate(dots.attrib["data-at"].split(","))]
    assert sorted(drawn + told) == list(range(len(some)))


@settings(max_examples=100)
@given(points)
def test_missing_days_are_wells_and_nothing_else(some: list[DayPoint]) -> None:
    drawing, missing = charts.day_chart(some), {i for i, p in enumerate(some) if p.now is None or p.state == "missing"}
    wells = [(float(e.attrib["x"]), float(e.attrib["x"]) + float(e.attrib["width"])) for e in marks(drawing, "void")]
    step = 674 / max(len(some), 1)
    assert {i for i in range(len(some)) if any(left < step * (i + 0.5) < right for left, right in wells)} == missing
    for dots in marks(drawing, "dots"):
        assert {i for i, spot in enumerate(dots.attrib["data-at"].split(",")) if " " not in spot} == missing


@settings(max_examples=100)
@given(st.lists(st.none() | st.floats(min_value=-1e12, max_value=1e12, allow_nan=False), max_size=40))
def test_a_sparkline_is_valid_and_stays_inside_its_box(values: list[float | None]) -> None:
    drawing = charts.spark(values)
    if all(v is None for v in values):
        assert drawing == ""
        return
    for element in ElementTree.fromstring(drawing).iter():
        pairs = [tuple(map(float, pair.split(","))) for pair in element.get("points", "").split()]
        pairs += [(float(element.attrib["cx"]), float(element.attrib["cy"]))] if "cx" in element.attrib else []
        assert all(0 <= x <= 88 and 0 <= y <= 28 for x, y in pairs)


@settings(max_examples=200)
@given(st.integers(min_value=1, max_value=10**15))
def test_gridlines_of_counts_are_whole_and_reach_the_peak(peak: int) -> None:
    top, ticks = charts._scale(float(peak), whole=True)
    assert top >= peak
    assert ticks in (3, 4)
    assert (top / ticks) == int(top / ticks)
    assert top <= max(peak * 2.1, 3)


def test_a_fortnight_is_bars_and_more_is_a_line() -> None:
    assert len(marks(charts.day_chart(final(*range(14))), "bar")) == 14
    longer = charts.day_chart(final(*range(15)))
    assert not marks(longer, "bar")
    assert len(marks(longer, "line")) == 1


def test_a_zero_is_a_sliver_and_a_missing_day_is_not() -> None:
    drawing = charts.day_chart(final(0, None, 5))
    assert [e.get("data-i") for e in marks(drawing, "bar")] == ["0", "2"]
    heights = [y for _, y in spots(marks(drawing, "bar")[0])]
    assert max(heights) - min(heights) == pytest.approx(1.5)
    assert [e.get("data-i") for e in marks(drawing, "void")] == ["1"]


def test_a_gap_is_never_bridged() -> None:
    drawing = charts.day_chart(final(*[5] * 8, None, *[5] * 8))
    lines = [e.attrib["d"] for e in marks(drawing, "line")]
    assert len(lines) == 2
    assert sum(line.count("L") for line in lines) == 14


def test_days_that_may_still_rise_are_hatched() -> None:
    bars = charts.day_chart(days((5, None, "final"), (4, None, "provisional")))
    assert [e.get("data-i") for e in marks(bars, "soon")] == ["1"]
    line = charts.day_chart(days(*[(5, None, "final")] * 18, *[(5, None, "provisional")] * 2))
    assert [e.attrib["d"].count("L") for e in marks(line, "line", "open")] == [17, 2]
    assert len(marks(line, "rise")) == 1


def test_a_single_known_day_of_a_long_chart_is_a_dot() -> None:
    drawing = charts.day_chart(final(*[None] * 9, 7, *[None] * 9))
    assert len(marks(drawing, "lone")) == 1
    assert not marks(drawing, "line")


def test_labels_of_a_crowded_axis_do_not_touch() -> None:
    some = [DayPoint(MONDAY + timedelta(days=i), f"May {i}", 5, None) for i in range(90)]
    labels = [e for e in ElementTree.fromstring(charts.day_chart(some)).iter() if e.get("text-anchor") == "middle"]
    places = sorted(float(e.attrib["x"]) for e in labels)
    assert len(labels) >= 4
    assert min(b - a for a, b in pairwise(places)) >= 6 * charts.LETTER_WIDTH


def test_a_picture_has_colours_and_no_text_or_classes() -> None:
    drawing = charts.day_chart(final(5, 6), paint="picture")
    assert "<text" not in drawing
    assert "class=" not in drawing


def test_the_picture_of_a_week_is_small_enough_to_embed() -> None:
    png = charts.day_chart_png(
        days((168400, 151900, "final"), (195300, 160200, "final"), (154400, 147265, "provisional"), (None, 8, "missing"))
    )
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1072, 264)
    assert len(png) <= 12_000


@pytest.mark.parametrize(
    ("some", "sentence"),
    [
        ([], "Views per day. No data from TikTok."),
        (final(1, 3, 2), "Views per day, May 18 – May 20. Tuesday was highest with 3."),
        (final(0, 0), "Views per day, May 18 – May 19. Nothing was counted on any day."),
        (final(None, None), "Views per day, May 18 – May 19. No data from TikTok."),
        (
            days((5, 4, "final"), (7, 6, "provisional")),
            "Views per day, May 18 – May 19. Tuesday was highest with 7. Every day was above the period before. Tuesday may still rise.",
        ),
        (
            days((5, 6, "final"), (None, 6, "missing"), (8, 7, "final")),
            (
                "Views per day, May 18 – May 20. Wednesday was highest with 8. 1 of 2 days were above the period before. "
                "No data from TikTok for Tuesday."
            ),
        ),
    ],
)
def test_the_news_says_peak_comparison_and_what_is_open(some: list[DayPoint], sentence: str) -> None:
    assert charts.news(some, "Views per day") == sentence


def test_the_news_of_weeks_names_weeks() -> None:
    said = charts.news(days((5, 6, "final"), (8, 7, "final"), (7, 1, "provisional")), "Views per week", step="week")
    assert said.split(". ")[1:] == [
        "The week from May 19 was highest with 8", "2 of 3 weeks were above the period before", "The week from May 20 may still rise.",
    ]  # fmt: skip
    assert "for the week from May 18." in charts.news(days((None, 6, "missing"), (8, 7, "final")), "Views per week", step="week")
