"""Small forms of the admin's own pages, in the admin's dress."""

from typing import Any

from django import forms
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
