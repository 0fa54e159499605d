"""Services: what they do, and what they refuse in words a clerk reads."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from members import roles, services
from members.models import Member, MembershipEvent, Union, User
from members.models.codes import EventKind, MemberStatus
from members.services import posts
from pingtang_union.core.exceptions import DomainError
from tests.factories import (
    CadreFactory,
    MemberFactory,
    TrainingFactory,
    TransferRequestFactory,
    UnionFactory,
    UserFactory,
    county,
    id_number,
)

pytestmark = pytest.mark.django_db


def groups(*names: str):
    return Group.objects.filter(name__in=names)


def state(member: Member) -> tuple[str, Union, str | None]:
    member = Member.objects.get(pk=member.pk)
    return member.status, member.union, member.joined_on


# --- Roles and accounts ---


@pytest.mark.parametrize("role", roles.ALL)
def test_staff_follows_from_the_role(role):
    user = UserFactory(**({"union": UnionFactory()} if role in roles.BELOW_COUNTY else {}))

    services.set_roles(user=user, groups=groups(role), by=None)

    user = User.objects.get(pk=user.pk)
    assert (user.is_staff, user.role_names, user.is_superuser) == (role in roles.STAFF, role, False)


@pytest.mark.parametrize(
    "names",
    [
        (roles.SYSTEM_ADMIN, roles.SECURITY_ADMIN), (roles.SYSTEM_ADMIN, roles.AUDITOR),
        (roles.SECURITY_ADMIN, roles.AUDITOR), (roles.AUDITOR, roles.LEADER), (roles.SYSTEM_ADMIN, roles.ORGANISATION),
        (roles.SECURITY_ADMIN, roles.GRASSROOTS),
    ],
)  # fmt: skip
def test_three_administrators_are_three_people(names):
    user = UserFactory(roles=(roles.LEADER,))

    with pytest.raises(DomainError, match="三个角色须由三人分别担任"):
        services.set_roles(user=user, groups=groups(*names), by=None)
    assert User.objects.get(pk=user.pk).role_names == roles.LEADER


def test_taking_the_last_staff_role_closes_the_admin():
    user = UserFactory(roles=(roles.ORGANISATION,))

    services.set_roles(user=user, groups=[], by=None)

    assert not User.objects.get(pk=user.pk).is_staff


def test_create_account():
    user = services.create_account(
        username="new", full_name="石云", union=county(), role=roles.LEADER, password="First-1234"
    )

    assert (user.role_names, user.must_change_password, user.check_password("First-1234")) == (
        roles.LEADER, True, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("username", "role", "said"), [("taken", roles.LEADER, "已经存在"), ("new", "主席", "没有「主席」")]
)
def test_create_account_refuses(username, role, said):
    UserFactory(username="taken")

    with pytest.raises(DomainError, match=said):
        services.create_account(username=username, full_name="石云", union=None, role=role, password="First-1234")


def test_first_password_is_new_and_must_be_changed():
    user = UserFactory()
    passwords = {services.give_first_password(user=user, by=None) for _ in range(5)}

    user = User.objects.get(pk=user.pk)
    assert len(passwords) == 5
    assert {len(one) for one in passwords} == {12}
    assert all(any(letter.isdigit() for letter in one) and any(letter.isalpha() for letter in one) for one in passwords)
    assert (user.must_change_password, user.check_password("Passw0rd-1234")) == (True, False)


# --- Rights, asked where the act is done ---


def test_roles_are_given_by_who_gives_roles_in_her_county_and_never_to_herself(security_admin, system_admin, outsider):
    user, superuser = UserFactory(), UserFactory(is_superuser=True)
    for by, to in (
        (system_admin, user),
        (outsider, user),
        (security_admin, security_admin),
        (security_admin, superuser),
    ):
        with pytest.raises(PermissionDenied):
            services.set_roles(user=to, groups=groups(roles.LEADER), by=by)
    assert User.objects.filter(groups__name=roles.LEADER).count() == 0

    services.set_roles(user=user, groups=groups(roles.LEADER), by=security_admin)
    assert User.objects.get(pk=user.pk).role_names == roles.LEADER


def test_first_passwords_are_given_by_who_keeps_accounts_and_to_no_administrator(
    security_admin, system_admin, auditor, outsider
):
    user, superuser = UserFactory(), UserFactory(is_superuser=True)
    refused = ((security_admin, user), (outsider, user), (system_admin, auditor), (system_admin, superuser))
    for by, to in refused:
        with pytest.raises(PermissionDenied):
            services.give_first_password(user=to, by=by)
        assert User.objects.get(pk=to.pk).check_password("Passw0rd-1234")
    for account in (user, system_admin):  # also her own
        services.give_first_password(user=account, by=system_admin)
        assert not User.objects.get(pk=account.pk).check_password("Passw0rd-1234")


WITHOUT = {
    "record": lambda member, by: services.record_event(member=member, kind="retain", on="2020", by=by),
    "transfer": lambda member, by: services.transfer_member(member=member, to=UnionFactory(), on="2020", by=by),
    "correct": lambda member, by: services.correct_event(event=member.events.get(), on="2019", reason="", by=by),
    "cancel": lambda member, by: services.cancel_event(event=member.events.get(), reason="登记错了", by=by),
    "add": lambda member, by: services.add_member(
        member=Member(name="石云", union=member.union, id_number=id_number()), on="2020", by=by
    ),
    "ask": lambda member, by: services.request_transfer(
        member=member, to=by.union, on="2020", reason="调动", by=by
    ),
    "withdraw": lambda member, by: services.withdraw_transfer(
        request=TransferRequestFactory(member=member, from_union=member.union, to_union=by.union), by=by
    ),
    "end": lambda member, by: posts.end_post(cadre=CadreFactory(union=member.union), on="2020", by=by),
    "attend": lambda member, by: posts.add_attendances(
        training=TrainingFactory(union=member.union), union=member.union, by=by, names=["石云"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", WITHOUT)
def test_who_sees_a_member_but_has_no_role_may_do_nothing(act):
    member = MemberFactory(joined_on="2018")
    colleague = UserFactory()
    before = state(member)

    with pytest.raises(PermissionDenied):
        WITHOUT[act](member, colleague)

    assert (state(member), member.events.count(), Member.objects.count()) == (before, 1, 1)


# --- The tree ---


def test_place_union_adds_below_and_is_logged(township):
    union = services.place_union(union=Union(name="新工会", category="organ"), parent=township)

    assert (union.parent_path, union.depth) == (township.path, 3)
    logged = [entry.changes for entry in LogEntry.objects.get_for_object(union)]
    assert {"上级工会": ["", township.name]} in logged


def test_place_union_moves_the_subtree_and_is_logged(township, grassroots):
    other = UnionFactory(level="township", name="通州镇工会联合会")

    services.place_union(union=township, parent=other)

    grassroots = Union.objects.get(pk=grassroots.pk)
    assert grassroots.path.startswith(other.path)
    logged = LogEntry.objects.get_for_object(township).first().changes
    assert logged == {"上级工会": ["平塘县总工会", "通州镇工会联合会"]}


def test_place_union_keeps_its_place(township, grassroots):
    path = grassroots.path
    grassroots.chair = "石云"

    services.place_union(union=grassroots, parent=township)

    kept = Union.objects.get(pk=grassroots.pk)
    assert (kept.path, kept.chair) == (path, "石云")


@pytest.mark.parametrize("below", [True, False])
def test_place_union_refuses_itself_and_below(below, township, grassroots):
    parent = grassroots if below else township

    with pytest.raises(DomainError, match="不能是它自己或它的下级"):
        services.place_union(union=township, parent=parent)


# --- Members ---


def test_add_member_makes_the_row_and_its_joining(county_clerk):
    union = UnionFactory()
    member = services.add_member(
        member=Member(name="石云", union=union, id_number=id_number()), on="2020-05", by=county_clerk
    )

    assert state(member) == (MemberStatus.ACTIVE, union, "2020-05")
    event = member.events.get()
    assert (event.kind, event.union, event.on, event.recorded_by) == (EventKind.JOIN, union, "2020-05", county_clerk)


def test_add_member_refuses_a_number_in_use():
    number = id_number()
    MemberFactory(id_number=number)

    with pytest.raises(DomainError, match="请办理转会"):
        services.add_member(member=Member(name="石云", union=UnionFactory(), id_number=number), on=None, by=None)
    assert Member.objects.count() == 1


@pytest.mark.parametrize("elsewhere", [True, False])
def test_add_member_points_to_the_former_row(elsewhere):
    member = MemberFactory(id_number=id_number())
    number, union = member.full_id_number, UnionFactory() if elsewhere else member.union
    services.record_event(member=member, kind="leave", on="2024", by=None, reason="辞职")

    with pytest.raises(DomainError, match="重新入会"):
        services.add_member(member=Member(name="石云", union=union, id_number=number), on=None, by=None)
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("acts", "status"),
    [
        (["retain"], MemberStatus.RETAINED),
        (["retain", "restore"], MemberStatus.ACTIVE),
        (["leave"], MemberStatus.LEFT),
        (["expel"], MemberStatus.LEFT),
        (["death"], MemberStatus.LEFT),
        (["transfer_out"], MemberStatus.LEFT),
        (["retain", "leave", "join"], MemberStatus.ACTIVE),
    ],
)
def test_status_follows_the_acts(acts, status):
    member = MemberFactory(joined_on="2020-01")

    for month, kind in enumerate(acts, start=2):
        services.record_event(member=member, kind=kind, on=f"2020-{month:02d}", by=None, reason="原因")

    assert Member.objects.get(pk=member.pk).status == status


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        (["restore"], "没有保留会籍"),
        (["retain", "retain"], "已经保留会籍"),
        (["join"], "已是会员"),
        (["transfer_in"], "已是会员"),
        (["leave", "retain"], "现在不在会"),
        (["leave", "expel"], "现在不在会"),
        (["transfer_out", "transfer_out"], "现在不在会"),
    ],
)
def test_acts_that_do_not_follow_are_refused(acts, said):
    member = MemberFactory()
    *before, last = acts
    for kind in before:
        services.record_event(member=member, kind=kind, on="2021", by=None, reason="原因")
    kept = state(member)

    with pytest.raises(DomainError, match=said):
        services.record_event(member=member, kind=last, on="2022", by=None, reason="原因")
    assert state(member) == kept


def test_an_act_of_who_has_moved_away_meanwhile_is_refused(officer, county_clerk):
    member = MemberFactory(union=officer.union)
    services.transfer_member(member=member, to=UnionFactory(), on="2026-01", by=county_clerk)
    for act in (
        lambda: services.record_event(member=member, kind="leave", on="2026-02", by=officer, reason="调走"),
        lambda: services.correct_event(event=member.events.first(), on="2019-01", reason="", by=officer),
    ):
        with pytest.raises(DomainError, match="现在不在您管辖的工会"):
            act()
    assert list(member.events.values_list("kind", flat=True)) == ["join", "transfer_out", "transfer_in"]


def test_act_before_the_latest_is_refused():
    member = MemberFactory(joined_on="2020-05")

    with pytest.raises(DomainError, match="早于上一件事项"):
        services.record_event(member=member, kind="retain", on="2020-04", by=None)
    services.record_event(member=member, kind="retain", on="2020", by=None)  # as exact as it is known


def test_transfer_is_out_and_in(county_clerk):
    member, to = MemberFactory(joined_on="2020-01"), UnionFactory()
    former = member.union

    services.transfer_member(member=member, to=to, on="2021-03-01", by=county_clerk, reason="调动")

    assert state(member) == (MemberStatus.ACTIVE, to, "2020-01")
    told = list(member.events.order_by("pk").values_list("kind", "union", "on", "reason"))
    assert told[1:] == [("transfer_out", former.pk, "2021-03-01", "调动"), ("transfer_in", to.pk, "2021-03-01", "调动")]


def test_transfer_to_the_same_union_is_refused():
    member = MemberFactory()

    with pytest.raises(DomainError, match="不用转会"):
        services.transfer_member(member=member, to=member.union, on="2021", by=None)
    assert MembershipEvent.objects.count() == 1


def test_transfer_of_who_left_is_refused_whole():
    member = MemberFactory()
    services.record_event(member=member, kind="leave", on="2021", by=None, reason="辞职")

    with pytest.raises(DomainError, match="现在不在会"):
        services.transfer_member(member=member, to=UnionFactory(), on="2022", by=None)
    assert MembershipEvent.objects.count() == 2


def test_nobody_puts_a_member_into_a_union_that_they_do_not_serve(officer, grassroots):
    beside = UnionFactory(name="别的单位工会")
    ours, left = MemberFactory(union=grassroots), MemberFactory(union=grassroots)
    services.record_event(member=left, kind=EventKind.LEAVE, on="2021-03", by=officer, reason="本人申请")
    new = Member(name="罗新来", union=beside)
    before = (Member.objects.count(), MembershipEvent.objects.count())

    for act in (
        lambda: services.add_member(member=new, on="2018-03", by=officer),
        lambda: services.transfer_member(member=ours, to=beside, on="2018-03", by=officer),
        lambda: services.record_event(member=left, kind=EventKind.JOIN, on="2018-03", by=officer, union=beside),
    ):
        with pytest.raises(DomainError, match="不在您的管理范围"):
            act()

    assert (Member.objects.count(), MembershipEvent.objects.count()) == before
