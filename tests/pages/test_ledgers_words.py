"""Pages of batches tell a hurried clerk what happened, what is wrong and what to do next."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from pingtang_union.ledger.declaration import ledgers
from pingtang_union.ledger.models import BatchState, ImportBatch, LedgerCall
from tests.factories import MemberFactory, TrainingFactory, UnionFactory
from tests.ledger import dress
from tests.members.test_ledgers import roster
from tests.pages.test_ledgers_pages import BAD, GOOD, OTHER, bring, page, said, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, officer):
    return signed_in(officer)


def test_a_roster_of_another_union_is_refused_for_what_it_is(client, grassroots):
    other = UnionFactory(name="平塘民族中学工会委员会")
    refused = [{"text": "整张表没有收下，原因见上面「关于整张表」。"}]
    told = []
    for name in (other.name, "没有的中学工会委员会"):
        batch = bring(client, roster([GOOD], union=name))
        response = page(client, batch)
        [sheet] = response.context["said"]
        told.append(sheet["message"].replace(name, "那个工会"))
        [row] = response.context["rows"]
        assert (row.outcome.verdict, row.messages) == ("reject", refused)
        assert "先导入合格的行" not in response.content.decode()
        given = client.get(reverse("ledger_annotated", args=[batch.pk]))
        sheet = load_workbook(io.BytesIO(b"".join(given.streaming_content))).worksheets[0]
        assert (
            sheet.cell(sheet.max_row, sheet.max_column).value == "退回：整张表没有收下，原因见工作表「检查结果汇总」。"
        )
    # Whether there is such a union elsewhere isn't told.
    assert told == ["您管的工会里没有「那个工会」。请核对名称；别的工会的台账，请由那个工会或县总工会上传。"] * 2


def test_one_waits_for_ones_own_ledgers_only(client, signed_in, county_clerk, grassroots):
    own = bring(client, roster([BAD], union=grassroots.name))
    clerk = signed_in(county_clerk)
    theirs = bring(clerk, roster([BAD], union=grassroots.name))
    listed = clerk.get(reverse("ledgers")).context
    assert (listed["waiting"], list(listed["page_obj"])) == ([theirs], [own])


def test_a_roster_without_changes_leads_to_saying_so(client, township, grassroots):
    known = {"gender": "1", "born_on": "1985-11-25", "joined_on": "2012-04", "phone": GOOD[4]}
    MemberFactory(name="穆平", union=grassroots, id_number=GOOD[2], **known)
    today = timezone.localdate()
    asked, _cadres = (
        LedgerCall.objects.create(union=township, title=title, ledger=ledger, opened_on=today, due_on=today)
        for title, ledger in (("年度核对", "会员花名册"), ("干部核对", "工会干部花名册"))
    )
    batch = bring(client, roster([GOOD], union=grassroots.name))
    assert (batch.unchanged, batch.rows) == (1, 1)
    assert page(client, batch).context["calls"] == [asked]
    step(client, "ledger_write", bring(client, roster([OTHER], union=grassroots.name)))
    assert page(client, batch).context["calls"] == []  # answered


def test_large_ledgers_written_together_are_said_to_be_queued(client, grassroots, settings):
    for row in (GOOD, OTHER):
        bring(client, roster([row], union=grassroots.name))
    settings.LEDGER_INLINE_BYTES = 1
    response = client.post(reverse("ledger_write_all"))
    assert said(response) == ["2 份比较大，已排队，由后台导入。"]
    assert {one.state for one in ImportBatch.objects.all()} == {BatchState.WAITING}


def test_an_unknown_table_is_told_what_can_be_read(client):
    content = dress.xlsx({"采购": [["品名", "数量", "单价"], ["纸", 1, 2]]})
    batch = bring(client, content, "采购.xlsx")
    assert batch.error.endswith("能读的台账有：" + "、".join(ledger.title for ledger in ledgers()) + "。")


def test_a_course_of_another_office_is_not_to_be_registered_again(client, signed_in, county_clerk, grassroots):
    course = TrainingFactory(name="全州工会干部培训班")
    rows = [["姓名", "培训班名称", "所在工会", "考核结果"], ["穆平", course.name, grassroots.name, "合格"]]
    content = dress.xlsx({"参训人员": [["干部培训台账"], *rows]})
    batch = bring(client, content)
    [row] = page(client, batch).context["rows"]
    assert row.messages[-1]["text"].endswith("别的单位（如上级工会）办的培训班，由那个单位登记参训人员。")
    assert bring(signed_in(county_clerk), content).new == 1


@pytest.mark.parametrize(("state", "goes_on"), [(BatchState.WAITING, True), (BatchState.WRITING, False)])
def test_a_page_is_safely_closed_only_while_someone_works(client, grassroots, state, goes_on):
    batch = bring(client, roster([GOOD], union=grassroots.name))
    long_ago = timezone.now() - timedelta(hours=1)  # without progress told since, whoever wrote has died
    ImportBatch.objects.filter(pk=batch.pk).update(state=state, moved_at=long_ago)
    content = page(client, batch).content.decode()
    assert ("后台将继续处理" in content, "可从头继续处理" in content) == (goes_on, not goes_on)
