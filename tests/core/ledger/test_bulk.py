"""Bulk writing: one interface on both databases, and many importers at once."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from members.models import Member, Union, UnionName
from pingtang_union.core.ledger import bulk
from pingtang_union.core.ledger.run import Importer
from tests.core.ledger import dress


@pytest.mark.django_db
def test_upsert_inserts_new_rows_and_updates_known_ones():
    union = Union.objects.get(depth=1)
    first, second = bulk.allocate_ids(UnionName, 2)
    names = ["id", "union_id", "name", "name_key"]
    bulk.upsert(UnionName, names, [[first, union.pk, "甲", "甲"]])
    bulk.upsert(UnionName, names, [[first, union.pk, "乙", "乙"], [second, union.pk, "丙", "丙"]])
    assert list(UnionName.objects.order_by("pk").values_list("pk", "name")) == [(first, "乙"), (second, "丙")]
    assert UnionName.objects.create(union=union, name="丁").pk > second


@pytest.mark.django_db
def test_the_databases_constraints_hold_in_bulk():
    union = Union.objects.get(depth=1)
    first, second = bulk.allocate_ids(UnionName, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.upsert(
            UnionName,
            ["id", "union_id", "name", "name_key"],
            [[first, union.pk, "甲", "甲"], [second, union.pk, "甲", "甲"]],
        )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_importers_of_one_roster_write_each_member_once():
    """Whoever comes second sees what the first wrote, and nobody fails."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time; its test database lives in one connection")
    Union.objects.add_child(
        Union.objects.get(depth=1), instance=Union(name="平塘供电局工会委员会", category="enterprise")
    )
    content = dress.xlsx(
        {
            "会员花名册": [
                ["平塘供电局工会委员会会员花名册"],
                ["姓名", "身份证号", "入会时间"],
                ["穆平", "522727198511259937", "2012.04"],
                ["岑龙", "522727198801039959", "2009.11"],
            ]
        }
    )
    reports, start = [], threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            reports.extend(Importer().bring([("会员花名册.xlsx", content)]))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.error for report in reports] == [""] * 8
    assert sorted(report.sheets[0].as_json()["new"] for report in reports) == [0] * 7 + [2]
    assert Member.objects.count() == 2
