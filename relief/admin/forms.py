"""What the county's small pages on hardship files and policies ask."""

from typing import Any

from django import forms

from pingtang_union.admin import DayField, PlainForm, RecordField, choose
from relief.models import Group, Household, Instalment
from relief.models.codes import CheckVerdict
from relief.services.households import MONEY


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

    plan = RecordField(label="发放计划")
    cash = forms.DecimalField(label="慰问金（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    goods = forms.DecimalField(label="慰问物资折价（元）", max_digits=14, decimal_places=2, min_value=0, initial=0)
    group = forms.ModelChoiceField(
        label="人员类别", queryset=Group.objects.filter(is_in_use=True), required=False, empty_label="未填写",
        help_text="发放计划只有一类对象的不用选",
    )  # fmt: skip
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, record: Household, user: Any, **kwargs: Any):
        super().__init__(*args, record=record, user=user, **kwargs)
        plans = Instalment.objects.visible_to(user).select_related("union", "programme")
        self.offer("plan", [(one, str(one)) for one in plans if record.union.path.startswith(one.union.path)])


class NumberForm(PlainForm):
    """Whose number, and why."""

    person = RecordField(label="家庭成员")
    reason = forms.CharField(label="查看理由", max_length=200, widget=forms.Textarea, required=False)

    def __init__(self, *args: Any, record: Household, **kwargs: Any):
        super().__init__(*args, record=record, **kwargs)
        self.offer("person", [(one, one.told) for one in record.people.all()])


class FindingForm(PlainForm):
    """What was found in a drawn file."""

    check = RecordField(label="抽中的档案")
    is_in_order = forms.ChoiceField(label="结论", choices=choose([("yes", "档案规范"), ("no", "需要整改")]))
    findings = forms.CharField(label="抽查情况", max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Any, **kwargs: Any):
        super().__init__(*args, record=record, **kwargs)
        checks = record.checks.filter(answer="", household__isnull=False).select_related("household", "union")
        self.offer("check", [(one, f"{one.union}：{one.household}") for one in checks])

    def clean_is_in_order(self) -> bool:
        return bool(self.cleaned_data["is_in_order"] == "yes")
