"""Charts as SVG text, for the PDF bulletin and for the web alike.

Each function returns one `<svg>` element that scales to the width of its place (viewBox, no style attributes, so that a
strict content security policy lets it pass), carries a `<title>` and says every value in writing: colour and pattern
never carry meaning alone. Numbers may be int, float or Decimal; they are printed as given by `show`.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

Number = int | float | Decimal

WIDTH = 640  # user units across; heights follow from the content
FACE = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
INK, SOFT, GRID = "#1d2733", "#5b6775", "#d5dbe1"
MAIN, PALE, WARN = "#1f5f99", "#a9c4de", "#c0392b"
SERIES = (("#1f5f99", ""), ("#c0392b", "7 4"), ("#3d7a3d", "2 4"), ("#7a4f9a", "10 4 2 4"))  # colour and dash
TEXT = 13


@dataclass(frozen=True)
class Bar:
    """One bar: a place or a kind, its value, and a remark printed after the value (第1名, ↑2)."""

    label: str
    value: Number
    remark: str = ""


@dataclass(frozen=True)
class Series:
    """One line over the years; None where a year has no figure, and the line has a gap there."""

    name: str
    values: tuple[Number | None, ...]


def plain(value: Number) -> str:
    """A number with thousands separators and at most two decimals, without trailing zeros."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ranked_bars(title: str, bars: Sequence[Bar], *, unit: str = "", target: Number | None = None,
                target_label: str = "", show: Callable[[Number], str] = plain) -> str:
    """Horizontal bars in the order given, values and remarks in a column at the right; `target` draws a dashed line."""
    if not bars:
        return _nothing(title)
    left = min(220.0, max(_extent(bar.label) for bar in bars) + 14)
    after = max(_extent(f"{show(bar.value)}{unit}　{bar.remark}") for bar in bars) + 14
    top, step = (34.0 if target is not None else 12.0), 26.0
    span = max(80.0, WIDTH - left - after)
    highest = float(max((*(bar.value for bar in bars), target or 0, 0))) or 1.0
    parts = []
    for index, bar in enumerate(bars):
        y = top + index * step
        length = max(0.0, float(bar.value)) / highest * span
        value = f"{show(bar.value)}{unit}" + (f"　{bar.remark}" if bar.remark else "")
        parts.append(_group(f"{bar.label}：{value}",
                            _text(left - 8, y + 17, _fitted(bar.label, left - 14), anchor="end")
                            + _rect(left, y + 4, length, step - 8, MAIN)
                            + _text(left + span + 10, y + 17, value)))
    bottom = top + len(bars) * step
    parts.append(_line(left, top - 4, left, bottom, SOFT))
    if target is not None:
        x = left + float(target) / highest * span
        parts.append(_line(x, top - 8, x, bottom, WARN, dash="5 3", thick=1.5))
        parts.append(_label_near(x, top - 14, f"{target_label}{show(target)}{unit}", WARN))
    return _svg(title, bottom + 10, parts)


def columns(title: str, bars: Sequence[Bar], *, unit: str = "", target: Number | None = None, target_label: str = "",
            show: Callable[[Number], str] = plain) -> str:
    """Upright columns with their values on top; `target` draws a dashed line across with its name and value."""
    if not bars:
        return _nothing(title)
    left, right, top, bottom = 64.0, WIDTH - 12.0, 44.0, 264.0
    values = [float(bar.value) for bar in bars]
    low, high, ticks = _scale([*values, float(target or 0)])
    place = _upright(low, high, top, bottom)
    parts = _axis(ticks, place, left, right, show, unit)
    step = (right - left) / len(bars)
    thick = min(56.0, step * 0.6)
    for index, bar in enumerate(bars):
        middle = left + (index + 0.5) * step
        head, foot = sorted((place(float(bar.value)), place(0.0)))
        value = show(bar.value) + (f"　{bar.remark}" if bar.remark else "")
        parts.append(_group(f"{bar.label}：{value}{unit}",
                            _rect(middle - thick / 2, head, thick, foot - head, MAIN)
                            + _text(middle, head - 6 if bar.value >= 0 else foot + 15, value, anchor="middle")
                            + _text(middle, bottom + 20, _fitted(bar.label, step - 4), anchor="middle")))
    parts.append(_line(left, place(0.0), right, place(0.0), SOFT))
    if target is not None:
        parts.append(_line(left, place(float(target)), right, place(float(target)), WARN, dash="5 3", thick=1.5))
        parts.append(_text(right, 16, f"虚线：{target_label}{show(target)}{unit}", anchor="end", fill=WARN))
    return _svg(title, bottom + 34, parts)


