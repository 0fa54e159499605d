"""Bases of officers' pages: lists, forms and pages of single records over the rows that the user may see.

neapolitan's CRUD view with the portal's rules on top: rows start from `visible_to`, what may be done follows from the
model's permissions, lists are filtered (django-filter) and paged, and everything works without scripts; htmx only
replaces the list while one types.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import IntegrityError, models, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import FormView, View
from neapolitan.views import CRUDView, Role

from pingtang_union.core.audit import record_reveal
from pingtang_union.core.changes import EMPTY, value_text
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import mask_typed
from pingtang_union.core.forms import ReasonForm, changed_since, version_of

PER_PAGE = 50
UNKNOWN = "未登记"
_VERBS = {Role.LIST: "view", Role.DETAIL: "view", Role.CREATE: "add", Role.UPDATE: "change", Role.DELETE: "delete"}


def may(user: Any, verb: str, model: type[models.Model]) -> bool:
    """Whether the role lets `user` "view", "add", "change" or "delete" records of `model`; which is the scope's."""
    return bool(user.has_perm(f"{model._meta.app_label}.{get_permission_codename(verb, model._meta)}"))


@dataclass(frozen=True)
class Fact:
    """One line of a record's page."""

    label: str
    text: str


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


class ListFilter(django_filters.FilterSet):
    """Search and filters of a list. Conditions that make no sense show nothing, never everything."""

    first: ClassVar[tuple[str, ...]] = ()  # the conditions shown at once, the others behind 更多条件; () shows all

    @property
    def qs(self) -> Any:
        """The rows that fit; none when a condition is invalid."""
        return super().qs if not self.is_bound or self.form.is_valid() else self.queryset.none()

    def chosen(self) -> list[tuple[str, str, str]]:
        """(name, label, value in words) of the conditions in force. Identity numbers are masked: the words are
        printed and logged."""
        if not self.is_bound or not self.form.is_valid():
            return []
        said = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            if isinstance(value, str) and hasattr(field, "choices"):
                value = dict(field.choices).get(value, value)
            said.append((name, str(field.label), mask_typed(str(value))))
        return said

    def conditions(self) -> str:
        """The filter in words: 姓名：王；会籍状态：在会. "" when nothing is filtered."""
        return "；".join(f"{label}：{text}" for _name, label, text in self.chosen())

    def first_fields(self) -> list[Any]:
        """The conditions that are always in sight."""
        return [field for field in self.form if not self.first or field.name in self.first]

    def more_fields(self) -> list[Any]:
        """The conditions behind 更多条件."""
        return [field for field in self.form if self.first and field.name not in self.first]

    def more_in_force(self) -> bool:
        """Whether one of those filters, or is wrong: then they are shown."""
        hidden = {field.name for field in self.more_fields()}
        return bool(hidden & ({name for name, _label, _text in self.chosen()} | set(self.form.errors)))


class ScopedMixin(View):
    """What every page of ours holds to: signed in, permitted by the role, rows of the user's own subtree only."""

    model: ClassVar[type[models.Model]]

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
        return self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]


