"""Any list of the admin taken out as a ledger: exactly its rows, with an audit event, and nobody else's."""

import io

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from python_calamine import CalamineWorkbook

from members import roles
from pingtang_union.ledger.declaration import ledger_by_slug, ledgers
from tests.factories import AttendanceFactory, CadreFactory, MemberFactory, TrainingFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db


def names_in(response, column="姓名") -> list[str]:
    """The texts of a column of the workbook given, in order."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    at, header = next((index, row) for index, row in enumerate(rows) if column in row)
    return [row[header.index(column)] for row in rows[at + 1 :] if isinstance(row[0], int | float)]


def export_url(model: str, **query: str) -> str:
    url = reverse(f"admin:members_{model}_export")
    return url + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def asked(slug: str, **more: str) -> dict[str, str]:
    """What the form sends for a ledger with every column."""
    ledger = ledger_by_slug(slug)
    place = [one for one in ledgers() if one.model is ledger.model].index(ledger)
    columns = {f"{slug}resource_{column.name}": "on" for column in ledger.columns}
    return {"resource": str(place), "format": "0", **columns, **more}


@pytest.fixture
def members(grassroots):
    return [
        MemberFactory(name="陈敏", gender="2", union=grassroots),
        MemberFactory(name="陈刚", gender="1", union=grassroots),
        MemberFactory(name="石云", gender="2", union=grassroots),
    ]


def test_the_filtered_list_and_the_workbook_hold_the_same_rows(members, county_clerk, outsider, signed_in):
    MemberFactory(name="陈外县", gender="2", union=outsider.union)
    client = signed_in(county_clerk)
    query = {"q": "陈", "gender__exact": "2"}
    listed = client.get(reverse("admin:members_member_changelist"), query)
    assert [row.name for row in listed.context["cl"].result_list] == ["陈敏"]
    response = client.post(export_url("member", **query), asked("members", numbers="masked"))
    assert names_in(response) == ["陈敏"]
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.object_repr) == (county_clerk, "会员花名册：导出")
    assert entry.changes["行数"] == ["", "1"]
    assert entry.changes["条件"] == ["", "搜索：陈；性别：女"]


def test_the_button_carries_the_lists_conditions(members, county_clerk, signed_in):
    page = signed_in(county_clerk).get(reverse("admin:members_member_changelist"), {"gender__exact": "2"})
    assert f'href="{export_url("member", gender__exact="2")}"' in page.content.decode()
    assert f'href="{reverse("admin:members_member_import")}"' in page.content.decode()


def test_the_page_says_what_will_be_given(members, county_clerk, grassroots, signed_in):
    query = {"union__id__exact": str(grassroots.pk), "status__in": "active,retained"}
    page = signed_in(county_clerk).get(export_url("member", **query))
    assert page.context["facts"] == [
        ("台账", "会员花名册"),
        ("条数", "3 条"),
        ("条件", f"所在工会（含下级）：{grassroots.name}；会籍状态：在会、保留会籍"),
    ]


def test_a_number_in_the_address_exports_nothing(members, county_clerk, signed_in):
    number = members[0].full_id_number
    client = signed_in(county_clerk)
    response = client.post(export_url("member", q=number), asked("members", numbers="masked"))
    assert (response.status_code, number in response.url) == (302, False)
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


def test_full_numbers_need_a_reason(members, county_clerk, signed_in):
    client = signed_in(county_clerk)
    full = asked("members", numbers="full", why="有用")
    refused = client.post(export_url("member"), full)
    assert refused.status_code == 200
    assert "至少 4 个字" in refused.context["form"].errors["why"][0]
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()
    given = client.post(export_url("member"), full | {"why": "报送省总实名制系统"})
    numbers = names_in(given, "身份证号")
    assert sorted(numbers) == sorted(member.full_id_number for member in members)
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.changes["证件号码"][1], entry.additional_data["reason"]) == ("完整号码", "报送省总实名制系统")


def test_who_may_not_see_full_numbers_gets_none(members, signed_in):
    reader = UserFactory(roles=(roles.ECONOMY,))
    client = signed_in(reader)
    assert "numbers" not in client.get(export_url("member")).context["form"].fields
    given = client.post(export_url("member"), asked("members", numbers="full", why="想看完整号码"))
    assert [number[6:14] for number in names_in(given, "身份证号")] == ["********"] * 3


def test_without_the_permission_there_is_no_export(members, signed_in):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_member"))
    client = signed_in(reader)
    assert export_url("member") not in client.get(reverse("admin:members_member_changelist")).content.decode()
    for response in (client.get(export_url("member")), client.post(export_url("member"), asked("members"))):
        assert response.status_code == 403
    assert not LogEntry.objects.filter(action=LogEntry.Action.ACCESS).exists()


def test_an_outsider_takes_out_nothing_of_ours(members, outsider, signed_in):
    mine = MemberFactory(name="陆外县", union=outsider.union)
    client = signed_in(outsider)
    given = client.post(export_url("member"), asked("members", numbers="masked"))
    assert names_in(given) == [mine.name]
    ours = client.post(export_url("member", union__id__exact=str(members[0].union_id)), asked("members"))
    assert (ours.status_code, ours.context["facts"][1]) == (200, ("条数", "0 条"))
    assert members[0].union.name not in ours.content.decode()


def test_cadres_and_social_workers_are_two_ledgers(county_clerk, signed_in):
    CadreFactory(name="杨秀英")
    CadreFactory(name="罗建", kind="social_worker")
    client = signed_in(county_clerk)
    choices = client.get(export_url("cadre")).context["form"].fields["resource"].choices
    assert choices == [(0, "工会干部花名册（1 条）"), (1, "社会化工会工作者花名册（1 条）")]
    for ledger, name in (("cadres", "杨秀英"), ("social-workers", "罗建")):
        assert names_in(client.post(export_url("cadre"), asked(ledger, numbers="masked"))) == [name]


def test_unions_courses_and_attendances_too(county_clerk, signed_in):
    union = UnionFactory(name="平塘县茶厂工会")
    AttendanceFactory(name="莫云", training=TrainingFactory(name="第九期", union=union))
    client = signed_in(county_clerk)
    for model, ledger, column, name in (
        ("union", "unions", "工会名称", union.name),
        ("training", "trainings", "培训班名称", "第九期"),
        ("attendance", "attendances", "姓名", "莫云"),
    ):
        form = client.get(export_url(model)).context["form"]
        assert "numbers" not in form.fields
        assert names_in(client.post(export_url(model), asked(ledger)), column) == [name], model


def test_an_empty_list_gives_no_workbook(county_clerk, signed_in):
    response = signed_in(county_clerk).post(export_url("member"), asked("members", numbers="masked"))
    assert response.context["form"].non_field_errors() == ["没有可以导出的内容，请返回列表放宽条件。"]


def test_conditions_that_make_no_sense_lead_back(members, county_clerk, signed_in):
    response = signed_in(county_clerk).get(export_url("member", is_migrant__exact="abc"))
    assert response.url == reverse("admin:members_member_changelist")
