"""Search and filters of the lists of records, for pages and exports alike.

Each takes the rows that the user may see and narrows them; a condition that names what the user may not see (another
union's key) is invalid and shows nothing.
"""

import re
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from members import figures
from members.models import Attendance, Cadre, Member, Training, Union
from members.models.codes import (
    CadreKind,
    Category,
    Contract,
    Duty,
    Employment,
    Gender,
    Industry,
    Level,
    MemberStatus,
    NewForm,
    Rank,
    Result,
    TrainingLevel,
    UnionStatus,
)
from pingtang_union.core.text import fold_name, narrow
from pingtang_union.lists import ChooserFilter, ListFilter

_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z()\-+]{4,}")
TERMS = (
    ("overdue", "已到期未换届"),
    ("soon", "六个月内到期"),
    ("unrecorded", "未登记届期或换届时间"),
    ("unreckoned", "未登记届期或换届时间，无法推算"),
    ("perhaps", "未登记届期，按最短届期已到期"),
)
_YEAR = re.compile(r"(?:19|20|21)\d\d")


def person_condition(term: str, exact: tuple[str, ...] = ()) -> Q:
    """People whose name begins with `term`, or whose whole phone (or other of `exact`) it is. Identity numbers have a
    page of their own (按证件号查找): addresses are kept, and each search is an audit event."""
    term = narrow(term)
    if not _NUMBER.fullmatch(term):
        return Q(name_key__startswith=fold_name(term))
    condition = Q(pk__in=[])
    for field in exact:
        condition |= Q(**{field: term})
    return condition


def in_term(unions: Any, state: str) -> Any:
    """The unions of `unions` whose term stands as one of TERMS says, today.

    Months without a day count from their first day; a term of unknown length is overdue once the longest lawful one
    has passed.
    """
    today = timezone.localdate()
    plain = Union.objects.all()
    match state:
        case "overdue":
            due = figures.overdue_stated(plain, today) | figures.past_longest(plain, today)
        case "soon":
            due = figures.due_stated(plain, today)
        case "unrecorded":
            due = figures.existing(plain, today).filter(Q(term_years__isnull=True) | Q(last_elected_on__isnull=True))
        case "unreckoned":
            return in_term(unions, "unrecorded").exclude(pk__in=in_term(plain, "overdue").order_by().values("pk"))
        case "perhaps":
            due = figures.past_shortest(plain, today)
        case _:
            return unions
    return unions.filter(pk__in=due.order_by().values("pk"))


class SearchFilter(django_filters.CharFilter):
    """The search box of a list; what may be typed stands in it, so that all boxes are on one line."""

    def __init__(self, *, label: str, method: str, help_text: str = ""):
        super().__init__(
            label=label,
            method=method,
            max_length=100,
            widget=forms.SearchInput(attrs={"autocomplete": "off", "placeholder": help_text}),
        )


Conditions = dict[str, tuple[str, Q]]  # by the value in an address: how it is called, and what it lets through
IN_POST: Conditions = {"yes": ("在任", Q(ended_on__isnull=True)), "no": ("已离任", Q(ended_on__isnull=False))}
IS_CADRE: Conditions = {"yes": ("工会干部", Q(cadre__isnull=False)), "no": ("其他人员", Q(cadre__isnull=True))}

# Accounts that nobody has given a role, which a superuser doesn't need; and how addresses name them.
NO_ROLE, NO_ROLE_KEY = Q(groups__isnull=True, is_superuser=False), "none"


def yes_or_no(field: str) -> Conditions:
    """Whether it holds; what isn't known is neither."""
    return {"yes": ("是", Q(**{field: True})), "no": ("否", Q(**{field: False}))}


class ConditionFilter(django_filters.ChoiceFilter):
    """One of a few conditions."""

    def __init__(self, label: str, conditions: Conditions):
        super().__init__(label=label, choices=[(value, words) for value, (words, _) in conditions.items()])
        self.conditions = conditions

    def filter(self, queryset: QuerySet, value: str | None) -> QuerySet:
        return queryset.filter(self.conditions[value][1]) if value else queryset


def _visible_unions(request: Any) -> Any:
    return Union.objects.visible_to(request.user if request is not None else None)


def _townships(request: Any) -> list[tuple[str, str]]:
    """Townships of the unions that the user sees, each with itself as its label."""
    named = _visible_unions(request).exclude(township="").order_by("township")
    return [(name, name) for name in named.values_list("township", flat=True).distinct()]


def _visible_trainings(request: Any) -> Any:
    return Training.objects.visible_to(request.user if request is not None else None)


