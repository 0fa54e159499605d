"""What lists and overviews ask the database, word for word: a count alone would hide a question that became dearer.

`pytest tests/test_queries.py --snapshot-update` writes the words down anew; look at what changed before keeping it.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import roles
from members.models import Union
from tests.every_row import db  # noqa: F401  the rows are made once
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.usefixtures("db"),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has other words for the same questions"),
]
_SAME_IN_EVERY_RUN = (
    (r"'[^']*'", "'…'"),
    (r"(?<![\w\"])\d+(?:\.\d+)?(?![\w\"])", "0"),
    (r"IN \((?:0|'…')(?:, (?:0|'…'))*\)", "IN (…)"),
    (r'("\w+"|[A-Z]\d+)\."\w+"(?:, \1\."\w+")+', r"\1.*"),  # a table's columns: more may come
    (r" (FROM|INNER JOIN|LEFT OUTER JOIN|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|UNION ALL) ", r"\n  \1 "),
)


def questions(client, url: str) -> str:
    """The SQL of a page, that of the session apart."""
    client.get(url)  # what a process asks once only
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    found = [query["sql"] for query in queries if "django_session" not in query["sql"]]
    for pattern, plain in _SAME_IN_EVERY_RUN:
        found = [re.sub(pattern, plain, sql) for sql in found]
    return "\n".join(sql for sql in found if "SAVEPOINT" not in sql)


@pytest.mark.parametrize(
    "name",
    [
        "admin:members_member_changelist", "admin:awards_nomination_changelist", "admin:core_ledgercall_changelist",
        "dashboard", "members:member_list", "awards:nomination_list",
    ],
)  # fmt: skip
def test_of_staff(name, victim, insider, signed_in, snapshot):
    assert questions(signed_in(insider), reverse(name)) == snapshot


def test_of_an_officers_workbench(victim, signed_in, snapshot):
    officer = UserFactory(union=victim[Union], roles=(roles.GRASSROOTS,))
    assert questions(signed_in(officer), reverse("workbench")) == snapshot
