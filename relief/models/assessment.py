"""Whether a household is in hardship, and why: a pure function over plain values, exact to the 分.

    (income of the last twelve months − recognised spending) ÷ people ÷ 12

Rules come from a policy, facts from a file; what comes out says each line with the policy's article beside it, and what
would change the outcome. All three go to JSON and back, so that a decision is kept as it was and can be made again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Self

from pingtang_union.money import FEN, yuan
from relief.models.codes import HardshipCategory, Income, Spending

MONTHS = 12
_C = HardshipCategory


@dataclass(frozen=True)
class Rules:
    """A policy in plain values. Deductions: article by kind; exclusions: (words, article) by code."""

    name: str
    line: Decimal
    line_article: str
    formula_article: str
    deep_takes_equal: bool
    deep_article: str
    relative_multiple: Decimal
    relative_takes_equal: bool
    relative_article: str
    accident_share: Decimal | None
    accident_article: str
    deductions: Mapping[str, str]
    exclusions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Facts:
    """A household in plain values: wages by whose they are (本人, 配偶 …), income and spending by kind, exclusions by
    code. No name, no number of anyone."""

    people: int
    wages: tuple[tuple[str, Decimal], ...]
    incomes: Mapping[str, Decimal]
    spending: Mapping[str, Decimal]
    exclusions: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """With amounts as text."""
        return {
            "people": self.people,
            "wages": [[whose, str(amount)] for whose, amount in self.wages],
            "incomes": {kind: str(amount) for kind, amount in self.incomes.items()},
            "spending": {kind: str(amount) for kind, amount in self.spending.items()},
            "exclusions": list(self.exclusions),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As `as_json` gave it."""
        return cls(
            people=kept["people"],
            wages=tuple((whose, Decimal(amount)) for whose, amount in kept["wages"]),
            incomes={kind: Decimal(amount) for kind, amount in kept["incomes"].items()},
            spending={kind: Decimal(amount) for kind, amount in kept["spending"].items()},
            exclusions=tuple(kept["exclusions"]),
        )


@dataclass(frozen=True)
class Line:
    """One line of the calculation: what it is, how much (in words of money), the article behind it."""

    label: str
    amount: str
    article: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came out: the category, a head's net income a month, the lines, the reason, what would change it."""

    category: str
    a_head: str
    lines: tuple[Line, ...]
    reason: str
    changes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines], "changes": list(self.changes)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """As `as_json` gave it."""
        lines = tuple(Line(**line) for line in kept["lines"])
        return cls(kept["category"], kept["a_head"], lines, kept["reason"], tuple(kept["changes"]))

    @property
    def label(self) -> str:
        """The category in words."""
        return str(_C(self.category).label)


def assess(facts: Facts, rules: Rules) -> Outcome:
    """The outcome for a household under a policy. Raises ValueError for a household of nobody."""
    if facts.people < 1:
        raise ValueError("a household has people")
    income = sum((amount for _whose, amount in facts.wages), Decimal()) + sum(facts.incomes.values(), Decimal())
    counted = {kind: facts.spending.get(kind, Decimal()) for kind in rules.deductions}
    recognised = sum(counted.values(), Decimal())
    net = income - recognised
    months = facts.people * MONTHS
    deep, relative = rules.line * months, rules.line * rules.relative_multiple * months
    excluded = [code for code in facts.exclusions if code in rules.exclusions]
    category, reason = _decided(rules, net, deep, relative, income, recognised, excluded)
    a_head = (net / months).quantize(FEN, ROUND_HALF_UP)
    changes = _changes(category, rules, net, months, income, recognised, excluded)
    return Outcome(category, str(a_head), _lines(facts, rules, income, recognised, a_head), reason, changes)


def _within(amount: Decimal, limit: Decimal, takes_equal: bool) -> bool:
    return amount <= limit if takes_equal else amount < limit


def _share(rules: Rules, income: Decimal) -> Decimal | None:
    return None if rules.accident_share is None else max(income, Decimal()) * rules.accident_share / 100


def _decided(
    rules: Rules, net: Decimal, deep: Decimal, relative: Decimal, income: Decimal, recognised: Decimal,
    excluded: list[str],
) -> tuple[str, str]:  # fmt: skip
    if excluded:
        said = "；".join(f"{rules.exclusions[code][0]}（{rules.exclusions[code][1]}）" for code in excluded)
        return _C.NONE, f"有不予建档的情形：{said}"
    if _within(net, deep, rules.deep_takes_equal):
        words = "不高于" if rules.deep_takes_equal else "低于"
        return _C.DEEP, f"人均月净收入{words}低保标准（{rules.deep_article}）"
    if _within(net, relative, rules.relative_takes_equal):
        words = "不高于" if rules.relative_takes_equal else "低于"
        return (
            _C.RELATIVE,
            f"人均月净收入{words}低保标准的 {_plain(rules.relative_multiple)} 倍（{rules.relative_article}）",
        )
    share = _share(rules, income)
    if share is not None and recognised > share:
        return _C.ACCIDENT, f"认定支出超过年收入的 {_plain(rules.accident_share)}%（{rules.accident_article}）"
    return _C.NONE, "人均月净收入高于各类困难标准"


