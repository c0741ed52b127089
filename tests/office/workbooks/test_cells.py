import datetime as dt
from decimal import Decimal

import pytest

from office.workbooks import CellFault, Column, read_cell

CHOICES = {"一般贫困户": "ordinary", "低保贫困户": "dibao", "低保户": "dibao"}


def good(column, raw):
    value, problem = read_cell(column, raw)
    assert problem is None
    return value


def error(column, raw) -> str:
    value, problem = read_cell(column, raw)
    assert value is None
    assert problem.severity == "E"
    return problem.sentence


@pytest.mark.parametrize("kind", ["text", "digits", "integer", "number", "money", "yesno", "date"])
@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000\n"])
def test_blank_is_nothing_and_a_required_column_says_so(kind, raw):
    assert read_cell(Column("k", "列", kind), raw) == (None, None)
    assert "不能为空" in error(Column("k", "列", kind, required=True), raw)


@pytest.mark.parametrize("kind", ["text", "digits", "integer", "number", "money", "yesno", "date"])
def test_a_fault_of_the_file_is_an_error_in_every_kind(kind):
    assert error(Column("k", "列", kind), CellFault("错误值 #N/A")) == "错误值 #N/A"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (" 张三\u3000", "张三"), ("=1+1", "=1+1"), ("@x", "@x"), ("-x", "-x"), ("１２栋", "12栋"), ("a\r\nb", "a b"),
        ("张\u200b三\x00", "张三"), (12.0, "12"), (1.5, "1.5"), (dt.date(2018, 11, 6), "2018-11-06"), (True, "是"),
        ("\ue000𬭎", "\ue000𬭎"),
    ],
)  # fmt: skip
def test_texts(raw, value):
    assert good(Column("k", "列"), raw) == value


def test_a_text_longer_than_its_column_is_an_error():
    assert "超过 5 个字" in error(Column("k", "列", max_length=5), "六个字六个字")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("441424199001010013", "441424199001010013"), ("44142419900101001x", "44142419900101001x"),
        (441424.0, "441424"), (441424100201000, "441424100201000"), ("４４１４ ２４", "441424"), ("'441424", "441424"),
        ("441424.0", "441424"), (0.0, "0"), ("0753-1234567", "0753-1234567"),
    ],
)  # fmt: skip
def test_long_numbers_are_texts(raw, value):
    assert good(Column("k", "列", "digits"), raw) == value


@pytest.mark.parametrize("raw", [4.4142419900101e17, 4414241002010001.0, 10**15, "4.41424E+17", "4.41424e17"])
def test_a_number_that_lost_its_digits_is_an_error_with_the_remedy(raw):
    assert "文本格式" in error(Column("k", "列", "digits"), raw)


@pytest.mark.parametrize("raw", [1.5, -3.0, True, dt.date(2018, 1, 1)])
def test_what_is_no_long_number_is_an_error(raw):
    assert "不是号码" in error(Column("k", "列", "digits"), raw)


@pytest.mark.parametrize(("raw", "value"), [(3.0, 3), (3, 3), ("3", 3), ("１，２３４", 1234), ("3.0", 3), ("-2", -2)])
def test_integers(raw, value):
    assert good(Column("k", "列", "integer"), raw) == value


@pytest.mark.parametrize("raw", ["3.5", 3.5, "三", True, "1e3", 1e300, "9" * 30, float("nan")])
def test_what_is_no_integer_is_an_error(raw):
    error(Column("k", "列", "integer"), raw)


def test_bounds_are_named():
    months = Column("k", "务工时间", "integer", min=0, max=12)
    assert good(months, 12.0) == 12
    assert "0 至 12" in error(months, "13")
    assert "小于 0" in error(Column("k", "收入", "money", min=0), -1.0)
    assert "大于 100" in error(Column("k", "率", "number", max=100), 100.1)


