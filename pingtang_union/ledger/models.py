"""Ledgers between offices and records: calls for them, files brought, what became of each row, and undoing.

A file is brought (ImportBatch with its ImportFile), checked (ImportChunk holds what was read and what would
happen, nothing is written), and written once (ImportRow tells what happened with each row).
"""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pingtang_union.core.scope import AddressedQuerySet, ScopedModel
from pingtang_union.tones import Toned


class Verdict(Toned):
    """What an import did, or would do, with a row of a ledger."""

    NEW = "new", "is-ok", "新增"
    CHANGED = "changed", "is-info", "更新"
    UNCHANGED = "unchanged", "", "无变化"
    TRANSFER = "transfer", "is-warn", "待转会"
    UNDECIDED = "undecided", "is-warn", "待辨认"
    HELD = "held", "is-warn", "待县核实"
    REJECT = "reject", "is-bad", "退回"
    # Of an undoing: what became of a row of the batch undone.
    RESTORED = "restored", "is-ok", "恢复原值"
    REMOVED = "removed", "is-ok", "删除"
    KEPT = "kept", "is-warn", "保留"


class BatchKind(models.TextChoices):
    """What a batch is: a file brought in, the undoing of one, or a word that nothing has changed."""

    IMPORT = "import", "导入"
    UNDO = "undo", "撤销"
    CONFIRM = "confirm", "确认无变化"


class BatchState(Toned):
    """How far a batch has come. READY waits for a person; WRITTEN, UNREADABLE and DISCARDED are ends."""

    QUEUED = "queued", "is-info", "排队等候检查"
    CHECKING = "checking", "is-info", "正在检查"
    READY = "ready", "is-warn", "等待确认"
    WAITING = "waiting", "is-info", "排队等候导入"
    WRITING = "writing", "is-info", "正在导入"
    WRITTEN = "written", "is-ok", "已导入"
    UNREADABLE = "unreadable", "is-bad", "不能读入"
    FAILED = "failed", "is-bad", "中断"
    DISCARDED = "discarded", "", "已放弃"


_WRITTEN_INLINE, _TAKEN_BACK_INLINE = 5000, 2000  # rows while the person waits: two seconds, about a second
# What waits for a person to mend it: files that couldn't be taken, rows that were sent back or aren't told apart.
STUCK = Q(state__in=(BatchState.UNREADABLE, BatchState.FAILED)) | Q(state=BatchState.READY, kind=BatchKind.IMPORT) & (
    Q(rejected__gt=0) | Q(undecided__gt=0)
)
UNDONE = "已撤销"
RUNNING = (BatchState.QUEUED, BatchState.CHECKING, BatchState.WAITING, BatchState.WRITING)


