"""django-import-export in the admin: ledgers over our steps, small tables by their own fields; who may, and that
nothing of a file is ever written below a temporary folder."""

import io
import re
import tempfile
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from import_export.admin import ExportMixin, ImportMixin

from awards.models import Award, Honour, StarScheme
from campaigns.models import Activity, ActivityKind, Edition, ImportRule, Indicator, Series
from campaigns.models import Outcome as ActivityOutcome
from members import roles
from members.models import Attendance, Cadre, Member, TermRule, Township, Training, Union
from pingtang_union.admin import CatalogueAdminMixin, LedgerAdminMixin
from pingtang_union.admin.resources import STALE
from pingtang_union.ledger.importing import steps
from pingtang_union.ledger.models import BatchState, ImportBatch
from pingtang_union.proof.models import NumberRule
from pingtang_union.workflow.attention import Label
from pingtang_union.workflow.rules import PublicityRule
from relief.models import (
    CardIssue,
    Cause,
    Grant,
    Group,
    Household,
    Instalment,
    Merchant,
    NationalColumn,
    NationalWord,
    PlaceKind,
    Programme,
    ServicePoint,
    SupportLine,
)
from tests.factories import (
    CallFactory,
    FundFactory,
    HonourFactory,
    InstalmentFactory,
    MemberFactory,
    MerchantFactory,
    SchemeFactory,
    ServicePointFactory,
    UnionFactory,
    UserFactory,
)
from tests.ledger import dress
from tests.members.test_ledgers import roster
from tests.members.test_steps import number
from tests.test_rights import digest

pytestmark = pytest.mark.django_db
LEDGERS = (Union, Cadre, Member, Training, Attendance, Award, Grant, CardIssue, Activity, ActivityOutcome, Household)
TABLES = (TermRule, Township, PublicityRule, NumberRule, Honour, StarScheme, Label)
TABLES += (Instalment, Programme, Group, Cause, ActivityKind, Indicator, Series, Edition, ImportRule)
TABLES += (PlaceKind, ServicePoint, Merchant, SupportLine, NationalWord, NationalColumn)
ANY = [pytest.param(model, id=model._meta.label) for model in (*LEDGERS, *TABLES)]
SMALL = [pytest.param(model, id=model._meta.label) for model in TABLES if model is not SupportLine]  # it only goes out
DOORS = ("import", "process_import", "export")
TERM = ["施行日期", "最短届期（年）", "最长届期（年）", "依据"]
SCHEME = ["发文单位", "年度", "名称", "说明"]


def address(model: Any, door: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{door}")


def sent(content: bytes, name: str = "表.xlsx") -> dict[str, Any]:
    return {"resource": "0", "format": "0", "import_file": SimpleUploadedFile(name, content)}


def confirmed(page: Any) -> dict[str, Any]:
    """What the button below a preview sends."""
    form = page.context["confirm_form"]
    return {name: str(form.get_initial_for_field(field, name)) for name, field in form.fields.items()}


def table(*rows: Any) -> bytes:
    return dress.xlsx({"表": [list(row) for row in rows]})


def workbook_of(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def everything(client: Any, model: Any) -> dict[str, str]:
    """What the export form sends when all columns stay ticked."""
    form = client.get(address(model, "export")).context["form"]
    columns = [name for name in form.fields if "resource_" in name]
    return {"resource": "0", "format": "0", **dict.fromkeys(columns, "on")}


@pytest.fixture
def clerk(insider, signed_in) -> Any:
    return signed_in(insider)


@pytest.fixture
def person(grassroots) -> tuple[str, ...]:
    return ("石新来", "男", number("52272719800101301"), "2012.04", "19000023695")


# --- What stands behind every door ---------------------------------------------------------


def test_every_list_that_goes_in_or_out_has_our_rights():
    doors = {model for model, one in admin.site._registry.items() if isinstance(one, ImportMixin | ExportMixin)}
    ours = {m for m, one in admin.site._registry.items() if isinstance(one, LedgerAdminMixin | CatalogueAdminMixin)}
    assert doors == ours == {*LEDGERS, *TABLES}


@pytest.mark.parametrize("model", ANY)
def test_without_the_permission_nothing_happens_at_any_address(model, signed_in):
    colleague = UserFactory(is_staff=True)
    own = {f"{verb}_{model._meta.model_name}" for verb in ("view", "add", "change")}
    rest = Permission.objects.exclude(codename__in=own | {"add_importbatch", "export_importbatch"})
    colleague.user_permissions.set(rest)
    officer = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))
    refused, foreign = signed_in(colleague), signed_in(officer)
    before = digest()

    for door in DOORS:
        assert refused.get(address(model, door)).status_code == 403, door
        assert refused.post(address(model, door), sent(table(["标题"], ["甲"]))).status_code == 403, door
        for method in ("get", "post"):
            response = getattr(foreign, method)(address(model, door))
            assert (response.status_code, "login" in response.url) == (302, True), door

    assert digest() == before


