"""What the county adds to a nomination: scores, opinions, objections, namings; each where it fits and by who may."""

from datetime import timedelta
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from awards.models import Award, Nomination, NominationObjection
from members import roles
from pingtang_union.workflow.objections import record_objection
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    MemberFactory,
    NominationFactory,
    PaperFactory,
    RequiredOpinionFactory,
    RoundFactory,
    UserFactory,
    VetoFactory,
    honour,
)

pytestmark = pytest.mark.django_db
COUNTY = {"score", "opinion", "objection", "settle", "naming", "objectors"}


def page(one, action="change"):
    return reverse(f"admin:awards_nomination_{action}", args=[one.pk])


def buttons(response):
    paths = {one["path"].rstrip("/").rsplit("/", 1)[1] for one in response.context["buttons"]}
    return paths & COUNTY


def said(response):
    return [str(one) for one in response.context["messages"]]


def objected(one, by, **more):
    given = {
        "received_on": timezone.localdate(),
        "way": "call",
        "text": "事迹与事实不符",
        "objector": "罗先生 13800000000",
    }
    return record_objection(one, by=by, **{**given, **more})


@pytest.fixture
def clerk(signed_in, awards_clerk):
    """The reviewing desk's browser."""
    return signed_in(awards_clerk)


@pytest.fixture
def round_(db):
    return RoundFactory(needs_recommendation=False)


@pytest.fixture
def handed_in(round_):
    return lead(NominationFactory(round=round_, name="罗光明"), State.SUBMITTED)


@pytest.fixture
def publicised(round_):
    return lead(NominationFactory(round=round_, name="罗光明"), State.PUBLICISED)


# --- What is offered -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, set()), (State.SUBMITTED, {"score", "opinion"}), (State.REVIEWED, {"score", "opinion"}),
        (State.PUBLICISED, {"score", "opinion", "objection"}), (State.RETURNED, set()), (State.REJECTED, set()),
        (State.ABANDONED, set()),
    ],
)  # fmt: skip
def test_buttons_by_state(state, expected, round_, clerk, county_clerk, signed_in):
    one = lead(NominationFactory(round=round_), state)
    RequiredOpinionFactory(round=round_)
    assert buttons(clerk.get(page(one))) == expected
    assert buttons(signed_in(county_clerk).get(page(one))) == set()


def test_buttons_follow_what_there_is_to_do(publicised, clerk, awards_clerk):
    assert buttons(clerk.get(page(publicised))) == {"score", "objection"}  # the round asks no department
    objected(publicised, awards_clerk)
    assert buttons(clerk.get(page(publicised))) == {"score", "objection", "settle", "objectors"}


@pytest.mark.parametrize("name", ["score", "opinion", "objection", "settle", "naming_result", "objectors"])
def test_pages_refuse_who_may_not(name, handed_in, county_clerk, outsider, signed_in):
    assert signed_in(county_clerk).post(page(handed_in, name), {}).status_code == 403
    assert signed_in(outsider).post(page(handed_in, name), {"reason": "核查异议需要"}).status_code == 404


# --- Scores and opinions ---------------------------------------------------------------------


def test_a_score_is_given_and_corrected(handed_in, clerk):
    response = clerk.post(page(handed_in, "score"), {"score": "92.5", "note": "评审组平均分"}, follow=True)
    assert said(response) == [f"已登记评分：{handed_in}，92.5 分。"]
    handed_in.refresh_from_db()
    assert (handed_in.county_score, handed_in.score_note) == (Decimal("92.50"), "评审组平均分")
    assert clerk.get(page(handed_in, "score")).context["form"]["score"].value() == Decimal("92.50")


@pytest.mark.parametrize("score", ["101", "-1", "九十", "", "90.123"])
def test_a_score_beyond_the_scale_is_refused_beside_its_field(score, handed_in, clerk):
    response = clerk.post(page(handed_in, "score"), {"score": score})
    assert list(response.context["form"].errors) == ["score"]
    handed_in.refresh_from_db()
    assert handed_in.county_score is None


def test_a_score_after_the_end_is_refused_in_words(round_, clerk):
    one = lead(NominationFactory(round=round_), State.REJECTED)
    response = clerk.post(page(one, "score"), {"score": "90"})
    assert response.context["form"].non_field_errors() == ["当前状态是「不予通过」，不能评分和登记意见。"]


