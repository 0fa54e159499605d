"""Where staff edit what public pages say."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from pingtang_union.admin.bases import PageMixin
from pingtang_union.pages.models import SiteText


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
