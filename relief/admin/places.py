"""Service points and merchants: the county's word before they are public."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.enums import ActionVariant

from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    CatalogueAdminMixin,
    ConditionFilter,
    PlainForm,
    ScopedAdmin,
    ValuesFilter,
    asks,
    catalogue,
    role_may,
)
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.links import link, links
from pingtang_union.workflow.attachments import upload_of
from relief import services
from relief.admin.filters import KindFilter
from relief.forms.care import PHOTO, LookedField
from relief.models import Merchant, PlaceKind, ServicePoint
from relief.models.places import Place


@admin.register(PlaceKind)
class PlaceKindAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """站点类型: one that isn't used any more stays, for the points that have it."""

    resource_classes = (catalogue(PlaceKind, "name"),)
    measure = "类"
    list_display = ("name", "is_in_use", "order")
    fields = (("name", "order"), "is_in_use")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: take it out of use."""
        return False


class ConfirmedFilter(ConditionFilter):
    """Whether the county has confirmed it."""

    title = "是否公开"
    parameter_name = "confirmed"
    conditions = {
        "no": ("待确认", Q(confirmed_by__isnull=True)),
        "yes": ("已确认公开", Q(confirmed_by__isnull=False)),
    }


class UploadForm(PlainForm):
    """A file."""

    file = forms.FileField(label="文件")


class PhotoForm(PlainForm):
    """A picture, looked into."""

    photo = LookedField(**PHOTO)


class PlaceAdmin(CatalogueAdminMixin, ScopedAdmin):
    """What both have."""

    measure = "处"
    autocomplete_fields = ("union",)
    prefix_field = "name"
    search_help_text = "名称的开头几个字"
    readonly_fields: tuple[str, ...] = ("written_by", "confirmed_by", "confirmed_at")
    list_select_related: tuple[str, ...] = ("union",)
    has_confirm_permission = role_may("confirm")
    has_keep_permission = role_may("change")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"union": getattr(request.user, "union_id", None)} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        services.save_place(obj, by=request.user)

    def brought_in(self, request: HttpRequest, record: Place) -> None:
        """What a table says is written by who brings it."""
        record.written_by, record.confirmed_by, record.confirmed_at = request.user, None, None

    def unfit_actions(self, request: HttpRequest, place: Place) -> set[str]:
        """What waits is confirmed, by another."""
        return {"confirm"} if place.confirmed_by_id or place.written_by_id in (None, request.user.pk) else set()

    @asks(
        "确认公开", permission="confirm", icon="check_circle", variant=ActionVariant.PRIMARY,
        intro="确认后即时在公开页面显示。请核对地址、服务内容和电话，不得含有个人信息。",
        facts=lambda place: [
            ("名称", place.name), ("地址", f"{place.township} {place.address}"), ("内容", place.offers),
            ("公开电话", place.phone or "未填写"), ("登记人", place.written_by),
        ],
    )  # fmt: skip
    def confirm(self, request: HttpRequest, place: Place, form: PlainForm) -> str:
        """The county's word."""
        services.confirm_place(place, by=request.user)
        return f"已确认公开：{place}。"

    @display(description="是否公开", ordering="confirmed_at", label={"已确认公开": "is-ok", "待确认": "is-warn"})
    def state_label(self, obj: Place) -> str:
        return "已确认公开" if obj.confirmed_by_id else "待确认"


@admin.register(ServicePoint)
class ServicePointAdmin(PlaceAdmin):
    """服务站点。"""

    resource_classes = (catalogue(ServicePoint, "union", "name"),)
    list_display = ("name", "kind", "township", "union", "hours", "ends_on", "state_label", "photo_label")
    list_filter = (ConfirmedFilter, KindFilter, ("township", ValuesFilter), ("union", UnionFilter))
    list_select_related = ("union", "kind", "photo")
    actions_detail = ("confirm", "picture")
    readonly_fields = (*PlaceAdmin.readonly_fields, "photo_label")
    fieldsets = (
        (None, {"fields": (("name", "kind"), ("union", "township"), "address", "offers")}),
        ("管理", {"fields": (("keeper", "phone"), "hours", ("starts_on", "ends_on"))}),
        ("公开", {"fields": ("photo_label", ("written_by", "confirmed_by", "confirmed_at"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("photo__content")

    @asks("上传照片", permission="keep", icon="photo_camera", form=PhotoForm,
          intro="照片由另一人在「公开附件」中核看后公开；已有照片的，以新照片为准。")  # fmt: skip
    def picture(self, request: HttpRequest, point: ServicePoint, form: PhotoForm) -> str:
        """The picture."""
        services.set_photo(point, looked=form.cleaned_data["photo"], by=request.user)
        return "已上传照片，等待另一人核看。"

    @display(description="照片")
    def photo_label(self, obj: ServicePoint) -> str:
        if obj.photo is None:
            return "—"
        words = "待核看" if obj.photo.is_waiting else "已核看"
        may_open = obj.reader.has_perm("workflow.view_publicfile")  # type: ignore[attr-defined]  # prepare gives it
        return link(reverse("admin:workflow_publicfile_change", args=[obj.photo_id]), words) if may_open else words


@admin.register(Merchant)
class MerchantAdmin(PlaceAdmin):
    """普惠商户。"""

    resource_classes = (catalogue(Merchant, "union", "name"),)
    measure = "家"
    list_display = ("name", "township", "offers", "starts_on", "ends_on", "union", "state_label")
    list_filter = (ConfirmedFilter, ("township", ValuesFilter), ("union", UnionFilter))
    actions_detail = ("confirm", "agreement")
    readonly_fields = (*PlaceAdmin.readonly_fields, "agreements")
    fieldsets = (
        (None, {"fields": ("name", ("union", "township"), "address", "offers", "phone", ("starts_on", "ends_on"))}),
        ("合作", {"fields": ("agreements", "note", ("written_by", "confirmed_by", "confirmed_at"))}),
    )

    @asks("上传合作协议", permission="keep", icon="upload_file", form=UploadForm, intro="协议不公开，供县总工会核对。")
    def agreement(self, request: HttpRequest, merchant: Merchant, form: UploadForm) -> str:
        """The agreement."""
        services.add_agreement(merchant, checked=upload_of(form.cleaned_data["file"]), by=request.user)
        return "已上传合作协议。"

    @display(description="合作协议")
    def agreements(self, obj: Merchant) -> str:
        return links([(reverse("relief:agreement", args=[one.pk]), one.name) for one in obj.files.all()], "—")