def histogram(title: str, edges: Sequence[Number], counts: Sequence[int], *, line: Number, line_label: str,
              unit: str = "元", count_unit: str = "户", show: Callable[[Number], str] = plain) -> str:
    """A distribution with the poverty line drawn in at its exact place.

    `edges` are the bounds of the classes, one more than `counts`; the last may be a bound that stands for “and more”.
    Classes wholly below the line are pale, the class the line runs through is split at the line.
    """
    if len(edges) != len(counts) + 1:
        raise ValueError(f"收入分布图需要{len(counts) + 1}个分组界限，给了{len(edges)}个")
    if not counts:
        return _nothing(title)
    left, right, top, bottom = 64.0, WIDTH - 26.0, 48.0, 264.0
    first, last = float(edges[0]), float(edges[-1])
    low, high, ticks = _scale([0.0, *map(float, counts)])
    place = _upright(low, high, top, bottom)

    def across(value: float) -> float:
        return left + (min(max(value, first), last) - first) / (last - first) * (right - left)

    parts = _axis(ticks, place, left, right, plain, count_unit)
    cut = across(float(line))
    for (start, end), count in zip(pairwise(edges), counts, strict=True):
        x0, x1, y = across(float(start)), across(float(end)), place(float(count))
        boxes = "".join(_rect(a + 0.75, y, b - a - 1.5, bottom - y, fill) for a, b, fill in
                        ((x0, min(x1, cut), PALE), (max(x0, cut), x1, MAIN)) if b - a > 1.5)
        half = _extent(plain(count)) / 2 + 2
        middle = (x0 + x1) / 2
        if abs(middle - cut) < half:  # the number steps aside for the line
            middle = cut - half if middle < cut else cut + half
        label = _text(middle, y - 5, plain(count), anchor="middle", size=11) if count and x1 - x0 > 22 else ""
        parts.append(_group(f"{show(start)}—{show(end)}{unit}：{plain(count)}{count_unit}", boxes + label))
    every = ceil(len(edges) * 58 / (right - left))
    parts += [_text(across(float(edge)), bottom + 18, show(edge), anchor="middle", size=11)
              for edge in edges[::max(1, every)]]
    parts.append(_line(left, bottom, right, bottom, SOFT))
    parts.append(_text(right, bottom + 36, f"人均可支配收入（{unit}）", anchor="end", fill=SOFT, size=11))
    parts.append(_line(cut, top - 14, cut, bottom, WARN, dash="5 3", thick=2))
    parts.append(_label_near(cut, top - 20, f"{line_label}{show(line)}{unit}", WARN))
    return _svg(title, bottom + 44, parts)


