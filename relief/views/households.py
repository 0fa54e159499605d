"""困难职工档案: the list, one file with its way, its moves, the visit, papers, what is printed."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView

from members.models import Member
from pingtang_union.core.audit import record_change
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.text import fold_name
from pingtang_union.core.views import Role, ScopedActionView, ScopedCRUDView, ScopedMixin, crumbs
from pingtang_union.money import yuan
from pingtang_union.reveal import RevealView
from pingtang_union.workflow.attachments import upload_of
from pingtang_union.workflow.clocks import clocks
from pingtang_union.workflow.pages import ApplicationMoveView, ApplicationPageMixin, AttachmentView
from relief import services
from relief.filters import HouseholdFilter
from relief.forms.households import AnswerForm, ReliefForm, StartForm, VisitForm
from relief.models import Assessment, Grant, Household, HouseholdFile, HouseholdPerson, SpotCheck
from relief.models.assessment import Outcome
from relief.models.codes import FileState
from relief.services import masking, national
from relief.services.papers import shown_file

CANDIDATES = 20


def people_of(household: Household, user: Any) -> list[dict[str, Any]]:
    """The people as a page shows them to its reader."""
    return [
        {
            "person": one,
            "relation": one.get_relation_display(),
            "name": masking.shown_name(one, user),
            "number": masking.shown_number(one, user),
            "health": masking.shown_health(one, user),
            "income": yuan(one.income),
            "school": masking.shown_school(one, user),
            "consents": [given for given in one.consents.all() if given.withdrawn_on is None],
        }
        for one in household.people.all()
    ]


def way_to(*last: tuple[str, str]) -> list[dict[str, str]]:
    """The way from the list of files."""
    return crumbs(("困难职工档案", reverse("relief:household_list")), *last)


class HouseholdView(ApplicationPageMixin, ScopedCRUDView):
    """困难职工档案."""

    model = Household
    related = ("union",)
    route = "relief:household"
    measure = "份"
    filterset_class = HouseholdFilter
    ledgers = (("households", "困难职工档案台账"),)
    is_entered_here = is_changed_here = False  # begun by a search, changed in steps

    def get_queryset(self) -> Any:
        return self.visible() if self.role == Role.LIST else self.visible().with_checklists()

    def title(self) -> str:
        return "困难职工档案" if self.role == Role.LIST else f"{masking.shown_name(self.object, self.user)}户"

    def breadcrumbs(self) -> list[dict[str, str]]:
        return [] if self.role == Role.LIST else way_to((self.title(), ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.user
        if self.role == Role.LIST:
            running = clocks(list(context["page_obj"]))
            for one in context["page_obj"]:
                one.shown = masking.shown_name(one, user)
                one.clock = running.get(one.pk)
            if not may(user, "view", HouseholdPerson):  # the ledger names them
                context["exports"] = []
            return context | {"may_start": may(user, "submit", Household)}
        household = self.object
        works = masking.works_on_files(user)
        to_visit = Household.objects.filter(Household.awaits_visit(), pk=household.pk).exists()
        context |= {
            "household": household,
            "works": works,
            "people": people_of(household, user) if works else [],
            "account": masking.shown_account(household, user),
            "missing": household.still_missing() if context["may_edit"] else [],
            "visits": household.visits.select_related("visitor").prefetch_related("photos") if works else [],
            "may_visit": to_visit and may(user, "visit", Household),
            "clock": clocks([household]).get(household.pk),
            "assessments": list(household.assessments.select_related("policy")),
            "acts": household.acts.all(),
            "on_file": household.file_state != FileState.PENDING,
            "may_print_copy": works and may(user, "check", Household),
            "national": national.missing_there(household, national.NationalWords())
            if works and household.file_state == FileState.ON_FILE
            else None,
            "sees_account": may(user, "account", Household),
            "sees_number": may(user, "reveal", Household),
        }
        if not works:  # reasons tell of the family
            context |= {"returned_reason": "", "differences": []}
            for moment in context["moments"]:
                if moment.step is not None:
                    moment.step.reason = ""
        return context


class HouseholdMoveView(ApplicationMoveView):
    """One transition."""

    model = Household
    related = ("union",)
    route = "relief:household"


class StartView(ScopedMixin, FormView):
    """申请: who it is, from the roster or by name; saves the draft and leads to the first step."""

    model = Household
    form_class = StartForm
    template_name = "relief/household_start.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Household, "add"), permission_of(Household, "submit"))

    def members(self) -> Any:
        """Current members whose name begins with what was asked."""
        term = self.request.GET.get("q", "").strip()[:50]
        rows = Member.objects.visible_to(self.user).current().select_related("union").order_by("name_key", "pk")
        key = fold_name(term)
        return rows.filter(name_key__startswith=key)[:CANDIDATES] if key else rows.none()

    def get_form_kwargs(self) -> dict[str, Any]:
        draft = Household(union=self.user.union)
        return {**super().get_form_kwargs(), "user": self.user, "instance": draft}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin with the member picked, or with the name written."""
        if key := key_in(request.POST.get("member", "")):
            member = get_object_or_404(Member.objects.visible_to(self.user).current(), pk=key)
            return self._begin(Household(union=member.union, name=member.name), member)
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        return self._begin(form.save(commit=False), None)

    def _begin(self, draft: Household, member: Member | None) -> HttpResponse:
        try:
            household = services.start_household(household=draft, member=member, by=self.user)
        except DomainError as error:
            form = self.get_form()
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return redirect("relief:household_update", household.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": "困难职工建档",
            "term": self.request.GET.get("q", "").strip()[:50],
            "members": self.members(),
            "by_name": self.request.GET.get("by_name") == "yes" or self.request.method == "POST",
            "breadcrumbs": way_to(("建档", "")),
        }


