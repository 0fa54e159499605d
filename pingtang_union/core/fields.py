"""Model fields of our own: sealed texts with a blind index, and dates known to the year, month or day."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Substr
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from pingtang_union.core import crypto
from pingtang_union.core.cleaning import CleanError, partial_date
from pingtang_union.core.dates import is_partial_date
from pingtang_union.core.masking import mask
from pingtang_union.core.validators import tidy_document_number, validate_document_number


class Sealed:
    """An encrypted text as models hold it: anything that prints it prints the mask."""

    __slots__ = ("token",)

    def __init__(self, token: bytes):
        self.token = bytes(token)

    def reveal(self) -> str:
        """The full text. Callers record why (core.audit.record_reveal)."""
        return crypto.unseal(self.token)

    def __str__(self) -> str:
        return mask(self.reveal())

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sealed):
            return self.token == other.token or self.reveal() == other.reveal()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.token)


class Hidden(Sealed):
    """A sealed text of which nothing is shown, not even its end: words about health, who objected."""

    __slots__ = ()

    def __str__(self) -> str:
        return "******"

    __repr__ = __str__


class SealedFormField(forms.CharField):
    """Shows the mask; submitting the mask unchanged keeps the sealed value."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "autocomplete": "off"}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed("" if initial is None else str(initial), data)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Sealed) else value


class SealedField(models.BinaryField):
    """A text encrypted at rest. Takes str or Sealed, gives Sealed. An empty text is stored as NULL.

    With `index="field_name"` the blind index goes into that column whenever the text is set and saved. Of a
    `hidden` one nothing is shown, not even a mask with its end.
    """

    description = "加密文本"

    def __init__(self, *args: Any, index: str = "", hidden: bool = False, **kwargs: Any):
        self.index = index
        self.sealed: type[Sealed] = Hidden if hidden else Sealed
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.index:
            kwargs["index"] = self.index
        if self.sealed is Hidden:
            kwargs["hidden"] = True
        kwargs["null"] = self.null
        return name, path, args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else self.sealed(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, bytes | memoryview):
            return self.sealed(bytes(value))
        return value or None

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):
            value = Sealed(crypto.seal(value)) if value else None
        return value.token if isinstance(value, Sealed) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, str):
            if self.index:
                setattr(model_instance, self.index, crypto.blind_index(value) if value else None)
            value = self.sealed(crypto.seal(value)) if value else None
            setattr(model_instance, self.attname, value)
        elif value is None and self.index:
            setattr(model_instance, self.index, None)
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """A form that gives back the mask it showed leaves the sealed value as it is."""
        kept = getattr(instance, self.attname)
        if not (isinstance(kept, Sealed) and data == str(kept)):
            super().save_form_data(instance, data)

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.setdefault("required", not self.blank)
        kwargs.setdefault("label", self.verbose_name)
        kwargs.setdefault("help_text", self.help_text)
        for name in ("form_class", "choices_form_class"):
            kwargs.pop(name, None)
        return SealedFormField(**kwargs)


class PartialDateFormField(forms.CharField):
    """Takes every way of writing a date that the ledgers take; the page puts a calendar beside it."""

    def __init__(self, *args: Any, is_plan: bool = False, **kwargs: Any):
        self.is_plan = is_plan
        super().__init__(*args, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "autocomplete": "off", "data-date": "month"}

    def to_python(self, value: Any) -> str | None:
        value = super().to_python(value)
        if not value:
            return None
        try:
            return partial_date(is_plan=self.is_plan)(value).value
        except CleanError as error:
            raise ValidationError(str(error)) from error


class PartialDateField(models.CharField):
    """A date as exact as it is known: "2016", "2016-05" or "2016-05-12" (ISO 8601), or NULL.

    Offices write 2016年5月 and mean it; turning that into 1 May would invent a day. The texts sort
    and compare as dates do: 2016-05 comes before every day of that month.

    A `guarded` one is shown as its year to whoever may not see the model's guarded numbers: a full date of birth
    is what the mask of an identity number leaves out. `is_plan` takes days to come. No column depends on either.
    """

    description = "日期（可只到年或月）"

    def __init__(self, *args: Any, guarded: bool = False, is_plan: bool = False, **kwargs: Any):
        self.guarded, self.is_plan = guarded, is_plan
        kwargs["max_length"] = 10
        kwargs["null"] = kwargs["blank"] = True
        kwargs.setdefault("help_text", "可以只写到月，如 2018.03 或 2018年3月")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for given in ("max_length", "null", "blank", "help_text"):
            kwargs.pop(given, None)
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value) or None

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if value and not is_partial_date(value):
            raise ValidationError("请写成 2018、2018-03 或 2018-03-31。")

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("widget", None)
        ours = {"form_class": PartialDateFormField, "empty_value": None, "is_plan": self.is_plan}
        return super().formfield(**ours | kwargs)


PartialDateField.register_lookup(Length)


class DocumentNumberField(models.CharField):
    """The number of an official document: 平工发〔2018〕12号 (GB/T 9704-2012, 7.2.5). Other brackets, wide digits, 第
    and leading zeros are put right when it is cleaned; what is no such number is refused."""

    description = "公文文号"
    default_validators = [validate_document_number]

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("max_length", 50)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return tidy_document_number(text) if text else text


def not_before(later: str, earlier: str) -> Q:
    """Constraint: `later` isn't before `earlier`, compared as exactly as the coarser of the two is known."""
    return Q(**{f"{later}__gte": Substr(F(earlier), 1, Length(F(later)))})


def account(label: str, *, null: bool = True, **options: Any) -> models.ForeignKey:
    """Who did it: an account that stays. Nobody looks records up by it, so that it has no index."""
    options |= {"null": null, "blank": null, "related_name": "+", "db_index": False}
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, **options)


def well_formed(name: str, *fields: str) -> models.CheckConstraint:
    """Each partial date is a year, a month or a day by its length and by the range of its parts.

    Whether a month has the day is checked where dates are read; databases differ in how they could.
    """
    condition = Q()
    for field in fields:
        length = Q(**{f"{field}__length": 4})
        month = _between(Substr(F(field), 6, 2), "01", "12") & _between(Substr(F(field), 5, 1), "-", "-")
        day = _between(Substr(F(field), 9, 2), "01", "31") & _between(Substr(F(field), 8, 1), "-", "-")
        condition &= Q(**{f"{field}__isnull": True}) | (
            _between(Substr(F(field), 1, 4), "1900", "2199")
            & (length | (Q(**{f"{field}__length": 7}) & month) | (Q(**{f"{field}__length": 10}) & month & day))
        )
    return models.CheckConstraint(
        condition=condition, name=name, violation_error_message="日期要写成 2018、2018-03 或 2018-03-31。"
    )


def _between(part: Substr, first: str, last: str) -> Q:
    if first == last:
        return Q(Exact(part, Value(first)))
    return Q(GreaterThanOrEqual(part, Value(first))) & Q(LessThanOrEqual(part, Value(last)))
