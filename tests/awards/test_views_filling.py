"""Filling in a nomination in steps: each saved by itself, nothing lost, nobody overwritten, nothing of others."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from awards import services
from awards.models import Nomination, NominationFile
from members import roles
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    NominationFactory,
    PaperFactory,
    RoundFactory,
    UserFactory,
    VetoFactory,
    honour,
)
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 scan"


def new(round_, **conditions):
    query = "&".join(f"{name}={value}" for name, value in {"round": round_.pk, **conditions}.items())
    return f"{reverse('awards:nomination_create')}?{query}"


def step(one, name):
    return reverse(f"awards:nomination_{name}", args=[one.pk])


def said(response):
    return [str(message) for message in response.context["messages"]]


def again(one):
    return Nomination.objects.get(pk=one.pk)


def names(response):
    return [str(one) for one in response.context["page_obj"]]


@pytest.fixture
def round_(db):
    return RoundFactory(title="五一评选", honours=[honour("county.pacesetter"), honour("county.pacesetter_post")])


@pytest.fixture
def nomination(grassroots):
    """A draft of the officer's own union."""
    return NominationFactory(union=grassroots, name="石梅", deeds="", summary="")


# --- The steps -----------------------------------------------------------------------------


def test_the_steps_say_what_is_missing_where(signed_in, officer, nomination):
    PaperFactory(round=nomination.round, title="审批表")
    VetoFactory(round=nomination.round)
    steps = signed_in(officer).get(step(nomination, "check")).context["steps"]

    assert [(one.number, one.label, one.missing) for one in steps] == [
        (1, "推荐对象", []),
        (2, "事迹", ["没有写事迹材料", "没有写事迹简介"]),
        (3, "材料", ["材料「审批表」尚未备齐"]),
        (4, "否决情形", ["没有回答有无「拖欠职工工资」"]),
        (5, "检查并提交", None),
    ]
    assert [one.number for one in steps if one.is_done] == [1]


def test_from_the_first_step_to_the_last(signed_in, officer, nomination):
    paper = PaperFactory(round=nomination.round, needs_file=True)
    veto = VetoFactory(round=nomination.round)
    client = signed_in(officer)

    facts = client.get(step(nomination, "update"))
    ways = [client.post(step(nomination, "update"), filled(facts, position="炊事班长")).url]
    deeds = client.get(step(nomination, "merits"))
    ways.append(client.post(step(nomination, "merits"), filled(deeds, deeds="十年 如一日", summary="好班长")).url)
    papers = client.get(step(nomination, "papers"))
    scan = SimpleUploadedFile("审批表.pdf", PDF)
    data = {"version": papers.context["version"], f"ready-{paper.pk}": "on", f"files-{paper.pk}": [scan]}
    ways.append(client.post(step(nomination, "papers"), data).url)
    vetoes = client.get(step(nomination, "vetoes"))
    data = {"version": vetoes.context["version"], f"occurred-{veto.pk}": "no", f"explanation-{veto.pk}": ""}
    ways.append(client.post(step(nomination, "vetoes"), data).url)
    check = client.get(step(nomination, "check"))

    assert ways == [step(nomination, name) for name in ("merits", "papers", "vetoes", "check")]
    assert (check.context["is_ready"], check.context["lacking"]) == (True, [])
    seen = re.search(r'name="seen" value="(\d+)"', check.content.decode())
    client.post(reverse("awards:nomination_move", args=[nomination.pk, "submit"]), {"seen": seen[1]})
    assert again(nomination).state == State.SUBMITTED


def test_what_is_beyond_the_steps_is_said(signed_in, officer, nomination):
    nomination.round.closed_on = nomination.round.closes_on
    nomination.round.save()

    assert signed_in(officer).get(step(nomination, "check")).context["beyond"] == ["这次评选的申报已经截止，不能提交"]


@pytest.mark.parametrize("name", ["update", "merits", "papers", "vetoes", "check"])
def test_what_can_be_changed_no_more_says_so(signed_in, officer, nomination, name):
    services.change_nomination(nomination=nomination, by=officer, values={"deeds": "写了", "summary": "写了"})
    lead(again(nomination), State.SUBMITTED)
    response = signed_in(officer).get(step(nomination, name), follow=True)

    assert said(response) == ["当前状态是「已提交」，内容不能改；要改请先撤回。"]
    assert response.redirect_chain[-1][0] == step(nomination, "detail")


def test_what_was_written_too_late_stays_on_the_page(signed_in, officer, nomination):
    client = signed_in(officer)
    page = client.get(step(nomination, "merits"))
    services.change_nomination(nomination=nomination, by=officer, values={"deeds": "写了", "summary": "写了"})
    lead(again(nomination), State.SUBMITTED)
    response = client.post(step(nomination, "merits"), filled(page, deeds="写了一晚上"))

    assert errors(response) == {"__all__": ["当前状态是「已提交」，内容不能改；要改请先撤回。"]}
    assert response.context["form"]["deeds"].value() == "写了一晚上"
    assert again(nomination).deeds == "写了"


