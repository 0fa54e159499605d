"""Forms of cadres and social workers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.forms.people import PersonForm
from members.models import Cadre
from pingtang_union.core.fields import PartialDateFormField
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.text import fold_name


class CadreForm(PersonForm):
    """A person in a union post. Leaving it is an act; a wrong day of leaving is corrected here."""

    groups = (
        ("任职", ("union", "name", "kind", "post", "started_on", "ended_on")),
        ("证件和联系方式", ("id_type", "id_number", "phone")),
    )

    class Meta:
        model = Cadre
        fields = (
            *("union", "name", "kind", "post", "started_on", "ended_on", "id_type", "id_number", "phone"),
            *("duty", "rank", "grade", "gender", "ethnicity", "born_on", "note"),
        )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance.ended_on:
            del self.fields["ended_on"]
        else:
            self.fields["ended_on"].help_text = "登记有误的，在此更正；实际未离任的，清空后恢复在任。"
        self.fields["post"].help_text = "如 主席、副主席、女工委员"

    def clean(self) -> dict[str, Any]:
        """Also that two of one name can be told apart: without a number the same person would be entered twice."""
        data = super().clean()
        union = data.get("union") or (self.instance.union if self.instance.union_id else None)
        if self.instance.pk is None and union is not None and data.get("name") and not data.get("id_number"):
            same = Cadre.objects.filter(union=union, name_key=fold_name(data["name"]), ended_on__isnull=True)
            if same.exists():
                raise ValidationError(
                    f"{union}已有一位在任的{data['name']}。是同一个人的，请打开原来的记录修改；是两个人的，请填证件号码以便分清。"
                )
        return data


class EndPostForm(ScopedForm):
    """The day of leaving, and a word about it."""

    on = PartialDateFormField(
        label="离任时间",
        help_text="如 2026-05-12、2026.05；只知道月份也可以",
    )
    reason = forms.CharField(
        label="说明",
        max_length=100,
        required=False,
        help_text="如 调离、退休、换届不再担任；记入备注",
    )

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("initial", {})
        kwargs["initial"].setdefault("on", timezone.localdate().isoformat())
        super().__init__(*args, **kwargs)
