"""Forms of courses and of who attended them."""

import re
from typing import Any

from django import forms

from members.forms.people import OwnUnionForm, cleaned
from members.models import Attendance, Cadre, Training, Union
from members.models.codes import Result
from pingtang_union.core.cleaning import person_name
from pingtang_union.core.forms import ScopedForm, ScopedModelForm
from pingtang_union.core.text import fold_name
from pingtang_union.lists import ChooserField

_AT_ONCE = 200
_BETWEEN = re.compile(r"[\n、，,；;]")


class TrainingForm(OwnUnionForm):
    """A course, kept by the union that records it."""

    groups = (
        ("培训班", ("union", "name", "level", "started_on", "ended_on", "days", "place", "declared_attendees", "note")),
    )

    class Meta:
        model = Training
        fields = (*("union", "name", "level", "started_on", "ended_on", "days", "place", "declared_attendees", "note"),)


class AttendanceForm(ScopedModelForm):
    """What can be said of one attendance later."""

    groups = (("参训记录", ("gender", "result", "note")),)

    class Meta:
        model = Attendance
        fields = ("gender", "result", "note")


class WhoseForm(ScopedForm):
    """The union whose people are entered."""

    union = ChooserField(Union.objects.standing(), label="参训人员所在工会", required=False, among="standing")


class AddAttendanceForm(ScopedForm):
    """People of one union who attended a course: cadres ticked, others by name."""

    cadres = forms.ModelMultipleChoiceField(
        label="本工会的在任干部", queryset=Cadre.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    names = forms.CharField(
        label="其他人的姓名",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
        help_text=f"一行一个，一次最多 {_AT_ONCE} 个。已登记的人员重复填写，不会重复登记。",
    )
    result = forms.ChoiceField(label="考核结果", choices=[("", "未登记"), *Result.choices], required=False)

    def __init__(self, *args: Any, training: Training, union: Union, **kwargs: Any):
        super().__init__(*args, **kwargs)
        in_post = Cadre.objects.visible_to(self.user).filter(union=union, ended_on__isnull=True)
        there = Attendance.objects.filter(training=training, union=union).values("name_key")
        field = self.fields["cadres"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  declared above
        field.queryset = in_post.exclude(name_key__in=there)
        field.label_from_instance = _with_post  # type: ignore[assignment]  # a method, says the stub
        if not field.queryset.exists():
            del self.fields["cadres"]

    def clean_names(self) -> list[str]:
        """The names, each once and as ledgers read them; what is no name is refused with its line."""
        names: dict[str, str] = {}
        wrong = []
        for written in _BETWEEN.split(self.cleaned_data["names"]):
            try:
                name = cleaned(person_name, written.strip())
            except forms.ValidationError as error:
                wrong.append(error.messages[0])
                continue
            if name:
                names.setdefault(fold_name(name), name)
        if wrong:
            raise forms.ValidationError(wrong[:10])
        if len(names) > _AT_ONCE:
            raise forms.ValidationError(f"一共 {len(names)} 个姓名，一次最多登记 {_AT_ONCE} 个，请分几次登记。")
        return list(names.values())

    def clean(self) -> dict[str, Any]:
        """Somebody has to be named."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("names") and not data.get("cadres"):
            raise forms.ValidationError("请至少勾选一位干部，或者写上一个姓名。")
        return data


def _with_post(cadre: Any) -> str:
    return f"{cadre.name}（{cadre.post}）" if cadre.post else cadre.name
