"""The frame of the admin: way in, sidebar, batches, filters that leak nothing."""

from urllib.parse import unquote

import pytest
from django.contrib import admin
from django.urls import reverse

from awards.models import StarDimension
from members import roles
from pingtang_union.admin.batches import _texts
from pingtang_union.core.changes import EMPTY, GUARDED, Change, model_of, value_text
from pingtang_union.ledger.history import describe_import
from pingtang_union.ledger.models import ImportBatch, ImportRow
from pingtang_union.unfold import sidebar as whole_sidebar
from tests.factories import BatchFactory, MemberFactory, RowFactory, UserFactory, county

pytestmark = pytest.mark.django_db


# --- Way in ---


def test_strangers_go_to_the_sign_in_page(client):
    response = client.get(reverse("admin:members_union_changelist"), follow=True)

    path, _ = response.redirect_chain[-1]
    assert unquote(path) == f"{reverse('login')}?next=/admin/members/union/"


def test_who_works_outside_the_admin_does_not_loop(leader, officer, signed_in):
    for user in (leader, officer):
        response = signed_in(user).get("/admin/", follow=True)

        assert len(response.redirect_chain) <= 3
        assert "/admin/" not in response.request["PATH_INFO"]


def test_password_page_is_the_portals(county_clerk, signed_in):
    assert signed_in(county_clerk).get("/admin/password_change/").url == reverse("password_change")


# --- Sidebar ---


def sidebar(user, rf) -> dict[str, list[str]]:
    request = rf.get("/admin/")
    request.user = user
    groups = admin.site.get_sidebar_list(request)
    shown = {group["title"]: [item["title"] for item in group["items"] if item["has_permission"]] for group in groups}
    return {title: items for title, items in shown.items() if items}


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        (roles.ORGANISATION, {"组织": ["工会", "乡镇（街道）", "届期规定", "核对记录"],
                              "干部": ["工会干部", "培训班", "参训记录"],
                              "会员": ["会员", "会籍事项", "转会申请", "待核实号码"],
                              "荣誉": ["荣誉称号", "评选推荐", "荣誉推荐", "获奖记录", "星级自评", "星级评定标准",
                                       "公示期规定", "编号规则"],
                              "活动": ["活动", "活动成果", "年度活动方案"],
                              "帮扶": ["困难职工档案", "帮扶政策", "致困原因", "全国系统词表", "全国系统列名"],
                              "服务阵地": ["服务站点", "站点类型", "普惠商户"],
                              "台账": ["导入台账", "模板与导出", "台账收报通知", "台账收报", "台账导入批次",
                                       "台账导入明细", "表头对应关系", "后台处理"],
                              "网站": ["公开附件", "公开电话"], "基础设置": ["标签"], "审计": ["号码试探告警"]}),
        (roles.SYSTEM_ADMIN, {"组织": ["工会"], "台账": ["后台处理"], "账号与权限": ["账号"]}),
        (roles.SECURITY_ADMIN, {"账号与权限": ["账号", "角色"]}),
        (roles.AUDITOR, {"活动": ["活动", "活动成果", "年度活动方案"],
                         "帮扶": ["困难职工档案", "帮扶政策", "档案抽查", "致困原因", "帮扶发放", "发卡记录",
                                  "全国系统词表", "全国系统列名"],
                         "服务阵地": ["阵地支持", "支持清单"],
                         "帮扶资金": ["发放批次", "发放明细", "收款回执", "资金", "资金流水", "银行对账"],
                         "台账": ["台账导入批次", "台账导入明细", "后台处理"],
                         "审计": ["操作记录", "号码试探告警", "登录记录", "登录失败记录", "登录失败计数"]}),
    ],
)  # fmt: skip
def test_sidebar_by_work(role, groups, rf):
    assert sidebar(UserFactory(roles=(role,)), rf) == groups


def test_sidebar_holds_every_list_once(rf, insider):
    request = rf.get("/admin/")
    request.user = insider
    links = [item["link"] for group in whole_sidebar(request) for item in group["items"]]
    lists = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
             for model in admin.site._registry if model is not StarDimension]  # fmt: skip  # its scheme leads to it

    lists += [reverse("admin:core_importbatch_queue"), reverse("record_checks")]
    assert sorted(link for link in links if link.startswith("/admin/")) == sorted(lists)


def test_index_is_chinese(county_clerk, signed_in):
    page = signed_in(county_clerk).get("/admin/").content.decode()

    assert [text in page for text in ("平塘县总工会", "服务平台 业务管理", "修改密码")] == [True] * 3
    assert [text in page for text in ("Django", "Site administration", "Recent")] == [False] * 3


# --- Batches ---


