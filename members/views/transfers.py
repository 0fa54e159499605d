"""Pages of transfers: asking for a member of another union, and what waits, was answered or taken back.

The giving side sees its member. The receiving side sees, before it is agreed, no more than it entered itself, and not
which union has the person: the request finds its way by itself.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import FormView

from members import services
from members.forms.transfers import AnswerForm, TransferInForm
from members.models import HeldWhy, Member, TransferRequest, TransferState, Union
from members.models.codes import CURRENT, EventKind, IdType
from members.services import numbers
from members.views.members import CARRIED
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.scope import reaches, scope_q
from pingtang_union.core.views import Role, ScopedActionView, ScopedCRUDView, ScopedMixin, crumbs

NOBODY = "没有查到姓名和证件号码都相符的会员。请对照身份证核对这两项；核对无误还是查不到的，可以直接登记入会。"
PLACE = "转入会员"
ELSEWHERE = "会籍所在的工会"
STEP, REJOIN = "step", "rejoin"


class MemberTransferInView(ScopedMixin, FormView):
    """转入会员: who is a member of another union is asked for there; who once was one joins again here.

    A name that doesn't fit the number gets the same answer as a number that nobody has.
    """

    model = Member
    form_class = TransferInForm
    template_name = "members/transfer_in.html"
    # What the page says beside the form: an address of the person's page here, or that she was a member once.
    known_url = ""
    is_former = False
    is_unknown = False

    def needed_permissions(self) -> tuple[str, ...]:
        return ("members.view_member", "members.add_transferrequest")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask; or show the form filled with what was entered on the page 登记会员."""
        if CARRIED in request.POST:
            given = {name: request.POST[name] for name in ("name", "id_number", "union") if request.POST.get(name)}
            form = self.form_class(user=self.user, initial=given)
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Ask the other union, or let the person join again, or say what else to do."""
        facts, to = form.cleaned_data, form.to()
        asked = numbers.Asked.of(facts["id_number"], facts["name"])
        if numbers.beyond_limit(self.user, Member, [asked], place=PLACE):
            return self._hold(form, facts, to)
        # Over every union, on purpose: name and number together are known only to who has the person before her.
        person = Member.objects.filter(id_index=asked.index).select_related("union").first()
        is_meant = person is not None and (
            person.name_key == asked.name_key or (asked.index, asked.name_key) in numbers.confirmed(self.user, [asked])
        )
        if numbers.is_limited(self.user, Member):
            answer = "查到会员" if is_meant else "没有查到"
            numbers.record_answers(self.user, [(Member, asked.number, answer, PLACE)])
        if person is None or not is_meant:
            self.is_unknown = True
            form.add_error(None, NOBODY)
            return self.form_invalid(form)
        is_rejoining = self.request.POST.get(STEP) == REJOIN
        if person.status not in CURRENT and not is_rejoining:
            self.is_former = True
            return self.render_to_response(self.get_context_data(form=form))
        if person.status in CURRENT and person.union_id == to.pk:
            self.known_url = reverse("members:member_detail", args=[person.pk])
            form.add_error(None, f"{person.name}已经是{to}的会员，不用转会。")
            return self.form_invalid(form)
        try:
            return self._rejoin(person, to, facts) if is_rejoining else self._ask(person, to, facts)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)

    def _hold(self, form: Any, facts: dict[str, Any], to: Union) -> HttpResponse:
        """Nothing is compared: the county looks first."""
        numbers.hold(
            by=self.user,
            union_id=to.pk,
            name=facts["name"],
            number=facts["id_number"],
            id_type=IdType.RESIDENT if len(facts["id_number"]) == 18 else IdType.OTHER,
            why=HeldWhy.MANY,
            place=PLACE,
        )
        form.add_error("id_number", numbers.HELD)
        return self.form_invalid(form)

    def _ask(self, person: Member, to: Union, facts: dict[str, Any]) -> HttpResponse:
        request = services.request_transfer(member=person, to=to, on=facts["on"], reason=facts["reason"], by=self.user)
        messages.success(self.request, "已提出转会申请，由系统转给会籍所在的工会，等对方或县总工会答复。")
        return HttpResponseRedirect(reverse("members:transfer_detail", args=[request.pk]))

    def _rejoin(self, person: Member, to: Union, facts: dict[str, Any]) -> HttpResponse:
        if not self.user.has_perm("members.add_membershipevent"):
            raise DomainError("您的账号不能办理重新入会。")
        services.check_receiving(to)
        services.record_event(
            member=person,
            kind=EventKind.JOIN,
            on=facts["on"],
            reason=facts["reason"],
            union=to,
            by=self.user,
        )
        messages.success(self.request, f"已为{person.name}办理重新入会。")
        return HttpResponseRedirect(reverse("members:member_detail", args=[person.pk]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"] if "form" in kwargs else self.get_form()
        kwargs["form"] = form
        return super().get_context_data(**kwargs) | {
            "title": "转入会员",
            "back": reverse("members:member_list"),
            "breadcrumbs": crumbs(("会员", reverse("members:member_list")), ("转入会员", "")),
            "known_url": self.known_url,
            "is_former": self.is_former,
            "is_unknown": self.is_unknown and self.user.has_perm("members.add_member"),
        }


# --- The list and one request --------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A request as one user sees it."""

    request: TransferRequest
    is_giving: bool  # the giving union is the user's: its member's number may be shown, masked
    is_receiving: bool
    may_answer: bool
    may_withdraw: bool

    @property
    def from_name(self) -> str:
        """The giving union, for its own side, and for the other once it has agreed."""
        is_told = self.is_giving or self.request.state == TransferState.AGREED
        return self.request.from_union.name if is_told else ELSEWHERE

    @property
    def answered_name(self) -> str:
        """Who answered or took back: an answer's name would tell the union before it has agreed."""
        by = self.request.answered_by
        is_told = self.is_giving or self.request.state in (TransferState.AGREED, TransferState.WITHDRAWN)
        return by.full_name if is_told and by is not None else "对方工会或县总工会"

    @property
    def is_member_visible(self) -> bool:
        """Whether the member's page opens for the user: she is where the user looks now."""
        here = self.is_receiving if self.request.state == TransferState.AGREED else self.is_giving
        now = {TransferState.AGREED: self.request.to_union_id}.get(
            TransferState(self.request.state), self.request.from_union_id
        )
        return here and self.request.member.union_id == now


