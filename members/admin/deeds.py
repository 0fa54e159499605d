"""The admin's forms for the deeds of membership in members.deeds."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils import timezone

from members.deeds import Deed
from members.models import MembershipEvent, Union, User
from pingtang_union.core.admin import PlainForm
from pingtang_union.core.fields import PartialDateFormField


class DeedForm(PlainForm):
    """The day and the reason of a deed."""

    on = PartialDateFormField(label="日期", help_text="如 2026-05-12、2026.05.12；只知道月份也可以")
    reason = forms.CharField(label="原因", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, user: User, admin_site: Any, **kwargs: Any):
        kwargs.setdefault("initial", {"on": timezone.localdate().isoformat()})
        super().__init__(*args, **kwargs)
        self.user, self.admin_site = user, admin_site


class ReasonedForm(DeedForm):
    """A deed that the law wants a reason for."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea)


class UnionForm(DeedForm):
    """A deed that leads into a union: one of the clerk's own."""

    union = forms.ModelChoiceField(label="接收工会", queryset=Union.objects.none())
    field_order = ("union", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["union"]
        field.widget = AutocompleteSelect(MembershipEvent._meta.get_field("union"), self.admin_site)
        field.queryset = Union.objects.visible_to(self.user)


def form_of(deed: Deed) -> type[DeedForm]:
    """The form that asks what a deed needs."""
    if deed.leads_into_union:
        return UnionForm
    return ReasonedForm if deed.needs_reason else DeedForm


__all__ = ["DeedForm", "form_of"]
