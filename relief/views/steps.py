"""Filling in a hardship file on a phone, step by step; each step is saved by itself."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.keys import key_in
from pingtang_union.workflow import filling
from pingtang_union.workflow.attachments import CheckedFile
from pingtang_union.workflow.filling import step_address
from relief import services
from relief.forms.households import ConsentForm, MoneyForm, PapersForm, PersonForm, WhoForm, excluding
from relief.models import Household, HouseholdPerson
from relief.models.codes import Relation
from relief.services import masking
from relief.services.households import ACCOUNT


class StepView(filling.StepView):
    """What the steps share."""

    model = Household
    related = ("union",)
    route = "relief:household"

    def told(self, household: Any) -> tuple[str, str]:
        return f"{household.name}户", household.union.name


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
        return context | {"people": people, "next": step_address(self.route, "money", self.object)}


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
        return step_address(self.route, "family", self.object)


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


class PapersView(StepView, filling.PapersStepView):
    """4 原因和材料."""

    labels, form_class = ("材料", "致困原因"), PapersForm
    template_name = "relief/household_papers.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        causes = {line.place: line.cause_id for line in self.object.causes.all()}
        initial = {"main": causes.pop(0, None), "others": list(causes.values())}
        return {**super().get_form_kwargs(), "papers": self.object.needed_papers(), "initial": initial}

    def keep(self, form: Any) -> None:
        given = form.cleaned_data
        services.set_causes(household=self.object, main=given["main"], others=given["others"], by=self.user)

    def add_file(self, checked: CheckedFile, paper: Any) -> None:
        services.add_file(household=self.object, checked=checked, paper=paper, by=self.user)

    def removable(self) -> Any:
        return super().removable().filter(visit=None)


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


class MendView(StepView, filling.MendView):
    """The way to what a return speaks of."""


class CheckView(StepView, filling.CheckView):
    """6 检查并提交: with the calculation as it stands."""

    template_name = "relief/household_check.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        household = self.object
        return super().get_context_data(**kwargs) | {"outcome": household.assess(), "policy": household.policy()}
