"""Forms of members: their facts, and the acts of membership."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.acts import Act
from members.forms.people import PersonForm, cleaned
from members.models import Member, MembershipEvent, Union
from members.services import check_receiving
from pingtang_union.core.cleaning import mobile
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.fields import PartialDateFormField
from pingtang_union.core.forms import ScopedForm
from pingtang_union.lists import ChooserField

_DATE_HELP = "如 2026-05-12、2026.05.12；只知道月份也可以"


def date_field(label: str = "日期") -> PartialDateFormField:
    """A day, a month or a year, as ledgers take it."""
    return PartialDateFormField(label=label, help_text=_DATE_HELP)


def registering(user: Any) -> Any:
    """The unions of the user's subtree that keep a roster of members."""
    return Union.objects.visible_to(user).registering()


class MemberForm(PersonForm):
    """A member's facts. Union, standing and date of joining follow from the acts: they are asked once, when a new
    member is registered, and changed by acts afterwards."""

    among = "registering"
    groups = (
        ("会员", ("union", "name", "id_type", "id_number", "joined_on", "phone")),
        ("就业", ("employer", "contract", "employment", "is_migrant", "new_form", "skill")),
    )

    class Meta:
        model = Member
        fields = (
            *("union", "name", "id_type", "id_number", "joined_on", "phone"),
            *("employer", "contract", "employment", "is_migrant", "new_form", "skill"),
            *("gender", "ethnicity", "born_on", "education", "political", "card_number", "team"),
            *("household", "household_place", "native_place", "note"),
        )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["id_number"].required = True
        if self.instance.pk is None:
            self.fields["joined_on"].required = True
        else:
            del self.fields["joined_on"]

    def clean_phone(self) -> str:
        """A mobile number: it is how a member is reached."""
        return cleaned(mobile, self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        """Also that the union keeps a roster."""
        data = super().clean()
        union = data.get("union") or (self.instance.union if self.instance.union_id else None)
        if self.instance.pk is None and union is not None:
            try:
                check_receiving(union)
            except DomainError as error:
                raise ValidationError(str(error)) from error
        return data

    def known(self) -> Member | None:
        """The member, in whatever union, who has this number already; None where the number is free or wrong."""
        is_taken = self.is_bound and "id_number" in self.errors and not self.uncompared
        index = self.instance.id_index if is_taken else None
        return Member.objects.filter(id_index=index).exclude(pk=self.instance.pk).first() if index else None


class ActForm(ScopedForm):
    """What an act asks: its day, its reason, and the union that it leads into where there is a choice."""

    union = ChooserField(label="接收工会", queryset=Union.objects.none(), among="registering")
    on = date_field()
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, act: Act, member: Member, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate().isoformat())
        self.fields["reason"].required = act.needs_reason
        self.single: Union | None = None
        if not act.leads_into_union:
            del self.fields["union"]
        else:
            self.single = offer_unions(self, "union", default=member.union_id)

    def facts(self) -> dict[str, Any]:
        """on, reason, and union where the act leads into one: what its service takes."""
        facts: dict[str, Any] = {**self.cleaned_data}
        return {**facts, "union": self.single} if self.single else facts


def offer_unions(form: ScopedForm, name: str, *, default: int | None) -> Union | None:
    """Fill a form's union field with the rosters that the user keeps. Where there is only one the field goes, and the
    union is given back."""
    unions = registering(form.user)
    few = list(unions[:2])
    if len(few) == 1:
        del form.fields[name]
        return few[0]
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  the forms of this module declare it
    field.queryset = unions
    form.initial.setdefault(name, default)
    return None


class CorrectForm(ScopedForm):
    """The right day and reason of an act."""

    on = date_field()
    reason = forms.CharField(label="原因", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, event: MembershipEvent, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial.update({"on": event.on, "reason": event.reason})
        self.fields["on"].required = bool(event.on)


class CancelForm(ScopedForm):
    """Why an act should not have been recorded."""

    reason = forms.CharField(
        label="撤销的原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="如：登记对象有误",
    )
