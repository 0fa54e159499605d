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
from pingtang_union.core import crypto
from pingtang_union.core.text import fold, fold_name, narrow
from pingtang_union.core.views import ListFilter

_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z()\-+]{4,}")
_LONG = 15  # identity numbers have 15 or 18 characters; shorter numbers are phones, cards and codes
YES_NO = (("yes", "是"), ("no", "否"))
TERMS = (
    ("overdue", "已到期未换届"),
    ("soon", "六个月内到期"),
    ("unrecorded", "未登记届期或换届时间"),
    ("perhaps", "未登记届期，按最短届期已到期"),
)
_YEAR = re.compile(r"(?:19|20|21)\d\d")


def person_condition(term: str, exact: tuple[str, ...] = ()) -> Q:
    """People whose name begins with `term`, or whose whole identity number, phone (or other of `exact`) it is."""
    term = narrow(term)
    if not _NUMBER.fullmatch(term):
        return Q(name_key__startswith=fold_name(term))
    condition = Q(id_index=crypto.blind_index(term.upper().replace("-", "")))
    if len(term) < _LONG:
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
        case "perhaps":
            due = figures.past_shortest(plain, today)
        case _:
            return unions
    return unions.filter(pk__in=due.order_by().values("pk"))


class SearchFilter(django_filters.CharFilter):
    """The search box of a list."""

    def __init__(self, *, label: str, method: str, help_text: str = ""):
        super().__init__(
            label=label,
            method=method,
            max_length=100,
            widget=forms.SearchInput(attrs={"autocomplete": "off"}),
            help_text=help_text,
        )


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
    union = django_filters.ModelChoiceFilter(label="所在工会（含下级）", queryset=_visible_unions, method="in_union")

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
    q = SearchFilter(label="姓名或号码", method="search", help_text="姓名开头几个字，或完整的证件号、手机号、卡号")
    status = django_filters.ChoiceFilter(label="会籍状态", choices=MemberStatus.choices)
    gender = django_filters.ChoiceFilter(label="性别", choices=Gender.choices)
    contract = django_filters.ChoiceFilter(label="用工形式", choices=Contract.choices)
    employment = django_filters.ChoiceFilter(label="就业情况", choices=Employment.choices)
    new_form = django_filters.ChoiceFilter(label="新就业形态", choices=NewForm.choices)
    is_migrant = django_filters.ChoiceFilter(label="农民工", choices=YES_NO, method="by_migrant")

    class Meta:
        model = Member
        fields = ("q", "union", "status", "gender", "contract", "employment", "new_form", "is_migrant")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of a name or a whole number."""
        return queryset.filter(person_condition(value, ("phone", "card_number")))

    def by_migrant(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Migrant workers, or those known to be none."""
        return queryset.filter(is_migrant=value == "yes")


class CadreFilter(UnionScopedFilter):
    """Cadres and social workers."""

    first = ("q", "union", "in_post")
    q = SearchFilter(label="姓名或号码", method="search", help_text="姓名开头几个字，或完整的证件号、电话号码")
    in_post = django_filters.ChoiceFilter(
        label="在任情况", choices=(("yes", "在任"), ("no", "已离任")), method="by_post"
    )
    kind = django_filters.ChoiceFilter(label="人员类别", choices=CadreKind.choices)
    duty = django_filters.ChoiceFilter(label="专（兼）职", choices=Duty.choices)
    rank = django_filters.ChoiceFilter(label="行政职级", choices=Rank.choices)

    class Meta:
        model = Cadre
        fields = ("q", "union", "in_post", "kind", "duty", "rank")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of a name or a whole number."""
        return queryset.filter(person_condition(value, ("phone",)))

    def by_post(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Cadres in post, or those who have left."""
        return queryset.filter(ended_on__isnull=value == "yes")


class UnionFilter(UnionScopedFilter):
    """Unions."""

    union_path = "path"
    first = ("q", "union", "term")
    q = SearchFilter(label="工会名称", method="search", help_text="名称里的几个字，或完整的统一社会信用代码")
    union = django_filters.ModelChoiceFilter(label="工会及其下级", queryset=_visible_unions, method="in_union")
    term = django_filters.ChoiceFilter(label="届期", choices=TERMS, method="by_term")
    level = django_filters.ChoiceFilter(label="工会层级", choices=Level.choices)
    category = django_filters.ChoiceFilter(label="类别", choices=Category.choices)
    industry = django_filters.ChoiceFilter(label="所属行业", choices=Industry.choices)
    township = django_filters.ChoiceFilter(label="所属乡镇（街道）")
    status = django_filters.ChoiceFilter(label="状态", choices=UnionStatus.choices)
    is_new_sector = django_filters.ChoiceFilter(label="两新组织", choices=YES_NO, method="by_sector")

    class Meta:
        model = Union
        fields = ("q", "union", "term", "level", "category", "industry", "township", "status", "is_new_sector")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["township"].extra["choices"] = _townships(self.request)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By a part of any name of theirs, or the credit code. Unions are few enough to be looked through."""
        key = fold(value)
        if not key:
            return queryset.none()
        named = Q(name_key__contains=key) | Q(short_name__icontains=value.strip())
        named |= Q(pk__in=Union.objects.filter(other_names__name_key__contains=key).order_by().values("pk"))
        return queryset.filter(named | Q(credit_code=narrow(value).upper()))

    def by_term(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the end of the present term."""
        return in_term(queryset, value)

    def by_sector(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Of the new sector, or known not to be."""
        return queryset.filter(is_new_sector=value == "yes")


class TrainingFilter(UnionScopedFilter):
    """Courses."""

    first = ("q", "union", "year")
    q = SearchFilter(label="培训班名称", method="search", help_text="名称里的几个字")
    union = django_filters.ModelChoiceFilter(label="登记单位（含下级）", queryset=_visible_unions, method="in_union")
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
        key = fold(value)
        return queryset.filter(name_key__contains=key) if key else queryset.none()


class AttendanceFilter(UnionScopedFilter):
    """Who attended courses."""

    first = ("q", "training", "union")
    q = SearchFilter(label="姓名", method="search", help_text="姓名开头几个字")
    training = django_filters.ModelChoiceFilter(label="培训班", queryset=_visible_trainings)
    result = django_filters.ChoiceFilter(label="考核结果", choices=Result.choices)
    is_cadre = django_filters.ChoiceFilter(
        label="人员", choices=(("yes", "工会干部"), ("no", "其他人员")), method="by_cadre"
    )

    class Meta:
        model = Attendance
        fields = ("q", "training", "union", "result", "is_cadre")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the beginning of the name."""
        return queryset.filter(name_key__startswith=fold_name(value))

    def by_cadre(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Cadres, or others."""
        return queryset.filter(cadre__isnull=value == "no")


FILTERS: dict[str, type[ListFilter]] = {
    "members": MemberFilter,
    "cadres": CadreFilter,
    "social-workers": CadreFilter,
    "unions": UnionFilter,
    "trainings": TrainingFilter,
    "attendances": AttendanceFilter,
}

__all__ = [
    "FILTERS",
    "TERMS",
    "AttendanceFilter",
    "CadreFilter",
    "MemberFilter",
    "TrainingFilter",
    "UnionFilter",
    "in_term",
    "person_condition",
]
