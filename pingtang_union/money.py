"""Money: yuan as Decimal in Python, whole 分 as an integer in the database, where SQLite's REAL would lose some.

`MoneyField` is a column, `money` reads a ledger's cell, `yuan` writes an amount for people, `capitals` as 大写.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

from pingtang_union.core.cleaning import NOTHING, Cell, Cleaned, CleanError, as_text, is_blank, quoted
from pingtang_union.core.text import narrow

FEN = Decimal("0.01")
LARGEST = Decimal("999999999999.99")  # what 大写 has words for
_ROUNDING = Decimal("0.000001")  # a spreadsheet's 0.1 + 0.2 is no fraction of a 分
_WRITTEN = re.compile(r"[￥¥]?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(万)?(?:元整|元|圆)?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


class MoneyField(models.BigIntegerField):
    """An amount in yuan, exact to the 分. Takes and gives Decimal; whole 分 in the database, so that sums and
    comparisons made there are exact."""

    description = "金额（元）"
    _pyi_private_set_type: Decimal | int | str | Combinable  # type: ignore[assignment]  # what mypy is to know
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)

    def to_python(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        try:
            amount = Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError("请填写金额，如 1200.00。", code="invalid") from error
        if amount.is_finite() and amount.copy_abs() > LARGEST:
            raise ValidationError("金额太大，请核对。", code="invalid")
        if not amount.is_finite() or amount != amount.quantize(FEN):
            raise ValidationError("金额最多写到分，如 1200.50。", code="invalid")
        return amount.quantize(FEN)

    def get_prep_value(self, value: Any) -> Any:
        amount = self.to_python(value)
        return None if amount is None else int(amount.scaleb(2))

    @property
    def validators(self) -> Any:
        """No range of an integer column: `to_python` has one in yuan."""
        return self._validators  # type: ignore[attr-defined]  # Field's own

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        options = {"form_class": forms.DecimalField, "max_digits": 14, "decimal_places": 2}
        return models.Field.formfield(self, **{**options, **kwargs})


def money(cell: Cell) -> Cleaned:
    """A ledger's amount in yuan, not negative: 1280, "1,200.00", "800元", "￥640.00", "1.2万元". The ledger layer keeps
    amounts as texts with their 分, as it does dates."""
    if is_blank(cell):
        return NOTHING
    match = _WRITTEN.fullmatch(narrow(as_text(cell)).replace(" ", ""))
    if isinstance(cell, bool) or not match:
        raise CleanError(f"「{quoted(cell)}」不是确切的金额，请填数字，如 1200.00。")
    amount = Decimal(match[1].replace(",", "")) * (10_000 if match[2] else 1)
    if amount.copy_abs() >= LARGEST + 1:  # `quantize` takes no more digits than a context has
        raise CleanError(f"「{quoted(cell)}」太大，请核对。")
    exact = amount.quantize(FEN)
    if abs(amount - exact) > _ROUNDING:
        raise CleanError(f"「{quoted(cell)}」有不足一分的零头，请核对。")
    if exact < 0:
        raise CleanError(f"「{quoted(cell)}」小于零，请核对。")
    if exact > LARGEST:
        raise CleanError(f"「{quoted(cell)}」太大，请核对。")
    return Cleaned(str(exact))


def yuan(amount: Decimal | int | None) -> str:
    """An amount as pages and papers show it: 1,105,320.00; "" for none."""
    return "" if amount is None else f"{Decimal(amount):,.2f}"


def shown(number: Decimal | int) -> str:
    """A figure's number as pages show it: money with its 分, all else as it is."""
    return yuan(number) if isinstance(number, Decimal) else str(number)


def capitals(amount: Decimal) -> str:
    """An amount as a cheque has it (大写): 1409.50 is 人民币壹仟肆佰零玖元伍角; 整 stands behind 元 and 角 only.

    Rule: 《正确填写票据和结算凭证的基本规定》 (支付结算办法, 附一), 大写金额. Raises ValueError for less than
    nothing and for more than LARGEST.
    """
    if not 0 <= amount <= LARGEST:
        raise ValueError(amount)
    whole, cents = divmod(int(amount.quantize(FEN).scaleb(2)), 100)
    jiao, fen = divmod(cents, 10)
    words = f"{_whole(whole)}元" if whole or not cents else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif fen and words:
        words += "零"
    words += f"{_DIGITS[fen]}分" if fen else "" if jiao else "整"
    return f"人民币{words}"


def _whole(number: int) -> str:
    """A whole number in capitals, in groups of four digits."""
    if not number:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += _DIGITS[0]
        words += _group(group) + _GROUPS[place]
        gap = False
    return words


def _group(group: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if not digit:
            gap = gap or bool(words)
            continue
        words += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words
