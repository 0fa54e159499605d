"""Where workers find a service (服务站点), and merchants who give something for the card (一卡多能): public once a
second person has confirmed them."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from members.models import Union
from pingtang_union.core.fields import account
from pingtang_union.core.scope import ScopedModel, ScopedQuerySet
from pingtang_union.workflow.attachments import Attachment
from pingtang_union.workflow.publishing import check_fields

OWN = "由您登记或修改的，要由另一人确认公开。"
PHOTOS = "service-points"  # where photos stand among the public files


class PlaceKind(models.Model):
    """A kind of service point: 爱心小药箱, 爱心母婴室 … Data of the office."""

    name = models.CharField("站点类型", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("次序", default=10)
    is_in_use = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "站点类型"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class PlaceQuerySet(ScopedQuerySet):
    """Questions asked of places."""

    def waiting(self) -> Self:
        """Those that nobody has confirmed."""
        return self.filter(confirmed_by__isnull=True)

    def public(self, day: date) -> Self:
        """Those that strangers read of on `day`."""
        until = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        return self.filter(until, confirmed_by__isnull=False, starts_on__lte=day)


class Place(ScopedModel):
    """What service points and merchants share. What strangers read is confirmed by another than who wrote it; a change
    of it waits again."""

    scope_path = "union"
    public_fields: ClassVar[tuple[str, ...]] = ("name", "township", "address", "offers", "phone")

    union = models.ForeignKey(Union, models.PROTECT, verbose_name="所属工会", related_name="+")
    name = models.CharField("名称", max_length=60)
    township = models.CharField("所在乡镇（街道）", max_length=30, blank=True, help_text="不填的，按所属工会登记")
    address = models.CharField("地址", max_length=100)
    offers = models.CharField("服务内容", max_length=300)
    phone = models.CharField(
        "公开电话", max_length=20, blank=True, help_text="只填「公开电话」中登记的办公电话，不填个人手机号码"
    )
    written_by = account("登记人", editable=False)
    confirmed_by = account("确认人", editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True, editable=False)

    objects: ClassVar = PlaceQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, written_by__isnull=False)
                & ~Q(confirmed_by=F("written_by")),
                name="%(class)s_confirmed_by_another",
                violation_error_message=OWN,
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="%(class)s_ends_after_start",
                violation_error_message="截止日期不能早于开始日期。",
            ),
            models.UniqueConstraint(
                fields=["union", "name"],
                name="%(class)s_once",
                violation_error_message="这个工会已登记过同名的一处。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_fields(self, *self.public_fields)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What strangers would read anew waits for the county's word."""
        self.township = self.township or self.union.township
        if self.pk and kwargs.get("update_fields") is None:
            stored = type(self)._default_manager.filter(pk=self.pk).values(*self.told).first() or {}
            if any(getattr(self, name) != value for name, value in stored.items()):
                self.confirmed_by = self.confirmed_at = None
        super().save(*args, **kwargs)

    @property
    def told(self) -> tuple[str, ...]:
        """Columns that strangers read: a change of one waits for the county's word."""
        return self.public_fields


class ServicePoint(Place):
    """A service point."""

    public_fields = (*Place.public_fields, "keeper", "hours")

    kind = models.ForeignKey(PlaceKind, models.PROTECT, verbose_name="站点类型", related_name="+")
    keeper = models.CharField("管理单位", max_length=60, help_text="填单位或岗位，不填个人姓名")
    hours = models.CharField("开放时间", max_length=60, help_text="如 工作日 8:30—18:00")
    photo = models.ForeignKey(
        "workflow.PublicFile", models.PROTECT, null=True, blank=True, verbose_name="照片", related_name="+",
        editable=False,
    )  # fmt: skip
    starts_on = models.DateField("启用日期")
    ends_on = models.DateField("停用日期", null=True, blank=True)

    class Meta(Place.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "服务站点"
        ordering = ["township", "kind__order", "name"]
        permissions = [("confirm_servicepoint", "确认公开服务站点")]

    @property
    def told(self) -> tuple[str, ...]:
        """With its kind."""
        return (*self.public_fields, "kind_id")


class Merchant(Place):
    """A merchant who gives something for the card, while the agreement runs."""

    offers = models.CharField("优惠内容", max_length=300)
    starts_on = models.DateField("优惠开始")
    ends_on = models.DateField("优惠截止")
    note = models.CharField("备注", max_length=200, blank=True, help_text="不公开")

    class Meta(Place.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "普惠商户"
        ordering = ["township", "name"]
        permissions = [("confirm_merchant", "确认公开普惠商户")]


class Agreement(Attachment):
    """The agreement with a merchant. Not public."""

    application = models.ForeignKey(Merchant, models.CASCADE, verbose_name="普惠商户", related_name="files")

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "合作协议"
