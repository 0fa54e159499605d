"""Requests to move a membership: county staff reads them all and decides where the giving union doesn't answer."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from members import services
from members.admin.filters import UnionFilter
from members.models import TransferRequest, TransferState
from pingtang_union.core.admin import ChoicesFilter, ReadOnlyAdmin, ScopedAdmin
from pingtang_union.core.admin.audit import NoDeadLinksMixin
from pingtang_union.core.exceptions import DomainError

_WIDGET = UnfoldAdminTextareaWidget(attrs={"rows": 3})


class AgreeForm(BaseDialogForm):
    """A word along with the consent."""

    answer = forms.CharField(label="答复说明", max_length=200, required=False, widget=_WIDGET)


class RefuseForm(BaseDialogForm):
    """Why not."""

    answer = forms.CharField(
        label="不同意的原因",
        max_length=200,
        widget=_WIDGET,
        help_text="申请的工会会看到这个原因。",
        error_messages={"required": "请写明不同意的原因。"},
    )


@admin.register(TransferRequest)
class TransferRequestAdmin(NoDeadLinksMixin, ReadOnlyAdmin, ScopedAdmin):
    """转会申请."""

    list_display = ("member", "from_union", "to_union", "on", "state_label", "asked_at", "answered_at")
    list_filter = (("state", ChoicesFilter), ("from_union", UnionFilter), ("to_union", UnionFilter))
    list_select_related = ("member", "from_union", "to_union")
    search_fields = ("member__name_key",)
    search_help_text = "姓名开头几个字"
    prefix_field = "member__name_key"
    actions_detail = ("agree", "refuse")
    fieldsets = (
        (None, {"fields": ("member", ("from_union", "to_union"), ("on", "state_label"), "reason")}),
        ("申请与答复", {"fields": (("asked_by", "asked_at"), ("answered_by", "answered_at"), "answer", "batch")}),
    )
    readonly_fields = ("state_label",)

    def has_answer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may answer requests at all; which ones is the service's to say."""
        return request.user.has_perm("members.answer_transferrequest")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only a request that waits can be answered, and not by who asked."""
        found = self.get_queryset(request).filter(pk=object_id) if str(object_id).isdecimal() else None
        one = found.first() if found is not None else None
        if one is None or one.state != TransferState.PENDING or one.asked_by_id == request.user.pk:
            return []
        return super().get_actions_detail(request, object_id)

    @action(
        description="同意转会",
        url_path="agree",
        permissions=["answer"],
        icon="check",
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": "同意转会",
            "description": "同意后，会籍当即转入申请的工会，记一笔转出、一笔转入。",
            "form_class": AgreeForm,
            "form_submit_text": "同意",
        },
    )
    def agree(self, request: HttpRequest, form: AgreeForm, object_id: str) -> HttpResponse:
        """The county decides for it."""
        return self._answer(request, form, object_id, agree=True)

    @action(
        description="不同意",
        url_path="refuse",
        permissions=["answer"],
        icon="close",
        dialog={
            "title": "不同意转会",
            "description": "会籍留在原来的工会。",
            "form_class": RefuseForm,
            "form_submit_text": "不同意",
        },
    )
    def refuse(self, request: HttpRequest, form: RefuseForm, object_id: str) -> HttpResponse:
        """The county decides against it, and says why."""
        return self._answer(request, form, object_id, agree=False)

    def _answer(self, request: HttpRequest, form: Any, object_id: str, *, agree: bool) -> HttpResponse:
        """Answer; htmx then loads the request's page anew, where the message stands."""
        one = self.visible_or_404(request, object_id)
        try:
            services.answer_transfer(request=one, by=request.user, agree=agree, answer=form.cleaned_data["answer"])
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"已{'同意' if agree else '答复不同意'}：{one}。")
        page = reverse("admin:members_transferrequest_change", args=[one.pk])
        return HttpResponse(headers={"HX-Redirect": page})

    @display(
        description="状态",
        ordering="state",
        label={
            TransferState.PENDING.label: "warning",
            TransferState.AGREED.label: "success",
            TransferState.REFUSED.label: "danger",
        },
    )
    def state_label(self, obj: TransferRequest) -> str:
        return obj.get_state_display()
