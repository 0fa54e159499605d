"""Officers' pages of transfers: asked for by name and number together, answered by the other side, seen by both."""

import pytest
from django.urls import reverse

from members import roles, services
from members.models import Member, TransferRequest
from tests.factories import MemberFactory, UnionFactory, UserFactory, id_number
from tests.page_helpers import errors, filled

pytestmark = pytest.mark.django_db

ASK, LIST = "/members/transfer-in/", "/transfers/"
UNKNOWN = "没有查到姓名和证件号码都相符的会员。"


@pytest.fixture
def giving(db):
    return UnionFactory(name="平塘县林业局工会")


@pytest.fixture
def giver(giving):
    """Officer of the giving union."""
    return UserFactory(union=giving, full_name="林业经办", roles=(roles.GRASSROOTS,))


@pytest.fixture
def member(giving) -> Member:
    """Whom the officer of `grassroots` asks for."""
    return MemberFactory(union=giving, name="石梅", joined_on="2015-06", phone="19000010001", employer="林业局机关")


@pytest.fixture
def pending(member, officer) -> TransferRequest:
    return services.request_transfer(
        member=member, to=officer.union, on="2026-05-12", reason="调入本单位工作", by=officer
    )


def page(request: TransferRequest, action: str = "detail") -> str:
    return reverse(f"members:transfer_{action}", args=[request.pk])


def facts(member: Member, **changes) -> dict:
    given = {"name": member.name, "id_number": member.full_id_number, "on": "2026.5.12", "reason": "调入本单位工作"}
    return {**given, **changes}


def people(response) -> list[str]:
    return [seen.request.member.name for seen in response.context["rows"]]


def counts(response) -> dict[str, int]:
    return {url.removeprefix("?show="): number for _label, url, number, _is_current in response.context["tabs"]}


# --- Asking ---


def test_name_and_number_ask_the_other_union(signed_in, officer, member, giving):
    client = signed_in(officer)
    assert "union" not in client.get(ASK).context["form"].fields

    response = client.post(ASK, facts(member), follow=True)

    request = TransferRequest.objects.get()
    assert (request.member, request.from_union, request.to_union) == (member, giving, officer.union)
    assert (request.on, request.reason, request.asked_by) == ("2026-05-12", "调入本单位工作", officer)
    assert response.redirect_chain == [(page(request), 302)]
    assert Member.objects.get(pk=member.pk).union == giving


def test_the_number_is_read_however_it_is_written(signed_in, officer, member):
    spaced = f" {member.full_id_number[:6]} {member.full_id_number[6:14]}-{member.full_id_number[14:].lower()}"

    signed_in(officer).post(ASK, facts(member, id_number=spaced))

    assert TransferRequest.objects.count() == 1


def test_a_wrong_name_and_an_unknown_number_get_the_same_answer(signed_in, officer, member):
    client = signed_in(officer)

    wrong = client.post(ASK, facts(member, name="石美"))
    unknown = client.post(ASK, facts(member, name="石美", id_number=id_number()))

    assert errors(wrong) == errors(unknown)
    assert errors(wrong)["__all__"][0].startswith(UNKNOWN)
    for secret in ("石梅", "林业", member.phone):
        assert secret not in wrong.content.decode()
    shown = [response.content.decode() for response in (wrong, unknown)]
    hidden = [member.full_id_number, unknown.context["form"]["id_number"].value()]
    bare = [_bare(text, number) for text, number in zip(shown, hidden, strict=True)]
    assert bare[0] == bare[1]
    assert TransferRequest.objects.count() == 0


def _bare(text: str, number: str) -> str:
    """A page without the number typed and the token of its forms."""
    return "\n".join(line for line in text.replace(number, "").splitlines() if "csrfmiddlewaretoken" not in line)


def test_former_members_of_another_name_are_unknown_too(signed_in, officer, member):
    services.record_event(member=member, kind="leave", on="2020-01", reason="辞职", by=None)

    response = signed_in(officer).post(ASK, facts(member, name="石美"))

    assert errors(response)["__all__"][0].startswith(UNKNOWN)
    assert not response.context["is_former"]


def test_nobody_leads_to_registering_with_what_was_typed(signed_in, officer):
    client = signed_in(officer)
    number = id_number()
    data = {"name": "韦明", "id_number": number, "on": "2026-05", "reason": "调入"}
    assert client.post(ASK, data).context["is_unknown"]

    response = client.post("/members/new/", {"carried": "1", "name": "韦明", "id_number": number})

    form = response.context["form"]
    assert (form["name"].value(), form["id_number"].value(), form.errors) == ("韦明", number, {})
    assert Member.objects.count() == 0