@pytest.fixture
def batch() -> ImportBatch:
    batch = BatchFactory(union=county(), file_name="会员台账.xlsx", rows=3, new=1, changed=1, rejected=1)
    RowFactory(batch=batch, name="石云", verdict="new")
    RowFactory(
        batch=batch,
        name="陈敏",
        verdict="changed",
        model="members.Member",
        object_id=1,
        before={"phone": "13800000001", "gender": "2", "id_number": "机密", "id_index": "abc", "union_id": 7},
    )
    said = [["身份证号", "reject", "身份证号：校验码不对。"], ["", "warn", "请核对。"]]
    RowFactory(batch=batch, name="李雷", verdict="reject", messages=said)
    return batch  # fmt: skip


def test_batch_links_to_its_rows_by_verdict(batch, county_clerk, signed_in):
    BatchFactory()
    RowFactory(name="别的批次", verdict="reject")
    client = signed_in(county_clerk)
    page = client.get(reverse("admin:core_importbatch_change", args=[batch.pk])).content.decode()
    link = f"{reverse('admin:core_importrow_changelist')}?batch__id__exact={batch.pk}&verdict__exact=reject"

    assert link in page.replace("&amp;", "&")
    assert [row.name for row in client.get(link).context["cl"].result_list] == ["李雷"]


def test_rows_tell_values_before_in_words_and_keep_the_guarded(batch, county_clerk, signed_in):
    client = signed_in(county_clerk)
    row = ImportRow.objects.get(name="陈敏")
    page = client.get(reverse("admin:core_importrow_change", args=[row.pk])).content.decode()
    shown = client.get(reverse("admin:core_importrow_changelist")).content.decode()

    assert [text in page for text in ("联系电话", "13800000001", "性别", "女")] == [True] * 4
    assert [text in page + shown for text in ("机密", "abc")] == [False, False]
    assert "<div>退回：身份证号：校验码不对。</div><div>提醒：请核对。</div>" in shown


def test_birth_in_the_values_before_is_a_year_without_the_reveal_permission(county_clerk, auditor, signed_in):
    row = RowFactory(
        batch__union=county(), name="陈敏", model="members.Member", before={"born_on": "1985-03-07", "note": "甲"}
    )

    for user, text in ((county_clerk, "1985年3月7日"), (auditor, "1985年")):
        client = signed_in(user)
        for url in (reverse("admin:core_importrow_changelist"), reverse("admin:core_importrow_change", args=[row.pk])):
            page = client.get(url).content.decode()
            assert (text in page, "3月7日" in page) == (True, user == county_clerk)


@pytest.mark.parametrize("model", [ImportBatch, ImportRow])
def test_batches_are_read_only(model, batch, insider, signed_in):
    insider.is_superuser = True
    insider.save()
    client = signed_in(insider)
    base, pk = f"admin:core_{model._meta.model_name}", model.objects.first().pk

    answers = {
        client.get(reverse(f"{base}_add")).status_code,
        client.post(reverse(f"{base}_change", args=[pk]), {"name": "改"}).status_code,
        client.post(reverse(f"{base}_delete", args=[pk]), {"post": "yes"}).status_code,
    }
    assert answers == {403}


@pytest.mark.parametrize(
    ("said", "texts"),
    [(None, []), ([["姓名", "reject", "姓名是空的。"]], ["退回：姓名是空的。"]),
     ([["", "warn", "甲"], ["工会", "transfer", "乙"]], ["提醒：甲", "转会：乙"])],
)  # fmt: skip
def test_messages_are_sentences_without_codes(said, texts):
    assert _texts(said) == texts


def test_row_page_tells_what_became_of_the_values(county_clerk, auditor, signed_in):
    row = RowFactory(
        batch__union=county(), name="陈敏", verdict="changed", model="members.Member", object_id=1,
        before={"phone": "13800000001", "born_on": "1985-03-07", "gender": "1"},
        after={"phone": "13800000002", "born_on": "1986-04-08", "gender": "2"},
    )  # fmt: skip
    url = reverse("admin:core_importrow_change", args=[row.pk])
    full, masked = (signed_in(user).get(url).content.decode() for user in (county_clerk, auditor))

    for text in ("联系电话", "13800000001", "13800000002", ">男<", ">女<"):
        assert (text in full, text in masked) == (True, True), text
    assert [text in full for text in ("1985年3月7日", "1986年4月8日")] == [True, True]
    assert [text in masked for text in ("3月7日", "4月8日", "1985年", "1986年")] == [False, False, True, True]


def test_batch_page_holds_what_was_said_of_whole_sheets(county_clerk, signed_in):
    said = [{"sheet": "会员<1>", "verdict": "warn", "message": "按表头认作会员台账。"}]
    batch = BatchFactory(union=county(), messages=said)
    page = signed_in(county_clerk).get(reverse("admin:core_importbatch_change", args=[batch.pk])).content.decode()

    assert "<div>会员&lt;1&gt;：按表头认作会员台账。</div>" in page


