"""Relief policy: drafts tried beside the one in force, issued once; causes; ."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from pingtang_union.admin import CatalogueAdminMixin, LastingMixin, OpenInline, PlainForm, ScopedAdmin, asks, role_may
from pingtang_union.admin.bases import PageMixin
from pingtang_union.admin.resources import catalogue
from pingtang_union.core.scope import reaches
from relief import services
from relief.models import Cap, Cause, Deduction, Exclusion, PolicyPaper, ReliefPolicy


class _OfPolicyInline(OpenInline):
    """Lines of a draft; of what was issued they are only read."""

    tab = True

    def is_open(self, request: HttpRequest, policy: ReliefPolicy | None) -> bool:
        return policy is None or policy.issued_at is None


class DeductionInline(_OfPolicyInline):
    """Recognised spending."""

    model = Deduction
    fields = ("kind", "article")


class ExclusionInline(_OfPolicyInline):
    """What keeps a household out."""

    model = Exclusion
    fields = ("code", "words", "article")


class PaperInline(_OfPolicyInline):
    """Papers asked for."""

    model = PolicyPaper
    fields = ("order", "title", "cause", "is_identity", "is_needed")


class CapInline(_OfPolicyInline):
    """The most a household may have."""

    model = Cap
    fields = ("programme", "category", "source", "most", "article")


@admin.register(ReliefPolicy)
class ReliefPolicyAdmin(ScopedAdmin):
    """帮扶政策: what was issued is never changed."""

    measure = "份"
    inlines = (DeductionInline, ExclusionInline, PaperInline, CapInline)
    list_display = ("title_label", "document_number", "in_force_from", "line", "union", "issued_label")
    list_select_related = ("union",)
    prefix_field = "title"
    search_help_text = "政策名称的开头几个字"
    autocomplete_fields = ("union",)
    begins_with = ("union",)
    actions_detail = ("replay", "issue", "copy")
    readonly_fields = ("issued_label",)
    fieldsets = (
        (None, {"fields": ("title", ("union", "in_force_from"), ("document_number", "is_example"), "issued_label")}),
        ("收入和低保标准", {"fields": (("line", "line_article"), "formula_article")}),
        ("困难类别", {"fields": (("deep_takes_equal", "deep_article"),
                             ("relative_multiple", "relative_takes_equal", "relative_article"),
                             ("accident_share", "accident_article"))}),
        ("抽查和说明", {"fields": ("spot_share", "note")}),
    )  # fmt: skip

    has_issue_permission = role_may("issue")
    has_keep_permission = role_may("add")

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """For who works on policies."""
        return bool(request.user.has_perm("relief.change_reliefpolicy"))

    def has_change_permission(self, request: HttpRequest, obj: ReliefPolicy | None = None) -> bool:
        """Of a draft of the own unions."""
        return super().has_change_permission(request, obj) and (
            obj is None or (obj.issued_at is None and reaches(request.user, obj.union))
        )

    def unfit_actions(self, request: HttpRequest, policy: ReliefPolicy) -> tuple[str, ...]:
        """What was issued isn't issued again."""
        return ("issue",) if policy.issued_at else ()

    @asks("发布", permission="issue", icon="publish", form=PlainForm,
          intro="发布后不能再改；以前的决定仍按当时的政策。请先用「试算」核对影响。")  # fmt: skip
    def issue(self, request: HttpRequest, policy: ReliefPolicy, form: PlainForm) -> str:
        """Put it in force."""
        issued = services.issue_policy(policy=policy, by=request.user)
        return f"已发布{issued}，自 {issued.in_force_from} 起施行。"

    @asks("复制成草案", permission="keep", icon="content_copy", form=PlainForm,
          intro="复制标准、认定支出、不予建档情形、材料和帮扶标准；文号和施行日期请另填。")  # fmt: skip
    def copy(self, request: HttpRequest, policy: ReliefPolicy, form: PlainForm) -> str:
        """A draft like it."""
        copied = services.copy_policy(policy=policy, by=request.user)
        return f"已复制成「{copied}」，请在列表中打开修改。"

    @action(description="试算", url_path="replay", permissions=["replay"], icon="calculate")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Which files it would put into another category, and what it would cost."""
        policy = self.visible_or_404(request, object_id)
        beside = ReliefPolicy.objects.over(policy.union).on(timezone.localdate())
        replayed = services.replay(policy, beside=beside, by=request.user)
        return self.page(
            request, "relief/replay.html", title=f"{policy}：试算", original=policy, policy=policy, beside=beside,
            replayed=replayed,
        )  # fmt: skip

    @display(description="政策名称", ordering="title")
    def title_label(self, obj: ReliefPolicy) -> str:
        return str(obj)

    @display(description="发布", label={"已发布": "success", "草案": "info"})
    def issued_label(self, obj: ReliefPolicy) -> str:
        return "已发布" if obj.issued_at else "草案"


@admin.register(Cause)
class CauseAdmin(LastingMixin, CatalogueAdminMixin, PageMixin, ModelAdmin):
    """致困原因: the national list; one that isn't used any more stays, for old files."""

    resource_classes = (catalogue(Cause, "number"),)
    list_display = ("number", "name", "is_in_use")
    fields = (("number", "name"), "is_in_use")
