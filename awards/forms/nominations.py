"""Forms of the steps in which a nomination is filled in, and of what townships do with several."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from awards.models import Nomination, NomineeKind, RecipientKind, RequiredPaper, RoundVeto
from awards.models.nominations import MOST_MERITS, MOST_SUMMARY
from members.models import Cadre, Member, Union
from pingtang_union.core.forms import ScopedForm, ScopedModelForm
from pingtang_union.lists import ChooserField
from pingtang_union.workflow import filling

PERSONS = [(value, label) for value, label in NomineeKind.choices if value != NomineeKind.COLLECTIVE]
NO, YES = "no", "yes"


class _StepForm(ScopedModelForm):
    """What is wrong with something of another step is said above the form."""

    def add_error(self, field: str | None, error: Any) -> None:
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                super().add_error(name if name in self.fields else None, ValidationError(errors))
        else:
            super().add_error(field if field in self.fields or field == NON_FIELD_ERRORS else None, error)


class NomineeForm(_StepForm):
    """Step 1: the title, and what is to be said of who is nominated.

    The nominee is a record of the portal (`nominee`), or is entered by name. What follows from the record isn't asked.
    """

    class Meta:
        model = Nomination
        fields = ("honour", "union", "name", "kind", "position", "is_migrant", "is_non_public")
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args: Any, nominee: Union | Member | Cadre | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        draft = self.instance
        is_person = draft.honour.is_for_person
        self._offer_honours(is_person)
        self._offer_unions(nominee)
        if nominee is not None:
            del self.fields["name"]
        else:
            self.fields["name"].label = "姓名" if is_person else "集体（岗位）名称"
            self.fields["name"].widget.attrs["autocomplete"] = "off"
        if is_person:
            self.fields["kind"].choices = PERSONS  # type: ignore[attr-defined]  # a ChoiceField's
            self.fields["position"].required = True
            self.fields["is_non_public"].label = "所在单位是非公有制企业（私营、个体、外资等）"
        else:
            draft.kind = NomineeKind.COLLECTIVE
            for name in ("kind", "position", "is_migrant", "is_non_public"):
                del self.fields[name]
        if isinstance(nominee, Member) and nominee.is_migrant:
            del self.fields["is_migrant"]  # the roster says so

    def _offer_honours(self, is_person: bool) -> None:
        """Titles of the round for the same kind of recipient; where there is one only, it isn't asked."""
        draft = self.instance
        offered = draft.round.honours.in_order()
        person = RecipientKind.PERSON
        offered = offered.filter(kind=person) if is_person else offered.exclude(kind=person)
        if [honour.pk for honour in offered] == [draft.honour_id]:
            del self.fields["honour"]
        else:
            self.fields["honour"].queryset = offered  # type: ignore[attr-defined]  # a ModelChoiceField's

    def _offer_unions(self, nominee: Any) -> None:
        """Whose nomination it is follows from the record; for a name, the user says which of her unions."""
        unions = Union.objects.visible_to(self.user).standing()
        if self.instance.pk is not None or nominee is not None or unions[:2].count() < 2:
            del self.fields["union"]
        else:
            self.fields["union"] = ChooserField(unions, among="standing", label=self.fields["union"].label)


class MeritsForm(_StepForm):
    """Step 2: what the nominee has done, at length and in short. Limits count characters without white space."""

    class Meta:
        model = Nomination
        fields = ("deeds", "summary")
        widgets = {
            "deeds": forms.Textarea(attrs={"rows": 16, "data-count": MOST_MERITS}),
            "summary": forms.Textarea(attrs={"rows": 5, "data-count": MOST_SUMMARY}),
        }
        labels = {"deeds": "事迹材料", "summary": "事迹简介"}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # A browser would cut off what is too long without a word; the count says it.
        self.fields["summary"].widget.attrs.pop("maxlength", None)


class PapersForm(filling.PapersForm):
    """Step 3: papers to tick off, and files for each of them and for none."""

    def __init__(self, *args: Any, papers: list[RequiredPaper], ready: set[int], **kwargs: Any):
        super().__init__(*args, papers=papers, **kwargs)
        for paper in papers:
            self.fields[f"ready-{paper.pk}"] = forms.BooleanField(
                label="已经备齐", required=False, initial=paper.pk in ready
            )

    def box(self, paper: RequiredPaper) -> forms.BoundField:
        """Where a paper is ticked off."""
        return self[f"ready-{paper.pk}"]

    def ready(self) -> list[RequiredPaper]:
        """The papers ticked off."""
        return [paper for paper in self.papers if self.cleaned_data[f"ready-{paper.pk}"]]


class VetoesForm(ScopedForm):
    """Step 4: of each veto whether it occurred. One may be left open for the time being."""

    def __init__(self, *args: Any, vetoes: list[RoundVeto], answers: dict[int, tuple[bool, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.vetoes = vetoes
        for veto in vetoes:
            occurred, explanation = answers.get(veto.pk, (None, ""))
            self.fields[f"occurred-{veto.pk}"] = forms.ChoiceField(
                label=str(veto),
                choices=((NO, "无"), (YES, "有")),
                widget=forms.RadioSelect,
                required=False,
                initial={None: "", False: NO, True: YES}[occurred],
            )
            self.fields[f"explanation-{veto.pk}"] = forms.CharField(
                label="说明", max_length=200, required=False, initial=explanation
            )

    def lines(self) -> list[tuple[RoundVeto, forms.BoundField, forms.BoundField]]:
        """Each veto with its two fields."""
        return [(veto, self[f"occurred-{veto.pk}"], self[f"explanation-{veto.pk}"]) for veto in self.vetoes]

    def clean(self) -> dict[str, Any]:
        """What is explained has to be answered: an explanation alone would be lost."""
        data = super().clean() or self.cleaned_data
        for veto in self.vetoes:
            if data.get(f"explanation-{veto.pk}") and not data.get(f"occurred-{veto.pk}"):
                self.add_error(f"occurred-{veto.pk}", "请选「无」或「有」。")
        return data

    def answers(self) -> dict[RoundVeto, tuple[bool, str]]:
        """As awards.services.answer_vetoes takes them; those left open aren't there."""
        return {
            veto: (self.cleaned_data[f"occurred-{veto.pk}"] == YES, self.cleaned_data[f"explanation-{veto.pk}"])
            for veto in self.vetoes
            if self.cleaned_data[f"occurred-{veto.pk}"]
        }
