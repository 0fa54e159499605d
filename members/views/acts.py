"""Pages of acts: recording one, correcting one, taking one back. Each has a day and a reason; none is a field edit."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from members import services
from members.acts import ACTS, Act
from members.forms.members import ActForm, CancelForm, CorrectForm
from members.models import Member, MembershipEvent
from members.views.members import OFFICERS_ACTS
from pingtang_union.core.views import ScopedActionView


class MemberActView(ScopedActionView):
    """One act of membership, by its name in the address."""

    model = Member
    route = "members:member"
    permission = "members.add_membershipevent"
    form_class = ActForm

    act: Act

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Take heading and words from the table of acts."""
        super().setup(request, *args, **kwargs)
        self.act = ACTS[kwargs["act"]] if kwargs["act"] in OFFICERS_ACTS else ACTS["leave"]
        self.heading, self.intro, self.is_danger = self.act.label, self.act.intro, self.act.is_danger
        self.submit_label = f"办理{self.act.label}"

    def get_object(self) -> Any:
        """The member among the visible ones; 404 otherwise, and for an act that there isn't."""
        if self.kwargs["act"] not in OFFICERS_ACTS:
            raise Http404
        return get_object_or_404(self.visible().select_related("union"), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form asks what the act needs."""
        return super().get_form_kwargs() | {"act": self.act, "member": self.object}

    def perform(self, form: Any) -> str:
        self.act.record(self.object, self.user, **form.facts())
        return f"已为{self.object}办理{self.act.label}。"


class EventPage(ScopedActionView):
    """What correcting and taking back share: a standing act of a visible member, recorded in a visible union."""

    model = MembershipEvent
    route = "members:member"
    part_of = "member"
    permission = "members.add_membershipevent"
    template_name = "members/event_form.html"

    def visible(self) -> Any:
        """Acts of one's own unions, of members whom one sees; a corrected one has been replaced."""
        members = Member.objects.visible_to(self.user).order_by().values("pk")
        return super().visible().standing().filter(member__in=members).select_related("member", "union")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"object": self.object.member, "event": self.object}


class EventCorrectView(EventPage):
    """更正."""

    form_class = CorrectForm
    heading = "更正会籍事项"
    intro = "原登记事项保留在记录中，注明已更正。转会的日期和原因，转出、转入一并更正。"
    submit_label = "保存更正"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"event": self.object}

    def perform(self, form: Any) -> str:
        facts = form.cleaned_data
        services.correct_event(event=self.object, on=facts["on"], reason=facts["reason"], by=self.user)
        return f"已更正{self.object.member}的{self.object.get_kind_display()}。"


class EventCancelView(EventPage):
    """撤销."""

    form_class = CancelForm
    heading = "撤销会籍事项"
    intro = "登记有误的可以撤销，会籍恢复到登记以前的状态。原登记事项保留在记录中，注明已更正。"
    submit_label = "撤销这件事项"
    is_danger = True

    def perform(self, form: Any) -> str:
        services.cancel_event(event=self.object, reason=form.cleaned_data["reason"], by=self.user)
        return f"已撤销{self.object.member}的{self.object.get_kind_display()}。"
