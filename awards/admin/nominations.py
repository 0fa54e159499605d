"""Nominations: the county's queues, what it adds (scores, opinions), objections, and what a superior answered.

Buttons and pages of approval come from the table of transitions (admin.ApplicationAdmin).
"""

from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from unfold.decorators import display

from awards import services
from awards.admin.filters import HonourFilter, NamingFilter, RoundFilter
from awards.admin.forms import NamingForm, OpinionForm, ScoreForm
from awards.models import Nomination, NominationStep, Opinion
from awards.models.honours import HonourLevel
from members.admin.filters import UnionFilter
from pingtang_union.admin import (
    ApplicationAdmin,
    ChoicesFilter,
    Inconsistency,
    ObjectionsMixin,
    QueueFilter,
    asks,
    role_may,
    triples,
)
from pingtang_union.admin.links import link, record_url
from pingtang_union.core.permissions import may_view
from pingtang_union.core.text import fold, fold_name
from pingtang_union.workflow.table import ENDS, State

_UNDER_REVIEW = tuple(state for state in State if state not in (State.DRAFT, State.RETURNED, *ENDS))


def against_steps(rows: QuerySet) -> QuerySet:
    """Nominations whose last step led to another state than theirs; a draft may have none."""
    steps = NominationStep.objects.filter(application=OuterRef("pk")).order_by("-number")
    last = rows.alias(last_target=Subquery(steps.values("target")[:1]))
    return last.filter(~Q(last_target=F("state")) | Q(last_target=None) & ~Q(state=State.DRAFT))


