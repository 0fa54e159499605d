"""What waits at the county's desks of care: places to confirm, support to pay, early cases to look at; and facts that
come near, which the sidebar doesn't count: files that nobody visited this year, people helped from many sides. One
question each, of rows that the user may see."""

from datetime import date
from typing import Any

from django.urls import reverse

from pingtang_union.core.permissions import may
from pingtang_union.core.todo import SHOWN, Item, Step
from pingtang_union.workflow.waiting import Waiting
from relief.models import EarlyCase, Fund, Grant, Household, Merchant, ServicePoint, Support, SupportState
from relief.models.care import EARLY, Check, rules_on
from relief.models.grants import person
from relief.services import masking
from relief.services.care import many_sided, unhelped_files


def _list(model: str, query: str) -> str:
    return f"{reverse(f'admin:relief_{model}_changelist')}?{query}"


def desk(user: Any, today: date) -> list[Waiting]:
    """The kinds that have any."""
    return [one for one in (*_places(user), *_support(user), *_early(user), *_facts(user, today)) if one.number]


def _places(user: Any) -> list[Waiting]:
    kinds = ((ServicePoint, "服务站点待确认", "map-pin", "处"), (Merchant, "普惠商户待确认", "store", "家"))
    return [
        Waiting(
            label, icon, model._default_manager.visible_to(user).waiting().exclude(written_by=user).count(),
            _list(str(model._meta.model_name), "confirmed=no"), unit=unit,
        )
        for model, label, icon, unit in kinds
        if may(user, "confirm", model)
    ]  # fmt: skip


def _support(user: Any) -> list[Waiting]:
    if not may(user, "move", Fund):
        return []
    rows = Support.objects.visible_to(user).in_state(SupportState.PLANNED).exclude(recorded_by=user)
    number = rows.filter(lines__isnull=False).distinct().count()
    return [Waiting("阵地支持待支付", "monitor", number, _list("support", "state=planned"), unit="项")]


def _early(user: Any) -> list[Waiting]:
    if not may(user, "look", EarlyCase):
        return []
    rows = EarlyCase.objects.visible_to(user).to_look_at()
    for check, verb in ((Check.ILLNESS, "health"), (Check.SINGLE, "children")):
        rows = rows if masking.sees(user, verb) else rows.exclude(rule__check_code=check)
    number = rows.count()
    return [Waiting("提前关注待查看", "eye", number, _list("earlycase", "looked=no"), unit="条")]


def _facts(user: Any, today: date) -> list[Waiting]:
    if not may(user, "approve", Grant):
        return []
    files = Household.objects.visible_to(user).filter(unhelped_files(today.year)).count()
    found = [
        Waiting(
            "在档未走访帮扶", "house-heart", files, _list("household", "state=&helped=year"), is_due=False, unit="户"
        )
    ]
    for rule in rules_on(today):
        if rule.check_code not in EARLY:
            rows = many_sided(rule, Grant.objects.visible_to(user), today).values(one=person()).distinct()
            url = _list("grant", f"sides={rule.check_code}")
            found.append(Waiting(f"多头帮扶：{rule}", "split", rows.count(), url, is_due=False, unit="人"))
    return found


def todo(user: Any, today: date) -> list[Item]:
    """Support that the own union has to confirm."""
    if not may(user, "receive", Support):
        return []
    rows = Support.objects.visible_to(user).in_state(SupportState.RELEASED).filter(union=user.union_id)
    return [
        Item(one.title, "待确认", "is-warn", "县总工会支持的物品（资金），收到后请确认。",
             steps=[Step("核对并确认", reverse("relief:support_detail", args=[one.pk]))])
        for one in rows[:SHOWN]
    ]  # fmt: skip
