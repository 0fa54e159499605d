"""The catalogue of titles (荣誉称号): what there is to be won, at which level, and what stands above what."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from pingtang_union.core.fields import DocumentNumberField
from pingtang_union.core.text import fold
from pingtang_union.workflow.publishing import check_fields


class HonourLevel(models.TextChoices):
    """Who stands behind a title, from the top."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "州级"
    COUNTY = "county", "县级"


LEVEL_SYNONYMS = {
    "national": "国家 全国 全国级 部级 中央",
    "province": "省 省部级 贵州省 全省",
    "prefecture": "州 市级 州市级 地市级 黔南州 全州",
    "county": "县 区县级 平塘县 全县",
}


class RecipientKind(models.TextChoices):
    """For whom a title is: 奖状 for units, 奖章 for persons, 先锋号 and 标兵岗 for posts and teams."""

    COLLECTIVE = "collective", "集体"
    PERSON = "person", "个人"
    POST = "post", "岗位"


KIND_SYNONYMS = {
    "collective": "单位 先进集体 团体 组织",
    "person": "先进个人 人 个体",
    "post": "班组 岗 集体岗位 团队",
}


def place_of_level(path: str) -> models.Case:
    """Expression to order by: from the highest level down, the level standing at `path`."""
    return models.Case(
        *(models.When(**{path: level}, then=index) for index, level in enumerate(HonourLevel.values)),
        output_field=models.IntegerField(),
    )


class HonourQuerySet(models.QuerySet):
    """Questions asked of titles."""

    def in_order(self) -> "HonourQuerySet":
        """From the highest level down, as the catalogue is kept."""
        return self.order_by(place_of_level("level"), "order", "pk")


class Honour(models.Model):
    """A title. `code` names the ones that figures count; titles that an office adds have none."""

    code = models.CharField("代码", max_length=50, null=True, blank=True, editable=False)
    title = models.CharField("荣誉称号", max_length=60)
    title_key = models.CharField("查找用称号", max_length=60, editable=False)
    other_titles = models.CharField("别的叫法", max_length=200, blank=True, help_text="几个叫法之间用顿号「、」隔开")
    level = models.CharField("级别", max_length=12, choices=HonourLevel)
    kind = models.CharField("授予对象", max_length=12, choices=RecipientKind)
    granted_by = models.CharField("授予单位", max_length=60, blank=True)
    below = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="紧挨着的下一级荣誉",
        related_name="above",
        help_text="荣誉阶梯：通常要先获得哪个荣誉",
    )
    wait_years = models.PositiveSmallIntegerField(
        "获下一级荣誉后满几年", null=True, blank=True, help_text="文件有规定才填；没有规定的不填"
    )
    basis = models.CharField("评比表彰项目", max_length=100, blank=True, help_text="经批准保留的评比达标表彰项目名称")
    basis_document = DocumentNumberField("项目批准文号", blank=True)
    order = models.PositiveSmallIntegerField("排列次序", default=100)
    is_in_use = models.BooleanField("还在评选", default=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "荣誉称号"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["title_key"], name="honour_title_unique", violation_error_message="这个荣誉称号已经登记过。"
            ),
            models.UniqueConstraint(fields=["code"], name="honour_code_unique"),
            models.CheckConstraint(
                condition=Q(below__isnull=True) | ~Q(below=F("id")),
                name="honour_not_below_itself",
                violation_error_message="下一级荣誉不能是它自己。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title_key = fold(self.title)[:60]
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.title_key = fold(self.title)[:60]
        self.code = self.code or None
        if not self.title_key:
            raise ValidationError({"title": "称号里要有文字。"})
        check_fields(self, "title", "granted_by")
        self._check_ladder()

    def _check_ladder(self) -> None:
        seen, step = {self.pk}, self.below
        if step is not None and HonourLevel.values.index(step.level) < HonourLevel.values.index(self.level or "county"):
            raise ValidationError({"below": f"「{step.title}」的级别比这个荣誉高，不能放在它下面。"})
        while step is not None:
            if step.pk in seen:
                raise ValidationError({"below": "这样会转成一个圈：下一级荣誉最终又回到它自己。"})
            seen.add(step.pk)
            step = step.below

    @property
    def is_above_county(self) -> bool:
        """Whether a superior names it: the county only sends nominations up."""
        return self.level != HonourLevel.COUNTY

    @property
    def is_for_person(self) -> bool:
        """Whether a person wins it."""
        return self.kind == RecipientKind.PERSON

    def names(self) -> list[str]:
        """Every name it goes by."""
        return [self.title, *(name for name in self.other_titles.split("、") if name.strip())]
