"""Forms of the steps in which a hardship file is filled in, and of the visit at home."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from members.models import Union
from members.models.codes import IdType
from pingtang_union.core.forms import ScopedForm, ScopedModelForm
from pingtang_union.lists import ChooserField
from pingtang_union.workflow import filling
from relief.models import Cause, Exclusion, Group, Household, HouseholdPerson, Instalment, PolicyPaper
from relief.models.codes import NATIONAL, Purpose, Relation
from relief.models.people import GUARDED_AGE, MOST_OTHER_CAUSES
from relief.services.households import ACCOUNT, MONEY, WHO

LONGEST_HEALTH = 200
TELLING_BIRTH = (IdType.RESIDENT, IdType.PERMIT)  # documents whose number holds the day of birth


def _need(form: forms.BaseForm, *names: str) -> None:
    """What handing in needs is asked where it is filled in."""
    for name in names:
        form.fields[name].required = True


class StartForm(ScopedModelForm):
    """Who it is, where the worker stands on no roster."""

    class Meta:
        model = Household
        fields = ("name", "union")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        unions = Union.objects.visible_to(self.user).standing()
        if unions[:2].count() < 2:
            del self.fields["union"]
        else:
            self.fields["union"] = ChooserField(unions, among="standing", label="所在工会")


class WhoForm(ScopedModelForm):
    """Step 1: where the worker lives and works."""

    class Meta:
        model = Household
        fields = WHO

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _need(self, *(name for name in WHO if name not in (*NATIONAL, "is_single_parent")))


class PersonForm(ScopedModelForm):
    """One person of the household. Of the worker the relation isn't asked; where health is there and not the reader's
    to see, its mask stands in the field, and leaving it keeps what is there."""

    class Meta:
        model = HouseholdPerson
        fields = (
            "relation", "name", "id_type", "id_number", "born_on", "ethnicity", "health", "standing",
            "marital", "hukou", "political", "model_worker", "has_insurance", "income", "school", "grade",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.is_worker:
            for name in ("relation", "school", "grade"):
                del self.fields[name]
        else:
            relations = [pair for pair in self.fields["relation"].choices if pair[0] != Relation.SELF]  # type: ignore[attr-defined]  # a ChoiceField's
            self.fields["relation"].choices = relations  # type: ignore[attr-defined]
        _need(self, "id_number", "health", "hukou")
        self.fields["born_on"].help_text = "身份证、居住证不用填；其他证件看不出年龄，要填写"
        if self.instance.id_type in TELLING_BIRTH:  # beside the mask of the number it would tell the number
            self.initial["born_on"] = None
        self.fields["health"].validators.append(MaxLengthValidator(LONGEST_HEALTH))
        self.fields["health"].widget.attrs["maxlength"] = LONGEST_HEALTH
        self.fields["standing"].help_text = "未成年人不填"
        self.fields["income"].help_text = "工资、奖金、养老金等，税后；没有的填 0"

    def clean_born_on(self) -> str | None:
        """What the number tells isn't asked, and not forgotten."""
        born_on, id_type = self.cleaned_data["born_on"], self.cleaned_data.get("id_type")
        if not born_on and id_type and id_type not in TELLING_BIRTH:
            raise forms.ValidationError("这种证件看不出出生日期，请填写。")
        return born_on or self.instance.born_on