@pytest.mark.parametrize("model", ANY)
def test_whatever_is_sent_is_answered(model, clerk):
    odd = [{"resource": "7", "format": "9"}, {"format": "x", "import_file_name": "9" * 40, "seen": "a"}, {"seen": "\\"}]
    rest = {"original_file_name": "a", "format": "0", "seen": "a"}
    odd += [{"import_file_name": name, **rest} for name in ("1", "²", "../x")]
    odd += [{"export_items": "1"}, sent(b"", "空.xlsx"), sent(b"MZ", "a.exe"), sent(b"PK\3\4", "坏.xlsx")]
    before = {one: one._default_manager.count() for one in (*LEDGERS, *TABLES)}
    for door in DOORS if model is not SupportLine else ("export",):
        for data in odd:
            for value in data.values():
                if hasattr(value, "seek"):
                    value.seek(0)
            assert clerk.post(address(model, door), data).status_code in {200, 302, 404}, (door, data)
    assert {one: one._default_manager.count() for one in before} == before


class Words(HTMLParser):
    """The texts of a page, without scripts and the names of icons."""

    def __init__(self, page: str):
        super().__init__()
        self.said: list[str] = []
        self.mute = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("script", "style") or "material-symbols" in (dict(attrs).get("class") or ""):
            self.mute = tag

    def handle_endtag(self, tag: str) -> None:
        self.mute = "" if tag == self.mute else self.mute

    def handle_data(self, data: str) -> None:
        self.said += [] if self.mute else re.findall(r"[A-Za-z]{3,}", data)


@pytest.mark.parametrize("model", ANY)
def test_no_english_stands_on_the_pages(model, clerk):
    for door in ("changelist", "import", "export"):  # the frame names a key of the keyboard
        said = set(Words(clerk.get(address(model, door)).content.decode()).said)
        assert said <= {"Excel", "esc"}, (door, said)


def test_nothing_is_written_below_a_temporary_folder(clerk, person, grassroots, monkeypatch):
    MemberFactory(union=grassroots)
    members = sent(roster([person], union=grassroots.name))
    rules = sent(table(TERM, ["2030-01-01", "3", "5", "甲"]))
    monkeypatch.setattr(tempfile, "tempdir", "/there/is/none")
    monkeypatch.setenv("TMPDIR", "/there/is/none")
    padding = "\n".join(f"{at},甲" for at in range(400_000)).encode()  # beyond what Django holds in memory

    page = clerk.post(address(Member, "import"), members)
    assert clerk.post(address(Member, "process_import"), confirmed(page)).status_code == 302
    assert clerk.post(address(Member, "import"), sent(padding, "名册.csv")).status_code == 302
    workbook_of(clerk.post(address(Member, "export"), everything(clerk, Member) | {"numbers": "masked"}))
    page = clerk.post(address(TermRule, "import"), rules)
    assert clerk.post(address(TermRule, "process_import"), confirmed(page)).status_code == 302
    stock = workbook_of(clerk.post(address(Honour, "export"), everything(clerk, Honour)))
    assert clerk.post(address(Honour, "import"), sent(stock)).status_code == 200
    assert clerk.post(address(Honour, "import"), sent(padding, "称号.csv")).status_code == 200


# --- Ledgers -------------------------------------------------------------------------------