def lines(title: str, years: Sequence[int], series: Sequence[Series], *, unit: str = "",
          show: Callable[[Number], str] = plain) -> str:
    """Lines over the years, told apart by dash as well as colour, with the last value written at each line's end."""
    given = [float(value) for one in series for value in one.values if value is not None]
    if not given or not years:
        return _nothing(title)
    left, top = 72.0, 30.0 + 20 * ceil(len(series) / 3)
    right, bottom = WIDTH - 84.0, top + 210
    low, high, ticks = _scale([0.0, *given])
    place = _upright(low, high, top, bottom)
    parts = _axis(ticks, place, left, right, show, unit)
    step = (right - left) / max(1, len(years) - 1)
    parts += [_text(left + index * step, bottom + 20, f"{year}年", anchor="middle") for index, year in enumerate(years)]
    for number, one in enumerate(series):
        colour, dash = SERIES[number % len(SERIES)]
        points = [(left + index * step, place(float(value)), value) if value is not None else None
                  for index, value in enumerate(one.values)]
        parts += [_line(*a[:2], *b[:2], colour, dash=dash, thick=2) for a, b in pairwise(points) if a and b]
        parts += [_group(f"{one.name} {year}年：{show(point[2])}{unit}",
                         f'<circle cx="{_n(point[0])}" cy="{_n(point[1])}" r="3.5" fill="{colour}"/>')
                  for year, point in zip(years, points, strict=True) if point]
        if drawn := [point for point in points if point]:
            parts.append(_text(drawn[-1][0] + 8, drawn[-1][1] + 4, show(drawn[-1][2]), fill=colour))
        x, y = left + (number % 3) * 190, 16 + 20 * (number // 3)
        parts.append(_line(x, y - 4, x + 28, y - 4, colour, dash=dash, thick=2) + _text(x + 34, y, one.name))
    return _svg(title, bottom + 32, parts)


# Shapes


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {WIDTH} {_n(height)}" '
            f'width="100%" font-family="{FACE}" font-size="{TEXT}" fill="{INK}"><title>{escape(title)}</title>'
            f'{"".join(parts)}</svg>')


def _nothing(title: str) -> str:
    return _svg(title, 60, [_text(WIDTH / 2, 36, "没有数据", anchor="middle", fill=SOFT)])


def _group(title: str, content: str) -> str:
    return f"<g><title>{escape(title)}</title>{content}</g>"


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(0, width))}" height="{_n(max(0, height))}" fill="{fill}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, *, dash: str = "", thick: float = 1) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}" '
            f'stroke-width="{_n(thick)}"{dashes}/>')


def _text(x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, size: float = TEXT) -> str:
    return (f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{_n(size)}" fill="{fill}">'
            f"{escape(text)}</text>")


def _label_near(x: float, y: float, text: str, fill: str) -> str:
    """A label centred on x, but moved so that it stays inside the picture."""
    half = _extent(text) / 2
    return _text(min(max(x, half + 4), WIDTH - half - 4), y, text, anchor="middle", fill=fill)


def _axis(ticks: Sequence[float], place: Callable[[float], float], left: float, right: float,
          show: Callable[[Number], str], unit: str) -> list[str]:
    parts = [_text(left - 8, place(ticks[-1]) - 12, f"（{unit}）", anchor="end", fill=SOFT, size=11)] if unit else []
    for tick in ticks:
        parts.append(_line(left, place(tick), right, place(tick), GRID))
        parts.append(_text(left - 8, place(tick) + 4, show(tick), anchor="end", fill=SOFT, size=11))
    return parts


# Measures


def _upright(low: float, high: float, top: float, bottom: float) -> Callable[[float], float]:
    return lambda value: bottom - (value - low) / (high - low) * (bottom - top)


def _scale(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """Round bounds around the values and zero, and four to seven ticks between them."""
    low, high = min(0.0, *values), max(0.0, *values)
    if high == low:
        high = low + 1
    raw = (high - low) / 5
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    first, last = floor(low / step), ceil(high / step)
    return first * step, last * step, [round(index * step, 6) for index in range(first, last + 1)]


def _extent(text: str) -> float:
    return sum(0.58 if char.isascii() else 1.0 for char in text) * TEXT


def _fitted(text: str, room: float) -> str:
    """The text, shortened with an ellipsis where it would run out of its place (the title still tells it whole)."""
    if _extent(text) <= room:
        return text
    while text and _extent(text + "…") > room:
        text = text[:-1]
    return text + "…"


def _n(value: float) -> str:
    """Coordinates with one decimal: the same text on every machine."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"
