"""Transfers between unions: who may ask and answer, what agreeing moves, and that one answer counts."""

import pytest
from auditlog.models import LogEntry

from members import roles, services
from members.models import Member, TransferRequest, TransferState
from pingtang_union.core.exceptions import DomainError
from tests.at_once import at_once, needs_postgresql
from tests.factories import MemberFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db
TRANSFER = {"on": "2026-05-12", "reason": "调入本单位工作"}


@pytest.fixture
def giving(db):
    return UnionFactory(name="平塘县林业局工会")


@pytest.fixture
def receiving(db):
    return UnionFactory(name="平塘县水务局工会")


@pytest.fixture
def giver(giving):
    """Officer of the giving union."""
    return UserFactory(union=giving, roles=(roles.GRASSROOTS,))


@pytest.fixture
def receiver(receiving):
    """Officer of the receiving union."""
    return UserFactory(union=receiving, roles=(roles.GRASSROOTS,))


@pytest.fixture
def member(giving):
    return MemberFactory(union=giving, name="石梅", joined_on="2015-06")


@pytest.fixture
def pending(member, receiving, receiver):
    return services.request_transfer(member=member, to=receiving, by=receiver, **TRANSFER)


def state(member: Member) -> tuple:
    return Member.objects.values_list("union__name", "status", "joined_on").get(pk=member.pk)


def history(member: Member) -> list[tuple]:
    return list(member.events.standing().in_order().values_list("kind", "union__name", "on", "reason"))


# --- Asking ---


def test_asking_moves_nothing_and_names_both_unions(pending, member, giving, receiving, receiver):
    assert (pending.from_union, pending.to_union, pending.asked_by) == (giving, receiving, receiver)
    assert (pending.state, pending.on, pending.reason) == ("pending", "2026-05-12", "调入本单位工作")
    assert state(member) == ("平塘县林业局工会", "active", "2015-06")
    assert LogEntry.objects.get_for_object(pending).get().action == LogEntry.Action.CREATE


def test_a_second_request_tells_of_the_first_but_not_whose_it_is(pending, member):
    other = UnionFactory()
    by = UserFactory(union=other, roles=(roles.GRASSROOTS,))
    since = f"{pending.asked_at.astimezone():%Y}年"

    with pytest.raises(DomainError, match=f"^{since}.*日，别的工会已为石梅申请转会，还在等答复"):
        services.request_transfer(member=member, to=other, by=by, **TRANSFER)
    assert TransferRequest.objects.count() == 1


def test_only_into_a_union_one_sees(member, receiver):
    with pytest.raises(DomainError, match="只能为自己的工会申请转入"):
        services.request_transfer(member=member, to=UnionFactory(), by=receiver, **TRANSFER)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"level": "township"}, "不直接登记会员"),
        ({"level": "system"}, "不直接登记会员"),
        ({"status": "dissolved", "dissolved_on": "2020"}, "已经撤销"),
    ],
)
def test_only_into_a_union_that_has_members(member, county_clerk, facts, said):
    with pytest.raises(DomainError, match=said):
        services.request_transfer(member=member, to=UnionFactory(**facts), by=county_clerk, **TRANSFER)
    assert TransferRequest.objects.count() == 0


def test_who_left_is_not_transferred(member, receiving, receiver):
    services.record_event(member=member, kind="leave", on="2020-01", by=None, reason="辞职")

    with pytest.raises(DomainError, match="现在不在会"):
        services.request_transfer(member=member, to=receiving, by=receiver, **TRANSFER)


def test_who_is_there_already_is_not_transferred(member, giving, giver):
    with pytest.raises(DomainError, match="已在平塘县林业局工会"):
        services.request_transfer(member=member, to=giving, by=giver, **TRANSFER)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"on": "2015-05-31"}, "转会日期早于"),
        ({"on": "2199-01-01"}, "日期晚于今天"),
        ({"on": ""}, "转会日期早于"),
        ({"reason": "  "}, "请写明申请原因"),
        ({"reason": "调" * 201}, "最多写 200 个字"),
    ],
)
def test_day_and_reason_are_checked(member, receiving, receiver, facts, said):
    with pytest.raises(DomainError, match=said):
        services.request_transfer(member=member, to=receiving, by=receiver, **{**TRANSFER, **facts})