def test_a_roster_is_previewed_confirmed_and_stands_as_a_batch(clerk, insider, person, grassroots):
    faulty = ("石没有号", "女", "123", "2012.04", "")
    page = clerk.post(address(Member, "import"), sent(roster([person, faulty], union=grassroots.name)))
    batch = ImportBatch.objects.get()
    rows = page.context["result"].rows
    shown = [(row.shown.outcome.row, row.shown.outcome.name, row.shown.label, row.variant) for row in rows]
    assert shown == [(4, "石新来", "新增", "is-ok"), (5, "石没有号", "退回", "is-bad")]
    assert person[2] not in page.content.decode()
    assert "522727**********" in rows[0].words
    body = page.content.decode()
    assert reverse("ledger_batch", args=[batch.pk]) in body
    assert "共 2 条：新增 1 条，更新 0 条。退回、待辨认和待转会的 1 条不导入。" in body
    assert not Member.objects.exists()

    done = clerk.post(address(Member, "process_import"), confirmed(page))

    batch.refresh_from_db()
    assert done.url == reverse("ledger_batch", args=[batch.pk])
    assert (batch.state, batch.by, batch.confirmed_by, batch.is_partial) == (BatchState.WRITTEN, insider, insider, True)
    assert [one.full_id_number for one in Member.objects.all()] == [person[2]]
    again = clerk.post(address(Member, "process_import"), confirmed(page), follow=True)
    assert "已经导入过" in again.content.decode()


def test_who_answers_a_call_for_another_is_asked_why(clerk, person, grassroots):
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    assert "reason" not in page.context["confirm_form"].fields
    CallFactory()
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    assert f"本表为{grassroots.name}报送" in page.content.decode()
    refused = clerk.post(address(Member, "process_import"), confirmed(page) | {"reason": ""}, follow=True)
    assert f"请写明为{grassroots.name}代报的原因" in refused.content.decode()
    assert not Member.objects.exists()
    clerk.post(address(Member, "process_import"), confirmed(page) | {"reason": "该单位没有电脑"})
    assert Member.objects.exists()
    assert ImportBatch.objects.latest("pk").reason == "该单位没有电脑"


def test_what_the_preview_cannot_show_stands_on_the_page_of_the_batch(clerk, person, grassroots, settings):
    def leads_to(content: bytes) -> ImportBatch:
        response = clerk.post(address(Cadre, "import"), sent(content))
        batch = ImportBatch.objects.order_by("-pk").first()
        assert (response.status_code, response.url) == (302, reverse("ledger_batch", args=[batch.pk]))
        return batch

    assert leads_to(roster([person], union=grassroots.name)).state == BatchState.READY  # members, at the door of cadres
    assert leads_to(b"PK\3\4").state == BatchState.UNREADABLE
    assert leads_to(table(["甲", "乙"], ["1", "2"])).state == BatchState.UNREADABLE
    settings.LEDGER_INLINE_BYTES = 10
    assert leads_to(roster([person], union=grassroots.name)).state == BatchState.QUEUED
    assert DBTaskResult.objects.count() == 1


def test_a_stale_preview_is_refused(clerk, insider, person, grassroots):
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    MemberFactory(union=grassroots, id_number=person[2], name=person[0])
    steps.recheck(batch=ImportBatch.objects.get(), by=insider)
    steps.check(ImportBatch.objects.get().pk)

    refused = clerk.post(address(Member, "process_import"), confirmed(page), follow=True)

    assert "结果和您看到的不一样" in refused.content.decode()
    assert clerk.post(address(Member, "process_import"), confirmed(page) | {"seen": ""}).status_code == 302
    assert Member.objects.count() == 1
    assert ImportBatch.objects.get().state == BatchState.READY


def test_records_changed_since_the_preview_are_looked_at_again(clerk, person, grassroots):
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    MemberFactory(union=grassroots, id_number=person[2], name=person[0], phone="")

    again = clerk.post(address(Member, "process_import"), confirmed(page), follow=True)

    assert steps.STALE in again.content.decode()
    assert ImportBatch.objects.get().state == BatchState.READY


def test_another_countys_staff_reach_no_batch_of_ours(clerk, outsider, person, grassroots, signed_in):
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    assert signed_in(outsider).post(address(Member, "process_import"), confirmed(page)).status_code == 404
    page = signed_in(outsider).post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    assert page.status_code == 302
    assert not Member.objects.exists()


