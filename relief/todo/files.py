"""What an office has to do about hardship files. Each function asks a constant number of questions of rows that the
user may see."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from pingtang_union.core.permissions import may
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow import todo as applications
from pingtang_union.workflow import waiting
from pingtang_union.workflow.clocks import clocks
from pingtang_union.workflow.table import EDITABLE, State
from pingtang_union.workflow.timeline import asked_of
from relief.models import Household, NationalRow, SpotCheck
from relief.models.codes import FileState
from relief.models.national import ListKind
from relief.services.progress import to_do

_PAGE = "relief:household_detail"
_KINDS = {"check": ("待核对", "file-search"), "recheck": ("一年未复核", "calendar-clock")}
# Files on file without what only the national system asks of a household.
_UNFILLED = Q(file_state=FileState.ON_FILE) & (
    Q(works_since__isnull=True) | Q(industry="") | Q(hukou_place="") | Q(national_number="")
)


def desk(user: Any, today: date) -> list[waiting.Waiting]:
    """What waits for the county: transitions, then the check and the yearly re-check."""
    found = waiting.desk(Household, user)
    if not may(user, "check", Household):
        return found
    asked = {what: Count("pk", filter=to_do(what)) for what in _KINDS} | {"blank": Count("pk", filter=_UNFILLED)}
    numbers = Household.objects.visible_to(user).aggregate(**asked)
    loose = NationalRow.objects.visible_to(user).filter(brought__kind=ListKind.REMARKS, household__isnull=True).count()
    queue, rows = (reverse(f"admin:relief_{name}_changelist") for name in ("household", "nationalrow"))
    lacking = reverse("relief:national_lacking")
    found += [
        waiting.Waiting(f"困难职工档案{label}", icon, numbers[what], f"{queue}?state=&progress={what}")
        for what, (label, icon) in _KINDS.items()
    ]
    found.append(waiting.Waiting("上级意见待对应档案", "file-question-mark", loose, f"{rows}?finding=loose", unit="条"))
    found.append(
        waiting.Waiting("全国系统栏目未填", "clipboard-list", numbers["blank"], lacking, is_due=False, unit="份")
    )
    return [one for one in found if one.number]


def todo(user: Any, today: date) -> list[Item]:
    """Drafts and returned files of the own union, those to look at first, those to visit, findings to answer."""
    items: list[Item] = []
    files = Household.objects.visible_to(user)
    if may(user, "submit", Household):
        rows = files.filter(union=user.union_id, state__in=EDITABLE).order_by("-pk")[:SHOWN]
        asked = asked_of(rows)
        items += [_draft(one, asked.get(one.pk, [])) for one in rows]
        checks = SpotCheck.objects.visible_to(user).filter(answer="", found_by__isnull=False, household__isnull=False)
        items += [
            Item(
                f"{one.household.name}户", "抽查待答复", "is-warn", f"抽查情况：{one.findings}",  # type: ignore[union-attr]  # filtered
                steps=[Step("答复", reverse("relief:spotcheck_answer", args=[one.pk]))],
            )
            for one in checks.filter(union=user.union_id).select_related("household")[:SHOWN]
        ]  # fmt: skip
        remarks = NationalRow.objects.visible_to(user).open_remarks().filter(union=user.union_id)
        items += [_remark(one) for one in remarks.select_related("household", "brought")[:SHOWN]]
    if may(user, "recommend", Household):
        rows = files.filter(Household.awaits_first_review()).exclude(submitted_by=user)
        items += _waiting(rows, "待初审", "初审")
    if may(user, "visit", Household):
        rows = files.filter(Household.awaits_visit()).exclude(recommended_by=user)
        items += _waiting(rows.exclude(Q(is_direct=True) & Q(submitted_by=user)), "待入户", "登记入户走访")
    return items


def _titled(one: Household) -> str:
    return f"{one.name}户"


def _draft(one: Household, asked: list[str]) -> Item:
    check = Step("继续填写", reverse("relief:household_check", args=[one.pk]))
    if one.state == State.RETURNED:
        mend = Step("修改", reverse("relief:household_mend", args=[one.pk]))
        return Item(_titled(one), "退回修改", "is-bad", "建档申请", asked, [mend, check])
    return Item(_titled(one), "草稿", "", "建档申请尚未提交。", steps=[check])


def _remark(one: NationalRow) -> Item:
    until = f"，请于 {one.brought.until} 前答复" if one.brought.until else ""
    step = Step("答复", reverse("relief:remark_answer", args=[one.pk]))
    return Item(f"{one.household.name}户", "上级意见", "is-warn", f"{one.remark}{until}", steps=[step])  # type: ignore[union-attr]  # filtered


def _waiting(rows: Any, badge: str, act: str) -> list[Item]:
    found = list(rows.select_related("union").order_by("submitted_at", "pk")[:SHOWN])
    running = clocks(found)
    return [
        Item(
            _titled(one),
            badge,
            "is-warn",
            f"{one.union}，{applications.standing(one, running.get(one.pk))}",
            steps=[Step(act, reverse(_PAGE, args=[one.pk]))],
        )
        for one in found
    ]


def came_back(user: Any, since: datetime) -> list[tuple[Any, Item]]:
    """(when, item) of files refused since then, and of those sent back that aren't among what is due."""
    if not may(user, "submit", Household):
        return []
    due = Q(application__union=user.union_id)
    return applications.came_back(
        Household, user, since, route=_PAGE, due=due, told=lambda one: str(one.union), titled=_titled
    )


def under_way(user: Any) -> list[Item]:
    """Files that the own union handed in or the user passed on, and that others now have."""
    if not may(user, "submit", Household):
        return []
    return applications.under_way(Household, user, route=_PAGE, titled=_titled, has_clock=True)
