"""Pages of courses and of who attended them."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property

from members.filters import TrainingFilter
from members.forms.trainings import AddAttendanceForm, AttendanceForm, TrainingForm, WhoseForm
from members.models import Attendance, Training, Union
from members.services import posts
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.keys import key_in
from pingtang_union.core.permissions import may
from pingtang_union.core.views import PER_PAGE, Role, ScopedActionView, ScopedCRUDView, crumbs
from pingtang_union.lists import ChooseView

_NAMED = 20  # of the people just entered; a message is no list


class TrainingChooseView(ChooseView):
    """Where a box for a course asks."""

    model = Training


class TrainingView(ScopedCRUDView):
    """培训班。"""

    model = Training
    route = "members:training"
    measure = "期"
    orders = {"started": "started_on", "declared": "declared_attendees", "attended": "attended"}
    form_class = TrainingForm
    filterset_class = TrainingFilter
    ledgers = (("trainings", "培训班"),)
    shown = (("基本情况", ("union", "level", "started_on", "ended_on", "days", "place", "note")),)

    def get_queryset(self) -> Any:
        """Visible courses, the latest first, with `attended`: person-times among the user's rows."""
        rows = self.visible().select_related("union")
        if self.role in (Role.CREATE, Role.UPDATE) or not may(self.user, "view", Attendance):
            return rows
        attendances = Attendance.objects.visible_to(self.user).filter(training=OuterRef("pk")).order_by()
        counted = attendances.values("training").annotate(n=Count("pk")).values("n")
        return rows.annotate(attended=Coalesce(Subquery(counted, output_field=IntegerField()), 0))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also who attended, paged."""
        context = super().get_context_data(**kwargs)
        user = self.user
        context["shows_attended"] = may(user, "view", Attendance)
        several = self.role in (Role.LIST, Role.DETAIL) and Union.objects.visible_to(user)[:2].count() > 1
        context["several"] = several
        if self.role == Role.DETAIL and context["shows_attended"]:
            people = Attendance.objects.visible_to(user).filter(training=self.object).select_related("union", "cadre")
            context["page_obj"] = Paginator(people.order_by("union__path", "pk"), PER_PAGE).get_page(
                self.request.GET.get("page")
            )
            context["add_url"] = (
                reverse("members:attendance_add", args=[self.object.pk]) if may(user, "add", Attendance) else ""
            )
            context["may_change"] = may(user, "change", Attendance)
            context["may_remove"] = may(user, "delete", Attendance)
            if user.has_perm("core.export_importbatch"):
                context["export_url"] = f"{reverse('ledger_export', args=['attendances'])}?training={self.object.pk}"
        return context


class AttendanceAddView(ScopedActionView):
    """登记参训人员: of one union at a time, which is asked first where the user sees several."""

    model = Training
    route = "members:training"
    permission = "members.add_attendance"
    form_class = AddAttendanceForm
    template_name = "members/attendance_add.html"
    heading = "登记参训人员"
    submit_label = "登记"

    def unions(self) -> Any:
        """Unions whose people may be entered."""
        return Union.objects.visible_to(self.user).standing()

    @cached_property
    def whose(self) -> WhoseForm:
        """Which union the address asks for."""
        return WhoseForm(self.request.GET or None, user=self.user, initial={"union": self.user.union_id})

    @cached_property
    def union(self) -> Union:
        """The union asked for, or the user's own. 404 for any other."""
        if self.whose.is_valid() and (found := self.whose.cleaned_data["union"]):
            return found
        return get_object_or_404(self.unions(), pk=key_in(self.request.GET.get("union", "")) or self.user.union_id)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"training": self.object, "union": self.union}

    def perform(self, form: Any) -> str:
        """Enter them; says who was in it already."""
        done = posts.add_attendances(training=self.object, union=self.union, by=self.user, **form.cleaned_data)
        sentences = []
        if done.added:
            sentences.append(f"已登记 {len(done.added)} 人：{_some(done.added)}。")
        if done.known:
            sentences.append(f"{len(done.known)} 人原来就登记过，没有重复登记：{_some(done.known)}。")
        return "".join(sentences)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also which union, where there are several."""
        several = self.unions()[:2].count() > 1
        return super().get_context_data(**kwargs) | {"whose": self.whose if several else None, "union": self.union}


def _some(names: Any) -> str:
    shown = "、".join(names[:_NAMED])
    return f"{shown}等" if len(names) > _NAMED else shown


class AttendanceView(ScopedCRUDView):
    """One attendance of a course that the user keeps: its result can be set later."""

    model = Attendance
    related = ("training", "union")
    route = "members:attendance"
    form_class = AttendanceForm

    def visible(self) -> Any:
        """Of visible people at visible courses: another union's course is not the user's to correct."""
        return _at_own_courses(super().visible(), self.user)

    def back(self) -> str:
        return reverse("members:training_detail", args=[self.object.training_id])

    def get_success_url(self) -> str:
        return self.back()

    def title(self) -> str:
        """The person; the way here names the course."""
        return f"修改{self.object.name}的参训记录"

    def breadcrumbs(self) -> list[dict[str, str]]:
        """The way here over the course."""
        return crumbs(*_way_to(self.object.training), ("修改参训记录", ""))


class AttendanceRemoveView(ScopedActionView):
    """删除参训记录: it was entered by mistake."""

    model = Attendance
    permission = "members.delete_attendance"
    form_class = ScopedForm
    heading = "删除参训记录"
    intro = "登记有误的参训记录可以删除，删除记入审计日志。"
    submit_label = "删除"
    is_danger = True

    def visible(self) -> Any:
        """Of visible people at visible courses."""
        return _at_own_courses(super().visible(), self.user).select_related("training", "union")

    def perform(self, form: Any) -> str:
        name = self.object.name
        self.object.delete()
        return f"已删除{name}的参训记录。"

    def back(self) -> str:
        return reverse("members:training_detail", args=[self.object.training_id])

    def way(self) -> list[tuple[Any, str]]:
        return _way_to(self.object.training)


def _way_to(course: Training) -> list[tuple[Any, str]]:
    page = reverse("members:training_detail", args=[course.pk])
    return [("培训班", reverse("members:training_list")), (course, page)]


def _at_own_courses(attendances: Any, user: Any) -> Any:
    return attendances.filter(training__in=Training.objects.visible_to(user).order_by().values("pk"))
