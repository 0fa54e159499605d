"""Hardship files: the county's queues, visit and check, what follows a decision, guarded values for a reason.

Buttons and pages of approval come from the table of transitions (admin.ApplicationAdmin).
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    ApplicationAdmin,
    ChoicesFilter,
    LedgerAdminMixin,
    ObjectionsMixin,
    OfferedFilter,
    QueueFilter,
    asks,
    role_may,
    triples,
)
from pingtang_union.admin.links import link, links
from pingtang_union.admin.reveal import RECORDED, ReasonForm
from pingtang_union.core.audit import record_reveal
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.permissions import may_view
from pingtang_union.money import yuan
from pingtang_union.workflow.clocks import clocks
from pingtang_union.workflow.table import State
from relief import services
from relief.admin.filters import HelpedFilter
from relief.admin.forms import (
    ActForm,
    CheckForm,
    GrantForm,
    NumberForm,
    RecheckForm,
    VisitForm,
)
from relief.admin.national import given
from relief.models import Grant, Household, HouseholdFile, NationalList
from relief.models.codes import Act, FileState
from relief.services import masking, national
from relief.services.national_lists import not_in_last_list
from relief.services.papers import shown_file
from relief.services.progress import to_do


class NationalFilter(OfferedFilter):
    """Files on file that the list of the national system last compared doesn't hold."""

    title = "全国系统"
    parameter_name = "national"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("lacking", "最近一次对照中没有的")]

    def narrow(self, queryset: Any, value: str) -> Any:
        return not_in_last_list(queryset)


class ProgressFilter(OfferedFilter):
    """What is still to be done: the visit, the check, the yearly re-check."""

    title = "进度"
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("visit", "待入户"), ("check", "待核对"), ("recheck", "一年未复核")]

    def narrow(self, queryset: Any, value: str) -> Any:
        return queryset.filter(to_do(value))


