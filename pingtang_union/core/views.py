"""Bases of officers' pages: lists, forms and pages of single records over the rows that the user may see.

neapolitan's CRUD view with the portal's rules on top: rows start from `visible_to`, what may be done follows from the
model's permissions, lists are filtered (django-filter) and paged, and everything works without scripts; htmx only
replaces the list while one types.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import FormView, View
from neapolitan.views import CRUDView, Role

from pingtang_union.core.changes import EMPTY, value_text
from pingtang_union.core.database import only_reads
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.versions import changed_since, not_overwritten, texts_of, version_of

PER_PAGE = 20
UNKNOWN = "未登记"
_VERBS = {Role.LIST: "view", Role.DETAIL: "view", Role.CREATE: "add", Role.UPDATE: "change", Role.DELETE: "delete"}


@dataclass(frozen=True)
class Fact:
    """One line of a record's page."""

    label: str
    text: str


def crumbs(*steps: tuple[Any, str]) -> list[dict[str, str]]:
    """The way to a page: label and address each, the page itself last and without an address."""
    return [{"label": str(label), "url": url} for label, url in steps]


def facts(obj: models.Model, names: Iterable[str], user: Any) -> list[Fact]:
    """Label and value of each field in words: masked numbers, guarded dates as `user` may see them, 未登记 for what
    isn't known. Related records have to be loaded already."""
    found = []
    for name in names:
        field = obj._meta.get_field(name)
        assert isinstance(field, models.Field)  # noqa: S101  pages name fields of their own model
        value = getattr(obj, name)
        text = str(value) if isinstance(value, models.Model) else value_text(field, value, user)
        found.append(Fact(str(field.verbose_name), UNKNOWN if text == EMPTY else text))
    return found


class ScopedMixin(View):
    """What every page of ours holds to: signed in, permitted by the role, rows of the user's own subtree only."""

    model: ClassVar[type[models.Model]]
    related: ClassVar[tuple[str, ...]] = ()  # what pages name of a row, read along with it

    def needed_permissions(self) -> tuple[str, ...]:
        """Permissions ("app.codename") that the page asks for."""
        raise NotImplementedError(f"{type(self).__name__} says nothing about who may open it")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Turn away who is not signed in, refuse whom the role doesn't let."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not all(request.user.has_perm(permission) for permission in self.needed_permissions()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> Any:
        """Who asks: signed in, as `dispatch` sees to it."""
        return self.request.user

    def visible(self) -> Any:
        """The model's rows that the user may see."""
        rows = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]
        return rows.select_related(*self.related) if self.related else rows


