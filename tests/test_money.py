"""Money: exact to the 分, however it is written; refused where nobody can tell the amount."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum

from pingtang_union.core.cleaning import CleanError
from pingtang_union.money import LARGEST, MoneyField, capitals, money, yuan
from tests.factories import GrantFactory


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (1280.0, "1280"), (0.1 + 0.2, "0.30"), (7, "7"), ("1,200.00", "1200"), ("800元", "800"), ("￥640.00", "640"),
        ("６４０．５元", "640.50"), ("1.2万元", "12000"), ("1,105,320", "1105320"), ("0", "0"), ("1200元整", "1200"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_offices_write_them(written, amount):
    assert money(written) == (f"{Decimal(amount):.2f}", "")


@pytest.mark.parametrize("cell", ["", None, "无", "—"])
def test_a_blank_cell_is_no_amount(cell):
    assert money(cell).value is None


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("800余元", "不是确切的金额"), ("-3", "小于零"), ("1.234", "不足一分"), ("1,20", "不是确切的金额"),
        (True, "不是确切的金额"),
        ("九百元", "不是确切的金额"), (1e15, "太大"), ("1" * 27, "太大"), ("9" * 40 + "万元", "太大"),
        ("-" + "1" * 27, "太大"), ("1000000000000", "太大"), ("999999999999.995", "不足一分"),
    ],
)  # fmt: skip
def test_what_is_no_exact_amount_is_refused(written, why):
    with pytest.raises(CleanError, match=why):
        money(written)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"), ("6007.14", "陆仟零柒元壹角肆分"), ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"), ("107000.53", "壹拾万柒仟元伍角叁分"), ("100000000.3", "壹亿元叁角"),
        ("10000.05", "壹万元零伍分"), ("20000001", "贰仟万零壹元整"), ("100010000", "壹亿零壹万元整"), ("0.05", "伍分"),
        ("0.50", "伍角"), ("10", "壹拾元整"), ("0", "零元整"),
        ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(amount, words):
    assert capitals(Decimal(amount)) == f"人民币{words}"


@pytest.mark.parametrize("amount", ["-0.01", "1000000000000"])
def test_no_capitals_for_what_has_none(amount):
    with pytest.raises(ValueError, match=amount.lstrip("-")):
        capitals(Decimal(amount))


@pytest.mark.parametrize("value", ["0.001", "abc", "NaN", "Infinity", LARGEST + 1])
def test_a_column_takes_no_other_amount(value):
    with pytest.raises(ValidationError):
        MoneyField().to_python(value)


@pytest.mark.parametrize("value", ["1" * 27, "-" + "9" * 40, "1E+1000000", Decimal(10) ** 27])
def test_a_column_says_that_an_amount_is_too_large(value):
    with pytest.raises(ValidationError, match="太大"):
        MoneyField().to_python(value)


@pytest.mark.django_db
def test_the_database_keeps_adds_and_compares_whole_fen():
    first = GrantFactory(cash="0.70", goods=Decimal("0.40"))
    GrantFactory(cash="0.10", goods="0.20")
    first.refresh_from_db()
    rows = type(first).objects
    assert (first.cash, first.goods, first.amount) == (Decimal("0.70"), Decimal("0.40"), Decimal("1.10"))
    assert rows.aggregate(total=Sum("amount"))["total"] == Decimal("1.40")
    assert (rows.filter(amount__gte="0.30").count(), rows.filter(amount__gt=Decimal("0.3")).count()) == (2, 1)
    assert yuan(rows.aggregate(total=Sum("amount"))["total"]) == "1.40"
