"""Awards: the record of who holds what. Corrected while they stand, revoked, never deleted."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from awards import services
from awards.admin.deeds import deed_page
from awards.admin.filters import HonourFilter, LevelFilter, RevokedFilter, YearFilter
from awards.admin.forms import AwardForm, RevokeForm
from awards.models import Award, AwardSource
from members.admin.filters import UnionFilter
from pingtang_union.core.admin import ChoicesFilter, LedgerListMixin, ScopedAdmin
from pingtang_union.core.admin.audit import ImportHistoryMixin, NoDeadLinksMixin
from pingtang_union.core.text import fold

_FROM_NOMINATION = ("honour", "recipient", "union", "recipient_union", "member", "cadre")


@admin.register(Award)
class AwardAdmin(LedgerListMixin, ImportHistoryMixin, NoDeadLinksMixin, ScopedAdmin):
    """获奖记录。"""

    form = AwardForm
    list_display = (
        "recipient", "honour", "level", "union", "awarded_on", "document_number", "source_label", "standing_label",
    )  # fmt: skip
    list_filter = (
        LevelFilter, HonourFilter, YearFilter, ("union", UnionFilter), ("source", ChoicesFilter), RevokedFilter,
    )  # fmt: skip
    list_select_related = ("honour", "union")
    autocomplete_fields = ("union", "recipient_union", "member", "cadre")
    search_fields = ("recipient_key",)
    search_help_text = "获奖集体或个人名称的开头几个字，或完整证书编号、文号"
    prefix_field = "recipient_key"
    fold_term = staticmethod(fold)
    actions_detail = ("revoke",)
    readonly_fields = (
        "source_label", "nomination", "standing_label", "revoked_on", "revoke_reason", "revoke_document", "revoked_by",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("honour", "recipient", "union")}),
        ("系统里的获奖人（最多选一个）", {"fields": (("recipient_union", "member", "cadre"),)}),
        ("授予", {"fields": (("awarded_on", "granted_by"), ("document_number", "certificate_number"))}),
        ("公开", {"fields": ("shows_name", "note")}),
    )
    _origin = ("来源", {"fields": (("source_label", "nomination", "standing_label"),)})
    _revoked = ("撤销", {"fields": (("revoked_on", "revoke_document", "revoked_by"), "revoke_reason")})

    def search_condition(self, term: str) -> Q:
        """By the beginning of the name, or a whole number of certificate or document."""
        numbers = Q(certificate_number=term) | Q(document_number=term)
        key = fold(term)
        return numbers | Q(recipient_key__startswith=key) if key else numbers

    def get_fieldsets(self, request: HttpRequest, obj: Award | None = None) -> Any:
        """With where it comes from, and how it was revoked."""
        found = [*super().get_fieldsets(request, obj)]
        if obj is not None:
            found.append(self._origin)
        if obj is not None and obj.revoked_on:
            found.append(self._revoked)
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Award | None = None) -> tuple[str, ...]:
        """What a decision of the portal said isn't edited."""
        fixed = _FROM_NOMINATION if obj is not None and obj.source == AwardSource.NOMINATION else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_change_permission(self, request: HttpRequest, obj: Award | None = None) -> bool:
        """Not of a revoked one."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_standing)

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role revokes at all."""
        return request.user.has_perm("awards.revoke_award")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """A revoked one can't be revoked again."""
        one = self.get_object(request, str(object_id))
        return super().get_actions_detail(request, object_id) if one and one.is_standing else []

    @action(
        description="撤销荣誉", url_path="revoke", permissions=["revoke"], icon="block", variant=ActionVariant.DANGER
    )
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take it back, with day, document and reason."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            services.revoke_award(award=one, by=request.user, **form.cleaned_data)
            return f"已撤销：{one}。记录保留，光荣榜上不再列出。"

        return deed_page(
            self, request, one, RevokeForm, label="撤销荣誉", do=do, is_danger=True,
            intro="撤销要有文件依据。记录不会删除，查验页面会说明已经撤销。",
            facts=[("获奖集体（个人）", one.recipient), ("荣誉称号", one.honour), ("授予时间", one.awarded_on)],
        )  # fmt: skip

    @display(description="级别", ordering="honour__level")
    def level(self, obj: Award) -> str:
        return obj.honour.get_level_display()

    @display(description="来源", ordering="source")
    def source_label(self, obj: Award) -> str:
        return obj.get_source_display()

    @display(description="是否有效", ordering="revoked_on", label={"有效": "success", "已撤销": "danger"})
    def standing_label(self, obj: Award) -> str:
        return "有效" if obj.is_standing else "已撤销"
