"""Bases of every admin of our models: scope, search, history, and refusals that the clerk reads."""

import re
from collections.abc import Callable
from typing import Any

from auditlog.models import LogEntry
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models import Q, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from pingtang_union.core import crypto
from pingtang_union.core.admin.forms import RecordForm
from pingtang_union.core.changes import describe_entries
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateField, SealedField
from pingtang_union.core.scope import ScopedModel
from pingtang_union.core.text import fold_name, narrow

_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z()\-+]{4,}")
_SUFFIXES = (
    *("", "__exact", "__id__exact", "__in", "__isnull", "__gte", "__lte"),
    *("_from_0", "_from_1", "_to_0", "_to_1"),
)
_LONG = 15  # identity numbers have 15 or 18 characters; shorter numbers are phones and cards


def _is_scoped(model: type[models.Model]) -> bool:
    return issubclass(model, ScopedModel)


def _lookups(declared: Any) -> set[str]:
    """The names in an address that a declared list filter reads."""
    if isinstance(declared, tuple):
        return {declared[0] + suffix for suffix in _SUFFIXES}
    return {declared.parameter_name}


class ScopedFields:
    """What admins and inlines share: related fields offer only rows that the user may see."""

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet | None:
        """Django would take the related model's default manager, that is, everyone's rows."""
        ordered = super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        related = db_field.remote_field.model
        if not _is_scoped(related):
            return ordered
        rows = related._default_manager.using(db) if ordered is None else ordered
        return rows.visible_to(request.user)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Our own field types in Unfold's dress."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(db_field, PartialDateField | SealedField):
            field.widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The rows that the user may see."""
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[misc]


class ScopedTabularInline(ScopedFields, TabularInline):
    """Rows of a scoped model below another record, as a table."""

    form = RecordForm
    extra = 0


class ScopedStackedInline(ScopedFields, StackedInline):
    """Rows of a scoped model below another record, one block each."""

    form = RecordForm
    extra = 0


class PageMixin:
    """What every admin of ours has: filters by declared lookups only, and small pages around one object (a form,
    its answer, the object's history)."""

    linked_lookups: tuple[str, ...] = ()  # beyond the filters', for links of ours

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the declared filters ask, so that nothing can be guessed by __startswith or __regex."""
        return lookup in self.linked_lookups or any(
            lookup in _lookups(declared)
            for declared in self.get_list_filter(request)  # type: ignore[attr-defined]
        )

    def visible_or_404(self, request: HttpRequest, object_id: Any) -> Any:
        """The object among the user's rows. Raises Http404 for any other, PermissionDenied without the view right."""
        obj = self.get_object(request, unquote(str(object_id)))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):  # type: ignore[attr-defined]
            raise PermissionDenied
        return obj

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        """A page in the admin's frame that no cache keeps."""
        shown = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "media": self.media + getattr(context.get("form"), "media", Media()),  # type: ignore[attr-defined]
            **context,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        response = TemplateResponse(request, template, shown)
        response.headers["Cache-Control"] = "no-store"
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit trail of one object: who, when, from where, before and after."""
        obj = self.visible_or_404(request, object_id)
        entries = LogEntry.objects.get_for_object(obj).select_related("actor", "content_type").order_by("-timestamp")
        found = Paginator(entries, 50).get_page(request.GET.get("p"))
        return self.page(
            request,
            "admin/history.html",
            title=f"{obj}：修改记录",
            original=obj,
            found=found,
            rows=describe_entries(found.object_list, request.user),
            **(extra_context or {}),
        )


class ScopedAdmin(ScopedFields, PageMixin, ModelAdmin):
    """Base of every admin of a scoped model.

    Search: `prefix_field` holds the folded name, found by its beginning; `exact_fields` hold numbers, found
    whole; a model with a blind index is found by a whole identity number. Records are not deleted: an end
    date or a status says that they are over. `deletable` lets a permission allow it.
    """

    form = RecordForm
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = False
    empty_value_display = "—"
    deletable = False
    prefix_field = "name_key"
    fold_term: Callable[[str], str] = staticmethod(fold_name)
    exact_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ("name_key",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the admin allows it at all and the permission is granted."""
        return self.deletable and super().has_delete_permission(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Rows whose name begins with the term, or whose number it is; never a scan for a part of a text."""
        term = narrow(search_term)
        if not term:
            return queryset, False
        return queryset.filter(self.search_condition(term)), False

    def search_condition(self, term: str) -> Q:
        """The condition for one folded, non-empty term."""
        by_name = Q(**{f"{self.prefix_field}__startswith": self.fold_term(term)})
        if not _NUMBER.fullmatch(term):
            return by_name
        condition = Q()
        if any(field.name == "id_index" for field in self.opts.fields):
            condition |= Q(id_index=crypto.blind_index(term.upper()))
        if len(term) < _LONG or not condition:
            for field in self.exact_fields:
                condition |= Q(**{field: term})
        return condition or by_name

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's page; a service's refusal comes back as a message, with nothing saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            messages.error(request, str(error))
        except IntegrityError:
            messages.error(request, "没有保存：内容与别人刚登记的记录冲突。请核对后重新填写。")
        return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin:
    """Nothing here can be added, changed or deleted, by anyone; put it before the admin base."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None, also none of the site's."""
        return {}