class ScopedCRUDView(ScopedMixin, CRUDView):
    """Lists, pages and forms of one model; `route` begins the names of its addresses (member_list, member_detail …).

    Subclasses say `form_class`, `filterset_class`, `shown` (fields of the record's page) and override
    `get_queryset` for what lists load along. `save` does the writing, through a service where one exists.
    """

    object: Any = None
    route: ClassVar[str]
    shown: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()  # (heading, field names) of the record's page
    ledgers: ClassVar[tuple[tuple[str, str], ...]] = ()  # (slug, title) that the list is exported as
    measure: ClassVar[str] = "条"  # of the model's name: 412 名会员
    orders: ClassVar[dict[str, str]] = {}  # what a list may be ordered by: the name in the address, and the field
    paginate_by = PER_PAGE
    is_entered_here: ClassVar[bool] = True  # whether a page makes new records
    is_changed_here: ClassVar[bool] = True  # whether a page changes them

    @classmethod
    def as_view(cls, role: Role, **options: Any) -> Any:  # type: ignore[override]  # as neapolitan's
        view: Any = super().as_view(role, **options)  # type: ignore[call-arg]
        return only_reads(view) if role == Role.LIST else view  # lists write nothing

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, _VERBS[self.role]),)

    def get_template_names(self) -> Sequence[str]:
        """members/member_list.html by the route, or what all records share."""
        kind = "form" if self.role in (Role.CREATE, Role.UPDATE) else self.role.value
        return [f"{self.route.replace(':', '/')}_{kind}.html", f"crud/{kind}.html"]

    def get_queryset(self) -> Any:
        """Visible rows; lists and pages start from nothing else."""
        return self.visible()

    version = ""  # of the record as the page shows it; see form_valid
    changed_meanwhile: Sequence[Fact] = ()
    named = ""  # the record as stored: a form that is refused has changed it already

    def get_form(self, data: Any = None, files: Any = None, **kwargs: Any) -> BaseForm:
        """The form knows the user, so that its dropdowns hold nothing of others."""
        stored = kwargs.get("instance")
        self.named = str(stored) if stored is not None else ""
        form = self.get_form_class()(data=data, files=files, user=self.request.user, **kwargs)
        if stored is not None:
            held = texts_of(stored, form.fields)
            self.version = version_of(stored, held)
            if seen := self.request.POST.get("version"):
                self.changed_meanwhile = facts(stored, changed_since(stored, held, seen)[0], self.request.user)
        return form

    def process_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """neapolitan's. A record is locked from reading to writing, so that of two people who save at once the second
        is told."""
        if self.role != Role.UPDATE:
            return super().process_form(request, *args, **kwargs)
        with transaction.atomic():
            get_object_or_404(self.visible().select_for_update(of=("self",)), pk=self.kwargs["pk"])
            return super().process_form(request, *args, **kwargs)

    def save(self, form: Any) -> models.Model:
        """Write what a valid form says. May raise DomainError, which is shown above the form."""
        return form.save()

    def form_valid(self, form: Any) -> HttpResponse:
        """Write, or show why not. What someone else saved since the page was opened is named and not overwritten; the
        form stays as filled in, and saving it once more is a decision."""
        if self.changed_meanwhile:
            changes = (f"{fact.label}，现在登记的是「{fact.text}」" for fact in self.changed_meanwhile)
            form.add_error(None, not_overwritten(changes))
            return self.form_invalid(form)
        try:
            with transaction.atomic():
                self.object = self.save(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        except IntegrityError:
            form.add_error(None, "内容与别人刚登记的记录冲突，请核对后再保存。")
            return self.form_invalid(form)
        messages.success(self.request, self.done())
        return HttpResponseRedirect(self.get_success_url())

    def done(self) -> str:
        """What is said after writing."""
        return f"已保存「{self.object}」。"

    def address(self, action: str, *args: Any) -> str:
        """An address of this model's pages."""
        return reverse(f"{self.route}_{action}", args=args)

    def get_success_url(self) -> str:
        assert self.object is not None  # noqa: S101  it was just saved
        return self.address("detail", self.object.pk)

    @property
    def order(self) -> str:
        """The order asked for: a name of `orders`, with - before it from the end."""
        asked = self.request.GET.get("order", "")
        return asked if asked.removeprefix("-") in self.orders else ""

    def get_paginator(self, queryset: Any, page_size: int) -> Paginator:
        """Django's; a page beyond the end is the last one, as people expect after a filter."""
        return Paginator(queryset, page_size)

    def paginate_queryset(self, queryset: Any, page_size: int) -> Page:
        """The page asked for, or the nearest there is; in the order asked for, what isn't known last."""
        name = self.orders.get(self.order.removeprefix("-"), "")
        if name in queryset.query.annotations or hasattr(self.model, name):  # not every user has every column
            field = F(name)
            by = field.desc(nulls_last=True) if self.order[0] == "-" else field.asc(nulls_last=True)
            queryset = queryset.order_by(by, "pk")
        return self.get_paginator(queryset, page_size).get_page(self.request.GET.get(self.page_kwarg))

    def title(self) -> str:
        """The page's heading."""
        name = str(self.model._meta.verbose_name)
        return {Role.LIST: name, Role.CREATE: f"登记{name}", Role.UPDATE: f"修改：{self.named}"}.get(
            self.role, str(self.object)
        )

    def breadcrumbs(self) -> list[dict[str, str]]:
        """The way here: the list, the record, what is done to it."""
        steps = [(self.model._meta.verbose_name, self.address("list"))]
        if self.object is not None and self.object.pk:
            steps.append((self.named or str(self.object), self.address("detail", self.object.pk)))
        if self.role in (Role.CREATE, Role.UPDATE):
            steps.append(({Role.CREATE: "登记", Role.UPDATE: "修改"}[self.role], ""))
        return [] if self.role == Role.LIST else crumbs(*steps)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the templates crud/list.html, crud/detail.html and crud/form.html need."""
        user = self.request.user
        context = super().get_context_data(**kwargs)
        context |= {"title": self.title(), "breadcrumbs": self.breadcrumbs(), "back": self.back()}
        context["version"] = self.version
        if self.role == Role.LIST:
            may_enter = self.is_entered_here and may(user, "add", self.model)
            noun = str(self.model._meta.verbose_name)
            context |= {"noun": noun, "measure": self.measure, "orders": self.orders, "order": self.order}
            context["create_url"] = self.address("create") if may_enter else ""
            context["exports"] = [
                {"title": title, "url": f"{reverse('ledger_export', args=[slug])}?{self.request.GET.urlencode()}"}
                for slug, title in self.ledgers
                if user.has_perm("core.export_importbatch")
            ]
            filterset = kwargs.get("filterset")
            context["is_filtered"] = bool(filterset is not None and filterset.conditions())
        if self.role == Role.DETAIL:
            may_change = self.is_changed_here and may(user, "change", self.model)
            context["update_url"] = self.address("update", self.object.pk) if may_change else ""
            context["sections"] = [(heading, facts(self.object, names, user)) for heading, names in self.shown]
        return context

    def back(self) -> str:
        """Where a form's 取消 leads."""
        return self.address("detail", self.object.pk) if self.object is not None else self.address("list")


class ScopedActionView(ScopedMixin, FormView):
    """Something done to one visible record: a page with a form that asks what it needs, then one service.

    Subclasses say `route` (of the record's pages, as ScopedCRUDView), `permission`, `form_class`, `heading`,
    `submit_label` and `perform`.
    """

    route: ClassVar[str]
    permission: ClassVar[str]
    template_name = "crud/action.html"
    heading = ""
    intro = ""
    submit_label = "确定"
    is_danger = False
    part_of: ClassVar[str] = ""  # the record's field that names the one whose pages these are; its own if not given

    def needed_permissions(self) -> tuple[str, ...]:
        return (self.permission,)

    object: Any = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return super().post(request, *args, **kwargs)

    def get_object(self) -> Any:
        """The record of the address, among the visible ones; 404 otherwise."""
        return get_object_or_404(self.visible(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: Any) -> str:
        """Do it; gives what is said afterwards. May raise DomainError, which is shown above the form."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = self.perform(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, done)
        return HttpResponseRedirect(self.get_success_url())

    def get_success_url(self) -> str:
        return self.back()

    @property
    def whole(self) -> Any:
        """The record whose pages these are."""
        return getattr(self.object, self.part_of) if self.part_of else self.object

    def back(self) -> str:
        """Where it was begun."""
        return reverse(f"{self.route}_detail", args=[self.whole.pk])

    def way(self) -> list[tuple[Any, str]]:
        """The pages above this one."""
        return [(self.whole._meta.verbose_name, reverse(f"{self.route}_list")), (self.whole, self.back())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "object": self.object,
            "title": self.heading,
            "intro": self.intro,
            "submit_label": self.submit_label,
            "is_danger": self.is_danger,
            "back": self.back(),
            "breadcrumbs": crumbs(*self.way(), (self.heading, "")),
        }
