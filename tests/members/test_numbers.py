"""No answer gives a number away: guessing is held before anything is compared, and true rosters pass."""

import random
import re
from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import roles
from members.filters import person_condition
from members.models import HeldNumber, HeldState, Member, NumberAlarm, NumberAttempt
from members.services import numbers
from pingtang_union.core.exceptions import DomainError
from pingtang_union.core.validators import check_digit
from pingtang_union.ledger.importing import preview, steps, undo
from pingtang_union.ledger.models import BatchState, Verdict
from tests.at_once import at_once, needs_postgresql
from tests.factories import CadreFactory, HeldNumberFactory, MemberFactory, UnionFactory, UserFactory, id_number
from tests.ledger import dress
from tests.members.test_admin_members import posted
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db

BIRTHDAY = "19751203"
HEADERS = ("姓名", "身份证号", "入会时间")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗石韦陆岑蒙"


def numbered(sequence: int, born: str = BIRTHDAY) -> str:
    """The valid number of 平塘 with this birthday and sequence."""
    first = f"522727{born}{sequence:03d}"
    return first + check_digit(first)


def roster(rows, union, headers=HEADERS, title="会员花名册") -> bytes:
    return dress.xlsx({title: [[f"{union}{title}"], [f"工会名称：{union}"], list(headers), *map(list, rows)]})


def brought(by, rows, **options):
    batch = steps.deliver(by=by, name="会员花名册.xlsx", content=roster(rows, by.union.name, **options))
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.READY, batch.error
    return batch


def answers(batch) -> list[tuple]:
    """All that a preview says of its rows but where they stand."""
    return [
        (one.verdict, one.object_id, one.before, [(m.column, m.kind, m.text) for m in one.messages])
        for one in preview.Rows(batch)
    ]


def people(number: int, born: str = BIRTHDAY, first: int = 0) -> list[tuple[str, str, str]]:
    """So many names with so many numbers of one birthday."""

    def name(n: int) -> str:
        return SURNAMES[n % len(SURNAMES)] + "甲乙丙丁戊"[n % 5] + "子丑寅卯辰"[n // 5 % 5]

    return [(name(n), numbered(first + n, born), "2020.01") for n in range(number)]


@pytest.fixture
def hidden(db) -> Member:
    """A member of another union, whose number is to stay unknown."""
    union = UnionFactory(name="平塘县林业局工会委员会")
    return MemberFactory(union=union, name="石秘密", id_number=numbered(250))


# --- In a file -----------------------------------------------------------------------------


def test_five_hundred_numbers_of_one_birthday_are_answered_alike(officer, hidden):
    rows = [("石秘密", numbered(n), "2020.01") for n in range(500)]

    batch = brought(officer, rows)

    assert len(set(map(repr, answers(batch)))) == 1
    assert (batch.held, batch.transfer, batch.new) == (500, 0, 0)


def test_other_names_make_no_other_answer(officer, hidden):
    batch = brought(officer, people(500))

    assert (batch.held, len(set(map(repr, answers(batch))))) == (500, 1)


@pytest.mark.parametrize("is_many", [True, False])
def test_a_hold_says_the_same_for_a_hit_a_crowd_and_another_name(officer, hidden, is_many):
    crowd = answers(brought(officer, people(9)))[0]
    officer = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    other_name = answers(brought(officer, [("石另名", hidden.full_id_number, "2020.01")]))[0]

    assert other_name == crowd


def test_numbers_said_to_be_of_passports_count_by_the_birthday_in_them(officer, hidden):
    rows = [(name, "护照", number, on) for name, number, on in people(300)]

    batch = brought(officer, rows, headers=("姓名", "证件类型", "身份证号", "入会时间"))

    assert (batch.held, len(set(map(repr, answers(batch))))) == (300, 1)


def test_neighbouring_passports_are_held_and_a_few_people_with_passports_are_not(officer):
    headers = ("姓名", "证件类型", "身份证号", "入会时间")
    near = [(name, "护照", f"E1234{n:04d}", on) for n, (name, _number, on) in enumerate(people(30))]
    apart = [(name, "护照", f"E{n}234567{n}", on) for n, (name, _number, on) in enumerate(people(9))]

    assert brought(officer, near, headers=headers).held == 30
    other = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))
    assert brought(other, apart, headers=headers).held == 0


