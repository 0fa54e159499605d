"""Where staff edit what public pages say and which files they hold."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from pingtang_union.admin import asks, role_may
from pingtang_union.admin.asking import AskingMixin
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.links import link
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import RecordForm
from pingtang_union.pages.models import SiteText
from pingtang_union.pages.public.files import known_places, places
from pingtang_union.workflow.attachments import attachment_response
from pingtang_union.workflow.public_files import LookedInto, PublicFile, looked_into, pass_file, put_up
from pingtang_union.workflow.publishing import OfficePhone


@admin.register(SiteText)
class SiteTextAdmin(PageMixin, ModelAdmin):
    """网站信息: emptied rather than deleted, so that the trail stays with it."""

    measure = "段"
    list_display = ("kind", "title", "beginning", "place")
    list_display_links = ("kind", "title")
    fields = (("kind", "place"), "title", "text")

    def has_delete_permission(self, request: HttpRequest, obj: SiteText | None = None) -> bool:
        """Never: empty it."""
        return False

    @display(description="内容")
    def beginning(self, obj: SiteText) -> str:
        return obj.text[:40] or "（空，不显示）"


@admin.register(OfficePhone)
class OfficePhoneAdmin(PageMixin, ModelAdmin):
    """公开电话: what may stand in public texts."""

    measure = "个"
    list_display = ("number", "label")
    fields = (("number", "label"),)


class PublicFileForm(RecordForm):
    """A new file is looked into before anything is kept; of one that is there the title and whether it is shown."""

    place = forms.ChoiceField(label="位置", required=False, widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label="文件",
        widget=UnfoldAdminFileFieldWidget,
        help_text="PDF、JPG、PNG、.docx、.xlsx，不超过 10 MB。含身份证号码、银行卡号、手机号码的不能公开；"
        "图片和扫描件须由另一人核看后才公开",
    )
    looked: LookedInto

    class Meta:
        model = PublicFile
        fields = ("title", "place", "is_shown")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "place" in self.fields:
            self.fields["place"].choices = places(timezone.localdate())
        if self.instance.pk:
            self.fields.pop("file", None)

    def clean(self) -> dict[str, Any]:
        """Say beside the file what is wrong with it."""
        cleaned = super().clean() or self.cleaned_data
        if "file" in cleaned:
            try:
                self.looked = looked_into(cleaned["file"])
            except DomainError as error:
                self.add_error("file", str(error))
        return cleaned


@admin.register(PublicFile)
class PublicFileAdmin(AskingMixin, PageMixin, ModelAdmin):
    """公开附件: never deleted, since the trail of what was public stays; 公开显示 takes one away."""

    form = PublicFileForm
    measure = "份"
    list_display = ("title", "state", "added_by", "added_at", "passed_by")
    list_select_related = ("added_by", "passed_by")
    actions_detail = ("look",)
    readonly_fields = ("download", "where", "state", "unread", "added_by", "added_at", "passed_by", "passed_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_fieldsets(self, request: HttpRequest, obj: PublicFile | None = None) -> Any:
        """What is asked of a new one, and what is known of one that is there."""
        if obj is None:
            return ((None, {"fields": ("title", "place", "file")}),)
        return (
            (None, {"fields": ("title", ("where", "is_shown"), "download")}),
            ("核看", {"fields": (("state", "unread"), ("added_by", "added_at"), ("passed_by", "passed_at"))}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: PublicFile | None = None) -> bool:
        """Never: take it away."""
        return False

    has_pass_permission = role_may("pass")

    def save_model(self, request: HttpRequest, obj: PublicFile, form: PublicFileForm, change: bool) -> None:
        """A new one by the service."""
        if change:
            obj.save(update_fields=["title", "is_shown"])
            return
        values = form.cleaned_data
        saved = put_up(title=values["title"], place=values["place"], looked=form.looked, by=request.user)
        obj.pk, obj._state.adding = saved.pk, False

    def unfit_actions(self, request: HttpRequest, file: PublicFile) -> tuple[str, ...]:
        """Only what waits is looked at, and by another person."""
        return () if file.is_waiting and file.added_by_id != request.user.pk else ("look",)

    @asks(
        "核看通过", permission="pass", icon="visibility",
        intro="请先打开文件，逐页核看所列之处。确认没有身份证号码、银行卡号、手机号码等个人信息后，再办理。",
        facts=lambda file: [("标题", file.title), ("须核看之处", file.unread), ("上传人", file.added_by)],
    )  # fmt: skip
    def look(self, request: HttpRequest, file: PublicFile, form: Any) -> str:
        """A second person's yes."""
        pass_file(file=file, by=request.user)
        return f"已核看通过：{file}，即时公开。"

    def get_urls(self) -> list[Any]:
        """With the file itself, for who may see it here."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:object_id>/file/", view, name="workflow_publicfile_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The bytes, also before they are public."""
        return attachment_response(self.visible_or_404(request, str(object_id)))

    @display(description="文件")
    def download(self, obj: PublicFile) -> str:
        return link(reverse("admin:workflow_publicfile_file", args=[obj.pk]), obj.name)

    @display(description="位置")
    def where(self, obj: PublicFile) -> str:
        return known_places(timezone.localdate()).get(obj.place, "公示已结束")

    @display(description="是否公开", label={"已公开": "success", "等待核看": "warning", "不公开": "info"})
    def state(self, obj: PublicFile) -> str:
        if not obj.is_shown:
            return "不公开"
        return "等待核看" if obj.is_waiting else "已公开"
