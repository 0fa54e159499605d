"""Tables written once: their triggers are there, are missed when they aren't, and come back."""

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.db import connection

from pingtang_union.proof import append_only
from relief.models import Entry

pytestmark = pytest.mark.django_db
TABLE = Entry._meta.db_table


def found() -> list[str]:
    return [one.id for one in run_checks(databases=["default"], tags=[Tags.database]) if one.id == "core.E010"]


def test_the_triggers_are_there_after_migrating():
    assert (append_only.unguarded(connection), found()) == ([], [])


def test_a_trigger_that_lacks_is_an_error_and_migrate_makes_it_again():
    append_only.unguard(connection, TABLE)
    assert append_only.unguarded(connection) == [f"{TABLE}_no_update", f"{TABLE}_no_delete"]
    assert found() == ["core.E010"] * 2

    append_only.guard_all(apps.get_app_config("relief"), "default")

    assert found() == []


def test_other_apps_leave_them_alone():
    append_only.unguard(connection, TABLE)

    append_only.guard_all(apps.get_app_config("members"), "default")

    assert len(found()) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite can't switch triggers off")
def test_a_trigger_that_is_switched_off_lacks():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {TABLE}_no_delete")

    assert append_only.unguarded(connection) == [f"{TABLE}_no_delete"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite builds tables anew")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_table_built_anew_loses_them_until_the_end_of_migrate():
    with connection.schema_editor() as editor:
        editor._remake_table(Entry, alter_fields=[])
    assert found() == ["core.E010"] * 2

    append_only.guard_all(apps.get_app_config("relief"), "default")

    assert found() == []