def test_masks_and_alarm(officer, hidden, caplog):
    batch = brought(officer, people(300))

    alarm = NumberAlarm.objects.get()
    assert (alarm.account, alarm.numbers, alarm.batch) == (officer, 300, batch)
    assert LogEntry.objects.get_for_object(alarm).count() == 1
    [line] = [record.getMessage() for record in caplog.records if record.name == "pingtang_union.numbers"]
    assert "300 held" in line
    assert [secret in line for secret in ("522727", BIRTHDAY, officer.full_name)] == [False] * 3


# --- Over time -----------------------------------------------------------------------------


def test_ten_numbers_a_file_in_thirty_files_are_held_from_the_sixth_number_on(officer, hidden):
    held = []
    for part in range(30):
        batch = brought(officer, people(2, first=part * 2))
        held.append(batch.held)

    assert held == [0, 0] + [2] * 28
    assert NumberAttempt.objects.count() == 60


def test_an_office_s_accounts_count_together(officer, hidden):
    brought(officer, people(5))
    colleague = UserFactory(union=officer.union, roles=(roles.GRASSROOTS,))

    assert brought(colleague, people(3, first=200)).held == 3


def test_after_thirty_days_nothing_counts_and_what_is_old_is_forgotten(officer, hidden):
    brought(officer, people(5))
    NumberAttempt.objects.update(at=timezone.now() - timedelta(days=31))

    assert brought(officer, people(4, first=100)).held == 0
    assert NumberAttempt.objects.count() == 4  # who asks again has its own old ones forgotten
    NumberAttempt.objects.update(at=timezone.now() - timedelta(days=31))
    call_command("forget_attempts")
    assert NumberAttempt.objects.count() == 0


def test_nothing_kept_of_attempts_can_be_read(officer, hidden):
    brought(officer, people(2))

    kept = str(list(NumberAttempt.objects.values()))
    assert [secret in kept for secret in (BIRTHDAY, "1975-12-03", numbered(0), "王甲子")] == [False] * 4


# --- Within the limits ---------------------------------------------------------------------


def test_the_same_name_gives_a_transfer_that_does_not_name_the_union(officer, hidden):
    batch = brought(officer, [(hidden.name, hidden.full_id_number, "2020.01")])

    [one] = preview.Rows(batch, Verdict.TRANSFER)
    page = str(one)
    assert [word in page for word in (hidden.union.name, f"'union_id': {hidden.union_id}")] == [False, False]
    [event] = LogEntry.objects.filter(object_repr="按证件号码查对")
    assert (event.actor, event.changes["答复"][1]) == (officer, "待转会")
    assert hidden.full_id_number not in str(event.changes) + str(event.additional_data)


def test_the_request_finds_its_way_from_a_preview(signed_in, officer, hidden):
    batch = brought(officer, [(hidden.name, hidden.full_id_number, "2020.01")])
    client = signed_in(officer)
    [one] = preview.Rows(batch, Verdict.TRANSFER)

    response = client.post(
        reverse("ledger_transfers", args=[batch.pk]),
        {"row": one.key, "on": "2026-05", "reason": "已调入本单位"},
        follow=True,
    )

    assert hidden.transfer_requests.get().from_union == hidden.union
    pages = response.content.decode() + client.get("/transfers/").content.decode()
    assert hidden.union.name not in pages


def test_another_name_is_held_and_written_down(officer, hidden):
    batch = brought(officer, [("石另名", hidden.full_id_number, "2020.01")])

    assert (batch.held, batch.rejected) == (1, 0)
    [event] = LogEntry.objects.filter(object_repr="按证件号码查对")
    assert event.changes["答复"][1] == "待县核实"


def test_a_cadre_in_post_elsewhere_is_held_like_a_crowd(officer):
    number = numbered(7)
    CadreFactory(name="石主席", id_number=number)
    headers = ("姓名", "身份证号", "所在工会", "工会职务", "任职时间")

    def row(name, number):
        return (name, number, officer.union.name, "委员", "2020.01")

    one = brought(officer, [row("石主席", number)], headers=headers, title="工会干部花名册")
    crowd = brought(
        UserFactory(union=officer.union, roles=(roles.GRASSROOTS,)),
        [row(name, number) for name, number, _on in people(9, first=500)],
        headers=headers,
        title="工会干部花名册",
    )

    assert (one.held, crowd.held) == (1, 9)
    assert answers(one)[0] == answers(crowd)[0]


