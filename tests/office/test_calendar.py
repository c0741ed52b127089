import datetime as dt

import pytest

from office import calendar
from office.calendar import Quarter


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (dt.date(2018, 2, 11), True),  # a Sunday worked for the Spring Festival
        (dt.date(2016, 10, 7), False),
        (dt.date(2018, 11, 6), True),
        (dt.date(2018, 11, 10), False),
        (dt.date(2020, 1, 31), False),  # the festival was extended in 2020
        (dt.date(2035, 1, 1), True),  # no notice is published that far ahead
    ],
)
def test_working_days_follow_the_yearly_notices(day, works):
    assert calendar.is_workday(day) is works


def test_years_of_the_calendar_have_their_published_number_of_working_days():
    days = (dt.date(2018, 1, 1) + dt.timedelta(n) for n in range(365))
    assert sum(map(calendar.is_workday, days)) == 250
    assert calendar.known_years() == range(2016, 2027)


def test_a_window_leaves_out_the_day_of_posting():
    assert calendar.add_natural_days(dt.date(2018, 11, 5), 7) == dt.date(2018, 11, 12)


def test_a_window_that_ends_on_a_day_off_ends_on_the_next_working_day():
    assert calendar.add_natural_days(dt.date(2018, 9, 24), 7) == dt.date(2018, 10, 8)
    assert calendar.add_natural_days(dt.date(2018, 11, 3), 7) == dt.date(2018, 11, 12)


def test_a_window_has_a_day():
    with pytest.raises(ValueError, match="at least one day"):
        calendar.add_natural_days(dt.date(2018, 9, 24), 0)


def test_working_days_are_counted_over_holidays():
    assert calendar.add_workdays(dt.date(2018, 9, 28), 2) == dt.date(2018, 9, 30)  # 29 and 30 September were worked
    assert calendar.add_workdays(dt.date(2018, 9, 28), 3) == dt.date(2018, 10, 8)


def test_a_quarter_knows_its_days_and_neighbours():
    quarter = Quarter.parse("2018Q3")
    assert (quarter.start, quarter.end) == (dt.date(2018, 7, 1), dt.date(2018, 9, 30))
    assert quarter.label == "2018年第三季度"
    assert str(quarter) == "2018Q3"
    assert quarter.next.next == Quarter(2019, 1) == Quarter.of(dt.date(2019, 3, 31))
    assert Quarter(2019, 1).previous == Quarter(2018, 4)
    assert Quarter(2018, 4).end == dt.date(2018, 12, 31)
    assert dt.date(2018, 9, 30) in quarter
    assert dt.date(2018, 10, 1) not in quarter


@pytest.mark.parametrize("text", ["2018Q5", "2018", "Q3", "18Q3", "2018-Q3", "0000Q1"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(ValueError, match="季度"):
        Quarter.parse(text)


def test_dates_in_documents():
    assert calendar.chinese_date(dt.date(2018, 11, 6)) == "2018年11月6日"