@admin.register(Nomination)
class NominationAdmin(ObjectionsMixin, ApplicationAdmin):
    """荣誉推荐。"""

    measure = "份"
    list_display = ("name", "honour", "round", "union", "state_label", "county_score", "submitted_on")
    list_filter = (
        QueueFilter, RoundFilter, HonourFilter, ("kind", ChoicesFilter), ("union", UnionFilter), NamingFilter,
    )  # fmt: skip
    inconsistencies = (
        Inconsistency(
            "award",
            "县级荣誉已决定，没有获奖记录",
            lambda rows: rows.filter(state=State.DECIDED, honour__level=HonourLevel.COUNTY, award__isnull=True),
        ),
        Inconsistency(
            "last_step",
            "状态与最近一步办理不符",
            against_steps,
        ),
    )
    list_select_related = ("honour", "round", "union")
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
        ("事迹", {"fields": ("summary_text", "merits_text")}),
        ("材料和核查", {"fields": ("papers_table", "vetoes_table", "opinions_table")}),
        ("县级评分", {"fields": (("county_score", "score_note"),)}),
        (
            "公示和决定",
            {"fields": ("publicity_label", "decision_document", ("naming", "naming_note"))},
        ),
    )
    readonly_fields = (
        "nominee", "traits_label", "papers_table", "vetoes_table", "opinions_table",
        "publicity_label", "summary_text", "merits_text",
    )  # fmt: skip

    def search_condition(self, term: str) -> Q:
        """Persons and teams are folded each in their own way."""
        keys = {fold_name(term), fold(term)} - {""}
        return Q(*(("name_key__startswith", key) for key in keys), _connector=Q.OR) if keys else Q(pk__in=[])

    def file_title(self, file: Any) -> str:
        """The paper that it is."""
        return str(file.paper) if file.paper_id else "其他附件"

    # --- what the county adds ---

    has_score_permission = role_may("score")
    has_name_permission = role_may("name")

    def unfit_actions(self, request: HttpRequest, nomination: Nomination) -> set[str]:
        """Of the county's own entries those that have nothing to do here."""
        may_add = nomination.state in _UNDER_REVIEW and nomination.submitted_by_id != request.user.pk
        fits = {
            "score": may_add,
            "opinion": may_add and bool(nomination.required_opinions()),
            "naming": nomination.state == State.DECIDED and nomination.honour.is_above_county and not nomination.naming,
        }
        return super().unfit_actions(request, nomination) | {path for path, does in fits.items() if not does}

    @asks("评分", permission="score", icon="star", form=ScoreForm)
    def score(self, request: HttpRequest, nomination: Nomination, form: ScoreForm) -> str:
        """Give the county's score."""
        services.score_nomination(nomination=nomination, by=request.user, **form.cleaned_data)
        return f"已登记评分：{nomination}，{form.cleaned_data['score']} 分。"

    @asks(
        "登记部门意见", permission="score", icon="forum", form=OpinionForm,
        intro="一次登记一个部门；已登记的可更正。",
        facts=lambda nomination: [(row[0], row[1]) for row in _opinions(nomination)],
    )  # fmt: skip
    def opinion(self, request: HttpRequest, nomination: Nomination, form: OpinionForm) -> str:
        """Record what a department said of the nominee."""
        opinion = services.record_opinion(nomination=nomination, by=request.user, **form.cleaned_data)
        return f"已登记{opinion.required.department}的意见：{opinion.get_verdict_display()}。"

    @asks(
        "登记命名结果", permission="name", icon="military_tech", path="naming", form=NamingForm,
        intro="上级命名后在此登记，系统随即生成获奖记录。登记后不能修改。",
    )  # fmt: skip
    def naming_result(self, request: HttpRequest, nomination: Nomination, form: NamingForm) -> str:
        """Record the superior's answer, which makes the award where the title was given."""
        given = {**form.cleaned_data, "on": form.cleaned_data["on"] or ""}
        named = services.record_naming(nomination=nomination, by=request.user, **given)
        return f"已登记命名结果：{named}，{named.get_naming_display()}。"

    # --- what the page shows ---

    @display(description="系统里的推荐对象")
    def nominee(self, obj: Nomination) -> str:
        known = obj.nominee_union or obj.member or obj.cadre
        if known is None:
            return "没有关联，按姓名或名称推荐"
        label = f"{known._meta.verbose_name}：{known}"
        url = record_url(known, known.pk) if may_view(obj.reader, type(known)) and _sees(obj.reader, known) else ""
        return link(url, label) if url else label

    @display(description="身份")
    def traits_label(self, obj: Nomination) -> str:
        traits = [("农民工", obj.is_migrant), ("所在单位是非公有制", obj.is_non_public)]
        return "、".join(label for label, has in traits if has) or "—"

    @display(description="事迹简介")
    def summary_text(self, obj: Nomination) -> str:
        return obj.summary or "—"

    @display(description="事迹材料")
    def merits_text(self, obj: Nomination) -> str:
        return obj.deeds or "—"

    @display(description="材料")
    def papers_table(self, obj: Nomination) -> str:
        rows = [
            (
                f"{line.paper}（{line.paper.copies} 份）",
                "已备齐" if line.is_ready else "未备齐",
                "有扫描件" if line.files else "没有扫描件" if line.paper.needs_file else "",
            )
            for line in obj.checklist()
            if line.paper
        ]
        return triples(rows, "这次评选没有要求材料。")

    @display(description="否决情形")
    def vetoes_table(self, obj: Nomination) -> str:
        rows = [(str(it.veto), it.words, it.answer.explanation if it.answer else "") for it in obj.answered_vetoes()]
        return triples(rows, "这次评选没有设否决情形。")

    @display(description="部门意见")
    def opinions_table(self, obj: Nomination) -> str:
        if not may_view(obj.reader, Opinion):
            return "—"
        return triples(_opinions(obj), "该类对象不需征求部门意见。")


def _opinions(nomination: Nomination) -> list[tuple[str, str, str]]:
    """(department, what it said and when, why) of every department that is asked."""
    return [
        (required.department, f"{opinion.get_verdict_display()}（{opinion.on:%Y-%m-%d}）", opinion.note)
        if opinion
        else (required.department, "还没有登记", "")
        for required, opinion in nomination.asked_opinions()
    ]


def _sees(user: Any, known: Any) -> bool:
    return type(known).objects.visible_to(user).filter(pk=known.pk).exists()
