"""Small pieces of interface that need a little Python: states, form controls, cards and table frames."""
from django import forms, template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from office.templatetags.formatting import UNKNOWN
from office.templatetags.icons import icon

register = template.Library()

# What a result can say, the word shown for it, its tone and its icon. Colour alone never tells.
STATES = {
    "met": (_("已达标"), "good", "circle-check"),
    "not_met": (_("未达标"), "bad", "circle-x"),
    "unknown": (_("待核"), "wait", "help-circle"),
    "not_applicable": (_("不适用"), "none", "circle-minus"),
}
JOB_STATES = {
    "queued": (_("排队中"), "wait", "clock"),
    "running": (_("进行中"), "info", "refresh"),
    "done": (_("已完成"), "good", "circle-check"),
    "failed": (_("失败"), "bad", "alert-triangle"),
    "cancelled": (_("已取消"), "none", "circle-minus"),
}
TONE_ICONS = {"good": "circle-check", "bad": "circle-x", "wait": "help-circle", "none": "circle-minus",
              "info": "info-circle"}
MESSAGE_TONES = {"success": "good", "error": "bad", "warning": "wait", "info": "info", "debug": "info"}
CHECKS = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


@register.simple_tag
def badge(text, tone: str = "none", icon_name: str = "") -> SafeString:
    """A word with an icon on a tinted ground. `tone`: good, bad, wait, none, info."""
    return format_html('<span class="state state-{}">{}{}</span>',
                       tone, icon(icon_name or TONE_ICONS.get(tone, "point"), size="sm"), text)


def from_table(table: dict, state, text: str) -> SafeString:
    word, tone, icon_name = table.get(str(state), (state, "none", "help-circle"))
    return badge(text or word, tone, icon_name)


@register.simple_tag
def state_badge(state, text: str = "") -> SafeString:
    """The state of a criterion, household or village; `text` replaces the usual word (e.g. 有保障)."""
    if state is True or state is False:
        state = "met" if state else "not_met"
    return from_table(STATES, "unknown" if state is None else state, text)


@register.simple_tag
def job_badge(state) -> SafeString:
    """The state of a job: 排队中, 进行中, 已完成, 失败, 已取消."""
    return from_table(JOB_STATES, state, "")


@register.filter
def tone_of(message) -> str:
    """Tone of a message of django.contrib.messages."""
    return MESSAGE_TONES.get(message.level_tag, "info")


@register.filter
def tone_icon(tone: str) -> str:
    return TONE_ICONS.get(tone, "info-circle")


@register.simple_tag
def control(field, **attrs) -> SafeString:
    """The widget of a bound field with the right classes; `hx_post="…"` and the like become attributes."""
    widget = field.field.widget
    if isinstance(widget, CHECKS):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    else:
        css = "form-control"
    given = widget.attrs.get("class", "")
    attributes = {name.replace("_", "-"): value for name, value in attrs.items() if value not in (None, "")}
    attributes["class"] = " ".join(filter(None, [given, css, "is-invalid" if field.errors else ""]))
    if field.field.required and not isinstance(widget, CHECKS):
        attributes["aria-required"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def is_check(field) -> bool:
    """True for a single check box, whose label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_choices(field) -> bool:
    """True for a group of radio buttons or check boxes: the group is a fieldset with a legend."""
    return isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))


@register.simple_block_tag
def card(content, title="", hint="", link="", link_text="", flush=False, level=2, name=""):
    """A titled panel around anything. `hint`: small grey line; `link`, `link_text`: top right; `flush`: no padding
    (for tables); `level`: heading level; `name`: id, for links to it."""
    return render_to_string("_components/card.html", {
        "content": content, "title": title, "hint": hint, "link": link, "link_text": link_text, "flush": flush,
        "level": level, "name": name})


@register.simple_block_tag
def table_frame(content, caption, wide=False):
    """The frame of a hand-written <table>: scrolls sideways, head stays in sight, reachable by keyboard.

    `caption` names it for screen readers; `wide=True` keeps the first column in place while scrolling."""
    return format_html('<div class="table-frame{}" role="region" tabindex="0" aria-label="{}">{}</div>',
                       " table-frame-wide" if wide else "", caption, content)


def cell_html(cell, numeric: bool, first: bool, row_url: str) -> SafeString:
    """One cell as markup: the first is the row's head and carries its link."""
    cell = cell if isinstance(cell, dict) else {"text": cell}
    text = cell.get("text")
    if cell.get("state"):
        inner = state_badge(cell["state"], text or "")
    elif cell.get("tone"):
        inner = badge(text, cell["tone"])
    else:
        inner = UNKNOWN if text is None or text == "" else text
    url = cell.get("url") or (row_url if first else "")
    if url:
        inner = format_html('<a href="{}">{}</a>', url, inner)
    if cell.get("sub"):
        inner = format_html("{}<small>{}</small>", inner, cell["sub"])
    shape = '<th scope="row"{}>{}</th>' if first else "<td{}>{}</td>"
    return format_html(shape, mark_safe(' class="num"') if numeric else "", inner)


@register.inclusion_tag("_components/data_table.html")
def data_table(columns, rows, caption, empty=None, total=None, pick=""):
    """A list as a table; parameters in the template. Cells are built here, not by an include each: lists stay fast."""
    columns = list(columns)

    def line(cells, url=""):
        return [cell_html(cell, bool(column.get("numeric")), place == 0, url)
                for place, (column, cell) in enumerate(zip(columns, cells, strict=True))]

    return {"columns": columns, "caption": caption, "pick": pick, "total": line(total) if total else [],
            "empty": {"title": "", "text": "", "url": "", "link": "", **(empty or {})},
            "lines": [{"cells": line(row["cells"], row.get("url", "")), "tone": row.get("tone", ""),
                       "key": row.get("key", "")} for row in rows]}
