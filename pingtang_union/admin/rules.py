"""Rules of policy that are rows of the shared layer. A new rule is a new row; what has begun keeps the one before."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from pingtang_union.admin.bases import LastingMixin, PageMixin
from pingtang_union.admin.import_export import CatalogueAdminMixin
from pingtang_union.admin.resources import catalogue
from pingtang_union.proof.models import NumberRule
from pingtang_union.workflow.rules import ClockRule, PublicityRule, subjects


@admin.register(PublicityRule)
class PublicityRuleAdmin(LastingMixin, CatalogueAdminMixin, PageMixin, ModelAdmin):
    """公示期规定."""

    resource_classes = (catalogue(PublicityRule, "in_force_from"),)
    list_display = ("in_force_from", "working_days", "document")
    fields = (("in_force_from", "working_days"), "document")


@admin.register(NumberRule)
class NumberRuleAdmin(LastingMixin, CatalogueAdminMixin, PageMixin, ModelAdmin):
    """编号规则: numbers that were drawn stay as they are."""

    resource_classes = (catalogue(NumberRule, "series", "in_force_from"),)
    list_display = ("series", "in_force_from", "pattern", "digits", "document")
    fields = (("series", "in_force_from"), ("pattern", "digits"), "document")


@admin.register(ClockRule)
class ClockRuleAdmin(LastingMixin, PageMixin, ModelAdmin):
    """办理时限."""

    list_display = ("subject_label", "ends_with", "working_days", "in_force_from", "document_number", "is_example")
    fields = (("subject", "ends_with"), ("working_days", "in_force_from"), ("document", "document_number"),
              "is_example")  # fmt: skip

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The kinds of applications there are, to choose from."""
        if db_field.name == "subject":  # the model's field knows no apps: its choices would ask for a migration
            return forms.ChoiceField(label=db_field.verbose_name, choices=subjects(), widget=UnfoldAdminSelectWidget())
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="办理事项", ordering="subject")
    def subject_label(self, obj: ClockRule) -> str:
        return dict(subjects()).get(obj.subject, obj.subject)
