"""荣誉推荐: the list, one nomination with its way, and its moves. Filling one in stands in filling.py."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from awards.filters import WAITING, NominationFilter
from awards.models import Award, Nomination, NominationFile
from members.models import Union
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.views import PER_PAGE, Role, ScopedCRUDView, ScopedMixin
from pingtang_union.workflow.moving import perform
from pingtang_union.workflow.pages import ApplicationMoveView, ApplicationPageMixin, AttachmentView
from pingtang_union.workflow.table import SHORTEST_REASON, transition_called

RECOMMEND = permission_of(Nomination, "recommend")
TOGETHER = ("recommend", "send_back")  # what townships do with several at once


class NominationView(ApplicationPageMixin, ScopedCRUDView):
    """荣誉推荐。"""

    model = Nomination
    route = "awards:nomination"
    measure = "份"
    filterset_class = NominationFilter
    is_entered_here = is_changed_here = False  # begun on a round's page, changed in steps

    def get_queryset(self) -> Any:
        rows = self.visible().select_related("union", "honour", "round")
        if self.role == Role.LIST:
            return rows.defer("deeds")
        return rows.select_related("round__union", "member", "cadre", "nominee_union")

    @property
    def recommends(self) -> bool:
        """Whether the role recommends."""
        return self.user.has_perm(RECOMMEND)

    def title(self) -> str:
        """The page's heading."""
        return "荣誉推荐" if self.role == Role.LIST else str(self.object.name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The queue of those who recommend; of one nomination everything that the role may read."""
        context = super().get_context_data(**kwargs)
        user = self.user
        if self.role == Role.LIST:
            mine = self.visible().awaiting_recommendation().exclude(submitted_by=user)
            context |= {
                "several": Union.objects.visible_to(user)[:2].count() > 1,
                "recommends": self.recommends,
                "waiting": mine.count() if self.recommends else 0,
                "shows_waiting": self.recommends and self.request.GET.get("show") == WAITING,
                "shortest": SHORTEST_REASON,
                "is_filtered": any(name != "show" for name, _label, _text in kwargs["filterset"].chosen()),
            }
            return context
        nomination = self.object
        context |= {
            "papers": nomination.checklist(),
            "answers": nomination.answered_vetoes(),
            "sees_score": user.has_perm("awards.review_nomination"),
            "missing": nomination.still_missing() if context["may_edit"] else [],
            "award": Award.objects.visible_to(user).filter(nomination=nomination).first()
            if user.has_perm("awards.view_award")
            else None,
        }
        if user.has_perm("awards.view_opinion"):
            context["opinions"] = nomination.opinions.select_related("required")
        if user.has_perm("awards.view_nominationobjection"):
            context["objections"] = nomination.objections.all()
        return context


class NominationMoveView(ApplicationMoveView):
    """One transition."""

    model = Nomination
    related = ("union", "honour", "round")
    route = "awards:nomination"
    template_name = "awards/nomination_move.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"nomination": self.object}


class NominationSeveralView(ScopedMixin):
    """推荐、退回 several at once with one reason; each is done by itself, and what isn't done is said by name."""

    model = Nomination
    http_method_names = ["post"]

    def needed_permissions(self) -> tuple[str, ...]:
        return (RECOMMEND,)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it to those picked, and lead back to the list as it was."""
        name, reason = request.POST.get("move", ""), request.POST.get("reason", "").replace("\0", "")
        query = QueryDict(request.POST.get("back", ""), mutable=True)
        back = f"{reverse('awards:nomination_list')}?{query.urlencode()}"
        if name not in TOGETHER:
            messages.error(request, "请点「推荐」或「退回」。")
            return HttpResponseRedirect(back)
        transition = transition_called(Nomination, name)
        picked = _picked(request.POST.getlist("pick"))
        if not picked:
            messages.error(request, f"尚未勾选。请先勾选要{transition.label}的，再点「{transition.label}」。")
        elif transition.needs_reason and len("".join(reason.split())) < SHORTEST_REASON:
            messages.error(
                request, f"没有办理：请写明{transition.label}的原因（至少 {SHORTEST_REASON} 个字），对方要看得懂。"
            )
        else:
            self._move(name, transition.label, picked, reason)
        return HttpResponseRedirect(back)

    def _move(self, name: str, label: str, picked: dict[int, int], reason: str) -> None:
        done = []
        nominations = self.visible().filter(pk__in=picked).select_related("union", "honour", "round").order_by("pk")
        for nomination in nominations:
            try:
                perform(nomination, name, by=self.user, reason=reason, seen=picked[nomination.pk])
            except DomainError as error:
                messages.error(self.request, f"{nomination.name}没有{label}：{error}")
            else:
                done.append(nomination.name)
        if len(nominations) < len(picked):
            messages.error(self.request, f"有 {len(picked) - len(nominations)} 份没有找到，请刷新后再办。")
        if done:
            messages.success(self.request, f"已{label} {len(done)} 份：{'、'.join(done)}。")


def _picked(values: list[str]) -> dict[int, int]:
    """Revision by key of "7:2"; what is no such pair isn't picked. A page holds so many."""
    pairs = [value.partition(":") for value in values[:PER_PAGE]]
    return {key_in(key): key_in(revision) for key, _, revision in pairs if key_in(key)}


class NominationFileView(AttachmentView):
    """An attachment."""

    model = NominationFile
