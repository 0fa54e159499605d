"""The roster of members and the deeds of membership.

Union, status and date of joining follow from the deeds, so that an existing member's are read-only here: a
clerk records a deed, and members.services brings the row in step.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import action, display

from members import services
from members.admin.deeds import form_of
from members.admin.filters import UnionFilter
from members.deeds import DEEDS, Deed, fitting
from members.models import Member, MembershipEvent
from members.models.codes import MemberStatus
from pingtang_union.core.admin import (
    ChoicesFilter,
    LedgerListMixin,
    ReadOnlyAdmin,
    RevealMixin,
    ScopedAdmin,
    ScopedTabularInline,
)
from pingtang_union.core.admin.audit import ImportHistoryMixin, NoDeadLinksMixin
from pingtang_union.core.exceptions import DomainError


class EventInline(NoDeadLinksMixin, ReadOnlyAdmin, ScopedTabularInline):
    """The member's history, read only."""

    model = MembershipEvent
    fields = readonly_fields = ("kind", "union", "on", "reason", "recorded_at", "recorded_by")
    hide_title = True
    verbose_name_plural = "会籍事项（用右上方「办理会籍」登记，登记后不能改）"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """In order of date, with what the table shows."""
        return super().get_queryset(request).select_related("union", "recorded_by").order_by("on", "pk")


def _deed_page(name: str) -> Any:
    """The admin action (button and page) of one deed."""
    deed = DEEDS[name]

    @action(description=deed.label, url_path=name, permissions=["deed"], icon=deed.icon)
    def view(self: "MemberAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deed)

    return view


@admin.register(Member)
class MemberAdmin(LedgerListMixin, ImportHistoryMixin, NoDeadLinksMixin, RevealMixin, ScopedAdmin):
    """会员。"""

    inlines = (EventInline,)
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
    list_select_related = ("union",)
    autocomplete_fields = ("union",)
    search_help_text = "姓名开头几个字，或完整证件号、手机、卡号"
    exact_fields = ("phone", "card_number")
    actions_detail = (
        "reveal",
        {"title": "办理会籍", "icon": "assignment_ind", "items": list(DEEDS)},
    )
    fieldsets = (
        (None, {"fields": ("name", ("gender", "ethnicity", "born_on"), ("id_type", "id_number", "phone"))}),
        ("会籍", {"fields": ("union", ("status", "joined_on"), ("card_number", "team"))}),
        ("就业", {"fields": (("employer", "contract", "employment"), ("is_migrant", "new_form", "skill"))}),
        ("其他", {"fields": (("education", "political"), ("household", "household_place", "native_place"), "note")}),
    )

    retain = _deed_page("retain")
    restore = _deed_page("restore")
    transfer = _deed_page("transfer")
    leave = _deed_page("leave")
    expel = _deed_page("expel")
    death = _deed_page("death")
    rejoin = _deed_page("rejoin")

    def has_deed_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may record deeds at all; on which members is `visible_to`'s matter."""
        return request.user.has_perm("members.add_membershipevent")

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> tuple[str, ...]:
        """What follows from the deeds is read-only once there is one."""
        return (*super().get_readonly_fields(request, obj), *(("union", "status", "joined_on") if obj else ("status",)))

    def get_form(self, request: HttpRequest, obj: Member | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The roster is by real name: a number is required."""
        form = super().get_form(request, obj, change, **kwargs)
        if "id_number" in form.base_fields:
            form.base_fields["id_number"].required = True
        return form

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the deeds that can follow from where the membership stands."""
        offered = super().get_actions_detail(request, object_id)
        found = self.get_queryset(request).filter(pk=object_id) if str(object_id).isdecimal() else Member.objects.none()
        status = found.values_list("status", flat=True).first()
        return [one for one in offered if one.path not in DEEDS or one.path in fitting(status)]

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        """A new member is the row and its 入会; a known one is a plain edit."""
        if change:
            obj.save()
        else:
            services.add_member(member=obj, on=obj.joined_on, by=request.user)

    def do_deed(self, request: HttpRequest, object_id: str, deed: Deed) -> HttpResponse:
        """Ask for the deed's facts; on POST record it and go back to the member."""
        member = self.visible_or_404(request, object_id)
        back = reverse("admin:members_member_change", args=[member.pk])
        form = form_of(deed)(
            request.POST if request.method == "POST" else None, user=request.user, admin_site=self.admin_site
        )
        if request.method == "POST" and form.is_valid():
            try:
                deed.record(member, request.user, **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"已为{member.name}办理{deed.label}。")
                # A transfer may have led the member out of the clerk's rows.
                is_visible = self.get_queryset(request).filter(pk=member.pk).exists()
                return redirect(back if is_visible else "admin:members_member_changelist")
        return self.page(
            request,
            "admin/form_page.html",
            title=f"{member.name}：{deed.label}",
            original=member,
            back=back,
            form=form,
            submit_label=f"办理{deed.label}",
            intro=deed.intro,
        )

    @display(
        description="会籍状态",
        ordering="status",
        label={
            MemberStatus.ACTIVE.label: "success",
            MemberStatus.RETAINED.label: "warning",
            MemberStatus.LEFT.label: "danger",
        },
    )
    def status_label(self, obj: Member) -> str:
        return obj.get_status_display()

    @display(description="证件号码")
    def masked_number(self, obj: Member) -> str:
        return str(obj.id_number or "—")


@admin.register(MembershipEvent)
class MembershipEventAdmin(NoDeadLinksMixin, ReadOnlyAdmin, ScopedAdmin):
    """会籍事项: every deed, read only."""

    list_display = ("member", "kind", "union", "on", "reason", "recorded_at", "recorded_by")
    list_filter = (("kind", ChoicesFilter), ("union", UnionFilter))
    list_select_related = ("member", "union", "recorded_by")
    search_fields = ("member__name_key",)
    search_help_text = "姓名开头几个字，或完整证件号"
    prefix_field = "member__name_key"
    fields = ("member", "kind", "union", "on", "reason", "corrects", "recorded_at", "recorded_by")

    def search_condition(self, term: str) -> Q:
        """By the member's name or whole number."""
        found = Member.objects.filter(MemberAdmin(Member, self.admin_site).search_condition(term))
        return Q(member__in=found.values("pk"))
