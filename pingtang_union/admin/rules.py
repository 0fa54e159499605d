"""Rules of policy that are rows of the shared layer."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.import_export import CatalogueAdminMixin
from pingtang_union.admin.resources import catalogue
from pingtang_union.proof.models import NumberRule
from pingtang_union.workflow.rules import PublicityRule


@admin.register(PublicityRule)
class PublicityRuleAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """公示期规定: a new rule is a new row; publicity that has begun keeps the days that it began with."""

    resource_classes = (catalogue(PublicityRule, "in_force_from"),)
    list_display = ("in_force_from", "working_days", "document")
    fields = (("in_force_from", "working_days"), "document")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an old rule explains old publicity."""
        return False


@admin.register(NumberRule)
class NumberRuleAdmin(CatalogueAdminMixin, PageMixin, ModelAdmin):
    """编号规则: a new rule is a new row; numbers that were drawn stay as they are."""

    resource_classes = (catalogue(NumberRule, "series", "in_force_from"),)
    list_display = ("series", "in_force_from", "pattern", "digits", "document")
    fields = (("series", "in_force_from"), ("pattern", "digits"), "document")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an old rule explains old numbers."""
        return False
