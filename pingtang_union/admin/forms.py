"""Small forms of the admin's own pages, in the admin's dress."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from pingtang_union.core.forms import PortalForm


class PlainForm(PortalForm, forms.Form):
    """What a small page asks (admin.asking): the form knows who is asked, and about which record."""

    def __init__(self, *args: Any, user: Any = None, record: Any = None, **kwargs: Any):
        self.user, self.record = user, record
        super().__init__(*args, **kwargs)
        dress(self)

    def offer(self, name: str, records: Iterable[tuple[Any, str]]) -> None:
        """Let a `RecordField` choose among these records, each with its words."""
        field: Any = self.fields[name]
        offered = list(records)
        field.records = {str(record.pk): record for record, _words in offered}
        field.choices = choose((str(record.pk), words) for record, words in offered)


def choose(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """With a first line that chooses nothing."""
    return [("", "请选择"), *choices]


class DayField(forms.DateField):
    """A whole day, by the keyboard or by the browser's calendar; today to begin with."""

    widget = forms.DateInput

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("initial", timezone.localdate)
        super().__init__(**kwargs)


class RecordField(forms.ChoiceField):
    """One of the few records that the form offers (`PlainForm.offer`)."""

    def clean(self, value: Any) -> Any:
        """The record itself."""
        return self.records[super().clean(value)]  # type: ignore[attr-defined]  # offered


def dress(form: forms.BaseForm) -> None:
    """Give the fields of a form the admin's widgets, each beside its choices."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.Textarea):
            field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
        elif type(widget) in _DRESSES:
            field.widget = _DRESSES[type(widget)](attrs=widget.attrs)
            if isinstance(field, forms.ChoiceField):
                field.widget.choices = field.choices


_DRESSES: dict[type[forms.Widget], type[forms.Widget]] = {
    forms.TextInput: UnfoldAdminTextInputWidget,
    forms.NumberInput: UnfoldAdminIntegerFieldWidget,
    forms.DateInput: UnfoldAdminSingleDateWidget,
    forms.Select: UnfoldAdminSelectWidget,
    forms.ClearableFileInput: UnfoldAdminFileFieldWidget,
}
