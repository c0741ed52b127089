"""Charts drawn on the server as plain SVG: they need no script, print well and carry their figures as a table.

Horizontal positions are percentages of the drawing, vertical ones pixels, so that text keeps its size on a phone.
Every chart takes rows that are dictionaries: label, value, and if wanted display (the figure as shown) and url.
"""
from math import ceil, floor, log10

from django import template
from django.utils.translation import gettext_lazy as _

from office.templatetags.formatting import UNKNOWN, grouped

register = template.Library()

PLOT = 168            # height of the plotting area, pixels
TOP = 26              # room above it for the figures
NAME, FIGURE, ITEM, YUAN, HOUSEHOLDS = _("名称"), _("数值"), _("项目"), _("元"), _("户")
SPANS = (("bad", _("标准以下")), ("wait", _("跨标准")), ("info", _("标准以上")))
COLOURS = ("#0b5f66", "#c2702a", "#4b7f52", "#7a5195", "#a3241b", "#5f7480", "#b08d1e", "#3d6fa5")


def number(value) -> float:
    """A length for drawing; a blank has none. Never used for a figure that is shown."""
    return float(value) if value not in (None, "") else 0.0


def shown(row: dict) -> str:
    """The figure as written: `display` when given, else the value grouped, in its own decimals."""
    if row.get("display") not in (None, ""):
        return row["display"]
    value = row.get("value")
    if value in (None, ""):
        return UNKNOWN
    return grouped(value, 0 if value == int(value) else 2)


def step_for(top: float, wanted: int = 4) -> float:
    """A round distance between grid lines: 1, 2 or 5 times a power of ten."""
    raw = max(top, 1e-9) / wanted
    power = 10 ** floor(log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)


def grid(top: float) -> tuple[float, list[dict]]:
    """Upper end of the axis, and its lines: y in pixels and the figure beside it."""
    step = step_for(top)
    lines = max(1, ceil(top / step - 1e-9))
    end = lines * step
    places = 0 if step >= 1 else 2
    return end, [{"y": f"{TOP + PLOT * (1 - i / lines):.1f}", "text": grouped(i * step, places)}
                 for i in range(lines + 1)]


@register.inclusion_tag("_components/ranked_bars.html")
def ranked_bars(rows, caption, label_head=NAME, value_head=FIGURE, unit="", line=None, line_label="", numbered=True):
    """Bars below each other, longest meaning first as the caller orders them; each row opens its url.

    Rows may carry `rank` (ties keep the same one), `note` (small, behind the label) and `tone` (good, bad, wait)."""
    rows = list(rows)
    top = max([number(row.get("value")) for row in rows] + [number(line), 1e-9])
    bars = [{**row, "shown": shown(row), "place": row.get("rank") or position,
             "width": f"{max(0.0, number(row.get('value'))) / top * 100:.2f}%"}
            for position, row in enumerate(rows, 1)]
    return {"bars": bars, "caption": caption, "label_head": label_head, "value_head": value_head, "unit": unit,
            "numbered": numbered, "line_label": line_label,
            "line_x": f"{number(line) / top * 100:.2f}%" if line is not None else ""}


@register.inclusion_tag("_components/column_chart.html")
def column_chart(rows, title, unit="", line=None, line_label="", label_head=ITEM):
    """Columns next to each other, for a few years or kinds, with an optional level line (a target)."""
    rows = list(rows)
    end, marks = grid(max([number(row.get("value")) for row in rows] + [number(line), 0.0]) or 1)
    slot = 100 / max(1, len(rows))
    columns = []
    for place, row in enumerate(rows):
        height = max(0.0, number(row.get("value"))) / end * PLOT
        columns.append({**row, "shown": shown(row), "x": f"{(place + 0.2) * slot:.2f}%", "width": f"{0.6 * slot:.2f}%",
                        "centre": f"{(place + 0.5) * slot:.2f}%", "y": f"{TOP + PLOT - height:.1f}",
                        "height": f"{height:.1f}", "above": f"{TOP + PLOT - height - 6:.1f}"})
    return {"columns": columns, "title": title, "unit": unit, "grid": marks, "label_head": label_head,
            "line_label": line_label, "line_y": f"{TOP + PLOT * (1 - number(line) / end):.1f}" if line else "",
            "base": TOP + PLOT, "foot": TOP + PLOT + 18, "height": TOP + PLOT + 28}


