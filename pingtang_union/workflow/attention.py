"""What offices keep beside an application or any other record: who has seen it, who follows it, who works on it, how it
is labelled, what was wrong when it went back; and what people are told. `marking` writes all of it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pingtang_union.core.scope import ScopedModel, ScopedQuerySet


class Tone(models.TextChoices):
    """Colours of labels: those of states (pingtang_union.tones)."""

    PLAIN = "is-plain", "灰"
    INFO = "is-info", "蓝"
    OK = "is-ok", "绿"
    WARN = "is-warn", "橙"
    BAD = "is-bad", "红"


class Label(models.Model):
    """A mark that offices put on what they work on; the catalogue is theirs."""

    name = models.CharField("名称", max_length=10, unique=True)
    tone = models.CharField("颜色", max_length=10, choices=Tone, default=Tone.PLAIN)
    order = models.PositiveSmallIntegerField("顺序", default=50)
    is_active = models.BooleanField("使用中", default=True, help_text="停用后不再供选择，已有的标签保留")

    class Meta:
        verbose_name = verbose_name_plural = "标签"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class AttachedQuerySet(ScopedQuerySet):
    """Questions asked of what is kept beside records."""

    def of(self, model: type[models.Model]) -> Self:
        """What is kept beside records of `model`."""
        return self.filter(content_type=ContentType.objects.get_for_model(model))

    def to(self, target: models.Model) -> Self:
        """What is kept beside one record."""
        return self.of(type(target)).filter(object_id=target.pk)


class Attached(ScopedModel):
    """Base of what is kept beside a record of any model; it is seen by who sees the record's union."""

    scope_path = "union"

    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="工会", related_name="+", db_index=False)
    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name="种类", related_name="+", db_index=False)
    object_id = models.BigIntegerField("编号")
    target = GenericForeignKey()

    objects = AttachedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}：{self.content_type} {self.object_id}"


def _person(label: str) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, related_name="+")


def _once(name: str, *more: str, message: str) -> list[models.BaseConstraint]:
    fields = ["content_type", "object_id", *more]
    return [models.UniqueConstraint(fields=fields, name=name, violation_error_message=message)]


class Seen(Attached):
    """When someone last looked at a record."""

    user = _person("账号")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "已看记录"
        default_permissions = ()
        constraints = _once("seen_once", "user", message="已经记过。")


class Follow(Attached):
    """Someone wants to be told what becomes of a record."""

    user = _person("账号")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "关注"
        default_permissions = ()
        constraints = _once("follow_once", "user", message="已经关注。")


class Labelling(Attached):
    """A label on a record, and who put it there."""

    label = models.ForeignKey(Label, models.PROTECT, verbose_name="标签", related_name="+")
    by = _person("登记人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "标签登记"
        default_permissions = ("change",)
        ordering = ["label__order", "pk"]
        constraints = _once("labelling_once", "label", message="已有这个标签。")


class Assignment(Attached):
    """Who works on a record."""

    user = _person("经办人")
    by = _person("分办人")
    since = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "分办"
        default_permissions = ("change",)
        constraints = _once("assignment_once", message="已经分办。")


class Return(Attached):
    """What was wrong with an application that went back, in which step of filling it in, and until when to mend it."""

    what = models.CharField("需要修改的内容", max_length=500)
    step = models.CharField("所在步骤", max_length=20, blank=True)
    until = models.DateField("修改期限", null=True, blank=True)
    by = _person("退回人")
    at = models.DateTimeField("时间", default=timezone.now)

    def step_label(self) -> str:
        """The step in words; "" where none was named."""
        return dict(self.content_type.model_class().filling_steps).get(self.step, "")  # type: ignore[union-attr]

    class Meta:
        verbose_name = verbose_name_plural = "退回要求"
        default_permissions = ()
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="return_target")]


class NoticeQuerySet(ScopedQuerySet):
    """Questions asked of notices."""

    def unread(self, user: Any) -> Self:
        """What `user` was told and hasn't put away, the latest first."""
        return self.filter(user=user, read_at__isnull=True).order_by("-at", "-pk")


class Notice(ScopedModel):
    """A word to one person: a case came back, something followed moved, a ledger is still due (催办)."""

    scope_path: ClassVar[str] = "user__union"

    user = _person("账号")
    words = models.CharField("内容", max_length=500)
    url = models.CharField("链接", max_length=200, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        default_permissions = ()
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="notice_unread", condition=Q(read_at=None))]

    def __str__(self) -> str:
        return self.words
