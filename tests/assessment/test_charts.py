"""Charts: well formed, safe under a strict content policy, every value in writing, the line at its place."""
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from assessment import charts
from assessment.charts import Bar, Series

SVG = "{http://www.w3.org/2000/svg}"
BARS = [Bar("水寨镇", 92.5, "第1名"), Bar("河东<镇>", Decimal("80.25"), "第2名"), Bar("转水镇", 0)]


def every_chart() -> dict[str, str]:
    return {
        "ranked_bars": charts.ranked_bars("完成率", BARS, unit="%", target=90, target_label="序时进度 "),
        "columns": charts.columns("脱贫人数", [Bar("2016年", 52775), Bar("2017年", 123142), Bar("2018年", -10)],
                                  unit="人", target=175917, target_label="目标 "),
        "histogram": charts.histogram("收入分布", [0, 4000, 8000, 12000], [12, 340, 56], line=Decimal("7725.47"),
                                      line_label="认定标准 "),
        "lines": charts.lines("收入", [2016, 2017, 2018], [Series("全省", (14512.2, 15779.7, 17167.7)),
                                                       Series("全县", (9000, None, 11000))], unit="元"),
    }


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", ["ranked_bars", "columns", "histogram", "lines"])
def test_a_chart_scales_has_a_title_and_no_inline_style_or_script(name):
    svg = every_chart()[name]
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox").startswith("0 0 640 ")
    assert root.get("width") == "100%"
    assert root.find(f"{SVG}title").text
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href|textPath", svg)


@pytest.mark.parametrize("name", ["ranked_bars", "columns", "histogram", "lines"])
def test_nothing_is_drawn_outside_the_picture(name):
    root = ElementTree.fromstring(every_chart()[name])
    width, height = map(float, root.get("viewBox").split()[2:])
    for element in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(key, 0)) <= width
        for key in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.get(key, 0)) <= height


@pytest.mark.parametrize("name", ["ranked_bars", "columns", "histogram", "lines"])
def test_the_same_figures_give_the_same_picture(name):
    assert every_chart()[name] == every_chart()[name]


def test_bars_keep_their_order_and_say_label_value_and_remark():
    written = texts(charts.ranked_bars("完成率", BARS, unit="%"))
    assert written == ["水寨镇", "92.5%　第1名", "河东<镇>", "80.25%　第2名", "转水镇", "0%"]


def test_bars_are_as_long_as_their_values():
    root = ElementTree.fromstring(charts.ranked_bars("户数", [Bar("甲", 200), Bar("乙", 50)]))
    first, second = (float(rect.get("width")) for rect in root.iter(f"{SVG}rect"))
    assert first == pytest.approx(4 * second, abs=0.5)


def test_the_poverty_line_stands_at_its_place_between_the_classes():
    root = ElementTree.fromstring(charts.histogram("收入分布", [0, 5000, 10000], [10, 20], line=7500, line_label="标准 "))
    drawn = next(line for line in root.iter(f"{SVG}line") if line.get("stroke") == charts.WARN)
    edges = [float(rect.get("x")) for rect in root.iter(f"{SVG}rect")]
    # Three boxes: the lower class, the upper class below the line, the upper class from the line on.
    assert len(edges) == 3
    assert float(drawn.get("x1")) == pytest.approx(edges[2], abs=1)
    assert "标准 7,500元" in texts(ElementTree.tostring(root, encoding="unicode"))


def test_a_year_without_a_figure_leaves_a_gap():
    root = ElementTree.fromstring(charts.lines("收入", [2016, 2017, 2018], [Series("全县", (1, None, 3))]))
    assert len(list(root.iter(f"{SVG}circle"))) == 2
    assert not [line for line in root.iter(f"{SVG}line")
                if line.get("stroke-width") == "2" and line.get("y1") != line.get("y2")]


@pytest.mark.parametrize("svg", [
    charts.ranked_bars("空", []), charts.columns("空", []), charts.lines("空", [], []),
    charts.histogram("空", [0], [], line=1, line_label=""),
])
def test_without_figures_a_chart_says_so(svg):
    assert texts(svg) == ["没有数据"]


def test_a_histogram_with_the_wrong_number_of_bounds_is_refused():
    with pytest.raises(ValueError, match="需要3个分组界限"):
        charts.histogram("收入", [0, 1], [1, 2], line=1, line_label="")


@pytest.mark.parametrize(("value", "text"), [
    (0, "0"), (1234567, "1,234,567"), (Decimal("7725.47"), "7,725.47"), (84.30, "84.3"), (-5, "-5"), (100, "100"),
])
def test_numbers_are_printed_with_separators_and_without_idle_zeros(value, text):
    assert charts.plain(value) == text
