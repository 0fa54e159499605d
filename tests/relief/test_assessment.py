"""The calculation: lines, limits, what would change the outcome."""

from dataclasses import replace
from decimal import Decimal

import pytest

from relief.models.assessment import Facts, Outcome, Rules, assess

RULES = Rules(
    name="政策", line=Decimal("700.00"), line_article="第一条", formula_article="第二条", deep_takes_equal=False,
    deep_article="第三条", relative_multiple=Decimal("1.50"), relative_takes_equal=True, relative_article="第四条",
    accident_share=Decimal(80), accident_article="第五条", deductions={"illness": "第六条"},
    exclusions={"car": ("有机动车", "第七条")},
)  # fmt: skip


def facts(wages: str = "12000.00", people: int = 2, **told: object) -> Facts:
    told = {"wages": (("本人", Decimal(wages)),), "incomes": {}, "spending": {}, "people": people} | told
    return Facts(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wages", "equal", "category"),
    [
        ("16799.99", False, "deep"),
        ("16800.00", False, "relative"),
        ("16800.00", True, "deep"),
        ("25200.00", False, "relative"),
        ("25200.01", False, "none"),
    ],
)
def test_limits_to_the_fen(wages, equal, category):
    assert assess(facts(wages), replace(RULES, deep_takes_equal=equal)).category == category


def test_upper_limit_without_equal():
    assert assess(facts("25200.00"), replace(RULES, relative_takes_equal=False)).category == "none"


def test_only_recognised_spending_counts():
    outcome = assess(
        facts("30000", spending={"illness": Decimal(15000), "housing": Decimal(9000)}), RULES
    )  # net 15,000: 625 a head

    assert outcome.category == "deep"
    assert outcome.a_head == "625.00"
    labels = {line.label: (line.amount, line.article) for line in outcome.lines}
    assert labels["减：因病支出"] == ("15,000.00", "第六条")
    assert labels["住房支出（不予认定）"] == ("9,000.00", "政策未列入认定支出")
    assert labels["本人工资性收入"] == ("30,000.00", "第二条")


def test_spending_above_income_is_deep():
    outcome = assess(facts("1000", spending={"illness": Decimal(90000)}), RULES)

    assert (outcome.category, outcome.a_head) == ("deep", "-3708.33")


def test_accident_by_share_of_income():
    rules = replace(RULES, accident_share=Decimal(40))
    above, at = ({"illness": Decimal(amount)} for amount in ("40000.01", "40000.00"))

    assert assess(facts("100000", spending=above), rules).category == "accident"
    assert assess(facts("100000", spending=at), rules).category == "none"
    assert assess(facts("100000", spending=above), replace(rules, accident_share=None)).category == "none"


def test_exclusion_keeps_out_whatever_the_income():
    outcome = assess(facts("0", exclusions=("car", "unknown")), RULES)

    assert outcome.category == "none"
    assert outcome.reason == "有不予建档的情形：有机动车（第七条）"
    assert outcome.changes == ("「有机动车」的情形消除后，按收入认定。",)


def test_nobody_is_no_household():
    with pytest.raises(ValueError, match="people"):
        assess(facts(people=0), RULES)


_WAGES = ("9000.03", "16800.00", "17000.01", "25200.00", "40000.00")


@pytest.mark.parametrize("wages", _WAGES)
@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize("relative", [True, False])
def test_said_change_is_the_least_that_changes(wages, deep, relative):
    """One fen less changes nothing: of each sentence about income."""
    rules = replace(RULES, deep_takes_equal=deep, relative_takes_equal=relative)
    outcome = assess(facts(wages), rules)
    said = [one for one in outcome.changes if one.startswith("全年收入")]
    assert said
    for sentence in said:
        least = Decimal(sentence.split("再")[1][1:].split(" 元")[0].strip().replace(",", ""))
        sign = -1 if "再少" in sentence else 1
        target = "deep" if "深度" in sentence else "relative"
        after = assess(facts(str(Decimal(wages) + sign * least)), rules).category
        nearly = assess(facts(str(Decimal(wages) + sign * (least - Decimal("0.01")))), rules).category
        if sign < 0:
            assert (after, nearly == target) == (target, False)
        else:
            assert (after == target, nearly) == (False, target)


def test_survives_json():
    given = facts("30000", spending={"illness": Decimal("15000.10")}, exclusions=("car",))
    outcome = assess(given, RULES)

    assert Facts.from_json(given.as_json()) == given
    assert Outcome.from_json(outcome.as_json()) == outcome