@pytest.mark.parametrize("by_hand", [True, False])
def test_history_of_an_object_holds_what_ledgers_did(by_hand, county_clerk, signed_in):
    member = MemberFactory()
    batch = BatchFactory(union=county(), file_name="会员台账.xlsx", by=None if by_hand else county_clerk)
    facts = {"batch": batch, "model": "members.Member", "object_id": member.pk}
    RowFactory(**facts, verdict="changed", before={"phone": "1"}, after={"phone": "13800000002"})
    RowFactory(**facts, verdict="unchanged", sheet="不列出")
    RowFactory(**facts | {"model": "members.Cadre"}, verdict="changed", sheet="不列出")
    url = reverse("admin:members_member_history", args=[member.pk])

    response = signed_in(county_clerk).get(url)

    newest = response.context["rows"][0]
    assert (newest.action, newest.who) == ("台账导入：更新", "命令行" if by_hand else str(county_clerk))
    assert newest.changes == [Change("联系电话", "1", "13800000002")]
    assert [text in response.content.decode() for text in ("会员台账.xlsx", "不列出")] == [True, False]
    assert len(response.context["rows"]) == response.context["page"].paginator.count == 2


# --- Links only for who may follow them ---


def test_auditor_reads_batches_without_links(auditor, signed_in):
    member = MemberFactory()
    batch = BatchFactory(union=county(), by=UserFactory())
    row = RowFactory(batch=batch, model="members.Member", object_id=member.pk)
    client = signed_in(auditor)

    page = client.get(reverse("admin:core_importbatch_change", args=[batch.pk])).content.decode()
    assert (county().name in page, "/admin/members/union/" in page) == (True, False)
    page = client.get(reverse("admin:core_importrow_change", args=[row.pk])).content.decode()
    assert (f"会员（编号 {member.pk}）" in page, "/admin/members/member/" in page) == (True, False)
    assert reverse("admin:core_importbatch_change", args=[batch.pk]) in page


def test_clerk_follows_the_links_of_batches(county_clerk, signed_in):
    member = MemberFactory()
    row = RowFactory(batch__union=county(), model="members.Member", object_id=member.pk)
    client = signed_in(county_clerk)

    page = client.get(reverse("admin:core_importrow_change", args=[row.pk])).content.decode()
    assert reverse("admin:members_member_change", args=[member.pk]) in page
    page = client.get(reverse("admin:core_importbatch_change", args=[row.batch_id])).content.decode()
    assert reverse("admin:members_union_change", args=[county().pk]) in page


# --- Values in words ---


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("gender", "2", "女"), ("joined_on", "2018-03", "2018年3月"), ("note", "", EMPTY), ("note", None, EMPTY),
        ("id_number", "gAAAA", GUARDED), ("id_number", "522727********0015", "522727********0015"),
        ("is_migrant", "True", "是"), ("is_migrant", False, "否"), ("id_index", "ab12", GUARDED), ("phone", "1", "1"),
    ],
)  # fmt: skip
def test_value_text(name, value, text):
    field = model_of("members.Member")._meta.get_field(name)

    assert value_text(field, value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("2026-05-12 01:02:03.456789", "2026-05-12 09:02:03"), ("2026-05-12T09:02:03.4+08:00", "2026-05-12 09:02:03"),
     ("None", EMPTY), ("以前", "以前")],
)  # fmt: skip
def test_moments_are_local_and_to_the_second(value, text):
    assert value_text(model_of("members.User")._meta.get_field("last_login"), value) == text


def test_related_value_is_named_within_scope(county_clerk, outsider):
    member = MemberFactory()
    field = member._meta.get_field("union")

    assert value_text(field, str(member.union_id), county_clerk) == member.union.name
    assert value_text(field, str(member.union_id), outsider) == f"编号 {member.union_id}"
    assert value_text(field, str(member.union_id), None) == f"编号 {member.union_id}"


@pytest.mark.parametrize(("label", "found"), [("members.Member", True), ("member", True), ("members.None", False),
                                              ("none", False)])  # fmt: skip
def test_model_of(label, found):
    assert (model_of(label) is not None) == found


def test_before_of_an_unknown_model_stays_readable():
    assert describe_import(ImportRow(model="gone.Model", before={"甲": 1})) == [Change("甲", "1", "—")]
    assert describe_import(ImportRow(model="gone.Model", before={"甲": 1}, after={"甲": 2})) == [Change("甲", "1", "2")]
    assert describe_import(ImportRow(model="")) == []


def test_a_key_guessed_in_the_address_names_nothing(outsider, signed_in):
    union = MemberFactory(union__name="保密单位工会").union

    response = signed_in(outsider).get(reverse("admin:members_member_changelist"), {"union__id__exact": union.pk})

    assert "保密单位工会" not in response.content.decode()


def test_building_forms_leaves_the_models_as_they_are(rf, insider):
    """What a form changes of a model's field every process shares, and the next makemigrations finds it."""
    request = rf.get("/")
    request.user = insider
    for model, one in admin.site._registry.items():
        before = [field.deconstruct()[3] for field in model._meta.local_fields]

        if one.has_add_permission(request):
            one.get_form(request)

        assert [field.deconstruct()[3] for field in model._meta.local_fields] == before, model