class ScopedCRUDView(ScopedMixin, CRUDView):
    """Lists, pages and forms of one model; `route` begins the names of its addresses (member_list, member_detail …).

    Subclasses say `form_class`, `filterset_class`, `shown` (fields of the record's page) and override
    `get_queryset` for what lists load along. `save` does the writing, through a service where one exists.
    """

    object: Any = None
    route: ClassVar[str]
    shown: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()  # (heading, field names) of the record's page
    ledgers: ClassVar[tuple[tuple[str, str], ...]] = ()  # (slug, title) that the list is exported as
    paginate_by = PER_PAGE
    is_entered_here: ClassVar[bool] = True  # whether a page makes new records
    is_changed_here: ClassVar[bool] = True  # whether a page changes them

    def needed_permissions(self) -> tuple[str, ...]:
        """The model's permission for what the page does."""
        codename = get_permission_codename(_VERBS[self.role], self.model._meta)
        return (f"{self.model._meta.app_label}.{codename}",)

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
            self.version = version_of(stored, list(form.fields))
            changed = changed_since(stored, self.request.POST.get("version", ""))
            self.changed_meanwhile = facts(stored, changed, self.request.user)
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
            changed = "；".join(f"{fact.label}，现在登记的是「{fact.text}」" for fact in self.changed_meanwhile)
            message = (
                f"您打开这一页以后，别人改过：{changed}。没有覆盖。请先核对；仍要按下面填的保存，请再点一次「保存」。"
            )
            form.add_error(None, message)
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
        """The record's own page."""
        assert self.object is not None  # noqa: S101  it was just saved
        return self.address("detail", self.object.pk)

    def get_paginator(self, queryset: Any, page_size: int) -> Paginator:
        """Django's; a page beyond the end is the last one, as people expect after a filter."""
        return Paginator(queryset, page_size)

    def paginate_queryset(self, queryset: Any, page_size: int) -> Page:
        """The page asked for, or the nearest there is."""
        return self.get_paginator(queryset, page_size).get_page(self.request.GET.get(self.page_kwarg))

    def title(self) -> str:
        """The page's heading."""
        name = str(self.model._meta.verbose_name)
        return {Role.LIST: name, Role.CREATE: f"登记{name}", Role.UPDATE: f"修改：{self.named}"}.get(
            self.role, str(self.object)
        )

    def breadcrumbs(self) -> list[dict[str, str]]:
        """The way here: the list, the record, what is done to it."""
        crumbs = [{"label": str(self.model._meta.verbose_name), "url": self.address("list")}]
        if self.object is not None and self.object.pk:
            label = self.named or str(self.object)
            crumbs.append({"label": label, "url": self.address("detail", self.object.pk)})
        if self.role in (Role.CREATE, Role.UPDATE):
            crumbs.append({"label": {Role.CREATE: "登记", Role.UPDATE: "修改"}[self.role], "url": ""})
        return [] if self.role == Role.LIST else crumbs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the templates crud/list.html, crud/detail.html and crud/form.html need."""
        user = self.request.user
        context = super().get_context_data(**kwargs)
        context |= {"title": self.title(), "breadcrumbs": self.breadcrumbs(), "back": self.back()}
        context["version"] = self.version
        if self.role == Role.LIST:
            may_enter = self.is_entered_here and may(user, "add", self.model)
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
    """A deed done to one visible record: a page with a form that asks what it needs, then one service.

    Subclasses say `permission`, `form_class`, `heading`, `submit_label` and `perform`.
    """

    permission: ClassVar[str]
    template_name = "crud/action.html"
    heading = ""
    intro = ""
    submit_label = "确定"
    is_danger = False

    def needed_permissions(self) -> tuple[str, ...]:
        """The deed's permission."""
        return (self.permission,)

    object: Any = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page."""
        self.object = self.get_object()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The deed."""
        self.object = self.get_object()
        return super().post(request, *args, **kwargs)

    def get_object(self) -> Any:
        """The record of the address, among the visible ones; 404 otherwise."""
        return get_object_or_404(self.visible(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: Any) -> str:
        """Do it; gives what is said afterwards. May raise DomainError, which is shown above the form."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it, or show why not."""
        try:
            done = self.perform(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, done)
        return HttpResponseRedirect(self.get_success_url())

    def get_success_url(self) -> str:
        """The record's own page."""
        return self.back()

    def back(self) -> str:
        """Where the deed was begun."""
        raise NotImplementedError(f"{type(self).__name__} leads nowhere")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What crud/action.html needs."""
        return super().get_context_data(**kwargs) | {
            "object": self.object,
            "title": self.heading,
            "intro": self.intro,
            "submit_label": self.submit_label,
            "is_danger": self.is_danger,
            "back": self.back(),
            "breadcrumbs": [{"label": str(self.object), "url": self.back()}, {"label": self.heading, "url": ""}],
        }


class RevealView(ScopedActionView):
    """A person's identity number in full: by permission, for a reason, once, and never without an audit event.

    Subclasses say `model`, `permission` ("members.reveal_member") and `back`.
    """

    form_class = ReasonForm
    template_name = "crud/reveal.html"
    heading = "查看完整证件号"
    intro = "完整证件号是受保护的个人信息，只在工作需要时查看。"
    submit_label = "查看"
    guarded = "id_number"

    def needed_permissions(self) -> tuple[str, ...]:
        """To see the record, and its number."""
        view = get_permission_codename("view", self.model._meta)
        return (f"{self.model._meta.app_label}.{view}", self.permission)

    def form_valid(self, form: Any) -> HttpResponse:
        """Write the event and show the number; it stands in this answer only."""
        label = str(self.model._meta.get_field(self.guarded).verbose_name)  # type: ignore[union-attr]  # a column
        try:
            record_reveal(self.object, field_label=label, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error("reason", str(error))
            return self.form_invalid(form)
        sealed = getattr(self.object, self.guarded)
        context = self.get_context_data(form=form, label=label, value=sealed.reveal() if sealed else "没有登记")
        response = self.render_to_response(context)
        response.headers["Cache-Control"] = "no-store"
        return response


__all__ = ["PER_PAGE", "Fact", "ListFilter", "RevealView", "Role", "ScopedActionView", "ScopedCRUDView", "facts", "may"]
