"""What the app declares: nothing else of the portal knows it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from pingtang_union.core.portal import Group, Kept, Page, Slot, lists
from pingtang_union.core.todo import Item, Step
from pingtang_union.lists import ListFilter
from pingtang_union.workflow import waiting
from pingtang_union.workflow.notices import Nominee, Notice
from pingtang_union.workflow.table import State
from pingtang_union.workflow.timeline import stands_since, waits_for
from tests.tiny.models import Kind, Petition, Visit


class VisitFilter(ListFilter):
    class Meta:
        model = Visit
        fields = ("place",)


PAGES = (Page("走访", "footprints", "tiny:visits", "tiny.view_visit", menu="all", common=True),)
ADMIN = (Group("走访", 60, (*lists("tiny", visit="footprints", petition="messages-square"),)),)
PUBLIC = (
    Slot("走访动态", "footprints", "tiny/visits.html", lambda today: Visit.objects.values_list("place", flat=True)),
)
FILTERS = {"visits": VisitFilter}
GRANTS = {"乡镇工会": ("tiny.view_visit", "tiny.view_petition")}
UNSCOPED = {"tiny.Kind": "a code list"}
DEMO = {"诉求类别": lambda: Kind.objects.get_or_create(name="欠薪")[1]}
JOBS = {"count visits": Visit.objects.count}
KEPT_FOR = (
    Kept(
        "tiny.Visit", timedelta(days=365), "for the test",
        lambda before: Visit.objects.filter(visited_on__lt=before.date().isoformat()).delete(),
    ),
)  # fmt: skip


def todo(user: Any, today: date) -> list[Item]:
    if not user.has_perm("tiny.submit_petition"):
        return []
    rows = Petition.objects.visible_to(user).filter(state=State.DRAFT)
    return [Item(one.title, "草稿", "", steps=[Step("查看", reverse("tiny:visits"))]) for one in rows]


def came_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    if not user.has_perm("tiny.view_petition"):
        return []
    rows = Petition.objects.visible_to(user).filter(state=State.RETURNED)
    return [(timezone.now(), Item(one.title, "退回", "is-bad", reasons=[one.reason])) for one in rows]


def desk(user: Any, today: date) -> list[waiting.Waiting]:
    return waiting.desk(Petition, user)


def under_way(user: Any) -> list[Item]:
    if not user.has_perm("tiny.view_petition"):
        return []
    rows = Petition.objects.visible_to(user).filter(state=State.SUBMITTED)
    return [Item(one.title, "已提交", "is-info", f"{waits_for(one)}，自 {stands_since(one)} 起") for one in rows]


def notices(today: date) -> list[Notice]:
    rows = Petition.objects.filter(state=State.PUBLICISED).select_related("union")
    return [
        Notice(f"petition-{one.pk}", one.title, "", "", [
            Nominee.masked(
                is_person=True, name="杨秀英", summary="杨秀英的电话13885412345", title="诉求", union=one.union.name,
                kind="", first=one.publicised_from, last=one.publicised_until,
            )
        ])
        for one in rows
    ]  # fmt: skip
