"""Awards: a title that a union, a person or a post holds. Revoked, never deleted."""

import secrets
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from awards.models.honours import Honour, RecipientKind
from members.models import Cadre, Member, Union
from pingtang_union.core.fields import DocumentNumberField, PartialDateField, account, not_before, well_formed
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.core.text import fold
from pingtang_union.files.privacy import IDENTITY
from pingtang_union.ledger.unions import workplace
from pingtang_union.proof.models import Series
from pingtang_union.proof.numbers import draw
from pingtang_union.workflow.publishing import check_fields


class AwardSource(models.TextChoices):
    """Where the record comes from."""

    NOMINATION = "nomination", "评选推荐"
    LEDGER = "ledger", "荣誉台账"
    ENTRY = "entry", "手工登记"


def new_token() -> str:
    """What an award's public address is made of: can't be guessed or counted through (64 random bits)."""
    return secrets.token_hex(8)


class AwardQuerySet(ScopedQuerySet):
    """Questions asked of awards."""

    def standing(self) -> Self:
        """Awards not revoked."""
        return self.filter(revoked_on__isnull=True)

    def draw_number(self, day: date) -> str:
        """The next number of a certificate given by the county, past those that ledgers brought in."""
        return draw(Series.CERTIFICATE, day, is_taken=lambda number: self.filter(certificate_number=number).exists())

    def standing_on(self, day: date) -> Self:
        """Awards given by `day` and not revoked by then."""
        iso = day.isoformat()
        return self.filter(Q(revoked_on__isnull=True) | Q(revoked_on__gt=iso), awarded_on__lte=iso)


class Award(ScopedModel):
    """One title given once. `recipient` is the name as the decision has it; where it is a union, a member or a cadre
    that the portal knows, the record says which."""

    scope_path = "union"

    honour = models.ForeignKey(Honour, models.PROTECT, verbose_name="荣誉称号", related_name="awards")
    recipient = models.CharField("获奖集体（个人）", max_length=100)
    recipient_key = models.CharField("查找用名称", max_length=100, editable=False)
    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所在工会", related_name="awards", db_index=False)
    recipient_union = models.ForeignKey(
        Union, models.PROTECT, null=True, blank=True, verbose_name="获奖工会", related_name="own_awards"
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, verbose_name="获奖会员", related_name="awards"
    )
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, null=True, blank=True, verbose_name="获奖干部", related_name="awards"
    )
    awarded_on = PartialDateField("授予时间")
    granted_by = models.CharField("授予单位", max_length=60, blank=True)
    document_number = DocumentNumberField("表彰文号", blank=True)
    certificate_number = models.CharField("证书编号", max_length=50, blank=True)
    workplace = models.CharField(
        "工作单位", max_length=100, blank=True, help_text="证书抬头用；不填的，取所在工会名称去掉「工会委员会」"
    )
    source = models.CharField("来源", max_length=12, choices=AwardSource, default=AwardSource.ENTRY, editable=False)
    nomination = models.OneToOneField(
        "awards.Nomination",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="评选推荐",
        related_name="award",
    )
    token = models.CharField("公开页面编码", max_length=16, default=new_token, editable=False)
    shows_name = models.BooleanField(
        "公开完整姓名", default=False, help_text="光荣榜上个人的姓名默认隐去中间的字；本人书面同意公开的才勾选"
    )
    revoked_on = PartialDateField("撤销时间", editable=False)
    revoke_reason = models.CharField("撤销原因", max_length=200, blank=True, editable=False)
    revoke_document = DocumentNumberField("撤销文号", blank=True, editable=False)
    revoked_by = account("撤销经办人", editable=False)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "获奖记录"
        ordering = ["-awarded_on", "pk"]
        permissions = [("revoke_award", "撤销荣誉")]
        indexes = [
            models.Index(fields=["union", "awarded_on"], name="award_union_on"),
            models.Index(fields=["recipient_key"], name="award_recipient_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["honour", "union", "recipient_key", "awarded_on"],
                name="award_once",
                violation_error_message="同一天授予的同一个荣誉已经登记过。",
            ),
            models.UniqueConstraint(fields=["token"], name="award_token_unique"),
            models.UniqueConstraint(
                fields=["certificate_number"],
                condition=~Q(certificate_number=""),
                name="award_certificate_unique",
                violation_error_message="这个证书编号已经用过。",
            ),
            models.CheckConstraint(
                condition=Q(awarded_on__isnull=False),
                name="award_has_date",
                violation_error_message="授予时间必填，只知道年份或月份也可以。",
            ),
            well_formed("award_dates_well_formed", "awarded_on", "revoked_on"),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True, revoke_reason="", revoke_document="", revoked_by__isnull=True)
                | (
                    Q(revoked_on__isnull=False, revoked_by__isnull=False)
                    & ~Q(revoke_reason="")
                    & ~Q(revoke_document="")
                ),
                name="award_revoked_has_reason",
                violation_error_message="撤销荣誉要写明时间、原因和文号。",
            ),
            models.CheckConstraint(
                condition=not_before("revoked_on", "awarded_on"),
                name="award_revoked_after_award",
                violation_error_message="撤销时间不能早于授予时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}：{self.honour}"

    def clean(self) -> None:
        super().clean()
        self.recipient = " ".join(self.recipient.split())
        self.recipient_key = fold(self.recipient)[:100]
        if not self.recipient_key:
            raise ValidationError({"recipient": "名称里要有文字。"})
        check_fields(self, "recipient", "workplace", "granted_by")
        check_fields(self, "certificate_number", kinds=(IDENTITY,))  # its other digits are the office's

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.recipient_key = fold(self.recipient)[:100]
        super().save(*args, **kwargs)

    @property
    def year(self) -> str:
        """The year in which it was given."""
        return (self.awarded_on or "")[:4]

    @property
    def addressed_to(self) -> str:
        """Whom a certificate names first: the workplace as staff wrote it, else what the union's name says; the union
        itself where a title for collectives went to it."""
        is_its_own = self.honour.kind == RecipientKind.COLLECTIVE and self.recipient == self.union.name
        return self.workplace or (self.recipient if is_its_own else workplace(self.union.name))

    @property
    def is_standing(self) -> bool:
        """Whether it hasn't been revoked."""
        return self.revoked_on is None
