"""The privacy linter at the public doors: planted texts and files do not get out, clean ones do; a scan waits for a
second person."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from awards.documents import decision_batches, decision_paper, notice_batches, publicity_notice
from awards.models import Award, Nomination
from members import roles
from pingtang_union.core.exceptions import DomainError
from pingtang_union.files.privacy import findings
from pingtang_union.pages.models import SiteText
from pingtang_union.workflow.moving import what_is_missing
from pingtang_union.workflow.public_files import LookedInto, PublicFile, looked_into, pass_file, put_up
from pingtang_union.workflow.publishing import OfficePhone, look_into, refuse
from pingtang_union.workflow.table import State, transition_called
from tests.at_once import at_once, needs_postgresql
from tests.awards.walk import lead, people_for, perform
from tests.factories import AwardFactory, NominationFactory, OfficePhoneFactory, PublicFileFactory, UserFactory
from tests.files import papers
from tests.files.test_privacy import CLEAN, PLANTED
from tests.pages.public.seen import holder_of, notice_of, publicised, text

pytestmark = pytest.mark.django_db

IN_FILES = ["52272719800101123X", "一三八八五四一二三四五", "138 8541 2345", "6217 0000 1234 1234 567", "0854-4822123"]
FILES = [(name, build, number) for name, build in papers.EVERYWHERE.items() for number in IN_FILES[:4]]


@pytest.fixture
def desk():
    return UserFactory(roles=(roles.ECONOMY,))


# --- Texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "words"), PLANTED)
def test_no_planted_text_is_publicised(kind, words, monkeypatch):
    """Also where it was written after the submission, past every form."""
    nomination = lead(NominationFactory(), State.REVIEWED)
    Nomination.objects.update(summary=f"扎根一线，{words}")
    nomination.refresh_from_db()

    with pytest.raises(DomainError, match=f"事迹简介里有{kind}（.*\\*.*），不能公开，请删去"):
        perform(nomination, "publicise", by=people_for(nomination)["publicise"])
    nomination.refresh_from_db()
    assert nomination.state == State.REVIEWED


@pytest.mark.parametrize("words", CLEAN)
def test_every_clean_text_is(words):
    nomination = lead(NominationFactory(summary=f"扎根一线，{words}"), State.PUBLICISED)

    assert nomination.state == State.PUBLICISED


@pytest.mark.parametrize(
    ("field", "label"),
    [("name", "姓名或集体名称"), ("position", "工作单位和职务（岗位）"), ("round__title", "评选推荐的名称"),
     ("round__objection_contact", "评选推荐的受理异议的方式")],
)  # fmt: skip
def test_every_field_that_strangers_read_is_looked_at(field, label):
    nomination = lead(NominationFactory(), State.REVIEWED)
    holder, _, name = f"_{field}".removeprefix("_").rpartition("__")
    record = getattr(nomination, holder) if holder else nomination
    setattr(record, name, "陈 138 8541 2345")

    missing = what_is_missing(nomination, transition_called(Nomination, "publicise"))

    assert missing == [f"{label}里有手机号码（138******45），不能公开，请删去，或改为「公开电话」中登记的办公电话"]


def test_whoever_fills_in_is_told_before_handing_in():
    nomination = NominationFactory(summary="联系一三八八五四一二三四五")

    assert "事迹简介里有手机号码（138******45）" in nomination.missing_by_step()["merits"][0]


def test_the_offices_phones_may_stand_anywhere():
    with pytest.raises(DomainError):
        refuse({"简介": "电话 0854-4822123"})
    OfficePhoneFactory(number="0854-4822123")
    refuse({"简介": "电话 0854－4822123，或（0854）4822123，座机 482 2123"})
    SiteText.objects.create(kind="phone", text="0854-4822000、0854-4822001")
    refuse({"简介": "请致电0854-4822001"})
    with pytest.raises(DomainError, match="电话号码"):
        refuse({"简介": "请致电0854-4822002"})


@pytest.mark.parametrize("number", ["", "482", "0854-4822123、0854-4822124", "52272719800101123X"])
def test_only_one_phone_is_an_office_phone(number):
    with pytest.raises(ValidationError):
        OfficePhone(number=number, label="咨询").full_clean()


@pytest.mark.parametrize(
    ("kind", "title", "words"),
    [("guide", "入会", "找小李，13885412345"), ("guide", "问 13885412345", "入会"),
     ("hours", "", "5 2 2 7 2 7 1 9 8 0 0 1 0 1 1 2 3 4"),
     ("phone", "", "52272719800101123X")],
)  # fmt: skip
def test_the_offices_own_texts_hold_none(kind, title, words):
    with pytest.raises(ValidationError, match="不能公开"):
        SiteText(kind=kind, title=title, text=words).full_clean()


@pytest.mark.parametrize(
    ("field", "words"),
    [("recipient", "杨秀英13885412345"), ("workplace", "县医院 电话4821234"), ("granted_by", "6217000012341234567"),
     ("certificate_number", "52272719800101123X")],
)  # fmt: skip
def test_an_award_shows_none(field, words):
    award = AwardFactory()
    setattr(award, field, words)
    with pytest.raises(ValidationError) as refused:
        award.full_clean()
    assert list(refused.value.message_dict) == [field]


def test_a_certificates_other_digits_are_the_offices():
    award = AwardFactory()
    award.certificate_number = "13820180001"
    award.full_clean()


def test_public_papers_are_refused(desk):
    nomination = lead(NominationFactory(position="车间"), State.PUBLICISED)
    nomination.refresh_from_db()
    Nomination.objects.update(position="车间（138八五四一2345）")
    rows = Nomination.objects.filter(pk=nomination.pk)
    paper = publicity_notice(nomination.round, notice_batches(rows)[0])
    with pytest.raises(DomainError, match=r"公示稿里有手机号码（138\*+45）"):
        paper.take_out(by=desk)
    with pytest.raises(DomainError, match="公示稿里有"):
        paper.blocks()


def test_a_decision_is_refused(desk):
    nomination = lead(NominationFactory(position="车间"), State.DECIDED)
    Nomination.objects.update(position="车间 138 8541 2345")
    rows = Nomination.objects.filter(pk=nomination.pk)
    with pytest.raises(DomainError, match="决定稿里有手机号码"):
        decision_paper(nomination.round, decision_batches(rows)[0]).word()


def test_what_came_past_every_door_is_not_printed(client):
    """The last net: rows written by hand into the database."""
    nomination, award = publicised(), AwardFactory(shows_name=True)
    Nomination.objects.update(summary="一三八八五四一二三四五", name="杨13885412345")
    nomination.round.title, nomination.round.objection_contact = "评选 138-8541-2345", "0854-4822124"
    nomination.round.save()
    Award.objects.update(
        workplace="县医院6217 0000 1234 1234 567", recipient="杨 13885412345", granted_by="138 8541 2345"
    )
    nomination.union.name = "县医院工会13885412345"
    nomination.union.save()
    SiteText.objects.create(kind="guide", title="入会", text="找小李 138.8541.2345，身份证 522727 1980 0101 1234")
    for address in (
        "/", "/notices/", notice_of(nomination), "/honours/", holder_of(award), f"{holder_of(award)}certificate/",
        f"/verify/{award.token}/",
    ):  # fmt: skip
        said = text(client.get(address))
        found = findings(said)
        assert found == [], address
    assert "******" in text(client.get("/"))


# --- Files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "build", "number"), FILES)
def test_no_planted_file_gets_out(name, build, number, desk):
    upload = SimpleUploadedFile(name, build(f"联系人 {number}"))

    with pytest.raises(DomainError, match=f"「{name}」不能公开：.*里有.*\\*"):
        looked_into(upload)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("方格.docx", papers.word_in_table("522727198001011234")),
        ("方格.xlsx", papers.excel_in_cells("13885412345")),
        ("数值.xlsx", papers.excel_in_number("13885412345")),
        ("13885412345.docx", papers.word("公示")),
    ],
)
def test_nor_one_in_boxes_numbers_or_the_name(name, content):
    with pytest.raises(DomainError, match=r"里有.*\*"):
        look_into(name, content)


@pytest.mark.parametrize("name", papers.EVERYWHERE)
@pytest.mark.parametrize("words", ["平工发〔2018〕12号，发放1,105,320.00元", "杨*英 522727**********37，2018年5月1日"])
def test_clean_files_need_nobody(name, words):
    assert look_into(name, papers.EVERYWHERE[name](words)) == []


def test_the_offices_phone_may_stand_in_a_file():
    OfficePhoneFactory(number="0854-4822123")

    assert look_into("公示.docx", papers.word("异议电话 0854-4822123")) == []


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (papers.scan(), ["第 1 页"]),
        (papers.scan_with_letters("公示"), ["第 1 页"]),
        (papers.pdf_without_letters("一三八八五四一二三四五"), ["第 1 页"]),
        (papers.picture(), ["图片"]),
        (papers.word_with_picture("公示"), ["里面的图片"]),
        (papers.word_with_page("138 8541 2345"), ["嵌入的文件"]),
    ],
)
def test_what_no_program_reads_waits_for_a_person(content, places, desk, client):
    looked = looked_into(SimpleUploadedFile("扫描件", content))
    file = put_up(title="公示扫描件", place="", looked=looked, by=desk)
    address = f"/files/{file.token}/"

    assert looked.unread == places
    assert client.get(address).status_code == 404
    assert "公示扫描件" not in text(client.get("/"))
    with pytest.raises(DomainError, match="另一人核看"):
        pass_file(file=file, by=desk)
    with pytest.raises(DomainError, match="不能核看"):
        pass_file(file=file, by=UserFactory(roles=(roles.FINANCE,)))
    pass_file(file=file, by=UserFactory(roles=(roles.RELIEF,)))
    assert client.get(address).status_code == 200
    assert "公示扫描件" in text(client.get("/"))
    with pytest.raises(DomainError, match="已经核看过"):
        pass_file(file=file, by=UserFactory(roles=(roles.ORGANISATION,)))


def test_the_database_refuses_the_yes_of_who_put_it_up(desk):
    file = PublicFileFactory(needs_look=True)
    for passed_by, passed_at in ((file.added_by, file.added_at), (desk, None), (None, file.added_at)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PublicFile.objects.filter(pk=file.pk).update(passed_by=passed_by, passed_at=passed_at)


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_pass_a_scan_at_once_one_is_told_that_it_is_done():
    file = PublicFileFactory(needs_look=True)
    people = [UserFactory(roles=(roles.RELIEF,)), UserFactory(roles=(roles.ORGANISATION,))]
    said = at_once([lambda by=by: pass_file(file=file, by=by) for by in people])

    assert sorted(isinstance(one, DomainError) for one in said) == [False, True]


def test_a_file_of_a_notice_hangs_as_long_as_it(client, desk):
    nomination = publicised()
    looked = LookedInto(looked_into(SimpleUploadedFile("名单.docx", papers.word("名单"))).checked, [])
    file = put_up(title="推荐名单", place=str(nomination.round_id), looked=looked, by=desk)

    assert "推荐名单" in text(client.get(notice_of(nomination)))
    response = client.get(f"/files/{file.token}/")
    assert (response.status_code, response.headers["Content-Disposition"][:10]) == (200, "attachment")
    Nomination.objects.update(state=State.REVIEWED)
    assert client.get(f"/files/{file.token}/").status_code == 404
    Nomination.objects.update(state=State.PUBLICISED)
    PublicFile.objects.update(is_shown=False)
    assert client.get(f"/files/{file.token}/").status_code == 404


def test_only_the_desks_put_files_up():
    looked = looked_into(SimpleUploadedFile("名单.docx", papers.word("名单")))
    for role in (roles.GRASSROOTS, roles.LEADER, roles.FINANCE, roles.SYSTEM_ADMIN):
        with pytest.raises(DomainError, match="不能上传公开附件"):
            put_up(title="名单", place="", looked=looked, by=UserFactory(roles=(role,)))


def test_staff_put_a_file_up_and_another_passes_it(signed_in, desk, client):
    add = "/admin/workflow/publicfile/add/"
    refused = signed_in(desk).post(
        add, {"title": "名单", "place": "", "file": SimpleUploadedFile("a.docx", papers.word("138 8541 2345"))}
    )
    assert "正文里有手机号码（138******45）" in text(refused)
    assert not PublicFile.objects.exists()

    taken = signed_in(desk).post(
        add, {"title": "名单", "place": "", "file": SimpleUploadedFile("a.pdf", papers.scan())}
    )
    file = PublicFile.objects.get()
    assert taken.status_code == 302
    assert file.is_waiting
    change = f"/admin/workflow/publicfile/{file.pk}/"
    assert "核看通过" not in text(signed_in(desk).get(f"{change}change/"))
    other = signed_in(UserFactory(roles=(roles.RELIEF,)))
    assert "核看通过" in text(other.get(f"{change}change/"))
    assert other.get(f"{change}file/").content.startswith(b"%PDF")
    assert other.post(f"{change}look/").status_code == 302
    assert client.get(f"/files/{file.token}/").status_code == 200
