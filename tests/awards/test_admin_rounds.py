"""County staff's pages over the catalogue and the rounds: what is in use stays, requirements are copied."""

import pytest
from django.urls import reverse
from django.utils import timezone

from awards import services
from awards.models import (
    Honour,
    NominationPaper,
    RequiredOpinion,
    RequiredPaper,
    RoundVeto,
    SelectionRound,
    SlateRatio,
    VetoAnswer,
)
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.workflow.rules import PublicityRule
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    HonourFactory,
    NominationFactory,
    PaperFactory,
    QuotaFactory,
    RatioFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UnionFactory,
    UserFactory,
    VetoFactory,
    county,
    honour,
)

pytestmark = pytest.mark.django_db
ROUNDS = reverse("admin:awards_selectionround_changelist")
INLINES = ("quotas", "papers", "opinions", "vetoes", "ratios")


def page(row, action="change"):
    return reverse(f"admin:awards_{row._meta.model_name}_{action}", args=[row.pk])


def said(response):
    return [str(one) for one in response.context["messages"]]


def filled(response, **changes):
    """What the browser would send from an admin page with its inlines."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in data.items() if value is not None and value is not False} | changes


@pytest.fixture
def clerk(signed_in, awards_clerk):
    """The reviewing desk's browser."""
    return signed_in(awards_clerk)


# --- The catalogue ---------------------------------------------------------------------------


def test_the_catalogue_stands_from_the_highest_level_down_with_its_ladder(clerk):
    response = clerk.get(reverse("admin:awards_honour_changelist"))
    found = list(response.context["cl"].result_list)
    assert [one.pk for one in found] == [one.pk for one in Honour.objects.in_order()]
    assert "黔南州五一劳动奖章" in response.content.decode()
    listed = clerk.get(reverse("admin:awards_honour_changelist"), {"q": "标兵岗"}).context["cl"].result_list
    assert {one.title for one in listed} == {one.title for one in Honour.objects.filter(title__contains="标兵岗")}


def test_a_title_is_added_and_a_circle_refused_beside_its_field(clerk):
    url = reverse("admin:awards_honour_add")
    facts = {"title": "平塘县最美职工", "level": "county", "kind": "person", "order": 300, "is_in_use": "on"}
    assert clerk.post(url, facts).status_code == 302
    lower = Honour.objects.get(title="平塘县最美职工")
    upper = HonourFactory(title="平塘县十佳职工", below=lower)
    response = clerk.post(page(lower), {**facts, "below": upper.pk})
    assert response.context["adminform"].form.errors["below"] == ["这样会转成一个圈：下一级荣誉最终又回到它自己。"]
    again = clerk.post(url, facts)
    assert again.context["adminform"].form.errors == {"__all__": ["这个荣誉称号已经登记过。"]}


def test_titles_are_never_deleted_and_readers_change_nothing(clerk, county_clerk, signed_in):
    one = honour("county.pacesetter")
    assert clerk.get(page(one, "delete")).status_code == 403
    assert signed_in(county_clerk).post(page(one), {"title": "改"}).status_code == 403


def test_the_catalogue_is_changed_at_a_county_only(insider, township, signed_in):
    insider.union = township
    insider.save()
    client = signed_in(insider)
    assert client.post(page(honour("county.pacesetter")), {"title": "改"}).status_code == 403
    assert client.get(reverse("admin:awards_honour_add")).status_code == 403


# --- Publicity -------------------------------------------------------------------------------


def test_a_rule_on_publicity_is_added_checked_and_kept(clerk):
    url = reverse("admin:core_publicityrule_add")
    facts = {"in_force_from": "2027-01-01", "working_days": 7, "document": "平工发〔2026〕30号"}
    assert clerk.post(url, facts).status_code == 302
    rule = PublicityRule.objects.get(in_force_from="2027-01-01")
    assert rule.working_days == 7
    wrong = clerk.post(url, facts | {"working_days": 0, "in_force_from": "2028-01-01"})
    assert wrong.context["adminform"].form.errors == {"__all__": ["公示期要在 1 至 60 个工作日之间。"]}
    assert clerk.get(reverse("admin:core_publicityrule_delete", args=[rule.pk])).status_code == 403


# --- Rounds ----------------------------------------------------------------------------------


