"""推荐对象, the first step of a nomination: the title, a search among the user's records, what is said of who it is."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from awards import services
from awards.filters import known_rounds
from awards.forms.nominations import NomineeForm
from awards.models import Honour, Nomination, SelectionRound
from awards.views.steps import MAY_START, NominationStepView
from members.models import Cadre, Member, Union
from members.models.codes import UnionStatus
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.text import fold, fold_name
from pingtang_union.core.views import ScopedMixin, crumbs
from pingtang_union.workflow.filling import step_lines

NOMINEES: dict[str, type[Member | Cadre | Union]] = {"member": Member, "cadre": Cadre, "nominee_union": Union}
BY_NAME = "by_name"
KEPT = ("round", "honour", "pick")  # what a search keeps in the address
CANDIDATES_PER_PAGE = 20


def candidates(user: Any, source: str, union: Union | None = None) -> Any:
    """Records that may be nominated: current members, cadres in post, unions that exist; with `union` its own only."""
    if source == "member":
        rows: Any = Member.objects.visible_to(user).current()
    elif source == "cadre":
        rows = Cadre.objects.visible_to(user).in_post_on(timezone.localdate())
    else:
        unions = Union.objects.visible_to(user).exclude(status=UnionStatus.DISSOLVED)
        return unions.filter(pk=union.pk) if union is not None else unions
    rows = rows.select_related("union")
    return rows.filter(union=union) if union is not None else rows


class NomineeMixin(ScopedMixin):
    """What beginning a nomination and changing its nominee share: a search of the user's records, then the form.

    The address says how far it is: ?member=7 (cadre, nominee_union) names a record, ?by_name=yes none.
    """

    request: HttpRequest
    own_union: Union | None = None  # whose records are searched; None: all that the user sees

    def nominee(self) -> Union | Member | Cadre | None:
        """The record that the address names; 404 for one that can't be nominated."""
        for source in NOMINEES:
            key = self.request.GET.get(source, "")
            if key:
                return get_object_or_404(candidates(self.user, source, self.own_union), pk=key_in(key))
        return None

    @property
    def is_chosen(self) -> bool:
        """Whether the address says who."""
        return any(self.request.GET.get(name) for name in (*NOMINEES, BY_NAME))

    def search(self, honour: Honour) -> dict[str, Any]:
        """A page of candidates whose names begin with what was asked; of unions those that contain it."""
        sources = [("member", "会员"), ("cadre", "干部")] if honour.is_for_person else [("nominee_union", "工会")]
        term = self.request.GET.get("q", "").strip()[:50]
        matches = {}
        for source, _label in sources:
            rows = candidates(self.user, source, self.own_union)
            key = fold(term) if source == "nominee_union" else fold_name(term)
            condition = {"name_key__contains": key} if source == "nominee_union" else {"name_key__startswith": key}
            matches[source] = rows.filter(**condition) if key else (rows.none() if term else rows)
        pages = {name: Paginator(rows, CANDIDATES_PER_PAGE) for name, rows in matches.items()}
        asked = self.request.GET.get("from", "")
        if asked not in pages:  # the first list that has anybody
            asked = next((name for name in pages if pages[name].count), sources[0][0])
        return {
            "tabs": [(source, label, pages[source].count, source == asked) for source, label in sources],
            "source": asked,
            "term": term,
            "page_obj": pages[asked].get_page(self.request.GET.get("page")),
            "several": self.own_union is None and Union.objects.visible_to(self.user)[:2].count() > 1,
            "kept": [
                (name, self.request.GET[name]) for name in ("round", "honour", "pick") if name in self.request.GET
            ],
        }


def take(nomination: Nomination, nominee: Union | Member | Cadre | None) -> None:
    """Make `nominee` the one, and no other."""
    nomination.nominee_union = nominee if isinstance(nominee, Union) else None
    nomination.member = nominee if isinstance(nominee, Member) else None
    nomination.cadre = nominee if isinstance(nominee, Cadre) else None


def known_of(nominee: Union | Member | Cadre | None) -> dict[str, Any]:
    """What the record already says of the nominee: nobody writes it twice."""
    if isinstance(nominee, Member):
        return {"position": nominee.employer, "is_migrant": bool(nominee.is_migrant)}
    if isinstance(nominee, Cadre):
        return {"position": f"{nominee.union.name}{nominee.post}" if nominee.post else ""}
    return {}


