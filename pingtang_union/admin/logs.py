"""The auditor's pages: the audit log and the sign-in logs. Read only for everyone, superusers too."""

import re
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.decorators import display

from pingtang_union.admin.bases import PageMixin, ReadOnlyAdmin
from pingtang_union.admin.filters import MomentFilter, OfferedFilter
from pingtang_union.admin.log_export import LogExportMixin
from pingtang_union.core.changes import ACTIONS, EXPORTED, action_of, describe_changes, fields_in, label_of, moment
from pingtang_union.core.scope import scope_prefix, scope_q
from pingtang_union.core.text import narrow

for _model in (LogEntry, AccessAttempt, AccessLog, AccessFailureLog):
    admin.site.unregister(_model)


def _serves_top(user: Any) -> bool:
    """Whether the user serves the one top of the tree, whose auditor also reads what no account did."""
    if scope_prefix(user) is None or not user.union.is_root():
        return False
    return not type(user.union)._default_manager.filter(depth=1).exclude(pk=user.union_id).exists()


# What a browser calls itself, the more special first, and in words.
_BROWSERS = {
    "MicroMessenger": "微信", "DingTalk": "钉钉", "WPS": "WPS", "QIHU|360SE|360EE": "360 浏览器", "Edg": "Edge",
    "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "HarmonyOS": "鸿蒙", "Android": "安卓", "iPhone|iPad": "苹果手机、平板", "Windows": "Windows", "Mac OS": "macOS",
    "Linux": "Linux",
}  # fmt: skip


def browser_words(agent: str) -> str:
    """A user agent as a person reads it: 微信 8（安卓）; what isn't known stays as it is."""
    browser = next((name for name in _BROWSERS if re.search(name, agent)), None)
    system = next((words for name, words in _SYSTEMS.items() if re.search(name, agent)), "系统不明")
    if browser is None:
        return agent
    version = re.search(rf"(?:{browser})\w*/(\d+)", agent)
    return f"{_BROWSERS[browser]}{f' {version[1]}' if version else ''}（{system}）"


class LogAdmin(LogExportMixin, ReadOnlyAdmin, PageMixin, ModelAdmin):
    """Base of the log pages: nothing to change. The search is by names (`named`) and by a whole address. Nothing is
    counted beside the filters, since logs only grow."""

    show_facets = ShowFacets.NEVER

    address_field: str

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = narrow(search_term)
        if not term:
            return queryset, False
        condition = self.named(term)
        with suppress(ValueError):  # no address: the names decide
            condition |= Q(**{self.address_field: str(ip_address(term))})
        return queryset.filter(condition), False


class ActionFilter(OfferedFilter):
    """By what was done."""

    title = "动作"
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((str(value), label) for value, label in ACTIONS.items()), ("export", EXPORTED)]

    def narrow(self, queryset: QuerySet, value: str) -> QuerySet:
        if value == "export":
            return queryset.filter(action=LogEntry.Action.ACCESS, additional_data__export=True)
        if value == str(LogEntry.Action.ACCESS):
            looks = Q(additional_data__isnull=True) | Q(additional_data__export__isnull=True)
            return queryset.filter(looks, action=LogEntry.Action.ACCESS)
        return queryset.filter(action=int(value))


class RecordTypeFilter(OfferedFilter):
    """By the kind of record."""

    title = "记录类型"
    parameter_name = "type"
    column = "content_type_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        types = ContentType.objects.get_for_models(*auditlog.get_models())
        return sorted(
            ((str(found.pk), str(model._meta.verbose_name)) for model, found in types.items()), key=lambda pair: pair[1]
        )


