"""Numbers in any text are masked, and nothing else is."""

import json
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from awards.admin.forms import ScoreForm
from awards.forms.nominations import VetoesForm
from awards.forms.stars import ScoresForm
from awards.models import Nomination, RoundVeto, StarItem
from awards.models.scorecards import ItemScore, Line
from members import services
from members.forms.members import CorrectForm
from members.models import Member, MembershipEvent
from members.models.codes import EventKind
from pingtang_union.core.masking import former_mask, holds_number, mask, mask_typed, masked, numbers_in, unmasked
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.declaration import ledger_by_slug
from pingtang_union.ledger.giving import cells
from pingtang_union.ledger.importing import preview, steps
from pingtang_union.ledger.models import HeaderChoice
from pingtang_union.middleware import MaskedTextMiddleware
from tests.factories import MemberFactory, UnionFactory
from tests.ledger import dress
from tests.page_helpers import filled

NUMBER = "522727198511259937"
MASK = "522727**********37"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"身份证{NUMBER}，已核对", f"身份证{MASK}，已核对"),
        ("５２２７２７１９８５１１２５９９３７", MASK),
        ("522727 19851125 9937", MASK),
        ("522727-19851125-9937", MASK),
        ("5 2 2 7 2 7 1 9 8 5 1 1 2 5 9 9 3 7", MASK),
        ("52272719800101123x", "522727**********3X"),
        ("522727851125993", "522727*******93"),  # of fifteen digits
        ("5227271985112599371", "522727***********71"),  # mistyped
        ("522727********9937", MASK),  # a mask of before
        (f"A{NUMBER}B", f"A{MASK}B"),
        (f"{NUMBER[:8]}\u200b{NUMBER[8:]}", MASK),  # a sign that nobody sees
        ("\u00ad".join(NUMBER), MASK),
        (f"1.{NUMBER}", f"1.{MASK}"),  # in a list
        ("1.522727851125993", "1.522727*******93"),
        ("0.3333333333333333、12.345678901234567、0.014285714285714285", None),
        ("工会法人 81522727MC00012345，电话 0854-4821234 13800000000", None),
        ("2018-03-01 2019-04-05 2020.01.02", None),
        ("13800000000 13900000000、0854-4821234", None),
        ("平工发〔2018〕12号", None),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", None),
    ],
)  # fmt: skip
def test_masked(text, shown):
    assert masked(text) == (text if shown is None else shown)


def test_a_credit_code_of_digits_alone_stays_when_it_checks():
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for first in ("5152000050000000", "9152000010000000"):
        for digit in "0123456789":
            code = first + digit
            last = signs[(31 - sum(signs.index(sign) * 3**place % 31 for place, sign in enumerate(code)) % 31) % 31]
            assert masked(f"代码{code}{last}") == f"代码{code}{last}"


def test_masks():
    assert (mask(NUMBER), former_mask(NUMBER), mask("E12345678"), mask("")) == (
        MASK, "522727********9937", "*******78", "",
    )  # fmt: skip
    assert mask(former_mask(NUMBER)) == mask(mask(NUMBER)) == MASK
    assert mask_typed("５２２７２７ 198511259937") == MASK
    assert [holds_number(text) for text in ("石云", "13800000000", "5227-2719-8511-2599-37")] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("13812345678 13912345678", False),
        ("2020-01-01 2021-02-02", False),
        (f"石云 {NUMBER}", True),
        ("522727 19851125 9937", True),
        ("", False),
    ],
)
def test_phones_and_days_side_by_side_may_be_searched_for(text, is_one):
    assert holds_number(text) is is_one


def test_numbers_in_a_text():
    assert numbers_in(f"见 {NUMBER}，电话13800000000，另 52272719851125987x") == {NUMBER, "52272719851125987X"}


SAME = "522727198011259937"  # has the same mask


@pytest.mark.parametrize(
    ("given", "stored", "read"),
    [
        (f"见{MASK}，已核", f"见{NUMBER}", f"见{NUMBER}，已核"),  # words beside it may change
        (f"{MASK}\r\n甲", f"{NUMBER}\n乙", f"{NUMBER}\r\n甲"),
        (f"{MASK}，{MASK}", f"{NUMBER}，{SAME}", f"{NUMBER}，{SAME}"),
        (f"只留{MASK}", f"{NUMBER}，{SAME}", f"只留{MASK}"),  # which of them, nobody can say
        ("522727**********99", NUMBER, "522727**********99"),
        (MASK, "522727 19851125 9937", "522727 19851125 9937"),
        ("没有", NUMBER, "没有"),
    ],
)
def test_masks_are_read_as_the_numbers_behind_them(given, stored, read):
    assert unmasked(given, stored) == read
    assert unmasked(masked(stored), stored) == stored


