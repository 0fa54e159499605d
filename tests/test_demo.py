"""The demonstration: accounts of every role over the shipped ledgers, and never outside the demo's own database."""

import socket
from io import StringIO
from types import SimpleNamespace

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command

from awards.demo import open_round, open_scheme
from awards.models import Award, Nomination, StarScheme
from members import roles
from members.models import Attendance, Cadre, Member, Training, Union, User
from pingtang_union.core import demo as guard
from pingtang_union.core.demo import refuse_unless_demo
from pingtang_union.core.exceptions import DomainError
from pingtang_union.demo.accounts import ACCOUNTS, PASSWORD, add_accounts
from pingtang_union.demo.calls import open_call
from pingtang_union.ledger.models import ImportBatch, LedgerCall
from relief import demo as relief
from relief.models import Assessment, Household, ReliefPolicy
from relief.models.assessment import Outcome
from relief.services.replay import again, replay
from tests.factories import UnionFactory, UserFactory

MODELS = (Union, Cadre, Member, Training, Attendance, Award, User, ImportBatch, LedgerCall)


@pytest.fixture
def demo(monkeypatch):
    """The two marks of the demo, as `make demo` sets them."""
    monkeypatch.setenv("DEMO", "1")
    pretended = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": "/x/var/demo.sqlite3"})
    monkeypatch.setattr(guard, "connection", pretended)


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def unions(db):
    """The unions below the county that accounts of the demo serve, by account."""
    township = UnionFactory(name="平塘县平舟镇工会联合会", level="township")
    return {
        "pingzhou": township,
        "yiyuan": UnionFactory(name="平塘县人民医院工会委员会"),
        "zilaishui": UnionFactory(name="平塘县自来水公司工会委员会"),
        "chaye": UnionFactory(name="平塘县望谟茶业有限公司工会委员会", category="enterprise", parent=township),
    }


