"""Grants: of years past, entered by hand; applied for out of a hardship file; approved or declined by the county."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may
from pingtang_union.core.scope import reaches
from pingtang_union.money import yuan
from pingtang_union.workflow.moving import locked_for, refuse_invalid
from relief.models import Cap, Grant, GrantSource, GrantState, Group, Household, Instalment
from relief.models.codes import FileState


def record(*, grant: Grant, by: Any) -> Grant:
    """Enter or correct a grant that was paid before the portal kept books: no fund is touched. Raises DomainError
    for who may not, and for one that the books hold."""
    if not (may(by, "change" if grant.pk else "add", Grant) and reaches(by, grant.union)):
        raise DomainError("您没有登记这笔帮扶发放的权限，请联系县总工会帮扶部门。")
    if grant.pk is None:
        grant.state, grant.source, grant.is_outside_books = GrantState.PAID, GrantSource.ENTRY, True
        grant.created_by = by
    elif not grant.is_outside_books:
        raise DomainError("这一笔由服务平台发放，已经入账，不能修改。")
    if grant.plan is not None:
        _refuse_group(grant.plan, grant.group)
    grant.save()
    return grant


@transaction.atomic
def delete(*, grant: Grant, by: Any) -> None:
    """Let a wrong record go. Raises DomainError for who may not, and for one that came otherwise or that the books
    hold."""
    locked = Grant.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=grant.pk).first()
    if locked is None or not may(by, "delete", Grant):
        raise DomainError("您没有删除这笔帮扶发放的权限。")
    if not may_delete(locked):
        raise DomainError("只有手工登记的账外历史记录可以删除；台账导入的请撤销所在批次。")
    locked.delete()


def may_delete(grant: Grant) -> bool:
    """Whether a wrong record may go altogether: entered by hand and outside the books."""
    return grant.is_outside_books and grant.source == GrantSource.ENTRY


@transaction.atomic
def grant_from_file(
    *, household: Household, plan: Instalment, cash: Decimal, goods: Decimal = Decimal(), group: Group | None = None,
    note: str = "", by: Any,
) -> Grant:  # fmt: skip
    """Put the worker of a file up for an instalment, with the file's account. Where the programme gives once a
    household, the file is the household. Whether the person has one already isn't said here: that may be another
    union's row, which only the county sees. Raises DomainError for who may not, for a file that doesn't stand, for
    another union's plan, one that isn't open or not for this group, and above what a person may have."""
    locked = locked_for(household, by)
    if not may(by, "apply", Grant):
        raise DomainError("您的账号不能申请帮扶。")
    if locked.file_state != FileState.ON_FILE:
        raise DomainError("只有在档的困难职工才能从档案申请帮扶。")
    groups = list(plan.groups.all()[:2])
    group = group or (groups[0] if len(groups) == 1 else None)
    refuse_outside(plan, union=locked.union, group=group, amount=cash + goods)
    worker = locked.people.get(relation="self")
    programme = plan.programme
    grant = Grant(
        union=locked.union,
        programme=programme,
        edition=plan.edition,
        instalment=plan.number,
        plan=plan,
        name=worker.name,
        id_type=worker.id_type,
        id_number=worker.id_number,
        id_index=worker.id_index,
        address=locked.union.name,
        township=locked.union.township,
        group=group,
        member=locked.member,
        household=locked,
        household_key=household_key(locked) if programme.is_once_a_household else None,
        account=locked.bank_account,
        bank=locked.bank,
        cash=cash,
        goods=goods,
        source=GrantSource.FILE,
        note=note,
        created_by=by,
    )
    refuse_invalid(grant)
    grant.save()
    return grant


def refuse_outside(plan: Instalment, *, union: Union, group: Group | None, amount: Decimal) -> None:
    """Raise DomainError for a plan that isn't this union's, isn't open today, isn't for this group, and for an amount
    that it doesn't give a person."""
    today = timezone.localdate()
    if not union.path.startswith(plan.union.path):
        raise DomainError("这个发放计划不面向这个工会。")
    if plan.opens_on is not None and plan.opens_on > today:
        raise DomainError(f"这个发放计划 {plan.opens_on} 起申报。")
    if plan.closes_on is not None and plan.closes_on < today:
        raise DomainError("这个发放计划已经截止。")
    _refuse_group(plan, group)
    if plan.a_person is not None and amount != plan.a_person:
        raise DomainError(f"每人标准 {yuan(plan.a_person)} 元，请核对。")
    if plan.most_a_person is not None and amount > plan.most_a_person:
        raise DomainError(f"每人最高 {yuan(plan.most_a_person)} 元，请核对。")


def _refuse_group(plan: Instalment, group: Group | None) -> None:
    groups = {one.pk: one.name for one in plan.groups.all()}
    if groups and (group is None or group.pk not in groups):
        whom = f"不包括{group}" if group is not None else "没有填写人员类别"
        raise DomainError(f"「{plan}」的发放对象为{'、'.join(groups.values())}，{whom}，请核对。")


