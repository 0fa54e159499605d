"""An officer's home: the own union as the records have it, its cadres, and the unions below."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from members.models import Cadre, Member, Union
from members.models.codes import Gender, Level, UnionStatus

PER_PAGE = 50
# What the card of a union should say, in plain words; a federation of unions has no employer of its own.
EXPECTED = {
    "nature": "单位性质",
    "industry": "所属行业",
    "township": "所属乡镇（街道）",
    "is_new_sector": "是不是两新组织",
    "credit_code": "统一社会信用代码",
    "set_up_on": "建会时间",
    "last_elected_on": "最近换届时间",
    "term_years": "届期（批复写明的 3 年或 5 年）",
    "staff_total": "职工人数",
    "staff_women": "女职工人数",
    "members_total": "会员人数",
    "members_women": "女会员人数",
    "members_migrant": "农民工会员人数",
    "chair": "工会主席",
    "phone": "联系电话",
}
FEDERATION_EXPECTED = ("township", "credit_code", "set_up_on", "last_elected_on", "term_years", "chair", "phone")
FEDERATIONS = (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP, Level.SYSTEM)


@dataclass(frozen=True)
class Compared:
    """A declared number of members beside the one that the roster gives."""

    label: str
    declared: int | None
    counted: int

    @property
    def differs(self) -> bool:
        return self.declared is not None and self.declared != self.counted


@dataclass(frozen=True)
class Below:
    """A union below one's own, with its counts; None where the viewer may not see the records counted."""

    union: Union
    members: int | None
    cadres: int | None


@login_required
def workbench(request: HttpRequest) -> HttpResponse:
    """The union of whoever is signed in; a kind word, and no rows, for an account without one."""
    user: Any = request.user
    if not user.has_perm("members.view_union"):
        if user.has_perm("members.view_dashboard"):
            return redirect("dashboard")
        return render(request, "workbench/no_union.html", {"lacks": "角色"})
    unions = Union.objects.visible_to(user)
    union = unions.with_parent_name().filter(pk=user.union_id).first()
    if union is None:
        return render(request, "workbench/no_union.html", {"lacks": "所在工会"})
    # A permission on the records counted decides whether their number shows: no number of what one may not read.
    members = Member.objects.visible_to(user).current() if user.has_perm("members.view_member") else None
    cadres = (
        Cadre.objects.visible_to(user).in_post_on(timezone.localdate()) if user.has_perm("members.view_cadre") else None
    )
    below = unions.exclude(pk=union.pk).exclude(status=UnionStatus.DISSOLVED)
    page = Paginator(below, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "union": union,
        "missing": [] if union.is_root() else missing(union),
        "compared": None if members is None else compared(union, members.filter(union=union)),
        "cadres": None if cadres is None else list(cadres.filter(union=union)),
        "page_obj": page,
        "below": with_counts(page, members, cadres),
    }
    return render(request, "workbench/workbench.html", context)


def missing(union: Union) -> list[str]:
    """What the union's card doesn't say, in plain words."""
    expected = FEDERATION_EXPECTED if union.level in FEDERATIONS else EXPECTED
    return [EXPECTED[name] for name in expected if getattr(union, name) in (None, "")]


def compared(union: Union, members: QuerySet) -> list[Compared]:
    """Declared numbers of members beside the roster's, in one query."""
    counted = members.aggregate(
        total=Count("pk"),
        women=Count("pk", filter=Q(gender=Gender.FEMALE)),
        migrant=Count("pk", filter=Q(is_migrant=True)),
    )
    return [
        Compared("会员人数", union.members_total, counted["total"]),
        Compared("其中：女会员", union.members_women, counted["women"]),
        Compared("其中：农民工会员", union.members_migrant, counted["migrant"]),
    ]


def with_counts(unions: Iterable[Union], members: QuerySet | None, cadres: QuerySet | None) -> list[Below]:
    """Each union with the number of its own members and cadres: two queries, however many unions."""
    unions = list(unions)

    def count(rows: QuerySet | None) -> dict[int, int] | None:
        if rows is None:
            return None
        found = rows.filter(union__in=unions).order_by().values_list("union").annotate(number=Count("pk"))
        return {union.pk: 0 for union in unions} | dict(found)

    by_member, by_cadre = count(members), count(cadres)
    return [
        Below(
            union, None if by_member is None else by_member[union.pk], None if by_cadre is None else by_cadre[union.pk]
        )
        for union in unions
    ]
