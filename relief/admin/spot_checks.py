"""The yearly spot check: drawing by lot, findings, answers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from pingtang_union.admin import PlainForm, ReadOnlyAdmin, ScopedAdmin, asks, role_may, triples
from relief import services
from relief.admin.forms import FindingForm
from relief.models import SpotCheck, SpotDraw
from relief.services import masking


@admin.register(SpotDraw)
class SpotDrawAdmin(ReadOnlyAdmin, ScopedAdmin):
    """档案抽查."""

    measure = "次"
    list_display = ("year", "union", "share", "drawn_count", "found_count", "drawn_at")
    list_select_related = ("union",)
    prefix_field = "union__name"
    search_help_text = "工会名称的开头几个字"
    actions_list = ("draw",)
    actions_detail = ("finding",)
    fields = (("year", "union"), ("share", "drawn_at"), "seed", "is_same", "checks_table")
    readonly_fields = ("is_same", "checks_table", "drawn_count", "found_count")

    has_draw_permission = role_may("draw")
    has_find_permission = role_may("change", SpotCheck)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("checks__household", "checks__union")

    @asks("抽取本年度档案", permission="draw", icon="casino", form=PlainForm,
          intro="按现行政策的比例从各工会在档的档案中随机抽取，一年一次；随机种子和名单保存，可重复验证。")  # fmt: skip
    def draw(self, request: HttpRequest, record: None, form: PlainForm) -> str:
        """Draw this year's."""
        drawn = services.draw_files(union=request.user.union, by=request.user)  # type: ignore[union-attr, arg-type]  # signed in, of the county
        return f"已抽取 {drawn.checks.count()} 份档案。"

    @asks("登记抽查情况", permission="find", icon="rule", form=FindingForm)
    def finding(self, request: HttpRequest, draw: SpotDraw, form: FindingForm) -> str:
        """What was found in one."""
        found = services.record_finding(by=request.user, **form.cleaned_data)
        return f"已登记{found.household}的抽查情况。"

    @display(description="抽中")
    def drawn_count(self, obj: SpotDraw) -> str:
        return f"{len(obj.checks.all())} 份"

    @display(description="已查")
    def found_count(self, obj: SpotDraw) -> str:
        return f"{sum(bool(one.findings) for one in obj.checks.all())} 份"

    @display(description="重新抽取验证")
    def is_same(self, obj: SpotDraw) -> str:
        drawn = {one.household_id for one in obj.checks.all() if one.household_id}
        return "与保存的结果一致" if drawn <= set(services.draw_again(obj)) else "与保存的结果不一致"

    @display(description="抽中的档案")
    def checks_table(self, obj: Any) -> str:
        rows = [
            (
                f"{one.union}：{masking.shown_name(one.household, obj.reader) if one.household else '（已匿名）'}",
                one.findings or "尚未抽查",
                f"答复：{one.answer}" if one.answer else "",
            )
            for one in obj.checks.all()
        ]
        return triples(rows, "—")
