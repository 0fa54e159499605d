"""Forms of transfers: asking for one, answering one."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.forms.members import date_field, offer_unions
from members.forms.people import cleaned
from members.models import Union
from pingtang_union.core.cleaning import person_name
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.text import narrow
from pingtang_union.core.validators import validate_identity_number
from pingtang_union.lists import ChooserField

_RESIDENT = re.compile(r"\d{15,19}|\d{17}X")


class TransferInForm(ScopedForm):
    """Whom, into which union, from which day, why. Name and number have to be known: nobody is looked up by less."""

    union = ChooserField(label="转入工会", queryset=Union.objects.none(), among="registering")
    name = forms.CharField(label="姓名", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    id_number = forms.CharField(
        label="证件号码",
        max_length=40,
        help_text="填写完整号码，与身份证一致",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = date_field("转会日期")
    reason = forms.CharField(label="原因", max_length=200, help_text="如：已调入本单位工作")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate().isoformat())
        self.initial.setdefault("reason", "已调入本单位工作")
        self.single = offer_unions(self, "union", default=self.user.union_id)

    def clean_name(self) -> str:
        """As ledgers read it."""
        return cleaned(person_name, self.cleaned_data["name"])

    def clean_id_number(self) -> str:
        """Narrow, without blanks and dashes; a resident's is checked to its last digit."""
        number = narrow(self.cleaned_data["id_number"]).replace("-", "").upper()
        if "*" in number:
            raise ValidationError("号码里有星号，请填完整的号码。")
        if _RESIDENT.fullmatch(number):
            validate_identity_number(number)
        return number

    def to(self) -> Union:
        """The receiving union."""
        return self.single or self.cleaned_data["union"]


class AnswerForm(ScopedForm):
    """Agree, or refuse and say why."""

    decision = forms.ChoiceField(
        label="答复",
        choices=(("agree", "同意转出，会籍随即转到对方工会"), ("refuse", "不同意")),
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不同意的，请写明原因，对方可见",
    )