# --- The guard -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", "0", "true"])
def test_refuses_without_the_mark(demo, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("DEMO")
    else:
        monkeypatch.setenv("DEMO", value)
    with pytest.raises(DomainError, match="没有演示标记"):
        refuse_unless_demo()


@pytest.mark.parametrize(
    ("vendor", "name"), [("postgresql", "portal"), ("postgresql", "demo.sqlite3"), ("sqlite", "/x/var/portal.sqlite3")]
)
def test_refuses_another_database(demo, monkeypatch, vendor, name):
    monkeypatch.setattr(guard, "connection", SimpleNamespace(vendor=vendor, settings_dict={"NAME": name}))
    with pytest.raises(DomainError, match="不是演示数据库"):
        refuse_unless_demo()


@pytest.mark.django_db
def test_refusal_leaves_no_account_and_no_row(monkeypatch, unions):
    monkeypatch.delenv("DEMO", raising=False)
    with pytest.raises(DomainError):
        add_accounts()
    with pytest.raises(CommandError, match="make demo"):
        call_command("demo", stdout=StringIO())
    assert (User.objects.count(), ImportBatch.objects.count()) == (0, 0)


# --- The accounts --------------------------------------------------------------------------


def test_every_role_has_an_account_officers_have_three_and_relief_two():
    assert sorted(account.role for account in ACCOUNTS) == sorted([*roles.ALL, roles.RELIEF, *[roles.GRASSROOTS] * 2])


def test_password_satisfies_the_rules():
    for account in ACCOUNTS:
        validate_password(PASSWORD, User(username=account.username, full_name=account.full_name))


def test_accounts_serve_their_unions(demo, unions):
    assert add_accounts() == len(ACCOUNTS)
    county = Union.objects.get(path="0001")
    for account in ACCOUNTS:
        user = User.objects.get(username=account.username)
        assert user.union == unions.get(account.username, county)
        assert list(user.groups.values_list("name", flat=True)) == [account.role]
        assert user.is_staff == (account.role in roles.STAFF)
        assert not user.must_change_password
        assert not user.is_superuser
        assert user.check_password(PASSWORD)


def test_an_account_that_exists_stays(demo, unions):
    UserFactory(username="lingdao", full_name="另一位", must_change_password=True)
    assert add_accounts() == len(ACCOUNTS) - 1
    kept = User.objects.get(username="lingdao")
    assert (kept.full_name, kept.must_change_password) == ("另一位", True)
    assert add_accounts() == 0


# --- The call ------------------------------------------------------------------------------


def test_one_call_without_a_document_number_and_it_stays(demo, unions):
    assert [open_call(), open_call()] == [True, False]
    call = LedgerCall.objects.get()
    assert (call.union.path, call.ledger, call.document_number) == ("0001", "会员花名册", "")
    LedgerCall.objects.update(note="访客改的")
    open_call()
    assert LedgerCall.objects.get().note == "访客改的"


# --- Honours -------------------------------------------------------------------------------


def test_a_round_with_something_for_every_desk_and_it_stays(demo, unions):
    add_accounts()

    assert [open_round(), open_round()] == [True, False]
    found = dict(Nomination.objects.values_list("name", "state"))
    assert found == {
        "韦春芽": "publicised", "罗采青": "submitted", "陆清泉": "returned",
        "检验科微生物组": "submitted", "药剂科窗口组": "submitted", "急诊科护理组": "submitted",
    }  # fmt: skip
    assert Nomination.objects.get(name="韦春芽").recommended_by.union == unions["pingzhou"]


def test_the_scheme_of_stars_is_in_use_and_says_that_it_is_made_up(demo, unions):
    assert [open_scheme(), open_scheme()] == [True, False]
    scheme = StarScheme.objects.get()
    assert (scheme.full_marks(), scheme.is_in_use) == (100, True)
    assert "演示" in scheme.title


# --- Relief --------------------------------------------------------------------------------


def test_hardship_files_of_every_stage_and_each_decision_is_made_again(demo, unions):
    add_accounts()
    for make in (relief.policy, relief.files):
        assert [make(), make()] == [True, False]

    files = Household.objects.order_by("pk")
    assert [(one.state, one.category) for one in files] == [
        ("submitted", ""), ("draft", ""), ("submitted", ""), ("decided", "deep"), ("decided", "relative"),
        ("decided", "accident"), ("publicised", "relative"), ("returned", ""),
    ]  # fmt: skip
    for one in files.accepted():
        first = one.submitted_by if one.is_direct else one.recommended_by
        four = {first, one.visited_by, one.reviewed_by, one.decided_by}
        assert len(four - {None}) == (4 if one.state == "decided" else 3)
    in_force = ReliefPolicy.objects.get()
    replayed = replay(in_force, beside=in_force, by=User.objects.get(username="bangfu"))
    assert (replayed.files, replayed.changes) == (4, [])
    kept = Assessment.objects.filter(household__in=files.accepted())
    assert [again(one) for one in kept] == [Outcome.from_json(one.outcome) for one in kept]


# --- The command ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_fills_once_and_tells_the_way_in(demo, free_port):
    first, second = StringIO(), StringIO()
    call_command("demo", port=free_port, stdout=first)
    counted = [model.objects.count() for model in MODELS]
    assert counted == [507, 242, 831, 4, 525, 236, 13, 10, 1]
    assert "已导入 基层工会组织花名册.xlsx：506 行，新增 506。" in first.getvalue().splitlines()
    assert "已导入 荣誉台账.xlsx：236 行，新增 236。" in first.getvalue().splitlines()
    assert "新建 13 个，原有 0 个" in first.getvalue()
    said = first.getvalue().splitlines()
    for account in ACCOUNTS:
        assert [account.username, account.full_name, account.role] in [line.split()[:3] for line in said]
    assert f"演示网址：http://127.0.0.1:{free_port}" in said
    assert PASSWORD in first.getvalue()

    Union.objects.filter(name="平塘县人民医院工会委员会").update(chair="访客改的")
    call_command("demo", port=free_port, stdout=second)
    assert [model.objects.count() for model in MODELS] == counted
    assert Union.objects.get(name="平塘县人民医院工会委员会").chair == "访客改的"
    assert "10 份台账此前已导入，没有改动。" in second.getvalue()
    assert "新建 0 个，原有 13 个" in second.getvalue()


@pytest.mark.django_db
def test_tells_when_the_port_is_taken(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"端口 {port} 不能用.*make demo PORT={port + 1}"):
            call_command("demo", port=port, stdout=StringIO())
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_tells_when_there_is_no_such_port(demo):
    with pytest.raises(CommandError, match="没有 70000 这个端口"):
        call_command("demo", port=70000, stdout=StringIO())