# --- What the county makes of it -----------------------------------------------------------


def written(batch, by, *, is_partial=False):
    steps.request_writing(batch=batch, by=by, is_partial=is_partial)
    steps.write(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.WRITTEN, batch.error
    return batch


def test_held_rows_go_to_the_county_and_come_back(signed_in, officer, county_clerk, hidden):
    rows = [("石另名", hidden.full_id_number, "2020.01"), ("王好人", id_number("19900607"), "2020.01")]
    batch = written(brought(officer, rows), officer)
    held = HeldNumber.objects.get()

    assert (batch.new, held.name, held.why, held.batch) == (1, "石另名", "elsewhere", batch)
    assert held.full_id_number == hidden.full_id_number
    page = signed_in(officer).get(reverse("ledger_batch", args=[batch.pk])).content.decode()
    assert ["待县核实" in page, "姓名不一致" in page, hidden.full_id_number in page] == [True, False, False]

    numbers.settle_number(held=held, by=county_clerk, agree=True, answer="已核对身份证")

    assert "核实无误" in signed_in(officer).get("/workbench/").content.decode()
    again = brought(officer, rows)
    assert (again.held, again.transfer, again.unchanged) == (0, 1, 1)


def test_a_refusal_has_a_reason_that_the_officer_reads(signed_in, officer, county_clerk, hidden):
    written(brought(officer, people(9)), officer)
    held = HeldNumber.objects.first()

    with pytest.raises(DomainError, match="至少 4 个字"):
        numbers.settle_number(held=held, by=county_clerk, agree=False, answer="不行")
    numbers.settle_number(held=held, by=county_clerk, agree=False, answer="与身份证不一致")

    assert "与身份证不一致" in signed_in(officer).get("/workbench/").content.decode()
    with pytest.raises(DomainError, match="不能再改"):
        numbers.settle_number(held=held, by=county_clerk, agree=True)


def test_confirmed_numbers_pass_the_limit_and_the_others_of_the_group_do_not(officer, county_clerk):
    written(brought(officer, people(9)), officer)
    numbers.settle_number(held=HeldNumber.objects.get(name="王甲子"), by=county_clerk, agree=True)

    assert [one.verdict for one in preview.Rows(brought(officer, people(9)))] == ["new", *["held"] * 8]


def test_who_may_not_settles_nothing(officer, township_officer, awards_clerk):
    held = HeldNumberFactory(union=officer.union)

    for by in (officer, township_officer, awards_clerk, UserFactory(union=UnionFactory(), roles=(roles.ORGANISATION,))):
        with pytest.raises(DomainError, match="不能核实"):
            numbers.settle_number(held=held, by=by, agree=True)
    own = HeldNumberFactory(by=UserFactory(roles=(roles.ORGANISATION,)))
    with pytest.raises(DomainError, match="不能由自己"):
        numbers.settle_number(held=own, by=own.by, agree=True)


def test_a_row_brought_twice_waits_once(officer, hidden):
    rows = [("石另名", hidden.full_id_number, "2020.01"), *people(1)]
    written(brought(officer, rows), officer)
    written(brought(officer, [rows[0], ("王好人", id_number("19900607"), "2020.01")]), officer)

    assert HeldNumber.objects.count() == 1


def test_the_county_s_queue(signed_in, officer, county_clerk, auditor):
    held = HeldNumberFactory(union=officer.union, name="石待核")
    brought(officer, people(30))
    client = signed_in(county_clerk)

    page = client.get(reverse("admin:members_heldnumber_changelist")).content.decode()
    assert ["石待核" in page, "近 30 天号码试探告警 1" in page, held.full_id_number in page] == [True, True, False]
    confirm = reverse("admin:members_heldnumber_confirm", args=[held.pk])
    assert client.post(confirm, {"answer": "已核对"}).status_code == 302
    held.refresh_from_db()
    assert (held.state, held.settled_by) == (HeldState.CONFIRMED, county_clerk)
    assert "30" in signed_in(auditor).get(reverse("admin:members_numberalarm_changelist")).content.decode()


# --- True rosters --------------------------------------------------------------------------


def true_roster(size: int, seed: int = 4) -> list[tuple[str, str, str]]:
    """Birthdays of a working life, crowded toward the middle, with twins and clerks' colleagues of one birthday."""
    chance = random.Random(seed)
    first, seen, rows = date(1966, 1, 1), set(), []
    while len(rows) < size:
        born = f"{first + timedelta(days=int(chance.triangular(0, 14600, 7000))):%Y%m%d}"
        for _twin in range(2 if len(rows) % 100 == 0 else 1):
            number = numbered(chance.randrange(1000), born)
            if number not in seen:
                seen.add(number)
                name = "".join(chance.choices("一丁七万三上下不与丑专且世丘业丛东丝", k=2))
                rows.append((chance.choice(SURNAMES) + name, number, "2020.01"))
    return rows[:size]


@pytest.mark.parametrize("role", [roles.GRASSROOTS, roles.TOWNSHIP])
def test_a_true_roster_of_two_thousand_passes(role, grassroots):
    by = UserFactory(union=grassroots, roles=(role,))

    batch = brought(by, true_roster(2000))

    assert (batch.new, batch.held, NumberAlarm.objects.count()) == (2000, 0, 0)


def test_thirty_files_of_one_day_and_a_roster_brought_again_pass(officer):
    rows = true_roster(1000)
    for part in range(30):
        assert brought(officer, rows[part * 33 : part * 33 + 33]).held == 0
    written(brought(officer, rows), officer)

    again = brought(officer, rows)
    assert (again.unchanged, again.held) == (1000, 0)


def test_who_may_see_everything_and_the_command_line_are_not_counted(county_clerk, hidden):
    union = UnionFactory(name="平塘县水务局工会委员会")
    content = roster([("石秘密", numbered(n), "2020.01") for n in range(200, 300)], union.name)
    batch = steps.deliver(by=county_clerk, name="会员花名册.xlsx", content=content)
    steps.check(batch.pk)
    batch.refresh_from_db()

    assert (batch.held, batch.transfer, NumberAttempt.objects.count()) == (0, 1, 0)


def test_own_members_numbers_are_no_question_for_who_may_read_them(officer, township_officer):
    rows = people(8)
    for name, number, _on in rows:
        MemberFactory(union=officer.union, name=name, id_number=number)

    assert brought(officer, rows).held == 0
    content = roster(rows, officer.union.name)
    batch = steps.deliver(by=township_officer, name="会员花名册.xlsx", content=content)
    steps.check(batch.pk)
    batch.refresh_from_db()
    assert batch.held == 8  # the township reads masks


# --- Pages ---------------------------------------------------------------------------------

NEW = "/members/new/"


def member_form(client, name, number, address=NEW):
    return client.post(address, filled(client.get(address), name=name, id_number=number, joined_on="2020.01"))


def test_the_form_of_a_member_answers_alike_beyond_the_limit(signed_in, officer, hidden):
    client = signed_in(officer)
    for n in range(3):
        assert member_form(client, "石秘密", numbered(n)).status_code == 302

    said = [errors(member_form(client, "石秘密", number)) for number in (numbered(3), hidden.full_id_number)]

    assert said == [{"id_number": [numbers.HELD]}] * 2
    assert HeldNumber.objects.count() == 2


def test_pages_and_files_count_together(signed_in, officer, hidden):
    brought(officer, people(5))

    assert errors(member_form(signed_in(officer), "石秘密", hidden.full_id_number)) == {"id_number": [numbers.HELD]}


def test_the_form_tells_another_name_as_little_as_a_crowd(signed_in, officer, hidden):
    response = member_form(signed_in(officer), "石另名", hidden.full_id_number)

    assert errors(response) == {"id_number": [numbers.HELD]}
    assert ["别的工会" in response.content.decode(), "石秘密" in response.content.decode()] == [False, False]


def test_a_corrected_number_counts_too(signed_in, officer, hidden):
    brought(officer, people(5))
    own = MemberFactory(union=officer.union, name="石秘密")
    client = signed_in(officer)

    response = member_form(client, "石秘密", hidden.full_id_number, reverse("members:member_update", args=[own.pk]))

    assert errors(response) == {"id_number": [numbers.HELD]}


def test_transfers_by_number_count_too(signed_in, officer, hidden):
    client = signed_in(officer)
    asked = {"name": "石秘密", "on": "2026-05", "reason": "调入"}
    for n in range(3):
        client.post("/members/transfer-in/", {**asked, "id_number": numbered(n)})

    said = [
        errors(client.post("/members/transfer-in/", {**asked, "id_number": number}))
        for number in (numbered(4), hidden.full_id_number)
    ]

    assert said == [{"id_number": [numbers.HELD]}] * 2
    assert not hidden.transfer_requests.exists()


def test_a_desk_that_reads_masks_is_limited_in_the_admin(signed_in, hidden, awards_clerk):
    for codename in ("add_member", "change_member"):
        awards_clerk.user_permissions.add(Permission.objects.get(codename=codename))
    client = signed_in(awards_clerk)
    address = reverse("admin:members_member_add")

    def tried(number):
        facts = posted(name="石秘密", id_number=number, union=hidden.union_id, born_on="1975-12-03", joined_on="1960")
        return str(client.post(address, facts).context["adminform"].form.errors)

    for n in range(3):  # refused for another reason, and counted all the same
        assert numbers.HELD not in tried(numbered(n))

    assert numbers.HELD in tried(hidden.full_id_number)
    assert NumberAttempt.objects.count() == 4


# --- Searching -----------------------------------------------------------------------------


def test_no_search_by_address_finds_a_number(signed_in, county_clerk, awards_clerk, hidden):
    number = hidden.full_id_number
    for user in (county_clerk, awards_clerk):
        client = signed_in(user)
        for address in (reverse("admin:members_member_changelist"), "/members/"):
            for typed in (number, number.translate({ord("2"): "２"}), f"{number[:6]} {number[6:14]} {number[14:]}",
                          f"{number[:6]}-{number[6:]}", number[:17]):  # fmt: skip
                response = client.get(address, {"q": typed, "status": "active"}, follow=True)
                assert [url for url, _code in response.redirect_chain] == [f"{address}?status=active"]
                assert "按证件号查找" in response.content.decode()


def test_the_filter_of_a_list_has_no_condition_on_numbers(hidden):
    assert not Member.objects.filter(person_condition(hidden.full_id_number, ("phone", "card_number"))).exists()


def test_dropdowns_and_htmx_are_answered_without_the_number(signed_in, county_clerk, officer, hidden):
    number = hidden.full_id_number
    asked = {"app_label": "awards", "model_name": "award", "field_name": "member", "term": number}

    assert signed_in(county_clerk).get(reverse("admin:autocomplete"), asked).json()["results"] == []
    response = signed_in(officer).get("/members/", {"q": number}, headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/members/")


def test_a_number_is_searched_for_in_a_post_by_who_may_read_it(signed_in, officer, county_clerk, hidden):
    own = MemberFactory(union=officer.union, name="石自己", id_number=numbered(700))
    client = signed_in(officer)

    mine = client.post("/members/by-number/", {"number": own.full_id_number})
    theirs = client.post("/members/by-number/", {"number": hidden.full_id_number})

    assert [link for link, _one in mine.context["links"]] == [reverse("members:member_detail", args=[own.pk])]
    assert errors(theirs) == {"number": [numbers.NOT_FOUND]}
    assert own.full_id_number not in mine.content.decode()
    events = LogEntry.objects.filter(object_repr="按证件号码查对", actor=officer)
    assert sorted(event.changes["答复"][1] for event in events) == ["查到", "没有查到"]
    response = signed_in(county_clerk).post(
        reverse("admin:members_member_by_number"), {"number": hidden.full_id_number}
    )
    assert response.url == reverse("admin:members_member_change", args=[hidden.pk])


def test_who_reads_masks_searches_no_number(signed_in, township_officer, awards_clerk, hidden):
    assert signed_in(township_officer).post("/members/by-number/", {"number": hidden.full_id_number}).status_code == 403
    address = reverse("admin:members_member_by_number")
    assert signed_in(awards_clerk).post(address, {"number": hidden.full_id_number}).status_code == 403


def test_searching_is_limited(signed_in, officer, hidden):
    client = signed_in(officer)

    said = [errors(client.post("/members/by-number/", {"number": numbered(n)})) for n in range(7)]

    assert said[:5] == [{"number": [numbers.NOT_FOUND]}] * 5
    assert [list(one) for one in said[5:]] == [["__all__"]] * 2


# --- Many at once --------------------------------------------------------------------------


def asks(by, first: int, number: int = 2) -> set[int]:
    asked = [numbers.Asked.of(one, name) for name, one, _on in people(number, first=first)]
    return numbers.beyond_limit(by, Member, asked, place="并发")


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_ten_who_ask_at_once_no_more_than_the_limit_is_answered(grassroots):
    colleagues = [UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)) for _ in range(10)]

    results = at_once([lambda by=by, n=n: asks(by, n * 2) for n, by in enumerate(colleagues)])

    assert [one for one in results if isinstance(one, Exception)] == []
    assert sum(2 - len(held) for held in results) == 4  # of the sixth number on whole groups are held
    assert NumberAttempt.objects.count() == 20


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_row_handed_over_by_eight_waits_once(grassroots):
    officers = [UserFactory(union=grassroots, roles=(roles.GRASSROOTS,)) for _ in range(8)]
    row = {"union_id": grassroots.pk, "name": "石待核", "number": numbered(1), "id_type": "resident", "why": "many"}

    results = at_once([lambda by=by: numbers.hold(by=by, place="并发", **row) for by in officers])

    assert [one for one in results if isinstance(one, Exception)] == []
    assert HeldNumber.objects.count() == 1


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_confirming_and_refusing_one_happens(grassroots):
    held = HeldNumberFactory(union=grassroots)
    clerks = [UserFactory(roles=(roles.ORGANISATION,)) for _ in range(2)]

    results = at_once([
        lambda: numbers.settle_number(held=held, by=clerks[0], agree=True),
        lambda: numbers.settle_number(held=held, by=clerks[1], agree=False, answer="与身份证不一致"),
    ])  # fmt: skip

    assert [type(one) for one in results if isinstance(one, Exception)] == [DomainError]