class NominationCreateView(NomineeMixin, FormView):
    """推荐: which title, then who, then what is to be said of who it is. The last saves the draft."""

    model = Nomination
    form_class = NomineeForm

    def needed_permissions(self) -> tuple[str, ...]:
        return MAY_START

    round: SelectionRound
    honour: Honour | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A round that takes nobody now says so on its own page."""
        if not request.user.is_authenticated or not request.user.has_perms(MAY_START):
            return super().dispatch(request, *args, **kwargs)
        key = request.GET.get("round", "")
        if not key:
            messages.info(request, "请先选一次评选，再点「推荐」。")
            return redirect("awards:round_list")
        rounds = known_rounds(request.user).select_related("union")
        self.round = get_object_or_404(rounds, pk=key_in(key))
        if not self.round.is_open_on(timezone.localdate()):
            messages.error(request, f"「{self.round}」现在不收申报。")
            return redirect("awards:round_detail", self.round.pk)
        self.honour = self._honour(request.GET.get("honour", ""))
        return super().dispatch(request, *args, **kwargs)

    def _honour(self, key: str) -> Honour | None:
        honours = list(self.round.honours.in_order())
        if not key:
            return honours[0] if len(honours) == 1 else None
        for honour in honours:
            if str(honour.pk) == key:
                return honour
        raise Http404

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The title, the search or the form, as far as the address is."""
        if self.honour is None:
            return self.render_to_response(self._page(honours=self.round.honours.in_order()))
        if not self.is_chosen:
            return self.render_to_response(self._page(honour=self.honour, **self.search(self.honour)))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the draft; without a title or a person there is nothing to save yet."""
        if self.honour is None or not self.is_chosen:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        if self.honour is None:
            return ["awards/nomination_honour.html"]
        return ["awards/nomination_form.html" if self.is_chosen else "awards/nomination_who.html"]

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form is of a draft with what is known of the nominee already."""
        nominee = self.nominee()
        assert self.honour is not None  # noqa: S101  get and post have seen to it
        union = nominee if isinstance(nominee, Union) else nominee.union if nominee is not None else self.user.union
        draft = Nomination(round=self.round, honour=self.honour, union=union)
        take(draft, nominee)
        initial = {"honour": self.honour.pk, "union": self.user.union_id, **known_of(nominee)}
        kwargs = super().get_form_kwargs()
        return {**kwargs, "user": self.user, "nominee": nominee, "instance": draft, "initial": initial}

    def form_valid(self, form: Any) -> HttpResponse:
        """Begin it, and go on with the merits."""
        try:
            draft = services.start_nomination(nomination=form.instance, by=self.user)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, f"已保存「{draft.name}」的推荐草稿，随时可以回来接着填。")
        if "leave" in self.request.POST:
            return redirect("awards:nomination_detail", draft.pk)
        return redirect("awards:nomination_merits", draft.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        draft = context["form"].instance
        return context | self._page(honour=self.honour, nomination=draft, nominee=self.nominee(), again=self._again())

    def _again(self) -> str:
        """Back to the search."""
        honour = self.honour.pk if self.honour is not None else ""
        return f"{reverse('awards:nomination_create')}?round={self.round.pk}&honour={honour}"

    def _page(self, **more: Any) -> dict[str, Any]:
        home = reverse("awards:round_detail", args=[self.round.pk])
        return {
            "title": "推荐对象",
            "round": self.round,
            "steps": step_lines("awards:nomination", Nomination(), "who"),
            "subject": self.round.title,
            "beside": self.honour.title if self.honour is not None else "",
            "back": home,
            "breadcrumbs": crumbs(("评选推荐", reverse("awards:round_list")), (self.round.title, home), ("推荐", "")),
            **more,
        }


class NominationNomineeView(NomineeMixin, NominationStepView):
    """1 推荐对象, of a draft: its facts, and on ?pick=yes the search for another nominee."""

    step = "who"
    labels = ("推荐的荣誉", "推荐对象", "工作单位和职务", "农民工", "所在单位")
    form_class = NomineeForm

    def get_object(self) -> Any:
        """Another nominee is looked for among the records of the same union."""
        draft = super().get_object()
        self.own_union = draft.union
        return draft

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The search is never sent."""
        if self._is_search:
            return redirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    @property
    def _is_search(self) -> bool:
        return bool(self.request.GET.get("pick")) and not self.is_chosen

    def get_template_names(self) -> list[str]:
        return ["awards/nomination_who.html" if self._is_search else "awards/nomination_form.html"]

    def get_form_kwargs(self) -> dict[str, Any]:
        """A copy of the draft with the nominee that the address names."""
        self.own_union = self.object.union
        draft, initial = copy(self.object), {}
        if self.is_chosen:
            take(draft, self.nominee())
            initial = {name: value for name, value in known_of(self.nominee()).items() if value}
        nominee = draft.nominee_union or draft.member or draft.cadre
        return {**super().get_form_kwargs(), "instance": draft, "nominee": nominee, "initial": initial}

    def perform(self, form: Any) -> str:
        draft = form.instance
        records = {name: getattr(draft, name) for name in NOMINEES}
        values = {**form.cleaned_data, **records, "kind": draft.kind, "name": draft.name}
        services.change_nomination(nomination=self.object, by=self.user, values=values)
        return f"已保存「{draft.name}」的推荐。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.own_union = self.object.union
        context = super().get_context_data(**kwargs)
        context |= {"honour": self.object.honour, "again": f"{self.request.path}?pick=yes", "title": self.heading}
        if self._is_search:
            return context | self.search(self.object.honour)
        draft = context["form"].instance
        return context | {"nominee": draft.nominee_union or draft.member or draft.cadre}
