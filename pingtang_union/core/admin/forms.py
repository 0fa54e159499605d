"""Forms of the admin: constraints checked before the database refuses, and small forms of deeds."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

# Keys that follow from a field of the form: what is wrong with them is said beside that field.
_FOLLOWS = {"name_key": "name", "id_index": "id_number"}


class KeysForm:
    """Shows only what can be a key in fields of related records; their autocomplete looks up whatever it is given,
    also what an address or a form made up."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            if type(field) is forms.ModelChoiceField:
                field.prepare_value = _keys_only(field.prepare_value)


def _keys_only(prepare: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def prepare_key(value: Any) -> Any:
        key = prepare(value)
        return key if not isinstance(key, str) or (key.isdecimal() and len(key) < 19) else None

    return prepare_key


class RecordForm(KeysForm, forms.ModelForm):
    """Model form that checks every constraint of the model.

    Django skips a constraint that names a column outside the form. Ours often do (the folded name, the blind
    index, dates that are read-only once a record exists); skipping them would turn a plain message into an
    error page.
    """

    def _post_clean(self) -> None:
        """Django's checks, then the constraints that it skipped, but for those on fields that are wrong already."""
        super()._post_clean()
        failed = {name for name in self.errors if name != NON_FIELD_ERRORS}
        failed |= {key for key, field in _FOLLOWS.items() if field in failed}
        try:
            self.instance.validate_constraints(exclude=failed)
        except ValidationError as error:
            self._update_errors(ValidationError(self._beside_fields(error.error_dict)))

    def _beside_fields(self, errors: dict[str, list[ValidationError]]) -> dict[str, list[ValidationError]]:
        said = {message for messages in self.errors.values() for message in messages}
        placed: dict[str, list[ValidationError]] = {}
        for name, found in errors.items():
            name = _FOLLOWS.get(name, name)
            place = name if name in self.fields else NON_FIELD_ERRORS
            placed.setdefault(place, []).extend(one for one in found if not said.intersection(one.messages))
        return placed


class PlainForm(KeysForm, forms.Form):
    """A small form on a page of its own (a reason, a deed), in the admin's dress."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
            elif type(field.widget) is forms.TextInput:
                field.widget = UnfoldAdminTextInputWidget()