@register.inclusion_tag("_components/histogram.html")
def histogram(bins, title, unit=YUAN, value_unit=HOUSEHOLDS, line=None, line_label=""):
    """How many lie in each span, with the line drawn in where it falls, also inside a span.

    Bins are dictionaries: low, high, value, and if wanted label and url; spans of equal width, in order."""
    bins = list(bins)
    if not bins:
        return {"columns": [], "title": title}
    low, high = number(bins[0]["low"]), number(bins[-1]["high"])
    reach = (high - low) or 1
    end, marks = grid(max(number(row.get("value")) for row in bins) or 1)
    stride = ceil(len(bins) / 9)
    columns, tones = [], set()
    for place, row in enumerate(bins):
        left, right = ((number(row[side]) - low) / reach * 100 for side in ("low", "high"))
        height = number(row.get("value")) / end * PLOT
        tones.add(tone := span_tone(row, line))
        columns.append({**row, "label": row.get("label") or f"{grouped(row['low'], 0)}–{grouped(row['high'], 0)}",
                        "shown": shown(row), "tone": tone,
                        "x": f"{left + 0.15:.2f}%", "y": f"{TOP + PLOT - height:.1f}",
                        "width": f"{max(0.2, right - left - 0.3):.2f}%", "height": f"{height:.1f}",
                        "tick": f"{left:.2f}%", "edge": "" if place % stride else grouped(row["low"], 0),
                        "minor": place // stride % 2 == 1})
    x = min(100.0, max(0.0, (number(line) - low) / reach * 100))
    return {"columns": columns, "title": title, "unit": unit, "value_unit": value_unit, "grid": marks,
            "line_x": f"{x:.2f}%" if line is not None else "", "line_label": line_label, "line_left": x > 60,
            "key": [{"tone": tone, "text": text} for tone, text in SPANS if line is not None and tone in tones],
            "base": TOP + PLOT, "foot": TOP + PLOT + 18, "height": TOP + PLOT + 28}


def span_tone(row: dict, line) -> str:
    """Where a span lies against the line: below it, across it, or above it."""
    if line is None or row["low"] >= line:
        return "info"
    return "bad" if row["high"] <= line else "wait"


@register.inclusion_tag("_components/donut.html")
def donut(rows, title, unit=HOUSEHOLDS):
    """Shares of a whole as a ring; the legend is a table with figure, share and link, so the ring is never alone."""
    rows = list(rows)
    whole = sum(number(row.get("value")) for row in rows)
    parts, before = [], 0.0
    for place, row in enumerate(rows):
        share = number(row.get("value")) / whole * 100 if whole else 0.0
        parts.append({**row, "shown": shown(row), "share": f"{grouped(share, 1)}%",
                      "dash": f"{max(0.0, share - 0.4):.3f} {100 - max(0.0, share - 0.4):.3f}",
                      "offset": f"{25 - before:.3f}", "colour": COLOURS[place % len(COLOURS)]})
        before += share
    return {"parts": parts, "title": title, "unit": unit,
            "whole": grouped(sum(row.get("value") or 0 for row in rows), 0)}


@register.inclusion_tag("_components/against_line.html")
def against_line(value, line, tone="info"):
    """A short bar: the figure as far as it reaches, the line as a mark; nothing when either is unknown.

    The verdict is the caller's `tone`; this only draws and never compares."""
    if value in (None, "") or not line:
        return {"drawn": False}
    ratio = number(value) / number(line)
    top = max(1.5, min(ratio, 3.0)) * 1.02
    return {"drawn": True, "tone": tone, "width": f"{max(0.0, min(ratio, top)) / top * 100:.2f}%",
            "mark": f"{100 / top:.2f}%"}
