"""Forms of activities: what fits a minute on a phone first, everything else folded below it."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Activity, ActivityKind, Coverage, Outcome, VillageAid
from members.forms.people import OwnUnionForm
from pingtang_union.core.forms import ScopedForm, ScopedModelForm

_FIRST = ("union", "name", "kind", "held_on", "place", "declared")
_MORE = ("theme", "series", "partners", "ended_on", "sessions", "budget", "spent", "news", "note")


class ActivityForm(OwnUnionForm):
    """An activity, planned or held."""

    groups = (("活动", _FIRST),)

    class Meta:
        model = Activity
        fields = (*_FIRST, *_MORE)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ModelChoiceField)  # noqa: S101  a foreign key
        kind.queryset = ActivityKind.objects.filter(Q(is_in_use=True) | Q(pk=self.instance.kind_id))
        self.fields["held_on"].required = True
        if self.instance.pk is None:
            self.initial.setdefault("held_on", timezone.localdate().isoformat())
            self.fields["declared"].help_text = "还没有举办的不填，举办后再登记"


class ReportForm(ScopedModelForm):
    """How a planned activity went."""

    class Meta:
        model = Activity
        fields = ("declared", "held_on", "sessions", "spent", "news")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["declared"].required = self.fields["held_on"].required = True


class OutcomeForm(ScopedModelForm):
    """So much of an indicator."""

    class Meta:
        model = Outcome
        fields = ("indicator", "value")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        indicator = self.fields["indicator"]
        assert isinstance(indicator, forms.ModelChoiceField)  # noqa: S101  a foreign key
        indicator.queryset = indicator.queryset.filter(is_in_use=True)  # type: ignore[union-attr]  # of a model
        indicator.label_from_instance = _with_unit  # type: ignore[assignment]  # a method, says the stub


def _with_unit(indicator: Any) -> str:
    return f"{indicator}（{indicator.unit}）"


class VillageAidForm(ScopedModelForm):
    """What one village was given."""

    class Meta:
        model = VillageAid
        fields = ("village", "funds", "goods", "project")


class CoverageForm(ScopedModelForm):
    """A link."""

    class Meta:
        model = Coverage
        fields = ("title", "url", "medium")


class _ManyInput(forms.FileInput):
    allow_multiple_selected = True


class _ManyFiles(forms.FileField):
    widget = _ManyInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files as sent, one at least."""
        return [super(_ManyFiles, self).clean(file, initial) for file in data or [None]]


class PhotosForm(ScopedForm):
    """Several photos at once; what they are is checked by workflow.attachments, which names each."""

    photos = _ManyFiles(
        label="照片", widget=_ManyInput({"accept": "image/jpeg,image/png", "multiple": True}),
        help_text="JPG 或 PNG，一次可选几张，每张不超过 10 MB；拍摄位置等信息自动去除",
    )  # fmt: skip
    caption = forms.CharField(label="照片说明", max_length=60, required=False)


class CancelForm(ScopedForm):
    """Why it won't be held."""

    reason = forms.CharField(label="取消的原因", max_length=100, widget=forms.Textarea({"rows": 2}))
