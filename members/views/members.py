"""Pages of members: the roster, one member with the history of the membership, facts, and numbers in full."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse

from members import services
from members.acts import ACTS, fitting
from members.filters import MemberFilter
from members.forms.members import MemberForm
from members.models import Member, MembershipEvent, TransferRequest, Union
from members.models.codes import EventKind
from pingtang_union.core.permissions import may, may_reveal
from pingtang_union.core.scope import reaches
from pingtang_union.core.views import Role, ScopedCRUDView
from pingtang_union.reveal import RevealView

# 转会 has its own way between two unions: the receiving one asks.
OFFICERS_ACTS = tuple(name for name in ACTS if name != "transfer")
CARRIED = "carried"  # marks a form brought over from a page that found another way fitting
_TRANSFERS = (EventKind.TRANSFER_OUT, EventKind.TRANSFER_IN)


@dataclass(frozen=True)
class Line:
    """An act on a member's page. What another union recorded shows what happened, where and when; its reason and who
    recorded it stay with that union."""

    event: MembershipEvent
    is_own: bool
    is_corrected: bool
    recorder: str
    may_correct: bool
    may_cancel: bool


def timeline(member: Member, user: Any) -> list[Line]:
    """The acts of a visible member, oldest first, corrected ones among them. The history stays with the person, so
    that it is read through the member; which of it is the user's own follows from the scope. One query."""
    events = list(member.events.in_order().select_related("union", "recorded_by", "corrects"))
    corrected = {event.corrects_id for event in events}
    standing = [event for event in events if event.pk not in corrected]
    may_write = user.has_perm("members.add_membershipevent")

    sees_transfers = all(reaches(user, event.union) for event in standing if event.kind in _TRANSFERS)
    lines = []
    for event in events:
        is_standing, own = event.pk not in corrected, reaches(user, event.union)
        may_touch = may_write and own and is_standing
        lines.append(
            Line(
                event=event,
                is_own=own,
                is_corrected=not is_standing,
                recorder=_recorder(event) if own else "",
                may_correct=may_touch and (event.kind not in _TRANSFERS or sees_transfers),
                may_cancel=may_touch and services.can_be_cancelled(event, standing),
            )
        )
    return lines


def _recorder(event: MembershipEvent) -> str:
    if event.recorded_by is not None:
        return event.recorded_by.get_full_name() or str(event.recorded_by)
    return "随台账导入"


class MemberView(ScopedCRUDView):
    """会员。"""

    model = Member
    related = ("union",)
    route = "members:member"
    measure = "名"
    orders = {"joined": "joined_on"}
    form_class = MemberForm
    filterset_class = MemberFilter
    ledgers = (("members", "会员花名册"),)
    shown = (
        ("会籍", ("union", "status", "joined_on", "card_number", "team")),
        ("个人信息", ("gender", "ethnicity", "born_on", "id_type", "id_number", "phone", "education", "political")),
        ("就业", ("employer", "contract", "employment", "is_migrant", "new_form", "skill")),
        ("户籍和其他", ("household", "household_place", "native_place", "note")),
    )

    def title(self) -> str:
        """The page's heading."""
        return "会员花名册" if self.role == Role.LIST else super().title()

    def process_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was filled in on the page 转入会员 comes along in a POST, so that no number stands in an address."""
        if self.role == Role.CREATE and CARRIED in request.POST:
            given = {name: request.POST[name] for name in ("name", "id_number", "union") if request.POST.get(name)}
            return self.render_to_response(self.get_context_data(form=self.get_form(initial=given)))
        return super().process_form(request, *args, **kwargs)

    def save(self, form: Any) -> models.Model:
        """A new member is the row and its 入会; a known one's facts are a plain edit."""
        for warning in form.warnings:
            messages.warning(self.request, warning)
        if self.role == Role.UPDATE:
            return form.save()
        return services.add_member(member=form.instance, on=form.cleaned_data["joined_on"], by=self.user)

    def done(self) -> str:
        """What is said after writing."""
        assert self.object is not None  # noqa: S101  it was just saved
        if self.role == Role.CREATE:
            return f"已登记{self.object}入会。"
        return f"已保存{self.object}的信息。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also the history and the acts that fit, or who has the number of a refused form."""
        context = super().get_context_data(**kwargs)
        user = self.user
        if self.role == Role.LIST:
            context["several"] = Union.objects.visible_to(user)[:2].count() > 1
            may_ask = user.has_perm("members.add_transferrequest")
            context["transfer_url"] = self.address("transfer_in") if may_ask else ""
            context["by_number_url"] = self.address("by_number") if may_reveal(user, Member) else ""
        elif self.role == Role.DETAIL:
            context |= self._history(self.object)
        else:
            context |= self._known(kwargs["form"])
        return context

    def _history(self, member: Any) -> dict[str, Any]:
        user = self.user
        acts = fitting(member.status) if user.has_perm("members.add_membershipevent") else {}
        context: dict[str, Any] = {
            "lines": timeline(member, user),
            "acts": [
                {"label": act.label, "url": self.address("act", member.pk, name), "is_danger": act.is_danger}
                for name, act in acts.items()
                if name in OFFICERS_ACTS
            ],
            "reveal_url": self.address("reveal", member.pk) if may_reveal(user, Member) else "",
        }
        if may(user, "view", TransferRequest):
            pending = TransferRequest.objects.visible_to(user).pending().filter(member=member)
            context["pending"] = pending.select_related("to_union").first()
        return context

    def _known(self, form: MemberForm) -> dict[str, Any]:
        """The way on for a number that is registered: her own record where the user sees it, else a transfer."""
        known = form.known()
        if known is None:
            return {}
        if self.visible().filter(pk=known.pk).exists():
            return {"known_url": self.address("detail", known.pk), "known": known}
        may_ask = self.role == Role.CREATE and self.user.has_perm("members.add_transferrequest")
        union = form.data.get("union") or ""
        carried = {"name": form.data.get("name", ""), "id_number": form.data.get("id_number", ""), "union": union}
        return {"carried": carried, "transfer_url": self.address("transfer_in")} if may_ask else {}


class MemberRevealView(RevealView):
    """查看完整证件号。"""

    model = Member
    route = "members:member"