def _plain(number: Decimal | None) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if number is not None and "." in f"{number:f}" else str(number)


def _lines(
    facts: Facts, rules: Rules, income: Decimal, recognised: Decimal, a_head: Decimal
) -> tuple[Line, ...]:  # fmt: skip
    formula = rules.formula_article
    lines = [Line(f"{whose}工资性收入", yuan(amount), formula) for whose, amount in facts.wages if amount]
    lines += [Line(str(Income(kind).label), yuan(amount), formula) for kind, amount in facts.incomes.items() if amount]
    lines.append(Line("近12个月收入合计", yuan(income), formula))
    for kind, amount in facts.spending.items():
        if not amount:
            continue
        label = str(Spending(kind).label)
        article = rules.deductions.get(kind)
        lines.append(Line(f"减：{label}", yuan(amount), article) if article is not None else
                     Line(f"{label}（不予认定）", yuan(amount), "政策未列入认定支出"))  # fmt: skip
    lines.append(Line("认定支出合计", yuan(recognised), formula))
    lines.append(Line("净收入", yuan(income - recognised), formula))
    lines.append(Line(f"除以 {facts.people} 人、12个月：人均月净收入", yuan(a_head), formula))
    lines.append(Line("低保标准", yuan(rules.line), rules.line_article))
    ceiling = (rules.line * rules.relative_multiple).quantize(FEN, ROUND_HALF_UP)
    lines.append(Line(f"低保标准的 {_plain(rules.relative_multiple)} 倍", yuan(ceiling), rules.relative_article))
    if (share := _share(rules, income)) is not None:
        label = f"年收入的 {_plain(rules.accident_share)}%"
        lines.append(Line(label, yuan(share.quantize(FEN, ROUND_HALF_UP)), rules.accident_article))
    return tuple(lines)


def least_to_enter(net: Decimal, limit: Decimal, takes_equal: bool) -> Decimal:
    """The least, to the 分, by which a net income has to fall to lie within a limit."""
    gap = (net - limit).quantize(FEN, ROUND_CEILING)
    return gap if _within(net - gap, limit, takes_equal) else gap + FEN


def least_to_leave(net: Decimal, limit: Decimal, takes_equal: bool) -> Decimal:
    """The least, to the 分, by which it has to rise to lie outside again."""
    gap = (limit - net).quantize(FEN, ROUND_CEILING)
    return gap if not _within(net + gap, limit, takes_equal) else gap + FEN


def _changes(
    category: str, rules: Rules, net: Decimal, months: int, income: Decimal, recognised: Decimal, excluded: list[str]
) -> tuple[str, ...]:
    """What would change the outcome, each in one sentence, with the least amount that does."""
    if excluded:
        return tuple(f"「{rules.exclusions[code][0]}」的情形消除后，按收入认定。" for code in excluded)
    limits = [
        (_C.DEEP, rules.line * months, rules.deep_takes_equal),
        (_C.RELATIVE, rules.line * rules.relative_multiple * months, rules.relative_takes_equal),
    ]
    said = []
    for name, limit, takes_equal in limits:
        if not _within(net, limit, takes_equal):
            least = least_to_enter(net, limit, takes_equal)
            said.append(f"全年收入再少 {yuan(least)} 元，符合{name.label}标准。")
        elif category == name:
            least = least_to_leave(net, limit, takes_equal)
            said.append(f"全年收入再多 {yuan(least)} 元，不再符合{name.label}标准。")
    share = _share(rules, income)
    if share is not None and category == _C.NONE:
        least = least_to_leave(recognised, share, takes_equal=True)
        if not _within(net - least, limits[1][1], limits[1][2]):  # else it would be 相对困难 before
            said.append(f"认定支出再多 {yuan(least)} 元，符合{_C.ACCIDENT.label}标准。")
    elif share is not None and category == _C.ACCIDENT:
        least = least_to_enter(recognised, share, takes_equal=True)
        said.append(f"认定支出再少 {yuan(least)} 元，不再符合{_C.ACCIDENT.label}标准。")
    return tuple(said)