def test_a_round_is_opened_with_what_it_asks_for(clerk):
    url = reverse("admin:awards_selectionround_add")
    response = clerk.get(url)
    assert str(response.context["adminform"].form["union"].value()) == str(county().pk)
    today = timezone.localdate()
    data = filled(
        response, title="2027 年评选", closes_on=today.isoformat(), opens_on=today.isoformat(), year=today.year,
        honours=[honour("county.pacesetter").pk], **{"papers-TOTAL_FORMS": 1, "papers-0-title": "审批表",
        "papers-0-applies_to": "all", "papers-0-copies": 3, "papers-0-order": 10},
    )  # fmt: skip
    assert clerk.post(url, data).status_code == 302
    round_ = SelectionRound.objects.get(title="2027 年评选")
    assert [(paper.title, paper.copies) for paper in round_.papers.all()] == [("审批表", 3)]
    assert list(round_.honours.all()) == [honour("county.pacesetter")]


def test_dates_in_the_wrong_order_are_told(clerk):
    round_ = RoundFactory()
    data = filled(clerk.get(page(round_)), closes_on="2020-01-01")
    response = clerk.post(page(round_), data)
    assert response.context["adminform"].form.errors == {"__all__": ["申报截止不能早于开始日期。"]}


@pytest.mark.parametrize("prefix", ["papers", "vetoes", "opinions"])
def test_what_nominations_answered_stays(prefix, clerk, awards_clerk):
    round_ = RoundFactory(needs_recommendation=False)
    row = {"papers": PaperFactory, "vetoes": VetoFactory, "opinions": RequiredOpinionFactory}[prefix](round=round_)
    one = NominationFactory(round=round_)
    if prefix == "papers":
        NominationPaper.objects.create(nomination=one, paper=row, is_ready=True)
    elif prefix == "vetoes":
        VetoAnswer.objects.create(nomination=one, veto=row, occurred=False)
    else:
        lead(one, State.SUBMITTED)
        services.record_opinion(
            nomination=one, required=row, verdict="agrees", on=timezone.localdate(), by=awards_clerk
        )
    url = page(round_)
    response = clerk.post(url, filled(clerk.get(url), **{f"{prefix}-0-DELETE": "on", "note": "不该存下"}))
    assert response.status_code == 200
    assert f"「{row}」已经有 1 份推荐用到，不能删除" in response.content.decode()
    assert type(row).objects.filter(pk=row.pk).exists()
    round_.refresh_from_db()
    assert round_.note == ""


def test_what_nobody_used_can_go(clerk):
    paper = PaperFactory()
    quota = QuotaFactory(round=paper.round)
    url = page(paper.round)
    sent = filled(clerk.get(url), **{"papers-0-DELETE": "on", "quotas-0-DELETE": "on"})
    assert clerk.post(url, sent).status_code == 302
    assert not RequiredPaper.objects.filter(pk=paper.pk).exists()
    assert not type(quota).objects.filter(pk=quota.pk).exists()


def test_a_rounds_page_counts_by_state_and_each_number_leads_there(clerk):
    round_ = RoundFactory(needs_recommendation=False)
    for state in (State.SUBMITTED, State.SUBMITTED, State.REVIEWED):
        lead(NominationFactory(round=round_), state)
    text = clerk.get(page(round_)).content.decode()
    url = f"{reverse('admin:awards_nomination_changelist')}?round={round_.pk}&amp;state="
    told = [("submitted", "已提交 2 份"), ("reviewed", "县审核通过 1 份"), ("returned", "退回修改")]
    assert [f'href="{url}{state}">{label}' in text for state, label in told] == [True, True, False]
    assert reverse("awards:round_slate", args=[round_.pk]) in text
    listed = clerk.get(reverse("admin:awards_nomination_changelist"), {"round": round_.pk, "state": "submitted"})
    assert listed.context["cl"].result_count == 2


def test_a_rounds_numbers_count_the_viewers_rows_only(township, grassroots, signed_in):
    round_ = RoundFactory(needs_recommendation=False)
    lead(NominationFactory(round=round_), State.SUBMITTED)
    lead(NominationFactory(round=round_, union=grassroots), State.SUBMITTED)
    desk = UserFactory(union=township, roles=(roles.ECONOMY,))
    client = signed_in(desk)
    [row] = client.get(ROUNDS).context["cl"].result_list
    assert row.handed_in_count == 1
    assert "已提交 1 份" in client.get(page(round_)).content.decode()


def test_a_round_from_above_is_to_read(township, signed_in):
    round_ = PaperFactory().round
    client = signed_in(UserFactory(union=township, roles=(roles.ECONOMY,)))
    response = client.get(page(round_))
    assert response.context["adminform"].form.fields == {}
    assert response.context["actions_detail"] == []
    assert [inline.has_change_permission for inline in response.context["inline_admin_formsets"]] == [False] * 5
    assert client.post(page(round_), {"title": "改"}).status_code == 403
    refused = client.post(page(round_, "copy"), {"source": RoundFactory().pk})
    assert refused.context["form"].non_field_errors() == ["您的账号不能修改这次评选推荐。"]