def test_a_held_number_is_revealed_for_a_reason_by_who_may(signed_in, officer, county_clerk, awards_clerk):
    held = HeldNumberFactory(union=officer.union)
    address = reverse("admin:members_heldnumber_reveal", args=[held.pk])

    shown = signed_in(county_clerk).post(address, {"reason": "核对身份证复印件"}).content.decode()

    assert held.full_id_number in shown
    [event] = LogEntry.objects.get_for_object(held).filter(action=LogEntry.Action.ACCESS)
    assert event.additional_data == {"reason": "核对身份证复印件"}
    assert signed_in(awards_clerk).post(address, {"reason": "核对身份证复印件"}).status_code == 403


# --- Forms that are wrong elsewhere answer nothing of a number ------------------------------


@pytest.mark.parametrize("id_type", ["x", "", "resident "])
@pytest.mark.parametrize("route", ["members:member_create", "members:cadre_create"])
def test_a_form_with_another_fault_says_nothing_of_a_number(route, id_type, signed_in, officer, hidden):
    taken = hidden
    CadreFactory(union=hidden.union, name="莫别处", id_number=taken.full_id_number)
    client, free = signed_in(officer), numbered(251)
    asked = {"name": "甲", "id_type": id_type, "joined_on": "2024-01-01", "post": "委员", "kind": "cadre"}
    answers = []
    for guess in (taken.full_id_number, free):
        page = client.post(reverse(route), {**asked, "id_number": guess}).content.decode()
        answers.append(re.sub(r"[0-9]{17}[0-9X]|csrfmiddlewaretoken[^>]*>|value=\"[0-9a-f]{20,}\"", "", page))
    assert answers[0] == answers[1]
    assert "已有" not in answers[0]


