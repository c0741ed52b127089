"""Line breaking on the grid: what may begin and end a line, how lines are filled, how titles are balanced."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.typesetting import NOT_FIRST, NOT_LAST, balance, break_lines, chinese_number, clusters, width

MEASURE = 27.6378  # 156 mm in em of 16 pt
CELL = MEASURE / 28


def advance(char: str) -> float:
    return 0.5 if char.isascii() else 1.0


def lines(text: str, indent: float = 0):
    return break_lines(text, measure=MEASURE, cell=CELL, advance=advance, indent=indent)


def extent(line) -> float:
    return width(line.text, advance) + (len(line.text) - 1) * line.spacing


def test_plain_text_gives_28_characters_and_26_on_the_first_line():
    assert [len(line.text) for line in lines("扶" * 80, indent=2)] == [26, 28, 26]
    assert [len(line.text) for line in lines("扶" * 28)] == [28]


def test_a_closing_mark_takes_the_character_before_it_to_the_next_line():
    first, second = lines("扶" * 28 + "。")
    assert len(first.text) == 27
    assert second.text == "扶。"
    assert extent(first) == pytest.approx(MEASURE)


@pytest.mark.parametrize("text", ["7,725.47", "84.3%", "——", "……", "-12.5%", "GB/T"])
def test_figures_dashes_and_words_are_not_torn(text):
    assert text in clusters("扶" + text + "贫") or text in clusters(text)


@given(st.text("扶贫工作，。、；：“”（）《》—…0123456789.,%元", max_size=200))
def test_nothing_is_lost_and_no_line_begins_or_ends_wrongly(text):
    broken = lines(text, indent=2)
    assert "".join(line.text for line in broken) == text
    for before, after in zip(broken, broken[1:], strict=False):
        if len(before.text) > 14 and len(after.text) > 14:  # a run of nothing but marks is torn somewhere
            assert after.text[0] not in NOT_FIRST or before.text[-1] in NOT_FIRST
            assert before.text[-1] not in NOT_LAST


@given(st.text("扶贫工作任务完成，。0123456789.%元", min_size=1, max_size=300))
def test_every_line_but_the_last_fills_the_measure_exactly(text):
    *full, last = lines(text)
    for line in full:
        if len(line.text) > 1:
            assert extent(line) == pytest.approx(MEASURE)
    assert extent(last) <= MEASURE + 0.02


def test_a_short_title_stays_on_one_line():
    assert balance("关于脱贫攻坚进展情况的通报", per_line=19.6, advance=advance) == ("关于脱贫攻坚进展情况的通报",)


def test_a_long_title_is_broken_between_words_into_lines_of_different_length():
    title = "关于2018年第三季度全县精准扶贫精准脱贫工作进展情况的通报"
    assert balance(title, per_line=19.6, advance=advance) == ("关于2018年第三季度全县精准扶贫", "精准脱贫工作进展情况的通报")


def test_three_lines_are_never_waisted():
    title = "中共五华县委五华县人民政府关于2018年第三季度全县新时期精准扶贫精准脱贫工作进展情况和下一阶段任务的通报"
    broken = balance(title, per_line=19.6, advance=advance)
    widths = [width(line, advance) for line in broken]
    assert "".join(broken) == title
    assert len(broken) == 3
    assert widths[1] >= min(widths[0], widths[2])


def test_breaks_in_the_title_are_kept():
    assert balance("关于脱贫攻坚\n进展情况的通报", per_line=19.6, advance=advance) == ("关于脱贫攻坚", "进展情况的通报")


@pytest.mark.parametrize(("value", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_headings_are_numbered_in_chinese(value, text):
    assert chinese_number(value) == text


def test_a_heading_number_out_of_range_is_refused():
    with pytest.raises(ValueError, match="1至99"):
        chinese_number(100)
