"""What the pages of grants, payment batches, payments and slips ask."""

from typing import Any

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from pingtang_union.admin import PlainForm, RecordForm
from pingtang_union.money import MoneyField, yuan
from relief.models import Fund, Grant, GrantState, PaymentRow, PayWay, RowResult


class OpenForm(PlainForm):
    """What a batch is paid from, and how."""

    title = forms.CharField(label="名称", max_length=60, help_text="如 2018年元旦春节送温暖第一批")
    fund = forms.ModelChoiceField(label="资金", queryset=Fund.objects.none(), empty_label="请选择")
    way = forms.ChoiceField(label="发放方式", choices=PayWay.choices)

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        rows = Fund.objects.visible_to(user).filter(is_open=True)
        self.fields["fund"].queryset = rows  # type: ignore[attr-defined]


_GROUP = ("programme", "edition", "instalment")


class JoinForm(PlainForm):
    """Which of the approved grants join: all of an instalment, or those of one township."""

    group = forms.ChoiceField(label="待发放", help_text="只列已核定、未编入批次的发放")
    township = forms.CharField(label="乡镇（街道）", max_length=30, required=False, help_text="不填为全部")

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        self.waiting = waiting_grants(user)
        groups = self.waiting.order_by("-edition", *_GROUP).values(*_GROUP, "programme__name")
        groups = groups.annotate(number=Count("pk"), total=Sum("amount", output_field=MoneyField()))
        choices = [
            (
                ":".join(str(group[name]) for name in _GROUP),
                f"{group['programme__name']} {group['edition']} 第{group['instalment']}批"
                f"（{group['number']} 笔，{yuan(group['total'])} 元）",
            )
            for group in groups
        ]
        self.fields["group"].choices = choices  # type: ignore[attr-defined]
        self.fields["group"].widget.choices = choices

    def grants(self) -> QuerySet[Grant]:
        """The chosen ones."""
        chosen = dict(zip(_GROUP, self.cleaned_data["group"].split(":"), strict=True))
        rows = self.waiting.filter(**chosen)
        town = self.cleaned_data["township"].strip()
        return rows.filter(township=town) if town else rows


def waiting_grants(user: Any) -> QuerySet[Grant]:
    """Approved grants of the user's that stand in no batch."""
    taken = PaymentRow.objects.exclude(result=RowResult.FAILED).values("grant")
    rows = Grant.objects.visible_to(user).filter(state=GrantState.APPROVED, is_outside_books=False)
    return rows.exclude(pk__in=taken)


class RemoveForm(PlainForm):
    """Which payments leave."""

    numbers = forms.RegexField(
        r"^\s*\d{1,5}([\s,，、]+\d{1,5})*\s*$", label="序号", max_length=500, help_text="几个序号用空格隔开，如 3 5 8",
        error_messages={"invalid": "请填写序号，几个序号用空格隔开，如 3 5 8。"},
    )  # fmt: skip

    def clean_numbers(self) -> list[int]:
        """As numbers."""
        text = self.cleaned_data["numbers"]
        return [int(number) for number in "".join(char if char.isdigit() else " " for char in text).split()]


class WhyForm(PlainForm):
    """The reason."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea)


class FileForm(PlainForm):
    """In which form the bank takes it."""

    form = forms.ChoiceField(label="格式", choices=[("workbook", "Excel（.xlsx）"), ("text", "定长文本（.txt）")])


class AnswerForm(PlainForm):
    """The bank's answer."""

    file = forms.FileField(label="回盘文件", help_text="银行返回的 .xlsx、.xls 或 .csv，含账号、金额、处理结果三列")
    on = forms.DateField(label="到账日期", initial=timezone.localdate, widget=forms.DateInput)


class RetryForm(PlainForm):
    """The account put right."""

    account = forms.CharField(
        label="收款账号", max_length=40, required=False, help_text="账号有误的填写新账号，无误的不填"
    )
    bank = forms.CharField(label="开户银行", max_length=60, required=False, help_text="不变的不填")


class FindingForm(PlainForm):
    """What came of it."""

    finding = forms.CharField(label="核实结果", max_length=200, widget=forms.Textarea)


class PastGrantForm(RecordForm):
    """A grant of years past, entered or corrected by hand: the edition follows from the day where it isn't given."""

    class Meta:
        model = Grant
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "edition" in self.fields:
            self.fields["edition"].required = False
            self.fields["edition"].help_text = "不填按发放时间算"
        for name in ("cash", "goods"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Fill in what follows from other fields."""
        data = super().clean() or self.cleaned_data
        for name in ("cash", "goods"):
            if data.get(name) is None and name not in self.errors:
                data[name] = 0
        programme, day = data.get("programme"), data.get("granted_on")
        if programme and day and not data.get("edition"):
            try:
                data["edition"] = programme.edition_on(day)
            except ValueError:
                self.add_error("granted_on", f"{programme}跨年度，请至少写到月，如 2018-01。")
        return data