@pytest.mark.parametrize(
    ("raw", "value"), [(0.1 + 0.2, "0.3"), ("1,234.5", "1234.5"), (3.0, "3"), ("１．５", "1.5"), (".5", "0.5")]
)
def test_numbers(raw, value):
    assert good(Column("k", "列", "number"), raw) == Decimal(value)


def test_numbers_are_rounded_to_the_places_of_their_column():
    assert good(Column("k", "列", "number", places=2), 1.005) == Decimal("1.01")


@pytest.mark.parametrize("raw", ["x", "1.2.3", "1e3", float("inf"), float("nan"), 1e15, True])
def test_what_is_no_number_is_an_error(raw):
    error(Column("k", "列", "number"), raw)


@pytest.mark.parametrize(("raw", "value"), [("1,234.50", "1234.50"), ("￥1234.5", "1234.50"), (12.340000001, "12.34")])
def test_money(raw, value):
    assert good(Column("k", "列", "money"), raw) == Decimal(value)


@pytest.mark.parametrize("raw", ["12.345", 12.345, "abc", True, dt.date(2018, 1, 1)])
def test_money_is_exact_or_refused(raw):
    error(Column("k", "列", "money"), raw)


@pytest.mark.parametrize("raw", ["是", "有", "√", "Y", "y", "1", 1.0, 1, True, " 是 ", "ＹＥＳ", "TRUE"])
def test_yes(raw):
    assert good(Column("k", "列", "yesno"), raw) is True


@pytest.mark.parametrize("raw", ["否", "无", "×", "N", "0", 0.0, False, "ｎｏ", "false"])
def test_no(raw):
    assert good(Column("k", "列", "yesno"), raw) is False


@pytest.mark.parametrize("raw", ["也许", 2.0, dt.date(2018, 1, 1)])
def test_neither_yes_nor_no(raw):
    assert "是或否" in error(Column("k", "列", "yesno"), raw)


@pytest.mark.parametrize(
    "raw",
    [dt.date(2018, 11, 6), dt.datetime(2018, 11, 6, 8), "2018-11-06", "2018/11/6", "2018.11.6", "2018年11月6日", "20181106",
     20181106.0, 20181106, "2018-11-06 00:00:00", "２０１８年１１月６日", "2018年 11月 6日"],
)  # fmt: skip
def test_dates_in_every_form(raw):
    assert good(Column("k", "列", "date"), raw) == dt.date(2018, 11, 6)


@pytest.mark.parametrize("raw", ["2018-02-30", "2018/13/1", "20180230", "2018-11", "18-11-06", 43410.0, "昨天", dt.time(1), True,
                                 float("inf"), float("nan"), "2018-11/06"])  # fmt: skip
def test_what_is_no_date_is_an_error(raw):
    assert "日期" in error(Column("k", "列", "date"), raw)


def test_labels_and_their_synonyms_become_values():
    column = Column("k", "属性", "choice", choices=CHOICES, choice_error=True)
    assert good(column, "低保户") == good(column, " 低保贫困户 ") == "dibao"
    assert "一般贫困户、低保贫困户" in error(column, "富户")
    assert column.labels["dibao"] == "低保贫困户"


def test_an_unknown_label_is_kept_with_a_doubt_where_the_list_is_open():
    value, problem = read_cell(Column("k", "民族", "choice", choices=["汉族", "畲族"]), "客家")
    assert (value, problem.severity) == ("客家", "W")


def test_several_labels_in_one_cell():
    column = Column("k", "健康", "choices", choices=["健康", "患有大病", "残疾"])
    assert good(column, "患有大病、残疾") == good(column, "患有大病,残疾，残疾") == ("患有大病", "残疾")
    assert good(column, "健康") == ("健康",)
    value, problem = read_cell(column, "残疾、近视")
    assert (value, problem.severity) == (("残疾", "近视"), "W")


def test_a_choice_column_needs_choices():
    with pytest.raises(ValueError, match="no choices"):
        Column("k", "列", "choice")