# --- Answering ---


def test_agreeing_moves_the_member_with_the_history(pending, member, giver):
    services.answer_transfer(request=pending, by=giver, agree=True)

    assert state(member) == ("平塘县水务局工会", "active", "2015-06")
    assert history(member) == [
        ("join", "平塘县林业局工会", "2015-06", ""),
        ("transfer_out", "平塘县林业局工会", "2026-05-12", "调入本单位工作"),
        ("transfer_in", "平塘县水务局工会", "2026-05-12", "调入本单位工作"),
    ]
    pending.refresh_from_db()
    assert (pending.state, pending.answered_by) == ("agreed", giver)
    assert list(member.events.exclude(kind="join").values_list("recorded_by", flat=True)) == [giver.pk, giver.pk]


def test_refusing_needs_a_reason_and_moves_nothing(pending, member, giver):
    for reason in ("", " 不 ", "不同意"):
        with pytest.raises(DomainError, match="请写明不同意的原因（至少 4 个字）"):
            services.answer_transfer(request=pending, by=giver, agree=False, answer=reason)

    services.answer_transfer(request=pending, by=giver, agree=False, answer="尚未办理调动手续")

    pending.refresh_from_db()
    assert (pending.state, pending.answer) == ("refused", "尚未办理调动手续")
    assert state(member) == ("平塘县林业局工会", "active", "2015-06")


def test_an_answer_stays(pending, member, giver, county_clerk, receiver):
    services.answer_transfer(request=pending, by=giver, agree=False, answer="尚未办理调动手续")

    with pytest.raises(DomainError, match="这份申请未同意，不能再改"):
        services.answer_transfer(request=pending, by=county_clerk, agree=True)
    with pytest.raises(DomainError, match="这份申请未同意，不能再改"):
        services.withdraw_transfer(request=pending, by=receiver)
    assert state(member)[0] == "平塘县林业局工会"


def test_the_county_decides_for_either(pending, member, county_clerk):
    services.answer_transfer(request=pending, by=county_clerk, agree=True)

    assert state(member)[0] == "平塘县水务局工会"


def test_neither_the_receiving_union_nor_another_may_answer(pending, member, receiving, receiver):
    colleague = UserFactory(union=receiving, roles=(roles.GRASSROOTS,))
    third = UserFactory(union=UnionFactory(), roles=(roles.GRASSROOTS,))

    for user in (receiver, colleague, third):
        with pytest.raises(DomainError, match="由会籍所在的工会或县总工会答复"):
            services.answer_transfer(request=pending, by=user, agree=True)
    assert state(member)[0] == "平塘县林业局工会"


def test_without_the_permission_nobody_answers(pending, giving):
    reader = UserFactory(union=giving, roles=(roles.ECONOMY,))

    with pytest.raises(DomainError, match="不能答复转会申请"):
        services.answer_transfer(request=pending, by=reader, agree=True)


def test_who_sees_both_unions_may_answer_but_not_her_own_request(township_officer, grassroots):
    other = UnionFactory(parent=township_officer.union)
    colleague = UserFactory(union=township_officer.union, roles=(roles.TOWNSHIP,))
    mine = services.request_transfer(member=MemberFactory(union=grassroots), to=other, by=township_officer, **TRANSFER)

    with pytest.raises(DomainError, match="您自己提出的，不能自己答复"):
        services.answer_transfer(request=mine, by=township_officer, agree=True)
    services.answer_transfer(request=mine, by=colleague, agree=True)

    mine.refresh_from_db()
    assert mine.state == TransferState.AGREED


