"""Awards: the record of who holds what. Corrected while they stand, revoked, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from unfold.decorators import display
from unfold.enums import ActionVariant

from awards import services
from awards.admin.filters import HonourFilter, LevelFilter, RevokedFilter, YearFilter
from awards.admin.forms import AwardForm, RevokeForm
from awards.models import Award, AwardSource
from members.admin.filters import UnionFilter
from pingtang_union.admin import ChoicesFilter, LedgerAdminMixin, ScopedAdmin, asks, role_may
from pingtang_union.admin.columns import column
from pingtang_union.core.text import fold

_FROM_NOMINATION = ("honour", "recipient", "union", "recipient_union", "member", "cadre")


@admin.register(Award)
class AwardAdmin(LedgerAdminMixin, ScopedAdmin):
    """获奖记录。"""

    form = AwardForm
    measure = "项"
    list_display = (
        "recipient", "honour", "level", "union", "awarded_on", "document_number", "source_label", "standing_label",
    )  # fmt: skip
    list_filter = (
        LevelFilter, HonourFilter, YearFilter, ("union", UnionFilter), ("source", ChoicesFilter), RevokedFilter,
    )  # fmt: skip
    list_select_related = ("honour", "union")
    autocomplete_fields = ("union", "recipient_union", "member", "cadre")
    search_help_text = "获奖集体或个人名称的开头几个字，或完整证书编号、文号"
    prefix_field = "recipient_key"
    fold_term = staticmethod(fold)
    actions_detail = ("revoke",)
    readonly_fields = (
        "source_label", "nomination", "standing_label", "revoked_on", "revoke_reason", "revoke_document", "revoked_by",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("honour", "recipient", ("union", "workplace"))}),
        ("已登记的获奖人（最多选择一个）", {"fields": (("recipient_union", "member", "cadre"),)}),
        ("授予", {"fields": (("awarded_on", "granted_by"), ("document_number", "certificate_number"))}),
        ("公开", {"fields": ("shows_name", "note")}),
        ("来源", {"fields": (("source_label", "nomination", "standing_label"),)}),
    )
    source_label = column("source", "来源")
    later = ("来源",)
    _revoked = ("撤销", {"fields": (("revoked_on", "revoke_document", "revoked_by"), "revoke_reason")})

    def search_condition(self, term: str) -> Q:
        """By the beginning of the name, or a whole number of certificate or document."""
        numbers = Q(certificate_number=term) | Q(document_number=term)
        key = fold(term)
        return numbers | Q(recipient_key__startswith=key) if key else numbers

    def get_fieldsets(self, request: HttpRequest, obj: Award | None = None) -> Any:
        """With how it was revoked."""
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, self._revoked] if obj is not None and obj.revoked_on else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Award | None = None) -> tuple[str, ...]:
        """What a decision of the portal said isn't edited."""
        fixed = _FROM_NOMINATION if obj is not None and obj.source == AwardSource.NOMINATION else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_change_permission(self, request: HttpRequest, obj: Award | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_standing)

    has_revoke_permission = role_may("revoke")

    def unfit_actions(self, request: HttpRequest, award: Award) -> tuple[str, ...]:
        """A revoked one can't be revoked again."""
        return () if award.is_standing else ("revoke",)

    @asks(
        "撤销荣誉", permission="revoke", icon="block", variant=ActionVariant.DANGER, form=RevokeForm,
        intro="撤销须有文件依据。记录不删除，核验页面注明已撤销。",
        facts=lambda award: [
            ("获奖集体（个人）", award.recipient), ("荣誉称号", award.honour), ("授予时间", award.awarded_on),
        ],
    )  # fmt: skip
    def revoke(self, request: HttpRequest, award: Award, form: RevokeForm) -> str:
        """Take it back, with day, document and reason."""
        services.revoke_award(award=award, by=request.user, **form.cleaned_data)
        return f"已撤销：{award}。记录保留，光荣榜上不再列出。"

    @display(description="级别", ordering="honour__level")
    def level(self, obj: Award) -> str:
        return obj.honour.get_level_display()

    @display(description="是否有效", ordering="revoked_on", label={"有效": "success", "已撤销": "danger"})
    def standing_label(self, obj: Award) -> str:
        return "有效" if obj.is_standing else "已撤销"
