"""Pages that give ledgers out: who may, which rows, under which conditions, and what the audit trail keeps."""

import io

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from members import roles, services
from pingtang_union.core.audit import is_export
from pingtang_union.ledger.declaration import ledgers
from tests.factories import (
    AttendanceFactory,
    CadreFactory,
    CardIssueFactory,
    GrantFactory,
    MemberFactory,
    UnionFactory,
    UserFactory,
    id_number,
)

pytestmark = pytest.mark.django_db

SLUGS = [ledger.slug for ledger in ledgers()]
MASKED = {"numbers": "masked"}


@pytest.fixture(autouse=True)
def _clear_forms():
    caches["forms"].clear()


def events() -> list[LogEntry]:
    return [one for one in LogEntry.objects.order_by("pk") if is_export(one)]


def book_of(response):
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def column(book, label: str) -> list:
    """What stands below a header, down to the first blank."""
    sheet = book.worksheets[0]
    head = next(cell for row in sheet.iter_rows(max_row=6) for cell in row if cell.value == label)
    found = []
    for row in range(head.row + 1, sheet.max_row + 1):
        value = sheet.cell(row, head.column).value
        if value is None:
            break
        found.append(value)
    return found


def empty_form(header=("序号", "姓名", "性别", "职务", "血型")) -> SimpleUploadedFile:
    book = Workbook()
    book.active.title = "附件"
    for row in (["工会干部情况表"], ["填报单位："], list(header), [], ["填表人："]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("上级空表.xlsx", file.getvalue())


# --- Templates -----------------------------------------------------------------------------


def test_every_ledger_is_offered_to_who_may_see_its_records(signed_in, officer):
    response = signed_in(officer).get(reverse("giving"))
    assert [offer.ledger.slug for offer in response.context["offers"]] == SLUGS
    for slug in SLUGS:
        assert f'href="{reverse("ledger_blank", args=[slug])}"' in response.content.decode()


@pytest.mark.parametrize("name", ["giving", "ledger_fill"])
def test_who_may_not_export_is_refused(signed_in, leader, name):
    assert signed_in(leader).get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["ledger_blank", "ledger_export"])
def test_records_that_the_role_does_not_see_are_not_given(signed_in, name):
    user = UserFactory(roles=(roles.FINANCE,))
    user.user_permissions.add(Permission.objects.get(codename="export_importbatch"))
    assert signed_in(user).get(reverse(name, args=["members"])).status_code == 403
    response = signed_in(user).get(reverse(name, args=["unions"]))
    assert response.status_code == 200
    b"".join(response)  # which closes the file
    assert signed_in(user).get(reverse(name, args=["nothing"])).status_code == 404


@pytest.mark.parametrize("slug", SLUGS)
def test_a_blank_workbook_names_the_union_and_is_no_event(signed_in, officer, slug):
    response = signed_in(officer).get(reverse("ledger_blank", args=[slug]))
    assert book_of(response).worksheets[0]["A2"].value == f"工会名称：{officer.union}"
    assert events() == []


def test_the_filled_workbook_holds_the_own_rows_and_is_an_event(signed_in, officer, grassroots):
    MemberFactory(name="穆平", union=grassroots)
    MemberFactory(name="别处的人", union=UnionFactory())
    address = reverse("ledger_prefilled", args=["members"])
    assert signed_in(officer).get(address).status_code == 405
    response = signed_in(officer).post(address)
    assert column(book_of(response), "姓名") == ["穆平"]
    assert [(event.actor, event.changes["行数"][1]) for event in events()] == [(officer, "1")]


def test_an_account_without_a_union_is_told_so(signed_in):
    user = UserFactory(union=None, roles=(roles.GRASSROOTS,))
    response = signed_in(user).get(reverse("ledger_blank", args=["members"]), follow=True)
    assert "还没有分配所在工会" in response.content.decode()


# --- Lists as they are filtered ------------------------------------------------------------


def test_an_export_is_of_the_filtered_list_and_says_so(signed_in, officer, grassroots):
    MemberFactory(name="穆平", union=grassroots, gender="1")
    MemberFactory(name="罗秀英", union=grassroots, gender="2")
    MemberFactory(name="别处的人", union=UnionFactory(), gender="2")
    address = reverse("ledger_export", args=["members"]) + "?gender=2"
    page = signed_in(officer).get(address)
    assert page.context["number"] == 1
    assert [text for _name, _label, text in page.context["conditions"]] == ["女"]
    assert events() == []
    response = signed_in(officer).post(address, MASKED)
    assert column(book_of(response), "姓名") == ["罗秀英"]
    [event] = events()
    assert event.changes["条件"][1].endswith("女")