@pytest.mark.parametrize("moved", ["left", "transferred"])
def test_who_has_gone_meanwhile_can_only_be_refused_or_withdrawn(pending, member, giver, county_clerk, moved):
    if moved == "left":
        services.record_event(member=member, kind="leave", on="2026-05-13", by=giver, reason="辞职离开本县")
    else:
        services.transfer_member(member=member, to=UnionFactory(name="第三工会"), on="2026-05-13", by=county_clerk)
    before = state(member)

    with pytest.raises(DomainError, match="已经不在平塘县林业局工会，不能再同意"):
        services.answer_transfer(request=pending, by=giver, agree=True)
    assert state(member) == before
    services.answer_transfer(request=pending, by=giver, agree=False, answer="本人已经离开")

    pending.refresh_from_db()
    assert pending.state == TransferState.REFUSED


def test_agreeing_is_refused_whole_when_a_later_act_was_recorded(pending, member, giver):
    services.record_event(member=member, kind="retain", on="2026-06-01", by=giver)

    with pytest.raises(DomainError, match="日期早于上一件事项"):
        services.answer_transfer(request=pending, by=giver, agree=True)
    pending.refresh_from_db()
    assert pending.state == TransferState.PENDING
    assert len(history(member)) == 2


def test_a_receiving_union_dissolved_meanwhile_takes_nobody(pending, giver, receiving):
    receiving.status, receiving.dissolved_on = "dissolved", "2026-06"
    receiving.save()

    with pytest.raises(DomainError, match="已经撤销"):
        services.answer_transfer(request=pending, by=giver, agree=True)


# --- Withdrawing ---


def test_the_receiving_side_withdraws_and_may_ask_again(pending, member, receiving, receiver, giver):
    with pytest.raises(DomainError, match="由平塘县水务局工会撤回"):
        services.withdraw_transfer(request=pending, by=giver)

    services.withdraw_transfer(request=pending, by=receiver)

    pending.refresh_from_db()
    assert (pending.state, pending.answered_by) == ("withdrawn", receiver)
    again = services.request_transfer(member=member, to=receiving, by=receiver, **TRANSFER)
    assert again.state == TransferState.PENDING


# --- Many at once ---


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_answers_at_once_and_one_counts(pending, member, giver, county_clerk):
    def answer(index):
        by, agree = (giver, True) if index % 2 else (county_clerk, False)
        request = TransferRequest.objects.get(pk=pending.pk)
        return services.answer_transfer(request=request, by=by, agree=agree, answer="手续还没有办完")

    results = at_once([lambda index=index: answer(index) for index in range(8)])

    assert sum(isinstance(result, DomainError) for result in results) == 7
    pending.refresh_from_db()
    expected = {"agreed": ("平塘县水务局工会", 3), "refused": ("平塘县林业局工会", 1)}
    assert (state(member)[0], len(history(member))) == expected[pending.state]


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_requests_at_once_and_one_waits(member, receiving, receiver):
    jobs = [lambda: services.request_transfer(member=member, to=receiving, by=receiver, **TRANSFER)] * 8

    results = at_once(jobs)

    assert sum(isinstance(result, DomainError) for result in results) == 7
    assert TransferRequest.objects.count() == 1


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_leave_at_once_and_one_leaves(member):
    jobs = [lambda: services.record_event(member=member, kind="leave", on="2026-01", by=None, reason="辞职")] * 8

    results = at_once(jobs)

    assert sum(isinstance(result, DomainError) for result in results) == 7
    assert [kind for kind, *_ in history(member)] == ["join", "leave"]


@needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_correct_at_once_and_it_is_corrected_once(member):
    event = services.record_event(member=member, kind="retain", on="2026-01", by=None)
    jobs = [lambda: services.correct_event(event=event, on="2026-02", reason="", by=None)] * 8

    results = at_once(jobs)

    assert sum(isinstance(result, DomainError) for result in results) == 7
    assert history(member)[-1] == ("retain", "平塘县林业局工会", "2026-02", "")
    assert member.events.count() == 3
