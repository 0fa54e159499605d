"""Bulk writing: one interface on both databases, and many importers at once."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from members.models import Member, Union, UnionName
from pingtang_union.ledger import bulk
from pingtang_union.ledger.importing.command import Importer
from tests.factories import MemberFactory
from tests.ledger import dress


@pytest.mark.django_db
def test_only_the_named_columns_of_stored_rows_are_written():
    union = Union.objects.get(depth=1)
    first, second = bulk.allocate_ids(UnionName, 2)
    names = ["id", "union_id", "name", "name_key"]
    bulk.insert(UnionName, names, [[first, union.pk, "甲", "甲"], [second, union.pk, "乙", "乙"]])
    UnionName.objects.filter(pk=first).update(name_key="别人改的")
    bulk.update(UnionName, ["name"], [(first, "丙"), (second + 1, "没有这一行")])
    assert list(UnionName.objects.order_by("pk").values_list("pk", "name", "name_key")) == [
        (first, "丙", "别人改的"),
        (second, "乙", "乙"),
    ]
    assert UnionName.objects.create(union=union, name="丁").pk > second


@pytest.mark.django_db
def test_the_databases_constraints_hold_in_bulk():
    union = Union.objects.get(depth=1)
    first, second = bulk.allocate_ids(UnionName, 2)
    names = ["id", "union_id", "name", "name_key"]
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(UnionName, names, [[first, union.pk, "甲", "甲"], [second, union.pk, "甲", "甲"]])
    bulk.insert(UnionName, names, [[first, union.pk, "甲", "甲"], [second, union.pk, "乙", "乙"]])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.update(UnionName, ["name", "name_key"], [(second, "甲", "甲")])


@pytest.mark.django_db
def test_stored_rows_are_found_by_a_column_as_django_would_give_them():
    member = MemberFactory(is_migrant=True)
    MemberFactory()
    found = bulk.stored_by(Member, "id_index", [member.id_index, "没有这个"])
    member.refresh_from_db()
    expected = [getattr(member, name) for name in bulk.attnames(Member)]
    at = bulk.attnames(Member).index("id_number")
    [stored] = found.values()
    assert (list(found), stored[:at], stored[at + 1 :]) == (
        [member.id_index],
        (*expected[:at],),
        (*expected[at + 1 :],),
    )
    assert stored[bulk.attnames(Member).index("is_migrant")] is True
    assert bytes(stored[at]) == expected[at].token


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