class ImportBatch(ScopedModel):
    """One file brought by one office: who, when, which bytes, how far it is, how many rows of each verdict.

    Until it is WRITTEN the counts say what would happen. An undoing is a batch of its own that names the one it
    undoes; a batch is undone once.
    """

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
    at = models.DateTimeField("上传时间", auto_now_add=True)
    kind = models.CharField("种类", max_length=10, choices=BatchKind, default=BatchKind.IMPORT)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.WRITTEN)
    file_name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("文件校验值（SHA-256）", max_length=64)
    is_partial = models.BooleanField("只导入合格的行", default=False)
    rows = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("无变化", default=0)
    warned = models.PositiveIntegerField("有提醒", default=0)
    transfer = models.PositiveIntegerField("待转会", default=0)
    undecided = models.PositiveIntegerField("待辨认", default=0)
    held = models.PositiveIntegerField("待县核实", default=0)
    rejected = models.PositiveIntegerField("退回", default=0)
    messages = models.JSONField("关于整张表的说明", default=list, blank=True)
    error = models.TextField("不能读入或中断的原因", blank=True)
    # Sheets as recognised: [{sheet, ledger, header row, rows, columns: [{index, text, column, how, samples}]}].
    sheets = models.JSONField("识别出的工作表", default=list, blank=True)
    # What its rows do and whose they are: {ledger: {"verbs": […], "unions": […]}}. Who may act on it is asked of that
    # (ledger.rights).
    concerns = models.JSONField("涉及的台账和工会", default=dict, blank=True, editable=False)
    # The office's answers to this preview: {"same": {"sheet\trow": record id or 0 (another person)}}.
    decisions = models.JSONField("逐行的辨认", default=dict, blank=True)
    outcome = models.CharField("检查结果的校验值", max_length=64, blank=True, editable=False)
    checked_at = models.DateTimeField("检查时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="确认导入的人",
        related_name="+",
        db_index=False,
    )
    written_at = models.DateTimeField("导入时间", null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name="撤销的批次", related_name="undone_by"
    )
    reason = models.CharField("撤销、代报或其余不报的原因", max_length=200, blank=True)
    # A step that ends before its time is tried again, but not for ever (ledger.importing.attempts).
    attempts = models.PositiveSmallIntegerField("这一步试过几次", default=0, editable=False)
    moved_at = models.DateTimeField("到这个状态的时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "台账导入批次"
        ordering = ["-at", "-pk"]
        permissions = [
            ("undo_importbatch", "撤销台账导入"),
            ("export_importbatch", "导出台账"),
            ("view_queue", "查看后台处理"),
        ]
        indexes = [
            models.Index(fields=["-at"], name="importbatch_at"),
            models.Index(fields=["union", "state"], name="importbatch_union_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=BatchKind.UNDO, undoes__isnull=False) & ~Q(reason="")
                | ~Q(kind=BatchKind.UNDO) & Q(undoes__isnull=True),
                name="importbatch_undo_has_reason",
                violation_error_message="撤销要写明撤销的是哪个批次和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_large(self) -> bool:
        """Whether a worker should have the next step, rather than the person wait for the page: for the rows that an
        undoing takes back or a check has found, or for the file's size. A small file that holds much is found out when
        it is read."""
        if self.undoes is not None:
            return self.undoes.rows > _TAKEN_BACK_INLINE
        return self.rows > _WRITTEN_INLINE or self.file.size > settings.LEDGER_INLINE_BYTES

    @property
    def is_undone(self) -> bool:
        """Whether what it wrote was taken back. A list joins `undone_by`."""
        undoing = getattr(self, "undone_by", None)
        return undoing is not None and undoing.state == BatchState.WRITTEN

    @property
    def standing(self) -> tuple[str, str]:
        """Where it stands, in words and in their tone, everywhere the same."""
        if self.is_undone:
            return UNDONE, ""
        if self.kind != BatchKind.IMPORT and self.state == BatchState.WRITTEN:
            return str(BatchKind(self.kind).label), "is-ok" if self.kind == BatchKind.CONFIRM else ""
        return str(BatchState(self.state).label), BatchState(self.state).tone


class ImportFile(ScopedModel):
    """The bytes of a file brought in, sealed: rosters hold identity numbers. Kept so that it can be given back
    with its faults marked."""

    scope_path = "batch__union"

    batch = models.OneToOneField(ImportBatch, models.CASCADE, verbose_name="批次", related_name="file")
    content = models.BinaryField("内容（加密）")
    size = models.PositiveIntegerField("大小（字节）")

    class Meta:
        verbose_name = verbose_name_plural = "导入的文件"

    def __str__(self) -> str:
        return str(self.batch)


class ImportChunk(ScopedModel):
    """Some hundred rows of a checked file, sealed: what was read, and what would happen (ledger.importing.preview)."""

    scope_path = "batch__union"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, verbose_name="批次", related_name="chunks", db_index=False)
    number = models.PositiveIntegerField("序号")
    counts = models.JSONField("各结果的行数", default=dict)
    content = models.BinaryField("内容（加密）")

    class Meta:
        verbose_name = verbose_name_plural = "检查过的行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="importchunk_number")]

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"


class HeaderChoice(ScopedModel):
    """What an office said a header of its ledger means; "" leaves the column out. Its next file is read so."""

    scope_path = "union"

    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="单位", related_name="+", db_index=False)
    ledger = models.CharField("台账", max_length=30)
    header = models.CharField("表头", max_length=200)
    header_key = models.CharField("查找用表头", max_length=200, editable=False)
    column = models.CharField("对应的列", max_length=50, blank=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="指定人", related_name="+"
    )
    chosen_at = models.DateTimeField("指定时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "表头对应关系"
        ordering = ["ledger", "header"]
        constraints = [
            models.UniqueConstraint(
                fields=["union", "ledger", "header_key"],
                name="headerchoice_unique",
                violation_error_message="这个表头已经指定过。",
            )
        ]

    def __str__(self) -> str:
        return self.header


class LedgerReturn(ScopedModel):
    """A union's ledger as a written batch brought it: what "has returned its roster" is counted from."""

    scope_path = "union"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, verbose_name="批次", related_name="returns")
    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="工会", related_name="+", db_index=False)
    ledger = models.CharField("台账", max_length=30)
    rows = models.PositiveIntegerField("行数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "台账收报"
        ordering = ["pk"]
        indexes = [models.Index(fields=["union", "ledger"], name="ledgerreturn_union_ledger")]

    def __str__(self) -> str:
        return f"{self.union} {self.ledger}"


class LedgerCallQuerySet(AddressedQuerySet):
    """Questions asked of calls for ledgers."""

    def open(self) -> Self:
        """Those not closed yet."""
        return self.filter(closed_on__isnull=True)


class LedgerCall(ScopedModel):
    """A superior's call for a ledger by a day (催报): every union below it answers by bringing that ledger."""

    scope_path = "union"

    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="发文单位", related_name="+")
    title = models.CharField("标题", max_length=100)
    ledger = models.CharField("台账", max_length=30)
    document_number = models.CharField("文号", max_length=50, blank=True)
    opened_on = models.DateField("开始日期")
    due_on = models.DateField("截止日期")
    closed_on = models.DateField("结束日期", null=True, blank=True, help_text="填写后不再催报")
    note = models.CharField("要求", max_length=200, blank=True)

    objects: ClassVar = LedgerCallQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账收报通知"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opened_on")),
                name="ledgercall_due_after_opening",
                violation_error_message="截止日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="ledgercall_closed_after_opening",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CallReminder(ScopedModel):
    """A union reminded of a call (催报): its officers find it among what is due."""

    scope_path = "union"

    call = models.ForeignKey(LedgerCall, models.CASCADE, verbose_name="通知", related_name="reminders", db_index=False)
    union = models.ForeignKey("members.Union", models.PROTECT, verbose_name="催报的工会", related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="催报人", related_name="+", db_index=False
    )
    on = models.DateField("催报日期")

    class Meta:
        verbose_name = verbose_name_plural = "催报记录"
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "union", "on"],
                name="callreminder_once_a_day",
                violation_error_message="今天已经催报过这个工会。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.union}：{self.call}"


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