@pytest.mark.parametrize("typed", ["²" * 17 + "1", "①" * 18, "5227271985112599²7"])
def test_digits_of_other_kinds_get_a_page(typed, signed_in, officer):
    client = signed_in(officer)
    asked = {"name": "甲", "id_type": "resident", "id_number": typed, "joined_on": "2024-01-01"}
    assert client.post(reverse("members:member_create"), asked).status_code in (200, 302)


def test_passports_of_one_name_count_by_the_name_whatever_birthday_is_given(officer):
    headers = ("姓名", "证件类型", "身份证号", "出生年月", "入会时间")
    rows = [("石甲", "护照", f"E{n}1001{n}77", f"19{70 + n}-01-01", "2020.01") for n in range(6)]

    assert brought(officer, rows, headers=headers).held == 6


def test_an_account_without_a_union_is_refused_in_words(signed_in, hidden):
    user = UserFactory(union=None, roles=(roles.ORGANISATION,))
    asked = [numbers.Asked.of(hidden.full_id_number, "石秘密")]

    assert numbers.beyond_limit(user, Member, asked, place="x") == {0}
    assert NumberAttempt.objects.count() == 0
    client = signed_in(user)
    for address in (reverse("admin:members_member_by_number"), reverse("admin:members_cadre_by_number")):
        assert numbers.NO_UNION in client.post(address, {"number": numbered(3)}).content.decode()
    pages = [client.post(f"/{name}/by-number/", {"number": numbered(3)}) for name in ("members", "cadres")]
    assert [page.status_code for page in pages if page.status_code != 403] in ([], [200], [200, 200])
    address = reverse("admin:members_member_add")
    facts = posted(name="石秘密", id_number=numbered(3), union=hidden.union_id, joined_on="2020")
    assert client.post(address, facts).status_code == 200
    assert Member.objects.count() == 1


