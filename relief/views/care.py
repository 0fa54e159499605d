"""Officers' pages of service points, support and visits; for anyone the points and merchants that are open today."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import FormView

from members.models import Union
from pingtang_union.core.database import only_reads
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.views import PER_PAGE, Role, ScopedActionView, ScopedCRUDView, ScopedMixin
from pingtang_union.lists import ListFilter
from pingtang_union.money import yuan
from pingtang_union.workflow.attachments import check_uploads, upload_of
from pingtang_union.workflow.pages import AttachmentView
from relief import services
from relief.filters import PointFilter, SupportFilter
from relief.forms.care import CareVisitForm, PhotoForm, PointForm, ReceiveForm, VisitedForms
from relief.models import (
    Agreement,
    CareVisit,
    Grant,
    Merchant,
    PlaceKind,
    Receipt,
    ServicePoint,
    Support,
    SupportState,
    VisitPhoto,
)
from relief.services.shown import blotted, public_merchants, public_points

# --- For anyone --------------------------------------------------------------------------------


class PublicFilter(ListFilter):
    """By township, and points by kind."""

    township = django_filters.ChoiceFilter(label="乡镇（街道）")
    kind = django_filters.ModelChoiceFilter(label="站点类型", queryset=PlaceKind.objects.all())

    class Meta:
        model = ServicePoint
        fields = ("township", "kind")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        names = self.queryset.order_by("township").values_list("township", flat=True).distinct()
        self.filters["township"].extra["choices"] = [(name, name) for name in names if name]
        if self.queryset.model is Merchant:
            del self.filters["kind"]


def _public(request: HttpRequest, rows: QuerySet, section: str) -> HttpResponse:
    filterset = PublicFilter(request.GET, queryset=rows, request=request)
    page = Paginator(filterset.qs.order_by(*rows.model._meta.ordering), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = blotted(page.object_list)
    context = {
        "section": section, "filterset": filterset, "page_obj": page, "is_filtered": bool(filterset.conditions()),
    }  # fmt: skip
    return render(request, f"relief/public_{section}.html", context)


@never_cache
@only_reads
@require_safe
def points_page(request: HttpRequest) -> HttpResponse:
    """服务站点."""
    return _public(request, public_points(timezone.localdate()), "points")


@never_cache
@only_reads
@require_safe
def merchants_page(request: HttpRequest) -> HttpResponse:
    """普惠商户, those whose agreement runs today."""
    return _public(request, public_merchants(timezone.localdate()), "merchants")


# --- Service points -----------------------------------------------------------------------------


class PointView(ScopedCRUDView):
    """服务站点 of the own unions."""

    model = ServicePoint
    route = "relief:servicepoint"
    measure = "处"
    form_class = PointForm
    filterset_class = PointFilter
    shown = (
        ("站点", ("kind", "union", "township", "address", "offers")),
        ("管理", ("keeper", "phone", "hours", "starts_on", "ends_on")),
    )

    def get_queryset(self) -> Any:
        return self.visible().select_related("union", "kind", "photo").defer("photo__content")

    def save(self, form: PointForm) -> Any:
        return services.save_place(form.save(commit=False), by=self.user)

    def done(self) -> str:
        is_public = self.object.confirmed_by_id is not None
        return f"已保存「{self.object}」{'' if is_public else '，由县总工会确认后公开'}。"


class PhotoView(ScopedActionView):
    """上传照片."""

    model = ServicePoint
    route = "relief:servicepoint"
    permission = permission_of(ServicePoint, "change")
    form_class = PhotoForm
    heading = "上传照片"
    intro = "照片由县总工会另一人核看后公开；已有照片的，以新照片为准。"
    submit_label = "上传"

    def perform(self, form: PhotoForm) -> str:
        services.set_photo(self.object, looked=form.cleaned_data["photo"], by=self.user)
        return "已上传照片，等待县总工会核看。"


# --- Support ------------------------------------------------------------------------------------


class SupportView(ScopedCRUDView):
    """阵地支持: what the own unions were given, to be confirmed."""

    model = Support
    route = "relief:support"
    measure = "项"
    filterset_class = SupportFilter
    is_entered_here = is_changed_here = False

    def get_queryset(self) -> Any:
        rows = self.visible().filter(entry__isnull=False)
        return rows.select_related("union", "entry__reversed_by").prefetch_related("lines", "files")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for one in context["page_obj"] if self.role == Role.LIST else [self.object]:
            one.shown_amount = yuan(-one.entry.amount)
        if self.role == Role.DETAIL:
            is_open = self.object.state == SupportState.RELEASED
            context["lines"] = lines = list(self.object.lines.all())
            for line in lines:
                line.shown = yuan(line.value)
            context["may_receive"] = is_open and may(self.user, "receive", Support)
        return context


class ReceiveView(ScopedActionView):
    """确认收到."""

    model = Support
    route = "relief:support"
    permission = permission_of(Support, "receive")
    form_class = ReceiveForm
    heading = "确认收到"
    intro = "请逐项核对清单，数量、金额与收到的一致后确认；签收单可拍照上传。"
    submit_label = "确认收到"

    def visible(self) -> Any:
        return super().visible().select_related("union")

    def perform(self, form: ReceiveForm) -> str:
        given = dict(form.cleaned_data)
        files = [upload_of(upload) for upload in given.pop("receipts")]
        services.receive_support(support=self.object, files=files, by=self.user, **given)
        return "已确认收到。"


# --- Visits -------------------------------------------------------------------------------------


class CareVisitView(ScopedMixin, FormView):
    """登记走访慰问: one page, up to ten people."""

    model = CareVisit
    form_class = CareVisitForm
    template_name = "relief/visit_form.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Grant, "apply"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        blank = CareVisit(union=self.user.union, visited_on=timezone.localdate())
        return {**super().get_form_kwargs(), "user": self.user, "instance": blank}

    def people(self) -> forms.BaseFormSet:
        """The forms of the people."""
        return VisitedForms(self.request.POST or None, prefix="people", form_kwargs={"user": self.user})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, people = self.get_form(), self.people()
        if form.is_valid() and people.is_valid():
            visited = [one.visited() for one in people if one.has_changed()]
            check_uploads(form.cleaned_data["photos"])
            try:
                photos = [upload_of(upload) for upload in form.cleaned_data["photos"]]
                union = Union.objects.get(pk=form.place.union_id)
                with transaction.atomic():
                    made = services.register_visit(
                        visit=form.save(commit=False), people=visited, union=union, township=form.place.township,
                        photos=photos, by=self.user,
                    )  # fmt: skip
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                return self.registered(made, union, form.place.doubt)
        return self.render_to_response(self.get_context_data(form=form, people=people))

    def registered(self, made: list[Grant], union: Union, doubt: str) -> HttpResponse:
        """Say where it went."""
        messages.success(self.request, f"已登记走访慰问 {len(made)} 人，列在{union}，等待县总工会核定。{doubt}")
        return redirect("relief:grant_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"people": self.people(), "title": "登记走访慰问"} | super().get_context_data(**kwargs)


class AgreementView(AttachmentView):
    """A merchant's agreement."""

    model = Agreement


class ReceiptView(AttachmentView):
    """A union's receipt."""

    model = Receipt


class VisitPhotoView(AttachmentView):
    """A photo of a visit."""

    model = VisitPhoto
