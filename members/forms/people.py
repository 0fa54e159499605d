"""What the forms of persons share: names and phones in the form that ledgers give them, numbers that fit the rest."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from members.forms.numbers import AskedNumberMixin
from members.models import Union
from members.models.codes import Gender, IdType
from pingtang_union.core.cleaning import Cleaner, CleanError, person_name, phone
from pingtang_union.core.forms import ScopedModelForm
from pingtang_union.core.permissions import may_reveal
from pingtang_union.core.text import narrow
from pingtang_union.lists import ChooserField

_GB_11643 = re.compile(r"[0-9]{17}[0-9X]")


def cleaned(cleaner: Cleaner, value: str) -> str:
    """`value` as a ledger's cell would be read. Raises ValidationError with the cleaner's words."""
    try:
        return cleaner(value).value or ""
    except CleanError as error:
        raise ValidationError(str(error)) from error


class OwnUnionForm(ScopedModelForm):
    """A new record belongs to a union: the user's only one, without asking, or one of hers that `among` leaves."""

    among = "standing"

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields.get("union")
        if not isinstance(field, forms.ModelChoiceField):
            return
        if self.instance.pk is not None:
            del self.fields["union"]  # where a record belongs is changed by an act
            return
        unions = Union.objects.visible_to(self.user)
        few = list(unions.standing()[:2])
        if len(few) == 1:
            self.instance.union = few[0]
            del self.fields["union"]
        else:
            self.fields["union"] = ChooserField(getattr(unions, self.among)(), among=self.among, label=field.label)
            self.initial.setdefault("union", self.user.union_id)


class PersonForm(AskedNumberMixin, OwnUnionForm):
    """A person. `warnings` holds, after validation, what the number says otherwise than the form."""

    warnings: list[str]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.warnings = []
        if self.instance.pk is not None and not may_reveal(self.user, self._meta.model):
            self.fields.pop("born_on", None)  # the year is all that this user sees
        self.fields["name"].widget.attrs.update(autocomplete="off")
        self.fields["phone"].widget.input_type = "tel"
        self.fields["phone"].widget.attrs.update(autocomplete="off")
        self.fields["id_number"].widget.attrs.update(autocomplete="off", maxlength=30)
        if self.instance.pk is not None and self.instance.id_number:
            self.fields["id_number"].help_text = "号码不变的，保留星号即可；需更正的，清空后填写完整号码。"

    def clean_name(self) -> str:
        """As ledgers read it."""
        return cleaned(person_name, self.cleaned_data["name"])

    def clean_phone(self) -> str:
        """As ledgers read it."""
        return cleaned(phone, self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        """Gender and birth follow from a resident's number where they are left out; what differs is told."""
        data = super().clean() or self.cleaned_data
        number = narrow(str(data.get("id_number") or "")).upper()
        if data.get("id_type") in (IdType.RESIDENT, IdType.PERMIT) and _GB_11643.fullmatch(number):
            gender = Gender.MALE if int(number[16]) % 2 else Gender.FEMALE
            born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
            self._follow("gender", gender, data.get("gender") in ("", Gender.UNKNOWN, Gender.UNSTATED, gender))
            self._follow("born_on", born, born.startswith(data.get("born_on") or ""))
        self.look_at_number(data)
        return data

    def _follow(self, name: str, value: str, fits: bool) -> None:
        if fits:
            self.cleaned_data[name] = value
            if name not in self.fields:
                setattr(self.instance, name, value)
        elif name in self.fields:
            self.warnings.append(f"填写的{self.fields[name].label}与证件号码不一致，请核对更正。")
