"""Filling in a hardship file on a phone, step by step; each step is saved by itself."""

from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.views import ScopedMixin, crumbs
from pingtang_union.workflow.attachments import MAX_ATTACHMENT_BYTES, TAKEN, upload_of
from pingtang_union.workflow.moving import is_unchanged, may_edit, remove_file, what_is_missing
from pingtang_union.workflow.pages import CONFIRM, ApplicationFillView, why_closed
from pingtang_union.workflow.table import transition_called
from pingtang_union.workflow.timeline import return_step
from relief import services
from relief.forms.households import ConsentForm, MoneyForm, PapersForm, PersonForm, WhoForm, excluding
from relief.models import Household, HouseholdPerson
from relief.models.codes import Relation
from relief.services import masking
from relief.services.households import ACCOUNT

SUBMIT = permission_of(Household, "submit")
CHECK = "check"
ROUTES = {"who": "household_update"}  # the others are called as the step is
STEPS = (*Household.filling_steps, (CHECK, "检查并提交"))


def address_of(step: str, household: Household) -> str:
    """Where a step is filled in."""
    return reverse(f"relief:{ROUTES.get(step, f'household_{step}')}", args=[household.pk])


@dataclass(frozen=True)
class StepLine:
    """A step as the list of steps shows it."""

    number: int
    label: str
    url: str
    is_current: bool
    missing: list[str] | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing there."""
        return self.missing == []


def steps_of(household: Household, current: str) -> list[StepLine]:
    """All steps with what is still missing in each."""
    missing = household.missing_by_step()
    return [
        StepLine(number, label, address_of(name, household), name == current, missing.get(name))
        for number, (name, label) in enumerate(STEPS, 1)
    ]


def way_to(household: Household) -> list[tuple[str, str]]:
    """The pages above a step."""
    page = reverse("relief:household_detail", args=[household.pk])
    return [("困难职工档案", reverse("relief:household_list")), (str(household), page)]


class StepView(ApplicationFillView):
    """What the steps share."""

    model = Household
    route = "relief:household"
    template_name = "relief/household_step.html"
    step: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]  # of Household.content(), or what they begin with

    def visible(self) -> Any:
        return super().visible().select_related("union")

    def holds(self, label: str) -> bool:
        return label.startswith(self.labels)

    def way(self) -> list[tuple[Any, str]]:
        return way_to(self.object)

    @property
    def heading(self) -> str:  # type: ignore[override]  # follows from the step
        return dict(STEPS)[self.step]

    def get_success_url(self) -> str:
        """The next step, this one again, or the file's page for who goes on later."""
        if "leave" in self.request.POST:
            return self.back()
        if "stay" in self.request.POST:
            return self.request.path
        names = [name for name, _label in STEPS]
        return address_of(names[names.index(self.step) + 1], self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the list of steps, as it is stored."""
        stored = Household.objects.with_checklists().get(pk=self.object.pk)
        return super().get_context_data(**kwargs) | {
            "household": stored, "steps": steps_of(stored, self.step), "step": self.step,
        }  # fmt: skip


class _ChangingView(StepView):
    """A step that changes the file's own columns."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": copy(self.object)}

    def perform(self, form: Any) -> str:
        services.change_household(household=self.object, by=self.user, values=form.cleaned_data)
        return "已保存。"


class WhoView(_ChangingView):
    """1 申请人."""

    step, labels, form_class = "who", ("申请人",), WhoForm


class FamilyView(StepView):
    """2 家庭成员: the list; each person has a page."""

    step, labels = "family", ("家庭成员",)
    template_name = "relief/household_family.html"

    def get_form(self, form_class: Any = None) -> Any:
        return None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a person out."""
        self.object = self.get_object()
        person = get_object_or_404(self.object.people, pk=key_in(request.POST.get("remove", "")))
        try:
            services.remove_person(person=person, by=self.user)
            messages.success(request, f"已删去{person.told}。")
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = [(one, masking.shown_name(one, self.user)) for one in context["household"].people.all()]
        return context | {"people": people, "next": address_of("money", self.object)}


class PersonView(StepView):
    """A person of the household: a new one, or the one that the address names."""

    step, labels, form_class = "family", ("家庭成员",), PersonForm
    template_name = "relief/household_person.html"

    def person(self) -> HouseholdPerson:
        """The one to be filled in."""
        if "person" not in self.kwargs:
            return HouseholdPerson(household=self.object, relation=Relation.CHILD)
        return get_object_or_404(self.object.people.select_related("household"), pk=self.kwargs["person"])

    def get_form_kwargs(self) -> dict[str, Any]:
        person = self.person()
        kwargs = {**super().get_form_kwargs(), "instance": person}
        return kwargs if person.pk else {**kwargs, "initial": {"relation": ""}}

    def perform(self, form: Any) -> str:
        """Save the person."""
        person = form.save(commit=False)
        services.save_person(person=person, by=self.user)
        return f"已保存{person.told}。"

    def get_success_url(self) -> str:
        return address_of("family", self.object)


class MoneyView(_ChangingView):
    """3 收入支出."""

    step, labels, form_class = "money", ("收支",), MoneyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "excluding": excluding(self.object)}

    def perform(self, form: Any) -> str:
        values = dict(form.cleaned_data)
        exclusions = values.pop("exclusions")
        services.change_household(household=self.object, by=self.user, values=values, exclusions=exclusions)
        return "已保存。"


class PapersView(StepView):
    """4 原因和材料. Good files are kept, those that can't be taken are named."""

    step, labels, form_class = "papers", ("材料", "致困原因"), PapersForm
    template_name = "relief/household_papers.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        causes = {line.place: line.cause_id for line in self.object.causes.all()}
        initial = {"main": causes.pop(0, None), "others": list(causes.values())}
        return {**super().get_form_kwargs(), "papers": self.object.needed_papers(), "initial": initial}

    def perform(self, form: Any) -> str:
        household, by = self.object, self.user
        given = form.cleaned_data
        services.set_causes(household=household, main=given["main"], others=given["others"], by=by)
        said = ["已保存。"]
        if key := self.request.POST.get("remove", ""):
            for file in household.files.filter(pk=key_in(key), visit=None):
                remove_file(file=file, by=by)
                said.append(f"已删去「{file.name}」。")
        taken = 0
        for paper, upload in form.uploads():
            try:
                services.add_file(household=household, checked=upload_of(upload), paper=paper, by=by)
                taken += 1
            except DomainError as error:
                messages.error(self.request, str(error))
        if taken:
            said.append(f"已收下 {taken} 个文件。")
        return "".join(said)

    def get_success_url(self) -> str:
        return self.request.path if "remove" in self.request.POST else super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        files: dict[Any, list[Any]] = {}
        for file in context["household"].files.all():
            files.setdefault(file.paper_id, []).append(file)
        lines = [(paper, form.of_paper(paper), files.pop(paper.pk, [])) for paper in form.papers]
        return context | {
            "lines": lines,
            "other_field": form["files-other"],
            "other_files": [file for rest in files.values() for file in rest],
            "taken": TAKEN,
            "most_mb": MAX_ATTACHMENT_BYTES // 1024 // 1024,
        }


class ConsentView(_ChangingView):
    """5 授权和收款."""

    step, labels, form_class = "consent", ("授权", "收款"), ConsentForm

    def perform(self, form: Any) -> str:
        values = {name: form.cleaned_data[name] for name in ACCOUNT}
        if isinstance(values["bank_account"], str) and values["bank_account"] == str(self.object.bank_account):
            del values["bank_account"]  # the mask came back
        services.change_household(household=self.object, by=self.user, values=values)
        for person, purpose, day, guardian in form.signed():
            services.give_consent(person=person, purpose=purpose, signed_on=day, signer=guardian, by=self.user)
        return "已保存。"


class MendView(ScopedMixin, View):
    """The way to the step that a return names."""

    model = Household

    def needed_permissions(self) -> tuple[str, ...]:
        return (SUBMIT,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead there."""
        household = get_object_or_404(self.visible(), pk=pk)
        return redirect(address_of(return_step(household) or CHECK, household))


class CheckView(ScopedMixin, TemplateView):
    """6 检查并提交: what is missing with the way to its step, the calculation as it stands, the button."""

    model = Household
    template_name = "relief/household_check.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return (SUBMIT,)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; of what can't be handed in any more its own, with why."""
        self.object = get_object_or_404(self.visible().with_checklists(), pk=self.kwargs["pk"])
        if not may_edit(self.object, self.user):
            messages.warning(request, why_closed(self.object, self.user))
            return redirect("relief:household_detail", self.object.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        household = self.object
        lines = steps_of(household, CHECK)
        asked = [words for line in lines for words in line.missing or []]
        missing = what_is_missing(household, transition_called(Household, "submit"))
        beyond = [words for words in missing if words not in asked]
        return super().get_context_data(**kwargs) | {
            "title": dict(STEPS)[CHECK],
            "household": household,
            "steps": lines,
            "lacking": [line for line in lines if line.missing],
            "beyond": beyond,
            "is_ready": not missing,
            "confirm_unchanged": CONFIRM if is_unchanged(household) else "",
            "outcome": household.assess(),
            "policy": household.policy(),
            "breadcrumbs": crumbs(*way_to(household), (dict(STEPS)[CHECK], "")),
        }
