"""Showing a guarded number in full: by permission, for a reason, and never without an audit event."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display

from pingtang_union.core.admin.forms import PlainForm
from pingtang_union.core.audit import may_reveal, record_reveal
from pingtang_union.core.changes import guarded_date
from pingtang_union.core.exceptions import DomainError


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
        return may_reveal(request.user, self.model)  # type: ignore[attr-defined]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the year in the place of the date, where that is all the user may see."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or self.has_reveal_permission(request):
            return fieldsets
        return [(title, {**options, "fields": _year_only(options["fields"])}) for title, options in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The year is to look at."""
        return (*super().get_readonly_fields(request, obj), "birth_year")  # type: ignore[misc]

    @display(description="出生日期")
    def birth_year(self, obj: Any) -> str:
        return guarded_date(obj.born_on) or "—"

    @action(description="查看完整证件号", url_path="reveal", permissions=["reveal"], icon="visibility")
    def reveal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a reason; on POST write the audit event and show the number once."""
        obj = self.visible_or_404(request, object_id)  # type: ignore[attr-defined]
        field = self.opts.get_field("id_number")  # type: ignore[attr-defined]
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])  # type: ignore[attr-defined]
        shown = {"title": f"{obj}：查看完整证件号", "original": obj, "back": back}
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                record_reveal(obj, field_label=str(field.verbose_name), reason=form.cleaned_data["reason"])
            except DomainError as error:
                form.add_error("reason", str(error))
            else:
                return self.page(  # type: ignore[attr-defined]
                    request,
                    "admin/revealed.html",
                    label=field.verbose_name,
                    value=obj.full_id_number or "没有登记",
                    note="本次查看已记入审计日志。离开本页后不再显示。",
                    **shown,
                )
        return self.page(  # type: ignore[attr-defined]
            request,
            "admin/form_page.html",
            form=form,
            submit_label="查看",
            **shown,
            intro="完整证件号是受保护的个人信息，只在工作需要时查看。",
        )


def _year_only(fields: Any) -> tuple[Any, ...]:
    """`fields` with birth_year for born_on, lines of several kept."""
    return tuple(
        _year_only(one) if isinstance(one, list | tuple) else "birth_year" if one == "born_on" else one
        for one in fields
    )
