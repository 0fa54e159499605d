"""What the admin's small pages on members, numbers and transfers ask."""

from typing import Any

from django import forms
from django.contrib.admin import site
from django.contrib.admin.widgets import AutocompleteSelect

from members.forms.members import ActForm
from members.models import Member, MembershipEvent
from pingtang_union.admin import PlainForm
from pingtang_union.admin.forms import dress


class DressedActForm(ActForm):
    """The form of a membership act in the admin's dress; the union is looked for among the clerk's own."""

    def __init__(self, *args: Any, record: Member, **kwargs: Any):
        super().__init__(*args, member=record, **kwargs)
        dress(self)
        if field := self.fields.get("union"):
            field.widget = AutocompleteSelect(MembershipEvent._meta.get_field("union"), site)
            field.widget.choices = field.choices


def answer_form(label: str, *, required: bool = True, help_text: str = "") -> type[PlainForm]:
    """A form for the words that go with a yes or a no."""
    asked = {"required": f"请写明{label}。"}
    answer = forms.CharField(
        label=label, max_length=200, required=required, widget=forms.Textarea, help_text=help_text, error_messages=asked
    )
    return type("AnswerForm", (PlainForm,), {"answer": answer})