def test_open_and_past_rounds_are_told_apart(clerk):
    today = timezone.localdate()
    RoundFactory(title="正在收")
    RoundFactory(title="收完了", opens_on="2020-01-01", closes_on="2020-02-01", year=2020)
    RoundFactory(title="提前结束", closed_on=today)

    def titles(**query):
        return {one.title for one in clerk.get(ROUNDS, query).context["cl"].result_list}

    assert titles(open="yes") == {"正在收"}
    assert titles(open="no") == {"收完了", "提前结束"}
    assert titles(year="2020") == {"收完了"}
    assert titles(q="提前") == {"提前结束"}
    assert titles(year="19") == titles(open="?") == set()  # not offered: nothing, never everything


# --- Copying requirements --------------------------------------------------------------------


@pytest.fixture
def earlier(db):
    """A round that asks for one thing of each kind."""
    round_ = RoundFactory(title="去年的评选")
    for factory in (PaperFactory, RequiredOpinionFactory, VetoFactory, RatioFactory, QuotaFactory):
        factory(round=round_)
    return round_


def test_requirements_are_copied_once(clerk, earlier):
    round_ = RoundFactory(title="今年的评选")
    url = page(round_, "copy")
    assert said(clerk.post(url, {"source": earlier.pk}, follow=True)) == [
        "已复制 4 项要求，请逐项核对是否与今年的通知一致。"
    ]
    kinds = (RequiredPaper, RequiredOpinion, RoundVeto, SlateRatio)
    assert [kind.objects.filter(round=round_).count() for kind in kinds] == [1] * 4
    assert [kind.objects.filter(round=earlier).count() for kind in kinds] == [1] * 4
    assert (round_.quotas.count(), earlier.quotas.count()) == (0, 1)
    assert round_.papers.get().title == earlier.papers.get().title
    assert said(clerk.post(url, {"source": earlier.pk}, follow=True)) == ["无需复制，各项要求均已登记。"]


def test_copying_leaves_what_is_there_already(earlier, awards_clerk):
    round_ = RoundFactory()
    kept = RatioFactory(round=round_, percent=50)
    assert services.copy_requirements(round=round_, source=earlier, by=awards_clerk) == 3
    kept.refresh_from_db()
    assert (round_.ratios.count(), kept.percent) == (1, 50)


def test_copying_is_refused_for_who_may_not(earlier, outsider, county_clerk, awards_clerk):
    round_ = RoundFactory()
    for by, why in ((outsider, "不在您的管理范围"), (county_clerk, "您的账号不能修改")):
        with pytest.raises(DomainError, match=why):
            services.copy_requirements(round=round_, source=earlier, by=by)
    with pytest.raises(DomainError, match="请选择另一次评选推荐"):
        services.copy_requirements(round=round_, source=round_, by=awards_clerk)
    foreign = RoundFactory(union=outsider.union)
    with pytest.raises(DomainError, match="不在您的管理范围"):
        services.copy_requirements(round=round_, source=foreign, by=awards_clerk)
    assert round_.papers.count() == 0


def test_the_page_offers_the_viewers_other_rounds(clerk, earlier, outsider):
    RoundFactory(union=outsider.union, title="外县的评选")
    RoundFactory(union=UnionFactory(name="乡镇"), title="乡镇的评选")
    offered = clerk.get(page(earlier, "copy")).context["form"].fields["source"].choices
    assert {label for key, label in offered if key} == {f"乡镇的评选（{timezone.localdate().year} 年）"}
    wrong = clerk.post(page(earlier, "copy"), {"source": "x"})
    assert list(wrong.context["form"].errors) == ["source"]


# --- The form --------------------------------------------------------------------------------


def test_each_kind_of_requirement_is_a_tab_and_ordered_by_dragging_or_number(awards_clerk, signed_in):
    round_ = RoundFactory(union=county())
    first, second = PaperFactory(round=round_, order=10), PaperFactory(round=round_, order=20)
    client = signed_in(awards_clerk)
    form = client.get(page(round_))
    tabs = {inline.opts.model: inline.opts for inline in form.context["inline_admin_formsets"]}
    assert all(options.tab for options in tabs.values())
    assert {model for model, options in tabs.items() if options.ordering_field} == {RequiredPaper, RequiredOpinion}
    assert f'name="papers-0-order" value="{first.order}"' in form.content.decode(), "a box for the number stays"
    response = client.post(page(round_), filled(form, **{"papers-0-order": "30"}), follow=True)
    assert response.status_code == 200
    assert list(round_.papers.all()) == [second, first]
