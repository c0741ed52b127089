"""The pieces of interface: states in words, tables, charts, and templates that the security policy accepts."""
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template, render_to_string

from office.management.commands.fetch_assets import ICONS

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")
               if not path.is_relative_to(TEMPLATES / "pdf"))


def draw(text: str, **context) -> str:
    return Template("{% load icons formatting components charts %}" + text).render(Context(context))


@pytest.mark.parametrize("name", PAGES)
def test_no_template_carries_script_or_style_that_the_policy_refuses(name):
    source = re.sub(r"{% comment %}.*?{% endcomment %}", "", (TEMPLATES / name).read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|javascript:|hx-on|<script(?![^>]*\ssrc=)""", source)
    get_template(name)


def test_every_named_icon_is_among_the_fetched_ones():
    named = {name for page in PAGES
             for name in re.findall(r'{% icon "([a-z0-9-]+)"', (TEMPLATES / page).read_text("utf-8"))}
    assert named <= set(ICONS)


@pytest.mark.parametrize(("state", "word"), [("met", "已达标"), ("not_met", "未达标"), ("unknown", "待核"),
                                             ("not_applicable", "不适用"), (None, "待核"), (True, "已达标")])
def test_a_state_is_a_word_with_an_icon(state, word):
    shown = draw("{% state_badge state %}", state=state)
    assert word in shown
    assert "<svg" in shown


def test_table_escapes_what_people_wrote_and_links_the_first_cell():
    shown = draw('{% data_table columns rows caption="户" %}',
                 columns=[{"label": "户主"}, {"label": "收入", "numeric": True}],
                 rows=[{"url": "/h/1", "cells": ["<b>张</b>", None]}])
    assert '<th scope="row"><a href="/h/1">&lt;b&gt;张&lt;/b&gt;</a></th><td class="num">—</td>' in shown


def test_empty_table_says_what_to_do():
    shown = draw('{% data_table columns rows caption="户" empty=empty %}', columns=[{"label": "户主"}], rows=[],
                 empty={"title": "没有户", "text": "请先导入。"})
    assert "<table" not in shown
    assert "请先导入。" in shown


def test_histogram_names_the_spans_below_across_and_above_the_line():
    bins = [{"low": low, "high": low + 1000, "value": 5} for low in (6000, 7000, 8000)]
    shown = draw('{% histogram bins title="收入" line=7725.47 line_label="标准" %}', bins=bins)
    assert all(word in shown for word in ("标准以下", "跨标准", "标准以上"))
    on_the_edge = draw('{% histogram bins title="收入" line=7000 line_label="标准" %}', bins=bins)
    assert "跨标准" not in on_the_edge


class Places(HTMLParser):
    """Collects the start tags of a drawing with their attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_longest_bar_fills_the_row_and_charts_survive_without_data():
    shown = draw('{% ranked_bars rows caption="镇" %}', rows=[{"label": "甲", "value": 4}, {"label": "乙", "value": 1}])
    widths = [attrs["width"] for tag, attrs in Places(shown).tags if tag == "rect"]
    assert widths == ["100%", "100.00%", "100%", "25.00%"]
    for tag in ("ranked_bars rows caption='x'", "column_chart rows title='x'", "histogram rows title='x'",
                "donut rows title='x'"):
        assert draw(f"{{% {tag} %}}", rows=[])
    assert draw('{% column_chart rows title="x" %}', rows=[{"label": "甲", "value": None}])


class Figure(forms.Form):
    value = forms.DecimalField(label="数值", help_text="按原文填写")


def test_field_error_stands_at_the_field_and_is_tied_to_it():
    shown = render_to_string("_components/form_field.html", {"field": Figure({"value": "x"})["value"]})
    tags = Places(shown).tags
    control = next(attrs for tag, attrs in tags if tag == "input")
    assert control["aria-invalid"] == "true"
    assert set(control["aria-describedby"].split()) <= {attrs["id"] for _, attrs in tags if "id" in attrs}


def test_finished_job_asks_no_more():
    job = {"pk": 1, "title": "导入", "state": "running", "percent": 40, "is_open": True, "cancel_requested": False,
           "error": "", "message": "", "done": 4, "total": 10}
    assert "hx-trigger" in render_to_string("_components/job_progress.html", {"job": job, "poll_url": "/p"})
    done = {**job, "state": "done", "percent": 100, "is_open": False}
    assert "hx-trigger" not in render_to_string("_components/job_progress.html", {"job": done, "poll_url": "/p"})


def test_what_is_not_there_is_said_in_chinese_only(client_of):
    answer = client_of("county_office", "441424000000").get("/office/jobs/999/")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.content.decode()
    assert "matches the given query" not in answer.content.decode()
