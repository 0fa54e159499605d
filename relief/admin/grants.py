"""Grants: what was given to whom. Those that a fund paid change by acts only, those of years past here."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from unfold.decorators import display
from unfold.enums import ActionVariant

from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    ChoicesFilter,
    Inconsistency,
    LedgerAdminMixin,
    PlainForm,
    RevealMixin,
    ScopedAdmin,
    amount,
    asks,
    role_may,
)
from pingtang_union.admin.columns import column
from pingtang_union.core.exceptions import DomainError
from pingtang_union.money import yuan
from relief import services
from relief.admin.filters import BooksFilter, GroupFilter, ProgrammeFilter, SidesFilter, YearFilter
from relief.admin.names import NamedSearchMixin
from relief.admin.payment_forms import PastGrantForm, WhyForm
from relief.models import Grant, GrantState
from relief.models.grants import NAMES_READ_WITH


def facts_of(grant: Grant) -> list[tuple[str, Any]]:
    """What is applied for, and what the person or the household has already."""
    had = services.conflict(grant)
    return [
        ("姓名", grant.name), ("帮扶项目", f"{grant.programme}（{grant.edition}）第 {grant.instalment} 批"),
        ("金额", f"{yuan(grant.amount)} 元"), *([("重复", had)] if had else []),
    ]  # fmt: skip


@admin.register(Grant)
class GrantAdmin(NamedSearchMixin, LedgerAdminMixin, RevealMixin, ScopedAdmin):
    """帮扶发放。"""

    form = PastGrantForm
    deletable = True
    measure = "笔"
    list_display = (
        "recipient", "group", "place", "programme", "edition", "granted_on", "amount_label", "state_label",
    )  # fmt: skip
    list_filter = (
        ("union", UnionFilter), ProgrammeFilter, GroupFilter, YearFilter, ("state", ChoicesFilter), BooksFilter,
        SidesFilter,
    )  # fmt: skip
    list_select_related = ("union", "programme", "group")
    autocomplete_fields = ("union", "plan")
    search_help_text = "姓名开头几个字"
    linked_lookups = ("visit",)
    inconsistencies = (
        Inconsistency(
            "plan",
            "与所属的发放计划不是同一项目、年度或批次",
            lambda rows: rows.against_plan(),
        ),
    )
    actions_detail = ("approve", "decline", "reveal")
    readonly_fields = (
        "state_label",
        "source_label",
        "is_outside_books",
        "reason",
        "member",
        "amount_label",
        "recipient",
    )
    fieldsets = (
        (None, {"fields": ("name", ("id_type", "id_number"), "group", ("union", "address"), "township")}),
        ("发放", {"fields": (
            ("programme", "edition", "instalment"), "plan", ("cash", "goods"), ("granted_on", "handled_by"),
            "received_by", "note",
        )}),
        ("来源和状态", {"fields": (("state_label", "source_label", "is_outside_books"), "member", "reason")}),
    )  # fmt: skip
    later = ("来源和状态",)
    state_label = column("state", "状态", GrantState)
    source_label = column("source", "来源")
    amount_label = amount("amount", "金额（元）", sorts=True)

    def get_fieldsets(self, request: HttpRequest, obj: Grant | None = None) -> Any:
        """With the name as the reader may read it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.has_perms(NAMES_READ_WITH):
            return fieldsets
        (title, first), *rest = fieldsets
        return [(title, {**first, "fields": ("recipient", *first["fields"][1:])}), *rest]

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        """What the books hold isn't edited."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_outside_books)

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        """A grant that was wrongly recorded by hand goes; what came by a ledger is taken back with its batch."""
        return super().has_delete_permission(request, obj) and (obj is None or services.may_delete(obj))

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        """Asked once more where it happens."""
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Grant]) -> None:
        """All of them, or none."""
        try:
            with transaction.atomic():
                for grant in queryset:
                    services.delete(grant=grant, by=request.user)
        except DomainError as error:
            raise PermissionDenied(str(error)) from error

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        """A new one was paid before the portal kept books."""
        services.record(grant=obj, by=request.user)

    has_approve_permission = role_may("approve")

    def unfit_actions(self, request: HttpRequest, grant: Grant) -> set[str]:
        """What was decided isn't decided again."""
        fitting = {GrantState.APPLIED: {"approve", "decline"}, GrantState.APPROVED: {"decline"}}
        return {"approve", "decline"} - fitting.get(GrantState(grant.state), set())

    @asks(
        "核定", permission="approve", icon="check_circle", form=PlainForm, submit="核定发放",
        intro="核定后可以编入发放批次。登记人不能核定自己登记的申请。", facts=facts_of,
    )  # fmt: skip
    def approve(self, request: HttpRequest, grant: Grant, form: PlainForm) -> str:
        """Promise it."""
        services.approve(grant=grant, by=request.user)
        return f"已核定：{grant}，{yuan(grant.amount)} 元。"

    @asks(
        "不予发放", permission="approve", icon="block", variant=ActionVariant.DANGER, form=WhyForm,
        intro="不予发放的申请不占这一批次的名额。", facts=facts_of,
    )  # fmt: skip
    def decline(self, request: HttpRequest, grant: Grant, form: WhyForm) -> str:
        """Refuse it, with the reason."""
        services.decline(grant=grant, reason=form.cleaned_data["reason"], by=request.user)
        return f"已登记不予发放：{grant}。"

    @display(description="姓名", ordering="name_key")
    def recipient(self, obj: Grant) -> str:
        return obj.name_for(obj.reader)

    @display(description="所在工会（住址）", ordering="union")
    def place(self, obj: Grant) -> str:
        return obj.address or obj.union.name
