"""Figures on the screen: rounded half-up for show, grouped, and a dash where nothing is known."""
from decimal import Decimal

import pytest
from django.template import Context, Template

from office.templatetags import formatting


@pytest.mark.parametrize(("value", "shown"), [
    (Decimal("7725.465"), "7,725.47"), (Decimal("-0.004"), "0.00"), (-1234.5, "−1,234.50"), (0, "0.00"),
    (None, "—"), ("", "—"), ("没有", "—"), (Decimal("NaN"), "—"),
])
def test_yuan(value, shown):
    assert formatting.yuan(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(Decimal("12345650"), "1,234.57"), (50, "0.01"), (None, "—")])
def test_wan_is_yuan_divided_once(value, shown):
    assert formatting.wan(value) == shown


def test_percent_rounds_the_exact_share_once():
    assert formatting.percent(Decimal("0.87349999999")) == "87.3%"
    assert formatting.share(2, 3) == "66.7%"
    assert formatting.share(2, 0) == "—"


@pytest.mark.parametrize(("value", "shown", "way"),
                         [(12, "+12", "up"), (-3, "−3", "down"), (0, "0", "same"), (None, "—", "")])
def test_change_has_sign_and_direction(value, shown, way):
    assert formatting.signed(value) == shown
    assert formatting.direction(value) == way


def test_personal_numbers_are_shown_masked():
    page = Template('{% load formatting %}{{ number|masked:"id" }} {{ phone|masked:"phone" }} {{ none|masked:"card" }}')
    shown = page.render(Context({"number": "441424199001017751", "phone": "13800001234", "none": ""}))
    assert shown == "441424********7751 138****1234 —"