def test_a_former_member_joins_again_on_the_second_step(signed_in, officer, member):
    services.record_event(member=member, kind="leave", on="2020-01", reason="辞职", by=None)
    client = signed_in(officer)

    first = client.post(ASK, facts(member))
    assert (first.context["is_former"], Member.objects.get(pk=member.pk).status) == (True, "left")
    assert "林业" not in first.content.decode()
    client.post(ASK, facts(member, step="rejoin"))

    moved = Member.objects.get(pk=member.pk)
    assert (moved.union, moved.status, moved.joined_on) == (officer.union, "active", "2026-05-12")
    assert TransferRequest.objects.count() == 0


def test_a_member_elsewhere_does_not_join_again(signed_in, officer, member):
    response = signed_in(officer).post(ASK, facts(member, step="rejoin"))

    assert errors(response) == {"__all__": ["石梅已是会员，不能再办理入会。"]}
    assert TransferRequest.objects.count() == 0


def test_who_is_here_already_is_linked(signed_in, officer):
    mine = MemberFactory(union=officer.union, name="韦明")

    response = signed_in(officer).post(ASK, facts(mine))

    assert response.context["known_url"] == reverse("members:member_detail", args=[mine.pk])
    assert TransferRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, {"name": ["此项必填。"]}),
        ({"id_number": "522727********9937"}, {"id_number": ["号码里有星号，请填完整的号码。"]}),
        (
            {"id_number": "522727198511259936"},
            {"id_number": ["校验码不对（有一位或几位写错了），请对照身份证重填。"]},
        ),
        ({"on": "2015-05"}, {"__all__": ["转会日期早于这位会员上一次入会、转会等事项的日期，请核对。"]}),
        ({"reason": ""}, {"reason": ["此项必填。"]}),
    ],
)
def test_what_is_wrong_is_said(signed_in, officer, member, changes, expected):
    assert errors(signed_in(officer).post(ASK, facts(member, **changes))) == expected
    assert TransferRequest.objects.count() == 0


def test_a_township_chooses_the_receiving_union_among_its_own(
    signed_in, township_officer, grassroots, township, member
):
    second = UnionFactory(parent=township)
    client = signed_in(township_officer)
    assert set(client.get(ASK).context["form"].fields["union"].queryset) == {grassroots, second}

    refused = client.post(ASK, facts(member, union=member.union_id))
    client.post(ASK, facts(member, union=second.pk))

    assert list(errors(refused)) == ["union"]
    assert TransferRequest.objects.get().to_union == second


# --- Seeing ---


def test_both_sides_see_the_request_and_a_third_does_not(signed_in, pending, officer, giver):
    third = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    theirs, mine, none = (signed_in(user).get(LIST) for user in (giver, officer, third))

    assert (people(theirs), counts(theirs)) == (["石梅"], {"answer": 1, "asked": 0, "done": 0})
    assert (people(mine), counts(mine)) == (["石梅"], {"answer": 0, "asked": 1, "done": 0})
    assert (people(none), counts(none)) == ([], {"answer": 0, "asked": 0, "done": 0})
    assert "石梅" not in none.content.decode()
    assert signed_in(third).get(page(pending)).status_code == 404


def test_before_it_is_agreed_the_receiving_side_sees_what_it_entered(signed_in, pending, officer, giver, member):
    mask = str(member.id_number)
    theirs, mine = (signed_in(user).get(page(pending)).content.decode() for user in (giver, officer))
    link = reverse("members:member_detail", args=[member.pk])

    assert [secret in theirs for secret in (mask, link)] == [True, True]
    assert [secret in mine for secret in (mask, link, member.phone, member.employer, "2015年6月")] == [False] * 5
    assert [known in mine for known in ("石梅", "会籍所在的工会", "等待答复")] == [True] * 3
    assert "平塘县林业局工会" not in mine + signed_in(officer).get(LIST).content.decode()
    assert member.full_id_number not in theirs + mine


def test_agreed_the_receiving_side_opens_the_record_and_the_giving_no_more(signed_in, pending, officer, giver, member):
    services.answer_transfer(request=pending, by=giver, agree=True)
    link = reverse("members:member_detail", args=[member.pk])

    shown = [link in signed_in(user).get(page(pending)).content.decode() for user in (giver, officer)]
    opened = [signed_in(user).get(link).status_code for user in (giver, officer)]

    assert (shown, opened) == ([False, True], [404, 200])