def test_the_second_of_two_is_told(signed_in, officer, township_officer, nomination):
    Nomination.objects.update(created_by=township_officer)
    first, second = signed_in(officer), signed_in(township_officer)
    pages = [client.get(step(nomination, "merits")) for client in (first, second)]
    first.post(step(nomination, "merits"), filled(pages[0], deeds="第一个人写的", summary="简介"))
    told = second.post(step(nomination, "merits"), filled(pages[1], deeds="第二个人写的", summary="简介"))

    assert errors(told) == {
        "__all__": [
            "您打开这一页以后，别人改过：事迹简介，现在是「简介」；事迹材料，现在是「第一个人写的」。没有覆盖。"
            "请先核对；仍要按下面填的保存，请再点一次「保存」。"
        ]
    }
    assert again(nomination).deeds == "第一个人写的"
    second.post(step(nomination, "merits"), filled(told))
    assert again(nomination).deeds == "第二个人写的"


def test_who_changes_another_step_disturbs_nobody(signed_in, officer, nomination):
    client = signed_in(officer)
    page = client.get(step(nomination, "merits"))
    services.change_nomination(nomination=nomination, by=officer, values={"position": "炊事班长"})

    assert client.post(step(nomination, "merits"), filled(page, deeds="事迹")).status_code == 302
    assert (again(nomination).position, again(nomination).deeds) == ("炊事班长", "事迹")


# --- 2 事迹 ----------------------------------------------------------------------------------


def test_characters_are_counted_without_white_space(signed_in, officer, nomination):
    client = signed_in(officer)
    page = client.get(step(nomination, "merits"))
    saved = client.post(step(nomination, "merits"), filled(page, deeds="字 \n" * 1000, summary="好"), follow=True)
    assert said(saved) == ["已保存。事迹材料 1000 字，事迹简介 1 字。"]

    page = client.get(step(nomination, "merits"))
    refused = client.post(step(nomination, "merits"), filled(page, deeds="字" * 2001, summary="好" * 301))
    assert errors(refused) == {
        "deeds": ["事迹材料最多 2000 字，现在是 2001 字，请删减。"],
        "summary": ["事迹简介最多 300 字，现在是 301 字，请删减。"],
    }
    assert [(length, limit) for _field, length, limit in refused.context["texts"]] == [(2001, 2000), (301, 300)]


# --- 3 材料 ----------------------------------------------------------------------------------


def papers_of(client, nomination, **data):
    version = client.get(step(nomination, "papers")).context["version"]
    return client.post(step(nomination, "papers"), {"version": version, **data}, follow=True)


def test_good_files_are_kept_and_others_named(signed_in, officer, nomination):
    paper = PaperFactory(round=nomination.round)
    files = [SimpleUploadedFile("好.pdf", PDF), SimpleUploadedFile("坏.exe", b"MZ"), SimpleUploadedFile("空.pdf", b"")]
    response = papers_of(signed_in(officer), nomination, **{f"files-{paper.pk}": files, f"ready-{paper.pk}": "on"})

    assert sorted(said(response)) == [
        "「坏.exe」不是能收的文件，请传 PDF、JPG、PNG 图片、Word（.docx）或 Excel（.xlsx）。",
        "「空.pdf」是空文件，请核对后再传。",
        "已保存。已收下 1 个文件。有 2 个文件没有收下。",
    ]
    assert response.redirect_chain[-1][0] == step(nomination, "papers")
    assert [(file.name, file.paper) for file in nomination.files.all()] == [("好.pdf", paper)]
    assert nomination.papers.get().is_ready


def test_a_file_is_taken_away_and_ticks_are_kept(signed_in, officer, nomination):
    paper = PaperFactory(round=nomination.round)
    client = signed_in(officer)
    papers_of(client, nomination, **{"files-other": [SimpleUploadedFile("附件.pdf", PDF)]})
    response = papers_of(client, nomination, remove=nomination.files.get().pk, **{f"ready-{paper.pk}": "on"})

    assert said(response) == ["已保存。已删去「附件.pdf」。"]
    assert (nomination.files.count(), nomination.papers.get().is_ready) == (0, True)


@pytest.mark.parametrize("key", ["other", "x"])
def test_no_file_of_another_nomination_is_taken_away(signed_in, officer, grassroots, nomination, key):
    second = NominationFactory(union=grassroots)
    client = signed_in(officer)
    papers_of(client, second, **{"files-other": [SimpleUploadedFile("附件.pdf", PDF)]})
    other = second.files.get()
    papers_of(client, nomination, remove=other.pk if key == "other" else key)

    assert NominationFile.objects.get() == other


