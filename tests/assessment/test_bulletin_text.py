"""Wording: shares that never round to all or nothing, changes, lists of names, marks of figures."""
from decimal import Decimal
from fractions import Fraction

import pytest

from assessment.bulletin.address import address_of
from assessment.bulletin.text import change, clause, exact, listed, opens, place_in, plain, points, segments, share


@pytest.mark.parametrize(("part", "whole", "shown"), [
    (1, 2, "50.0%"), (2, 3, "66.7%"), (0, 5, "0%"), (5, 5, "100%"), (99999, 100000, "99.9%"), (1, 100000, "0.1%"),
    (0, 0, "—")])
def test_shares(part, whole, shown):
    assert share(part, whole) == shown


def test_changes():
    assert (change(5, 3, "户"), change(3, 1300, "人"), change(2, 2, "户")) == ("增加2户", "减少1,297人", "持平")
    assert points(Fraction(3, 4), Fraction(1, 2)) == "提高25.0个百分点"
    assert points(Fraction(1, 2), Fraction(5001, 10000)) == "下降不足0.1个百分点"
    assert points(Fraction(1, 2), Fraction(2, 4)) == "持平"


def test_long_lists_of_names_end_in_a_number():
    assert listed(list("甲乙丙丁戊己"), "个镇") == "甲、乙、丙、丁、戊、己"
    assert listed(list("甲乙丙丁戊己庚"), "个镇") == "甲、乙、丙、丁、戊等7个镇"


def test_marks_are_words_on_paper_and_filters_on_the_screen():
    text = f"达标{opens('3,912户', status='met')}，在册{opens('5,000户')}。"

    assert plain(text) == "达标3,912户，在册5,000户。"
    assert segments(text) == [("达标", None), ("3,912户", {"status": "met"}), ("，在册", None), ("5,000户", {}), ("。", None)]


def test_clauses_and_figures_as_official_texts_write_them():
    assert (clause("四(四)2"), clause("§25")) == ("四（四）2", "第25条")
    assert (place_in("四(四)2"), place_in("前言"), place_in("§3")) == ("第四部分（四）2", "前言", "第3条")
    assert (exact(Decimal("17167.7000")), exact(Decimal("7000"))) == ("17,167.7", "7,000")


@pytest.mark.parametrize(("name", "level", "parts", "whole", "each"), [
    ("梅州市", "city", ("五华县",), "全市", "各县（市、区）"),
    ("兴宁市", "county", ("罗浮镇", "兴田街道办事处"), "全市", "各镇（街道）"),
    ("江海区", "county", ("江南街道办事处", "外海街道"), "全区", "各街道"), ("五华县", "county", ("水寨镇",), "全县", "各镇"),
    ("水寨镇", "township", ("甲村",), "全镇", "各村（社区）")])
def test_an_area_and_its_parts_are_called_by_their_names(name, level, parts, whole, each):
    who = address_of(name, level, parts, "上级")

    assert (who.whole, who.each) == (whole, each)
    assert who.issuer == f"{name}扶贫开发领导小组办公室"
