"""Pages of unions: those of one's subtree, the card of one, and its form."""

from typing import Any, TypeAlias

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from members.completeness import compared, missing
from members.filters import UnionFilter
from members.forms.unions import UnionForm
from members.models import Cadre, Member, Union
from pingtang_union.core.dates import display_partial
from pingtang_union.core.permissions import may
from pingtang_union.core.views import Fact, Role, ScopedCRUDView
from pingtang_union.ledger.models import BatchKind, BatchState, LedgerReturn
from pingtang_union.lists import ChooseView

RETURNS_SHOWN = 8
NOT_RECKONED = "未登记换届时间或届期，不推算"
# Inside the class `list` is a page.
Crumbs: TypeAlias = list[dict[str, str]]
Returns: TypeAlias = list[LedgerReturn]


class UnionChooseView(ChooseView):
    """Where a box for a union asks."""

    model = Union
    among = ("registering", "standing")


class UnionView(ScopedCRUDView):
    """工会。"""

    model = Union
    route = "members:union"
    measure = "个"
    orders = {"elected": "last_elected_on", "members": "members_total", "roster": "roster_count"}
    is_entered_here = False  # the county sets unions up, in the admin
    form_class = UnionForm
    filterset_class = UnionFilter
    ledgers = (("unions", "基层工会组织花名册"),)
    shown = (
        ("换届", ("last_elected_on", "term_years")),
        ("联系", ("chair", "phone")),
        ("单位情况", ("level", "category", "nature", "industry", "township", "system", "is_new_sector")),
        ("建会和登记", ("set_up_on", "document_number", "credit_code", "status", "short_name", "note")),
    )

    def get_queryset(self) -> Any:
        """Visible unions in the tree's order; a list with the number of current members on each one's own roster."""
        rows = self.visible().with_parent_name().order_by("path")
        if self.role != Role.LIST or not may(self.user, "view", Member):
            return rows
        current = Member.objects.visible_to(self.user).current().filter(union=OuterRef("pk")).order_by()
        counted = current.values("union").annotate(n=Count("pk")).values("n")
        return rows.annotate(roster_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0))

    def list(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list; who keeps one union is led to it."""
        few = list(self.visible().values_list("pk", flat=True)[:2])
        if len(few) == 1 and not request.GET:
            return HttpResponseRedirect(self.address("detail", few[0]))
        return super().list(request, *args, **kwargs)

    def title(self) -> str:
        """A list of unions says whose they are."""
        return "下级工会" if self.role == Role.LIST else super().title()

    def breadcrumbs(self) -> Crumbs:
        """Without the list where it would lead back here."""
        crumbs = super().breadcrumbs()
        is_only = self.object is not None and self.object.pk == self.user.union_id and not self.object.numchild
        return crumbs[1:] if is_only and crumbs else crumbs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also what the card lacks, the declared numbers beside the roster's, cadres in post, other names, and what
        was returned last; each as far as the user may look."""
        context = super().get_context_data(**kwargs)
        user = self.user
        context["shows_roster"] = may(user, "view", Member)
        if self.role == Role.DETAIL:
            union = self.object
            context["sections"][0][1].append(Fact("届满时间", display_partial(union.term_ends_on) or NOT_RECKONED))
            context["missing"] = [] if union.is_root() else missing(union)
            context["other_names"] = list(union.other_names.values_list("name", flat=True))
            context["staff"] = (
                ("职工人数", union.staff_total),
                ("其中：女职工", union.staff_women),
                ("其中：农民工", union.staff_migrant),
            )
            if context["shows_roster"]:
                members = Member.objects.visible_to(user).current().filter(union=union)
                context["compared"] = compared(union, members)
                context["roster_url"] = f"{reverse('members:member_list')}?union={union.pk}"
            if may(user, "view", Cadre):
                in_post = Cadre.objects.visible_to(user).in_post_on(timezone.localdate())
                context["cadres"] = list(in_post.filter(union=union))
                context["may_add_cadre"] = may(user, "add", Cadre)
            if user.has_perm("core.view_importbatch"):
                context["returns"] = self._returns(union)
        return context

    def done(self) -> str:
        """With a warning where the township isn't on the list."""
        return super().done() + self.object.township_doubt

    def _returns(self, union: Union) -> Returns:
        """The ledgers returned last with rows of this union, whoever brought them."""
        written = LedgerReturn.objects.filter(union=union, batch__state=BatchState.WRITTEN)
        brought = written.exclude(batch__kind=BatchKind.UNDO).select_related("batch").order_by("-batch__at", "-pk")
        return list(brought[:RETURNS_SHOWN])
