"""Grants (帮扶发放): who received what, under which programme, when, from whom."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Left

from members.models import Member, Union
from members.models.codes import IdType
from pingtang_union.core.fields import PartialDateField, Sealed, SealedField, well_formed
from pingtang_union.core.fields import account as account_of
from pingtang_union.core.figures import mask_name
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.text import fold_name
from pingtang_union.money import MoneyField
from relief.models.codes import COUNTED, GrantSource, GrantState
from relief.models.programmes import EDITION, Group, Instalment, Programme

# Who reads recipients' names, children's too; for everybody else the pages mask them.
NAMES_READ_WITH = ("relief.name_grant", "relief.minor_grant")


def shown_name(user: Any, way: str = "") -> Any:
    """The recipient's name as `user` may read it (`Grant.name_for`), for the database to give; None is the command
    line. way: from the rows to their grants."""
    name = F(f"{way}name")
    if user is None or user.has_perms(NAMES_READ_WITH):
        return name
    masked = Concat(Left(f"{way}name", 1), Value("*"))
    if not user.has_perm(NAMES_READ_WITH[0]):
        return masked
    return Case(When(**{f"{way}group__is_for_children": True}, then=masked), default=name)


def person(prefix: str = "") -> Coalesce:
    """What tells a grant's recipient, read from the grant or along `prefix`: whoever has no number is told by name and
    address."""
    return Coalesce(f"{prefix}id_index", Concat(f"{prefix}name_key", Value("/"), f"{prefix}address"))


class GrantQuerySet(ScopedQuerySet):
    """Questions asked of grants."""

    def made_by(self, day: date) -> Self:
        """Grants paid out by `day`."""
        return self.filter(state=GrantState.PAID, granted_on__lte=day.isoformat())

    def named_for(self, user: Any) -> Self:
        """Grants whose recipient's name `user` may read, so that a search tells no other."""
        if not user.has_perm(NAMES_READ_WITH[0]):
            return self.none()
        return self if user.has_perm(NAMES_READ_WITH[1]) else self.exclude(group__is_for_children=True)

    def with_names_for(self, user: Any) -> Self:
        """Adds `shown_name`."""
        return self.annotate(shown_name=shown_name(user))

    def against_plan(self) -> Self:
        """Grants of a plan that is of another programme, edition or instalment."""
        own = Q(programme=F("plan__programme"), edition=F("plan__edition"), instalment=F("plan__number"))
        return self.filter(plan__isnull=False).exclude(own)

    def counted(self) -> Self:
        """Grants that are promised or paid."""
        return self.filter(state__in=COUNTED)


