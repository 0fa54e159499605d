"""荣誉: the awards of the user's unions. Staff record and revoke them in the admin."""

from typing import Any

from awards.filters import AwardFilter
from awards.models import Award
from members.models import Union
from pingtang_union.core.views import Role, ScopedCRUDView, crumbs


class AwardView(ScopedCRUDView):
    """获奖记录。"""

    model = Award
    route = "awards:award"
    orders = {"awarded": "awarded_on"}
    filterset_class = AwardFilter
    ledgers = (("awards", "荣誉台账"),)
    is_entered_here = is_changed_here = False

    def get_queryset(self) -> Any:
        rows = self.visible().select_related("honour", "union")
        return rows if self.role == Role.LIST else rows.select_related("nomination", "member", "cadre")

    def title(self) -> str:
        """The page's heading."""
        return "荣誉" if self.role == Role.LIST else str(self.object.recipient)

    def breadcrumbs(self) -> list[dict[str, str]]:
        return [] if self.role == Role.LIST else crumbs(("荣誉", self.address("list")), (self.object, ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.role == Role.LIST:
            context["several"] = Union.objects.visible_to(self.user)[:2].count() > 1
        return context
