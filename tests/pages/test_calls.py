"""The page of a call: who is missing, in part or done; reminders, the list as a workbook, answers for another."""

import io

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from openpyxl import load_workbook

from pingtang_union.ledger.models import CallReminder, ImportBatch
from tests.factories import CallFactory, MemberFactory, ReminderFactory, ReturnFactory, UnionFactory
from tests.ledger.test_calls import part_of

pytestmark = pytest.mark.django_db


def address(name, call, query=""):
    return reverse(name, args=[call.pk]) + query


def test_an_answer_in_part_stays_due_and_says_what_is_missing(signed_in, officer):
    MemberFactory(union=officer.union)
    call = CallFactory()
    given = part_of(officer.union, batch__rejected=2)
    client = signed_in(officer)
    response = client.get("/workbench/")
    [item] = [one for one in response.context["todo"] if one.title == call.title]
    assert (item.badge, item.text[:20]) == ("部分报送", "已导入 5 条，还有 2 条未导入。2026"[:20])
    assert [(step.label, step.url) for step in item.steps] == [
        ("查看未导入的 2 条", f"{address('ledger_batch', given.batch)}?show=reject"),
        ("补报", "/ledgers/"),
        ("其余不报", address("call_unchanged", call)),
    ]
    assert response.context["back"] == []  # the same file isn't told twice

    page = client.post(item.steps[2].url, {"reason": ""})
    assert page.context["form"].errors
    assert client.post(item.steps[2].url, {"reason": "两人已退休"}).url == "/workbench/"
    assert call.title not in [one.title for one in client.get("/workbench/").context["todo"]]


def test_a_reminder_is_seen_by_the_officer_reminded_and_no_other(signed_in, officer, township_officer, outsider):
    call = CallFactory()
    client = signed_in(township_officer)
    assert client.post(address("call_remind", call), {"union": officer.union_id}).status_code == 302
    [item] = [one for one in signed_in(officer).get("/workbench/").context["todo"] if one.title == call.title]
    [reminder] = CallReminder.objects.all()
    assert (item.urgency, item.reasons) == ("is-bad", [f"{township_officer.union} {reminder.on} 催报"])
    assert "催报" not in signed_in(outsider).get("/workbench/").content.decode()


def test_one_click_reminds_all_that_owe(signed_in, township_officer, township, grassroots):
    call = CallFactory()
    ReturnFactory(union=UnionFactory(parent=township))
    client = signed_in(township_officer)
    response = client.post(address("call_remind", call), {"show": "all"}, follow=True)
    assert "已催报 1 个工会" in response.content.decode()
    assert CallReminder.objects.get().union == grassroots
    assert response.redirect_chain[0][0] == address("ledger_call", call, "?show=all")


def test_others_can_neither_remind_nor_list(signed_in, officer, township_officer, leader):
    call, beside = CallFactory(), UnionFactory()
    names = ("call_remind", "call_export")
    assert [signed_in(leader).post(address(name, call)).status_code for name in names] == [403, 403]
    assert signed_in(officer).post(address("call_remind", call)).status_code == 403
    assert signed_in(township_officer).post(address("call_remind", call), {"union": beside.pk}).status_code == 404
    elsewhere = CallFactory(union=UnionFactory())
    assert [signed_in(township_officer).post(address(name, elsewhere)).status_code for name in names] == [404, 404]
    assert [signed_in(township_officer).get(address(name, call)).status_code for name in names] == [405, 405]
    assert not CallReminder.objects.exists()


def test_the_missing_are_listed_with_whom_to_ring(signed_in, township_officer, township):
    owes = UnionFactory(parent=township, name="=欠报工会", chair="罗珍", phone="13885412345")
    ReturnFactory(union=UnionFactory(parent=township, name="已报工会"))
    UnionFactory(name="别处工会")
    call = CallFactory(title="年度核对")
    ReminderFactory(call=call, union=owes)
    client = signed_in(township_officer)
    page = client.get(address("ledger_call", call)).content.decode()
    assert 'href="tel:13885412345"' in page

    response = client.post(address("call_export", call), {"show": "missing"})
    rows = list(load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.values)
    assert rows[0][0] == "年度核对：未报名单"
    [line] = [row for row in rows if row[1] == "=欠报工会"]
    assert line[2:5] == ("罗珍", "13885412345", "未报")
    assert not {"已报工会", "别处工会"} & {row[1] for row in rows}
    assert LogEntry.objects.get(object_repr="年度核对：导出名单").additional_data == {"export": True, "reason": ""}


def test_a_township_says_why_it_answers_for_another(signed_in, township_officer, grassroots):
    MemberFactory(union=grassroots)
    call = CallFactory()
    client = signed_in(township_officer)
    url = address("call_unchanged", call, f"?union={grassroots.pk}")
    assert list(client.post(url, {"reason": " "}).context["form"].errors) == ["reason"]
    assert not ImportBatch.objects.exists()
    assert client.post(url, {"reason": "该单位停工停产"}).status_code == 302
    page = client.get(address("ledger_call", call, "?show=returned")).content.decode()
    assert f"{township_officer.union}代报：该单位停工停产" in page


def test_who_keeps_no_such_records_is_not_told_how_many_there_are(signed_in, awards_clerk, grassroots):
    MemberFactory(union=grassroots)
    url = address("call_unchanged", CallFactory(), f"?union={grassroots.pk}")
    assert signed_in(awards_clerk).get(url).status_code == 403


def test_the_page_costs_the_same_for_few_and_many(signed_in, township_officer, township, django_assert_num_queries):
    call = CallFactory()
    client = signed_in(township_officer)
    url = address("ledger_call", call, "?show=all")
    for _ in range(2):
        for _ in range(2):
            part_of(UnionFactory(parent=township))
            ReminderFactory(call=call, union=UnionFactory(parent=township))
        client.get(url)
        with django_assert_num_queries(11):
            client.get(url)


def test_a_union_that_is_asked_alone_sees_its_own_answer_at_once(signed_in, officer):
    call = CallFactory()
    ReturnFactory(union=officer.union)
    response = signed_in(officer).get(address("ledger_call", call))
    assert [union.pk for union in response.context["page_obj"]] == [officer.union_id]
    page = response.content.decode()
    assert [words in page for words in ("部分报送", "导出名单", "没有未报的工会")] == [False] * 3
