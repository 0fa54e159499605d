"""Officers' page that shows a guarded number in full: by permission, for a reason, never without an audit event. The
admin's is admin/reveal.py."""

from typing import Any

from django import forms
from django.http import HttpResponse

from pingtang_union.core.audit import record_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.views import ScopedActionView


class ReasonForm(ScopedForm):
    """Why a guarded number is needed."""

    reason = forms.CharField(
        label="查看的理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：核对 2026 年度困难职工建档材料。理由会记入审计日志。",
    )  # fmt: skip


class RevealView(ScopedActionView):
    """A person's identity number in full: by permission, for a reason, once, and never without an audit event.
    Subclasses say `model` and `route`."""

    form_class = ReasonForm
    template_name = "crud/reveal.html"
    heading = "查看完整证件号"
    intro = "完整证件号是受保护的个人信息，只在工作需要时查看。"
    submit_label = "查看"
    guarded = "id_number"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, "view"), permission_of(self.model, "reveal"))

    def form_valid(self, form: Any) -> HttpResponse:
        """Write the event and show the number; it stands in this answer only."""
        label = str(self.model._meta.get_field(self.guarded).verbose_name)  # type: ignore[union-attr]  # a column
        try:
            record_reveal(self.object, field_label=label, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error("reason", str(error))
            return self.form_invalid(form)
        sealed = getattr(self.object, self.guarded)
        context = self.get_context_data(form=form, label=label, value=sealed.reveal() if sealed else "没有登记")
        response = self.render_to_response(context)
        response.headers["Cache-Control"] = "no-store"
        return response