def test_opinions_are_recorded_one_by_one_and_corrected(handed_in, round_, clerk):
    asked = [RequiredOpinionFactory(round=round_, department=name, order=place) for place, name in
             enumerate(("县税务局", "县应急管理局"))]  # fmt: skip
    RequiredOpinionFactory(round=round_, department="县总工会", applies_to="collective")
    response = clerk.get(page(handed_in, "opinion"))
    assert response.context["facts"] == [("县税务局", "还没有登记"), ("县应急管理局", "还没有登记")]
    assert response.context["form"]["required"].value() == str(asked[0].pk)
    given = {"required": asked[0].pk, "verdict": "agrees", "on": "2026-05-12"}
    assert said(clerk.post(page(handed_in, "opinion"), given, follow=True)) == ["已登记县税务局的意见：同意。"]
    response = clerk.get(page(handed_in, "opinion"))
    assert response.context["facts"] == [("县税务局", "同意（2026-05-12）"), ("县应急管理局", "还没有登记")]
    assert response.context["form"]["required"].value() == str(asked[1].pk)
    clerk.post(page(handed_in, "opinion"), given | {"verdict": "objects", "note": "欠缴税款"})
    opinion = handed_in.opinions.get()
    assert (opinion.verdict, opinion.note) == ("objects", "欠缴税款")


def test_an_opinion_without_its_reason_or_of_others_is_refused(handed_in, round_, clerk):
    asked = RequiredOpinionFactory(round=round_)
    foreign = RequiredOpinionFactory()
    given = {"required": asked.pk, "verdict": "objects", "on": "2026-05-12"}
    response = clerk.post(page(handed_in, "opinion"), given)
    assert response.context["form"].non_field_errors() == ["不同意要写明原因。"]
    response = clerk.post(page(handed_in, "opinion"), given | {"required": foreign.pk, "on": "x"})
    assert set(response.context["form"].errors) == {"required", "on"}
    assert not handed_in.opinions.exists()


# --- Objections ------------------------------------------------------------------------------


def test_an_objection_is_noted_and_settled(publicised, clerk, awards_clerk):
    given = {"received_on": timezone.localdate().isoformat(), "way": "letter", "text": "年限不够", "objector": "石某某"}
    response = clerk.post(page(publicised, "objection"), given, follow=True)
    assert said(response) == [f"已登记对{publicised}的异议。核查了结以前不能作出决定。"]
    [objection] = response.context["objections"]
    assert (objection.text, objection.recorded_by, objection.objector.reveal()) == ("年限不够", awards_clerk, "石某某")
    assert "石某某" not in response.content.decode()
    form = clerk.get(page(publicised, "settle")).context["form"]
    assert form["objection"].value() == str(objection.pk)
    settled = {"objection": objection.pk, "state": "dismissed", "finding": "经核对档案，年限符合"}
    assert said(clerk.post(page(publicised, "settle"), settled, follow=True)) == ["异议已了结：经查不属实。"]
    objection.refresh_from_db()
    assert (objection.state, objection.settled_by, objection.finding) == (
        "dismissed", awards_clerk, "经核对档案，年限符合",
    )  # fmt: skip


def test_an_objection_of_a_day_to_come_or_without_text_is_refused(publicised, clerk):
    tomorrow = timezone.localdate() + timedelta(days=1)
    response = clerk.post(page(publicised, "objection"), {"received_on": tomorrow.isoformat(), "way": "call"})
    assert response.context["form"].errors["received_on"] == ["收到日期不能晚于今天。"]
    assert "text" in response.context["form"].errors
    assert not NominationObjection.objects.exists()


def test_only_publicised_ones_take_objections(handed_in, clerk):
    given = {"received_on": timezone.localdate().isoformat(), "way": "call", "text": "不属实"}
    response = clerk.post(page(handed_in, "objection"), given)
    assert response.context["form"].non_field_errors() == ["只有公示中的申报才登记异议，当前状态是「已提交」。"]


def test_an_objection_is_settled_once_and_of_this_nomination(publicised, round_, clerk, awards_clerk):
    other = objected(lead(NominationFactory(round=round_), State.PUBLICISED), awards_clerk)
    objection = objected(publicised, awards_clerk)
    given = {"objection": other.pk, "state": "upheld", "finding": "经查确有其事"}
    assert list(clerk.post(page(publicised, "settle"), given).context["form"].errors) == ["objection"]
    short = clerk.post(page(publicised, "settle"), given | {"objection": objection.pk, "finding": "短"})
    assert short.context["form"].non_field_errors() == ["请写明核查情况（至少 4 个字）。"]
    clerk.post(page(publicised, "settle"), given | {"objection": objection.pk})
    again = clerk.post(page(publicised, "settle"), given | {"objection": objection.pk})
    assert list(again.context["form"].errors) == ["objection"]  # no longer offered
    objection.refresh_from_db()
    assert objection.state == "upheld"


def test_who_objected_is_shown_for_a_reason_with_an_event(publicised, clerk, awards_clerk):
    objection = objected(publicised, awards_clerk)
    url = page(publicised, "objectors")
    assert "13800000000" not in clerk.get(url).content.decode()
    refused = clerk.post(url, {"reason": "看"})
    assert refused.context["form"].errors == {"reason": ["请写明查看的理由（至少 4 个字），理由会记入审计日志。"]}
    events = LogEntry.objects.get_for_object(objection).filter(action=LogEntry.Action.ACCESS)
    assert not events.exists()
    response = clerk.post(url, {"reason": "电话核实情况"})
    assert "罗先生 13800000000" in response.content.decode()
    assert (events.get().actor, events.get().additional_data["reason"]) == (awards_clerk, "电话核实情况")
    assert "no-store" in response["Cache-Control"]


