"""A DATA_KEY that is not the database's is refused before anything starts, and no import enters anyone again."""

import importlib
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from members.models import Member
from pingtang_union.ledger.models import ImportBatch
from pingtang_union.management import data_key as key
from pingtang_union.models import KeyCheck
from tests.factories import MemberFactory
from tests.members.test_ledgers import roster
from tests.members.test_steps import GOOD

ROOT = Path(__file__).resolve().parents[1]
OTHER = "c3" * 32
REFUSED = "DATA_KEY 打不开这个数据库里的加密内容"
pytestmark = pytest.mark.django_db


@pytest.fixture
def other_key(settings):
    settings.DATA_KEY = OTHER


@pytest.fixture
def without_the_text(db):
    """A database as the releases before left it."""
    KeyCheck.objects.all().delete()


@pytest.fixture
def sealed(grassroots) -> Member:
    return MemberFactory(union=grassroots, id_number="522727198511259937")


def test_migrating_keeps_a_text_sealed_once(db):
    [before] = KeyCheck.objects.values_list("sealed", flat=True)

    call_command("migrate", verbosity=0)

    assert bytes(KeyCheck.objects.get().sealed) == bytes(before)
    assert key.opens() is True


@pytest.mark.usefixtures("other_key")
@pytest.mark.parametrize(
    "command", [("migrate",), ("worker", "--batch"), ("import_ledgers", "nothing.xlsx"), ("account", "xitong")]
)
def test_commands_refuse_another_key(command):
    with pytest.raises(CommandError, match=REFUSED) as refused:
        call_command(*command, verbosity=0)
    assert refused.value.returncode == 3


@pytest.mark.usefixtures("other_key")
def test_the_server_refuses_another_key():
    sys.modules.pop("pingtang_union.wsgi", None)
    with pytest.raises(ImproperlyConfigured, match=REFUSED):
        importlib.import_module("pingtang_union.wsgi")


@pytest.mark.usefixtures("other_key")
def test_an_import_with_another_key_enters_nobody_again(grassroots, sealed, tmp_path):
    path = tmp_path / "会员花名册.xlsx"
    path.write_bytes(roster([GOOD], union=grassroots.name))

    with pytest.raises(CommandError, match=REFUSED):
        call_command("import_ledgers", str(path))

    assert (Member.objects.count(), ImportBatch.objects.count()) == (1, 0)


# --- A database of a release before ---


@pytest.mark.usefixtures("without_the_text", "sealed")
def test_the_right_key_is_told_by_any_number_and_kept():
    assert key.opens() is True

    key.after_migrate()

    assert KeyCheck.objects.count() == 1


@pytest.mark.usefixtures("without_the_text", "sealed", "other_key")
def test_a_wrong_key_on_the_day_of_the_update_moves_the_tables_and_starts_nothing(capsys):
    call_command("migrate", verbosity=0)

    assert "没有登记密钥" in capsys.readouterr().err
    assert KeyCheck.objects.count() == 0
    with pytest.raises(CommandError, match=REFUSED):
        call_command("worker", "--batch")


@pytest.mark.usefixtures("without_the_text")
def test_one_damaged_number_is_no_wrong_key(sealed, grassroots):
    MemberFactory(union=grassroots)
    table = connection.ops.quote_name(Member._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET id_number = %s WHERE id = %s", [b"\x01" + b"\0" * 40, sealed.pk])

    assert key.opens() is True


@pytest.mark.usefixtures("without_the_text", "other_key")
def test_where_nothing_is_sealed_any_key_is_right():
    assert key.opens() is None
    key.demand()


@pytest.mark.usefixtures("sealed", "other_key")
def test_a_key_that_is_lost_is_given_up_by_saying_so():
    with pytest.raises(CommandError, match=REFUSED):
        call_command("check_key")

    out = StringIO()
    call_command("check_key", "--key-is-lost", stdout=out)

    assert "再也打不开" in out.getvalue()
    key.demand()


def test_a_key_that_opens_is_not_given_up():
    with pytest.raises(CommandError, match="能打开这个数据库，不用改"):
        call_command("check_key", "--key-is-lost")


@pytest.mark.usefixtures("sealed")
def test_check_key_opens_a_number_as_proof():
    out = StringIO()
    call_command("check_key", stdout=out)
    assert "已打开一个证件号作为证明：会员的证件号码 522727" in out.getvalue()
    assert "522727198511259937" not in out.getvalue()


def test_a_database_that_is_down_is_another_error(monkeypatch):
    def refuse(*args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(type(connection.introspection), "table_names", refuse)
    with pytest.raises(OperationalError):
        key.demand()


def test_an_empty_database_can_be_migrated_and_is_then_held_to_its_key(tmp_path):
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }

    def run(data_key: str, *command: str) -> tuple[int, str]:
        told = subprocess.run(
            [sys.executable, ROOT / "manage.py", *command],
            env=environment | {"DATA_KEY": data_key}, cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        return told.returncode, told.stderr.decode()

    assert run("a1" * 32, "check_key") == (0, "")
    assert run("a1" * 32, "migrate", "-v", "0") == (0, "")
    for command in (("migrate", "-v", "0"), ("worker", "--batch")):
        code, said = run("b2" * 32, *command)
        assert (code, REFUSED in said, "Traceback" in said) == (3, True, False)
    assert run("a1" * 32, "worker", "--batch")[0] == 0