@admin.register(Household)
class HouseholdAdmin(ObjectionsMixin, LedgerAdminMixin, ApplicationAdmin):
    """困难职工档案."""

    measure = "份"
    list_display = ("shown_name", "union", "category", "state_label", "file_label", "clock_label", "submitted_on")
    list_filter = (
        QueueFilter, ("file_state", ChoicesFilter), ("category", ChoicesFilter), ("union", UnionFilter), ProgressFilter,
        NationalFilter,
        HelpedFilter,
    )  # fmt: skip
    list_select_related = ("union",)
    search_help_text = "申请人姓名的开头几个字"
    actions_detail = (
        {
            "title": "登记",
            "icon": "edit_note",
            "items": ["visit", "economy", "recheck", "out", "cancel", "back", "grant", "objection", "settle",
                      "reveal_number", "reveal_account", "national_table"],
        },
    )  # fmt: skip
    fieldsets = (
        ("申请人", {"fields": (("shown_name", "union"), ("phone", "address"), ("housing", "area_band"),
                            ("employer", "employer_kind"), ("industry", "works_since"),
                            ("hukou_place", "national_number"), ("is_single_parent", "causes_label"))}),
        ("家庭成员", {"fields": ("people_table",)}),
        ("困难认定", {"fields": (("category", "file_label"), "assessment_table", "assessment_links")}),
        ("入户走访和核对", {"fields": ("visits_table", "check_label")}),
        ("收款", {"fields": (("payee_name", "bank"), "account_label")}),
        ("公示、决定和后续", {"fields": (("publicity_label", "decision_document"), "acts_table", "papers_out")}),
        ("全国系统", {"fields": ("national_label",)}),
    )  # fmt: skip
    readonly_fields = (
        "shown_name", "causes_label", "people_table", "file_label", "assessment_table", "assessment_links",
        "visits_table", "check_label", "account_label", "publicity_label", "acts_table", "papers_out",
        "national_label",
    )  # fmt: skip

    has_visit_permission = role_may("visit")
    has_check_permission = role_may("check")
    has_reveal_permission = role_may("reveal")
    has_account_permission = role_may("account")
    has_national_permission = role_may("export", NationalList)
    has_grant_permission = role_may("apply", Grant)

    def prepare(self, request: HttpRequest, records: Iterable[Any]) -> None:
        """With the clocks of all of them."""
        found = list(records)
        super().prepare(request, found)
        running = clocks(found)
        for one in found:
            one.clock = running.get(one.pk)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows if request.resolver_match is None or "object_id" not in request.resolver_match.kwargs else (
            rows.with_checklists()
        )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By name for who works on files: nobody else finds out a name by searching for it."""
        rows, many = super().get_search_results(request, queryset, search_term)
        return (rows if not search_term or masking.works_on_files(request.user) else rows.none()), many

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads is told the category and the way, and nothing of the family."""
        fieldsets = super().get_fieldsets(request, obj)
        if masking.works_on_files(request.user):
            return fieldsets
        return [
            ("困难职工档案", {"fields": (("shown_name", "union"), ("category", "file_label"), "assessment_links")}),
            ("公示和决定", {"fields": (("publicity_label", "decision_document"),)}),
        ]

    def surroundings(self, request: HttpRequest, application: Any) -> dict[str, Any]:
        """Without what was filled in, for who only reads."""
        around = super().surroundings(request, application)
        if masking.works_on_files(request.user):
            return around
        for moment in around["moments"]:
            if moment.step is not None:
                moment.step.reason = ""
        return around | {"differences": [], "returned_reason": ""}

    def file_title(self, file: Any) -> str:
        """The paper that it is."""
        return str(file)

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """As the base's, with a watermark on identity papers."""
        super().file_view(request, object_id)  # who may, and 404
        file = HouseholdFile.objects.select_related("paper").get(pk=object_id)
        try:
            return shown_file(file, request.user)
        except DomainError as error:
            return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")

    def unfit_actions(self, request: HttpRequest, household: Any) -> set[str]:
        """Entries that have nothing to do on the file as it stands."""
        user = request.user
        reviewing = household.state == State.RECOMMENDED or (household.state == State.SUBMITTED and household.is_direct)
        stands = household.file_state == FileState.ON_FILE
        fits = {
            "visit": reviewing
            and user.pk not in (household.recommended_by_id, household.submitted_by_id)
            and household.visited_by_id in (None, user.pk),
            "economy": reviewing,
            "recheck": stands,
            "out": stands,
            "cancel": stands,
            "grant": stands,
            "back": household.file_state == FileState.OUT,
            "national_table": stands,
            "reveal_account": bool(household.bank_account),
        }
        return super().unfit_actions(request, household) | {path for path, does in fits.items() if not does}

    # --- acts ---

    @asks("登记入户走访", permission="visit", icon="home_pin", form=VisitForm,
          intro="由两人入户走访，初审人不再入户；入户人不再审核和决定。")  # fmt: skip
    def visit(self, request: HttpRequest, household: Household, form: VisitForm) -> str:
        """Note a visit at home."""
        services.record_visit(household=household, by=request.user, **form.cleaned_data)
        return "已登记入户走访。"

    @asks("登记核对结果", permission="check", icon="fact_check", form=CheckForm,
          intro="凭家庭成员签署的授权书提请民政部门核对，答复后登记结果。")  # fmt: skip
    def economy(self, request: HttpRequest, household: Household, form: CheckForm) -> str:
        """Note the check of income and property."""
        services.record_check(household=household, by=request.user, **form.cleaned_data)
        return "已登记家庭经济状况核对。"

    @asks("年度复核", permission="check", icon="event_repeat", form=RecheckForm,
          intro="按现行政策重新计算；不再符合标准的，请办理脱困。")  # fmt: skip
    def recheck(self, request: HttpRequest, household: Household, form: RecheckForm) -> str:
        """The yearly re-check."""
        act = services.recheck(household=household, by=request.user, **form.given())
        return f"已复核：{act.household.get_category_display()}。"

    @asks("脱困", permission="check", icon="trending_up", form=ActForm, intro="脱困后立即撤档，档案保存十年。")
    def out(self, request: HttpRequest, household: Household, form: ActForm) -> str:
        """Out of hardship."""
        services.end_file(household=household, kind=Act.OUT, by=request.user, **form.cleaned_data)
        return f"{household}已脱困撤档。"

    @asks("注销", permission="check", icon="block", form=ActForm, intro="注销后立即撤档，档案保存十年。")
    def cancel(self, request: HttpRequest, household: Household, form: ActForm) -> str:
        """Cancel a file."""
        services.end_file(household=household, kind=Act.CANCEL, by=request.user, **form.cleaned_data)
        return f"{household}的档案已注销。"

    @asks("返困", permission="check", icon="undo", form=RecheckForm, intro="按现行政策重新计算，符合标准的恢复建档。")
    def back(self, request: HttpRequest, household: Household, form: RecheckForm) -> str:
        """Back in hardship."""
        act = services.bring_back(household=household, by=request.user, **form.given())
        return f"{household}已恢复建档：{act.household.get_category_display()}。"

    @asks("申请帮扶", permission="grant", icon="volunteer_activism", form=GrantForm)
    def grant(self, request: HttpRequest, household: Household, form: GrantForm) -> str:
        """A grant out of the file."""
        grant = services.grant_from_file(household=household, by=request.user, **form.cleaned_data)
        return f"已登记：{grant}，{yuan(grant.cash + grant.goods)} 元，待核定。"

    @asks("查看完整证件号", permission="reveal", icon="visibility", form=NumberForm, submit="查看",
          error_field="reason",
          intro="完整证件号是受保护的个人信息，只在工作需要时查看。")  # fmt: skip
    def reveal_number(self, request: HttpRequest, household: Household, form: NumberForm) -> HttpResponse:
        """A person's number, once."""
        person = form.cleaned_data["person"]
        if person.is_minor and not masking.sees(request.user, "children"):
            raise DomainError("您的账号不能查看未成年人信息。")
        record_reveal(person, field_label="证件号码", reason=form.cleaned_data["reason"])
        value = person.full_id_number or masking.NOTHING
        return self.shown_once(request, household, label="证件号码", value=value, note=RECORDED)

    @asks("查看完整账号", permission="account", icon="visibility", form=ReasonForm, submit="查看", error_field="reason",
          intro="收款账号是受保护的个人信息，只在工作需要时查看。")  # fmt: skip
    def reveal_account(self, request: HttpRequest, household: Household, form: ReasonForm) -> HttpResponse:
        """The account, once."""
        record_reveal(household, field_label="银行账号", reason=form.cleaned_data["reason"])
        value = household.bank_account.reveal()  # type: ignore[union-attr]  # a Sealed of a stored row
        return self.shown_once(request, household, label="银行账号", value=value, note=RECORDED)

    @asks("导出全国系统报送表", permission="national", icon="table_view", form=ReasonForm, submit="导出",
          error_field="reason", intro="按全国系统的列和说法导出这份档案，含完整证件号码和健康状况。")  # fmt: skip
    def national_table(self, request: HttpRequest, household: Household, form: ReasonForm) -> HttpResponse:
        """This file as the national system's table."""
        told = form.cleaned_data["reason"]
        return given(national.export(households=[household.pk], only_ready=False, reason=told, by=request.user))

    # --- what list and page show ---

    @display(description="申请人", ordering="name_key")
    def shown_name(self, obj: Household) -> str:
        return masking.shown_name(obj, obj.reader)  # type: ignore[attr-defined]  # prepare gives it

    @display(description="档案状态", ordering="file_state")
    def file_label(self, obj: Household) -> str:
        since = f"（{obj.since}）" if obj.since else ""
        return f"{obj.get_file_state_display()}{since}"

    @display(description="办理时限")
    def clock_label(self, obj: Any) -> str:
        return obj.clock.words if obj.clock else "—"

    @display(description="致困原因")
    def causes_label(self, obj: Household) -> str:
        return "、".join(str(line.cause) for line in obj.causes.all()) or "—"

    @display(description="家庭成员")
    def people_table(self, obj: Household) -> str:
        user = obj.reader  # type: ignore[attr-defined]  # prepare gives it
        if not masking.works_on_files(user):
            return "—"
        rows = [
            (
                f"{one.get_relation_display()} {masking.shown_name(one, user)}",
                "、".join(filter(None, (masking.shown_number(one, user), one.get_standing_display(),
                                       f"年收入 {yuan(one.income)} 元"))),
                "、".join(filter(None, (f"健康：{masking.shown_health(one, user)}", masking.shown_school(one, user)))),
            )
            for one in obj.people.all()
        ]  # fmt: skip
        return triples(rows, "没有登记。")

    @display(description="按现行政策计算")
    def assessment_table(self, obj: Household) -> str:
        outcome = obj.assess()
        if outcome is None:
            return "没有现行帮扶政策。"
        context = {"outcome": outcome, "policy": obj.policy()}
        return render_to_string("relief/_calculation_admin.html", context)

    @display(description="已保存的认定")
    def assessment_links(self, obj: Household) -> str:
        found = obj.assessments.all()
        made = [
            (
                reverse("relief:assessment", args=[one.pk]),
                f"{timezone.localdate(one.made_at)} {one.get_category_display()}",
            )
            for one in found
        ]
        return links(made, "—")

    @display(description="入户走访")
    def visits_table(self, obj: Household) -> str:
        rows = [(f"{one.visited_on}", str(one).partition("：")[2], one.findings)
                for one in obj.visits.select_related("visitor")]  # fmt: skip
        return triples(rows, "尚未登记。")

    @display(description="家庭经济状况核对")
    def check_label(self, obj: Household) -> str:
        if obj.check_asked_on is None:
            return "尚未提请核对"
        answer = f"{obj.check_answered_on} {obj.get_check_verdict_display()}" if obj.check_answered_on else "等待答复"
        return f"{obj.check_asked_on} 提请，{answer}{f'（{obj.check_note}）' if obj.check_note else ''}"

    @display(description="银行账号")
    def account_label(self, obj: Household) -> str:
        return masking.shown_account(obj, obj.reader)  # type: ignore[attr-defined]  # prepare gives it

    @display(description="后续办理")
    def acts_table(self, obj: Household) -> str:
        return triples([(f"{one.on}", one.get_kind_display(), one.reason) for one in obj.acts.all()], "—")

    @display(description="缺项")
    def national_label(self, obj: Household) -> str:
        if obj.file_state != FileState.ON_FILE or not national.may_supplement(obj.reader):  # type: ignore[attr-defined]  # prepare gives it
            return "—"
        missing = national.missing_there(obj, national.NationalWords())
        told = f"缺 {len(missing)} 项" if missing else "已填齐，可以报送"
        return link(reverse("relief:household_national", args=[obj.pk]), told)

    @display(description="打印")
    def papers_out(self, obj: Household) -> str:
        if not self.has_check_permission_of(obj):
            return "—"
        return link(reverse("relief:household_copy", args=[obj.pk]), "档案副本（本人查阅）")

    def has_check_permission_of(self, obj: Any) -> bool:
        """Whether the reader of a page may print the person's copy."""
        return may_view(obj.reader, Household) and obj.reader.has_perm("relief.check_household")
