"""Courses and their attendances."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display

from members.admin.filters import IsCadreFilter, UnionFilter
from members.models import Attendance, Training
from pingtang_union.admin import ChoicesFilter, LedgerAdminMixin, ScopedAdmin, ScopedAutocompleteFilter
from pingtang_union.admin.links import link
from pingtang_union.core.text import fold


@admin.register(Training)
class TrainingAdmin(LedgerAdminMixin, ScopedAdmin):
    """培训班. A course may have hundreds of attendances, so that they are a link and no forms below it."""

    measure = "期"
    list_display = ("name", "union", "level", "place", "started_on", "ended_on", "declared_attendees", "attended")
    list_filter = (("level", ChoicesFilter), ("union", UnionFilter))
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "培训班名称的开头几个字"
    fold_term = staticmethod(fold)
    readonly_fields = ("attended", "add_attendance")
    fieldsets = (
        (None, {"fields": ("name", ("union", "level"), ("started_on", "ended_on", "days"), "place", "note")}),
        ("参训", {"fields": (("declared_attendees", "attended", "add_attendance"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With `attendance_count`, person-times among the user's rows."""
        rows = Attendance.objects.visible_to(request.user).filter(training=OuterRef("pk")).order_by()
        counted = rows.values("training").annotate(n=Count("pk")).values("n")
        return (
            super()
            .get_queryset(request)
            .annotate(attendance_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
        )

    def get_fieldsets(self, request: HttpRequest, obj: Training | None = None) -> Any:
        """A new course has no attendances to show yet."""
        return self.fieldsets if obj else (self.fieldsets[0], ("参训", {"fields": ("declared_attendees",)}))

    @display(description="登记的参训人次", ordering="attendance_count")
    def attended(self, obj: Training) -> str:
        url = reverse("admin:members_attendance_changelist")
        return link(f"{url}?training__id__exact={obj.pk}", obj.attendance_count)

    @display(description="登记")
    def add_attendance(self, obj: Training) -> str:
        url = reverse("admin:members_attendance_add") + "?" + urlencode({"training": obj.pk})
        return link(url, "登记一名参训人员")


@admin.register(Attendance)
class AttendanceAdmin(LedgerAdminMixin, ScopedAdmin):
    """参训记录."""

    measure = "人次"
    list_display = ("name", "union", "training", "gender", "is_cadre", "result")
    list_filter = (
        ("training", ScopedAutocompleteFilter),
        ("union", UnionFilter),
        IsCadreFilter,
        ("result", ChoicesFilter),
        ("gender", ChoicesFilter),
    )
    list_select_related = ("union", "training")
    autocomplete_fields = ("training", "union", "cadre")
    search_help_text = "姓名的开头几个字"
    deletable = True
    fields = ("training", "name", ("union", "cadre"), ("gender", "result"), "note")

    @display(description="工会干部", boolean=True)
    def is_cadre(self, obj: Attendance) -> bool:
        return obj.cadre_id is not None
