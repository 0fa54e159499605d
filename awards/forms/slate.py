"""What the page of a slate is asked for."""

from typing import Any

from django import forms

from awards.models import Honour, RecipientKind, SelectionRound
from awards.slate import Basis
from pingtang_union.core.forms import PortalForm

HELPS = "yes"


class SlateForm(PortalForm, forms.Form):
    """Which title, and who counts as on the slate."""

    honour = forms.ModelChoiceField(label="荣誉", queryset=Honour.objects.none(), required=False, empty_label="全部")
    basis = forms.ChoiceField(label="统计范围", choices=Basis.choices)
    helps = forms.ChoiceField(label="列出", required=False, choices=[("", "全部"), (HELPS, "只看能补上缺口的")])

    def __init__(self, data: Any, *, round: SelectionRound, basis: str):
        super().__init__({"basis": basis, **data.dict()})
        persons = round.honours.filter(kind=RecipientKind.PERSON)
        self.fields["honour"].queryset = persons.in_order()  # type: ignore[attr-defined]  # a ModelChoiceField's
