"""What the office says of itself on public pages."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from pingtang_union.files.privacy import CARD, IDENTITY, KINDS
from pingtang_union.workflow.publishing import check_fields


class TextKind(models.TextChoices):
    """Where a text stands."""

    BRAND = "brand", "品牌口号"
    ADDRESS = "address", "单位地址"
    PHONE = "phone", "联系电话"
    HOURS = "hours", "办公时间"
    GUIDE = "guide", "办事指南"
    ICP = "icp", "ICP 备案号"
    POLICE = "police", "公安备案号"


class SiteTextQuerySet(models.QuerySet["SiteText"]):
    """Questions asked of the texts."""

    def shown(self) -> "dict[str, list[SiteText]]":
        """By kind the texts that say something; one query."""
        found: dict[str, list[SiteText]] = {kind: [] for kind in TextKind.values}
        for one in self.exclude(text=""):
            found[one.kind].append(one)
        return found


class SiteText(models.Model):
    """One text. An empty one isn't shown; the trail keeps what it said before."""

    kind = models.CharField("位置", max_length=10, choices=TextKind)
    title = models.CharField("标题", max_length=40, blank=True, help_text="办事指南必填，如 职工入会；其他位置不填")
    text = models.TextField("内容", max_length=2000, blank=True, help_text="公开显示，不写个人信息；留空则不显示")
    place = models.PositiveSmallIntegerField("顺序", default=1, help_text="办事指南按顺序排列，小的在前")

    objects: ClassVar = SiteTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "网站信息"
        ordering = ["kind", "place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=~Q(kind=TextKind.GUIDE),
                name="sitetext_one_a_place",
                violation_error_message="这个位置已有文字，请修改原有的一条。",
            ),
            models.CheckConstraint(
                condition=~Q(kind=TextKind.GUIDE) | ~Q(title=""),
                name="sitetext_guide_has_title",
                violation_error_message="办事指南要填写标题。",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())

    def clean(self) -> None:
        self.text = self.text.strip()
        if self.kind != TextKind.GUIDE and self.title:
            raise ValidationError({"title": "只有办事指南有标题。"})
        # What is written as the office's phone is one of its listed phones by that.
        check_fields(self, "title", "text", kinds=(IDENTITY, CARD) if self.kind == TextKind.PHONE else KINDS)
