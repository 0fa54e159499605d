"""Pages of batches: nobody reaches another office's, previews are filtered and paged, written once, taken back."""

import re
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook

from members.models import Member, TransferRequest
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import BatchKind, BatchState, HeaderChoice, ImportBatch
from pingtang_union.pages.ledgers import batches, shared
from tests.factories import CallFactory, MemberFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import FAULTY, roster
from tests.members.test_steps import number

pytestmark = pytest.mark.django_db

GOOD = ("穆平", "男", "522727198511259937", "2012.04", "19000023695")
OTHER = ("罗秀英", "女", "522727199003070024", "2015.06", "19000023696")
BAD = ("石平", "男", "52272719900307", "2015.06", "")


def people(count: int) -> list[tuple[str, ...]]:
    return [
        (
            f"石{chr(0x4E00 + at)}平",
            "男",
            number(f"5227271980{at // 28 % 12 + 1:02d}{at % 28 + 1:02d}101"),
            "2012.04",
            "",
        )
        for at in range(count)
    ]


def bring(client, content: bytes, name="会员花名册.xlsx") -> ImportBatch:
    response = client.post(reverse("ledger_bring"), {"files": [SimpleUploadedFile(name, content)]})
    assert response.status_code == 302
    return ImportBatch.objects.order_by("pk").last()


def page(client, batch, query=""):
    return client.get(reverse("ledger_batch", args=[batch.pk]) + query)


def step(client, name, batch, **values):
    """Press a button of a batch's page; who writes has seen the preview as it stands now."""
    if name == "ledger_write":
        values = {"seen": ImportBatch.objects.get(pk=batch.pk).outcome, **values}
    return client.post(reverse(name, args=[batch.pk]), values)