class UnionScopedFilter(ListFilter):
    """A list of what belongs to unions: by one of them with everything below it, where the user sees several."""

    union_path: ClassVar[str] = "union__path"
    union = ChooserFilter(label="所在工会（含下级）", queryset=_visible_unions, method="in_union")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Asked for in an address, it stays, so that what isn't one's own is refused rather than ignored.
        if not (self.data or {}).get("union") and _visible_unions(self.request)[:2].count() < 2:
            del self.filters["union"]

    def in_union(self, queryset: QuerySet, name: str, value: Union) -> QuerySet:
        """Rows of the union's subtree."""
        return queryset.filter(**{f"{self.union_path}__startswith": value.path})

    def by_year(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Rows that began in the year; none for what is no year."""
        return queryset.filter(started_on__startswith=value) if _YEAR.fullmatch(value) else queryset.none()


class MemberFilter(UnionScopedFilter):
    """Members."""

    first = ("q", "union", "status")
    q = SearchFilter(label="姓名或号码", method="search", help_text="姓名开头几个字，或完整的手机号、卡号")
    status = django_filters.ChoiceFilter(label="会籍状态", choices=MemberStatus.choices)
    gender = django_filters.ChoiceFilter(label="性别", choices=Gender.choices)
    contract = django_filters.ChoiceFilter(label="用工形式", choices=Contract.choices)
    employment = django_filters.ChoiceFilter(label="就业情况", choices=Employment.choices)
    new_form = django_filters.ChoiceFilter(label="新就业形态", choices=NewForm.choices)
    is_migrant = ConditionFilter("农民工", yes_or_no("is_migrant"))

    class Meta:
        model = Member
        fields = ("q", "union", "status", "gender", "contract", "employment", "new_form", "is_migrant")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of a name or a whole number."""
        return queryset.filter(person_condition(value, ("phone", "card_number")))


class CadreFilter(UnionScopedFilter):
    """Cadres and social workers."""

    first = ("q", "union", "in_post")
    q = SearchFilter(label="姓名或号码", method="search", help_text="姓名开头几个字，或完整的电话号码")
    in_post = ConditionFilter("在任情况", IN_POST)
    kind = django_filters.ChoiceFilter(label="人员类别", choices=CadreKind.choices)
    duty = django_filters.ChoiceFilter(label="专（兼）职", choices=Duty.choices)
    rank = django_filters.ChoiceFilter(label="行政职级", choices=Rank.choices)

    class Meta:
        model = Cadre
        fields = ("q", "union", "in_post", "kind", "duty", "rank")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of a name or a whole number."""
        return queryset.filter(person_condition(value, ("phone",)))


class UnionFilter(UnionScopedFilter):
    """Unions."""

    union_path = "path"
    first = ("q", "union", "term")
    q = SearchFilter(label="工会名称", method="search", help_text="支持部分名称，或完整的统一社会信用代码")
    union = ChooserFilter(label="工会及其下级", queryset=_visible_unions, method="in_union")
    term = django_filters.ChoiceFilter(label="届期", choices=TERMS, method="by_term")
    level = django_filters.ChoiceFilter(label="工会层级", choices=Level.choices)
    category = django_filters.ChoiceFilter(label="类别", choices=Category.choices)
    industry = django_filters.ChoiceFilter(label="所属行业", choices=Industry.choices)
    township = django_filters.ChoiceFilter(label="所属乡镇（街道）")
    status = django_filters.ChoiceFilter(label="状态", choices=UnionStatus.choices)
    is_new_sector = ConditionFilter("两新组织", yes_or_no("is_new_sector"))

    class Meta:
        model = Union
        fields = ("q", "union", "term", "level", "category", "industry", "township", "status", "is_new_sector")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["township"].extra["choices"] = _townships(self.request)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By any name or the credit code."""
        return queryset.searched(value)  # type: ignore[attr-defined]  # of unions

    def by_term(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the end of the present term."""
        return in_term(queryset, value)


class TrainingFilter(UnionScopedFilter):
    """Courses."""

    first = ("q", "union", "year")
    q = SearchFilter(label="培训班名称", method="search", help_text="支持部分名称")
    union = ChooserFilter(label="登记单位（含下级）", queryset=_visible_unions, method="in_union")
    year = django_filters.CharFilter(
        label="开班年份",
        method="by_year",
        max_length=4,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    level = django_filters.ChoiceFilter(label="级别", choices=TrainingLevel.choices)

    class Meta:
        model = Training
        fields = ("q", "union", "year", "level")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of the name."""
        return queryset.searched(value)  # type: ignore[attr-defined]  # of courses


class AttendanceFilter(UnionScopedFilter):
    """Who attended courses."""

    first = ("q", "training", "union")
    q = SearchFilter(label="姓名", method="search", help_text="姓名开头几个字")
    training = ChooserFilter(label="培训班", queryset=_visible_trainings)
    result = django_filters.ChoiceFilter(label="考核结果", choices=Result.choices)
    is_cadre = ConditionFilter("人员", IS_CADRE)

    class Meta:
        model = Attendance
        fields = ("q", "training", "union", "result", "is_cadre")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of the name."""
        return queryset.filter(name_key__startswith=fold_name(value))


FILTERS: dict[str, type[ListFilter]] = {
    "members": MemberFilter,
    "cadres": CadreFilter,
    "social-workers": CadreFilter,
    "unions": UnionFilter,
    "trainings": TrainingFilter,
    "attendances": AttendanceFilter,
}