def test_a_role_that_may_not_write_what_was_found_writes_nothing(clerk, person, grassroots, signed_in):
    page = clerk.post(address(Member, "import"), sent(roster([person], union=grassroots.name)))
    colleague = UserFactory(is_staff=True)
    codes = ("add_importbatch", "view_importbatch", "change_member", "view_member")
    colleague.user_permissions.set(Permission.objects.filter(codename__in=codes))

    refused = signed_in(colleague).post(address(Member, "process_import"), confirmed(page), follow=True)

    assert "不能登记或修改" in refused.content.decode()
    assert not Member.objects.exists()


def test_who_serves_no_union_is_told_so(signed_in):
    nobody = UserFactory(is_staff=True, union=None)
    nobody.user_permissions.set(Permission.objects.all())
    page = signed_in(nobody).post(address(Member, "import"), sent(b"x"))
    assert "还没有分配所在工会" in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_only_the_chosen_columns_go_out_and_the_trail_says_so(clerk, grassroots):
    MemberFactory(union=grassroots, name="=1+1", phone="13800000000")
    chosen = {"resource": "0", "format": "0", "numbers": "masked"}
    chosen |= {"membersresource_name": "on", "membersresource_phone": "on"}
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(clerk.post(address(Member, "export"), chosen)))).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[2]] == ["序号", "姓名", "移动电话"]
    assert [(cell.value, cell.data_type) for cell in rows[3]][1:] == [("=1+1", "s"), ("13800000000", "s")]
    assert LogEntry.objects.get(action=LogEntry.Action.ACCESS).changes["条件"] == ["", "列：姓名、移动电话"]
    none = clerk.post(address(Member, "export"), {"resource": "0", "format": "0", "numbers": "masked"})
    assert none.context["form"].non_field_errors() == ["请为“会员花名册”至少选择一项导出内容"]


def test_the_former_address_of_the_import_leads_to_it(clerk):
    assert clerk.get(address(Member, "changelist") + "bring/").url == "../import/"


# --- Small tables --------------------------------------------------------------------------


def fill(model: Any) -> None:
    """Two rows more, with what cells have trouble with."""
    if model is StarScheme:
        SchemeFactory(title="=2+3", closes_on=date(2026, 5, 1), note="甲、“乙”", document_number="平工发〔2026〕3号")
        SchemeFactory(union=UnionFactory(name="金盆街道工会联合会"), title="＋加 号", is_in_use=False)
    elif model is Honour:
        top = HonourFactory(title="=标兵(1)", note="-1", other_titles="甲、乙", order=0)
        HonourFactory(title="@又一个", kind="collective", below=top, wait_years=0, is_in_use=False)
    elif model is Township:
        county = Union.objects.get(path="0001")
        Township.objects.create(county=county, code="522727998", name="=新镇", other_names="新乡 @新", source="-1")
    elif model is Label:
        Label.objects.create(name="=急", tone="is-bad", order=1)
        Label.objects.create(name="＋加 号", is_active=False)
    elif model is Instalment:
        fund = FundFactory(name="=专项")
        InstalmentFactory(
            fund=fund, a_person="500.50", most_a_person=800, opens_on=date(2026, 5, 1), closes_on=date(2026, 5, 9),
            document_number="平工发〔2026〕3号", note="-1",
        )  # fmt: skip
        InstalmentFactory(union=UnionFactory(name="金盆街道工会联合会"), title="＋加 号")
    elif model is Programme:
        Programme.objects.create(name="=助医", other_names="甲 @乙", begins_in=7, is_festive=True, order=1, note="-1")
        Programme.objects.create(name="＋加 号", is_once_a_household=True, is_in_use=False)
    elif model is Group:
        Group.objects.create(name="=新就业", other_names="甲 @乙", is_for_children=True, order=1)
        Group.objects.create(name="＋加 号", is_in_use=False)
    elif model is Cause:
        Cause.objects.create(number=91, name="=其他")
        Cause.objects.create(number=92, name="＋加 号", is_in_use=False)
    elif model in (ActivityKind, Series, PlaceKind):
        model.objects.create(name="=新", order=1)
        model.objects.create(name="＋加 号", is_in_use=False)
    elif model in (ServicePoint, Merchant):
        make = ServicePointFactory if model is ServicePoint else MerchantFactory
        make(name="=点", offers="-1")
        make(union=UnionFactory(name="金盆街道工会联合会"), name="＋加 号")
    elif model is Indicator:
        Indicator.objects.create(name="=新", unit="册", order=1)
        Indicator.objects.create(name="＋加 号", unit="@人", is_in_use=False)
    elif model is Edition:
        series = Series.objects.create(name="=系列")
        Edition.objects.create(series=series, year="2030", theme="-1")
        Edition.objects.create(series=series, year="2031", programme="甲\n=乙")
    elif model is ImportRule:
        ImportRule.objects.create(words="=词 甲", kind=ActivityKind.objects.create(name="=新"))
        ImportRule.objects.create(words="＋加", series=Series.objects.create(name="=系列"), is_in_use=False)
    elif model is NationalWord:
        NationalWord.objects.create(list="health", code="=病", word="-病")
        NationalWord.objects.create(list="health", code="＋加", word="@加")
    elif model is NationalColumn:
        model.objects.filter(source="school").delete()
        NationalColumn.objects.create(kind="household", header="=列", source="school")
        NationalColumn.objects.create(kind="person", header="＋列", source="school")
    else:
        says = {
            TermRule: {"shortest_years": 3, "longest_years": 5},
            PublicityRule: {"working_days": 7},
            NumberRule: {"pattern": "={年度}-{流水}", "digits": 3},
        }
        model.objects.create(in_force_from=date(2031, 1, 1), document="=A1", **says[model])


