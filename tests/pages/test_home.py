"""An officer's home: the own union, what is missing on it, and nobody else's rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles, services
from members.models import Union
from pingtang_union.ledger.models import ImportBatch, LedgerReturn
from pingtang_union.workflow.attention import Notice
from pingtang_union.workflow.table import State
from tests.awards.walk import lead
from tests.factories import (
    BatchFactory,
    CadreFactory,
    CallFactory,
    MemberFactory,
    NominationFactory,
    QuotaFactory,
    ReturnFactory,
    RoundFactory,
    RowFactory,
    TransferRequestFactory,
    UnionFactory,
    UserFactory,
    county,
)

pytestmark = pytest.mark.django_db
QUERIES = {"officer": 52, "township_officer": 58}


def page_of(client, user):
    client.force_login(user)
    response = client.get("/workbench/")
    assert response.status_code == 200
    return response


def test_a_stranger_signs_in_first(client):
    assert client.get("/workbench/").url == "/login/?next=/workbench/"


def test_the_own_union_with_its_superior(client, officer, township):
    response = page_of(client, officer)
    assert response.context["union"] == officer.union
    page = response.content.decode()
    assert f"上级工会：{township.name}" in page
    assert "未登记届期" in page


def test_what_is_missing_is_named(client):
    union = UnionFactory(
        nature="500",
        industry="S",
        township="平舟镇",
        is_new_sector=False,
        credit_code="81522727UGL11U5GND",
        set_up_on="2006-10",
        last_elected_on="2014-06-19",
        staff_total=11,
        staff_women=0,
        members_total=11,
        members_women=1,
        members_migrant=0,
        chair="熊晨海",
        phone="19000018509",
    )
    user = UserFactory(union=union, roles=(roles.GRASSROOTS,))
    assert page_of(client, user).context["lacks"] == 1
    page = client.get(reverse("members:union_detail", args=[union.pk])).content.decode()
    assert (
        f'<a href="{reverse("members:union_update", args=[union.pk])}#id_term_years">届期（批复写明的 3 年或 5 年）'
        in page
    )
    union.term_years = 5
    union.save()
    response = page_of(client, user)
    assert response.context["lacks"] == 0
    assert "2019年6月19日（届期 5 年）" in response.content.decode()


def test_a_federation_has_no_employer_to_describe(client, township_officer):
    page_of(client, township_officer)
    page = client.get(reverse("members:union_detail", args=[township_officer.union_id]))
    assert [lack.label for lack in page.context["missing"]] == [
        "统一社会信用代码",
        "建会时间",
        "最近换届时间",
        "届期（批复写明的 3 年或 5 年）",
        "工会主席",
        "联系电话",
    ]


def test_the_roster_stands_beside_the_declared_number(client, officer):
    union = officer.union
    union.members_total = 4
    union.save()
    for _ in range(3):
        MemberFactory(union=union)
    services.record_event(member=MemberFactory(union=union), kind="leave", on="2021-01", by=None, reason="调离本县")
    MemberFactory(union=UnionFactory())
    assert "花名册 3 人，填报 4 人" in page_of(client, officer).content.decode()


def test_a_township_sees_the_unions_below_with_their_counts(client, township_officer, grassroots):
    CadreFactory(union=grassroots)
    for _ in range(2):
        MemberFactory(union=grassroots)
    Union.objects.filter(pk=grassroots.pk).update(members_total=8, last_elected_on="2010-01", term_years=5)
    CallFactory()
    ReturnFactory(union=grassroots)
    UnionFactory(parent=township_officer.union, status="dissolved", dissolved_on="2018-01")
    MemberFactory(union=UnionFactory(name="别处工会"))
    response = page_of(client, township_officer)
    [line] = response.context["below"]
    assert (line.union, line.members, line.roster_share, line.cadres) == (grassroots, 2, 25, 1)
    assert (line.term, line.returned, line.asked, line.returned_share) == (("已到期", "is-bad"), 1, 1, 100)
    assert "别处工会" not in response.content.decode()


def test_an_officer_has_nobody_below(client, officer, township):
    UnionFactory(parent=township, name="邻近工会")
    response = page_of(client, officer)
    assert response.context["below"] == []
    assert "邻近工会" not in response.content.decode()


def test_an_account_without_a_union_gets_a_kind_word_and_no_rows(client, grassroots):
    response = page_of(client, UserFactory(union=None, roles=(roles.GRASSROOTS,)))
    page = response.content.decode()
    assert "尚未分配所在工会" in page
    assert "请联系县总工会系统管理员办理" in page
    assert grassroots.name not in page


def test_an_account_without_a_role_sees_no_union(client, grassroots):
    page = page_of(client, UserFactory(union=grassroots)).content.decode()
    assert "尚未分配角色" in page
    assert "请联系县总工会安全管理员办理" in page  # who gives roles; 系统管理员 can't
    assert grassroots.name not in page


def test_a_leader_goes_to_the_dashboard(client, leader):
    client.force_login(leader)
    assert client.get("/workbench/").url == "/dashboard/"


def test_who_may_not_read_persons_sees_no_number_of_them(client):
    response = page_of(client, UserFactory(roles=(roles.FINANCE,)))
    assert response.context["roster"] is None
    assert {(line.members, line.cadres) for line in response.context["below"]} <= {(None, None)}


def burden(union, by):
    """One more of everything that the workbench of `union` and of its superior counts."""
    CadreFactory(union=union)
    MemberFactory(union=union)
    CallFactory(union=county())
    BatchFactory(union=union, state="ready", new=1, rejected=1)
    back = BatchFactory(union=union, rejected=1, written_at=timezone.now())
    RowFactory(batch=back, verdict="reject", messages=[["姓名", "reject", "姓名：没有填。"]])
    TransferRequestFactory(member=MemberFactory(union=union))
    refused = TransferRequestFactory(to_union=union, asked_by=by)
    services.answer_transfer(request=refused, by=by.boss, agree=False, answer="人还在原单位")
    round_ = RoundFactory()
    QuotaFactory(round=round_, union=union, places=9)
    for state in (State.DRAFT, State.RETURNED, State.SUBMITTED, State.REJECTED):
        lead(NominationFactory(round=round_, union=union), state)
    QuotaFactory(union=union)


@pytest.mark.parametrize("who", ["officer", "township_officer"])
def test_the_page_costs_the_same_for_few_and_many(who, request, client, grassroots, county_clerk):
    user = request.getfixturevalue(who)
    asker = UserFactory(union=grassroots)
    asker.boss = county_clerk
    counted = []
    for number in (1, 2):
        for _ in range(number):
            burden(grassroots if who == "officer" else UnionFactory(parent=user.union), asker)
            Notice.objects.create(user=user, words="已退回")
        client.force_login(user)
        client.get("/workbench/")
        with CaptureQueriesContext(connection) as captured:
            response = client.get("/workbench/")
        counted.append(len(captured))
        # The township's own todo holds none of the unions below but what waits for it; what came back to them it sees.
        assert len(response.context["back"]) == (3 if who == "officer" else 4) * (1 if number == 1 else 3)
    assert counted == [QUERIES[who]] * 2


def test_unions_below_are_paged(client, township_officer):
    for _ in range(22):
        UnionFactory(parent=township_officer.union)
    client.force_login(township_officer)
    assert len(client.get("/workbench/?page=2").context["below"]) == 2


# --- What is due ---------------------------------------------------------------------------


def titles(items) -> list[tuple[str, str]]:
    return [(item.title, item.badge) for item in items]


def steps(item) -> list[str]:
    return [step.label for step in item.steps]


def elected(union, on, years):
    union.last_elected_on, union.term_years = on, years
    union.save()


def settled(user):
    """The union of `user` with nothing to say of its re-election."""
    elected(user.union, timezone.localdate().isoformat(), 5)
    return user


@pytest.mark.parametrize(
    ("years_ago", "years", "badge"),
    [(6, 5, "已到期"), (4, 3, "已到期"), (6, None, "已到期"), (4, None, "未登记"), (None, 5, "未登记"), (1, 5, None)],
)
def test_reelection_is_reckoned_only_where_it_can_be(client, officer, years_ago, years, badge):
    today = timezone.localdate()
    elected(officer.union, f"{today.year - years_ago}-01" if years_ago else None, years)
    todo = page_of(client, officer).context["todo"]
    assert titles(todo) == ([("换届", badge)] if badge else [])


def test_a_term_that_ends_within_half_a_year_is_told(client, officer):
    ends = timezone.localdate() + timedelta(days=60)
    elected(officer.union, f"{ends.year - 3}-{ends.month:02d}", 3)
    [item] = page_of(client, officer).context["todo"]
    assert (item.title, item.badge, item.steps[0].url) == (
        "换届",
        "即将到期",
        reverse("members:union_update", args=[officer.union_id]),
    )


def test_a_ledger_asked_for_is_due_until_it_is_returned(client, officer, township):
    settled(officer)
    call = CallFactory(title="报送会员花名册")
    CallFactory(union=UnionFactory(), title="别家的通知")
    CallFactory(closed_on=timezone.localdate(), title="结束的通知")
    ReturnFactory(union=township)
    [item] = page_of(client, officer).context["todo"]
    assert (item.title, item.badge) == ("报送会员花名册", "还有 10 天")
    assert steps(item) == ["上传台账", "下载模板"]
    ReturnFactory(union=officer.union)
    assert page_of(client, officer).context["todo"] == []
    call.opened_on, call.due_on = call.opened_on + timedelta(days=1), call.due_on + timedelta(days=1)
    call.save()
    assert page_of(client, officer).context["todo"] == []  # it begins tomorrow


@pytest.mark.parametrize(("days", "badge"), [(-2, "已过期 2 天"), (0, "今天截止"), (3, "还有 3 天")])
def test_days_left_are_told(client, officer, days, badge):
    today = timezone.localdate()
    CallFactory(opened_on=today - timedelta(days=9), due_on=today + timedelta(days=days))
    assert titles(page_of(client, settled(officer)).context["todo"])[0][1] == badge


def test_faults_wait_and_good_rows_too_but_nobody_elses(client, officer, township):
    settled(officer)
    colleague = UserFactory(union=officer.union, roles=(roles.GRASSROOTS,))
    roster = {"会员花名册": {"verbs": ["add"], "unions": [officer.union.pk]}}
    faulty = BatchFactory(
        union=officer.union, by=colleague, state="ready", new=3, rejected=2, undecided=1, file_name="有错.xlsx",
        concerns=roster, sheets=[{"ledger": "会员花名册", "is_read": True}],
    )  # fmt: skip
    BatchFactory(union=officer.union, state="ready", new=3, file_name="没错.xlsx", concerns=roster)
    BatchFactory(union=officer.union, state="unreadable", error="文件损坏。", file_name="坏的.xlsx")
    undone = BatchFactory(union=officer.union, state="ready", unchanged=3, file_name="没有变化.xlsx")
    BatchFactory(
        union=officer.union, kind="undo", undoes=undone, state="failed", reason="传错了", file_name="撤销：它.xlsx"
    )
    BatchFactory(union=township, state="ready", rejected=1, file_name="上级的.xlsx")
    BatchFactory(union=UnionFactory(), state="failed", file_name="别人的.xlsx")
    todo = page_of(client, officer).context["todo"]
    assert titles(todo) == [
        ("撤销：它.xlsx", "中断"),
        ("坏的.xlsx", "不能读入"),
        ("没错.xlsx", "待您确认"),
        ("有错.xlsx", "需改正"),
    ]
    assert "退回 2 条，1 条须辨认是否同一人。另有 3 条合格" in todo[3].text
    assert [step.url for step in todo[3].steps] == [
        reverse("ledger_batch", args=[faulty.pk]),
        reverse("ledger_annotated", args=[faulty.pk]),
    ]


def test_transfers_wait_for_the_giving_union(client, officer, township_officer, county_clerk):
    leaves = TransferRequestFactory(member=MemberFactory(union=officer.union, name="石云"), asked_by=county_clerk)
    TransferRequestFactory(to_union=officer.union)
    TransferRequestFactory()
    for user in (officer, township_officer):
        items = [item for item in page_of(client, settled(user)).context["todo"] if item.badge == "待您答复"]
        assert [item.title for item in items] == [f"石云申请转到{leaves.to_union}"]
    assert items[0].steps[0].url == reverse("members:transfer_detail", args=[leaves.pk])


# --- What came back ------------------------------------------------------------------------


def test_refused_rows_come_back_with_their_reasons(client, officer):
    now = timezone.now()
    batch = BatchFactory(union=officer.union, rejected=5, written_at=now, file_name="我的.xlsx")
    for row in range(5, 10):
        RowFactory(batch=batch, row=row, name="李雷", verdict="reject", messages=[["", "reject", "校验码不对。"]])
    BatchFactory(union=officer.union, rejected=1, written_at=now - timedelta(days=61))
    BatchFactory(union=UnionFactory(), rejected=1, written_at=now, file_name="别人的.xlsx")
    undone = BatchFactory(union=officer.union, rejected=1, written_at=now)
    BatchFactory(union=officer.union, kind="undo", undoes=undone, reason="传错了", written_at=now)
    [item] = page_of(client, officer).context["back"]
    assert (item.title, item.badge) == ("我的.xlsx", "退回 5 条")
    assert item.reasons == [f"第 {row} 行 李雷：校验码不对。" for row in (5, 6, 7)]
    assert item.steps[0].url == f"{reverse('ledger_batch', args=[batch.pk])}?show=reject"


def test_refused_transfers_come_back_to_who_asked(client, officer, county_clerk):
    mine = TransferRequestFactory(to_union=officer.union, member__name="石云")
    given = TransferRequestFactory(member=MemberFactory(union=officer.union))
    for one in (mine, given, TransferRequestFactory()):
        services.answer_transfer(request=one, by=county_clerk, agree=False, answer="人还在原单位")
    [item] = page_of(client, officer).context["back"]
    assert (item.title, item.badge, item.reasons) == (f"石云转到{officer.union}", "未同意", ["原因：人还在原单位"])


# --- A township over its unions ------------------------------------------------------------


def test_a_township_sees_who_has_returned_what(client, township_officer, township, grassroots):
    second = UnionFactory(parent=township, name="金盆街道第二小学工会")
    ReturnFactory(union=second, rows=7)
    ReturnFactory(union=UnionFactory(name="别处工会"))
    call = CallFactory()
    [called] = page_of(client, township_officer).context["called"]
    assert (called.call, called.tally.asked, called.tally.returned, called.tally.missing) == (call, 2, 1, 1)
    for show, unions in (("missing", [grassroots]), ("returned", [second]), ("all", [grassroots, second])):
        page = client.get(reverse("ledger_call", args=[call.pk]), {"show": show})
        assert list(page.context["page_obj"].object_list) == unions
        assert "别处工会" not in page.content.decode()
    assert [number for _kind, _label, number, _current in page.context["choices"]] == [1, 0, 1, 2]


def test_only_unions_with_records_can_say_nothing_changed(client, township_officer, township, grassroots):
    MemberFactory(union=UnionFactory(parent=township))
    client.force_login(township_officer)
    page = client.get(reverse("ledger_call", args=[CallFactory().pk]))
    assert [union.has_records for union in page.context["page_obj"]] == [False, True]
    assert page.content.decode().count("?union=") == 1


def test_who_has_returned_costs_the_same_for_few_and_many(client, township_officer, django_assert_num_queries):
    call = CallFactory()
    client.force_login(township_officer)
    ReturnFactory(union=UnionFactory(parent=township_officer.union))
    url = reverse("ledger_call", args=[call.pk]) + "?show=all"
    client.get(url)
    with django_assert_num_queries(11):
        client.get(url)
    for _ in range(3):
        ReturnFactory(union=UnionFactory(parent=township_officer.union))
    with django_assert_num_queries(11):
        client.get(url)


def test_numbers_of_elections_lead_to_as_many_unions(client, township_officer, grassroots):
    elected(grassroots, "2010-01", 5)
    elected(UnionFactory(), "2010-01", 5)
    terms = page_of(client, township_officer).context["terms"]
    assert [one["number"] for one in terms] == [1, 0, 1]
    for one in terms:
        assert client.get(one["url"]).context["page_obj"].paginator.count == one["number"]


def test_calls_of_others_are_not_found(client, officer, outsider):
    call = CallFactory(union=UnionFactory())
    for user in (officer, outsider):
        client.force_login(user)
        for name in ("ledger_call", "call_unchanged"):
            assert client.get(reverse(name, args=[call.pk])).status_code == 404


# --- Nothing has changed -------------------------------------------------------------------


def test_an_officer_says_that_nothing_has_changed(client, officer):
    settled(officer)
    MemberFactory(union=officer.union)
    call = CallFactory()
    [item] = page_of(client, officer).context["todo"]
    assert steps(item) == ["上传台账", "下载模板", "无变化"]
    page = client.get(item.steps[2].url)
    assert page.context["rows"] == 1
    assert not LedgerReturn.objects.exists()
    assert client.post(item.steps[2].url).url == "/workbench/"
    assert LedgerReturn.objects.get().union == officer.union
    assert page_of(client, officer).context["todo"] == []
    assert "已经报送" in client.get(reverse("call_unchanged", args=[call.pk])).content.decode()


def test_nobody_says_so_for_a_union_not_below(client, officer, township_officer, grassroots):
    beside = UnionFactory()
    MemberFactory(union=beside)
    call = CallFactory()
    for user, union in ((officer, beside), (township_officer, beside), (officer, township_officer.union)):
        client.force_login(user)
        url = f"{reverse('call_unchanged', args=[call.pk])}?union={union.pk}"
        assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
    assert client.get(f"{reverse('call_unchanged', args=[call.pk])}?union=x").status_code == 404
    assert not ImportBatch.objects.exists()


def test_who_may_bring_nothing_says_nothing(client, leader, signed_in):
    reader = UserFactory(roles=(roles.RELIEF,))
    url = reverse("call_unchanged", args=[CallFactory().pk])
    assert [signed_in(user).post(url).status_code for user in (leader, reader)] == [403, 403]


# --- The way around ------------------------------------------------------------------------


def nav(client, user, path) -> list[str]:
    """Labels of the navigation, the present one in brackets."""
    client.force_login(user)
    items = client.get(path).context["nav_items"]
    return [f"[{item['label']}]" if item["current"] else item["label"] for item in items]


def test_navigation_by_role(client, officer, township_officer, county_clerk, leader):
    assert nav(client, officer, "/workbench/") == [
        "[我的工会]",
        "会员",
        "干部",
        "培训",
        "评选推荐",
        "荣誉",
        "荣誉阶梯",
        "星级自评",
        "困难职工",
        "活动",
        "帮扶发放",
        "服务站点",
        "阵地支持",
        "转会",
        "台账",
        "工会资料",
    ]
    assert nav(client, township_officer, "/ledgers/") == [
        "我的工会",
        "下级工会",
        "会员",
        "干部",
        "培训",
        "评选推荐",
        "荣誉",
        "荣誉阶梯",
        "星级自评",
        "困难职工",
        "活动",
        "帮扶发放",
        "服务站点",
        "阵地支持",
        "转会",
        "[台账]",
        "工会资料",
    ]
    assert nav(client, county_clerk, "/transfers/") == [
        "工作台", "业务管理", "数据看板", "评选推荐", "荣誉", "活动", "[转会]", "台账",
    ]  # fmt: skip
    assert nav(client, county_clerk, "/nominations/")[3:5] == ["[评选推荐]", "荣誉"]
    assert nav(client, leader, "/dashboard/") == ["[数据看板]"]
    assert nav(client, UserFactory(union=None, roles=(roles.GRASSROOTS,)), "/workbench/") == ["[我的工会]"]


# --- What one was told -----------------------------------------------------------------------


def test_an_officer_reads_what_she_was_told_and_puts_it_away(signed_in, officer, township_officer):
    told = [Notice.objects.create(user=officer, words=f"第{number}件", url="/unions/") for number in range(7)]
    beside = Notice.objects.create(user=township_officer, words="别人的事")
    client = signed_in(officer)
    page = client.get("/workbench/")
    assert [one.words for one in page.context["notices"]] == ["第6件", "第5件", "第4件", "第3件", "第2件"]
    assert "别人的事" not in page.content.decode()
    assert client.get(reverse("notice_read", args=[told[6].pk])).status_code == 405
    assert client.post(reverse("notice_read", args=[told[6].pk])).url == "/unions/"
    assert client.post(reverse("notice_read", args=[beside.pk])).status_code == 404
    words = client.get("/workbench/").content.decode()
    assert [f"第{number}件" in words for number in (6, 1)] == [False, True]
    assert Notice.objects.filter(read_at__isnull=True).count() == 7


def test_without_notices_nothing_stands_there(client, officer):
    assert "消息" not in page_of(client, officer).content.decode()