class Grant(ScopedModel):
    """One person's relief of one instalment. Its union is whose address stands in the ledger: a village's row
    belongs to its town's federation, what belongs nowhere to the county."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="+", db_index=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="帮扶项目", related_name="grants", db_index=False
    )
    edition = models.CharField("年度", max_length=9, validators=[EDITION])
    instalment = models.PositiveSmallIntegerField("批次", default=1)
    plan = models.ForeignKey(
        Instalment, models.PROTECT, null=True, blank=True, verbose_name="发放计划", related_name="grants"
    )
    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField("查找用姓名", max_length=50, editable=False)
    id_type = models.CharField("证件类型", max_length=12, choices=IdType, default=IdType.RESIDENT)
    id_number = SealedField("证件号码", index="id_index", blank=True)
    id_index = models.CharField("证件号索引", max_length=32, null=True, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, verbose_name="人员类别", related_name="+")
    address = models.CharField(
        "所在工会（住址）", max_length=100, blank=True, help_text="没有单位的写住址，到村（社区）"
    )
    township = models.CharField("所属乡镇（街道）", max_length=30, blank=True)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, verbose_name="会员", related_name="grants", editable=False
    )
    household = models.ForeignKey(
        "relief.Household", models.SET_NULL, null=True, blank=True, verbose_name="困难职工档案", related_name="grants",
        editable=False,
    )  # fmt: skip
    visit = models.ForeignKey(
        "relief.CareVisit", models.PROTECT, null=True, blank=True, verbose_name="走访慰问", related_name="grants",
        editable=False,
    )  # fmt: skip
    # Both are the household that counts once where the programme says so; without a file there is none.
    household_key = models.CharField("一户一份", max_length=40, null=True, blank=True, editable=False)
    cash = MoneyField("慰问金（元）", default=0)
    goods = MoneyField("慰问物资折价（元）", default=0)
    amount = models.GeneratedField(
        expression=F("cash") + F("goods"), output_field=MoneyField(), db_persist=True, verbose_name="合计（元）"
    )
    granted_on = PartialDateField("发放时间")
    # The payee is the recipient: no other name can be written beside an account.
    account = SealedField("收款账号", blank=True)
    bank = models.CharField("开户银行", max_length=60, blank=True)
    handled_by = models.CharField("经办人", max_length=50, blank=True)
    received_by = models.CharField("领取人", max_length=50, blank=True)
    state = models.CharField("状态", max_length=10, choices=GrantState, default=GrantState.APPLIED, editable=False)
    source = models.CharField("来源", max_length=8, choices=GrantSource, default=GrantSource.ENTRY, editable=False)
    # Paid before the portal kept books: no entry of a fund stands behind it, so that a batch of them can be undone.
    is_outside_books = models.BooleanField("账外历史记录", default=False, editable=False)
    reason = models.CharField("不予发放或失败的原因", max_length=200, blank=True, editable=False)
    note = models.CharField("备注", max_length=200, blank=True)
    created_by = account_of("登记人", editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶发放"
        ordering = ["-granted_on", "-pk"]
        permissions = [
            ("reveal_grant", "查看帮扶对象完整证件号"),
            ("name_grant", "查看帮扶对象姓名"),
            ("minor_grant", "查看未成年帮扶对象姓名"),
            ("apply_grant", "申请帮扶"),
            ("approve_grant", "核定帮扶发放"),
        ]
        indexes = [
            models.Index(fields=["union", "programme"], name="grant_union_programme"),
            models.Index(fields=["programme", "edition"], name="grant_programme_edition"),
            models.Index(fields=["id_index"], name="grant_id_index"),
            models.Index(fields=["name_key"], name="grant_name"),
            models.Index(fields=["granted_on"], name="grant_granted_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "edition", "instalment", "id_index"],
                condition=Q(state__in=COUNTED, id_index__isnull=False),
                name="grant_paid_once",
                violation_error_code="unique",
                violation_error_message="这个人在这个项目这一批次已经有一份。",
            ),
            models.UniqueConstraint(
                fields=["programme", "edition", "instalment", "household_key"],
                condition=Q(state__in=COUNTED, household_key__isnull=False),
                name="grant_once_a_household",
                violation_error_code="unique",
                violation_error_message="这户在这个项目这一批次已经有一份。",
            ),
            models.CheckConstraint(
                condition=Q(cash__gte=0, goods__gte=0) & (Q(cash__gt=0) | Q(goods__gt=0)),
                name="grant_amount_positive",
                violation_error_message="慰问金和慰问物资折价至少填一项，并且不能小于零。",
            ),
            models.CheckConstraint(
                condition=~Q(state=GrantState.PAID) | Q(granted_on__isnull=False),
                name="grant_paid_has_date",
                violation_error_message="已发放的要有发放时间。",
            ),
            well_formed("grant_dates_well_formed", "granted_on"),
        ]

    def __str__(self) -> str:
        return f"{mask_name(self.name)}（{self.programme}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = fold_name(self.name)[:50]
        super().save(*args, **kwargs)

    def name_for(self, user: Any) -> str:
        """The recipient's name as `user` may read it."""
        is_child = self.group is not None and self.group.is_for_children
        may = user.has_perms(NAMES_READ_WITH) if is_child else user.has_perm(NAMES_READ_WITH[0])
        return self.name if may else mask_name(self.name)

    @property
    def full_account(self) -> str:
        """The account's number in full, for the bank's file."""
        return self.account.reveal() if isinstance(self.account, Sealed) else str(self.account or "")

    @property
    def full_id_number(self) -> str:
        """The number in full. Only for code that records why (core.audit.record_reveal)."""
        return self.id_number.reveal() if isinstance(self.id_number, Sealed) else str(self.id_number or "")