@pytest.mark.parametrize("model", SMALL)
def test_a_stock_export_brought_again_changes_nothing(model, clerk):
    fill(model)
    stock = workbook_of(clerk.post(address(model, "export"), everything(clerk, model)))
    sheet = openpyxl.load_workbook(io.BytesIO(stock)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    entry = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).get()
    count = model._default_manager.count()
    assert (entry.object_repr, entry.changes["行数"]) == (f"{model._meta.verbose_name}：导出", ["", str(count)])
    before, events = digest(), LogEntry.objects.count()

    page = clerk.post(address(model, "import"), sent(stock))

    assert [row.import_type for row in page.context["result"].rows] == ["skip"] * count, page.content.decode()
    clerk.post(address(model, "process_import"), confirmed(page))
    assert (digest(), LogEntry.objects.count()) == (before, events)


def test_a_small_table_comes_in_whole_with_its_audit_entries(clerk, insider):
    new = ["平塘县技术能手", "技能标兵、能手", "县级", "个人", "平塘县总工会", "", "", "", "", 5, "是", ""]
    labels = list(everything_labels(clerk, Honour))
    page = clerk.post(address(Honour, "import"), sent(table(labels, new)))
    assert not Honour.objects.filter(title=new[0]).exists()

    done = clerk.post(address(Honour, "process_import"), confirmed(page), follow=True)

    assert "已导入：新增 1 条，更新 0 条，没有变化 0 条。" in done.content.decode()
    one = Honour.objects.get(title=new[0])
    assert (one.level, one.kind, one.order, one.is_in_use, one.title_key) == ("county", "person", 5, True, new[0])
    entry = LogEntry.objects.get_for_object(one).get()
    assert (entry.actor, entry.action) == (insider, LogEntry.Action.CREATE)


