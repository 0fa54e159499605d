"""What rounds of selection and star schemes share: they are addressed to the unions below the one that keeps them, and
show how far these are."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet

from awards import services
from pingtang_union.admin import OpenInline, ScopedAdmin, role_may
from pingtang_union.admin.links import link, links
from pingtang_union.workflow.table import State


class KeptRowsFormSet(PaginationInlineFormSet):
    """Rows that applications have answered stay: deleting one is refused in words, with their number. Django's own
    refusal would list every answer by name, others' too."""

    def clean(self) -> None:
        for form in self.forms:
            if self._should_delete_form(form) and form.instance.pk and (used := self.uses(form.instance)):
                raise ValidationError(
                    f"「{form.instance}」已经有 {used}，不能删除；没有保存，请取消勾选「删除」后再保存。"
                )
        super().clean()

    def uses(self, row: models.Model) -> str:
        """How many applications have answered the row, in words; "" for none."""
        raise NotImplementedError


class KeptInline(OpenInline):
    """Rows of a round or a scheme: written where that is kept."""

    show_change_link = False

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or services.may_keep(obj, request.user)


class KeptAdmin(ScopedAdmin):
    """The admin of a round or a scheme; `applications` name it in the column `named_by`, and stand on a list with a
    filter of that name."""

    applications: ClassVar[Any]
    named_by: ClassVar[str]
    nothing: ClassVar[str]  # said while there are none
    later = ("进展",)
    begins_with: tuple[str, ...] = ("union", "year")
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    prefix_field = "title"
    search_help_text = "名称的开头几个字"

    def handed_in(self, applications: QuerySet) -> QuerySet:
        """Of these the ones that were handed in and not fallen."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With `handed_in_count`: how many of the user's rows were handed in."""
        mine = self.handed_in(self.applications.objects.visible_to(request.user))
        counted = mine.filter(**{self.named_by: OuterRef("pk")}).order_by().values(self.named_by)
        held = Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        return super().get_queryset(request).annotate(handed_in_count=Coalesce(held, 0))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One's own and those of unions below; those from above are to read."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or services.may_keep(obj, request.user))

    has_keep_permission = role_may("change")

    def _list_of(self, obj: Any) -> str:
        opts = self.applications._meta
        return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{self.named_by}={obj.pk}&state="

    @display(description="已提交", ordering="handed_in_count")
    def handed_in_link(self, obj: Any) -> str:
        return link(self._list_of(obj), f"{obj.handed_in_count} 份")

    @display(description="各状态的份数")
    def progress(self, obj: Any) -> str:
        mine = self.applications.objects.visible_to(obj.reader).filter(**{self.named_by: obj})
        counts = dict(mine.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))
        url, there = self._list_of(obj), [state for state in State if counts.get(state)]
        return links(((url + state, f"{state.label} {counts[state]} 份") for state in there), self.nothing)
