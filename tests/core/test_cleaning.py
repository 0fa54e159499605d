"""Cells become values, or a refusal that says what to do."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from pingtang_union.core import cleaning
from pingtang_union.core.cleaning import CleanError, clean_partial_date

TODAY = time_machine.travel(datetime(2018, 4, 1, 12, tzinfo=UTC), tick=False)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2018.03", "2018-03"),
        ("2018.3", "2018-03"),
        ("2018年3月", "2018-03"),
        ("2018年3月1日", "2018-03-01"),
        ("20180301", "2018-03-01"),
        ("201803", "2018-03"),
        (20180301.0, "2018-03-01"),
        ("2018-03-01", "2018-03-01"),
        ("2018/3/1", "2018-03-01"),
        ("2018．03．01", "2018-03-01"),
        ("２０１８年３月", "2018-03"),
        ("二〇一八年三月", "2018-03"),
        ("二○一七年十二月二十一日", "2017-12-21"),
        ("2017", "2017"),
        (2017.0, "2017"),
        (2018.03, "2018-03"),
        (2017.12, "2017-12"),
        (date(2018, 3, 1), "2018-03-01"),
        (datetime(2018, 3, 1), "2018-03-01"),  # noqa: DTZ001  spreadsheets know no zone
        (43160.0, "2018-03-01"),
        ("2018-03-01 00:00:00", "2018-03-01"),
        ("2018年3月份", "2018-03"),
        ("", None),
        ("无", None),
        ("—", None),
    ],
)
@TODAY
def test_dates_are_read_as_exactly_as_written(cell, value):
    cleaned = clean_partial_date(cell)
    assert (cleaned.value, cleaned.warning) == (value, "")


@pytest.mark.parametrize(("cell", "value"), [("08.5.3", "2008-05-03"), ("85.6", "1985-06"), ("43160", "2018-03-01")])
@TODAY
def test_a_date_that_needs_a_look_is_taken_with_a_warning(cell, value):
    cleaned = clean_partial_date(cell)
    assert cleaned.value == value
    assert "请核对" in cleaned.warning


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2018.13", "没有 13 月"),
        ("2018年2月30日", "这一天不存在"),
        ("2031.05", "以后"),
        (2018.1, "1 月还是 10 月"),
        ("3/1/2018", "分不清月和日"),
        ("去年春天", "看不出是什么日期"),
        ("1899-01-01", "太早"),
        ("2018-02-29", "这一天不存在"),
    ],
)
@TODAY
def test_a_date_that_cannot_be_is_refused(cell, said):
    with pytest.raises(CleanError, match=said):
        clean_partial_date(cell)


@TODAY
def test_two_digit_year_that_fits_two_centuries_is_refused():
    with pytest.raises(CleanError, match="哪个世纪"):
        clean_partial_date("08.5.3", earliest=date(1900, 1, 1))


@given(st.dates(date(1926, 1, 1), date(2018, 3, 31)))
@TODAY
def test_every_habit_gives_the_same_day(day):
    written = [
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d}",
        float((day - date(1899, 12, 30)).days) if day.year > 1927 else day,
        day,
    ]
    assert {clean_partial_date(cell).value for cell in written} == {day.isoformat()}


def test_a_number_of_more_than_fifteen_digits_has_lost_its_end():
    with pytest.raises(CleanError, match="已经丢失"):
        cleaning.digits(5.227271975100499e17, "身份证号")
    with pytest.raises(CleanError, match="科学计数法"):
        cleaning.digits("5.22727E+17", "身份证号")
    assert cleaning.digits(522727700304984.0, "身份证号") == "522727700304984"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("　52272719800409981ｘ", "52272719800409981X"),
        ("'522727198511259937", "522727198511259937"),
        ("５２２７２７１９８５１１２５９９３７", "522727198511259937"),
    ],
)
def test_numbers_are_read_narrow_and_upper(cell, value):
    assert cleaning.digits(cell, "身份证号") == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("\u200b罗　海燕文\xa0", "罗海燕文"),
        ("张 三", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("John Smith", "John Smith"),
        ("乾隆", "乾隆"),
    ],
)
def test_names_lose_white_space_and_nothing_else(cell, value):
    assert cleaning.person_name(cell).value == value


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('=HYPERLINK("http://x","王")', "公式"),
        ("阿" * 300, "太长"),
        ("张3", "不像姓名"),
        ("#REF!", "公式错误"),
        (12.0, "不像姓名"),
    ],
)
def test_what_is_no_name_is_refused(cell, said):
    with pytest.raises(CleanError, match=said):
        cleaning.person_name(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("是", True),
        ("√", True),
        (1.0, True),
        ("有", True),
        (True, True),
        ("否", False),
        ("×", False),
        (0.0, False),
        ("无", False),
        ("N", False),
        ("", None),
    ],
)
def test_yes_and_no(cell, value):
    assert cleaning.yes_no(cell).value is value


def test_yes_or_no_is_never_guessed():
    with pytest.raises(CleanError, match="看不出"):
        cleaning.yes_no("可能")


@pytest.mark.parametrize(
    ("cell", "value"), [(12.0, 12), ("12人", 12), ("1,200", 1200), ("１２", 12), ("12.00", 12), ("—", None)]
)
def test_counts(cell, value):
    assert cleaning.count()(cell).value == value


@pytest.mark.parametrize("cell", ["30余人", "-3", 2.5, "十二", True])
def test_a_count_that_is_none_is_refused(cell):
    with pytest.raises(CleanError, match="确切的整数"):
        cleaning.count()(cell)


def test_code_lists_take_labels_codes_and_synonyms_and_name_the_choices_otherwise():
    education = cleaning.code([("20", "本科"), ("30", "大专")], {"20": "大学本科 大学"})
    assert [education(cell).value for cell in ("本科", "大学本科", "20", 20.0, "", " 大 专")] == [
        "20",
        "20",
        "20",
        "20",
        None,
        "30",
    ]
    with pytest.raises(CleanError, match="本科、大专"):
        education("博士后流动站")


@pytest.mark.parametrize(("cell", "value"), [("+86 190-0002-3695", "19000023695"), (19000023695.0, "19000023695")])
def test_mobiles(cell, value):
    assert cleaning.mobile(cell).value == value


def test_what_is_no_mobile_is_refused():
    with pytest.raises(CleanError, match="不是手机号码"):
        cleaning.mobile("1390000")


def test_a_landline_is_a_phone():
    assert cleaning.phone("0854-4821234").value == "0854-4821234"


@given(st.one_of(st.text(max_size=40), st.floats(allow_nan=False), st.booleans(), st.dates()))
def test_no_cell_breaks_a_cleaner(cell):
    """Whatever stands in a cell, a cleaner gives a value or a refusal, never another error."""
    for cleaner in (
        cleaning.person_name,
        cleaning.yes_no,
        cleaning.count(),
        cleaning.credit_code,
        cleaning.mobile,
        cleaning.phone,
        cleaning.partial_date(),
        cleaning.text(50),
        cleaning.code([("1", "男")]),
    ):
        try:
            result = cleaner(cell)
        except CleanError as error:
            result = error
        assert isinstance(result, cleaning.Cleaned) or str(result) != ""
