"""What the portal itself gives: ledgers, their calls and batches, and the logs of the packages it stands on."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import caches

from pingtang_union.core.portal import Entry, Group, Kept, Page, lists
from pingtang_union.demo import calls
from pingtang_union.ledger.importing.steps import forget_content
from pingtang_union.pages.ledgers.todo import came_back as came_back
from pingtang_union.pages.ledgers.todo import desk as desk
from pingtang_union.pages.ledgers.todo import todo as todo
from pingtang_union.pages.ledgers.todo import under_way as under_way

PAGES = (
    Page("上传台账", "file-up", "ledgers", "core.add_importbatch", 10, common=True),
    Page("下载模板", "file-down", "giving", "core.export_importbatch", 10, common=True),
    Page("填报上级表格", "file-pen-line", "ledger_fill", "core.export_importbatch", 10, common=True),
    Page("台账", "file-spreadsheet", "ledgers", "core.view_importbatch", 90, "all"),
)
_LEDGERS = lists(
    "core", ledgercall="send", ledgerreturn="inbox", importbatch="archive", importrow="table-2",
    headerchoice="columns-3",
)  # fmt: skip
ADMIN = (
    Group("台账", 70, (
        Entry("导入台账", "file-up", "ledgers", ("core.add_importbatch",)),
        Entry("模板与导出", "file-down", "giving", ("core.export_importbatch",)),
        *_LEDGERS,
        Entry("后台处理", "server", "admin:core_importbatch_queue", ("core.view_queue",)),
    )),
    Group("基础设置", 75, (*lists("workflow", label="tag"),)),
    Group("审计", 90, (*lists("auditlog", logentry="scroll-text"),)),
    Group("审计", 92, (
        *lists("axes", accesslog="log-in", accessfailurelog="triangle-alert"),
        Entry("登录失败计数", "key-round", "admin:axes_accessattempt_changelist", ("axes.view_accessattempt",)),
    )),
)  # fmt: skip
UNSCOPED = {
    "core.PublicityRule": "policy: the same for every union",
    "workflow.Label": "a catalogue of words",
    "workflow.ClockRule": "policy: the same for every union",
    **dict.fromkeys(("proof.NumberRule", "proof.Counter"), "policy and its count: the same for every union"),
    **dict.fromkeys(("proof.Block", "proof.Leaf"), "hashes over what is published"),
    "auth.Permission": "names of rights, no person's rows",
    "auditlog.LogEntry": "the auditor's log: read only, by permission, whole county",
    "django_tasks_database.DBTaskResult": "numbers of batches that wait for the worker",
    **dict.fromkeys(("core.KeyCheck", "core.JobRun", "core.RoleGrant"), "the portal's own, shown nowhere"),
    **dict.fromkeys(
        ("axes.AccessAttempt", "axes.AccessAttemptExpiration", "axes.AccessLog", "axes.AccessFailureLog"),
        "sign-in log: by permission of the auditor",
    ),
    **dict.fromkeys(
        ("admin.LogEntry", "contenttypes.ContentType", "sessions.Session"), "the framework's own, shown nowhere"
    ),
}
DEMO = {f"台账收报通知「{calls.TITLE}」": calls.open_call}
# Superiors' forms and counted tries live ten minutes, but their files until someone looks.
JOBS = {"forget forms": caches["forms"].clear, "forget tries": caches["tries"].clear}
KEPT_FOR = (
    Kept(
        "core.ImportFile",
        timedelta(days=settings.LEDGER_FILES_KEPT_DAYS) if settings.LEDGER_FILES_KEPT_DAYS else None,
        "files and their checked rows are given back with their faults marked; how long is the office's to say",
        lambda before: forget_content(before=before),
    ),
    Kept("auditlog.LogEntry", None, "the audit trail"),
)