def test_objections_are_for_offices_that_may_read_them(publicised, awards_clerk, signed_in):
    objected(publicised, awards_clerk)
    client = signed_in(UserFactory(roles=(roles.RELIEF,)))
    response = client.get(page(publicised))
    assert list(response.context["objections"]) == []
    assert "事迹与事实不符" not in response.content.decode()


# --- Naming ----------------------------------------------------------------------------------


@pytest.fixture
def sent_up(round_):
    """Decided to be sent up for a title of the prefecture."""
    round_.honours.set([honour("prefecture.may_day_medal")])
    return lead(
        NominationFactory(round=round_, honour=honour("prefecture.may_day_medal"), name="罗光明"), State.DECIDED
    )


def test_a_naming_makes_the_award_once(sent_up, clerk):
    assert buttons(clerk.get(page(sent_up))) == {"naming"}
    given = {"naming": "named", "on": "2026.4", "document_number": "黔南工发〔2026〕8号", "certificate_number": "88"}
    response = clerk.post(page(sent_up, "naming_result"), given, follow=True)
    assert said(response) == [f"已登记命名结果：{sent_up}，已命名。"]
    award = Award.objects.get()
    assert (award.nomination, award.awarded_on, award.document_number, award.certificate_number) == (
        sent_up, "2026-04", "黔南工发〔2026〕8号", "88",
    )  # fmt: skip
    assert buttons(response) == set()
    again = clerk.post(page(sent_up, "naming_result"), given)
    assert again.context["form"].non_field_errors() == ["命名结果已登记为「已命名」。"]


def test_a_naming_needs_day_and_document_no_naming_neither(sent_up, clerk):
    response = clerk.post(page(sent_up, "naming_result"), {"naming": "named"})
    assert response.context["form"].errors == {
        "on": ["已命名的请填写命名时间。"], "document_number": ["已命名的请填写命名文号。"],
    }  # fmt: skip
    clerk.post(page(sent_up, "naming_result"), {"naming": "not_named", "note": "名额所限"})
    sent_up.refresh_from_db()
    assert (sent_up.naming, sent_up.naming_note, Award.objects.count()) == ("not_named", "名额所限", 0)


def test_what_waits_for_the_superior_is_a_list(sent_up, round_, clerk):
    lead(NominationFactory(name="草稿"), State.DRAFT)
    url = reverse("admin:awards_nomination_changelist")

    def names(**query):
        return [one.name for one in clerk.get(url, query).context["cl"].result_list]

    assert names(naming="awaited") == ["罗光明"]
    clerk.post(page(sent_up, "naming_result"), {"naming": "not_named"})
    assert (names(naming="awaited"), names(naming="not_named")) == ([], ["罗光明"])


# --- The page --------------------------------------------------------------------------------


def test_the_page_shows_papers_vetoes_and_opinions(round_, clerk):
    PaperFactory(round=round_, title="审批表", copies=3, needs_file=True)
    VetoFactory(round=round_)
    RequiredOpinionFactory(round=round_, department="县税务局")
    text = clerk.get(page(NominationFactory(round=round_))).content.decode()
    for told in (
        "审批表（3 份）</span>：未备齐（没有扫描件）",
        "拖欠职工工资</span>：没有答复",
        "县税务局</span>：还没有登记",
    ):
        assert told in text


def test_the_nominee_is_a_link_for_who_may_read_the_record(round_, clerk, insider, signed_in):
    member = MemberFactory(name="石秀英")
    one = NominationFactory(round=round_, member=member, union=member.union)
    url = reverse("admin:members_member_change", args=[member.pk])
    assert f'href="{url}"' in signed_in(insider).get(page(one)).content.decode()
    response = signed_in(UserFactory(roles=(roles.FINANCE,))).get(page(one))
    assert response.status_code == 403
    elsewhere = NominationFactory(round=round_, member=MemberFactory(name="别处的人"))
    Nomination.objects.filter(pk=elsewhere.pk).update(union=member.union)
    narrow = UserFactory(union=member.union, roles=(roles.ECONOMY,))
    text = signed_in(narrow).get(page(elsewhere)).content.decode()
    assert reverse("admin:members_member_change", args=[elsewhere.member_id]) not in text


def test_searching_finds_persons_and_teams_by_the_beginning(round_, clerk):
    NominationFactory(round=round_, name="罗光明")
    url = reverse("admin:awards_nomination_changelist")
    assert [one.name for one in clerk.get(url, {"q": "罗光"}).context["cl"].result_list] == ["罗光明"]
    assert [one.name for one in clerk.get(url, {"q": "光明"}).context["cl"].result_list] == []
    assert [one.name for one in clerk.get(url, {"q": "——"}).context["cl"].result_list] == []