def test_a_mask_beside_birthday_and_gender_still_fits_several_people():
    fitting = [
        first + check_digit(first)
        for first in (f"52272719851125{sequence:03d}" for sequence in range(1000))
        if mask(first + check_digit(first)) == MASK
    ]
    assert len(fitting) >= 8


# --- On pages --------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db
NOTE = f"家属身份证 {NUMBER}，电话 13800000000"


@pytest.fixture
def noted(grassroots) -> Member:
    return MemberFactory(union=grassroots, name="石备注", note=NOTE)


def test_a_note_is_read_in_full_by_who_may_see_numbers_only(
    signed_in, noted, officer, township_officer, county_clerk, awards_clerk
):
    page, desk = (
        reverse("members:member_detail", args=[noted.pk]),
        reverse("admin:members_member_change", args=[noted.pk]),
    )
    shown = {
        user.username: NUMBER in signed_in(user).get(address).content.decode()
        for user, address in (
            (officer, page), (county_clerk, desk), (township_officer, page), (awards_clerk, desk), (awards_clerk, page),
        )
    }  # fmt: skip
    assert shown == {"officer": True, "clerk": True, "township": False, "awards": False}
    assert "13800000000" in signed_in(township_officer).get(page).content.decode()


def test_the_audit_trail_is_masked_for_the_auditor(signed_in, noted, auditor):
    entry = LogEntry.objects.get_for_object(noted).first()
    page = signed_in(auditor).get(reverse("admin:auditlog_logentry_change", args=[entry.pk])).content.decode()

    assert (NUMBER in page, MASK in page) == (False, True)


def test_a_form_that_showed_a_mask_keeps_the_note(signed_in, noted, township_officer):
    client, address = signed_in(township_officer), reverse("members:member_update", args=[noted.pk])
    page = client.get(address)
    assert NUMBER not in page.content.decode()

    response = client.post(address, filled(page, note=masked(NOTE), team="一组"))

    noted.refresh_from_db()
    assert (response.status_code, noted.note, noted.team) == (302, NOTE, "一组")


@pytest.fixture
def ended(noted) -> MembershipEvent:
    """An event whose reason holds a number."""
    services.record_event(member=noted, kind=EventKind.LEAVE, on="2024-01", reason=NOTE, by=None)
    return noted.events.latest("pk")


def test_a_correction_of_the_day_keeps_the_reason(signed_in, ended, township_officer):
    client, address = signed_in(township_officer), reverse("members:event_correct", args=[ended.pk])
    page = client.get(address)
    assert NUMBER not in page.content.decode()

    response = client.post(address, filled(page, on="2024-02", reason=masked(NOTE)))

    corrected = ended.member.events.latest("pk")
    assert (response.status_code, corrected.on, corrected.reason) == (302, "2024-02", NOTE)


def test_forms_without_a_record_read_masks_too(township_officer):
    veto = RoundVeto(pk=7)
    vetoes = VetoesForm(
        {"occurred-7": "yes", "explanation-7": masked(NOTE)},
        vetoes=[veto], answers={7: (True, NOTE)}, user=township_officer,
    )  # fmt: skip
    score = ScoreForm({"score": "90", "note": masked(NOTE)}, record=Nomination(county_score=80, score_note=NOTE))
    line = Line("", 1, StarItem(pk=3, marks=Decimal(5), text="项目"), ItemScore(self_score=1, self_note=NOTE), [])
    scores = ScoresForm({"score_3": "2", "note_3": masked(NOTE)}, lines=[line], side="self", user=township_officer)

    assert (vetoes.is_valid(), score.is_valid(), scores.is_valid()) == (True, True, True)
    assert vetoes.answers() == {veto: (True, NOTE)}
    assert score.cleaned_data["note"] == NOTE
    assert scores.scores() == {3: (Decimal(2), NOTE)}


def test_who_may_see_numbers_may_write_a_mask(ended, officer):
    form = CorrectForm({"on": "2024-01", "reason": masked(NOTE)}, event=ended, user=officer)

    assert form.is_valid()
    assert form.cleaned_data["reason"] == masked(NOTE)