@admin.register(LogEntry)
class LogEntryAdmin(LogAdmin):
    """操作记录：who, when, from where, on which record, before and after."""

    list_display = ("at", "who", "remote_address", "record_type", "record", "action_label", "fields_changed", "reason")
    list_display_links = ("at",)
    list_filter = (("timestamp", MomentFilter), ActionFilter, RecordTypeFilter)
    list_select_related = ("actor", "content_type")
    search_fields = ("object_repr",)
    address_field = "remote_addr"
    search_help_text = "人员、记录的开头几个字，或完整账号、地址"
    fieldsets = (
        (None, {"fields": (("at", "action_label"), ("who", "remote_address"), ("record_type", "record"), "reason")}),
        ("改动前后", {"fields": ("changes_table",)}),
    )
    readonly_fields = (
        "at",
        "who",
        "remote_address",
        "record_type",
        "record",
        "action_label",
        "reason",
        "changes_table",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All entries for who serves the top of the tree; below it, those of the subtree's accounts."""
        entries = super().get_queryset(request)
        return entries if _serves_top(request.user) else entries.filter(scope_q(request.user, "actor__union"))

    def named(self, term: str) -> Q:
        """By the beginning of a name, or a whole account."""
        return Q(object_repr__startswith=term) | Q(actor__username=term) | Q(actor__full_name__startswith=term)

    @display(description="时间", ordering="timestamp")
    def at(self, obj: LogEntry) -> str:
        return moment(obj.timestamp)

    @display(description="人员")
    def who(self, obj: LogEntry) -> str:
        return str(obj.actor) if obj.actor else "系统"

    @display(description="来源地址")
    def remote_address(self, obj: LogEntry) -> str:
        return obj.remote_addr or "—"

    @display(description="记录类型")
    def record_type(self, obj: LogEntry) -> str:
        model = obj.content_type.model_class()
        return str(model._meta.verbose_name) if model else obj.content_type.model

    @display(description="记录")
    def record(self, obj: LogEntry) -> str:
        return f"{obj.object_repr}（编号 {obj.object_pk}）" if obj.object_pk else obj.object_repr

    @display(
        description="动作",
        label={"新增": "success", "修改": "info", "删除": "danger", "查看": "warning", EXPORTED: "warning"},
    )
    def action_label(self, obj: LogEntry) -> str:
        return action_of(obj)

    @display(description="涉及的项目")
    def fields_changed(self, obj: LogEntry) -> str:
        model = obj.content_type.model_class()
        labels = [label_of(model, name) for name in fields_in(obj)]
        return "、".join(labels[:4]) + (f" 等 {len(labels)} 项" if len(labels) > 4 else "")

    @display(description="理由")
    def reason(self, obj: LogEntry) -> str:
        return (obj.additional_data or {}).get("reason", "") or "—"

    @display(description="")
    def changes_table(self, obj: LogEntry) -> str:
        changes = describe_changes(obj, obj.reader)
        return render_to_string("admin/_changes.html", {"changes": changes})


class SignInAdmin(LogAdmin):
    """Base of the sign-in logs of django-axes, which know an account only by its name."""

    search_fields = ("username",)
    address_field = "ip_address"
    search_help_text = "完整账号，或完整来源地址"
    list_filter = (("attempt_time", MomentFilter),)
    shown: tuple[str, ...] = ("at", "account", "address", "agent")
    list_display_links = ("at",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return self.shown

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All for who serves the top of the tree, names of no account too; below it, the subtree's accounts."""
        rows = super().get_queryset(request)
        if _serves_top(request.user):
            return rows
        return rows.filter(username__in=get_user_model()._default_manager.visible_to(request.user).values("username"))

    def named(self, term: str) -> Q:
        """By a whole account."""
        return Q(username=term)

    @display(description="时间", ordering="attempt_time")
    def at(self, obj: Any) -> str:
        return moment(obj.attempt_time)

    @display(description="账号")
    def account(self, obj: Any) -> str:
        return obj.username or "—"

    @display(description="来源地址")
    def address(self, obj: Any) -> str:
        return obj.ip_address or "—"

    @display(description="浏览器")
    def agent(self, obj: Any) -> str:
        return browser_words(obj.user_agent)

    @display(description="退出时间")
    def left_at(self, obj: AccessLog) -> str:
        return moment(obj.logout_time) if obj.logout_time else "—"

    @display(description="连续失败次数")
    def failures(self, obj: AccessAttempt) -> int:
        return obj.failures_since_start

    @display(description="是否已锁定", boolean=True)
    def is_locked(self, obj: AccessFailureLog) -> bool:
        return obj.locked_out


@admin.register(AccessAttempt)
class AccessAttemptAdmin(SignInAdmin):
    """登录失败计数：accounts that are locked or near it."""

    shown = ("at", "account", "address", "failures", "agent")


@admin.register(AccessLog)
class AccessLogAdmin(SignInAdmin):
    """登录记录。"""

    shown = ("at", "account", "address", "left_at", "agent")


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(SignInAdmin):
    """登录失败记录。"""

    shown = ("at", "account", "address", "is_locked", "agent")
