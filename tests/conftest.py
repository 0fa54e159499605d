"""The people of the tests. Rows come from tests/factories.py."""

import fcntl
import gc
import getpass
import sqlite3
import subprocess
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client

from members import roles
from members.models import Union, User
from pingtang_union.files import limited
from tests import habits
from tests.every_row import victim as victim
from tests.factories import UnionFactory, UserFactory
from tests.files import nursery


def pytest_sessionstart():
    habits.install()
    nursery.install()


def pytest_collection_finish():
    """What is loaded by now stays: looking through it for garbage again and again is a tenth of a run's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config):
    """After a run that passed, pytest leaves its empty folder in the temporary directory."""
    if not hasattr(config, "workerinput"):
        with suppress(OSError):  # it holds another run, or one that failed
            (Path(tempfile.gettempdir()) / f"pytest-of-{getpass.getuser()}").rmdir()


@pytest.fixture(autouse=True)
def _clear_cache():
    """Also what batches of earlier tests told of themselves: on SQLite their keys come again."""
    cache.clear()
    caches["progress"].clear()
    caches["tries"].clear()


@pytest.fixture
def enable_db(db):
    """Database access, for modules that mark every test with it."""


@pytest.fixture
def township(db) -> Union:
    """A township federation below the county."""
    return UnionFactory(name="金盆街道工会联合会", level="township", township="金盆街道")


@pytest.fixture
def grassroots(township) -> Union:
    """A grassroots union below the township federation."""
    return UnionFactory(name="金盆街道第一小学工会", parent=township, township="金盆街道")


@pytest.fixture
def county_clerk(db) -> User:
    """县总工会组织: keeps the records of the whole county."""
    return UserFactory(username="clerk", full_name="组织经办人", roles=(roles.ORGANISATION,))


@pytest.fixture
def awards_clerk(db) -> User:
    """县总工会经济技术与宣教: calls for nominations, reviews, publicises."""
    return UserFactory(username="awards", full_name="宣教经办人", roles=(roles.ECONOMY,))


@pytest.fixture
def leader(db) -> User:
    """领导: reads dashboards, no records."""
    return UserFactory(username="leader", full_name="分管领导", roles=(roles.LEADER,))


@pytest.fixture
def township_officer(township) -> User:
    """乡镇工会: sees the township's subtree, outside the admin."""
    return UserFactory(username="township", full_name="乡镇经办人", union=township, roles=(roles.TOWNSHIP,))


@pytest.fixture
def officer(grassroots) -> User:
    """基层工会: sees one union, outside the admin."""
    return UserFactory(username="officer", full_name="工会小组长", union=grassroots, roles=(roles.GRASSROOTS,))


@pytest.fixture
def outsider(db) -> User:
    """Staff with every permission there is, serving another county's root: may do everything, on none of our rows."""
    other = Union.objects.add_root(instance=Union(name="独山县总工会", level="county"))
    user = UserFactory(username="outsider", full_name="外县人员", union=other, is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return user


@pytest.fixture
def insider(db) -> User:
    """The outsider's twin at our own county: sees everything that the outsider must not."""
    user = UserFactory(username="insider", full_name="本县人员", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return user


@pytest.fixture
def system_admin(db) -> User:
    """系统管理员: keeps accounts."""
    return UserFactory(username="sysadmin", full_name="系统管理员甲", roles=(roles.SYSTEM_ADMIN,))


@pytest.fixture
def security_admin(db) -> User:
    """安全管理员: gives roles."""
    return UserFactory(username="secadmin", full_name="安全管理员乙", roles=(roles.SECURITY_ADMIN,))


@pytest.fixture
def auditor(db) -> User:
    """审计员: reads the logs."""
    return UserFactory(username="auditor", full_name="审计员丙", roles=(roles.AUDITOR,))


@pytest.fixture
def signed_in():
    """A function that gives a client signed in as the user."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def real_children(monkeypatch):
    """Limited children start as the portal's do, for tests of what they may do."""
    monkeypatch.setattr(limited, "subprocess", subprocess)


@pytest.fixture
def without_look(monkeypatch):
    """As when openpyxl can't hold the workbook: the child that tries has come to its limits."""
    run = limited.run

    def refusing(job, content, told, **options):
        if told.get("keeps_look"):
            raise limited.TooBig
        run(job, content, told, **options)

    monkeypatch.setattr(limited, "run", refusing)


@pytest.fixture(scope="session")
def django_db_setup(request, tmp_path_factory, django_test_environment, django_db_blocker):
    """Migrating takes twenty seconds: in a parallel run on SQLite the first process does it, the others copy."""
    is_alone = not hasattr(request.config, "workerinput")
    if is_alone or connection.vendor != "sqlite":
        request.getfixturevalue("django_db_setup")
        return
    copy = tmp_path_factory.getbasetemp().parent / "migrated.sqlite3"
    with copy.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection.settings_dict["TEST"]["MIGRATE"] = is_first = not copy.exists()
        request.getfixturevalue("django_db_setup")
        with closing(sqlite3.connect(copy)) as kept:
            source, target = (connection.connection, kept) if is_first else (kept, connection.connection)
            source.backup(target)
        ContentType.objects.clear_cache()  # the keys of a database that was made without migrations are others
        if not is_first:
            # What transaction tests put back: the rows just copied, not those made without migrations.
            with django_db_blocker.unblock():
                connection._test_serialized_contents = connection.creation.serialize_db_to_string()
