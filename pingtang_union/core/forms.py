"""Forms: constraints checked before the database refuses, dropdowns over the user's own rows, messages beside the
field they speak of, a few groups.

Officers' pages take their forms from here, and the admin its model forms; its small ones have a dress of their own
(admin.forms).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q

from pingtang_union.core.keys import key_in
from pingtang_union.core.masking import unmasked
from pingtang_union.core.permissions import may_see_numbers
from pingtang_union.core.scope import ScopedModel

UNSTATED = "未登记"
CHOOSE = "请选择"
# Keys that follow from a field of the form: what is wrong with them is said beside that field.
FOLLOWS = {"name_key": "name", "id_index": "id_number"}


class PortalForm:
    """What every form of ours has (mixed into Django's).

    A text that was shown with its numbers masked (middleware.py) comes back with the masks in it: they are read as
    the numbers of the text that the form began with, so that nobody writes masks over them. Who may see numbers saw no
    mask.

    Fields of related records show only what can be a key; their autocomplete looks up whatever it is given, also what
    an address or a form made up.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            if type(field) is forms.ModelChoiceField:
                field.prepare_value = _keys_only(field.prepare_value)  # type: ignore[method-assign, assignment]

    def _widget_data_value(self, widget: forms.Widget, html_name: str) -> Any:
        """Where Django reads what was sent for a field."""
        given = super()._widget_data_value(widget, html_name)  # type: ignore[misc]  # the stubs don't know it
        if not isinstance(given, str) or "*" not in given or may_see_numbers(getattr(self, "user", None)):
            return given
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            if self.add_prefix(name) == html_name:  # type: ignore[attr-defined]
                begun = self.get_initial_for_field(field, name)  # type: ignore[attr-defined]
                return unmasked(given, begun) if isinstance(begun, str) else given
        return given


def _keys_only(prepare: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def prepare_key(value: Any) -> Any:
        key = prepare(value)
        return key if key == "" or not isinstance(key, str) or key_in(key) else None

    return prepare_key


class RecordForm(PortalForm, forms.ModelForm):
    """Model form that checks every constraint of the model.

    Django skips a constraint that names a column outside the form. Ours often do (the folded name, the blind
    index, dates that are read-only once a record exists); skipping them would turn a plain message into an
    error page.
    """

    uncompared: frozenset[str] = frozenset()  # columns that no constraint may answer for

    def _post_clean(self) -> None:
        """Django's checks, then the constraints that it skipped, but for those on fields that are wrong already."""
        super()._post_clean()  # type: ignore[misc]  # the stubs don't know it
        failed = {name for name in self.errors if name != NON_FIELD_ERRORS}
        failed |= {key for key, field in FOLLOWS.items() if field in failed} | self.uncompared
        try:
            self.instance.validate_constraints(exclude=failed)
        except ValidationError as error:
            self._update_errors(  # type: ignore[attr-defined]  # the stubs don't know it
                ValidationError(self._beside_fields(error.error_dict))
            )

    def _beside_fields(self, errors: dict[str, list[ValidationError]]) -> dict[str, list[ValidationError]]:
        said = {message for messages in self.errors.values() for message in messages}
        placed: dict[str, list[ValidationError]] = {}
        for name, found in errors.items():
            name = FOLLOWS.get(name, name)
            place = name if name in self.fields else NON_FIELD_ERRORS
            placed.setdefault(place, []).extend(one for one in found if not said.intersection(one.messages))
        return placed


@dataclass(frozen=True)
class Group:
    """Fields of a form under one heading; a folded one opens by itself when something in it is wrong."""

    heading: str
    fields: list[forms.BoundField]
    is_folded: bool

    @property
    def is_open(self) -> bool:
        """Whether a folded group has to be open."""
        return any(field.errors for field in self.fields)


class ScopedFormMixin:
    """A form that knows its user: dropdowns of scoped models offer only what that user may see.

    `groups` gives (heading, field names) in order; fields in none of them come in a last group 更多项目, folded.
    """

    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        self.user = user
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]  # a form
            self._dress(field)

    def _dress(self, field: forms.Field) -> None:
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            if issubclass(field.queryset.model, ScopedModel):
                field.queryset = field.queryset.visible_to(self.user)  # type: ignore[attr-defined]  # a ScopedQuerySet
            if not isinstance(field, forms.ModelMultipleChoiceField):
                field.empty_label = CHOOSE if field.required else UNSTATED
        elif isinstance(field, forms.NullBooleanField):
            field.widget.choices = [("unknown", UNSTATED), ("true", "是"), ("false", "否")]
        elif isinstance(field, forms.TypedChoiceField):
            blank = CHOOSE if field.required else UNSTATED
            field.choices = [(key, label if key != "" else blank) for key, label in _flat(field.choices)]
        elif isinstance(field, forms.DateField):
            field.widget = forms.DateInput({"autocomplete": "off", "data-date": "day"}, format="%Y-%m-%d")
        elif isinstance(field, forms.IntegerField):
            field.widget.attrs.setdefault("inputmode", "numeric")

    def grouped(self) -> list[Group]:
        """The visible fields under their headings; a group without fields isn't there."""
        bound = {field.name: field for field in self.visible_fields()}  # type: ignore[attr-defined]  # a form
        named = {name for _, names in self.groups for name in names}
        found = [
            Group(heading, [bound[name] for name in names if name in bound], False) for heading, names in self.groups
        ]
        found.append(
            Group("更多项目", [field for name, field in bound.items() if name not in named], bool(self.groups))
        )
        return [group for group in found if group.fields]


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    return [(key, label) for key, label in choices]


class ScopedForm(ScopedFormMixin, PortalForm, forms.Form):
    """A small form that asks what a page needs, in officers' dress."""


class ScopedModelForm(ScopedFormMixin, RecordForm):
    """A form of a record. What a constraint of the database refuses is said beside the field that it speaks of."""

    def _post_clean(self) -> None:
        super()._post_clean()
        above = self.errors.pop(NON_FIELD_ERRORS, None)
        for error in above.as_data() if above else []:
            place = self._place(error)
            self.add_error(None if place == NON_FIELD_ERRORS else place, error)

    def _place(self, error: ValidationError) -> str:
        """The field of the form that the constraint behind `error` names first."""
        for constraint in self.instance._meta.constraints:
            if str(constraint.get_violation_error_message()) in error.messages:
                for name in _named_in(constraint):
                    if name in self.fields:
                        return name
        return NON_FIELD_ERRORS


def _named_in(constraint: models.BaseConstraint) -> list[str]:
    """Fields that a constraint speaks of: of a unique one first those that a key follows from."""
    if isinstance(constraint, models.UniqueConstraint):
        names = [FOLLOWS.get(name, name) for name in constraint.fields]
        return sorted(names, key=lambda name: name not in FOLLOWS.values())
    condition = getattr(constraint, "condition", None)
    return list(_columns(condition)) if isinstance(condition, Q) else []


def _columns(condition: Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, Q):
            yield from _columns(child)
        elif isinstance(child, tuple):
            yield child[0].split("__")[0]