def everything_labels(client: Any, model: Any) -> list[str]:
    form = client.get(address(model, "export")).context["form"]
    return [field.label for name, field in form.fields.items() if "resource_" in name]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["2031-01-01", "五年", "5", "甲"]], "不是一个确切的整数"),
        ([["2031-01", "3", "5", "甲"]], "要写到日"),
        ([["2031-01-01", "6", "5", "甲"]], "最短届期不能长于最长届期。"),
        ([["2031-01-01", "3", "5", ""]], "依据"),
        ([["2031-01-01", "3", "5", "甲"], ["2031-01-01", "4", "5", "乙"]], "表里前面已有这一行"),
        ([["2031-01-01", "3", "5", "甲"], ["2031-01-01", "4", "5", "甲"], ["2032-01-01", "3", "", "甲"]], "最长届期"),
    ],
)
def test_a_faulty_row_keeps_all_out(rows, said, clerk):
    before = digest()
    page = clerk.post(address(TermRule, "import"), sent(table(TERM, *rows)))
    assert "confirm_form" not in page.context
    assert said in page.content.decode()
    assert digest() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (table(["施行日期", "依剧"], ["2031-01-01", "甲"]), "不认识的列：依剧"),
        (table(["依据"], ["甲"]), "要有「施行日期」列"),
        (table(["施行日期"]), "第一行是表头"),
        (dress.xlsx({"甲": [["施行日期"], ["2031-01-01"]], "乙": [["1"], ["2"]]}), "要有一个工作表"),
        (b"%PDF-1.4", "是 PDF 文件"),
        (b"PK\3\4", "「表.xlsx」"),
        (b"\0" * (51 * 1024 * 1024), "最大 50 MB"),
    ],
)
def test_what_is_no_such_table_is_told_in_words(content, said, clerk):
    page = clerk.post(address(TermRule, "import"), sent(content))
    assert "confirm_form" not in page.context
    assert said in page.content.decode()
    assert "Traceback" not in page.content.decode()


def test_a_table_changed_meanwhile_is_refused(clerk):
    fill(TermRule)
    row = ["2031-01-01", "4", "5", "改过的依据"]
    page = clerk.post(address(TermRule, "import"), sent(table(TERM, row)))
    TermRule.objects.filter(in_force_from="2031-01-01").update(document="别人改的")

    refused = clerk.post(address(TermRule, "process_import"), confirmed(page), follow=True)

    assert STALE in refused.content.decode()
    assert TermRule.objects.get(in_force_from="2031-01-01").document == "别人改的"


def test_a_preview_that_nobody_signed_is_refused(clerk):
    page = clerk.post(address(TermRule, "import"), sent(table(["施行日期", "依据"], ["2031-01-01", "甲"])))
    assert page.status_code == 200
    forged = {"import_file_name": "W10:abc", "original_file_name": "表.xlsx", "format": "0", "seen": "x"}
    refused = clerk.post(address(TermRule, "process_import"), forged, follow=True)
    assert "预览已失效" in refused.content.decode()


def test_schemes_are_the_users_own(clerk, outsider, signed_in, grassroots):
    SchemeFactory(union=grassroots, title="县里的标准", year=2026)
    theirs = signed_in(outsider)
    page = theirs.post(
        address(StarScheme, "import"), sent(table(SCHEME, [grassroots.name, "2026", "县里的标准", "改"]))
    )
    assert f"没有叫「{grassroots.name}」的" in page.content.decode()
    none = theirs.post(address(StarScheme, "export"), everything(theirs, StarScheme))
    assert none.context["form"].non_field_errors() == ["没有可以导出的内容，请返回列表放宽条件。"]
    page = clerk.post(address(StarScheme, "import"), sent(table(SCHEME, [grassroots.name, "2026", "县里的标准", "改"])))
    clerk.post(address(StarScheme, "process_import"), confirmed(page))
    assert StarScheme.objects.get().note == "改"


def test_what_lies_above_is_read_not_written(grassroots, signed_in):
    scheme = SchemeFactory(title="县里的标准", year=2026)
    officer = UserFactory(is_staff=True, union=grassroots)
    officer.user_permissions.set(Permission.objects.all())
    row = [scheme.union.name, "2026", "县里的标准", "改"]
    page = signed_in(officer).post(address(StarScheme, "import"), sent(table(SCHEME, row)))
    assert "confirm_form" not in page.context
    assert StarScheme.objects.get().note == ""


def test_dates_as_spreadsheets_keep_them_are_read(clerk):
    book = openpyxl.Workbook()
    for row in (["施行日期", "公示不少于（工作日）", "依据"], [datetime(2031, 2, 3), 6, "甲"]):  # noqa: DTZ001  a cell's
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    page = clerk.post(address(PublicityRule, "import"), sent(content.getvalue()))
    clerk.post(address(PublicityRule, "process_import"), confirmed(page))
    assert PublicityRule.objects.get(in_force_from=date(2031, 2, 3)).working_days == 6
