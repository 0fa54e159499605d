"""Every component of the pages in each of its states, for whoever makes pages. It shows no records, and is there only
where the setting STYLEGUIDE says so: in development, in tests and in the demo."""

from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace

import django_filters
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from members.models import Union
from pingtang_union.core.fields import PartialDateFormField
from pingtang_union.core.forms import ScopedForm
from pingtang_union.lists import FEW, ListFilter
from pingtang_union.tones import tones


@dataclass(frozen=True)
class Sample:
    """A row of nobody's."""

    pk: int
    name: str = "平舟镇样例工会委员会"
    on: str = "2026-11-28"
    number: int = 412

    def __str__(self) -> str:
        return f"{self.name}{self.pk}"


class SampleForm(ScopedForm):
    """A field of each kind."""

    name = forms.CharField(label="姓名", max_length=20, help_text="与身份证一致")
    joined_on = PartialDateFormField(label="入会时间", help_text="可只填到月，如 2018-03")
    due_on = forms.DateField(label="截止日期")
    kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("organ", "机关工会"), ("enterprise", "企业工会")])
    answer = forms.ChoiceField(label="答复", choices=[("yes", "同意"), ("no", "不同意")], widget=forms.RadioSelect)
    deeds = forms.CharField(label="事迹简介", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    papers = forms.FileField(label="附件", required=False, help_text="支持 .pdf、.jpg、.docx 格式，不超过 10 MB")
    is_ready = forms.BooleanField(label="材料已备齐", required=False)


class SampleFilter(ListFilter):
    """Conditions of nothing."""

    first = ("q", "state")
    q = django_filters.CharFilter(label="姓名", widget=forms.SearchInput)
    state = django_filters.ChoiceFilter(label="状态", choices=[("active", "在会"), ("left", "离会")])
    year = django_filters.CharFilter(label="年份")


def styleguide(request: HttpRequest) -> HttpResponse:
    """All of it on one page. 404 where it isn't wanted."""
    if not settings.STYLEGUIDE:
        raise Http404
    if "options" in request.GET:
        found = [row for row in map(Sample, range(1, 30)) if request.GET.get("q", "") in str(row)]
        rows = [(one.pk, one) for one in found[:FEW]]
        return render(request, "partials/_options.html", {"rows": rows, "has_more": len(found) > FEW})
    by = SimpleNamespace(full_name="经办人", union=SimpleNamespace(name="平塘县总工会"))
    at = datetime(2026, 11, 28, 9, 30, tzinfo=timezone.get_default_timezone())
    step = SimpleNamespace(at=at, reason="材料齐全", by=by)
    tabs = [("待我审核", "#tabs", 3, True), ("我提交的", "#tabs", 12, False), ("已办结", "#tabs", "", False)]
    steps = [
        SimpleNamespace(label="推荐对象", url="#steps", is_current=False, is_done=True, missing=[]),
        SimpleNamespace(label="事迹材料", url="#steps", is_current=True, is_done=False, missing=["事迹简介"]),
        SimpleNamespace(label="报送材料", url="#steps", is_current=False, is_done=False, missing=["申报表", "照片"]),
        SimpleNamespace(label="检查并提交", url="", is_current=False, is_done=False, missing=None),
    ]
    moments = [
        SimpleNamespace(kind="done", label="已提交", step=step),
        SimpleNamespace(kind="now", label="等待县总工会审核", step=None),
        SimpleNamespace(kind="ahead", label="公示", step=None),
        SimpleNamespace(kind="ahead", label="作出决定", step=None),
    ]
    asked = QueryDict("q=韦&state=active")
    context = {
        "states": tones().items(),
        "today": date(2026, 11, 28),
        "tabs": tabs,
        "steps": steps,
        "moments": moments,
        "rows": [Sample(pk) for pk in range(1, 5)],
        "orders": {"on": "on", "number": "number"},
        "order": "-on",
        "page_obj": Paginator(range(412), 20).get_page(2),
        "filterset": SampleFilter(asked, queryset=Union.objects.none(), request=request),
        "form": SampleForm(user=request.user, auto_id="id_%s"),
        "wrong": SampleForm({"due_on": "明天"}, user=request.user, auto_id="wrong_%s"),
        "attrs_one": {"id": "choose-one"},
        "attrs_few": {"id": "choose-few"},
        "choose_url": f"{reverse('styleguide')}?options=yes",
        "picked": [(row.pk, str(row)) for row in map(Sample, range(1, 4))],
    }
    return render(request, "styleguide/styleguide.html", context)
