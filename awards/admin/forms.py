"""What the county's small pages on nominations, awards and rounds ask."""

from typing import Any

from django import forms
from django.utils import timezone

from awards.models import Award, Naming, Nomination, NominationObjection, OpinionVerdict, SelectionRound
from pingtang_union.admin import PlainForm, RecordForm
from pingtang_union.core.fields import PartialDateFormField
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.objections import ObjectionWay


def _choose(choices: Any) -> list[tuple[str, str]]:
    return [("", "请选择"), *choices]


class DayField(forms.DateField):
    """A whole day, by the keyboard or by the browser's calendar; today to begin with."""

    widget = forms.DateInput

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("initial", timezone.localdate)
        super().__init__(**kwargs)


class ScoreForm(PlainForm):
    """The county's score."""

    score = forms.DecimalField(
        label="县级评分",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="0 至 100 分，可带两位小数",
    )
    note = forms.CharField(label="评分说明", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Nomination, **kwargs: Any):
        begun = {"score": record.county_score, "note": record.score_note}
        super().__init__(*args, record=record, initial=begun, **kwargs)


class OpinionForm(PlainForm):
    """What a department said; one that has spoken before is corrected."""

    required = forms.ChoiceField(label="部门")
    verdict = forms.ChoiceField(label="意见", choices=_choose(OpinionVerdict.choices))
    on = DayField(label="答复日期")
    note = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea, help_text="不同意的，须写明原因"
    )

    def __init__(self, *args: Any, record: Nomination, **kwargs: Any):
        self.asked = {str(required.pk): required for required in record.required_opinions()}
        given = {str(key) for key in record.opinions.values_list("required_id", flat=True)}
        begun = {"required": next((key for key in self.asked if key not in given), "")}
        super().__init__(*args, record=record, initial=begun, **kwargs)
        self.fields["required"].choices = _choose(
            (key, f"{required.department}（已登记，可更正）" if key in given else required.department)
            for key, required in self.asked.items()
        )

    def clean_required(self) -> Any:
        """The row of the round."""
        return self.asked[self.cleaned_data["required"]]


class ObjectionForm(PlainForm):
    """An objection as it came."""

    received_on = DayField(label="收到日期")
    way = forms.ChoiceField(label="方式", choices=_choose(ObjectionWay.choices))
    text = forms.CharField(label="异议内容", max_length=1000, widget=forms.Textarea)
    objector = forms.CharField(
        label="提出人和联系方式", max_length=200, required=False,
        help_text="可不填。加密保存，查看时须写明理由，并记入审计日志。",
    )  # fmt: skip

    def clean_received_on(self) -> Any:
        """Not a day to come."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("收到日期不能晚于今天。")
        return day


class SettleForm(PlainForm):
    """What came out of an objection."""

    objection = forms.ChoiceField(label="异议")
    state = forms.ChoiceField(
        label="核查结果",
        choices=_choose([(state.value, state.label) for state in (ObjectionState.DISMISSED, ObjectionState.UPHELD)]),
        help_text="经查属实的，不能作出决定：撤下公示、退回修改、重新审核，或不予通过。",
    )
    finding = forms.CharField(label="核查情况", max_length=1000, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Nomination, **kwargs: Any):
        waiting = NominationObjection.objects.filter(application=record, state=ObjectionState.OPEN)
        self.open = {str(objection.pk): objection for objection in waiting}
        if len(self.open) == 1:
            kwargs["initial"] = {"objection": next(iter(self.open))}
        super().__init__(*args, record=record, **kwargs)
        self.fields["objection"].choices = _choose(
            (key, f"{objection}：{objection.text[:30]}") for key, objection in self.open.items()
        )

    def clean_objection(self) -> NominationObjection:
        """The row itself."""
        return self.open[self.cleaned_data["objection"]]


class NamingForm(PlainForm):
    """What the superior answered."""

    naming = forms.ChoiceField(label="命名结果", choices=_choose(Naming.choices))
    on = PartialDateFormField(
        label="命名时间", required=False, help_text="已命名的必填；如 2026-04-25，只知道月份也可以"
    )
    document_number = forms.CharField(label="命名文号", max_length=50, required=False, help_text="已命名的必填")
    certificate_number = forms.CharField(label="证书编号", max_length=50, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea)

    def clean(self) -> dict[str, Any]:
        """A naming has its day and its document."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("naming") == Naming.NAMED:
            for name in ("on", "document_number"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, f"已命名的请填写{self.fields[name].label}。")
        return given


class RevokeForm(PlainForm):
    """When, why and by which document a title is taken back."""

    on = PartialDateFormField(label="撤销时间", help_text="如 2026-05-12；只知道月份也可以")
    document_number = forms.CharField(label="撤销文号", max_length=50)
    reason = forms.CharField(label="撤销原因", max_length=200, widget=forms.Textarea)


class CopyForm(PlainForm):
    """From which round."""

    source = forms.ChoiceField(label="从哪次评选复制")

    def __init__(self, *args: Any, user: Any, record: SelectionRound, **kwargs: Any):
        others = SelectionRound.objects.visible_to(user).exclude(pk=record.pk)
        self.rounds = {str(round.pk): round for round in others}
        super().__init__(*args, user=user, record=record, **kwargs)
        self.fields["source"].choices = _choose(
            (key, f"{round_.title}（{round_.year} 年）") for key, round_ in self.rounds.items()
        )

    def clean_source(self) -> Any:
        """The round."""
        return self.rounds[self.cleaned_data["source"]]


class AwardForm(RecordForm):
    """An award: to whom it went fits what the title is for."""

    def clean(self) -> dict[str, Any]:
        """At most one known recipient, of the title's kind; whoever is known gives the name where none is written."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        holders = {name: given[name] for name in ("recipient_union", "member", "cadre") if given.get(name)}
        for name in list(holders)[1:]:
            self.add_error(name, "获奖工会、会员、干部只能选一个。")
        honour = given.get("honour")
        if honour is not None:
            for name in holders:
                if (name == "recipient_union") == honour.is_for_person:
                    whom = "个人，不能选工会" if honour.is_for_person else "集体或岗位，不能选会员或干部"
                    self.add_error(name, f"「{honour}」授予{whom}。")
        return given

    class Meta:
        model = Award
        fields = "__all__"
