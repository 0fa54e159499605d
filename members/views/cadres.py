"""Pages of cadres and social workers."""

from typing import Any

from django.contrib import messages
from django.db import models

from members.filters import CadreFilter
from members.forms.cadres import CadreForm, EndPostForm
from members.models import Attendance, Cadre, Training, Union
from members.services import posts
from pingtang_union.core.dates import display_partial
from pingtang_union.core.permissions import may, may_reveal
from pingtang_union.core.views import Role, ScopedActionView, ScopedCRUDView
from pingtang_union.reveal import RevealView


class CadreView(ScopedCRUDView):
    """工会干部。"""

    model = Cadre
    route = "members:cadre"
    measure = "名"
    orders = {"started": "started_on"}
    form_class = CadreForm
    filterset_class = CadreFilter
    ledgers = (("cadres", "工会干部花名册"), ("social-workers", "社会化工会工作者花名册"))
    shown = (
        ("任职", ("union", "kind", "post", "duty", "rank", "grade", "started_on", "ended_on")),
        ("个人信息", ("gender", "ethnicity", "born_on", "id_type", "id_number", "phone", "note")),
    )

    def get_queryset(self) -> Any:
        """Visible cadres with their unions: those in post in the order of entry, then those who left, the latest
        first."""
        return self.visible().select_related("union").order_by(models.F("ended_on").desc(nulls_first=True), "pk")

    def save(self, form: Any) -> models.Model:
        """Write, and say what doesn't fit the number."""
        cadre = form.save()
        for warning in form.warnings:
            messages.warning(self.request, warning)
        return cadre

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also the trainings attended, and earlier or later posts of the same person in unions that the user sees."""
        context = super().get_context_data(**kwargs)
        user = self.user
        if self.role == Role.LIST:
            context["several"] = Union.objects.visible_to(user)[:2].count() > 1
            context["by_number_url"] = self.address("by_number") if may_reveal(user, Cadre) else ""
        if self.role == Role.DETAIL:
            cadre = self.object
            context["end_url"] = self.address("end", cadre.pk) if may(user, "change", Cadre) else ""
            if cadre.ended_on:
                context["end_url"] = ""
            else:
                context["sections"][0][1].pop()  # no day of leaving, which is not something missing
            may_look = bool(cadre.id_number) and may_reveal(user, Cadre)
            context["reveal_url"] = self.address("reveal", cadre.pk) if may_look else ""
            context["posts"] = self._posts(cadre)
            if may(user, "view", Attendance):
                attended = Attendance.objects.visible_to(user).filter(cadre=cadre).select_related("training")
                context["attended"] = list(attended.order_by("-training__started_on", "pk"))
                context["own_courses"] = set(
                    Training.objects.visible_to(user).filter(attendances__cadre=cadre).values_list("pk", flat=True)
                )
        return context

    def _posts(self, cadre: Cadre) -> list[Cadre]:
        if not cadre.id_index:
            return []
        others = self.visible().filter(id_index=cadre.id_index).exclude(pk=cadre.pk)
        return list(others.select_related("union").order_by("started_on", "pk"))


class CadreEndView(ScopedActionView):
    """离任。"""

    model = Cadre
    route = "members:cadre"
    permission = "members.change_cadre"
    form_class = EndPostForm
    heading = "办理离任"
    intro = "离任后记录保留，可随时查看。到其他工会任职的，由该工会另行登记。"
    submit_label = "确定离任"

    def perform(self, form: Any) -> str:
        cadre = posts.end_post(cadre=self.object, by=self.user, **form.cleaned_data)
        return f"已登记{cadre.name}在{display_partial(cadre.ended_on)}离任。"


class CadreRevealView(RevealView):
    """查看完整证件号。"""

    model = Cadre
    route = "members:cadre"
