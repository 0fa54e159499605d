"""Identity numbers that were put to the records: who asked how much (attempts), when it was too much (alarms), and what
waits for the county (held numbers)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.models.codes import IdType
from members.models.unions import Union
from pingtang_union.core.fields import Sealed, SealedField, account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.tones import Toned


class NumberAttempt(ScopedModel):
    """One number that an account has put to the records, once for each name it came with. Nothing here can be read: a
    blind index of the number, keyed digests of its day of birth and of name and birth."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.CASCADE, verbose_name="单位", related_name="+", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号", related_name="+", db_index=False
    )
    at = models.DateTimeField("最近一次")
    number = models.CharField("号码索引", max_length=32)
    day = models.CharField("出生日期摘要", max_length=32)
    person = models.CharField("姓名和出生日期摘要", max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "号码查对"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "union", "number", "person"], name="numberattempt_once")
        ]
        indexes = [
            models.Index(fields=["union", "at"], name="numberattempt_union_at"),
            models.Index(fields=["at"], name="numberattempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.at:%Y-%m-%d}"


class NumberAlarm(ScopedModel):
    """An account asked for more numbers of one birthday or one person than a roster has: what the county and the
    auditor look at. Made once, never changed."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="单位", related_name="+")
    account = account("账号", null=False)
    at = models.DateTimeField("时间", auto_now_add=True)
    numbers = models.PositiveIntegerField("暂缓比对的号码数")
    place = models.CharField("从哪里", max_length=300)
    batch = models.ForeignKey(
        "core.ImportBatch",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="导入批次",
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = verbose_name_plural = "号码试探告警"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.account}：{self.numbers} 个号码"


class HeldState(Toned):
    """Where a held number stands."""

    OPEN = "open", "is-warn", "待县核实"
    CONFIRMED = "confirmed", "is-ok", "核实无误"
    REFUSED = "refused", "is-bad", "不予登记"
    WITHDRAWN = "withdrawn", "", "已撤回"  # with the batch that held it; nobody has settled it


class HeldWhy(models.TextChoices):
    """Why a number is held. For the county only: to the office every hold says the same."""

    MANY = "many", "同名同生日或同一天出生的号码过多"
    ELSEWHERE = "elsewhere", "号码在别的工会有登记，姓名不一致"
    IN_POST = "in_post", "号码在别的工会有在任的干部记录"


class HeldNumberQuerySet(ScopedQuerySet):
    """Questions asked of held numbers."""

    def open(self) -> Self:
        """Those that wait for the county."""
        return self.filter(state=HeldState.OPEN)


class HeldNumber(ScopedModel):
    """A name and a number that an office wants to register and that the county looks at first."""

    scope_path = "union"

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="申请登记的工会", related_name="+")
    name = models.CharField("姓名", max_length=50)
    name_key = models.CharField("查找用姓名", max_length=50, editable=False)
    id_type = models.CharField("证件类型", max_length=12, choices=IdType, default=IdType.RESIDENT)
    id_number = SealedField("证件号码", index="id_index", null=False)
    id_index = models.CharField("证件号索引", max_length=32, editable=False)
    why = models.CharField("为什么暂缓", max_length=10, choices=HeldWhy)
    by = account("经办人", null=False)
    at = models.DateTimeField("时间", auto_now_add=True)
    place = models.CharField("从哪里", max_length=300)
    batch = models.ForeignKey(
        "core.ImportBatch", models.SET_NULL, null=True, blank=True, verbose_name="导入批次", related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=HeldState, default=HeldState.OPEN)
    answer = models.CharField("核实说明", max_length=200, blank=True)
    settled_by = account("核实人")
    settled_at = models.DateTimeField("核实时间", null=True, blank=True)

    objects = HeldNumberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待核实号码"
        ordering = ["-at", "-pk"]
        permissions = [("reveal_heldnumber", "查看待核实的完整证件号"), ("settle_heldnumber", "核实号码")]
        indexes = [models.Index(fields=["id_index"], name="heldnumber_id_index")]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "id_index", "name_key"],
                condition=Q(state=HeldState.OPEN),
                name="heldnumber_one_open",
                violation_error_message="这个人已经在等县总工会核实。",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[HeldState.OPEN, HeldState.WITHDRAWN], settled_by__isnull=True, settled_at__isnull=True
                )
                | Q(
                    state__in=[HeldState.CONFIRMED, HeldState.REFUSED],
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                ),
                name="heldnumber_settled_by_someone",
                violation_error_message="核实要记下核实人和时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state=HeldState.REFUSED) | ~Q(answer=""),
                name="heldnumber_refusal_has_reason",
                violation_error_message="不予登记要写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | ~Q(settled_by=models.F("by")),
                name="heldnumber_not_by_oneself",
                violation_error_message="自己报的号码不能由自己核实。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_id_number(self) -> str:
        """The number in full. Only for code that records why (core.audit.record_reveal)."""
        value: Any = self.id_number
        return value.reveal() if isinstance(value, Sealed) else str(value or "")
