"""The auditor's pages: the audit log and the sign-in logs. Read only for everyone, superusers too."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from pingtang_union.core.admin.bases import PageMixin, ReadOnlyAdmin
from pingtang_union.core.admin.filters import MomentFilter
from pingtang_union.core.changes import (
    ACTIONS,
    EXPORTED,
    History,
    action_of,
    describe_changes,
    fields_in,
    label_of,
    may_view,
    moment,
)
from pingtang_union.core.scope import scope_prefix, scope_q
from pingtang_union.core.text import narrow

for _model in (LogEntry, AccessAttempt, AccessLog, AccessFailureLog):
    admin.site.unregister(_model)


def _serves_top(user: Any) -> bool:
    """Whether the user serves the one top of the tree, whose auditor also reads what no account did."""
    if scope_prefix(user) is None or not user.union.is_root():
        return False
    return not type(user.union)._default_manager.filter(depth=1).exclude(pk=user.union_id).exists()


class LogAdmin(ReadOnlyAdmin, PageMixin, ModelAdmin):
    """Base of the log pages: nothing to change, no full count, newest first."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = False
    empty_value_display = "—"


class ActionFilter(DropdownFilter):
    """By what was done."""

    title = "动作"
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((str(value), label) for value, label in ACTIONS.items()), ("export", EXPORTED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == "export":
            return queryset.filter(action=LogEntry.Action.ACCESS, additional_data__export=True)
        if value == str(LogEntry.Action.ACCESS):
            looks = Q(additional_data__isnull=True) | Q(additional_data__export__isnull=True)
            return queryset.filter(looks, action=LogEntry.Action.ACCESS)
        return queryset.filter(action=int(value)) if value in {str(key) for key in ACTIONS} else queryset


class RecordTypeFilter(DropdownFilter):
    """By the kind of record."""

    title = "记录类型"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        types = ContentType.objects.get_for_models(*auditlog.get_models())
        return sorted(
            ((str(found.pk), str(model._meta.verbose_name)) for model, found in types.items()), key=lambda pair: pair[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset.filter(content_type_id=int(value)) if value and value.isdecimal() else queryset


@admin.register(LogEntry)
class LogEntryAdmin(LogAdmin):
    """操作记录：who, when, from where, on which record, before and after."""

    list_display = ("at", "who", "remote_address", "record_type", "record", "action_label", "fields_changed", "reason")
    list_display_links = ("at",)
    list_filter = (("timestamp", MomentFilter), ActionFilter, RecordTypeFilter)
    list_select_related = ("actor", "content_type")
    search_fields = ("object_repr",)
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

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By the beginning of a name, or by a whole address."""
        term = narrow(search_term)
        if not term:
            return queryset, False
        condition = Q(object_repr__startswith=term) | Q(actor__username=term) | Q(actor__full_name__startswith=term)
        with suppress(ValueError):  # no address: the names decide
            condition |= Q(remote_addr=str(ip_address(term)))
        return queryset.filter(condition), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LogEntry | None:
        """The entry, with its reader: related rows are named within the reader's scope."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.reader = request.user
        return entry

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

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By a whole account name or a whole address."""
        term = narrow(search_term)
        if not term:
            return queryset, False
        condition = Q(username=term)
        with suppress(ValueError):  # no address: the name decides
            condition |= Q(ip_address=str(ip_address(term)))
        return queryset.filter(condition), False

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
        return obj.user_agent

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


def record_url(model: Any, pk: Any) -> str:
    """Address of a record's page in the admin, "" where there is none."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""


class ImportHistoryMixin:
    """The history page of a model that ledgers write: also what the imports did. Put it before the admin base."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Audit entries and ledger rows of one object, newest first."""
        obj = self.visible_or_404(request, object_id)  # type: ignore[attr-defined]
        found = Paginator(History(obj, request.user), 50).get_page(request.GET.get("p"))
        return self.page(  # type: ignore[attr-defined]
            request,
            "admin/history.html",
            title=f"{obj}：修改记录",
            original=obj,
            found=found,
            rows=found.object_list,
            **(extra_context or {}),
        )


class NoDeadLinksMixin:
    """Read-only related records are links only for who may open them, plain text for all others.

    Django links every one. Put this before the admin base, or the inline's.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.plain_names: dict[str, str] = {}
        for field in self.opts.fields:  # type: ignore[attr-defined]
            if isinstance(field, ForeignKey):
                self.plain_names[field.name] = f"{field.name}_plain"
                setattr(self, f"{field.name}_plain", _plain(field))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """With the plain texts, which no form holds."""
        return (*super().get_readonly_fields(request, obj), *self.plain_names.values())  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Plain text for the records that the user may not open."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        can_change = self.has_change_permission(request, obj)  # type: ignore[attr-defined]
        readonly = set(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        closed = {
            name: plain
            for name, plain in self.plain_names.items()
            if (name in readonly or not can_change)
            and not may_view(request.user, self.opts.get_field(name).related_model)  # type: ignore[attr-defined]
        }
        if not closed:
            return fieldsets
        return [(title, {**options, "fields": _renamed(options["fields"], closed)}) for title, options in fieldsets]


def _plain(field: ForeignKey) -> Any:
    @display(description=field.verbose_name)
    def text(obj: Any) -> str:
        related = getattr(obj, field.name)
        return "—" if related is None else str(related)

    return text


def _renamed(fields: Any, names: dict[str, str]) -> tuple[Any, ...]:
    return tuple(_renamed(one, names) if isinstance(one, list | tuple) else names.get(one, one) for one in fields)
