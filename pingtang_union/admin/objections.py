"""Objections to what is publicised (workflow.objections), on the page of the application that they speak of."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pingtang_union.admin.asking import asks
from pingtang_union.admin.forms import DayField, PlainForm, RecordField, choose
from pingtang_union.admin.reveal import RECORDED, ReasonForm
from pingtang_union.core.audit import record_reveal
from pingtang_union.workflow.models import ObjectionState
from pingtang_union.workflow.objections import ObjectionWay, record_objection, settle_objection
from pingtang_union.workflow.table import State


class ObjectionForm(PlainForm):
    """An objection as it came."""

    received_on = DayField(label="收到日期")
    way = forms.ChoiceField(label="方式", choices=choose(ObjectionWay.choices))
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

    objection = RecordField(label="异议")
    state = forms.ChoiceField(
        label="核查结果",
        choices=choose([(state.value, state.label) for state in (ObjectionState.DISMISSED, ObjectionState.UPHELD)]),
        help_text="经查属实的，不能作出决定：撤下公示、退回修改、重新审核，或不予通过。",
    )
    finding = forms.CharField(label="核查情况", max_length=1000, widget=forms.Textarea)

    def __init__(self, *args: Any, record: Any, **kwargs: Any):
        waiting = list(record.objections.filter(state=ObjectionState.OPEN))
        if len(waiting) == 1:
            kwargs["initial"] = {"objection": str(waiting[0].pk)}
        super().__init__(*args, record=record, **kwargs)
        self.offer("objection", [(one, f"{one}：{one.text[:30]}") for one in waiting])


class ObjectionsMixin:
    """For the admin of applications with objections; put it before `ApplicationAdmin`, and `objection`, `settle`,
    and `objectors` where the office may know who objected, into `actions_detail`."""

    def unfit_actions(self, request: HttpRequest, application: Any) -> set[str]:
        objections = set(application.objections.values_list("state", flat=True))
        fits = {
            "objection": application.state == State.PUBLICISED,
            "settle": ObjectionState.OPEN in objections and application.submitted_by_id != request.user.pk,
            "objectors": bool(objections),
        }
        unfit = {path for path, does in fits.items() if not does}
        return super().unfit_actions(request, application) | unfit  # type: ignore[misc]  # an admin behind it

    @asks(
        "登记异议", permission="review", icon="report", form=ObjectionForm,
        intro="此处只填写异议内容；提出人填写在下一栏，单独加密保存。",
    )  # fmt: skip
    def objection(self, request: HttpRequest, application: Any, form: ObjectionForm) -> str:
        """Note an objection to what is in publicity."""
        record_objection(application, by=request.user, **form.cleaned_data)
        return f"已登记对{application}的异议。核查了结以前不能作出决定。"

    @asks("核查异议", permission="review", icon="fact_check", form=SettleForm)
    def settle(self, request: HttpRequest, application: Any, form: SettleForm) -> str:
        """Close an objection with what was found."""
        given = form.cleaned_data
        is_upheld = given["state"] == ObjectionState.UPHELD
        settled = settle_objection(given["objection"], upheld=is_upheld, finding=given["finding"], by=request.user)
        return f"异议已了结：{settled.get_state_display()}。"

    @asks(
        "查看异议提出人", permission="review", icon="visibility", form=ReasonForm, submit="查看", error_field="reason",
        intro="提出人是受保护的个人信息，只在核查需要时查看。",
    )  # fmt: skip
    def objectors(self, request: HttpRequest, application: Any, form: ReasonForm) -> HttpResponse:
        """Who objected: for the office that looks into it, for a reason, never without an audit event."""
        rows = [row for row in application.objections.visible_to(request.user) if row.objector]
        for row in rows:
            record_reveal(row, field_label="提出人和联系方式", reason=form.cleaned_data["reason"])
        told = "；".join(f"{row}：{row.objector.reveal()}" for row in rows) or "没有登记"
        return self.shown_once(request, application, label="异议提出人", value=told, note=RECORDED)  # type: ignore[attr-defined]
