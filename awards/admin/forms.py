"""What the county's small pages on nominations, awards and rounds ask."""

from typing import Any

from django import forms

from awards.models import Award, Naming, Nomination, OpinionVerdict, SelectionRound
from pingtang_union.admin import DayField, PlainForm, RecordField, RecordForm, choose
from pingtang_union.core.fields import PartialDateFormField


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

    required = RecordField(label="部门")
    verdict = forms.ChoiceField(label="意见", choices=choose(OpinionVerdict.choices))
    on = DayField(label="答复日期")
    note = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea, help_text="不同意的，须写明原因"
    )

    def __init__(self, *args: Any, record: Nomination, **kwargs: Any):
        asked = record.required_opinions()
        given = set(record.opinions.values_list("required_id", flat=True))
        begun = {"required": next((str(one.pk) for one in asked if one.pk not in given), "")}
        super().__init__(*args, record=record, initial=begun, **kwargs)
        self.offer("required", [
            (one, f"{one.department}（已登记，可更正）" if one.pk in given else one.department) for one in asked
        ])  # fmt: skip


class NamingForm(PlainForm):
    """What the superior answered."""

    naming = forms.ChoiceField(label="命名结果", choices=choose(Naming.choices))
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

    source = RecordField(label="从哪次评选复制")

    def __init__(self, *args: Any, user: Any, record: SelectionRound, **kwargs: Any):
        super().__init__(*args, user=user, record=record, **kwargs)
        others = SelectionRound.objects.visible_to(user).exclude(pk=record.pk)
        self.offer("source", [(one, f"{one.title}（{one.year} 年）") for one in others])


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
