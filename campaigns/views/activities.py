"""活动: the list, one activity, its entry and what hangs on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns import services
from campaigns.filters import ActivityFilter
from campaigns.forms.activities import (
    ActivityForm,
    CancelForm,
    PhotosForm,
    ReportForm,
)
from campaigns.models import Activity, ActivityState, KindGroup, Photo
from campaigns.models.activities import Part
from members.models import Union
from pingtang_union.core.forms import ScopedForm
from pingtang_union.core.permissions import may, permission_of
from pingtang_union.core.views import Role, ScopedActionView, ScopedCRUDView, ScopedMixin
from pingtang_union.money import yuan
from pingtang_union.workflow.attachments import attachment_response, upload_of

CHANGE = permission_of(Activity, "change")


class ActivityView(ScopedCRUDView):
    """活动."""

    model = Activity
    route = "campaigns:activity"
    measure = "个"
    orders = {"held": "held_on", "people": "headcount"}
    form_class = ActivityForm
    filterset_class = ActivityFilter
    ledgers = (("activities", "活动台账"), ("outcomes", "活动成果"))
    shown = (
        ("基本情况", ("kind", "series", "theme", "held_on", "ended_on", "place", "sessions")),
        ("组织和经费", ("union", "partners", "budget", "spent", "note")),
    )

    def get_queryset(self) -> Any:
        return self.visible().select_related("union", "kind", "series")

    def save(self, form: Any) -> Any:
        return services.save_activity(activity=form.instance, by=self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also what hangs on it, and what the reader may do next."""
        context = super().get_context_data(**kwargs)
        user = self.user
        context["several"] = (
            self.role in (Role.LIST, Role.DETAIL) and Union.objects.visible_to(user)[:2].count() > 1
        )  # fmt: skip
        if self.role == Role.DETAIL:
            activity = self.object
            context |= {
                "outcomes": activity.outcomes.select_related("indicator"),
                "aid": [(one, yuan(one.funds), yuan(one.goods)) for one in activity.village_aid.all()],
                "coverage": activity.coverage.all(),
                "photos": activity.photos.all(),
                "co_hosts": activity.co_hosts.visible_to(user),
                "is_village": activity.kind.group == KindGroup.VILLAGE,
                "may_change": may(user, "change", Activity),
                "is_planned": activity.state == ActivityState.PLANNED,
                "is_cancelled": activity.state == ActivityState.CANCELLED,
            }
        return context


class _ActView(ScopedActionView):
    """Something done to one activity."""

    model = Activity
    route = "campaigns:activity"
    permission = CHANGE

    def visible(self) -> Any:
        return super().visible().select_related("union", "kind")


class ReportView(_ActView):
    """登记结果: the head-count first; what is known isn't asked again."""

    form_class = ReportForm
    heading = "登记结果"
    submit_label = "保存"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.object}

    def perform(self, form: Any) -> str:
        services.save_activity(activity=form.instance, by=self.user)
        return "已登记结果。还可以补充成果、照片和报道链接。"


class CancelView(_ActView):
    """取消活动."""

    form_class = CancelForm
    heading = "取消活动"
    intro = "取消后不再列入待登记结果的活动，记录保留。"
    submit_label = "取消活动"
    is_danger = True

    def perform(self, form: Any) -> str:
        services.cancel(activity=self.object, by=self.user, **form.cleaned_data)
        return f"已取消「{self.object}」。"


class OfferView(_ActView):
    """提请公开."""

    form_class = ScopedForm
    heading = "提请公开"
    intro = (
        "公开的有：名称、类别、主题、主办工会、协办单位、时间、地点、活动报道、报道链接和照片。"
        "由县总工会另一人核看后才显示。照片中有未成年人的，请先征得监护人同意。"
    )
    submit_label = "提请公开"

    def perform(self, form: Any) -> str:
        services.offer(activity=self.object, by=self.user)
        return "已提请公开，等待县总工会核准。"


class WithdrawView(_ActView):
    """不再公开."""

    form_class = ScopedForm
    heading = "不再公开"
    submit_label = "不再公开"

    def perform(self, form: Any) -> str:
        services.withdraw(activity=self.object, by=self.user)
        return "公开页面上不再显示这个活动。"


# --- What hangs on it ------------------------------------------------------------------------


class PartAddView(_ActView):
    """One more outcome, village or link."""

    part: Any = Part
    submit_label = "保存"

    @classmethod
    def of(cls, form: Any) -> Any:
        """The page for one kind of part, by its form."""
        part = form._meta.model
        heading = f"登记{part._meta.verbose_name}"
        return cls.as_view(part=part, form_class=form, permission=permission_of(part, "add"), heading=heading)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.part(activity=self.object)}

    def perform(self, form: Any) -> str:
        services.add_part(part=form.instance, by=self.user)
        return f"已登记「{form.instance}」。"


class PhotosView(_ActView):
    """上传照片."""

    permission = permission_of(Photo, "add")
    form_class = PhotosForm
    heading = "上传照片"
    submit_label = "上传"

    def perform(self, form: Any) -> str:
        files = [upload_of(one) for one in form.cleaned_data["photos"]]
        caption = form.cleaned_data["caption"]
        number = services.add_photos(activity=self.object, files=files, caption=caption, by=self.user)
        return f"已收下 {number} 张照片。"


class PartRemoveView(ScopedActionView):
    """Take away what was entered by mistake; `model` says what."""

    model = Part
    form_class = ScopedForm
    submit_label = "删除"
    is_danger = True

    @classmethod
    def of(cls, model: type[Part]) -> Any:
        """The page for one kind of part."""
        return cls.as_view(model=model, heading=f"删除{model._meta.verbose_name}")

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(self.model, "delete"),)

    def visible(self) -> Any:
        return super().visible().select_related("activity")

    def perform(self, form: Any) -> str:
        said = str(self.object)
        services.remove_part(part=self.object, by=self.user)
        return f"已删除「{said}」。"

    def back(self) -> str:
        return reverse("campaigns:activity_detail", args=[self.object.activity_id])

    def way(self) -> list[tuple[Any, str]]:
        return [("活动", reverse("campaigns:activity_list")), (self.object.activity, self.back())]


class PhotoView(ScopedMixin):
    """A photo's bytes, for who sees the activity."""

    model = Photo

    def needed_permissions(self) -> tuple[str, ...]:
        return (permission_of(Photo, "view"),)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """As a download that no page runs."""
        return attachment_response(get_object_or_404(self.visible(), pk=pk))
