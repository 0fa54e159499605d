"""Small forms of the admin's own pages, in the admin's dress."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from pingtang_union.core.forms import KeysForm, RecordForm


class PlainForm(KeysForm, forms.Form):
    """A small form on a page of its own (a reason, a deed), in the admin's dress."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
            elif type(field.widget) is forms.TextInput:
                field.widget = UnfoldAdminTextInputWidget()


__all__ = ["KeysForm", "PlainForm", "RecordForm"]
