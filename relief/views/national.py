"""A file as the national system wants it: what is missing there, by file and by union; the superior's remarks."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import permission_of
from pingtang_union.core.views import ScopedActionView, ScopedMixin, crumbs
from pingtang_union.lists import ChooserField, ChooseView
from relief.forms.households import AnswerForm
from relief.models import Household, HouseholdPerson, NationalList, NationalRow
from relief.models.codes import NATIONAL, FileState
from relief.services import masking, national, national_lists


class SupplementForm(ScopedForm):
    """What only the national system asks, of the household and of each person."""

    def __init__(self, *args: Any, household: Household, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = list(household.people.all())
        for name in NATIONAL:
            self._add(name, household, name)
        for person in self.people:
            for name in national.OF_PERSON:
                self._add(f"{person.pk}-{name}", person, name, f"{person.told}：")

    def _add(self, key: str, record: Household | HouseholdPerson, name: str, whose: str = "") -> None:
        column: Any = record._meta.get_field(name)
        field = column.formfield()
        field.label, field.initial, field.required = f"{whose}{column.verbose_name}", getattr(record, name), False
        self.fields[key] = field

    def told(self) -> dict[str, Any]:
        """As services.national.supplement takes it."""
        data = self.cleaned_data
        people = {
            one.pk: {name: data[f"{one.pk}-{name}"] for name in national.OF_PERSON} for one in self.people
        }  # fmt: skip
        return {"values": {name: data[name] for name in NATIONAL}, "people": people}


def of_who_works_on_files(user: Any) -> tuple[str, ...]:
    """What it needs to look at what is missing there: staff checks files, officers fill them in."""
    return (permission_of(Household, "view"), permission_of(Household, "check" if user.is_staff else "submit"))


class SupplementView(ScopedActionView):
    """全国系统信息: what is missing there, and the fields that it alone asks."""

    model = Household
    route = "relief:household"
    template_name = "relief/household_national.html"
    form_class = SupplementForm
    heading = "全国系统信息"
    submit_label = "保存"

    def visible(self) -> Any:
        return national.with_all(super().visible()).filter(file_state=FileState.ON_FILE)

    def needed_permissions(self) -> tuple[str, ...]:
        return of_who_works_on_files(self.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "household": self.object}

    def perform(self, form: Any) -> str:
        national.supplement(household=self.object, by=self.user, **form.told())
        return "已保存。"

    def get_success_url(self) -> str:
        return self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "name": masking.shown_name(self.object, self.user),
            "missing": national.missing_there(self.object, national.NationalWords()),
        }


class LackingView(ScopedMixin, TemplateView):
    """全国系统缺项: by union, which files on file can't be handed in yet, and why."""

    model = Household
    template_name = "relief/national_lacking.html"

    def needed_permissions(self) -> tuple[str, ...]:
        return of_who_works_on_files(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ready, lacking = national.lacking_by_union(self.user)
        unions = [(union, [(one, masking.shown_name(one, self.user), missing) for one, missing in files])
                  for union, files in lacking]  # fmt: skip
        return super().get_context_data(**kwargs) | {
            "title": "全国系统缺项", "ready": ready, "unions": unions, "number": sum(len(files) for _, files in unions),
            "breadcrumbs": crumbs(("困难职工档案", reverse("relief:household_list")), ("全国系统缺项", "")),
        }  # fmt: skip


class _RemarkView(ScopedActionView):
    """A superior's remark, still open."""

    model = NationalRow
    route = "relief:household"

    def visible(self) -> Any:
        rows = super().visible().filter(brought__kind="remarks", answered_at__isnull=True)
        return rows.select_related("household", "brought")

    @property
    def intro(self) -> str:  # type: ignore[override]  # what the superior says
        until = f"（请于 {self.object.brought.until} 前答复）" if self.object.brought.until else ""
        name = f"{masking.shown_name(self.object.household, self.user)}户。" if self.object.household else ""
        return f"{name}上级意见：{self.object.remark}{until}"

    def back(self) -> str:
        if self.user.is_staff:
            return reverse("admin:relief_nationalrow_change", args=[self.object.pk])
        return reverse("relief:household_detail", args=[self.object.household_id])

    def way(self) -> list[tuple[Any, str]]:
        return [("困难职工档案", reverse("relief:household_list"))]


class RemarkAnswerView(_RemarkView):
    """答复上级意见."""

    permission = permission_of(NationalRow, "view")
    form_class = AnswerForm
    heading = "答复上级意见"
    submit_label = "答复"

    def visible(self) -> Any:
        return super().visible().open_remarks()

    def perform(self, form: Any) -> str:
        national_lists.answer_remark(row=self.object, answer=form.cleaned_data["answer"], by=self.user)
        return "已答复。"


def label_of(household: Household) -> str:
    """A file as who assigns remarks tells it from others."""
    return f"{household.name}（{household.union}）"


class FileField(ChooserField):
    """One of the files on file, with name and union."""

    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


class AssignForm(ScopedForm):
    """Whose file a remark is about."""

    household = FileField(label="对应的档案", queryset=Household.objects.none(), help_text="输入姓名或职工编号查找")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        files = Household.objects.visible_to(self.user).on_file().select_related("union")
        self.fields["household"].queryset = files  # type: ignore[attr-defined]  # a ModelChoiceField's


class RemarkAssignView(_RemarkView):
    """对应档案: of a remark that no key could tell."""

    permission = permission_of(NationalList, "add")
    template_name = "relief/remark_assign.html"
    form_class = AssignForm
    heading = "对应档案"

    def visible(self) -> Any:
        return super().visible().filter(household__isnull=True)

    def perform(self, form: Any) -> str:
        national_lists.assign(row=self.object, household=form.cleaned_data["household"], by=self.user)
        return "已对应到档案，并已通知所在工会。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"told": national_lists.shown(self.object, self.user)}


class HouseholdChooseView(ChooseView):
    """Where the box for a file asks; only who assigns remarks reads names by it."""

    model = Household

    def needed_permissions(self) -> tuple[str, ...]:
        return (*super().needed_permissions(), permission_of(NationalList, "add"))

    def visible(self) -> Any:
        return super().visible().on_file().select_related("union")

    def label_of(self, row: Any) -> str:
        return label_of(row)