def seen_by(request: TransferRequest, user: Any) -> Seen:
    """What `user` may see of a visible request and do with it; its unions and member have to be loaded."""
    is_giving, is_receiving = reaches(user, request.from_union), reaches(user, request.to_union)
    is_pending = request.state == TransferState.PENDING
    return Seen(
        request=request,
        is_giving=is_giving,
        is_receiving=is_receiving,
        may_answer=is_pending
        and is_giving
        and request.asked_by_id != user.pk
        and user.has_perm("members.answer_transferrequest"),
        may_withdraw=is_pending and is_receiving and user.has_perm("members.add_transferrequest"),
    )


_TABS = {"answer": "等我答复", "asked": "我提出的", "done": "已办结"}


def _tab_conditions(user: Any) -> dict[str, Q]:
    """What each tab holds; together every visible request, once."""
    pending = Q(state=TransferState.PENDING)
    mine = scope_q(user, "from_union") & ~Q(asked_by=user)
    return {"answer": pending & mine, "asked": pending & ~mine, "done": ~pending}


class TransferView(ScopedCRUDView):
    """转会申请。"""

    model = TransferRequest
    route = "members:transfer"
    measure = "件"
    orders = {"on": "on", "asked": "asked_at"}
    is_changed_here = False  # it is answered or withdrawn

    def shown_tab(self) -> str:
        """The tab asked for; otherwise the first that holds something."""
        asked = self.request.GET.get("show", "")
        if asked in _TABS:
            return asked
        return next((name for name in _TABS if self.counts[name]), "answer")

    counts: dict[str, int]

    def get_queryset(self) -> Any:
        """Visible requests with what pages name; in a list those of the tab."""
        rows = self.visible().select_related("member", "from_union", "to_union", "asked_by", "answered_by")
        if self.role != Role.LIST:
            return rows
        conditions = _tab_conditions(self.user)
        self.counts = self.visible().aggregate(
            **{name: Count("pk", filter=condition) for name, condition in conditions.items()}
        )
        return rows.filter(conditions[self.shown_tab()])

    def address(self, action: str, *args: Any) -> str:
        """A new request begins with the person."""
        return reverse("members:member_transfer_in") if action == "create" else super().address(action, *args)

    def title(self) -> str:
        """The page's heading."""
        if self.role == Role.LIST:
            return "转会申请"
        assert isinstance(self.object, TransferRequest)  # noqa: S101  the page of one
        return f"{self.object.member}的转会申请"

    def breadcrumbs(self) -> Any:
        """The way here."""
        return [] if self.role == Role.LIST else crumbs(("转会申请", self.address("list")), (self.title(), ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Requests as the user sees them, and what can be done."""
        context = super().get_context_data(**kwargs)
        user = self.user
        context["update_url"] = ""
        if self.role == Role.LIST:
            shown = self.shown_tab()
            context["tabs"] = [
                (label, f"?show={name}", self.counts[name], name == shown) for name, label in _TABS.items()
            ]
            context["shown_tab"] = shown
            context["rows"] = [seen_by(request, user) for request in context["page_obj"]]
        else:
            context["seen"] = seen_by(context["object"], user)
            context["answer_form"] = AnswerForm(user=user)
        return context


class TransferPage(ScopedActionView):
    """What answering and withdrawing share."""

    model = TransferRequest
    related = ("member", "from_union", "to_union", "asked_by", "answered_by")
    route = "members:transfer"
    template_name = "members/transfer_action.html"

    def way(self) -> list[tuple[Any, str]]:
        """By the member's name alone: the giving union isn't for everyone to read."""
        return [("转会申请", reverse("members:transfer_list")), (f"{self.object.member}的转会申请", self.back())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = seen_by(self.object, self.user)
        return super().get_context_data(**kwargs) | {"seen": seen, "object": self.object.member}


class TransferAnswerView(TransferPage):
    """答复."""

    permission = "members.answer_transferrequest"
    form_class = AnswerForm
    heading = "答复转会申请"
    submit_label = "提交答复"

    def perform(self, form: Any) -> str:
        agree = form.cleaned_data["decision"] == "agree"
        services.answer_transfer(request=self.object, by=self.user, agree=agree, answer=form.cleaned_data["answer"])
        name = self.object.member
        return f"已同意，{name}的会籍已转到{self.object.to_union}。" if agree else f"已答复不同意{name}的转会申请。"


class TransferWithdrawView(TransferPage):
    """撤回."""

    permission = "members.add_transferrequest"
    form_class = ScopedForm
    heading = "撤回转会申请"
    intro = "撤回以后对方不再答复。还要转会的，可以重新申请。"
    submit_label = "撤回申请"
    is_danger = True

    def perform(self, form: Any) -> str:
        services.withdraw_transfer(request=self.object, by=self.user)
        return f"已撤回{self.object.member}的转会申请。"