class MoneyForm(ScopedModelForm):
    """Step 3: income and spending of the household in the last twelve months, and what keeps it out."""

    class Meta:
        model = Household
        fields = MONEY
        labels = {"exclusions_checked": "以上情形已逐项核实"}

    def __init__(self, *args: Any, excluding: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = forms.ModelMultipleChoiceField(
            queryset=excluding, required=False, widget=forms.CheckboxSelectMultiple,
            label="有下列情形的请勾选", initial=list(self.instance.exclusions.all()),
        )  # fmt: skip
        self.fields["exclusions"] = field
        self.order_fields([*(name for name in MONEY if name != "exclusions_checked"), "exclusions"])


class PapersForm(filling.PapersForm):
    """Step 4: causes, and a scan for each paper that the policy asks for."""

    main = forms.ModelChoiceField(label="主要致困原因", queryset=Cause.objects.filter(is_in_use=True))
    others = forms.ModelMultipleChoiceField(
        label="其他致困原因", queryset=Cause.objects.filter(is_in_use=True), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=f"最多 {MOST_OTHER_CAUSES} 项",
    )  # fmt: skip

    def accepted(self, paper: PolicyPaper) -> str:
        return filling.PICTURES if paper.is_identity else super().accepted(paper)

    def clean_others(self) -> Any:
        others = self.cleaned_data["others"]
        if len(others) > MOST_OTHER_CAUSES:
            raise forms.ValidationError(f"其他致困原因最多选 {MOST_OTHER_CAUSES} 项。")
        return others


class ConsentForm(ScopedModelForm):
    """Step 5: who signed what, and the worker's own account."""

    class Meta:
        model = Household
        fields = ACCOUNT

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _need(self, *ACCOUNT)
        self.people = list(self.instance.people.prefetch_related("consents"))
        adults = [(one.pk, one.name) for one in self.people if not one.is_minor]
        for person in self.people:
            given = {one.purpose for one in person.consents.all() if one.withdrawn_on is None}
            for purpose in Purpose:
                if (purpose == Purpose.PUBLICITY and not person.is_worker) or purpose in given:
                    continue
                self.fields[f"{purpose}-{person.pk}"] = forms.DateField(
                    label=f"{person.told}：{purpose.label}授权书签署日期", required=False,
                    widget=forms.DateInput({"autocomplete": "off", "data-date": "day"}, format="%Y-%m-%d"),
                )  # fmt: skip
                if person.is_minor:
                    self.fields[f"signer-{purpose}-{person.pk}"] = forms.ChoiceField(
                        label="签署人", choices=[("", f"本人（满 {GUARDED_AGE} 周岁）"), *adults], required=False
                    )

    def signed(self) -> list[tuple[HouseholdPerson, str, Any, HouseholdPerson | None]]:
        """(person, purpose, day, guardian) of what is noted now."""
        by_key = {str(one.pk): one for one in self.people}
        return [
            (person, purpose, day, by_key.get(self.cleaned_data.get(f"signer-{purpose}-{person.pk}", "")))
            for person in self.people
            for purpose in Purpose.values
            if (day := self.cleaned_data.get(f"{purpose}-{person.pk}"))
        ]


class VisitForm(ScopedForm):
    """A visit at home."""

    visited_on = forms.DateField(label="走访日期")
    companion = forms.CharField(label="同行走访人", max_length=50, help_text="入户走访由两人进行")
    findings = forms.CharField(
        label="走访情况", max_length=500, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="家庭居住、收入支出、健康就学等，与申报是否一致",
    )  # fmt: skip
    photos = filling.ManyFilesField(label="走访照片", accept=filling.PICTURES)


class ReliefForm(ScopedForm):
    """Relief for the worker of a file."""

    plan = forms.ModelChoiceField(label="发放计划", queryset=Instalment.objects.none(), empty_label="请选择")
    cash = forms.DecimalField(label="慰问金（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    goods = forms.DecimalField(label="慰问物资折价（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    group = forms.ModelChoiceField(
        label="人员类别", queryset=Group.objects.filter(is_in_use=True), required=False,
        help_text="发放计划只有一类对象的不用选",
    )  # fmt: skip
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        open_ones = Instalment.objects.visible_to(self.user).open_on(timezone.localdate())
        self.fields["plan"].queryset = open_ones.select_related("programme")  # type: ignore[attr-defined]


class AnswerForm(ScopedForm):
    """A union's answer to a spot check."""

    answer = forms.CharField(label="整改情况", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


def excluding(household: Household) -> Any:
    """What the policy in force says keeps a household out."""
    policy = household.policy()
    return policy.exclusions.all() if policy is not None else Exclusion.objects.none()