def test_undoing_a_batch_withdraws_what_waits(officer, county_clerk, hidden):
    rows = [("石另名", hidden.full_id_number, "2020.01"), ("王好人", id_number("19900607"), "2020.01")]
    batch = written(brought(officer, rows), officer)
    undo.carry_out(undo.request_undo(batch=batch, by=officer, reason="传错了文件").pk)

    held = HeldNumber.objects.get()
    assert (held.state, held.settled_by) == (HeldState.WITHDRAWN, None)
    assert LogEntry.objects.get_for_object(held).filter(actor=officer, action=LogEntry.Action.UPDATE).exists()
    with pytest.raises(DomainError, match="已撤回"):
        numbers.settle_number(held=held, by=county_clerk, agree=True)
    written(brought(officer, rows), officer)
    assert HeldNumber.objects.open().count() == 1  # brought again, it waits anew


def test_the_office_s_attempts_are_counted_by_the_database(officer):
    def queries(number: int) -> int:
        asked = [numbers.Asked.of(numbered(n, born), "石甲") for n, born in enumerate(["19800101"] * number)]
        with CaptureQueriesContext(connection) as captured:
            numbers.beyond_limit(officer, Member, asked, place="x")
        return len([one for one in captured if "COUNT(DISTINCT" in one["sql"]])

    assert (queries(2), queries(4), queries(300)) == (4, 4, 4)
    with CaptureQueriesContext(connection) as captured:
        numbers._groups_beyond(officer)
    assert len(captured) == 4


