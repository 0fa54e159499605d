"""Forms of star unions: scores of one dimension or of all, evidence, for which union."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices

from awards.models import StarScheme, points
from awards.models.scorecards import Line
from awards.services.stars import MOST_FILES, Side, version_of_scores, wrong_score
from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import PortalForm, ScopedForm
from pingtang_union.lists import ChooserField
from pingtang_union.workflow.attachments import TAKEN, CheckedFile, check_uploads, upload_of
from pingtang_union.workflow.filling import ManyFilesInput


class ScoreField(forms.DecimalField):
    """A score for an item worth `marks`; what is wrong with it is said with the bounds. It may be left for later:
    handing in and approving ask for it."""

    default_error_messages = {"invalid": "请填数字，如 8 或 7.5。"}

    def __init__(self, *, marks: Decimal, **kwargs: Any):
        widget = forms.NumberInput(
            attrs={"inputmode": "decimal", "min": 0, "max": points(marks), "step": 0.5, "autocomplete": "off"}
        )
        super().__init__(widget=widget, **kwargs)
        self.marks = marks

    def validate(self, value: Any) -> None:
        """Within the item's marks; nothing is no score yet, not a mistake."""
        if wrong := wrong_score(value, self.marks):
            raise ValidationError(f"{wrong}。")

    def prepare_value(self, value: Any) -> Any:
        """8 rather than 8.0."""
        return points(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True)
class Row:
    """An item with its two fields."""

    line: Line
    score: forms.BoundField
    note: forms.BoundField


class ScoresForm(ScopedForm):
    """Score and note of each line: the union's own ("self"), or the county's. `version` remembers what was shown."""

    use_required_attribute = False
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, lines: Sequence[Line], side: Side, **kwargs: Any):
        self.lines = lines
        kwargs["initial"] = {"version": version_of_scores(lines, side)}
        super().__init__(*args, **kwargs)
        label = "自评分" if side == "self" else "县评分"
        for line in lines:
            marks = points(line.item.marks)
            self.fields[f"score_{line.item.pk}"] = ScoreField(
                marks=line.item.marks,
                label=f"第 {line.number} 项{label}",
                help_text=f"0 至 {marks} 分，可以是半分",
                initial=getattr(line.score, f"{side}_score"),
            )
            self.fields[f"note_{line.item.pk}"] = forms.CharField(
                label=f"第 {line.number} 项说明",
                max_length=300,
                required=False,
                initial=getattr(line.score, f"{side}_note"),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def rows(self) -> list[Row]:
        """The items with their fields."""
        return [Row(line, self[f"score_{line.item.pk}"], self[f"note_{line.item.pk}"]) for line in self.lines]

    def scores(self) -> dict[int, tuple[Decimal | None, str]]:
        """What the services take."""
        given = self.cleaned_data
        return {line.item.pk: (given[f"score_{line.item.pk}"], given[f"note_{line.item.pk}"]) for line in self.lines}


class FilesField(forms.FileField):
    """Files, each checked by its content."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        """The files as they may be kept; says which one isn't taken, and why."""
        uploads = data if isinstance(data, list | tuple) else [data]
        if not any(uploads):
            raise ValidationError(self.error_messages["required"])
        if len(uploads) > MOST_FILES:
            raise ValidationError(f"一次最多传 {MOST_FILES} 份。")
        check_uploads(uploads)
        checked, wrong = [], []
        for upload in uploads:
            try:
                checked.append(upload_of(upload))
            except DomainError as error:
                wrong.append(str(error))
        if wrong:
            raise ValidationError(wrong)
        return checked


class EvidenceForm(ScopedForm):
    """Evidence for one item."""

    uploads = FilesField(
        label="选择文件",
        help_text=f"{TAKEN}，每份不超过 10 MB，可以一次选几份。拍照时请把证件号码遮住。",
        error_messages={"required": "请先选择要传的文件。"},
    )


class StartForm(ScopedForm):
    """For which union; only those that have no scorecard by the scheme yet."""

    union = ChooserField(label="参评工会", queryset=Union.objects.none())

    def __init__(self, *args: Any, unions: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["union"].queryset = unions  # type: ignore[attr-defined]  # a ChooserField's


class Progress(TextChoices):
    """How far a union is with its scorecard."""

    NONE = "none", "尚未开始"
    FILLING = "filling", "正在填写或退回修改"
    WAITING = "waiting", "已提交，等待评定"
    DECIDED = "decided", "已认定"
    REJECTED = "rejected", "不予通过"


class BelowForm(PortalForm, forms.Form):
    """Which unions of a township or the county are listed."""

    scheme = forms.ModelChoiceField(label="评定标准", queryset=StarScheme.objects.none(), empty_label=None)
    progress = forms.ChoiceField(label="进展", required=False, choices=[("", "全部"), *Progress.choices])

    def __init__(self, data: Any, *, schemes: Any, first: StarScheme):
        super().__init__({"scheme": first.pk, **data.dict()})
        self.fields["scheme"].queryset = schemes  # type: ignore[attr-defined]  # a ModelChoiceField's