def household_key(household: Household) -> str:
    """What tells a household in grants: it stays when the file is made anonymous."""
    return f"file:{household.pk}"


# --- The county's word -----------------------------------------------------------------------


@transaction.atomic
def approve(*, grant: Grant, by: Any) -> Grant:
    """Promise an applied-for grant: it may join a payment batch. Raises DomainError for who may not, for who applied,
    above the policy's cap, and where the person or the household has one of the instalment: the database refuses a
    second, however many approve at once."""
    locked = _locked(grant, by, GrantState.APPLIED)
    refuse_approving(locked, by)
    locked.state = GrantState.APPROVED
    try:
        with transaction.atomic():
            locked.save(update_fields=["state"])
    except IntegrityError as error:
        raise DomainError(conflict(locked) or "这个人（这户）在这个项目这一批次已有一份。") from error
    return locked


def refuse_approving(grant: Grant, by: Any) -> None:
    """Raise DomainError where `by` applied for the grant, where the policy gives no more, and where the person or the
    household has one. The household is held, so that two of its grants are approved one after the other."""
    if grant.created_by_id == by.pk:
        raise DomainError("这笔申请是您登记的，请由另一人核定。")
    if grant.household_id is not None:
        Household.objects.select_for_update(of=("self",)).get(pk=grant.household_id)
    if words := above_cap(grant) or conflict(grant):
        raise DomainError(words)


@transaction.atomic
def decline(*, grant: Grant, reason: str, by: Any) -> Grant:
    """Refuse an applied-for grant, or one that was approved and stands in no batch. Raises DomainError for who may
    not and without a reason."""
    locked = _locked(grant, by, GrantState.APPLIED, GrantState.APPROVED)
    if len(reason.strip()) < 4:
        raise DomainError("请写明不予发放的原因（至少 4 个字）。")
    if locked.payments.exclude(result="failed").exists():
        raise DomainError("这笔发放已编入发放批次，请先从批次中移出。")
    locked.state, locked.reason = GrantState.WITHDRAWN, reason.strip()
    locked.save(update_fields=["state", "reason"])
    return locked


def conflict(grant: Grant) -> str:
    """What the person or the household has of the same instalment already, in words for the county; "" for nothing."""
    same = Q(pk__in=[])
    if grant.id_index:
        same |= Q(id_index=grant.id_index)
    if grant.household_key and grant.household is not None:
        # Others of the family may stand in ledgers, which know no household.
        people = grant.household.people.exclude(id_index=None)
        same |= Q(household_key=grant.household_key) | Q(id_index__in=people.values("id_index"))
    instalment = {"programme": grant.programme_id, "edition": grant.edition, "instalment": grant.instalment}
    had = Grant.objects.counted().filter(same, **instalment).exclude(pk=grant.pk).select_related("union").first()
    if had is None:
        return ""
    whose = "这个人" if had.id_index == grant.id_index else "这户"
    return (
        f"{whose}在{grant.programme}（{grant.edition}）第 {grant.instalment} 批已有一份：{had.union}，"
        f"{had.get_state_display()}，{had.granted_on or '未发放'}，{yuan(had.amount)} 元。"
    )


def above_cap(grant: Grant, source: str = "") -> str:
    """Why the policy in force gives a file's household no more from this programme and source in a year; "" where it
    does, or where no cap is set. source: of the fund that pays, by default the plan's."""
    plan, household = grant.plan, grant.household
    policy = household.policy() if household is not None else None
    source = source or (plan.fund.source if plan is not None and plan.fund is not None else "")
    if household is None or policy is None or not source:
        return ""
    caps = Cap.objects.filter(policy=policy, programme=grant.programme, category=household.category)
    cap = caps.filter(source=source).first()
    if cap is None:
        return ""
    others = (
        Grant.objects.counted()
        .filter(household=household, programme=grant.programme_id, edition=grant.edition)
        .filter(Q(plan__fund__source=cap.source) | Q(payments__batch__fund__source=cap.source))
    )
    had = others.exclude(pk=grant.pk).distinct().aggregate(total=Sum("amount"))["total"] or Decimal()
    if had + grant.cash + grant.goods <= cap.most:
        return ""
    return f"{cap}每户每年最高 {yuan(cap.most)} 元（{cap.article}），已核定 {yuan(had)} 元，不能再给这么多。"


def _locked(grant: Grant, by: Any, *states: GrantState) -> Grant:
    locked = Grant.objects.select_for_update(of=("self",)).visible_to(by).filter(pk=grant.pk).first()
    if locked is None or not may(by, "approve", Grant):
        raise DomainError("您没有核定这笔帮扶发放的权限。")
    if locked.state not in states:
        raise DomainError(f"这笔发放现在是「{locked.get_state_display()}」，不能这样办理。请刷新页面查看。")
    return locked
