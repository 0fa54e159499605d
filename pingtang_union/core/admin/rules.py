"""Rules of policy that are rows of the shared layer."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from pingtang_union.core.admin.bases import PageMixin
from pingtang_union.core.admin.forms import RecordForm
from pingtang_union.core.models import PublicityRule


@admin.register(PublicityRule)
class PublicityRuleAdmin(PageMixin, ModelAdmin):
    """公示期规定: a new rule is a new row; publicity that has begun keeps the days that it began with."""

    form = RecordForm
    list_display = ("in_force_from", "working_days", "document")
    fields = (("in_force_from", "working_days"), "document")
    show_full_result_count = False
    warn_unsaved_form = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an old rule explains old publicity."""
        return False
