"""`manage.py forget_files`: old content goes, what happened stays."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from members.models import Member
from pingtang_union.ledger.models import BatchState, ImportBatch, ImportChunk, ImportFile, ImportRow
from tests.factories import UnionFactory
from tests.members.test_ledgers import roster
from tests.members.test_steps import GOOD, OTHER, deliver, take_back, write

pytestmark = pytest.mark.django_db


def forget(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("forget_files", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def batches(county_clerk) -> dict[str, ImportBatch]:
    """One written and one waiting a hundred days ago, one waiting today."""
    union = UnionFactory(name="平塘县自来水公司工会委员会", category="enterprise")
    with time_machine.travel(datetime.now(UTC) - timedelta(days=100), tick=False):
        old = write(deliver(county_clerk, roster([GOOD], union=union.name)))
        waiting = deliver(county_clerk, roster([OTHER], union=union.name))
    return {"old": old, "waiting": waiting, "new": deliver(county_clerk, roster([OTHER], union=union.name))}


def test_old_files_and_their_rows_go(batches):
    assert forget("--days", "90") == "已清除 90 天以前导入的台账文件 2 份。"
    assert [file.batch_id for file in ImportFile.objects.all()] == [batches["new"].pk]
    assert {chunk.batch_id for chunk in ImportChunk.objects.all()} == {batches["new"].pk}
    states = dict(ImportBatch.objects.values_list("pk", "state"))
    assert states == {
        batches["old"].pk: BatchState.WRITTEN,
        batches["waiting"].pk: BatchState.DISCARDED,
        batches["new"].pk: BatchState.READY,
    }
    assert ImportRow.objects.get().batch_id == batches["old"].pk


def test_a_batch_whose_file_is_forgotten_can_still_be_taken_back(batches, county_clerk):
    forget("--days", "90")
    take_back(batches["old"], county_clerk)
    assert not Member.objects.exists()


def test_the_page_of_a_forgotten_file_opens_and_offers_no_workbook(batches, county_clerk, signed_in):
    forget("--days", "90")
    page = signed_in(county_clerk).get(f"/ledgers/{batches['old'].pk}/")
    assert page.status_code == 200
    assert "下载已标注的表" not in page.content.decode()
    answer = signed_in(county_clerk).get(f"/ledgers/{batches['old'].pk}/file/", follow=True)
    assert "已经不再保存" in answer.content.decode()


def test_a_dry_run_counts_only(batches):
    assert forget("--days", "90", "--dry-run") == "可以清除 90 天以前导入的台账文件 2 份。"
    assert ImportFile.objects.count() == 3


def test_days_have_to_be_said():
    with pytest.raises(CommandError, match="保留多少天"):
        forget()