def test_one_number_is_not_tried_with_many_names(officer, hidden):
    asked = [numbers.Asked.of(hidden.full_id_number, name) for name in ("石一", "石二", "石三", "石秘密")]
    for one in asked[:3]:
        assert numbers.beyond_limit(officer, Member, [one], place="x") == set()
    assert numbers.beyond_limit(officer, Member, [asked[3]], place="x") == {0}
    assert NumberAlarm.objects.count() == 1


def test_numbers_made_up_widen_no_limit(officer, monkeypatch):
    monkeypatch.setattr(numbers, "WORKING_LIFE_DAYS", 10)  # 30 numbers would allow nine of one day
    made_up = [numbers.Asked.of(numbered(n, f"19{60 + n}0101"), f"甲{n}") for n in range(30)]
    numbers.beyond_limit(officer, Member, made_up, place="x")
    of_one_day = [numbers.Asked.of(numbered(n), f"乙{n}") for n in range(7)]
    assert numbers.beyond_limit(officer, Member, of_one_day, place="x") == set(range(7))


def test_what_waits_already_is_no_new_alarm_and_the_county_sees_its_former_answer(officer, county_clerk):
    crowd = people(8)
    first = written(brought(officer, crowd), officer)
    assert (first.held, NumberAlarm.objects.count()) == (8, 1)
    brought(officer, crowd)
    assert NumberAlarm.objects.count() == 1

    held = HeldNumber.objects.open().first()
    numbers.settle_number(held=held, by=county_clerk, agree=False, answer="号码与身份证不符")
    written(brought(officer, crowd), officer)
    again = HeldNumber.objects.open().get(id_index=held.id_index)
    assert "此前" in again.place
    assert "不予登记：号码与身份证不符" in again.place
