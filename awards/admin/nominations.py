"""Nominations: the county's queues, what it adds (scores, opinions), objections, and what a superior answered.

The deeds of approval come from the table of transitions (core.admin.ApplicationAdmin).
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from awards import services
from awards.admin.deeds import deed_page
from awards.admin.filters import HonourFilter, NamingFilter, RoundFilter
from awards.admin.forms import NamingForm, ObjectionForm, OpinionForm, ScoreForm, SettleForm
from awards.models import Nomination, NominationObjection, Opinion
from members.admin.filters import UnionFilter
from pingtang_union.core.admin import ApplicationAdmin, ChoicesFilter, QueueFilter
from pingtang_union.core.admin.audit import record_url
from pingtang_union.core.admin.reveal import ReasonForm
from pingtang_union.core.audit import record_reveal
from pingtang_union.core.changes import may_view
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.objections import record_objection, settle_objection
from pingtang_union.core.text import fold, fold_name
from pingtang_union.core.workflow import ENDS, ObjectionState, State, Transition

_UNDER_REVIEW = tuple(state for state in State if state not in (State.DRAFT, State.RETURNED, *ENDS))


@admin.register(Nomination)
class NominationAdmin(ApplicationAdmin):
    """荣誉推荐。"""

    list_display = ("name", "honour", "round", "union", "kind", "state_label", "county_score", "submitted_on")
    list_filter = (
        QueueFilter, RoundFilter, HonourFilter, ("kind", ChoicesFilter), ("union", UnionFilter), NamingFilter,
    )  # fmt: skip
    list_select_related = ("honour", "round", "union")
    search_fields = ("name_key",)
    search_help_text = "姓名或集体名称的开头几个字"
    actions_detail = (
        {
            "title": "登记",
            "icon": "edit_note",
            "items": ["score", "opinion", "objection", "settle", "naming_result", "objectors"],
        },
    )
    fieldsets = (
        (
            "推荐对象",
            {"fields": (("name", "honour"), ("round", "union"), ("kind", "position"), "nominee", "traits_label")},
        ),
        ("事迹", {"fields": ("summary_text", "deeds_text")}),
        ("材料和核查", {"fields": ("papers_table", "vetoes_table", "opinions_table")}),
        ("县级评分", {"fields": (("county_score", "score_note"),)}),
        (
            "公示和决定",
            {"fields": ("publicity_days_label", "decision_document", ("naming", "naming_note"))},
        ),
    )
    readonly_fields = (
        "nominee", "traits_label", "papers_table", "vetoes_table", "opinions_table",
        "publicity_days_label", "summary_text", "deeds_text",
    )  # fmt: skip

    def search_condition(self, term: str) -> Q:
        """Persons and teams are folded each in their own way."""
        keys = {fold_name(term), fold(term)} - {""}
        return Q(*(("name_key__startswith", key) for key in keys), _connector=Q.OR) if keys else Q(pk__in=[])

    def awaits(self, transition: Transition) -> Q:
        """The county's approval comes after the township's word, where one is needed."""
        if transition.name == "approve":
            return Q(state=State.RECOMMENDED) | Q(state=State.SUBMITTED, is_direct=True)
        if transition.name == "recommend":
            return Q(state=State.SUBMITTED, is_direct=False)
        return super().awaits(transition)

    def waiting(self, user: Any) -> Q | None:
        """Also those with an objection to look into."""
        condition = super().waiting(user)
        if condition is not None and user.has_perm("awards.review_nomination"):
            found = NominationObjection.objects.filter(state=ObjectionState.OPEN).values("application")
            condition |= Q(pk__in=found, state=State.PUBLICISED) & ~Q(submitted_by=user)
        return condition

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Nomination | None:
        """The nomination with its reader: what the tables show follows the reader's permissions."""
        one = super().get_object(request, object_id, from_field)
        if one is not None:
            one.reader = request.user
        return one

    def file_title(self, file: Any) -> str:
        """The paper that it is."""
        return str(file.paper) if file.paper_id else "其他附件"

    # --- what the county adds ---

    def has_score_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role scores and records opinions."""
        return request.user.has_perm("awards.score_nomination")

    def has_name_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the role records namings."""
        return request.user.has_perm("awards.name_nomination")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Of the county's own deeds those that have something to do here."""
        found = super().get_actions_detail(request, object_id)
        one = self.get_object(request, str(object_id))
        if one is None:
            return []
        may_add = one.state in _UNDER_REVIEW and one.submitted_by_id != request.user.pk
        objections = set(one.objections.values_list("state", flat=True))
        fits = {
            "score": may_add,
            "opinion": may_add and bool(one.required_opinions()),
            "objection": one.state == State.PUBLICISED,
            "settle": ObjectionState.OPEN in objections and one.submitted_by_id != request.user.pk,
            "naming": one.state == State.DECIDED and one.honour.is_above_county and not one.naming,
            "objectors": bool(objections),
        }
        return [it for it in found if fits.get(it.path, True)]

    @action(description="评分", url_path="score", permissions=["score"], icon="star")
    def score(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the county's score."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            services.score_nomination(nomination=one, by=request.user, **form.cleaned_data)
            return f"已登记评分：{one}，{form.cleaned_data['score']} 分。"

        return deed_page(self, request, one, ScoreForm, label="评分", do=do, nomination=one)

    @action(description="登记部门意见", url_path="opinion", permissions=["score"], icon="forum")
    def opinion(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record what a department said of the nominee."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            opinion = services.record_opinion(nomination=one, by=request.user, **form.cleaned_data)
            return f"已登记{opinion.required.department}的意见：{opinion.get_verdict_display()}。"

        return deed_page(
            self, request, one, OpinionForm, label="登记部门意见", do=do, nomination=one,
            intro="一次登记一个部门；登记过的可以更正。", facts=[(row[0], row[1]) for row in _opinions(one)],
        )  # fmt: skip

    @action(description="登记异议", url_path="objection", permissions=["review"], icon="report")
    def objection(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Note an objection to what is in publicity."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            record_objection(one, by=request.user, **form.cleaned_data)
            return f"已登记对{one}的异议。核查了结以前不能作出决定。"

        return deed_page(
            self, request, one, ObjectionForm, label="登记异议", do=do,
            intro="只写异议说了什么；谁提出的写在下面一栏，单独加密保存。",
        )  # fmt: skip

    @action(description="核查异议", url_path="settle", permissions=["review"], icon="fact_check")
    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close an objection with what was found."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            given = form.cleaned_data
            is_upheld = given["state"] == ObjectionState.UPHELD
            settled = settle_objection(given["objection"], upheld=is_upheld, finding=given["finding"], by=request.user)
            return f"异议已了结：{settled.get_state_display()}。"

        return deed_page(self, request, one, SettleForm, label="核查异议", do=do, nomination=one)

    @action(description="登记命名结果", url_path="naming", permissions=["name"], icon="military_tech")
    def naming_result(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record the superior's answer, which makes the award where the title was given."""
        one = self.visible_or_404(request, object_id)

        def do(form: Any) -> str:
            given = {**form.cleaned_data, "on": form.cleaned_data["on"] or ""}
            named = services.record_naming(nomination=one, by=request.user, **given)
            return f"已登记命名结果：{named}，{named.get_naming_display()}。"

        return deed_page(
            self, request, one, NamingForm, label="登记命名结果", do=do,
            intro="上级命名后，这里登记一次，系统随即生成获奖记录。登记后不能改。",
        )  # fmt: skip

    @action(description="查看异议提出人", url_path="objectors", permissions=["review"], icon="visibility")
    def objectors(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who objected: for the office that looks into it, for a reason, never without an audit event."""
        one = self.visible_or_404(request, object_id)
        rows = [row for row in one.objections.visible_to(request.user) if row.objector]
        form = ReasonForm(request.POST if request.method == "POST" else None)
        shown = {
            "title": f"{one}：查看异议提出人", "original": one,
            "back": reverse("admin:awards_nomination_change", args=[one.pk]),
        }  # fmt: skip
        if request.method == "POST" and form.is_valid():
            try:
                for row in rows:
                    record_reveal(row, field_label="提出人和联系方式", reason=form.cleaned_data["reason"])
            except DomainError as error:
                form.add_error("reason", str(error))
            else:
                told = "；".join(f"{row}：{row.objector.reveal()}" for row in rows)
                note = "本次查看已记入审计日志。离开本页后不再显示。"
                return self.page(
                    request, "admin/revealed.html", label="异议提出人", value=told or "没有登记", note=note, **shown
                )
        intro = "提出人是受保护的个人信息，只在核查需要时查看。"
        return self.page(request, "admin/form_page.html", form=form, intro=intro, submit_label="查看", **shown)

    # --- what the page shows ---

    @display(description="提交日期", ordering="submitted_at")
    def submitted_on(self, obj: Nomination) -> str:
        return f"{obj.submitted_at:%Y-%m-%d}" if obj.submitted_at else "—"

    @display(description="系统里的推荐对象")
    def nominee(self, obj: Nomination) -> str:
        known = obj.nominee_union or obj.member or obj.cadre
        if known is None:
            return "没有关联，按姓名或名称推荐"
        label = f"{known._meta.verbose_name}：{known}"
        url = record_url(known, known.pk) if may_view(obj.reader, type(known)) and _sees(obj.reader, known) else ""
        return format_html('<a class="text-link" href="{}">{}</a>', url, label) if url else label

    @display(description="身份")
    def traits_label(self, obj: Nomination) -> str:
        traits = [("农民工", obj.is_migrant), ("所在单位是非公有制", obj.is_non_public)]
        return "、".join(label for label, has in traits if has) or "—"

    @display(description="事迹简介")
    def summary_text(self, obj: Nomination) -> str:
        return obj.summary or "—"

    @display(description="事迹材料")
    def deeds_text(self, obj: Nomination) -> str:
        return obj.deeds or "—"

    @display(description="公示")
    def publicity_days_label(self, obj: Nomination) -> str:
        end = obj.publicity()
        if end is None:
            return "—"
        unknown = "" if end.is_known else "，其中的节假日安排还没有登记，按工作日计算"
        return f"{obj.publicised_from} 至 {end.day}（{obj.publicity_days} 个工作日{unknown}）"

    @display(description="材料")
    def papers_table(self, obj: Nomination) -> str:
        ready = {tick.paper_id for tick in obj.papers.all() if tick.is_ready}
        filed = set(obj.files.values_list("paper_id", flat=True))
        rows = [
            (
                f"{paper}（{paper.copies} 份）",
                "已备齐" if paper.pk in ready else "未备齐",
                ("有扫描件" if paper.pk in filed else "没有扫描件") if paper.needs_file or paper.pk in filed else "",
            )
            for paper in obj.required_papers()
        ]
        return _table(rows, "这次评选没有要求材料。")

    @display(description="否决情形")
    def vetoes_table(self, obj: Nomination) -> str:
        answers = {answer.veto_id: answer for answer in obj.veto_answers.all()}
        rows = []
        for veto in obj.round.vetoes.all():
            answer = answers.get(veto.pk)
            said = "没有答复" if answer is None else "有" if answer.occurred else "无"
            rows.append((str(veto), said, answer.explanation if answer else ""))
        return _table(rows, "这次评选没有设否决情形。")

    @display(description="部门意见")
    def opinions_table(self, obj: Nomination) -> str:
        if not may_view(obj.reader, Opinion):
            return "—"
        return _table(_opinions(obj), "这次评选不征求部门意见。")


def _opinions(nomination: Nomination) -> list[tuple[str, str, str]]:
    """(department, what it said and when, why) of every department that is asked."""
    given = {opinion.required_id: opinion for opinion in nomination.opinions.all()}
    rows = []
    for required in nomination.required_opinions():
        one = given.get(required.pk)
        said = f"{one.get_verdict_display()}（{one.on:%Y-%m-%d}）" if one else "还没有登记"
        rows.append((required.department, said, one.note if one else ""))
    return rows


def _table(rows: list[tuple[str, str, str]], nothing: str) -> str:
    return render_to_string("admin/_triples.html", {"rows": rows, "nothing": nothing})


def _sees(user: Any, known: Any) -> bool:
    return type(known).objects.visible_to(user).filter(pk=known.pk).exists()
