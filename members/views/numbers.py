"""按证件号查找: a whole number in a POST, by who may read numbers, each time an audit event."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.views.generic import FormView

from members.models import Cadre, Member
from members.services import numbers
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.views import ScopedMixin, crumbs


class NumberForm(ScopedForm):
    """A whole identity number."""

    number = forms.CharField(label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ByNumberView(ScopedMixin, FormView):
    """The records of one's own rows that have this number; links to them, no number in the answer."""

    form_class = NumberForm
    template_name = "members/by_number.html"
    route = ""

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, "view"), permission_of(self.model, "reveal"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: Any) -> HttpResponse:
        """Look, and lead to what was found."""
        try:
            matches = list(numbers.find_by_number(self.user, self.model, form.cleaned_data["number"])[:20])  # type: ignore[arg-type]  # the two below
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        if not matches:
            form.add_error("number", numbers.NOT_FOUND)
            return self.form_invalid(form)
        links = [(reverse(f"{self.route}_detail", args=[record.pk]), record) for record in matches]
        response = self.render_to_response(self.get_context_data(form=self.form_class(user=self.user), links=links))
        response.headers["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse(f"{self.route}_list")
        name = self.model._meta.verbose_name
        return super().get_context_data(**kwargs) | {
            "title": f"按证件号查找{name}",
            "intro": numbers.SEARCHING,
            "back": back,
            "breadcrumbs": crumbs((name, back), ("按证件号查找", "")),
        }


class MemberByNumberView(ByNumberView):
    """会员。"""

    model, route = Member, "members:member"


class CadreByNumberView(ByNumberView):
    """工会干部。"""

    model, route = Cadre, "members:cadre"