def test_invalid_conditions_export_nothing(signed_in, officer, grassroots):
    MemberFactory(union=grassroots)
    other = UnionFactory()
    for query in ("?gender=nobody", f"?union={other.pk}"):
        address = reverse("ledger_export", args=["members"]) + query
        for response in (signed_in(officer).get(address), signed_in(officer).post(address, MASKED)):
            assert response.status_code == 400
            assert "没有导出" in response.content.decode()
    assert events() == []


def test_former_members_are_left_out_and_counted(signed_in, officer, grassroots):
    MemberFactory(name="穆平", union=grassroots)
    left = MemberFactory(name="离会的人", union=grassroots)
    services.record_event(member=left, kind="leave", union=None, on="2024-05", reason="调离", by=None)
    page = signed_in(officer).get(reverse("ledger_export", args=["members"]))
    assert (page.context["number"], page.context["left_out"]) == (1, 1)


def test_full_numbers_need_permission_and_reason(signed_in, officer, township_officer, grassroots):
    number = id_number()
    member = MemberFactory(union=grassroots, id_number=number)
    address = reverse("ledger_export", args=["members"])
    assert column(book_of(signed_in(officer).post(address, MASKED)), "身份证号") == [str(member.id_number)]
    refused = signed_in(officer).post(address, {"numbers": "full", "reason": ""})
    assert "理由" in str(refused.context["form"].errors["reason"])
    given = signed_in(officer).post(address, {"numbers": "full", "reason": "上级要求报送"})
    assert column(book_of(given), "身份证号") == [number]
    # Whoever may not see full numbers isn't asked, and asking for them by hand gives masks.
    page = signed_in(township_officer).get(address)
    assert list(page.context["form"].fields) == []
    given = signed_in(township_officer).post(address, {"numbers": "full", "reason": "上级要求报送"})
    assert column(book_of(given), "身份证号") == [str(member.id_number)]
    assert [event.changes["证件号码"][1] for event in events()] == ["隐去中间数字", "完整号码", "隐去中间数字"]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_list_can_be_exported(signed_in, county_clerk, insider, slug):
    AttendanceFactory(name="穆平")
    CadreFactory(name="穆平")
    MemberFactory()
    GrantFactory()
    CardIssueFactory()
    county_clerk = insider if slug in ("grants", "cards") else county_clerk  # each desk has its own lists
    response = signed_in(county_clerk).get(reverse("ledger_export", args=[slug]))
    assert response.status_code == 200
    if response.context["number"]:
        given = signed_in(county_clerk).post(reverse("ledger_export", args=[slug]), MASKED)
        found = column(book_of(given), "序号")
        assert len([one for one in found if isinstance(one, int)]) == response.context["number"]


def test_the_export_page_costs_the_same_however_long_the_list(
    signed_in, officer, grassroots, django_assert_num_queries
):
    client = signed_in(officer)
    address = reverse("ledger_export", args=["members"])
    MemberFactory(union=grassroots)
    client.get(address)
    with django_assert_num_queries(QUERIES):
        client.get(address)
    MemberFactory.create_batch(2, union=grassroots)
    with django_assert_num_queries(QUERIES):
        client.get(address)


QUERIES = 9


# --- Superiors' forms ----------------------------------------------------------------------


def sent(client, **form):
    response = client.post(reverse("ledger_fill"), {"file": empty_form(**form)})
    assert response.status_code == 302, response.context["form"].errors
    return response.url


def test_a_form_is_sent_confirmed_and_taken_away(signed_in, officer, grassroots):
    CadreFactory(name="穆平", union=grassroots, post="主席", gender="1")
    CadreFactory(name="离任的人", union=grassroots, post="主席", ended_on="2020-05")
    CadreFactory(name="别处的人", post="主席")
    client = signed_in(officer)
    check = sent(client)
    page = client.get(check)
    assert [way["fit"].ledger.slug for way in page.context["ways"]][:2] == ["cadres", "social-workers"]
    assert page.context["ways"][0]["fit"].empty == ("血型",)
    assert events() == []
    done = client.post(check, {"way": page.context["ways"][0]["fit"].key, "rows": "own"})
    told = client.get(done.url).context["told"]
    assert (told["rows"], list(told["columns"]), list(told["empty"])) == (1, ["姓名", "性别", "职务"], ["血型"])
    response = client.get(done.url.replace("/done/", "/file/"))
    assert response.headers["Content-Disposition"].startswith("attachment")
    sheet = book_of(response)["附件"]
    assert [cell.value for cell in sheet[4]] == [1, "穆平", "男", "主席", None]
    assert sheet["A2"].value == f"填报单位：{grassroots}"
    [event] = events()
    assert (event.actor, event.changes["条件"][1]) == (officer, str(grassroots))


