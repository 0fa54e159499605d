"""Ledger batches: what each import did with each row, kept for explaining and undoing."""

from django.conf import settings
from django.db import models

from pingtang_union.core.scope import ScopedModel


class Verdict(models.TextChoices):
    """What an import did, or would do, with a row of a ledger."""

    NEW = "new", "新增"
    CHANGED = "changed", "更新"
    UNCHANGED = "unchanged", "无变化"
    TRANSFER = "transfer", "待转会"
    REJECT = "reject", "退回"


class ImportBatch(ScopedModel):
    """One imported file: who, when, which bytes, how many rows of each verdict."""

    scope_path = "union"

    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="导入单位", related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="导入人",
        related_name="+",
        help_text="为空表示由系统管理员在命令行导入",
    )
    at = models.DateTimeField("导入时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件校验值（SHA-256）", max_length=64)
    is_partial = models.BooleanField("只导入合格的行", default=False)
    rows = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("无变化", default=0)
    warned = models.PositiveIntegerField("有提醒", default=0)
    transfer = models.PositiveIntegerField("待转会", default=0)
    rejected = models.PositiveIntegerField("退回", default=0)
    messages = models.JSONField("关于整张表的说明", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账导入批次"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at"], name="importbatch_at")]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(ScopedModel):
    """What one batch did with one row: the verdict, the record, its values before, what was said to the clerk."""

    scope_path = "batch__union"

    # The index on (batch, verdict) serves the foreign key too.
    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, verbose_name="批次", related_name="import_rows", db_index=False
    )
    sheet = models.CharField("工作表", max_length=100)
    ledger = models.CharField("台账", max_length=30)
    row = models.PositiveIntegerField("表中行号")
    number = models.PositiveIntegerField("第几条")
    name = models.CharField("名称", max_length=200, blank=True)
    verdict = models.CharField("结果", max_length=10, choices=Verdict)
    model = models.CharField("记录类型", max_length=50, blank=True)
    object_id = models.BigIntegerField("记录编号", null=True, blank=True)
    before = models.JSONField("改前的值", null=True, blank=True)
    after = models.JSONField("改后的值", null=True, blank=True)
    messages = models.JSONField("说明", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "台账导入明细"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["batch", "verdict"], name="importrow_batch_verdict"),
            models.Index(fields=["object_id"], name="importrow_object"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}第{self.row}行 {self.name}"