def test_a_refused_form_gives_back_what_was_typed(signed_in, township_officer, grassroots):
    client = signed_in(township_officer)
    response = client.post("/members/new/", {"name": "石云", "id_type": "resident", "id_number": NUMBER})

    assert NUMBER in response.content.decode()


@pytest.mark.parametrize("typed", [f"见 {NUMBER}，电话13800000000", f"{NUMBER}和52272719800101123X"])
def test_a_refused_form_gives_back_words_with_numbers(signed_in, township_officer, grassroots, typed):
    response = signed_in(township_officer).post("/members/new/", {"name": "", "note": typed})

    assert (response.status_code, typed in response.content.decode()) == (200, True)


def masked_answer(content: str, kind: str) -> str:
    """What a stranger reads of an answer."""
    answer = MaskedTextMiddleware(lambda _request: HttpResponse(content, content_type=kind))
    return answer(RequestFactory().get("/")).content.decode()


def test_texts_of_a_json_answer_are_masked_and_its_figures_are_not():
    value = {
        "key": 522727198511259937,
        "share": 1 / 3,
        "large": 1e300 / 3,
        "text": [f"见{NUMBER}", "５２２７２７１９８５１１２５９９３７"],
    }

    shown = json.loads(masked_answer(json.dumps(value), "application/json"))

    assert shown == {**value, "text": [f"见{MASK}", MASK]}


def test_words_in_attributes_are_masked_and_addresses_are_not():
    address = f'href="/a/{NUMBER}/" hx-get="/b/{NUMBER}/" hx-push-url="/c/{NUMBER}/"'
    words = f'hx-confirm="删除{NUMBER}？" hx-prompt="{NUMBER}" hx-vals="{{{NUMBER}}}" title="{NUMBER}"'

    assert masked_answer(f"<a {address} {words}>", "text/html") == f"<a {address} {words.replace(NUMBER, MASK)}>"


def test_words_of_a_batch_hold_no_number(signed_in, officer, township_officer):
    for column, name in (("出生年月", "born_on"), ("所在工会", "union"), ("性别", "gender"), ("工作单位", "employer")):
        HeaderChoice.objects.all().delete()
        header = "职工代码"
        HeaderChoice.objects.create(
            union=officer.union, ledger="会员花名册", header=header, header_key=header, column=name
        )
        grid = [[f"{officer.union}会员花名册"], [f"工会名称：{officer.union}"],
                ["姓名", "身份证号", "入会时间", header],
                ["石云", "522727199001010018", "2020.01", NUMBER]]  # fmt: skip
        batch = steps.deliver(by=officer, name=f"{NUMBER}.xlsx", content=dress.xlsx({f"表{NUMBER}": grid}))
        steps.check(batch.pk)
        batch.refresh_from_db()
        page = signed_in(township_officer).get(reverse("ledger_batch", args=[batch.pk])).content.decode()
        assert NUMBER not in page, column
        assert NUMBER not in f"{batch.messages} {batch.file_name} {batch.error}", column
        samples = [column["samples"] for sheet in batch.sheets for column in sheet["columns"] if column["samples"]]
        assert samples == [[MASK]]


def test_an_export_without_numbers_has_none_in_its_notes_and_comes_back_unchanged(noted, officer, township_officer):
    ledger = ledger_by_slug("members")
    rows = Member.objects.filter(pk=noted.pk)
    [given] = cells.cells(ledger, rows, is_full=False, by=township_officer)
    [full] = cells.cells(ledger, rows, is_full=True)

    assert (given["note"], full["note"]) == (masked(NOTE), NOTE)
    grid = [["会员花名册"], [f"工会名称：{officer.union}"], ["姓名", "身份证号", "备注"],
            ["石备注", noted.full_id_number, given["note"]]]  # fmt: skip
    batch = steps.deliver(by=officer, name="会员花名册.xlsx", content=dress.xlsx({"会员花名册": grid}))
    steps.check(batch.pk)
    batch.refresh_from_db()
    # The birth and the gender of the record follow from the number; the note is not among what changes.
    [row] = preview.Rows(batch)
    assert "note" not in (row.before or {})


def test_no_page_of_strangers_holds_one(client):
    UnionFactory(name=f"第一工会{NUMBER}")

    assert NUMBER not in client.get("/honours/").content.decode()
