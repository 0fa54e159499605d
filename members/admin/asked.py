"""The admin's forms of persons against guessing (members.services.numbers says why)."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.forms.numbers import AskedNumberMixin, plain_number
from members.services import numbers
from pingtang_union.admin import PlainForm, RecordForm, asks
from pingtang_union.core.exceptions import DomainError


class AskedNumberForm(AskedNumberMixin, RecordForm):
    """A person, as the admin registers and changes one."""

    registers = False

    def clean(self) -> dict[str, Any]:
        """Also that the number may be looked for."""
        data = super().clean() or self.cleaned_data
        self.look_at_number(data)
        return data


class NumberForm(PlainForm):
    """A whole identity number."""

    number = forms.CharField(label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class AskedNumberAdmin:
    """Put it before the admin of a person: numbers are counted outside the page's
    transaction, which a refusal further on takes back."""

    form = AskedNumberForm
    actions_list = ("by_number",)

    @asks(
        "按证件号查找", permission="reveal", icon="person_search", path="by-number", form=NumberForm, submit="查找",
        intro=numbers.SEARCHING, error_field="number",
    )  # fmt: skip
    def by_number(self, request: HttpRequest, _record: None, form: NumberForm) -> HttpResponse:
        """A whole number in a POST leads to the record."""
        matches = list(numbers.find_by_number(request.user, self.model, form.cleaned_data["number"])[:2])
        if not matches:
            raise DomainError(numbers.NOT_FOUND)
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if len(matches) == 1:
            return redirect(f"{page}_change", matches[0].pk)
        return redirect(f"{reverse(f'{page}_changelist')}?q={quote(matches[0].name)}")  # posts of one person

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *rest: Any) -> HttpResponse:
        """Count the number, then Django's page."""
        number = plain_number(request.POST.get("id_number"), request.POST.get("id_type"))
        may_ask = self.has_change_permission(request) or self.has_add_permission(request)
        if number and may_ask:
            asked = numbers.Asked.of(number, request.POST.get("name", ""))
            place = f"业务管理：{self.opts.verbose_name}"
            numbers.beyond_limit(request.user, self.model, [asked], place=place)
        return super().changeform_view(request, object_id, *rest)