def test_only_papers_that_concern_the_nominee_are_asked(signed_in, officer, nomination):
    PaperFactory(round=nomination.round, title="企业负责人的", applies_to="enterprise_head")
    own = PaperFactory(round=nomination.round, title="一线职工的", applies_to="front_line")

    lines = signed_in(officer).get(step(nomination, "papers")).context["lines"]
    assert [paper for paper, _box, _field, _files in lines] == [own]


def test_a_photograph_loses_its_place(signed_in, officer, nomination, tmp_path):
    picture = tmp_path / "照片.jpg"
    exif = Image.Exif()
    exif[270] = "shijia-laowu"
    Image.new("RGB", (8, 8)).save(picture, exif=exif)
    papers_of(signed_in(officer), nomination, **{"files-other": [SimpleUploadedFile("照片.jpg", picture.read_bytes())]})

    assert b"shijia-laowu" in picture.read_bytes()
    assert b"shijia-laowu" not in nomination.files.get().opened()


# --- 4 否决情形 ------------------------------------------------------------------------------


def test_vetoes_are_answered_one_by_one(signed_in, officer, nomination):
    arrears, safety = VetoFactory(round=nomination.round), VetoFactory(round=nomination.round, kind="safety")
    client = signed_in(officer)
    page = client.get(step(nomination, "vetoes"))
    assert [field.value() for _veto, field, _note in page.context["lines"]] == ["", ""]
    data = {f"occurred-{safety.pk}": "yes", f"explanation-{safety.pk}": "去年一起"}
    client.post(step(nomination, "vetoes"), {"version": page.context["version"], **data})

    assert [(one.veto, one.occurred, one.explanation) for one in nomination.veto_answers.all()] == [
        (safety, True, "去年一起")
    ]
    assert again(nomination).missing_by_step()["vetoes"] == [
        f"没有回答有无「{arrears}」",
        f"有「{safety}」的情形，按规定不能推荐",
    ]


def test_an_explanation_needs_its_answer(signed_in, officer, nomination):
    veto = VetoFactory(round=nomination.round)
    response = signed_in(officer).post(step(nomination, "vetoes"), {f"explanation-{veto.pk}": "没有拖欠"})

    assert errors(response) == {f"occurred-{veto.pk}": ["请选「无」或「有」。"]}


# --- Who may -------------------------------------------------------------------------------


def test_reviewers_put_nobody_up(signed_in, nomination):
    client = signed_in(UserFactory(roles=(roles.ECONOMY,)))
    pages = [new(nomination.round), *(step(nomination, name) for name in ("update", "merits", "papers", "vetoes"))]

    assert {client.get(address).status_code for address in pages} == {403}


# --- Odd addresses -------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a\0b", "abc", "-1", "9" * 30, "0001-01-01", "۷", "<b>"])
def test_whatever_stands_in_an_address_the_answer_is_a_page(signed_in, township_officer, nomination, value):
    client = signed_in(township_officer)
    start = reverse("awards:nomination_create")
    begun = {"round": nomination.round_id, "honour": nomination.honour_id}
    asked = [
        (start, {**begun, name: value}) for name in ("round", "honour", "member", "nominee_union", "q", "from", "page")
    ]
    asked += [(step(nomination, "update"), {"pick": "yes", name: value}) for name in ("q", "from", "page", "cadre")]
    lists = (reverse("awards:nomination_list"), reverse("awards:round_list"), reverse("awards:award_list"))
    names = ("q", "round", "state", "honour", "union", "show", "level", "year", "standing", "page")
    asked += [(address, {name: value}) for address in lists for name in names]

    codes = {(address, *query): client.get(address, query).status_code for address, query in asked}
    assert {key: code for key, code in codes.items() if code not in (200, 302, 400, 404)} == {}


def test_nothing_odd_in_a_form_breaks_a_page(signed_in, township_officer, nomination):
    client = signed_in(township_officer)
    paper, veto = PaperFactory(round=nomination.round), VetoFactory(round=nomination.round)
    odd = {"version": "a:b c", "remove": "a\0", "deeds": "\0", "name": "\0", "kind": "x"}
    odd |= {f"ready-{paper.pk}": "\0", f"occurred-{veto.pk}": "maybe", f"explanation-{veto.pk}": "\0"}

    pages = [step(nomination, name) for name in ("update", "merits", "papers", "vetoes")]
    assert {client.post(address, odd).status_code for address in pages} <= {200, 302}


def test_nothing_odd_in_what_is_done_to_several_breaks_a_page(signed_in, township_officer, grassroots):
    waiting = lead(NominationFactory(union=grassroots), State.SUBMITTED)
    data = {"move": "send_back", "pick": f"{waiting.pk}:{waiting.revision}", "reason": "请写\0具体", "back": "a\0"}

    assert signed_in(township_officer).post(reverse("awards:nomination_several"), data).status_code == 302
    assert again(waiting).reason == "请写具体"