def test_the_member_s_page_names_what_is_pending(signed_in, pending, giver, member):
    address = reverse("members:member_detail", args=[member.pk])

    assert signed_in(giver).get(address).context["pending"] == pending


def test_the_list_asks_the_same_questions_of_one_request_and_of_three(
    signed_in, pending, officer, giver, giving, django_assert_num_queries
):
    client = signed_in(giver)
    client.get(LIST)
    with django_assert_num_queries(9) as first:
        client.get(LIST)
    for _ in range(2):
        services.request_transfer(
            member=MemberFactory(union=giving), to=officer.union, on="2026-05", reason="调入", by=officer
        )
    with django_assert_num_queries(len(first)):
        client.get(LIST)


def test_one_who_sees_both_unions_finds_her_own_request_among_those_asked(
    signed_in, township_officer, township, grassroots
):
    to = UnionFactory(parent=township)
    mine = services.request_transfer(
        member=MemberFactory(union=grassroots), to=to, on="2026-05", reason="调动", by=township_officer
    )
    colleague = UserFactory(union=township, roles=(roles.TOWNSHIP,))

    assert counts(signed_in(township_officer).get(LIST)) == {"answer": 0, "asked": 1, "done": 0}
    assert counts(signed_in(colleague).get(LIST)) == {"answer": 1, "asked": 0, "done": 0}
    seen = [signed_in(user).get(page(mine)).context["seen"].may_answer for user in (township_officer, colleague)]
    assert seen == [False, True]


# --- Answering and withdrawing ---


def test_the_giving_side_agrees(signed_in, pending, giver, officer, member):
    client = signed_in(giver)
    assert filled(client.get(page(pending, "answer"))) == {}

    response = client.post(page(pending, "answer"), {"decision": "agree", "answer": ""}, follow=True)

    assert response.redirect_chain == [(page(pending), 302)]
    assert Member.objects.get(pk=member.pk).union == officer.union
    assert counts(signed_in(officer).get(LIST)) == {"answer": 0, "asked": 0, "done": 1}


def test_refusing_wants_a_reason_which_the_other_side_reads(signed_in, pending, giver, officer, member):
    client = signed_in(giver)
    address = page(pending, "answer")

    assert errors(client.post(address, {"answer": "没有说同意还是不同意"})) == {"decision": ["此项必填。"]}
    assert errors(client.post(address, {"decision": "refuse", "answer": "不"})) == {
        "__all__": ["请写明不同意的原因（至少 4 个字）。"]
    }
    client.post(address, {"decision": "refuse", "answer": "调动手续没有办"})

    assert "调动手续没有办" in signed_in(officer).get(page(pending)).content.decode()
    assert errors(client.post(address, {"decision": "agree"})) == {"__all__": ["这份申请未同意，不能再改。"]}
    assert Member.objects.get(pk=member.pk).union == giver.union


def test_the_receiving_side_withdraws_and_does_not_answer(signed_in, pending, officer, giver):
    client = signed_in(officer)

    assert (
        "由会籍所在的工会或县总工会答复"
        in errors(client.post(page(pending, "answer"), {"decision": "agree"}))["__all__"][0]
    )
    assert "由金盆街道第一小学工会撤回" in errors(signed_in(giver).post(page(pending, "withdraw")))["__all__"][0]
    client = signed_in(officer)
    client.post(page(pending, "withdraw"))

    pending.refresh_from_db()
    assert (pending.state, pending.answered_by) == ("withdrawn", officer)


def test_the_county_answers_any(signed_in, pending, county_clerk, member, officer):
    client = signed_in(county_clerk)
    assert counts(client.get(LIST)) == {"answer": 1, "asked": 0, "done": 0}

    client.post(page(pending, "answer"), {"decision": "agree"})

    assert Member.objects.get(pk=member.pk).union == officer.union


def test_who_only_reads_neither_asks_nor_answers(signed_in, pending, giving, member):
    client = signed_in(UserFactory(union=giving, roles=(roles.ECONOMY,)))

    seen = client.get(page(pending)).context["seen"]
    assert (seen.may_answer, seen.may_withdraw) == (False, False)
    assert client.get(ASK).status_code == 403
    assert client.post(page(pending, "answer"), {"decision": "agree"}).status_code == 403
    assert client.post(page(pending, "withdraw")).status_code == 403
