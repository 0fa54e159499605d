"""荣誉推荐: the list, one nomination with its way, and its moves. Filling one in stands in filling.py."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from awards.filters import WAITING, NominationFilter
from awards.models import Award, Nomination, NominationFile, RequiredPaper
from members.models import Union
from pingtang_union.core.application_views import (
    ApplicationMoveView,
    ApplicationPageMixin,
    AttachmentView,
    key_in,
)
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.views import PER_PAGE, Role, ScopedCRUDView, ScopedMixin
from pingtang_union.core.workflow import SHORTEST_REASON, perform, permission_of, transition_called

RECOMMEND = permission_of(Nomination, "recommend")
TOGETHER = ("recommend", "send_back")  # what townships do with several at once


def papers_of(nomination: Nomination) -> list[dict[str, Any]]:
    """The nominee's checklist: each paper, whether it is ready, and its files; then the files for no paper."""
    ready = {one.paper_id for one in nomination.papers.all() if one.is_ready}
    files: dict[int | None, list[NominationFile]] = {}
    for file in nomination.files.defer("content"):
        files.setdefault(file.paper_id, []).append(file)
    papers: list[RequiredPaper] = nomination.required_papers()
    lines = [{"paper": one, "is_ready": one.pk in ready, "files": files.pop(one.pk, [])} for one in papers]
    rest = [file for found in files.values() for file in found]
    return [*lines, {"paper": None, "is_ready": True, "files": rest}] if rest else lines


def answers_of(nomination: Nomination) -> list[dict[str, Any]]:
    """Each veto of the round with what the union says of it; None where it hasn't."""
    answers = {one.veto_id: one for one in nomination.veto_answers.all()}
    return [{"veto": veto, "answer": answers.get(veto.pk)} for veto in nomination.round.vetoes.all()]


class NominationView(ApplicationPageMixin, ScopedCRUDView):
    """荣誉推荐。"""

    model = Nomination
    route = "nomination"
    filterset_class = NominationFilter
    is_entered_here = is_changed_here = False  # begun on a round's page, changed in steps

    def get_template_names(self) -> Sequence[str]:
        """One template a page."""
        return [f"awards/nomination_{self.role.value}.html"]

    def get_queryset(self) -> Any:
        """Visible nominations with what pages name."""
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
        one = self.object
        context |= {
            "papers": papers_of(one),
            "answers": answers_of(one),
            "sees_score": user.has_perm("awards.review_nomination"),
            "missing": one.still_missing() if context["may_edit"] else [],
            "award": Award.objects.visible_to(user).filter(nomination=one).first()
            if user.has_perm("awards.view_award")
            else None,
        }
        if user.has_perm("awards.view_opinion"):
            context["opinions"] = one.opinions.select_related("required")
        if user.has_perm("awards.view_nominationobjection"):
            context["objections"] = one.objections.all()
        return context


class NominationMoveView(ApplicationMoveView):
    """One transition."""

    model = Nomination
    route = "nomination"
    template_name = "awards/nomination_move.html"

    def visible(self) -> Any:
        """With what the page names."""
        return super().visible().select_related("union", "honour", "round")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The way here over the list."""
        context = super().get_context_data(**kwargs)
        crumbs = [{"label": "荣誉推荐", "url": reverse("nomination_list")}, *context["breadcrumbs"]]
        return context | {"breadcrumbs": crumbs, "nomination": self.object}


class NominationSeveralView(ScopedMixin):
    """推荐、退回 several at once with one reason; each is done by itself, and what isn't done is said by name."""

    model = Nomination
    http_method_names = ["post"]

    def needed_permissions(self) -> tuple[str, ...]:
        """To recommend."""
        return (RECOMMEND,)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it to those picked, and lead back to the list as it was."""
        name, reason = request.POST.get("move", ""), request.POST.get("reason", "").replace("\0", "")
        query = QueryDict(request.POST.get("back", ""), mutable=True)
        back = f"{reverse('nomination_list')}?{query.urlencode()}"
        if name not in TOGETHER:
            messages.error(request, "请点「推荐」或「退回」。")
            return HttpResponseRedirect(back)
        transition = transition_called(Nomination, name)
        picked = _picked(request.POST.getlist("pick"))
        if not picked:
            messages.error(request, f"还没有勾选。请先勾选要{transition.label}的，再点「{transition.label}」。")
        elif transition.needs_reason and len("".join(reason.split())) < SHORTEST_REASON:
            messages.error(
                request, f"没有办理：请写明{transition.label}的原因（至少 {SHORTEST_REASON} 个字），对方要看得懂。"
            )
        else:
            self._move(name, transition.label, picked, reason)
        return HttpResponseRedirect(back)

    def _move(self, name: str, label: str, picked: dict[int, int], reason: str) -> None:
        done = []
        found = self.visible().filter(pk__in=picked).select_related("union", "honour", "round").order_by("pk")
        for nomination in found:
            try:
                perform(nomination, name, by=self.user, reason=reason, seen=picked[nomination.pk])
            except DomainError as error:
                messages.error(self.request, f"{nomination.name}没有{label}：{error}")
            else:
                done.append(nomination.name)
        if len(found) < len(picked):
            messages.error(self.request, f"有 {len(picked) - len(found)} 份没有找到，请刷新后再办。")
        if done:
            messages.success(self.request, f"已{label} {len(done)} 份：{'、'.join(done)}。")


def _picked(values: list[str]) -> dict[int, int]:
    """Revision by key of "7:2"; what is no such pair isn't picked. A page holds so many."""
    pairs = [value.partition(":") for value in values[:PER_PAGE]]
    return {key_in(key): key_in(revision) for key, _, revision in pairs if key_in(key)}


class NominationFileView(AttachmentView):
    """An attachment."""

    model = NominationFile
