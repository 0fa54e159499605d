"""Bases of every admin of our models: scope, search, history, and refusals that the clerk reads."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, models
from django.db.models import ForeignKey, Q, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from pingtang_union.admin.asking import AskingMixin
from pingtang_union.admin.columns import moment
from pingtang_union.admin.filters import count_together
from pingtang_union.admin.inconsistencies import Inconsistency, InconsistencyFilter
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateField, SealedField
from pingtang_union.core.forms import RecordForm
from pingtang_union.core.keys import is_key
from pingtang_union.core.permissions import may_view
from pingtang_union.core.portal import merged
from pingtang_union.core.scope import ScopedModel
from pingtang_union.core.text import fold_name, narrow
from pingtang_union.ledger.history import History

_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z()\-+]{4,}")
_SUFFIXES = (
    *("", "__exact", "__id__exact", "__in", "__isnull", "__gte", "__lte"),
    *("_from_0", "_from_1", "_to_0", "_to_1"),
)


def _is_scoped(model: type[models.Model]) -> bool:
    return issubclass(model, ScopedModel)


def _lookups(declared: Any) -> set[str]:
    """The names in an address that a declared list filter reads."""
    if isinstance(declared, tuple):
        return {declared[0] + suffix for suffix in _SUFFIXES}
    return {declared.parameter_name}


def _plain(field: ForeignKey) -> Any:
    @display(description=field.verbose_name)
    def text(obj: Any) -> str:
        related = getattr(obj, field.name)
        return "—" if related is None else str(related)

    return text


def _renamed(fields: Any, names: dict[str, str]) -> tuple[Any, ...]:
    return tuple(
        _renamed(field, names) if isinstance(field, list | tuple) else names.get(field, field) for field in fields
    )


class ScopedFields:
    """What admins and inlines share: related fields offer only rows that the user may see, and related records that are
    only to read are links only for users who may open them (Django links every one)."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        related = [field for field in self.opts.fields if isinstance(field, ForeignKey)]
        self.plain_names = {field.name: f"{field.name}_plain" for field in related}
        for field in related:
            setattr(self, self.plain_names[field.name], _plain(field))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """With the plain texts, which no form holds."""
        return (*super().get_readonly_fields(request, obj), *self.plain_names.values())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Plain text for the records that the user may not open."""
        fieldsets = super().get_fieldsets(request, obj)
        can_change = self.has_change_permission(request, obj)
        readonly = set(self.get_readonly_fields(request, obj))
        closed = {
            name: plain
            for name, plain in self.plain_names.items()
            if (name in readonly or not can_change)
            and not may_view(request.user, self.opts.get_field(name).related_model)
        }
        if not closed:
            return fieldsets
        return [(title, {**options, "fields": _renamed(options["fields"], closed)}) for title, options in fieldsets]

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet | None:
        """Django would take the related model's default manager, that is, everyone's rows."""
        ordered = super().get_field_queryset(db, db_field, request)
        related = db_field.remote_field.model
        if not _is_scoped(related):
            return ordered
        rows = related._default_manager.using(db) if ordered is None else ordered
        return rows.visible_to(request.user)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Our own field types in Unfold's dress."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, PartialDateField | SealedField):
            field.widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).visible_to(request.user)


class ScopedTabularInline(ScopedFields, TabularInline):
    """Rows of a scoped model below another record, as a table."""

    form = RecordForm
    extra = 0


class OpenInline(ScopedTabularInline):
    """Rows that are written while `is_open` says so; else, as here, they are to read."""

    hide_title = True

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the rows of `obj` may be written now."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self.is_open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_open(request, obj)


class ScopedStackedInline(ScopedFields, StackedInline):
    """Rows of a scoped model below another record, one block each."""

    form = RecordForm
    extra = 0


class PageMixin:
    """What every admin of ours has: one look of lists and forms, filters by declared lookups only, and small pages
    around one object (a form, its answer, the object's history)."""

    form = RecordForm
    list_per_page = 50
    measure = "条"  # of the list's rows: 共 507 个
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.ALWAYS
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = False
    empty_value_display = "—"
    linked_lookups: tuple[str, ...] = ()  # beyond the filters', for links of ours

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """None where the address names no key. An empty `_to_field` asks for none."""
        if not from_field and not is_key(self.model, object_id):
            return None
        obj = super().get_object(request, object_id, from_field or None)
        if obj is not None:
            self.prepare(request, [obj])
        return obj

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        count_together(changelist)
        self.prepare(request, changelist.result_list)
        return changelist

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """With dates in figures."""
        dated = {
            field.name: moment(field) for field in self.opts.concrete_fields if isinstance(field, models.DateField)
        }
        return [dated.get(name, name) for name in super().get_list_display(request)]

    def prepare(self, request: HttpRequest, records: Iterable[Any]) -> None:
        """Give records of a list, or the one of a page, what they show beside their columns."""
        for record in records:
            record.reader = request.user

    def address(self, name: str, *args: Any) -> str:
        """An address of this model's pages: changelist, change, history."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """As Django's, with keys only among what was picked: the rest picks nothing."""
        picked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        keys = [key for key in picked if is_key(self.model, key)]
        request.POST.setlist(ACTION_CHECKBOX_NAME, keys)
        return super().response_action(request, queryset)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the declared filters ask, so that nothing can be guessed by __startswith or __regex."""
        return lookup in self.linked_lookups or any(
            lookup in _lookups(declared) for declared in self.get_list_filter(request)
        )

    def visible_or_404(self, request: HttpRequest, object_id: Any) -> Any:
        """The object among the user's rows. Raises Http404 for any other, PermissionDenied without the view right."""
        obj = self.get_object(request, unquote(str(object_id)))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return obj

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        """A page in the admin's frame that no cache keeps."""
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media + getattr(context.get("form"), "media", Media()),
            **context,
        }
        request.current_app = self.admin_site.name
        response = TemplateResponse(request, template, shown)
        response.headers["Cache-Control"] = "no-store"
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What changed one object, newest first: audit entries and imports."""
        obj = self.visible_or_404(request, object_id)
        page = Paginator(History(obj, request.user), 50).get_page(request.GET.get("p"))
        return self.page(
            request,
            "admin/history.html",
            title=f"{obj}：修改记录",
            original=obj,
            page=page,
            rows=page.object_list,
            **(extra_context or {}),
        )


class ScopedAdmin(ScopedFields, AskingMixin, PageMixin, ModelAdmin):
    """Base of every admin of a scoped model.

    Search: `prefix_field` is found by its beginning (folded where it is a …_key); `exact_fields` hold numbers, found
    whole. Identity numbers are searched for on a page of their own, never by an address. Records are not deleted: an
    end date or a status says that they are over. `deletable` lets a permission allow it.
    """

    deletable = False
    prefix_field = "name_key"
    fold_term: Callable[[str], str] = staticmethod(fold_name)
    exact_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ("name_key",)  # only says that there is a search
    inconsistencies: tuple[Inconsistency, ...] = ()
    later: tuple[str, ...] = ()  # headings of fieldsets that a new record has not
    begins_with: tuple[str, ...] = ()  # of a new record: "union" is one's own, "year" this year, a day today

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else [one for one in fieldsets if one[0] not in self.later]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """With what it begins with, unless the address says it."""
        today = timezone.localdate()
        known: dict[str, Any] = {"union": request.user.union_id, "year": today.year}
        begun = {name: known.get(name, today) for name in self.begins_with}
        return begun | super().get_changeform_initial_data(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The declared ones, those that apps add, and which rows contradict others."""
        added = map(import_string, merged("LIST_FILTERS").get(self.opts.label, ()))
        declared = (*super().get_list_filter(request), *added)
        return (*declared, InconsistencyFilter) if self.inconsistencies else declared

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the admin allows it at all and the permission is granted."""
        return self.deletable and super().has_delete_permission(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Rows whose name begins with the term, or whose number it is; never a scan for a part of a text."""
        term = narrow(search_term)
        if not term:
            return queryset, False
        return queryset.filter(self.search_condition(term)), False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def search_condition(self, term: str) -> Q:
        """The condition for one folded, non-empty term."""
        is_folded = self.prefix_field.endswith("_key")
        by_name = Q(**{f"{self.prefix_field}__startswith": self.fold_term(term) if is_folded else term})
        if not _NUMBER.fullmatch(term):
            return by_name
        condition = Q()
        for field in self.exact_fields:
            condition |= Q(**{field: term})
        return condition or by_name

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *rest: Any) -> HttpResponse:
        """Django's page; a service's refusal comes back as a message, with nothing saved."""
        try:
            return super().changeform_view(request, object_id, *rest)
        except DomainError as error:
            messages.error(request, str(error))
        except IntegrityError:
            messages.error(request, "没有保存：内容与别人刚登记的记录冲突。请核对后重新填写。")
        return HttpResponseRedirect(request.get_full_path())


class LastingMixin:
    """Rows that are never deleted, since old records name them or follow from them; put it before the admin base."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(LastingMixin):
    """Nothing here can be added, changed or deleted, by anyone; put it before the admin base."""

    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None, also none of the site's."""
        return {}