def said(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


@pytest.fixture
def client(signed_in, officer):
    return signed_in(officer)


# --- Who -----------------------------------------------------------------------------------

GETS = ("ledger_batch", "ledger_progress", "ledger_annotated", "ledger_undo")
POSTS = (
    "ledger_columns",
    "ledger_decide",
    "ledger_write",
    "ledger_recheck",
    "ledger_resume",
    "ledger_discard",
    "ledger_undo",
    "ledger_transfers",
)


@pytest.mark.parametrize("state", [BatchState.READY, BatchState.WRITTEN])
def test_another_offices_batch_is_not_there(client, signed_in, outsider, township, grassroots, state):
    content = roster([GOOD, BAD], union=grassroots.name)
    batch = bring(client, content)
    if state == BatchState.WRITTEN:
        step(client, "ledger_write", batch, rows="good")
    colleague = UnionFactory(name="金盆街道第二小学工会", parent=township)
    outsider.union = colleague
    outsider.save()
    stranger = signed_in(outsider)
    before = list(ImportBatch.objects.values_list())
    found = {name: stranger.get(reverse(name, args=[batch.pk])).status_code for name in GETS}
    found |= {f"{name} post": step(stranger, name, batch).status_code for name in POSTS}
    assert found == dict.fromkeys(found, 404)
    assert list(ImportBatch.objects.values_list()) == before
    assert stranger.get(reverse("ledgers")).context["waiting"] == []
    # The very same addresses are there for whoever brought it.
    assert page(client, batch).status_code == 200


@pytest.mark.parametrize("name", POSTS)
def test_who_only_reads_batches_takes_no_step(client, signed_in, auditor, grassroots, name):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    auditor.union = grassroots
    auditor.save()
    reader = signed_in(auditor)
    assert page(reader, batch).status_code == 200
    assert step(reader, name, batch).status_code == 403


@pytest.mark.parametrize("name", [*POSTS, "ledger_bring", "ledger_write_all"])
def test_steps_are_never_taken_by_opening_an_address(client, grassroots, name):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    address = reverse(name) if name in ("ledger_bring", "ledger_write_all") else reverse(name, args=[batch.pk])
    if name != "ledger_undo":  # which asks for the reason first
        assert client.get(address).status_code == 405
    batch.refresh_from_db()
    assert batch.state == BatchState.READY


def test_a_leader_has_no_ledgers(signed_in, leader):
    assert signed_in(leader).get(reverse("ledgers")).status_code == 403
    assert signed_in(leader).post(reverse("ledger_bring")).status_code == 403


# --- Bringing ------------------------------------------------------------------------------


def test_files_that_cannot_be_taken_are_said(client, monkeypatch):
    assert "尚未选择文件" in said(client.post(reverse("ledger_bring")))[-1]
    files = [SimpleUploadedFile(f"{at}.xlsx", b"x") for at in range(batches.MAX_FILES + 1)]
    assert "最多上传" in said(client.post(reverse("ledger_bring"), {"files": files}))[-1]
    monkeypatch.setattr(steps, "MAX_BYTES", 3)
    assert "MB" in said(client.post(reverse("ledger_bring"), {"files": [SimpleUploadedFile("大.xlsx", b"xxxx")]}))[-1]
    assert not ImportBatch.objects.exists()


def test_several_files_are_checked_and_the_faultless_written_together(client, grassroots):
    files = [
        SimpleUploadedFile("一.xlsx", roster([GOOD], union=grassroots.name)),
        SimpleUploadedFile("二.xlsx", roster([OTHER], union=grassroots.name)),
        SimpleUploadedFile("三.xlsx", roster([BAD], union=grassroots.name)),
    ]
    assert client.post(reverse("ledger_bring"), {"files": files}).url == reverse("ledgers")
    listed = client.get(reverse("ledgers")).context
    assert (len(listed["waiting"]), len(listed["ready"])) == (3, 2)
    client.post(reverse("ledger_write_all"))
    assert dict(ImportBatch.objects.values_list("file_name", "state")) == {
        "一.xlsx": "written",
        "二.xlsx": "written",
        "三.xlsx": "ready",
    }
    assert Member.objects.count() == 2


def test_an_unreadable_file_has_its_page(client):
    batch = bring(client, b"PK\x03\x04 nothing", "坏.xlsx")
    response = page(client, batch)
    assert batch.error
    assert batch.error in response.content.decode()


# --- The preview ---------------------------------------------------------------------------


def test_a_preview_shows_first_what_a_person_must_look_at(client, grassroots):
    batch = bring(client, roster([GOOD, OTHER, BAD], union=grassroots.name))
    response = page(client, batch)
    assert response.context["shown"] == "reject"
    [row] = response.context["rows"]
    assert (row.outcome.row, row.outcome.name, row.label) == (6, "石平", "退回")
    assert "身份证号" in row.messages[0]["text"]
    assert {count.verdict: count.number for count in response.context["counts"] if count.number} == {
        "new": 2,
        "reject": 1,
    }
    assert [row.outcome.name for row in page(client, batch, "?show=new").context["rows"]] == ["穆平", "罗秀英"]
    assert len(page(client, batch, "?show=all").context["rows"]) == 3
    assert page(client, batch, "?show=nothing").context["shown"] == "reject"
    assert not Member.objects.exists()


def test_a_changed_row_shows_old_and_new_values_and_masked_numbers(client, grassroots):
    MemberFactory(name="穆平", union=grassroots, id_number=GOOD[2], joined_on="2012-04", phone="19000000001")
    batch = bring(client, roster([GOOD], union=grassroots.name))
    [row] = page(client, batch, "?show=changed").context["rows"]
    assert ("移动电话", "19000000001", "19000023695") in [(one.label, one.before, one.after) for one in row.changes]
    assert GOOD[2] not in page(client, batch, "?show=all").content.decode()


def test_previews_are_paged(client, grassroots, monkeypatch):
    monkeypatch.setattr(batches, "PER_PAGE", 2)
    batch = bring(client, roster(people(5), union=grassroots.name))
    assert batch.new == 5, batch.messages
    pages = [[row.number for row in _page.context["page_obj"]] for _page in _pages(client, batch)]
    assert pages == [[1, 2], [3, 4], [5]]
    assert page(client, batch, "?show=new&page=99").context["page_obj"].number == 3


def _pages(client, batch):
    return [page(client, batch, f"?show=new&page={at}") for at in (1, 2, 3)]


@pytest.mark.parametrize("show", ["new", "reject", "all"])
def test_a_preview_costs_the_same_however_many_rows(client, grassroots, show, django_assert_num_queries):
    few = bring(client, roster([GOOD, BAD], union=grassroots.name))
    many = bring(client, roster([*people(9), BAD, (*BAD[:3], "2016.06", "")], union=grassroots.name))
    page(client, few, f"?show={show}")
    for batch in (few, many):
        with django_assert_num_queries(PREVIEW):
            page(client, batch, f"?show={show}")


PREVIEW = 10


def test_the_list_of_batches_costs_the_same_however_many(client, grassroots, django_assert_num_queries):
    def bring_and_write(row):
        step(client, "ledger_write", bring(client, roster([row], union=grassroots.name)))
        bring(client, roster([BAD], union=grassroots.name))

    bring_and_write(GOOD)
    client.get(reverse("ledgers"))
    with django_assert_num_queries(INDEX):
        client.get(reverse("ledgers"))
    bring_and_write(OTHER)
    bring_and_write(people(1)[0])
    with django_assert_num_queries(INDEX):
        assert len(client.get(reverse("ledgers")).context["waiting"]) == 3


INDEX = 10


def test_a_header_chosen_once_is_remembered_for_the_office(client, grassroots):
    headers = ("姓名", "性别", "身份证号", "加入时候", "移动电话")
    batch = bring(client, roster([GOOD], union=grassroots.name, headers=headers))
    [sheet] = page(client, batch).context["columns"]
    [asked] = [column for column in sheet["asked"] if column["text"] == "加入时候"]
    assert asked["samples"] == ["2012.04"]
    step(client, "ledger_columns", batch, **{f"{sheet['at']}|{asked['index']}": "joined_on"})
    batch.refresh_from_db()
    assert batch.state == BatchState.READY
    assert HeaderChoice.objects.get().union == grassroots
    again = bring(client, roster([OTHER], union=grassroots.name, headers=headers))
    step(client, "ledger_write", again)
    assert Member.objects.get().joined_on == "2015-06"


# --- Writing -------------------------------------------------------------------------------


def test_a_preview_is_written_once(client, grassroots):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    step(client, "ledger_write", batch)
    assert Member.objects.count() == 1
    response = step(client, "ledger_write", batch)
    assert "不能再写一次" in said(response)[-1]
    assert Member.objects.count() == 1


def test_faulty_rows_stay_out_only_when_that_is_asked_for(client, grassroots):
    batch = bring(client, roster([GOOD, BAD], union=grassroots.name))
    assert "退回" in said(step(client, "ledger_write", batch))[-1]
    assert not Member.objects.exists()
    step(client, "ledger_write", batch, rows="good")
    response = page(client, batch)
    assert Member.objects.count() == 1
    assert response.context["batch"].state == BatchState.WRITTEN
    assert [row.label for row in response.context["rows"]] == ["退回"]


def test_records_that_changed_since_make_a_preview_stale_and_it_says_so(client, grassroots):
    member = MemberFactory(name="穆平", union=grassroots, id_number=GOOD[2], joined_on="2012-04", phone="")
    batch = bring(client, roster([GOOD], union=grassroots.name))
    assert batch.changed == 1
    Member.objects.filter(pk=member.pk).update(phone="19000000009")
    step(client, "ledger_write", batch)
    response = page(client, batch)
    assert "有人改动过" in response.content.decode()
    assert response.context["batch"].state == BatchState.READY
    member.refresh_from_db()
    assert member.phone == "19000000009"
    step(client, "ledger_write", batch)
    member.refresh_from_db()
    assert member.phone == GOOD[4]


def test_who_confirms_is_kept_beside_who_brought_it(client, officer, township_officer, grassroots, signed_in):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    township = signed_in(township_officer)
    step(township, "ledger_write", batch)
    batch.refresh_from_db()
    assert (batch.state, batch.by, batch.confirmed_by) == (BatchState.WRITTEN, officer, township_officer)
    assert f"{township_officer.full_name}确认导入" in page(client, batch).content.decode()


def test_a_page_left_open_writes_nothing_that_it_did_not_show(client, grassroots):
    member = MemberFactory(name="穆平", union=grassroots, id_number=GOOD[2], joined_on="2012-04", phone="")
    batch = bring(client, roster([GOOD], union=grassroots.name))
    seen = page(client, batch).context["batch"].outcome
    assert f'name="seen" value="{seen}"' in page(client, batch).content.decode()
    Member.objects.filter(pk=member.pk).update(phone="19000000009")
    step(client, "ledger_recheck", batch)
    assert "和您看到的不一样" in said(step(client, "ledger_write", batch, seen=seen))[-1]
    member.refresh_from_db()
    assert member.phone == "19000000009"


def test_a_preview_given_up_is_forgotten(client, grassroots):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    step(client, "ledger_discard", batch)
    batch.refresh_from_db()
    assert (batch.state, batch.chunks.count(), hasattr(batch, "file")) == (BatchState.DISCARDED, 0, False)
    assert "不再保存" in said(client.get(reverse("ledger_annotated", args=[batch.pk])))[-1]
    assert "放弃" in page(client, batch).content.decode()


# --- The workbook back ---------------------------------------------------------------------


def test_the_marked_workbook_is_given_before_and_after_writing(client, grassroots, tmp_path):
    batch = bring(client, roster([GOOD, BAD], union=grassroots.name))
    for _time in ("before", "after"):
        response = client.get(reverse("ledger_annotated", args=[batch.pk]))
        (tmp_path / "back.xlsx").write_bytes(b"".join(response.streaming_content))
        assert "attachment" in response.headers["Content-Disposition"]
        sheet = load_workbook(tmp_path / "back.xlsx").worksheets[0]
        assert [sheet.cell(row, 6).value[:2] for row in (3, 4, 5)] == ["检查", "新增", "退回"]
        step(client, "ledger_write", batch, rows="good")


def test_the_marked_workbook_follows_the_written_rows_when_the_checked_ones_are_gone(client, grassroots, tmp_path):
    batch = bring(client, roster([GOOD, BAD], union=grassroots.name))
    step(client, "ledger_write", batch, rows="good")
    batch.chunks.all().delete()
    response = client.get(reverse("ledger_annotated", args=[batch.pk]))
    (tmp_path / "back.xlsx").write_bytes(b"".join(response.streaming_content))
    sheet = load_workbook(tmp_path / "back.xlsx").worksheets[0]
    assert [sheet.cell(row, 6).value[:2] for row in (4, 5)] == ["新增", "退回"]
    assert "身份证号" in sheet["C5"].comment.text


def test_a_file_that_was_not_read_has_no_marked_workbook(client):
    batch = bring(client, dress.xlsx({"表": [["品名", "单价"], ["笔", 1]]}), "库存.xlsx")
    assert "没有可以标注" in said(client.get(reverse("ledger_annotated", args=[batch.pk])))[-1]


def test_the_file_goes_to_who_brought_it_or_for_a_reason_to_who_may_see_numbers(
    client, signed_in, grassroots, township_officer, county_clerk, auditor
):
    batch = bring(client, roster([GOOD, BAD], union=grassroots.name))
    url = reverse("ledger_annotated", args=[batch.pk])
    for user in (township_officer, auditor):
        reader = signed_in(user)
        assert (reader.get(url).status_code, reader.post(url, {"reason": "核对材料用"}).status_code) == (403, 403)
        assert url not in page(reader, batch).content.decode()
    assert url not in str(signed_in(township_officer).get(reverse("workbench")).context["todo"])
    clerk = signed_in(county_clerk)
    assert list(clerk.get(url).context["form"].fields) == ["reason"]
    assert clerk.post(url, {"reason": "看"}).context["form"].errors
    assert not LogEntry.objects.get_for_object(batch).filter(action=LogEntry.Action.ACCESS).exists()
    given = clerk.post(url, {"reason": "核对退回的行"})
    assert b"".join(given.streaming_content)[:2] == b"PK"
    event = LogEntry.objects.get_for_object(batch).get(action=LogEntry.Action.ACCESS)
    assert (event.actor, event.additional_data) == (county_clerk, {"reason": "核对退回的行"})


def test_a_mask_never_stands_beside_the_day_of_birth(client, signed_in, grassroots, township_officer):
    MemberFactory(name="穆平", union=grassroots, id_number=number("52272719851125883"), born_on="1985-11-25")
    batch = bring(client, roster([GOOD, OTHER], union=grassroots.name))
    township = signed_in(township_officer)
    for query, own, masked in (
        ("?show=new", "1990-03-07", "<ins>1990年</ins>"),
        ("?show=undecided", "1985-11-25", "<dd>1985年</dd>"),
    ):
        assert own in page(client, batch, query).content.decode()
        shown = page(township, batch, query).content.decode()
        assert (own in shown, masked in shown) == (False, True)


# --- People --------------------------------------------------------------------------------


def test_a_namesake_with_another_number_is_decided_side_by_side(client, grassroots):
    member = MemberFactory(name="穆平", union=grassroots, id_number=number("52272719851125883"), born_on="1985-11-25")
    batch = bring(client, roster([GOOD], union=grassroots.name))
    assert (batch.undecided, batch.new) == (1, 0)
    [pair] = page(client, batch).context["pairs"]
    assert [pk for pk, _facts in pair.known] == [member.pk]
    assert "还没有选择" in said(step(client, "ledger_decide", batch))[-1]
    step(client, "ledger_decide", batch, **{pair.row.key: "0"})
    batch.refresh_from_db()
    assert (batch.undecided, batch.new, batch.warned) == (0, 1, 1)


def test_only_rows_that_were_asked_about_are_decided(client, grassroots):
    MemberFactory(name="穆平", union=grassroots, id_number=number("52272719851125883"), born_on="1985-11-25")
    batch = bring(client, roster([GOOD], union=grassroots.name))
    for name in ("0-99", "7-4", "\0-4", "0-" + "9" * 900):
        assert "还没有选择" in said(step(client, "ledger_decide", batch, **{name: "0"}))[-1]
    batch.refresh_from_db()
    assert (batch.decisions, batch.state) == ({}, BatchState.READY)


def test_sheets_named_by_a_number_are_answered_by_who_may_not_see_it(signed_in, township_officer, grassroots):
    client, sheet = signed_in(township_officer), f"表{OTHER[2]}"
    MemberFactory(name="穆平", union=grassroots, id_number=number("52272719851125883"), born_on="1985-11-25")
    elsewhere = MemberFactory(name=OTHER[0], union=UnionFactory(name="别处工会"), id_number=OTHER[2])
    headers = ("姓名", "性别", "身份证号", "加入时候", "联系电话")
    grid = [["会员花名册"], [f"工会名称：{grassroots}"], list(headers), list(GOOD), list(OTHER)]
    batch = bring(client, dress.xlsx({sheet: grid}))
    assert (batch.undecided, batch.transfer) == (1, 1)
    assert sheet not in page(client, batch).content.decode()

    def sent(name: str, show: str) -> str:
        """The name, or the row, that the page's form sends."""
        return re.search(name, page(client, batch, f"?show={show}").content.decode())[1]

    step(client, "ledger_transfers", batch, on="2020-05", reason="已调入本单位工作",
         row=sent(r'name="row" value="([^"]+)"', "transfer"))  # fmt: skip
    step(client, "ledger_decide", batch, **{sent(r'name="([^"]+)" value="0"', "undecided"): "0"})
    step(client, "ledger_columns", batch, **{sent(r'<select name="([^"]+)"', "undecided"): "joined_on"})

    batch.refresh_from_db()
    assert (batch.undecided, TransferRequest.objects.get().member) == (0, elsewhere)
    assert HeaderChoice.objects.get().column == "joined_on"


def test_members_of_another_union_are_asked_for(client, officer, grassroots):
    other = UnionFactory(name="别处工会")
    member = MemberFactory(name="穆平", union=other, id_number=GOOD[2])
    batch = bring(client, roster([GOOD], union=grassroots.name))
    response = page(client, batch)
    assert response.context["shown"] == "transfer"
    [row] = response.context["rows"]
    values = {"on": "2020-05", "reason": "已调入本单位工作"}
    assert "还没有选择" in said(step(client, "ledger_transfers", batch, **values))[-1]
    assert (
        "没有提出申请"
        in said(step(client, "ledger_transfers", batch, row=row.outcome.key, reason="x", on="坏日期"))[-1]
    )
    assert not TransferRequest.objects.exists()
    step(client, "ledger_transfers", batch, row=row.outcome.key, **values)
    request = TransferRequest.objects.get()
    assert (request.member, request.to_union, request.asked_by) == (member, grassroots, officer)
    assert member.name in said(step(client, "ledger_transfers", batch, row=row.outcome.key, **values))[-1]
    assert TransferRequest.objects.count() == 1
    # Who has been asked for is told so, and can't be ticked again.
    response = page(client, batch)
    [row] = response.context["rows"]
    assert row.is_asked
    assert row.messages[-1]["text"].endswith("不用再申请。")
    assert 'name="row"' not in response.content.decode()
    request.delete()
    assert 'name="row"' in page(client, batch).content.decode()


# --- Taking back ---------------------------------------------------------------------------


def test_a_batch_is_taken_back_with_a_reason_as_a_batch_of_its_own(client, officer, grassroots):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    assert client.get(reverse("ledger_undo", args=[batch.pk])).status_code == 404  # not written yet
    step(client, "ledger_write", batch)
    assert client.get(reverse("ledger_undo", args=[batch.pk])).status_code == 200
    for reason in ("", "错"):
        assert step(client, "ledger_undo", batch, reason=reason).context["form"].errors
    assert Member.objects.count() == 1
    response = step(client, "ledger_undo", batch, reason="传错了年度")
    undoing = ImportBatch.objects.get(kind=BatchKind.UNDO)
    assert response.url == reverse("ledger_batch", args=[undoing.pk])
    assert (undoing.by, undoing.undoes, undoing.state) == (officer, batch, BatchState.WRITTEN)
    assert not Member.objects.exists()
    assert [row.label for row in page(client, undoing).context["rows"]] == ["删除"]
    assert "传错了年度" in page(client, batch).content.decode()
    for url in (reverse("ledger_batch", args=[batch.pk]), reverse("ledgers")):
        shown = client.get(url).content.decode()
        assert "已撤销" in shown
        assert 'class="is-undone"' in shown
        assert "已导入</span>" not in shown
    again = step(client, "ledger_undo", batch, reason="再来一次")
    assert "本次导入已撤销" in str(again.context["form"].errors)


def test_an_undoing_that_stopped_leads_to_another_try(client, grassroots):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    step(client, "ledger_write", batch)
    step(client, "ledger_undo", batch, reason="传错了年度")
    undoing = ImportBatch.objects.get(kind=BatchKind.UNDO)
    ImportBatch.objects.filter(pk=undoing.pk).update(state=BatchState.FAILED, error="没有撤销")
    assert f'href="{reverse("ledger_undo", args=[batch.pk])}"' in page(client, undoing).content.decode()


# --- Large files ---------------------------------------------------------------------------


def test_a_large_file_waits_for_the_worker_and_its_page_for_it(client, grassroots, settings):
    settings.LEDGER_INLINE_BYTES = 10
    batch = bring(client, (FAULTY / "会员花名册-有错.xlsx").read_bytes())
    assert batch.state == BatchState.QUEUED
    response = page(client, batch)
    assert "处理进度" in response.content.decode()
    part = client.get(reverse("ledger_progress", args=[batch.pk]))
    assert "HX-Refresh" not in part.headers
    steps.check(batch.pk)
    assert client.get(reverse("ledger_progress", args=[batch.pk])).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(("state", "queued"), [(BatchState.CHECKING, 1), (BatchState.FAILED, 0)])
def test_only_what_a_worker_left_is_queued_again(client, grassroots, state, queued):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    ImportBatch.objects.filter(pk=batch.pk).update(state=state, moved_at=timezone.now() - timedelta(minutes=2))
    response = step(client, "ledger_resume", batch)
    assert ("没有中断" in said(response)[-1]) is not bool(queued)
    assert DBTaskResult.objects.count() == queued
    # It waits for its turn now: the page no longer says that it was broken off, and a second press queues nothing.
    assert "可从头继续处理" not in page(client, batch).content.decode()
    step(client, "ledger_resume", batch)
    assert DBTaskResult.objects.count() == queued


def test_crumbs_end_at_the_page_itself():
    assert [one["url"] for one in shared.crumbs(("甲", ""))] == [reverse("ledgers"), ""]


def test_what_a_writing_leaves_in_the_log_names_who_and_from_where(client, officer, grassroots):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    step(client, "ledger_write", batch)
    step(client, "ledger_undo", batch, reason="传错了年度的花名册")
    undoing = ImportBatch.objects.get(undoes=batch)
    for one in (batch, undoing):
        entries = LogEntry.objects.get_for_object(one).filter(action=LogEntry.Action.UPDATE)
        assert {(entry.actor_id, entry.remote_addr) for entry in entries} == {(officer.pk, "127.0.0.1")}


def test_a_preview_asks_why_it_answers_for_another_and_a_direct_answer_without_is_refused(
    signed_in, township_officer, grassroots
):
    call, client = CallFactory(), signed_in(township_officer)
    batch = bring(client, roster([GOOD], union=grassroots.name))
    body = page(client, batch).content.decode()
    assert ('name="reason"' in body, f"本表为{grassroots.name}报送" in body) == (True, True)
    step(client, "ledger_write", batch)
    assert f"请写明为{grassroots.name}代报的原因" in page(client, batch).content.decode()
    assert not Member.objects.exists()
    step(client, "ledger_write", batch, reason="该单位没有电脑")
    assert "代报的原因：该单位没有电脑" in page(client, batch).content.decode()
    shown = client.get(reverse("ledger_call", args=[call.pk]) + "?show=returned").content.decode()
    assert f"{township_officer.union}代报：该单位没有电脑" in shown
