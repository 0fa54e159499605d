"""The deeds of membership that a clerk records, each with its form and its service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils import timezone

from members import services
from members.models import Member, MembershipEvent, Union, User
from members.models.codes import EventKind, MemberStatus
from pingtang_union.core.admin import PlainForm
from pingtang_union.core.fields import PartialDateFormField


class DeedForm(PlainForm):
    """The day and the reason of a deed."""

    on = PartialDateFormField(label="日期", help_text="如 2026-05-12、2026.05.12；只知道月份也可以")
    reason = forms.CharField(label="原因", max_length=200, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, user: User, admin_site: Any, **kwargs: Any):
        kwargs.setdefault("initial", {"on": timezone.localdate().isoformat()})
        super().__init__(*args, **kwargs)
        self.user, self.admin_site = user, admin_site


class ReasonedForm(DeedForm):
    """A deed that the law wants a reason for."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea)


class UnionForm(DeedForm):
    """A deed that leads into a union: one of the clerk's own."""

    union = forms.ModelChoiceField(label="接收工会", queryset=Union.objects.none())
    field_order = ("union", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["union"]
        field.widget = AutocompleteSelect(MembershipEvent._meta.get_field("union"), self.admin_site)
        field.queryset = Union.objects.visible_to(self.user)


@dataclass(frozen=True)
class Deed:
    """One button: from which standings it is offered, what it asks, what it does."""

    label: str
    statuses: tuple[str, ...]
    form: type[DeedForm]
    record: Callable[..., Any]
    icon: str
    intro: str


def _event(kind: EventKind) -> Callable[..., Any]:
    def record(member: Member, by: User, **facts: Any) -> MembershipEvent:
        return services.record_event(member=member, kind=kind, by=by, **facts)

    return record


def _transfer(member: Member, by: User, *, union: Union, on: str, reason: str) -> None:
    services.transfer_member(member=member, to=union, on=on, by=by, reason=reason)


_ACTIVE, _RETAINED, _LEFT = MemberStatus.ACTIVE, MemberStatus.RETAINED, MemberStatus.LEFT

DEEDS = {
    "transfer": Deed(
        "转会",
        (_ACTIVE, _RETAINED),
        UnionForm,
        _transfer,
        "move_up",
        "在县内转到另一个工会：同一天记一笔转出、一笔转入。转到县外的，请办理退会并在原因里写明去向。",
    ),
    "retain": Deed(
        "保留会籍",
        (_ACTIVE,),
        DeedForm,
        _event(EventKind.RETAIN),
        "pause_circle",
        "失业、停薪留职、退休等情况保留会籍，仍算会员。",
    ),
    "restore": Deed(
        "恢复会籍", (_RETAINED,), DeedForm, _event(EventKind.RESTORE), "play_circle", "保留会籍的会员重新参加工会活动。"
    ),
    "leave": Deed(
        "退会",
        (_ACTIVE, _RETAINED),
        ReasonedForm,
        _event(EventKind.LEAVE),
        "logout",
        "会员自愿退会或转到县外。原因必填。",
    ),
    "expel": Deed(
        "除名",
        (_ACTIVE, _RETAINED),
        ReasonedForm,
        _event(EventKind.EXPEL),
        "block",
        "经会员大会或会员代表大会决定除名。原因必填，请写明决定的会议和日期。",
    ),
    "death": Deed(
        "死亡", (_ACTIVE, _RETAINED), DeedForm, _event(EventKind.DEATH), "remove_circle", "会员去世，会籍终止。"
    ),
    "rejoin": Deed(
        "重新入会", (_LEFT,), UnionForm, _event(EventKind.JOIN), "person_add", "离会的人再次入会，沿用原来的记录。"
    ),
}