def test_rows_of_unions_below_can_be_taken_together_or_alone(signed_in, township_officer, township, grassroots):
    CadreFactory(name="镇上的", union=township, post="主席")
    CadreFactory(name="学校的", union=grassroots, post="主席")
    outside = UnionFactory()
    client = signed_in(township_officer)
    check = sent(client)
    way = client.get(check).context["ways"][0]["fit"].key
    rows = {
        chosen: client.get(client.post(check, {"way": way, "rows": chosen}).url).context["told"]["rows"]
        for chosen in ("own", "all", str(grassroots.pk))
    }
    assert rows == {"own": 1, "all": 2, str(grassroots.pk): 1}
    refused = client.post(check, {"way": way, "rows": str(outside.pk)})
    assert "rows" in refused.context["form"].errors


def test_what_has_records_is_offered_first(signed_in, officer, grassroots):
    MemberFactory(name="穆平", union=grassroots)
    CadreFactory(name="别处的人", post="主席")
    client = signed_in(officer)
    ways = client.get(sent(client)).context["ways"]
    assert [(way["fit"].ledger.slug, way["has_rows"]) for way in ways][:2] == [("members", True), ("cadres", False)]


def test_a_sheet_of_one_union_is_filled_with_its_rows(signed_in, township_officer, township, grassroots):
    other = UnionFactory(name="金盆街道第二小学工会", parent=township)
    for name, union in (("一小的", grassroots), ("二小的", other), ("镇上的", township)):
        MemberFactory(name=name, union=union)
    book = Workbook()
    for name, title in (
        ("一", f"{grassroots}会员花名册"),
        ("二", f"工会名称：{other}"),
        ("三", "会员花名册"),
        ("四", "平塘县水务局工会会员花名册"),  # not one of theirs
    ):
        sheet = book.create_sheet(name)
        sheet.append([title])
        sheet.append(["序号", "姓名", "性别", "入会时间"])
    book.remove(book.worksheets[0])
    file = io.BytesIO()
    book.save(file)
    client = signed_in(township_officer)
    check = client.post(reverse("ledger_fill"), {"file": SimpleUploadedFile("各校.xlsx", file.getvalue())}).url
    context = client.get(check).context
    ways = {way["fit"].sheet: way["fit"].key for way in context["ways"] if way["fit"].ledger.slug == "members"}
    assert context["form"]["rows"].initial == "named"
    for sheet, union in (("一", grassroots), ("二", other)):
        done = client.post(check, {"way": ways[sheet], "rows": "named"}).url
        told = client.get(done).context["told"]
        assert (told["rows"], told["conditions"]) == (1, str(union))
    for sheet in ("三", "四"):
        assert client.post(check, {"way": ways[sheet], "rows": "named"}).context["form"].errors["rows"]


def test_a_form_in_the_store_is_sealed_and_its_senders_alone(signed_in, officer, county_clerk, grassroots):
    CadreFactory(name="穆平", union=grassroots, post="主席")
    client = signed_in(officer)
    check = sent(client)
    done = client.post(check, {"way": client.get(check).context["ways"][0]["fit"].key, "rows": "own"}).url
    for address in (check, done, done.replace("/done/", "/file/")):
        response = signed_in(county_clerk).get(address)
        assert (response.status_code, response.url) == (302, reverse("ledger_fill"))
    token = check.split("/")[-2]
    content, _told = caches["forms"].get(f"form-{officer.pk}-{token}-filled")
    assert not content.startswith(b"PK")


def test_what_cannot_be_filled_is_refused_in_words(signed_in, officer):
    client = signed_in(officer)
    for file, said in (
        (empty_form(("品名", "单价", "库存")), "「品名」、「单价」、「库存」"),
        (SimpleUploadedFile("空表.xlsx", b"PK\x03\x04 nothing"), "「空表.xlsx」"),
        (SimpleUploadedFile("空表.xlsx", b""), "是空文件"),
    ):
        response = client.post(reverse("ledger_fill"), {"file": file})
        assert response.status_code == 200
        assert said in str(response.context["form"].errors["file"].as_text())
    assert "还没有选择文件" in str(client.post(reverse("ledger_fill"), {}).context["form"].errors)


def test_a_form_without_records_says_so(signed_in, officer):
    client = signed_in(officer)
    check = sent(client)
    response = client.post(check, {"way": client.get(check).context["ways"][0]["fit"].key, "rows": "own"})
    assert "没有可以填的记录" in response.content.decode()
    assert events() == []