class VisitView(ScopedActionView):
    """登记入户走访."""

    model = Household
    route = "relief:household"
    permission = permission_of(Household, "visit")
    form_class = VisitForm
    heading = "登记入户走访"
    intro = "由两人入户走访，初审人不再入户。登记后报县总工会审核。"
    submit_label = "登记"

    def perform(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        photos = [upload_of(upload) for upload in given.pop("photos")]
        services.record_visit(household=self.object, photos=photos, by=self.user, **given)
        return "已登记入户走访。"


class ReliefView(ScopedActionView):
    """申请帮扶."""

    model = Household
    route = "relief:household"
    permission = permission_of(Grant, "apply")
    form_class = ReliefForm
    heading = "申请帮扶"
    intro = "为在档困难职工申请一项帮扶，由县总工会核定。收款账户按档案登记。"
    submit_label = "提交申请"

    def perform(self, form: Any) -> str:
        grant = services.grant_from_file(household=self.object, by=self.user, **form.cleaned_data)
        return f"已提交申请：{grant.plan}，{yuan(grant.cash + grant.goods)} 元，等待县总工会核定。"


class FileView(AttachmentView):
    """A paper or photo; scans of identity papers with a watermark."""

    model = HouseholdFile

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(self.visible().select_related("paper", "application"), pk=pk)
        try:
            return shown_file(file, self.user)
        except DomainError as error:
            raise Http404(str(error)) from error


class AssessmentView(ScopedMixin, TemplateView):
    """A kept calculation, to be printed."""

    model = Assessment
    template_name = "relief/assessment_print.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Household, "view"), permission_of(Assessment, "view"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.visible().select_related("household__union", "policy")
        assessment = get_object_or_404(rows, pk=self.kwargs["pk"])
        household, outcome = assessment.household, Outcome.from_json(assessment.outcome)
        return super().get_context_data(**kwargs) | {
            "title": "困难认定计算表",
            "assessment": assessment,
            "household": household,
            "name": masking.shown_name(household, self.user),
            "works": masking.works_on_files(self.user),
            "outcome": outcome,
            "a_head": yuan(Decimal(outcome.a_head)),
            "people": assessment.facts["people"],
            "breadcrumbs": way_to(
                (masking.shown_name(household, self.user), reverse("relief:household_detail", args=[household.pk])),
                ("困难认定计算表", ""),
            ),
        }


class CopyView(ScopedMixin, TemplateView):
    """The person's own copy of the file, printed when the person asks for it: numbers stay masked, and the audit trail
    says that it was printed."""

    model = Household
    template_name = "relief/household_copy.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Household, "check"),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        household = get_object_or_404(self.visible().with_checklists(), pk=self.kwargs["pk"])
        record_change(household, field_label="本人查阅", before="", after="打印档案副本")
        last = household.assessments.select_related("policy").first()
        return super().get_context_data(**kwargs) | {
            "title": "困难职工档案（本人查阅）",
            "household": household,
            "people": people_of(household, self.user),
            "account": masking.shown_account(household, self.user),
            "assessment": last,
            "outcome": Outcome.from_json(last.outcome) if last else None,
            "today": timezone.localdate(),
            "breadcrumbs": way_to(
                (str(household), reverse("relief:household_detail", args=[household.pk])),
                ("本人查阅", ""),
            ),
        }


class AccountView(RevealView):
    """The account in full, for a reason."""

    model = Household
    route = "relief:household"
    guarded = "bank_account"
    heading = "查看完整账号"
    intro = "收款账号是受保护的个人信息，只在工作需要时查看。"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Household, "view"), permission_of(Household, "account"))


class NumberView(RevealView):
    """A person's number in full, for a reason; of a minor for who may see children."""

    model = HouseholdPerson
    route = "relief:household"
    part_of = "household"

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(HouseholdPerson, "view"), permission_of(Household, "reveal"))

    def get_object(self) -> Any:
        person = get_object_or_404(self.visible().select_related("household"), pk=self.kwargs["pk"])
        if person.is_minor and not masking.sees(self.user, "children"):
            raise Http404
        return person


class SpotAnswerView(ScopedActionView):
    """答复抽查."""

    model = SpotCheck
    route = "relief:household"
    part_of = "household"
    permission = permission_of(Household, "submit")
    form_class = AnswerForm
    heading = "答复抽查"
    submit_label = "答复"

    def visible(self) -> Any:
        return super().visible().filter(found_by__isnull=False, household__isnull=False).select_related("household")

    @property
    def intro(self) -> str:  # type: ignore[override]  # what was found
        return f"抽查情况：{self.object.findings}"

    def perform(self, form: Any) -> str:
        services.answer_finding(check=self.object, answer=form.cleaned_data["answer"], by=self.user)
        return "已答复。"
