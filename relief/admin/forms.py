"""What the county's small pages on hardship files and policies ask."""

from typing import Any

from django import forms
from django.utils import timezone

from pingtang_union.admin import PlainForm
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.objections import ObjectionWay
from relief.models import Group, Household, Instalment
from relief.models.codes import CheckVerdict
from relief.services.households import MONEY


def choose(choices: Any) -> list[tuple[str, str]]:
    """With a first line that chooses nothing."""
    return [("", "请选择"), *choices]


class DayField(forms.DateField):
    """A whole day; today to begin with."""

    widget = forms.DateInput

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("initial", timezone.localdate)
        super().__init__(**kwargs)


class VisitForm(PlainForm):
    """A visit at home, by the county."""

    visited_on = DayField(label="走访日期")
    companion = forms.CharField(label="同行走访人", max_length=50, help_text="入户走访由两人进行")
    findings = forms.CharField(label="走访情况", max_length=500, widget=forms.Textarea)


class CheckForm(PlainForm):
    """The check of income and property by civil affairs."""

    asked_on = DayField(label="提请核对日期")
    answered_on = forms.DateField(label="核对答复日期", required=False, help_text="没有答复的不填")
    verdict = forms.ChoiceField(label="核对结果", choices=choose(CheckVerdict.choices), required=False)
    note = forms.CharField(label="核对情况", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Household, **kwargs: Any):
        known = {"asked_on": record.check_asked_on, "answered_on": record.check_answered_on,
                 "verdict": record.check_verdict, "note": record.check_note}  # fmt: skip
        begun = {name: value for name, value in known.items() if value}
        super().__init__(*args, record=record, initial=begun, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("answered_on")) != bool(given.get("verdict")):
            self.add_error("verdict", "核对答复日期和结果要一并填写。")
        return given


class ActForm(PlainForm):
    """An act on a file that stands: its day and reason."""

    on = DayField(label="日期")
    reason = forms.CharField(label="原因或情况", max_length=200, widget=forms.Textarea)


class RecheckForm(ActForm):
    """The yearly re-check: what each earns now, income and spending of the household."""

    def __init__(self, *args: Any, record: Household, **kwargs: Any):
        super().__init__(*args, record=record, **kwargs)
        self.people = list(record.people.all())
        for one in self.people:
            self.fields[f"wage-{one.pk}"] = self._amount(f"{one.told}近12个月工资性收入（元）", one.income)
        for name in MONEY[:-1]:
            field: Any = record._meta.get_field(name)
            self.fields[name] = self._amount(str(field.verbose_name), getattr(record, name))

    def _amount(self, label: str, value: Any) -> forms.DecimalField:
        field = forms.DecimalField(label=label, max_digits=14, decimal_places=2, initial=value)
        field.widget = forms.TextInput(attrs={"inputmode": "decimal"})
        return field

    def given(self) -> dict[str, Any]:
        """As relief.services.recheck takes it."""
        data = self.cleaned_data
        return {
            "on": data["on"],
            "reason": data["reason"],
            "values": {name: data[name] for name in MONEY[:-1]},
            "wages": {one.pk: data[f"wage-{one.pk}"] for one in self.people},
        }


class GrantForm(PlainForm):
    """A grant out of a file."""

    plan = forms.ChoiceField(label="发放计划")
    cash = forms.DecimalField(label="慰问金（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    goods = forms.DecimalField(label="慰问物资折价（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    group = forms.ModelChoiceField(
        label="人员类别", queryset=Group.objects.filter(is_in_use=True), required=False, empty_label="未填写",
        help_text="发放计划只有一类对象的不用选",
    )  # fmt: skip
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, record: Household, user: Any, **kwargs: Any):
        plans = Instalment.objects.visible_to(user).select_related("union", "programme")
        self.plans = {str(one.pk): one for one in plans if record.union.path.startswith(one.union.path)}
        super().__init__(*args, record=record, user=user, **kwargs)
        self.fields["plan"].choices = choose((key, str(one)) for key, one in self.plans.items())  # type: ignore[attr-defined]  # a ChoiceField's

    def clean_plan(self) -> Instalment:
        return self.plans[self.cleaned_data["plan"]]


class NumberForm(PlainForm):
    """Whose number, and why."""

    person = forms.ChoiceField(label="家庭成员")
    reason = forms.CharField(label="查看理由", max_length=200, widget=forms.Textarea, required=False)

    def __init__(self, *args: Any, record: Household, **kwargs: Any):
        self.people = {str(one.pk): one for one in record.people.all()}
        super().__init__(*args, record=record, **kwargs)
        self.fields["person"].choices = choose((key, one.told) for key, one in self.people.items())  # type: ignore[attr-defined]  # a ChoiceField's

    def clean_person(self) -> Any:
        return self.people[self.cleaned_data["person"]]


class ObjectionForm(PlainForm):
    """An objection that came."""

    received_on = DayField(label="收到日期")
    way = forms.ChoiceField(label="方式", choices=choose(ObjectionWay.choices))
    objector = forms.CharField(label="提出人和联系方式", max_length=100, required=False, help_text="加密保存")
    text = forms.CharField(label="异议内容", max_length=1000, widget=forms.Textarea)


class SettleForm(PlainForm):
    """What was found about an objection."""

    objection = forms.ChoiceField(label="异议")
    state = forms.ChoiceField(label="核查结果", choices=choose(ObjectionState.choices[1:]))
    finding = forms.CharField(label="核查情况", max_length=1000, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Household, **kwargs: Any):
        self.open = {str(one.pk): one for one in record.objections.filter(state=ObjectionState.OPEN)}
        super().__init__(*args, record=record, **kwargs)
        self.fields["objection"].choices = choose((key, f"{one}：{one.text[:40]}") for key, one in self.open.items())  # type: ignore[attr-defined]  # a ChoiceField's

    def clean_objection(self) -> Any:
        return self.open[self.cleaned_data["objection"]]


class FindingForm(PlainForm):
    """What was found in a drawn file."""

    check = forms.ChoiceField(label="抽中的档案")
    is_in_order = forms.ChoiceField(label="结论", choices=choose([("yes", "档案规范"), ("no", "需要整改")]))
    findings = forms.CharField(label="抽查情况", max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Any, **kwargs: Any):
        checks = record.checks.filter(answer="", household__isnull=False).select_related("household", "union")
        self.checks = {str(one.pk): one for one in checks}
        super().__init__(*args, record=record, **kwargs)
        names = ((key, f"{one.union}：{one.household}") for key, one in self.checks.items())
        self.fields["check"].choices = choose(names)  # type: ignore[attr-defined]  # a ChoiceField's

    def clean_check(self) -> Any:
        return self.checks[self.cleaned_data["check"]]

    def clean_is_in_order(self) -> bool:
        return bool(self.cleaned_data["is_in_order"] == "yes")
