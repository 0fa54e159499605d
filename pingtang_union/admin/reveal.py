"""Showing a guarded number in full: by permission, for a reason, and never without an audit event."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from pingtang_union.admin.asking import asks
from pingtang_union.admin.forms import PlainForm
from pingtang_union.core.audit import record_reveal
from pingtang_union.core.changes import guarded_date
from pingtang_union.core.permissions import may_reveal

RECORDED = "本次查看已记入审计日志。离开本页后不再显示。"


class ReasonForm(PlainForm):
    """Why the number is needed."""

    reason = forms.CharField(
        label="查看理由",
        max_length=200,
        widget=forms.Textarea,
        required=False,
        help_text="如：核对 2026 年度困难职工建档材料。理由会记入审计日志。",
    )


class RevealMixin:
    """Adds the page 查看完整证件号 to the admin of a person; needs the permission `reveal_<model>`.

    Without that permission a person's 出生日期 is its year, and not to be changed.
    """

    def has_reveal_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may see full numbers at all."""
        return may_reveal(request.user, self.model)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the year in the place of the date, where that is all the user may see."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_reveal_permission(request):
            return fieldsets
        return [(title, {**options, "fields": _year_only(options["fields"])}) for title, options in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The year is to look at."""
        return (*super().get_readonly_fields(request, obj), "birth_year")

    @display(description="证件号码")
    def masked_number(self, obj: Any) -> str:
        return str(obj.id_number or "—")

    @display(description="出生日期")
    def birth_year(self, obj: Any) -> str:
        return guarded_date(obj.born_on) or "—"

    @asks(
        "查看完整证件号", permission="reveal", icon="visibility", form=ReasonForm, submit="查看", error_field="reason",
        intro="完整证件号是受保护的个人信息，只在工作需要时查看。",
    )  # fmt: skip
    def reveal(self, request: HttpRequest, person: Any, form: ReasonForm) -> HttpResponse:
        """Write the audit event and show the number once."""
        label = str(self.opts.get_field("id_number").verbose_name)
        record_reveal(person, field_label=label, reason=form.cleaned_data["reason"])
        value = person.full_id_number or "没有登记"
        return self.shown_once(request, person, label=label, value=value, note=RECORDED)


def _year_only(fields: Any) -> tuple[Any, ...]:
    """`fields` with birth_year for born_on, lines of several kept."""
    return tuple(
        _year_only(field) if isinstance(field, list | tuple) else "birth_year" if field == "born_on" else field
        for field in fields
    )
