"""The roster of members, and the acts of membership: joining, transfer, leaving and the like.

Union, status and date of joining follow from the acts, so that an existing member's are read-only here: a
clerk records an act, and members.services brings the row in step.
"""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import BooleanRadioFilter

from members import services
from members.acts import ACTS, fitting
from members.admin.asked import AskedNumberAdmin
from members.admin.filters import UnionFilter
from members.admin.forms import DressedActForm
from members.models import Member, MembershipEvent
from members.models.codes import FEDERATIONS, MemberStatus, UnionStatus
from pingtang_union.admin import (
    ChoicesFilter,
    Inconsistency,
    LedgerAdminMixin,
    ReadOnlyAdmin,
    RevealMixin,
    ScopedAdmin,
    ScopedTabularInline,
    asks,
    role_may,
)
from pingtang_union.admin.columns import column


class EventInline(ReadOnlyAdmin, ScopedTabularInline):
    """The member's history, read only."""

    model = MembershipEvent
    fields = readonly_fields = ("kind", "union", "on", "reason", "recorded_at", "recorded_by")
    hide_title = True
    verbose_name_plural = "会籍事项（用右上方「办理会籍」登记，登记后不能改）"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In order of date, with what the table shows."""
        return super().get_queryset(request).select_related("union", "recorded_by").order_by("on", "pk")


def _act_page(name: str) -> Any:
    """Button and page of one membership act."""
    act = ACTS[name]

    def record(self: "MemberAdmin", request: HttpRequest, member: Member, form: Any) -> str:
        act.record(member, request.user, **form.facts())
        return f"已为{member.name}办理{act.label}。"

    record.__name__ = name  # by which Unfold finds whether it is an action on one record
    return asks(
        act.label,
        permission="act",
        icon=act.icon,
        form=partial(DressedActForm, act=act),
        submit=f"办理{act.label}",
        intro=act.intro,
    )(record)


@admin.register(Member)
class MemberAdmin(AskedNumberAdmin, LedgerAdminMixin, RevealMixin, ScopedAdmin):
    """会员。"""

    inlines = (EventInline,)
    measure = "名"
    list_display = ("name", "union", "status_label", "gender", "masked_number", "phone", "card_number", "joined_on")
    list_filter = (
        ("union", UnionFilter),
        ("status", ChoicesFilter),
        ("gender", ChoicesFilter),
        ("contract", ChoicesFilter),
        ("employment", ChoicesFilter),
        ("new_form", ChoicesFilter),
        ("is_migrant", BooleanRadioFilter),
        ("political", ChoicesFilter),
        ("education", ChoicesFilter),
        ("skill", ChoicesFilter),
    )
    inconsistencies = (
        Inconsistency("events", "会籍状态或所在工会与会籍事项不符", lambda rows: rows.against_events()),
        Inconsistency(
            "dissolved",
            "在会，但所在工会已撤销",
            lambda rows: rows.current().filter(union__status=UnionStatus.DISSOLVED),
        ),
        Inconsistency(
            "federation",
            "在会，但登记在联合会或总工会名下",
            lambda rows: rows.current().filter(union__level__in=FEDERATIONS),
        ),
    )
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "姓名开头几个字，或完整手机、卡号"
    exact_fields = ("phone", "card_number")
    actions_detail = (
        "reveal",
        {"title": "办理会籍", "icon": "assignment_ind", "items": list(ACTS)},
    )
    fieldsets = (
        (None, {"fields": ("name", ("gender", "ethnicity", "born_on"), ("id_type", "id_number", "phone"))}),
        ("会籍", {"fields": ("union", ("status", "joined_on"), ("card_number", "team"))}),
        ("就业", {"fields": (("employer", "contract", "employment"), ("is_migrant", "new_form", "skill"))}),
        ("其他", {"fields": (("education", "political"), ("household", "household_place", "native_place"), "note")}),
    )

    retain = _act_page("retain")
    restore = _act_page("restore")
    transfer = _act_page("transfer")
    leave = _act_page("leave")
    expel = _act_page("expel")
    death = _act_page("death")
    rejoin = _act_page("rejoin")

    has_act_permission = role_may("add", MembershipEvent)

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        """What follows from the acts is read-only once there is one."""
        return (*super().get_readonly_fields(request, obj), *(("union", "status", "joined_on") if obj else ("status",)))

    def get_form(self, request: HttpRequest, obj: Member | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The roster is by real name: a number is required."""
        form = super().get_form(request, obj, change, **kwargs)
        if "id_number" in form.base_fields:
            form.base_fields["id_number"].required = True
        return form

    def unfit_actions(self, request: HttpRequest, member: Member) -> set[str]:
        """Acts that can't follow from where the membership stands."""
        return ACTS.keys() - fitting(member.status).keys()

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        """A new member is the row and its 入会; a known one is a plain edit."""
        if change:
            obj.save()
        else:
            services.add_member(member=obj, on=obj.joined_on, by=request.user)

    status_label = column("status", "会籍状态", MemberStatus)


@admin.register(MembershipEvent)
class MembershipEventAdmin(ReadOnlyAdmin, ScopedAdmin):
    """会籍事项: every recorded act, read only."""

    list_display = ("member", "kind", "union", "on", "reason", "recorded_at", "recorded_by")
    list_filter = (("kind", ChoicesFilter), ("union", UnionFilter))
    list_select_related = ("member", "union", "recorded_by")
    search_help_text = "姓名开头几个字，或完整手机、卡号"
    prefix_field = "member__name_key"
    fields = ("member", "kind", "union", "on", "reason", "corrects", "recorded_at", "recorded_by")

    def search_condition(self, term: str) -> Q:
        """By the member's name, whole phone or card number."""
        members = Member.objects.filter(MemberAdmin(Member, self.admin_site).search_condition(term))
        return Q(member__in=members.values("pk"))
