"""Forms of service points, support and visits, for officers on a phone."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.models import Union
from members.models.codes import IdType
from members.models.people import check_id_number
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm, ScopedModelForm
from pingtang_union.ledger.context import Context
from pingtang_union.lists import ChooserField
from pingtang_union.money import MoneyField
from pingtang_union.workflow.filling import PICTURES, ManyFilesField
from pingtang_union.workflow.public_files import LookedInto, looked_into
from relief.ledgers.addresses import Addresses, Place
from relief.models import CareVisit, Group, Instalment, Programme, ServicePoint
from relief.services.care import Visited

MOST_VISITED = 10  # of one page


class PointForm(ScopedModelForm):
    """A service point of the own union, or of one below."""

    class Meta:
        model = ServicePoint
        fields = (
            "kind", "name", "union", "township", "address", "offers", "keeper", "phone", "hours", "starts_on",
            "ends_on",
        )  # fmt: skip
        widgets = {"offers": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        unions = Union.objects.visible_to(self.user).standing()
        self.fields["union"] = ChooserField(unions, among="standing", label="所属工会", initial=self.user.union_id)


class LookedField(forms.FileField):
    """A file for strangers, looked into."""

    def clean(self, data: Any, initial: Any = None) -> LookedInto:
        try:
            return looked_into(super().clean(data, initial))
        except DomainError as error:
            raise ValidationError(str(error)) from error


PHOTO: dict[str, Any] = {"label": "照片", "help_text": "JPG 或 PNG 图片，不要拍到人脸、证件和私人电话"}


class PhotoForm(ScopedForm):
    """The picture of a point."""

    photo = LookedField(**PHOTO, widget=forms.FileInput(attrs={"accept": PICTURES}))


class ReceiveForm(ScopedForm):
    """That all of it came."""

    on = forms.DateField(label="收到日期", initial=timezone.localdate)
    note = forms.CharField(label="验收情况", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
    receipts = ManyFilesField(label="签收单")


class CareVisitForm(ScopedModelForm):
    """Where and when; which of the plans that are open, or which programme."""

    photos = ManyFilesField(label="走访照片", accept=PICTURES)
    key = forms.CharField(widget=forms.HiddenInput, max_length=32, initial=lambda: uuid.uuid4().hex)
    place: Place

    class Meta:
        model = CareVisit
        fields = ("plan", "programme", "visited_on", "address", "note")
        help_texts = {
            "programme": "选了发放计划的不用填",
            "address": "有单位的写工会全称，没有单位的写乡镇和村（社区），如 平舟镇京舟村",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        plans: Any = self.fields["plan"]
        plans.queryset = Instalment.objects.visible_to(self.user).open_on(timezone.localdate())
        programmes: Any = self.fields["programme"]
        programmes.queryset, programmes.required = Programme.objects.filter(is_in_use=True), False
        plans.empty_label = "不按发放计划"

    def clean_address(self) -> str:
        written = " ".join(self.cleaned_data["address"].split())
        self.place = Addresses(Context(by=self.user), is_wide=True).find(written)
        if self.place.union_id is None:
            raise ValidationError(self.place.refusal)
        return self.place.address

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if plan := said.get("plan"):
            said["programme"] = plan.programme
        elif not said.get("programme") and "plan" not in self.errors:
            self.add_error("programme", "请选择发放计划或帮扶项目。")
        return said

    def _post_clean(self) -> None:
        self.instance.key = self.cleaned_data.get("key", "")
        super()._post_clean()


class VisitedForm(ScopedForm):
    """One person; a form left empty is nobody."""

    name = forms.CharField(label="姓名", max_length=50)
    group = forms.ModelChoiceField(label="人员类别", queryset=Group.objects.filter(is_in_use=True))
    id_number = forms.CharField(label="身份证号码", max_length=18, required=False)
    cash = MoneyField("慰问金（元）", null=True, blank=True).formfield(min_value=0)
    goods = MoneyField("慰问物资折价（元）", null=True, blank=True).formfield(min_value=0)

    def clean_id_number(self) -> str:
        number = self.cleaned_data["id_number"]
        return check_id_number(number, IdType.RESIDENT) if number else ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.has_changed() and not self.errors and not (said.get("cash") or said.get("goods")):
            self.add_error("cash", "慰问金和慰问物资折价至少填一项。")
        return said

    def visited(self) -> Visited:
        """As the service takes it."""
        return Visited(**{name: value for name, value in self.cleaned_data.items() if value is not None})


VisitedForms = forms.formset_factory(
    VisitedForm, extra=MOST_VISITED, max_num=MOST_VISITED, validate_max=True, absolute_max=MOST_VISITED
)
