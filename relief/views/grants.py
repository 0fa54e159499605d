"""帮扶发放 and 爱心服务卡: what people and unions of the viewer's were given. County staff record it in the admin."""

from typing import Any

from members.models import Union
from pingtang_union.core.views import Role, ScopedCRUDView
from pingtang_union.money import yuan
from relief.filters import CardFilter, GrantFilter
from relief.models import CardIssue, Grant


class GrantView(ScopedCRUDView):
    """帮扶发放."""

    model = Grant
    related = ("union", "programme", "group")
    route = "relief:grant"
    measure = "笔"
    orders = {"granted": "granted_on", "amount": "amount"}
    filterset_class = GrantFilter
    ledgers = (("grants", "慰问帮扶发放台账"),)
    is_entered_here = is_changed_here = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for grant in context["page_obj"]:
            grant.shown_name, grant.shown_amount = grant.name_for(self.user), yuan(grant.amount)
        context["several"] = Union.objects.visible_to(self.user)[:2].count() > 1
        return context


class CardIssueView(ScopedCRUDView):
    """爱心服务卡."""

    model = CardIssue
    related = ("union",)
    route = "relief:cardissue"
    measure = "次"
    orders = {"issued": "issued_on", "count": "count"}
    filterset_class = CardFilter
    ledgers = (("cards", "爱心服务卡发放台账"),)
    is_entered_here = is_changed_here = False

    def title(self) -> str:
        """The page's heading."""
        return "爱心服务卡" if self.role == Role.LIST else str(self.object)
